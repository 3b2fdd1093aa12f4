// SPDX-License-Identifier: Apache-2.0
// Intervals of 95 %: the range in which a score would lie on other samples of the same kind.
//   Wilson       (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n),  z = 1.96, of a share p of n
//                independent samples (Wilson 1927, "Probable inference, the law of succession, ...", JASA 22)
//   bootstrap    quantiles at 2.5 and 97.5 % of the score over draws with replacement (Efron 1979). Samples are drawn
//                if they are independent, else the groups that they belong to, since new data bring new groups.
#pragma once
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/judge/confusion.hpp"

namespace tinysparse::judge {

/// A confidence interval of 95 %.
struct Interval {
    double low = 0, high = 1;
    bool operator==(const Interval&) const = default;
};

/// [low, high], or null.
inline json::Value interval_json(const std::optional<Interval>& interval) {
    return interval ? json::array({interval->low, interval->high}) : json::Value();
}

/// Wilson's interval of the share right / samples. At least one sample, which is independent of the others.
inline Interval wilson(std::size_t right, std::size_t samples) {
    assert(samples > 0 && right <= samples);
    constexpr double z = 1.959963984540054;
    const double n = double(samples), p = double(right) / n, width = 1 + z * z / n;
    const double centre = (p + z * z / (2 * n)) / width;
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / width;
    return {right == 0 ? 0 : centre - half, right == samples ? 1 : centre + half};
}

/// Standard error of the share right / samples. Two samples of either kind are added (Agresti and Coull 1998), so that
/// it is not 0 if all or none are right. At least one sample, which is independent of the others.
inline double share_se(std::size_t right, std::size_t samples) {
    assert(samples > 0 && right <= samples);
    const double n = double(samples) + 4, p = (double(right) + 2) / n;
    return std::sqrt(p * (1 - p) / n);
}

/// The standard error that a normally distributed score with this interval has.
inline double se_of(const Interval& interval) { return (interval.high - interval.low) / (2 * 1.959963984540054); }

/// True class and answer of each sample of a part, and the group that it belongs to. Without groups, all samples are
/// independent.
struct Answers {
    std::size_t classes = 0;
    std::span<const std::uint8_t> truths, answers;
    std::span<const std::uint32_t> groups;

    /// Number of samples.
    std::size_t size() const { return truths.size(); }
    /// Throws Error unless every sample has a class, an answer and, if there are groups, a group.
    void check() const {
        if (answers.size() != size() || (!groups.empty() && groups.size() != size()))
            throw Error(text(size(), " true classes, ", answers.size(), " answers and ", groups.size(),
                             " groups; give one of each for every sample, or no groups"));
        for (std::size_t i = 0; i < size(); ++i)
            if (truths[i] >= classes || answers[i] >= classes)
                throw Error(text("sample ", i, " has class ", truths[i], " and answer ", answers[i], "; the ", classes,
                                 " classes are numbered from 0"));
    }
    /// Counts all samples; groups do not matter. Throws Error as check() does.
    ConfusionMatrix matrix() const {
        check();
        ConfusionMatrix matrix(classes);
        for (std::size_t i = 0; i < size(); ++i) matrix.add(truths[i], answers[i]);
        return matrix;
    }
};

/// A score of a matrix with at least one sample; no value if it is undefined, such as the F1 of a class without
/// samples.
using Score = std::function<std::optional<double>(const ConfusionMatrix&)>;

/// Resamplings of groups or samples for one interval.
inline constexpr std::size_t bootstrap_draws = 2000;
/// Minimum number of groups, or of independent samples, for a bootstrap; with fewer it says too little about others.
inline constexpr std::size_t fewest_groups = 5;

namespace detail {

/// Samples of one class with the same answer.
struct Cell {
    std::size_t truth, answer, samples;
};

/// Matrices drawn with replacement from the groups of a part. Each is the sum of as many groups as there are.
class GroupDraws {
  public:
    explicit GroupDraws(const Answers& given) : classes_(given.classes) {
        given.check();
        std::vector<std::uint32_t> order(given.size());
        std::iota(order.begin(), order.end(), 0u);
        const auto key = [&](std::uint32_t i) {
            return (std::uint64_t{given.groups[i]} << 16) | std::uint64_t(given.truths[i] << 8 | given.answers[i]);
        };
        std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
        for (std::size_t i = 0; i < order.size(); ++i) {
            const std::uint32_t at = order[i];
            if (i == 0 || given.groups[at] != given.groups[order[i - 1]]) groups_.emplace_back();
            if (groups_.back().empty() || key(at) != key(order[i - 1]))
                groups_.back().push_back({given.truths[at], given.answers[at], 0});
            ++groups_.back().back().samples;
        }
    }
    std::size_t units() const { return groups_.size(); }
    ConfusionMatrix operator()(Random& random) const {
        ConfusionMatrix sum(classes_);
        for (std::size_t i = 0; i < groups_.size(); ++i)
            for (const Cell& cell : groups_[random.below(std::uint32_t(groups_.size()))])
                sum.add(cell.truth, cell.answer, cell.samples);
        return sum;
    }

