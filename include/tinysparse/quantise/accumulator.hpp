// SPDX-License-Identifier: Apache-2.0
// Bounds of sums that training keeps. The device adds up the products of an output o in an accumulator, which must hold
//   A * sum_k |w_ok| + |b_o * 2^bias_shift| + half <= L                               (fixed/proof.hpp has the proof)
// in integers: A is the largest input, half what is added for rounding. So after each step of training on grids the
// weights of an output that breaks its bound are projected onto the ball of their 1-norm,
//   w <- sign(w) max(0, |w| - lambda)      with the least lambda at which the rounded weights keep the bound
// (Duchi, Shalev-Shwartz, Singer, Chandra 2008; for accumulators Colbert, Pappalardo, Petri-Koenig 2023, "A2Q"). A bias
// is shortened first if it takes more than half of the room.
//   24 bits   L = 2^24 - 1 without the half, all heads together: what every network must keep, see the proof
//   16 bits   L = 32767: the fast sums of an AVR, for every layer
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/fixed/proof.hpp"
#include "tinysparse/nn/network.hpp"
#include "tinysparse/nn/optimiser.hpp"

namespace tinysparse::quantise {

/// The exponent of the integers that layer `source` puts out, or of the network's input for net::picture.
inline int exponent_of(const std::vector<nn::LayerGrids>& grids, int source) {
    return source == net::picture ? fixed::input_exponent : grids[std::size_t(source)].output.exponent;
}

namespace detail {

/// The integer that a value has on a grid.
inline std::int64_t on_grid(float value, const autograd::Grid& grid) {
    return std::int64_t(std::clamp(std::floor(std::ldexp(value, -grid.exponent) + 0.5f), grid.low, grid.high));
}

/// The sum of the sizes of a row's integers after each value is shrunk by `lambda`.
inline std::int64_t size_of(std::span<const float> row, const autograd::Grid& grid, float lambda = 0) {
    std::int64_t sum = 0;
    for (const float value : row)
        sum += std::abs(on_grid(std::copysign(std::max(0.0f, std::abs(value) - lambda), value), grid));
    return sum;
}

/// Projects a row so that its integers' sizes add up to `room` at most. True if that changed it.
inline bool project(std::span<float> row, const autograd::Grid& grid, std::int64_t room) {
    if (size_of(row, grid) <= room) return false;
    float low = 0, high = 0; // the row is too large at low, and fits at high
    for (const float value : row) high = std::max(high, std::abs(value));
    for (int halving = 0; halving < 24; ++halving) {
        const float middle = (low + high) / 2;
        (size_of(row, grid, middle) <= room ? high : low) = middle;
    }
    for (float& value : row) value = std::copysign(std::max(0.0f, std::abs(value) - high), value);
    return true;
}

/// Room of a row's weights beside a bias of this size, in units of the accumulator; a bias gets half at most.
inline std::int64_t room_beside(std::int64_t bias, std::int64_t limit, std::int64_t largest_input) {
    return (limit - std::min(bias, limit / 2)) / largest_input;
}

/// The exponent of a layer's weights at which they keep a bound with the least squared error: that of `grid` unless a
/// row breaks the bound there, else a coarser one. rigid: the exponent is so coarse that no weight is shrunk.
inline int bounded_exponent(const fixed::FloatLayer& layer, std::size_t rows, autograd::Grid grid, int input_exponent,
                            std::int64_t limit, std::int64_t largest_input, bool rigid) {
    const std::size_t taps = layer.weights.size() / rows;
    int best = grid.exponent;
    double least = std::numeric_limits<double>::infinity();
    for (const int last = grid.exponent + 16; grid.exponent <= last; ++grid.exponent) {
        double error = 0;
        bool shrunk = false;
        for (std::size_t row = 0; row < rows; ++row) {
            const auto first = layer.weights.begin() + std::ptrdiff_t(row * taps);
            std::vector<float> weights(first, first + std::ptrdiff_t(taps));
            const double bias = layer.biases.empty() ? 0 : std::abs(double(layer.biases[row]));
            const double steps = std::min(double(limit), std::ldexp(bias, -input_exponent - grid.exponent));
            shrunk |= project(weights, grid, room_beside(std::int64_t(steps), limit, largest_input));
            for (std::size_t k = 0; k < taps; ++k) {
                const double rounded = std::ldexp(double(on_grid(weights[k], grid)), grid.exponent);
                error += (double(first[std::ptrdiff_t(k)]) - rounded) * (double(first[std::ptrdiff_t(k)]) - rounded);
            }
        }
        if (error < least) {
            least = error;
            best = grid.exponent;
        }
        if (!shrunk) return rigid ? grid.exponent : best;
    }
    return best;
}

} // namespace detail

/// The bounds of all layers of a network on grids.
class SumBounds {
  public:
    /// spec: without batch normalisation. series: its input is one. Throws Error unless there are grids for each layer,
    /// and for a number of bits other than 16 and 24.
    SumBounds(const net::Spec& spec, const std::vector<nn::LayerGrids>& grids, bool series, int accumulator_bits) {
        fixed::check_accumulator_bits(accumulator_bits);
        if (grids.size() != spec.layers.size())
            throw Error(text("grids of ", grids.size(), " layers for a network of ", spec.layers.size()));
        const net::Shapes shapes = net::shapes(spec);
        std::int64_t heads = 0, of_trees = 0;
        for (std::size_t i = 0; i < grids.size(); ++i) {
            if (!net::is_output(spec, i)) continue;
            const net::Layer& layer = spec.layers[i];
            heads += !net::is_tree(layer);
            if (net::is_tree(layer)) of_trees += fixed::largest_tree_logit(layer);
        }
        for (std::size_t i = 0; i < grids.size(); ++i) {
            const net::Layer& layer = spec.layers[i];
            Bound bound{grids[i].weights, grids[i].biases};
            bound.rows = std::size_t(net::weight_rows(layer));
            bound.taps = net::kernel(layer, shapes.layers[i]).size();
            bound.largest_input = fixed::input_bound(spec, series, i);
            const int sum = exponent_of(grids, layer.input) + bound.weights.exponent;
            bound.bias_shift = grids[i].has_bias ? bound.biases.exponent - sum : 0;
            const bool adds_to_logits = net::is_output(spec, i) && !net::is_tree(layer);
            bound.limit = fixed::largest_sum;
            if (adds_to_logits) bound.limit = (fixed::largest_sum - of_trees) / heads;
            if (accumulator_bits == 16) {
                const int shift = net::is_output(spec, i) ? 0 : grids[i].own.exponent - sum;
                bound.limit = std::min(bound.limit, fixed::narrow_limit(shift));
            }
            bounds_.push_back(bound);
        }
    }

