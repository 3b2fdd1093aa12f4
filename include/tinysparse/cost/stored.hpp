// SPDX-License-Identifier: Apache-2.0
// What the layers of a network are stored as, and the kernels that read them: of a trained network exactly, of one to
// come as training and pruning will most likely leave it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/cost/measures.hpp"
#include "tinysparse/cost/straight.hpp"
#include "tinysparse/fixed/device.hpp"

namespace tinysparse::cost {

/// What the layers of a network are stored as, and the kernels that read them.
struct StoredNetwork {
    std::vector<fixed::DeviceKernel> kernels;
    std::vector<LayerWeights> weights;

    std::vector<int> bias_bytes(const net::Spec& spec) const {
        std::vector<int> all;
        for (std::size_t i = 0; i < weights.size(); ++i)
            all.push_back(int(weights[i].bias_bytes / std::size_t(spec.layers[i].outputs)));
        return all;
    }
};

/// In the given formats; a layer that its format cannot hold is dense.
inline StoredNetwork stored_network(const fixed::Network& network, const fixed::Layout& layout,
                                    const std::vector<fixed::Accumulation>& proofs,
                                    const std::vector<fixed::Format>& formats) {
    StoredNetwork stored;
    stored.weights = layer_weights(network);
    for (std::size_t i = 0; i < proofs.size(); ++i) {
        if (formats[i] == fixed::Format::straight) {
            const auto line = fixed::straight_line(network, layout, i, proofs[i]);
            stored.kernels.push_back(fixed::device_kernel(layout, i, proofs[i], network.layers[i].shift,
                                                          line ? formats[i] : fixed::Format::dense));
            if (!line) continue;
            const Instructions cost = straight_cost(*line, layout, i);
            stored.kernels[i].line_cycles = cost.cycles;
            stored.kernels[i].line_multiplies = line->sums != fixed::StraightSums::signs;
            // Code in place of a table. Biases are operands in it where it begins the sums.
            const bool with_biases = !layout.gathers(i) || line->sets;
            stored.weights[i].table_bytes =
                std::size_t(2 * cost.words) - (with_biases ? stored.weights[i].bias_bytes : 0);
            continue;
        }
        std::optional<fixed::Encoded> lists;
        if (formats[i] != fixed::Format::dense)
            lists = fixed::encode(network, layout.shapes(), i, proofs[i], formats[i]);
        stored.kernels.push_back(fixed::device_kernel(layout, i, proofs[i], network.layers[i].shift,
                                                      lists ? formats[i] : fixed::Format::dense));
        if (!lists) continue;
        stored.weights[i].table_bytes = lists->bytes.size();
        stored.kernels[i].headers = double(lists->headers);
        stored.kernels[i].entries = double(lists->entries);
    }
    return stored;
}

/// What training will most likely let be proven of a layer's sums, for a network that is not trained yet. Weights after
/// training look like a normal distribution cut at the largest one that the bits hold: a mean |w| of 0.3 of that, and
/// rows differ by about 0.7 of it times the root of their length.
/// keep: the share of weights that is not zero.
inline fixed::Accumulation likely_accumulation(const fixed::Layout& layout, std::size_t index, double keep = 1) {
    const net::Layer& layer = layout.spec().layers[index];
    const double largest = layer.bits == 8 ? 127 : layer.bits == 4 ? 7 : 2;
    const auto likely_sum = [&](double weights) {
        weights *= keep;
        return largest * std::min(weights, 0.3 * weights + 0.7 * std::sqrt(weights));
    };
    fixed::Accumulation likely;
    const bool whole = layout.gathers(index);
    const std::size_t row = whole ? std::size_t(layout.gather(index).depthwise ? layout.gather(index).in_width
                                                                               : layout.gather(index).row_size)
                                  : std::size_t(layout.window(index, 1).depth);
    const double unit = whole ? 1 : layer.kernel_width;
    const double all = double(net::weights(layer, layout.shapes().layers[index])) / layer.outputs;
    likely.narrow = likely_sum(all) <= 250;
    likely.fits_24_bits = likely_sum(all) <= 60000;
    likely.run = row;
    while (likely.run > 0 && likely_sum(double(likely.run) * unit) > 258) --likely.run;
    if (whole) likely.run = std::max<std::size_t>(likely.run, 2); // two products always fit
    return likely;
}

namespace detail {

/// Lists that weights make of which a share `keep` is not zero, evenly spread, in a sparse format. Gaps of 16 and more
/// need an entry more in half a byte; 8 bits of weights, 0.3 of their largest in the mean, fill 16 bits soon.
inline void set_likely_lists(const fixed::Layout& layout, std::size_t index, double keep, bool narrow,
                             LayerWeights& weights, fixed::DeviceKernel& kernel) {
    const net::Layer& layer = layout.spec().layers[index];
    const net::LayerShapes& shapes = layout.shapes().layers[index];
    const bool whole = layout.gathers(index);
    const double rows = double(net::kernel(layer, shapes).height), lists = rows * layer.outputs;
    const double largest = layer.bits == 8 ? 127 : layer.bits == 4 ? 7 : 2;
    const double gaps = kernel.format == fixed::Format::nibble ? std::pow(1 - keep, 16) : 0;
    kernel.entries = double(weights.nonzeros) * (1 + gaps);
    kernel.headers = lists + (whole || !narrow ? double(weights.nonzeros) * 0.3 * largest / 258 : 0);
    weights.table_bytes =
        std::size_t(std::ceil(kernel.headers + kernel.entries * (kernel.format == fixed::Format::csr ? 2 : 1) +
                              (whole && rows > 1 ? 2 * rows : 0)));
}

} // namespace detail

/// Of a Spec; as cost::costs says. A layer that a format cannot hold is dense.
inline StoredNetwork likely_network(const fixed::Layout& layout, int bias_bytes, double keep,
                                    const std::vector<fixed::Format>& formats) {
    const net::Spec& spec = layout.spec();
    StoredNetwork stored;
    stored.weights = layer_weights(spec, layout.shapes(), bias_bytes);
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const int bits = spec.layers[i].bits, most = formats[i] == fixed::Format::ternary  ? 2
                                                     : formats[i] == fixed::Format::nibble ? 4
                                                                                           : 8;
        const fixed::Format format = bits > most || keep >= 1 ? fixed::Format::dense : formats[i];
        const fixed::Accumulation likely = likely_accumulation(layout, i, keep);
        stored.weights[i].nonzeros = std::size_t(std::ceil(keep * double(stored.weights[i].weights)));
        stored.kernels.push_back(fixed::device_kernel(layout, i, likely, bits == 8 ? 8 : bits == 4 ? 4 : 3, format));
        if (format != fixed::Format::dense)
            detail::set_likely_lists(layout, i, keep, likely.narrow, stored.weights[i], stored.kernels[i]);
    }
    return stored;
}

} // namespace tinysparse::cost
