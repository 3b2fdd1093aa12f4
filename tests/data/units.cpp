// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/units.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/mcu/reading.hpp"
#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::data;

namespace {
std::vector<float> readings_ramp(double low, double high, int count) {
    std::vector<float> readings;
    for (int i = 0; i < count; ++i) readings.push_back(float(low + (high - low) * i / (count - 1)));
    return readings;
}

std::vector<Channel> channels_of(const std::vector<std::vector<float>>& readings) {
    std::vector<ReadingFacts> facts;
    for (const std::vector<float>& of_channel : readings) facts.push_back(reading_facts(of_channel));
    return channels_for(facts);
}
} // namespace

TEST_CASE("facts of readings: range, quantiles, whole numbers, different values") {
    std::vector<float> readings = readings_ramp(-1, 1, 3200);
    readings[7] = 1e6f;
    const ReadingFacts facts = reading_facts(readings);
    CHECK(facts.largest == 1e6);
    CHECK(facts.high < 1.001);
    CHECK_FALSE(facts.whole);
    CHECK(facts.levels == enough_levels);
    CHECK(reading_facts({1, 0, 1, 1}).levels == 2);
    CHECK(reading_facts({5}).whole);
}

TEST_CASE("readings that are whole numbers of 16 bits stay what they are") {
    CHECK(channels_of({{-32768, 5, 32767}, {0, 1}}) == std::vector<Channel>(2));
}

TEST_CASE("one scale serves all channels if it leaves each of them enough steps") {
    const std::vector<Channel> channels = channels_of({readings_ramp(-1, 1, 500), readings_ramp(-0.1, 0.2, 500)});
    CHECK(channels[0] == Channel{"", 0, 16384});
    CHECK(channels[1] == channels[0]);
}

TEST_CASE("channels of other units get scales of their own") {
    SUBCASE("accelerometer in g, gyroscope in whole degrees") {
        std::vector<float> gyro;
        for (int i = 0; i < 500; ++i) gyro.push_back(float(8 * i - 2000));
        const std::vector<Channel> channels = channels_of({readings_ramp(-1, 1, 500), gyro});
        CHECK(channels[0].scale == 16384);
        CHECK(channels[1] == Channel{"", 0, 1});
    }
    SUBCASE("tiny and huge readings, in both directions") {
        const std::vector<Channel> channels =
            channels_of({readings_ramp(-2e-6, 2e-6, 500), readings_ramp(-3e7, 3e7, 500)});
        CHECK(channels[0].scale * 2e-6 > 16383);
        CHECK(channels[0].scale * 2e-6 <= 32767);
        CHECK(channels[1].scale * 3e7 > 16383 / 2);
        CHECK(channels[1].scale * 3e7 <= 32767);
    }
    SUBCASE("a pressure far from 0 gets an origin") {
        const std::vector<Channel> channels = channels_of({readings_ramp(101320.25, 101330.75, 500)});
        CHECK(std::abs(channels[0].origin - 101325.5) <= 8);
        CHECK(channels[0].scale >= 512);
        CHECK(mcu::raw_value(101330.75f, channels[0].origin, channels[0].scale) < 32767);
        CHECK(mcu::raw_value(101320.25f, channels[0].origin, channels[0].scale) > -32768);
    }
}

TEST_CASE("one bad row of 3,200 does not move a scale") {
    std::vector<float> good = readings_ramp(-1, 1, 3200), bad = good;
    bad[1000] = 1e7f;
    bad[2000] = -1e7f;
    const Channel with = channels_of({bad})[0], without = channels_of({good})[0];
    CHECK(with.origin == 0);
    CHECK(with.scale >= without.scale / 2); // twice the usual range has room, what is beyond is clipped
    CHECK(mcu::raw_value(1e7f, with.origin, with.scale) == 32767);
}

TEST_CASE("a channel that is constant but for a few readings keeps them apart") {
    std::vector<float> readings(5000, 2.5f);
    readings[3] = 2.75f;
    const Channel channel = channels_of({readings})[0];
    CHECK(mcu::raw_value(2.75f, channel.origin, channel.scale) != mcu::raw_value(2.5f, channel.origin, channel.scale));
    CHECK(std::isfinite(channels_of({std::vector<float>(10, 1e30f)})[0].scale));
    CHECK(channels_of({std::vector<float>(10, 0.0f)})[0].scale == 1);
}

TEST_CASE("a raw value is the reading in steps, rounded half up and clamped") {
    Random random(1, "readings");
    for (int i = 0; i < 20000; ++i) {
        const float origin = float(random.uniform(-100, 100)),
                    scale = float(std::ldexp(1.0, int(random.below(20)) - 4));
        const float reading = origin + float(random.uniform(-40000, 40000)) / scale;
        const double steps = double(reading - origin) * double(scale); // the difference is a float, the rest is exact
        CHECK(mcu::raw_value(reading, origin, scale) == std::clamp(std::floor(steps + 0.5), -32768.0, 32767.0));
    }
    CHECK(mcu::raw_value(0.49999997f, 0, 1) == 0); // adding a half in floats would give 1
    CHECK(mcu::raw_value(-0.5f, 0, 1) == 0);
    CHECK(mcu::raw_value(-0.50000006f, 0, 1) == -1);
    CHECK(mcu::raw_value(1e30f, 0, 1) == 32767);
    CHECK(mcu::raw_value(std::numeric_limits<float>::quiet_NaN(), 0, 1) == -32768);
}
