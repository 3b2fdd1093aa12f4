// SPDX-License-Identifier: Apache-2.0
// What acquisitions propose, given trials whose errors are a known function of the networks.
#include "fake.hpp"

#include <cmath>
#include <deque>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// A search of which `count` random networks are finished.
struct Begun {
    Problem problem;
    std::deque<Record> records;

    explicit Begun(int count) {
        problem.space = {{1, 28, 28}, 10};
        problem.limits = {{Measure::working_memory, 2007}};
        problem.estimate = [space = problem.space](const space::Genome& genome) { return fake_costs(space, genome); };
        Random random(1, "begun");
        for (int i = 0; i < count; ++i) {
            Record record;
            record.trial.number = std::size_t(i);
            const Candidate candidate = random_candidate(view(), space::Edits::dense, random);
            record.trial.genome = candidate.genome;
            record.trial.key = candidate.key;
            record.trial.epochs = record.trial.line_epochs = problem.fidelities.screen;
            record.outcome.measures = fake_costs(problem.space, record.trial.genome);
            record.outcome.measures[Measure::error] = fake_error(problem.space, record.trial);
            record.feasible = true;
            records.push_back(record);
        }
    }
    View view() const {
        std::vector<const Record*> finished;
        for (const Record& record : records) finished.push_back(&record);
        return View(problem, std::move(finished), {});
    }
    /// The hypervolume that the candidate adds if it is trained for good.
    double added(const Candidate& candidate) const {
        Trial trial;
        trial.genome = candidate.genome;
        trial.epochs = problem.fidelities.final;
        return gain(view(), fake_costs(problem.space, candidate.genome), fake_error(problem.space, trial));
    }
};

} // namespace

TEST_CASE("a fresh network is no child, and unpruned where pruning is not among the edits, at any time of a search") {
    for (const int finished : {0, 20}) {
        const Begun begun(finished);
        for (const std::string& name : acquisition_names())
            for (std::uint64_t seed = 0; seed < 4; ++seed) {
                Random random(seed, "fresh");
                const Candidate candidate =
                    make_acquisition(name)->propose(begun.view(), {space::Edits::dense, true}, random);
                CHECK(!candidate.parent);
                CHECK(!candidate.genome.pruning.active());
                CHECK(within(candidate.costs, begun.problem.limits));
            }
    }
}

TEST_CASE("acquisitions with a model choose fresh networks that add more than those farthest from all others") {
    const Begun begun(30);
    for (const char* name : {"ehvi", "tchebyshev"}) {
        double chosen = 0, farthest = 0;
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            Random random(seed, "fresh");
            chosen += begun.added(make_acquisition(name)->propose(begun.view(), {space::Edits::dense, true}, random));
            farthest += begun.added(spread_candidate(begun.view(), space::Edits::dense, random));
        }
        CHECK(chosen > farthest);
    }
}

TEST_CASE("what a training takes counts in full at first and not at all at the end") {
    const Begun begun(30);
    double early = 0, late = 0;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const auto operations = [&](double progress) {
            Random random(seed, "cooling");
            const Candidate candidate =
                make_acquisition("ehvi")->propose(begun.view(), {space::Edits::dense, false, progress}, random);
            return std::log(*candidate.costs[Measure::macs] * candidate.genome.training.epochs);
        };
        early += operations(0);
        late += operations(1);
    }
    CHECK(early < late);
}

TEST_CASE("large networks count for something even where only small ones were tried") {
    Begun begun(1);
    Measures large;
    large[Measure::model_size] = 10 * *begun.records[0].outcome.measures[Measure::model_size];
    large[Measure::working_memory] = 1500;
    const double half = *begun.records[0].outcome.measures[Measure::error] / 2;
    CHECK(gain(begun.view(), large, half) == 0); // nothing is known of what the space has
    begun.problem.largest[Measure::model_size] = *large[Measure::model_size];
    CHECK(gain(begun.view(), large, half) > 0);
}
