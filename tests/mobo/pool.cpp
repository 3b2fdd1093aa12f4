// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/pool.hpp"
#include "tinysparse/gp/sample.hpp"
#include "tinysparse/gp/stationary.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::mobo;

namespace {
/// Error sin(6x) + 1 where cost is x: five known points, candidates in between.
struct Setting {
    gp::GaussianProcess process{gp::Stationary(gp::Columns::all(1), gp::Profile::matern52), 1e-4};
    ParetoArchive front;
    Point reference = {2.5, 1.2};
    Pool pool{gp::Matrix(0, 1), {}};

    Setting() {
        gp::Matrix x(0, 1);
        std::vector<double> y;
        for (const double at : {0.0, 0.3, 0.5, 0.75, 1.0}) {
            x.append_row(std::vector<double>{at});
            y.push_back(std::sin(6 * at) + 1);
            front.insert({y.back(), at});
        }
        process.set_hyperparameters(std::vector<double>{std::log(0.3)}, 1e-4);
        process.condition(x, y);
        for (int i = 0; i <= 40; ++i) {
            pool.points.append_row(std::vector<double>{i / 40.0});
            pool.costs.push_back({i / 40.0});
        }
    }
};
} // namespace

TEST_CASE("the chosen candidate has the largest improvement that simulation finds") {
    Setting s;
    const auto values = ehvi_of_pool(s.process, s.front, s.reference, s.pool);
    Random random(1, "pool");
    std::vector<double> simulated(s.pool.costs.size(), 0.0);
    const double before = hypervolume(s.front.points(), s.reference);
    for (std::size_t i = 0; i < simulated.size(); ++i) {
        const gp::Prediction p = s.process.predict(s.pool.points.row_span(i));
        for (int draw = 0; draw < 2000; ++draw) {
            auto points = s.front.points();
            points.push_back({p.mean + std::sqrt(p.variance) * random.normal(), s.pool.costs[i][0]});
            simulated[i] += (hypervolume(points, s.reference) - before) / 2000;
        }
    }
    const auto chosen = choose_by_ehvi(s.process, s.front, s.reference, s.pool);
    REQUIRE(chosen.size() == 1);
    const double best = *std::max_element(simulated.begin(), simulated.end());
    CHECK(simulated[chosen[0]] > 0.9 * best);
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(std::fabs(values[i] - simulated[i]) < 0.05 * best + 1e-3);
}

TEST_CASE("a batch is of different candidates, and pending ones are not proposed again") {
    Setting s;
    const auto batch = choose_by_ehvi(s.process, s.front, s.reference, s.pool, {}, 4);
    REQUIRE(batch.size() == 4);
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = 0; b < a; ++b) CHECK(batch[a] != batch[b]);
    Pool pending{gp::Matrix(0, 1), {s.pool.costs[batch[0]]}};
    pending.points.append_row(s.pool.points.row_span(batch[0]));
    CHECK(choose_by_ehvi(s.process, s.front, s.reference, s.pool, pending)[0] == batch[1]);
    CHECK(s.process.size() == 5); // the caller's process is as it was
    CHECK(choose_by_ehvi(s.process, s.front, s.reference, {}, {}, 3).empty());
    Pool wrong = s.pool;
    wrong.costs.pop_back();
    CHECK_THROWS_AS(choose_by_ehvi(s.process, s.front, s.reference, wrong), Error);
}

TEST_CASE("scalarisations choose from the pool's own front and spread along it") {
    Setting s;
    Random random(3, "pool");
    std::vector<std::size_t> by_tchebyshev, by_hypervolume;
    for (int round = 0; round < 40; ++round) {
        const auto sample = gp::sample_on_pool(s.process, s.pool.points, random);
        std::vector<Point> objectives;
        for (std::size_t i = 0; i < sample.size(); ++i) objectives.push_back({sample[i], s.pool.costs[i][0]});
        const auto front = non_dominated(objectives);
        by_tchebyshev.push_back(choose_by_tchebyshev(objectives, s.front.points(), random));
        CHECK(std::find(front.begin(), front.end(), by_tchebyshev.back()) != front.end());
        by_hypervolume.push_back(choose_by_hypervolume(objectives, s.reference, random));
    }
    for (auto* chosen : {&by_tchebyshev, &by_hypervolume}) {
        std::sort(chosen->begin(), chosen->end());
        chosen->erase(std::unique(chosen->begin(), chosen->end()), chosen->end());
        CHECK(chosen->size() >= 5);
    }
    CHECK_THROWS_AS(choose_by_tchebyshev({}, {}, random), Error);
    CHECK_THROWS_AS(choose_by_hypervolume({}, Point{1, 1}, random), Error);
}
