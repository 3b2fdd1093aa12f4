// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/matrix.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <vector>

using namespace tinysparse;
using namespace tinysparse::gp;

namespace {
Matrix random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
    Random random(seed, "matrix");
    Matrix out(rows, columns);
    for (double& value : out.values) value = random.normal();
    return out;
}
} // namespace

TEST_CASE("the blocked product equals three loops, transposed operands and odd sizes included") {
    for (const std::size_t rows : {1u, 4u, 7u, 65u})
        for (const std::size_t columns : {1u, 15u, 16u, 33u})
            for (const std::size_t depth : {0u, 1u, 5u, 257u}) {
                const Matrix a = random_matrix(rows, depth, 1), b = random_matrix(columns, depth, 2);
                Matrix c = random_matrix(rows, columns, 3), expected = c;
                for (std::size_t i = 0; i < rows; ++i)
                    for (std::size_t j = 0; j < columns; ++j)
                        for (std::size_t k = 0; k < depth; ++k) expected(i, j) -= a(i, k) * b(j, k);
                add_product(c.row(0), columns, rows, columns, depth, {a.values.data(), depth, 1},
                            {b.values.data(), 1, depth}, -1.0);
                double worst = 0;
                for (std::size_t i = 0; i < c.values.size(); ++i)
                    worst = std::max(worst, std::abs(c.values[i] - expected.values[i]));
                CHECK(worst < 1e-12);
            }
}

TEST_CASE("dot sums every element at every length") {
    for (std::size_t n = 0; n < 40; ++n) {
        const std::vector<double> a(n, 2.0), b(n, 3.0);
        CHECK(dot(a.data(), b.data(), n) == 6.0 * double(n));
    }
}

TEST_CASE("rows of different lengths are refused") {
    Matrix matrix;
    matrix.append_row(std::vector<double>{1, 2});
    CHECK_THROWS_WITH_AS(matrix.append_row(std::vector<double>{1}),
                         "row 1 has 1 values, expected 2; give every point one value per dimension", Error);
    CHECK(matrix.rows == 1);
}
