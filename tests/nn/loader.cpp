// SPDX-License-Identifier: Apache-2.0
// What the loader puts into a network against the formulas of the device's input.
#include "tinysparse/nn/loader.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <numeric>

using namespace tinysparse;
using namespace tinysparse::nn;

namespace {

/// Pictures of random pixels, extremes among them.
data::Dataset pictures(std::size_t samples, data::Shape shape) {
    data::Dataset set;
    set.shape = shape;
    set.class_names = {"a", "b", "c"};
    Random random(5, "pictures");
    set.train.samples = samples;
    for (std::size_t i = 0; i < samples * shape.size(); ++i)
        set.train.pixels.push_back(std::uint8_t(i % 7 == 0 ? 255 : random.below(256)));
    for (std::size_t i = 0; i < samples; ++i) set.train.labels.push_back(std::uint8_t(i % 3));
    return set;
}

/// Steps of 2^-7 at one place of the network's input.
double steps_at(Network& network, std::size_t sample, int c, int y, int x) {
    return 128 * double(network.input().at(sample, c, y, x));
}

std::vector<std::uint32_t> first_indices(std::size_t count) {
    std::vector<std::uint32_t> indices(count);
    std::iota(indices.begin(), indices.end(), 0u);
    return indices;
}

} // namespace

TEST_CASE("a picture enters as half its pixels, its label with it, for every number of samples") {
    const data::Dataset set = pictures(40, {2, 5, 3});
    for (const std::size_t samples : {1u, 15u, 16u, 17u, 40u}) {
        CAPTURE(samples);
        Network network(net::parse("F3", {2, 5, 3}), {.batch = 40});
        Loader loader(set, network.spec());
        std::vector<std::uint32_t> indices = first_indices(samples);
        std::reverse(indices.begin(), indices.end());
        loader.load(set.train, indices, network);
        CHECK(network.graph().samples() == samples);
        for (std::size_t s = 0; s < samples; ++s) {
            REQUIRE(network.loss().labels()[s] == set.train.labels[indices[s]]);
            tensor::for_rows({2, 5, 3}, [&](int c, int y) {
                for (int x = 0; x < 3; ++x) {
                    const int pixel = set.train.pixels[indices[s] * 30 + std::size_t((c * 5 + y) * 3 + x)];
                    REQUIRE(steps_at(network, s, c, y, x) == pixel / 2);
                }
            });
        }
    }
}

TEST_CASE("downsampling is the rounded average that the device computes, leftovers dropped") {
    // (sum * multiplier + half) >> shift is the average rounded half up, or a step beside it where the multiplier's
    // own rounding shows: the exact values are those of the device's formula, and all lie within a step of the average.
    const data::Dataset set = pictures(17, {1, 7, 9});
    for (const auto& row : {std::tuple{"A2 F3", 2, 2}, {"A3 F3", 3, 3}}) {
        const std::string notation = std::get<0>(row);
        const int height = std::get<1>(row), width = std::get<2>(row);
        CAPTURE(notation);
        Network network(net::parse(notation, {1, 7, 9}), {.batch = 32});
        Loader(set, network.spec()).load(set.train, first_indices(17), network);
        const net::Averaging average = net::averaging(height * width);
        CHECK(network.input().shape == net::Shape{1, 7 / height, 9 / width});
        for (std::size_t s = 0; s < 17; ++s)
            for (int y = 0; y < 7 / height; ++y)
                for (int x = 0; x < 9 / width; ++x) {
                    int total = 0;
                    for (int wy = 0; wy < height; ++wy)
                        for (int wx = 0; wx < width; ++wx)
                            total += set.train.pixels[s * 63 + std::size_t((y * height + wy) * 9 + x * width + wx)] / 2;
                    const double steps = steps_at(network, s, 0, y, x);
                    REQUIRE(steps == (total * average.multiplier + (1 << (average.shift - 1))) >> average.shift);
                    REQUIRE(std::abs(steps - double(total) / (height * width)) < 1);
                }
    }
}

