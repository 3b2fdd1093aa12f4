// SPDX-License-Identifier: Apache-2.0
// Costs and formats of a network that a test has just made: lowered here, for one answer.
#pragma once
#include <vector>

#include "tinysparse/cost/device.hpp"

namespace of_network {
using namespace tinysparse;

/// formats: none, those of an export.
cost::Costs costs(const fixed::Network& network, const cost::Target& target,
                  const std::vector<fixed::Format>& formats = {});

std::vector<fixed::Format> formats(const fixed::Network& network, const fixed::FormatBudget& budget = {},
                                   const cost::Target& target = cost::target("uno"));

} // namespace of_network
