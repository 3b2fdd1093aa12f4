// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/optimiser.hpp"
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::mobo;
using gp::Warp;

namespace {
/// Schaffer's two parabolas in any dimension: the front is the line between (0, 0, ..) and (1, 1, ..).
Point parabolas(const std::vector<double>& x) {
    Point f = {0, 0};
    for (const double value : x) {
        f[0] += value * value / double(x.size());
        f[1] += (value - 1) * (value - 1) / double(x.size());
    }
    return f;
}
Domain cube(std::size_t dimensions) { return {std::vector(dimensions, Warp::real(-2, 3))}; }
const Domain square_domain = cube(2);
double volume_after(Strategy strategy, int evaluations, std::size_t dimensions = 2) {
    Optimiser optimiser(cube(dimensions), 2,
                        {.strategy = strategy, .reference = {2, 2}, .initial = 8, .maximise = {150, 150, 4, 30}});
    for (int i = 0; i < evaluations; ++i) {
        const auto trial = optimiser.ask();
        optimiser.tell(trial.id, parabolas(trial.point));
    }
    return hypervolume(optimiser.front().points(), Point{2, 2});
}
} // namespace

TEST_CASE("models and evolution beat chance, and EHVI is near the whole front") {
    double under = 0; // the front is f_2 = (1 - sqrt f_1)^2, f_1 in 0..1
    for (int i = 0; i < 100000; ++i) under += std::pow(1 - std::sqrt((i + 0.5) / 1e5), 2) * 1e-5;
    const double whole = 4 - under;
    const double ehvi = volume_after(Strategy::ehvi, 30), chance = volume_after(Strategy::random, 30);
    CHECK(ehvi > 0.98 * whole);
    CHECK(ehvi < whole);
    CHECK(volume_after(Strategy::tchebyshev, 30) > chance);
    CHECK(volume_after(Strategy::hypervolume, 30) > chance);
    // it needs room and time
    CHECK(volume_after(Strategy::evolution, 100, 6) > volume_after(Strategy::random, 100, 6) + 0.1);
}

TEST_CASE("asking many at once gives different points, told in any order, and the same seed the same trials") {
    const auto run = [] {
        Optimiser optimiser(square_domain, 2, {.reference = {2, 2}, .initial = 6, .maximise = {100, 100, 3, 20}});
        std::vector<std::vector<double>> asked;
        for (int round = 0; round < 4; ++round) {
            auto batch = optimiser.ask(4);
            for (std::size_t i = batch.size(); i-- > 0;) {
                asked.push_back(batch[i].point);
                if (i == 1)
                    optimiser.forget(batch[i].id);
                else
                    optimiser.tell(batch[i].id, parabolas(batch[i].point));
            }
        }
        CHECK(optimiser.pending() == 0);
        CHECK(optimiser.points().size() == 12);
        return asked;
    };
    const auto asked = run();
    for (std::size_t a = 0; a < asked.size(); ++a)
        for (std::size_t b = 0; b < a; ++b)
            CHECK(std::hypot(asked[a][0] - asked[b][0], asked[a][1] - asked[b][1]) > 1e-4);
    CHECK(run() == asked);
}

TEST_CASE("known costs need a model of the first objective only, constraints hold, categories mix with numbers") {
    Domain domain{{Warp::category(3), Warp::log_integer(1, 64), Warp::real(0, 1)}};
    domain.feasible = [](std::span<const double> x) { return x[1] <= 48; };
    const auto cost = [](std::span<const double> x) { return Point{std::log(x[1]) * (1 + 0.1 * x[0])}; };
    const auto error = [](const std::vector<double>& x) {
        return (x[0] == 1 ? 0.0 : 0.4) + 1 / x[1] + std::pow(x[2] - 0.6, 2);
    };
    Optimiser optimiser(domain, 2,
                        {.reference = {2, 5}, .initial = 10, .known_costs = cost, .maximise = {100, 100, 3, 20}});
    std::size_t right_category = 0;
    for (int i = 0; i < 35; ++i) {
        const auto trial = optimiser.ask();
        CHECK(trial.point[1] <= 48);
        if (i >= 15) right_category += trial.point[0] == 1;
        optimiser.tell(trial.id, {error(trial.point), cost(trial.point)[0]});
    }
    CHECK(right_category >= 10);
}

