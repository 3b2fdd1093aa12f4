// SPDX-License-Identifier: Apache-2.0
// Convolution, depthwise and pointwise layers: one row of the operation, block after block of neighbouring positions,
// and for each block one output channel after the other.
//   y[x] = requantise(b + sum over ky, c, kx of w[ky][c][kx] * in[ky][x * stride + kx - pad][c])
// A depthwise layer sums over one channel only, its own. Rows of the input hold their channels side by side:
// [width][channels] of int8. Weights stand in the order of use: [output][kernel_height][depth][kernel_width].
//
// `block` neighbouring positions are computed at once, so that one weight is fetched for all of them and each input
// value is fetched once for the kernel_width products it takes part in. The last block overlaps the one before it where
// the width is no multiple. Pointwise layers may have `paired` outputs: two of them are computed at once, so that an
// input value is fetched once for both, and their weights alternate: [output / 2][depth][2], an odd last output alone.
//
// Sums: int16_t where the exporter has proven that 127 * sum|w| + |b| + 2^(shift-1) <= 32767 for every output (128
// after a linear layer). Elsewhere `Sum` has 24 or 32 bits, and products are added up in 16 bits over `run` channels
// first, the longest run for which that is proven; run 0: not even one channel's,
// each product goes to the wide sum at once.
#ifndef TINYSPARSE_1_0_MCU_WINDOW_HPP
#define TINYSPARSE_1_0_MCU_WINDOW_HPP
#include "assembly.hpp"
#include "finish.hpp"
#include "port.hpp"
#include "sums.hpp"
#include "weights.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// One kernel row of one input channel for a block of positions. This is the innermost loop, written out;
/// the place for assembly.
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
            add_weighted<Geometry::Reader::bits>(taps.sums.value[position], taps.weights[tap - position * stride],
                                                 value);
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

/// Where a block lies: how far into each row its first value is, and which of its values lie inside the row. Columns
/// count from the left padding.
template <class Geometry> struct BlockPlace {
    static constexpr uint8_t touched = Taps<Geometry, typename Geometry::Sum>::count;
    uint8_t inside, inside_end;
    uintptr_t offset;

    TINYSPARSE_INLINE BlockPlace(const Geometry& g, typename Geometry::Count x) {
        typedef typename Wider<typename Geometry::Count>::Type Column;
        typedef typename Geometry::Size Size;
        const Column column = Column(Column(x) * g.stride);
        const Column left = Column(g.in_width + g.pad_left - column);
        inside = column < g.pad_left ? uint8_t(g.pad_left - column) : uint8_t(0);
        inside_end = left < touched ? uint8_t(left) : touched;
        offset = uintptr_t(Size(column) * Size(g.in_channels)) - uintptr_t(Size(g.pad_left) * g.in_channels);
    }
    /// A bit for each value that may lie outside, 1 where it lies inside, those on the left first.
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

/// Sums of 16 bits and a depth that fits the assembly's counter.
template <class Geometry> struct UsesAssembly {
    static constexpr bool value = sizeof(typename Geometry::Sum) == 2 && Geometry::depth <= 255;
};
template <class Geometry,
          bool runs = (sizeof(typename Geometry::Sum) > 2 && Geometry::run > 0 && Geometry::depth <= 255)>
struct ProductsOf {
    typedef BlockProducts<Geometry, UsesAssembly<Geometry>::value> Type;
};
template <class Geometry> struct ProductsOf<Geometry, true> { typedef RunProducts<Geometry> Type; };
#else
template <class Geometry> struct UsesAssembly { static constexpr bool value = false; };
template <class Geometry> struct ProductsOf { typedef BlockProducts<Geometry, false> Type; };
#endif

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

/// All outputs from `output` on at a block of positions.
template <class Geometry, bool paired> struct BlockOutputs {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, typename Geometry::Size skipped,
                                      BlockTarget<Geometry> target, typename Geometry::Count output) {
        for (; output < g.outputs; ++output) {
            window_output(g, products, offset, output, reader, target);
            if (g.kernel_height > 1 && skipped != 0) reader.skip(skipped);
            target.next_output(g);
        }
    }
};

