// SPDX-License-Identifier: Apache-2.0
// The shape of the input of networks that learn from a data set.
#pragma once
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/net/spec.hpp"

namespace tinysparse::nn {

/// The shape of a set's samples as networks read them.
inline net::Shape input_shape(const data::Dataset& set) {
    return {set.shape.channels, set.shape.height, set.shape.width};
}

} // namespace tinysparse::nn
