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

    template <uint8_t group>
    TINYSPARSE_INLINE void run(typename Geometry::Count output, typename Geometry::Count groups) {
        typedef typename Geometry::WeightIndex WeightIndex;
        typedef typename Geometry::Sum Sum;
        for (; groups != 0; --groups, output = typename Geometry::Count(output + group)) {
            const WeightIndex begin = WeightIndex(WeightIndex(output) * Geometry::kernel_height * Geometry::depth);
            const ColumnSums<Geometry, group> found(geometry, rows, count, output, WeightIndex(begin + above * group));
            FinishColumn<Geometry, Sum> finish = {geometry, found.sums.value, target};
            if (TINYSPARSE_MULTIPLIES)
                Unrolled<0, group>::run(finish);
            else
                for (uint8_t i = 0; i < group; ++i) finish.output(i);
        }
    }
};

#if TINYSPARSE_ASSEMBLY
/// The rows under a kernel: `together` of them one after the other from the first on, the others from the beginning of
/// the ring on.
struct ColumnRows {
    const int8_t* first;
    uint8_t count, together;
};

/// The state before a column's first group.
template <class Geometry>
TINYSPARSE_INLINE void begin_column(ColumnState& state, const ColumnRows& rows, const BlockTarget<Geometry>& target) {
    static constexpr uint16_t row_products = Geometry::depth / (Geometry::pairs ? 2 : 1);
    static constexpr uint8_t factor = column_by_rows<Geometry>() ? 1 : column_steps<Geometry>();
    __extension__ typedef __uint24 Bits; // sums are modulo 2^24
    static constexpr uint32_t half = Geometry::shift == 0 ? 0 : uint32_t(1) << (Geometry::shift - 1),
                              excess = uint32_t(row_products) << 15; // a product is 32768 too large
    Bits start = Bits(half);
    if (sizeof(typename Geometry::Sum) == 3) {
        start = Bits(half - Geometry::kernel_height * excess);
        for (uint8_t absent = uint8_t(Geometry::kernel_height - rows.count); absent != 0; --absent) {
            keep_counting(absent);
            start = Bits(start + Bits(excess));
        }
    }
    __builtin_memcpy(state.start, &start, 3);
    state.biases = Geometry::biases();
    state.target = target.output;
    state.first = target.first_row;
    state.input = rows.first;
    state.together = uint8_t(rows.together * factor);
    state.other = uint8_t((rows.count - rows.together) * factor);
}

/// Groups in assembly; averages and residual sums are done in C++.
template <class Geometry> struct FastColumn {
    typedef typename Geometry::WeightIndex WeightIndex;
    typedef typename Geometry::Count Count;
    static constexpr bool stores = Geometry::pooling != average_pooling && !Geometry::has_residual;
    static constexpr uint8_t bits = Geometry::Reader::bits;
    const Geometry& geometry;
    uint8_t above, absent; ///< Kernel rows above the input, and those that meet no row.
    BlockTarget<Geometry> target;
    ColumnState& state;

    /// Bytes of a group's weights over a number of kernel rows, which is mostly 0: shifts would take longer.
    template <uint8_t group> static TINYSPARSE_INLINE uint16_t bytes(uint8_t kernel_rows) {
        uint16_t sum = 0;
        for (; kernel_rows != 0; --kernel_rows) {
            keep_counting(kernel_rows);
            sum = uint16_t(sum + uint32_t(Geometry::depth) * group * bits / 8);
        }
        return sum;
    }
    template <uint8_t group> TINYSPARSE_INLINE void run(Count output, Count groups) {
        const WeightIndex begin = WeightIndex(WeightIndex(output) * Geometry::kernel_height * Geometry::depth);
        state.weights = geometry.weights() + (begin / (8 / bits) + bytes<group>(above));
        state.absent = bytes<group>(absent);
        if (stores) {
            static constexpr bool several = group == Geometry::group && Geometry::outputs >= 2 * group;
            state.groups = uint8_t(groups);
            column_assembly<Geometry, group, several>(state);
            return;
        }
        state.groups = 1;
        for (; groups != 0; --groups) {
            int8_t values[group];
            state.target = values;
            column_assembly<Geometry, group, true>(state);
            FinishColumn<Geometry, int8_t> finish = {geometry, values, target};
            Unrolled<0, group>::run(finish);
        }
    }
};
#endif

/// The remaining outputs, if there are any.
template <uint8_t rest> struct ColumnRest {
    template <class Column> static TINYSPARSE_INLINE void run(Column& column, uint16_t output) {
        column.template run<rest>(output, 1);
    }
};
template <> struct ColumnRest<0> {
    template <class Column> static TINYSPARSE_INLINE void run(Column&, uint16_t) {}
};

/// One row of all outputs. rows: `count` input rows under the kernel, `together` of them one after the other; above,
/// absent: kernel rows above the input, and all that meet no row.
template <class Geometry>
TINYSPARSE_INLINE void column_row(const Geometry& g, const int8_t* const* rows, uint8_t count, uint8_t together,
                                  uint8_t above, uint8_t absent, const RowTarget<Geometry>& row) {
    static constexpr uint16_t whole = Geometry::outputs - Geometry::group_rest; // outputs in groups of full size
    const BlockTarget<Geometry> target(g, row, 0, 0);
#if TINYSPARSE_ASSEMBLY
    ColumnState state; // alone in memory: what assembly does not read stays in registers
    begin_column<Geometry>(state, {rows[0], count, together}, target);
    FastColumn<Geometry> column = {g, above, absent, target, state};
#else
    (void)together;
    (void)absent;
    PlainColumn<Geometry> column = {g, rows, count, typename Geometry::WeightIndex(above * Geometry::depth), target};
#endif
    column.template run<Geometry::group>(0, whole / Geometry::group);
    ColumnRest<Geometry::group_rest>::run(column, whole);
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
