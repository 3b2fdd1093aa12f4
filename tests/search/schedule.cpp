// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/schedule.hpp"
#include "fake.hpp"
#include <algorithm>
#include <deque>
#include <map>
#include <set>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// Says what it was asked for; proposes always the same network, or is exhausted.
struct Scripted final : Acquisition {
    std::vector<space::Edits> asked;
    bool exhausted = false;
    Candidate propose(const View&, space::Edits wanted, Random&) override {
        asked.push_back(wanted);
        if (exhausted) throw Exhausted("every network was tried");
        return {{}, "proposed", {}, 1};
    }
};

struct ScriptedSearch {
    Problem problem{{{1, 28, 28}, 10},
                    {Measure::error, Measure::model_size, Measure::working_memory},
                    {},
                    {3, 10, 25},
                    0.9,
                    0.001,
                    {}};
    std::deque<Record> records;
    Scripted acquisition;

    ScriptedSearch() {
        problem.estimate = [this](const space::Genome& genome) { return fake_costs(problem.space, genome); };
    }
    ScriptedSearch(const ScriptedSearch&) = delete;
    Record& add(const std::string& key, int epochs, double error, double size, int stage = 2,
                Origin origin = Origin::mutation) {
        Record record;
        record.trial.number = records.size();
        record.trial.key = key;
        record.trial.stage = stage;
        record.trial.origin = origin;
        record.trial.epochs = record.trial.line_epochs = epochs;
        record.outcome.measures[Measure::error] = error;
        record.outcome.measures[Measure::model_size] = size;
        record.outcome.measures[Measure::working_memory] = 500;
        record.feasible = true;
        return records.emplace_back(record);
    }
    View view(double progress = 0) const {
        std::vector<const Record*> pointers;
        for (const Record& record : records) pointers.push_back(&record);
        return View(problem, std::move(pointers), {}, progress);
    }
    Proposal next(double progress, const FittingEpochs& fitting = all_fit) {
        Random random(1, "next");
        return next_proposal(view(progress), acquisition, random, fitting);
    }
    static int all_fit(const Record&, int epochs) { return epochs; }
};

} // namespace

TEST_CASE("stages end at a quarter and at three fifths of the run") {
    CHECK(stage_at(0) == 1);
    CHECK(stage_at(0.2499) == 1);
    CHECK(stage_at(0.25) == 2);
    CHECK(stage_at(0.5999) == 2);
    CHECK(stage_at(0.6) == 3);
    CHECK(stage_at(1.5) == 3);
}

TEST_CASE("each stage asks for the edits that belong to it") {
    ScriptedSearch bench;
    // Beside a good network the others are not worth a longer training, so that new ones are wanted.
    bench.add("good", 10, 0.01, 50, 1);
    for (const char* key : {"a", "b", "c", "d"}) bench.add(key, 3, 0.5, 100, 1);
    // None of them was random: that is too few, so that the first stage draws.
    CHECK(bench.next(0.1).origin == Origin::random);
    CHECK(bench.acquisition.asked.empty());
    bench.records[0].trial.origin = bench.records[1].trial.origin = Origin::random;
    CHECK(bench.next(0.1).origin == Origin::mutation);
    CHECK(bench.next(0.4).epochs == 3);
    CHECK(bench.next(0.65).stage == 3);
    CHECK(bench.acquisition.asked ==
          std::vector<space::Edits>{space::Edits::dense, space::Edits::all, space::Edits::refinement});
}

