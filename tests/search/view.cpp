// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/view.hpp"
#include "fake.hpp"
#include <deque>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// Records by hand; a view of them.
struct WrittenRecords {
    Problem problem{
        {{1, 28, 28}, 10}, {Measure::error, Measure::model_size, Measure::working_memory}, {}, {}, 0.9, 0.001, {}};
    std::deque<Record> records;

    Record& add(const std::string& key, int epochs, double error, double size = 100, double memory = 500) {
        Record record;
        record.trial.number = records.size();
        record.trial.key = key;
        record.trial.epochs = record.trial.line_epochs = epochs;
        record.outcome.measures[Measure::error] = error;
        record.outcome.measures[Measure::model_size] = size;
        record.outcome.measures[Measure::working_memory] = memory;
        record.feasible = true;
        return records.emplace_back(record);
    }
    View view(std::vector<const Trial*> pending = {}) const {
        std::vector<const Record*> pointers;
        for (const Record& record : records) pointers.push_back(&record);
        return View(problem, std::move(pointers), std::move(pending));
    }
};

double log_of(double x) { return std::log(x); }

} // namespace

TEST_CASE("a view of nothing has no individuals and no front") {
    const WrittenRecords bench;
    const View view = bench.view();
    CHECK(view.individuals().empty());
    CHECK(view.front().empty());
    CHECK_FALSE(view.seen("a"));
}

TEST_CASE("trials under way are seen, and nothing more") {
    WrittenRecords bench;
    bench.add("a", 3, 0.1);
    Trial pending;
    pending.key = "b";
    const View view = bench.view({&pending});
    CHECK(view.seen("a"));
    CHECK(view.seen("b"));
    CHECK(view.individuals().size() == 1);
}

TEST_CASE("each network counts once: by its longest training, and the best of several as long") {
    WrittenRecords bench;
    bench.add("a", 3, 0.05); // short trainings may be lucky
    const Record& first = bench.add("a", 25, 0.2);
    const Record& best = bench.add("a", 25, 0.15);
    bench.add("a", 25, 0.18);
    bench.add("b", 3, 0.3);
    bench.add("c", 3, 0.3).feasible = false;
    const View view = bench.view();
    REQUIRE(view.individuals().size() == 2);
    CHECK(view.individuals()[0].record == &best);
    CHECK(view.individuals()[0].record != &first);
    CHECK(view.individuals()[0].error == 0.15);
    CHECK(view.individuals()[1].record->trial.key == "b");
}

/// What a longer training leaves of an error: times r^(1 - error / trivial).
double after(double error, double r, double trivial = 0.9) { return error * std::pow(r, 1 - error / trivial); }

TEST_CASE(
    "errors are projected to the longest training by what tiny networks do, until three networks show their own") {
    WrittenRecords bench;
    const auto near = [](double x) { return doctest::Approx(x).epsilon(1e-12); };
    CHECK(bench.view().projected(0.4, 25) == 0.4);
    CHECK(bench.view().projected(0.4, 100) == 0.4);
    CHECK(bench.view().projected(0.4, 10) == near(after(0.4, 0.85)));
    CHECK(bench.view().projected(0.4, 3) == near(after(after(0.4, 0.65), 0.85)));
    CHECK(bench.view().projected(0.4, 1) == near(after(after(0.4, 0.65), 0.85)));
    const char* keys[] = {"a", "b", "c"};
    const double errors[] = {0.2, 0.4, 0.6}, ratios[] = {0.9, 0.3, 0.5};
    for (int i = 0; i < 2; ++i) {
        bench.add(keys[i], 3, errors[i]);
        bench.add(keys[i], 10, after(errors[i], ratios[i]));
    }
    bench.add("learned next to nothing", 3, 0.85); // what it shows is noise
    bench.add("learned next to nothing", 10, 0.7);
    CHECK(bench.view().projected(0.4, 3) == near(after(after(0.4, 0.65), 0.85)));
    bench.add("c", 3, 0.6);
    bench.add("c", 3, 0.7); // the better one counts
    bench.add("c", 10, after(0.6, ratios[2]));
    CHECK(bench.view().projected(0.4, 3) == near(after(after(0.4, 0.5), 0.85))); // the median
    CHECK(bench.view().projected(0.4, 10) == near(after(0.4, 0.85)));
    // Between the lengths the logarithm of the error falls with that of the epochs.
    const double share = log_of(10.0 / 5) / log_of(10.0 / 3);
    CHECK(bench.view().projected(0.4, 5) == near(after(0.4 * std::pow(0.5, (1 - 0.4 / 0.9) * share), 0.85)));
}

