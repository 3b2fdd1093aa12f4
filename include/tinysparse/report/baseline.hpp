// SPDX-License-Identifier: Apache-2.0
// The baseline of a run, its linear classifier, in a sentence and as JSON: the score that a search has to beat.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/report/measure_words.hpp"
#include "tinysparse/report/table.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::report {

/// "98.10 % balanced accuracy", "98.10 %" for plain accuracy, or "RMSE 0.312 deviations" for numbers. score: 1 - error.
inline std::string score_text(judge::ErrorKind kind, double score) {
    if (kind == judge::ErrorKind::rmse) return text("RMSE ", number_cell(1 - score), " deviations");
    return text(percent_cell(score), " %", kind == judge::ErrorKind::plain ? "" : text(" ", judge::info(kind).score));
}

/// The record of the baseline; null in runs of older versions, or if the data allow none. It belongs to the log.
inline const search::Record* baseline(const search::RunLog& log) {
    const auto found = std::find_if(log.records.begin(), log.records.end(),
                                    [](const search::Record& record) { return is_baseline(record.trial); });
    return found == log.records.end() ? nullptr : &*found;
}

namespace detail {

/// "linear classifier", or "linear model" if numbers are answered.
inline std::string_view baseline_words(const search::RunLog& log) {
    return log.head.answers_numbers() ? "linear model" : "linear classifier";
}

/// "; breaks the limit flash <= 5 000 B with 9 120 B": why the baseline is infeasible; empty if it is not.
inline std::string broken_text(const search::Record& record, const search::Limits& limits) {
    std::vector<std::string> broken;
    for (const auto& [measure, limit] : search::broken_limits(record.outcome, limits)) {
        const double value = record.outcome.measures[measure].value();
        broken.push_back(
            text(search::name_of(measure), " <= ", value_words(measure, limit), " with ", value_words(measure, value)));
    }
    if (!broken.empty()) return text("; breaks the limit", broken.size() == 1 ? " " : "s ", join(broken, " and "));
    return record.feasible ? "" : "; may break a limit, since its costs are only predicted";
}

} // namespace detail

/// "baseline: F10, 92.10 % with 7 850 B stored (trial 0)"; or why it has no score or breaks a limit. Nothing
/// if the run has no baseline.
inline std::optional<std::string> baseline_text(const search::RunLog& log) {
    const search::Record* const record = baseline(log);
    if (!record) return std::nullopt;
    const std::string net = net::notation(space::express(record->trial.genome, log.head.space));
    const std::string trial = text(" (trial ", record->trial.number, ")");
    const search::Outcome& outcome = record->outcome;
    if (outcome.failure) return text("baseline: ", net, trial, " could not be trained: ", *outcome.failure);
    const std::optional<double>& bytes = outcome.measures[search::Measure::weight_bytes];
    return text("baseline: ", net, ", ",
                score_text(log.head.error, 1 - outcome.measures[search::Measure::error].value()),
                bytes ? text(" with ", count_cell(bytes), " B stored") : "", trial,
                detail::broken_text(*record, log.head.limits));
}

/// {"id", "net", "validation_accuracy", "error", costs ..., "feasible", "broken_limits": [names], "failure"}; null if
/// the run has none. Unknown values are null.
inline json::Value baseline_json(const search::RunLog& log) {
    const search::Record* const record = baseline(log);
    if (!record) return {};
    const search::Outcome& outcome = record->outcome;
    const bool scored = !outcome.failure && !log.head.answers_numbers();
    json::Value entry = json::object({{"id", record->trial.number},
                                      {"net", net::notation(space::express(record->trial.genome, log.head.space))},
                                      {"validation_accuracy", scored ? json::Value(outcome.accuracy()) : json::Value()},
                                      {"error", json::Value(outcome.measures[search::Measure::error])}});
    for (const search::MeasureInfo& row : search::cost_table)
        entry[row.name] = json::Value(outcome.measures[row.measure]);
    json::Value broken = json::array();
    for (const auto& [measure, limit] : search::broken_limits(outcome, log.head.limits))
        broken.push_back(search::name_of(measure));
    entry["feasible"] = record->feasible;
    entry["broken_limits"] = std::move(broken);
    entry["failure"] = json::Value(outcome.failure);
    return entry;
}

} // namespace tinysparse::report
