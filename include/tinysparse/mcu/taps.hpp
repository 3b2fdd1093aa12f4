// SPDX-License-Identifier: Apache-2.0
// The products of one output of a window at a block of neighbouring positions, row after row under the kernel.
//   y[x] += w[ky][c][kx] * in[ky][x * stride + kx - pad][c]
//
// Sums are int16_t if the exporter has proven that 127 * sum|w| + |b| + 2^(shift-1) <= 32767 for every output (128
// after a linear layer). Otherwise `Sum` has 24 or 32 bits, and products are first added up in 16 bits over `run`
// channels, the longest run with such a proof. With run 0, not even one channel has it, and each product is added to
// the wide sum at once. A geometry is `direct` if assembly does so, with sums of 24 bits.
#ifndef TINYSPARSE_1_0_MCU_TAPS_HPP
#define TINYSPARSE_1_0_MCU_TAPS_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "weights.hpp"
#include "wide_assembly.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// One kernel row of one input channel for a block of positions. This is the innermost loop, unrolled; the place for
/// assembly.
template <class Geometry, class Sum> struct Taps {
    static constexpr uint8_t kernel_width = Geometry::kernel_width, stride = Geometry::stride, block = Geometry::block;
    static constexpr uint8_t count = uint8_t((block - 1) * stride + kernel_width); ///< Number of input values read.

    const Geometry& geometry;
    const int8_t*& input;       ///< The next value; at first it may lie left of the row.
    uint8_t inside, inside_end; ///< The range of values that lie inside the row.
    int8_t weights[kernel_width];
    Sums<Sum, block>& sums;

    /// Product of input value `tap` with the weight that meets it at `position`, if any does.
    template <uint8_t tap, uint8_t position, bool used> struct Product {
        /// Adds the product to the sum of the position.
        static TINYSPARSE_INLINE void add(Taps& taps, int8_t value) {
            add_weighted<Geometry::Reader::bits>(taps.sums.value[position], taps.weights[tap - position * stride],
                                                 value);
        }
    };
    template <uint8_t tap, uint8_t position> struct Product<tap, position, false> {
        static TINYSPARSE_INLINE void add(Taps&, int8_t) {}
    };
    /// All products of input value `tap`, from position `position` on.
    template <uint8_t tap, uint8_t position, class Unused = void> struct Products {
        /// Adds them to the sums of their positions.
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
    /// Moves `input` to the next channel.
    template <class Reader> TINYSPARSE_INLINE void run(Reader& reader) {
        ReadWeights<Reader, kernel_width> read = {reader, weights};
        Unrolled<0, kernel_width>::run(read);
        Unrolled<0, count>::run(*this);
        input -= typename Geometry::Size(count * geometry.in_channels - 1);
    }
};

/// The ways in which products are summed: in 16 bits all the way ...
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
    /// Into wide sums at once.
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

/// The place of a block: the offset of its first value in each row, and the values that lie inside the row. Columns
/// count from the left padding.
template <class Geometry> struct BlockPlace {
    static constexpr uint8_t touched = Taps<Geometry, typename Geometry::Sum>::count;
    uint8_t inside, inside_end;
    uintptr_t offset;

    /// The block at positions x ... of a row.
    TINYSPARSE_INLINE BlockPlace(const Geometry& g, typename Geometry::Count x) {
        typedef typename Wider<typename Geometry::Count>::Type Column;
        typedef typename Geometry::Size Size;
        const Column column = Column(Column(x) * g.stride);
        const Column left = Column(g.in_width + g.pad_left - column);
        inside = column < g.pad_left ? uint8_t(g.pad_left - column) : uint8_t(0);
        inside_end = left < touched ? uint8_t(left) : touched;
        offset = uintptr_t(Size(column) * Size(g.in_channels)) - uintptr_t(Size(g.pad_left) * g.in_channels);
    }
    /// One bit for each value that may lie outside, 1 if it lies inside, those on the left first.
    TINYSPARSE_INLINE uint8_t flags(const Geometry& g) const {
        uint8_t bits = 0;
        for (uint8_t tap = 0; tap < g.pad_left; ++tap)
            if (tap >= inside && tap < inside_end) bits = uint8_t(bits | (1 << tap));
        for (uint8_t i = 0; i < g.pad_right; ++i) {
            const uint8_t tap = uint8_t(touched - g.pad_right + i);
            if (tap >= inside && tap < inside_end) bits = uint8_t(bits | (1 << (g.pad_left + i)));
        }
        return bits;
    }
};

/// The products of one output at a block of positions, in C++.
template <class Geometry, bool assembly> struct BlockProducts {
    const Geometry& geometry;
    const int8_t* const* rows;
    uint8_t count;
    const BlockPlace<Geometry>& place;

    /// Adds the products of all rows; offset: of the block's first value.
    TINYSPARSE_INLINE void add(uintptr_t offset, typename Geometry::Reader& reader,
                               Sums<typename Geometry::Sum, Geometry::block>& sums) const {
        const int8_t* const* const end = rows + count;
        for (const int8_t* const* row = rows; row != end; ++row)
            Accumulate<Geometry, typename Geometry::Sum>::row(
                geometry, reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(*row) + offset), place.inside,
                place.inside_end, reader, sums);
    }
};
#if TINYSPARSE_ASSEMBLY
template <class Geometry> struct BlockProducts<Geometry, true> {
    const int8_t* const* rows;
    uint8_t count, flags;

    TINYSPARSE_INLINE BlockProducts(const Geometry& g, const int8_t* const* first, uint8_t rows_count,
                                    const BlockPlace<Geometry>& place)
        : rows(first), count(rows_count), flags(place.flags(g)) {}
    TINYSPARSE_INLINE void add(uintptr_t offset, typename Geometry::Reader& reader,
                               Sums<int16_t, Geometry::block>& sums) const {
        WindowAssembly<Geometry>::run(rows, count, offset, flags, reader, sums);
    }
};
/// A geometry that sums over part of the channels.
template <class Geometry, uint8_t channels> struct PartOfDepth : Geometry {
    static constexpr uint8_t depth = channels;
};

