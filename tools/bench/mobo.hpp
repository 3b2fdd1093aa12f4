// SPDX-License-Identifier: Apache-2.0
// Multi-objective optimisation of test functions: the hypervolume after 20 scrambled Sobol points and 60 proposals.
// Problems and reference points are those of BoTorch's test functions. So the figures can be compared with those of its
// qLogNEHVI after the same 80 evaluations (the references, at 1 to 4 s of processor time per proposal).
//   branin_currin   Branin (Dixon and Szego 1978) and Currin's exponential function, d = 2
//   zdt1, zdt2      Zitzler, Deb, Thiele 2000, d = 6
//   dtlz2_m2, _m3   Deb, Thiele, Laumanns, Zitzler 2005, d = 6
//   vehicle_safety  Liao et al. 2008: mass, acceleration and intrusion in a crash, d = 5
#pragma once
#include <cmath>
#include <numbers>

#include "result.hpp"
#include "statistics.hpp"
#include "tinysparse/mobo/optimiser.hpp"

namespace tinysparse::bench {

struct MoboOptions {
    std::size_t seeds = 10, initial = 20, proposals = 60;
    std::string only{}; // one problem by name; empty: all
    Progress progress{};
};

namespace detail {

struct Problem {
    std::string name;
    std::vector<gp::Warp> dimensions;
    mobo::Point reference;
    double botorch; // mean hypervolume of qLogNEHVI
    std::function<mobo::Point(const std::vector<double>&)> objectives;
};

inline mobo::Point branin_currin(const std::vector<double>& x) {
    using std::numbers::pi;
    const double a = 15 * x[0] - 5, b = 15 * x[1];
    const double t = b - 5.1 / (4 * pi * pi) * a * a + 5 / pi * a - 6;
    const double branin = t * t + 10 * (1 - 1 / (8 * pi)) * std::cos(a) + 10;
    const double factor = x[1] > 0 ? 1 - std::exp(-1 / (2 * x[1])) : 1;
    const double numerator = ((2300 * x[0] + 1900) * x[0] + 2092) * x[0] + 60;
    const double denominator = ((100 * x[0] + 500) * x[0] + 4) * x[0] + 20;
    return {branin, factor * numerator / denominator};
}

/// f_1 = x_1, f_2 = g (1 - (f_1 / g)^power), g = 1 + 9 mean of the others; power 1/2 is ZDT1, 2 is ZDT2.
inline mobo::Point zdt(const std::vector<double>& x, double power) {
    double sum = 0;
    for (std::size_t k = 1; k < x.size(); ++k) sum += x[k];
    const double g = 1 + 9 * sum / double(x.size() - 1);
    return {x[0], g * (1 - std::pow(x[0] / g, power))};
}

inline mobo::Point dtlz2(const std::vector<double>& x, std::size_t objectives) {
    double g = 0;
    for (std::size_t k = objectives - 1; k < x.size(); ++k) g += (x[k] - 0.5) * (x[k] - 0.5);
    mobo::Point out;
    for (std::size_t i = 0; i < objectives; ++i) {
        const std::size_t cosines = objectives - 1 - i;
        double f = 1 + g;
        for (std::size_t k = 0; k < cosines; ++k) f *= std::cos(x[k] * std::numbers::pi / 2);
        if (i > 0) f *= std::sin(x[cosines] * std::numbers::pi / 2);
        out.push_back(f);
    }
    return out;
}

inline mobo::Point vehicle_safety(const std::vector<double>& x) {
    const double a = x[0], b = x[1], c = x[2], d = x[3], e = x[4];
    return {1640.2823 + 2.3573285 * a + 2.3220035 * b + 4.5688768 * c + 7.7213633 * d + 4.4559504 * e,
            6.5856 + 1.15 * a - 1.0427 * b + 0.9738 * c + 0.8364 * d - 0.3695 * a * d + 0.0861 * a * e +
                0.3628 * b * d - 0.1106 * a * a - 0.3437 * c * c + 0.1764 * d * d,
            -0.0551 + 0.0181 * a + 0.1024 * b + 0.0421 * c - 0.0073 * a * b + 0.024 * b * c - 0.0118 * b * d -
                0.0204 * c * d - 0.008 * c * e - 0.0241 * b * b + 0.0109 * d * d};
}

inline std::vector<Problem> mobo_problems() {
    const auto box = [](std::size_t d, double low, double high) { return std::vector(d, gp::Warp::real(low, high)); };
    return {{"branin_currin", box(2, 0, 1), {18, 6}, 58.34, branin_currin},
            {"zdt1", box(6, 0, 1), {11, 11}, 120.5, [](const auto& x) { return zdt(x, 0.5); }},
            {"zdt2", box(6, 0, 1), {11, 11}, 117.2, [](const auto& x) { return zdt(x, 2); }},
            {"dtlz2_m2", box(6, 0, 1), {1.1, 1.1}, 0.402, [](const auto& x) { return dtlz2(x, 2); }},
            {"dtlz2_m3", box(6, 0, 1), {1.1, 1.1, 1.1}, 0.675, [](const auto& x) { return dtlz2(x, 3); }},
            {"vehicle_safety", box(5, 1, 3), {1864.72022, 11.81993945, 0.2903999384}, 243.3, vehicle_safety}};
}

} // namespace detail

/// Medians of the hypervolume by problem, with mean and spread, and the processor time per proposal.
inline Results bench_mobo(const MoboOptions& options = {}) {
    Results results;
    double seconds = 0;
    std::size_t proposals = 0;
    for (const detail::Problem& problem : detail::mobo_problems()) {
        if (!options.only.empty() && options.only != problem.name) continue;
        std::vector<double> volumes;
        for (std::size_t seed = 0; seed < options.seeds; ++seed) {
            mobo::Optimiser optimiser({problem.dimensions}, problem.reference.size(),
                                      {.reference = problem.reference, .initial = options.initial, .seed = seed});
            for (std::size_t i = 0; i < options.initial + options.proposals; ++i) {
                const double begin = cpu_seconds();
                const auto trial = optimiser.ask();
                if (i >= options.initial) {
                    seconds += cpu_seconds() - begin;
                    ++proposals;
                }
                optimiser.tell(trial.id, problem.objectives(trial.point));
            }
            volumes.push_back(mobo::hypervolume(optimiser.front().points(), problem.reference));
            if (options.progress)
                options.progress(
                    text(problem.name, " seed ", seed, ": hypervolume ", fixed_decimals(volumes.back(), 4)));
        }
        const Statistics statistics(volumes);
        results.push_back({problem.name, statistics.median, "hypervolume", problem.botorch});
        results.push_back({problem.name + "_mean", statistics.mean, "hypervolume", problem.botorch});
        results.push_back({problem.name + "_sd", statistics.sd, "hypervolume"});
    }
    results.push_back({"seconds_per_proposal", seconds / double(std::max<std::size_t>(proposals, 1)), "s"});
    return results;
}

} // namespace tinysparse::bench
