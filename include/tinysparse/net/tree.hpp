// SPDX-License-Identifier: Apache-2.0
// Tree head of Bonsai (Kumar, Goyal, Varma 2017, section 3): a binary tree of depth d over a vector z. Every node on
// the path adds to the scores.
//   y = sum over the nodes k on the path of z of  (W_k z) * tanh(V_k z)     elementwise over the L classes
//   the path begins at the root and goes right if theta_k z > 0
// Nodes are stored breadth first: node 0 is the root, 2k+1 and 2k+2 are the left and right child of k. One matrix of
// [rows][inputs] holds all of them, node after node: theta_k (if the node has children), the L rows of W_k, the L rows
// of V_k.
#pragma once

namespace tinysparse::net::tree {

inline constexpr int max_depth = 6; ///< Largest depth: 127 nodes.

/// Number of nodes with children.
constexpr int internal(int depth) { return (1 << depth) - 1; }
/// Number of all nodes of a complete tree.
constexpr int nodes(int depth) { return (2 << depth) - 1; }
/// Nodes are numbered level by level, so leaves come last.
constexpr bool is_leaf(int depth, int node) { return node >= internal(depth); }

/// Rows of the matrix: one for each theta, two per class of each node.
constexpr int rows(int depth, int classes) { return internal(depth) + 2 * classes * nodes(depth); }
/// Rows that one sample needs: those of the nodes on its path.
constexpr int path_rows(int depth, int classes) { return depth + 2 * classes * (depth + 1); }

/// The first row of a node: its theta, or the first row of W if it is a leaf.
constexpr int first_row(int depth, int classes, int node) {
    const int leaves = node > internal(depth) ? node - internal(depth) : 0; // leaves before it
    return node * (2 * classes + 1) - leaves;
}
/// The first row of W of a node; the first row of V is `classes` rows later.
constexpr int first_score(int depth, int classes, int node) {
    return first_row(depth, classes, node) + (is_leaf(depth, node) ? 0 : 1);
}

} // namespace tinysparse::net::tree