TEST_CASE("of the networks trained shortly, the best third is trained longer, each once") {
    ScriptedSearch bench;
    // Equal sizes: ranks are those of the errors.
    for (int i = 0; i < 6; ++i) bench.add(text("n", i), 3, 0.3 - 0.04 * i, 100);
    Proposal proposal = bench.next(0.3);
    CHECK(proposal.origin == Origin::promotion);
    CHECK(proposal.candidate.key == "n5");
    CHECK(proposal.candidate.parent == 5u);
    CHECK(proposal.epochs == 10);
    bench.add("n5", 10, 0.05, 100, 2, Origin::promotion);
    for (int i = 0; i < 3; ++i) bench.add(text("m", i), 3, 0.4, 100); // promotions are a third at most
    proposal = bench.next(0.3);
    CHECK(proposal.candidate.key == "n4");
    bench.add("n4", 10, 0.1, 100, 2, Origin::promotion);
    for (int i = 3; i < 6; ++i) bench.add(text("m", i), 3, 0.4, 100);
    bench.add("n3", 10, 0.1, 100, 2, Origin::promotion); // n3 and n2 belong to the third of twelve
    CHECK(bench.next(0.3).origin == Origin::mutation);   // 3 of 15 trials, but the fourth would be too many
}

TEST_CASE("of two networks that none dominates, the one whose recipe takes four times as long must promise four times "
          "as much") {
    ScriptedSearch bench;
    bench.add("long", 3, 0.10, 130).trial.genome.training.batch = 256;
    bench.add("usual", 3, 0.12, 100);
    for (int i = 0; i < 4; ++i) bench.add(text("worse", i), 3, 0.5, 300);
    const auto promoted = [&] { return bench.next(0.3).candidate.key; };
    CHECK(promoted() == "usual");
    bench.records[0].trial.genome.training.batch = 64;
    CHECK(promoted() == "long");
}

TEST_CASE("in a run with folds every other promotion is the network of the least error, whatever dominates it") {
    ScriptedSearch bench;
    bench.problem.folds = 5;
    bench.add("small", 3, 0.2, 10);
    for (int i = 0; i < 4; ++i) bench.add(text("dominated", i), 3, 0.5, 300);
    bench.add("large", 3, 0.2, 200); // as good as the small one, and larger: dominated
    bench.records[0].outcome.error_se = 0.02;
    CHECK(bench.next(0.3).candidate.key == "large");
    bench.add("large", 10, 0.15, 200, 2, Origin::promotion);
    for (int i = 0; i < 3; ++i) bench.add(text("more", i), 3, 0.5, 300); // promotions are a third at most
    CHECK(bench.next(0.3).candidate.key == "small");
}

TEST_CASE("in a run with folds a promotion leaves time for three others like it, if any does") {
    ScriptedSearch bench;
    bench.add("slow", 3, 0.1, 100);
    for (int i = 0; i < 6; ++i) bench.add(text("quick", i), 3, 0.12 + 0.005 * i, 100);
    int slow_fits = 30, quick_fits = 40; // epochs that end in time; a promotion has 10
    const auto promoted = [&] {
        return bench
            .next(0.3,
                  [&](const Record& record, int epochs) {
                      return std::min(epochs, record.trial.key == "slow" ? slow_fits : quick_fits);
                  })
            .candidate.key;
    };
    CHECK(promoted() == "slow"); // samples are many: one training is enough
    bench.problem.folds = 5;
    CHECK(promoted() == "quick0");
    slow_fits = 40;
    CHECK(promoted() == "slow");
    slow_fits = quick_fits = 10; // near the end none leaves such time
    CHECK(promoted() == "slow");
    slow_fits = 9;
    CHECK(promoted() == "quick0");
    slow_fits = 30, quick_fits = 40;
    bench.records[0].outcome.measures[Measure::error] = 0.01; // beside it the quick ones are hopeless
    CHECK(promoted() == "slow");
}

TEST_CASE("in a run with folds the last length is for networks that all folds have judged") {
    ScriptedSearch bench;
    bench.problem.folds = 5;
    bench.add("lucky", 3, 0.05, 50);
    Record& judged = bench.add("judged", 10, 0.06, 40);
    judged.outcome.folds.resize(5);
    const Proposal proposal = bench.next(0.9);
    CHECK(proposal.candidate.key == "judged");
    CHECK(proposal.epochs == 25);
    judged.outcome.folds.clear();
    CHECK(bench.next(0.9).epochs < 25);
}

