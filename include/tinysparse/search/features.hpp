// SPDX-License-Identifier: Apache-2.0
// What a model of the error looks at: a few numbers that say how much a network can hold, where its narrowest place is
// and how it is trained, each in about 0..1. Genomes with very different genes but equal capacity are near each other
// here, which a model that has seen some tens of networks needs more than the genes themselves.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "tinysparse/net/count.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::search {

inline constexpr std::size_t feature_count = 19;
using Features = std::array<double, feature_count>;

/// The features of a genome whose network exists.
inline Features features(const space::Genome& genome, const space::Space& space) {
    const net::Spec spec = space::express(genome, space);
    const net::Shapes shapes = net::shapes(spec);
    // Logarithms to base 2, such that a factor of 1000 is 1: a range that small networks hardly leave.
    const auto log_share = [](double value) { return std::log2(std::max(value, 1.0)) / 10; };
    double narrowest = 1e9, widest = 0, spatial = 0;
    for (std::size_t i = 0; i + 1 < spec.layers.size(); ++i) {
        const net::LayerShapes& layer = shapes.layers[i];
        narrowest = std::min(narrowest, double(layer.out.size()));
        widest = std::max(widest, double(layer.in.size() + layer.out.size()));
        spatial += spec.layers[i].kernel_height > 1 || spec.layers[i].kernel_width > 1;
    }
    double units = 0, separable = 0, linear = 0, averages = 0, kernels = 0, residuals = 0;
    for (const space::Stage& stage : genome.stages) {
        averages += stage.pooling == net::Pooling::average;
        residuals += stage.residual;
        for (const space::Unit& unit : stage.units) {
            ++units;
            separable += unit.kind == space::UnitKind::separable;
            linear += unit.linear;
            kernels += unit.kernel;
        }
    }
    const double stages = double(genome.stages.size());
    const net::LayerShapes& front = shapes.layers[0];
    const net::Shape& last = shapes.layers.back().in; // what the dense layer reads
    return {log_share(double(net::weights(spec))),
            log_share(double(net::macs(spec)) / 16),
            log_share(widest),
            log_share(narrowest),
            log_share(double(front.out.size())),
            log_share(double(last.size())),
            double(spec.layers.size()) / 16,
            spatial / 8,
            genome.front.kernel / 7.0,
            kernels / units / 7,
            separable / units,
            linear / units,
            averages / stages,
            residuals / stages,
            double(genome.end.kind == space::EndKind::positions) +
                0.5 * double(genome.end.kind == space::EndKind::flat),
            log_share(genome.bits) * 3,
            std::log(genome.training.learning_rate / 0.03) / 3,
            std::log2(genome.training.batch / 64.0) / 4,
            genome.training.shift / 4.0};
}

} // namespace tinysparse::search
