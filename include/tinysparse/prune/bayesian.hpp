// SPDX-License-Identifier: Apache-2.0
// Bayesian compression (Louizos, Ullrich, Welling 2017): weights w = z_g v, with v ~ N(mu, sigma^2) of their own and a
// scale z_g that a whole group shares: an output channel of a convolution, an input of a dense layer. The prior of v is
// N(0, 1); that of z
//   normal-Jeffreys  p(z) ~ 1/|z|, q(z) = N(mu_z, mu_z^2 alpha): the KL of sparse variational dropout (section 4.1)
//   horseshoe        z = s z', both half-Cauchy, log-normal posteriors of their factors (section 4.2)
// A group leaves where log alpha is large; with the horseshoe, where the mode of z, exp(mean - variance), is small.
// The posterior's variances say how many bits the remaining weights deserve.
//
// Departures: a channel's bias is scaled with its weights, so that it leaves with them; the factors of the horseshoe
// that a layer shares are drawn for each group alone.
#pragma once
#include "tinysparse/autograd/element_scale.hpp"
#include "tinysparse/autograd/variational.hpp"
#include "tinysparse/prune/kl.hpp"
#include "tinysparse/prune/pruner.hpp"

namespace tinysparse::prune {

enum class GroupPrior : std::uint8_t { normal_jeffreys, horseshoe };

struct BayesianOptions {
    GroupPrior prior = GroupPrior::normal_jeffreys;
    std::size_t samples = 1; ///< Of the training set.
    double strength = 1;
    double warm_up = 0.3; ///< Share of the phase over which the penalty grows from 0.
    /// Groups stay while log alpha is below, or while the log mode of a horseshoe's z is above minus this.
    double threshold = 0;
    double log_variance = -9, log_variance_of_scales = -9; ///< At first.
    double horseshoe_scale = 1e-5;                         ///< tau_0: how strongly a layer's scale is pulled to 0.
    float variance_rate = 10; ///< Learning rate of logarithms of variances over that of means.
    std::uint64_t seed = 1;
};

class Bayesian final : public Pruner {
  public:
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
        const float weight = float(weight_);
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            autograd::Parameter &mean = *network().layers()[i].weights, &log_variance = *parts_[i].log_variance;
            const std::span<const float> variance = log_variance.used();
            for (std::size_t k = 0; k < mean.value.size(); ++k) {
                mean.gradient[k] += weight * mean.value[k];
                log_variance.gradient[k] = log_variance.gradient[k] * variance[k] + weight * 0.5f * (variance[k] - 1);
            }
            add_scale_gradient(parts_[i], weight);
        }
    }
    double penalty() const override {
        double sum = 0;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const std::vector<float>&mean = network().layers()[i].weights->value, &log = parts_[i].log_variance->value;
            for (std::size_t k = 0; k < mean.size(); ++k) sum += kl_normal(double(mean[k]), std::exp(double(log[k])));
            sum += scale_penalty(parts_[i]);
        }
        return weight_ * sum;
    }
    /// Groups scored by -log alpha, or by the log mode of z.
    Ranking rank() const override {
        const net::Spec& spec = network().spec();
        const std::vector<std::uint8_t> fixed = ChannelClasses(spec).fixed();
        const ChannelClasses classes(spec);
        Ranking ranking;
        ranking.group_threshold = -options_.threshold;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const Part& part = parts_[i];
            const bool inputs = part.inputs != nullptr;
            for (std::size_t g = 0; g < part.groups; ++g) {
                if (!inputs && fixed[classes.of(i, g)] && net::is_output(spec, i)) continue;
                ranking.groups.push_back(
                    {score(part, g), {{i, inputs ? GroupMember::Side::input : GroupMember::Side::output, g}}});
            }
        }
        return ranking;
    }
    /// theta = E[z] mu.
    void finish(nn::Network& plain) const override {
        copy_parameters(network(), plain);
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            std::vector<float>& weights = plain.layers()[i].weights->value;
            for (std::size_t k = 0; k < weights.size(); ++k)
                weights[k] *= expected(parts_[i], group_of(parts_[i], k, weights.size()));
            std::vector<float> none;
            std::vector<float>& biases = plain.layers()[i].biases ? plain.layers()[i].biases->value : none;
            if (!parts_[i].inputs)
                for (std::size_t c = 0; c < biases.size(); ++c) biases[c] *= expected(parts_[i], c);
        }
    }
    /// The fewest bits whose rounding adds no more variance than the posterior has, on average over the weights of a
    /// layer that stay: a step of sqrt(12 variance) over +-(the largest weight); 2..16.
    std::vector<int> bits(const Masks& masks) const override {
        std::vector<int> result;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const std::vector<float>& mean = network().layers()[i].weights->value;
            double variance = 0, largest = 0, count = 0;
            for (std::size_t k = 0; k < mean.size(); ++k) {
                if (!masks[i].weights[k]) continue;
                const std::size_t g = group_of(parts_[i], k, mean.size());
                const double z = double(expected(parts_[i], g)), z_variance = variance_of_scale(parts_[i], g);
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
    /// What one layer became.
    struct Part {
        autograd::Variational* weights = nullptr;
        autograd::ElementScale* inputs = nullptr; ///< Null where the groups are channels: `weights` has their scales.
        autograd::Parameter *log_variance = nullptr, *scales = nullptr;
        std::size_t groups = 0;
    };

    autograd::ScaleKind kind() const {
        return options_.prior == GroupPrior::normal_jeffreys ? autograd::ScaleKind::normal
                                                             : autograd::ScaleKind::log_normal;
    }

    void record_layer(autograd::Graph& graph, const nn::LayerRecording& layer) {
        const bool dense = layer.form.kind == autograd::LinearForm::Kind::dense;
        const std::uint32_t index = std::uint32_t(layer.layer);
        Part part;
        part.groups = dense ? layer.x.shape.size() : std::size_t(layer.y.shape.channels);
        part.log_variance = &graph.parameter(text("log variances of layer ", index + 1), layer.weights.value.size());
        std::fill(part.log_variance->value.begin(), part.log_variance->value.end(), float(options_.log_variance));
        autograd::read_as_exponential(*part.log_variance);
        part.scales =
            &graph.parameter(text("scales of layer ", index + 1), autograd::scale_parameters(part.groups, kind()));
        initialise(*part.scales, part.groups);
        part.log_variance->rate_scale = options_.variance_rate;
        const autograd::NoiseOptions own{options_.seed, 2 * index}, of_scale{options_.seed, 2 * index + 1};
        autograd::Variable* x = &layer.x;
        if (dense) { // The scales need the gradient of what they scale, the picture's too.
            x = &graph.variable(layer.x.shape);
            part.inputs = &graph.record<autograd::ElementScale>(layer.x, *part.scales, kind(), of_scale, *x);
        }
        const autograd::ChannelScales channels{*part.scales, kind(), of_scale};
        part.weights = &graph.record<autograd::Variational>(*x,
                                                            autograd::WeightPosterior{layer.weights, *part.log_variance,
                                                                                      layer.biases, own,
                                                                                      dense ? nullptr : &channels},
                                                            layer.form, layer.y, layer.relu);
        parts_.push_back(part);
    }
    /// Scales begin at 1, nearly certain.
    void initialise(autograd::Parameter& scales, std::size_t groups) const {
        std::vector<float>& p = scales.value;
        const float log = float(options_.log_variance_of_scales);
        if (options_.prior == GroupPrior::normal_jeffreys) {
            std::fill_n(p.begin(), groups, 1.0f);
            std::fill_n(p.begin() + std::ptrdiff_t(groups), groups, log);
            return;
        }
        std::fill(p.begin(), p.end(), 0.0f);
        std::fill_n(p.begin() + std::ptrdiff_t(2 * groups), 2 * groups, log);
        p[4 * groups + 2] = p[4 * groups + 3] = log;
    }

    std::size_t group_of(const Part& part, std::size_t weight, std::size_t weights) const {
        return part.inputs ? weight % part.groups : weight / (weights / part.groups);
    }
    /// Mean and variance of the logarithm of a horseshoe's z.
    std::pair<double, double> log_moments(const Part& part, std::size_t g) const {
        const std::vector<float>& p = part.scales->value;
        const std::size_t n = part.groups;
        const auto e = [&](std::size_t k) { return std::exp(double(p[k])); };
        return {0.5 * double(p[g] + p[n + g] + p[4 * n] + p[4 * n + 1]),
                0.25 * (e(2 * n + g) + e(3 * n + g) + e(4 * n + 2) + e(4 * n + 3))};
    }
    float expected(const Part& part, std::size_t g) const {
        if (options_.prior == GroupPrior::normal_jeffreys) return part.scales->value[g];
        const auto [mean, variance] = log_moments(part, g);
        return float(std::exp(mean + variance / 2));
    }
    double variance_of_scale(const Part& part, std::size_t g) const {
        if (options_.prior == GroupPrior::normal_jeffreys) return std::exp(double(part.scales->value[part.groups + g]));
        const auto [mean, variance] = log_moments(part, g);
        return (std::exp(variance) - 1) * std::exp(2 * mean + variance);
    }
    double score(const Part& part, std::size_t g) const {
        if (options_.prior == GroupPrior::horseshoe) {
            const auto [mean, variance] = log_moments(part, g);
            return mean - variance;
        }
        const double mean = double(part.scales->value[g]);
        return std::log(mean * mean + tiny) - double(part.scales->value[part.groups + g]);
    }

    double scale_penalty(const Part& part) const {
        const std::vector<float>& p = part.scales->value;
        const std::size_t n = part.groups;
        double sum = 0;
        if (options_.prior == GroupPrior::normal_jeffreys) {
            for (std::size_t g = 0; g < n; ++g) sum += kl_log_uniform(std::clamp(-score(part, g), -clip, clip));
            return sum;
        }
        const auto e = [&](std::size_t k) { return std::exp(double(p[k])); };
        for (std::size_t g = 0; g < n; ++g)
            sum += kl_gamma(double(p[g]), e(2 * n + g), 1) + kl_inverse_gamma(double(p[n + g]), e(3 * n + g));
        return sum + kl_gamma(double(p[4 * n]), e(4 * n + 2), layer_scale()) +
               kl_inverse_gamma(double(p[4 * n + 1]), e(4 * n + 3));
    }
    double layer_scale() const { return options_.horseshoe_scale * options_.horseshoe_scale; }

    void add_scale_gradient(const Part& part, float weight) const {
        const std::vector<float>& p = part.scales->value;
        std::vector<float>& gradient = part.scales->gradient;
        const std::size_t n = part.groups;
        if (options_.prior == GroupPrior::normal_jeffreys) {
            for (std::size_t g = 0; g < n; ++g) {
                const double mean = double(p[g]), squared = mean * mean + tiny;
                const double variance = std::exp(double(p[n + g])), log_alpha = std::log(variance / squared);
                if (std::abs(log_alpha) > clip) continue;
                const double s = 1 / (1 + std::exp(-kl_k2 - kl_k3 * log_alpha));
                const double slope = -kl_k1 * kl_k3 * s * (1 - s) - 0.5 * squared / (squared + variance);
                gradient[g] -= float(double(weight) * slope * 2 * mean / squared);
                gradient[n + g] += float(double(weight) * slope);
            }
            return;
        }
        const auto add_gamma = [&](std::size_t mean, std::size_t log, double scale) {
            const double v = std::exp(double(p[log])), e = std::exp(double(p[mean]) + v / 2) / scale;
            gradient[mean] += float(double(weight) * (e - 0.5));
            gradient[log] += float(double(weight) * (0.5 * e * v - 0.5));
        };
        const auto add_inverse = [&](std::size_t mean, std::size_t log) {
            const double v = std::exp(double(p[log])), e = std::exp(v / 2 - double(p[mean]));
            gradient[mean] += float(double(weight) * (0.5 - e));
            gradient[log] += float(double(weight) * (0.5 * e * v - 0.5));
        };
        for (std::size_t g = 0; g < n; ++g) {
            add_gamma(g, 2 * n + g, 1);
            add_inverse(n + g, 3 * n + g);
        }
        add_gamma(4 * n, 4 * n + 2, layer_scale());
        add_inverse(4 * n + 1, 4 * n + 3);
    }

    static constexpr double clip = 8, tiny = 1e-14;
    BayesianOptions options_;
    std::vector<Part> parts_;
    double weight_ = 0;
};

} // namespace tinysparse::prune
