// SPDX-License-Identifier: Apache-2.0
// Counter, to which the headers that count one kernel each (input, window, taps, sparse, finish, gather) add their
// counts.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "tinysparse/cost/assembly.hpp"
#include "tinysparse/cost/counts.hpp"
#include "tinysparse/fixed/centres.hpp"
#include "tinysparse/fixed/proof.hpp"

namespace tinysparse::cost {

/// A layer's kernel, with the sizes of its lists, code and biases that are counted as well.
struct CountedKernel : fixed::DeviceKernel {
    double headers = 0, entries = 0;    ///< In all lists of a sparse format.
    double line_cycles = 0;             ///< Straight-line code per sample, without the work after the sums.
    int bias_bytes = 0;                 ///< Bytes of one bias.
    double nonzero = 1, negative = 0.5; ///< Shares of the weights that are not zero, and that are negative.
};

/// How raw values of a series become int8: in 16 bits, with runs of channels of equal shift, or by a function of
/// offset and shift. Pictures have neither.
struct CountedInput {
    bool centred = false; ///< True with runs of channels, in 16 bits.
    double shift = 0;     ///< Mean size of the channels' shifts.
    std::vector<fixed::Centres::Run> runs = {};
};

namespace detail {

inline bool is_power(int n) { return (n & (n - 1)) == 0; }

/// The counts so far. assembly: whether the chip has the loops in assembly, which need `mul`.
struct Counter {
    const fixed::Layout& layout;
    const bool assembly;
    Work work{};
    Code code{};
    Frames frames{};

    /// Adds the frame of a window, which holds pointers to the rows under the kernel, `copies` times.
    void frame(std::size_t kind, const fixed::WindowGeometry& g, int copies = 1) {
        const std::size_t finish = g.has_residual || g.pooling == net::Pooling::average ? 2
                                   : g.pooling == net::Pooling::maximum                 ? 1
                                                                                        : 0;
        frames.add(kind + finish, 2.0 * g.kernel_height * copies);
    }

    /// Adds a piece of assembly that runs `times` times and is compiled in `copies` times.
    void add(const Instructions& piece, double times, double copies = 1) {
        work.counts[Work::assembly] += times * piece.cycles;
        code.counts[Code::assembly] += 2 * copies * piece.words;
    }

    /// Notes products of a layer on a chip that cannot multiply. Those of a weight or value of 0 end at once, those of
    /// a value that may be negative late. nonzero, negative: shares of weights that are so.
    void products(std::size_t index, double products, double nonzero, double negative) {
        if (assembly) return;
        work.counts[Work::multiplied] += products * nonzero;
        work.counts[Work::zero_products] += products * (1 - nonzero);
        if (!layout.series() && layout.spec().layers[index].input == net::picture)
            work.counts[Work::picture_multiplied] += products * nonzero;
        if (fixed::input_bound(layout.spec(), layout.series(), index) < 128) {
            work.counts[Work::negative_products] += products * negative;
            return;
        }
        work.counts[Work::signed_products] += products;
        work.counts[Work::signed_multiplied] += products * nonzero;
    }

    /// Adds the remainders of ring positions, needed unless the ring holds all rows or a power of two of them: for rows
    /// `first` ... `last` - 1, each `times` times.
    void ring(int ring, int height, int first, int last, double times = 1) {
        if (ring >= height || is_power(ring)) return;
        code.counts[Code::rings] += 1;
        for (int row = std::max(0, first); row < last; ++row) turn(row, ring, times);
    }
    /// Counts the subtractions that find a row's place in a ring; a byte takes none where the chip multiplies.
    void turn(int row, int ring, double times) {
        if (is_power(ring) || (assembly && layout.plan().counter_bytes == 1)) return;
        work.counts[Work::ring_turns] +=
            times * (row / (16 * ring) + row % (16 * ring) / (4 * ring) + row % (4 * ring) / ring);
    }
};

} // namespace detail

} // namespace tinysparse::cost
