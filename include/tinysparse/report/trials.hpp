// SPDX-License-Identifier: Apache-2.0
// Every trial of a run, those that failed or broke a limit included, as JSON, as CSV and as a table.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/report/front_table.hpp"

namespace tinysparse::report {

/// A search of fewer trainings than these has hardly begun: more of them find better networks.
inline constexpr std::size_t few_trainings = 50;

/// What may become of a trial.
struct TrialStatus {
    std::string_view name;
    std::string_view meaning; ///< Explains the name below a table.
};
/// All of them; from the fourth on the trial cannot join the front.
inline constexpr TrialStatus trial_statuses[] = {
    {"front", "it is on the front"},
    {"ok", "it holds the limits, but is not on the front: another network, a longer training of the same one, or the "
           "constant answer is at least as good"},
    {"one fold", "one fold alone has judged it, which counts for the front only while all folds have judged no other "
                 "network"},
    {"over limit", "a measure breaks a limit"},
    {"near limit", "a cost is only predicted, and too near to its limit for that"},
    {"lost", "its model is gone"},
    {"failed", "there is no model, and the last column says why"},
};
/// Number of the statuses before "over limit".
inline constexpr std::size_t statuses_within = 3;

/// What became of a trial: a name of trial_statuses.
inline std::string trial_status(const search::RunLog& log, const search::Record& record, bool on_front) {
    if (record.outcome.failure) return "failed";
    if (log.end && log.end->without_model.contains(record.trial.number)) return "lost";
    if (on_front) return "front";
    if (record.feasible) return record.judged_by_one_of(log.head.folds) ? "one fold" : "ok";
    return search::broken_limits(record.outcome, log.head.limits).empty() ? "near limit" : "over limit";
}

namespace detail {

inline json::Value trial_json(const search::RunLog& log, const search::Record& record, bool on_front) {
    const search::Trial& trial = record.trial;
    const search::Outcome& outcome = record.outcome;
    json::Value broken = json::array();
    if (!outcome.failure)
        for (const auto& [measure, limit] : search::broken_limits(outcome, log.head.limits))
            broken.push_back(search::name_of(measure));
    const bool scored = !outcome.failure && !log.head.answers_numbers();
    json::Value entry = json::object({{"id", trial.number},
                                      {"origin", search::origins[std::size_t(trial.origin)].name},
                                      {"stage", trial.stage},
                                      {"status", trial_status(log, record, on_front)},
                                      {"broken_limits", std::move(broken)},
                                      {"reason", json::Value(outcome.failure)},
                                      {"parent", json::Value(trial.parent)},
                                      {"inherits", trial.inherits},
                                      {"epochs", trial.epochs},
                                      {"seed", trial.seed},
                                      {"folds", outcome.folds.size()},
                                      {"validation_accuracy", scored ? json::Value(outcome.accuracy()) : json::Value()},
                                      {"float_accuracy", json::Value(outcome.float_accuracy)},
                                      {"error", json::Value(outcome.measures[search::Measure::error])},
                                      {"error_se", json::Value(outcome.error_se)}});
    for (const search::MeasureInfo& row : search::cost_table)
        entry[row.name] = json::Value(outcome.measures[row.measure]);
    entry["measured"] = outcome.predicted.has_value();
    for (const search::Measure measure : search::chip_measures)
        entry[text("predicted_", search::name_of(measure))] =
            outcome.predicted ? json::Value((*outcome.predicted)[measure]) : json::Value();
    entry["seconds"] = outcome.seconds;
    entry["elapsed"] = record.elapsed;
    entry["net"] = net::notation(space::express(trial.genome, log.head.space));
    entry["pruning"] = pruning_json(trial.genome.pruning);
    return entry;
}

} // namespace detail

/// [{"id", "origin", "stage", "status" (trial_status()), "broken_limits": [names], "reason" (of a failure), "parent",
/// "inherits", "epochs", "seed", "folds" (that judged it), "validation_accuracy", "float_accuracy", "error",
/// "error_se", costs ..., "measured", "predicted_flash" and others (what was predicted of costs that were measured),
/// "seconds" (of its training), "elapsed" (of the run), "net", "pruning"}] in the order of the numbers; what is not
/// known is null.
inline json::Value trials_json(const search::RunLog& log) {
    const std::vector<const search::Record*> front = search::measured_front(log);
    std::vector<const search::Record*> records;
    for (const search::Record& record : log.records) records.push_back(&record);
    std::sort(records.begin(), records.end(),
              [](const search::Record* a, const search::Record* b) { return a->trial.number < b->trial.number; });
    json::Value list = json::array();
    for (const search::Record* record : records)
        list.push_back(detail::trial_json(log, *record, std::find(front.begin(), front.end(), record) != front.end()));
    return list;
}

/// The same, a line for each trial below a line of names.
inline std::string trials_csv(const search::RunLog& log) { return detail::objects_csv(trials_json(log)); }

/// A table for people: what a trial was, what became of it, its score and the objectives.
inline Table trials_table(const search::RunLog& log) {
    const bool numbers = log.head.answers_numbers();
    std::vector<TableColumn> columns = {
        {"id", "number of the trial"},
        {"<origin",
         "where the network came from: random, portfolio, mutation, promotion (trained longer), repeat "
         "(another seed) or baseline",
         4},
        {"stage", "stage of the search, 1 to 3", 6},
        {"epochs", "length of the training; an epoch has the steps of one pass in batches of 64", 5},
        {"<status", "front, ok (another network or training is at least as good), one fold (judged by one fold alone), "
                    "over limit, near "
                    "limit (its costs are only predicted), "
                    "lost or failed"},
        {detail::score_titles(log, log.head.folds > 0 ? "folds %" : "val %")[1],
         text(numbers ? "RMSE" : judge::info(log.head.error).score, " on ", judges_of(log),
              numbers ? ", in standard deviations" : "")}};
    for (std::size_t i = 1; i < log.head.objectives.size(); ++i) {
        const search::MeasureInfo& row = search::info(log.head.objectives[i]);
        columns.push_back({std::string(row.name), std::string(row.column.meaning), int(i)});
    }
    columns.push_back({"<network", "layers of the network, or why there is none", 3});
    Table table = Table::of(columns);
    const json::Value list = trials_json(log);
    for (const json::Value& trial : *list.array()) {
        const auto words = [&](const char* key) {
            const json::Value& value = *trial.find(key);
            return value.string() ? *value.string() : json::write(value);
        };
        const double* const error = trial.find("error")->number();
        std::vector<std::string> cells = {words("id"), words("origin"), words("stage"), words("epochs"),
                                          words("status")};
        cells.push_back(!error ? "-" : numbers ? number_cell(*error) : percent_cell(1 - *error));
        for (std::size_t i = 1; i < log.head.objectives.size(); ++i) {
            const double* const cost = trial.find(search::name_of(log.head.objectives[i]))->number();
            cells.push_back(cost_cell(log.head.objectives[i], cost ? std::optional(*cost) : std::nullopt));
        }
        cells.push_back(words(trial.find("reason")->is_null() ? "net" : "reason"));
        table.add(std::move(cells));
    }
    return table;
}

} // namespace tinysparse::report
