// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/front_table.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;

namespace {

search::Record record(std::size_t number, double error, double size, double macs, int width, int epochs = 25) {
    search::Record out;
    out.trial.number = number;
    out.trial.epochs = epochs;
    out.trial.genome.front.width = width;
    out.trial.key = text("width ", width);
    out.outcome.measures[Measure::error] = error;
    out.outcome.measures[Measure::model_size] = size;
    out.outcome.measures[Measure::working_memory] = 1000;
    out.outcome.measures[Measure::macs] = macs;
    out.outcome.measures[Measure::weight_bytes] = size + 21;
    out.outcome.measures[Measure::nonzeros] = 4 * width;
    out.feasible = true;
    return out;
}

/// Sizes 300, 600, 900 with 10 %, 2 %, 1 % error; one dominated, one infeasible, and a second seed of the middle one.
search::RunLog example() {
    search::RunLog log;
    log.head.space = {{1, 28, 28}, 10};
    log.head.target = "uno";
    log.records = {record(0, 0.10, 300, 50000, 3), record(1, 0.02, 600, 20000, 6), record(2, 0.01, 900, 90000, 9),
                   record(3, 0.15, 400, 1000, 4),  record(4, 0.001, 100, 1000, 1), record(5, 0.04, 600, 20000, 6)};
    log.records[4].feasible = false;
    search::Record failed;
    failed.outcome.failure = "diverged";
    failed.trial.key = "width 6";
    log.records.push_back(failed);
    return log;
}

} // namespace

TEST_CASE("a pruned network is shown as one") {
    search::RunLog log = example();
    log.records[2].trial.genome.pruning = {prune::Method::dpf, 0.5};
    const std::vector<FrontPoint> points = front_points(log);
    CHECK(front_table(log, points).find("F10 | dpf 0.5\n") != std::string::npos);
    const json::Value document = front_json("run", log, points);
    const json::Array& list = *document.find("points")->array();
    CHECK(list[0].find("pruning")->is_null());
    CHECK(*list[2].find("pruning")->find("method")->string() == "dpf");
    CHECK(list[2].find("net")->string()->find("dpf") == std::string::npos);
}

TEST_CASE("the front is what nothing dominates, smallest first, with the spread of its seeds") {
    const search::RunLog log = example();
    const std::vector<FrontPoint> points = front_points(log);
    REQUIRE(points.size() == 3);
    CHECK(points[0].record->trial.number == 0);
    CHECK(points[1].record->trial.number == 1);
    CHECK(points[2].record->trial.number == 2);
    CHECK(points[0].seeds == 1);
    CHECK(points[0].spread == 0);
    CHECK(points[1].seeds == 2);
    CHECK(points[1].mean_accuracy == doctest::Approx(0.97));
    CHECK(points[1].spread == doctest::Approx(0.02 / std::sqrt(2.0)));
}

TEST_CASE("JSON has every key of the contract; test accuracy only after the end") {
    search::RunLog log = example();
    json::Value document = front_json("runs/a", log, front_points(log));
    CHECK(document.at("run").as<std::string>() == "runs/a");
    CHECK(document.at("target").as<std::string>() == "uno");
    const json::Value& first = document.find("points")->array()->front();
    for (const char* key : {"id", "validation_accuracy", "test_accuracy", "model_size", "working_memory_1",
                            "working_memory_2", "working_memory", "weight_bytes", "flash", "ram", "cycles",
                            "milliseconds", "macs", "nonzeros", "paper_model_size", "paper_working_memory", "error"}) {
        CAPTURE(key);
        CHECK(first.find(key) != nullptr);
    }
    CHECK(first.find("test_accuracy")->is_null());
    CHECK(first.find("cycles")->is_null());
    CHECK(first.at("validation_accuracy").as<double>() == doctest::Approx(0.9));
    log.end = search::RunEnd{{{0, 0.91}, {1, 0.979}, {2, 0.988}}, {}};
    document = front_json("runs/a", log, front_points(log));
    CHECK(document.find("points")->array()->front().at("test_accuracy").as<double>() == 0.91);
    CHECK(json::parse(json::write(document), "front") == document);
}

TEST_CASE("CSV has a line of names and a line for each point with as many cells") {
    const search::RunLog log = example();
    const std::string csv = front_csv("run", log, front_points(log));
    const std::vector<std::string> lines = split(csv, '\n');
    REQUIRE(lines.size() == 5); // the last is empty
    CHECK(lines[0].find("id,validation_accuracy,test_accuracy,model_size,") == 0);
    for (std::size_t i = 1; i < 4; ++i) CHECK(split(lines[i], ',').size() == split(lines[0], ',').size());
    CHECK(front_csv("run", log, {}).empty());
}

