// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/pruning_odds.hpp"
#include "digit_space.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::space;
using prune::Method;

namespace {

using Trials = std::array<PruningTrials, prune::method_count>;

Space restricted_space(const std::string& rules) { return narrowed(digit_space, rules, "rules"); }

double sum(const PruningOdds& odds) { return std::accumulate(odds.begin(), odds.end(), 0.0); }

/// How often each method prunes a genome of several thousand draws, and an edit of a genome without pruning.
struct Drawn {
    std::array<int, prune::method_count> samples{}, edits{}, by_threshold{};
    int unpruned = 0, pruned_edits = 0;

    explicit Drawn(const Space& space, const PruningOdds& odds = even_odds, int draws = 4000) {
        Random random(1, "drawn");
        Genome plain = conformed(Genome{}, space);
        for (int i = 0; i < draws; ++i) {
            const Pruning drawn = sample(space, random, odds).pruning;
            ++(drawn.active() ? samples[std::size_t(*drawn.method)] : unpruned);
            const Pruning edited = mutate(plain, space, random, Edits::refinement, odds).pruning;
            if (edited == plain.pruning || !edited.active()) continue;
            ++pruned_edits;
            ++edits[std::size_t(*edited.method)];
            by_threshold[std::size_t(*edited.method)] += edited.by_threshold();
        }
    }
};

} // namespace

TEST_CASE("methods are as likely as each other before anything is known of them") {
    const PruningOdds odds = matched_odds({}, digit_space);
    for (const double probability : odds) CHECK(probability == doctest::Approx(1.0 / 7));
    for (const double probability : even_odds) CHECK(probability == doctest::Approx(1.0 / 7));
    const Drawn drawn(digit_space, odds);
    for (const int count : drawn.edits) CHECK(std::abs(count - drawn.pruned_edits / 7.0) < 40); // deviation: about 10
    CHECK(drawn.pruned_edits > 400);
    CHECK(drawn.unpruned > 3600);
}

TEST_CASE("probabilities are the shares of quality above the least: two methods by hand") {
    const Space two = restricted_space("pruning.method = none dpf filter-l1");
    Trials trials{};
    trials[std::size_t(Method::dpf)] = {8, 3};       // quality 4 / 10
    trials[std::size_t(Method::filter_l1)] = {6, 0}; // 1 / 8
    trials[std::size_t(Method::magnitude)] = {5, 5}; // is not in the space
    const PruningOdds odds = matched_odds(trials, two);
    CHECK(odds[std::size_t(Method::dpf)] == doctest::Approx(0.05 + 0.9 * 0.4 / 0.525));
    CHECK(odds[std::size_t(Method::filter_l1)] == doctest::Approx(0.05 + 0.9 * 0.125 / 0.525));
    CHECK(sum(odds) == doctest::Approx(1));
    for (const Method method : {Method::magnitude, Method::sparse_vd, Method::bayes_gnj, Method::one_shot})
        CHECK(odds[std::size_t(method)] == 0);
}

TEST_CASE("a method that never brings anything keeps one draw in twenty") {
    Trials trials{};
    trials.fill({1000000, 1000000});
    trials[std::size_t(Method::one_shot)] = {1000000, 0};
    const PruningOdds odds = matched_odds(trials, digit_space);
    CHECK(odds[std::size_t(Method::one_shot)] >= 0.05);
    CHECK(odds[std::size_t(Method::one_shot)] < 0.0501);
    CHECK(sum(odds) == doctest::Approx(1));
    const Drawn drawn(digit_space, odds);
    const int all = std::accumulate(drawn.edits.begin(), drawn.edits.end(), 0);
    CHECK(drawn.edits[std::size_t(Method::one_shot)] > 0.02 * all);
    CHECK(drawn.edits[std::size_t(Method::one_shot)] < 0.1 * all);
}

