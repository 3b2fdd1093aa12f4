// SPDX-License-Identifier: Apache-2.0
// Convolution, depthwise and pointwise layers: one line, that is one output channel at all positions of one row.
//   y[x] = requantise(b + sum over ky, c, kx of w[ky][c][kx] * in[ky][x * stride + kx - pad][c])
// A depthwise layer sums over one channel only, its own. Rows of the input hold their channels side by side:
// [width][channels] of int8. Weights stand in the order of use: [output][kernel_height][depth][kernel_width].
//
// `block` neighbouring positions are computed at once, so that one weight is fetched for all of them and each input
// value is fetched once for the kernel_width products it takes part in. The last block overlaps the one before it where
// the width is no multiple.
//
// Sums: int16_t where the exporter has proven that 127 * sum|w| + |b| + 2^(shift-1) <= 32767 for every output (128
// after a linear layer). Elsewhere `Sum` has 24 or 32 bits, and products are added up in 16 bits over `run` channels
// first, the longest run for which that is proven; run 0: not even one channel's, each product goes to the wide sum at
// once.
#ifndef TINYSPARSE_1_0_MCU_WINDOW_HPP
#define TINYSPARSE_1_0_MCU_WINDOW_HPP
#include "port.hpp"
#include "requantise.hpp"
#include "sums.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// One kernel row of one input channel for a block of positions. This is the innermost loop, written out; the place for
/// assembly.
template <class Geometry, class Sum> struct Taps {
    static constexpr uint8_t kernel_width = Geometry::kernel_width, stride = Geometry::stride, block = Geometry::block;
    static constexpr uint8_t count = uint8_t((block - 1) * stride + kernel_width); ///< Input values touched.

    const Geometry& geometry;
    const int8_t*& input;       ///< The next value; at first it may lie left of the row.
    uint8_t inside, inside_end; ///< Which of the values lie inside the row.
    int8_t weights[kernel_width];
    Sums<Sum, block>& sums;

    template <uint8_t tap, uint8_t position, bool used> struct Product {
        static TINYSPARSE_INLINE void add(Taps& taps, int8_t value) {
            add_product(taps.sums.value[position], taps.weights[tap - position * stride], value);
        }
    };
    template <uint8_t tap, uint8_t position> struct Product<tap, position, false> {
        static TINYSPARSE_INLINE void add(Taps&, int8_t) {}
    };
    /// All products of input value `tap`, from position `position` on.
    template <uint8_t tap, uint8_t position, class Unused = void> struct Products {
        static TINYSPARSE_INLINE void add(Taps& taps, int8_t value) {
            Product<tap, position, (tap >= position * stride && tap < position * stride + kernel_width)>::add(taps,
                                                                                                              value);
            Products<tap, uint8_t(position + 1)>::add(taps, value);
        }
    };
    template <uint8_t tap, class Unused> struct Products<tap, block, Unused> {
        static TINYSPARSE_INLINE void add(Taps&, int8_t) {}
    };

    template <uint8_t tap> TINYSPARSE_INLINE void at() {
        // Only the first pad_left values can lie left of a row and only the last pad_right values right of it.
        const bool outside =
            (tap < geometry.pad_left && tap < inside) || (tap >= count - geometry.pad_right && tap >= inside_end);
        if (!outside) Products<tap, 0>::add(*this, *input);
        input += geometry.in_channels;
        keep_pointer(input);
    }
    /// Leaves `input` at the next channel.
    template <class Reader> TINYSPARSE_INLINE void run(Reader& reader) {
        ReadWeights<Reader, kernel_width> read = {reader, weights};
        Unrolled<0, kernel_width>::run(read);
        Unrolled<0, count>::run(*this);
        input -= typename Geometry::Size(count * geometry.in_channels - 1);
    }
};

