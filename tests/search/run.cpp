// SPDX-License-Identifier: Apache-2.0
// The runs of fixtures/ were written by version 1.0.0, `run` the first: journals and models must be read for good.
#include "tinysparse/search/run.hpp"
#include "fake.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include <set>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

TEST_CASE("a run of an older version is read, with all its accuracies") {
    const std::string folder = TINYSPARSE_TEST_FIXTURES "/run";
    const RunLog log = read_run(folder);
    CHECK(log.head.build == Build{"1.0.0", "", "", ""});
    CHECK(log.head.format == 1);
    CHECK(log.head.objectives == parse_objectives("paper"));
    CHECK(log.head.limits == Limits{{Measure::model_size, 300}, {Measure::flash, 30796}, {Measure::ram, 1352}});
    REQUIRE(log.records.size() == 3);
    const Outcome& outcome = log.records[1].outcome;
    CHECK(*outcome.measures[Measure::error] == 0.5416666666666667);
    CHECK(*outcome.measures[Measure::milliseconds] == 9.064978759375);
    CHECK(*outcome.measures[Measure::nonzeros] == 398);
    CHECK(*outcome.float_accuracy == 0.4166666666666667);
    CHECK(log.end.value().test_accuracy == std::map<std::size_t, double>{{1, 0.4666666666666667}, {2, 0.1}});
    const fixed::Model model = fixed::load_model(model_path(folder, 1));
    CHECK(*model.validation_accuracy == doctest::Approx(1 - 0.5416666666666667));
    CHECK(model.float_accuracy == outcome.float_accuracy);
    CHECK(model.test_accuracy == 0.4666666666666667);
}

TEST_CASE("a journal's lines are written as they were read") {
    const std::string path = TINYSPARSE_TEST_FIXTURES "/run/journal.jsonl";
    const std::vector<json::Value> lines = Journal(path).read(false);
    const RunLog log = log_from_lines(lines, path).value();
    REQUIRE(lines.size() == 5);
    const RunHead& head = log.head;
    CHECK(head.kernel == "matern"); // which had no name then
    CHECK(head.error == judge::ErrorKind::plain);
    CHECK(head.validation_counts.empty());
    const std::set<std::string> later = {
        "kernel", "error", "validation_counts", "validation_groups", "data_notes", "class_weights", "folder"};
    json::Value run = to_json(head), before = json::object();
    for (const auto& [key, value] : *run.object())
        if (!later.contains(key)) before[key] = value;
    CHECK(before == *lines[0].find("run"));
    for (std::size_t i = 0; i < 3; ++i) {
        json::Value line = to_json(log.records[i], log.head.space);
        line["crc"] = *lines[i + 1].find("crc");
        CHECK(json::write(line) == json::write(lines[i + 1]));
    }
    CHECK(to_json(*log.end) == *lines[4].find("end"));
}

TEST_CASE("of a journal's goals the last is in force, and an end counts only where nothing follows it") {
    const RunLog log = new_run(10, 2);
    const json::Value first = json::object({{"run", to_json(log.head)}, {"goal", to_json(log.goal)}});
    const json::Value end = json::object({{"end", to_json(RunEnd{{{3, 0.5}}, {"a note"}})}, {"elapsed", 12.5}});
    Goal longer = log.goal;
    longer.trials = 20;
    const json::Value goal = json::object({{"goal", to_json(longer)}});
    CHECK_FALSE(log_from_lines({}, "j"));
    CHECK(log_from_lines({first}, "j")->goal == log.goal);
    const RunLog ended = *log_from_lines({first, end}, "j");
    CHECK(ended.end->test_accuracy == std::map<std::size_t, double>{{3, 0.5}});
    CHECK(ended.end->notes == std::vector<std::string>{"a note"});
    CHECK(ended.elapsed == 12.5);
    const RunLog further = *log_from_lines({first, end, goal}, "j");
    CHECK_FALSE(further.end);
    CHECK(further.goal == longer);
    CHECK_THROWS_WITH_AS(log_from_lines({first, json::object({{"what", 1}})}, "j"), doctest::Contains("j: line 2"),
                         Error);
}

