// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/augment_series.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>
#include <numeric>
#include <set>

using tinysparse::Random;
using namespace tinysparse::data;
using namespace tinysparse::data::detail;

namespace {

using Values = std::vector<std::int16_t>;

/// Series of a set with normalisation and scales that differ.
SeriesFrame frame_of(int channels) {
    Dataset set;
    set.element = ElementType::int16;
    set.shape = {channels, 10, 1};
    for (int c = 0; c < channels; ++c) {
        set.channels.push_back({"", 0, 1});
        set.normalisation.offset.push_back(100);
        set.normalisation.shift.push_back(3);
    }
    return series_frame(set);
}

Values augmented_series(const Augmentation& augmentation, const Shape& shape, const SeriesFrame& frame,
                        const Values& in, std::uint32_t sample) {
    Values out(in.size());
    Random random = augmentation_stream(1, 2, sample);
    augment(augmentation, random, shape, frame, in.data(), out.data());
    return out;
}

Values ramp(std::size_t size) {
    Values values(size);
    std::iota(values.begin(), values.end(), std::int16_t(1000));
    return values;
}

} // namespace

TEST_CASE("a series is shifted in time, its channels together") {
    const Shape shape{2, 10, 1};
    const Values in = ramp(20);
    std::set<int> seen;
    for (std::uint32_t sample = 0; sample < 100; ++sample) {
        const Values out = augmented_series({.shift = 3}, shape, frame_of(2), in, sample);
        const int moved = in[5] - out[5];
        seen.insert(moved);
        for (int c = 0; c < 2; ++c)
            for (int t = 0; t < 10; ++t)
                CHECK(out[std::size_t(c * 10 + t)] == 1000 + c * 10 + std::clamp(t - moved, 0, 9));
    }
    CHECK(seen == std::set<int>{-3, -2, -1, 0, 1, 2, 3});
}

TEST_CASE("a stretch reads a line where it should, repeats the ends, and is the shift where there is none") {
    const Shape shape{2, 41, 1};
    Values in(82), out(82);
    for (int t = 0; t < 41; ++t) {
        in[std::size_t(t)] = std::int16_t(-30000 + 1500 * t);
        in[std::size_t(41 + t)] = std::int16_t(7 * t - 100);
    }
    for (const double factor : {0.8, 1.0, 1.25})
        for (const int shift : {-4, 0, 3}) {
            warp_time(shape, shift, factor, in.data(), out.data());
            for (int t = 0; t < 41; ++t) {
                const double from = std::clamp((t - 20 - shift) / factor + 20, 0.0, 40.0);
                REQUIRE(std::abs(out[std::size_t(t)] - (-30000 + 1500 * from)) < 0.6);
                REQUIRE(std::abs(out[std::size_t(41 + t)] - (7 * from - 100)) < 0.6);
            }
        }
    Values shifted(82);
    for (const int shift : {-50, -3, 0, 5}) {
        warp_time(shape, shift, 1, in.data(), out.data());
        shift_planes(shape, {.dy = shift}, in.data(), shifted.data());
        CHECK(out == shifted);
    }
    double shortest = 9, longest = 0; // the slope tells the factor
    for (std::uint32_t sample = 0; sample < 300; ++sample) {
        const Values one = augmented_series({.stretch = 0.25}, shape, frame_of(2), in, sample);
        const double factor = 1500.0 * 8 / (one[24] - one[16]);
        shortest = std::min(shortest, factor);
        longest = std::max(longest, factor);
    }
    CHECK(shortest == doctest::Approx(0.8).epsilon(0.01));
    CHECK(longest == doctest::Approx(1.25).epsilon(0.01));
    const Shape single{1, 1, 1};
    CHECK(augmented_series({.shift = 2, .stretch = 1}, single, frame_of(1), {77}, 0) == Values{77});
}

