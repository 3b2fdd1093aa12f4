// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::cli;

namespace {
Status example() {
    Status status;
    status.share = 0.43;
    status.seconds_left = 252;
    status.stage = 2;
    status.finished = 57;
    status.front = {{0.9891, 812}, {0.975, 430}, {0.91, 1203}};
    status.cost_name = "model_size";
    return status;
}
} // namespace

TEST_CASE("the bar has share, time left, stage, trials and the best of the front") {
    CHECK(bar_line(example(), 200) == "[########............] 43 %  4 min 12 s left  stage 2/3  57 trials  "
                                      "best 98.91 % at 812 model_size, 97.50 % at 430, 91.00 % at 1 203");
    Status status = example();
    status.failed = 2;
    status.finished = 1;
    status.front.clear();
    status.seconds_left.reset();
    CHECK(bar_line(status, 200) == "[########............] 43 %  stage 2/3  1 trial, 2 failed");
    status.testing = true;
    CHECK(bar_line(status, 200) == "[########............] 43 %  testing the front  1 trial, 2 failed");
}

TEST_CASE("the bar and the lines name the score of another kind of error") {
    Status status = example();
    status.kind = judge::ErrorKind::balanced;
    CHECK(bar_line(status, 200).find("best 98.91 % balanced accuracy at 812 model_size, 97.50 % at 430") !=
          std::string::npos);
    search::Record record;
    record.outcome.measures[search::Measure::error] = 0.0234;
    record.outcome.measures[search::Measure::model_size] = 1234;
    const search::Objectives objectives = search::parse_objectives("error,model_size");
    CHECK(trial_line(record, objectives, true, judge::ErrorKind::macro_f1).find("97.66 % macro F1  model_size") !=
          std::string::npos);
    search::Progress progress;
    progress.goal.trials = 4;
    CHECK(status_of(progress, objectives, judge::ErrorKind::macro_f1).kind == judge::ErrorKind::macro_f1);
}

TEST_CASE("the bar is never wider than the terminal") {
    for (std::size_t width = 0; width < 150; ++width) CHECK(bar_line(example(), width).size() <= width);
    CHECK(bar_line(example(), 105) == "[########............] 43 %  4 min 12 s left  stage 2/3  57 trials  "
                                      "best 98.91 % at 812 model_size");
}

TEST_CASE("progress becomes a status: share and time left by the goal") {
    const search::Objectives objectives = search::parse_objectives("paper");
    search::Progress progress;
    progress.goal.budget_seconds = 100;
    progress.elapsed = 25;
    CHECK(status_of(progress, objectives).share == 0.25);
    CHECK(*status_of(progress, objectives).seconds_left == 75);
    progress.elapsed = 120;
    CHECK(status_of(progress, objectives).share == 1);
    progress.goal = {std::nullopt, 40, 1};
    progress.finished = 0;
    CHECK(!status_of(progress, objectives).seconds_left);
    progress.finished = 10;
    progress.elapsed = 30;
    CHECK(status_of(progress, objectives).share == 0.25);
    CHECK(*status_of(progress, objectives).seconds_left == doctest::Approx(90));
}

TEST_CASE("a finished trial is one line") {
    search::Record record;
    record.trial.number = 7;
    record.trial.epochs = 3;
    record.outcome.seconds = 2.04;
    record.outcome.measures[search::Measure::error] = 0.0234;
    record.outcome.measures[search::Measure::model_size] = 1234;
    record.feasible = true;
    const search::Objectives objectives = search::parse_objectives("error,model_size");
    CHECK(trial_line(record, objectives, true) ==
          "trial 7  stage 1  3 epochs  97.66 %  model_size 1 234  2.0 s  front");
    record.feasible = false;
    CHECK(trial_line(record, objectives, false) ==
          "trial 7  stage 1  3 epochs  97.66 %  model_size 1 234  2.0 s  breaks a limit");
    record.outcome.failure = "out of memory";
    CHECK(trial_line(record, objectives, false) == "trial 7  stage 1  3 epochs  failed: out of memory");
}