TEST_CASE("CSV has shares without the noise of their last bits, JSON has them as they are") {
    search::RunLog log = example();
    log.records[0].outcome.measures[Measure::error] = 0.699;
    CHECK(front_csv("run", log, front_points(log)).find("\n0,0.301,,300,") != std::string::npos);
    const json::Value document = front_json("run", log, front_points(log));
    CHECK(document.find("points")->array()->front().at("validation_accuracy").as<double>() == 1 - 0.699);
    CHECK(1 - 0.699 != 0.301);
}

TEST_CASE("CSV puts quotes around what has commas and doubles those within") {
    search::RunLog log = example();
    log.records[0].trial.genome.pruning = {prune::Method::dpf, 0.5};
    const std::string csv = front_csv("run", log, front_points(log));
    CHECK(csv.find(R"(,"{""method"":""dpf"",""keep"":0.5}")"
                   "\n") != std::string::npos);
}

TEST_CASE("the table has a row for each point") {
    search::RunLog log = example();
    log.records[0].outcome.measures[Measure::milliseconds] = 0.034; // of a small network on a fast chip
    const std::string table = front_table(log, front_points(log));
    CHECK(std::count(table.begin(), table.end(), '\n') == 4);
    CHECK(table.find("id  val %  test %  stored  nonzero  bits  model  memory     ms  fresh seeds  network\n") == 0);
    CHECK(table.find("98.00") != std::string::npos);
    CHECK(table.find("C6k3") != std::string::npos);
    log.head.limits = {{Measure::macs, 1e6}}; // which brings its column
    CHECK(front_table(log, front_points(log)).find(" 50 000  ~0.03 ") != std::string::npos);
}

namespace {

/// The example on a chip, of which other figures were told for the trials named than had been predicted. It has limits
/// of all that is told.
search::RunLog chip_example(const std::vector<std::size_t>& measured) {
    search::RunLog log = example();
    log.head.limits = {{Measure::milliseconds, 1000}, {Measure::macs, 1e9}};
    for (search::Record& record : log.records) {
        if (record.outcome.failure) continue;
        search::Measures& measures = record.outcome.measures;
        measures[Measure::flash] = 5000 + *measures[Measure::model_size];
        measures[Measure::ram] = 700;
        measures[Measure::cycles] = 160000;
        measures[Measure::milliseconds] = 10;
    }
    for (const std::size_t i : measured) {
        search::Measures told = log.records[i].outcome.measures;
        *told[Measure::flash] += 100;
        *told[Measure::cycles] += 16000;
        *told[Measure::milliseconds] += 1;
        take_measured(log.records[i].outcome, told);
    }
    return log;
}

} // namespace

TEST_CASE("what is only predicted is marked, what was measured is not") {
    const search::RunLog predicted = chip_example({}), mixed = chip_example({1}), measured = chip_example({0, 1, 2});
    const auto table = [](const search::RunLog& log) { return front_table(log, front_points(log)); };
    for (const char* row :
         {" ~5 300  ~700  50 000  ~10.00 ", " ~5 600  ~700  20 000  ~10.00 ", " ~5 900  ~700  90 000  ~10.00 "})
        CHECK(table(predicted).find(row) != std::string::npos);
    CHECK(table(mixed).find(" ~5 300  ~700  50 000  ~10.00 ") != std::string::npos);
    CHECK(table(mixed).find("  5 700   700  20 000   11.00 ") != std::string::npos);
    CHECK(table(measured).find('~') == std::string::npos);
    CHECK(table(measured).find(" 5 700  700  20 000  11.00 ") != std::string::npos);
}

TEST_CASE("JSON and CSV tell what was measured, and what had been predicted of it") {
    const search::RunLog log = chip_example({1});
    const json::Value document = front_json("run", log, front_points(log));
    const json::Reader points = json::Reader(document, "front").at("points");
    CHECK_FALSE(points.at(0).at("measured").as<bool>());
    CHECK(points.at(0).at("predicted").value().is_null());
    CHECK(points.at(0).at("flash").as<double>() == 5300);
    CHECK(points.at(1).at("measured").as<bool>());
    CHECK(points.at(1).at("flash").as<double>() == 5700);
    CHECK(points.at(1).at("predicted").at("flash").as<double>() == 5600);
    CHECK(points.at(1).at("predicted").at("milliseconds").as<double>() == 10);
    const std::vector<std::string> lines = split(front_csv("run", log, front_points(log)), '\n');
    const auto column = [&](std::size_t line, std::string_view name) {
        const std::vector<std::string> names = split(lines[0], ',');
        const auto found = std::find(names.begin(), names.end(), name);
        REQUIRE(found != names.end());
        return split(lines[line], ',')[std::size_t(found - names.begin())];
    };
    CHECK(column(1, "measured") == "false");
    CHECK(column(2, "measured") == "true");
    CHECK(column(2, "flash") == "5700");
}

