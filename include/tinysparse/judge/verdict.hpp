// SPDX-License-Identifier: Apache-2.0
// Verdict: all scores of the answers on a part of a data set. report/verdict.hpp writes it as text.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/judge/interval.hpp"

namespace tinysparse::judge {

/// The answers to the samples of one group.
struct GroupScore {
    std::string name;
    std::size_t samples = 0, right = 0; ///< right: samples that are answered right.
    /// Share of the group's samples that are right.
    double accuracy() const { return double(right) / double(samples); }
};

/// All that is said of the answers to one part: counts by class, scores with intervals, and groups.
struct Verdict {
    std::vector<std::string> class_names;
    ConfusionMatrix matrix;
    std::vector<GroupScore> groups; ///< Groups that have samples, by number; empty: independent samples.
    std::optional<Interval> accuracy, balanced_accuracy, macro_f1;
    std::vector<std::optional<Interval>> f1; ///< One per class.

    /// The class with most samples; the first if several have as many.
    std::size_t largest_class() const {
        std::size_t largest = 0;
        for (std::size_t c = 1; c < matrix.classes(); ++c)
            if (matrix.truths(c) > matrix.truths(largest)) largest = c;
        return largest;
    }
    /// The score of always answering the largest class.
    double largest_share() const { return double(matrix.truths(largest_class())) / double(matrix.samples()); }
    /// Classes without samples, which every mean over classes omits.
    std::vector<std::string> absent_classes() const {
        std::vector<std::string> absent;
        for (std::size_t c = 0; c < matrix.classes(); ++c)
            if (matrix.truths(c) == 0) absent.push_back(class_names[c]);
        return absent;
    }
    /// Groups with the lowest and the highest accuracy; the first if several have the same. There is at least one
    /// group.
    const GroupScore& worst_group() const { return *std::min_element(groups.begin(), groups.end(), less_accurate); }
    /// Group with the highest accuracy; the first if several have the same.
    const GroupScore& best_group() const { return *std::max_element(groups.begin(), groups.end(), less_accurate); }

    /// The order of worst_group() and best_group().
    static bool less_accurate(const GroupScore& a, const GroupScore& b) { return a.accuracy() < b.accuracy(); }
};

namespace detail {

/// Scores of the groups that occur. names: by number of the group; a number beyond them becomes the name.
inline std::vector<GroupScore> group_scores(const Answers& given, const std::vector<std::string>& names) {
    std::map<std::uint32_t, GroupScore> scores;
    for (std::size_t i = 0; i < given.groups.size(); ++i) {
        GroupScore& score = scores[given.groups[i]];
        ++score.samples;
        score.right += given.truths[i] == given.answers[i];
    }
    std::vector<GroupScore> list;
    for (auto& [number, score] : scores) {
        score.name = number < names.size() ? names[number] : text(number);
        list.push_back(std::move(score));
    }
    return list;
}

/// Number of groups, or of independent samples, in which each class occurs.
inline std::vector<std::size_t> units_of_classes(const Answers& given) {
    std::vector<std::size_t> units(given.classes);
    if (given.groups.empty()) {
        for (const std::uint8_t truth : given.truths) ++units[truth];
        return units;
    }
    std::vector<std::uint64_t> pairs;
    for (std::size_t i = 0; i < given.size(); ++i)
        pairs.push_back((std::uint64_t{given.groups[i]} << 8) | given.truths[i]);
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    for (const std::uint64_t pair : pairs) ++units[pair & 0xff];
    return units;
}

} // namespace detail

/// The verdict on at least one answer. class_names: one per class; group_names: by the numbers of the groups. The F1 of
/// a class that occurs in fewer than `fewest_groups` groups (or samples) has no interval. Throws Error if lengths do
/// not belong together.
inline Verdict verdict(const Answers& given, std::vector<std::string> class_names,
                       const std::vector<std::string>& group_names = {}) {
    Verdict out{std::move(class_names), given.matrix(), detail::group_scores(given, group_names), {}, {}, {}, {}};
    // A draw that misses a class has no mean over classes: without the rare class it would be too good.
    const auto over_classes = [&](double (*mean)(const ConfusionMatrix&)) -> Score {
        return [&, mean](const ConfusionMatrix& matrix) -> std::optional<double> {
            for (std::size_t c = 0; c < matrix.classes(); ++c)
                if (matrix.truths(c) == 0 && out.matrix.truths(c) > 0) return std::nullopt;
            return mean(matrix);
        };
    };
    std::vector<Score> scores = {over_classes(balanced_accuracy), over_classes(macro_f1)};
    for (std::size_t c = 0; c < given.classes; ++c)
        scores.push_back([c](const ConfusionMatrix& matrix) { return f1(matrix, c); });
    const auto intervals = bootstrap(given, scores);
    out.accuracy = accuracy_interval(given);
    out.balanced_accuracy = intervals[0];
    out.macro_f1 = intervals[1];
    const std::vector<std::size_t> units = detail::units_of_classes(given);
    for (std::size_t c = 0; c < given.classes; ++c)
        out.f1.push_back(units[c] < fewest_groups ? std::nullopt : intervals[c + 2]);
    return out;
}

} // namespace tinysparse::judge
