// SPDX-License-Identifier: Apache-2.0
// Expected hypervolume improvement if only the first objective is uncertain and the others, the costs, are computed:
// the number of bytes of a network is known before it is trained, its error is not.
// Sort the front by its first objective: t_0 = -inf < t_1 <= ... <= t_n < t_(n+1) = r_1. If the first objective lies in
// t_j..t_(j+1), the gain is the length (two objectives) or area (three) A_j between the candidate's costs c and the
// reference that front points 1..j leave uncovered:
//   EHVI = sum_j A_j [Psi(t_(j+1)) - Psi(t_j)],   Psi(t) = E[(t - f)_+],  f ~ N(mean, sd^2)
// A_j only shrinks; the sum ends at the first A_j of 0. O(n) for two objectives, O(n log n) for three, for which the
// covered area is a staircase that grows point by point.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tinysparse/mobo/ehvi.hpp"
#include "tinysparse/mobo/hypervolume.hpp"

namespace tinysparse::mobo {

/// Expected hypervolume improvement over a front, if only the first objective is uncertain.
class EhviKnownCosts {
  public:
    /// Takes points of the front [first objective, costs ...] and the reference, for two or three objectives. Dominated
    /// points and points outside are ignored. Throws Error on other numbers of objectives and on NaN.
    EhviKnownCosts(std::span<const Point> front, std::span<const double> reference)
        : reference_(reference.begin(), reference.end()) {
        if (reference.size() != 2 && reference.size() != 3)
            throw Error(text("expected hypervolume improvement over known costs was asked for ", reference.size(),
                             " objectives; it is there for 2 and 3"));
        check_point(reference, reference.size(), 0);
        for (std::size_t i = 0; i < front.size(); ++i) {
            check_point(front[i], reference.size(), i);
            if (!std::equal(front[i].begin(), front[i].end(), reference_.begin(), std::less<>())) continue;
            const double second = reference.size() == 3 ? reference_[2] - front[i][2] : 1.0;
            steps_.push_back({front[i][0], reference_[1] - front[i][1], second, 0});
        }
        std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.x < b.x; });
        for (std::size_t i = 0; i < steps_.size(); ++i) steps_[i].rank = i;
        std::sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) { return a.level < b.level; });
    }

    /// The expected improvement of a candidate with uncertain first objective (sd >= 0) and known costs. 0 unless all
    /// costs are below the reference. Throws Error unless there is a cost for each objective but the first.
    double operator()(double mean, double sd, std::span<const double> costs) {
        check_length(costs, reference_.size() - 1, "known costs");
        const double width = reference_[1] - costs[0], height = reference_.size() == 3 ? reference_[2] - costs[1] : 1.0;
        if (!(width > 0 && height > 0)) return 0;
        const double whole = width * height;
        double sum = 0, below = 0, uncovered = whole;
        stairs_.clear(steps_.size());
        for (const Step& step : steps_) {
            const double psi = expected_shortfall(step.level, mean, sd);
            sum += uncovered * (psi - below);
            below = psi;
            if (step.x >= width && step.y >= height) return sum;
            stairs_.add(step.rank, std::min(step.x, width), std::min(step.y, height));
            uncovered = std::max(0.0, whole - stairs_.area());
        }
        return sum + uncovered * (expected_shortfall(reference_[0], mean, sd) - below);
    }

  private:
    struct Step { // a front point: its first objective, and its costs' distances below the reference
        double level, x, y;
        std::size_t rank;
    };
    Point reference_;
    std::vector<Step> steps_;
    detail::Staircase stairs_;
};

} // namespace tinysparse::mobo