TEST_CASE("a network that has learned little is not expected to learn much more from a longer training") {
    WrittenRecords bench;
    const View view = bench.view();
    CHECK(view.projected(0.05, 3) / 0.05 < 0.6);
    CHECK(view.projected(0.8, 3) / 0.8 > 0.9);
    CHECK(view.projected(0.9, 3) == 0.9);
    for (double error = 0.01; error < 0.89; error += 0.01) // the order of networks stays the same
        CHECK(view.projected(error, 3) < view.projected(error + 0.01, 3));
}

TEST_CASE("a genome that asks for half of the usual steps is trained in full by half of the epochs") {
    WrittenRecords bench;
    Record& half = bench.add("half", 25, 0.4);
    half.trial.genome.training.steps = 50;
    half.trial.line_epochs = 13;
    CHECK(bench.view().at_top(half) == 0.4);
    Record& twice = bench.add("twice", 3, 0.4);
    twice.trial.genome.training.steps = 200;
    twice.trial.line_epochs = 6; // of the first length
    CHECK(bench.view().at_top(twice) == doctest::Approx(after(after(0.4, 0.65), 0.85)).epsilon(1e-12));
}

TEST_CASE("in a run with folds a network counts with one standard error more, but not as worse than the constant") {
    WrittenRecords bench;
    Record& record = bench.add("a", 25, 0.2);
    record.outcome.error_se = 0.05;
    CHECK(bench.view().at_top(record) == 0.2);
    bench.problem.folds = 5;
    CHECK(bench.view().at_top(record) == doctest::Approx(0.25).epsilon(1e-12));
    record.outcome.error_se = 5;
    CHECK(bench.view().at_top(record) == bench.problem.trivial_error);
    record.outcome.error_se = std::nullopt; // too few samples to say
    CHECK(bench.view().at_top(record) == 0.2);
}

TEST_CASE("points are logarithms; an error of 0 counts as the smallest that can be told from it") {
    WrittenRecords bench;
    bench.add("a", 25, 0, 0, 500);
    const mobo::Point point = bench.view().individuals()[0].point;
    CHECK(point[0] == log_of(0.001));
    CHECK(point[1] == 0); // nothing stored: as one byte
    CHECK(point[2] == log_of(500));
}

TEST_CASE("the reference is near the best error and twice the limit, or twice the largest cost without one") {
    WrittenRecords bench;
    bench.problem.limits[Measure::model_size] = 1000;
    bench.add("a", 25, 0.1, 100, 500);
    bench.add("b", 25, 0.2, 50, 800);
    const mobo::Point reference = bench.view().reference();
    CHECK(reference[0] == doctest::Approx((7 * log_of(0.1) + 2 * log_of(0.9)) / 9).epsilon(1e-12));
    CHECK(reference[1] == doctest::Approx(log_of(2000)).epsilon(1e-12));
    CHECK(reference[2] == doctest::Approx(log_of(1600)).epsilon(1e-12));
}

TEST_CASE("the front is what no other dominates and what has learned enough to matter") {
    WrittenRecords bench;
    bench.add("good", 25, 0.1, 100);
    bench.add("dominated", 25, 0.12, 110);
    bench.add("smaller", 25, 0.13, 60);
    bench.add("hopeless", 25, 0.85, 10);
    const View view = bench.view();
    CHECK(view.front() == std::vector<std::size_t>{0, 2});
    CHECK_FALSE(view.matters(view.individuals()[3].point));
    // Each contribution is the volume that is lost without the individual.
    std::vector<mobo::Point> points;
    for (const Individual& individual : view.individuals()) points.push_back(individual.point);
    const double whole = mobo::hypervolume(points, view.reference());
    for (std::size_t i = 0; i < points.size(); ++i) {
        std::vector<mobo::Point> others = points;
        others.erase(others.begin() + std::ptrdiff_t(i));
        CHECK(view.contributions()[i] ==
              doctest::Approx(whole - mobo::hypervolume(others, view.reference())).epsilon(1e-9));
    }
}

