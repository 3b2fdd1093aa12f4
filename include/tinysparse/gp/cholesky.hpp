// SPDX-License-Identifier: Apache-2.0
// Cholesky factor of a positive definite matrix, K + jitter I = L L^T, in blocks, with solves and the inverse. One row
// can be appended in O(n^2), by one forward solve.
//
// Rows are stored with room to grow, so that an append moves nothing. A block has 64 rows: the factor of a diagonal
// block is inverted, and everything else is matrix products.
#pragma once
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tinysparse/gp/matrix.hpp"

namespace tinysparse::gp {

/// The lower triangular factor L of a symmetric positive definite matrix, and what is solved with it.
class Cholesky {
  public:
    /// Factors the symmetric matrix whose lower triangle is given. If a pivot is not positive, it tries again with
    /// 1e-10, 1e-9 .. 1e-4 times the mean diagonal added. Throws Error if even that fails.
    void factorise(const Matrix& lower) {
        const std::size_t n = lower.rows;
        assert(lower.columns == n);
        double mean = 0;
        for (std::size_t i = 0; i < n; ++i) mean += lower(i, i) / double(n);
        for (jitter_ = 0; jitter_ <= 1.01e-4 * mean || jitter_ == 0;
             jitter_ = jitter_ == 0 ? 1e-10 * mean : 10 * jitter_) {
            n_ = 0;
            reserve(n);
            n_ = n;
            for (std::size_t i = 0; i < n; ++i) {
                std::copy_n(lower.row(i), i + 1, mutable_row(i));
                mutable_row(i)[i] += jitter_;
            }
            if (factorise_in_place()) return;
            if (!(mean > 0) || !std::isfinite(mean)) break;
        }
        n_ = 0;
        throw Error(text("covariance of ", n, " points is not positive definite, even with ", 1e-4 * mean,
                         " added to its diagonal; raise the noise variance or remove repeated points"));
    }

    /// Rows of the factor.
    std::size_t size() const { return n_; }
    /// The amount that was added to the diagonal; 0 for well-behaved matrices.
    double jitter() const { return jitter_; }
    /// Row i of L; elements behind the diagonal are undefined.
    const double* row(std::size_t i) const { return values_.data() + i * stride_; }

    /// log det(K) / 2
    double half_log_determinant() const {
        double sum = 0;
        for (std::size_t i = 0; i < n_; ++i) sum += std::log(row(i)[i]);
        return sum;
    }

    /// b <- L^-1 b
    void solve_lower(std::span<double> b) const {
        for (std::size_t i = 0; i < n_; ++i) b[i] = (b[i] - dot(row(i), b.data(), i)) / row(i)[i];
    }
    /// b <- L^-T b
    void solve_upper(std::span<double> b) const {
        for (std::size_t i = n_; i-- > 0;) {
            b[i] /= row(i)[i];
            add_scaled(b.data(), -b[i], row(i), i);
        }
    }
    /// b <- K^-1 b
    void solve(std::span<double> b) const {
        solve_lower(b);
        solve_upper(b);
    }

    /// B <- L^-1 B, B [n][any]: a right-hand side in every column.
    void solve_lower(Matrix& b) const {
        assert(b.rows == n_);
        if (b.columns == 1) return solve_lower(std::span<double>(b.values));
        Matrix inverse, solved;
        for (std::size_t begin = 0; begin < n_; begin += block_rows) {
            const std::size_t count = std::min(block_rows, n_ - begin);
            add_product(b.row(begin), b.columns, count, b.columns, begin, {row(begin), stride_, 1},
                        {b.values.data(), b.columns, 1}, -1.0);
            inverse = inverse_of_block(begin, count);
            solved = Matrix(count, b.columns);
            add_product(solved.row(0), b.columns, count, b.columns, count, {inverse.row(0), count, 1},
                        {b.row(begin), b.columns, 1}, 1.0);
            std::copy(solved.values.begin(), solved.values.end(), b.row(begin));
        }
    }

