// SPDX-License-Identifier: Apache-2.0
// The pruning methods: one row each, with everything that code outside of training needs to know. factories.hpp has the
// table that makes them. A new method gets its own header, a name in Method, and a row in both tables. Searches store
// the order of the rows in their journals, so it must not change.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::prune {

/// The methods, in the order in which journals know them: new ones come last.
enum class Method : std::uint8_t { magnitude, dpf, sparse_vd, bayes_gnj, bayes_ghs, filter_l1, one_shot, count };
inline constexpr std::size_t method_count = std::size_t(Method::count);

/// Shares of a training at which the pruning phase begins and ends.
struct Phase {
    double begin = 0.1, end = 0.7;
};

/// Names and properties of one method.
struct MethodInfo {
    Method method;
    const char* name;        ///< On the command line, in journals and in space files.
    Phase phase;             ///< Unless the caller asks for another one.
    double step_cost = 1;    ///< Mean time of a training step relative to that of a plain one; see docs/pruning.md.
    bool decides = false;    ///< True if it has its own threshold and can work without a budget.
    bool structured = false; ///< It removes whole channels and inputs, which compaction cuts out, not single weights.
};

inline constexpr MethodInfo methods[] = {
    {.method = Method::magnitude, .name = "magnitude", .phase = {0.1, 0.7}},
    {.method = Method::dpf, .name = "dpf", .phase = {0.1, 0.7}},
    {.method = Method::sparse_vd, .name = "sparse-vd", .phase = {0.1, 0.75}, .step_cost = 1.6, .decides = true},
    {.method = Method::bayes_gnj,
     .name = "bayes-gnj",
     .phase = {0.05, 0.85}, // its groups separate slowly
     .step_cost = 1.6,
     .decides = true,
     .structured = true},
    {.method = Method::bayes_ghs,
     .name = "bayes-ghs",
     .phase = {0.1, 0.75},
     .step_cost = 1.6,
     .decides = true,
     .structured = true},
    {.method = Method::filter_l1, .name = "filter-l1", .phase = {0.5, 0.5}, .structured = true},
    {.method = Method::one_shot, .name = "one-shot", .phase = {0.5, 0.5}},
};
static_assert(has_every_row<&MethodInfo::method>(methods),
              "a pruning method has no row, or the rows are in another order than Method");

/// The row of the table.
constexpr const MethodInfo& info(Method method) { return methods[std::size_t(method)]; }
/// Name of the method on the command line and in journals.
constexpr const char* name_of(Method method) { return info(method).name; }

/// The method with that name. Throws Error with all names if there is none.
inline Method parse_method(std::string_view name) {
    if (const MethodInfo* known = row_named(methods, name)) return known->method;
    throw Error(text("pruning method '", name, "' is not known; known are ", join(names_of(methods), ", ")));
}

} // namespace tinysparse::prune
