// SPDX-License-Identifier: Apache-2.0
// Answers of a network for the samples of a part of a data set, in evaluation mode.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "tinysparse/nn/loader.hpp"

namespace tinysparse::nn {

namespace detail {

/// Runs the network over a part, batch by batch, and calls visit(number of samples) after each batch.
template <class Visit>
void for_each_batch(Network& network, Loader& loader, const data::Split& part, Team& team, const Visit& visit) {
    data::check_part(loader.set(), part);
    std::vector<std::uint32_t> indices(part.samples);
    std::iota(indices.begin(), indices.end(), 0u);
    for (std::size_t first = 0; first < indices.size(); first += network.graph().batch()) {
        const std::size_t count = std::min(network.graph().batch(), indices.size() - first);
        loader.load(part, std::span(indices).subspan(first, count), network);
        network.graph().forward(autograd::Mode::evaluation, team);
        visit(count);
    }
}

} // namespace detail

/// Class that the network answers for each sample of a part. loader: the one of the part's data set. Throws Error for a
/// part that cannot belong to that set, or if the network answers numbers.
inline std::vector<std::uint8_t> answers(Network& network, Loader& loader, const data::Split& part, Team& team) {
    if (network.squares()) throw Error("the network answers numbers, not classes; ask for its logits");
    std::vector<std::uint8_t> answers;
    answers.reserve(part.samples);
    detail::for_each_batch(network, loader, part, team, [&](std::size_t) {
        const std::span<const std::uint8_t> batch = network.loss().answers();
        answers.insert(answers.end(), batch.begin(), batch.end());
    });
    return answers;
}

/// Logits of the network for each sample of a part, [samples][classes].
inline std::vector<float> logits(Network& network, Loader& loader, const data::Split& part, Team& team) {
    const int classes = network.logits().shape.channels;
    std::vector<float> logits;
    logits.reserve(part.samples * std::size_t(classes));
    detail::for_each_batch(network, loader, part, team, [&](std::size_t count) {
        for (std::size_t s = 0; s < count; ++s)
            for (int k = 0; k < classes; ++k) logits.push_back(network.logits().at(s, k));
    });
    return logits;
}

/// Class of the largest logit of each sample, the first of equal ones. logits: [samples][classes]; throws Error for
/// anything else.
inline std::vector<std::uint8_t> largest_logits(std::span<const float> logits, std::size_t classes) {
    if (classes == 0 || classes > data::max_classes || logits.size() % classes != 0)
        throw Error(text(logits.size(), " logits are no whole number of samples of ", classes, " classes"));
    std::vector<std::uint8_t> answers;
    for (; !logits.empty(); logits = logits.subspan(classes))
        answers.push_back(
            std::uint8_t(std::max_element(logits.begin(), logits.begin() + std::ptrdiff_t(classes)) - logits.begin()));
    return answers;
}

/// Share of right answers among the samples of a part, 0..1; 0 for an empty part. Throws Error unless there is one
/// answer, and one label, per sample.
inline double accuracy(const data::Split& part, std::span<const std::uint8_t> answers) {
    if (answers.size() != part.samples || part.labels.size() != part.samples)
        throw Error(text(answers.size(), " answers and ", part.labels.size(), " labels for ", part.samples,
                         " samples; expected one for each"));
    std::size_t right = 0;
    for (std::size_t i = 0; i < part.samples; ++i) right += answers[i] == part.labels[i];
    return part.samples ? double(right) / double(part.samples) : 0;
}

/// The numbers that outputs stand for, both [samples][quantities]. If the outputs are those of a network on grids, they
/// are exactly the numbers of a device. Throws Error unless each sample has one output per quantity.
inline std::vector<float> numbers_of(std::span<const float> outputs, const std::vector<Quantity>& quantities) {
    if (quantities.empty() || outputs.size() % quantities.size() != 0)
        throw Error(
            text(outputs.size(), " outputs are no whole number of samples of ", quantities.size(), " target numbers"));
    std::vector<float> numbers;
    numbers.reserve(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Quantity& quantity = quantities[i % quantities.size()];
        numbers.push_back(quantity.origin + quantity.scale * outputs[i]);
    }
    return numbers;
}

/// Root mean squared error of each quantity over a part, in its unit; nothing for an empty part. Throws Error unless
/// there are as many numbers as targets.
inline std::vector<double> rmse(const data::Split& part, std::span<const float> numbers) {
    if (part.samples == 0) return {};
    if (part.targets.empty() || numbers.size() != part.targets.size() || part.targets.size() % part.samples != 0)
        throw Error(text(numbers.size(), " numbers and ", part.targets.size(), " targets for ", part.samples,
                         " samples; expected as many of each"));
    std::vector<double> errors(part.targets.size() / part.samples);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double distance = double(numbers[i]) - double(part.targets[i]);
        errors[i % errors.size()] += distance * distance;
    }
    for (double& error : errors) error = std::sqrt(error / double(part.samples));
    return errors;
}

} // namespace tinysparse::nn