    /// The lower triangle of K^-1 = L^-T L^-1; values above the diagonal are undefined.
    Matrix inverse() const {
        Matrix x(n_, n_), out(n_, n_);
        // 1: X = L^-1, block row after block row: X_ij = -X_ii (L_i,j..i-1 X_j..i-1,j).
        for (std::size_t begin = 0; begin < n_; begin += block_rows) {
            const std::size_t count = std::min(block_rows, n_ - begin);
            const Matrix diagonal = inverse_of_block(begin, count);
            for (std::size_t i = 0; i < count; ++i) std::copy_n(diagonal.row(i), i + 1, x.row(begin + i) + begin);
            Matrix sums(count, begin);
            for (std::size_t j = 0; j < begin; j += block_rows)
                add_product(sums.row(0) + j, begin, count, std::min(block_rows, begin - j), begin - j,
                            {row(begin) + j, stride_, 1}, {x.row(j) + j, n_, 1}, 1.0);
            add_product(x.row(begin), n_, count, begin, count, {diagonal.row(0), count, 1}, {sums.row(0), begin, 1},
                        -1.0);
        }
        // 2: the lower triangle of X^T X. The rows of X above a block of columns are zero.
        for (std::size_t begin = 0; begin < n_; begin += block_rows) {
            const std::size_t count = std::min(block_rows, n_ - begin);
            add_product(out.row(begin), n_, count, begin + count, n_ - begin, {x.row(begin) + begin, 1, n_},
                        {x.row(begin), n_, 1}, 1.0);
        }
        return out;
    }

    /// Appends one row of K: its covariances with the present rows and its diagonal. Returns false and changes nothing
    /// if the new pivot is below 1e-10 of the diagonal; the caller must then factorise() afresh.
    bool append(std::span<const double> covariances, double diagonal) {
        assert(covariances.size() == n_);
        reserve(n_ + 1);
        double* last = mutable_row(n_);
        std::copy(covariances.begin(), covariances.end(), last);
        solve_lower({last, n_});
        const double pivot = diagonal + jitter_ - dot(last, last, n_);
        if (!(pivot > 1e-10 * diagonal)) return false;
        last[n_++] = std::sqrt(pivot);
        return true;
    }

  private:
    static constexpr std::size_t block_rows = 64;

    double* mutable_row(std::size_t i) { return values_.data() + i * stride_; }

    void reserve(std::size_t size) {
        if (size <= stride_) return;
        // Some room beyond, and never a multiple of a page: that would crowd a column into few cache sets.
        std::size_t stride = (size + size / 4 + 23) / 8 * 8;
        if (stride % 64 == 0) stride += 8;
        std::vector<double> values(stride * stride);
        for (std::size_t i = 0; i < n_; ++i) std::copy_n(row(i), i + 1, values.data() + i * stride);
        values_.swap(values);
        stride_ = stride;
    }

    /// Left-looking: a block column first subtracts the products of those before it, then is factored and divided.
    bool factorise_in_place() {
        Matrix inverse, divided;
        for (std::size_t begin = 0; begin < n_; begin += block_rows) {
            const std::size_t count = std::min(block_rows, n_ - begin), end = begin + count;
            add_product(mutable_row(begin) + begin, stride_, n_ - begin, count, begin, {row(begin), stride_, 1},
                        {row(begin), 1, stride_}, -1.0);
            if (!factorise_block(begin, count)) return false;
            if (end == n_) break;
            inverse = inverse_of_block(begin, count);
            divided = Matrix(n_ - end, count);
            add_product(divided.row(0), count, n_ - end, count, count, {row(end) + begin, stride_, 1},
                        {inverse.row(0), 1, count}, 1.0);
            for (std::size_t i = end; i < n_; ++i) std::copy_n(divided.row(i - end), count, mutable_row(i) + begin);
        }
        return true;
    }

    /// Right-looking on the transposed block, so that the inner loop runs along a row.
    bool factorise_block(std::size_t begin, std::size_t count) {
        Matrix upper(count, count);
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j <= i; ++j) upper(j, i) = row(begin + i)[begin + j];
        for (std::size_t k = 0; k < count; ++k) {
            double* pivot_row = upper.row(k);
            if (!(pivot_row[k] > 0) || !std::isfinite(pivot_row[k])) return false;
            const double pivot = std::sqrt(pivot_row[k]);
            pivot_row[k] = pivot;
            for (std::size_t j = k + 1; j < count; ++j) pivot_row[j] /= pivot;
            for (std::size_t i = k + 1; i < count; ++i)
                add_scaled(upper.row(i) + i, -pivot_row[i], pivot_row + i, count - i);
        }
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j <= i; ++j) mutable_row(begin + i)[begin + j] = upper(j, i);
        return true;
    }

    Matrix inverse_of_block(std::size_t begin, std::size_t count) const {
        Matrix out(count, count);
        for (std::size_t i = 0; i < count; ++i) {
            const double* factors = row(begin + i) + begin;
            for (std::size_t k = 0; k < i; ++k) add_scaled(out.row(i), -factors[k], out.row(k), k + 1);
            for (std::size_t j = 0; j < i; ++j) out(i, j) /= factors[i];
            out(i, i) = 1.0 / factors[i];
        }
        return out;
    }

    std::size_t n_ = 0, stride_ = 0;
    std::vector<double> values_;
    double jitter_ = 0;
};

} // namespace tinysparse::gp
