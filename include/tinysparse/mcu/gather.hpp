// SPDX-License-Identifier: Apache-2.0
// Layers that see their whole input at once (dense ones, and depthwise kernels as large as the picture) gather it row
// by row: the contribution of a row is added to the sums of all outputs, and then the row can be forgotten.
//   dense      sum[o] += sum over x, c of w[row][x][c][o] * in[x][c]
//   depthwise  sum[c] += sum over x of    w[row][c][x]    * in[x][c]
// The sums are int32. Products are first added in 16 bits over `run` inputs. The exporter has proven for them that
// 127 * sum|w| <= 32767 (128 after a linear layer; two inputs always fit).
// A dense layer is `direct` if assembly adds products to sums of 24 bits; each row gives one such sum per output. Dense
// weights are stored in blocks: [row][outputs / block][inputs of a row][block], then the outputs % block that remain.
//
// A layer `sets` its sums if it has a single row, no other layer adds to them, and they fit 16 bits with their biases.
// Then the sums need no first value: the row is one run, and the row's sums, which begin with the biases, are stored.
#ifndef TINYSPARSE_1_0_MCU_GATHER_HPP
#define TINYSPARSE_1_0_MCU_GATHER_HPP
#include "assembly.hpp"
#include "column_assembly.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sums.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// `count` inputs, at least one, times the weights of a block of outputs; `input` moves on.
template <class Geometry, uint8_t block>
TINYSPARSE_INLINE void dense_products(const Geometry&, const int8_t*& input, typename Geometry::Size count,
                                      typename Geometry::Reader& reader, Sums<int16_t, block>& sums) {
#if TINYSPARSE_ASSEMBLY
    typedef typename Geometry::Reader Reader;
    static constexpr bool paired = Reader::bits == 4 && block % 2 == 0 && Geometry::outputs % 2 == 0;
    static constexpr uint8_t unroll = Geometry::row_size % 2 == 0 && Geometry::run % 2 == 0 ? 2 : 1;
    if (Geometry::row_size <= 255 * unroll)
        dense_assembly<Reader, block, paired, unroll>(input, uint8_t(count / unroll), reader, sums);
    else
        dense_assembly<Reader, block, paired, unroll>(input, uint16_t(count / unroll), reader, sums);
#else
    for (const int8_t* const end = input + count; input != end; ++input) {
        Products<typename Geometry::Reader, int16_t, block> body = {reader, sums, *input};
        Unrolled<0, block>::run(body);
    }
#endif
}

/// Contribution of one row to `block` outputs from `output` on.
template <uint8_t block, class Geometry>
TINYSPARSE_INLINE void dense_block(const Geometry& g, const int8_t* input, typename Geometry::Reader& reader,
                                   typename Geometry::Count output, int32_t* sums) {
    typedef typename Geometry::Size Size;
    if (g.sets) {
        Sums<int16_t, block> row;
        FirstSums<Geometry, int16_t, block> begin = {g, output, row};
        Unrolled<0, block>::run(begin);
        dense_products<Geometry, block>(g, input, g.row_size, reader, row);
        SetTo<int16_t, block> set = {row, sums};
        Unrolled<0, block>::run(set);
        return;
    }
    for (Size left = g.row_size; left != 0;) {
        const Size run = left < g.run ? left : Size(g.run);
        left = Size(left - run);
        Sums<int16_t, block> narrow;
        narrow.fill(0);
        dense_products<Geometry, block>(g, input, run, reader, narrow);
        AddTo<int16_t, block> add = {narrow, sums};
        Unrolled<0, block>::run(add);
    }
}

/// If the number of outputs is not a multiple of the block, the rest is a smaller block.
template <uint8_t rest> struct DenseRest {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* input, typename Geometry::Reader& reader,
                                      int32_t* sums) {
        dense_block<rest>(g, input, reader, typename Geometry::Count(g.outputs - rest), sums);
    }
};
template <> struct DenseRest<0> {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry&, const int8_t*, typename Geometry::Reader&, int32_t*) {}
};

#if TINYSPARSE_ASSEMBLY
/// Dense layers whose row sums need 24 bits, and fit them.
template <uint8_t rest> struct WideDenseRest {
    template <class Geometry> static TINYSPARSE_INLINE void run(const Geometry&, DenseState& state) {
        wide_dense_assembly<Geometry, rest>(state);
    }
};
template <> struct WideDenseRest<0> {
    template <class Geometry> static TINYSPARSE_INLINE void run(const Geometry&, DenseState&) {}
};
#endif
/// One input row of a dense layer. direct: sums of 24 bits, in assembly.
template <bool direct> struct DenseRow {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* input, typename Geometry::WeightIndex index,
                                      int32_t* sums) {
        typename Geometry::Reader reader(g.weights(), index);
        for (typename Geometry::Size left = g.outputs; left >= Geometry::block;
             left -= Geometry::block, sums += Geometry::block)
            dense_block<Geometry::block>(g, input, reader, typename Geometry::Count(g.outputs - left), sums);
        DenseRest<Geometry::rest>::run(g, input, reader, sums);
    }
};
#if TINYSPARSE_ASSEMBLY
template <> struct DenseRow<true> {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* input, typename Geometry::WeightIndex index,
                                      int32_t* sums) {
        DenseState state = {input, g.weights() + index, sums};
        for (typename Geometry::Size left = g.outputs; left >= Geometry::block; left -= Geometry::block)
            wide_dense_assembly<Geometry, Geometry::block>(state);
        WideDenseRest<Geometry::rest>::run(g, state);
    }
};
#endif

/// Adds one input row to the sums of all outputs.
template <class Geometry>
TINYSPARSE_NOINLINE void dense_row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                   int32_t* sums) {
    typedef typename Geometry::WeightIndex WeightIndex;
    DenseRow<TINYSPARSE_ASSEMBLY && Geometry::direct>::run(
        g, input, g.in_height == 1 ? WeightIndex(0) : WeightIndex(WeightIndex(row) * g.row_size * g.outputs), sums);
}

/// Adds one input row to the sums of all channels.
template <class Geometry>
TINYSPARSE_NOINLINE void depthwise_row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                       int32_t* sums) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::WeightIndex WeightIndex;
    typename Geometry::Reader reader(g.weights(), WeightIndex(WeightIndex(row) * g.row_size));
    for (Count channel = 0; channel < g.outputs; ++channel) {
        const int8_t* value = input + channel;
        for (Count left = g.in_width; left != 0;) {
            Count run = left < g.run ? left : Count(g.run);
            left = Count(left - run);
            int16_t narrow = g.sets ? first_sum<int16_t>(g, channel) : int16_t(0);
            for (; run != 0; --run, value += g.outputs)
                add_weighted<Geometry::Reader::bits>(narrow, reader.next(), *value);
            sums[channel] = g.sets ? int32_t(narrow) : sums[channel] + narrow;
        }
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
