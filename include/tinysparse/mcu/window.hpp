// SPDX-License-Identifier: Apache-2.0
// Convolution, depthwise and pointwise layers: one row of the operation, block after block of neighbouring positions,
// and for each block one output channel after the other.
//   y[x] = requantise(b + sum over ky, c, kx of w[ky][c][kx] * in[ky][x * stride + kx - pad][c])
// A depthwise layer sums over one channel only, its own. Rows of the input interleave their channels: [width][channels]
// of int8. Weights are in the order of use: [output][kernel_height][depth][kernel_width].
//
// `block` neighbouring positions are computed at once, so that one weight is fetched for all of them, and each input
// value is fetched once for its kernel_width products. The last block overlaps the one before if the width is not a
// multiple.
//
//   window_row         one row of all outputs
//     AssemblyRow      as many outputs as assembly makes in whole lines (lines.hpp)
//     BlockOutputs     the others at one block; PairedOutputs two at a time (pointwise.hpp)
//       BlockProducts  the products of one output, RunProducts in runs of 16 bits (taps.hpp)
//         Taps         one kernel row of one channel, the innermost loop (taps.hpp)
#ifndef TINYSPARSE_1_0_MCU_WINDOW_HPP
#define TINYSPARSE_1_0_MCU_WINDOW_HPP
#include "finish.hpp"
#include "lines.hpp"
#include "pointwise.hpp"
#include "port.hpp"
#include "taps.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// All remaining outputs at a block of positions, one by one.
template <class Geometry, bool paired> struct BlockOutputs {
    template <class Products>
    static TINYSPARSE_INLINE void run(const Geometry& g, const Products& products, uintptr_t offset,
                                      typename Geometry::Reader& reader, const OutputsLeft<Geometry>& left,
                                      BlockTarget<Geometry> target) {
        for (typename Geometry::Count output = left.first; output < g.outputs; ++output) {
            window_output(g, products, offset, output, reader, target);
            if (g.kernel_height > 1 && left.skipped != 0) reader.skip(left.skipped);
            target.next_output(g);
        }
    }
};
template <class Geometry> struct BlockOutputs<Geometry, true> : PairedOutputs<Geometry> {};

/// One row of all outputs. rows: `count` rows of the input under the kernel. index: the weight of the first output that
/// meets the first of them; for each output, `skipped` weights meet no row.
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
    const OutputsLeft<Geometry> left = {from, skipped};
    BlockWalk<Geometry> walk = {0, 0};
    do {
        const BlockPlace<Geometry> place(g, walk.x);
        const typename ProductsOf<Geometry>::Type products = {g, rows, count, place};
        typename Geometry::Reader reader(g.weights(), index);
        BlockOutputs<Geometry, Geometry::paired>::run(g, products, place.offset, reader, left,
                                                      BlockTarget<Geometry>(g, target, walk.x, walk.done));
    } while (walk.next(g));
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
