// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/augmentation.hpp"
#include "load_data.hpp"
#include "number_set.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

TEST_CASE("genes become the augmentation of the samples that they have an effect on, and nothing else") {
    const space::Training training{.shift = 3,
                                   .flip = true,
                                   .rotate = 90,
                                   .scale = 0.2,
                                   .shear = 0.1,
                                   .cut_out = 0.25,
                                   .brightness = 0.1,
                                   .contrast = 0.3,
                                   .colour = 0.5,
                                   .noise = 0.02,
                                   .stretch = 0.4,
                                   .gain = 0.8,
                                   .axes = 10};
    space::Space space{{3, 24, 32}, 3};
    CHECK(augmentation_of(training, space) == data::Augmentation{.shift = 3,
                                                                 .rotate = 90,
                                                                 .scale = 0.2,
                                                                 .shear = 0.1,
                                                                 .flip = true,
                                                                 .cut_out = 6, // of 24
                                                                 .brightness = 0.1,
                                                                 .contrast = 0.3,
                                                                 .hue = 90,
                                                                 .saturation = 0.5,
                                                                 .colour_order = 0.25,
                                                                 .noise = 0.02});
    space.input = {6, 128, 1};
    space.augments = space::Augments::series;
    CHECK(augmentation_of(training, space) ==
          data::Augmentation{.shift = 3, .noise = 0.02, .stretch = 0.4, .gain = 0.8, .axes = 10});
    space.augments = space::Augments::nothing;
    CHECK(augmentation_of(training, space) == data::Augmentation{});
    CHECK(augmentation_of({.shift = 0}, {{3, 8, 8}, 2}) == data::Augmentation{});
}

TEST_CASE("every augmentation that the genes may have is one that the data can have") {
    const data::Dataset gray = load_data("synthetic:strokes,samples=300");
    data::Dataset series;
    series.element = data::ElementType::int16;
    series.shape = {4, 16, 1};
    data::Dataset colours;
    colours.shape = {3, 8, 8};
    for (const data::Dataset* const set : std::initializer_list<const data::Dataset*>{&gray, &series, &colours}) {
        space::Space space{nn::input_shape(*set), 3};
        describe_augmentation(space, *set);
        CHECK(space.samples == set->train.samples);
        space::Genome genome;
        space::for_genes(genome, [&](space::Gene gene, auto& value) {
            const space::Range& range = space[gene];
            if constexpr (std::is_same_v<decltype(value), int&>)
                value = range.values.back();
            else
                value = range.high;
        });
        CHECK_NOTHROW(data::check_augmentation(augmentation_of(genome.training, space), *set));
    }
    space::Space numbers{{3, 1, 1}, 2};
    describe_augmentation(numbers, number_set(50));
    CHECK(numbers.augments == space::Augments::nothing);
}