TEST_CASE("turned axes: a quarter turn is exact, any turn keeps the length of a reading, the rest stays") {
    const Shape shape{4, 6, 1};
    Values in(24);
    Random random(3, "axes");
    for (auto& value : in) value = std::int16_t(random.below(20000)) - 10000;
    const SeriesFrame frame = frame_of(4);
    REQUIRE(frame.sensors.size() == 1);
    Values out = in;
    turn_sensors(shape, frame, rotation_matrix({0, 0, 1}, 1.5707963267948966), out.data());
    for (std::size_t t = 0; t < 6; ++t) { // x goes to y, y to -x
        CHECK(out[t] == -in[6 + t]);
        CHECK(out[6 + t] == in[t]);
        CHECK(out[12 + t] == in[12 + t]);
        CHECK(out[18 + t] == in[18 + t]);
    }
    out = in;
    turn_sensors(shape, frame, rotation_matrix({1, 0, 0}, 0), out.data());
    CHECK(out == in);
    double largest = 0;
    for (std::uint32_t sample = 0; sample < 200; ++sample) {
        const Values turned = augmented_series({.axes = 20}, shape, frame, in, sample);
        for (std::size_t t = 0; t < 6; ++t) {
            double before = 0, after = 0, dot = 0;
            for (const std::size_t c : {0u, 6u, 12u}) {
                before += double(in[c + t]) * in[c + t];
                after += double(turned[c + t]) * turned[c + t];
                dot += double(in[c + t]) * turned[c + t];
            }
            CHECK(std::sqrt(after) == doctest::Approx(std::sqrt(before)).epsilon(1e-3));
            largest = std::max(largest, std::acos(std::min(1.0, dot / std::sqrt(before * after))));
        }
        CHECK(std::equal(in.begin() + 18, in.end(), turned.begin() + 18));
    }
    CHECK(largest * 57.29577951308232 < 20.1);
    CHECK(largest * 57.29577951308232 > 17);
    Values full(24, 32767);
    turn_sensors(shape, frame, rotation_matrix({0, 0, 1}, -0.7853981633974483), full.data());
    CHECK(full[0] == 32767); // 46339, clamped
    CHECK(full[6] == 0);
}

TEST_CASE("readings turn in their unit, about the reading 0, whatever origin and scale their channels have") {
    Dataset set;
    set.element = ElementType::int16;
    set.shape = {3, 1, 1};
    set.channels = {{"gx", 0, 16}, {"gz", 10, 4}, {"gy", -2, 8}}; // raw = (reading - origin) * scale
    set.normalisation = {{0, 0, 0}, {1, 1, 1}};
    const SeriesFrame frame = series_frame(set);
    REQUIRE(frame.sensors == std::vector<SensorAxes>{{0, 2, 1}});
    Values out = {3 * 16, (5 - 10) * 4, (7 + 2) * 8}; // x 3, y 7, z 5
    turn_sensors(set.shape, frame, rotation_matrix({0, 0, 1}, 1.5707963267948966), out.data());
    CHECK(out == Values{-7 * 16, (5 - 10) * 4, (3 + 2) * 8}); // x -7, y 3, z 5
}

TEST_CASE("a gain is about the offset of the normalisation, one for all channels, and saturates") {
    const Shape shape{2, 3, 1};
    const Values in = {100, 1100, -900, 300, 100, 32000};
    double least = 9, most = 0;
    for (std::uint32_t sample = 0; sample < 300; ++sample) {
        const Values out = augmented_series({.gain = 1}, shape, frame_of(2), in, sample);
        const double factor = (out[1] - 100) / 1000.0;
        least = std::min(least, factor);
        most = std::max(most, factor);
        CHECK(out[0] == 100);
        CHECK(out[2] == doctest::Approx(100 - 1000 * factor).epsilon(0.002));
        CHECK(std::abs(out[3] - (100 + 200 * factor)) < 0.8);
        CHECK(std::abs(out[5] - std::min(32767.0, 100 + 31900 * factor)) < 17);
    }
    CHECK(least == doctest::Approx(0.5).epsilon(0.02));
    CHECK(most == doctest::Approx(2).epsilon(0.02));
}

TEST_CASE("noise of a series has the deviation that is said, of what its channel's grid holds") {
    const Shape shape{1, 10000, 1};
    const Values in(10000, -50);
    const Values out = augmented_series({.noise = 0.01}, shape, frame_of(1), in, 0);
    double sum = 0, squares = 0;
    for (const std::int16_t value : out) {
        sum += value + 50.0;
        squares += (value + 50.0) * (value + 50.0);
    }
    CHECK(std::abs(sum / 10000) < 0.8);
    CHECK(std::sqrt(squares / 10000) == doctest::Approx(0.01 * 256 * 8).epsilon(0.03)); // shift 3
    CHECK(augmented_series({.noise = 0.01}, shape, frame_of(1), in, 1) != out);
    CHECK(augmented_series({.noise = 0.01}, shape, frame_of(1), in, 0) == out);
}
