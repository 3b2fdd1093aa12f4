// SPDX-License-Identifier: Apache-2.0
// One step of one layer: make the next row if all of its input is ready. A network runs as follows: the deepest layer
// that can make a row does so, until none can; then the next row of the picture comes. So each ring holds only the rows
// that a kernel still needs, and the picture is never in memory.
#ifndef TINYSPARSE_1_0_MCU_LAYER_HPP
#define TINYSPARSE_1_0_MCU_LAYER_HPP
#include "column.hpp"
#include "gather.hpp"
#include "line.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sparse.hpp"
#include "tree.hpp"
#include "window.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// The input and output of a layer: rings of rows, and the number of rows that they have received so far.
template <class Geometry> struct Streams {
    const int8_t* input;
    typename Geometry::Count input_rows;
    const int8_t* residual; ///< This and the members below may be null if the layer does not use them.
    typename Geometry::Count residual_rows;
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
};

/// The kernel over the next row to be made, counted from the padding above the picture.
template <class Geometry> struct RowPlace {
    typedef typename Wider<typename Geometry::Count>::Type Row;
    Row top, bottom, end; ///< Its first row, the one after its last, and the one after the last of the picture.
    /// made: rows made so far.
    TINYSPARSE_INLINE RowPlace(const Geometry& g, typename Geometry::Count made)
        : top(Row(Row(made) * g.stride)), bottom(Row(top + g.kernel_height)), end(Row(Row(g.in_height) + g.pad_top)) {}
};

/// Whether a convolution, depthwise or pointwise layer has a row to make, and all input for it. made: rows of the
/// operation so far. The answer is mostly no, so a network asks before it calls the code that needs all registers.
template <class Geometry>
TINYSPARSE_INLINE bool window_ready(const Geometry& g, typename Geometry::Count made,
                                    typename Geometry::Count input_rows, typename Geometry::Count residual_rows) {
    typedef typename RowPlace<Geometry>::Row Row;
    if (made == g.rows) return false;
    const RowPlace<Geometry> place(g, made);
    if (Row(Row(input_rows) + g.pad_top) < (place.bottom < place.end ? place.bottom : place.end)) return false;
    return !(g.has_residual && residual_rows <= made);
}

/// Makes the next row of a layer that is ready.
/// MakeRow makes one row: WindowRow, ColumnRow, ListRow, StraightRow, or a choice among kernels, as on the host. It is
/// told last how many of the rows under the kernel lie one after the other before the ring turns.
template <class MakeRow, class Geometry>
TINYSPARSE_INLINE void window_make(const Geometry& g, typename Geometry::Count& made,
                                   const Streams<Geometry>& streams) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Geometry::WeightIndex WeightIndex;
    typedef typename RowPlace<Geometry>::Row Row;
    const RowPlace<Geometry> place(g, made);
    const Row top = place.top, bottom = place.bottom, end = place.end;
    // 1: the rows under the kernel, without those of the padding
    const int8_t* rows[Geometry::kernel_height_limit];
    const Row first = top < g.pad_top ? Row(g.pad_top) : top, last = bottom < end ? bottom : end;
    const uint8_t count = uint8_t(last - first);
    const Size row_bytes = Size(Size(g.in_width) * g.in_channels);
    const int8_t* const ring_end = streams.input + Size(Size(g.in_ring) * row_bytes);
    const Count slot = ring_place(Count(first - g.pad_top), Count(g.in_ring), Count(g.in_height));
    rows[0] = streams.input + Size(Size(slot) * row_bytes);
    const bool turns = g.in_ring < g.in_height && Count(g.in_ring - slot) < count;
    for (uint8_t i = 1; Geometry::kernel_height_limit > 1 && !MakeRow::walks && i < count; ++i) {
        rows[i] = rows[i - 1] + row_bytes;
        if (rows[i] == ring_end) rows[i] = streams.input;
    }
    // 2: the place of the results
    const Count out = Count(made / g.pool_height);
    RowTarget<Geometry> target = {streams.output + ring_offset<Size>(out, Count(g.out_ring), Count(g.out_height),
                                                                     Size(Size(g.out_width) * g.outputs)),
                                  streams.pool_sums, streams.residual, Count(made - Count(out * g.pool_height))};
    if (g.has_residual)
        target.residual += ring_offset<Size>(made, Count(g.residual_ring), Count(g.residual_height),
                                             Size(Size(g.residual_width) * g.outputs));
    // 3: one block of positions after the other
    // lists are found one by one, and the groups of a column differ in size
    const Size row_weights = g.sparse || MakeRow::by_rows ? Size(1) : Size(Size(g.depth) * g.kernel_width);
    MakeRow::run(g, rows, count, WeightIndex(WeightIndex(first - top) * row_weights),
                 Size(Size(g.kernel_height - count) * row_weights), target, turns ? uint8_t(g.in_ring - slot) : count);
    ++made;
}

