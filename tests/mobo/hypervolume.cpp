// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/hypervolume.hpp"
#include "../gp/csv.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::mobo;
using test::Row;

namespace {
/// Volume by counting the cells of the grid that all coordinates span: slow, and nothing can go wrong.
double grid_volume(const std::vector<Point>& points, const Point& reference) {
    const std::size_t m = reference.size();
    std::vector<std::vector<double>> axes(m);
    for (std::size_t k = 0; k < m; ++k) {
        for (const Point& p : points) axes[k].push_back(std::min(p[k], reference[k]));
        axes[k].push_back(reference[k]);
        std::sort(axes[k].begin(), axes[k].end());
        axes[k].erase(std::unique(axes[k].begin(), axes[k].end()), axes[k].end());
    }
    std::vector<std::size_t> cell(m, 0);
    double sum = 0;
    for (;;) {
        double volume = 1;
        Point corner(m);
        for (std::size_t k = 0; k < m; ++k) {
            corner[k] = axes[k][cell[k]];
            volume *= cell[k] + 1 < axes[k].size() ? axes[k][cell[k] + 1] - axes[k][cell[k]] : 0.0;
        }
        if (volume > 0)
            for (const Point& p : points)
                if (weakly_dominates(p, corner)) {
                    sum += volume;
                    break;
                }
        std::size_t k = 0;
        while (k < m && ++cell[k] >= axes[k].size()) cell[k++] = 0;
        if (k == m) return sum;
    }
}
std::vector<Point> random_points(std::size_t n, std::size_t m, std::uint64_t seed, bool ties) {
    Random random(seed, "points", n);
    std::vector<Point> points(n, Point(m));
    for (Point& point : points)
        for (double& f : point) f = ties ? 0.25 * random.below(6) : random.uniform(0, 1.2);
    return points;
}
std::map<std::string, std::vector<Point>> fixture_fronts() {
    std::map<std::string, std::vector<Point>> fronts;
    for (const Row& row : test::read_table("hv_points.csv"))
        fronts[row.at("front_id")].push_back(test::columns(row, "f"));
    return fronts;
}
std::map<std::string, Point> fixture_references() {
    std::map<std::string, Point> references;
    for (const Row& row : test::read_table("hv_refs.csv")) references[row.at("front_id")] = test::columns(row, "r");
    return references;
}
} // namespace

TEST_CASE("84 hypervolumes agree with pagmo's to 1e-10") {
    auto fronts = fixture_fronts();
    auto references = fixture_references();
    const auto expected = test::read_table("hv_expected.csv");
    REQUIRE(expected.size() == 84);
    for (const Row& row : expected) {
        CAPTURE(row.at("name"));
        CAPTURE(row.at("m"));
        const double hv = test::number(row, "hypervolume");
        CHECK(std::fabs(hypervolume(fronts[row.at("front_id")], references[row.at("front_id")]) - hv) <=
              1e-10 * std::max(1.0, hv));
    }
}

TEST_CASE("exclusive contributions agree with pagmo's to 1e-10") {
    auto fronts = fixture_fronts();
    auto references = fixture_references();
    std::map<std::string, std::map<std::size_t, double>> expected;
    for (const Row& row : test::read_table("hv_contrib.csv"))
        expected[row.at("front_id")][std::size_t(test::number(row, "point_index_in_filtered_list"))] =
            test::number(row, "contribution");
    for (const auto& entry : expected) {
        const std::string& id = entry.first;
        const auto& values = entry.second;
        std::vector<Point> inside; // the fixture's list: inside the reference, non-dominated, unique, sorted
        for (const Point& point : fronts[id])
            if (std::equal(point.begin(), point.end(), references[id].begin(), std::less<>())) inside.push_back(point);
        ParetoArchive archive;
        for (const Point& point : inside) archive.insert(point);
        REQUIRE(archive.size() == values.size());
        const auto contributions = exclusive_contributions(archive.points(), references[id]);
        CAPTURE(id);
        for (const auto& [index, value] : values)
            CHECK(std::fabs(contributions[index] - value) <= 1e-10 * std::max(1.0, value));
    }
}

TEST_CASE("hypervolume and contributions equal cell counting for 1 to 6 objectives, ties and outsiders included") {
    for (std::size_t m = 1; m <= 6; ++m)
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            const std::size_t n = m <= 3 ? 12 : m == 4 ? 9 : 6;
            const auto points = random_points(n, m, seed, seed % 2);
            const Point reference(m, 1.0);
            CAPTURE(m);
            CAPTURE(seed);
            const double volume = grid_volume(points, reference);
            CHECK(hypervolume(points, reference) == doctest::Approx(volume).epsilon(1e-12));
            const auto contributions = exclusive_contributions(points, reference);
            for (std::size_t i = 0; i < n; ++i) {
                auto others = points;
                others.erase(others.begin() + std::ptrdiff_t(i));
                CHECK(std::fabs(contributions[i] - (volume - grid_volume(others, reference))) < 1e-12);
            }
        }
}

TEST_CASE("large fronts: one more or less dimension that all points share only scales the volume") {
    for (const std::size_t n : {65u, 300u, 5000u}) { // past one, and past two words of the rank set
        const auto points = random_points(n, 2, n, false);
        for (const std::size_t wide : {3u, 4u, 5u}) {
            if (wide > 3 && n > 300) continue;
            auto lifted = points;
            for (Point& p : lifted) p.insert(p.begin(), wide - 2, 0.5);
            Point reference(wide, 1.0);
            CHECK(hypervolume(lifted, reference) ==
                  doctest::Approx(hypervolume(points, Point{1, 1}) * std::pow(0.5, double(wide - 2))).epsilon(1e-12));
        }
    }
}

TEST_CASE("edges: no points, points on or outside the reference, equals, bad input") {
    CHECK(hypervolume({}, Point{1, 1}) == 0.0);
    CHECK(exclusive_contributions({}, Point{1, 1, 1}).empty());
    CHECK(hypervolume(std::vector<Point>{{1, 0}, {0, 1}, {2, 2}}, Point{1, 1}) == 0.0);
    CHECK(hypervolume(std::vector<Point>{{0, 0, 0, 0}}, Point{1, 2, 3, 4}) == 24.0);
    for (const std::size_t m : {1u, 2u, 3u, 4u}) {
        const std::vector<Point> equal(3, Point(m, 0.5));
        CHECK(exclusive_contributions(equal, Point(m, 1.0)) == std::vector<double>{0, 0, 0});
    }
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(hypervolume(std::vector<Point>{{nan, 0}}, Point{1, 1}), Error);
    CHECK_THROWS_AS(hypervolume(std::vector<Point>{{0}}, Point{1, 1}), Error);
    CHECK_THROWS_AS(hypervolume({}, Point{}), Error);
    CHECK_THROWS_AS(hypervolume({}, Point{nan, 1}), Error);
}
