// SPDX-License-Identifier: Apache-2.0
// Bayesian compression (Louizos, Ullrich, Welling 2017): weights w = z_g v, where every v ~ N(mu, sigma^2) is its own
// and the scale z_g is shared by a group: an output channel of a convolution, or an input of a dense layer. The prior
// of v is N(0, 1); the priors of z are in prune/scale_prior.hpp. A group is pruned if the score of its scale is low:
// log alpha is large, or, with the horseshoe, the mode of z, exp(mean - variance), is small. The posterior's variances
// tell how many bits the remaining weights need.
//
// Departures: a channel's bias is scaled with its weights, so that it is pruned with them; the factors of the horseshoe
// that a layer shares are drawn for each group separately.
#pragma once
#include <memory>

#include "tinysparse/autograd/element_scale.hpp"
#include "tinysparse/autograd/variational.hpp"
#include "tinysparse/prune/pruner.hpp"
#include "tinysparse/prune/scale_prior.hpp"

namespace tinysparse::prune {

/// Settings of Bayesian compression.
struct BayesianOptions {
    std::shared_ptr<const ScalePrior> prior = std::make_shared<NormalJeffreys>();
    std::size_t samples = 1; ///< Number of training samples.
    double strength = 1;
    double warm_up = 0.3;                                  ///< Share of the phase over which the penalty grows from 0.
    double threshold = 0;                                  ///< Groups stay if their score is above minus this.
    double log_variance = -9, log_variance_of_scales = -9; ///< Initial values.
    static constexpr float variance_rate = 10; ///< Learning rate of logarithms of variances relative to that of means.
    /// Learning-rate factor for all parameters of the normal scale of a dense layer's input. Such a scale gets little
    /// gradient, whose noise hides the pull of the prior, so at the rate of means it would need thousands of steps
    /// more. Scales of channels, which count at every position, keep up at that rate.
    static constexpr float input_scale_rate = 10;
    std::uint64_t seed = 1;
};

/// The method with the prior of its options: normal-Jeffreys or horseshoe.
class Bayesian final : public Pruner {
  public:
    /// options: not checked here; prune::check() does that.
    explicit Bayesian(const BayesianOptions& options) : options_(options) {}

