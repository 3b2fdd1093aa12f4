// SPDX-License-Identifier: Apache-2.0
// The runs of fixtures/ were written by version 1.0.0, `run` the first, `run_unmeasured` in format 2: journals and
// models must be read for good.
#include "tinysparse/search/run.hpp"
#include "fake.hpp"
#include "tinysparse/data/folds.hpp"
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

TEST_CASE("a journal's lines are written as they were read, older genes as those that they became") {
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
    CHECK(space::space_from_json(json::Reader(*before.find("space"), "s")) == head.space);
    before["space"] = *lines[0].find("run")->find("space");
    CHECK(before == *lines[0].find("run"));
    for (std::size_t i = 0; i < 3; ++i) {
        json::Value line = to_json(log.records[i], log.head.space);
        const json::Value written = *line.find("genome"), &read = *lines[i + 1].find("genome");
        CHECK(space::genome_from_json(json::Reader(written, "g"), head.space) == log.records[i].trial.genome);
        for (const char* part : {"stages", "end", "pruning"}) CHECK(*written.find(part) == *read.find(part));
        line["genome"] = read;
        line["crc"] = *lines[i + 1].find("crc");
        CHECK(json::write(line) == json::write(lines[i + 1]));
    }
    CHECK(log.records[0].trial.genome.training.rotate == doctest::Approx(15 * 0.39));
    CHECK(to_json(*log.end) == *lines[4].find("end"));
}

TEST_CASE("a run of format 2, which measured nothing, is read, and its lines but for genes are written as they were") {
    const std::string folder = TINYSPARSE_TEST_FIXTURES "/run_unmeasured";
    const std::vector<json::Value> lines = Journal(journal_path(folder)).read(false);
    const RunLog log = read_run(folder);
    CHECK(log.head.format == 2);
    CHECK(log.head.build.revision == "4dd4fc0b10d2");
    CHECK(log.head.measuring == Measuring::off);
    CHECK(log.head.measured_with.empty());
    CHECK(log.head.limits.at(Measure::milliseconds) == 40);
    REQUIRE(log.records.size() == 4);
    CHECK(*log.records[2].outcome.measures[Measure::milliseconds] == 11.341598153125002);
    for (const Record& record : log.records) CHECK_FALSE(record.outcome.predicted);
    CHECK(measured_front(log).size() == 2);
    REQUIRE(lines.size() == 6);
    json::Value run = to_json(log.head);
    run["space"] = *lines[0].find("run")->find("space"); // which is written in today's genes
    CHECK(run == *lines[0].find("run"));
    for (std::size_t i = 0; i < 4; ++i) {
        json::Value line = to_json(log.records[i], log.head.space);
        line["genome"] = *lines[i + 1].find("genome");
        line["crc"] = *lines[i + 1].find("crc");
        CHECK(json::write(line) == json::write(lines[i + 1]));
    }
    CHECK(fixed::load_model(model_path(folder, 2)).test_accuracy == log.end->test_accuracy.at(2));
    CHECK_THROWS_WITH_AS(check_resumable(log.head, "run"),
                         doctest::Contains("run: the run has format 2, this program writes format 5; it began with "),
                         Error);
}

namespace {

/// A run of four trials and an end: head and records are written as they were, and the run goes on.
void check_goes_on(const std::string& folder, const RunLog& log) {
    const std::vector<json::Value> lines = Journal(journal_path(folder)).read(false);
    REQUIRE(lines.size() == 6);
    CHECK(to_json(log.head) == *lines[0].find("run"));
    for (std::size_t i = 0; i < 4; ++i) {
        json::Value line = to_json(log.records[i], log.head.space);
        line["crc"] = *lines[i + 1].find("crc");
        CHECK(json::write(line) == json::write(lines[i + 1]));
    }
    CHECK_NOTHROW(check_resumable(log.head, folder));
}

} // namespace

TEST_CASE("a run of format 3, which has no baseline, is read, written as it was, and goes on") {
    const std::string folder = TINYSPARSE_TEST_FIXTURES "/run_without_baseline";
    const RunLog log = read_run(folder);
    CHECK(log.head.format == 3);
    CHECK_FALSE(begins_with_baseline(log.head));
    REQUIRE(log.records.size() == 4);
    CHECK(log.records[0].trial.origin == Origin::random);
    CHECK(measured_front(log).size() == 3);
    check_goes_on(folder, log);
}

