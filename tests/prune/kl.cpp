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

double logarithm(double x) { return std::log(x); }
[[gnu::always_inline]] inline tensor::Lane logarithm(const tensor::Lane& x) { return tensor::logarithm(x); }

/// The slopes of kl(mean, variance), in doubles and in Lanes, against central differences.
template <class Kl, class Slopes> void check_slopes(double mean, double variance, Kl kl, Slopes slopes) {
    CAPTURE(mean);
    CAPTURE(variance);
    const double h = 1e-5;
    const double by_mean = (kl(mean + h, variance) - kl(mean - h, variance)) / (2 * h);
    const double by_log = (kl(mean, variance * std::exp(h)) - kl(mean, variance * std::exp(-h))) / (2 * h);
    const auto exact = slopes(mean, variance);
    CHECK(exact.mean == doctest::Approx(by_mean).epsilon(1e-6));
    CHECK(exact.log_variance == doctest::Approx(by_log).epsilon(1e-6));
    const auto lanes = slopes(tensor::broadcast(float(mean)), tensor::broadcast(float(variance)));
    CHECK(double(lanes.mean[7]) == doctest::Approx(by_mean).epsilon(1e-4));
    CHECK(double(lanes.log_variance[7]) == doctest::Approx(by_log).epsilon(1e-4));
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
            CHECK(prune::kl_log_uniform_slope(log_alpha, variance, squared) == doctest::Approx(numeric).epsilon(1e-7));
        }
    }
    SUBCASE("has the slopes by mean and log variance that central differences give") {
        const auto kl = [](double mean, double variance) {
            return prune::kl_log_uniform(std::log(variance / (mean * mean + prune::kl_tiny)));
        };
        for (const double log_alpha : {-6.0, -1.0, 0.0, 3.0, 6.0})
            check_slopes(0.7, 0.49 * std::exp(log_alpha), kl, []<class T>(const T& mean, const T& variance) {
                const T squared = mean * mean + prune::detail::Constant<T>(prune::kl_tiny);
                const T log_alpha_of = logarithm(variance) - logarithm(squared);
                return prune::slopes_of_log_alpha(prune::kl_log_uniform_slope(log_alpha_of, variance, squared), mean,
                                                  squared);
            });
    }
}

TEST_CASE("slopes of KL to a normal prior and to the factors of the horseshoe are those of central differences") {
    for (const auto& [mean, variance] : {std::pair{0.3, 0.2}, {-1.0, 0.01}, {0.1, 1.0}, {-2.0, 3.0}}) {
        check_slopes(mean, variance, prune::kl_normal,
                     [](const auto& m, const auto& v) { return prune::kl_normal_slopes(m, v); });
        check_slopes(mean, variance, prune::kl_inverse_gamma,
                     [](const auto& m, const auto& v) { return prune::kl_inverse_gamma_slopes(m, v); });
        for (const double scale : {1.0, 0.04})
            check_slopes(
                mean, variance, [&](double m, double v) { return prune::kl_gamma(m, v, scale); },
                [&]<class T>(const T& m, const T& v) {
                    return prune::kl_gamma_slopes(m, v, prune::detail::Constant<T>(scale));
                });
    }
}

TEST_CASE("a penalty's slopes are added to the gradients of any number of weights") {
    for (const std::size_t size : {1u, 16u, 21u}) {
        CAPTURE(size);
        autograd::Parameter means("means", size), log_variances("log variances", size);
        for (std::size_t k = 0; k < size; ++k) {
            means.value[k] = float(k);
            log_variances.value[k] = -float(k);
            means.gradient[k] = 1;
            log_variances.gradient[k] = 2;
        }
        prune::add_penalty_gradient(
            means, log_variances, [](const tensor::Lane& mean, const tensor::Lane& log, const tensor::Lane& variance) {
                return prune::Slopes<tensor::Lane>{10.0f * mean, log + variance};
            });
        for (std::size_t k = 0; k < size; ++k) { // the kernels read the logarithms here: there is no transform
            CHECK(means.gradient[k] == 1 + 10 * float(k));
            CHECK(log_variances.gradient[k] == -2 * float(k) - 2 * float(k));
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
