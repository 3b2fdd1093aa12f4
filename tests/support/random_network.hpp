// SPDX-License-Identifier: Apache-2.0
// Random integer networks to compare on.
#pragma once
#include "tinysparse/base/random.hpp"
#include "tinysparse/fixed/network.hpp"

namespace plain {
using namespace tinysparse;

/// Random weights, biases and shifts for a Spec; shifts near what keeps values in range,
/// so that both clamping and rounding happen.
fixed::Network random_network(const net::Spec& spec, Random& random, bool series = false);

/// A projection and a tree head of depth 0..4, 1..10 classes and 1..40 inputs, 8, 4 or 2 bits each, many of the tree's
/// weights zero, some of its rows and nodes altogether.
fixed::Network random_tree(Random& random);

/// Keeps each weight with this probability; the others become 0.
void thin_out(fixed::Network& network, double keep, Random& random);

} // namespace plain
