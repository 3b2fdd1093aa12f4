// SPDX-License-Identifier: Apache-2.0
// What a search shows while it runs: the view at several widths, the lines for a file, and how the front has grown.
#include "progress.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::cli;
using search::Measure;

namespace {

Status example() {
    Status status;
    status.share = 0.43;
    status.seconds_left = 252;
    status.stage = 2;
    status.finished = 57;
    status.failed = 2;
    status.front = {{0.9891, 3000}, {0.975, 900}, {0.986, 1800}, {0.91, 950}};
    status.cost = Measure::flash;
    status.growth = {0, 1, 2, 3, 4, 5, 6, 7};
    status.seconds_since_gain = 12;
    return status;
}

/// The view, its lines joined by '|'.
std::string view(const Status& status, std::size_t width, bool utf8 = false) {
    return join(live_view(status, width, utf8), "|");
}

search::Record record_of(double error, double size) {
    search::Record record;
    record.trial.number = 7;
    record.trial.epochs = 3;
    record.outcome.seconds = 2.04;
    record.outcome.measures[Measure::error] = error;
    record.outcome.measures[Measure::model_size] = size;
    record.feasible = true;
    return record;
}

search::RunHead head_of(const char* objectives, judge::ErrorKind kind = judge::ErrorKind::plain) {
    search::RunHead head;
    head.objectives = search::parse_objectives(objectives);
    head.error = kind;
    return head;
}

} // namespace

TEST_CASE("the view at widths of 120, 80, 40 and 20") {
    const std::string whole = "[########............]  43 %  4 min 12 s left  stage 2/3  57 trials  2 failed|"
                              "best: 97.50 % in 1 KB, 98.60 % in 2 KB, 98.91 % in 4 KB of flash|"
                              "hypervolume  _.:-=+*#  last gain 12 s ago";
    CHECK(view(example(), 120) == whole);
    CHECK(view(example(), 80) == whole);
    CHECK(view(example(), 40) == "43 %  4 min 12 s left  57 trials|"
                                 "best: 98.60 % in 2 KB, 98.91 % in 4 KB|"
                                 "hypervolume  _.:-=+*#");
    CHECK(view(example(), 20) == "43 %  57 trials|98.91 % in 4 KB|_.:-=+*#");
    CHECK(view(example(), 3).empty());
    CHECK(view(example(), 80, true).ends_with("hypervolume  ▁▂▃▄▅▆▇█  last gain 12 s ago"));
}

TEST_CASE("no line is longer than the width, and every field is whole") {
    const std::set<std::string> fields = {"[########............]",
                                          "43 %",
                                          "4 min 12 s left",
                                          "stage 2/3",
                                          "57 trials",
                                          "2 failed",
                                          "hypervolume",
                                          "▁▂▃▄▅▆▇█",
                                          "last gain 12 s ago"};
    const std::set<std::string> members = {"97.50 % in 1 KB", "98.60 % in 2 KB", "98.91 % in 4 KB"};
    std::size_t longest = 0;
    for (std::size_t width = 0; width < 150; ++width) {
        CAPTURE(width);
        for (std::string line : live_view(example(), width, true)) {
            CHECK(report::characters(line) <= width);
            longest = std::max(longest, report::characters(line));
            if (line.find(" in ") == line.npos) {
                for (const std::string& field : split(replaced(line, "  ", "\n"), '\n')) CHECK(fields.contains(field));
                continue;
            }
            if (line.starts_with("best: ")) line.erase(0, 6);
            if (line.ends_with(" of flash")) line.resize(line.size() - 9);
            for (const std::string& member : split(replaced(line, ", ", "\n"), '\n')) CHECK(members.contains(member));
        }
    }
    CHECK(longest == 77);
}

TEST_CASE("lines that a terminal folds after it has become narrower take more rows") {
    CHECK(rows_of({79, 40, 12}, 80) == 3);
    CHECK(rows_of({79, 40, 12}, 40) == 4);
    CHECK(rows_of({79, 40, 12}, 20) == 7);
    CHECK(rows_of({79, 0}, 79) == 2);
    CHECK(rows_of({79, 40}, 0) == 2); // the width is not known
    CHECK(rows_of({}, 80) == 0);
}

