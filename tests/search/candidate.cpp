// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/candidate.hpp"
#include "fake.hpp"
#include <deque>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// Some random networks with fake costs and errors, as a view.
struct SampledRecords {
    Problem problem{
        {{1, 28, 28}, 10}, {Measure::error, Measure::model_size, Measure::working_memory}, {}, {}, 0.9, 0.001, {}};
    std::deque<Record> records;

    explicit SampledRecords(std::size_t count) {
        problem.estimate = [this](const space::Genome& genome) { return fake_costs(problem.space, genome); };
        Random random(1, "bench");
        for (std::size_t i = 0; i < count; ++i) {
            Record record;
            record.trial.number = i;
            record.trial.epochs = record.trial.line_epochs = 25;
            record.trial.genome = space::sample(problem.space, random);
            record.trial.key = space::key(record.trial.genome, problem.space);
            record.outcome.measures = fake_costs(problem.space, record.trial.genome);
            record.outcome.measures[Measure::error] = fake_error(problem.space, record.trial);
            record.feasible = true;
            records.push_back(record);
        }
    }
    SampledRecords(const SampledRecords&) = delete;
    View view() const {
        std::vector<const Record*> pointers;
        for (const Record& record : records) pointers.push_back(&record);
        return View(problem, std::move(pointers), {});
    }
};

double size_of(const Candidate& candidate) { return *candidate.costs[Measure::model_size]; }

} // namespace

TEST_CASE("a genome is admitted unless it was seen, breaks a limit or has no costs") {
    SampledRecords bench(3);
    const space::Genome seen = bench.records[1].trial.genome;
    CHECK_FALSE(admit(bench.view(), seen));
    Random random(7, "new");
    const space::Genome fresh = space::sample(bench.problem.space, random);
    const auto candidate = admit(bench.view(), fresh);
    REQUIRE(candidate);
    CHECK(candidate->key == space::key(fresh, bench.problem.space));
    CHECK(candidate->costs == fake_costs(bench.problem.space, fresh));
    CHECK_FALSE(candidate->parent);
    bench.problem.limits[Measure::model_size] = size_of(*candidate);
    CHECK(admit(bench.view(), fresh));
    bench.problem.limits[Measure::model_size] = size_of(*candidate) - 1;
    CHECK_FALSE(admit(bench.view(), fresh));
    bench.problem.limits.clear();
    bench.problem.estimate = [](const space::Genome&) -> Measures { throw Error("no kernel for it"); };
    CHECK_FALSE(admit(bench.view(), fresh));
}

TEST_CASE("draws without pruning among the edits are unpruned, unless the space has pruned networks only") {
    SampledRecords bench(0);
    Random random(2, "draw");
    int pruned = 0;
    for (int i = 0; i < 200; ++i) {
        CHECK_FALSE(draw(bench.view(), space::Edits::dense, random).pruning.active());
        pruned += draw(bench.view(), space::Edits::all, random).pruning.active();
    }
    CHECK(pruned > 10);
    bench.problem.space = space::narrowed(bench.problem.space, "pruning.method = magnitude\n", "pruned");
    CHECK(draw(bench.view(), space::Edits::dense, random).pruning.method == prune::Method::magnitude);
}

TEST_CASE("a candidate holds limits that no draw holds, and limits that nothing holds are an Error that says so") {
    SampledRecords bench(0);
    bench.problem.limits = {{Measure::model_size, 90}, {Measure::working_memory, 900}};
    Random random(4, "tight");
    CHECK(size_of(random_candidate(bench.view(), space::Edits::all, random)) <= 90);
    bench.problem.limits = {{Measure::working_memory, 1}};
    CHECK_THROWS_WITH_AS(random_candidate(bench.view(), space::Edits::all, random),
                         doctest::Contains("raise a limit or use smaller pictures, such as size="), Exhausted);
}

TEST_CASE("a child differs from its parent and names the trial it descends from") {
    const SampledRecords bench(4);
    const View view = bench.view();
    Random random(5, "child");
    for (int i = 0; i < 50; ++i) {
        const auto child = mutant(view, {2, bench.records[2].trial.genome}, space::Edits::all, random);
        REQUIRE(child);
        CHECK(child->parent == 2u);
        CHECK_FALSE(view.seen(child->key));
    }
    for (int i = 0; i < 50; ++i) {
        const auto child = mutant(view, {2, bench.records[2].trial.genome}, space::Edits::dense, random);
        if (child) CHECK(child->genome.pruning == bench.records[2].trial.genome.pruning);
    }
}

