// SPDX-License-Identifier: Apache-2.0
// Layers whose weights are mostly zero: only the others are stored, each with its distance from the one before.
//
// A list holds the nonzero weights of one output that meet one row of the input, in the order of the row in memory. It
// begins with a byte that counts entries, at most 127. Bit 7 of it says that another such byte with more entries of the
// same list follows; this happens if the sum of more entries might not fit 16 bits, or if there are more than 127. Each
// entry counts from the input value after that of the entry before:
//   PairEntries     two bytes: values to skip, 0..255; the weight
//   NibbleEntries   one byte: values to skip, 0..15, in the low half; the weight + 8 in the high half
//   TernaryEntries  one byte: twice the values to skip, 0..127; + 1 if the weight is -1
// Longer skips need entries of weight 0 in between; ternary lists have no such weight, so they cannot skip more.
//
// Moving kernels store the lists of an output for all kernel rows, then those of the next output. Layers that gather
// store the lists of all outputs (a depthwise one: of all channels) for each input row. If there are several rows, the
// offset of each row's first list comes first, two bytes per row, low byte first.
#ifndef TINYSPARSE_1_0_MCU_SPARSE_HPP
#define TINYSPARSE_1_0_MCU_SPARSE_HPP
#include "finish.hpp"
#include "port.hpp"
#include "sparse_assembly.hpp"
#include "sums.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Reads entries of two bytes: values to skip, weight.
struct PairEntries {
    static constexpr uint8_t kind = 0;  ///< Used by the assembly.
    static constexpr uint8_t bytes = 2; ///< Bytes per entry.
    const uint8_t* at;

    /// Begins the next entry and returns the number of input values to skip.
    TINYSPARSE_INLINE uint8_t skipped() { return read_flash_step(at); }
    /// Ends the entry: adds the product to the sums of `body`.
    template <class Body> TINYSPARSE_INLINE void product(Body& body) { body.multiply(int8_t(read_flash_step(at))); }
};

/// Reads entries of one byte: four bits to skip, four of weight.
struct NibbleEntries {
    static constexpr uint8_t kind = 1, bytes = 1;
    const uint8_t* at;
    uint8_t entry;

    /// As PairEntries::skipped().
    TINYSPARSE_INLINE uint8_t skipped() {
        entry = read_flash_step(at);
        return uint8_t(entry & 15);
    }
    /// As PairEntries::product().
    template <class Body> TINYSPARSE_INLINE void product(Body& body) { body.multiply(int8_t(uint8_t(entry >> 4) - 8)); }
};

/// Adds and subtracts only, so that chips without a multiplier need none.
struct TernaryEntries {
    static constexpr uint8_t kind = 2, bytes = 1;
    const uint8_t* at;
    uint8_t entry;

    /// As PairEntries::skipped().
    TINYSPARSE_INLINE uint8_t skipped() {
        entry = read_flash_step(at);
        return uint8_t(entry >> 1);
    }
    /// As PairEntries::product().
    template <class Body> TINYSPARSE_INLINE void product(Body& body) {
        if ((entry & 1) != 0)
            body.subtract();
        else
            body.add();
    }
};

/// Entries from an address on.
template <class Entries> TINYSPARSE_INLINE Entries entries_at(const uint8_t* lists) {
    Entries entries = Entries();
    entries.at = lists;
    return entries;
}

/// Skips a list.
template <class Entries> TINYSPARSE_INLINE void skip_list(Entries& entries) {
    for (;;) {
        const uint8_t header = read_flash_step(entries.at);
        entries.at += uint16_t(uint8_t(header & 127) * uint16_t(Entries::bytes));
        if (header < 128) return;
    }
}

/// Adds one product to one sum.
struct OneProduct {
    int16_t& sum;
    int8_t value;
    /// For a weight of any value.
    TINYSPARSE_INLINE void multiply(int8_t weight) { add_product(sum, weight, value); }
    /// For a weight of 1.
    TINYSPARSE_INLINE void add() { sum = int16_t(sum + value); }
    /// For a weight of -1.
    TINYSPARSE_INLINE void subtract() { sum = int16_t(sum - value); }
};

