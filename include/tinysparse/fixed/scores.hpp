// SPDX-License-Identifier: Apache-2.0
// What is known of a model's accuracy, in words, and where each figure comes from: the validation part, the answers of
// folds to samples that they had not seen, or the test part.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/model.hpp"

namespace tinysparse::fixed {

/// Share of the held-out samples that are answered right, 0..1; nothing if there are none, or if numbers are answered.
/// Throws Error if the numbers of logits and labels do not belong together.
inline std::optional<double> held_out_accuracy(const Model& model) {
    const HeldOut& own = model.held_out;
    if (own.labels.empty() || !model.quantities.empty()) return std::nullopt;
    const std::size_t classes = own.logits.size() / own.labels.size();
    if (classes == 0 || own.logits.size() != classes * own.labels.size())
        throw Error(text(own.logits.size(), " held-out logits of ", own.labels.size(), " samples"));
    std::size_t right = 0;
    for (std::size_t i = 0; i < own.labels.size(); ++i) {
        const auto first = own.logits.begin() + std::ptrdiff_t(i * classes);
        right += std::size_t(std::max_element(first, first + std::ptrdiff_t(classes)) - first) == own.labels[i];
    }
    return double(right) / double(own.labels.size());
}

/// "validation 98.87 % (in float 98.90 %), test 98.80 %"; "92.81 % by the folds, test 93.22 %" for a model that was
/// trained on all samples, "97.52 % on its own fold, ..." for the model of one fold; "not measured" if nothing is
/// known.
inline std::string accuracy_words(const Model& model) {
    const auto percent = [](double share) { return text(fixed_decimals(100 * share, 2), " %"); };
    std::vector<std::string> words;
    const std::optional<double> held_out = held_out_accuracy(model);
    if (held_out && !model.validation_accuracy)
        words.push_back(text(percent(*held_out), " by the folds"));
    else if (held_out)
        words.push_back(text(percent(*model.validation_accuracy), " on its own fold"));
    else if (model.validation_accuracy)
        words.push_back(
            text("validation ", percent(*model.validation_accuracy),
                 model.float_accuracy ? text(" (in float ", percent(*model.float_accuracy), ")") : std::string()));
    if (model.test_accuracy) words.push_back(text("test ", percent(*model.test_accuracy)));
    return words.empty() ? "not measured" : join(words, ", ");
}

} // namespace tinysparse::fixed
