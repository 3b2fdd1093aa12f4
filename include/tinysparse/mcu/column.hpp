// SPDX-License-Identifier: Apache-2.0
// Convolutions over a column, which series have: rows hold the channels of a single position, so there are no
// neighbours that share a weight. Instead, a value is loaded once for a group of outputs, as in a dense layer. A
// depthwise layer makes several outputs from the same number of adjacent values.
//   y[o] = requantise(b[o] + sum over ky, c of w[o][ky][c] * in[ky][c])
// Weights are stored in groups: [output / group][kernel_height][depth][group], then the outputs % group that remain;
// or, if sums are wide, in `pairs`, [output / group][kernel_height][depth / 2][group][2], since 16 bits hold any two
// products. `unroll`: number of values, or pairs of values, after which a group's weights end on a byte boundary.
#ifndef TINYSPARSE_1_0_MCU_COLUMN_HPP
#define TINYSPARSE_1_0_MCU_COLUMN_HPP
#include "column_assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "taps.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// The products of two values with a pair of weights for each output of a group.
template <class Reader, class Sum, uint8_t group> struct PairsOfProducts {
    Reader& reader;
    Sums<Sum, group>& sums;
    int8_t value, next;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        int16_t both = 0;
        add_weighted<Reader::bits>(both, reader.next(), value);
        add_weighted<Reader::bits>(both, reader.next(), next);
        sums.value[i] = Sum(sums.value[i] + both);
    }
};

/// The product of each output of a depthwise layer with its own value.
template <class Reader, class Sum, uint8_t group> struct EachProduct {
    Reader& reader;
    Sums<Sum, group>& sums;
    const int8_t* values;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        add_weighted<Reader::bits>(sums.value[i], reader.next(), values[i]);
    }
};

/// `group` outputs from `output` on, whose weights begin at `index`.
template <class Geometry, uint8_t group> struct ColumnSums {
    typedef typename Geometry::Sum Sum;
    Sums<Sum, group> sums;

    /// One kernel row if a product is a function call: written out for each output it would fill the flash of a small
    /// chip.
    TINYSPARSE_INLINE void compact(const Geometry& g, const int8_t* input, typename Geometry::Count output,
                                   typename Geometry::Reader& reader) {
        static constexpr uint8_t step = Geometry::pairs ? 2 : 1;
        for (typename Geometry::Count left = g.depth; left != 0; left = typename Geometry::Count(left - step)) {
            for (uint8_t i = 0; i < group; ++i)
                for (uint8_t k = 0; k < step; ++k)
                    add_weighted<Geometry::Reader::bits>(sums.value[i], reader.next(),
                                                         input[Geometry::depthwise ? output + i : k]);
            input += step;
        }
    }
    /// Begins with the biases and adds all products. rows: `count` input rows under the kernel.
    TINYSPARSE_INLINE ColumnSums(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                 typename Geometry::Count output, typename Geometry::WeightIndex index) {
        typedef typename Geometry::Reader Reader;
        typedef typename Geometry::Count Count;
        FirstSums<Geometry, Sum, group> begin = {g, output, sums};
        Unrolled<0, group>::run(begin);
        Reader reader(g.weights(), index);
        for (const int8_t* const* const end = rows + count; rows != end; ++rows) {
            const int8_t* input = *rows;
            if (!TINYSPARSE_MULTIPLIES) {
                compact(g, input, output, reader);
            } else if (Geometry::depthwise) {
                EachProduct<Reader, Sum, group> body = {reader, sums, input + output};
                Unrolled<0, group>::run(body);
            } else if (Geometry::pairs) {
                for (Count left = g.depth; left != 0; left = Count(left - 2), input += 2) {
                    PairsOfProducts<Reader, Sum, group> body = {reader, sums, input[0], input[1]};
                    Unrolled<0, group>::run(body);
                }
            } else {
                for (Count left = g.depth; left != 0; --left, ++input) {
                    Products<Reader, Sum, group> body = {reader, sums, *input};
                    Unrolled<0, group>::run(body);
                }
            }
        }
    }
};

/// The work after the sums, or the values, of a group.
template <class Geometry, class Sum> struct FinishColumn {
    const Geometry& geometry;
    const Sum* sums;
    BlockTarget<Geometry>& target;
    /// Requantises, pools and stores output i of the group.
    TINYSPARSE_INLINE void output(uint8_t i) {
        const Sums<Sum, 1> one = {{sums[i]}};
        finish_block(geometry, one, target);
        target.next_output(geometry);
    }
    template <uint8_t i> TINYSPARSE_INLINE void at() { output(i); }
};

