// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/pace.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

TEST_CASE("a goal has its pace") {
    CHECK(make_pace({std::nullopt, 10, 1})->writes_in_order());
    CHECK_FALSE(make_pace({60.0, std::nullopt, 1})->writes_in_order());
}

TEST_CASE("by trials, exactly as many begin as were asked for, however long they take") {
    const ByTrials pace(3, 2);
    CHECK(pace.goes_on(0, 0));
    CHECK(pace.goes_on(2, 1e9));
    CHECK_FALSE(pace.goes_on(3, 0));
    CHECK_FALSE(ByTrials(0, 1).goes_on(0, 0));
    CHECK_FALSE(pace.is_over(1e9));
    CHECK(pace.fits(1e9, 1e9));
    CHECK(pace.fits(std::nullopt, 0));
    CHECK(pace.epochs_that_fit(1e9, 3, 25, 1e9) == 25);
    CHECK(pace.final_epochs({3, 10, 25}, 1e9, 1e9) == 25);
}

TEST_CASE("by trials, a proposal looks at all trials but the last two for each job, and waits for these") {
    for (const int jobs : {1, 2, 5}) {
        const ByTrials pace(1000, jobs);
        const std::size_t lag = 2 * std::size_t(jobs);
        for (std::size_t next = 0; next < 30; ++next) {
            std::set<std::size_t> hidden;
            for (std::size_t number = 0; number < next; ++number) {
                CHECK(pace.visible(number, true, next) == pace.visible(number, false, next));
                if (!pace.visible(number, true, next)) hidden.insert(number);
            }
            CHECK(hidden.size() == std::min(lag - 1, next));
            // Any of the hidden ones may run; one that would be looked at may not.
            CHECK(pace.may_propose(next, {}));
            for (std::size_t number = 0; number < next; ++number)
                CHECK(pace.may_propose(next, {number}) == hidden.contains(number));
        }
    }
}

TEST_CASE("by trials, progress is the share of the trials") {
    CHECK(ByTrials(8, 1).progress(0, 50) == 0);
    CHECK(ByTrials(8, 1).progress(2, 50) == 0.25);
    CHECK(ByTrials(8, 1).progress(8, 50) == 1);
    CHECK(ByTrials(0, 1).progress(0, 50) == 0);
}

TEST_CASE("by time, trials begin until only the time of the tests is left") {
    ByTime pace(100, 2);
    CHECK(pace.goes_on(1000000, 99));
    CHECK_FALSE(pace.goes_on(0, 100));
    pace.keep_back(15); // 18 seconds with a fifth more, by two workers; half a second for the rest
    CHECK(pace.goes_on(0, 90.4));
    CHECK_FALSE(pace.goes_on(0, 90.5));
    CHECK_FALSE(pace.is_over(90.4));
    CHECK(pace.is_over(90.5));
    pace.keep_back(0);
    CHECK(pace.goes_on(0, 99.4));
}

TEST_CASE("by time, progress is the share of the time that trainings have") {
    ByTime pace(100, 2);
    CHECK(pace.progress(7, 25) == 0.25);
    pace.keep_back(15); // trainings end at 90.5 seconds
    CHECK(pace.progress(7, 45.25) == 0.5);
    CHECK(pace.progress(7, 90.5) == 1);
}

TEST_CASE("by time, a proposal looks at whatever is finished and waits for nothing") {
    const ByTime pace(100, 4);
    CHECK(pace.visible(9, true, 10));
    CHECK_FALSE(pace.visible(0, false, 10));
    CHECK(pace.may_propose(10, {0, 1, 2, 9}));
}

TEST_CASE("by time, a training takes at most 85 % of the time that is left") {
    const ByTime pace(100, 1);
    CHECK(pace.fits(std::nullopt, 99));
    CHECK(pace.fits(8.4, 90));
    CHECK_FALSE(pace.fits(8.6, 90));
    // One second an epoch.
    CHECK(pace.epochs_that_fit(1, 4, 25, 60) == 25);
    CHECK(pace.epochs_that_fit(1, 4, 25, 80) == 17);
    CHECK(pace.epochs_that_fit(1, 4, 25, 90) == 8);  // twice what it had
    CHECK(pace.epochs_that_fit(1, 4, 25, 91) == 0);  // less than that is not worth it
    CHECK(pace.epochs_that_fit(1, 4, 3, 95) == 3);   // unless no more was wanted
    CHECK(pace.epochs_that_fit(1, 4, 25, 101) == 0); // there is no time before the past
    CHECK(pace.epochs_that_fit(0, 1, 25, 99) == 25); // too short to be timed
}

TEST_CASE("by time, a training under way is too slow if it needs a fifth more time than is left") {
    ByTime pace(100, 1);
    pace.keep_back(12.5); // trainings end at 84.5 seconds
    CHECK_FALSE(pace.is_too_slow(17, 70));
    CHECK(pace.is_too_slow(18, 70));
    CHECK_FALSE(pace.is_too_slow(0, 84)); // nothing is forecast
    CHECK_FALSE(ByTrials(8, 1).is_too_slow(1e9, 50));
}

TEST_CASE("by time, the trainings for good are as long as lets six networks have one") {
    const Fidelities fidelities{3, 10, 100};
    CHECK(ByTime(600, 1).final_epochs(fidelities, 1.0, 300) == 50);
    CHECK(ByTime(600, 2).final_epochs(fidelities, 2.0, 300) == 50);
    CHECK(ByTime(600, 1).final_epochs(fidelities, 0.1, 300) == 100); // no longer than was meant
    CHECK(ByTime(600, 1).final_epochs(fidelities, 50, 300) == 20);   // no shorter than twice what confirms
    CHECK(ByTime(600, 1).final_epochs({3, 10, 15}, 50, 300) == 15);
}
