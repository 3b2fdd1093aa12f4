// SPDX-License-Identifier: Apache-2.0
// Lesson: two objectives that disagree, by ask and tell. A bar of width and height should weigh little and bend little;
// no bar is best at both, so the answer is a front. The hypervolume tells how much of the possible has been found.
#include "tinysparse/mobo/optimiser.hpp"
#include <cstdio>

using namespace tinysparse;

int main() {
    // Width and height in millimetres, and the number of bars that share the load: whole numbers are dimensions too.
    const mobo::Domain domain{{gp::Warp::real(5, 50), gp::Warp::real(5, 50), gp::Warp::integer(1, 4)},
                              [](std::span<const double> x) { return x[1] <= 4 * x[0]; }}; // thinner bars would buckle
    const auto evaluate = [](const std::vector<double>& x) {
        const double area = x[0] * x[1] * x[2], stiffness = x[0] * std::pow(x[1], 3) * x[2];
        return mobo::Point{area / 1000, 2e5 / stiffness}; // kilograms and millimetres, both to be small
    };

    // Anything heavier than 4 kg or bending more than 2 mm does not count: of 4 x 2 = 8 that is what a front can cover.
    mobo::Optimiser optimiser(domain, 2, {.reference = {4, 2}, .initial = 8});
    mobo::Optimiser chance(domain, 2, {.strategy = mobo::Strategy::random, .reference = {4, 2}});
    for (int i = 1; i <= 40; ++i) {
        for (mobo::Optimiser* each : {&optimiser, &chance}) {
            const auto trial = each->ask();
            each->tell(trial.id, evaluate(trial.point));
        }
        if (i % 8 == 0)
            std::printf("after %2d trials: hypervolume %.1f, by chance %.1f\n", i,
                        mobo::hypervolume(optimiser.front().points(), optimiser.reference()),
                        mobo::hypervolume(chance.front().points(), chance.reference()));
    }
    // The best bar of any weight has height 4 times its width: the rest is the trade of weight for stiffness.
    std::size_t slender = 0, counted = 0;
    for (const auto& entry : optimiser.front().entries()) {
        if (entry.objectives[0] > 4 || entry.objectives[1] > 2) continue;
        const auto& bar = optimiser.points()[entry.id];
        slender += bar[1] > 3 * bar[0];
        ++counted;
    }
    std::printf("most of the front is slender bars: %s\n", 2 * slender > counted ? "yes" : "no");
}