/// Wide sums: sums of 16 bits over runs of channels in assembly, added up in C++.
template <class Geometry> struct RunProducts {
    static constexpr uint8_t run =
        Geometry::run > 0 && Geometry::run < Geometry::depth ? Geometry::run : Geometry::depth;
    static constexpr uint8_t rest = Geometry::depth % run;
    const int8_t* const* rows;
    uint8_t count, flags;

    TINYSPARSE_INLINE RunProducts(const Geometry& g, const int8_t* const* first, uint8_t rows_count,
                                  const BlockPlace<Geometry>& place)
        : rows(first), count(rows_count), flags(place.flags(g)) {}
    template <uint8_t channels>
    TINYSPARSE_INLINE void add_run(const int8_t*& input, typename Geometry::Reader& reader,
                                   Sums<typename Geometry::Sum, Geometry::block>& sums) const {
        Sums<int16_t, Geometry::block> narrow;
        narrow.fill(0);
        WindowAssembly<PartOfDepth<Geometry, channels>>::run(&input, 1, 0, flags, reader, narrow);
        sums.add(narrow);
        input += channels;
    }
    TINYSPARSE_INLINE void add(uintptr_t offset, typename Geometry::Reader& reader,
                               Sums<typename Geometry::Sum, Geometry::block>& sums) const {
        const int8_t* const* const end = rows + count;
        for (const int8_t* const* row = rows; row != end; ++row) {
            const int8_t* input = reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(*row) + offset);
            for (uint8_t left = uint8_t(Geometry::depth / run); left != 0; --left) add_run<run>(input, reader, sums);
            if (rest > 0) add_run<(rest > 0 ? rest : run)>(input, reader, sums);
        }
    }
};

