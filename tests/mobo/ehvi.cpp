// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/ehvi.hpp"
#include "../gp/csv.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::mobo;

namespace {
std::vector<Point> random_front(std::size_t n, std::size_t m, Random& random) {
    std::vector<Point> points(n, Point(m));
    for (Point& point : points)
        for (double& f : point) f = random.uniform();
    return points;
}
/// Sum over all cells of the grid of the front's coordinates that no point dominates: the definition, O(n^m).
double grid_ehvi(const std::vector<Point>& front, const Point& reference, const Point& mean, const Point& sd) {
    const std::size_t m = reference.size();
    std::vector<std::vector<double>> axes(m, {-std::numeric_limits<double>::infinity()});
    for (std::size_t k = 0; k < m; ++k) {
        for (const Point& p : front) axes[k].push_back(std::min(p[k], reference[k]));
        axes[k].push_back(reference[k]);
        std::sort(axes[k].begin(), axes[k].end());
    }
    std::vector<std::size_t> cell(m, 0);
    double sum = 0;
    for (;;) {
        Point corner(m);
        double product = 1;
        for (std::size_t k = 0; k < m; ++k) {
            corner[k] = axes[k][cell[k]];
            product *= expected_shortfall(axes[k][cell[k] + 1], mean[k], sd[k]) -
                       expected_shortfall(corner[k], mean[k], sd[k]);
        }
        if (std::none_of(front.begin(), front.end(), [&](const Point& p) { return weakly_dominates(p, corner); }))
            sum += product;
        std::size_t k = 0;
        while (k < m && ++cell[k] + 1 >= axes[k].size()) cell[k++] = 0;
        if (k == m) return sum;
    }
}
} // namespace

TEST_CASE("40 values of exact EHVI agree with independent ones to 1e-9") {
    std::map<std::string, std::vector<Point>> fronts;
    for (const test::Row& row : test::read_table("ehvi_fronts.csv"))
        fronts[row.at("case")].push_back(test::columns(row, "f"));
    const auto rows = test::read_table("ehvi_expected.csv");
    REQUIRE(rows.size() == 40);
    for (const test::Row& row : rows) {
        const auto mean = test::columns(row, "mu"), sd = test::columns(row, "sd");
        const Ehvi ehvi(fronts[row.at("case")], Point(mean.size(), 1.1));
        const double expected = test::number(row, "ehvi");
        CHECK(std::fabs(ehvi(mean, sd) - expected) <= 1e-9 * std::max(1.0, expected));
    }
}

TEST_CASE("boxes give what the grid of all cells gives, dominated points and outsiders included") {
    Random random(1, "ehvi");
    for (const std::size_t m : {2u, 3u})
        for (int round = 0; round < 30; ++round) {
            auto front = random_front(std::size_t(round) % 12, m, random);
            if (round % 3 == 0)
                for (Point& p : front)
                    for (double& f : p) f = std::round(4 * f) / 4; // ties and equal points
            const Point reference(m, 0.8);
            Point mean(m), sd(m);
            for (std::size_t k = 0; k < m; ++k) mean[k] = random.uniform(-0.2, 1.2), sd[k] = random.uniform(0.01, 0.5);
            CAPTURE(m);
            CAPTURE(round);
            const Ehvi ehvi(front, reference);
            CHECK(ehvi(mean, sd) == doctest::Approx(grid_ehvi(front, reference, mean, sd)).epsilon(1e-10));
            CHECK(ehvi.boxes() <= 3 * front.size() + 1);
        }
}

TEST_CASE("with hardly any uncertainty EHVI is the hypervolume gained") {
    Random random(2, "ehvi");
    for (const std::size_t m : {2u, 3u}) {
        auto front = random_front(20, m, random);
        const Point reference(m, 1.0), mean(m, 0.12), sd(m, 1e-7);
        const Ehvi ehvi(front, reference);
        const double before = hypervolume(front, reference), value = ehvi(mean, sd);
        front.push_back(mean);
        CHECK(value == doctest::Approx(hypervolume(front, reference) - before).epsilon(1e-5));
    }
}

TEST_CASE("the logarithm and its gradients hold where the value itself is 0 in doubles") {
    Random random(3, "ehvi");
    for (const std::size_t m : {2u, 3u}) {
        const auto front = random_front(8, m, random);
        const Ehvi ehvi(front, Point(m, 1.0));
        for (const double shift : {0.0, 0.5, 1.0, 3.0, 30.0, 300.0}) {
            Point mean(m), sd(m), by_mean(m), by_sd(m), unused(m);
            for (std::size_t k = 0; k < m; ++k)
                mean[k] = random.uniform(0.3, 0.6) + shift, sd[k] = random.uniform(0.05, 0.2);
            const double value = ehvi.logarithm(mean, sd, by_mean, by_sd);
            CAPTURE(shift);
            REQUIRE(std::isfinite(value));
            if (shift == 0) CHECK(value == doctest::Approx(std::log(ehvi(mean, sd))).epsilon(1e-12));
            if (shift >= 30) CHECK(ehvi(mean, sd) == 0);
            for (std::size_t k = 0; k < m; ++k) {
                const auto numeric = [&](Point& at) {
                    const double centre = at[k], h = 1e-6 * sd[k];
                    at[k] = centre + h;
                    const double above = ehvi.logarithm(mean, sd, unused, unused);
                    at[k] = centre - h;
                    const double below = ehvi.logarithm(mean, sd, unused, unused);
                    at[k] = centre;
                    return (above - below) / (2 * h);
                };
                CHECK(by_mean[k] == doctest::Approx(numeric(mean)).epsilon(1e-4));
                CHECK(by_sd[k] == doctest::Approx(numeric(sd)).epsilon(1e-4));
            }
        }
    }
}