/// Makes the next row if the layer is ready. Returns whether it was.
template <class MakeRow, class Geometry>
TINYSPARSE_INLINE bool window_step(const Geometry& g, typename Geometry::Count& made,
                                   const Streams<Geometry>& streams) {
    if (!window_ready(g, made, streams.input_rows, streams.residual_rows)) return false;
    window_make<MakeRow>(g, made, streams);
    return true;
}

/// The row of a layer that stores every weight.
struct WindowRow : RowMaker {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex index, typename Geometry::Size skipped,
                                      const RowTarget<Geometry>& target, uint8_t) {
        window_row(g, rows, count, index, skipped, target);
    }
};
/// The row of such a layer over a column, whose outputs are computed in groups.
struct ColumnRow : RowMaker {
    static constexpr bool by_rows = true, walks = TINYSPARSE_ASSEMBLY;
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex above, typename Geometry::Size absent,
                                      const RowTarget<Geometry>& target, uint8_t together) {
        column_row(g, rows, count, together, uint8_t(above), uint8_t(absent), target);
    }
};
/// The row of a layer that stores lists of its nonzero weights.
struct ListRow : RowMaker {
    template <class Geometry>
    static TINYSPARSE_INLINE void run(const Geometry& g, const int8_t* const* rows, uint8_t count,
                                      typename Geometry::WeightIndex above, typename Geometry::Size absent,
                                      const RowTarget<Geometry>& target, uint8_t) {
        sparse_window_row(g, rows, count, uint8_t(above), uint8_t(absent), target);
    }
};

/// Sets the first values of the sums of a dense layer (or of a depthwise kernel as large as its input). Several heads
/// share one set of sums; all heads after the first add to it.
template <class Geometry> void gather_begin(const Geometry& g, int32_t* sums) {
    typedef typename Geometry::Count Count;
    for (Count output = 0; output < g.outputs; ++output)
        sums[output] = (g.adds ? sums[output] : 0) + first_sum<int32_t>(g, output);
}

/// Takes in one input row; after the last, computes the outputs. made: input rows so far.
template <class Geometry>
TINYSPARSE_INLINE bool gather_step(const Geometry& g, typename Geometry::Count& made, int32_t* sums,
                                   const Streams<Geometry>& streams) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    if (made == g.in_height || streams.input_rows <= made) return false;
    if (g.has_residual && streams.residual_rows == 0) return false;
    const int8_t* input =
        streams.input + ring_offset<Size>(made, Count(g.in_ring), Count(g.in_height), Size(g.row_size));
    Geometry::Operation::row(g, input, made, sums);
    ++made;
    if (g.head || made != g.in_height) return true;
    for (Count output = 0; output < g.outputs; ++output)
        streams.output[output] = requantise(sums[output], g.shift, g.lowest);
    if (g.has_residual) add_residual(g, streams.output, Count(g.outputs), streams.residual);
    return true;
}

/// A dense layer that stores every weight.
struct Dense {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        dense_row(g, input, row, sums);
    }
};
/// A depthwise layer over its whole input that stores every weight.
struct WholeDepthwise {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        depthwise_row(g, input, row, sums);
    }
};

/// For dense layers, and depthwise ones, whose lists hold the nonzero weights.
struct SparseLists {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                      int32_t* sums) {
        sparse_row(g, input, row, sums);
    }
};

/// A tree head, whose rows are ListRows or DenseRows.
template <template <class> class Rows> struct Tree {
    template <class Geometry>
    static TINYSPARSE_INLINE void row(const Geometry& g, const int8_t* input, typename Geometry::Count, int32_t* sums) {
        tree<Rows<Geometry>>(g, input, sums);
    }
};

/// The class with the largest logit, the lowest one on a tie.
inline uint8_t largest(const int32_t* logits, uint8_t classes) {
    uint8_t best = 0;
    for (uint8_t i = 1; i < classes; ++i)
        if (logits[i] > logits[best]) best = i;
    return best;
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