TEST_CASE("no promotion in the first stage, of hopeless networks, or of those that failed") {
    ScriptedSearch bench;
    for (int i = 0; i < 6; ++i) bench.add(text("n", i), 3, 0.3 - 0.04 * i, 100, 1, Origin::random);
    CHECK(bench.next(0.1).origin == Origin::mutation);
    CHECK(bench.next(0.3).candidate.key == "n5");
    for (Record& record : bench.records) record.feasible = false;
    CHECK(bench.next(0.3).origin == Origin::mutation);
    for (Record& record : bench.records) {
        record.feasible = true;
        record.outcome.measures[Measure::error] = 0.9;
    }
    bench.add("good", 25, 0.01, 50);
    CHECK(bench.next(0.3).origin == Origin::mutation);
}

TEST_CASE("while no network beats the constant answer, the best are trained longer all the same") {
    ScriptedSearch bench;
    for (int i = 0; i < 6; ++i) bench.add(text("n", i), 3, 0.9, 100 - i);
    const Proposal proposal = bench.next(0.3);
    CHECK(proposal.origin == Origin::promotion);
    CHECK(proposal.candidate.key == "n5");
}

TEST_CASE("at the end each of the front is trained for good once, least error first, then most hypervolume, then with "
          "fresh seeds") {
    ScriptedSearch bench;
    bench.problem.objectives = {Measure::error, Measure::model_size};
    bench.problem.limits = {{Measure::model_size, 10000}};
    const std::map<std::string, std::pair<double, double>> networks = {
        {"narrow", {0.079, 60}}, {"small", {0.08, 50}}, {"wide", {0.052, 300}}, {"best", {0.05, 1000}}};
    const auto train = [&](const std::string& key, int epochs, Origin origin) {
        bench.add(key, epochs, networks.at(key).first, networks.at(key).second, 3, origin);
    };
    for (const auto& network : networks) train(network.first, 10, Origin::mutation);
    const View view = bench.view();
    REQUIRE(view.front().size() == 4);
    const auto share = [&](const std::string& key) {
        for (const std::size_t i : view.front())
            if (view.individuals()[i].record->trial.key == key) return view.contributions()[i];
        return 0.0;
    };
    REQUIRE(share("wide") > share("best")); // so most hypervolume first would begin with another one
    REQUIRE(share("small") > share("narrow"));
    REQUIRE(share("wide") > share("small"));
    for (const std::string key : {"best", "wide", "small", "narrow"}) {
        const Proposal proposal = bench.next(0.8);
        CHECK(proposal.candidate.key == key);
        CHECK(proposal.origin == Origin::promotion);
        CHECK(proposal.epochs == 25);
        train(key, 25, Origin::promotion);
    }
    std::vector<std::string> seeds;
    for (int i = 0; i < 9; ++i) {
        const Proposal proposal = bench.next(0.8);
        CHECK(proposal.origin == Origin::repeat);
        CHECK(proposal.epochs == 25);
        seeds.push_back(proposal.candidate.key);
        REQUIRE(networks.contains(seeds.back()));
        train(seeds.back(), 25, Origin::repeat);
    }
    for (std::size_t i = 0; i < 9; i += 3) // in turns
        CHECK(std::vector(seeds.begin() + long(i), seeds.begin() + long(i) + 3) ==
              std::vector<std::string>{"best", "wide", "small"});
    CHECK(bench.next(0.8).origin == Origin::mutation); // each had its three seeds
    CHECK(bench.next(0.95).origin == Origin::mutation);
    CHECK(bench.acquisition.asked.back() == space::Edits::refinement);
}

