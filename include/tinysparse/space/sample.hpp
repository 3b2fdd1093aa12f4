// SPDX-License-Identifier: Apache-2.0
// Random Genomes. The draws favour structures that are known to help small networks: a full-resolution front with an
// average pool, linear depthwise before pointwise layers, widths that grow as maps shrink, a last map of 2..4 positions
// per side, weighted by a depthwise layer. Everything else in the space has a chance too.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <span>

#include "tinysparse/base/random.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/genome.hpp"
#include "tinysparse/space/pruning_odds.hpp"

namespace tinysparse::space {

namespace detail {

/// A whole number from low to high, uniform on a log scale.
inline int log_uniform(Random& random, int low, int high) {
    const double value = std::exp(random.uniform(std::log(low - 0.5), std::log(high + 0.5)));
    return std::clamp(int(std::lround(value)), low, high);
}

/// A random index, with a probability proportional to its weight.
inline int weighted(Random& random, std::span<const double> weights) {
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
inline int weighted(Random& random, std::initializer_list<double> weights) {
    return weighted(random, std::span(weights.begin(), weights.size()));
}

/// A number above 0 rounded to two significant digits, so that equal ones are recognised.
inline double two_digits(double value) {
    const double scale = std::pow(10.0, 1 - std::floor(std::log10(value)));
    return std::round(value * scale) / scale;
}

inline double rounded_learning_rate(const Space& space, double rate) {
    return space.conform(Gene::learning_rate, two_digits(rate));
}

/// Bits of most networks: 8 or 4; ternary weights are worthwhile in few layers only.
inline int usual_bits(const Space& space, Random& random) {
    return space.conform(Gene::bits, random.chance(0.5) ? 4 : 8);
}

/// A kernel size for which small networks gain most: 3x3 and 5x5 in depthwise layers mostly.
inline int usual_kernel(Random& random) { return 1 + 2 * weighted(random, {0.03, 0.58, 0.31, 0.08}); }
inline UnitKind usual_kind(Random& random) { return UnitKind(weighted(random, {0.7, 0.12, 0.12, 0.06})); }

/// A share with two digits, so that equal ones are recognised.
inline double rounded_share(double share, double low, double high) {
    return std::clamp(std::round(share * 100) / 100, low, high);
}

/// Pruning for a network that was not pruned: a method drawn by its odds, and this share of the weights as the budget,
/// or in half of the draws of a method with its own threshold that threshold. None if the space has no method.
inline Pruning first_pruning(const Space& space, const PruningOdds& odds, double share, Random& random) {
    if (!has_pruned(space)) return {};
    const auto method = prune::Method(weighted(random, restricted(odds, space)));
    return {method, prune::info(method).decides && random.chance(0.5) ? 1 : share};
}

/// Draws genes of one Genome. Most Genomes are plain: kernels of 3, averages of 2x2, linear depthwise before pointwise
/// layers, the usual training; only their widths, depths and resolution vary. The others take any gene. Trainings on
/// few samples always vary.
class Sampler {
  public:
    Sampler(const Space& space, Random& random, const PruningOdds& odds)
        : space_(space), random_(random), odds_(odds), plain_(random.chance(0.7)) {}

    Genome draw() {
        const double classics = !space_.is_small() ? 0 : space_.augments == Augments::series ? 0.3 : 0.75;
        Genome genome = random_.chance(classics) ? classic() : usual();
        // Few are pruned at first, but all if the space has no others.
        if (!has_unpruned(space_) || random_.chance(0.06))
            genome.pruning = first_pruning(
                space_, odds_, rounded_share(std::exp(random_.uniform(std::log(0.2), -0.1)), 0.05, 1), random_);
        return conformed(std::move(genome), space_);
    }

  private:
    Genome usual() {
        Genome genome;
        genome.front = front();
        genome.stages = stages(genome.front);
        if (!plain_) genome.end.kind = EndKind(weighted(random_, {0.5, 0.3, 0.2}));
        if (random_.chance(0.3)) genome.end.width = log_uniform(random_, 1, std::min(32, most(Gene::end_width)));
        if (!plain_ && random_.chance(0.1))
            genome.end.hidden = log_uniform(random_, 1, std::min(32, most(Gene::end_hidden)));
        set_bits(genome, usual_bits(space_, random_));
        if (!plain_ && random_.chance(0.3)) vary_bits(genome);
        if (space_.is_small())
            genome.training = training_on_few();
        else if (!plain_)
            genome.training = training();
        return genome;
    }

    /// Convolutions of 3x3, each followed by a maximum over 2x2, until few positions are left. They learn most from few
    /// samples in few steps, and need no memory for whole maps.
    Genome classic() {
        Genome genome;
        int side = std::min(space_.input.height, space_.input.width);
        if (space_.input.width == 1) side = space_.input.height;
        Front& front = genome.front;
        front.downsampling = side >= 48 ? 2 : 1;
        front.pooling = net::Pooling::maximum;
        front.width = log_uniform(random_, std::min(4, most(Gene::front_width)), std::min(10, most(Gene::front_width)));
        side /= front.downsampling * front.pool;
        genome.stages.clear();
        double width = front.width;
        do {
            Stage stage;
            width = std::min(width * random_.uniform(1.1, 1.8), double(most(Gene::unit_width)));
            Unit& unit = stage.units[0];
            unit.kind = UnitKind::convolution;
            unit.width = std::max(1, int(std::lround(width)));
            unit.linear = false;
            stage.pooling = net::Pooling::maximum;
            genome.stages.push_back(stage);
            side /= stage.pool;
        } while (side >= 4 && genome.stages.size() < std::size_t(most(Gene::stages)) && random_.chance(0.85));
        genome.end.kind = EndKind(weighted(random_, {0.25, 0.15, 0.6}));
        set_bits(genome, usual_bits(space_, random_));
        genome.training = training_on_few();
        return genome;
    }

    /// The largest value of a width, at least 1.
    int most(Gene gene) const { return std::max(1, space_.largest(gene)); }
    int kernel() { return plain_ ? 3 : usual_kernel(random_); }
    int window() { return plain_ ? 2 : 2 + weighted(random_, {0.7, 0.2, 0.1}); }
    net::Pooling pooling(double none) {
        const double maximum = plain_ ? 0 : 0.3;
        return net::Pooling(weighted(random_, {none, (1 - none) * maximum, (1 - none) * (1 - maximum)}));
    }

    Front front() {
        Front front;
        // Large pictures are mostly first downsampled to 20..40 positions per side.
        const int side = std::max(space_.input.height, space_.input.width);
        const int wanted = std::clamp(side / 28, 1, most(Gene::downsampling));
        front.downsampling =
            random_.chance(0.65) ? wanted : 1 + int(random_.below(std::uint32_t(most(Gene::downsampling))));
        front.kernel = kernel();
        front.stride = random_.chance(0.3) ? 2 : 1;
        front.pooling = pooling(front.stride == 2 ? 0.8 : 0.1);
        front.pool = window();
        const int most_channels = most(Gene::front_width);
        front.width = log_uniform(random_, std::min(2, most_channels), std::min(12, most_channels));
        if (space_.input.channels > 1 && random_.chance(plain_ ? 0.1 : 0.25))
            front.gray = random_.chance(0.5) ? Gray::mix : Gray::luma;
        return front;
    }

    /// Stages whose maps shrink until they have 2..4 positions per side, while widths grow.
    std::vector<Stage> stages(const Front& front) {
        int side = std::max(space_.input.height, space_.input.width) / front.downsampling / front.stride;
        if (front.pooling != net::Pooling::none) side /= front.pool;
        double width = front.width;
        std::vector<Stage> stages;
        do {
            Stage stage;
            stage.units.clear();
            width = std::min(width * std::exp(random_.uniform(0.2, 1.1)), double(most(Gene::unit_width)));
            const int units = std::min(most(Gene::stage_units), 1 + weighted(random_, {0.3, 0.5, 0.2}));
            for (int i = 0; i < units; ++i) stage.units.push_back(unit(width));
            stage.residual = !plain_ && random_.chance(0.25);
            stage.head = !plain_ && random_.chance(0.06);
            stage.pooling = pooling(side > 3 ? 0.1 : 0.7);
            stage.pool = window();
            if (stage.pooling != net::Pooling::none) side /= stage.pool;
            stages.push_back(stage);
        } while (stages.size() < std::size_t(most(Gene::stages)) && random_.chance(side > 4 ? 0.9 : 0.25));
        return stages;
    }

    Unit unit(double width) {
        Unit unit;
        unit.width = std::clamp(int(std::lround(width * std::exp(random_.normal() * 0.2))), 1, most(Gene::unit_width));
        if (plain_) return unit;
        unit.kind = usual_kind(random_);
        unit.kernel = kernel();
        unit.linear = random_.chance(0.7);
        unit.squeeze = 2 + weighted(random_, {0.6, 0.2, 0.2});
        return unit;
    }

    void vary_bits(Genome& genome) {
        for_genes(genome, [&](Gene gene, auto& value) {
            if constexpr (std::is_same_v<decltype(value), int&>)
                if (gene == Gene::bits && random_.chance(0.3)) value = random_.chance(0.15) ? 2 : 12 - value;
        });
    }

    Training training() {
        Training training;
        training.learning_rate = rounded_learning_rate(space_, 0.03 * std::exp(random_.normal() * 0.4));
        training.batch = 32 << weighted(random_, {0.2, 0.7, 0.1});
        training.shift = weighted(random_, {0.15, 0.7, 0.15});
        if (random_.chance(0.1)) {
            const double strength = rounded_share(random_.uniform(0.1, 0.7), 0, 1);
            training.rotate = 15 * strength;
            training.scale = 0.15 * strength;
        }
        training.flip = random_.chance(0.1);
        for (const AugmentationGene& own : augmentation_genes) // the others are seldom worth their time
            if (own.gene != Gene::rotate && own.gene != Gene::scale && takes_effect(own.gene, space_) &&
                random_.chance(0.05))
                training.*own.strength =
                    two_digits(std::exp(random_.uniform(std::log(own.usual[0]), std::log(own.usual[2]))));
        return training;
    }

    /// A training on few samples. The augmentation matters much, and what helps one set harms another. So a draw
    /// assumes one of three: samples as they are, things in an upright position, or things in any orientation; and it
    /// leaves out some of the changes that belong to each. Batches are small, lengths of training vary.
    Training training_on_few() {
        Training training;
        training.learning_rate = rounded_learning_rate(space_, 0.03 * std::exp(random_.normal() * 0.3));
        training.batch = 16 << weighted(random_, {0.35, 0.6, 0.05});
        training.steps = random_.chance(0.7) ? 100 : random_.chance(0.6) ? 150 : 50;
        if (random_.chance(0.3)) training.label_smoothing = random_.chance(0.5) ? 0.05 : 0.1;
        const int kind = weighted(random_, {0.15, 0.4, 0.45});
        if (kind == 0) return training;
        const bool any_way = kind == 2 && space_.augments != Augments::series;
        if (random_.chance(any_way ? 0.2 : 0.7)) training.shift = some_shift();
        training.flip = takes_effect(Gene::flip, space_) && random_.chance(any_way ? 0.8 : 0.5);
        for (const AugmentationGene& own : augmentation_genes) {
            if (!takes_effect(own.gene, space_) || !random_.chance(own.share[any_way])) continue;
            const bool turns_round = any_way && own.gene == Gene::rotate;
            training.*own.strength = turns_round ? own.usual.back() : own.usual[random_.below(3)];
        }
        return training;
    }

    /// A shift above 0; long series move by more than pictures.
    int some_shift() {
        if (space_.augments != Augments::series) return 1 + weighted(random_, {0.6, 0.3, 0.1});
        const int most = std::clamp(space_.input.height / 4, 1, space_.largest(Gene::shift));
        return log_uniform(random_, 1, most);
    }

    const Space& space_;
    Random& random_;
    const PruningOdds& odds_;
    bool plain_;
};

} // namespace detail

/// What makes samples of this shape smaller: "smaller pictures, such as size=14x14", half of these; or for series
/// shorter windows.
inline std::string smaller_samples(const net::Shape& shape) {
    if (shape.width == 1)
        return text("shorter windows or fewer columns, such as window=", std::max(1, shape.height / 2));
    return text("smaller pictures, such as size=", std::max(1, shape.height / 2), "x", std::max(1, shape.width / 2));
}

/// True if the Genome has a network.
inline bool expressible(const Genome& genome, const Space& space) {
    try {
        express(genome, space);
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// A random Genome that express() accepts. Some are pruned, by a method drawn by its odds. Throws Error if a hundred
/// draws in a row have no network.
inline Genome sample(const Space& space, Random& random, const PruningOdds& odds = even_odds) {
    for (int draw = 0; draw < 100; ++draw) {
        Genome genome = detail::Sampler(space, random, odds).draw();
        if (expressible(genome, space)) return genome;
    }
    throw Error(text("no network of the space fits samples of ", space.input.height, "x", space.input.width, "; use ",
                     smaller_samples(space.input)));
}

} // namespace tinysparse::space