TEST_CASE("a run of format 4, which has no portfolio, is read, written as it was, and goes on") {
    const std::string folder = TINYSPARSE_TEST_FIXTURES "/run_without_portfolio";
    const RunLog log = read_run(folder);
    CHECK(log.head.format == 4);
    CHECK(begins_with_baseline(log.head));
    CHECK(log.head.portfolio_without == space::portfolio_set_names({"all"}));
    REQUIRE(log.records.size() == 4);
    CHECK(is_baseline(log.records[0].trial));
    check_goes_on(folder, log);
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
    CHECK(further.continued_by.empty());
    const Build newer{"1.0.1", "def", "g++ 12.2.0", "AVX2"};
    const json::Value with_build = json::object({{"goal", to_json(longer)}, {"build", to_json(newer)}});
    CHECK(log_from_lines({first, end, with_build, goal}, "j")->continued_by == std::vector<Build>{newer});
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
    log.end = RunEnd{{}, {}, {}, {1, 4}};
    CHECK(measured_front(log).size() == 2); // what these dominated
    log.end->without_model = {0, 1, 2, 4};
    CHECK(measured_front(log).empty());
    CHECK(nothing_beats_constant(log) == "every model of the front is lost; the notes of the run say why");
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
    CHECK_THROWS_WITH_AS(read_run(TINYSPARSE_TEST_FIXTURES "/run/journal.jsonl"),
                         doctest::Contains("this is a file and not the folder of a run"), Error);
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

namespace {

/// Every key of a value with the type of what it holds, in their order.
std::string layout(const json::Value& value) {
    if (const json::Array* items = value.array()) return items->empty() ? "[]" : text("[", layout((*items)[0]), "]");
    const json::Object* const members = value.object();
    if (!members) return std::string(name_of(value.type()));
    std::vector<std::string> parts;
    for (const auto& [key, member] : *members) parts.push_back(text(key, " ", layout(member)));
    return text("{", join(parts, ", "), "}");
}

} // namespace

// Whoever changes one of these raises journal_format, and puts a small run of the format before into fixtures/.
TEST_CASE("format 5 is laid out so") {
    REQUIRE(journal_format == 5);
    RunHead head = new_run(10, 2).head;
    head.target_digest = 1;
    head.validation_counts = {3};
    head.data_notes = {"note"};
    head.portfolio_without = {"mnist"};
    CHECK(layout(to_json(head)) ==
          "{command [a string], build {version a string, revision a string, compiler a string, instructions a string}, "
          "seed a string, folder a string, data a string, data_digest a string, target a string, acquisition a string, "
          "kernel a string, inherit a boolean, objectives [a string], limits {working_memory a number}, epochs [a "
          "number], error a string, trivial_error a number, smallest_error a number, class_weights a string, "
          "validation_counts [a number], validation_groups a number, data_notes [a string], space {input [a number], "
          "classes a number, augments a string, samples a number, narrowed a string}, format a number, space_digest a "
          "string, target_digest a string, measure a string, measured_with a string, folds a number, folds_digest a "
          "string, refit a boolean, portfolio_without [a string]}");
    Record record = read_run(TINYSPARSE_TEST_FIXTURES "/run_numbers").records[1];
    record.trial.parent = 0;
    record.outcome.weights_digest = 1;
    for (const Measure measure : chip_measures) record.outcome.measures[measure] = 1;
    take_measured(record.outcome, record.outcome.measures);
    const space::Space space = read_run(TINYSPARSE_TEST_FIXTURES "/run_numbers").head.space;
    const std::string genome = layout(to_json(record.trial.genome));
    const std::string told = "{flash a number, ram a number, cycles a number, milliseconds a number}";
    CHECK(
        layout(to_json(record, space)) ==
        text(
            "{trial a number, stage a number, origin a string, epochs a number, seed a number, parent a number, "
            "inherits a boolean, line_epochs a number, net a string, genome ",
            genome,
            ", status a string, feasible a boolean, float_accuracy null, validation_accuracy null, "
            "validation_interval [a number], numbers [{rmse a number, mae a number, r2 a number}], measures {error a "
            "number, model_size a number, working_memory_1 a number, working_memory_2 a number, working_memory a "
            "number, weight_bytes a number, flash a number, ram a number, cycles a number, milliseconds a number, macs "
            "a number, nonzeros a number}, measured ",
            told, ", predicted ", told,
            ", weights_digest a string, test_seconds "
            "a number, seconds a number, elapsed a number}"));
    CHECK(genome ==
          "{front {downsampling a number, gray a string, width a number, kernel a number, stride a number, "
          "pooling a string, pool a number, bits a number}, stages [{residual a boolean, pooling a string, pool "
          "a number, head a boolean, units [{kind a string, width a number, kernel a number, linear a boolean, "
          "squeeze a number, bits a number}]}], end {kind a string, width a number, hidden a number, bits a "
          "number}, training {learning_rate a number, batch a number, steps a number, weight_decay a number, "
          "label_smoothing a number, shift a number, flip a boolean, rotate a number, scale a number, shear a number, "
          "cut_out a number, brightness a number, contrast a number, colour a number, noise a number, stretch a "
          "number, gain a number, axes a number}, pruning {method a string, keep a number}}");
    CHECK(layout(to_json(Measurement{3, *record.outcome.predicted, {}})) == text("{of a number, measures ", told, "}"));
    CHECK(layout(to_json(Measurement{3, {}, "too large"})) == "{of a number, reason a string}");
    CHECK(layout(to_json(Goal{1.0, 2, 3})) == "{budget_seconds a number, trials a number, jobs a number}");
    CHECK(layout(to_json(RunEnd{{{1, 0.5}}, {"note"}, {{2, 0.5}}, {3}})) ==
          "{test_accuracy {1 a number}, notes [a string], test_error {2 a number}, without_model [a number]}");
}

TEST_CASE("a record that makes no sense in its run is an Error that names the line and the member") {
    const std::string path = TINYSPARSE_TEST_FIXTURES "/run_classes/journal.jsonl";
    const std::vector<json::Value> lines = Journal(path).read(false);
    REQUIRE_NOTHROW(log_from_lines(lines, "j"));
    const auto refused = [&](std::size_t line, const char* member, const json::Value& value, const char* what) {
        std::vector<json::Value> changed = lines;
        changed[line][member] = value;
        CAPTURE(member);
        CHECK_THROWS_WITH_AS(log_from_lines(changed, "j"), doctest::Contains(what), Error);
    };
    for (const auto& change : {std::pair("jobs", json::Value(2000000000)),
                               {"jobs", 0},
                               {"trials", 0},
                               {"trials", nullptr},
                               {"budget_seconds", 60},
                               {"budget_seconds", -1}}) {
        const char* const member = change.first;
        std::vector<json::Value> changed = lines;
        changed[0]["goal"][member] = change.second;
        CAPTURE(member);
        CHECK_THROWS_WITH_AS(log_from_lines(changed, "j"), doctest::Contains("j: line 1: goal: "), Error);
    }
    refused(1, "trial", 10000000, "j: line 2: trial: expected 0 to 9999999, found 10000000");
    refused(1, "stage", 4, "j: line 2: stage: expected 1 to 3, found 4");
    refused(1, "epochs", 0, "j: line 2: epochs: expected 1 to 1000000, found 0");
    refused(1, "line_epochs", -1, "line_epochs: expected 1 to");
    refused(1, "seconds", -1, "seconds: expected 0 to");
    refused(1, "elapsed", 1e10, "elapsed: expected 0 to");
    refused(1, "test_seconds", 1e300, "test_seconds: expected 0 to");
    refused(1, "status", "fine", "status: 'fine' is neither ok nor failed");
    refused(1, "float_accuracy", 1.5, "float_accuracy: expected 0 to 1, found 1.5");
    refused(1, "validation_accuracy", -0.5, "validation_accuracy: expected 0 to 1");
    refused(1, "validation_interval", json::array({0.9, 0.1}), "validation_interval: expected two numbers, the lower");
    refused(1, "parent", 7, "parent: expected a trial before this one");
    refused(2, "parent", 0, "parent: a random network has no parent");
    refused(2, "origin", "mutation", "parent: the parent is missing");
    refused(1, "origin", "baseline", "origin: 'baseline': the baseline is the network without stages, and trial 0");
    json::Value linear = *lines[1].find("genome");
    linear["stages"] = json::array();
    linear["training"] = *space::to_json(space::Genome{}).find("training");
    for (const char* group : {"front", "end", "pruning"}) linear[group] = *space::to_json(space::Genome{}).find(group);
    refused(1, "genome", linear, "origin: 'random': the baseline is the network without stages, and trial 0");
    std::vector<json::Value> second = lines;
    second[2]["genome"] = linear;
    second[2]["origin"] = "baseline";
    CHECK_THROWS_WITH_AS(log_from_lines(second, "j"), doctest::Contains("j: line 3: origin: 'baseline'"), Error);
    std::vector<json::Value> first = lines;
    first[1]["genome"] = linear;
    first[1]["origin"] = "baseline";
    CHECK(log_from_lines(first, "j")->records[0].trial.genome.is_linear());
    std::vector<json::Value> child = first;
    child[2]["origin"] = "mutation";
    child[2]["parent"] = 0;
    CHECK_THROWS_WITH_AS(log_from_lines(child, "j"), "j: line 3: parent: the baseline has no children", Error);
    first[1]["parent"] = 0;
    CHECK_THROWS_AS(log_from_lines(first, "j"), Error);
    refused(1, "inherits", true, "inherits: there is no parent to inherit from");
    refused(2, "trial", 0, "j: line 3: trial: trial 0 stands in line 2, too: two searches worked in this folder");
    refused(1, "weights_digest", "x", "weights_digest: expected 16 hexadecimal digits");
    json::Value measures = *lines[4].find("measures");
    REQUIRE(*lines[4].find("feasible") == json::Value(true));
    measures["error"] = 1.5;
    refused(4, "measures", measures, "measures.error: expected 0 to 1, found 1.5");
    measures["error"] = 0.5;
    measures["flash"] = 1e6;
    refused(4, "measures", measures, "feasible: a measure breaks a limit of the run");
    std::erase_if(*measures.object(), [](const json::Member& one) { return one.first == "flash"; });
    refused(4, "measures", measures, "measures: flash is missing, which is an objective of the run");
}

namespace {

json::Value& first_of(json::Value& measured_line) { return measured_line["measured"].array()->front(); }

/// A run that measures, with three trials of which the first failed, and then a line of later measurements.
std::vector<json::Value> measured_lines() {
    RunLog log = read_run(TINYSPARSE_TEST_FIXTURES "/run_unmeasured");
    log.head.format = journal_format;
    log.head.measuring = Measuring::end;
    log.head.measured_with = "avr-g++ 5.4.0";
    log.head.limits[Measure::flash] = 8000; // which the last one is predicted to break
    log.records[0].outcome.failure = "the program does not fit uno";
    log.records[0].feasible = false;
    std::vector<json::Value> lines = {json::object({{"run", to_json(log.head)}, {"goal", to_json(log.goal)}})};
    for (std::size_t i = 0; i < 3; ++i) lines.push_back(to_json(log.records[i], log.head.space));
    json::Value measured = json::array();
    for (const std::size_t i : {1, 2}) measured.push_back(to_json(Measurement{i, log.records[i].outcome.measures, {}}));
    lines.push_back(json::object({{"measured", std::move(measured)}, {"elapsed", log.elapsed}}));
    return lines;
}

} // namespace

TEST_CASE("networks that were measured later are judged by that") {
    std::vector<json::Value> lines = measured_lines();
    const auto set = [&](std::size_t i, const char* measure, double value) {
        (*lines[4]["measured"].array())[i]["measures"][measure] = value;
    };
    set(0, "flash", 4000);
    RunLog log = log_from_lines(lines, "j").value();
    CHECK(*log.records[1].outcome.measures[Measure::flash] == 4000);
    CHECK(*(*log.records[1].outcome.predicted)[Measure::flash] == 3822);
    CHECK(log.records[1].feasible);
    CHECK_FALSE(log.records[2].feasible);
    CHECK(measured_front(log).size() == 1);
    set(0, "milliseconds", 39.9); // and one hundredth is more than 40
    CHECK_FALSE(log_from_lines(lines, "j")->records[1].feasible);
    set(0, "milliseconds", 39);
    set(1, "flash", 7990);
    CHECK(measured_front(*log_from_lines(lines, "j")).size() == 2);
    (*lines[4]["measured"].array())[1] = to_json(Measurement{2, {}, "the program does not fit uno"});
    log = log_from_lines(lines, "j").value();
    CHECK_FALSE(log.records[2].feasible);
    CHECK_FALSE(log.records[2].outcome.predicted);
}

TEST_CASE("a measurement that makes no sense in its run is an Error that names the line and the member") {
    const std::vector<json::Value> lines = measured_lines();
    REQUIRE_NOTHROW(log_from_lines(lines, "j"));
    const auto refused = [&](const std::function<void(json::Value&)>& change, const char* what) {
        std::vector<json::Value> changed = lines;
        change(changed[4]);
        CAPTURE(json::write(changed[4]));
        CHECK_THROWS_WITH_AS(log_from_lines(changed, "j"), doctest::Contains(what), Error);
    };
    const auto member = [&](const char* name, const json::Value& value) {
        return [=](json::Value& line) { first_of(line)[name] = value; };
    };
    const auto measure = [&](const char* name, const json::Value& value) {
        return [=](json::Value& line) { first_of(line)["measures"][name] = value; };
    };
    const auto without = [&](const char* name) {
        return [=](json::Value& line) {
            std::erase_if(*first_of(line)["measures"].object(),
                          [&](const json::Member& one) { return one.first == name; });
        };
    };
    refused(member("of", 9), "j: line 5: measured[0].of: trial 9 has no network in a line before");
    refused(member("of", 0), "of: trial 0 has no network in a line before"); // it failed
    refused(member("of", 2), "of: trial 2 was measured before");             // here the second time
    refused(member("of", -1), "of: expected a whole number from 0 to");
    refused(member("of", 1e7), "of: expected 0 to 9999999");
    refused(member("of", json::Value()), "of: ");
    refused(member("measures", json::Value()), "measures: ");
    refused(member("reason", 5), "reason: ");
    for (const char* told : {"flash", "ram", "cycles", "milliseconds"}) {
        refused(measure(told, -1), text(told, ": expected 0 to").c_str());
        refused(measure(told, json::Value()), told);
        refused(without(told), text("measures: ", told, " is missing").c_str());
    }
    refused([](json::Value& line) { line["measured"] = 5; }, "measured: ");
    refused([](json::Value& line) { line["elapsed"] = 0; }, "elapsed: expected at least");
    refused(
        [](json::Value& line) {
            std::erase_if(*line.object(), [](const json::Member& one) { return one.first == "elapsed"; });
        },
        "elapsed");

    // The same of a record with its own measurement.
    std::vector<json::Value> records(lines.begin(), lines.end() - 1);
    RunLog log = log_from_lines(lines, "j").value();
    records[2] = to_json(log.records[1], log.head.space);
    REQUIRE_NOTHROW(log_from_lines(records, "j"));
    const auto bad = [&](const char* of, const char* name, const json::Value& value, const char* what) {
        std::vector<json::Value> changed = records;
        changed[2][of][name] = value;
        CHECK_THROWS_WITH_AS(log_from_lines(changed, "j"), doctest::Contains(what), Error);
    };
    bad("measured", "flash", 1, "j: line 3: measured: flash is not the one among the measures, or not predicted");
    bad("predicted", "flash", -1, "predicted.flash: expected 0 to");
    bad("measured", "ram", "x", "measured.ram: ");
    std::erase_if(*records[2].object(), [](const json::Member& one) { return one.first == "predicted"; });
    CHECK_THROWS_WITH_AS(log_from_lines(records, "j"), doctest::Contains("predicted"), Error);
}

TEST_CASE("seconds of work never become fewer, but in runs of the first format") {
    RunLog log = new_run(10, 1);
    Record record = read_run(TINYSPARSE_TEST_FIXTURES "/run").records[0];
    log.head.space = read_run(TINYSPARSE_TEST_FIXTURES "/run").head.space;
    log.head.limits.clear();
    const auto lines = [&] {
        std::vector<json::Value> out = {json::object({{"run", to_json(log.head)}, {"goal", to_json(log.goal)}})};
        for (const double elapsed : {5.0, 4.0}) {
            record.trial.number = out.size() - 1;
            record.elapsed = elapsed;
            out.push_back(to_json(record, log.head.space));
        }
        return out;
    };
    CHECK_THROWS_WITH_AS(log_from_lines(lines(), "j"),
                         "j: line 3: elapsed: expected at least the 5 of a line before, found 4", Error);
    log.head.format = 1;
    CHECK(log_from_lines(lines(), "j").value().elapsed == 5);
}

TEST_CASE("a baseline that all folds have judged keeps no network off the front that one fold has judged") {
    RunLog log = new_run(10, 1);
    log.head.folds = 2;
    log.head.objectives = {Measure::error, Measure::model_size};
    const auto add = [&](Origin origin, double error, double size, std::size_t folds) {
        Record record;
        record.trial.number = log.records.size();
        record.trial.origin = origin;
        record.outcome.measures[Measure::error] = error;
        record.outcome.measures[Measure::model_size] = size;
        record.outcome.folds.resize(folds);
        record.feasible = true;
        log.records.push_back(record);
    };
    add(Origin::baseline, 0.1, 7840, 2);
    add(Origin::random, 0.05, 9000, 0);
    CHECK(measured_front(log).size() == 2);
    add(Origin::promotion, 0.04, 9000, 2);
    const std::vector<const Record*> front = measured_front(log);
    REQUIRE(front.size() == 2);
    CHECK(front[0]->trial.number == 0); // the baseline is a member as any other
    CHECK(front[1]->trial.number == 2);
}

TEST_CASE("the first fold of a run without groups has as many samples of each class as the data's first fold") {
    for (const std::vector<std::size_t>& counts :
         std::vector<std::vector<std::size_t>>{{146, 14}, {1, 2, 3, 4}, {7, 0, 11, 6}, {5, 5}}) {
        data::Dataset set;
        set.shape = {1, 1, 1};
        for (std::size_t c = 0; c < counts.size(); ++c) set.class_names.push_back(text("class", c));
        for (std::size_t c = counts.size(); c-- > 0;) // the order of the samples does not matter
            set.train.labels.insert(set.train.labels.end(), counts[c], std::uint8_t(c));
        set.train.samples = set.train.labels.size();
        const data::Folds folds = data::folds_of(set);
        RunHead head;
        head.folds = folds.count;
        head.validation_counts = counts;
        std::vector<std::size_t> expected(counts.size());
        for (std::size_t i = 0; i < folds.of.size(); ++i) expected[set.train.labels[i]] += folds.of[i] == 0;
        CHECK(first_fold_counts(head) == expected);
        head.validation_groups = 3;
        CHECK(first_fold_counts(head).empty());
    }
    CHECK(first_fold_counts({}).empty());
}

TEST_CASE("a network that one fold has judged has to beat the constant answer to the samples of that fold") {
    RunLog log = new_run(10, 1);
    log.head.folds = 5;
    log.head.objectives = {Measure::error, Measure::model_size};
    log.head.trivial_error = 0.0875; // 14 of 160
    log.head.validation_counts = {146, 14};
    log.records.resize(1);
    Outcome& outcome = log.records[0].outcome;
    log.records[0].feasible = true;
    outcome.measures[Measure::model_size] = 100;
    const auto is_member = [&](double error, std::optional<double> se) {
        outcome.measures[Measure::error] = error;
        outcome.error_se = se;
        return !measured_front(log).empty();
    };
    CHECK_FALSE(is_member(2.0 / 32, 0.05)); // always the first class: of the fold's 32 samples 2 are of the second
    CHECK(nothing_beats_constant(log) == "nothing beats the constant answer, 91.2 %");
    CHECK(is_member(1.0 / 32, 0.05));
    outcome.folds.resize(5);
    CHECK(is_member(2.0 / 32, 0.05)); // all folds have judged it
    outcome.folds.clear();

    log.head.validation_groups = 12; // then nobody knows the fold's classes: a standard error lies between both
    CHECK_FALSE(is_member(0.0625, 0.05));
    CHECK(is_member(0.0625, 0.02));
    CHECK_FALSE(is_member(0.0625, std::nullopt)); // too few groups in the fold for a standard error
    log.head.trivial_error = 0.5;                 // its standard error is at most sqrt(0.25 / 2.4) = 0.32
    CHECK_FALSE(is_member(0.2, std::nullopt));
    CHECK(is_member(0.1, std::nullopt));

    log.head.error = judge::ErrorKind::rmse; // the constant answer of every fold has 1
    log.head.trivial_error = 1;
    CHECK(is_member(0.99, 0.1));
    CHECK_FALSE(is_member(1, 0.1));
}
