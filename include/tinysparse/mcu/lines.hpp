// SPDX-License-Identifier: Apache-2.0
// Layers for which assembly makes whole rows of an output, if the chip has it: 3x3 kernels over one channel and windows
// whose sums need 24 bits, output by output, and pointwise layers, two outputs at a time.
#ifndef TINYSPARSE_1_0_MCU_LINES_HPP
#define TINYSPARSE_1_0_MCU_LINES_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "taps.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

#if TINYSPARSE_ASSEMBLY
/// Whether assembly makes whole lines of 3x3 kernels over one channel.
template <class Geometry> struct UsesLines {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::kernel_height == 3 &&
                                  Geometry::kernel_width == 3 && Geometry::depth == 1 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
/// Whether it makes lines for pairs of outputs of a pointwise layer.
template <class Geometry> struct UsesPairs {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::paired && Geometry::Reader::bits != 2 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
/// Whether it makes lines of windows with sums of 24 bits. It does if only the first and the last block have values
/// outside the row, pools are maxima in step with blocks, and registers hold the weights of a kernel row.
template <class Geometry> struct UsesWideLines {
    static constexpr int blocks = (Geometry::width + Geometry::block - 1) / Geometry::block,
                         last = int(Geometry::width) - int(Geometry::block); // position of the last block
    static constexpr bool inside =
        blocks == 1 || (Geometry::block * Geometry::stride >= Geometry::pad_left &&
                        (last - (blocks - 2) * Geometry::block) * Geometry::stride >= Geometry::pad_right);
    static constexpr bool value =
        Geometry::direct && inside && Geometry::kernel_width <= 5 && blocks <= 255 && !Geometry::has_residual &&
        (Geometry::pooling == no_pooling || (Geometry::pooling == maximum_pooling && Geometry::cells > 0));
};
template <class Geometry, bool lines = UsesLines<Geometry>::value, bool pairs = UsesPairs<Geometry>::value,
          bool wide = UsesWideLines<Geometry>::value>
struct AssemblyRow { // makes whole rows of outputs; returns their number
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
template <class Geometry> struct AssemblyRow<Geometry, false, true, false> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t,
                                                          typename Geometry::WeightIndex,
                                                          const RowTarget<Geometry>& target) {
        typedef typename Geometry::Count Count;
        PairState state;
        state.weights = g.weights();
        state.input = rows[0];
        state.target = target.output;
        for (Count output = 0; output + 1 < g.outputs; output = Count(output + 2)) {
            state.start = first_sum<int16_t>(g, output);
            state.other_start = first_sum<int16_t>(g, Count(output + 1));
            pair_assembly<Geometry>(state);
            state.weights += Geometry::depth * Geometry::Reader::bits / 4;
            state.target += 2;
        }
        return Count(g.outputs - g.outputs % 2);
    }
};
template <class Geometry> struct AssemblyRow<Geometry, true, false, false> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                                          typename Geometry::WeightIndex index,
                                                          const RowTarget<Geometry>& target) {
        // The middle row is always present; missing rows have weights of 0 over any row.
        const uint8_t above = index != 0 ? 1 : 0, below = uint8_t(3 - above - count);
        const uintptr_t pad = uintptr_t(Geometry::pad_left) * Geometry::in_channels;
        const int8_t* const middle = rows[1 - above] - pad;
        LineState state;
        state.weights = g.weights();
        state.held = state.left = 0;
        state.absent = uint8_t(above | (below << 1));
        state.rows[0] = above ? middle : rows[0] - pad;
        state.rows[1] = middle;
        state.rows[2] = below ? middle : rows[2 - above] - pad;
        state.target = target.output;
        for (typename Geometry::Count output = 0; output < g.outputs; ++output) {
            state.start = first_sum<int16_t>(g, output);
            line_assembly<Geometry>(state);
            ++state.target;
            if (!g.depthwise) continue;
            ++state.rows[0];
            ++state.rows[1];
            ++state.rows[2];
        }
        return g.outputs;
    }
};
/// One line of a window with sums of 24 bits, all outputs.
template <class Geometry,
          bool plane = (Geometry::kernel_height == 3 && Geometry::kernel_width == 3 && Geometry::in_channels == 1)>
struct WideLine {
    static constexpr bool keeps_weights = false; ///< Weights of all rows under the kernel, present or not.
    WideLineState<Geometry::kernel_height> state;
    const int8_t* const* rows;
    Int24 excess;

    TINYSPARSE_INLINE WideLine(const int8_t* const* rows_of_input, uint8_t count, bool)
        : rows(rows_of_input), excess(wide_excess<Geometry::depth * Geometry::kernel_width>(count)) {
        state.count = count;
    }
    TINYSPARSE_INLINE void run(uintptr_t offset) {
        for (uint8_t i = 0; i < Geometry::kernel_height && i < state.count; ++i) state.rows[i] = rows[i] + offset;
        wide_line_assembly<Geometry>(state);
    }
};
template <class Geometry> struct WideLine<Geometry, true> {
    static constexpr bool keeps_weights = true;
    WidePlaneState state;
    const int8_t* rows[3];
    Int24 excess;

    /// The middle row is always present; missing rows have weights of 0 over it.
    TINYSPARSE_INLINE WideLine(const int8_t* const* rows_of_input, uint8_t count, bool above)
        : excess(wide_excess<3>(3)) {
        const bool below = count + above < 3;
        rows[1] = rows_of_input[above ? 0 : 1];
        rows[0] = above ? rows[1] : rows_of_input[0];
        rows[2] = below ? rows[1] : rows_of_input[above ? 1 : 2];
        state.absent = uint8_t(above | (below << 1));
    }
    TINYSPARSE_INLINE void run(uintptr_t offset) {
        for (uint8_t i = 0; i < 3; ++i) state.rows[i] = rows[i] + offset;
        wide_plane_assembly<Geometry>(state);
    }
};
template <class Geometry> struct AssemblyRow<Geometry, false, false, true> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                                          typename Geometry::WeightIndex index,
                                                          const RowTarget<Geometry>& target) {
        typedef WideLine<Geometry> Line;
        Line line(rows, count, index != 0);
        line.state.weights = g.weights() + (Line::keeps_weights ? 0 : index);
        line.state.first = target.phase == 0;
        for (typename Geometry::Count output = 0; output < g.outputs; ++output) {
            const Int24 start = Int24(first_sum<Int24>(g, output) - line.excess);
            __builtin_memcpy(line.state.start, &start, 3);
            line.state.target = target.output + output;
            line.run((g.depthwise ? output : 0) - uintptr_t(Geometry::pad_left) * Geometry::in_channels);
            line.state.weights += Geometry::kernel_height * Geometry::depth * Geometry::kernel_width;
        }
        return g.outputs;
    }
};
#else
/// Without assembly: makes none of the outputs.
template <class Geometry> struct AssemblyRow {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
