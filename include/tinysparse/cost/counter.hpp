// SPDX-License-Identifier: Apache-2.0
// What the headers that count a kernel each (input, window, taps, sparse, finish, gather) write to.
#pragma once
#include <algorithm>

#include "tinysparse/cost/assembly.hpp"
#include "tinysparse/cost/counts.hpp"

namespace tinysparse::cost {

/// A layer's kernel, and what of its lists, its code and its biases is counted beside it.
struct CountedKernel : fixed::DeviceKernel {
    double headers = 0, entries = 0; ///< In all lists of a sparse format.
    double line_cycles = 0;          ///< Straight-line code over a whole sample, without what follows the sums.
    int bias_bytes = 0;              ///< Bytes of one bias.
};

namespace detail {

inline bool is_power(int n) { return (n & (n - 1)) == 0; }

/// What has been counted so far. assembly: whether the chip has the loops in assembly, which need `muls`.
struct Counter {
    const fixed::Layout& layout;
    const bool assembly;
    Work work{};
    Code code{};

    /// A piece of assembly that runs `times` times; `copies` of it are compiled in.
    void add(const Instructions& piece, double times, double copies = 1) {
        work.counts[Work::assembly] += times * piece.cycles;
        code.counts[Code::assembly] += 2 * copies * piece.words;
    }

    /// A ring that is neither all rows nor one takes a remainder; for rows `first` ... `last` - 1, each `times` times.
    void ring(int ring, int height, int first, int last, double times = 1) {
        if (ring >= height || is_power(ring)) return;
        code.counts[Code::rings] += 1;
        for (int row = std::max(0, first); row < last; ++row)
            work.counts[Work::ring_turns] +=
                times * (row / (16 * ring) + row % (16 * ring) / (4 * ring) + row % (4 * ring) / ring);
    }
};

} // namespace detail

} // namespace tinysparse::cost
