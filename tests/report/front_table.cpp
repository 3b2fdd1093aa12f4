// SPDX-License-Identifier: Apache-2.0
// What a front shows of fresh seeds, of stored bytes, and of the baseline below it.
#include "tinysparse/report/front_table.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;
using search::Origin;

namespace {

search::Record table_record(std::size_t number, double error, double size, int width,
                            Origin origin = Origin::promotion) {
    search::Record out;
    out.trial.number = number;
    out.trial.epochs = 25;
    out.trial.origin = origin;
    out.trial.genome.front.width = width;
    out.trial.key = text("width ", width);
    out.outcome.measures[Measure::error] = error;
    out.outcome.measures[Measure::model_size] = size;
    out.outcome.measures[Measure::weight_bytes] = size;
    out.outcome.measures[Measure::nonzeros] = size / 2;
    out.feasible = true;
    return out;
}

/// A small network, and a large one that had three fresh trainings, all worse than the one that was chosen.
search::RunLog repeated_example() {
    search::RunLog log;
    log.head.space = {{1, 28, 28}, 10};
    log.head.objectives = {Measure::error, Measure::weight_bytes};
    log.records = {table_record(1, 0.10, 300, 3), table_record(2, 0.02, 1600, 6),
                   table_record(3, 0.03, 1600, 6, Origin::repeat), table_record(4, 0.05, 1600, 6, Origin::repeat),
                   table_record(5, 0.04, 1600, 6, Origin::repeat)};
    return log;
}

search::Record linear(const search::RunLog& log, double error, double size) {
    search::Record out = table_record(0, error, size, 1, Origin::baseline);
    out.trial.genome = space::linear_genome(log.head.space);
    out.trial.key = space::key(out.trial.genome, log.head.space);
    return out;
}

} // namespace

TEST_CASE("mean, deviation and number of the fresh trainings stand beside the chosen score, '-' if there are none") {
    const search::RunLog log = repeated_example();
    CHECK(front_table(log, front_points(log)) ==
          "id  val %  test %  stored  nonzero  bits        fresh seeds  network\n"
          " 1  90.00       -     300      150     8                  -  C3k3 A2 D3L C8k1 A2 DGL F10\n"
          " 2  98.00       -   1 600      800     8  96.00 +- 1.00 (3)  C6k3 A2 D3L C8k1 A2 DGL F10\n");
    CHECK(front_remarks(log, front_points(log)) ==
          std::vector<std::string>{
              "loss by selection: fresh trainings of 1 network score 2.00 percentage points lower on average "
              "than the trainings that were chosen"});
}

TEST_CASE("below a front stands what to expect on new samples: the test score, not the one that chose") {
    search::RunLog log = repeated_example();
    CHECK(front_remarks(log, front_points(log)).size() == 1); // nothing was tested
    log.end = search::RunEnd{{{1, 0.91}, {2, 0.95}}, {}};
    CHECK(
        front_remarks(log, front_points(log)).back() ==
        "on new samples like these expect about the test score, 95.00 % for #2; the 98.00 % of the validation part are "
        "the best of 5 trainings, so partly luck");
    log.end = search::RunEnd{{{1, 0.91}, {2, 0.99}}, {}}; // better than on the validation part: no sign of luck
    CHECK(front_remarks(log, front_points(log)).back() ==
          "on new samples like these expect about the test score, 99.00 % for #2");
    log.head.error = judge::ErrorKind::macro_f1; // of which the test accuracy says nothing
    CHECK(front_remarks(log, front_points(log)).size() == 1);
}

TEST_CASE("below a front stands which builds of the program worked on it, if they were several") {
    search::RunLog log = repeated_example();
    log.head.build = {"1.0.0", "abc", "g++ 12.2.0", "AVX2"};
    const std::size_t before = front_remarks(log, front_points(log)).size();
    log.continued_by = {{"1.0.0", "def", "g++ 12.2.0", "AVX2"}};
    CHECK(front_remarks(log, front_points(log)).size() == before + 1);
    CHECK(front_remarks(log, front_points(log)).back() ==
          "the run began with tinysparse 1.0.0 (abc, g++ 12.2.0, AVX2) and went on with 1.0.0 (def, g++ 12.2.0, AVX2); "
          "trainings and predicted costs of different builds may differ");
}

