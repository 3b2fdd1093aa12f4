// SPDX-License-Identifier: Apache-2.0
// Hyper-parameters by maximum a posteriori: log p(y | t) + sum of log priors, maximised over the parameters on their
// unbounded scale by L-BFGS-B, once from where they are (warm), and from the prior's mode and from draws of it (cold).
// Noise: log noise ~ N(-4, 1), density in the noise (Hvarfner, Hellsten, Nardi 2024), on standardised outputs.
#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/lbfgsb.hpp"
#include "tinysparse/gp/process.hpp"

namespace tinysparse::gp {

struct FitOptions {
    bool warm_start = true;
    std::size_t cold_starts = 2; // the first at the prior's mode, the others drawn from the prior
    double least_noise = 1e-4;   // lower bound of the noise variance of standardised outputs
    Prior noise = Prior::log_normal(-4.0, 1.0);
    MinimiseOptions minimise{.iterations = 60};
};

struct FitResult {
    double log_posterior; // evidence plus log priors at the optimum
    double evidence;
    std::size_t evaluations; // of the evidence and its gradient, all starts together
    Stop stop;               // why the search of the optimum ended
};

/// Sets the hyper-parameters of the process to the best optimum that the starts reach. Without points they become the
/// prior's mode. Numbers are drawn from `random` only for the second cold start and later ones.
inline FitResult fit(GaussianProcess& process, Random& random, const FitOptions& options = {}) {
    const auto kernel = process.kernel().clone();
    std::vector<Parameter> parameters = kernel->parameters();
    parameters.push_back({"noise", std::log(std::max(process.noise_variance(), options.least_noise)),
                          std::log(options.least_noise), std::log(10.0), options.noise});
    const std::size_t count = parameters.size();
    std::vector<double> lower(count), upper(count), start(count);
    for (std::size_t p = 0; p < count; ++p) {
        lower[p] = parameters[p].lower;
        upper[p] = parameters[p].upper;
    }
    const std::vector<double> targets = process.standardised();
    double best_evidence = 0;
    const Objective negative_log_posterior = [&](std::span<const double> t, std::span<double> gradient) {
        kernel->set_parameters(t.first(count - 1));
        double value;
        try {
            value = evidence(*kernel, std::exp(t[count - 1]), process.points(), targets, gradient);
        } catch (const Error&) {
            return std::numeric_limits<double>::infinity(); // not positive definite out there: the search turns back
        }
        for (std::size_t p = 0; p < count; ++p) {
            value += parameters[p].prior.log_density(t[p]);
            gradient[p] = -(gradient[p] + parameters[p].prior.gradient(t[p]));
        }
        return -value;
    };
    Minimum best;
    FitResult result{};
    const auto try_from = [&] {
        Minimum found = minimise(negative_log_posterior, start, lower, upper, options.minimise);
        result.evaluations += found.evaluations;
        if (found.value < best.value || best.x.empty()) best = std::move(found);
    };
    if (options.warm_start) {
        for (std::size_t p = 0; p < count; ++p) start[p] = parameters[p].value;
        try_from();
    }
    for (std::size_t cold = 0; cold < options.cold_starts; ++cold) {
        for (std::size_t p = 0; p < count; ++p)
            start[p] = cold == 0 ? parameters[p].prior.mean : parameters[p].prior.draw(random);
        try_from();
    }
    if (best.x.empty()) best.x = start;
    process.set_hyperparameters(std::span<const double>(best.x).first(count - 1), std::exp(best.x.back()));
    result.stop = best.stop;
    result.log_posterior = best_evidence = -best.value;
    for (std::size_t p = 0; p < count; ++p) best_evidence -= parameters[p].prior.log_density(best.x[p]);
    result.evidence = best_evidence;
    return result;
}

} // namespace tinysparse::gp
