// SPDX-License-Identifier: Apache-2.0
// Lesson: a Gaussian process in one dimension. Twelve noisy values of a curve, a fit of its hyper-parameters, and what
// the process then believes between the points: a mean and a band that holds the curve with probability 0.95. Writes
// gp_in_one_dimension.svg, or the file named as argument; needs tinysparse/gp alone, no networks.
#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/fit.hpp"
#include "tinysparse/gp/stationary.hpp"
#include <cstdio>
#include <fstream>

using namespace tinysparse;

namespace {
double curve(double x) { return std::sin(9 * x) * (1 - x); }
// Pictures have y downwards: 0..1 across is 600 wide, -1.5..1.5 is 300 high.
std::string place(double x, double y) {
    return text(fixed_decimals(600 * x, 1), ",", fixed_decimals(150 - 100 * y, 1), " ");
}
} // namespace

int main(int count, char** words) {
    Random random(4, "lesson");
    gp::Matrix x(12, 1);
    std::vector<double> y;
    for (std::size_t i = 0; i < x.rows; ++i) {
        x(i, 0) = 0.75 * (double(i) + random.uniform()) / double(x.rows); // nothing is known beyond 0.75
        y.push_back(curve(x(i, 0)) + 0.05 * random.normal());
    }

    gp::GaussianProcess process(gp::Stationary(gp::Columns::all(1), gp::Profile::matern52));
    process.condition(x, y);
    gp::fit(process, random);
    std::printf("length-scale %.2f, noise %.3f of the outputs' spread\n",
                std::exp(process.kernel().parameters()[0].value), std::sqrt(process.noise_variance()));

    std::string upper, lower, mean, truth, dots;
    int inside = 0;
    for (int i = 0; i <= 200; ++i) {
        const double at = i / 200.0, back = 1 - at;
        const gp::Prediction p = process.predict(std::vector<double>{at}),
                             q = process.predict(std::vector<double>{back});
        upper += place(at, p.mean + 1.96 * std::sqrt(p.variance));
        lower += place(back, q.mean - 1.96 * std::sqrt(q.variance)); // backwards, so that the band is one outline
        mean += place(at, p.mean);
        truth += place(at, curve(at));
        inside += std::fabs(p.mean - curve(at)) < 1.96 * std::sqrt(p.variance);
    }
    for (std::size_t i = 0; i < x.rows; ++i)
        dots += text("<circle r='4' cx='", 600 * x(i, 0), "' cy='", 150 - 100 * y[i], "'/>\n");
    std::printf("the band holds the curve at %d of 201 places\n", inside);

    std::ofstream(count > 1 ? words[1] : "gp_in_one_dimension.svg")
        << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 600 300'>\n<polygon fill='#cde' points='" << upper
        << lower << "'/>\n<polyline fill='none' stroke='#26c' stroke-width='2' points='" << mean
        << "'/>\n<polyline fill='none' stroke='#999' stroke-dasharray='5' points='" << truth << "'/>\n"
        << dots << "</svg>\n";
}
