// SPDX-License-Identifier: Apache-2.0
// Pruning by magnitude, the baselines:
//   one-shot   trains, cuts once, trains on
//   gradual    the pruned share grows as s_t = s (1 - (1 - progress)^3); pruned weights stay 0
//                                                                          Zhu and Gupta 2017, equation 1
//   feedback   the same growth, but pruned weights keep learning from the gradient at the masked weights, and may
//              come back when the masks are chosen anew ("dynamic pruning with feedback")     Lin et al. 2020
// A budget cuts the whole network by the scores of layer-adaptive magnitude pruning (Lee et al. 2021),
//   score = w^2 / sum of v^2 over the weights v of the layer with |v| >= |w|,
// It never empties a layer. Threshold mode cuts below a number of standard deviations of each layer (Han et al. 2015).
#pragma once
#include "tinysparse/base/moments.hpp"
#include "tinysparse/base/sort.hpp"
#include "tinysparse/prune/pruner.hpp"

namespace tinysparse::prune {

/// When the masks are chosen; see the top of this file.
enum class MagnitudeSchedule : std::uint8_t { one_shot, gradual, feedback };

/// Settings of magnitude pruning.
struct MagnitudeOptions {
    MagnitudeSchedule schedule = MagnitudeSchedule::gradual;
    std::optional<double> keep;         ///< Share of weights at the end; without it the threshold decides.
    double threshold = 1.0;             ///< In standard deviations of the layer's weights as the phase begins.
    static constexpr int updates = 200; ///< Number of times that the masks are chosen in the phase.
};

/// Scores of one layer's weights by layer-adaptive magnitude, 0..1.
inline std::vector<float> layer_adaptive_scores(const std::vector<float>& weights) {
    std::vector<std::uint32_t> order(weights.size());
    std::iota(order.begin(), order.end(), 0u);
    sort_stably(order, [&](std::uint32_t a, std::uint32_t b) { return std::abs(weights[a]) > std::abs(weights[b]); });
    std::vector<float> scores(weights.size());
    double sum = 0;
    for (const std::uint32_t k : order) {
        const double squared = double(weights[k]) * double(weights[k]);
        sum += squared;
        scores[k] = sum > 0 ? float(squared / sum) : 0.0f;
    }
    return scores;
}

/// The ranking of a network by its layer-adaptive scores.
inline Ranking layer_adaptive_ranking(nn::Network& network) {
    Ranking ranking;
    for (const nn::Network::Layer& layer : network.layers())
        ranking.scores.push_back(layer_adaptive_scores(layer.weights->value));
    return ranking;
}

/// The method, with the schedule of its options.
class Magnitude final : public Pruner {
  public:
    /// Throws Error unless 0 < keep <= 1, if there is one.
    explicit Magnitude(const MagnitudeOptions& options) : options_(options) {
        if (options_.keep) detail::check_share(*options_.keep);
    }

    void record(nn::NetworkOptions& recording) override {
        if (options_.schedule != MagnitudeSchedule::feedback) return;
        recording.record_operation = [this](autograd::Graph& graph, const nn::LayerRecording& layer) {
            layer.weights.transform = [this, index = layer.layer](std::span<const float> value, std::span<float> used) {
                const bool masked = index < masks_.size();
                for (std::size_t k = 0; k < value.size(); ++k)
                    used[k] = masked && !masks_[index].weights[k] ? 0.0f : value[k];
            };
            nn::record_plain(graph, layer);
        };
    }
    void attach(nn::Network& network) override {
        Pruner::attach(network);
        masks_ = all_kept(network.spec());
        for (const nn::Network::Layer& layer : network.layers()) deviations_.push_back(deviation(layer.weights->value));
    }
    void begin(double progress, std::uint64_t) override {
        if (options_.schedule == MagnitudeSchedule::one_shot) return;
        const int update = int(progress * options_.updates);
        if (update == update_) return;
        update_ = update;
        grown_ = 1 - std::pow(1 - progress, 3);
        masks_ = decide(network().spec(), rank(), share());
        if (options_.schedule == MagnitudeSchedule::gradual) apply_masks(masks_, network());
    }
    void updated() override {
        if (options_.schedule == MagnitudeSchedule::gradual) apply_masks(masks_, network());
    }
    Ranking rank() const override {
        if (options_.keep) return layer_adaptive_ranking(network());
        Ranking ranking;
        for (std::size_t i = 0; i < network().layers().size(); ++i) {
            const std::vector<float>& weights = network().layers()[i].weights->value;
            ranking.scores.emplace_back();
            for (const float weight : weights) ranking.scores.back().push_back(std::abs(weight));
            ranking.thresholds.push_back({float(options_.threshold * grown_ * deviations_[i])});
        }
        return ranking;
    }
    Masks current() const override { return masks_; }
    /// Share of all weights that stay at this point of the schedule; nothing in threshold mode.
    std::optional<double> share() const {
        if (!options_.keep) return std::nullopt;
        return 1 - (1 - *options_.keep) * grown_;
    }

  private:
    static double deviation(const std::vector<float>& weights) {
        Moments moments;
        for (const float weight : weights) moments.add(double(weight));
        return std::sqrt(moments.variance());
    }

    MagnitudeOptions options_;
    Masks masks_;
    std::vector<double> deviations_;
    int update_ = -1;
    double grown_ = 1; ///< Share of the final sparsity reached so far.
};

} // namespace tinysparse::prune
