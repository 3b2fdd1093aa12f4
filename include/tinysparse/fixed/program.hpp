// SPDX-License-Identifier: Apache-2.0
// A lowered network with a format for each layer's weights: the kernels that read them, and the bytes or the
// straight-line code in program memory. The host evaluates it, the exporter writes it, and cost/ computes its costs.
// Nothing here depends on a board; there are no cycles and no bytes of code.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tinysparse/fixed/device.hpp"
#include "tinysparse/fixed/lowered.hpp"
#include "tinysparse/fixed/straight.hpp"

namespace tinysparse::fixed {

/// A layer as a chip runs it: the kernel and the bytes or the code that it reads.
struct LayerProgram {
    DeviceKernel kernel;
    std::vector<std::uint8_t> weights; ///< As in program memory; none with straight-line code.
    double headers = 0, entries = 0;   ///< Counts over all lists, see Encoded.
    std::optional<StraightLine> line;  ///< For Format::straight.

    /// Whether the layer's own code begins its sums, so that no other code does.
    bool sets_sums() const { return line ? line->sets : kernel.sets; }
};

/// The layer in that format, or no value if the format cannot hold it.
inline std::optional<LayerProgram> encode_layer(const Lowered& lowered, std::size_t index, Format format) {
    LayerProgram own;
    own.kernel = device_kernel(lowered.layout(), index, lowered.proof(index), lowered.layer(index).shift, format);
    if (net::is_tree(lowered.spec(index))) {
        own.kernel.score_shift = lowered.layer(index).score_shift;
        own.kernel.tanh_shift = lowered.layer(index).tanh_shift;
    }
    if (format == Format::straight) {
        own.line = straight_line(lowered, index);
        if (!own.line) return std::nullopt;
    } else if (format == Format::dense) {
        const net::Layer& spec = lowered.spec(index);
        own.weights = pack(
            kernel_order(spec, lowered.shapes(index), lowered.layer(index).weights, order_of(own.kernel)), spec.bits);
    } else {
        std::optional<Encoded> lists = encode_lists(lowered, index, format);
        if (!lists) return std::nullopt;
        own.weights = std::move(lists->bytes);
        own.headers = lists->headers;
        own.entries = lists->entries;
    }
    return own;
}

/// A lowered network with the kernel and the stored weights of each layer; it knows nothing of boards.
class Program {
  public:
    /// Throws Error unless there is one layer for each of the network, which must outlive this.
    Program(const Lowered& lowered, std::vector<LayerProgram> layers) : lowered_(lowered), layers_(std::move(layers)) {
        if (layers_.size() != lowered.size())
            throw Error(text(layers_.size(), " encoded layers for the ", lowered.size(), " of the network"));
    }
    Program(const Lowered&&, std::vector<LayerProgram>) = delete;

    /// The geometry, the plan and the proofs.
    const Lowered& lowered() const { return lowered_; }
    /// The integers.
    const Network& network() const { return lowered_.network(); }
    /// Geometry and memory plan.
    const Layout& layout() const { return lowered_.layout(); }
    std::size_t size() const { return layers_.size(); } ///< Number of layers.
    /// Layer `index` as encoded.
    const LayerProgram& layer(std::size_t index) const { return layers_[index]; }

    /// Kernel of layer `index`.
    const DeviceKernel& kernel(std::size_t index) const { return layers_[index].kernel; }
    /// Headers in all lists of layer `index`; 0 without lists.
    double headers(std::size_t index) const { return layers_[index].headers; }
    /// Entries in all lists of layer `index`; 0 without lists.
    double entries(std::size_t index) const { return layers_[index].entries; }
    /// The layer's straight-line code, or nullptr.
    const StraightLine* line(std::size_t index) const { return layers_[index].line ? &*layers_[index].line : nullptr; }
    /// Whether the layer's biases are operands of its straight-line code; otherwise they are in a table.
    bool biases_in_code(std::size_t index) const {
        return layers_[index].line && (!layout().gathers(index) || layers_[index].line->sets);
    }

  private:
    const Lowered& lowered_;
    std::vector<LayerProgram> layers_;
};

namespace detail {
inline void check_formats(const Lowered& lowered, const std::vector<Format>& formats) {
    if (formats.size() != lowered.size())
        throw Error(text(formats.size(), " formats for the ", lowered.size(), " layers of the network"));
}
} // namespace detail

/// The network with its layers in these formats; none: all dense. Throws Error if a format cannot hold its layer, or
/// unless there is one for each layer.
inline Program encode(const Lowered& lowered, const std::vector<Format>& formats = {}) {
    if (!formats.empty()) detail::check_formats(lowered, formats);
    std::vector<LayerProgram> layers;
    for (std::size_t i = 0; i < lowered.size(); ++i) {
        const Format format = formats.empty() ? Format::dense : formats[i];
        std::optional<LayerProgram> layer = encode_layer(lowered, i, format);
        if (!layer)
            throw Error(text("layer ", i + 1, ": the format ", name_of(format),
                             " cannot hold its weights; leave the choice of formats to the exporter"));
        layers.push_back(std::move(*layer));
    }
    return Program(lowered, std::move(layers));
}
Program encode(const Lowered&&, const std::vector<Format>& = {}) = delete;

/// The same, but layers that their format cannot hold become dense.
inline Program encode_or_dense(const Lowered& lowered, const std::vector<Format>& formats) {
    detail::check_formats(lowered, formats);
    std::vector<LayerProgram> layers;
    for (std::size_t i = 0; i < lowered.size(); ++i) {
        std::optional<LayerProgram> layer = encode_layer(lowered, i, formats[i]);
        layers.push_back(layer ? std::move(*layer) : *encode_layer(lowered, i, Format::dense));
    }
    return Program(lowered, std::move(layers));
}
Program encode_or_dense(const Lowered&&, const std::vector<Format>&) = delete;

} // namespace tinysparse::fixed