  private:
    std::size_t classes_;
    std::vector<std::vector<Cell>> groups_;
};

/// Matrices drawn with replacement from independent samples: a multinomial over the cells, one binomial draw per cell.
class SampleDraws {
  public:
    explicit SampleDraws(const ConfusionMatrix& matrix)
        : classes_(matrix.classes()), samples_(matrix.samples()), log_factorials_(samples_ + 1) {
        for (std::size_t truth = 0; truth < classes_; ++truth)
            for (std::size_t answer = 0; answer < classes_; ++answer)
                if (matrix.at(truth, answer) > 0) cells_.push_back({truth, answer, matrix.at(truth, answer)});
        for (std::size_t n = 1; n <= samples_; ++n) log_factorials_[n] = log_factorials_[n - 1] + std::log(double(n));
    }
    std::size_t units() const { return samples_; }
    ConfusionMatrix operator()(Random& random) const {
        ConfusionMatrix drawn(classes_);
        std::size_t left = samples_, weight = samples_; // samples and weight of the cells from here on
        for (const Cell& cell : cells_) {
            const std::size_t samples = binomial(left, double(cell.samples) / double(weight), random);
            drawn.add(cell.truth, cell.answer, samples);
            left -= samples;
            weight -= cell.samples;
        }
        return drawn;
    }

    /// Successes of n trials, n <= samples, by inversion: values are tried from the most likely one outwards.
    std::size_t binomial(std::size_t n, double p, Random& random) const {
        if (n == 0 || p >= 1) return n;
        const double odds = p / (1 - p);
        std::size_t low = std::min(n, std::size_t(double(n + 1) * p)), high = low;
        double below = std::exp(log_factorials_[n] - log_factorials_[low] - log_factorials_[n - low] +
                                double(low) * std::log(p) + double(n - low) * std::log1p(-p));
        double above = below, rest = random.uniform() - below;
        const std::size_t mode = low;
        while (rest >= 0 && (low > 0 || high < n)) {
            if (high < n) {
                above *= odds * double(n - high) / double(high + 1);
                ++high;
                if ((rest -= above) < 0) return high;
            }
            if (low > 0) {
                below *= double(low) / (odds * double(n - low + 1));
                --low;
                if ((rest -= below) < 0) return low;
            }
        }
        return mode;
    }

  private:
    std::size_t classes_, samples_;
    std::vector<Cell> cells_;
    std::vector<double> log_factorials_;
};

/// Interpolated quantile of sorted values, at a share of the way from the first to the last.
inline double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * double(sorted.size() - 1);
    const std::size_t at = std::size_t(place);
    const double next = at + 1 < sorted.size() ? sorted[at + 1] : sorted[at];
    return sorted[at] + (place - double(at)) * (next - sorted[at]);
}

template <class Draws>
std::vector<std::optional<Interval>> bootstrap(const Draws& draw, std::span<const Score> scores) {
    std::vector<std::optional<Interval>> intervals(scores.size());
    if (draw.units() < fewest_groups) return intervals;
    std::vector<std::vector<double>> values(scores.size());
    Random random(1, "bootstrap"); // the same seed always, so that the same answers have the same interval
    for (std::size_t i = 0; i < bootstrap_draws; ++i) {
        const ConfusionMatrix drawn = draw(random);
        for (std::size_t k = 0; k < scores.size(); ++k)
            if (const auto value = scores[k](drawn)) values[k].push_back(*value);
    }
    for (std::size_t k = 0; k < scores.size(); ++k) {
        if (values[k].empty()) continue;
        std::sort(values[k].begin(), values[k].end());
        intervals[k] = {quantile(values[k], 0.025), quantile(values[k], 0.975)};
    }
    return intervals;
}

} // namespace detail

/// Interval of each score by bootstrap; none with fewer than `fewest_groups` groups (or independent samples). Draws in
/// which a score has no value do not count for that score. The same answers give the same intervals.
inline std::vector<std::optional<Interval>> bootstrap(const Answers& given, std::span<const Score> scores) {
    if (given.groups.empty()) return detail::bootstrap(detail::SampleDraws(given.matrix()), scores);
    return detail::bootstrap(detail::GroupDraws(given), scores);
}

/// Interval of the accuracy: Wilson's if samples are independent, else by bootstrap over groups, and none with fewer
/// than `fewest_groups` groups. At least one sample.
inline std::optional<Interval> accuracy_interval(const Answers& given) {
    if (given.groups.empty()) return wilson(given.matrix().right(), given.size());
    const Score score = accuracy;
    return bootstrap(given, std::span(&score, 1)).front();
}

} // namespace tinysparse::judge
