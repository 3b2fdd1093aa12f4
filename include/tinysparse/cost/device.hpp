// SPDX-License-Identifier: Apache-2.0
// What a network costs on a board, without a compiler for it: flash, RAM and cycles of the AVR export from the geometry
// of its layers and coefficients measured once with avr-gcc and the simulator (avr_tables.hpp).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tinysparse/cost/avr_tables.hpp"
#include "tinysparse/cost/features.hpp"
#include "tinysparse/cost/measures.hpp"
#include "tinysparse/cost/target.hpp"

namespace tinysparse::cost {

struct Costs {
    std::size_t model_size = 0, weight_bytes = 0, working_memory_1 = 0, working_memory_2 = 0;
    std::size_t flash = 0;                      ///< .text + .data of the export with its reference program.
    std::size_t ram = 0;                        ///< sizeof(Net) and the stack below begin, push_row and finish.
    std::optional<double> cycles, milliseconds; ///< Nothing on a chip that was not measured.
    std::vector<double>
        layer_cycles; ///< Of each layer; input and program have the rest. Empty where cycles are not known.
    std::size_t macs = 0, nonzeros = 0;
    std::size_t working_memory() const { return std::max(working_memory_1, working_memory_2); }
};

/// What training will most likely let be proven of a layer's sums, for a network that is not trained yet. Weights after
/// training look like a normal distribution cut at the largest one that the bits hold: a mean |w| of 0.3 of that, and
/// rows differ by about 0.7 of it times the root of their length.
inline fixed::Accumulation likely_accumulation(const fixed::Layout& layout, std::size_t index) {
    const net::Layer& layer = layout.spec().layers[index];
    const double largest = layer.bits == 8 ? 127 : layer.bits == 4 ? 7 : 2;
    const auto likely_sum = [&](double weights) {
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

inline double dot(const double* counts, const double* coefficients, std::size_t size) {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += counts[i] * coefficients[i];
    return sum;
}

inline Costs costs(const fixed::Layout& layout, bool series, const std::vector<fixed::Accumulation>& proofs,
                   const std::vector<LayerWeights>& stored, const std::vector<int>& shifts, const Target& target) {
    if (target.architecture != Architecture::avr)
        throw Error(text("what a network costs is predicted for AVR chips, ", target.name,
                         " has an ARM; tinysparse simulate measures it there"));
    const net::Spec& spec = layout.spec();
    std::vector<fixed::DeviceKernel> kernels;
    std::vector<int> bias_bytes;
    for (std::size_t i = 0; i < proofs.size(); ++i) {
        kernels.push_back(fixed::device_kernel(layout, i, proofs[i], shifts[i], fixed::Format::dense));
        bias_bytes.push_back(int(stored[i].bias_bytes / std::size_t(spec.layers[i].outputs)));
    }
    const Features features(layout, series, kernels, bias_bytes);
    const Measures measured = measures(spec, layout.shapes(), stored);
    Costs costs;
    costs.model_size = measured.model_size;
    costs.weight_bytes = measured.weight_bytes;
    costs.working_memory_1 = measured.working_memory_1;
    costs.working_memory_2 = measured.working_memory_2;
    costs.macs = measured.macs;
    costs.nonzeros = measured.nonzeros;
    const double code = dot(features.code.counts.data(), avr_code.data(), Code::count);
    costs.flash = measured.weight_bytes + (series ? 3 * std::size_t(spec.input.channels) : 0) +
                  std::size_t(std::max(0.0, code) + 0.5);
    costs.ram = layout.plan().bytes() + avr_stack;
    if (target.multiplies) {
        costs.cycles = std::max(0.0, dot(features.work.counts.data(), avr_work.data(), Work::count));
        costs.milliseconds = *costs.cycles / double(target.clock) * 1000;
        for (const Work& layer : features.layers)
            costs.layer_cycles.push_back(dot(layer.counts.data(), avr_work.data(), Work::count));
    }
    return costs;
}

} // namespace detail

/// Of a trained network, from what is proven of it. Throws Error where a sum may overflow.
inline Costs costs(const fixed::Network& network, const Target& target) {
    const fixed::Layout layout(network.spec, network.input.series);
    std::vector<int> shifts;
    for (const fixed::Layer& layer : network.layers) shifts.push_back(layer.shift);
    return detail::costs(layout, network.input.series, fixed::prove(network), layer_weights(network), shifts, target);
}

/// Of a network to come: no weight zero, biases of `bias_bytes`, sums and shifts as training usually leaves them.
inline Costs costs(const net::Spec& spec, const Target& target, bool series = false, int bias_bytes = 1) {
    const fixed::Layout layout(spec, series);
    std::vector<fixed::Accumulation> proofs;
    std::vector<int> shifts;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        proofs.push_back(likely_accumulation(layout, i));
        shifts.push_back(spec.layers[i].bits == 8 ? 8 : spec.layers[i].bits == 4 ? 4 : 3);
    }
    return detail::costs(layout, series, proofs, layer_weights(spec, layout.shapes(), bias_bytes), shifts, target);
}

} // namespace tinysparse::cost
