// SPDX-License-Identifier: Apache-2.0
// Witnesses for the integer network: it written down plainly, whole pictures and 64-bit sums, no rings and no blocks;
// and random networks to compare on.
#pragma once
#include <cstdint>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/fixed/network.hpp"

namespace plain {
using namespace tinysparse;

/// Logits for raw input in device order, [height][width][channel].
std::vector<std::int32_t> logits(const fixed::Network& network, const std::vector<std::uint8_t>& raw);
std::vector<std::int32_t> logits(const fixed::Network& network, const std::vector<std::int16_t>& raw);

/// Random weights, biases and shifts for a Spec; shifts near what keeps values in range,
/// so that both clamping and rounding happen.
fixed::Network random_network(const net::Spec& spec, Random& random, bool series = false);

} // namespace plain