TEST_CASE("what is not known or not yet there leaves no gap") {
    Status status;
    status.finished = 1;
    CHECK(view(status, 80) == "[....................]  0 %  stage 1/3  1 trial");
    status = example();
    status.testing = true;
    CHECK(live_view(status, 80, false)[0] == "[########............]  43 %  testing the front  57 trials  2 failed");
    status = example();
    status.growth = {3, 3, 3};
    CHECK(live_view(status, 80, false)[2] == "hypervolume  ___  last gain 12 s ago");
}

TEST_CASE("the best within round limits: powers of two of bytes, and 1, 2 and 5 of other costs") {
    CHECK(round_limits(Measure::flash, 900, 3000) == std::vector<double>{1024, 2048, 4096});
    CHECK(round_limits(Measure::flash, 1024, 1024) == std::vector<double>{1024});
    CHECK(round_limits(Measure::cycles, 15000, 120000) == std::vector<double>{20000, 50000, 100000, 200000});
    CHECK(round_limit_words(Measure::flash, 512) == "512 B");
    CHECK(round_limit_words(Measure::flash, 2 * 1024 * 1024) == "2 MB");
    CHECK(round_limit_words(Measure::cycles, 50000) == "50 000");
    Status status = example();
    status.cost = Measure::macs;
    status.front = {{0.9, 15000}, {0.8, 40000}, {0.95, 120000}}; // what is no better within more is left out
    CHECK(best_line(status, 80) == "best: 90.00 % in 20 000, 95.00 % in 200 000 MACs");
    status.kind = judge::ErrorKind::rmse;
    CHECK(best_within_limits(status) == std::vector<std::string>{"0.1 in 20 000", "0.05 in 200 000"});
}

TEST_CASE("view and lines name the score of another kind of error") {
    Status status = example();
    status.kind = judge::ErrorKind::balanced;
    CHECK(best_line(status, 120).starts_with("best balanced accuracy: 97.50 % in 1 KB, "));
    CHECK(trial_line(record_of(0.0234, 1234), search::parse_objectives("error,model_size"), true,
                     judge::ErrorKind::macro_f1)
              .find("97.66 % macro F1  model_size") != std::string::npos);
    search::Progress progress;
    progress.goal.trials = 4;
    CHECK(status_of(progress, head_of("paper", judge::ErrorKind::macro_f1)).kind == judge::ErrorKind::macro_f1);
}

TEST_CASE("progress becomes a status: share and time left by the goal, and the clock goes on") {
    const search::RunHead head = head_of("error,model_size");
    const search::Record record = record_of(0.25, 700);
    search::Progress progress;
    progress.front = {&record};
    progress.goal.budget_seconds = 100;
    progress.elapsed = 25;
    Status status = status_of(progress, head);
    CHECK(status.share == 0.25);
    CHECK(*status.seconds_left == 75);
    CHECK(status.cost == Measure::model_size);
    CHECK(status.front == std::vector<std::pair<double, double>>{{0.75, 700}});
    CHECK(*later(status, 15).seconds_left == 60);
    CHECK(later(status, 15).share == doctest::Approx(0.4));
    CHECK(*later(status, 500).seconds_left == 0);
    progress.elapsed = 120;
    CHECK(status_of(progress, head).share == 1);
    progress.goal = {std::nullopt, 40, 1};
    progress.finished = 0;
    CHECK(!status_of(progress, head).seconds_left);
    progress.finished = 10;
    progress.elapsed = 30;
    CHECK(status_of(progress, head).share == 0.25);
    CHECK(*status_of(progress, head).seconds_left == doctest::Approx(90));
}

TEST_CASE("a finished trial is one line") {
    search::Record record = record_of(0.0234, 1234);
    const search::Objectives objectives = search::parse_objectives("error,model_size");
    CHECK(trial_line(record, objectives, true, judge::ErrorKind::plain, 5).find(" (one fold)  ") !=
          std::string::npos); // five more folds may say otherwise
    CHECK(trial_line(record, objectives, true) ==
          "trial 7  stage 1  3 epochs  97.66 %  model_size 1 234  2.0 s  front");
    record.feasible = false;
    CHECK(trial_line(record, objectives, false) ==
          "trial 7  stage 1  3 epochs  97.66 %  model_size 1 234  2.0 s  breaks a limit");
    record.outcome.failure = "out of memory";
    CHECK(trial_line(record, objectives, false) == "trial 7  stage 1  3 epochs  failed: out of memory");
}

