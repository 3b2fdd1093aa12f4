// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/growth.hpp"
#include <cmath>
#include <doctest/doctest.h>

#include "run_of.hpp"

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;
using testing::run_of;

TEST_CASE("hypervolume over time is the area between front and reference, in logarithms") {
    const search::RunLog log = run_of({{0.02, 500}, {0.009, 800}, {0.5, 900}});
    const Growth grown = growth(log, common_reference({&log}));
    const double bound = 0.009 * std::pow(0.9 / 0.009, 2.0 / 9); // two ninths of the way to 0.9; 0.025
    REQUIRE(grown.hypervolume.size() == 3);
    const double first = std::log(bound / 0.02) * std::log(1000.0 / 500);
    const double second = first + std::log(0.02 / 0.009) * std::log(1000.0 / 800);
    CHECK(grown.hypervolume[0] == doctest::Approx(first));
    CHECK(grown.hypervolume[1] == doctest::Approx(second));
    CHECK(grown.hypervolume[2] == doctest::Approx(second)); // dominated
    CHECK(grown.seconds[1] == 1);
    CHECK(grown.at(-1) == 0);
    CHECK(grown.at(0.5) == doctest::Approx(first));
    CHECK(grown.at(9) == doctest::Approx(second));
    CHECK(grown.last_gain() == 1);
    CHECK(Growth{}.last_gain() == 0);
}

TEST_CASE("in a run with folds only networks that all folds have judged count") {
    search::RunLog log = run_of({{0.02, 500}, {0.009, 800}, {0.03, 600}});
    log.head.folds = 5;
    for (const std::size_t i : {0, 2}) log.records[i].outcome.folds.resize(5);
    const Growth grown = growth(log, common_reference({&log}));
    CHECK(grown.seconds == std::vector<double>{log.records[0].elapsed, log.records[2].elapsed});
    CHECK(common_reference({&log})[0] == doctest::Approx(search::error_reference(0.02, 0.9)));
}

TEST_CASE("in a run with folds that all networks but the baseline were too late for, those of one fold count") {
    search::RunLog log = run_of({{0.05, 500}, {0.02, 500}, {0.009, 800}});
    log.head.folds = 5;
    log.records[0].trial.origin = search::Origin::baseline;
    log.records[0].outcome.folds.resize(5);
    const Growth grown = growth(log, common_reference({&log}));
    CHECK(grown.seconds.size() == search::measured_front(log).size() + 1); // and the baseline, which trial 1 dominates
    CHECK(grown.last_gain() == log.records[2].elapsed);
}

TEST_CASE("the reference point is that of all runs: the largest limit, or the largest cost without one") {
    search::RunLog log = run_of({{0.09, 500}}), other = run_of({{0.009, 800}});
    CHECK(common_reference({&log, &other})[1] == doctest::Approx(std::log(1000)));
    log.head.limits.clear();
    other.head.limits.clear();
    CHECK(common_reference({&log, &other})[0] == doctest::Approx(search::error_reference(0.009, 0.9)));
    CHECK(common_reference({&log, &other})[1] == doctest::Approx(std::log(800)));
}

TEST_CASE("a section says what the reference point is, and whether the front still grows") {
    std::vector<std::pair<double, double>> trials(51, {0.5, 900});
    trials[0] = {0.02, 500};
    trials[1] = {0.019, 800};
    search::RunLog log = run_of(trials);
    log.end = search::RunEnd{};
    const std::string done = report::detail::growth_section({"run"}, {&log});
    CHECK(testing::tag_faults(done) == "");
    CHECK(done.find("model size of 1\u00a0000\u00a0B") != done.npos);
    CHECK(done.find("an error of 4.48\u00a0%") != done.npos); // 0.019 (0.9 / 0.019)^(2/9)
    CHECK(done.find("No: more time") != done.npos);
    CHECK(done.find("it grew by nothing; it last grew after 1.0 s of 50 s.") != done.npos);

    log.records[50].outcome.measures[Measure::error] = 0.01;
    const std::string growing = report::detail::growth_section({"run"}, {&log});
    CHECK(growing.find("Yes: a longer search") != growing.npos);
    CHECK(growing.find("it last grew after 50 s of 50 s.") != growing.npos);

    log.records[50].outcome.measures[Measure::error] = 0.0189999; // by 0.0006 of the volume
    log.end.reset();
    const std::string hardly = report::detail::growth_section({"run"}, {&log});
    CHECK(hardly.find("No: more time") != hardly.npos);
    CHECK(hardly.find("and the search has not ended") != hardly.npos);

    for (const std::size_t few : {49, 9}) { // too few that nothing new among the latest would mean anything
        log.records.resize(few);
        const std::string early = report::detail::growth_section({"run"}, {&log});
        CHECK(early.find(text("This cannot be said after ", few, " trials: it last grew after 1.0 s of 50 s, and")) !=
              early.npos);
        for (const char* verdict : {"Yes:", "Hardly:", "No:", "last quarter"}) CHECK(early.find(verdict) == early.npos);
    }
    log.elapsed = 1.2;
    const std::string quarters = report::detail::growth_section({"run"}, {&log});
    for (const char* title : {">After 0.3 s<", ">After 0.6 s<", ">After 0.9 s<", ">After 1.2 s<"})
        CHECK(quarters.find(title) != quarters.npos);

    const search::RunLog nothing = run_of({});
    CHECK(report::detail::growth_section({"run"}, {&nothing}).empty());
}
