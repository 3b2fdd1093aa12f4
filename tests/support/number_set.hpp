// SPDX-License-Identifier: Apache-2.0
// A data set whose answers are numbers, made in memory.
#pragma once
#include <cstddef>

#include "tinysparse/data/dataset.hpp"

/// Samples of three readings a, b, c in -1000..1000 (raw), each a channel, and the numbers 5 + (a - b) / 100 and
/// max(a, c), in parts of half, a quarter and a quarter.
tinysparse::data::Dataset number_set(std::size_t samples);
