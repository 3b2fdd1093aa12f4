// SPDX-License-Identifier: Apache-2.0
// A matrix of doubles, row after row, and the two loops that everything else is made of: a dot product, and a matrix
// product in blocks. The product packs both operands into small strips that stay in the cache and keeps a tile of the
// result in registers (Goto and van de Geijn 2008).
#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::gp {

/// A dense matrix, row after row.
struct Matrix {
    std::size_t rows = 0, columns = 0;
    std::vector<double> values{}; ///< Element in row i and column j at i * columns + j.

    Matrix() = default;
    /// Every element is `value`.
    Matrix(std::size_t row_count, std::size_t column_count, double value = 0.0)
        : rows(row_count), columns(column_count), values(row_count * column_count, value) {}

    /// Element 0 of row i, 0 <= i < rows.
    double* row(std::size_t i) { return values.data() + i * columns; }
    /// The same for a constant matrix.
    const double* row(std::size_t i) const { return values.data() + i * columns; }
    /// All elements of row i.
    std::span<const double> row_span(std::size_t i) const { return {row(i), columns}; }
    /// Element in row i and column j, unchecked.
    double& operator()(std::size_t i, std::size_t j) { return values[i * columns + j]; }
    /// The same for a constant matrix.
    double operator()(std::size_t i, std::size_t j) const { return values[i * columns + j]; }

    /// Adds a row at the end; the first one decides the number of columns. Throws Error if the lengths differ.
    void append_row(std::span<const double> point) {
        if (rows == 0 && columns == 0) columns = point.size();
        if (point.size() != columns)
            throw Error(text("row ", rows, " has ", point.size(), " values, expected ", columns,
                             "; give every point one value per dimension"));
        values.insert(values.end(), point.begin(), point.end());
        ++rows;
    }
};

/// Sum of a[i] * b[i], as eight partial sums, because the additions of one chain cannot overlap.
inline double dot(const double* a, const double* b, std::size_t n) {
    double sums[8] = {};
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
    double tail = 0;
    for (; i < n; ++i) tail += a[i] * b[i];
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + tail;
}

/// y += factor * x
inline void add_scaled(double* y, double factor, const double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

/// A matrix seen through strides; swapping them transposes it.
struct View {
    const double* data;
    std::size_t row_stride, column_stride;
};

namespace detail {

typedef double Pack __attribute__((vector_size(64)));
#ifdef __AVX512F__
constexpr std::size_t packs_per_tile = 2; // 4 x 2 accumulators of 64 bytes: one fused multiply-add in flight per cycle
#else
constexpr std::size_t packs_per_tile = 1; // the same bytes fill the 16 registers of narrower machines
#endif
constexpr std::size_t tile_rows = 4, tile_columns = 8 * packs_per_tile, depth_block = 256;

/// tile[4][tile_columns] = sum over k of a[k][4] * b[k][tile_columns]
inline void multiply_tile(const double* a, const double* b, std::size_t depth,
                          Pack (&tile)[tile_rows][packs_per_tile]) {
    Pack sums[tile_rows][packs_per_tile] = {};
    for (std::size_t k = 0; k < depth; ++k, a += tile_rows, b += tile_columns) {
        Pack right[packs_per_tile];
        std::memcpy(right, b, sizeof right);
        for (std::size_t i = 0; i < tile_rows; ++i)
            for (std::size_t p = 0; p < packs_per_tile; ++p) sums[i][p] += a[i] * right[p];
    }
    std::memcpy(tile, sums, sizeof sums);
}

/// Strips of `width` rows, depth-major within a strip, zeros past the end.
inline void pack_strips(std::vector<double>& out, View from, std::size_t count, std::size_t depth, std::size_t width) {
    const std::size_t strips = (count + width - 1) / width;
    if (out.size() < strips * width * depth) out.resize(strips * width * depth);
    for (std::size_t strip = 0; strip < strips; ++strip) {
        double* target = out.data() + strip * width * depth;
        const std::size_t used = std::min(width, count - strip * width);
        const double* source = from.data + strip * width * from.row_stride;
        for (std::size_t k = 0; k < depth; ++k, target += width, source += from.column_stride) {
            for (std::size_t i = 0; i < used; ++i) target[i] = source[i * from.row_stride];
            for (std::size_t i = used; i < width; ++i) target[i] = 0;
        }
    }
}

} // namespace detail

/// c += sign * a b, c [rows][columns] with `c_stride` between rows, a [rows][depth], b [depth][columns].
inline void add_product(double* c, std::size_t c_stride, std::size_t rows, std::size_t columns, std::size_t depth,
                        View a, View b, double sign) {
    using namespace detail;
    static thread_local std::vector<double> packed_a, packed_b;
    const View b_transposed{b.data, b.column_stride, b.row_stride};
    for (std::size_t begin = 0; begin < depth; begin += depth_block) {
        const std::size_t block = std::min(depth_block, depth - begin);
        pack_strips(packed_a, {a.data + begin * a.column_stride, a.row_stride, a.column_stride}, rows, block,
                    tile_rows);
        pack_strips(packed_b,
                    {b_transposed.data + begin * b_transposed.column_stride, b_transposed.row_stride,
                     b_transposed.column_stride},
                    columns, block, tile_columns);
        for (std::size_t j = 0; j < columns; j += tile_columns)
            for (std::size_t i = 0; i < rows; i += tile_rows) {
                Pack tile[tile_rows][packs_per_tile];
                multiply_tile(packed_a.data() + i * block, packed_b.data() + j * block, block, tile);
                double flat[tile_rows][tile_columns];
                std::memcpy(flat, tile, sizeof tile);
                const std::size_t last_row = std::min(tile_rows, rows - i), last = std::min(tile_columns, columns - j);
                for (std::size_t r = 0; r < last_row; ++r)
                    for (std::size_t s = 0; s < last; ++s) c[(i + r) * c_stride + j + s] += sign * flat[r][s];
            }
    }
}

} // namespace tinysparse::gp
