// SPDX-License-Identifier: Apache-2.0
// The model of a front that a rule picks, in sentences: which one, why, and how much the validation samples can tell.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/report/front_table.hpp"
#include "tinysparse/report/numbers.hpp"
#include "tinysparse/report/verdict.hpp"

namespace tinysparse::report {

/// A rule and the words by which a user named it.
struct NamedPick {
    /// By default the best of any size.
    Pick rule{Pick::Rule::best, std::numeric_limits<double>::infinity()};
    std::string words = "best"; ///< As the user typed them.
};

namespace detail {

/// "an accuracy of 98.10 %", or "an error of 0.123" for numbers.
inline std::string score_phrase(const search::RunLog& log, double score) {
    if (log.head.answers_numbers()) return text("an error of ", number_cell(1 - score), " standard deviations");
    return text(log.head.error == judge::ErrorKind::plain ? "an accuracy of "
                                                          : text(judge::info(log.head.error).score, " "),
                percent_cell(score), " %");
}

/// "the smallest of those with at least 98.00 %"
inline std::string reason_of(const search::RunLog& log, const Pick& by, std::size_t members) {
    const std::string_view bytes = size_words(size_measure(log.head));
    if (by.rule == Pick::Rule::best && std::isinf(by.bound))
        return members == 1 ? std::string("the only network on the front")
                            : text("the best of the ", members, " networks on the front");
    if (by.rule == Pick::Rule::best)
        return text("the best of those within ", grouped(std::uint64_t(by.bound)), " B of ", bytes);
    const std::string least = log.head.answers_numbers() ? text("an error of at most ", number_cell(1 - by.bound))
                                                         : text("at least ", percent_cell(by.bound), " %");
    return text(by.rule == Pick::Rule::smallest ? text("the one of the least ", bytes) : "the fastest", " with ",
                least);
}

/// The samples that judged the point, to the end of the sentence.
inline std::string judging_words(const search::RunLog& log, const FrontPoint& point) {
    const search::RunHead& head = log.head;
    if (head.folds == 0) return text("the validation part, ", validation_size(log), ".");
    if (!point.record->judged_by_one_of(head.folds))
        return text(head.folds, " folds of the training and validation parts together, ", validation_size(log), ".");
    const std::vector<std::size_t> counts = search::first_fold_counts(head);
    const std::size_t samples = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    return text("one of ", head.folds, " folds", samples > 0 ? ", " + counted(samples, "sample") : "",
                log.end ? "; the run ended before the others were trained."
                        : "; the others have not been trained yet.");
}

/// What the samples say of the score.
inline std::string validation_sentence(const search::RunLog& log, const FrontPoint& point) {
    if (!validation_samples(log)) return "The run does not say how many samples judged it.";
    const search::RunHead& head = log.head;
    std::string words = text("It was judged by ", judging_words(log, point));
    const auto& interval = point.interval();
    if (!interval) return text(words, " These are too few groups for an interval, so the score may be far off.");
    if (head.answers_numbers())
        return text(words, " On new samples of the same kind the error lies from ", number_interval_cell(interval),
                    ", with 95 % confidence.");
    const std::string here =
        head.error == judge::ErrorKind::plain ? "" : text(", here ", percent_cell(point.validation_accuracy()), " %,");
    return text(words, " On new samples of the same kind the accuracy", here, " lies from ", interval_cell(*interval),
                " %, with 95 % confidence.");
}

/// Number of others that the samples cannot tell from this one, in a sentence; nothing if all are told apart.
inline std::optional<std::string> overlap_sentence(const std::vector<FrontPoint>& points, const FrontPoint& point) {
    if (!point.interval()) return std::nullopt;
    const auto overlaps = [&](const FrontPoint& other) {
        return other.record != point.record && other.interval() && other.interval()->low <= point.interval()->high &&
               point.interval()->low <= other.interval()->high;
    };
    const auto count = std::count_if(points.begin(), points.end(), overlaps);
    if (count == 0) return std::nullopt;
    return text(count == 1 ? std::string("The interval of 1 other member of the front overlaps")
                           : text("The intervals of ", count, " other members of the front overlap"),
                " with its own: these samples do not show which is better.");
}

/// What the choice of the best of many adds to a score.
inline std::string selection_sentence(const search::RunLog& log, const std::vector<FrontPoint>& points,
                                      const FrontPoint& point) {
    const bool numbers = log.head.answers_numbers();
    const auto words = [&](double loss) {
        return numbers ? text(number_cell(loss), " standard deviations")
                       : text(fixed_decimals(100 * loss, 2), " percentage points");
    };
    const std::string why = text("It was chosen among ", counted(log.records.size(), "trial"),
                                 " by these very samples, so its score is too good on average. ");
    if (point.fresh.loss_by_selection)
        return text(why, "Fresh trainings of this network tell by how much: a loss by selection of ",
                    words(*point.fresh.loss_by_selection), ", from ", counted(point.fresh.count, "training"), ".");
    if (const auto mean = mean_loss(points))
        return text(why, "Expect a loss by selection near ", words(mean->first), ", the mean of ",
                    counted(mean->second, "network"), " of this front with fresh trainings.");
    if (log.head.folds > 0 && point.record->outcome.error_se)
        return text(why, "One standard error is ", words(*point.record->outcome.error_se),
                    "; the search compared networks by the error plus that.");
    return text(why, "This run has no fresh trainings, which would tell by how much.");
}

} // namespace detail

/// Sentences on the point that the rule picked among the points of a front. `test_score`: 1 - the run's kind of error
/// on the test part, if that is not the plain one and is known.
inline std::vector<std::string> pick_sentences(const search::RunLog& log, const std::vector<FrontPoint>& points,
                                               const FrontPoint& point, const NamedPick& by,
                                               const std::optional<double>& test_score = {}) {
    std::vector<std::string> sentences = {text("The rule \"", by.words, "\" picks #", point.record->trial.number, ", ",
                                               detail::reason_of(log, by.rule, points.size()), ", with ",
                                               detail::score_phrase(log, point.score()), " on ", judges_of(log, point),
                                               "."),
                                          detail::validation_sentence(log, point)};
    if (auto overlap = detail::overlap_sentence(points, point)) sentences.push_back(std::move(*overlap));
    sentences.push_back(detail::selection_sentence(log, points, point));
    if (point.test_accuracy || point.test_error)
        sentences.push_back(text("On the test part, which chose nothing, it has ",
                                 test_score ? text(detail::score_phrase(log, *test_score), " and ") : "",
                                 point.test_error ? text("an error of ", number_cell(point.test_error))
                                                  : text("an accuracy of ", percent_cell(point.test_accuracy), " %"),
                                 "."));
    return sentences;
}

/// Warnings that concern these sentences: those of the data, as `data` prints them, and of the size of the judge.
inline std::vector<std::string> pick_warnings(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    constexpr std::string_view mark = "warning: ";
    std::vector<std::string> warnings;
    for (const std::string& note : log.head.data_notes)
        if (note.starts_with(mark)) warnings.push_back(note.substr(mark.size()));
    if (auto warning = validation_warning(log, points)) warnings.push_back(std::move(*warning));
    return warnings;
}

} // namespace tinysparse::report
