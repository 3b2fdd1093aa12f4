// SPDX-License-Identifier: Apache-2.0
// The space that most tests of networks draw from.
#pragma once
#include "tinysparse/space/space.hpp"

/// Networks for pictures of 28x28 and ten classes.
inline const tinysparse::space::Space digit_space{{1, 28, 28}, 10};