TEST_CASE("children with another training alone do not go on and on: a network has a third of the latest trials") {
    SampledRecords bench(1);
    const space::Genome parent;
    bench.records[0].trial.genome = parent;
    bench.records[0].trial.key = space::key(parent, bench.problem.space);
    const std::string network(space::network_of(bench.records[0].trial.key));
    const auto add = [&](double rate) {
        Record record = bench.records[0];
        record.trial.number = bench.records.size();
        record.trial.genome.training.learning_rate = rate;
        record.trial.key = space::key(record.trial.genome, bench.problem.space);
        bench.records.push_back(record);
    };
    const auto of_one_network = [&] { // of a hundred children
        const View view = bench.view();
        Random random(9, "share");
        int count = 0;
        for (int i = 0; i < 100; ++i) {
            const auto child = mutant(view, {0, parent}, space::Edits::refinement, random);
            REQUIRE(child);
            count += space::network_of(child->key) == network;
        }
        return count;
    };
    for (int i = 0; i < 6; ++i) add(0.01 + 0.001 * i);
    CHECK_FALSE(bench.view().had_its_share(bench.records[0].trial.key));
    CHECK(of_one_network() > 10); // of trainings alone
    add(0.05);
    CHECK(bench.view().had_its_share(bench.records[0].trial.key)); // eight of the latest 24
    CHECK(of_one_network() == 0);
    bench.records.back().trial.origin = Origin::promotion; // is no new trial
    CHECK_FALSE(bench.view().had_its_share(bench.records[0].trial.key));
    // Where there is no other network the space is searched on.
    bench.records.back().trial.origin = Origin::mutation;
    bench.problem.space = space::narrowed(bench.problem.space,
                                          "front.width = 4\nunit.width = 8\nbits = 8\nend.width = 0\nend.hidden = 0\n"
                                          "pruning.method = none\n",
                                          "f");
    Random random(10, "only");
    const auto child = mutant(bench.view(), {0, parent}, space::Edits::refinement, random, 3);
    REQUIRE(child);
    CHECK(space::network_of(child->key) == network);
}

TEST_CASE("a child of the only network of a space does not exist") {
    SampledRecords bench(1);
    bench.problem.limits[Measure::model_size] = 1; // nothing is admitted
    Random random(6, "none");
    CHECK_FALSE(mutant(bench.view(), {0, bench.records[0].trial.genome}, space::Edits::all, random));
}

TEST_CASE("parents are members of the front, those with much hypervolume of their own more often") {
    const SampledRecords bench(60);
    const View view = bench.view();
    REQUIRE(view.front().size() >= 3);
    std::map<const Record*, int> chosen;
    Random random(7, "parents");
    const int draws = 20000;
    for (int i = 0; i < draws; ++i) ++chosen[choose_parent(view, random).record];
    double sum = 0;
    for (const std::size_t i : view.front()) sum += view.contributions()[i];
    CHECK(chosen.size() == view.front().size());
    for (const std::size_t i : view.front()) {
        // Its share of the volume, and of the 30 % more that all divide evenly.
        const double p = (view.contributions()[i] / sum + 0.3 / double(view.front().size())) / 1.3;
        CHECK(std::abs(chosen[view.individuals()[i].record] - p * draws) < 5 * std::sqrt(draws * p) + 1);
    }
}

TEST_CASE("the gain of costs and an error is the hypervolume that they add") {
    const SampledRecords bench(20);
    const View view = bench.view();
    std::vector<mobo::Point> front;
    for (const std::size_t i : view.front()) front.push_back(view.individuals()[i].point);
    const double before = mobo::hypervolume(front, view.reference());
    Random random(8, "gain");
    for (int i = 0; i < 30; ++i) {
        const Candidate candidate = random_candidate(view, space::Edits::all, random);
        const double error = 0.01 + 0.2 * random.uniform();
        std::vector<mobo::Point> more = front;
        more.push_back(objective_point(bench.problem, candidate.costs, error));
        CHECK(gain(view, candidate.costs, error) ==
              doctest::Approx(mobo::hypervolume(more, view.reference()) - before).epsilon(1e-9).scale(1));
    }
}

TEST_CASE("the first networks are spread: each is far from those before it") {
    const SampledRecords few(6);
    const View view = few.view();
    Random random(9, "spread");
    const auto nearest = [&](const Candidate& candidate) {
        double least = 1e9;
        for (const Record& record : few.records) {
            const mobo::Point a = objective_point(few.problem, candidate.costs, 1),
                              b = objective_point(few.problem, record.outcome.measures, 1);
            least = std::min(least, std::hypot(a[1] - b[1], a[2] - b[2]));
        }
        return least;
    };
    double spread = 0, plain = 0;
    for (int i = 0; i < 20; ++i) {
        spread += nearest(spread_candidate(view, space::Edits::all, random));
        plain += nearest(random_candidate(view, space::Edits::all, random));
    }
    CHECK(spread > 1.3 * plain);
}