namespace {

/// Trains what is proposed at `progress` as it was proposed, until something new is; errors and sizes as they were.
/// Returns how often each network had a fresh training.
std::map<std::string, int> trained_to_the_end(ScriptedSearch& bench, double progress) {
    std::map<std::string, int> fresh;
    for (int i = 0; i < 100; ++i) {
        const Proposal proposal = bench.next(progress);
        if (proposal.origin != Origin::promotion && proposal.origin != Origin::repeat) return fresh;
        const Outcome before = bench.records[*proposal.candidate.parent].outcome;
        fresh[proposal.candidate.key] += proposal.origin == Origin::repeat;
        bench.add(proposal.candidate.key, proposal.epochs, *before.measures[Measure::error],
                  *before.measures[Measure::model_size], 3, proposal.origin);
    }
    FAIL("the trainings for good come to no end");
    return fresh;
}

} // namespace

TEST_CASE("the three of the largest hypervolume and the one of the least error have three fresh seeds, no other one") {
    ScriptedSearch bench;
    // One objective fewer, so that exclusive hypervolumes are areas that can be told by hand: steps of the front.
    bench.problem.objectives = {Measure::error, Measure::model_size};
    bench.problem.limits = {{Measure::model_size, 10000}};
    bench.add("a", 10, 0.30, 100); // wide steps in size and error
    bench.add("b", 10, 0.20, 400);
    bench.add("c", 10, 0.10, 1600);
    bench.add("d", 10, 0.099, 1610); // a narrow one
    bench.add("e", 10, 0.098, 1620); // and the least error, as narrow to the left
    const View view = bench.view();
    std::vector<std::size_t> by_share = view.front();
    REQUIRE(by_share.size() >= 3);
    std::sort(by_share.begin(), by_share.end(),
              [&](std::size_t a, std::size_t b) { return view.contributions()[a] > view.contributions()[b]; });
    std::set<std::string> expected{"e"};
    for (std::size_t i = 0; i < 3; ++i) expected.insert(view.individuals()[by_share[i]].record->trial.key);
    std::set<std::string> had;
    for (const auto& [key, count] : trained_to_the_end(bench, 0.8)) {
        CHECK((count == 0 || count == int(fresh_seeds)));
        if (count > 0) had.insert(key);
    }
    CHECK(had == expected);
    CHECK(had.size() < 5);
}

TEST_CASE("a front of one member has three fresh seeds, and the member of the least error no second share") {
    ScriptedSearch bench;
    bench.add("only", 10, 0.05, 100);
    CHECK(trained_to_the_end(bench, 0.8) == std::map<std::string, int>{{"only", 3}});
}

TEST_CASE("late in a run fresh seeds come before trainings for good that are still to be done") {
    ScriptedSearch bench;
    bench.add("big", 10, 0.05, 1000);
    bench.add("small", 10, 0.08, 50);
    bench.add("big", 25, 0.05, 1000, 3, Origin::promotion);
    CHECK(bench.next(fresh_seeds_first - 0.001).candidate.key == "small");
    const Proposal late = bench.next(fresh_seeds_first);
    CHECK(late.candidate.key == "big");
    CHECK(late.origin == Origin::repeat);
    for (std::size_t i = 0; i < fresh_seeds; ++i) bench.add("big", 25, 0.05, 1000, 3, Origin::repeat);
    CHECK(bench.next(0.95).candidate.key == "small"); // which was not trained for good yet
    CHECK(bench.next(0.95).origin == Origin::promotion);
}

TEST_CASE("a fresh training is as long as the training for good, or is not begun") {
    ScriptedSearch bench;
    bench.add("only", 10, 0.05, 100);
    bench.add("only", 25, 0.05, 100, 3, Origin::promotion);
    CHECK(bench.next(0.9).epochs == 25);
    CHECK(bench.next(0.9, [](const Record&, int epochs) { return epochs - 1; }).origin == Origin::mutation);
    bench.problem.fidelities.final = 20; // a resumed run with less time trains less long
    CHECK(bench.next(0.9).epochs == 25);
}

