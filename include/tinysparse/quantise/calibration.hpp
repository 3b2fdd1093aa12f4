// SPDX-License-Identifier: Apache-2.0
// Calibration: chooses the power-of-two grids of every layer from its weights and from its activations on training
// samples, with the least squared rounding error.
#pragma once
#include <array>

#include "tinysparse/net/averaging.hpp"
#include "tinysparse/nn/loader.hpp"
#include "tinysparse/quantise/accumulator.hpp"
#include "tinysparse/quantise/equalisation.hpp"

namespace tinysparse::quantise {

/// The Spec without batch normalisation, for folded weights.
inline net::Spec folded_spec(net::Spec spec) {
    for (net::Layer& layer : spec.layers) layer.batch_normalisation = false;
    return spec;
}

/// What the choice of grids looks at and must obey.
struct CalibrationOptions {
    std::size_t samples = 512; ///< Training samples that are looked at.
    int accumulator_bits = 24; ///< Sums of the device must fit them: 16 or 24, see quantise/accumulator.hpp.
    bool keeps_first = false;  ///< The first layer's weights keep their proportions.
};

/// Puts folded weights into a network that was recorded for them. Throws Error as fixed::check_floats() does.
inline void set_parameters(nn::Network& network, const std::vector<fixed::FloatLayer>& layers) {
    fixed::check_floats(network.spec(), layers);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        network.layers()[i].weights->value = layers[i].weights;
        if (autograd::Parameter* biases = network.layers()[i].biases)
            biases->value = layers[i].biases.empty() ? std::vector<float>(biases->value.size()) : layers[i].biases;
    }
}

namespace detail {

/// Activations by size: their number and sum of squares in bins 2^(1/8) wide, enough to compare clipping levels.
class Magnitudes {
  public:
    void add(float value) {
        const double size = std::abs(double(value));
        largest_ = std::max(largest_, size);
        if (size > 0) bins_[std::size_t(std::clamp(int(std::floor(8 * std::log2(size))) + offset, 0, 511))] += 1;
        ++count_;
    }
    /// Expected squared error if values are rounded to `step` and clipped above `limit` steps.
    double error(double step, double limit) const {
        double clipped = 0;
        for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
            const double excess = std::exp2((double(bin) - offset + 0.5) / 8) - limit * step;
            if (bins_[bin] > 0 && excess > 0) clipped += bins_[bin] * excess * excess;
        }
        return clipped + double(count_) * step * step / 12;
    }
    /// The exponent with the least error for integers up to `limit`.
    int best_exponent(double limit) const {
        if (largest_ == 0) return 0;
        const int widest = int(std::ceil(std::log2(largest_ / (limit + 0.5))));
        int best = widest;
        for (int exponent = widest - 1; exponent > widest - 4; --exponent)
            if (error(std::exp2(exponent), limit) < error(std::exp2(best), limit)) best = exponent;
        return best;
    }

  private:
    static constexpr int offset = 256;
    std::array<double, 512> bins_{};
    double largest_ = 0;
    std::size_t count_ = 0;
};

inline void observe(const autograd::Graph& graph, const autograd::Variable& variable, Magnitudes& magnitudes) {
    for (std::size_t i = 0; i < graph.samples(); ++i)
        tensor::for_rows(variable.shape, [&](int c, int y) {
            const tensor::Lane* row = variable.value.group(i / tensor::lane_samples).row(c, y);
            for (int p = 0; p < variable.shape.width; ++p) magnitudes.add(row[p][i % tensor::lane_samples]);
        });
}

/// The exponent of the smallest power-of-two step in which `largest` is at most `limit` steps.
inline int fitting_exponent(double largest, double limit) {
    return largest > 0 ? int(std::ceil(std::log2(largest / limit))) : -30;
}

/// Observations of one layer.
struct Observed {
    std::int64_t largest_input = 127, largest_sum = fixed::largest_sum; ///< Bounds of its integer inputs and sums.
    bool rigid = false;                                                 ///< Its weights keep their proportions.
    int input_exponent = 0, residual_exponent = 0; ///< Exponents of its input, and of its residual, if any.
    Magnitudes own, summed;                        ///< Activations of its operation, and of the sum with a residual.
    double largest_score = 0;                      ///< Largest W z; used by a tree.
};

/// The grid of W z of a tree: 13 bits.
inline autograd::Grid score_grid(int exponent) {
    return {exponent, -autograd::tree_score_limit, autograd::tree_score_limit - 1};
}

/// The largest |W z| of the batch.
inline double largest_score(const autograd::Graph& graph, const net::Layer& tree, const autograd::Variable& sums) {
    float largest = 0;
    for (int k = 0; k < net::tree::nodes(tree.tree_depth); ++k)
        for (int c = 0; c < tree.outputs; ++c)
            for (std::size_t s = 0; s < graph.samples(); ++s) {
                const int row = net::tree::first_score(tree.tree_depth, tree.outputs, k) + c;
                const tensor::Lane& sum = *sums.value.group(s / tensor::lane_samples).row(row, 0);
                largest = std::max(largest, std::abs(sum[s % tensor::lane_samples]));
            }
    return double(largest);
}

/// Sets the grids of a tree, whose shifts are 1..14 like those of other layers. Its weights have steps so small that
/// the sums are finer than the argument of tanh. A quarter of room stays above the largest score: training goes on.
inline void set_tree_grids(const Observed& observed, nn::LayerGrids& grids) {
    const int finest = autograd::tree_tanh_exponent - fixed::largest_shift - observed.input_exponent;
    grids.weights.exponent =
        std::clamp(grids.weights.exponent, finest, autograd::tree_tanh_exponent - 1 - observed.input_exponent);
    const int sum_exponent = observed.input_exponent + grids.weights.exponent;
    const int wanted = fitting_exponent(1.25 * observed.largest_score, autograd::tree_score_limit - 1);
    grids.own = score_grid(std::clamp(wanted, sum_exponent + 1, sum_exponent + fixed::largest_shift));
}