TEST_CASE("a network that does not beat the constant answer is no member of the front, however short its training") {
    WrittenRecords bench;
    bench.problem.trivial_error = 0.01; // 99 % of the samples are of one class
    bench.problem.smallest_error = 0.0005;
    bench.add("constant", 3, 0.01, 10);
    bench.add("worse", 3, 0.02, 5);
    bench.add("learned", 3, 0.008, 400);
    const View view = bench.view();
    CHECK(view.individuals()[0].error == 0.01); // a longer training would leave less if it had learned
    CHECK(view.individuals()[1].error == 0.02);
    CHECK(view.individuals()[2].error == doctest::Approx(after(after(0.008, 0.65, 0.01), 0.85, 0.01)));
    CHECK(view.front() == std::vector<std::size_t>{2});
    CHECK(view.contributions()[0] == 0);
    CHECK(view.reference()[0] < log_of(0.01));
    CHECK_FALSE(view.matters(view.individuals()[0].point));
    CHECK(view.matters(view.individuals()[2].point));
    // What has not learned says nothing of how errors fall.
    for (const char* key : {"a", "b", "c"}) {
        bench.add(key, 3, 0.01);
        bench.add(key, 10, 0.01);
    }
    CHECK(bench.view().projected(0.008, 3) == doctest::Approx(view.projected(0.008, 3)));
}

TEST_CASE("while every network gives the constant answer, each may be trained longer, and nothing has a volume") {
    WrittenRecords bench;
    bench.problem.trivial_error = 0.01;
    bench.add("a", 3, 0.01, 100);
    bench.add("b", 3, 0.01, 50);
    const View view = bench.view();
    CHECK(view.front() == std::vector<std::size_t>{1});
    CHECK(view.reference()[0] == log_of(0.01));
    for (const Individual& individual : view.individuals()) CHECK(view.matters(individual.point));
    for (const double contribution : view.contributions()) CHECK(contribution == 0);
}

TEST_CASE("where nothing has learned, the front is what no other dominates all the same") {
    WrittenRecords bench;
    bench.problem.trivial_error = 0.5;
    bench.add("a", 25, 0.9, 100);
    bench.add("b", 25, 0.95, 50);
    bench.add("c", 25, 0.95, 120);
    CHECK(bench.view().front() == std::vector<std::size_t>{0, 1});
}

TEST_CASE("failed trials are seen and nothing else") {
    WrittenRecords bench;
    Record& failed = bench.add("a", 3, 0.1);
    failed.outcome = {};
    failed.outcome.failure = "out of memory";
    failed.feasible = false;
    CHECK(bench.view().seen("a"));
    CHECK(bench.view().individuals().empty());
}

TEST_CASE("a view leaves out the baseline: as an individual, a record, a key, and under way") {
    WrittenRecords bench;
    bench.add("F10 | lr 0.03", 10, 0.01, 1).trial.origin = Origin::baseline; // nothing would dominate it
    bench.add("a", 3, 0.1);
    Trial pending;
    pending.key = "F10 | lr 0.03";
    pending.origin = Origin::baseline;
    const View view = bench.view({&pending});
    REQUIRE(view.individuals().size() == 1);
    CHECK(view.individuals()[0].record->trial.key == "a");
    CHECK(view.front() == std::vector<std::size_t>{0});
    CHECK(view.best() == std::size_t{0});
    CHECK(view.records().size() == 1);
    CHECK(view.pending().empty());
    CHECK_FALSE(view.seen(pending.key));
    CHECK(view.would_enter_front(bench.records[0]));
    bench.records.pop_back();
    CHECK(bench.view().individuals().empty());
    CHECK_FALSE(bench.view().best());
}

TEST_CASE("the best network is that of the least error of all records, the first of several") {
    WrittenRecords bench;
    bench.add("a", 3, 0.05);
    bench.add("a", 10, 0.09);
    bench.add("b", 10, 0.05);
    bench.add("c", 10, 0.01).feasible = false;
    CHECK(bench.view().best() == std::size_t{0});
    bench.add("b", 25, 0.04);
    CHECK(bench.view().best() == std::size_t{1});
}

