// SPDX-License-Identifier: Apache-2.0
// Tree head: a shallow tree over a vector z of int8. All nodes of a path give scores (Kumar, Goyal, Varma 2017).
//   logits[c] = sum over the nodes k of the path of  q(W[k][c] . z) * t(V[k][c] . z)
//   q(s) = clamp((s + 2^(b-1)) >> b, -4096, 4095)                          b = score_shift, 1..14
//   t(s) = 127 tanh(u / 32) by a table, u = clamp((s + 2^(a-1)) >> a, -127, 127)    a = tanh_shift, 1..14
// From node k the path goes to node 2k + 2 if theta[k] . z > 0, else to 2k + 1; it ends at `depth`. Rows of a node:
// theta (unless it is a leaf), W of all classes, V of all classes. Only nodes on the path are read.
// Sums of rows are below 2^24 (proven), a logit is at most 7 * 4096 * 127 < 2^22.
#ifndef TINYSPARSE_1_0_MCU_TREE_HPP
#define TINYSPARSE_1_0_MCU_TREE_HPP
#include "gather.hpp"
#include "port.hpp"
#include "sparse.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// gates[i] = round(127 tanh(i / 32)).
template <class Unused> struct TreeTable { static const uint8_t gates[128] TINYSPARSE_FLASH; };
template <class Unused>
const uint8_t TreeTable<Unused>::gates[128] = {
    0,   4,   8,   12,  16,  20,  24,  27,  31,  35,  38,  42,  46,  49,  52,  56,  59,  62,  65,  68,  70,  73,
    76,  78,  81,  83,  85,  87,  89,  91,  93,  95,  97,  98,  100, 101, 103, 104, 105, 107, 108, 109, 110, 111,
    112, 113, 113, 114, 115, 116, 116, 117, 118, 118, 119, 119, 120, 120, 120, 121, 121, 122, 122, 122, 122, 123,
    123, 123, 123, 124, 124, 124, 124, 124, 125, 125, 125, 125, 125, 125, 125, 125, 125, 126, 126, 126, 126, 126,
    126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 126, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127,
};

/// (sum + 2^(shift-1)) >> shift, limited to lowest..highest.
TINYSPARSE_INLINE int16_t tree_value(int32_t sum, uint8_t shift, int16_t lowest, int16_t highest) {
    const int32_t value = (sum + (int32_t(1) << (shift - 1))) >> shift;
    return value < lowest ? lowest : value > highest ? highest : int16_t(value);
}
/// 127 tanh(u / 32). u: -127..127.
TINYSPARSE_INLINE int8_t tree_gate(int8_t u) {
    const int8_t size = int8_t(read_flash(TreeTable<void>::gates + uint8_t(u < 0 ? -u : u)));
    return u < 0 ? int8_t(-size) : size;
}

/// The rows of a tree as lists of nonzero weights. Two bytes per node, before the lists, hold the offset of the node's
/// first list, unless there is only one node.
template <class Geometry> struct ListRows {
    typename Geometry::Entries entries;

    /// Begins at the first row of a node.
    TINYSPARSE_INLINE ListRows(const Geometry& g, uint8_t node)
        : entries(entries_at<typename Geometry::Entries>(
              g.weights() + (g.depth == 0 ? uint16_t(0) : uint16_t(read_flash_16(g.weights() + 2 * node))))) {}
    /// Skips rows.
    TINYSPARSE_INLINE void skip(const Geometry&, typename Geometry::Count rows) {
        for (; rows != 0; --rows) skip_list(entries);
    }
    /// Sum of the next row, -2^23..2^23-1.
    TINYSPARSE_INLINE int32_t sum(const Geometry& g, const int8_t* input) {
        if (g.narrow) {
            int16_t narrow = 0;
            add_list(input, entries, narrow);
            return narrow;
        }
        int32_t sum = 0;
#if TINYSPARSE_ASSEMBLY
        sparse_row_assembly(input, 1, entries, &sum);
#else
        add_list(input, entries, sum);
#endif
        return sum;
    }
};

/// The rows of a tree whose weights are all stored.
template <class Geometry> struct DenseRows {
    typedef typename Geometry::Size Size;
    typedef typename Geometry::WeightIndex Index;
    typename Geometry::Reader reader;

    /// Begins at the first row of a node.
    TINYSPARSE_INLINE DenseRows(const Geometry& g, uint8_t node)
        : reader(g.weights(),
                 Index(Index(Index(node) * Index(2 * g.outputs + 1) - leaves_before(g, node)) * Index(g.row_size))) {}
    /// Skips rows.
    TINYSPARSE_INLINE void skip(const Geometry& g, typename Geometry::Count rows) {
        reader.skip(Size(Size(rows) * g.row_size));
    }
    /// Sum of the next row, -2^23..2^23-1.
    TINYSPARSE_INLINE int32_t sum(const Geometry& g, const int8_t* input) {
        int32_t sum = 0;
        dense_block<1>(g, input, reader, 0, &sum);
        return sum;
    }

  private:
    /// Leaves have no theta.
    static TINYSPARSE_INLINE uint8_t leaves_before(const Geometry& g, uint8_t node) {
        const uint8_t inner = uint8_t((1 << g.depth) - 1);
        return node > inner ? uint8_t(node - inner) : uint8_t(0);
    }
};

/// The sum of the next row; it is a function, since it is called in three places.
template <class Rows, class Geometry>
TINYSPARSE_NOINLINE int32_t tree_sum(const Geometry& g, const int8_t* input, Rows& rows) {
    return rows.sum(g, input);
}

/// Adds the scores of all nodes on the path to the logits.
template <class Rows, class Geometry>
TINYSPARSE_NOINLINE void tree(const Geometry& g, const int8_t* input, int32_t* logits) {
    typedef typename Geometry::Count Count;
    uint8_t node = 0;
    for (uint8_t level = 0;; ++level) {
        Rows scores(g, node);
        node = uint8_t(2 * node + 1);
        if (level != g.depth && tree_sum(g, input, scores) > 0) ++node;
        Rows gates = scores;
        gates.skip(g, Count(g.outputs));
        for (Count output = 0; output < g.outputs; ++output) {
            const int16_t score = tree_value(tree_sum(g, input, scores), g.score_shift, -4096, 4095);
            const int8_t gate = tree_gate(int8_t(tree_value(tree_sum(g, input, gates), g.tanh_shift, -127, 127)));
            logits[output] += int32_t(score) * gate;
        }
        if (level == g.depth) return;
    }
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
