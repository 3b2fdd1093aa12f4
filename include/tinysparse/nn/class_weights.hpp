// SPDX-License-Identifier: Apache-2.0
// Weights of classes in the loss, so that training also learns rare classes, which have few samples.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tinysparse/base/rows.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::nn {

/// How much samples of each class count: all the same, or so that every class counts the same.
enum class ClassWeights : std::uint8_t { none, balanced, count };
inline constexpr Named<ClassWeights> class_weightings[] = {{ClassWeights::none, "none"},
                                                           {ClassWeights::balanced, "balanced"}};
static_assert(has_every_row<&Named<ClassWeights>::value>(class_weightings));

/// Weights for TrainerOptions, from a training part. balanced: n / (K n_c) for class c with n_c of the n samples, where
/// K is the number of classes with samples. The mean over the samples is 1, and every class has the same sum. A class
/// without samples has weight 0. Throws Error for a label that is not below `classes`.
inline std::vector<float> class_weights(ClassWeights kind, const data::Split& part, std::size_t classes) {
    if (kind == ClassWeights::none) return {};
    const std::vector<std::size_t> counts = data::class_counts(part, classes);
    const double present = double(classes) - double(std::count(counts.begin(), counts.end(), std::size_t{0}));
    std::vector<float> weights;
    for (const std::size_t count : counts)
        weights.push_back(count == 0 ? 0.0f : float(double(part.samples) / (present * double(count))));
    return weights;
}

} // namespace tinysparse::nn
