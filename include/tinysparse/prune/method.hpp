// SPDX-License-Identifier: Apache-2.0
// The pruning methods: one row each with all that is said of a method where nothing is trained. factories.hpp has the
// table that makes them. A new method has a header of its own, a name in Method, and a row in both tables; the order is
// that of the genes of a search, whose journals it must not change.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::prune {

enum class Method : std::uint8_t { magnitude, dpf, sparse_vd, bayes_gnj, bayes_ghs, filter_l1, one_shot, count };
inline constexpr std::size_t method_count = std::size_t(Method::count);

/// Shares of a training at which the pruning phase begins and ends.
struct Phase {
    double begin = 0.1, end = 0.7;
};

struct MethodInfo {
    Method method;
    const char* name;        ///< On the command line, in journals and in space files.
    Phase phase;             ///< Unless the caller asks for another one.
    double step_cost = 1;    ///< Mean time of the steps of a training over that of plain ones; see docs/pruning.md.
    bool decides = false;    ///< It has a threshold of its own, and can do without a budget.
    bool structured = false; ///< It removes whole channels and inputs, which compaction cuts out, not single weights.
};

inline constexpr MethodInfo methods[] = {
    {.method = Method::magnitude, .name = "magnitude", .phase = {0.1, 0.7}},
    {.method = Method::dpf, .name = "dpf", .phase = {0.1, 0.7}},
    {.method = Method::sparse_vd, .name = "sparse-vd", .phase = {0.1, 0.75}, .step_cost = 1.6, .decides = true},
    {.method = Method::bayes_gnj,
     .name = "bayes-gnj",
     .phase = {0.05, 0.85}, // its groups part from each other slowly
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

constexpr const MethodInfo& info(Method method) { return methods[std::size_t(method)]; }
constexpr const char* name_of(Method method) { return info(method).name; }

/// The method of that name. Throws Error that lists them if there is none.
inline Method parse_method(std::string_view name) {
    if (const MethodInfo* known = row_named(methods, name)) return known->method;
    throw Error(text("pruning method '", name, "' is not known; known are ", join(names_of(methods), ", ")));
}

} // namespace tinysparse::prune
