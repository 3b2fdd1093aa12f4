// SPDX-License-Identifier: Apache-2.0
// Sparse variational dropout (Molchanov, Ashukha, Vetrov 2017): every weight has a posterior N(theta, sigma^2) under a
// log-uniform prior; the evidence lower bound drives most of them to pure noise,
//   loss = cross-entropy + strength * warm-up * sum over weights of KL(log alpha) / samples,
//   log alpha = log sigma^2 - log theta^2,
// and weights with log alpha > 3 are pruned. As in the paper's experiments the KL term is warmed up linearly and log
// alpha is clipped to -8..8 in it.
#pragma once
#include "tinysparse/autograd/variational.hpp"
#include "tinysparse/prune/kl.hpp"
#include "tinysparse/prune/pruner.hpp"

namespace tinysparse::prune {

/// Settings of sparse variational dropout.
struct SparseVdOptions {
    std::size_t samples = 1;  ///< Number of training samples: the likelihood sums over them, the loss is their mean.
    double strength = 1;      ///< 1 is the evidence lower bound.
    double warm_up = 0.2;     ///< Share of the phase over which the KL term grows from 0.
    double threshold = 3;     ///< Largest log alpha of weights that stay.
    double log_variance = -8; ///< Initial value for every weight.
    static constexpr float variance_rate = 1; ///< Learning rate of log sigma^2 relative to that of theta.
    std::uint64_t seed = 1;                   ///< Seed of the noise.
};

/// The method; it prunes single weights.
class SparseVd final : public Pruner {
  public:
    /// options: not checked here; prune::check() does that.
    explicit SparseVd(const SparseVdOptions& options) : options_(options) {}

    void record(nn::NetworkOptions& recording) override {
        log_variances_.clear();
        operations_.clear();
        recording.record_operation = [this](autograd::Graph& graph, const nn::LayerRecording& layer) {
            autograd::Parameter& log_variance =
                graph.parameter(text("log variances of layer ", layer.layer + 1), layer.weights.value.size());
            std::fill(log_variance.value.begin(), log_variance.value.end(), float(options_.log_variance));
            log_variance.rate_scale = options_.variance_rate;
            autograd::read_as_exponential(log_variance);
            log_variances_.push_back(&log_variance);
            const autograd::WeightPosterior weights{
                layer.weights, log_variance, layer.biases, {options_.seed, std::uint32_t(layer.layer)}};
            operations_.push_back(
                &graph.record<autograd::Variational>(layer.x, weights, layer.form, layer.y, layer.relu));
        };
    }
    void begin(double progress, std::uint64_t step) override {
        weight_ = options_.strength / double(options_.samples) *
                  (options_.warm_up > 0 ? std::min(1.0, progress / options_.warm_up) : 1.0);
        for (autograd::Variational* operation : operations_) operation->set_step(step);
    }
    void add_to_loss() override {
        using tensor::Lane, tensor::LaneArgument;
        const float weight = float(weight_), clip = float(kl_clip);
        for (std::size_t i = 0; i < log_variances_.size(); ++i)
            add_penalty_gradient(*network().layers()[i].weights, *log_variances_[i],
                                 [=](LaneArgument theta, LaneArgument log_variance, LaneArgument variance) {
                                     const Lane squared = theta * theta + float(kl_tiny);
                                     const Lane log_alpha = log_variance - tensor::logarithm(squared);
                                     const Lane slope = weight * kl_log_uniform_slope(log_alpha, variance, squared);
                                     const Lane clipped =
                                         tensor::select((log_alpha > -clip) & (log_alpha < clip), slope, Lane{});
                                     return slopes_of_log_alpha(clipped, theta, squared);
                                 });
    }
    double penalty() const override {
        double sum = 0;
        for_log_alpha([&](std::size_t, float log_alpha) {
            sum += kl_log_uniform(std::clamp(double(log_alpha), -kl_clip, kl_clip));
        });
        return weight_ * sum;
    }
    /// Weights are scored by -log alpha.
    Ranking rank() const override {
        Ranking ranking;
        ranking.scores.resize(log_variances_.size());
        ranking.thresholds.assign(log_variances_.size(), {-float(options_.threshold)});
        for_log_alpha([&](std::size_t layer, float value) { ranking.scores[layer].push_back(-value); });
        return ranking;
    }

  private:
    template <class Body> void for_log_alpha(Body body) const {
        for (std::size_t i = 0; i < log_variances_.size(); ++i) {
            const std::vector<float>&theta = network().layers()[i].weights->value,
                  &log_sigma = log_variances_[i]->value;
            for (std::size_t k = 0; k < theta.size(); ++k)
                body(i, log_sigma[k] - std::log(theta[k] * theta[k] + float(kl_tiny)));
        }
    }

    SparseVdOptions options_;
    std::vector<autograd::Parameter*> log_variances_;
    std::vector<autograd::Variational*> operations_;
    double weight_ = 0;
};

} // namespace tinysparse::prune
