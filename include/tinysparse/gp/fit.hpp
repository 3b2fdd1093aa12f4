// SPDX-License-Identifier: Apache-2.0
// Hyper-parameters by maximum a posteriori: log p(y | t) + sum of log priors is maximised over the parameters on their
// unbounded scale by L-BFGS-B, from the present values (warm), the prior's mode, and draws of the prior (cold). Noise:
// log noise ~ N(-4, 1), density in the noise (Hvarfner, Hellsten, Nardi 2024), on standardised outputs.
#pragma once
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/lbfgsb.hpp"
#include "tinysparse/gp/process.hpp"

namespace tinysparse::gp {

/// Options of fit(). The defaults suit outputs with some noise; for functions without noise lower least_noise.
struct FitOptions {
    bool warm_start = true;                     ///< One start from the present hyper-parameters.
    std::size_t cold_starts = 2;                ///< The first at the prior's mode, the others drawn from the prior.
    double least_noise = 1e-4;                  ///< Lower bound of the noise variance of standardised outputs.
    Prior noise = Prior::log_normal(-4.0, 1.0); ///< Prior of the noise variance's logarithm.
    MinimiseOptions minimise{.iterations = 60}; ///< For each start.
};

/// Result of fit().
struct FitResult {
    double log_posterior;    ///< Evidence plus log priors at the optimum.
    double evidence;         ///< Log marginal likelihood of the standardised outputs.
    std::size_t evaluations; ///< Evaluations of the evidence and its gradient, all starts together.
    Stop stop;               ///< Why the best start's optimisation ended.
    /// Names of the hyper-parameters that end at a bound, such as "lengthscale 0" or "noise". The data ask for more
    /// than the bound allows: look at the inputs' ranges, or at outputs without noise.
    std::vector<std::string> on_bounds;
};

namespace detail {

/// The hyper-parameters of a kernel and the noise as one vector, with the function of it that is minimised.
class NegativeLogPosterior {
  public:
    NegativeLogPosterior(const GaussianProcess& process, const FitOptions& options)
        : process_(process), kernel_(process.kernel().clone()), targets_(process.standardised()),
          own_noise_(process.standardised_noise()) {
        kernel_->adapt(process.points()); // appended points may have widened the inputs' ranges
        parameters_ = kernel_->parameters();
        parameters_.push_back({"noise", std::log(std::max(process.noise_variance(), options.least_noise)),
                               std::log(options.least_noise), std::log(10.0), options.noise});
    }
    /// All parameters; the noise comes last.
    const std::vector<Parameter>& parameters() const { return parameters_; }

    /// The value; fills the gradient. The value is infinite if the covariance is not positive definite, so that the
    /// search turns back.
    double operator()(std::span<const double> t, std::span<double> gradient) const {
        kernel_->set_parameters(t.first(t.size() - 1));
        double value;
        try {
            value = evidence(*kernel_, std::exp(t.back()), process_.points(), targets_, gradient, own_noise_);
        } catch (const Error&) {
            return std::numeric_limits<double>::infinity();
        }
        for (std::size_t p = 0; p < t.size(); ++p) {
            value += parameters_[p].prior.log_density(t[p]);
            gradient[p] = -(gradient[p] + parameters_[p].prior.gradient(t[p]));
        }
        return -value;
    }

  private:
    const GaussianProcess& process_;
    std::unique_ptr<Kernel> kernel_;
    std::vector<double> targets_, own_noise_;
    std::vector<Parameter> parameters_;
};

} // namespace detail

/// Sets the hyper-parameters of the process to the best optimum of all starts. Without points they become the prior's
/// mode. Only the second and later cold starts draw numbers from `random`. O(n^3) for each evaluation. Throws Error if
/// the covariance cannot be factored at the optimum.
inline FitResult fit(GaussianProcess& process, Random& random, const FitOptions& options = {}) {
    const detail::NegativeLogPosterior negative_log_posterior(process, options);
    const std::vector<Parameter>& parameters = negative_log_posterior.parameters();
    const std::size_t count = parameters.size();
    std::vector<double> lower(count), upper(count), start(count);
    for (std::size_t p = 0; p < count; ++p) {
        lower[p] = parameters[p].lower;
        upper[p] = parameters[p].upper;
    }
    Minimum best;
    FitResult result{};
    const auto try_from = [&] {
        Minimum found = minimise(std::cref(negative_log_posterior), start, lower, upper, options.minimise);
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
    result.log_posterior = result.evidence = -best.value;
    for (std::size_t p = 0; p < count; ++p)
        if (best.x[p] <= lower[p] || best.x[p] >= upper[p]) result.on_bounds.push_back(parameters[p].name);
    for (std::size_t p = 0; p < count; ++p) result.evidence -= parameters[p].prior.log_density(best.x[p]);
    return result;
}

} // namespace tinysparse::gp
