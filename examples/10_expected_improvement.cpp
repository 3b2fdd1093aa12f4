// SPDX-License-Identifier: Apache-2.0
// Lesson 10: expected hypervolume improvement over a front of three. Two numbers are to be small, error and kilobytes,
// and three networks are known of which none is as good as another in both and better in one: a Pareto front. Its
// hypervolume is the area between the front and a reference, the worst that still counts. Of a candidate only a mean
// and a standard deviation of each number are known; it is worth what it is expected to add to the area (Yang,
// Emmerich, Deutz, Bäck 2019):
//   Psi(t) = E[(t - f)+] = (t - mu) Phi(z) + sd phi(z),   z = (t - mu) / sd: how far f ~ N(mu, sd^2) is
//   below t on average, where f above t counts as 0
//   (u)+ = max(0, u); Phi and phi: distribution function and density of the standard normal distribution
//   EHVI = sum over stripes i of [Psi_1(x_(i+1)) - Psi_1(x_i)] Psi_2(y_i)
// This holds if error and size are independent. x_1, x_2, x_3 are the errors of the front, in order; x_0 is -infinity
// and x_4 the error of the reference. A point of stripe i must stay below y_i kilobytes: those of the reference in
// stripe 0, those of point i in the others.
// Writes 10_expected_improvement.svg, or the file named as argument.
// Headers: mobo/ehvi.hpp, mobo/hypervolume.hpp. Equations: docs/equations.md, "Fronts and hypervolume", "Expected
// improvement".
#include "tinysparse/base/random.hpp"
#include "tinysparse/mobo/ehvi.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/report/svg.hpp"
#include <cstdio>
#include <fstream>

using namespace tinysparse;

int main(int count, char** words) {
    const std::vector<mobo::Point> front = {{1, 6}, {3, 3}, {5, 2}}; // error in per cent, kilobytes
    const mobo::Point reference = {8, 8};

    // 1: the hypervolume by hand, as three rectangles side by side: from each point to the error of the next.
    const double by_hand = (3 - 1) * (8 - 6) + (5 - 3) * (8 - 3) + (8 - 5) * (8 - 2);
    std::printf("hypervolume by hand %.1f %% KB, by the library %.1f %% KB\n", by_hand,
                mobo::hypervolume(front, reference));

    // 2: candidates with the same deviations of 1 % and 0.5 KB, and one that is more uncertain.
    struct Candidate {
        const char* name;
        mobo::Point mean, deviation;
    };
    const Candidate candidates[] = {
        {"between two points", {2, 4}, {1, 0.5}}, {"better than (3, 3)", {2.5, 2.5}, {1, 0.5}},
        {"behind the front", {4.5, 5}, {1, 0.5}}, {"behind, uncertain", {4.5, 5}, {3, 1.5}},
        {"small and bad", {7, 1}, {1, 0.5}},
    };
    const mobo::Ehvi ehvi(front, reference);
    Random random(1, "lesson");
    using Mark = report::Series::Mark;
    std::vector<report::Series> drawn; // each candidate in its colour, with a deviation to each side
    // "if certain" is what a candidate would add if it were exactly its mean.
    std::printf(
        "candidate            error       size        EHVI in %% KB: by hand  library  20000 draws  if certain\n");
    for (const auto& [name, mean, deviation] : candidates) {
        // By hand: stripe i lies between the errors of two neighbours.
        const double edges[] = {-1e9, 1, 3, 5, 8}, below[] = {8, 6, 3, 2};
        double sum = 0;
        for (int i = 0; i < 4; ++i)
            sum += (mobo::expected_shortfall(edges[i + 1], mean[0], deviation[0]) -
                    mobo::expected_shortfall(edges[i], mean[0], deviation[0])) *
                   mobo::expected_shortfall(below[i], mean[1], deviation[1]);
        // By draws: what the area really gains, on average over what the candidate may turn out to be.
        const auto gain = [&](const mobo::Point& point) {
            std::vector<mobo::Point> grown = front;
            grown.push_back(point);
            return mobo::hypervolume(grown, reference) - by_hand;
        };
        const int draws = 20000;
        double gained = 0;
        for (int i = 0; i < draws; ++i)
            gained += gain({mean[0] + deviation[0] * random.normal(), mean[1] + deviation[1] * random.normal()});
        std::printf("%-19s %3.1f+-%.1f %%  %3.1f+-%.1f KB %22.3f %8.3f %12.2f %11.2f\n", name, mean[0], deviation[0],
                    mean[1], deviation[1], sum, ehvi(mean, deviation), gained / draws, gain(mean));
        const double x = mean[0], y = mean[1], dx = deviation[0], dy = deviation[1];
        const std::string colour = text("c", 1 + drawn.size() / 3);
        drawn.insert(drawn.begin(), {{"", colour, {{x - dx, y}, {x + dx, y}}, Mark::line}, // under those before
                                     {"", colour, {{x, y - dy}, {x, y + dy}}, Mark::line}});
        drawn.push_back({name, colour, {{x, y}}, dx > 1 ? Mark::rings : Mark::dots}); // one stands around another
    }

    report::Series steps{"front", "c0", {}, Mark::steps}, points{"its points", "c0"};
    steps.points.push_back({1, 8});
    for (const mobo::Point& point : front) {
        steps.points.push_back({point[0], point[1]});
        points.points.push_back({point[0], point[1]});
    }
    steps.points.push_back({8, 2});
    const report::Series corner{"reference", "c6", {{8, 8}}};
    const std::string file = count > 1 ? words[1] : "10_expected_improvement.svg";
    drawn.insert(drawn.end(), {steps, points, corner});
    std::ofstream(file) << report::picture(report::plot(
        "a front", {"error (%)"}, {"size (KB) of a front and of candidates, with their deviations"}, drawn));
    std::printf("plot: %s\n", file.c_str());
}
