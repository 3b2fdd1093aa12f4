// SPDX-License-Identifier: Apache-2.0
// Scores of predicted numbers (regression), for each quantity over the samples of a part:
//   RMSE = sqrt(mean (y - t)^2)      MAE = mean |y - t|      R2 = 1 - sum (y - t)^2 / sum (t - mean t)^2
// and, over all quantities together, the error that searches minimise,
//   error = sqrt(mean over quantities of (RMSE / standard deviation of t)^2)
// which is 1 for the best constant answer, and sqrt(1 - R2) for one quantity. Intervals of 95 % are quantiles of the
// bootstrap, over samples or over the groups that they belong to, as in judge/interval.hpp.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/judge/interval.hpp"

namespace tinysparse::judge {

/// Targets and answers of a part, both [samples][quantities], and the group of each sample. Without groups, all samples
/// are independent.
struct Numbers {
    std::size_t quantities = 0; ///< Numbers that are answered per sample.
    std::span<const float> targets, answers;
    std::span<const std::uint32_t> groups;

    /// Number of samples, each with all quantities.
    std::size_t samples() const { return targets.size() / quantities; }
    /// Throws Error unless every sample has all its targets and answers and, if there are groups, a group.
    void check() const {
        if (quantities == 0 || targets.size() % quantities != 0 || answers.size() != targets.size() ||
            (!groups.empty() && groups.size() != samples()))
            throw Error(text(targets.size(), " targets, ", answers.size(), " answers and ", groups.size(),
                             " groups for samples of ", quantities,
                             " quantities; give a target and an answer for each quantity of every sample, and one "
                             "group for each sample or none"));
    }
};

/// The scores of one quantity.
struct Fit {
    std::string name;
    double rmse = 0, mae = 0;
    double deviation = 0;     ///< Standard deviation of the targets, which is the RMSE of always answering their mean.
    std::optional<double> r2; ///< No value if all targets are equal.
    std::optional<Interval> rmse_interval, mae_interval, r2_interval;
};

/// Adds to an object: {"rmse", "rmse_interval", "mae", "mae_interval", "r2", "r2_interval", "deviation"}. Unknown
/// values are null.
inline void add_scores(json::Value& object, const Fit& fit) {
    object["rmse"] = fit.rmse;
    object["rmse_interval"] = interval_json(fit.rmse_interval);
    object["mae"] = fit.mae;
    object["mae_interval"] = interval_json(fit.mae_interval);
    object["r2"] = json::Value(fit.r2);
    object["r2_interval"] = interval_json(fit.r2_interval);
    object["deviation"] = fit.deviation;
}

/// Error of the samples of one group, relative to the deviations over the whole part.
struct GroupError {
    std::string name;
    std::size_t samples = 0;
    double error = 0;
};

/// The verdict on numbers.
struct NumberVerdict {
    std::size_t samples = 0;
    std::vector<Fit> fits;       ///< One for each quantity.
    std::optional<double> error; ///< No value if all targets of a quantity are equal.
    std::optional<Interval> error_interval;
    std::vector<GroupError> groups; ///< As in Verdict; empty if the error has no value.
};

namespace detail {

/// Sums over samples for one quantity. Targets are counted from a centre near their mean.
struct FitSums {
    double samples = 0, squares = 0, distances = 0, targets = 0, target_squares = 0;

    void add(double target, double answer, double centre) {
        const double distance = answer - target, own = target - centre;
        samples += 1;
        squares += distance * distance;
        distances += std::abs(distance);
        targets += own;
        target_squares += own * own;
    }
    void add(const FitSums& other) {
        samples += other.samples;
        squares += other.squares;
        distances += other.distances;
        targets += other.targets;
        target_squares += other.target_squares;
    }
    double rmse() const { return std::sqrt(squares / samples); }
    double mae() const { return distances / samples; }
    double variance() const { return std::max(0.0, (target_squares - targets * targets / samples) / samples); }
    /// Squared error in squares of the deviation; no value if the targets vary by no more than rounding.
    std::optional<double> relative() const {
        const double own = variance();
        return own > 1e-24 * target_squares / samples && own > 0 ? std::optional(squares / samples / own)
                                                                 : std::nullopt;
    }
};

/// Sums for every quantity, over the units that are drawn together (a group, or one sample), and over a whole part.
class Units {
  public:
    explicit Units(const Numbers& given) : quantities_(given.quantities) {
        given.check();
        std::vector<double> centres(quantities_);
        for (std::size_t i = 0; i < given.targets.size(); ++i) centres[i % quantities_] += double(given.targets[i]);
        for (double& centre : centres) centre /= double(given.samples());
        std::map<std::uint32_t, std::size_t> unit_of;
        for (std::size_t i = 0; i < given.samples(); ++i) {
            const std::uint32_t key = given.groups.empty() ? std::uint32_t(i) : given.groups[i];
            const std::size_t unit = given.groups.empty() ? i : unit_of.try_emplace(key, unit_of.size()).first->second;
            if ((unit + 1) * quantities_ > sums_.size()) {
                sums_.resize((unit + 1) * quantities_);
                keys_.push_back(key);
            }
            for (std::size_t k = 0; k < quantities_; ++k) {
                const std::size_t at = i * quantities_ + k;
                sums_[unit * quantities_ + k].add(double(given.targets[at]), double(given.answers[at]), centres[k]);
            }
        }
    }
    std::size_t size() const { return keys_.size(); }
    std::uint32_t key(std::size_t unit) const { return keys_[unit]; }
    std::span<const FitSums> of(std::size_t unit) const {
        return std::span(sums_).subspan(unit * quantities_, quantities_);
    }
    std::vector<FitSums> all() const {
        std::vector<FitSums> sum(quantities_);
        for (std::size_t unit = 0; unit < size(); ++unit) add(sum, of(unit));
        return sum;
    }
    /// Draws with replacement as many units as there are.
    std::vector<FitSums> drawn(Random& random) const {
        std::vector<FitSums> sum(quantities_);
        for (std::size_t i = 0; i < size(); ++i) add(sum, of(random.below(std::uint32_t(size()))));
        return sum;
    }