    /// Makes the weights and biases of a network that was recorded with the grids keep the bounds. Returns the number
    /// of outputs that were changed. Throws Error if the network has another number of layers.
    std::size_t keep(nn::Network& rounded) const {
        if (rounded.layers().size() != bounds_.size())
            throw Error(text("bounds of ", bounds_.size(), " layers for a network of ", rounded.layers().size()));
        std::size_t changed = 0;
        for (std::size_t i = 0; i < bounds_.size(); ++i) {
            const Bound& bound = bounds_[i];
            nn::Network::Layer& layer = rounded.layers()[i];
            if (bound.largest() <= bound.limit) continue; // no weights of these bits break it
            for (std::size_t row = 0; row < bound.rows; ++row)
                changed += bound.keep(std::span(layer.weights->value).subspan(row * bound.taps, bound.taps),
                                      layer.biases ? &layer.biases->value[row] : nullptr);
        }
        return changed;
    }

  private:
    struct Bound {
        autograd::Grid weights, biases;
        std::size_t rows = 0, taps = 0;
        std::int64_t largest_input = 0, limit = 0;
        int bias_shift = 0;

        /// What any weights and biases on the grids may add up to.
        std::int64_t largest() const {
            return largest_input * std::int64_t(taps) * std::int64_t(weights.high) +
                   (std::int64_t(-biases.low) << bias_shift);
        }
        bool keep(std::span<float> row, float* bias) const {
            std::int64_t own = bias ? std::abs(detail::on_grid(*bias, biases)) << bias_shift : 0;
            if (largest_input * detail::size_of(row, weights) + own <= limit) return false;
            if (own > limit / 2) {
                own = (limit / 2) >> bias_shift << bias_shift;
                *bias = std::copysign(std::ldexp(float(own >> bias_shift), biases.exponent), *bias);
            }
            detail::project(row, weights, detail::room_beside(own, limit, largest_input));
            return true;
        }
    };
    std::vector<Bound> bounds_;
};

/// An optimiser after each of whose steps the network keeps its bounds.
class BoundedOptimiser final : public nn::Optimiser {
  public:
    /// Network and bounds must outlive this.
    BoundedOptimiser(std::unique_ptr<nn::Optimiser> inner, nn::Network& network, const SumBounds& bounds)
        : inner_(std::move(inner)), network_(network), bounds_(bounds) {}
    BoundedOptimiser(std::unique_ptr<nn::Optimiser>, nn::Network&, const SumBounds&&) = delete;

    void step(double learning_rate) override {
        inner_->step(learning_rate);
        bounds_.keep(network_);
    }

  private:
    std::unique_ptr<nn::Optimiser> inner_;
    nn::Network& network_;
    const SumBounds& bounds_;
};

} // namespace tinysparse::quantise
