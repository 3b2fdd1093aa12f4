// SPDX-License-Identifier: Apache-2.0
// The numbers that the logits of a regression network stand for: equal to those of the device, bit for bit.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tinysparse/base/quantity.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/mcu/answer.hpp"

namespace tinysparse::fixed {

/// Value of one step of a logit in the unit of the quantity: a power of two.
inline float logit_scale(const Network& network, const Quantity& quantity) {
    return std::ldexp(quantity.scale, network.layers.back().output_exponent); // the same for every head
}

/// The numbers for these logits, both [samples][quantities].
inline std::vector<float> numbers_of(const Network& network, const std::vector<Quantity>& quantities,
                                     std::span<const std::int32_t> logits) {
    std::vector<float> scales, numbers;
    for (const Quantity& quantity : quantities) scales.push_back(logit_scale(network, quantity));
    numbers.reserve(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const std::size_t k = i % quantities.size();
        numbers.push_back(mcu::number_of_logit(logits[i], quantities[k].origin, scales[k]));
    }
    return numbers;
}

} // namespace tinysparse::fixed