/// Groups in C++.
template <class Geometry> struct PlainColumn {
    const Geometry& geometry;
    const int8_t* const* rows;
    uint8_t count;
    typename Geometry::WeightIndex above; ///< Weights of an output that meet rows above the input.
    BlockTarget<Geometry> target;

    template <uint8_t group> TINYSPARSE_INLINE void run(typename Geometry::Count output) {
        typedef typename Geometry::WeightIndex WeightIndex;
        typedef typename Geometry::Sum Sum;
        const WeightIndex begin = WeightIndex(WeightIndex(output) * Geometry::kernel_height * Geometry::depth);
        const ColumnSums<Geometry, group> found(geometry, rows, count, output, WeightIndex(begin + above * group));
        FinishColumn<Geometry, Sum> finish = {geometry, found.sums.value, target};
        if (TINYSPARSE_MULTIPLIES)
            Unrolled<0, group>::run(finish);
        else
            for (uint8_t i = 0; i < group; ++i) finish.output(i);
    }
};

#if TINYSPARSE_ASSEMBLY
/// Groups in assembly; averages and residual sums are done in C++.
template <class Geometry> struct FastColumn {
    static constexpr bool stores = Geometry::pooling != average_pooling && !Geometry::has_residual;
    static constexpr uint8_t bits = Geometry::Reader::bits;
    const Geometry& geometry;
    typename Geometry::WeightIndex above;
    BlockTarget<Geometry> target;
    ColumnState<Geometry::kernel_height> state;

    TINYSPARSE_INLINE FastColumn(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                 typename Geometry::WeightIndex weights_above, const BlockTarget<Geometry>& begin)
        : geometry(g), above(weights_above), target(begin) {
        Int24 start = Int24(g.shift == 0 ? 0 : Int24(1) << (g.shift - 1));
        if (sizeof(typename Geometry::Sum) == 3)
            start = Int24(start - wide_excess<Geometry::depth / (Geometry::pairs ? 2 : 1)>(count));
        __builtin_memcpy(state.start, &start, 3);
        state.biases = Geometry::biases();
        state.target = begin.output;
        state.first = begin.first_row;
        state.row_bytes = uint8_t(2 * count);
        for (uint8_t i = 0; i < count; ++i) state.rows[Geometry::kernel_height - count + i] = rows[i];
    }
    /// The rows of the next group of a depthwise layer.
    TINYSPARSE_INLINE void next(uint8_t group) {
        for (uint8_t i = 0; Geometry::depthwise && i < Geometry::kernel_height; ++i) state.rows[i] += group;
    }
    template <uint8_t group> TINYSPARSE_INLINE void run(typename Geometry::Count output) {
        typedef typename Geometry::WeightIndex WeightIndex;
        const WeightIndex begin = WeightIndex(WeightIndex(output) * Geometry::kernel_height * Geometry::depth);
        state.weights = geometry.weights() + WeightIndex(begin + above * group) / (8 / bits);
        if (stores) {
            column_assembly<Geometry, group>(state);
        } else {
            int8_t values[group];
            state.target = values;
            column_assembly<Geometry, group>(state);
            FinishColumn<Geometry, int8_t> finish = {geometry, values, target};
            Unrolled<0, group>::run(finish);
        }
        next(group);
    }
};
#endif

/// The remaining outputs, if there are any.
template <uint8_t rest> struct ColumnRest {
    template <class Column> static TINYSPARSE_INLINE void run(Column& column, uint16_t output) {
        column.template run<rest>(output);
    }
};
template <> struct ColumnRest<0> {
    template <class Column> static TINYSPARSE_INLINE void run(Column&, uint16_t) {}
};

/// One row of all outputs, with the arguments of window_row().
template <class Geometry>
TINYSPARSE_INLINE void column_row(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                  typename Geometry::WeightIndex above, const RowTarget<Geometry>& row) {
    typedef typename Geometry::Count Count;
    const BlockTarget<Geometry> target(g, row, 0, 0);
#if TINYSPARSE_ASSEMBLY
    FastColumn<Geometry> column(g, rows, count, above, target);
#else
    PlainColumn<Geometry> column = {g, rows, count, above, target};
#endif
    for (Count output = 0; output < Geometry::outputs - Geometry::group_rest; output = Count(output + Geometry::group))
        column.template run<Geometry::group>(output);
    ColumnRest<Geometry::group_rest>::run(column, Geometry::outputs - Geometry::group_rest);
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