TEST_CASE("below a front of folds stand both scores, since test parts of small sets have few samples") {
    search::RunLog log = repeated_example();
    log.head.folds = 5;
    for (search::Record& table_record : log.records) table_record.outcome.folds.resize(5);
    log.end = search::RunEnd{{{1, 0.91}, {2, 0.99}}, {}};
    const std::string said = front_remarks(log, front_points(log)).back();
    CHECK(said.find("on new samples like these expect something between the test score, 99.00 % for #2, and that of "
                    "the folds, 98.00 %") == 0);
    CHECK(said.find("luck") == std::string::npos);
    log.end = search::RunEnd{{{1, 0.91}, {2, 0.95}}, {}};
    CHECK(front_remarks(log, front_points(log))
              .back()
              .find("; the 98.00 % are the best of 5 trainings, so partly "
                    "luck") != std::string::npos);
}

TEST_CASE("JSON and CSV have the fresh trainings of each point and the mean loss of the whole") {
    const search::RunLog log = repeated_example();
    const std::vector<FrontPoint> points = front_points(log);
    const json::Value document = front_json("run", log, points);
    const json::Reader all(document, "front"), first = all.at("points").at(0), second = all.at("points").at(1);
    CHECK(first.at("fresh_trainings").as<int>() == 0);
    for (const char* member : {"fresh_mean", "fresh_deviation", "loss_by_selection"})
        CHECK(first.at(member).value().is_null());
    CHECK(second.at("fresh_trainings").as<int>() == 3);
    CHECK(second.at("fresh_mean").as<double>() == doctest::Approx(0.96));
    CHECK(second.at("fresh_deviation").as<double>() == doctest::Approx(0.01));
    CHECK(second.at("loss_by_selection").as<double>() == doctest::Approx(0.02));
    CHECK(all.at("loss_by_selection").as<double>() == doctest::Approx(0.02));
    CHECK(all.at("baseline").value().is_null());
    const std::string csv = front_csv("run", log, points);
    CHECK(csv.find("fresh_trainings,fresh_mean,fresh_deviation,loss_by_selection") != std::string::npos);
    CHECK(csv.find(",3,0.96,0.01,0.02,") != std::string::npos);
    search::RunLog without = log;
    without.records.resize(2);
    CHECK(front_json("run", without, front_points(without)).find("loss_by_selection")->is_null());
    CHECK(front_remarks(without, front_points(without)).empty());
}

TEST_CASE("a fresh training that is the best of its network is the one that is chosen, and left out of its loss") {
    search::RunLog log = repeated_example();
    *log.records[4].outcome.measures[Measure::error] = 0.01;
    const std::vector<FrontPoint> points = front_points(log);
    CHECK(points[1].record->trial.number == 5);
    CHECK(points[1].fresh.count == 3);
    CHECK(*points[1].fresh.loss_by_selection == doctest::Approx(0.04 - 0.01)); // of 0.03 and 0.05
    CHECK(front_table(log, points).find("97.00 +- 2.00 (3)") != std::string::npos);
}

TEST_CASE("one fresh training has no deviation; fresh trainings that do better have a loss below zero") {
    search::RunLog log = repeated_example();
    log.records.resize(3);
    *log.records[0].outcome.measures[Measure::error] = 0.5;
    log.records[2] = table_record(3, 0.015, 1700, 6, Origin::repeat); // larger than the other, so that both are members
    std::vector<FrontPoint> points = front_points(log);
    REQUIRE(points.size() == 3);
    CHECK(front_table(log, points).find("  98.50 (1)  ") != std::string::npos);
    CHECK(front_remarks(log, points) ==
          std::vector<std::string>{
              "loss by selection: fresh trainings of 1 network score 0.50 percentage points higher on average "
              "than the trainings that were chosen"});
}

TEST_CASE("of numbers the fresh trainings have errors in deviations") {
    search::RunLog log = repeated_example();
    log.head.error = judge::ErrorKind::rmse;
    log.head.trivial_error = 1;
    const std::vector<FrontPoint> points = front_points(log);
    CHECK(front_table(log, points).find("  0.04 +- 0.01 (3)  ") != std::string::npos);
    CHECK(front_remarks(log, points) ==
          std::vector<std::string>{"loss by selection: fresh trainings of 1 network have errors 0.02 deviations higher "
                                   "on average than the trainings that were chosen"});
    const json::Value document = front_json("run", log, points);
    CHECK(json::Reader(document, "front").at("points").at(1).at("fresh_mean").as<double>() == doctest::Approx(0.04));
}

