// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/clock.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using data::detail::is_clock_name;
using data::detail::time_unit;
using data::detail::unit_of_clock;

TEST_CASE("steps tell time and index from channels") {
    StepTracker time, index, noise, clock;
    for (int recording = 0; recording < 3; ++recording) {
        for (StepTracker* tracker : {&time, &index, &noise, &clock}) tracker->begin_recording();
        for (int row = 0; row < 20; ++row) {
            time.add(1.7e12 + 16.0 * row + row % 2);
            index.add(20 * recording + row);
            noise.add(row % 7);
            clock.add(0.02 * row);
        }
    }
    CHECK(*time.step() == doctest::Approx(16).epsilon(0.07));
    CHECK(index.counts());
    CHECK_FALSE(time.counts());
    CHECK_FALSE(noise.step());
    CHECK(rate_of(*clock.step(), {})->hertz == doctest::Approx(50));
    CHECK(rate_of(16, {})->hertz == doctest::Approx(62.5));
    CHECK(rate_of(20000, {})->hertz == doctest::Approx(50));
    CHECK(rate_of(2, unit_of_clock("elapsed_s"))->hertz == doctest::Approx(0.5));
    CHECK_FALSE(rate_of(1, {})); // a mere count says nothing of time
    StepTracker few;
    for (int row = 0; row < 5; ++row) few.add(row);
    CHECK_FALSE(few.step());
}

TEST_CASE("the unit of a time stands in its name, from nanoseconds to hours") {
    const auto seconds = [](std::string_view name) { return time_unit(name).value_or(TimeUnit{}).seconds; };
    for (const char* name : {"time_s", "Time [sec]", "timestamp (seconds)"}) CHECK(seconds(name) == 1);
    CHECK(seconds("time_ms") == 1e-3);
    CHECK(seconds("Timestamp [us]") == 1e-6);
    CHECK(seconds("time (ns)") == 1e-9);
    CHECK(seconds("time_min") == 60);
    CHECK(seconds("Time [h]") == 3600);
    CHECK(time_unit("time")->name.empty());
    CHECK_FALSE(time_unit("timer"));
    CHECK_FALSE(time_unit("ax"));
    CHECK(unit_of_clock("t_ms").seconds == 1e-3);
    CHECK(unit_of_clock("seconds_elapsed").seconds == 1);
    CHECK(unit_of_clock("t_msec").seconds == 1e-3);
    CHECK(unit_of_clock("uptime_minutes").seconds == 60);
    CHECK(unit_of_clock("odometer").name.empty());
    CHECK(rate_of(0.5, unit_of_clock("time_min"))->hertz == doctest::Approx(1.0 / 30).epsilon(1e-4));
    CHECK(rate_of(2, unit_of_clock("time_h"))->hertz == doctest::Approx(1.0 / 7200).epsilon(1e-4));
    CHECK_FALSE(rate_of(5, unit_of_clock("time_ticks"))); // of a length that nobody knows
    CHECK(rate_of(20, {})->guessed);
    CHECK_FALSE(rate_of(20, {}, 1.7e12)->guessed); // milliseconds since 1970
    for (const char* name : {"t", "t_ms", "millis", "elapsed [s]", "time"}) CHECK(is_clock_name(name));
    for (const char* name : {"temperature", "ax", "speed_m_s", "h"}) CHECK_FALSE(is_clock_name(name));
}

TEST_CASE("jumps are steps that fall or are more than ten times the usual ones; a rate is that of one recording") {
    StepTracker time(true);
    double at = 0;
    const auto record = [&](double step) {
        time.begin_recording();
        for (std::uint32_t row = 0; row < 40; ++row) time.add(at += row == 20 ? 50 * step : step, row);
    };
    record(10);
    record(20);
    CHECK(time.step_of_recording(0) == doctest::Approx(10));
    CHECK(time.step_of_recording(1) == doctest::Approx(20));
    REQUIRE(time.jumps(1).size() == 1);
    CHECK(time.jumps(1)[0].row == 20);
    CHECK(time.jumps(1)[0].size == 1000);
    CHECK_FALSE(time.step_of_recording(2));
    StepTracker back(true), channel;
    for (StepTracker* tracker : {&back, &channel}) {
        tracker->begin_recording();
        for (std::uint32_t row = 0; row < 40; ++row) tracker->add(row % 20, row);
    }
    REQUIRE(back.jumps(0).size() == 1);
    CHECK(back.jumps(0)[0].size == -19);
    CHECK(back.step() == 1);
    CHECK_FALSE(channel.step()); // what is not called time must rise at every row
    CHECK(channel.rises_at(0.95));
    CHECK_FALSE(channel.rises_at(1));
    StepTracker stamps(true); // 120 Hz in whole milliseconds
    stamps.begin_recording();
    for (std::uint32_t row = 0; row < 600; ++row) stamps.add(std::floor(row / 0.12), row);
    CHECK(1000 / *stamps.step_of_recording(0) == doctest::Approx(120).epsilon(0.01));
}