/// How products become sums: in 16 bits all the way ...
template <class Geometry, class Sum> struct Accumulate {
    template <class Reader>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, uint8_t inside, uint8_t inside_end,
                                      Reader& reader, Sums<Sum, Geometry::block>& sums) {
        typedef typename Geometry::Count Count;
        if (g.run != 0) { // ... or in 16 bits over a run of channels, then into the wide sum ...
            for (Count from = 0; from < g.depth;) {
                Count left = Count(g.depth - from) < g.run ? Count(g.depth - from) : Count(g.run);
                from = Count(from + left);
                Sums<int16_t, Geometry::block> narrow;
                narrow.fill(0);
                for (; left != 0; --left) {
                    Taps<Geometry, int16_t> taps = {g, input, inside, inside_end, {}, narrow};
                    taps.run(reader);
                }
                sums.add(narrow);
            }
        } else { // ... or into the wide sum at once.
            direct(g, input, inside, inside_end, reader, sums);
        }
    }
    template <class Reader>
    static TINYSPARSE_INLINE void direct(const Geometry& g, const int8_t* input, uint8_t inside, uint8_t inside_end,
                                         Reader& reader, Sums<Sum, Geometry::block>& sums) {
        for (typename Geometry::Count left = g.depth; left != 0; --left) {
            Taps<Geometry, Sum> taps = {g, input, inside, inside_end, {}, sums};
            taps.run(reader);
        }
    }
};
template <class Geometry> struct Accumulate<Geometry, int16_t> {
    template <class Reader>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, uint8_t inside, uint8_t inside_end,
                                      Reader& reader, Sums<int16_t, Geometry::block>& sums) {
        for (typename Geometry::Count left = g.depth; left != 0; --left) {
            Taps<Geometry, int16_t> taps = {g, input, inside, inside_end, {}, sums};
            taps.run(reader);
        }
    }
};

/// Writes the block's answers, target_step apart.
template <class Geometry> struct StoreLine {
    const Geometry& geometry;
    const Sums<typename Geometry::Sum, Geometry::block>& sums;
    int8_t* target;
    typename Geometry::Size target_step;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        *target = requantise(sums.value[i], geometry.shift, geometry.lowest);
        target += target_step;
    }
};

/// rows .. rows_end: the input rows under the kernel. index: the weight that meets the first of them.
/// Writes one value for every position, target_step apart.
template <class Geometry>
TINYSPARSE_NOINLINE void window_line(const Geometry& g, const int8_t* const* rows, const int8_t* const* rows_end,
                                     typename Geometry::Count channel, typename Geometry::WeightIndex index,
                                     int8_t* target, typename Geometry::Size target_step) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Geometry::Sum Sum;
    typedef typename Wider<Count>::Type Column;
    const Sum start = first_sum<Sum>(g, channel);
    const typename Geometry::Reader reader_at_output(g.weights(), index);
    const uint8_t touched = Taps<Geometry, Sum>::count;
    for (Count x = 0;;) {
        // 1: which input values of this block lie inside the row; columns count from the left padding
        const Column column = Column(Column(x) * g.stride);
        const uint8_t inside = column < g.pad_left ? uint8_t(g.pad_left - column) : uint8_t(0);
        const Column columns_left = Column(g.in_width + g.pad_left - column);
        const uint8_t inside_end = columns_left < touched ? uint8_t(columns_left) : touched;
        const uintptr_t offset = uintptr_t(Size(column) * Size(g.in_channels)) + (g.depthwise ? channel : 0) -
                                 uintptr_t(Size(g.pad_left) * g.in_channels);
        // 2: products
        Sums<Sum, Geometry::block> sums;
        sums.fill(start);
        typename Geometry::Reader reader = reader_at_output;
        for (const int8_t* const* row = rows; row != rows_end; ++row)
            Accumulate<Geometry, Sum>::row(g,
                                           reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(*row) + offset),
                                           inside, inside_end, reader, sums);
        // 3: requantise
        StoreLine<Geometry> store = {g, sums, target + Size(x) * target_step, target_step};
        Unrolled<0, Geometry::block>::run(store);
        if (Count(x + Geometry::block) >= g.width) return;
        x = Count(x + Geometry::block);
        if (x > g.width - Geometry::block) x = Count(g.width - Geometry::block);
    }
}

/// The line of a geometry that has a kernel of its own, as every layer of an exported network has.
struct OwnLine {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, const int8_t* const* rows_end,
                                      typename Geometry::Count channel, typename Geometry::WeightIndex index,
                                      int8_t* target, typename Geometry::Size target_step) {
        window_line(g, rows, rows_end, channel, index, target, target_step);
    }
};

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