/// Adds the product of the next entry; `input` points behind its value then.
template <class Entries> TINYSPARSE_INLINE void add_entry(const int8_t*& input, Entries& entries, int16_t& sum) {
    input += entries.skipped();
    OneProduct body = {sum, load_step(input)};
    entries.product(body);
}

/// Reads the entries of one count. Returns whether another count follows.
template <class Entries> TINYSPARSE_INLINE bool add_count(const int8_t*& input, Entries& entries, int16_t& sum) {
    const uint8_t header = read_flash_step(entries.at);
    if ((header & 1) != 0) add_entry(input, entries, sum);
    if ((header & 2) != 0) {
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
    }
    for (uint8_t fours = uint8_t(uint8_t(header & 127) >> 2); fours != 0; --fours) {
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
        add_entry(input, entries, sum);
    }
    return header >= 128;
}

/// Adds what one input row contributes to one output, or to one channel of a depthwise layer.
template <class Entries> TINYSPARSE_INLINE void add_list(const int8_t* input, Entries& entries, int32_t& sum) {
    for (bool more = true; more;) {
        int16_t narrow = 0;
        more = add_count(input, entries, narrow);
        sum += narrow;
    }
}
/// The same if 16 bits hold the sum.
template <class Entries> TINYSPARSE_INLINE void add_list(const int8_t* input, Entries& entries, int16_t& sum) {
#if TINYSPARSE_ASSEMBLY
    sparse_list_assembly(input, entries, sum);
#else
    while (add_count(input, entries, sum)) {
    }
#endif
}

/// Adds one input row to the sums of all outputs, or sets them.
template <class Geometry>
TINYSPARSE_NOINLINE void sparse_row(const Geometry& g, const int8_t* input, typename Geometry::Count row,
                                    int32_t* sums) {
    typedef typename Geometry::Entries Entries;
    const uint8_t* lists = g.weights();
    if (g.in_height > 1) lists += uint16_t(read_flash_16(lists + 2 * uint16_t(row)));
    Entries entries = entries_at<Entries>(lists);
    if (g.sets) {
        for (typename Geometry::Count output = 0; output < g.outputs; ++output, ++sums) {
            keep_counting(output);
            int16_t sum = first_sum<int16_t>(g, output);
            add_list(input, entries, sum);
            *sums = sum;
        }
        return;
    }
#if TINYSPARSE_ASSEMBLY
    for (typename Geometry::Count left = g.outputs; left != 0;) {
        const uint8_t outputs = left < 255 ? uint8_t(left) : uint8_t(255);
        sparse_row_assembly(input, outputs, entries, sums);
        left = typename Geometry::Count(left - outputs);
        sums += outputs;
    }
#else
    for (typename Geometry::Count left = g.outputs; left != 0; --left, ++sums) add_list(input, entries, *sums);
#endif
}