TEST_CASE("pruning methods are drawn evenly at first, then by what their networks came to") {
    using prune::Method;
    WrittenRecords bench;
    const View nothing = bench.view();
    for (const double odds : nothing.pruning_odds()) CHECK(odds == doctest::Approx(1.0 / 7));
    bench.add("unpruned", 3, 0.2, 200);
    CHECK(bench.view().pruning_odds() == nothing.pruning_odds());

    const auto pruned = [&](const std::string& key, Method method, double error, double size) -> Record& {
        Record& record = bench.add(key, 3, error, size);
        record.trial.genome.pruning = {method, 0.5};
        return record;
    };
    const auto odds_of = [](const View& view, Method method) { return view.pruning_odds()[std::size_t(method)]; };
    pruned("a", Method::filter_l1, 0.15, 100); // both on the front
    pruned("b", Method::filter_l1, 0.18, 50);
    pruned("c", Method::magnitude, 0.3, 190); // dominated
    pruned("d", Method::magnitude, 0.25, 180);
    const View view = bench.view();
    const double sum = 3.0 / 4 + 1.0 / 4 + 5 * 0.5; // of qualities, by hand
    CHECK(odds_of(view, Method::filter_l1) == doctest::Approx(0.05 + 0.65 * 0.75 / sum));
    CHECK(odds_of(view, Method::magnitude) == doctest::Approx(0.05 + 0.65 * 0.25 / sum));
    CHECK(odds_of(view, Method::dpf) == doctest::Approx(0.05 + 0.65 * 0.5 / sum));
    CHECK(bench.view().pruning_odds() == view.pruning_odds());

    SUBCASE("a network counts once, however often it was trained") {
        bench.add("a", 10, 0.1, 100).trial.genome.pruning = {Method::filter_l1, 0.5};
        CHECK(bench.view().pruning_odds() == view.pruning_odds());
    }
    SUBCASE("one that was promoted has earned it, even if it is off the front now") {
        Record& record = bench.add("c", 10, 0.3, 190);
        record.trial.genome.pruning = {Method::magnitude, 0.5};
        record.trial.origin = Origin::promotion;
        CHECK(odds_of(bench.view(), Method::magnitude) > odds_of(view, Method::magnitude));
    }
    SUBCASE("one that failed, or broke a limit, was tried") {
        Record& failed = pruned("e", Method::filter_l1, 0.1, 10);
        failed.outcome = {};
        failed.outcome.failure = "no weight is left";
        failed.feasible = false;
        CHECK(odds_of(bench.view(), Method::filter_l1) < odds_of(view, Method::filter_l1));
        pruned("f", Method::dpf, 0.1, 10).feasible = false;
        CHECK(odds_of(bench.view(), Method::dpf) < odds_of(view, Method::dpf));
    }
    SUBCASE("the objectives of the run judge") { // stored bytes: those of the first stay whole, and are many
        bench.problem.objectives = {Measure::error, Measure::weight_bytes};
        for (Record& record : bench.records) record.outcome.measures[Measure::weight_bytes] = 100;
        for (std::size_t i : {1u, 2u}) bench.records[i].outcome.measures[Measure::weight_bytes] = 150;
        for (std::size_t i : {3u, 4u}) bench.records[i].outcome.measures[Measure::weight_bytes] = 60;
        bench.records[4].outcome.measures[Measure::error] = 0.1;
        CHECK(odds_of(bench.view(), Method::filter_l1) < odds_of(bench.view(), Method::magnitude));
    }
    SUBCASE("the space says which there are") {
        bench.problem.space = space::narrowed(bench.problem.space, "pruning.method = none dpf filter-l1", "rules");
        const View restricted = bench.view();
        CHECK(odds_of(restricted, Method::filter_l1) == doctest::Approx(0.05 + 0.9 * 0.75 / 1.25));
        CHECK(odds_of(restricted, Method::dpf) == doctest::Approx(0.05 + 0.9 * 0.5 / 1.25));
        CHECK(odds_of(restricted, Method::magnitude) == 0);
    }
}

TEST_CASE("times below a millisecond differ, down to a microsecond") {
    const Problem problem{{{1, 28, 28}, 10}, {Measure::error, Measure::milliseconds}, {}, {}, 0.9, 0.001, {}};
    const auto point = [&](double milliseconds) {
        Measures measures;
        measures[Measure::milliseconds] = milliseconds;
        return objective_point(problem, measures, 0.1)[1];
    };
    CHECK(point(0.2) == doctest::Approx(log_of(0.2)));
    CHECK(point(0.4) > point(0.2));
    CHECK(point(0) == doctest::Approx(log_of(0.001)));
}
