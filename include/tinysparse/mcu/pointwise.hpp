// SPDX-License-Identifier: Apache-2.0
// Pointwise layers, two outputs at once, so that an input value is fetched once for both. The weights of two outputs
// alternate: [output / 2][depth][2]; an odd last output is alone.
#ifndef TINYSPARSE_1_0_MCU_POINTWISE_HPP
#define TINYSPARSE_1_0_MCU_POINTWISE_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "taps.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// The products of two outputs of a pointwise layer, two positions at a time: sums and values of more positions would
/// not stay in registers.
template <class Geometry> struct PairProducts {
    typedef Sums<typename Geometry::Sum, Geometry::block> BlockSums;
    const Geometry& geometry;
    const int8_t* input; ///< First channel of the block's first position.
    const typename Geometry::Reader& begin;
    typename Geometry::Reader& reader;
    BlockSums &one, &other;

    /// Positions `from` ... `from + count - 1`.
    template <uint8_t from, uint8_t count> TINYSPARSE_INLINE void positions() {
        typedef typename Geometry::Sum Sum;
        static constexpr uint8_t bits = Geometry::Reader::bits;
        const Sum start = one.value[from], other_start = other.value[from];
        Sum a = start, b = start, c = other_start, d = other_start;
        const typename Geometry::Size step = typename Geometry::Size(geometry.in_channels * geometry.stride);
        const int8_t* value = input + from * step;
        reader = begin;
        for (typename Geometry::Count left = geometry.depth; left != 0; --left) {
            // A weight of 8 bits is read when it is needed, which leaves registers to the values. A smaller one is read
            // together with the one in the same byte.
            const int8_t weight = reader.next(), early = bits == 8 ? int8_t(0) : reader.next();
            const int8_t first = load_step(value);
            add_weighted<bits>(a, weight, first);
            int8_t second = 0;
            if (count > 1) {
                value += step - 1;
                second = load_step(value);
                value -= step;
                add_weighted<bits>(b, weight, second);
            }
            const int8_t other_weight = bits == 8 ? reader.next() : early;
            if (count > 1) add_weighted<bits>(d, other_weight, second);
            add_weighted<bits>(c, other_weight, first);
            keep_walking(value);
            if (bits == 8) keep_reading(reader.at);
        }
        one.value[from] = a;
        other.value[from] = c;
        if (count == 1) return;
        one.value[count > 1 ? from + 1 : from] = b;
        other.value[count > 1 ? from + 1 : from] = d;
    }
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        if (i % 2 == 0) positions<i, (i + 1 < Geometry::block ? 2 : 1)>();
    }
};

/// Adds the products of two outputs at a block of positions.
template <class Geometry, bool assembly> struct TwoOutputs {
    /// one, other: sums of the two outputs, whose weights `reader` reads next.
    static TINYSPARSE_INLINE void add(const Geometry& g, const int8_t* input, typename Geometry::Reader& reader,
                                      typename PairProducts<Geometry>::BlockSums& one,
                                      typename PairProducts<Geometry>::BlockSums& other) {
        const typename Geometry::Reader begin = reader;
        PairProducts<Geometry> body = {g, input, begin, reader, one, other};
        Unrolled<0, Geometry::block>::run(body);
    }
};
#if TINYSPARSE_ASSEMBLY
template <class Geometry> struct TwoOutputs<Geometry, true> {
    static TINYSPARSE_INLINE void add(const Geometry&, const int8_t* input, typename Geometry::Reader& reader,
                                      Sums<int16_t, Geometry::block>& one, Sums<int16_t, Geometry::block>& other) {
        pointwise_assembly<Geometry>(input, reader, one, other);
    }
};
#endif

/// All remaining outputs at a block of positions, two at a time; an odd last one alone.
template <class Geometry> struct PairedOutputs {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, const OutputsLeft<Geometry>& left,
                                      BlockTarget<Geometry> target) {
        typedef typename Geometry::Sum Sum;
        typedef typename Geometry::Count Count;
        Count output = left.first;
        for (; output + 1 < g.outputs; output = Count(output + 2)) {
            Sums<Sum, Geometry::block> one, other;
            one.fill(first_sum<Sum>(g, output));
            other.fill(first_sum<Sum>(g, Count(output + 1)));
            TwoOutputs<Geometry, UsesAssembly<Geometry>::value>::add(g, *products.rows + offset, reader, one, other);
            finish_block(g, one, target);
            target.next_output(g);
            finish_block(g, other, target);
            target.next_output(g);
        }
        if (g.outputs % 2 != 0) window_output(g, products, offset, output, reader, target);
    }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
