// SPDX-License-Identifier: Apache-2.0
// Divergences of posteriors from priors, in nats, and their derivatives.
//   log-uniform   KL = 0.5 log(1 + 1/alpha) + k1 (1 - sigmoid(k2 + k3 log alpha))
//                                                             Molchanov, Ashukha, Vetrov 2017, equation 14
//   normal        KL(N(m, v) || N(0, 1)) = 0.5 (v + m^2 - 1 - log v)       Louizos, Ullrich, Welling 2017, equation 8
//   half-Cauchy   its square is Gamma(1/2) times inverse Gamma(1/2); for log-normal posteriors LN(m, v) of the two
//                 factors                                                  Louizos, Ullrich, Welling 2017, appendix
//     KL(LN || Gamma(1/2, scale t))    = exp(m + v/2) / t - m/2 - (log v)/2 + constant
//     KL(LN || InvGamma(1/2, scale 1)) = exp(v/2 - m)     + m/2 - (log v)/2 + constant
#pragma once
#include <cmath>
#include <numbers>

#include "tinysparse/tensor/elementary.hpp"

namespace tinysparse::prune {

inline constexpr double kl_k1 = 0.63576, kl_k2 = 1.87320, kl_k3 = 1.48695;

/// KL divergence of one weight's posterior N(theta, alpha theta^2) from the log-uniform prior.
/// log_alpha = log(variance / theta^2). Result >= 0, going to 0 for weights that are pure noise.
inline double kl_log_uniform(double log_alpha) {
    const double sigmoid = 1 / (1 + std::exp(-kl_k2 - kl_k3 * log_alpha));
    return 0.5 * std::log1p(std::exp(-log_alpha)) + kl_k1 * (1 - sigmoid);
}

/// Its derivative by log_alpha, for 16 weights; alpha = variance / squared, squared = theta^2 > 0.
inline tensor::Lane kl_log_uniform_slope(tensor::Lane log_alpha, tensor::Lane variance, tensor::Lane squared) {
    const tensor::Lane power = tensor::exponential(log_alpha * float(-kl_k3) - float(kl_k2));
    const tensor::Lane sigmoid = 1.0f / (1.0f + power);
    return -float(kl_k1 * kl_k3) * sigmoid * (1.0f - sigmoid) - 0.5f * squared / (squared + variance);
}

/// KL(N(mean, variance) || N(0, 1)).
inline double kl_normal(double mean, double variance) {
    return 0.5 * (variance + mean * mean - 1 - std::log(variance));
}

/// KL(LN(mean, variance) || Gamma(1/2, scale)).
inline double kl_gamma(double mean, double variance, double scale) {
    const double entropy = 0.5 * (1 + std::log(2 * std::numbers::pi * variance));
    return std::exp(mean + variance / 2) / scale - mean / 2 - entropy + 0.5 * std::log(std::numbers::pi * scale);
}

/// KL(LN(mean, variance) || InvGamma(1/2, 1)).
inline double kl_inverse_gamma(double mean, double variance) {
    const double entropy = 0.5 * (1 + std::log(2 * std::numbers::pi * variance));
    return std::exp(variance / 2 - mean) + mean / 2 - entropy + 0.5 * std::log(std::numbers::pi);
}

} // namespace tinysparse::prune
