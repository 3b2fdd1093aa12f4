// SPDX-License-Identifier: Apache-2.0
// Sizes and costs of a model, layer by layer, as `show` and the cards of a report give them.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/cost/device.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"

namespace tinysparse::report {

/// One layer. Costs that the target does not predict have no value.
struct LayerFigures {
    std::string layer;  ///< In the notation of networks.
    net::Shape in, out; ///< out: after pooling.
    std::size_t weights = 0, nonzeros = 0;
    int bits = 8;
    std::string format;           ///< In which the weights are stored.
    std::size_t stored = 0;       ///< Bytes of weights and biases as stored.
    std::size_t macs = 0;         ///< Per sample.
    std::size_t ram = 0;          ///< Bytes of its rows.
    std::optional<double> flash;  ///< Bytes of weights, biases and code.
    std::optional<double> cycles; ///< Per sample.
};

/// What the costs that belong to no layer are for.
inline constexpr std::string_view rest_words = "Shared rows, logits, counters, program";
/// Costs that belong to no layer.
struct RestFigures {
    std::size_t picture_ram = 0, shared_ram = 0; ///< Rows of the picture; scratch area, logits and counters.
    std::optional<double> flash, cycles;         ///< Input and program.
    std::optional<double> stack_ram = {};        ///< The stack; with a camera the piece of its picture, too.
};

/// "8x14x14": channels, height and width.
inline std::string shape_text(const net::Shape& shape) {
    return text(shape.channels, "x", shape.height, "x", shape.width);
}

/// The layers of a model. costs: those of the same model on some target; throws Error if they are of another number of
/// layers.
inline std::vector<LayerFigures> layer_figures(const fixed::Lowered& lowered, const cost::Costs& costs) {
    const net::Spec& spec = lowered.network().spec;
    if (costs.layers.size() != spec.layers.size())
        throw Error(text("costs of ", costs.layers.size(), " layers for a network of ", spec.layers.size()));
    const net::Shapes& shapes = lowered.layout().shapes();
    std::vector<LayerFigures> layers;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const cost::LayerWeights& own = costs.layers[i];
        LayerFigures layer{net::layer_text(spec, shapes, i),
                           shapes.layers[i].in,
                           shapes.layers[i].out,
                           own.weights,
                           own.nonzeros,
                           own.bits,
                           text(fixed::name_of(costs.formats[i])),
                           own.stored(),
                           net::macs(spec.layers[i], shapes.layers[i]),
                           lowered.layout().plan().layers[i].bytes(),
                           {},
                           {}};
        if (costs.flash) layer.flash = std::max(costs.layer_flash[i], 0.0);
        if (costs.cycles) layer.cycles = std::max(costs.layer_cycles[i], 0.0);
        layers.push_back(std::move(layer));
    }
    return layers;
}

/// What the layers' own figures leave of the whole program.
inline RestFigures rest_figures(const fixed::Lowered& lowered, const cost::Costs& costs) {
    const fixed::Plan& plan = lowered.layout().plan();
    RestFigures rest{plan.picture.bytes(), plan.shared_bytes(), {}, costs.cycles};
    if (costs.flash) rest.flash = double(*costs.flash);
    if (costs.ram) rest.stack_ram = double(*costs.ram) - double(plan.bytes());
    for (const double flash : costs.layer_flash) rest.flash = std::max(0.0, *rest.flash - flash);
    for (const double cycles : costs.layer_cycles) rest.cycles = std::max(0.0, *rest.cycles - cycles);
    return rest;
}

} // namespace tinysparse::report
