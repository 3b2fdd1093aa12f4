// SPDX-License-Identifier: Apache-2.0
// Random Genomes. The draws lean towards what small networks are known to gain from: a full-resolution front with an
// average pool, linear depthwise before pointwise layers, widths that grow as maps shrink, a last map of 2..4 positions
// a side; but everything in the space has a chance.
#pragma once
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>

#include "tinysparse/base/random.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

namespace detail {

/// A whole number from low to high, uniform on a log scale.
inline int log_uniform(Random& random, int low, int high) {
    const double value = std::exp(random.uniform(std::log(low - 0.5), std::log(high + 0.5)));
    return std::clamp(int(std::lround(value)), low, high);
}

/// The index of one of the weights, each as likely as it is heavy.
inline int weighted(Random& random, std::initializer_list<double> weights) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double at = random.uniform() * sum;
    int index = 0;
    for (const double weight : weights) {
        if (at < weight) return index;
        at -= weight;
        ++index;
    }
    return int(weights.size()) - 1;
}

/// A learning rate with two significant digits, so that equal ones are recognised.
inline double rounded_learning_rate(double rate) {
    rate = std::clamp(rate, smallest_learning_rate, largest_learning_rate);
    const double scale = std::pow(10.0, 1 - std::floor(std::log10(rate)));
    return std::round(rate * scale) / scale;
}

inline net::Pooling sample_pooling(Random& random, double none) {
    const int kind = weighted(random, {none, (1 - none) * 0.15, (1 - none) * 0.85});
    return net::Pooling(kind);
}

inline int sample_kernel(Random& random) { return 3 + 2 * weighted(random, {0.75, 0.22, 0.03}); }
inline int sample_pool(Random& random) { return 2 + weighted(random, {0.88, 0.07, 0.05}); }

inline Front sample_front(const Space& space, Random& random) {
    Front front;
    // Large pictures are mostly downsampled to 20..40 positions a side first.
    const int side = std::max(space.input.height, space.input.width);
    const int wanted = std::clamp(side / 28, 1, largest_downsampling);
    front.downsampling = random.chance(0.65) ? wanted : 1 + int(random.below(largest_downsampling));
    front.kernel = sample_kernel(random);
    front.stride = random.chance(0.3) ? 2 : 1;
    front.pooling = sample_pooling(random, front.stride == 2 ? 0.8 : 0.1);
    front.pool = sample_pool(random);
    front.width = log_uniform(random, 2, std::min(12, space.largest_width));
    return front;
}

inline Unit sample_unit(const Space& space, Random& random, double width) {
    Unit unit;
    unit.kind = UnitKind(weighted(random, {0.85, 0.08, 0.07}));
    unit.width = std::clamp(int(std::lround(width * std::exp(random.normal() * 0.2))), 1, space.largest_width);
    unit.kernel = sample_kernel(random);
    unit.linear = random.chance(0.85);
    return unit;
}

inline Training sample_training(Random& random) {
    Training training;
    training.learning_rate = rounded_learning_rate(0.03 * std::exp(random.normal() * 0.4));
    training.batch = 32 << weighted(random, {0.2, 0.7, 0.1});
    training.shift = weighted(random, {0.15, 0.7, 0.15});
    return training;
}

inline Genome sample_once(const Space& space, Random& random) {
    Genome genome;
    genome.front = sample_front(space, random);
    int side = std::max(space.input.height, space.input.width) / genome.front.downsampling / genome.front.stride;
    if (genome.front.pooling != net::Pooling::none) side /= genome.front.pool;
    double width = genome.front.width;
    genome.stages.clear();
    do {
        Stage stage;
        stage.units.clear();
        width = std::min(width * std::exp(random.uniform(0.1, 0.9)), double(space.largest_width));
        const int units = std::min(space.most_units, 1 + weighted(random, {0.45, 0.4, 0.15}));
        for (int i = 0; i < units; ++i) stage.units.push_back(sample_unit(space, random, width));
        stage.residual = random.chance(0.15);
        stage.pooling = sample_pooling(random, side > 3 ? 0.1 : 0.7);
        stage.pool = sample_pool(random);
        if (stage.pooling != net::Pooling::none) side /= stage.pool;
        genome.stages.push_back(stage);
    } while (genome.stages.size() < std::size_t(space.most_stages) && random.chance(side > 4 ? 0.9 : 0.25));
    genome.end.kind = EndKind(weighted(random, {0.75, 0.17, 0.08}));
    genome.end.width = random.chance(0.3) ? log_uniform(random, 1, std::min(32, space.largest_width)) : 0;
    genome.bits = space.bits[random.below(std::uint32_t(space.bits.size()))];
    genome.training = sample_training(random);
    return genome;
}

} // namespace detail

/// True where the Genome has a network.
inline bool expressible(const Genome& genome, const Space& space) {
    try {
        express(genome, space);
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// A random Genome that express() accepts. Throws Error where a hundred draws in a row have no network.
inline Genome sample(const Space& space, Random& random) {
    for (int draw = 0; draw < 100; ++draw) {
        Genome genome = detail::sample_once(space, random);
        if (expressible(genome, space)) return genome;
    }
    throw Error(text("no network of the space fits pictures of ", space.input.height, "x", space.input.width,
                     "; use smaller pictures, such as size=28x28"));
}

} // namespace tinysparse::space
