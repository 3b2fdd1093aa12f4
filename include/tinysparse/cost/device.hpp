// SPDX-License-Identifier: Apache-2.0
// What a network costs on a board, without a compiler for it: flash, RAM and cycles of the AVR export from the geometry
// of its layers and coefficients measured once with avr-gcc and the simulator (avr_tables.hpp;
// of chips that cannot multiply tiny_tables.hpp).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tinysparse/cost/avr_tables.hpp"
#include "tinysparse/cost/features.hpp"
#include "tinysparse/cost/stored.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/cost/tiny_tables.hpp"
#include "tinysparse/fixed/formats.hpp"

namespace tinysparse::cost {

struct Costs {
    std::size_t model_size = 0, weight_bytes = 0, working_memory_1 = 0, working_memory_2 = 0;
    std::size_t flash = 0; ///< .text + .data of the export with its reference program.
    std::size_t ram = 0;   ///< sizeof(Net) and the stack below begin, push_row and finish.
    double cycles = 0, milliseconds = 0;
    std::vector<double> layer_cycles; ///< Of each layer; input and program have the rest ...
    std::vector<double> layer_flash;  ///< ... as of the bytes, code and what is stored.
    std::size_t macs = 0, nonzeros = 0;
    std::vector<LayerWeights> layers;   ///< What each stores ...
    std::vector<fixed::Format> formats; ///< ... and how.
    std::size_t working_memory() const { return std::max(working_memory_1, working_memory_2); }
};

namespace detail {

inline double dot(const double* counts, const double* coefficients, std::size_t size) {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += counts[i] * coefficients[i];
    return sum;
}

/// What the counts cost on a chip.
struct Coefficients {
    const std::array<double, Work::count>& work;
    const std::array<double, Code::count>& code;
    std::size_t stack;
    bool assembly; ///< Innermost loops are in assembly.

