// SPDX-License-Identifier: Apache-2.0
// Counter, to which the headers that count one kernel each (input, window, taps, sparse, finish, gather) add their
// counts.
#pragma once
#include <algorithm>

#include "tinysparse/cost/assembly.hpp"
#include "tinysparse/cost/counts.hpp"

namespace tinysparse::cost {

/// A layer's kernel, with the sizes of its lists, code and biases that are counted as well.
struct CountedKernel : fixed::DeviceKernel {
    double headers = 0, entries = 0; ///< In all lists of a sparse format.
    double line_cycles = 0;          ///< Straight-line code per sample, without the work after the sums.
    int bias_bytes = 0;              ///< Bytes of one bias.
};

namespace detail {

inline bool is_power(int n) { return (n & (n - 1)) == 0; }

/// The counts so far. assembly: whether the chip has the loops in assembly, which need `mul`.
struct Counter {
    const fixed::Layout& layout;
    const bool assembly;
    Work work{};
    Code code{};

    /// Adds a piece of assembly that runs `times` times and is compiled in `copies` times.
    void add(const Instructions& piece, double times, double copies = 1) {
        work.counts[Work::assembly] += times * piece.cycles;
        code.counts[Code::assembly] += 2 * copies * piece.words;
    }

    /// Adds the remainders of ring positions, needed unless the ring holds all rows or a power of two of them: for rows
    /// `first` ... `last` - 1, each `times` times.
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