TEST_CASE("a network whose shorter training has the least error is trained for good, and then with fresh seeds") {
    ScriptedSearch bench;
    bench.add("lucky", 3, 0.04, 1000);
    bench.add("lucky", 10, 0.09, 1000); // behind the next one, as its longest training says
    bench.add("good", 25, 0.05, 900, 3, Origin::promotion);
    CHECK(bench.view().front().size() == 1);
    const Proposal proposal = bench.next(0.8);
    CHECK(proposal.candidate.key == "lucky");
    CHECK(proposal.origin == Origin::promotion);
    CHECK(trained_to_the_end(bench, 0.8) == std::map<std::string, int>{{"good", 3}, {"lucky", 3}});
}

TEST_CASE("in a run with folds the front is trained for good, the least error first, and nothing has fresh seeds") {
    ScriptedSearch bench;
    bench.problem.folds = 5;
    bench.add("big", 10, 0.05, 1000).outcome.folds.resize(5);
    bench.add("small", 10, 0.08, 50).outcome.folds.resize(5);
    CHECK(bench.next(0.8).candidate.key == "big");
    for (const auto& [key, count] : trained_to_the_end(bench, 0.9)) CHECK(count == 0);
}

TEST_CASE("the baseline is the linear classifier, trained for the second length, whatever it costs") {
    ScriptedSearch bench;
    bench.problem.limits = {{Measure::model_size, 1}};
    const std::optional<Proposal> linear = baseline(bench.problem);
    REQUIRE(linear);
    CHECK(linear->origin == Origin::baseline);
    CHECK(linear->stage == 1);
    CHECK(linear->epochs == 10);
    CHECK_FALSE(linear->candidate.parent);
    CHECK(linear->candidate.genome == space::linear_genome(bench.problem.space));
    CHECK(linear->candidate.key == space::key(linear->candidate.genome, bench.problem.space));
    CHECK(linear->candidate.costs[Measure::model_size] == 7840.0); // 784 inputs, 10 outputs, 8 bits
    bench.problem.estimate = [](const space::Genome&) -> Measures { throw Error("no device has so much memory"); };
    CHECK_FALSE(baseline(bench.problem));
}

TEST_CASE("a training for good that does not end in time gives way to one that does, or is shortened") {
    ScriptedSearch bench;
    const Record& big = bench.add("big", 10, 0.05, 1000);
    const Record& small = bench.add("small", 10, 0.08, 50);
    const auto only = [&](const Record& fits, int most) {
        return
            [&fits, most](const Record& record, int epochs) { return &record == &fits ? std::min(most, epochs) : 0; };
    };
    CHECK(bench.next(0.8, only(small, 20)).candidate.key == "small");
    CHECK(bench.next(0.8, only(small, 20)).epochs == 20);
    CHECK(bench.next(0.8, only(big, 100)).candidate.key == "big");
    CHECK(bench.next(0.8, only(big, 0)).origin == Origin::mutation);
}

TEST_CASE(
    "a space that is used up leaves promotions, even if they are not due, then trainings for good, then nothing") {
    ScriptedSearch bench;
    bench.acquisition.exhausted = true;
    for (int i = 0; i < 9; ++i) bench.add(text("n", i), 3, 0.1 - 0.005 * i, 100);
    bench.add("n8", 10, 0.05, 100, 2, Origin::promotion);
    for (int i = 0; i < 8; ++i) bench.add(text("p", i), 10, 0.5, 2000, 2, Origin::promotion);
    CHECK(bench.next(0.3).candidate.key == "n7");
    bench.add("n7", 10, 0.05, 100, 2, Origin::promotion);
    bench.add("n6", 10, 0.05, 100, 2, Origin::promotion);
    std::size_t final = 0, fresh = 0;
    const auto go_on = [&] {
        while (final + fresh < 100) {
            const Proposal next = bench.next(0.3);
            CHECK(next.epochs == bench.problem.fidelities.final);
            ++(next.origin == Origin::repeat ? fresh : final);
            bench.add(next.candidate.key, next.epochs, 0.04, 100, 2, next.origin);
        }
    };
    CHECK_THROWS_AS(go_on(), Exhausted);
    CHECK(final >= 1);
    CHECK(fresh >= fresh_seeds);
}

