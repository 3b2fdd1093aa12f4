// SPDX-License-Identifier: Apache-2.0
// Lesson 4: sparse variational dropout of one weight (Molchanov, Ashukha, Vetrov 2017). The weight w of the model y = w
// x + noise is not one number but a distribution, the posterior N(theta, sigma^2). The prior is log-uniform: it favours
// no size of a weight. KL, in nats (a unit of information, like the bit), measures how far the posterior is from the
// prior; the loss adds it as a penalty, which is the smaller, the noisier the weight is.
//   loss(theta, sigma) = mean of sum (y - w x)^2 / (2 s^2) over the posterior + KL(log alpha)
//                      = sum [(y - theta x)^2 + sigma^2 x^2] / (2 s^2)        + KL(log alpha)
//   KL(log alpha) ~= 0.5 log(1 + 1/alpha) + k1 (1 - sigmoid(k2 + k3 log alpha)),  log alpha = log sigma^2 - log theta^2
// The last line is a fit to an integral that has no closed form, up to a constant: pure noise has KL 0. Dropout sets
// values to 0 at random, with probability p; noise whose variance is alpha = p / (1 - p) times the square of the weight
// has the same effect on average.
// Data that need the weight keep alpha small. If they do not, KL makes it all noise: alpha grows. If log alpha is above
// 3 at the end, the weight is pruned. k1 = 0.636, k2 = 1.873, k3 = 1.487. Writes 04_variational_dropout.svg, or the
// file named as argument.
// Headers: prune/kl.hpp, prune/sparse_vd.hpp. Equations: docs/equations.md, "Variational dropout".
#include "tinysparse/base/random.hpp"
#include "tinysparse/prune/kl.hpp"
#include "tinysparse/report/svg.hpp"
#include <cstdio>
#include <fstream>

using namespace tinysparse;

namespace {
/// Samples (x, y) of y = w x + noise; all that the loss needs to know of them are three sums.
struct Data {
    double xx = 0, xy = 0, yy = 0, variance = 0.25; // of the noise, s^2

    Data(double w, Random& random) {
        for (int i = 0; i < 50; ++i) {
            const double x = random.uniform(-1, 1), y = w * x + std::sqrt(variance) * random.normal();
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
    }
};

struct Posterior {
    double theta = 0.5, log_variance = -4;

    double squared() const { return theta * theta + prune::kl_tiny; }
    double log_alpha() const { return log_variance - std::log(squared()); }

    double loss(const Data& data) const {
        const double misses = data.yy - 2 * theta * data.xy + theta * theta * data.xx;
        return (misses + std::exp(log_variance) * data.xx) / (2 * data.variance) + prune::kl_log_uniform(log_alpha());
    }
    /// One step of gradient descent on the loss. Steps of theta are in proportion to the variance (a natural gradient):
    /// the slope of KL by theta grows as 1 / variance, and other steps would jump from one side of 0 to the other.
    void descend(const Data& data) {
        const double variance = std::exp(log_variance);
        const double slope = prune::kl_log_uniform_slope(log_alpha(), variance, squared()); // of KL, by log alpha
        const prune::Slopes<double> kl = prune::slopes_of_log_alpha(slope, theta, squared());
        theta -= 0.1 * variance * ((data.xx * theta - data.xy) / data.variance + kl.mean);
        log_variance -= 0.01 * (data.xx * variance / (2 * data.variance) + kl.log_variance);
    }
};
} // namespace

// In the plot, log alpha of the second weight has a peak where theta passes 0 on its way: without a mean all is noise.
int main(int count, char** words) {
    const std::string file = count > 1 ? words[1] : "04_variational_dropout.svg";
    std::vector<report::Series> curves;
    for (const double w : {1.0, 0.0}) {
        Random random(1, "lesson");
        const Data data(w, random);
        Posterior posterior;
        report::Series curve{"", "", {}, report::Series::Mark::line};
        std::printf("data made with w = %g; least squares gives %.3f\n", w, data.xy / data.xx);
        std::printf("    step   theta   sigma  log alpha  KL (nats)     loss\n");
        for (int step = 0; step <= 20000; ++step) {
            for (const int shown : {0, 20, 200, 2000, 20000})
                if (step == shown)
                    std::printf("%8d %7.3f %7.3f %10.2f %10.2f %8.2f\n", step, posterior.theta,
                                std::exp(posterior.log_variance / 2), posterior.log_alpha(),
                                prune::kl_log_uniform(posterior.log_alpha()), posterior.loss(data));
            if (step % (step < 500 ? 5 : 100) == 0) curve.points.push_back({double(step + 1), posterior.log_alpha()});
            if (step < 20000) posterior.descend(data);
        }
        const bool stays = posterior.log_alpha() <= 3;
        std::printf("log alpha %.2f: the weight %s\n\n", posterior.log_alpha(), stays ? "stays" : "is pruned");
        curve.name = text("w = ", w, stays ? ", stays" : ", pruned");
        curve.style = stays ? "c0" : "c1";
        curves.push_back(curve);
    }

    curves.push_back({"threshold of pruning", "c6", {{1, 3}, {20000, 3}}, report::Series::Mark::line});
    std::ofstream(file) << report::picture(
        report::plot("log alpha", {"step of gradient descent", true}, {"log alpha"}, curves));
    std::printf("plot: %s\n", file.c_str());
}