TEST_CASE("the first costs are the stored bytes, the nonzero weights and their bits; others are shown if asked for") {
    search::RunLog log = repeated_example();
    log.records[0].trial.genome.front.bits = 2;
    log.records[0].outcome.measures[Measure::flash] = 5000;
    log.records[0].outcome.measures[Measure::milliseconds] = 20;
    std::string table = front_table(log, front_points(log));
    CHECK(table.find("stored  nonzero  bits   flash      ms        fresh seeds") != std::string::npos);
    CHECK(table.find("  2-8  ~5 000  ") != std::string::npos);
    log.head.limits = {{Measure::milliseconds, 50}, {Measure::working_memory, 2000}};
    table = front_table(log, front_points(log));
    CHECK(table.find("stored  nonzero  bits  memory   flash      ms        fresh seeds") != std::string::npos);
}

TEST_CASE("what a run minimises or limits has a column, in the paper's units as well") {
    search::RunLog log = repeated_example();
    for (search::Record& own : log.records) {
        own.outcome.measures[Measure::paper_model_size] = 270;
        own.outcome.measures[Measure::cycles] = 123456;
    }
    CHECK(front_table(log, front_points(log)).find("paper size") == std::string::npos);
    log.head.objectives = {Measure::error, Measure::paper_model_size};
    log.head.limits = {{Measure::cycles, 2e5}};
    const std::string table = front_table(log, front_points(log));
    CHECK(table.find("cycles  paper size") != std::string::npos);
    CHECK(table.find("123 456         270") != std::string::npos);
}

TEST_CASE("below the table every column is explained with its unit, and what the mark ~ means if there is one") {
    search::RunLog log = repeated_example();
    log.head.objectives = {Measure::error, Measure::flash, Measure::ram};
    log.head.limits = {{Measure::working_memory, 2000}, {Measure::model_size, 2000}};
    for (search::Record& own : log.records) {
        own.outcome.measures[Measure::flash] = 5000 + *own.outcome.measures[Measure::model_size];
        own.outcome.measures[Measure::ram] = 700;
    }
    const std::vector<FrontPoint> points = front_points(log);
    const std::string table = front_table(log, points), legend = front_legend(log, points);
    const std::string titles = replaced(table.substr(0, table.find('\n')), "  ", "\n");
    std::size_t explained = 0;
    for (std::string title : split(titles, '\n')) {
        title.erase(0, title.find_first_not_of(' '));
        if (title.empty()) continue;
        CAPTURE(title);
        CHECK(("\n" + legend).find("\n" + title + " ") != std::string::npos);
        ++explained;
    }
    CHECK(explained == 12);
    CHECK(legend.find("model        bytes of nonzero weights") != std::string::npos);
    CHECK(legend.ends_with("~ marks a cost that is predicted and was not measured on the simulated chip.\n"));
    const std::string text = front_text(log, points);
    CHECK(text.find("\nlimit working_memory <= 2 000 B\n") != std::string::npos);
    CHECK(text.ends_with("\n\n" + legend));
    for (search::Record& own : log.records) take_measured(own.outcome, own.outcome.measures);
    CHECK(front_legend(log, front_points(log)).find('~') == std::string::npos);
    CHECK(front_legend(log, {}).empty());
}

TEST_CASE("a front fits the terminal: what the search looks at stays, what it does not goes first") {
    search::RunLog log = repeated_example();
    log.head.objectives = {Measure::error, Measure::flash, Measure::ram};
    log.head.validation_counts = {2400};
    for (search::Record& own : log.records) {
        own.outcome.measures[Measure::flash] = 12345;
        own.outcome.measures[Measure::ram] = 1234;
        own.outcome.validation_interval = judge::wilson(2300, 2400);
    }
    const std::vector<FrontPoint> points = front_points(log);
    for (std::size_t width = 11; width < 160; ++width) {
        CAPTURE(width);
        CHECK(longest_line(front_table(log, points, width)) <= width);
        CHECK(longest_line(front_text(log, points, std::max<std::size_t>(width, 40))) <=
              std::max<std::size_t>(width, 40));
    }
    const auto titles = [&](std::size_t width) {
        const std::string table = front_table(log, points, width);
        std::string out = table.substr(0, table.find('\n'));
        while (out.find("  ") != out.npos) out = replaced(out, "  ", " ");
        return out;
    };
    CHECK(titles(120) == "id val % 95 % interval test % stored nonzero bits flash RAM fresh seeds network");
    CHECK(titles(80) == "id val % 95 % interval test % stored flash RAM network");
    CHECK(titles(40) == "id val % test % flash RAM");
    CHECK(titles(20) == "id val % flash");
    CHECK(front_legend(log, points, 80).find("Not shown, for lack of room: nonzero, bits, fresh seeds\n") !=
          std::string::npos);
}

