// SPDX-License-Identifier: Apache-2.0
// Straight-line code: a layer without loops and tables, whose nonzero weights are operands of its instructions. This
// file decides its steps; deploy/straight_text.hpp writes them, and cost/straight.hpp counts their cost.
//
// Outputs are divided into groups whose sums fit the registers of an AVR together. A group goes through the values of
// its input in the order of memory. A value is loaded once and multiplied once by each size of weight that it meets.
// The product is added to or subtracted from the sums of the outputs with that weight.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::fixed {

/// Largest number of nonzero weights of a layer in straight-line code. With that many, its assembly takes avr-gcc a
/// quarter of a second, its C++ form two seconds, and it fills 36 KB of program memory.
inline constexpr std::size_t straight_limit = 4000;

/// The kinds of steps.
struct StraightStep {
    /// Operation of one step; assembly and C++ form are written from the same steps.
    enum Kind {
        move,            ///< The pointer moves on by this number of values.
        value,           ///< Loads the value at this distance, 0..63, from the pointer.
        add,             ///< Adds it to a sum of the group ...
        subtract,        ///< ... or subtracts it.
        times,           ///< Multiplies it by 1..127.
        add_product,     ///< Adds the product to a sum ...
        subtract_product ///< ... or subtracts it.
    };
    Kind kind = value;
    int operand = 0; ///< Distance, factor or number of the sum; see Kind.
    bool operator==(const StraightStep&) const = default;
};

/// The steps of a group for one row of the input, or for one column of the kernel in that row.
struct StraightBlock {
    int row = 0;     ///< Row of the input in layers that gather, else of the kernel.
    int column = -1; ///< Column of the kernel; -1: all columns.
    std::vector<StraightStep> steps;
};

/// Outputs whose sums stay in registers at the same time.
struct StraightGroup {
    std::size_t first = 0, outputs = 0; ///< Sum i of the group belongs to output first + i.
    std::vector<StraightBlock> blocks;
};

/// Kinds of sums.
enum class StraightSums {
    signs,    ///< of 16 bits, all weights 1 or -1
    products, ///< of 16 bits
    wide      ///< of 24 bits
};

/// The whole code of a layer, as steps.
struct StraightLine {
    StraightSums sums = StraightSums::products;
    bool signed_input = false; ///< The input has values below 0.
    /// A layer that gathers a single row sets its sums if no other layer adds to them; other layers add to existing
    /// sums.
    bool sets = false;
    std::vector<StraightGroup> groups;
};

namespace detail {

/// Nonzero weights of one row for one output; places count from the first value that the row reads.
struct StraightUse {
    std::size_t place = 0;
    int size = 1;   ///< |weight|
    int column = 0; ///< Column of the kernel.
    int sum = 0;    ///< Sum of the group.
    bool negative = false;
};

/// The steps for uses of one row, sorted by place and size. direct: a weight of 1 or -1 needs no multiplication.
inline std::vector<StraightStep> straight_steps(const std::vector<StraightUse>& uses, bool direct) {
    std::vector<StraightStep> steps;
    std::size_t base = 0, place = 0;
    int size = 0;
    for (const StraightUse& use : uses) {
        if (steps.empty() || use.place != place) {
            if (use.place - base > 63) { // reach of ldd
                steps.push_back({StraightStep::move, int(use.place - base)});
                base = use.place;
            }
            place = use.place;
            steps.push_back({StraightStep::value, int(place - base)});
            size = direct ? 1 : 0;
        }
        if (use.size != size) {
            steps.push_back({StraightStep::times, use.size});
            size = use.size;
        }
        if (direct && size == 1)
            steps.push_back({use.negative ? StraightStep::subtract : StraightStep::add, use.sum});
        else
            steps.push_back({use.negative ? StraightStep::subtract_product : StraightStep::add_product, use.sum});
    }
    return steps;
}

/// The uses as blocks, one for each column of the kernel if `columns` are told apart.
inline void add_straight_blocks(StraightGroup& group, int row, std::vector<StraightUse> uses, bool columns,
                                bool direct) {
    std::sort(uses.begin(), uses.end(), [](const StraightUse& a, const StraightUse& b) {
        return std::tie(a.place, a.size, a.sum) < std::tie(b.place, b.size, b.sum);
    });
    std::map<int, std::vector<StraightUse>> parts;
    for (const StraightUse& use : uses) parts[columns ? use.column : -1].push_back(use);
    for (const auto& [column, own] : parts) group.blocks.push_back({row, column, straight_steps(own, direct)});
}

/// All outputs in groups of at most `most`, of sizes as equal as possible.
inline std::vector<StraightGroup> straight_groups(std::size_t outputs, std::size_t most) {
    std::vector<StraightGroup> groups((outputs + most - 1) / most);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i].first = i * outputs / groups.size();
        groups[i].outputs = (i + 1) * outputs / groups.size() - groups[i].first;
    }
    return groups;
}

} // namespace detail