/// The products of two outputs of a pointwise layer, two positions at a time:
/// sums and values of more would not stay in registers.
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
            // A weight of 8 bits is read when its turn comes, which leaves registers to the values; a smaller one
            // together with the one whose byte it shares.
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

template <class Geometry, bool assembly> struct TwoOutputs {
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

template <class Geometry> struct BlockOutputs<Geometry, true> {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, typename Geometry::Size,
                                      BlockTarget<Geometry> target, typename Geometry::Count output) {
        typedef typename Geometry::Sum Sum;
        for (; output + 1 < g.outputs; output = typename Geometry::Count(output + 2)) {
            Sums<Sum, Geometry::block> one, other;
            one.fill(first_sum<Sum>(g, output));
            other.fill(first_sum<Sum>(g, typename Geometry::Count(output + 1)));
            TwoOutputs<Geometry, UsesAssembly<Geometry>::value>::add(g, *products.rows + offset, reader, one, other);
            finish_block(g, one, target);
            target.next_output(g);
            finish_block(g, other, target);
            target.next_output(g);
        }
        if (g.outputs % 2 != 0) window_output(g, products, offset, output, reader, target);
    }
};

#if TINYSPARSE_ASSEMBLY
/// Whether lines of 3x3 kernels over one channel have the assembly that makes them whole.
template <class Geometry> struct UsesLines {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::kernel_height == 3 &&
                                  Geometry::kernel_width == 3 && Geometry::depth == 1 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
/// Whether pairs of outputs of a pointwise layer do.
template <class Geometry> struct UsesPairs {
    static constexpr bool value = UsesAssembly<Geometry>::value && Geometry::paired && Geometry::Reader::bits != 2 &&
                                  Geometry::pooling == no_pooling && !Geometry::has_residual;
};
template <class Geometry, bool lines = UsesLines<Geometry>::value, bool pairs = UsesPairs<Geometry>::value>
struct AssemblyRow { // makes whole rows of outputs and tells of how many
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
template <class Geometry> struct AssemblyRow<Geometry, false, true> {
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
template <class Geometry> struct AssemblyRow<Geometry, true, false> {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                                          typename Geometry::WeightIndex index,
                                                          const RowTarget<Geometry>& target) {
        // The middle row is always there; rows that are not have weights of 0 over any row.
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
#else
template <class Geometry> struct AssemblyRow {
    static TINYSPARSE_INLINE typename Geometry::Count run(const Geometry&, const int8_t* const*, uint8_t,
                                                          typename Geometry::WeightIndex, const RowTarget<Geometry>&) {
        return 0;
    }
};
#endif

/// One row of all outputs. rows: `count` rows of the input under the kernel. index: the weight of the first output that
/// meets the first of them; each output has `skipped` weights that meet no row.
template <class Geometry>
TINYSPARSE_INLINE void window_row(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                  typename Geometry::WeightIndex index, typename Geometry::Size skipped,
                                  RowTarget<Geometry> target) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::WeightIndex WeightIndex;
    const Count from = AssemblyRow<Geometry>::run(g, rows, count, index, target);
    if (from == g.outputs) return;
    index = WeightIndex(index + WeightIndex(from) * g.kernel_height * g.depth * g.kernel_width);
    target.output += from;
    BlockWalk<Geometry> walk = {0, 0};
    do {
        const BlockPlace<Geometry> place(g, walk.x);
        const typename ProductsOf<Geometry>::Type products = {g, rows, count, place};
        typename Geometry::Reader reader(g.weights(), index);
        BlockOutputs<Geometry, Geometry::paired>::run(g, products, place.offset, reader, skipped,
                                                      BlockTarget<Geometry>(g, target, walk.x, walk.done), from);
    } while (walk.next(g));
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