/// The values of one row that an entry meets at the positions of a block, one after the other. checked: some of them
/// may lie outside the row and count as zeros.
template <class Geometry, bool checked> struct BlockValues {
    const Geometry& geometry;
    const int8_t* at;

    /// offset: of the value at the block's first position.
    TINYSPARSE_INLINE BlockValues(const Geometry& g, const int8_t* row, uintptr_t offset)
        : geometry(g), at(reinterpret_cast<const int8_t*>(reinterpret_cast<uintptr_t>(row) + offset)) {}
    /// Moves on by this number of values, at all positions.
    TINYSPARSE_INLINE void skip(uint8_t count) { at += count; }
    /// The value of position i. After the last one comes the first one again.
    template <uint8_t i> TINYSPARSE_INLINE int8_t next() {
        typedef typename Geometry::Size Size;
        const int8_t value = load_step(at);
        if (i + 1 < Geometry::block)
            at += Size(Size(geometry.in_channels) * geometry.stride - 1);
        else
            at -= Size(Size((Geometry::block - 1) * geometry.in_channels) * geometry.stride + 1);
        return value;
    }
};
template <class Geometry> struct BlockValues<Geometry, true> {
    const Geometry& geometry;
    const int8_t* row;
    uintptr_t offset; ///< Wraps around if the first value lies left of the row.

    TINYSPARSE_INLINE BlockValues(const Geometry& g, const int8_t* first, uintptr_t from)
        : geometry(g), row(first), offset(from) {}
    TINYSPARSE_INLINE void skip(uint8_t count) { offset += count; }
    template <uint8_t i> TINYSPARSE_INLINE int8_t next() const {
        typedef typename Geometry::Size Size;
        const uintptr_t own = offset + uintptr_t(Size(Size(i * geometry.in_channels) * geometry.stride));
        return own < uintptr_t(Size(Size(geometry.in_width) * geometry.in_channels)) ? row[own] : int8_t(0);
    }
};

/// Adds the products of an entry to the sums of a block.
template <class Values, class Sum, uint8_t block> struct BlockProduct {
    Values& values;
    Sums<Sum, block>& sums;

    /// One step of multiply().
    struct Multiply {
        Values& values;
        Sums<Sum, block>& sums;
        int8_t weight;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            add_product(sums.value[i], weight, values.template next<i>());
        }
    };
    /// One step of add().
    struct Add {
        Values& values;
        Sums<Sum, block>& sums;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sums.value[i] = Sum(sums.value[i] + values.template next<i>());
        }
    };
    /// One step of subtract().
    struct Subtract {
        Values& values;
        Sums<Sum, block>& sums;
        template <uint8_t i> TINYSPARSE_INLINE void at() {
            sums.value[i] = Sum(sums.value[i] - values.template next<i>());
        }
    };
    /// For a weight of any value.
    TINYSPARSE_INLINE void multiply(int8_t weight) {
        Multiply body = {values, sums, weight};
        Unrolled<0, block>::run(body);
    }
    /// For a weight of 1.
    TINYSPARSE_INLINE void add() {
        Add body = {values, sums};
        Unrolled<0, block>::run(body);
    }
    /// For a weight of -1.
    TINYSPARSE_INLINE void subtract() {
        Subtract body = {values, sums};
        Unrolled<0, block>::run(body);
    }
};

/// The products of `count` entries at a block of positions, in 16 bits.
template <class Entries, class Values, uint8_t block>
TINYSPARSE_INLINE void add_entries(uint8_t count, Values& values, Entries& entries, Sums<int16_t, block>& sums) {
    if (count == 0) return;
    keep_counting(count); // otherwise the loop would begin with the test that it ends with
    do {
        values.skip(entries.skipped());
        BlockProduct<Values, int16_t, block> body = {values, sums};
        entries.product(body);
        values.skip(1);
    } while (--count != 0);
}

/// A list at a block of positions: into sums of 16 bits, or through such sums into wide ones.
template <class Sum> struct BlockList {
    /// Adds all entries of a list. values: of the row that it meets.
    template <class Entries, class Values, uint8_t block>
    static TINYSPARSE_INLINE void add(Values values, Entries& entries, Sums<Sum, block>& sums) {
        for (;;) {
            const uint8_t header = read_flash_step(entries.at);
            Sums<int16_t, block> narrow;
            narrow.fill(0);
            add_entries(uint8_t(header & 127), values, entries, narrow);
            sums.add(narrow);
            if (header < 128) return;
        }
    }
};
template <> struct BlockList<int16_t> {
    template <class Entries, class Values, uint8_t block>
    static TINYSPARSE_INLINE void add(Values values, Entries& entries, Sums<int16_t, block>& sums) {
        for (;;) {
            const uint8_t header = read_flash_step(entries.at);
            add_entries(uint8_t(header & 127), values, entries, sums);
            if (header < 128) return;
        }
    }
};

