// SPDX-License-Identifier: Apache-2.0
// Likely cost of a network that has no weights yet: the kernel and the bytes of each layer that are usual after
// training and pruning. Member names are those of fixed::Program for a trained network.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tinysparse/cost/measures.hpp"
#include "tinysparse/fixed/device.hpp"
#include "tinysparse/fixed/straight.hpp"

namespace tinysparse::cost {

/// The proof that a layer's sums will probably have after training, for a network that is not trained yet. Trained
/// weights look like a normal distribution cut at the largest weight that the bits hold: the mean |w| is 0.3 of that
/// weight, and rows differ by about 0.7 of it times the root of their length. keep: the share of weights that is not
/// zero.
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
    const double all = double(net::weights(layer, layout.shapes().layers[index])) / net::weight_rows(layer);
    likely.narrow = likely_sum(all) <= 250;
    likely.fits_24_bits = likely_sum(all) <= 60000;
    likely.run = row;
    while (likely.run > 0 && likely_sum(double(likely.run) * unit) > 258) --likely.run;
    if (whole) likely.run = std::max<std::size_t>(likely.run, 2); // two products always fit
    return likely;
}

/// One layer of an Estimate.
struct EstimatedLayer {
    fixed::DeviceKernel kernel;
    LayerWeights weights;
    double headers = 0, entries = 0; ///< Counts over all lists, as in fixed::Encoded.
};

namespace detail {

/// Sets the likely size of the lists if a share `keep` of the weights is not zero, evenly spread, in a sparse format.
/// With half a byte per entry, gaps of 16 and more need another entry. Weights of 8 bits, in the mean 0.3 of the
/// largest, soon fill 16 bits.
inline void set_likely_lists(const fixed::Layout& layout, std::size_t index, double keep, bool narrow,
                             EstimatedLayer& own) {
    const net::Layer& layer = layout.spec().layers[index];
    const net::LayerShapes& shapes = layout.shapes().layers[index];
    const bool whole = layout.gathers(index);
    const double rows = double(net::kernel(layer, shapes).height), lists = rows * net::weight_rows(layer);
    const int nodes = net::is_tree(layer) ? net::tree::nodes(layer.tree_depth) : 1;
    const double largest = layer.bits == 8 ? 127 : layer.bits == 4 ? 7 : 2;
    const double gaps = own.kernel.format == fixed::Format::nibble ? std::pow(1 - keep, 16) : 0;
    own.entries = double(own.weights.nonzeros) * (1 + gaps);
    own.headers = lists + (whole || !narrow ? double(own.weights.nonzeros) * 0.3 * largest / 258 : 0);
    own.weights.table_bytes =
        std::size_t(std::ceil(own.headers + own.entries * double(fixed::info(own.kernel.format).entry_bytes) +
                              (whole && rows * nodes > 1 ? 2 * rows * nodes : 0)));
    if (!net::is_tree(layer)) return;
    const double path = net::tree::path_rows(layer.tree_depth, layer.outputs) / lists; // the part for one sample
    own.entries *= path;
    own.headers *= path;
}

} // namespace detail

/// Every layer of a Spec in a format that the caller chose. If a format cannot hold weights of the layer's bits, dense
/// is used.
class Estimate {
  public:
    /// layout: of the Spec; must outlive this. bias_bytes: bytes of each bias that is not merged into others. keep: the
    /// share of weights that remains after pruning, evenly spread over all layers and within each. formats: one for
    /// each layer. Throws Error for another number of formats, for bias_bytes beyond 0..2 and for a share not in 0..1,
    /// 0 excluded.
    Estimate(const fixed::Layout& layout, int bias_bytes, double keep, const std::vector<fixed::Format>& formats)
        : layout_(layout) {
        const net::Spec& spec = layout.spec();
        if (formats.size() != spec.layers.size() || bias_bytes < 0 || bias_bytes > 2 || !(keep > 0 && keep <= 1))
            throw Error(text("an estimate with ", formats.size(), " formats for ", spec.layers.size(),
                             " layers, biases of ", bias_bytes, " bytes and a share of weights of ", keep,
                             "; expected one each, 0 to 2, and above 0 to 1"));
        const std::vector<LayerWeights> weights = layer_weights(spec, layout.shapes(), bias_bytes);
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            const int bits = spec.layers[i].bits;
            const fixed::Format format =
                bits > fixed::info(formats[i]).bits || keep >= 1 ? fixed::Format::dense : formats[i];
            const fixed::Accumulation likely = likely_accumulation(layout, i, keep);
            const int shift = bits == 8 ? 8 : bits == 4 ? 4 : 3;
            EstimatedLayer own{fixed::device_kernel(layout, i, likely, shift, format), weights[i]};
            own.weights.nonzeros = std::size_t(std::ceil(keep * double(own.weights.weights)));
            if (format != fixed::Format::dense) detail::set_likely_lists(layout, i, keep, likely.narrow, own);
            layers_.push_back(own);
        }
    }

    Estimate(const fixed::Layout&&, int, double, const std::vector<fixed::Format>&) = delete;

    /// Geometry and memory plan, which weights do not change.
    const fixed::Layout& layout() const { return layout_; }
    std::size_t size() const { return layers_.size(); } ///< Number of layers.
    /// Expected weights of layer `index`.
    const LayerWeights& weights(std::size_t index) const { return layers_[index].weights; }
    /// Likely kernel of layer `index`.
    const fixed::DeviceKernel& kernel(std::size_t index) const { return layers_[index].kernel; }
    /// Expected headers in its lists; 0 without lists.
    double headers(std::size_t index) const { return layers_[index].headers; }
    /// Expected entries in its lists; 0 without lists.
    double entries(std::size_t index) const { return layers_[index].entries; }
    /// An Estimate never has straight-line code.
    const fixed::StraightLine* line(std::size_t) const { return nullptr; }

  private:
    const fixed::Layout& layout_;
    std::vector<EstimatedLayer> layers_;
};

} // namespace tinysparse::cost