TEST_CASE("accuracies have their intervals beside them, and a small validation part is warned of") {
    search::RunLog log = example();
    log.head.validation_counts = {50, 70};
    for (search::Record& record : log.records)
        if (!record.outcome.failure) record.outcome.validation_interval = judge::wilson(108, 120);
    std::vector<FrontPoint> points = front_points(log);
    // Wilson's interval of 108 of 120: (0.9 + 0.0160 +- 0.0560) / 1.0320.
    CHECK(front_table(log, points).find("\n 0  90.00  83.33 to 94.19       -  ") != std::string::npos);
    json::Value document = front_json("run", log, points);
    CHECK(document.at("validation_samples").as<int>() == 120);
    CHECK(document.at("validation_groups").as<int>() == 0);
    CHECK(document.at("points").at(0).at("validation_accuracy_low").as<double>() == judge::wilson(108, 120).low);
    CHECK(front_csv("run", log, points).find("validation_accuracy_low,validation_accuracy_high,") != std::string::npos);
    CHECK(*validation_warning(log, points) == "the validation part has only 120 samples; the 95 % intervals of its "
                                              "accuracies are up to 10.9 percentage points wide, and "
                                              "networks that are nearer to each other may rank by luck");
    log.head.validation_counts = {150, 150};
    CHECK_FALSE(validation_warning(log, points));

    log.head.validation_groups = 3;
    for (search::Record& record : log.records) record.outcome.validation_interval.reset();
    points = front_points(log);
    CHECK(front_table(log, points).find(" none ") != std::string::npos);
    CHECK(front_json("run", log, points).at("points").at(0).at("validation_accuracy_low").value().is_null());
    CHECK(*validation_warning(log, points) ==
          "there is no interval: the validation part has 300 samples in 3 groups, at "
          "least 5 groups are needed");
    CHECK_FALSE(validation_warning(example(), front_points(example()))); // an older run, which did not count
}

TEST_CASE("one model is picked by a rule") {
    const search::RunLog log = example();
    const std::vector<FrontPoint> points = front_points(log);
    const auto id = [&](Pick::Rule rule, double bound) {
        return pick(points, log, {rule, bound}).record->trial.number;
    };
    CHECK(id(Pick::Rule::smallest, 0.90) == 0);
    CHECK(id(Pick::Rule::smallest, 0.95) == 1);
    CHECK(id(Pick::Rule::smallest, 0.985) == 2);
    CHECK(id(Pick::Rule::best, 1024) == 2);
    CHECK(id(Pick::Rule::best, 899) == 1);
    CHECK(id(Pick::Rule::fastest, 0.5) == 1);
    CHECK(id(Pick::Rule::fastest, 0.985) == 2);
    CHECK_THROWS_WITH_AS(id(Pick::Rule::smallest, 0.999),
                         "no model of the front reaches 99.90 % on the validation part; the best, #2, has 99.00 %",
                         Error);
    CHECK_THROWS_WITH_AS(id(Pick::Rule::best, 200),
                         "no model of the front is within 200 B of model size; the smallest, #0, has 300 B", Error);
    CHECK_THROWS_WITH_AS(pick({}, log, {Pick::Rule::best, 200}), "the run has no front yet", Error);
}

namespace {

/// The example with balanced errors, which are twice as large as the plain ones.
search::RunLog balanced_example() {
    search::RunLog log = example();
    log.head.error = judge::ErrorKind::balanced;
    log.head.trivial_error = 0.5;
    for (search::Record& record : log.records) {
        if (record.outcome.failure) continue;
        std::optional<double>& error = record.outcome.measures[Measure::error];
        record.outcome.validation_accuracy = 1 - *error;
        *error *= 2;
    }
    return log;
}

} // namespace

