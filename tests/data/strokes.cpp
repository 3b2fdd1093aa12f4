// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/strokes.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;

TEST_CASE("strokes: sample i of a seed is the same in a set of any size, and differs between seeds") {
    const Dataset few = synthetic_strokes(30, 5), many = synthetic_strokes(100, 5), other = synthetic_strokes(30, 6);
    CHECK(few.train.samples == 30);
    CHECK(few.class_names.size() == 10);
    CHECK(std::equal(few.train.pixels.begin(), few.train.pixels.end(), many.train.pixels.begin()));
    CHECK(few.train.pixels != other.train.pixels);
    CHECK(class_counts(many.train, 10) == std::vector<std::size_t>(10, 10));
}

TEST_CASE("strokes cannot be told by a template: the nearest mean picture is right for less than three in four") {
    const std::size_t size = 28 * 28;
    const Dataset set = synthetic_strokes(4000, 1);
    std::vector<double> means(10 * size);
    for (std::size_t i = 0; i < 3000; ++i)
        for (std::size_t p = 0; p < size; ++p)
            means[set.train.labels[i] * size + p] += set.train.pixels[i * size + p] / 300.0;
    int right = 0;
    for (std::size_t i = 3000; i < 4000; ++i) {
        std::size_t best = 0;
        double best_distance = 1e300;
        for (std::size_t c = 0; c < 10; ++c) {
            double distance = 0;
            for (std::size_t p = 0; p < size; ++p) {
                const double difference = set.train.pixels[i * size + p] - means[c * size + p];
                distance += difference * difference;
            }
            if (distance < best_distance) best_distance = distance, best = c;
        }
        right += best == set.train.labels[i];
    }
    CHECK(right > 150); // but not noise either: chance is 100
    CHECK(right < 750);
}

TEST_CASE("every stroke sample shows ink: its brightest pixels stand well above its paper") {
    const Dataset set = synthetic_strokes(500, 2);
    for (std::size_t i = 0; i < 500; ++i) {
        std::vector<std::uint8_t> pixels(set.train.pixels.begin() + std::ptrdiff_t(i * 784),
                                         set.train.pixels.begin() + std::ptrdiff_t((i + 1) * 784));
        std::sort(pixels.begin(), pixels.end());
        CHECK(pixels[784 - 16] > pixels[392] + 50);
    }
}