  private:
    static void add(std::vector<FitSums>& sum, std::span<const FitSums> more) {
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k].add(more[k]);
    }
    std::size_t quantities_;
    std::vector<FitSums> sums_; ///< [units][quantities]
    std::vector<std::uint32_t> keys_;
};

/// The error over all quantities; no value if all targets of one of them are equal.
inline std::optional<double> error_of(std::span<const FitSums> sums) {
    double total = 0;
    for (const FitSums& one : sums) {
        const auto relative = one.relative();
        if (!relative) return std::nullopt;
        total += *relative;
    }
    return std::sqrt(total / double(sums.size()));
}

/// Values of one score over the draws.
inline std::optional<Interval> interval_of(std::vector<double> values) {
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    return Interval{quantile(values, 0.025), quantile(values, 0.975)};
}

/// Intervals of all scores; none with fewer than `fewest_groups` units.
inline void add_intervals(const Units& units, NumberVerdict& verdict) {
    if (units.size() < fewest_groups) return;
    const std::size_t quantities = verdict.fits.size();
    std::vector<double> errors;
    std::vector<std::vector<double>> rmse(quantities), mae(quantities), r2(quantities);
    Random random(1, "bootstrap"); // the same for all, as in judge/interval.hpp
    for (std::size_t draw = 0; draw < bootstrap_draws; ++draw) {
        const std::vector<FitSums> sums = units.drawn(random);
        if (const auto error = error_of(sums)) errors.push_back(*error);
        for (std::size_t k = 0; k < quantities; ++k) {
            rmse[k].push_back(sums[k].rmse());
            mae[k].push_back(sums[k].mae());
            if (const auto relative = sums[k].relative()) r2[k].push_back(1 - *relative);
        }
    }
    if (verdict.error) verdict.error_interval = interval_of(std::move(errors));
    for (std::size_t k = 0; k < quantities; ++k) {
        Fit& fit = verdict.fits[k];
        fit.rmse_interval = interval_of(std::move(rmse[k]));
        fit.mae_interval = interval_of(std::move(mae[k]));
        if (fit.r2) fit.r2_interval = interval_of(std::move(r2[k]));
    }
}

/// Errors of the groups, in the order of their numbers. The targets of the part must vary.
inline std::vector<GroupError> group_errors(const Units& units, const std::vector<FitSums>& all,
                                            const std::vector<std::string>& names) {
    std::map<std::uint32_t, GroupError> errors;
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
        const std::uint32_t key = units.key(unit);
        double total = 0;
        for (std::size_t k = 0; k < all.size(); ++k)
            total += units.of(unit)[k].squares / units.of(unit)[k].samples / all[k].variance();
        errors[key] = {key < names.size() ? names[key] : text(key), std::size_t(units.of(unit)[0].samples),
                       std::sqrt(total / double(all.size()))};
    }
    std::vector<GroupError> list;
    for (auto& [key, error] : errors) list.push_back(std::move(error));
    return list;
}

} // namespace detail

/// The verdict on at least one answer. names: names of the quantities; group_names: names of the groups, by their
/// numbers. The same answers give the same intervals. Throws Error if lengths do not belong together.
inline NumberVerdict verdict(const Numbers& given, const std::vector<std::string>& names,
                             const std::vector<std::string>& group_names = {}) {
    const detail::Units units(given);
    if (names.size() != given.quantities)
        throw Error(text(names.size(), " names for ", given.quantities, " quantities; give one for each"));
    const std::vector<detail::FitSums> all = units.all();
    NumberVerdict out;
    out.samples = given.samples();
    for (std::size_t k = 0; k < given.quantities; ++k) {
        Fit fit{names[k], all[k].rmse(), all[k].mae(), std::sqrt(all[k].variance()), {}, {}, {}, {}};
        if (const auto relative = all[k].relative()) fit.r2 = 1 - *relative;
        out.fits.push_back(std::move(fit));
    }
    out.error = detail::error_of(all);
    if (!given.groups.empty() && out.error) out.groups = detail::group_errors(units, all, group_names);
    detail::add_intervals(units, out);
    return out;
}

/// The error alone; no value if all targets of a quantity are equal. At least one sample.
inline std::optional<double> error(const Numbers& given) { return detail::error_of(detail::Units(given).all()); }

} // namespace tinysparse::judge