/// The first value of an output's sum: bias and rounding half.
inline int first_sum(const Layer& layer, std::size_t output) {
    const int bias = layer.biases.empty() ? 0 : layer.biases[output];
    return bias * (1 << layer.bias_shift) + (layer.shift == 0 ? 0 : 1 << (layer.shift - 1));
}

namespace detail {

/// The largest |sum| in the code of a layer that gathers: products of one row, and the sum's first value.
inline std::int64_t largest_row_sum(const NonzeroLists& all, const Layer& layer, std::size_t outputs, int largest_input,
                                    bool sets) {
    std::int64_t most = 0;
    for (std::size_t i = 0; i < all.lists.size(); ++i) {
        std::int64_t bound = sets ? std::abs(std::int64_t{first_sum(layer, i % outputs)}) : 0;
        for (const Nonzero& nonzero : all.lists[i]) bound += std::int64_t{largest_input} * std::abs(nonzero.weight);
        most = std::max(most, bound);
    }
    return most;
}

} // namespace detail

/// The layer as straight-line code; no value for a tree head, or if it has too many nonzero weights or a sum that may
/// not fit 24 bits.
inline std::optional<StraightLine> straight_line(const Lowered& lowered, std::size_t index) {
    const net::Layer& spec = lowered.spec(index);
    if (net::is_tree(spec)) return std::nullopt;
    const net::LayerShapes& shapes = lowered.shapes(index);
    const Layout& layout = lowered.layout();
    const Accumulation& proof = lowered.proof(index);
    const NonzeroLists all = nonzero_lists(spec, shapes, lowered.layer(index).weights);
    if (all.nonzeros > straight_limit) return std::nullopt;
    const std::size_t outputs = std::size_t(spec.outputs), channels = std::size_t(shapes.in.channels);
    const int largest_input = input_bound(lowered.network(), index);
    const bool whole = layout.gathers(index), moves_by_channel = net::reads_one_channel(spec) && !whole;
    // 1: the kind of sums that fits
    StraightLine line;
    line.signed_input = largest_input == 128;
    bool narrow = proof.narrow, fits = proof.fits_24_bits, columns = false;
    if (whole) {
        line.sets = layout.gather(index).alone;
        const auto most = detail::largest_row_sum(all, lowered.layer(index), outputs, largest_input, line.sets);
        narrow = most <= 32767;
        fits = most < std::int64_t{1} << 23;
    } else {
        const WindowGeometry g = layout.window(index, 1);
        columns = g.pad_left + g.pad_right > 0;
    }
    if (!fits) return std::nullopt;
    line.sums = !narrow ? StraightSums::wide : all.largest <= 1 ? StraightSums::signs : StraightSums::products;
    // 2: groups. With 16 bits, ten sums fit the registers beside those that a row needs, eight beside those of a
    // position.
    const bool direct = line.sums == StraightSums::signs || (line.sums == StraightSums::products && !line.signed_input);
    line.groups = detail::straight_groups(outputs, line.sums == StraightSums::wide ? 4 : whole ? 10 : 8);
    // 3: their blocks. Lists are ordered by row and output in layers that gather, else by output and kernel row.
    const std::size_t rows = all.lists.size() / outputs;
    for (StraightGroup& group : line.groups)
        for (std::size_t row = 0; row < rows; ++row) {
            std::vector<detail::StraightUse> uses;
            for (std::size_t sum = 0; sum < group.outputs; ++sum) {
                const std::size_t output = group.first + sum;
                for (const Nonzero& nonzero : all.lists[whole ? row * outputs + output : output * rows + row])
                    uses.push_back({nonzero.place + (moves_by_channel ? output : 0), std::abs(nonzero.weight),
                                    int(nonzero.place / channels), int(sum), nonzero.weight < 0});
            }
            detail::add_straight_blocks(group, int(row), std::move(uses), columns, direct);
        }
    return line;
}

} // namespace tinysparse::fixed