TEST_CASE("the scaled complementary error function meets itself where its two forms change over") {
    CHECK(scaled_erfc(25 - 1e-12) == doctest::Approx(scaled_erfc(25)).epsilon(1e-14));
    CHECK(scaled_erfc(0) == 1);
    CHECK(scaled_erfc(1e6) == doctest::Approx(std::numbers::inv_sqrtpi * 1e-6).epsilon(1e-11));
    CHECK(scaled_erfc(25) / (std::exp(625.0) * std::erfc(25.0)) == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("of one objective it is the expected improvement below the best value, or below the reference") {
    const std::vector<Point> front = {{2.5}, {1.5}, {4.0}};
    for (const double mean : {-1.0, 1.4, 3.0})
        for (const double sd : {0.1, 2.0}) {
            CAPTURE(mean);
            CAPTURE(sd);
            const auto integral = [&](double best) { // of (best - f)_+ over the normal density, by the midpoint rule
                double sum = 0;
                const double step = sd * 16 / 200000;
                for (int i = 0; i < 200000; ++i) {
                    const double f = mean - 8 * sd + (i + 0.5) * step, z = (f - mean) / sd;
                    sum += std::max(best - f, 0.0) * std::exp(-z * z / 2) / (sd * 2.50662827463100050) * step;
                }
                return sum;
            };
            const Point m = {mean}, s = {sd};
            const double expected = integral(1.5);
            CHECK(Ehvi(front, Point{9})(m, s) == doctest::Approx(expected).epsilon(1e-6).scale(1e-6));
            CHECK(Ehvi(front, Point{1})(m, s) == doctest::Approx(integral(1)).epsilon(1e-6).scale(1e-6));
            CHECK(Ehvi({}, Point{1})(m, s) == doctest::Approx(integral(1)).epsilon(1e-6).scale(1e-6));
            Point by_mean(1), by_sd(1), unused(1);
            const Ehvi improvement(front, Point{9});
            const double value = improvement.logarithm(m, s, by_mean, by_sd), h = 1e-6;
            if (expected > 1e-12) CHECK(value == doctest::Approx(std::log(expected)).epsilon(1e-5));
            const auto moved = [&](double a, double b) {
                return improvement.logarithm(Point{mean + a}, Point{sd + b}, unused, unused);
            };
            CHECK(by_mean[0] == doctest::Approx((moved(h, 0) - moved(-h, 0)) / (2 * h)).epsilon(1e-5));
            CHECK(by_sd[0] == doctest::Approx((moved(0, h) - moved(0, -h)) / (2 * h)).epsilon(1e-5));
        }
}

TEST_CASE("other numbers of objectives are refused with a way out") {
    CHECK_THROWS_WITH_AS(
        Ehvi({}, Point(4, 1.0)),
        "exact expected hypervolume improvement of 4 objectives was asked for; it is there for 1 to 3, "
        "use a random scalarisation for others",
        Error);
    CHECK_THROWS_AS(Ehvi(std::vector<Point>{{0, std::nan("")}}, Point{1, 1}), Error);
    const Ehvi improvement({}, Point{1, 1});
    CHECK_THROWS_WITH_AS(improvement(Point{0}, Point{1, 1}), "means: 1 values for 2 objectives; give one for each",
                         Error);
    CHECK_THROWS_AS(improvement(Point{0, 0}, Point{1, 1, 1}), Error);
}

TEST_CASE("the expected shortfall is the integral that defines it, far from the mean too") {
    for (const double z : {-35.0, -20.0, -6.0, -4.0, -1.0, 0.0, 2.0, 6.0}) {
        const double mean = 0.3, sd = 0.2, t = mean + z * sd;
        // E[(t - f)_+] = integral over x >= 0 of x times the density of f at t - x, by Simpson's rule, sd as unit of x.
        const double step = 1e-3;
        double sum = 0;
        for (int i = 0; i <= 20000; ++i) {
            const double x = i * step, weight = i == 0 || i == 20000 ? 1 : i % 2 ? 4 : 2;
            sum += weight * x * std::exp(-(z - x) * (z - x) / 2);
        }
        const double integral = sd * sum * step / 3 / std::sqrt(2 * std::numbers::pi);
        CAPTURE(z);
        CHECK(expected_shortfall(t, mean, sd) == doctest::Approx(integral).epsilon(1e-8));
    }
    CHECK(expected_shortfall(1, 0.25, 0) == 0.75);
    CHECK(expected_shortfall(0, 0.25, 0) == 0);
}
