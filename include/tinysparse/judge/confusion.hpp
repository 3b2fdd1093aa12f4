// SPDX-License-Identifier: Apache-2.0
// Confusion matrices and their scores: accuracy, precision, recall, F1, and the kinds of error that a search may
// minimise. Means over classes omit classes without samples in the judged part.
#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tinysparse/base/rows.hpp"

namespace tinysparse::judge {

/// Number of samples by their true class and their predicted class.
class ConfusionMatrix {
  public:
    /// All counts begin at 0.
    explicit ConfusionMatrix(std::size_t classes)
        : classes_(classes), counts_(classes * classes), truths_(classes), answers_(classes) {}

    /// Counts samples of class `truth` for which `answer` was predicted; both below classes().
    void add(std::size_t truth, std::size_t answer, std::size_t samples = 1) {
        assert(truth < classes_ && answer < classes_);
        counts_[truth * classes_ + answer] += samples;
        truths_[truth] += samples;
        answers_[answer] += samples;
    }
    /// Rows, and columns, of the matrix.
    std::size_t classes() const { return classes_; }
    /// Samples of class `truth` for which `answer` was predicted.
    std::size_t at(std::size_t truth, std::size_t answer) const { return counts_[truth * classes_ + answer]; }

    /// Samples of a class; answers that name a class; all samples; right answers.
    std::size_t truths(std::size_t c) const { return truths_[c]; }
    /// Samples for which class c was predicted.
    std::size_t answers(std::size_t c) const { return answers_[c]; }
    /// Samples of all classes.
    std::size_t samples() const {
        std::size_t sum = 0;
        for (const std::size_t count : truths_) sum += count;
        return sum;
    }
    /// Samples on the diagonal.
    std::size_t right() const {
        std::size_t sum = 0;
        for (std::size_t c = 0; c < classes_; ++c) sum += at(c, c);
        return sum;
    }
    bool operator==(const ConfusionMatrix&) const = default;

  private:
    std::size_t classes_;
    std::vector<std::size_t> counts_, truths_, answers_;
};

/// Share of right answers, 0..1. This function and the next ones need a matrix of at least one sample.
inline double accuracy(const ConfusionMatrix& matrix) { return double(matrix.right()) / double(matrix.samples()); }

/// Share of a class's samples that were answered right; no value if the class has no samples.
inline std::optional<double> recall(const ConfusionMatrix& matrix, std::size_t c) {
    const std::size_t truths = matrix.truths(c);
    return truths == 0 ? std::nullopt : std::optional(double(matrix.at(c, c)) / double(truths));
}

/// Share of a class's answers that were right; no value if it was never answered.
inline std::optional<double> precision(const ConfusionMatrix& matrix, std::size_t c) {
    const std::size_t answers = matrix.answers(c);
    return answers == 0 ? std::nullopt : std::optional(double(matrix.at(c, c)) / double(answers));
}

/// Harmonic mean of precision and recall, 0 if the class was never answered; no value if it has no samples.
inline std::optional<double> f1(const ConfusionMatrix& matrix, std::size_t c) {
    const std::size_t truths = matrix.truths(c);
    if (truths == 0) return std::nullopt;
    return 2 * double(matrix.at(c, c)) / double(truths + matrix.answers(c));
}

namespace detail {
/// Mean over the classes that have samples.
template <class Of> double class_mean(const ConfusionMatrix& matrix, const Of& of) {
    double sum = 0;
    std::size_t present = 0;
    for (std::size_t c = 0; c < matrix.classes(); ++c)
        if (const auto value = of(matrix, c)) {
            sum += *value;
            ++present;
        }
    return sum / double(present);
}
} // namespace detail

/// Mean recall of the classes that have samples.
inline double balanced_accuracy(const ConfusionMatrix& matrix) { return detail::class_mean(matrix, recall); }

/// Mean F1 of the classes that have samples.
inline double macro_f1(const ConfusionMatrix& matrix) { return detail::class_mean(matrix, f1); }

/// Kinds of error: 1 - accuracy, 1 - mean recall, or 1 - macro F1; for networks that predict numbers, the RMSE in
/// standard deviations (judge/numbers.hpp).
enum class ErrorKind : std::uint8_t { plain, balanced, macro_f1, rmse, count };

/// Names of one kind of error, and its score.
struct ErrorInfo {
    ErrorKind kind;
    std::string_view name;                      ///< In options, journals and JSON.
    std::string_view score;                     ///< Name of 1 - error; for predicted numbers, of the error itself.
    double (*score_of)(const ConfusionMatrix&); ///< 1 - error; null for predicted numbers.
};
inline constexpr ErrorInfo error_kinds[] = {{ErrorKind::plain, "plain", "accuracy", accuracy},
                                            {ErrorKind::balanced, "balanced", "balanced accuracy", balanced_accuracy},
                                            {ErrorKind::macro_f1, "macro-f1", "macro F1", macro_f1},
                                            {ErrorKind::rmse, "rmse", "RMSE in standard deviations", nullptr}};
static_assert(has_every_row<&ErrorInfo::kind>(error_kinds));

/// The row of the table.
constexpr const ErrorInfo& info(ErrorKind kind) { return error_kinds[std::size_t(kind)]; }

/// This function and the next ones need a kind of error of classes.
inline double error(const ConfusionMatrix& matrix, ErrorKind kind) { return 1 - info(kind).score_of(matrix); }

namespace detail {
/// Matrix of a part whose samples, class_counts[c] of class c, are all answered right.
inline ConfusionMatrix all_right(std::span<const std::size_t> class_counts) {
    ConfusionMatrix matrix(class_counts.size());
    for (std::size_t c = 0; c < class_counts.size(); ++c) matrix.add(c, c, class_counts[c]);
    return matrix;
}
} // namespace detail

/// The least error that always answering the same class can reach. class_counts: samples of each class, at least one in
/// all.
inline double trivial_error(std::span<const std::size_t> class_counts, ErrorKind kind) {
    double least = 1;
    for (std::size_t answer = 0; answer < class_counts.size(); ++answer) {
        ConfusionMatrix matrix(class_counts.size());
        for (std::size_t c = 0; c < class_counts.size(); ++c) matrix.add(c, answer, class_counts[c]);
        least = std::min(least, error(matrix, kind));
    }
    return least;
}

/// Half of the least error above 0, which one wrong answer has in the class that it costs least: the largest class.
inline double smallest_error(std::span<const std::size_t> class_counts, ErrorKind kind) {
    const auto largest = std::max_element(class_counts.begin(), class_counts.end());
    if (kind == ErrorKind::plain) return 0.5 / double(detail::all_right(class_counts).samples());
    double least = 1;
    for (std::size_t answer = 0; answer < class_counts.size(); ++answer) {
        if (class_counts.begin() + std::ptrdiff_t(answer) == largest) continue;
        std::vector<std::size_t> rest(class_counts.begin(), class_counts.end());
        --rest[std::size_t(largest - class_counts.begin())];
        ConfusionMatrix matrix = detail::all_right(rest);
        matrix.add(std::size_t(largest - class_counts.begin()), answer);
        least = std::min(least, error(matrix, kind));
    }
    return least / 2;
}

} // namespace tinysparse::judge
