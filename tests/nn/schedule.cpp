// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/nn/schedule.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::nn;

TEST_CASE("the cosine schedule begins at its peak, is at half of it half-way and ends near nothing") {
    const Schedule schedule{ScheduleKind::cosine, 0.2, 1000, 0};
    CHECK(schedule(0) == doctest::Approx(0.2));
    CHECK(schedule(500) == doctest::Approx(0.1));
    CHECK(schedule(999) > 0);
    CHECK(schedule(999) < 1e-5);
    for (std::size_t step = 1; step < 1000; ++step) REQUIRE(schedule(step) < schedule(step - 1));
}

TEST_CASE("one cycle rises from a 25th to its peak at three tenths and falls from there") {
    const Schedule schedule{ScheduleKind::one_cycle, 0.5, 1000, 0};
    CHECK(schedule(0) == doctest::Approx(0.5 / 25));
    CHECK(schedule(300) == doctest::Approx(0.5));
    CHECK(schedule(650) == doctest::Approx(0.25));
    CHECK(schedule(999) > 0);
    CHECK(schedule(999) < 1e-5);
    for (std::size_t step = 1; step <= 300; ++step) REQUIRE(schedule(step) > schedule(step - 1));
    for (std::size_t step = 301; step < 1000; ++step) REQUIRE(schedule(step) < schedule(step - 1));
}

TEST_CASE("warm-up rises in equal steps and is over after the steps asked for") {
    const Schedule cold{ScheduleKind::cosine, 1, 1000, 0}, warm{ScheduleKind::cosine, 1, 1000, 10};
    for (std::size_t step = 0; step < 10; ++step)
        CHECK(warm(step) == doctest::Approx(double(step + 1) / 10 * cold(step)));
    for (std::size_t step = 9; step < 1000; ++step) REQUIRE(warm(step) == cold(step));
}

TEST_CASE("schedules of one step and of none are finite") {
    for (const ScheduleKind kind : {ScheduleKind::cosine, ScheduleKind::one_cycle})
        for (const std::size_t steps : {0u, 1u}) {
            const double first = Schedule{kind, 0.1, steps, 0}(0);
            CHECK(first > 0);
            CHECK(first <= 0.1);
        }
}