TEST_CASE("a series enters centred and shifted, channel by channel") {
    data::Dataset set;
    set.shape = {2, 3, 1};
    set.element = data::ElementType::int16;
    set.class_names = {"a", "b"};
    set.train.samples = 1;
    set.train.values = {100, 103, -32768, 7, 8, 32767};
    set.train.labels = {1};
    set.normalisation = {{100, -1}, {1, 4}};
    Network network(net::parse("F2", {2, 3, 1}), {.batch = 1});
    Loader(set, network.spec()).load(set.train, first_indices(1), network);
    const double expected[2][3] = {{0, 2, -128}, {1, 1, 127}}; // (3 + 1) >> 1, (8 + 8) >> 4, (9 + 8) >> 4, clamped
    for (int c = 0; c < 2; ++c)
        for (int t = 0; t < 3; ++t) CHECK(steps_at(network, 0, c, t, 0) == expected[c][t]);
}

TEST_CASE("an augmented sample depends on seed, epoch and its number, not on its place in the batch") {
    const data::Dataset set = pictures(20, {1, 6, 6});
    const net::Spec spec = net::parse("F3", {1, 6, 6});
    Network network(spec, {.batch = 32});
    Loader loader(set, spec);
    Loader::Augmenting augmenting{{}, 9, 2};
    augmenting.options.shift = 2;
    augmenting.options.brightness = 0.3;
    std::vector<std::uint8_t> expected(36);
    Random random = data::augmentation_stream(9, 2, 13);
    data::augment(augmenting.options, random, set.shape, set.train.pixels.data() + 13 * 36, expected.data());
    for (const auto& indices : {std::vector<std::uint32_t>{13},
                                {4, 13, 5},
                                {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 13}}) {
        loader.load(set.train, indices, network, &augmenting);
        const std::size_t place = std::size_t(std::find(indices.begin(), indices.end(), 13u) - indices.begin());
        for (int i = 0; i < 36; ++i) REQUIRE(steps_at(network, place, 0, i / 6, i % 6) == expected[std::size_t(i)] / 2);
    }
    augmenting.epoch = 3;
    loader.load(set.train, std::vector<std::uint32_t>{13}, network, &augmenting);
    int different = 0;
    for (int i = 0; i < 36; ++i) different += steps_at(network, 0, 0, i / 6, i % 6) != expected[std::size_t(i)] / 2;
    CHECK(different > 0);
}

TEST_CASE("a series is augmented in the readings of its own channels, ahead of the network's grid") {
    data::Dataset set;
    set.element = data::ElementType::int16;
    set.class_names = {"a", "b"};
    set.shape = {3, 4, 1};
    set.channels = {{"x", 0, 64}, {"y", 1, 64}, {"z", 0, 128}};
    set.normalisation = {{10, -20, 30}, {4, 5, 6}};
    set.train = {2, {}, {}, {0, 1}};
    for (int i = 0; i < 24; ++i) set.train.values.push_back(std::int16_t(37 * i - 300));
    const net::Spec spec = net::parse("F2", {3, 4, 1});
    Network network(spec, {});
    Loader loader(set, spec);
    const Loader::Augmenting augmenting{{.shift = 1, .noise = 0.01, .stretch = 0.2, .gain = 0.3, .axes = 40}, 9, 2};
    loader.load(set.train, std::vector<std::uint32_t>{1}, network, &augmenting);
    std::vector<std::int16_t> expected(12);
    std::vector<std::int8_t> grid(12);
    Random random = data::augmentation_stream(9, 2, 1);
    data::augment(augmenting.options, random, set.shape, data::series_frame(set), set.train.values.data() + 12,
                  expected.data());
    data::input_values(expected, set.normalisation, std::span(grid));
    for (int c = 0; c < 3; ++c)
        for (int t = 0; t < 4; ++t) CHECK(steps_at(network, 0, c, t, 0) == grid[std::size_t(c * 4 + t)]);
}

TEST_CASE("data of another shape than the network's is refused") {
    const data::Dataset set = pictures(1, {1, 6, 6});
    const net::Spec spec = net::parse("F3", {1, 6, 5});
    CHECK_THROWS_WITH_AS(Loader(set, spec), "the network takes 1 channels of 6x5, the data has 1 of 6x6", Error);
}
