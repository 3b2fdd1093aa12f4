// SPDX-License-Identifier: Apache-2.0
// One linear map W x + b as two layers with a ReLU between them, for transplant.hpp if a new pointwise or hidden layer
// stands before another one. For a middle of m values, n inputs and r outputs:
//   identity   relu(x) = x                      inputs not negative, m >= n
//   pairs      W x = relu(W x) - relu(-W x)     m >= 2 r
//   shifted    W x = W (relu(x + s) - s)        inputs at least -s, m >= n
//              W x = relu(W x + t) - t          W x at least -t, m >= r
// With m below n and r it is impossible: the second layer's outputs lie in m dimensions, W x in min(n, r).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/search/full_kernel.hpp"

namespace tinysparse::search::detail {

/// The two layers. Values of the middle that pass nothing on have weights of zero in both.
struct Relay {
    FullKernel first, last;
    std::size_t used = 0;       ///< Number of values of the middle that are read: the first ones.
    bool passes_inputs = false; ///< True if the first of these are the inputs.
};

/// Inputs of a relay lie within 0..largest, or within -largest..largest if they may be negative; 0: unknown.
struct RelayInputs {
    bool negative = false;
    double largest = 0;
};

namespace relays {

inline Relay empty(const FullKernel& map, int middle) {
    Relay relay{FullKernel(middle, map.inputs, map.height, map.width), FullKernel(map.outputs, middle, 1, 1)};
    relay.last.biases = map.biases;
    return relay;
}

/// Passes the inputs on, raised by `shift`.
inline Relay identity(const FullKernel& map, int middle, double shift) {
    Relay relay = empty(map, middle);
    const int taps = map.taps();
    for (int c = 0; c < map.inputs; ++c)
        for (int t = 0; t < taps; ++t) {
            const int m = c * taps + t;
            relay.first.tap(m, c, t) = 1;
            relay.first.biases[std::size_t(m)] = shift;
            for (int o = 0; o < map.outputs; ++o) {
                relay.last.tap(o, m, 0) = map.tap(o, c, t);
                relay.last.biases[std::size_t(o)] -= shift * map.tap(o, c, t);
            }
        }
    relay.used = std::size_t(map.inputs * taps);
    relay.passes_inputs = true;
    return relay;
}

/// Computes the outputs, each raised so that it is never negative, or paired with its negative.
inline Relay outputs(const FullKernel& map, int middle, bool pairs, const RelayInputs& inputs) {
    Relay relay = empty(map, middle);
    const std::size_t fan_in = std::size_t(map.inputs * map.taps());
    for (int o = 0; o < map.outputs; ++o) {
        const auto row = map.weights.begin() + std::ptrdiff_t(std::size_t(o) * fan_in);
        const auto first = relay.first.weights.begin() + std::ptrdiff_t(std::size_t(o) * fan_in);
        std::copy_n(row, fan_in, first);
        relay.last.tap(o, o, 0) = 1;
        if (pairs) {
            const auto second = first + std::ptrdiff_t(std::size_t(map.outputs) * fan_in);
            std::transform(row, row + std::ptrdiff_t(fan_in), second, [](double weight) { return -weight; });
            relay.last.tap(o, map.outputs + o, 0) = -1;
            continue;
        }
        double lowest = 0;
        for (std::size_t k = 0; k < fan_in; ++k)
            lowest -= inputs.largest *
                      (inputs.negative ? std::abs(row[std::ptrdiff_t(k)]) : std::max(0.0, -row[std::ptrdiff_t(k)]));
        relay.first.biases[std::size_t(o)] = -lowest;
        relay.last.biases[std::size_t(o)] += lowest;
    }
    relay.used = std::size_t(map.outputs) * (pairs ? 2 : 1);
    return relay;
}

} // namespace relays

/// The map through a layer of `middle` values, or nothing if they cannot pass it on or its range is unknown.
inline std::optional<Relay> relay_of(const FullKernel& map, int middle, const RelayInputs& inputs) {
    const int all_inputs = map.inputs * map.taps();
    if (!inputs.negative && middle >= all_inputs) return relays::identity(map, middle, 0);
    if (middle >= 2 * map.outputs) return relays::outputs(map, middle, true, inputs);
    if (inputs.largest > 0 && middle >= all_inputs) return relays::identity(map, middle, inputs.largest);
    if (inputs.largest > 0 && middle >= map.outputs) return relays::outputs(map, middle, false, inputs);
    return std::nullopt;
}

} // namespace tinysparse::search::detail
