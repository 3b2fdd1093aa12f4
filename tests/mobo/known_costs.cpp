// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/known_costs.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::mobo;

TEST_CASE("known costs are the limit of modelled ones that are certain") {
    Random random(1, "known");
    for (const std::size_t m : {2u, 3u})
        for (int round = 0; round < 40; ++round) {
            std::vector<Point> front(std::size_t(round) % 15, Point(m));
            for (Point& p : front)
                for (double& f : p) f = round % 4 == 0 ? 0.25 * random.below(5) : random.uniform();
            const Point reference(m, 0.9);
            Point mean(m), sd(m, 1e-9);
            for (double& f : mean) f = random.uniform();
            sd[0] = random.uniform(0.01, 0.4);
            EhviKnownCosts known(front, reference);
            const double modelled = Ehvi(front, reference)(mean, sd);
            CAPTURE(m);
            CAPTURE(round);
            CHECK(std::fabs(known(mean[0], sd[0], std::span(mean).subspan(1)) - modelled) < 1e-7);
        }
}

TEST_CASE("the mean hypervolume gained over many draws is the expected one") {
    Random random(2, "known");
    for (const std::size_t m : {2u, 3u}) {
        std::vector<Point> front(10, Point(m));
        for (Point& p : front)
            for (double& f : p) f = random.uniform();
        const Point reference(m, 1.0);
        const double before = hypervolume(front, reference);
        front.push_back(Point(m, 0.35));
        double sum = 0, square = 0;
        const int draws = 20000;
        for (int s = 0; s < draws; ++s) {
            front.back()[0] = 0.5 + 0.2 * random.normal();
            const double gain = hypervolume(front, reference) - before;
            sum += gain / draws;
            square += gain * gain / draws;
        }
        front.pop_back();
        EhviKnownCosts known(front, reference);
        const Point costs(m - 1, 0.35);
        CHECK(std::fabs(known(0.5, 0.2, costs) - sum) < 5 * std::sqrt(square / draws));
    }
}

TEST_CASE("costs at or past the reference and covered candidates gain nothing") {
    EhviKnownCosts known(std::vector<Point>{{0.0, 0.1, 0.1}}, Point{1, 1, 1});
    CHECK(known(0.5, 0.1, Point{1.0, 0.5}) == 0);
    CHECK(known(0.5, 0.1, Point{0.5, 2.0}) == 0);
    CHECK(known(0.5, 1e-6, Point{0.5, 0.5}) == 0);
    CHECK(known(0.5, 0, Point{0.05, 0.5}) == doctest::Approx(0.5 * 0.05 * 0.5)); // certain: the volume itself
    CHECK_THROWS_AS(EhviKnownCosts({}, Point{1}), Error);
    CHECK_THROWS_AS(EhviKnownCosts({}, Point(4, 1.0)), Error);
    CHECK_THROWS_WITH_AS(known(0.5, 0.1, Point{0.5}), "known costs: 1 values for 2 objectives; give one for each",
                         Error);
}
