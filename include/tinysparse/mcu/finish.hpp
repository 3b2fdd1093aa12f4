// SPDX-License-Identifier: Apache-2.0
// The work after the sums of an operation, for one output channel at a block of positions:
//   requantisation  y = clamp((s + 2^(shift-1)) >> shift)
//   residual sum    y = limited(round(y * 2^-own_shift) + round(r * 2^-residual_shift), lowest)
//   pooling         the maximum, or (sum * multiplier + 2^(shift-1)) >> shift over pool_height x pool_width
// and the store into the output's ring of rows. An unfinished maximum is kept in the output itself; sums of an
// unfinished average have memory of their own. Rows and columns that a pooling drops never get here.
//
// `cells` of a geometry: whole pools in a block, if blocks and pools keep step. Then pools are made in registers, and
// for a maximum only the largest sum is requantised, since that keeps the order. 0: they do not keep step.
#ifndef TINYSPARSE_1_0_MCU_FINISH_HPP
#define TINYSPARSE_1_0_MCU_FINISH_HPP
#include "assembly.hpp"
#include "line.hpp"
#include "port.hpp"
#include "requantise.hpp"
#include "sums.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// The place of a row of results. phase: its number within the pools.
template <class Geometry> struct RowTarget {
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    typename Geometry::Count phase;
};

/// What a maker of rows is given. by_rows: numbers of kernel rows that meet no input, not of weights; walks: the place
/// of the first input row alone, since it finds the others itself.
struct RowMaker {
    static constexpr bool by_rows = false, walks = false;
};

/// The blocks of a row, one after the other. The last one overlaps the one before if the width is not a multiple.
template <class Geometry> struct BlockWalk {
    typedef typename Geometry::Count Count;
    Count x;      ///< The block's first position.
    uint8_t done; ///< Number of its positions that the block before contained.

    /// False if there is no further block.
    TINYSPARSE_INLINE bool next(const Geometry& g) {
        if (Count(x + Geometry::block) >= g.width) return false;
        x = Count(x + Geometry::block);
        if (x > g.width - Geometry::block) {
            done = uint8_t(x - Count(g.width - Geometry::block));
            x = Count(g.width - Geometry::block);
        }
        return true;
    }
};

/// The place of a block of the current output channel, from position x on. done: number of its positions that are
/// already stored.
template <class Geometry> struct BlockTarget {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    int8_t* output;
    typename Geometry::PoolSum* pool_sums;
    const int8_t* residual;
    Count column; ///< Column of the first new position within its pool, if pools and blocks are out of step.
    uint8_t done;
    bool first_row, last_row; ///< First and last row of the pools.

    /// The block at positions x ... of a row.
    TINYSPARSE_INLINE BlockTarget(const Geometry& g, const RowTarget<Geometry>& row, Count x, uint8_t positions_done)
        : output(row.output), pool_sums(row.pool_sums), residual(row.residual), column(0), done(positions_done),
          first_row(row.phase == 0), last_row(Count(row.phase + 1) == g.pool_height) {
        if (g.has_residual) residual += Size(Size(x) * g.outputs);
        Count cell = x;
        if (g.pooling != no_pooling) {
            if (Geometry::cells == 0) x = Count(x + done);
            cell = g.out_width == 1 ? Count(0) : Count(x / g.pool_width);
            column = Count(x - Count(cell * g.pool_width));
        }
        output += Size(Size(cell) * g.outputs);
        if (g.pooling == average_pooling) pool_sums += Size(Size(cell) * g.outputs);
    }
    /// Moves on to the next output channel at the same positions.
    TINYSPARSE_INLINE void next_output(const Geometry& g) {
        ++output;
        if (g.has_residual) ++residual;
        if (g.pooling == average_pooling) ++pool_sums;
    }
};

/// From sums to values, with the residual added. Sum: int8_t if assembly has requantised them.
template <class Geometry, class Sum> struct Values {
    const Geometry& geometry;
    const Sums<Sum, Geometry::block>& sums;
    const int8_t* residual;

    /// Value of position i, -128..127.
    template <uint8_t i> TINYSPARSE_INLINE int8_t value() const {
        const int8_t own = requantise(sums.value[i], geometry.shift, geometry.lowest);
        if (!geometry.has_residual) return own;
        return residual_sum(geometry, own, residual[typename Geometry::Size(i * geometry.outputs)]);
    }
};

/// Without pooling.
template <class Geometry, class Sum> struct StoreBlock {
    Values<Geometry, Sum> values;
    int8_t* output;
    template <uint8_t i> TINYSPARSE_INLINE void at() {
        int8_t value = values.template value<i>();
        keep_byte(value); // otherwise avr-gcc stores it twice
        *output = value;
        output += typename Geometry::Size(values.geometry.outputs);
    }
};

