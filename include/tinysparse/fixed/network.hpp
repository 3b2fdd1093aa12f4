// SPDX-License-Identifier: Apache-2.0
// The integer network: weights, biases and shifts, everything that a device needs and nothing else. Quantisation-aware
// training makes it, the kernels of mcu/ evaluate it on the host, and deploy/ exports it.
//
// One operation, in integers (Jacob et al. 2018, with every scale a power of two):
//   s = bias * 2^bias_shift + sum of weight * x,   y = clamp(floor((s + 2^(shift-1)) / 2^shift))
// The real value of an activation is y * 2^output_exponent, that of a weight w * 2^weight_exponent.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "tinysparse/base/camera.hpp"
#include "tinysparse/net/spec.hpp"

namespace tinysparse::fixed {

/// Largest |weight| for 8, 4 or 2 bits: 127, 7 or 1.
constexpr int weight_limit(int bits) { return bits == 8 ? 127 : bits == 4 ? 7 : 1; }

/// Weights and constants of one layer of the Spec.
struct Layer {
    /// Canonical order: convolution [outputs][inputs][kernel_height][kernel_width], depthwise
    /// [channels][height][width], dense [outputs][channels][height][width] of its input. -127..127, -7..7 or -1..1 by
    /// the layer's bits.
    std::vector<std::int8_t> weights;
    std::vector<std::int16_t> biases; ///< One for each output, or empty: no bias at all (bias_bytes is 0).
    int bias_bytes = 0;               ///< 0, 1 or 2: stored bytes per bias; biases fit them.
    int bias_shift = 0;               ///< >= 0.
    int shift = 0;                    ///< 1..14; 0 in a head, whose sums are the int32 logits.
    int weight_exponent = 0;          ///< Weights are integers times 2^weight_exponent.
    int output_exponent = 0;          ///< Exponent of requantised values; in a head, of the logits.
    /// With a residual: right shifts (rounding, at least one of them 0) that bring this layer's own requantised value
    /// and the residual's to the coarser exponent before they are added; output_exponent is that of the sum.
    int own_shift = 0, residual_shift = 0;
    /// For a tree head (mcu/tree.hpp), else 0: right shifts (rounding) of the sums W z and V z.
    int score_shift = 0, tanh_shift = 0;
};

/// How raw input becomes int8. Pictures (uint8): x = p >> 1, exponent -7.
/// Series (int16): x = clamp((v - offset[c] + 2^(shift[c]-1)) >> shift[c], -128..127), or with shift[c] <= 0
/// clamp((v - offset[c]) << -shift[c], -128..127), then exponent -7 as well.
struct Input {
    bool series = false;              ///< Raw input is int16, else uint8.
    std::vector<std::int16_t> offset; ///< One for each channel; empty for pictures.
    std::vector<std::int8_t> shift;   ///< One for each channel, -7..15; empty for pictures.
    std::optional<Camera> camera;     ///< Camera that produces the network's input pictures.

    /// Kind of the raw input, which decides the geometry of the first layer.
    InputKind kind() const { return {series, camera}; }

    /// True if some channel has a shift <= 0, which needs another function of mcu/.
    bool shifts_left() const {
        return std::any_of(shift.begin(), shift.end(), [](std::int8_t one) { return one <= 0; });
    }
};

inline constexpr int input_exponent = -7; ///< Exponent of every network's int8 input.

/// A network of integers: everything that its logits depend on.
struct Network {
    net::Spec spec;
    Input input;
    std::vector<Layer> layers; ///< One for each layer of the Spec.
};

} // namespace tinysparse::fixed
