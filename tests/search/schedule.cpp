// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/schedule.hpp"
#include "fake.hpp"
#include <deque>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// Says what it was asked for; proposes always the same network, or is exhausted.
struct Scripted final : Acquisition {
    std::vector<space::Edits> asked;
    bool exhausted = false;
    Candidate propose(const View&, space::Edits edits, Random&) override {
        asked.push_back(edits);
        if (exhausted) throw Exhausted("every network was tried");
        return {{}, "proposed", {}, 1};
    }
};

struct Bench {
    Problem problem{{{1, 28, 28}, 10},
                    {Measure::error, Measure::model_size, Measure::working_memory},
                    {},
                    {3, 10, 25},
                    0.9,
                    0.001,
                    {}};
    std::deque<Record> records;
    Scripted acquisition;

    Bench() {
        problem.estimate = [this](const space::Genome& genome) { return fake_costs(problem.space, genome); };
    }
    Bench(const Bench&) = delete;
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
    View view() const {
        std::vector<const Record*> pointers;
        for (const Record& record : records) pointers.push_back(&record);
        return View(problem, std::move(pointers), {});
    }
    Proposal next(double progress, const FittingEpochs& fitting = all_fit) {
        Random random(1, "next");
        return next_proposal(view(), acquisition, progress, random, fitting);
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
    Bench bench;
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
    Bench bench;
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

TEST_CASE("no promotion in the first stage, of hopeless networks, or of those that failed") {
    Bench bench;
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
    Bench bench;
    for (int i = 0; i < 6; ++i) bench.add(text("n", i), 3, 0.9, 100 - i);
    const Proposal proposal = bench.next(0.3);
    CHECK(proposal.origin == Origin::promotion);
    CHECK(proposal.candidate.key == "n5");
}

TEST_CASE("at the end the front is trained for good: most hypervolume first, then with further seeds") {
    Bench bench;
    bench.add("big", 10, 0.05, 1000);
    bench.add("small", 10, 0.08, 50);
    const View view = bench.view();
    const std::string first = view.contributions()[0] > view.contributions()[1] ? "big" : "small";
    Proposal proposal = bench.next(0.8);
    CHECK(proposal.candidate.key == first);
    CHECK(proposal.origin == Origin::promotion);
    CHECK(proposal.epochs == 25);
    for (int seed = 0; seed < 3; ++seed) {
        bench.add("big", 25, 0.05, 1000, 3);
        CHECK(bench.next(0.8).candidate.key == "small"); // which has had fewer, whichever has more volume
        bench.add("small", 25, 0.08, 50, 3);
        if (seed < 2) CHECK(bench.next(0.8).origin == Origin::repeat);
    }
    CHECK(bench.next(0.8).origin == Origin::mutation); // each had its three seeds
    CHECK(bench.acquisition.asked.back() == space::Edits::refinement);
}

TEST_CASE("a training for good that does not end in time gives way to one that does, or is shortened") {
    Bench bench;
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

TEST_CASE("a space that is used up leaves promotions, even if they are not due; then it ends the search") {
    Bench bench;
    bench.acquisition.exhausted = true;
    for (int i = 0; i < 9; ++i) bench.add(text("n", i), 3, 0.1 - 0.005 * i, 100);
    bench.add("n8", 10, 0.05, 100, 2, Origin::promotion);
    for (int i = 0; i < 8; ++i) bench.add(text("p", i), 10, 0.5, 2000, 2, Origin::promotion);
    CHECK(bench.next(0.3).candidate.key == "n7");
    bench.add("n7", 10, 0.05, 100, 2, Origin::promotion);
    bench.add("n6", 10, 0.05, 100, 2, Origin::promotion);
    CHECK_THROWS_AS(bench.next(0.3), Exhausted);
}

TEST_CASE("a first stage whose unpruned networks are all tried goes on to pruned ones") {
    Bench bench;
    for (const char* key : {"a", "b"}) bench.add(key, 3, 0.5, 100, 1, Origin::random);
    struct OnlyPruned final : Acquisition {
        Candidate propose(const View&, space::Edits edits, Random&) override {
            if (edits == space::Edits::dense) throw Exhausted("none left");
            return {{}, "pruned", {}, std::nullopt};
        }
    } acquisition;
    bench.add("c", 3, 0.5, 100, 1);
    bench.add("d", 3, 0.5, 100, 1);
    bench.add("e", 3, 0.5, 100, 1);
    Random random(1, "next");
    CHECK(next_proposal(bench.view(), acquisition, 0.1, random, Bench::all_fit).candidate.key == "pruned");
}
