// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/features.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::search;

namespace {

space::Space of_samples(net::Shape input, space::Augments augments) {
    space::Space space{input, 6};
    space.augments = augments;
    space.samples = 300;
    return space;
}

/// Features that differ.
std::set<std::size_t> different(const space::Genome& a, const space::Genome& b, const space::Space& space) {
    const Features left = features(a, space), right = features(b, space);
    std::set<std::size_t> out;
    for (std::size_t i = 0; i < feature_count; ++i)
        if (left[i] != right[i]) out.insert(i);
    return out;
}

} // namespace

TEST_CASE("features are about 0..1, for every kind of samples") {
    for (const space::Space& space :
         {of_samples({3, 24, 32}, space::Augments::pictures), of_samples({6, 128, 1}, space::Augments::series),
          of_samples({4, 1, 1}, space::Augments::nothing)}) {
        Random random(1, "features");
        for (int i = 0; i < 300; ++i)
            for (const double value : features(space::mutate(space::sample(space, random), space, random), space)) {
                CHECK(value > -1.2);
                CHECK(value < 2.6);
            }
    }
}

TEST_CASE("how samples are augmented and how long a training is are features, if they have an effect") {
    const space::Space pictures = of_samples({3, 24, 32}, space::Augments::pictures),
                       series = of_samples({6, 128, 1}, space::Augments::series);
    const space::Genome usual;
    const auto with = [&](const space::Training& training) {
        space::Genome genome;
        genome.training = training;
        return genome;
    };
    constexpr std::size_t shift = 18, steps = 20, strength = 21, turn = 25, gray = 26;
    using Set = std::set<std::size_t>;
    CHECK(different(usual, with({.steps = 400}), pictures) == Set{steps});
    CHECK(different(usual, with({.shift = 3}), pictures) == Set{shift});
    CHECK(different(usual, with({.rotate = 90}), pictures) == Set{strength, turn});
    CHECK(different(usual, with({.noise = 0.05}), pictures) == Set{strength});
    CHECK(different(usual, with({.rotate = 90}), series).empty());
    CHECK(different(usual, with({.axes = 10}), series) == Set{strength, turn});
    CHECK(different(usual, with({.axes = 10}), pictures).empty());
    space::Genome mixed;
    mixed.front.gray = space::Gray::mix;
    CHECK(different(usual, mixed, pictures).contains(gray));
    // A turn to any side is the largest, and shifts grow with their logarithm.
    CHECK(features(with({.rotate = 180}), pictures)[turn] == 1);
    CHECK(features(with({.shift = 4}), series)[shift] == 1);
    CHECK(features(with({.shift = 16}), series)[shift] == 1.5);
}
