// SPDX-License-Identifier: Apache-2.0
// A number that a network predicts: its name, and how an output of the network becomes it, in the unit of the data,
//   number = origin + scale * output                                     mcu/answer.hpp computes it
#pragma once
#include <string>

namespace tinysparse {

/// Meaning of one output of a network that answers numbers: number = origin + output * scale.
struct Quantity {
    std::string name; ///< Column it was read from; empty if the data have no names.
    float origin = 0; ///< The number if the output is 0: the mean of the training part.
    float scale = 1;  ///< A power of two: the nearest to the standard deviation of the training part.
    bool operator==(const Quantity&) const = default;
};

} // namespace tinysparse