TEST_CASE("a run with another kind of error has its score beside the plain accuracy, and chooses by it") {
    const search::RunLog log = balanced_example();
    const std::vector<FrontPoint> points = front_points(log);
    REQUIRE(points.size() == 3);
    CHECK(points[0].validation_accuracy() == 0.9);
    CHECK(points[0].score() == doctest::Approx(0.8));
    CHECK(points[1].mean_accuracy == doctest::Approx(0.97)); // plain, as its name says
    const std::string table = front_table(log, points);
    CHECK(table.find("id  balanced accuracy %  val %  test %  stored") == 0);
    CHECK(table.find("80.00  90.00") != std::string::npos);
    const json::Value document = front_json("run", log, points);
    CHECK(document.at("error_kind").as<std::string>() == "balanced");
    CHECK(document.at("trivial_error").as<double>() == 0.5);
    const json::Value& first = document.find("points")->array()->front();
    CHECK(first.at("error").as<double>() == 0.2);
    CHECK(first.at("validation_accuracy").as<double>() == 0.9);
    CHECK(pick(points, log, {Pick::Rule::smallest, 0.97}).record->trial.number == 2); // 96 % have 600 bytes
    CHECK(pick(points, log, {Pick::Rule::best, 1024}).record->trial.number == 2);
    CHECK_THROWS_WITH_AS(
        pick(points, log, {Pick::Rule::smallest, 0.99}),
        "no model of the front reaches 99.00 % balanced accuracy on the validation part; the best, #2, has 98.00 %",
        Error);
}

TEST_CASE("a front that nothing belongs to says what nothing beats, and is an empty list for programs") {
    search::RunLog log = example();
    log.head.trivial_error = 0.001;
    const std::vector<FrontPoint> points = front_points(log);
    CHECK(points.empty());
    CHECK(front_table(log, points) == "nothing beats the constant answer, 99.9 %\n");
    CHECK(front_csv("run", log, points).empty());
    CHECK(front_json("run", log, points).find("points")->array()->empty());
    CHECK_THROWS_WITH_AS(pick(points, log, {Pick::Rule::best, 2000}), "nothing beats the constant answer, 99.9 %",
                         Error);
}

TEST_CASE("a run that answers numbers shows errors, has no accuracies, and is chosen from by its RMSE") {
    search::RunLog log = example();
    log.head.error = judge::ErrorKind::rmse;
    log.head.trivial_error = 1;
    log.head.validation_counts = {120};
    for (search::Record& record : log.records) {
        if (record.outcome.failure) continue;
        record.outcome.numbers = {{3 * *record.outcome.measures[Measure::error], 0.5, 0.75}};
        record.outcome.validation_interval = judge::Interval{0.01, 0.25};
    }
    log.end = search::RunEnd{{}, {}, {{0, 0.125}}};
    const std::vector<FrontPoint> points = front_points(log);
    REQUIRE(points.size() == 3);
    const std::string table = front_table(log, points);
    CHECK(table.find("id  error  95 % interval  test error  RMSE  stored  nonzero  bits  model") == 0);
    CHECK(table.find("\n 0    0.1   0.01 to 0.25       0.125   0.3     321       12     8    300") !=
          std::string::npos);
    CHECK(table.find('%', 20) == std::string::npos);
    const json::Value document = front_json("run", log, points);
    const std::vector<std::string> lines = split(front_csv("run", log, points), '\n');
    CHECK(lines[1].find(R"("[{""rmse"":0.30000000000000004,""mae"":0.5,""r2"":0.75}]")") != std::string::npos);
    CHECK(*document.find("error_kind")->string() == "rmse");
    const json::Reader first = json::Reader(document, "front").at("points").at(0);
    for (const char* key : {"validation_accuracy", "test_accuracy", "validation_accuracy_mean",
                            "validation_accuracy_spread", "validation_accuracy_low", "validation_accuracy_high"})
        CHECK(first.at(key).value().is_null());
    CHECK(first.at("rmse").as<double>() == doctest::Approx(0.3));
    CHECK(first.at("mae").as<double>() == 0.5);
    CHECK(first.at("r2").as<double>() == 0.75);
    CHECK(first.at("test_error").as<double>() == 0.125);
    CHECK(first.at("error_high").as<double>() == 0.25);
    CHECK(validation_warning(log, points)->find("the 95 % intervals of its errors are up to 0.24 wide") !=
          std::string::npos);
    using Rule = Pick::Rule;
    CHECK(pick(points, log, {Rule::smallest, 1 - 0.05, true}).record->trial.number == 1);
    CHECK(pick(points, log, {Rule::best, 1e18}).record->trial.number == 2);
    CHECK_THROWS_WITH_AS(pick(points, log, {Rule::smallest, 1 - 0.001, true}),
                         "no model of the front has an RMSE of 0.001 standard deviations or less on the validation "
                         "part; the best, #2, has 0.01",
                         Error);
    CHECK_THROWS_AS(pick(points, log, {Rule::smallest, 0.9}), Error);
    CHECK_THROWS_AS(pick(front_points(example()), example(), {Rule::smallest, 0.9, true}), Error);
    CHECK(score_text(judge::ErrorKind::rmse, 1 - 0.25) == "RMSE 0.25 deviations");
    CHECK(score_text(judge::ErrorKind::balanced, 0.975) == "97.50 % balanced accuracy");
}
