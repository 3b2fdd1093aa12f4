// SPDX-License-Identifier: Apache-2.0
// Random networks over everything a Spec permits: odd sizes, strides past the edge, residuals, several heads.
#pragma once
#include "random_network.hpp"

namespace plain {

/// A random Spec for pictures of the given shape, at most `most_layers` layers before the heads.
net::Spec random_spec(const net::Shape& input, Random& random, int most_layers);

net::Shape random_picture(Random& random);

} // namespace plain
