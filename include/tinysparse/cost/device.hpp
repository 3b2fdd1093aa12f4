// SPDX-License-Identifier: Apache-2.0
// Costs of a network on a board, without a compiler for it. Some measures are the same everywhere. Flash, RAM and
// cycles of the AVR export follow from the geometry of the layers and from coefficients that were measured once with
// avr-gcc and the simulator (avr_tables.hpp; tiny_tables.hpp for chips that cannot multiply).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tinysparse/cost/avr_tables.hpp"
#include "tinysparse/cost/camera.hpp"
#include "tinysparse/cost/features.hpp"
#include "tinysparse/cost/longest.hpp"
#include "tinysparse/cost/stored.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/cost/tiny_tables.hpp"
#include "tinysparse/fixed/formats.hpp"

namespace tinysparse::cost {

/// All costs of a network on a board.
struct Costs : Measures {
    /// Flash, RAM and cycles are set, and layers listed, only for targets that have a cost model, see `predicted`.
    std::optional<std::size_t> flash; ///< .text + .data of the export with its reference program.
    std::optional<std::size_t> ram;   ///< sizeof(Net) and the stack below begin, push_row and finish; with a camera the
                                      ///< piece of its picture that a program holds as well.
    std::optional<double> cycles, milliseconds;
    std::optional<double>
        longest_cycles;                 ///< Bound of the time of any sample, for chips that cannot multiply, whose time
                                        ///< depends on values; as in longest.hpp.
    std::vector<double> layer_cycles;   ///< Cycles of each layer; the rest belongs to input and program.
    std::vector<double> layer_flash;    ///< Bytes of each layer, code and data; the rest likewise.
    std::vector<LayerWeights> layers;   ///< Stored weights of each layer.
    std::vector<fixed::Format> formats; ///< The format of each layer.
};

namespace detail {

inline double dot(const double* counts, const double* coefficients, std::size_t size) {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += counts[i] * coefficients[i];
    return sum;
}

/// The coefficients of a chip, which turn counts into costs.
struct Coefficients {
    const std::array<double, Work::count>& work;
    const std::array<double, Code::count>& code;
    const std::array<double, Frames::count>& frames;
    bool assembly; ///< Innermost loops are in assembly.

    double cycles(const Work& counts) const { return dot(counts.counts.data(), work.data(), Work::count); }
    double bytes(const Code& counts) const { return dot(counts.counts.data(), code.data(), Code::count); }
    std::size_t stack(const Frames& counts) const { return std::size_t(counts.deepest(frames)); }
};
/// Throws Error if the target has none.
inline Coefficients coefficients(const Target& target) {
    if (!predicted(target))
        throw Error(text("flash, RAM and cycles are predicted for AVR chips, not for ", target.name,
                         "; take the choice for uno or another of them"));
    return target.multiplies ? Coefficients{avr_work, avr_code, avr_frames, true}
                             : Coefficients{tiny_work, tiny_code, tiny_frames, false};
}

/// Bytes of an offset and a shift for each channel of a series.
inline std::size_t series_bytes(const fixed::Layout& layout) {
    return layout.series() ? 3 * std::size_t(layout.spec().input.channels) : 0;
}

/// Chooses a format for each layer. make(format) returns a fixed::Program or an Estimate with all layers in that
/// format.
template <class Make>
std::vector<fixed::Format> choose_formats(const fixed::Layout& layout, const Make& make,
                                          const fixed::FormatBudget& budget, const Target& target) {
    const Coefficients chip = coefficients(target);
    const CameraCosts camera = camera_costs(layout, target.multiplies);
    const std::size_t layers = layout.spec().layers.size();
    const bool free = !budget.cycles && !budget.bytes;
    std::vector<std::vector<fixed::FormatOption>> options(layers);
    std::vector<std::size_t> dense_tables(layers);
    fixed::FormatOption rest; // costs of input and program, the same in all formats
    for (const fixed::FormatInfo& row : fixed::format_table) {
        const fixed::Format format = row.format;
        if (format == fixed::Format::straight && free) continue; // several times as large: only within a budget
        const bool dense = format == fixed::Format::dense;
        const auto source = make(format);
        const std::vector<LayerWeights> weights = stored_weights(source);
        const Features features(layout, counted_input(source), counted_kernels(source, weights), chip.assembly);
        if (dense)
            rest = {format, chip.bytes(features.code) + double(series_bytes(layout)) + camera.flash,
                    chip.cycles(features.work) + camera.cycles};
        for (std::size_t i = 0; i < layers; ++i) {
            const std::size_t table = weights[i].table_bytes;
            const double code = chip.bytes(features.layer_codes[i]), own = code + double(weights[i].stored());
            const double work = chip.cycles(features.layers[i]);
            if (dense) {
                dense_tables[i] = table;
                rest.bytes -= code;
                rest.cycles -= work;
            }
            const bool better = dense || (table <= dense_tables[i] && work <= options[i][0].cycles);
            const fixed::StraightLine* const line = source.line(i);
            if (line && line->sums != fixed::StraightSums::signs && !target.multiplies) continue; // needs mul
            if (source.kernel(i).format == format && (better || !free)) options[i].push_back({format, own, work});
        }
    }
    return fixed::choose_formats(options, budget, rest);
}

} // namespace detail

/// Errors of predictions on a target that has them, for networks of pictures or of series that the calibration had not
/// seen; measures.md has the same figures. Throws Error for other targets.
inline const Deviations& deviations(const Target& target, bool series) {
    detail::coefficients(target);
    return (target.multiplies ? avr_deviations : tiny_deviations)[series ? 1 : 0];
}

/// How far a measurement may be from its prediction. Flash and cycles: shares of the prediction that 95 of 100 networks
/// do not exceed. RAM: bytes that no network was seen to exceed; it is wrong only by the depth of the stack.
struct Margins {
    double flash = 0, ram = 0, cycles = 0;
};

/// Taken from deviations(). All 0 for a target without predictions.
inline Margins margins(const Target& target, bool series) {
    if (!predicted(target)) return {};
    const Deviations& own = deviations(target, series);
    return {own.flash.most, own.ram_bytes.worst, own.cycles.most};
}

/// Costs of a fixed::Program, whose layers are encoded, or of an Estimate, on that board.
template <class Source>
requires requires(const Source& source) { stored_weights(source); }
Costs costs(const Source& source, const Target& target) {
    const fixed::Layout& layout = source.layout();
    const std::vector<LayerWeights> weights = stored_weights(source);
    Costs costs;
    static_cast<Measures&>(costs) = measures(layout.spec(), layout.shapes(), weights);
    costs.layers = weights;
    for (std::size_t i = 0; i < weights.size(); ++i) costs.formats.push_back(source.kernel(i).format);
    if (!predicted(target)) return costs;

    const detail::Coefficients chip = detail::coefficients(target);
    const Features features(layout, counted_input(source), counted_kernels(source, weights), chip.assembly);
    const CameraCosts camera = camera_costs(layout, target.multiplies);
    costs.flash = costs.weight_bytes + detail::series_bytes(layout) +
                  std::size_t(std::max(0.0, chip.bytes(features.code) + camera.flash) + 0.5);
    costs.ram = layout.plan().bytes() + chip.stack(features.frames) + camera.ram;
    costs.cycles = std::max(0.0, chip.cycles(features.work) + camera.cycles);
    costs.milliseconds = *costs.cycles / double(target.clock) * 1000;
    if (!target.multiplies && !layout.camera() && has_fixed_loops(source))
        costs.longest_cycles =
            (1 + tiny_longest_margin) * (detail::dot(features.work.counts.data(), tiny_longest.data(), Work::count) +
                                         detail::branches(layout) + order_of_factors(features.work));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        costs.layer_cycles.push_back(chip.cycles(features.layers[i]));
        costs.layer_flash.push_back(chip.bytes(features.layer_codes[i]) + double(weights[i].stored()));
    }
    return costs;
}