TEST_CASE("without a terminal what improves the front is said, with --verbose every training, with --quiet nothing") {
    const search::RunHead head = head_of("error,model_size");
    const search::Record member = record_of(0.25, 700), other = record_of(0.5, 800);
    search::Record failed = other;
    failed.outcome.failure = "diverged";
    search::Progress progress;
    progress.front = {&member};
    const auto count = [&](const search::Record* latest, Detail detail) {
        progress.latest = latest;
        return lines_of(progress, head, detail).size();
    };
    for (const search::Record* const latest : std::vector<const search::Record*>{&member, &other, &failed}) {
        CHECK(count(latest, Detail::quiet) == 0);
        CHECK(count(latest, Detail::improvements) == (latest == &member));
        CHECK(count(latest, Detail::everything) == 1);
    }
    progress.latest = nullptr;
    progress.testing = true;
    CHECK(lines_of(progress, head, Detail::improvements) == std::vector<std::string>{"testing 1 model of the front"});
    CHECK(status_line(example()) == "43 %  4 min 12 s left  stage 2/3  57 trials  2 failed  "
                                    "best: 97.50 % in 1 KB, 98.60 % in 2 KB, 98.91 % in 4 KB of flash");
    Pulse pulse(10, 100); // a line every ten seconds
    for (const auto& [now, due] : {std::pair(100.0, false),
                                   {109.9, false},
                                   {110.0, true},
                                   {111.0, false},
                                   {119.9, false},
                                   {120.5, true},
                                   {130.4, false}})
        CHECK(pulse(now) == due);
}

TEST_CASE("the curve is the hypervolume of each front below one reference") {
    search::RunHead head = head_of("error,model_size");
    head.limits[Measure::model_size] = 1000;
    head.trivial_error = 0.9;
    FrontHistory history(head);
    CHECK(history.growth(5, 3).empty());
    CHECK(!history.last());
    const search::Record poor = record_of(0.5, 100), good = record_of(0.1, 200);
    history.add(10, {&poor});
    history.add(12, {&poor}); // nothing new
    CHECK(*history.last() == 10);
    history.add(20, {&poor, &good});
    CHECK(*history.last() == 20);
    // By hand: the poor network is worse than the reference; the good one has a rectangle on log scales.
    const double reference = (7 * std::log(0.1) + 2 * std::log(0.9)) / 9;
    const double area = (reference - std::log(0.1)) * (std::log(1000) - std::log(200));
    const std::vector<double> growth = history.growth(30, 3);
    REQUIRE(growth.size() == 3);
    CHECK(growth[0] == 0);
    CHECK(growth[1] == doctest::Approx(area).epsilon(1e-6));
    CHECK(growth[2] == growth[1]);
    CHECK(history.growth(20, 1).back() == growth[2]); // what is known now is always there
}

TEST_CASE("the best of a search with folds is said to be by one fold until all folds have judged it") {
    search::RunHead head = head_of("error,flash");
    search::Record record = record_of(0.25, 700);
    record.outcome.measures[Measure::flash] = 700;
    search::Progress progress;
    progress.goal.trials = 4;
    progress.front = {&record};
    const auto best = [&] { return best_line(status_of(progress, head), 80); };
    CHECK(best() == "best: 75.00 % in 1 KB of flash");
    head.folds = 3;
    CHECK(best() == "best by one fold: 75.00 % in 1 KB of flash");
    record.outcome.folds.resize(3);
    CHECK(best() == "best: 75.00 % in 1 KB of flash");
}

TEST_CASE("a search whose time other programs used says so") {
    const search::Goal minute{60, std::nullopt, 2}, trials{std::nullopt, 8, 2};
    CHECK(!crowded_note(minute, 2, 60, 110));
    CHECK(!crowded_note(minute, 2, 60, 72));
    CHECK(crowded_note(minute, 2, 60, 60).value() == "note: the search got 50 % of the time of 2 cores; other programs "
                                                     "used the rest, so it trained fewer networks");
    CHECK(crowded_note(minute, 1, 60, 15).value().find("25 % of the time of 1 core;") != std::string::npos);
    CHECK(!crowded_note(trials, 2, 60, 20)); // takes longer, and trains as many
    CHECK(!crowded_note(minute, 2, 5, 1));   // too short to say
}
