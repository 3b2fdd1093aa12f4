// SPDX-License-Identifier: Apache-2.0
// Samples as a chip takes them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/fixed/samples.hpp"

namespace tinysparse::simulator {

/// Bytes of a sample: rows from the top, channels side by side, int16 with the low byte first.
inline std::vector<std::uint8_t> sample_bytes(const fixed::Network& network, const data::Split& split,
                                              std::size_t index) {
    const net::Shape& shape = network.spec.input;
    std::vector<std::uint8_t> bytes;
    if (!network.input.series) {
        fixed::device_order(std::span(split.pixels).subspan(index * shape.size(), shape.size()), shape, bytes);
        return bytes;
    }
    std::vector<std::int16_t> values;
    fixed::device_order(std::span(split.values).subspan(index * shape.size(), shape.size()), shape, values);
    for (const std::int16_t value : values) {
        bytes.push_back(std::uint8_t(value));
        bytes.push_back(std::uint8_t(value >> 8));
    }
    return bytes;
}

} // namespace tinysparse::simulator