/// The formats in which a network is exported. Without a budget, each layer gets the fewest bytes of program memory,
/// weights and code, among the formats that take neither more bytes of weights nor more cycles than storing every
/// weight. This choice is the one for an ATmega328P, on every board. With a budget: the best of all formats,
/// straight-line code included, such that the whole network on that board stays within the given cycles or bytes of
/// flash. If the board cannot multiply, straight-line code is for weights of 1 and -1 only. Throws Error if no choice
/// is within the budget.
inline std::vector<fixed::Format> formats(const fixed::Lowered& lowered, const fixed::FormatBudget& budget = {},
                                          const Target& target = cost::target("uno")) {
    return detail::choose_formats(
        lowered.layout(),
        [&](fixed::Format format) {
            return fixed::encode_or_dense(lowered, std::vector<fixed::Format>(lowered.size(), format));
        },
        budget, budget.cycles || budget.bytes ? target : cost::target("uno"));
}

/// Costs of a trained network in the formats in which it is exported.
inline Costs costs(const fixed::Lowered& lowered, const Target& target) {
    return costs(fixed::encode(lowered, formats(lowered)), target);
}

/// What an untrained network is assumed to become.
struct EstimateOptions {
    InputKind kind = {}; ///< What the network reads: pictures by default.
    int bias_bytes = 1;  ///< Bytes of a bias, 0..2.
    double keep = 1; ///< Share of weights that remains after pruning, spread evenly over all layers and within each.
};

/// Costs of an untrained network, with sums and shifts that are usual after training, and the formats of an export.
/// Throws Error if net::shapes does, for bias_bytes beyond 0..2 and for a share not in 0..1, 0 excluded.
inline Costs costs(const net::Spec& spec, const Target& target, const EstimateOptions& options = {}) {
    const fixed::Layout layout(spec, options.kind);
    const auto estimate = [&](const std::vector<fixed::Format>& formats) {
        return Estimate(layout, options.bias_bytes, options.keep, formats);
    };
    std::vector<fixed::Format> formats(spec.layers.size(), fixed::Format::dense);
    if (options.keep < 1)
        formats = detail::choose_formats(
            layout, [&](fixed::Format format) { return estimate(std::vector<fixed::Format>(formats.size(), format)); },
            {}, cost::target("uno"));
    return costs(estimate(formats), target);
}

} // namespace tinysparse::cost
