// SPDX-License-Identifier: Apache-2.0
#include "of_network.hpp"

namespace of_network {

cost::Costs costs(const fixed::Network& network, const cost::Target& target,
                  const std::vector<fixed::Format>& formats) {
    const fixed::Lowered lowered(network);
    return cost::costs(fixed::encode_or_dense(lowered, formats.empty() ? cost::formats(lowered) : formats), target);
}
std::vector<fixed::Format> formats(const fixed::Network& network, const fixed::FormatBudget& budget,
                                   const cost::Target& target) {
    return cost::formats(fixed::lower(network), budget, target);
}

} // namespace of_network
