// SPDX-License-Identifier: Apache-2.0
// Bound of the time of any sample on an AVR chip that cannot multiply. There a product is a call of the compiler's
// routine, whose loop ends once no bit of a factor is left: values and weights decide how long it takes. All loops of
// the kernels have fixed counts, so that the number of calls is known, and outside the routines only single branches
// depend on values: clamps, maxima, and the choice of the largest logit.
//   longest = time outside the routines + branches + calls * longest call
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/cost/features.hpp"
#include "tinysparse/cost/stored.hpp"

namespace tinysparse::cost {

/// Cycles of the longest call of avr-gcc's __mulhi3, its return included, for a weight and a value that is not
/// negative, or any value; and of its routines for products of 32 bits. Tests run __mulhi3 on all pairs of 8 bits.
inline constexpr double longest_product = 95, longest_signed_product = 190, longest_wide_product = 700;

/// Most of what a sample was seen to take.
struct SeenTimes {
    double products = 0;      ///< Calls that multiply a value by a weight.
    double wide_products = 0; ///< Calls that multiply 32 bits.
    double other_cycles = 0;  ///< Cycles outside these calls.
    /// Calls whose second factor is negative, fewest in a sample: weights, where a kernel passes them second.
    double negative_products = 0;
};

namespace detail {

/// Cycles by which the branches on one value can differ: a value after its sum is requantised, pooled, and added to a
/// residual; a value of a series at the input; a logit.
inline constexpr double value_branches = 40, series_branches = 30, logit_branches = 20;

/// Cycles by which all branches on values can differ.
inline double branches(const fixed::Layout& layout) {
    double cycles = logit_branches * layout.plan().classes;
    if (layout.series()) cycles += series_branches * double(layout.spec().input.size());
    for (std::size_t i = 0; i < layout.spec().layers.size(); ++i) {
        const double outputs = layout.spec().layers[i].outputs;
        if (layout.gathers(i)) {
            cycles += value_branches * outputs;
            continue;
        }
        const fixed::WindowGeometry g = layout.window(i, 1);
        cycles += value_branches * double(g.rows) * g.width * outputs;
    }
    return cycles;
}

} // namespace detail

/// False if the number of products depends on values: in trees, which take one path of several, and if raw values of a
/// series are shifted left in 32 bits. source: a fixed::Program, or an Estimate, which shifts nothing left.
template <class Source> bool has_fixed_loops(const Source& source) {
    const fixed::Layout& layout = source.layout();
    for (const net::Layer& layer : layout.spec().layers)
        if (net::is_tree(layer)) return false;
    if constexpr (requires { source.network(); })
        return !source.network().input.shifts_left() || fixed::centres(layout, source.network().input);
    return true;
}

/// Number of products per sample with values that may be negative.
inline double counted_signed_products(const fixed::Program& program) {
    const std::vector<LayerWeights> weights = stored_weights(program);
    const Features features(program.layout(), counted_input(program), counted_kernels(program, weights), false);
    return features.work.counts[Work::signed_products];
}

/// Cycles for what the compiler decides: whether it passes the weight or the value of a product second, the one on
/// which the time depends most. Then products of zeros and of negative weights may take longest, too.
inline double order_of_factors(const Work& work) {
    return longest_product * work.counts[Work::zero_products] +
           (longest_signed_product - longest_product) * work.counts[Work::negative_products];
}

/// Cycles that no sample exceeds, from the times of samples that were seen. No value unless has_fixed_loops().
inline std::optional<double> longest_cycles(const fixed::Program& program, const SeenTimes& seen) {
    if (!has_fixed_loops(program)) return std::nullopt;
    const fixed::Layout& layout = program.layout();
    const double signed_products = std::min(seen.products, counted_signed_products(program) + seen.negative_products);
    return seen.other_cycles + detail::branches(layout) + longest_product * seen.products +
           (longest_signed_product - longest_product) * signed_products + longest_wide_product * seen.wide_products;
}

} // namespace tinysparse::cost
