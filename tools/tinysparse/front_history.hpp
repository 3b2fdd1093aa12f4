// SPDX-License-Identifier: Apache-2.0
// The fronts of a search one after the other, and how their hypervolume has grown.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/search/head.hpp"

namespace tinysparse::cli {

class FrontHistory {
  public:
    explicit FrontHistory(const search::RunHead& head) : limits_(head.limits), trivial_error_(head.trivial_error) {
        problem_.objectives = head.objectives;
        problem_.smallest_error = head.smallest_error;
    }

    /// The front after `elapsed` seconds of the run; one that is as it was before adds nothing.
    void add(double elapsed, const std::vector<const search::Record*>& front) {
        std::vector<mobo::Point> points;
        for (const search::Record* record : front) {
            const search::Measures& measures = record->outcome.measures;
            points.push_back(search::objective_point(problem_, measures, measures[search::Measure::error].value()));
        }
        if (points.empty() || (!fronts_.empty() && fronts_.back().points == points)) return;
        fronts_.push_back({elapsed, std::move(points)});
    }

    /// When the last front came, in seconds of the run; nothing if there was none.
    std::optional<double> last() const {
        return fronts_.empty() ? std::nullopt : std::optional(fronts_.back().elapsed);
    }

    /// Hypervolumes at `count` times at equal distances from the first front to `now`, all below one reference: the
    /// limits or largest costs, and the reference error of what is known now. Empty without a front.
    std::vector<double> growth(double now, std::size_t count) const {
        std::vector<double> growth;
        if (fronts_.empty()) return growth;
        const mobo::Point below = reference();
        const double begin = fronts_.front().elapsed,
                     step = (now - begin) / double(std::max<std::size_t>(count, 2) - 1);
        std::size_t at = 0;
        double volume = mobo::hypervolume(fronts_[0].points, below);
        for (std::size_t k = 0; k < count; ++k) {
            const double time = begin + double(k) * step;
            const std::size_t before = at;
            while (at + 1 < fronts_.size() && (fronts_[at + 1].elapsed <= time || k + 1 == count)) ++at;
            if (at != before) volume = mobo::hypervolume(fronts_[at].points, below);
            growth.push_back(volume);
        }
        return growth;
    }

  private:
    struct Front {
        double elapsed;
        std::vector<mobo::Point> points; ///< On log scales.
    };

    mobo::Point reference() const {
        mobo::Point worst = fronts_.front().points.front(), best = worst;
        for (const Front& front : fronts_)
            for (const mobo::Point& point : front.points)
                for (std::size_t k = 0; k < point.size(); ++k) {
                    worst[k] = std::max(worst[k], point[k]);
                    best[k] = std::min(best[k], point[k]);
                }
        for (std::size_t k = 0; k < worst.size(); ++k) {
            const search::Measure objective = problem_.objectives[k];
            const auto limit = limits_.find(objective);
            if (objective == search::Measure::error)
                worst[k] = search::error_reference(std::exp(best[k]), trivial_error_);
            else if (limit != limits_.end())
                worst[k] = std::max(worst[k], std::log(std::max(limit->second, 1.0)));
            worst[k] += 1e-9; // so that what lies on it has a volume, too
        }
        return worst;
    }

    search::Problem problem_;
    search::Limits limits_;
    double trivial_error_;
    std::vector<Front> fronts_;
};

} // namespace tinysparse::cli