TEST_CASE("the front is what no other feasible trial dominates, smallest first") {
    RunLog log = new_run(10, 1);
    const auto add = [&](double error, double size, bool feasible) {
        Record record;
        record.trial.number = log.records.size();
        record.outcome.measures[Measure::error] = error;
        record.outcome.measures[Measure::model_size] = size;
        record.outcome.measures[Measure::working_memory] = 100;
        record.feasible = feasible;
        log.records.push_back(record);
    };
    CHECK(measured_front(log).empty());
    add(0.1, 300, true);
    add(0.2, 100, true);
    add(0.2, 150, true); // dominated
    add(0.0, 10, false);
    add(0.15, 200, true);
    std::vector<std::size_t> numbers;
    for (const Record* record : measured_front(log)) numbers.push_back(record->trial.number);
    CHECK(numbers == std::vector<std::size_t>{1, 4, 0});
    CHECK_FALSE(nothing_beats_constant(log));
}

TEST_CASE("what does not beat the constant answer is no member of the front, and an empty front says so") {
    RunLog log = new_run(10, 1);
    log.head.trivial_error = 1 - 0.99;        // not quite 0.01
    CHECK_FALSE(nothing_beats_constant(log)); // there is no trial
    for (const double error : {0.01, 0.05, 1 - 0.99}) {
        Record record;
        record.trial.number = log.records.size();
        record.outcome.measures[Measure::error] = error;
        record.outcome.measures[Measure::model_size] = 100;
        record.outcome.measures[Measure::working_memory] = 100;
        log.records.push_back(record);
    }
    CHECK_FALSE(nothing_beats_constant(log)); // none holds the limits
    for (Record& record : log.records) record.feasible = true;
    CHECK(measured_front(log).empty());
    CHECK(nothing_beats_constant(log) == "nothing beats the constant answer, 99.0 %");
    log.head.error = judge::ErrorKind::balanced;
    log.head.trivial_error = 0.5;
    CHECK(measured_front(log).size() == 1);
    log.head.trivial_error = 0.01;
    CHECK(nothing_beats_constant(log) == "nothing beats the constant answer, 99.0 % balanced accuracy");
}

TEST_CASE("a folder without a run is an Error that says so") {
    const Folder folder("no_run");
    CHECK_THROWS_WITH_AS(read_run(folder.path()), doctest::Contains("there is no such folder"), Error);
    std::filesystem::create_directories(folder.path());
    CHECK_THROWS_WITH_AS(read_run(folder.path()), doctest::Contains("the folder holds no run"), Error);
}

TEST_CASE("runs that balance classes or answer numbers are read, whichever version wrote them") {
    const RunLog classes = read_run(TINYSPARSE_TEST_FIXTURES "/run_classes");
    CHECK(classes.head.format == 1);
    CHECK(classes.head.error == judge::ErrorKind::balanced);
    CHECK_FALSE(classes.head.space_digest);
    REQUIRE(classes.records.size() == 4);
    CHECK(*classes.records[3].outcome.validation_accuracy == 0.2916666666666667);
    const RunLog numbers = read_run(TINYSPARSE_TEST_FIXTURES "/run_numbers");
    CHECK(numbers.head.answers_numbers());
    REQUIRE(numbers.end);
    CHECK(numbers.end->test_error.size() == 2);
    for (const RunLog* log : {&classes, &numbers}) CHECK_NOTHROW(check_resumable(log->head, "run"));
}

TEST_CASE("an end that names what is no trial is refused") {
    json::Value end = to_json(RunEnd{{{1, 0.9}}, {}, {}});
    end["test_accuracy"]["first"] = json::Value(0.5);
    CHECK_THROWS_WITH_AS(end_from_json(json::Reader(end, "end")), "end: test_accuracy: 'first' is no trial", Error);
}