TEST_CASE("if the space is used up in the first stage, its networks are trained longer all the same") {
    ScriptedSearch bench;
    bench.acquisition.exhausted = true;
    for (int i = 0; i < 9; ++i) bench.add(text("n", i), 3, 0.1 - 0.005 * i, 100, 1, Origin::random);
    const Proposal next = bench.next(0.1);
    CHECK(next.origin == Origin::promotion);
    CHECK(next.candidate.key == "n8");
}

TEST_CASE("a first stage whose unpruned networks are all tried goes on to pruned ones") {
    ScriptedSearch bench;
    for (const char* key : {"a", "b"}) bench.add(key, 3, 0.5, 100, 1, Origin::random);
    struct OnlyPruned final : Acquisition {
        Candidate propose(const View&, space::Edits wanted, Random&) override {
            if (wanted == space::Edits::dense) throw Exhausted("none left");
            return {{}, "pruned", {}, std::nullopt};
        }
    } acquisition;
    bench.add("c", 3, 0.5, 100, 1);
    bench.add("d", 3, 0.5, 100, 1);
    bench.add("e", 3, 0.5, 100, 1);
    Random random(1, "next");
    CHECK(next_proposal(bench.view(0.1), acquisition, random, ScriptedSearch::all_fit).candidate.key == "pruned");
}

TEST_CASE("the first stage takes genomes of the portfolio, half of its trials at most, ever fewer as it goes on") {
    ScriptedSearch bench;
    for (int width = 1; width <= 40; ++width) bench.problem.portfolio.push_back({.front = {.width = width}});
    const auto share = [&](double progress) {
        const View view = bench.view(progress);
        int taken = 0;
        for (std::uint64_t seed = 0; seed < 1000; ++seed) {
            Random random(seed, "share");
            taken +=
                next_proposal(view, bench.acquisition, random, ScriptedSearch::all_fit).origin == Origin::portfolio;
        }
        return taken;
    };
    for (int i = 0; i < 6; ++i) bench.add(text("n", i), 3, 0.5, 100, 1, Origin::random);
    CHECK(share(0) == doctest::Approx(500).epsilon(0.12)); // four standard deviations of a binomial count
    CHECK(share(0.125) == doctest::Approx(250).epsilon(0.22));
    CHECK(share(0.2499) <= 5);
    CHECK(share(0.3) == 0);
    for (int i = 0; i < 7; ++i) bench.add(text("p", i), 3, 0.5, 100, 1, Origin::portfolio);
    CHECK(share(0) == 0); // 7 of 13
}

TEST_CASE("genomes of the portfolio come in its order, each once, have no parent and count as random ones") {
    ScriptedSearch bench;
    for (int width = 1; width <= 3; ++width) bench.problem.portfolio.push_back({.front = {.width = width}});
    const auto next = [&] { // draws until the portfolio has its turn, at most a hundred times
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            Random random(seed, "turn");
            Proposal proposal = next_proposal(bench.view(), bench.acquisition, random, ScriptedSearch::all_fit);
            if (proposal.origin == Origin::portfolio) return proposal;
        }
        return Proposal{};
    };
    for (int i = 0; i < 4; ++i) bench.add(text("n", i), 3, 0.5, 100, 1);
    for (int width = 1; width <= 3; ++width) {
        const Proposal proposal = next();
        REQUIRE(proposal.origin == Origin::portfolio);
        CHECK(proposal.candidate.genome.front.width == width);
        CHECK_FALSE(proposal.candidate.parent);
        CHECK(proposal.epochs == 3);
        CHECK(proposal.stage == 1);
        bench.add(proposal.candidate.key, 3, 0.5, 100, 1, Origin::portfolio);
    }
    CHECK(next().origin != Origin::portfolio);
    bench.problem.portfolio.clear();
    CHECK(bench.next(0.1).origin == Origin::mutation); // 3 of 7 were not made of others
}
