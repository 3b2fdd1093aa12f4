// SPDX-License-Identifier: Apache-2.0
// Models with random weights for tests of exported code: nothing here needs training.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../fixed/random_spec.hpp"
#include "process.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/evaluate.hpp"
#include "tinysparse/fixed/model.hpp"

namespace small {
using namespace tinysparse;

/// A model around the network, its golden sample random.
inline fixed::Model model(fixed::Network network, Random& random) {
    fixed::Model model;
    model.network = std::move(network);
    model.class_names = {"zero", "one \"quoted\"", "tw\xc3\xb6", "three?\?/"};
    model.class_names.resize(std::size_t(net::shapes(model.network.spec).classes), "more");
    model.data = "synthetic:test";
    model.command = "tinysparse train --net \"a \\";
    const fixed::Lowered lowered(model.network);
    fixed::Evaluator evaluator(fixed::encode(lowered));
    std::span<const std::int32_t> logits;
    for (std::size_t i = 0; i < model.network.spec.input.size(); ++i) {
        if (model.network.input.series)
            model.golden.series.push_back(std::int16_t(random.below(65536)));
        else
            model.golden.picture.push_back(std::uint8_t(random.below(256)));
    }
    if (model.network.input.series)
        logits = evaluator.logits(std::span<const std::int16_t>(model.golden.series));
    else
        logits = evaluator.logits(std::span<const std::uint8_t>(model.golden.picture));
    model.golden.logits.assign(logits.begin(), logits.end());
    return model;
}

/// A random model that runs within the memory of a Uno, or nothing where this number makes none.
inline std::optional<fixed::Model> random_model(std::uint64_t number, int most_layers) {
    Random random(3, "device", number);
    const bool series = random.chance(0.2);
    net::Shape input = plain::random_picture(random);
    if (series) input = {1 + int(random.below(3)), 1 + int(random.below(40)), 1};
    const net::Spec spec = plain::random_spec(input, random, most_layers);
    fixed::Network network = plain::random_network(spec, random, series);
    try {
        fixed::prove(network);
    } catch (const Error&) {
        return std::nullopt;
    }
    if (fixed::plan(spec, series).bytes() > 1500) return std::nullopt;
    return model(std::move(network), random);
}

inline data::Split random_samples(const fixed::Network& network, Random& random, std::size_t count) {
    data::Split split;
    split.samples = count;
    split.labels.resize(count);
    for (std::size_t i = 0; i < count * network.spec.input.size(); ++i) {
        if (network.input.series)
            split.values.push_back(std::int16_t(random.below(65536)));
        else
            split.pixels.push_back(std::uint8_t(random.below(256)));
    }
    return split;
}

} // namespace small
