// SPDX-License-Identifier: Apache-2.0
// Divergences of posteriors from priors, in nats, and their slopes: the derivatives that trainings use.
//   log-uniform   KL = 0.5 log(1 + 1/alpha) + k1 (1 - sigmoid(k2 + k3 log alpha)),  alpha = variance / mean^2
//                                                             Molchanov, Ashukha, Vetrov 2017, equation 14
//   normal        KL(N(m, v) || N(0, 1)) = 0.5 (v + m^2 - 1 - log v)       Louizos, Ullrich, Welling 2017, equation 8
//   half-Cauchy   its square is Gamma(1/2) times inverse Gamma(1/2); for log-normal posteriors LN(m, v) of the two
//                 factors                                                  Louizos, Ullrich, Welling 2017, appendix
//     KL(LN || Gamma(1/2, scale t))    = exp(m + v/2) / t - m/2 - (log v)/2 + constant
//     KL(LN || InvGamma(1/2, scale 1)) = exp(v/2 - m)     + m/2 - (log v)/2 + constant
// Values are doubles, for reports. Slopes are of type T, double or Lane.
#pragma once
#include <cmath>
#include <numbers>
#include <type_traits>

#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/elementary.hpp"

namespace tinysparse::prune {

/// k1, k2 and k3 of Molchanov, Ashukha, Vetrov 2017, equation 14.
inline constexpr double kl_k1 = 0.63576, kl_k2 = 1.87320, kl_k3 = 1.48695;
/// In trainings the log-uniform term is constant beyond this value of |log alpha|.
inline constexpr double kl_clip = 8;
/// Added to mean^2, so that its logarithm is finite.
inline constexpr double kl_tiny = 1e-14;

namespace detail {

inline double exponential(double x) { return std::exp(x); }
[[gnu::always_inline]] inline tensor::Lane exponential(tensor::LaneArgument x) { return tensor::exponential(x); }

/// The type of constants beside values of type T.
template <class T> using Constant = std::conditional_t<std::is_same_v<T, double>, double, float>;

} // namespace detail

/// Derivatives of a divergence by the posterior's mean and by the logarithm of its variance.
template <class T> struct Slopes {
    T mean, log_variance;

    /// Both slopes times a weight, such as strength / samples.
    friend Slopes operator*(detail::Constant<T> weight, const Slopes& slopes) {
        return {weight * slopes.mean, weight * slopes.log_variance};
    }
};

/// KL divergence of one weight's posterior N(theta, alpha theta^2) from the log-uniform prior.
/// log_alpha = log(variance / theta^2). Result >= 0, going to 0 for weights that are pure noise.
inline double kl_log_uniform(double log_alpha) {
    const double sigmoid = 1 / (1 + std::exp(-kl_k2 - kl_k3 * log_alpha));
    return 0.5 * std::log1p(std::exp(-log_alpha)) + kl_k1 * (1 - sigmoid);
}

/// Its derivative by log_alpha; alpha = variance / squared, squared = theta^2 > 0.
template <class T>
[[gnu::always_inline]] inline T kl_log_uniform_slope(const T& log_alpha, const T& variance, const T& squared) {
    using C = detail::Constant<T>;
    const T sigmoid = C(1) / (C(1) + detail::exponential(log_alpha * C(-kl_k3) - C(kl_k2)));
    return C(-kl_k1 * kl_k3) * sigmoid * (C(1) - sigmoid) - C(0.5) * squared / (squared + variance);
}

/// Slopes by mean and log variance. log_alpha = log variance - log squared, squared = mean^2 + kl_tiny.
template <class T> Slopes<T> slopes_of_log_alpha(const T& slope, const T& mean, const T& squared) {
    using C = detail::Constant<T>;
    return {-slope * C(2) * mean / squared, slope};
}

/// KL(N(mean, variance) || N(0, 1)).
inline double kl_normal(double mean, double variance) {
    return 0.5 * (variance + mean * mean - 1 - std::log(variance));
}
/// Slopes of kl_normal().
template <class T> Slopes<T> kl_normal_slopes(const T& mean, const T& variance) {
    using C = detail::Constant<T>;
    return {mean, C(0.5) * (variance - C(1))};
}

/// KL(LN(mean, variance) || Gamma(1/2, scale)).
inline double kl_gamma(double mean, double variance, double scale) {
    const double entropy = 0.5 * (1 + std::log(2 * std::numbers::pi * variance));
    return std::exp(mean + variance / 2) / scale - mean / 2 - entropy + 0.5 * std::log(std::numbers::pi * scale);
}
/// Slopes of kl_gamma(), with an exponential that works on Lanes too.
template <class T> Slopes<T> kl_gamma_slopes(const T& mean, const T& variance, detail::Constant<T> scale) {
    using C = detail::Constant<T>;
    const T e = detail::exponential(mean + variance / C(2)) / scale;
    return {e - C(0.5), C(0.5) * e * variance - C(0.5)};
}

/// KL(LN(mean, variance) || InvGamma(1/2, 1)).
inline double kl_inverse_gamma(double mean, double variance) {
    const double entropy = 0.5 * (1 + std::log(2 * std::numbers::pi * variance));
    return std::exp(variance / 2 - mean) + mean / 2 - entropy + 0.5 * std::log(std::numbers::pi);
}
/// Slopes of kl_inverse_gamma(), with an exponential that works on Lanes too.
template <class T> Slopes<T> kl_inverse_gamma_slopes(const T& mean, const T& variance) {
    using C = detail::Constant<T>;
    const T e = detail::exponential(variance / C(2) - mean);
    return {C(0.5) - e, C(0.5) * e * variance - C(0.5)};
}

/// Adds a penalty to the gradients of means and of log variances; the latter come in as gradients by the variance
/// (autograd/variational.hpp). slopes(mean, log variance, variance) gives the penalty's, for 16 weights.
template <class Function>
void add_penalty_gradient(autograd::Parameter& means, autograd::Parameter& log_variances, Function slopes) {
    using tensor::Lane;
    const std::size_t size = means.value.size();
    for (std::size_t first = 0; first < size; first += tensor::lane_samples) {
        const std::size_t count = size - first;
        const Lane mean = tensor::load(means.value.data() + first, count);
        const Lane log_variance = tensor::load(log_variances.value.data() + first, count);
        const Lane variance = tensor::load(log_variances.used().data() + first, count);
        const Lane dmean = tensor::load(means.gradient.data() + first, count);
        const Lane dvariance = tensor::load(log_variances.gradient.data() + first, count);
        const Lane dlog_variance = dvariance * variance;
        const Slopes<Lane> penalty = slopes(mean, log_variance, variance);
        const Lane by_mean = dmean + penalty.mean, by_log_variance = dlog_variance + penalty.log_variance;
        tensor::store(by_mean, means.gradient.data() + first, count);
        tensor::store(by_log_variance, log_variances.gradient.data() + first, count);
    }
}

} // namespace tinysparse::prune
