// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/sobol.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::mobo;

TEST_CASE("the polynomials are the published primitive ones, in the order of Joe and Kuo") {
    // Their column a: the inner coefficients.
    const std::vector<std::vector<std::uint32_t>> published = {
        {}, {0}, {1}, {1, 2}, {1, 4}, {2, 4, 7, 11, 13, 14}, {1, 13, 16, 19, 22, 25}};
    for (unsigned degree = 1; degree <= 6; ++degree) {
        std::vector<std::uint32_t> found;
        for (std::uint32_t a = 0; a < (1u << (degree - 1)); ++a)
            if (mobo::detail::is_primitive(1u << degree | a << 1 | 1, degree)) found.push_back(a);
        CHECK(found == published[degree]);
    }
}

TEST_CASE("every dimension puts one of 2^k points into each of 2^k intervals, scrambled or past the table") {
    for (const std::size_t dimensions : {1u, 6u, 40u}) {
        Sobol sobol(dimensions, 3);
        std::vector<std::vector<double>> points;
        for (int i = 0; i < 256; ++i) points.push_back(sobol());
        for (std::size_t d = 0; d < dimensions; ++d) {
            std::set<int> cells;
            for (const auto& point : points) {
                CHECK((point[d] > 0 && point[d] < 1));
                cells.insert(int(point[d] * 256));
            }
            CHECK(cells.size() == 256);
        }
    }
}

TEST_CASE("the first two dimensions are a (0, 2)-net: any 2^a x 2^b boxes hold equally many points") {
    Sobol sobol(2, 11);
    std::vector<std::vector<double>> points;
    for (int i = 0; i < 256; ++i) points.push_back(sobol());
    for (int a = 0; a <= 8; ++a) {
        std::set<int> cells;
        for (const auto& point : points) cells.insert(int(point[0] * (1 << a)) * 256 + int(point[1] * (1 << (8 - a))));
        CHECK(cells.size() == 256);
    }
}

TEST_CASE("pairs of the first ten dimensions leave few boxes of 16 x 16 empty") {
    Sobol sobol(10, 1);
    std::vector<std::vector<double>> points;
    for (int i = 0; i < 4096; ++i) points.push_back(sobol());
    for (std::size_t d = 0; d < 10; ++d)
        for (std::size_t e = 0; e < d; ++e) {
            std::vector<int> counts(256);
            for (const auto& p : points) ++counts[std::size_t(p[d] * 16) * 16 + std::size_t(p[e] * 16)];
            // At random the counts would be Poisson with mean 16: extremes below 5 and above 30 are certain to occur.
            CHECK(*std::max_element(counts.begin(), counts.end()) == 16);
        }
}

TEST_CASE("seeds give different points and the same seed the same") {
    CHECK(Sobol(3, 1)() == Sobol(3, 1)());
    CHECK(Sobol(3, 1)() != Sobol(3, 2)());
    CHECK_THROWS_AS(Sobol(0, 1), Error);
    CHECK_THROWS_AS(Sobol(1001, 1), Error);
}
