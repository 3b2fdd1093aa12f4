// SPDX-License-Identifier: Apache-2.0
// Small local edits of a Genome (Elsken, Metzen, Hutter 2019 call them morphisms): 1 + a geometric number of them.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tinysparse/base/random.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/genome.hpp"
#include "tinysparse/space/sample.hpp"

namespace tinysparse::space {

/// Which genes may change: all, or only those that leave the plan of the network as it is (widths, bits, training).
enum class Edits { all, refinement };

namespace detail {

/// Another width: a factor near 1, but at least one channel up or down.
inline int changed_width(const Space& space, Random& random, int width, int smallest) {
    const int scaled = int(std::lround(width * std::exp(random.normal() * 0.25)));
    const int step = random.chance(0.5) ? 1 : -1;
    return std::clamp(scaled == width ? width + step : scaled, smallest, space.largest_width);
}

/// Another entry of a few.
inline int changed_choice(Random& random, int value, std::initializer_list<int> choices) {
    const std::size_t start = random.below(std::uint32_t(choices.size()));
    const int first = choices.begin()[start];
    return first != value ? first : choices.begin()[(start + 1) % choices.size()];
}

inline net::Pooling changed_pooling(Random& random, net::Pooling pooling) {
    return net::Pooling((int(pooling) + 1 + int(random.below(2))) % 3);
}

inline Stage& some_stage(Genome& genome, Random& random) {
    return genome.stages[random.below(std::uint32_t(genome.stages.size()))];
}

inline Unit& some_unit(Genome& genome, Random& random) {
    std::vector<Unit*> units;
    for (Stage& stage : genome.stages)
        for (Unit& unit : stage.units) units.push_back(&unit);
    return *units[random.below(std::uint32_t(units.size()))];
}

inline void scale_widths(const Space& space, Genome& genome, Random& random) {
    const double factor = std::exp(random.normal() * 0.25);
    const auto scale = [&](int& width) {
        width = std::clamp(int(std::lround(width * factor)), 1, space.largest_width);
    };
    scale(genome.front.width);
    for (Stage& stage : genome.stages)
        for (Unit& unit : stage.units) scale(unit.width);
    if (genome.end.width > 0) scale(genome.end.width);
}

inline void edit_bits(const Space& space, Genome& genome, Random& random) {
    genome.bits = space.bits[random.below(std::uint32_t(space.bits.size()))];
}

inline void edit_width(const Space& space, Genome& genome, Random& random) {
    switch (weighted(random, {0.25, 0.45, 0.12, 0.18})) {
    case 0:
        genome.front.width = changed_width(space, random, genome.front.width, 1);
        break;
    case 1: {
        Unit& unit = some_unit(genome, random);
        unit.width = changed_width(space, random, unit.width, 1);
        break;
    }
    case 2:
        genome.end.width = genome.end.width == 0
                               ? std::clamp(genome.stages.back().units.back().width, 1, space.largest_width)
                               : changed_width(space, random, genome.end.width, 0);
        break;
    default:
        scale_widths(space, genome, random);
    }
}

inline void edit_training(Genome& genome, Random& random) {
    Training& training = genome.training;
    switch (weighted(random, {0.6, 0.15, 0.25})) {
    case 0:
        training.learning_rate = rounded_learning_rate(training.learning_rate * std::exp(random.normal() * 0.35));
        break;
    case 1:
        training.batch =
            std::clamp(random.chance(0.5) ? training.batch * 2 : training.batch / 2, smallest_batch, largest_batch);
        break;
    default:
        training.shift = std::clamp(training.shift + (random.chance(0.5) ? 1 : -1), 0, largest_shift);
    }
}

inline void edit_front(Genome& genome, Random& random) {
    Front& front = genome.front;
    switch (weighted(random, {0.3, 0.2, 0.2, 0.1, 0.2})) {
    case 0:
        front.kernel = changed_choice(random, front.kernel, {3, 5, 7});
        break;
    case 1: // the size of the map stays: a stride for a pool
        front.stride = 3 - front.stride;
        front.pooling = front.stride == 2 ? net::Pooling::none : net::Pooling::average;
        break;
    case 2:
        front.pooling = changed_pooling(random, front.pooling);
        break;
    case 3:
        front.pool = changed_choice(random, front.pool, {2, 3, 4});
        break;
    default:
        front.downsampling = std::clamp(front.downsampling + (random.chance(0.5) ? 1 : -1), 1, largest_downsampling);
    }
}

inline void edit_unit(Genome& genome, Random& random) {
    Unit& unit = some_unit(genome, random);
    switch (weighted(random, {0.45, 0.35, 0.2})) {
    case 0:
        unit.kernel = changed_choice(random, unit.kernel, {3, 5, 7});
        break;
    case 1:
        unit.kind = UnitKind((int(unit.kind) + 1 + int(random.below(2))) % 3);
        break;
    default:
        unit.linear = !unit.linear;
    }
}

inline void edit_stage(Genome& genome, Random& random) {
    Stage& stage = some_stage(genome, random);
    switch (weighted(random, {0.5, 0.2, 0.3})) {
    case 0:
        stage.pooling = changed_pooling(random, stage.pooling);
        break;
    case 1:
        stage.pool = changed_choice(random, stage.pool, {2, 3, 4});
        break;
    default:
        stage.residual = !stage.residual;
    }
}

/// One unit or stage more or fewer.
inline void edit_depth(const Space& space, Genome& genome, Random& random) {
    const std::size_t at = random.below(std::uint32_t(genome.stages.size()));
    Stage& stage = genome.stages[at];
    const auto stage_at = genome.stages.begin() + std::ptrdiff_t(at);
    const std::size_t unit = random.below(std::uint32_t(stage.units.size()));
    const auto unit_at = stage.units.begin() + std::ptrdiff_t(unit);
    switch (weighted(random, {0.35, 0.4, 0.1, 0.15})) {
    case 0:
        if (stage.units.size() < std::size_t(space.most_units)) stage.units.insert(unit_at, Unit(stage.units[unit]));
        break;
    case 1:
        if (stage.units.size() > 1) stage.units.erase(unit_at);
        break;
    case 2:
        if (genome.stages.size() < std::size_t(space.most_stages)) {
            Stage added;
            added.units = {stage.units.back()};
            genome.stages.insert(stage_at + 1, added);
        }
        break;
    default:
        if (genome.stages.size() > 1) genome.stages.erase(stage_at);
    }
}

inline void edit(const Space& space, Genome& genome, Random& random, Edits edits) {
    const bool all = edits == Edits::all;
    switch (weighted(random, {0.4, 0.1, all ? 0.08 : 0.3, all ? 0.1 : 0.0, all ? 0.12 : 0.0, all ? 0.08 : 0.0,
                              all ? 0.14 : 0.0, all ? 0.05 : 0.0})) {
    case 0:
        return edit_width(space, genome, random);
    case 1:
        return edit_bits(space, genome, random);
    case 2:
        return edit_training(genome, random);
    case 3:
        return edit_front(genome, random);
    case 4:
        return edit_unit(genome, random);
    case 5:
        return edit_stage(genome, random);
    case 6:
        return edit_depth(space, genome, random);
    default:
        genome.end.kind = EndKind((int(genome.end.kind) + 1 + int(random.below(2))) % 3);
    }
}

} // namespace detail

/// A neighbour of `parent`: 1, 2, 3 ... edits with probability 1/2, 1/4, 1/8 ..., another key, and a network of its
/// own. Throws Error where none is found in a thousand tries, which a space of more than a few Genomes does not come
/// to.
inline Genome mutate(const Genome& parent, const Space& space, Random& random, Edits edits = Edits::all) {
    const std::string parent_key = key(parent, space);
    for (int attempt = 0; attempt < 1000; ++attempt) {
        Genome child = parent;
        do detail::edit(space, child, random, edits);
        while (random.chance(0.5));
        if (expressible(child, space) && key(child, space) != parent_key) return child;
    }
    throw Error("no neighbour of a network was found in the space; the space is too small to search");
}

} // namespace tinysparse::space
