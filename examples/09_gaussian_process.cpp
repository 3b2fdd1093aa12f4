// SPDX-License-Identifier: Apache-2.0
// Lesson 9: a Gaussian process in one dimension. Twelve noisy values of a curve are known; the process says what it
// believes between them: a mean, and a band that should hold the curve with probability 0.95, on average over many
// curves. Near 0 this curve lies outside: the first known value happens to be too large, and neighbouring places are
// wrong together.
//   mean(x) = k^T K_y^-1 y,   variance(x) = k(x, x) - k^T K_y^-1 k  Rasmussen and Williams 2006, 2.25 and 2.26
//   k(x, x') = (1 + sqrt(5 s) + 5 s / 3) exp(-sqrt(5 s)),   s = (x - x')^2 / l^2  the Matern function, 4.17
// y is shifted to mean 0 and scaled to deviation 1 first, so far away the mean returns to the known values' mean
// (equation 2.38). k holds how alike x and the known points are, K_y how alike those are among themselves, with noise
// on the diagonal.
// The length-scale l is the distance over which values are alike. It and the noise are fitted: those with the largest
// product of prior and evidence, the probability density of the known values given l and the noise (equation 5.8).
// Writes 09_gaussian_process.svg, or the file named as argument. It needs tinysparse/gp alone, no networks.
// Headers: gp/process.hpp, gp/stationary.hpp, gp/fit.hpp. Equations: docs/equations.md, "Gaussian processes".
#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/fit.hpp"
#include "tinysparse/gp/stationary.hpp"
#include "tinysparse/report/svg.hpp"
#include <cstdio>
#include <fstream>

using namespace tinysparse;

double curve(double x) { return std::sin(9 * x) * (1 - x); }

int main(int count, char** words) {
    Random random(4, "lesson");
    gp::Matrix x(12, 1); // twelve points of one dimension
    std::vector<double> y;
    for (std::size_t i = 0; i < x.rows; ++i) {
        x(i, 0) = 0.75 * (double(i) + random.uniform()) / double(x.rows); // nothing is known beyond 0.75
        y.push_back(curve(x(i, 0)) + 0.05 * random.normal());
    }

    gp::GaussianProcess process(gp::Stationary(gp::Columns::all(1), gp::Profile::matern52));
    process.condition(x, y);
    process.set_hyperparameters(std::vector<double>{std::log(1.0)}, 0.01); // a length-scale that is much too long
    for (const char* when : {"before the fit", "after it"}) {
        std::printf("%s: length-scale %.2f, noise %.2f in y (made with 0.05), log evidence %.2f\n", when,
                    std::exp(process.kernel().parameters()[0].value),
                    process.output_scale() * std::sqrt(process.noise_variance()),
                    gp::evidence(process.kernel(), process.noise_variance(), x, process.standardised()));
        if (when[0] == 'b') gp::fit(process, random);
    }

    constexpr auto line = report::Series::Mark::line;
    report::Series mean{"mean", "c0", {}, line}, truth{"curve", "c6", {}, line};
    report::Series upper{"95 % band of the curve", "c5", {}, line}, lower{"", "c5", {}, line}; // one entry for both
    report::Series known{"known values", "c1"};
    int inside = 0;
    std::printf("   x   curve    mean  deviation\n");
    for (int i = 0; i <= 200; ++i) {
        const double at = i / 200.0;
        const gp::Prediction p = process.predict(std::vector<double>{at});
        const double deviation = std::sqrt(p.variance);
        mean.points.push_back({at, p.mean});
        truth.points.push_back({at, curve(at)});
        upper.points.push_back({at, p.mean + 1.96 * deviation});
        lower.points.push_back({at, p.mean - 1.96 * deviation});
        inside += std::fabs(p.mean - curve(at)) < 1.96 * deviation;
        if (i % 20 == 0) std::printf("%4.1f %7.3f %7.3f %10.3f\n", at, curve(at), p.mean, deviation);
    }
    std::printf("the band holds the curve at %d of 201 places\n", inside);
    for (std::size_t i = 0; i < x.rows; ++i) known.points.push_back({x(i, 0), y[i]});

    const std::string file = count > 1 ? words[1] : "09_gaussian_process.svg";
    std::ofstream(file) << report::picture(report::plot(
        "a Gaussian process", {"x"}, {"y: what a Gaussian process believes of a curve, from a few known values"},
        {upper, lower, truth, mean, known}));
    std::printf("plot: %s\n", file.c_str());
}
