// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/pool.hpp"
#include "tinysparse/gp/sample.hpp"
#include "tinysparse/gp/stationary.hpp"
#include <doctest/doctest.h>
#include <set>

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

TEST_CASE("the expected improvement of each candidate is what simulation finds") {
    Setting s;
    const auto values = ehvi_of_pool(s.process, s.front, s.reference)(s.pool);
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
    const double best = *std::max_element(simulated.begin(), simulated.end());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(std::fabs(values[i] - simulated[i]) < 0.05 * best + 1e-3);
}

TEST_CASE("a pending trial counts as if it had ended with its mean: nothing is gained by proposing it again") {
    Setting s;
    const auto best = [&] {
        const auto values = ehvi_of_pool(s.process, s.front, s.reference)(s.pool);
        return std::pair(std::size_t(std::max_element(values.begin(), values.end()) - values.begin()), values);
    };
    const auto [first, before] = best();
    Pool pending{gp::Matrix(0, 1), {s.pool.costs[first]}};
    pending.points.append_row(s.pool.points.row_span(first));
    const double mean = s.process.predict(pending.points.row_span(0)).mean;
    add_fantasies({&s.process, 1}, s.front, pending);
    CHECK(s.process.size() == 6);
    CHECK(s.process.predict(pending.points.row_span(0)).mean == doctest::Approx(mean).epsilon(1e-6));
    const auto points = s.front.points();
    CHECK(std::find(points.begin(), points.end(), Point{mean, s.pool.costs[first][0]}) != points.end());
    const auto [second, after] = best();
    CHECK(second != first);
    CHECK(after[first] < 0.05 * before[first]);
    add_fantasies({&s.process, 1}, s.front, {}); // none are no change
    CHECK(s.process.size() == 6);
}

TEST_CASE("an empty pool has no values, and one whose points and costs differ in number is an Error") {
    Setting s;
    CHECK(ehvi_of_pool(s.process, s.front, s.reference)({}).empty());
    Pool wrong = s.pool;
    wrong.costs.pop_back();
    Random random(2, "pool");
    CHECK_THROWS_AS(ehvi_of_pool(s.process, s.front, s.reference)(wrong), Error);
    CHECK_THROWS_AS(thompson_of_pool({&s.process, 1}, random_hypervolume(s.reference, random), random)(wrong), Error);
    CHECK_THROWS_AS(add_fantasies({&s.process, 1}, s.front, wrong), Error);
}

TEST_CASE("Thompson sampling prefers points of a front and spreads along it, by either scalarisation") {
    Setting s;
    Random random(3, "pool");
    for (const bool by_hypervolume : {false, true}) {
        std::set<std::size_t> chosen;
        for (int round = 0; round < 40; ++round) {
            const Scalarisation scalarisation =
                by_hypervolume ? random_hypervolume(s.reference, random) : random_tchebyshev(s.front.points(), random);
            // The same function for the values and for what they are compared with.
            Random draw(std::uint64_t(round), "draw"), again = draw;
            const auto values = thompson_of_pool({&s.process, 1}, scalarisation, draw)(s.pool);
            const auto sample = gp::sample_on_pool(s.process, s.pool.points, again);
            std::vector<Point> objectives;
            for (std::size_t i = 0; i < sample.size(); ++i) objectives.push_back({sample[i], s.pool.costs[i][0]});
            const std::size_t best = std::size_t(std::max_element(values.begin(), values.end()) - values.begin());
            const auto front = non_dominated(objectives);
            CHECK(std::find(front.begin(), front.end(), best) != front.end());
            for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == -scalarisation(objectives[i]));
            chosen.insert(best);
        }
        CHECK(chosen.size() >= 5);
    }
}

TEST_CASE("Thompson sampling values candidates that join the pool later by the same function") {
    Setting s;
    Random random(4, "pool");
    const PoolAcquisition value = thompson_of_pool({&s.process, 1}, random_hypervolume(s.reference, random), random);
    const auto before = value(s.pool);
    Pool more = s.pool;
    more.points.append_row(std::vector<double>{0.33});
    more.costs.push_back({0.33});
    const auto after = value(more);
    REQUIRE(after.size() == before.size() + 1);
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == before[i]);
}

TEST_CASE("several modelled objectives are drawn side by side, and each learns of its fantasies") {
    Setting s;
    std::vector<gp::GaussianProcess> processes{s.process, s.process};
    gp::Matrix x(0, 1);
    for (const double at : {0.0, 0.3, 0.5, 0.75, 1.0}) x.append_row(std::vector<double>{at});
    processes[1].condition(x, {0.0, 0.3, 0.5, 0.75, 1.0}); // the cost, not known but modelled
    Pool pool{s.pool.points, std::vector<Point>(s.pool.costs.size())};
    Random random(5, "pool"), draw(6, "draw"), again = draw;
    const Scalarisation scalarisation = random_tchebyshev(s.front.points(), random);
    const auto values = thompson_of_pool(processes, scalarisation, draw)(pool);
    const auto first = gp::sample_on_pool(processes[0], pool.points, again),
               second = gp::sample_on_pool(processes[1], pool.points, again);
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == -scalarisation(Point{first[i], second[i]}));
    Pool pending{gp::Matrix(0, 1), {{}}};
    pending.points.append_row(std::vector<double>{0.6});
    add_fantasies(processes, s.front, pending);
    for (const gp::GaussianProcess& process : processes) CHECK(process.size() == 6);
}
