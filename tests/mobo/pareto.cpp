// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/pareto.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::mobo;

namespace {
std::vector<Point> cloud(std::size_t n, std::size_t m, std::uint64_t seed, std::uint32_t steps) {
    Random random(seed, "cloud", m); // few steps: many ties and duplicates
    std::vector<Point> points(n, Point(m));
    for (Point& point : points)
        for (double& f : point) f = double(random.below(steps));
    return points;
}
bool brute_dominates(const Point& a, const Point& b) {
    bool better = false;
    for (std::size_t k = 0; k < a.size(); ++k) {
        if (a[k] > b[k]) return false;
        better = better || a[k] < b[k];
    }
    return better;
}
} // namespace

TEST_CASE("dominance needs one strictly better objective") {
    CHECK(dominates(Point{1, 2}, Point{1, 3}));
    CHECK_FALSE(dominates(Point{1, 2}, Point{1, 2}));
    CHECK_FALSE(dominates(Point{1, 2}, Point{2, 1}));
    CHECK(weakly_dominates(Point{1, 2}, Point{1, 2}));
}

TEST_CASE("the archive holds exactly the points that brute force calls non-dominated, once each, sorted") {
    for (const std::size_t m : {1u, 2u, 3u, 4u})
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto points = cloud(60, m, seed, 7);
            ParetoArchive archive;
            for (std::size_t i = 0; i < points.size(); ++i) archive.insert(points[i], i);
            std::vector<Point> expected;
            for (const Point& point : points) {
                bool keep = true;
                for (const Point& other : points) keep = keep && !brute_dominates(other, point);
                if (keep && std::find(expected.begin(), expected.end(), point) == expected.end())
                    expected.push_back(point);
            }
            std::sort(expected.begin(), expected.end());
            CAPTURE(m);
            CAPTURE(seed);
            CHECK(archive.points() == expected);
            for (const auto& entry : archive.entries()) CHECK(points[entry.id] == entry.objectives);
            CHECK(non_dominated(points).size() == expected.size());
            for (const std::size_t i : non_dominated(points))
                CHECK(std::find(points.begin(), points.end(), points[i]) - points.begin() == std::ptrdiff_t(i));
        }
}

TEST_CASE("insert says whether the point joined, and keeps the first of equals") {
    ParetoArchive archive;
    CHECK(archive.insert({2, 2}, 1));
    CHECK_FALSE(archive.insert({2, 2}, 2));
    CHECK_FALSE(archive.insert({2, 3}, 3));
    CHECK(archive.insert({1, 3}, 4));
    CHECK(archive.size() == 2);
    CHECK(archive.insert({1, 2}, 5)); // ties in one objective each, and dominates both
    REQUIRE(archive.size() == 1);
    CHECK(archive.entries()[0].id == 5);
    CHECK(archive.insert({0, std::numeric_limits<double>::infinity()}, 6));
    CHECK(archive.covers(Point{1, 2}));
    CHECK_FALSE(archive.covers(Point{0.5, 2}));
}

TEST_CASE("ranks peel fronts off one by one") {
    const auto points = cloud(40, 3, 3, 5);
    const auto ranks = pareto_ranks(points);
    std::vector<std::size_t> expected(points.size(), 99);
    for (std::size_t rank = 0, left = points.size(); left > 0; ++rank) {
        std::vector<std::size_t> front;
        for (std::size_t i = 0; i < points.size(); ++i) {
            bool keep = expected[i] == 99;
            for (std::size_t j = 0; j < points.size() && keep; ++j)
                keep = !(expected[j] == 99 && brute_dominates(points[j], points[i]));
            if (keep) front.push_back(i);
        }
        for (const std::size_t i : front) expected[i] = rank;
        left -= front.size();
    }
    CHECK(ranks == expected);
    CHECK(pareto_ranks({}).empty());
    CHECK(non_dominated({}).empty());
}

TEST_CASE("points that cannot be compared are refused by row") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(non_dominated(std::vector<Point>{{1, 2}, {1, nan}}),
                         "point 1: objective 1 is NaN; leave failed trials out or give them a bad value", Error);
    ParetoArchive archive;
    archive.insert({1, 2}, 0);
    CHECK_THROWS_WITH_AS(archive.insert({1, 2, 3}, 7),
                         "point 7 has 3 objectives, expected 2; give every point one value per objective", Error);
    CHECK_THROWS_AS(archive.insert({}, 8), Error);
}