TEST_CASE("draws and edits take methods by their odds") {
    PruningOdds odds{};
    odds[std::size_t(Method::dpf)] = 0.25; // they need not add up to 1
    odds[std::size_t(Method::bayes_ghs)] = 0.5;
    const Drawn drawn(digit_space, odds, 8000);
    for (const auto& counts : {drawn.samples, drawn.edits}) {
        const int dpf = counts[std::size_t(Method::dpf)], ghs = counts[std::size_t(Method::bayes_ghs)];
        CHECK(dpf + ghs == std::accumulate(counts.begin(), counts.end(), 0));
        CHECK(ghs / double(dpf + ghs) == doctest::Approx(2.0 / 3).epsilon(0.15));
    }
}

TEST_CASE("a restricted space draws its methods only, each of them") {
    const Drawn two(restricted_space("pruning.method = none sparse-vd one-shot"));
    for (const auto& counts : {two.samples, two.edits})
        for (std::size_t i = 0; i < counts.size(); ++i) {
            const bool allowed = i == std::size_t(Method::sparse_vd) || i == std::size_t(Method::one_shot);
            CHECK((counts[i] > 60) == allowed);
            CHECK((counts[i] > 0) == allowed);
        }
    // Without a budget only methods with a threshold prune.
    const Drawn free(restricted_space("pruning.keep = 1..1"));
    for (const prune::MethodInfo& method : prune::methods)
        CHECK((free.edits[std::size_t(method.method)] > 60) == method.decides);
    const Drawn none(restricted_space("pruning.method = none"), even_odds, 500);
    CHECK(none.unpruned == 500);
    CHECK(none.pruned_edits == 0);
    CHECK_FALSE(has_pruned(restricted_space("pruning.method = none")));
    CHECK_FALSE(has_pruned(restricted_space("pruning.method = none magnitude\npruning.keep = 1..1")));
    CHECK(sum(matched_odds({}, restricted_space("pruning.method = none"))) == 0);
}

TEST_CASE("where the space has pruned networks only, each of its methods is drawn, not always the first") {
    const Space space = restricted_space("pruning.method = magnitude bayes-gnj filter-l1\npruning.keep = 0.3..0.8");
    const Drawn drawn(space, even_odds, 600);
    CHECK(drawn.unpruned == 0);
    for (const Method method : {Method::magnitude, Method::bayes_gnj, Method::filter_l1})
        CHECK(std::abs(drawn.samples[std::size_t(method)] - 200) < 60);
    Random random(3, "chain");
    Genome genome = sample(space, random);
    std::array<int, prune::method_count> seen{};
    for (int i = 0; i < 1000; ++i) {
        genome = mutate(genome, space, random);
        REQUIRE(genome.pruning.active());
        ++seen[std::size_t(*genome.pruning.method)];
    }
    for (const Method method : {Method::magnitude, Method::bayes_gnj, Method::filter_l1})
        CHECK(seen[std::size_t(method)] > 50);
}

TEST_CASE("a first edit keeps three quarters, or goes by the threshold in half of the draws of a method that has one") {
    const Drawn drawn(digit_space, even_odds, 8000);
    for (const prune::MethodInfo& method : prune::methods) {
        CAPTURE(std::string(method.name));
        const int all = drawn.edits[std::size_t(method.method)], by = drawn.by_threshold[std::size_t(method.method)];
        if (method.decides)
            CHECK(by / double(all) == doctest::Approx(0.5).epsilon(0.25));
        else
            CHECK(by == 0);
    }
    Random random(5, "first");
    for (int i = 0; i < 200; ++i) {
        const Pruning first = space::detail::first_pruning(digit_space, even_odds, 0.75, random);
        CHECK(first.active());
        CHECK((first.keep == 0.75 || first.by_threshold()));
    }
}

TEST_CASE("another method prunes, even if the one before went by a threshold that it has not") {
    Random random(6, "another");
    Genome genome;
    genome.pruning = {Method::sparse_vd, 1};
    int active = 0, inactive = 0;
    for (int i = 0; i < 3000; ++i) {
        const Pruning edited = mutate(genome, digit_space, random, Edits::refinement).pruning;
        if (edited.method && !prune::info(*edited.method).decides) ++(edited.active() ? active : inactive);
    }
    CHECK(active > 20);
    CHECK(inactive < active / 10); // by another edit after that, to a share of 1
}
