// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/judge/rank_correlation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::judge;

TEST_CASE("equal values share the mean of their ranks") {
    CHECK(mean_ranks(std::vector<double>{30, 10, 20, 20, 20}) == std::vector<double>{5, 1, 3, 3, 3});
    CHECK(mean_ranks(std::vector<double>{}).empty());
}

TEST_CASE("rank correlations follow order alone, ties included") {
    const std::vector<double> x{1, 2, 3, 4, 5};
    CHECK(*rank_correlation(x, std::vector<double>{1, 10, 100, 1e4, 1e9}) == doctest::Approx(1));
    CHECK(*rank_correlation(x, std::vector<double>{5, 4, 3, 2, 1}) == doctest::Approx(-1));
    // 1 - 6 sum d^2 / (n (n^2 - 1)) without ties: d = 1, 1, 0, 1, 1.
    CHECK(*rank_correlation(x, std::vector<double>{2, 1, 3, 5, 4}) == doctest::Approx(1 - 6.0 * 4 / 120));
    // With ties, ranks 1.5 1.5 3.5 3.5 5 against 1..5: covariance 1.8, variances 1.8 and 2.
    CHECK(*rank_correlation(std::vector<double>{7, 7, 8, 8, 9}, x) == doctest::Approx(1.8 / std::sqrt(1.8 * 2)));
}

TEST_CASE("without an order there is no rank correlation") {
    CHECK(!rank_correlation(std::vector<double>{1, 1, 1}, std::vector<double>{1, 2, 3}));
    CHECK(!rank_correlation(std::vector<double>{1, 2}, std::vector<double>{1, 2}));
    CHECK_THROWS_AS(rank_correlation(std::vector<double>{1, 2, 3}, std::vector<double>{1, 2}), Error);
}