/// The amount by which flipping top bits changes a sum, for a number of products in a row. It is a loop, since avr-gcc
/// 5 sometimes shifts 24 bits by 16 from the wrong register.
template <uint16_t products> TINYSPARSE_INLINE Int24 wide_excess(uint8_t rows) {
    Int24 excess = 0;
    for (; rows != 0; --rows) {
        keep_counting(rows); // otherwise avr-gcc multiplies 24 bits
        excess = Int24(excess + (Int24(products) << 15));
    }
    return excess;
}

/// Sums of 24 bits all the way, in assembly that requantises them as well.
template <class Geometry> struct WideProducts {
    uint8_t count, flags;
    Int24 excess;
    const int8_t* rows[Geometry::kernel_height];

    TINYSPARSE_INLINE WideProducts(const Geometry& g, const int8_t* const* first, uint8_t rows_count,
                                   const BlockPlace<Geometry>& place)
        : count(rows_count), flags(place.flags(g)),
          excess(wide_excess<Geometry::depth * Geometry::kernel_width>(rows_count)) {
        // values() copies all rows of a depthwise layer, so those that are absent have a value as well.
        for (uint8_t i = 0; i < Geometry::kernel_height && (Geometry::depthwise || i < count); ++i)
            rows[i] =
                reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(first[i < count ? i : 0]) + place.offset);
    }
    TINYSPARSE_INLINE void values(typename Geometry::Count output, typename Geometry::Reader& reader, Int24 start,
                                  Sums<int8_t, Geometry::block>& found) const {
        const int8_t* own[Geometry::kernel_height];
        for (uint8_t i = 0; Geometry::depthwise && i < Geometry::kernel_height; ++i) own[i] = rows[i] + output;
        WideWindowAssembly<Geometry>::run(Geometry::depthwise ? own : rows, count, flags, reader, Int24(start - excess),
                                          found);
    }
};

/// Sums of 16 bits, with a depth that fits the assembly's counter.
template <class Geometry> struct UsesAssembly {
    static constexpr bool value = sizeof(typename Geometry::Sum) == 2 && Geometry::depth <= 255;
};
template <class Geometry,
          bool runs = (sizeof(typename Geometry::Sum) > 2 && Geometry::run > 0 && Geometry::depth <= 255),
          bool direct = Geometry::direct>
struct ProductsOf {
    typedef BlockProducts<Geometry, UsesAssembly<Geometry>::value> Type;
};
template <class Geometry> struct ProductsOf<Geometry, true, false> { typedef RunProducts<Geometry> Type; };
template <class Geometry, bool runs> struct ProductsOf<Geometry, runs, true> { typedef WideProducts<Geometry> Type; };
#else
/// True if products of 16 bits are computed in assembly.
template <class Geometry> struct UsesAssembly { static constexpr bool value = false; };
/// The products that suit a geometry.
template <class Geometry> struct ProductsOf { typedef BlockProducts<Geometry, false> Type; };
#endif

/// The outputs that a row makes block by block: all from `first` on. For each, `skipped` weights meet no row of the
/// input.
template <class Geometry> struct OutputsLeft {
    typename Geometry::Count first;
    typename Geometry::Size skipped;
};

/// One output at a block of positions.
template <class Geometry, class Products>
TINYSPARSE_INLINE void window_output(const Geometry& g, const Products& products, uintptr_t offset,
                                     typename Geometry::Count output, typename Geometry::Reader& reader,
                                     const BlockTarget<Geometry>& target) {
    typedef typename Geometry::Sum Sum;
    Sums<Sum, Geometry::block> sums;
    sums.fill(first_sum<Sum>(g, output));
    products.add(g.depthwise ? uintptr_t(offset + output) : offset, reader, sums);
    finish_block(g, sums, target);
}
#if TINYSPARSE_ASSEMBLY
template <class Geometry>
TINYSPARSE_INLINE void window_output(const Geometry& g, const WideProducts<Geometry>& products, uintptr_t,
                                     typename Geometry::Count output, typename Geometry::Reader& reader,
                                     const BlockTarget<Geometry>& target) {
    Sums<int8_t, Geometry::block> values;
    products.values(output, reader, first_sum<Int24>(g, output), values);
    finish_block(g, values, target);
}
#endif

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
