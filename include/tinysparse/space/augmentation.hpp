// SPDX-License-Identifier: Apache-2.0
// The genes of augmentation: the kinds of data that they apply to, and the strengths that draws give them. `shift`, a
// number of positions, and `flip`, a switch, are treated separately.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

/// A gene that is a strength; 0 means none.
struct AugmentationGene {
    /// Kinds of data that a change applies to.
    enum class Data : std::uint8_t { all, pictures, colours, series, sensors };
    Gene gene;
    double Training::*strength;
    Data data;
    std::array<double, 4> usual; ///< Strengths of draws, ascending.
    std::array<double, 2> share; ///< Share of draws for few samples that have it: for upright things, and for things in
                                 ///< any orientation.
};

inline constexpr AugmentationGene augmentation_genes[] = {
    {Gene::rotate, &Training::rotate, AugmentationGene::Data::pictures, {15, 45, 90, 180}, {0.4, 0.9}},
    {Gene::scale, &Training::scale, AugmentationGene::Data::pictures, {0.1, 0.2, 0.3, 0.5}, {0.4, 0.7}},
    {Gene::shear, &Training::shear, AugmentationGene::Data::pictures, {0.05, 0.1, 0.2, 0.4}, {0.2, 0.2}},
    {Gene::cut_out, &Training::cut_out, AugmentationGene::Data::pictures, {0.1, 0.2, 0.3, 0.4}, {0.2, 0.1}},
    {Gene::brightness, &Training::brightness, AugmentationGene::Data::pictures, {0.05, 0.1, 0.2, 0.3}, {0.5, 0.6}},
    {Gene::contrast, &Training::contrast, AugmentationGene::Data::pictures, {0.1, 0.2, 0.3, 0.5}, {0.4, 0.6}},
    {Gene::colour, &Training::colour, AugmentationGene::Data::colours, {0.1, 0.3, 0.6, 1}, {0.15, 0.15}},
    {Gene::noise, &Training::noise, AugmentationGene::Data::all, {0.01, 0.02, 0.05, 0.1}, {0.2, 0.15}},
    {Gene::stretch, &Training::stretch, AugmentationGene::Data::series, {0.05, 0.1, 0.2, 0.4}, {0.5, 0.5}},
    {Gene::gain, &Training::gain, AugmentationGene::Data::series, {0.1, 0.2, 0.4, 0.8}, {0.3, 0.3}},
    {Gene::axes, &Training::axes, AugmentationGene::Data::sensors, {5, 10, 20, 40}, {0.5, 0.5}},
};

/// True if an augmentation gene affects trainings of the space's networks, and for any other gene.
inline bool takes_effect(Gene gene, const Space& space) {
    using Data = AugmentationGene::Data;
    const bool pictures = space.augments == Augments::pictures, series = space.augments == Augments::series;
    if (gene == Gene::shift) return pictures || series;
    if (gene == Gene::flip) return pictures;
    for (const AugmentationGene& own : augmentation_genes)
        if (own.gene == gene)
            return own.data == Data::all        ? pictures || series
                   : own.data == Data::pictures ? pictures
                   : own.data == Data::colours  ? pictures && space.input.channels == 3
                   : own.data == Data::series   ? series
                                                : series && space.input.channels >= 3;
    return true;
}

/// Total strength of augmentation: the sum over all genes, each relative to its largest usual strength.
inline double augmentation_strength(const Training& training, const Space& space) {
    double sum = takes_effect(Gene::flip, space) && training.flip ? 0.5 : 0;
    for (const AugmentationGene& own : augmentation_genes)
        if (takes_effect(own.gene, space)) sum += training.*own.strength / own.usual.back();
    return sum;
}

} // namespace tinysparse::space
