// SPDX-License-Identifier: Apache-2.0
// Models with random weights for tests of exported code: nothing here needs training.
#pragma once
#include <cstdint>
#include <optional>

#include "random_network.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/model.hpp"

namespace small {
using namespace tinysparse;

/// A model around the network, its golden sample random.
fixed::Model model(fixed::Network network, Random& random);

/// A random model that runs within the memory of a Uno, or nothing if this number makes none. of_series: whether its
/// input is a series; a fifth of the models have one unless stated.
std::optional<fixed::Model> random_model(std::uint64_t number, int most_layers,
                                         std::optional<bool> of_series = std::nullopt);

data::Split random_samples(const fixed::Network& network, Random& random, std::size_t count);

} // namespace small
