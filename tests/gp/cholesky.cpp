// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/cholesky.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <numeric>
#include <vector>

using namespace tinysparse;
using namespace tinysparse::gp;

namespace {
/// A A^T + I: positive definite, and its entries are known without any factorisation.
Matrix positive_definite(std::size_t n, std::uint64_t seed) {
    Random random(seed, "cholesky");
    Matrix a(n, n), out(n, n);
    for (double& value : a.values) value = random.normal() / std::sqrt(double(n ? n : 1));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            out(i, j) = i == j;
            for (std::size_t k = 0; k < n; ++k) out(i, j) += a(i, k) * a(j, k);
        }
    return out;
}
double worst_residual(const Cholesky& factor, const Matrix& k) { // of L L^T against K
    double worst = 0;
    for (std::size_t i = 0; i < k.rows; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            worst = std::max(worst, std::fabs(dot(factor.row(i), factor.row(j), j + 1) - k(i, j)));
    return worst;
}
const std::size_t sizes[] = {1, 2, 63, 64, 65, 128, 150, 257};
} // namespace

TEST_CASE("L L^T is the matrix again, at sizes around the blocks") {
    for (const std::size_t n : sizes) {
        const Matrix k = positive_definite(n, n);
        Cholesky factor;
        factor.factorise(k);
        CAPTURE(n);
        CHECK(factor.jitter() == 0);
        CHECK(worst_residual(factor, k) < 1e-13 * double(n + 10));
    }
}

TEST_CASE("solves and the inverse undo the matrix") {
    for (const std::size_t n : sizes) {
        const Matrix k = positive_definite(n, n + 1);
        Cholesky factor;
        factor.factorise(k);
        std::vector<double> x(n), b(n);
        std::iota(x.begin(), x.end(), 1.0);
        for (std::size_t i = 0; i < n; ++i) b[i] = dot(k.row(i), x.data(), n);
        factor.solve(b);
        double worst = 0;
        for (std::size_t i = 0; i < n; ++i) worst = std::max(worst, std::fabs(b[i] - x[i]));
        CAPTURE(n);
        CHECK(worst < 1e-10 * double(n));

        Matrix inverse = factor.inverse();
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = i + 1; j < n; ++j) inverse(i, j) = inverse(j, i);
        worst = 0;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                worst = std::max(worst, std::fabs(dot(inverse.row(i), k.row(j), n) - (i == j)));
        CHECK(worst < 1e-12 * double(n + 10));

        Matrix many(n, 5); // five right-hand sides at once against one at a time
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < 5; ++j) many(i, j) = double((i * 7 + j * 3) % 11) - 5;
        std::vector<double> column(n);
        for (std::size_t i = 0; i < n; ++i) column[i] = many(i, 3);
        factor.solve_lower(many);
        factor.solve_lower(column);
        for (std::size_t i = 0; i < n; ++i) CHECK(many(i, 3) == doctest::Approx(column[i]).epsilon(1e-11));
    }
}

TEST_CASE("the log determinant of a matrix of two is the logarithm of its formula") {
    Matrix k(2, 2);
    k.values = {4, 1.5, 1.5, 3};
    Cholesky factor;
    factor.factorise(k);
    CHECK(2 * factor.half_log_determinant() == doctest::Approx(std::log(4 * 3 - 1.5 * 1.5)).epsilon(1e-14));
}

TEST_CASE("rows appended one by one give the factor of the whole matrix") {
    const Matrix k = positive_definite(90, 5);
    Cholesky factor;
    factor.factorise(Matrix(0, 0));
    for (std::size_t i = 0; i < k.rows; ++i) REQUIRE(factor.append({k.row(i), i}, k(i, i)));
    CHECK(worst_residual(factor, k) < 1e-12);
    CHECK_FALSE(factor.append({k.row(7), 90}, k(7, 7))); // the same row again has no pivot of its own
    CHECK(factor.size() == 90);
    CHECK(worst_residual(factor, k) < 1e-12);
}

TEST_CASE("a singular matrix gets the least jitter that helps, an indefinite one an error") {
    Matrix ones(30, 30, 1.0);
    Cholesky factor;
    factor.factorise(ones);
    CHECK(factor.jitter() <= 1e-8);
    CHECK(worst_residual(factor, ones) <= factor.jitter() * 1.01);
    Matrix indefinite(2, 2);
    indefinite.values = {1, 2, 2, 1};
    CHECK_THROWS_AS(factor.factorise(indefinite), Error);
    CHECK(factor.size() == 0);
}
