// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/scalarise.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::mobo;

TEST_CASE("the mean of the best hypervolume scalarisation is the hypervolume (Zhang and Golovin 2020)") {
    Random random(1, "scalarise");
    for (const std::size_t m : {2u, 3u, 4u}) {
        std::vector<Point> front(8, Point(m));
        for (Point& p : front)
            for (double& f : p) f = random.uniform(0, 1.1);
        const Point reference(m, 1.0);
        const int draws = 40000;
        double sum = 0;
        for (int s = 0; s < draws; ++s) {
            const auto weights = sphere_weights(m, random);
            double best = 0;
            for (const Point& p : front) best = std::max(best, -hypervolume_scalarisation(p, weights, reference));
            sum += best / draws;
        }
        const double half = double(m) / 2, pi = std::acos(-1.0);
        const double factor = std::pow(pi, half) / (std::pow(2.0, double(m)) * std::tgamma(half + 1));
        CHECK(sum * factor == doctest::Approx(hypervolume(front, reference)).epsilon(0.02));
    }
}

TEST_CASE("simplex weights are spread evenly: each coordinate has mean 1/m and variance (m-1)/(m^2 (m+1))") {
    Random random(2, "scalarise");
    const int draws = 20000;
    double mean = 0, square = 0;
    for (int s = 0; s < draws; ++s) {
        const auto w = simplex_weights(3, random);
        CHECK(w[0] + w[1] + w[2] == doctest::Approx(1));
        mean += w[1] / draws;
        square += w[1] * w[1] / draws;
    }
    CHECK(mean == doctest::Approx(1.0 / 3).epsilon(0.02));
    CHECK(square - mean * mean == doctest::Approx(2.0 / 36).epsilon(0.05));
}

TEST_CASE("a Pareto-better point is better for every weight") {
    Random random(3, "scalarise");
    const std::vector<Point> points = {{1, 5}, {3, 3}, {9, 2}};
    const ObjectiveRange range(points);
    for (int s = 0; s < 100; ++s) {
        const auto w = simplex_weights(2, random), v = sphere_weights(2, random);
        CHECK(tchebyshev(Point{2.5, 3}, w, range) < tchebyshev(Point{3, 3}, w, range));
        CHECK(hypervolume_scalarisation(Point{2.5, 3}, v, Point{10, 10}) <=
              hypervolume_scalarisation(Point{3, 3}, v, Point{10, 10}));
        CHECK(hypervolume_scalarisation(Point{12, 12}, v, Point{10, 10}) <
              hypervolume_scalarisation(Point{13, 13}, v, Point{10, 10}));
    }
    CHECK(ObjectiveRange(std::vector<Point>{{1, 1}}).scaled(2, 0) == 1); // one point: no range to measure with
    CHECK_THROWS_AS(ObjectiveRange({}), Error);
}

TEST_CASE("both scalarisations of a point worked out by hand") {
    const ObjectiveRange range(std::vector<Point>{{1, 5}, {3, 3}, {9, 2}}); // ideal (1, 2), worst (9, 5)
    // g = (2/8, 1/3), w g = (1/16, 1/4): the largest and a twentieth of the sum.
    CHECK(tchebyshev(Point{3, 3}, std::vector<double>{0.25, 0.75}, range) ==
          doctest::Approx(0.25 + 0.05 * 0.3125).epsilon(1e-14));
    // (r - f) / w = (10, 3.75): the smaller one, squared.
    CHECK(hypervolume_scalarisation(Point{4, 7}, std::vector<double>{0.6, 0.8}, Point{10, 10}) ==
          doctest::Approx(-3.75 * 3.75).epsilon(1e-14));
    CHECK_THROWS_WITH_AS(tchebyshev(Point{3, 3}, Point{1}, range),
                         "weights: 1 values for 2 objectives; give one for each", Error);
    CHECK_THROWS_AS(tchebyshev(Point{3}, Point{1, 1}, range), Error);
    CHECK_THROWS_AS(hypervolume_scalarisation(Point{4, 7}, Point{1}, Point{10, 10}), Error);
    CHECK_THROWS_AS(hypervolume_scalarisation(Point{4}, Point{1}, Point{10, 10}), Error);
}
