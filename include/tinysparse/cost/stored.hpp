// SPDX-License-Identifier: Apache-2.0
// Program memory that the layers of a program, or of an estimate of one, store.
#pragma once
#include <cstddef>
#include <vector>

#include "tinysparse/cost/estimate.hpp"
#include "tinysparse/cost/straight.hpp"
#include "tinysparse/fixed/program.hpp"

namespace tinysparse::cost {

/// The weights that an untrained network is expected to store.
inline std::vector<LayerWeights> stored_weights(const Estimate& estimate) {
    std::vector<LayerWeights> all;
    for (std::size_t i = 0; i < estimate.size(); ++i) all.push_back(estimate.weights(i));
    return all;
}

/// Straight-line code replaces the table of weights, and the biases that it begins sums with.
inline std::vector<LayerWeights> stored_weights(const fixed::Program& program) {
    std::vector<LayerWeights> all = layer_weights(program.network());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const fixed::StraightLine* const line = program.line(i);
        if (!line)
            all[i].table_bytes = program.layer(i).weights.size();
        else
            all[i].table_bytes = std::size_t(2 * straight_cost(*line, program.layout(), i).words) -
                                 (program.biases_in_code(i) ? all[i].bias_bytes : 0);
    }
    return all;
}

} // namespace tinysparse::cost
