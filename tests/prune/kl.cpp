// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/kl.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// KL(N(1, alpha) || log-uniform) up to its constant, by integration: -0.5 log alpha + E log|w|, w = 1 + sqrt(alpha) e,
/// plus the constant that makes it 0 for alpha to infinity (Kingma, Salimans, Welling 2015, appendix C).
double exact_kl(double log_alpha) {
    const double root = std::exp(log_alpha / 2);
    const auto expectation = [](double mean, double deviation) { // of log|mean + deviation e|, e normal
        // By the density of w on a grid in log|w| for both signs, so that the singularity at 0 is harmless.
        double sum = 0;
        const double step = 1e-3;
        for (double t = -30; t < 12; t += step)
            for (const double sign : {-1.0, 1.0}) {
                const double size = std::exp(t), z = (sign * size - mean) / deviation;
                sum += t * size * std::exp(-z * z / 2) * step;
            }
        return sum / (deviation * std::sqrt(2 * std::numbers::pi));
    };
    const double limit = expectation(0, 1); // of log|e|: what is left as alpha grows
    return -log_alpha / 2 + expectation(1, root) - limit;
}

/// KL of LN(mean, variance) from a density, by integration over the logarithm.
template <class LogPrior> double integrated_kl(double mean, double variance, LogPrior log_prior) {
    double sum = 0;
    const double step = 1e-3, deviation = std::sqrt(variance);
    for (double z = -9; z < 9; z += step) {
        const double t = mean + deviation * z;
        const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
        const double log_q = -z * z / 2 - 0.5 * std::log(2 * std::numbers::pi * variance) - t; // of x = e^t
        sum += density * (log_q - log_prior(std::exp(t))) * step;
    }
    return sum;
}

} // namespace

TEST_CASE("KL to the log-uniform prior") {
    SUBCASE("is nearly zero for a weight that is pure noise") { CHECK(prune::kl_log_uniform(10.0) < 1e-4); }
    SUBCASE("is within 0.01 of the exact integral") {
        for (double log_alpha = -8; log_alpha <= 8; log_alpha += 1) {
            CAPTURE(log_alpha);
            CHECK(std::abs(prune::kl_log_uniform(log_alpha) - exact_kl(log_alpha)) < 0.01);
        }
    }
    SUBCASE("has the derivative that central differences give") {
        for (const double log_alpha : {-6.0, -1.0, 0.0, 3.0, 6.0}) {
            CAPTURE(log_alpha);
            const double h = 1e-5, squared = 0.3, variance = squared * std::exp(log_alpha);
            const double numeric =
                (prune::kl_log_uniform(log_alpha + h) - prune::kl_log_uniform(log_alpha - h)) / (2 * h);
            const float slope =
                prune::kl_log_uniform_slope(tensor::broadcast(float(log_alpha)), tensor::broadcast(float(variance)),
                                            tensor::broadcast(float(squared)))[7];
            CHECK(double(slope) == doctest::Approx(numeric).epsilon(1e-4));
        }
    }
}

TEST_CASE("KL between normals is 0 where they agree, and that of the integral elsewhere") {
    CHECK(prune::kl_normal(0, 1) == 0);
    for (const auto& [mean, variance] : {std::pair{0.5, 0.2}, {-2.0, 3.0}}) {
        double sum = 0;
        const double step = 1e-3, deviation = std::sqrt(variance);
        for (double z = -9; z < 9; z += step) {
            const double x = mean + deviation * z, density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
            sum += density * (x * x / 2 - z * z / 2 - 0.5 * std::log(variance)) * step;
        }
        CHECK(prune::kl_normal(mean, variance) == doctest::Approx(sum).epsilon(1e-6));
    }
}

TEST_CASE("KL of log-normal factors of the horseshoe are those of the integral") {
    const double pi = std::numbers::pi;
    for (const auto& [mean, variance] : {std::pair{0.3, 0.2}, {-1.0, 0.01}, {0.0, 1.0}}) {
        for (const double scale : {1.0, 0.04}) // Gamma(1/2, scale): x^(-1/2) exp(-x / scale) / sqrt(pi scale)
            CHECK(prune::kl_gamma(mean, variance, scale) ==
                  doctest::Approx(integrated_kl(mean, variance, [&](double x) {
                      return -0.5 * std::log(x) - x / scale - 0.5 * std::log(pi * scale);
                  })).epsilon(1e-5));
        CHECK(prune::kl_inverse_gamma(mean, variance) == doctest::Approx(integrated_kl(mean, variance, [&](double x) {
                                                             return -1.5 * std::log(x) - 1 / x - 0.5 * std::log(pi);
                                                         })).epsilon(1e-5));
    }
}
