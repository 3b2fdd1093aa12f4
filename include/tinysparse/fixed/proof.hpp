// SPDX-License-Identifier: Apache-2.0
// The proof that no sum overflows, made for every output of every layer before a network may run anywhere.
//   bound = A * sum|w| + |b * 2^bias_shift|           A = 127 if the input is 0..127, 128 if it is -128..127
//   narrow:  bound + 2^(shift-1) <= 32767             the whole sum fits 16 bits
//   runs:    A * sum|w| <= 32767 over each run        sums of 16 bits, added up in 24 or 32
//   always:  bound < 2^24                             so that training in float adds without rounding
// For a tree head these are the sums of its rows; its logits have |logit| <= (depth + 1) * 4096 * 127. The length of a
// run is counted as in the kernels: whole kernel rows of a number of channels in a convolution, inputs of a row in a
// layer that gathers (dense, or as large as its input).
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tinysparse/fixed/check.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/net/kernel.hpp"

namespace tinysparse::fixed {

/// Throws Error unless sums can be kept within an accumulator of this number of bits: 16 or 24.
inline void check_accumulator_bits(int bits) {
    if (bits != 16 && bits != 24) throw Error(text("an accumulator of ", bits, " bits: expected 16 or 24"));
}

/// The ways in which a layer may add up its products.
struct Accumulation {
    bool narrow = false; ///< The whole sum fits int16.
    /// Longest proven run; 0: not even one channel's kernel row fits. As long as a row: no spills.
    std::size_t run = 0;
    std::int64_t bound = 0;    ///< The largest |sum| of any output, without the rounding half.
    bool fits_24_bits = false; ///< With the rounding half, it fits a signed integer of three bytes.
};

/// True for layers whose sums stay in memory while rows come in. Their kernel is as large as the input, so they gather
/// it row by row and need no ring.
inline bool gathers(const net::Layer& layer, const net::LayerShapes& shapes) {
    return net::covers_input(layer, shapes.in);
}

/// The largest |score| of a class at a node of a tree head.
inline constexpr int largest_score = 4096;

/// The largest logit of a tree head.
inline std::int64_t largest_tree_logit(const net::Layer& tree) {
    return (tree.tree_depth + 1) * std::int64_t{largest_score} * 127;
}

/// The largest |sum| that any output of a network may reach, and all heads together.
inline constexpr std::int64_t largest_sum = (std::int64_t{1} << 24) - 1;

/// What rounding adds to a sum ahead of the shift.
inline std::int64_t rounding_half(int shift) { return shift == 0 ? 0 : std::int64_t{1} << (shift - 1); }

/// The largest |sum| that 16 bits hold together with the rounding half.
inline std::int64_t narrow_limit(int shift) { return 32767 - rounding_half(shift); }

/// The largest |x| that the layer can read; series: the network's input is one.
inline int input_bound(const net::Spec& spec, bool series, std::size_t index) {
    const int source = spec.layers[index].input;
    if (source == net::picture) return series ? 128 : 127;
    return spec.layers[std::size_t(source)].activation == net::Activation::relu ? 127 : 128;
}
/// The same for a layer of the network.
inline int input_bound(const Network& network, std::size_t index) {
    return input_bound(network.spec, network.input.series, index);
}

namespace detail {

/// Length of the longest runs whose sums |w| fit: the largest n such that every aligned group of n units sums to at
/// most the limit. `rows`: for each output and kernel row, the |w| of its units in order (runs are counted in units).
inline std::size_t longest_run(const std::vector<std::vector<std::int64_t>>& rows, std::int64_t limit) {
    const std::size_t length = rows.empty() ? 0 : rows[0].size();
    const auto fits = [&](std::size_t run) {
        for (const auto& row : rows)
            for (std::size_t begin = 0; begin < row.size(); begin += run) {
                std::int64_t sum = 0;
                for (std::size_t i = begin; i < std::min(begin + run, row.size()); ++i) sum += row[i];
                if (sum > limit) return false;
            }
        return true;
    };
    std::size_t run = length;
    while (run > 0 && !fits(run)) --run;
    return run;
}

} // namespace detail

/// The proof for one layer of a network that passed check(). Throws Error if a sum may reach 2^24.
inline Accumulation prove(const Network& network, const net::Shapes& shapes, std::size_t index) {
    const net::Layer& spec = network.spec.layers[index];
    const Layer& layer = network.layers[index];
    const bool whole = gathers(spec, shapes.layers[index]);
    const net::Kernel kernel = net::kernel(spec, shapes.layers[index]);
    const std::size_t outputs = std::size_t(net::weight_rows(spec)), taps = kernel.size(), depth = kernel.depth;
    const std::int64_t largest_input = input_bound(network, index);

    Accumulation result;
    std::vector<std::vector<std::int64_t>> rows;
    for (std::size_t output = 0; output < outputs; ++output) {
        const std::int8_t* weights = layer.weights.data() + output * taps;
        std::int64_t bound =
            layer.biases.empty() ? 0 : std::abs(std::int64_t{layer.biases[output]} << layer.bias_shift);
        for (std::size_t i = 0; i < taps; ++i) bound += largest_input * std::abs(int{weights[i]});
        if (bound > largest_sum)
            throw Error(text("layer ", index + 1, ": the sum of output ", output + 1, " may reach ", bound,
                             ", at most ", largest_sum,
                             " is allowed; use fewer inputs, smaller weights or fewer bits"));
        result.bound = std::max(result.bound, bound);
        for (std::size_t y = 0; y < kernel.height; ++y) {
            std::vector<std::int64_t>& units = rows.emplace_back(whole ? kernel.width * depth : depth);
            for (std::size_t c = 0; c < depth; ++c)
                for (std::size_t x = 0; x < kernel.width; ++x)
                    units[whole ? x * depth + c : c] +=
                        std::abs(int{weights[(c * kernel.height + y) * kernel.width + x]});
        }
    }
    result.narrow = result.bound <= narrow_limit(layer.shift);
    result.fits_24_bits = result.bound + rounding_half(layer.shift) < (std::int64_t{1} << 23);
    result.run = detail::longest_run(rows, 32767 / largest_input);
    return result;
}

namespace detail {
inline std::atomic<std::size_t> proofs_made = 0; ///< Number of whole proofs, for tests that none is made twice.
}

/// The proof for all layers, and for the logits, to which several heads may add: their sum stays below 2^24 as well.
/// Throws Error as check() does, and if a sum may reach 2^24.
inline std::vector<Accumulation> prove(const Network& network, const net::Shapes& shapes) {
    check(network, shapes);
    ++detail::proofs_made;
    std::vector<Accumulation> proofs;
    std::int64_t logits = 0;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        proofs.push_back(prove(network, shapes, i));
        const net::Layer& spec = network.spec.layers[i];
        if (net::is_tree(spec))
            logits += largest_tree_logit(spec);
        else if (net::is_output(network.spec, i))
            logits += proofs.back().bound;
    }
    if (logits > largest_sum)
        throw Error(text("the logits may reach ", logits, ", at most ", largest_sum,
                         " is allowed; use fewer heads or fewer bits"));
    return proofs;
}
/// The same from shapes that are computed here. Throws Error as net::shapes does as well.
inline std::vector<Accumulation> prove(const Network& network) { return prove(network, net::shapes(network.spec)); }

} // namespace tinysparse::fixed