    double cycles(const Work& counts) const { return dot(counts.counts.data(), work.data(), Work::count); }
    double bytes(const Code& counts) const { return dot(counts.counts.data(), code.data(), Code::count); }
};
inline Coefficients coefficients(const Target& target) {
    if (target.architecture != Architecture::avr)
        throw Error(text("what a network costs is predicted for AVR chips, ", target.name,
                         " has an ARM; tinysparse simulate measures it there"));
    return target.multiplies ? Coefficients{avr_work, avr_code, avr_stack, true}
                             : Coefficients{tiny_work, tiny_code, tiny_stack, false};
}

/// An offset and a shift for each channel of a series.
inline std::size_t series_bytes(const fixed::Layout& layout, bool series) {
    return series ? 3 * std::size_t(layout.spec().input.channels) : 0;
}

inline Costs costs(const fixed::Layout& layout, bool series, const StoredNetwork& stored, const Target& target) {
    const net::Spec& spec = layout.spec();
    const Coefficients chip = coefficients(target);
    const Features features(layout, series, stored.kernels, stored.bias_bytes(spec), chip.assembly);
    const Measures measured = measures(spec, layout.shapes(), stored.weights);
    Costs costs;
    costs.model_size = measured.model_size;
    costs.weight_bytes = measured.weight_bytes;
    costs.working_memory_1 = measured.working_memory_1;
    costs.working_memory_2 = measured.working_memory_2;
    costs.macs = measured.macs;
    costs.nonzeros = measured.nonzeros;
    costs.layers = stored.weights;
    for (const fixed::DeviceKernel& kernel : stored.kernels) costs.formats.push_back(kernel.format);
    costs.flash = measured.weight_bytes + series_bytes(layout, series) +
                  std::size_t(std::max(0.0, chip.bytes(features.code)) + 0.5);
    costs.ram = layout.plan().bytes() + chip.stack;
    costs.cycles = std::max(0.0, chip.cycles(features.work));
    costs.milliseconds = costs.cycles / double(target.clock) * 1000;
    for (std::size_t i = 0; i < features.layers.size(); ++i) {
        costs.layer_cycles.push_back(chip.cycles(features.layers[i]));
        costs.layer_flash.push_back(chip.bytes(features.layer_codes[i]) + double(stored.weights[i].stored()));
    }
    return costs;
}

/// The choice for a network that stored_in(format) stores, on that board.
template <class StoredIn>
std::vector<fixed::Format> choose_formats(const fixed::Layout& layout, bool series, const StoredIn& stored_in,
                                          const fixed::FormatBudget& budget, const Target& target) {
    const Coefficients chip = coefficients(target);
    const std::size_t layers = layout.spec().layers.size();
    const bool free = !budget.cycles && !budget.bytes;
    std::vector<std::vector<fixed::FormatOption>> options(layers);
    std::vector<std::size_t> dense_tables(layers);
    fixed::FormatOption rest; // of input and program, the same in all formats
    for (const fixed::Format format : {fixed::Format::dense, fixed::Format::csr, fixed::Format::nibble,
                                       fixed::Format::ternary, fixed::Format::straight}) {
        if (format == fixed::Format::straight && free) continue; // code, several times as large: only within a budget
        const bool dense = format == fixed::Format::dense;
        const StoredNetwork stored = stored_in(format);
        const Features features(layout, series, stored.kernels, stored.bias_bytes(layout.spec()), chip.assembly);
        if (dense)
            rest = {format, chip.bytes(features.code) + double(series_bytes(layout, series)),
                    chip.cycles(features.work)};
        for (std::size_t i = 0; i < layers; ++i) {
            const std::size_t table = stored.weights[i].table_bytes;
            const double code = chip.bytes(features.layer_codes[i]), own = code + double(stored.weights[i].stored());
            const double work = chip.cycles(features.layers[i]);
            if (dense) {
                dense_tables[i] = table;
                rest.bytes -= code;
                rest.cycles -= work;
            }
            const bool better = dense || (table <= dense_tables[i] && work <= options[i][0].cycles);
            if (stored.kernels[i].line_multiplies && !target.multiplies) continue; // its words need the instruction
            if (stored.kernels[i].format == format && (better || !free)) options[i].push_back({format, own, work});
        }
    }
    return fixed::choose_formats(options, budget, rest);
}

} // namespace detail

/// The formats in which a network is exported. Without a budget: for each layer the fewest bytes of program memory,
/// weights and code, among those formats that take neither more bytes of weights nor more cycles than storing every
/// weight; the same on every board, the choice for an ATmega328P. With one: the best of all formats, straight-line code
/// among them, within so many cycles, or bytes of flash, of the whole network on that board; where it cannot multiply,
/// straight-line code is for weights of 1 and -1 only. Throws Error where a sum may overflow or where no choice is
/// within the budget.
inline std::vector<fixed::Format> formats(const fixed::Network& network, const fixed::FormatBudget& budget = {},
                                          const Target& target = cost::target("uno")) {
    const fixed::Layout layout(network.spec, network.input.series);
    const std::vector<fixed::Accumulation> proofs = fixed::prove(network);
    return detail::choose_formats(
        layout, network.input.series,
        [&](fixed::Format format) {
            return stored_network(network, layout, proofs, std::vector<fixed::Format>(proofs.size(), format));
        },
        budget, budget.cycles || budget.bytes ? target : cost::target("uno"));
}

/// Of a trained network, from what is proven of it. formats: of each layer's weights; none: those that it is exported
/// in. Throws Error where a sum may overflow.
inline Costs costs(const fixed::Network& network, const Target& target,
                   const std::vector<fixed::Format>& formats = {}) {
    const fixed::Layout layout(network.spec, network.input.series);
    return detail::costs(
        layout, network.input.series,
        stored_network(network, layout, fixed::prove(network), formats.empty() ? cost::formats(network) : formats),
        target);
}

/// Of a network to come: biases of `bias_bytes`, sums and shifts as training usually leaves them. keep: the share of
/// weights that pruning leaves, evenly spread over all layers and within each.
inline Costs costs(const net::Spec& spec, const Target& target, bool series = false, int bias_bytes = 1,
                   double keep = 1) {
    const fixed::Layout layout(spec, series);
    std::vector<fixed::Format> formats(spec.layers.size(), fixed::Format::dense);
    if (keep < 1)
        formats = detail::choose_formats(
            layout, series,
            [&](fixed::Format format) {
                return likely_network(layout, bias_bytes, keep, std::vector<fixed::Format>(formats.size(), format));
            },
            {}, cost::target("uno"));
    return detail::costs(layout, series, likely_network(layout, bias_bytes, keep, formats), target);
}

} // namespace tinysparse::cost
