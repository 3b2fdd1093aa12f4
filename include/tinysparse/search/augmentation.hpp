// SPDX-License-Identifier: Apache-2.0
// From the genes of augmentation to the changes that a training makes to the samples of a set.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tinysparse/data/augmentation.hpp"
#include "tinysparse/data/folds.hpp"
#include "tinysparse/space/augmentation.hpp"

namespace tinysparse::search {

/// Notes in the space the kind and number of the samples. Samples with target numbers are not augmented: a number
/// may depend on place and moment.
inline void describe_augmentation(space::Space& space, const data::Dataset& set) {
    space.augments = set.answers_numbers() ? space::Augments::nothing
                     : set.is_series()     ? space::Augments::series
                                           : space::Augments::pictures;
    const std::size_t groups = data::count_groups(set.train);
    space.samples = groups == 0 ? set.train.samples : std::min(set.train.samples, 20 * groups);
}

/// The augmentation that the genes stand for, without genes that have no effect on the space's samples.
inline data::Augmentation augmentation_of(space::Training training, const space::Space& space) {
    for (const space::AugmentationGene& own : space::augmentation_genes)
        if (!space::takes_effect(own.gene, space)) training.*own.strength = 0;
    data::Augmentation augmentation;
    if (space::takes_effect(space::Gene::shift, space)) augmentation.shift = training.shift;
    augmentation.flip = training.flip && space::takes_effect(space::Gene::flip, space);
    augmentation.rotate = training.rotate;
    augmentation.scale = training.scale;
    augmentation.shear = training.shear;
    augmentation.cut_out = int(std::lround(training.cut_out * std::min(space.input.height, space.input.width)));
    augmentation.brightness = training.brightness;
    augmentation.contrast = training.contrast;
    augmentation.hue = 180 * training.colour;
    augmentation.saturation = training.colour;
    augmentation.colour_order = 0.5 * training.colour;
    augmentation.noise = training.noise;
    augmentation.stretch = training.stretch;
    augmentation.gain = training.gain;
    augmentation.axes = training.axes;
    return augmentation;
}

} // namespace tinysparse::search