TEST_CASE("the columns of a default run fit 100 characters ahead of the network") {
    search::RunLog log = repeated_example();
    log.head.objectives = {Measure::error, Measure::flash, Measure::ram};
    log.head.validation_counts = {2400};
    for (search::Record& own : log.records) {
        own.trial.number += 1000;
        own.outcome.measures[Measure::weight_bytes] = 12345;
        own.outcome.measures[Measure::nonzeros] = 12345;
        own.outcome.measures[Measure::flash] = 12345;
        own.outcome.measures[Measure::ram] = 1234;
        own.outcome.validation_interval = judge::wilson(2300, 2400);
    }
    const std::vector<FrontPoint> points = front_points(log);
    const std::string table = front_table(log, points);
    CHECK(table.find("network\n") <= 100);
}

TEST_CASE("the baseline is named with its score and bytes, and the limits that it breaks") {
    search::RunLog log = repeated_example();
    log.records.insert(log.records.begin(), linear(log, 0.079, 7850));
    const auto last = [&] { return front_remarks(log, front_points(log)).back(); };
    CHECK(last() == "baseline: F10, 92.10 % with 7 850 B stored (trial 0)");
    CHECK(front_text(log, front_points(log)).find("\nbaseline: F10, 92.10 % with 7 850 B stored (trial 0)\n\nid ") !=
          std::string::npos);
    json::Value document = front_json("run", log, front_points(log));
    json::Reader own = json::Reader(document, "front").at("baseline");
    CHECK(own.at("id").as<int>() == 0);
    CHECK(own.at("net").as<std::string>() == "F10");
    CHECK(own.at("error").as<double>() == 0.079);
    CHECK(own.at("validation_accuracy").as<double>() == doctest::Approx(0.921));
    CHECK(own.at("weight_bytes").as<double>() == 7850);
    CHECK(own.at("feasible").as<bool>());
    CHECK(own.at("broken_limits").items().empty());

    log.head.limits = {{Measure::weight_bytes, 4096}};
    log.records[0].feasible = false;
    CHECK(
        last() ==
        "baseline: F10, 92.10 % with 7 850 B stored (trial 0); breaks the limit weight_bytes <= 4 096 B with 7 850 B");
    document = front_json("run", log, front_points(log));
    own = json::Reader(document, "front").at("baseline");
    CHECK_FALSE(own.at("feasible").as<bool>());
    CHECK(own.at("broken_limits").as<std::vector<std::string>>() == std::vector<std::string>{"weight_bytes"});
    log.head.limits[Measure::error] = 0.05;
    CHECK(last() ==
          "baseline: F10, 92.10 % with 7 850 B stored (trial 0); breaks the limits error <= 0.05 with 0.079 and "
          "weight_bytes <= 4 096 B with 7 850 B");
    log.head.limits = {{Measure::flash, 30000}};
    log.records[0].outcome.measures[Measure::flash] = 29900;
    CHECK(
        last() ==
        "baseline: F10, 92.10 % with 7 850 B stored (trial 0); may break a limit, since its costs are only predicted");
    log.head.error = judge::ErrorKind::balanced;
    CHECK(last().starts_with("baseline: F10, 92.10 % balanced accuracy with 7 850 B stored (trial 0)"));
}

TEST_CASE("a baseline that failed has its reason, and an old run has none") {
    search::RunLog log = repeated_example();
    CHECK_FALSE(baseline_text(log));
    CHECK(baseline(log) == nullptr);
    search::Record failed = linear(log, 0.1, 7850);
    failed.outcome = {};
    failed.outcome.failure = "a sum may overflow";
    failed.feasible = false;
    log.records.insert(log.records.begin(), failed);
    CHECK(baseline_text(log) == "baseline: F10 (trial 0) could not be trained: a sum may overflow");
    const json::Value document = front_json("run", log, front_points(log));
    const json::Reader own = json::Reader(document, "front").at("baseline");
    CHECK(own.at("failure").as<std::string>() == "a sum may overflow");
    CHECK(own.at("error").value().is_null());
    CHECK(own.at("validation_accuracy").value().is_null());
    CHECK_FALSE(own.at("feasible").as<bool>());
}

TEST_CASE("a baseline of numbers has its RMSE; where nothing beats the constant answer, it is named all the same") {
    search::RunLog log = repeated_example();
    log.head.space.classes = 1;
    log.head.error = judge::ErrorKind::rmse;
    log.head.trivial_error = 1;
    log.records = {linear(log, 1.25, 790)};
    CHECK(baseline_text(log) == "baseline: F1, RMSE 1.25 deviations with 790 B stored (trial 0)");
    CHECK(front_text(log, front_points(log)) ==
          "nothing beats the constant answer, whose RMSE is one standard deviation\n"
          "baseline: F1, RMSE 1.25 deviations with 790 B stored (trial 0)\n");
}