/// Pools in step with blocks.
template <class Geometry, class Sum, bool in_step> struct PoolBlock {
    static constexpr uint8_t pool_width = Geometry::block / Geometry::cells;
    Values<Geometry, Sum> values;
    BlockTarget<Geometry> target;

    /// Maximum before requantisation, which keeps the order.
    struct LargestSum {
        const Values<Geometry, Sum>& values;
        Sum largest;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            if (values.sums.value[i] > largest) largest = values.sums.value[i];
        }
    };
    /// Maximum after the residual was added.
    struct LargestValue {
        const Values<Geometry, Sum>& values;
        int8_t largest;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            const int8_t value = values.template value<i>();
            if (value > largest) largest = value;
        }
    };
    /// Sum of a pool's values.
    struct Total {
        const Values<Geometry, Sum>& values;
        typename Geometry::PoolSum sum;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sum = typename Geometry::PoolSum(sum + values.template value<i>());
        }
    };
    /// Maximum of a pool's columns in this row.
    template <uint8_t cell> TINYSPARSE_INLINE int8_t largest() const {
        static constexpr uint8_t begin = uint8_t(cell * pool_width), end = uint8_t(begin + pool_width);
        if (values.geometry.has_residual) {
            LargestValue body = {values, values.template value<begin>()};
            Unrolled<uint8_t(begin + 1), end>::run(body);
            return body.largest;
        }
        LargestSum body = {values, values.sums.value[begin]};
        Unrolled<uint8_t(begin + 1), end>::run(body);
        return requantise(body.largest, values.geometry.shift, values.geometry.lowest);
    }
    /// Adds a pool's columns in this row; stores the average after its last row.
    template <uint8_t cell> TINYSPARSE_INLINE void average() const {
        static constexpr uint8_t begin = uint8_t(cell * pool_width), end = uint8_t(begin + pool_width);
        Total body = {values, target.first_row ? typename Geometry::PoolSum(0) : *target.pool_sums};
        Unrolled<begin, end>::run(body);
        if (target.last_row)
            *target.output = averaged(body.sum, values.geometry.pool_multiplier, values.geometry.pool_shift);
        else
            *target.pool_sums = body.sum;
    }
    template <uint8_t cell> TINYSPARSE_INLINE void at() {
        if (values.geometry.pooling == maximum_pooling) {
            const int8_t found = largest<cell>();
            if (target.first_row || found > *target.output) *target.output = found;
        } else {
            if (cell * pool_width >= target.done) average<cell>();
            target.pool_sums += typename Geometry::Size(values.geometry.outputs);
        }
        target.output += typename Geometry::Size(values.geometry.outputs);
    }
    /// Pools the block.
    TINYSPARSE_INLINE void run() { Unrolled<0, Geometry::cells>::run(*this); }
};

/// Any pool, position by position.
template <class Geometry, class Sum> struct PoolBlock<Geometry, Sum, false> {
    Values<Geometry, Sum> values;
    BlockTarget<Geometry> target;

    struct Collect {
        const Values<Geometry, Sum>& values;
        int8_t* out;
        template <uint8_t i> TINYSPARSE_INLINE void at() { out[i] = values.template value<i>(); }
    };
    TINYSPARSE_INLINE void run() {
        const Geometry& g = values.geometry;
        int8_t found[Geometry::block];
        Collect collect = {values, found};
        Unrolled<0, Geometry::block>::run(collect);
        for (uint8_t i = target.done; i < Geometry::block; ++i) {
            const bool first = target.first_row && target.column == 0;
            const bool ends = typename Geometry::Count(target.column + 1) == g.pool_width;
            if (g.pooling == maximum_pooling) {
                if (first || found[i] > *target.output) *target.output = found[i];
            } else {
                const typename Geometry::PoolSum sum =
                    typename Geometry::PoolSum((first ? typename Geometry::PoolSum(0) : *target.pool_sums) + found[i]);
                if (target.last_row && ends)
                    *target.output = averaged(sum, g.pool_multiplier, g.pool_shift);
                else
                    *target.pool_sums = sum;
            }
            ++target.column;
            if (!ends) continue;
            target.column = 0;
            target.output += typename Geometry::Size(g.outputs);
            if (g.pooling == average_pooling) target.pool_sums += typename Geometry::Size(g.outputs);
        }
    }
};

#if TINYSPARSE_ASSEMBLY
template <class Geometry, class Sum> struct StoreFast {
    static TINYSPARSE_INLINE bool run(const Sums<Sum, Geometry::block>&, int8_t*) { return false; }
};
template <class Geometry> struct StoreFast<Geometry, int16_t> {
    static TINYSPARSE_INLINE bool run(const Sums<int16_t, Geometry::block>& sums, int8_t* output) {
        StoreAssembly<Geometry>::run(sums, output);
        return true;
    }
};
#endif

/// All work after the sums of a block.
template <class Geometry, class Sum>
TINYSPARSE_INLINE void finish_block(const Geometry& g, const Sums<Sum, Geometry::block>& sums,
                                    const BlockTarget<Geometry>& target) {
    if (g.pooling == no_pooling) {
#if TINYSPARSE_ASSEMBLY
        if (!g.has_residual && StoreFast<Geometry, Sum>::run(sums, target.output)) return;
#endif
        StoreBlock<Geometry, Sum> store = {{g, sums, target.residual}, target.output};
        Unrolled<0, Geometry::block>::run(store);
    } else {
        PoolBlock<Geometry, Sum, (Geometry::cells > 0)> pool = {{g, sums, target.residual}, target};
        pool.run();
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
