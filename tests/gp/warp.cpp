// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/warp.hpp"
#include "tinysparse/gp/stationary.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::gp;

TEST_CASE("whole numbers stand in the middle of equal intervals of 0..1") {
    const Warp warp = Warp::integer(2, 5);
    CHECK(warp.to_unit(2) == doctest::Approx(0.125));
    CHECK(warp.to_unit(5) == doctest::Approx(0.875));
    CHECK(warp.to_unit(3.4) == warp.to_unit(3));
    int counts[6] = {};
    for (int i = 0; i < 400; ++i) ++counts[int(warp.from_unit((i + 0.5) / 400))];
    for (int value = 2; value <= 5; ++value) CHECK(counts[value] == 100);
    CHECK(warp.slope(3) == 0);
}

TEST_CASE("every warp comes back from the unit interval to where it was") {
    for (const Warp& warp : {Warp::real(-2, 7), Warp::log_real(1e-4, 10)})
        for (const double u : {0.0, 0.2, 0.77, 1.0}) {
            CHECK(warp.to_unit(warp.from_unit(u)) == doctest::Approx(u).epsilon(1e-12));
            const double x = warp.from_unit(0.4 + u / 4), h = 1e-6 * x;
            CHECK(warp.slope(x) ==
                  doctest::Approx((warp.to_unit(x + h) - warp.to_unit(x - h)) / (2 * h)).epsilon(1e-7));
        }
    for (const Warp& warp : {Warp::integer(0, 9), Warp::log_integer(1, 128)})
        for (double x = warp.low; x <= warp.high; ++x) CHECK(warp.from_unit(warp.to_unit(x)) == x);
    const Warp category = Warp::category(3);
    CHECK(category.from_unit(0.0) == 0);
    CHECK(category.from_unit(0.5) == 1);
    CHECK(category.from_unit(1.0) == 2);
    CHECK(Warp::real(0, 1).to_unit(inactive) == inactive);
}

TEST_CASE("a warped kernel is constant between two roundings and equal-spaced on the logarithm") {
    Warped kernel(Stationary(Columns::all(2), Profile::matern52), {Warp::integer(0, 10), Warp::log_real(0.01, 100)});
    const std::vector<double> a = {3.6, 1.0}, b = {4.4, 1.0}, c = {8, 0.1}, d = {8, 1.0}, e = {8, 10.0};
    CHECK(kernel(a, c) == kernel(b, c));
    CHECK(kernel(c, d) == doctest::Approx(kernel(d, e)).epsilon(1e-12));
    Matrix outside(1, 2, 11.0);
    CHECK_THROWS_WITH_AS(kernel.check(outside),
                         "row 0: column 0 is 11, outside its range 0..10; widen the range or leave the point out",
                         Error);
}

TEST_CASE("empty and impossible ranges are refused") {
    CHECK_THROWS_AS(Warp::real(1, 1), Error);
    CHECK_THROWS_AS(Warp::log_real(0, 1), Error);
    CHECK_THROWS_AS(Warp::log_integer(0, 8), Error);
    CHECK_THROWS_AS(Warp::category(0), Error);
    CHECK_NOTHROW(Warp::integer(4, 4));
}
