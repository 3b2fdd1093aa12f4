// SPDX-License-Identifier: Apache-2.0
// Priors of the scales z that groups of weights share (Louizos, Ullrich, Welling 2017):
//   normal-Jeffreys  p(z) ~ 1/|z|, q(z) = N(mu_z, mu_z^2 alpha): the KL of sparse variational dropout (section 4.1)
//   horseshoe        z = s z', both half-Cauchy, log-normal posteriors of their factors (section 4.2)
// A prior defines the form of its posterior, the score of a group, and the divergence with its gradient.
#pragma once
#include "tinysparse/autograd/scale_posterior.hpp"
#include "tinysparse/prune/kl.hpp"

namespace tinysparse::prune {

using autograd::ScalePosterior;

/// A prior of shared scales, with the posterior that belongs to it.
class ScalePrior {
  public:
    virtual ~ScalePrior() = default;
    /// The kind of posterior that the scales have.
    virtual autograd::ScaleKind kind() const = 0;
    /// The score of a group; groups with low scores can be pruned.
    virtual double score(const ScalePosterior& scales, std::size_t group) const = 0;
    /// KL of the whole layer's posterior from the prior, in nats.
    virtual double kl(const ScalePosterior& scales) const = 0;
    /// Adds `weight` times the gradient of kl() to that of the parameter.
    virtual void add_kl_gradient(const ScalePosterior& scales, float weight) const = 0;

  protected:
    /// Adds slopes to the gradients of one factor's mean and log variance.
    static void add(const ScalePosterior& scales, const ScalePosterior::Factor& factor, const Slopes<double>& slopes) {
        scales.parameter().gradient[factor.mean] += float(slopes.mean);
        scales.parameter().gradient[factor.log_variance] += float(slopes.log_variance);
    }
};

namespace detail {

/// Calls function(mean, variance, scale of the prior if it has one) for one factor.
template <class Function, class... Scale>
auto of_factor(const ScalePosterior& scales, const ScalePosterior::Factor& factor, Function function, Scale... scale) {
    return function(double(scales.mean(factor)), scales.variance<double>(factor), scale...);
}

} // namespace detail

/// Normal-Jeffreys prior. Scores are -log alpha.
class NormalJeffreys final : public ScalePrior {
  public:
    autograd::ScaleKind kind() const override { return autograd::ScaleKind::normal; }
    double score(const ScalePosterior& scales, std::size_t group) const override {
        return std::log(squared_mean(scales, group)) - double(scales.log_variance(scales.group_factor(0, group)));
    }
    double kl(const ScalePosterior& scales) const override {
        double sum = 0;
        for (std::size_t g = 0; g < scales.groups(); ++g)
            sum += kl_log_uniform(std::clamp(-score(scales, g), -kl_clip, kl_clip));
        return sum;
    }
    void add_kl_gradient(const ScalePosterior& scales, float weight) const override {
        for (std::size_t g = 0; g < scales.groups(); ++g) {
            const double squared = squared_mean(scales, g), variance = scales.variance<double>(g);
            const double log_alpha = std::log(variance / squared);
            if (std::abs(log_alpha) > kl_clip) continue;
            const double slope = double(weight) * kl_log_uniform_slope(log_alpha, variance, squared);
            add(scales, scales.group_factor(0, g), slopes_of_log_alpha(slope, double(scales.mean(g)), squared));
        }
    }

  private:
    static double squared_mean(const ScalePosterior& scales, std::size_t group) {
        const double mean = double(scales.mean(group));
        return mean * mean + kl_tiny;
    }
};

/// Horseshoe prior. Scores are the log mode of z: mean - variance of log z. Each factor of the posterior has its own
/// prior: the first factors of the group and of the layer a Gamma, the second ones an inverse Gamma.
class Horseshoe final : public ScalePrior {
  public:
    /// scale: tau_0. The smaller it is, the more strongly a layer's scale is pulled to 0.
    explicit Horseshoe(double scale = 1e-5) : layer_scale_(scale * scale) {}

    autograd::ScaleKind kind() const override { return autograd::ScaleKind::log_normal; }
    double score(const ScalePosterior& scales, std::size_t group) const override {
        return double(scales.mean(group)) - scales.variance<double>(group);
    }
    double kl(const ScalePosterior& scales) const override {
        double sum = 0;
        for (std::size_t g = 0; g < scales.groups(); ++g)
            sum += detail::of_factor(scales, scales.group_factor(0, g), kl_gamma, 1.0) +
                   detail::of_factor(scales, scales.group_factor(1, g), kl_inverse_gamma);
        return sum + detail::of_factor(scales, scales.layer_factor(0), kl_gamma, layer_scale_) +
               detail::of_factor(scales, scales.layer_factor(1), kl_inverse_gamma);
    }
    void add_kl_gradient(const ScalePosterior& scales, float weight) const override {
        const auto add_slopes = [&](const ScalePosterior::Factor& factor, auto slopes, auto... scale) {
            add(scales, factor, double(weight) * detail::of_factor(scales, factor, slopes, scale...));
        };
        for (std::size_t g = 0; g < scales.groups(); ++g) {
            add_slopes(scales.group_factor(0, g), kl_gamma_slopes<double>, 1.0);
            add_slopes(scales.group_factor(1, g), kl_inverse_gamma_slopes<double>);
        }
        add_slopes(scales.layer_factor(0), kl_gamma_slopes<double>, layer_scale_);
        add_slopes(scales.layer_factor(1), kl_inverse_gamma_slopes<double>);
    }

  private:
    double layer_scale_; ///< Square of tau_0: scale of the Gamma prior of the layer's first factor.
};

} // namespace tinysparse::prune
