// SPDX-License-Identifier: Apache-2.0
// Defaults for the generated description of a layer: the values that most layers have.
#ifndef TINYSPARSE_1_0_MCU_GEOMETRY_HPP
#define TINYSPARSE_1_0_MCU_GEOMETRY_HPP
#include "line.hpp"
#include "port.hpp"

namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// CountType: for loops and row numbers; must hold every side and channel count of the network.
template <class CountType> struct AnyLayer {
    /// A row number or a number of channels.
    typedef CountType Count;
    typedef uint16_t Size;        ///< Bytes of memory.
    typedef uint16_t WeightIndex; ///< Index of a weight within its layer.
    /// Sum of the values of a pool.
    typedef int16_t PoolSum;
    static constexpr uint8_t bias_shift = 0;
    static constexpr Count run = 0;
    static constexpr bool has_residual = false;
    static constexpr uint8_t own_shift = 0, residual_shift = 0;
    static constexpr int8_t residual_lowest = 0;
    static constexpr Count residual_ring = 1, residual_height = 1, residual_width = 1;
    /// Layers without biases.
    static int16_t bias(Count) { return 0; }
    /// The same for assembly.
    static const uint8_t* biases() { return nullptr; }
};

/// A layer whose kernel moves: convolution, depthwise, pointwise.
template <class CountType> struct WindowLayer : AnyLayer<CountType> {
    static constexpr uint8_t stride = 1, pad_top = 0, pad_left = 0, pad_right = 0;
    static constexpr bool depthwise = false, paired = false, sparse = false, direct = false, pairs = false;
    static constexpr uint8_t cells = 0, bias_bytes = 0;
    static constexpr Pooling pooling = no_pooling;
    static constexpr CountType pool_height = 1, pool_width = 1;
    static constexpr uint8_t pool_multiplier = 1, pool_shift = 0;
};

/// A layer that sees its whole input.
template <class CountType> struct GatherLayer : AnyLayer<CountType> {
    static constexpr bool head = false, adds = false, sets = false, direct = false;
    static constexpr uint8_t shift = 0;
    static constexpr int8_t lowest = 0;
};

/// The input: pictures, not averaged down.
template <class CountType> struct InputLayer {
    typedef CountType Count;
    typedef uint16_t Size;
    typedef int16_t PoolSum;
    static constexpr CountType pool_height = 1, pool_width = 1;
    static constexpr uint8_t pool_multiplier = 1, pool_shift = 0;
    static constexpr bool centred = false; ///< A series whose shifts are constants, see InputRow.
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
#endif
