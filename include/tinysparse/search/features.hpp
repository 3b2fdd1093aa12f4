// SPDX-License-Identifier: Apache-2.0
// The features that a model of the error uses: a few numbers, each in about 0..1, that describe the capacity of a
// network, its narrowest place and its training. Genomes with very different genes but equal capacity are near each
// other here. A model that has seen some tens of networks needs that more than the genes themselves.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "tinysparse/net/count.hpp"
#include "tinysparse/search/remaining.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::search {

inline constexpr std::size_t feature_count = 27;
/// One network's features, in a fixed order.
using Features = std::array<double, feature_count>;

namespace detail {

/// Logarithms to base 2, scaled so that a factor of 1000 is 1: small networks hardly differ by more.
inline double log_share(double value) { return std::log2(std::max(value, 1.0)) / 10; }

/// Extremes over the layers before the last one.
struct LayerExtremes {
    double narrowest = 1e9, widest = 0, spatial = 0; ///< Values that leave a layer, or enter and leave; layers with a
                                                     ///< window.

    LayerExtremes(const net::Spec& spec, const net::Shapes& shapes) {
        for (std::size_t i = 0; i + 1 < spec.layers.size(); ++i) {
            const net::LayerShapes& layer = shapes.layers[i];
            narrowest = std::min(narrowest, double(layer.out.size()));
            widest = std::max(widest, double(layer.in.size() + layer.out.size()));
            spatial += spec.layers[i].kernel_height > 1 || spec.layers[i].kernel_width > 1;
        }
    }
};

/// Mean logarithm of a weight's bits.
inline double mean_log_bits(const net::Spec& spec, const net::Shapes& shapes) {
    double bits = 0;
    for (std::size_t i = 0; i < spec.layers.size(); ++i)
        bits += double(net::weights(spec.layers[i], shapes.layers[i])) * std::log2(spec.layers[i].bits);
    return bits / double(net::weights(spec));
}

/// 1 for the largest shift of pictures; for larger shifts of series, 1 plus the logarithm of the ratio.
inline double shift_share(int shift) { return shift <= 4 ? shift / 4.0 : 1 + std::log2(shift / 4.0) / 4; }

/// Largest rotation of samples in degrees: of pictures, or of the axes of sensors.
inline double turn(const space::Training& training, const space::Space& space) {
    if (space::takes_effect(space::Gene::rotate, space)) return training.rotate;
    return space::takes_effect(space::Gene::axes, space) ? training.axes : 0;
}

/// Numbers of stages and units by kind.
struct GeneCounts {
    double heads = 0, units = 0, separable = 0, linear = 0, averages = 0, kernels = 0, residuals = 0;

    explicit GeneCounts(const space::Genome& genome) {
        for (const space::Stage& stage : genome.stages) {
            averages += stage.pooling == net::Pooling::average;
            residuals += stage.residual;
            heads += stage.head;
            for (const space::Unit& unit : stage.units) {
                ++units;
                separable += unit.kind == space::UnitKind::separable;
                linear += unit.linear;
                kernels += unit.kernel;
            }
        }
    }
};

} // namespace detail

/// The features of a genome that has a network, after its expected pruning: a network that loses whole channels is near
/// to one that never had them.
inline Features features(const space::Genome& genome, const space::Space& space) {
    using detail::log_share;
    const Remaining left = remaining(genome, space);
    const net::Spec& spec = left.spec;
    const net::Shapes shapes = net::shapes(spec);
    const detail::LayerExtremes layers(spec, shapes);
    const detail::GeneCounts count(genome);
    const double keep = genome.pruning.active() ? genome.pruning.keep : 1;
    const double stages = double(genome.stages.size());
    const net::LayerShapes& front = shapes.layers[0];
    const net::Shape& last = shapes.layers.back().in; // what the dense layer reads
    return {log_share(left.keep * double(net::weights(spec))),
            log_share(double(net::macs(spec)) / 16),
            log_share(layers.widest),
            log_share(layers.narrowest),
            log_share(double(front.out.size())),
            log_share(double(last.size())),
            double(spec.layers.size()) / 16,
            layers.spatial / 8,
            genome.front.kernel / 7.0,
            count.kernels / count.units / 7,
            count.separable / count.units,
            count.linear / count.units,
            count.averages / stages,
            count.residuals / stages,
            double(genome.end.kind == space::EndKind::positions) +
                0.5 * double(genome.end.kind == space::EndKind::flat),
            0.3 * detail::mean_log_bits(spec, shapes),
            std::log(genome.training.learning_rate / 0.03) / 3,
            std::log2(genome.training.batch / 64.0) / 4,
            space::takes_effect(space::Gene::shift, space) ? detail::shift_share(genome.training.shift) : 0,
            -std::log2(keep) / 8,
            std::log2(genome.training.steps / 100.0) / 8,
            0.3 * space::augmentation_strength(genome.training, space),
            2 * genome.training.label_smoothing,
            0.4 * std::cbrt(genome.training.weight_decay),
            (count.heads + (genome.end.hidden > 0)) / 8,
            std::sqrt(detail::turn(genome.training, space) / 180),
            0.5 * double(genome.front.gray)};
}

} // namespace tinysparse::search
