// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/portfolio.hpp"
#include "fake.hpp"
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

Problem problem_of(net::Shape input, space::Augments samples) {
    Problem problem;
    problem.space = {.input = input, .classes = 10, .augments = samples};
    problem.estimate = [space = problem.space](const space::Genome& genome) { return fake_costs(space, genome); };
    return problem;
}

Problem digit_problem() { return problem_of({1, 28, 28}, space::Augments::pictures); }

std::set<std::string> keys_of(const std::vector<space::Genome>& genomes, const space::Space& space) {
    std::set<std::string> keys;
    for (const space::Genome& genome : genomes) keys.insert(space::key(genome, space));
    return keys;
}

} // namespace

TEST_CASE("the greedy cover takes first what covers most, then what adds most to it") {
    // Below (4.5, 4.1), by hand: 0: 2.5 x 2.1 = 5.25; 1: 0.5 x 3.1 = 1.55; 2: 3.5 x 0.1 = 0.35; 3 lies behind 0.
    const std::vector<mobo::Point> points{{3, 3}, {4, 1}, {1, 4}, {2, 2}};
    CHECK(search::detail::by_cover({points}, {4.5}) == std::vector<std::size_t>{3, 1, 2, 0});
}

TEST_CASE("what errs too often on a set covers nothing of it, however little it costs") {
    const std::vector<mobo::Point> points{{-1, 0}, {-3, 5}, {-2, 4}};
    CHECK(search::detail::by_cover({points}, {-1.0}).back() == 0);
    // With a bound far off, by hand: 0.9 x 5.1, then 1.0 x 1.1 more, then 1.0 x 0.1 more.
    CHECK(search::detail::by_cover({points}, {-0.1}) == std::vector<std::size_t>{0, 2, 1});
    CHECK(search::detail::by_cover({points}, {-4.0}).size() == 3); // none counts
}

TEST_CASE("of two sets each counts by the share of its own cover, whatever its scale") {
    // On the first set genome 0 covers a little more than genome 1, on the second one genome 1 covers nearly all.
    const std::vector<mobo::Point> first{{1.0, 1.0}, {1.1, 1.1}, {3, 3}}, second{{90, 90}, {10, 10}, {100, 100}};
    CHECK(search::detail::by_cover({first}, {3.1}).front() == 0);
    CHECK(search::detail::by_cover({first, second}, {3.1, 100.1}).front() == 1);
}

TEST_CASE("every step of the greedy cover is the best one, by hypervolumes of all choices") {
    Random random(5, "cover");
    std::vector<mobo::Point> points;
    for (int i = 0; i < 12; ++i) points.push_back({random.uniform(), random.uniform(), random.uniform()});
    mobo::Point reference = points[0];
    for (const mobo::Point& point : points)
        for (std::size_t k = 0; k < 3; ++k) reference[k] = std::max(reference[k], point[k]);
    for (double& bound : reference) bound += 0.1;
    reference[0] = 0.7;
    std::vector<mobo::Point> chosen;
    for (const std::size_t taken : search::detail::by_cover({points}, {0.7})) {
        const auto with = [&](std::size_t i) {
            std::vector<mobo::Point> more = chosen;
            more.push_back(points[i]);
            return mobo::hypervolume(more, reference);
        };
        for (std::size_t i = 0; i < points.size(); ++i) CHECK(with(i) <= with(taken) + 1e-12);
        chosen.push_back(points[taken]);
    }
    CHECK(chosen.size() == points.size());
}

TEST_CASE("a genome that breaks a limit is narrowed until it holds it, by no more than needed") {
    Problem problem = digit_problem();
    space::Genome genome;
    genome.front.width = 20;
    genome.stages[0].units[0].width = 40;
    const double whole = *problem.estimate(genome)[Measure::model_size];
    for (const double share : {1.0, 0.8, 0.4}) {
        problem.limits = {{Measure::model_size, share * whole}};
        const auto found = search::detail::narrowed_to_limits(genome, problem);
        REQUIRE(found);
        const int front = found->first.front.width, unit = found->first.stages[0].units[0].width;
        CHECK(unit == 2 * front);
        CHECK(*found->second[Measure::model_size] <= share * whole);
        CHECK((share == 1) == (front == 20));
        space::Genome wider = genome; // a tenth more would break it
        wider.front.width = front + 2;
        wider.stages[0].units[0].width = unit + 4;
        CHECK(*problem.estimate(wider)[Measure::model_size] > share * whole);
    }
    problem.limits = {{Measure::model_size, 10}};
    CHECK_FALSE(search::detail::narrowed_to_limits(genome, problem));
}

TEST_CASE("a search begins with each genome of the portfolio once, within its limits") {
    Problem problem = digit_problem();
    const std::vector<space::Genome> all = portfolio(problem, {});
    CHECK(all.size() >= 15);
    CHECK(keys_of(all, problem.space).size() == all.size());
    problem.limits = {{Measure::model_size, 400}};
    const std::vector<space::Genome> small = portfolio(problem, {});
    CHECK(!small.empty());
    for (const space::Genome& genome : small) CHECK(*problem.estimate(genome)[Measure::model_size] <= 400);
    problem.limits = {{Measure::model_size, 0}};
    CHECK(portfolio(problem, {}).empty());
}

TEST_CASE("a search without a set begins with none of its genomes, and with none at all without all sets") {
    const Problem problem = digit_problem();
    const std::set<std::string> all = keys_of(portfolio(problem, {}), problem.space);
    for (const space::PortfolioSet& set : space::portfolio_sets) {
        const std::set<std::string> left = keys_of(portfolio(problem, {std::string(set.name)}), problem.space);
        CHECK(left.size() < all.size());
        for (const space::PortfolioMember& member : space::portfolio_members()) {
            const std::string key = space::key(space::conformed(member.genome, problem.space), problem.space);
            if (member.set == set.name) CHECK_FALSE(left.contains(key));
        }
    }
    CHECK(portfolio(problem, space::portfolio_set_names({"all"})).empty());
}

TEST_CASE("genomes are judged by sets of the same kind of samples, or by all if none is left") {
    const auto names = [](const Problem& problem, const std::vector<std::string>& without) {
        std::vector<std::string> judges;
        for (const std::size_t set : search::detail::judging_sets(problem.space, without))
            judges.emplace_back(space::portfolio_sets[set].name);
        return judges;
    };
    using Names = std::vector<std::string>;
    const Problem series = problem_of({6, 128, 1}, space::Augments::series);
    CHECK(names(series, {}) == Names{"hapt", "ecg5000"});
    CHECK(names(series, {"hapt"}) == Names{"ecg5000"});
    CHECK(names(series, {"hapt", "ecg5000"}) == Names{"mnist", "cifar10", "chars74k", "strokes", "textures"});
    CHECK(names(digit_problem(), {"mnist", "cifar10"}) == Names{"chars74k", "strokes", "textures"});
}