/// The rows of the input under the kernel, and the number of kernel rows above and below that meet none.
struct KernelRows {
    const int8_t* const* rows;
    uint8_t count, above, below;
};

/// The lists of one output over all rows at a block of positions.
template <class Geometry, bool assembly> struct SparseProducts {
    /// Adds the lists of all rows under the kernel.
    template <bool checked>
    static TINYSPARSE_INLINE void add(const Geometry& g, const KernelRows& under, uintptr_t offset,
                                      typename Geometry::Entries& entries,
                                      Sums<typename Geometry::Sum, Geometry::block>& sums) {
        const int8_t* const* const end = under.rows + under.count;
        for (const int8_t* const* row = under.rows; row != end; ++row)
            BlockList<typename Geometry::Sum>::add(BlockValues<Geometry, checked>(g, *row, offset), entries, sums);
    }
};
#if TINYSPARSE_ASSEMBLY
template <class Geometry> struct SparseProducts<Geometry, true> {
    template <bool>
    static TINYSPARSE_INLINE void add(const Geometry&, const KernelRows& under, uintptr_t offset,
                                      typename Geometry::Entries& entries, Sums<int16_t, Geometry::block>& sums) {
        SparseBlockAssembly<Geometry>::run(under.rows, under.count, offset, entries, sums);
    }
};
#endif

/// All outputs at a block of positions.
template <class Geometry, bool checked> struct SparseOutputs {
    static TINYSPARSE_INLINE void run(const Geometry& g, const KernelRows& under, uintptr_t offset,
                                      BlockTarget<Geometry> target) {
        typedef typename Geometry::Count Count;
        typedef typename Geometry::Entries Entries;
        typedef typename Geometry::Sum Sum;
        Entries entries = entries_at<Entries>(g.weights());
        for (Count output = 0; output < g.outputs; ++output) {
            Sums<Sum, Geometry::block> sums;
            sums.fill(first_sum<Sum>(g, output));
            for (uint8_t i = under.above; i != 0; --i) skip_list(entries);
            SparseProducts<Geometry, (TINYSPARSE_ASSEMBLY && !checked && sizeof(Sum) == 2)>::template add<checked>(
                g, under, offset, entries, sums);
            for (uint8_t i = under.below; i != 0; --i) skip_list(entries);
            finish_block(g, sums, target);
            target.next_output(g);
            if (g.depthwise) ++offset;
        }
    }
};

/// One row of all outputs. above, absent: number of kernel rows that meet no input above, and in all.
template <class Geometry>
TINYSPARSE_INLINE void sparse_window_row(const Geometry& g, const int8_t* const* rows, uint8_t count, uint8_t above,
                                         uint8_t absent, const RowTarget<Geometry>& target) {
    typedef typename Geometry::Count Count;
    typedef typename Geometry::Size Size;
    typedef typename Wider<Count>::Type Column;
    const KernelRows under = {rows, count, above, uint8_t(absent - above)};
    BlockWalk<Geometry> walk = {0, 0};
    do {
        // Columns count from the left padding.
        const Column column = Column(Column(walk.x) * g.stride);
        const uintptr_t offset =
            uintptr_t(Size(column) * Size(g.in_channels)) - uintptr_t(Size(g.pad_left) * g.in_channels);
        const BlockTarget<Geometry> block(g, target, walk.x, walk.done);
        const bool inside = column >= g.pad_left && Column(column + (Geometry::block - 1) * g.stride +
                                                           g.kernel_width) <= Column(g.in_width + g.pad_left);
        if (g.pad_left + g.pad_right == 0 || inside)
            SparseOutputs<Geometry, false>::run(g, under, offset, block);
        else
            SparseOutputs<Geometry, true>::run(g, under, offset, block);
    } while (walk.next(g));
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
