// SPDX-License-Identifier: Apache-2.0
// Posteriors of the scales that groups of weights share (Louizos, Ullrich, Welling 2017): one scale z per group. One
// parameter holds the numbers of all groups.
//   normal:      z ~ N(mu, sigma^2)
//   log-normal:  z is the root of the product of four factors LN(mu, sigma^2), two of the group and two of the whole
//                layer, so log z ~ N(half the sum of their mu, a quarter of the sum of their sigma^2)
// The parameter holds mu of the groups' first factors, then of the second; log sigma^2 in the same order; mu and
// log sigma^2 of the layer's factors.
#pragma once
#include "tinysparse/autograd/graph.hpp"

namespace tinysparse::autograd {

/// Distribution of a scale: normal, or the product of two log-normal factors per group and two per layer.
enum class ScaleKind : std::uint8_t { normal, log_normal };

/// Size of the parameter for the scales of N groups.
inline std::size_t scale_parameters(std::size_t groups, ScaleKind kind) {
    return kind == ScaleKind::normal ? 2 * groups : 4 * groups + 4;
}

/// A view of the parameter. The parameter must outlive it; copies view the same numbers.
class ScalePosterior {
  public:
    /// Where the parameter holds mu and log sigma^2 of one factor.
    struct Factor {
        std::size_t mean, log_variance;
    };

    /// parameter: scale_parameters(groups, kind) values; it must outlive this.
    ScalePosterior(Parameter& parameter, std::size_t groups, ScaleKind kind)
        : parameter_(&parameter), groups_(groups), kind_(kind) {
        assert(parameter.value.size() == scale_parameters(groups, kind));
    }

    /// Number of scales: one per channel or element that can be pruned as a whole.
    std::size_t groups() const { return groups_; }
    /// Distribution of each scale.
    ScaleKind kind() const { return kind_; }
    /// True if scales are normal, false if they are log-normal.
    bool is_normal() const { return kind_ == ScaleKind::normal; }
    /// Means and log variances of all factors.
    Parameter& parameter() const { return *parameter_; }

    /// Number of factors that each group has for itself.
    std::size_t group_factors() const { return is_normal() ? 1 : 2; }
    /// Number of factors that all groups share.
    std::size_t layer_factors() const { return is_normal() ? 0 : 2; }
    /// Places of factor k of a group in the parameter.
    Factor group_factor(std::size_t k, std::size_t group) const {
        return {k * groups_ + group, (group_factors() + k) * groups_ + group};
    }
    /// Places of shared factor k in the parameter.
    Factor layer_factor(std::size_t k) const {
        const std::size_t first = 2 * group_factors() * groups_;
        return {first + k, first + layer_factors() + k};
    }
    /// Mean of the factor, or of its logarithm if scales are log-normal.
    float mean(const Factor& factor) const { return parameter_->value[factor.mean]; }
    /// Natural logarithm of the variance that goes with mean().
    float log_variance(const Factor& factor) const { return parameter_->value[factor.log_variance]; }
    /// sigma^2, computed in numbers of type T.
    template <class T> T variance(const Factor& factor) const { return std::exp(T(log_variance(factor))); }

    /// Mean of z, or of log z if it is log-normal.
    float mean(std::size_t group) const {
        if (is_normal()) return mean(group_factor(0, group));
        return 0.5f * (mean(group_factor(0, group)) + mean(group_factor(1, group)) + mean(layer_factor(0)) +
                       mean(layer_factor(1)));
    }
    /// Variance of z, or of log z if it is log-normal, computed in numbers of type T.
    template <class T> T variance(std::size_t group) const {
        if (is_normal()) return variance<T>(group_factor(0, group));
        return T(0.25) * (variance<T>(group_factor(0, group)) + variance<T>(group_factor(1, group)) +
                          variance<T>(layer_factor(0)) + variance<T>(layer_factor(1)));
    }
    /// Standard deviation of z, or of log z if it is log-normal.
    float deviation(std::size_t group) const {
        return is_normal() ? std::exp(0.5f * log_variance(group_factor(0, group))) : std::sqrt(variance<float>(group));
    }

    /// Mean of z itself.
    float expected(std::size_t group) const {
        return is_normal() ? mean(group) : float(std::exp(double(mean(group)) + variance<double>(group) / 2));
    }
    /// Variance of z itself.
    double variance_of_scale(std::size_t group) const {
        const double mean_of = double(mean(group)), variance_of = variance<double>(group);
        return is_normal() ? variance_of : (std::exp(variance_of) - 1) * std::exp(2 * mean_of + variance_of);
    }

    /// Sets every scale to 1, with factors of this log sigma^2.
    void begin_at_one(float log_variance) {
        const auto set = [&](const Factor& factor) {
            parameter_->value[factor.mean] = is_normal() ? 1.0f : 0.0f;
            parameter_->value[factor.log_variance] = log_variance;
        };
        for (std::size_t k = 0; k < group_factors(); ++k)
            for (std::size_t g = 0; g < groups_; ++g) set(group_factor(k, g));
        for (std::size_t k = 0; k < layer_factors(); ++k) set(layer_factor(k));
    }

  private:
    Parameter* parameter_;
    std::size_t groups_;
    ScaleKind kind_;
};

} // namespace tinysparse::autograd