TEST_CASE("a description is what the models see") {
    // The function depends on x + y alone; told so, a model of one dimension is enough.
    const auto f = [](const std::vector<double>& x) {
        return Point{std::pow(x[0] + x[1] - 1, 2), std::pow(x[0] + x[1], 2)};
    };
    OptimiserOptions options{.reference = {4, 4}, .initial = 5, .maximise = {100, 100, 3, 20}};
    options.describe = [](std::span<const double> x) { return std::vector<double>{(x[0] + x[1]) / 4}; };
    CHECK_THROWS_AS(Optimiser(square_domain, 2, options), Error);
    options.kernel = std::make_shared<gp::Stationary>(gp::Columns::all(1), gp::Profile::rbf);
    Optimiser optimiser(square_domain, 2, options);
    for (int i = 0; i < 15; ++i) {
        const auto trial = optimiser.ask();
        optimiser.tell(trial.id, f(trial.point));
    }
    CHECK(hypervolume(optimiser.front().points(), Point{4, 4}) > 14.5); // the whole front has 14 + 5/6
}

TEST_CASE("a domain of few points is searched to its end and then repeats rather than fails") {
    Optimiser optimiser({{Warp::category(2), Warp::category(2)}}, 2, {.reference = {2, 2}, .initial = 1});
    for (int i = 0; i < 6; ++i) {
        const auto trial = optimiser.ask();
        optimiser.tell(trial.id, {trial.point[0], 1 - trial.point[0] + trial.point[1]});
    }
    CHECK(optimiser.front().size() == 2);
}

TEST_CASE("one objective is minimised by expected improvement, nearer than by chance") {
    // Branin's function, whose minimum is 0.397887.
    const auto branin = [](const std::vector<double>& x) {
        const double a = x[1] - 5.1 / (4 * 9.8696044) * x[0] * x[0] + 5 / 3.14159265 * x[0] - 6;
        return a * a + 10 * (1 - 1 / (8 * 3.14159265)) * std::cos(x[0]) + 10;
    };
    const auto best_of = [&](Strategy strategy) {
        Optimiser optimiser({{Warp::real(-5, 10), Warp::real(0, 15)}}, 1,
                            {.strategy = strategy, .maximise = {150, 150, 4, 30}});
        for (int i = 0; i < 30; ++i) {
            const auto trial = optimiser.ask();
            optimiser.tell(trial.id, {branin(trial.point)});
        }
        REQUIRE(optimiser.front().size() == 1);
        const auto& best = optimiser.front().entries()[0];
        CHECK(best.objectives[0] == branin(optimiser.points()[best.id]));
        return best.objectives[0];
    };
    const double model = best_of(Strategy::ehvi);
    CHECK(model < 0.397887 + 0.01);
    CHECK(model < best_of(Strategy::random));
}

TEST_CASE("wrong use is told in a sentence") {
    CHECK_THROWS_WITH_AS(Optimiser(square_domain, 0),
                         "an optimiser of no objectives has nothing to minimise; give at least one", Error);
    CHECK_THROWS_WITH_AS(Optimiser(square_domain, 1, {.known_costs = [](std::span<const double>) { return Point{}; }}),
                         "known costs are those of objectives 1, 2, ..; an optimiser of one objective has none", Error);
    CHECK_THROWS_AS(Optimiser({}, 2), Error);
    CHECK_THROWS_AS(Optimiser(square_domain, 4), Error);
    CHECK_NOTHROW(Optimiser(square_domain, 4, {.strategy = Strategy::tchebyshev}));
    CHECK_THROWS_AS(Optimiser(square_domain, 2, {.reference = {1, 1, 1}}), Error);
    Optimiser optimiser(square_domain, 2);
    CHECK_THROWS_WITH_AS(optimiser.tell(5, {1, 1}),
                         "trial 5 is not pending; tell each trial once, with the id that ask() gave", Error);
    const auto trial = optimiser.ask();
    CHECK_THROWS_WITH_AS(optimiser.tell(trial.id, {1, std::nan("")}),
                         "point 0: objective 1 is NaN; leave failed trials out or give them a bad value", Error);
    CHECK_THROWS_WITH_AS(optimiser.tell(trial.id, {1, std::numeric_limits<double>::infinity()}),
                         "point 0: objective 1 is inf; call forget() for a trial that failed", Error);
    CHECK_THROWS_WITH_AS(optimiser.add({1}, {1, 1}), "the point has 1 values, expected 2; give one value per dimension",
                         Error);
    optimiser.tell(trial.id, {1, 1}); // still pending after the refusals
    Optimiser impossible({{Warp::real(0, 1)}, [](std::span<const double>) { return false; }}, 2);
    CHECK_THROWS_WITH_AS(impossible.ask(), "none of 100000 points satisfies the constraints; widen them or the ranges",
                         Error);
}
