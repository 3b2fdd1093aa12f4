// SPDX-License-Identifier: Apache-2.0
// The order in which a device reads a sample: row after row, the channels of a position side by side.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "tinysparse/net/spec.hpp"

namespace tinysparse::fixed {

/// A sample of a data set, [channel][height][width], in the order of a device's rows, [height][width][channel].
template <class Element>
void device_order(std::span<const Element> sample, const net::Shape& shape, std::vector<Element>& out) {
    const std::size_t channels = std::size_t(shape.channels), positions = shape.size() / channels;
    out.resize(shape.size());
    for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t i = 0; i < positions; ++i) out[i * channels + channel] = sample[channel * positions + i];
}

} // namespace tinysparse::fixed