/// Grids of one layer. head: true if it gives logits.
inline nn::LayerGrids layer_grids(const net::Layer& spec, const fixed::FloatLayer& layer, const Observed& observed,
                                  bool head) {
    nn::LayerGrids grids;
    const double limit = fixed::weight_limit(spec.bits);
    const double step = best_step(layer.weights, limit);
    grids.weights = {step > 0 ? int(std::lround(std::log2(step))) : 0, float(-limit), float(limit)};
    grids.weights.exponent =
        bounded_exponent(layer, std::size_t(net::weight_rows(spec)), grids.weights, observed.input_exponent,
                         observed.largest_sum, observed.largest_input, observed.rigid);
    const int sum_exponent = observed.input_exponent + grids.weights.exponent;
    grids.has_bias = !layer.biases.empty();
    if (grids.has_bias) {
        // A quarter of room is left above the largest bias, since training goes on; never finer than the accumulator.
        const double largest_bias = 1.25 * double(largest(layer.biases, 0, layer.biases.size()));
        grids.biases = {std::max(sum_exponent, fitting_exponent(largest_bias, 127)), -127, 127};
    }
    if (net::is_tree(spec)) set_tree_grids(observed, grids);
    if (head) return grids;
    const bool adds = spec.residual != net::none, relu = spec.activation == net::Activation::relu;
    const float low = relu ? 0.0f : -128.0f;
    // Shifts of the device are 1..14. A sum has the coarser exponent of its two sides, so the layer's own side leaves
    // room for it.
    const int wanted = adds ? std::max(observed.own.best_exponent(127), observed.summed.best_exponent(127))
                            : observed.own.best_exponent(127);
    grids.own = {std::clamp(wanted, sum_exponent + 1, sum_exponent + 14), adds ? -128.0f : low, 127};
    grids.output = {adds ? std::max(grids.own.exponent, observed.residual_exponent) : grids.own.exponent, low, 127};
    return grids;
}

/// Records the activations of every layer after the forward pass of a batch.
inline void observe(const net::Spec& spec, nn::Network& network, std::vector<Observed>& observed) {
    for (std::size_t i = 0; i < observed.size(); ++i) {
        const bool adds = spec.layers[i].residual != net::none;
        const nn::Network::Layer& layer = network.layers()[i];
        if (net::is_tree(spec.layers[i]))
            observed[i].largest_score =
                std::max(observed[i].largest_score, largest_score(network.graph(), spec.layers[i], *layer.operation));
        observe(network.graph(), adds ? *layer.operation : *layer.activation, observed[i].own);
        if (adds) observe(network.graph(), *layer.activation, observed[i].summed);
    }
}

} // namespace detail

/// Grids for all layers of a folded and equalised network. Throws Error if the set is not whole or has another shape
/// than the network, as fixed::check_floats() does, and for accumulators of other than 16 and 24 bits.
inline std::vector<nn::LayerGrids> calibrate(const net::Spec& spec, const std::vector<fixed::FloatLayer>& layers,
                                             const data::Dataset& set, Team& team,
                                             const CalibrationOptions& options = {}) {
    fixed::check_accumulator_bits(options.accumulator_bits);
    nn::Network network(folded_spec(spec), {.batch = 64});
    set_parameters(network, layers);
    std::vector<detail::Observed> observed(layers.size());
    nn::Loader loader(set, spec);
    std::vector<std::uint32_t> order(set.train.samples);
    std::iota(order.begin(), order.end(), 0u);
    Random(0, "calibration").shuffle(std::span(order));
    order.resize(std::min(options.samples, order.size()));
    for (std::size_t first = 0; first < order.size(); first += 64) {
        loader.load(set.train, std::span(order).subspan(first, std::min<std::size_t>(64, order.size() - first)),
                    network);
        network.graph().forward(autograd::Mode::evaluation, team);
        detail::observe(spec, network, observed);
    }
    std::vector<nn::LayerGrids> grids;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const net::Layer& layer = spec.layers[i];
        observed[i].input_exponent = exponent_of(grids, layer.input);
        if (layer.residual != net::none) observed[i].residual_exponent = exponent_of(grids, layer.residual);
        observed[i].largest_input = fixed::input_bound(spec, set.is_series(), i);
        if (options.accumulator_bits == 16) observed[i].largest_sum = fixed::narrow_limit(0);
        observed[i].rigid = i == 0 && options.keeps_first;
        grids.push_back(detail::layer_grids(layer, layers[i], observed[i], net::is_output(spec, i)));
        if (layer.pooling == net::Pooling::average) {
            const net::Averaging average = net::averaging(layer.pool_height * layer.pool_width);
            grids.back().average = {grids.back().output.exponent, average.multiplier, average.shift};
        }
    }
    // Heads add into one set of logits: the finest exponent that fits the weights of all heads is the coarsest of
    // theirs.
    int logits_exponent = -1000;
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (net::is_output(spec, i))
            logits_exponent =
                std::max(logits_exponent, exponent_of(grids, spec.layers[i].input) + grids[i].weights.exponent);
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (net::is_output(spec, i)) {
            grids[i].weights.exponent = logits_exponent - exponent_of(grids, spec.layers[i].input);
            grids[i].biases.exponent = std::max(grids[i].biases.exponent, logits_exponent);
        }
    return grids;
}

} // namespace tinysparse::quantise