    void record(nn::NetworkOptions& recording) override {
        parts_.clear();
        recording.record_operation = [this](autograd::Graph& graph, const nn::LayerRecording& layer) {
            record_layer(graph, layer);
        };
    }
    void begin(double progress, std::uint64_t step) override {
        weight_ = options_.strength / double(options_.samples) *
                  (options_.warm_up > 0 ? std::min(1.0, progress / options_.warm_up) : 1.0);
        for (const Part& part : parts_) {
            part.weights->set_step(step);
            if (part.inputs) part.inputs->set_step(step);
        }
    }
    void add_to_loss() override {
        using tensor::LaneArgument;
        const float weight = float(weight_);
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            add_penalty_gradient(*network().layers()[i].weights, *parts_[i].log_variance,
                                 [=](LaneArgument mean, LaneArgument, LaneArgument variance) {
                                     return weight * kl_normal_slopes(mean, variance);
                                 });
            options_.prior->add_kl_gradient(parts_[i].scales, weight);
        }
    }
    double penalty() const override {
        double sum = 0;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const std::vector<float>&mean = network().layers()[i].weights->value, &log = parts_[i].log_variance->value;
            for (std::size_t k = 0; k < mean.size(); ++k) sum += kl_normal(double(mean[k]), std::exp(double(log[k])));
            sum += options_.prior->kl(parts_[i].scales);
        }
        return weight_ * sum;
    }
    /// Ranks the groups by the score of their prior.
    Ranking rank() const override {
        const net::Spec& spec = network().spec();
        const std::vector<std::uint8_t> fixed = ChannelClasses(spec).fixed();
        const ChannelClasses classes(spec);
        Ranking ranking;
        ranking.group_threshold = -options_.threshold;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const Part& part = parts_[i];
            const bool inputs = part.inputs != nullptr;
            for (std::size_t g = 0; g < part.scales.groups(); ++g) {
                if (!inputs && fixed[classes.of(i, g)] && net::is_output(spec, i)) continue;
                ranking.groups.push_back({options_.prior->score(part.scales, g),
                                          {{i, inputs ? GroupMember::Side::input : GroupMember::Side::output, g}}});
            }
        }
        return ranking;
    }
    /// Writes theta = E[z] mu.
    void finish(nn::Network& plain) const override {
        copy_parameters(network(), plain);
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            std::vector<float>& weights = plain.layers()[i].weights->value;
            for (std::size_t k = 0; k < weights.size(); ++k)
                weights[k] *= parts_[i].scales.expected(group_of(parts_[i], k, weights.size()));
            std::vector<float> none;
            std::vector<float>& biases = plain.layers()[i].biases ? plain.layers()[i].biases->value : none;
            if (!parts_[i].inputs)
                for (std::size_t c = 0; c < biases.size(); ++c) biases[c] *= parts_[i].scales.expected(c);
        }
    }
    /// The fewest bits whose rounding adds no more variance than the posterior has, on average over the remaining
    /// weights of a layer: a step of sqrt(12 variance) over +-(the largest weight); 2..16.
    std::vector<int> bits(const Masks& masks) const override {
        std::vector<int> result;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const std::vector<float>& mean = network().layers()[i].weights->value;
            double variance = 0, largest = 0, count = 0;
            for (std::size_t k = 0; k < mean.size(); ++k) {
                if (!masks[i].weights[k]) continue;
                const std::size_t g = group_of(parts_[i], k, mean.size());
                const double z = double(parts_[i].scales.expected(g));
                const double z_variance = parts_[i].scales.variance_of_scale(g);
                const double own = std::exp(double(parts_[i].log_variance->value[k])), m = double(mean[k]);
                variance += z_variance * (own + m * m) + own * z * z;
                largest = std::max(largest, std::abs(z * m));
                ++count;
            }
            const double step = std::sqrt(12 * variance / std::max(1.0, count));
            const double levels = step > 0 ? 2 * largest / step + 1 : 1;
            result.push_back(int(std::clamp(std::ceil(std::log2(std::max(1.0, levels))), 2.0, 16.0)));
        }
        return result;
    }

  private:
    /// The parameters that one layer was recorded with.
    struct Part {
        autograd::Variational* weights;
        autograd::ElementScale* inputs; ///< Null if the groups are channels: `weights` then has their scales.
        autograd::Parameter* log_variance;
        autograd::ScalePosterior scales;
    };

    void record_layer(autograd::Graph& graph, const nn::LayerRecording& layer) {
        const bool dense = layer.form.kind == autograd::LinearForm::Kind::dense;
        const std::uint32_t index = std::uint32_t(layer.layer);
        const std::size_t groups = dense ? layer.x.shape.size() : std::size_t(layer.y.shape.channels);
        autograd::Parameter& log_variance =
            graph.parameter(text("log variances of layer ", index + 1), layer.weights.value.size());
        std::fill(log_variance.value.begin(), log_variance.value.end(), float(options_.log_variance));
        log_variance.rate_scale = options_.variance_rate;
        autograd::read_as_exponential(log_variance);
        const autograd::ScaleKind kind = options_.prior->kind();
        autograd::ScalePosterior scales(
            graph.parameter(text("scales of layer ", index + 1), autograd::scale_parameters(groups, kind)), groups,
            kind);
        if (dense && scales.is_normal()) scales.parameter().rate_scale = options_.input_scale_rate;
        scales.begin_at_one(float(options_.log_variance_of_scales));
        const autograd::NoiseOptions own{options_.seed, 2 * index}, of_scale{options_.seed, 2 * index + 1};
        autograd::Variable* x = &layer.x;
        autograd::ElementScale* inputs = nullptr;
        if (dense) { // The scales need the gradient of what they scale, even if that is the picture.
            x = &graph.variable(layer.x.shape);
            inputs = &graph.record<autograd::ElementScale>(layer.x, scales, of_scale, *x);
        }
        const autograd::ChannelScales channels{scales, of_scale};
        autograd::Variational& weights = graph.record<autograd::Variational>(
            *x, autograd::WeightPosterior{layer.weights, log_variance, layer.biases, own, dense ? nullptr : &channels},
            layer.form, layer.y, layer.relu);
        parts_.push_back({&weights, inputs, &log_variance, scales});
    }

    std::size_t group_of(const Part& part, std::size_t weight, std::size_t weights) const {
        return part.inputs ? weight % part.scales.groups() : weight / (weights / part.scales.groups());
    }

    BayesianOptions options_;
    std::vector<Part> parts_;
    double weight_ = 0;
};

} // namespace tinysparse::prune
