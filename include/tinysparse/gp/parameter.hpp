// SPDX-License-Identifier: Apache-2.0
// A hyper-parameter of a covariance function, always on an unbounded scale t: t = log x for positive x, the logit for x
// in 0..1. Its prior is a normal density in t, or a log-normal density in x = exp(t):
//   log N(t; mean, sd^2) = -(t - mean)^2 / (2 sd^2) - log(sd sqrt(2 pi))
//   log LN(x; mu, sigma) = -t - (t - mu)^2 / (2 sigma^2) - log(sigma sqrt(2 pi))
// The second is the first with mean mu - sigma^2 plus sigma^2/2 - mu, so both are one quadratic.
#pragma once
#include <cmath>
#include <string>

#include "tinysparse/base/random.hpp"

namespace tinysparse::gp {

/// Log density of a parameter on its unbounded scale: offset - (t - mean)^2 / (2 sd^2) - log(sd sqrt(2 pi)).
struct Prior {
    double mean = 0, sd = 1, offset = 0; ///< offset: 0 for a density in t.

    /// A normal density in t.
    static Prior normal(double mean, double sd) { return {mean, sd, 0}; }
    /// A log-normal density in x = exp(t); mu and sigma are those of log x.
    static Prior log_normal(double mu, double sigma) { return {mu - sigma * sigma, sigma, sigma * sigma / 2 - mu}; }

    /// log p(t), with its constant.
    double log_density(double t) const {
        const double z = (t - mean) / sd;
        return offset - z * z / 2 - std::log(sd) - 0.918938533204672742; // log sqrt(2 pi)
    }
    /// d log p / dt.
    double gradient(double t) const { return (mean - t) / (sd * sd); }
    /// A value of t from the normal density, whatever the offset.
    double draw(Random& random) const { return mean + sd * random.normal(); }
};

/// A hyper-parameter with its value, and where a fit may look for it.
struct Parameter {
    std::string name;
    double value;        ///< Value on the unbounded scale.
    double lower, upper; ///< Bounds of the fit, on the same scale.
    Prior prior;
};

/// Length-scale, in the inputs' unit, on inputs that span `width` in each of `dimensions` dimensions:
/// log(l / width) ~ N(sqrt 2 + log(d)/2, 3), density in l (Hvarfner, Hellsten, Nardi 2024, for inputs of range 0..1);
/// 0.025 width <= l <= 100 width. It starts at the mode.
inline Parameter lengthscale_parameter(std::string name, std::size_t dimensions, double width = 1) {
    const double unit = std::log(width), lower = std::log(0.025) + unit;
    const Prior prior = Prior::log_normal(std::sqrt(2.0) + std::log(double(dimensions)) / 2 + unit, std::sqrt(3.0));
    return {std::move(name), std::max(prior.mean, lower), lower, std::log(100.0) + unit, prior};
}

} // namespace tinysparse::gp
