// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/trials.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;

namespace {

search::Record trial_record(std::size_t number, double error, double size) {
    search::Record out;
    out.trial.number = number;
    out.trial.stage = 2;
    out.trial.epochs = 10;
    out.trial.origin = search::Origin::mutation;
    out.trial.parent = 0;
    out.trial.key = text(number);
    out.outcome.measures[Measure::error] = error;
    out.outcome.measures[Measure::model_size] = size;
    out.outcome.measures[Measure::flash] = 10 * size;
    out.outcome.seconds = 1.5;
    out.feasible = true;
    out.elapsed = double(number);
    return out;
}

/// Trials that became everything that a trial can become, not in the order of their numbers.
search::RunLog trials_example() {
    search::RunLog log;
    log.head.space = {{1, 28, 28}, 10};
    log.head.objectives = {Measure::error, Measure::model_size};
    log.head.limits = {{Measure::model_size, 1000}, {Measure::flash, 9000}};
    log.records = {trial_record(0, 0.1, 300),  trial_record(2, 0.2, 400),  trial_record(1, 0.05, 2000),
                   trial_record(3, 0.02, 800), trial_record(4, 0.03, 700), trial_record(5, 0.01, 500)};
    log.records[2].feasible = false; // breaks both limits
    log.records[3].feasible = false; // predicted too near to a limit
    search::Measures told = log.records[0].outcome.measures;
    told[Measure::flash] = 3100;
    search::take_measured(log.records[0].outcome, told);
    log.records[4].outcome = {};
    log.records[4].outcome.failure = "the loss became \"nan\", see above";
    log.records[4].feasible = false;
    log.end = search::RunEnd{{}, {}};
    log.end->without_model = {5};
    return log;
}

} // namespace

TEST_CASE("every trial is listed by its number with origin, stage and what became of it") {
    const json::Value list = trials_json(trials_example());
    const std::vector<std::string> status = {"front", "over limit", "ok", "near limit", "failed", "lost"};
    REQUIRE(list.array()->size() == status.size());
    for (std::size_t i = 0; i < status.size(); ++i) {
        const json::Reader trial = json::Reader(list, "trials").at(i);
        CHECK(trial.at("id").as<std::size_t>() == i);
        CHECK(trial.at("status").as<std::string>() == status[i]);
        CHECK(trial.at("origin").as<std::string>() == "mutation");
        CHECK(trial.at("stage").as<int>() == 2);
        for (const search::MeasureInfo& row : search::measure_table) CHECK(trial.has(row.name));
    }
    const json::Reader all(list, "trials");
    CHECK(all.at(1).at("broken_limits").as<std::vector<std::string>>() ==
          std::vector<std::string>{"model_size", "flash"});
    CHECK(all.at(3).at("broken_limits").items().empty());
    CHECK(all.at(4).at("reason").as<std::string>() == "the loss became \"nan\", see above");
    CHECK(all.at(4).at("error").value().is_null());
    CHECK(all.at(0).at("measured").as<bool>());
    CHECK(all.at(0).at("flash").as<double>() == 3100);
    CHECK(all.at(0).at("predicted_flash").as<double>() == 3000);
    CHECK(all.at(2).at("predicted_flash").value().is_null());
    CHECK(all.at(2).at("validation_accuracy").as<double>() == 0.8);
}

TEST_CASE("in a run with folds a trial that one fold judged is told from those that all have judged") {
    search::RunLog log = trials_example();
    log.head.folds = 5;
    search::Record judged = log.records[1];
    judged.outcome.folds.resize(5);
    CHECK(trial_status(log, log.records[1], false) == "one fold");
    CHECK(trial_status(log, judged, false) == "ok");
    CHECK(trial_status(log, judged, true) == "front");
}

TEST_CASE("as CSV each trial is a line with as many cells as there are names") {
    const std::string csv = trials_csv(trials_example());
    const std::vector<std::string> lines = split(csv, '\n');
    REQUIRE(lines.size() == 8); // names, six trials, and nothing behind the last line
    CHECK(lines[0].starts_with("id,origin,stage,status,broken_limits,reason,"));
    CHECK(lines[2].starts_with("1,\"mutation\",2,\"over limit\",model_size flash,,"));
    CHECK(lines[5].find("\"the loss became \"\"nan\"\", see above\"") != std::string::npos);
    for (std::size_t i = 1; i <= 6; ++i) {
        std::size_t commas = 0;
        bool quoted = false;
        for (const char letter : lines[i]) {
            if (letter == '"') quoted = !quoted;
            commas += letter == ',' && !quoted;
        }
        CHECK(commas + 1 == split(lines[0], ',').size());
    }
}

TEST_CASE("the table for people says why there is no network") {
    const std::string table = trials_table(trials_example()).text();
    CHECK(std::count(table.begin(), table.end(), '\n') == 7);
    CHECK(table.starts_with("id  origin    stage  epochs  status      val %  model_size  network\n"
                            " 0  mutation      2      10  front       90.00         300  "));
    CHECK(table.find(
              "\n 4  mutation      2      10  failed          -           -  the loss became \"nan\", see above\n") !=
          std::string::npos);
    CHECK(longest_line(trials_table(trials_example()).text(60)) <= 60);
    search::RunLog folded = trials_example();
    folded.head.folds = 5;
    for (search::Record& own : folded.records)
        if (!own.outcome.failure) own.outcome.folds.resize(5);
    CHECK(trials_table(folded).text().find("  status      folds %  model_size") != std::string::npos);
    CHECK(trials_table(folded).legend().find("accuracy on the held-out samples of the 5 folds\n") != std::string::npos);
    folded.head.error = judge::ErrorKind::macro_f1;
    CHECK(trials_table(folded).text().find("  status      macro F1 %  model_size") != std::string::npos);
    search::RunLog numbers = trials_example();
    numbers.head.error = judge::ErrorKind::rmse;
    numbers.head.trivial_error = 1;
    CHECK(trials_table(numbers).text().find("  status      error  model_size") != std::string::npos);
    CHECK(json::Reader(trials_json(numbers), "trials").at(0).at("validation_accuracy").value().is_null());
}
