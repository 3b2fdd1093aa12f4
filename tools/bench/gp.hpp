// SPDX-License-Identifier: Apache-2.0
// Gaussian processes, 5 dimensions, 100, 300 and 1000 points, one thread, in milliseconds of processor time:
//   gradient_ms   the evidence and its gradient by 6 hyper-parameters
//   fit_ms        a MAP fit that starts where the fit of all points but one ended
//   append_ms     one more point
// The references are the times of limbo and libgp for a gradient on such a machine, and bounds for fits and appends.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "result.hpp"
#include "tinysparse/gp/fit.hpp"
#include "tinysparse/gp/stationary.hpp"

namespace tinysparse::bench {

struct GpOptions {
    std::size_t repeats = 5; // the fastest counts: other load only adds time
    Progress progress{};
};

namespace detail {
/// Milliseconds of the fastest of some calls. `prepare` is not timed.
template <class Prepare, class Timed> double fastest_ms(std::size_t repeats, Prepare prepare, Timed timed) {
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < repeats; ++i) {
        auto state = prepare();
        const double begin = cpu_seconds();
        timed(state);
        best = std::min(best, cpu_seconds() - begin);
    }
    return 1e3 * best;
}
} // namespace detail

inline Results bench_gp(const GpOptions& options = {}) {
    struct Size {
        std::size_t points;
        double gradient, fit, append;
    };
    Results results;
    for (const Size& size : {Size{100, 0.5, 15, 0.05}, Size{300, 5.6, 150, 0.4}, Size{1000, 109, 3000, 4}}) {
        const std::size_t n = size.points, d = 5;
        Random random(n, "bench gp");
        gp::Matrix x(n, d);
        std::vector<double> y(n), point(d, 0.4), gradient(d + 1);
        for (double& value : x.values) value = random.uniform();
        for (std::size_t i = 0; i < n; ++i) y[i] = std::sin(6 * x(i, 0)) + x(i, 1) * x(i, 2) + 0.1 * random.normal();
        const gp::Stationary kernel(gp::Columns::all(d), gp::Profile::matern52);
        gp::GaussianProcess process(kernel, 1e-2);
        gp::Matrix earlier(n - 1, d);
        std::copy_n(x.values.begin(), earlier.values.size(), earlier.values.begin());
        process.condition(earlier, std::vector<double>(y.begin(), y.end() - 1));
        gp::fit(process, random);
        process.condition(x, y);

        const std::vector<double> targets = process.standardised();
        const auto nothing = [] { return 0; };
        const auto copy = [&] { return process; };
        const double gradient_ms = detail::fastest_ms(4 * options.repeats, nothing, [&](int) {
            gp::evidence(process.kernel(), process.noise_variance(), x, targets, gradient);
        });
        std::size_t evaluations = 0;
        const double fit_ms = detail::fastest_ms(options.repeats, copy, [&](gp::GaussianProcess& warm) {
            evaluations = gp::fit(warm, random, {.cold_starts = 0}).evaluations;
        });
        const double append_ms = detail::fastest_ms(4 * options.repeats, copy,
                                                    [&](gp::GaussianProcess& grown) { grown.append(point, 0.5); });
        results.push_back({text("gradient_ms_", n), gradient_ms, "ms", size.gradient});
        results.push_back({text("fit_ms_", n), fit_ms, "ms", size.fit});
        results.push_back({text("append_ms_", n), append_ms, "ms", size.append});
        if (options.progress)
            options.progress(text(n, " points: gradient ", fixed_decimals(gradient_ms, 3), " ms, fit ",
                                  fixed_decimals(fit_ms, 1), " ms (", evaluations, " evaluations), append ",
                                  fixed_decimals(append_ms, 4), " ms"));
    }
    return results;
}

} // namespace tinysparse::bench
