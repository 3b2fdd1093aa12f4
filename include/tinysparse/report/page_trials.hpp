// SPDX-License-Identifier: Apache-2.0
// The trials of a run on its page: which ones are shown, their table, and the same as data for the page's script.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/net/count.hpp"
#include "tinysparse/report/front_table.hpp"
#include "tinysparse/report/html.hpp"
#include "tinysparse/report/published.hpp"
#include "tinysparse/report/trials.hpp"

namespace tinysparse::report {

/// Bytes that the table of trials may take. The table, the data of the plot and the rest of a page together stay below
/// 1 MB, as a row's data are shorter than the row.
inline constexpr std::size_t most_table_bytes = 400000;

/// Trials below which a page draws no conclusion from all of them.
inline constexpr std::size_t fewest_trials = 10;

/// A trial on the page.
struct ShownTrial {
    FrontPoint point;      ///< As of the front; other trials have no test scores.
    bool on_front = false; ///< On the present front.
    std::string status;    ///< Words of the table's column.
};

namespace detail {

/// All trials, the front first, then the others by number.
inline std::vector<ShownTrial> page_trials(const search::RunLog& log, const std::vector<FrontPoint>& front) {
    std::vector<ShownTrial> trials, others;
    for (const FrontPoint& point : front) trials.push_back({point, true, trial_status(log, *point.record, true)});
    for (const search::Record& record : log.records)
        if (std::none_of(front.begin(), front.end(), [&](const FrontPoint& point) { return point.record == &record; }))
            others.push_back({FrontPoint{&record, std::nullopt, std::nullopt, std::nullopt}, false,
                              trial_status(log, record, false)});
    std::sort(others.begin(), others.end(), [](const ShownTrial& a, const ShownTrial& b) {
        return a.point.record->trial.number < b.point.record->trial.number;
    });
    trials.insert(trials.end(), others.begin(), others.end());
    return trials;
}

/// The measures with a column: those of the front's table, then other objectives and limits.
inline std::vector<const search::MeasureInfo*> trial_columns(const search::RunLog& log,
                                                             const std::vector<ShownTrial>& trials) {
    std::vector<FrontPoint> points;
    for (const ShownTrial& trial : trials) points.push_back(trial.point);
    std::vector<const search::MeasureInfo*> shown = console_columns(log, points);
    add_asked_columns(log, shown);
    return shown;
}

inline HtmlRow trial_row(const search::RunLog& log, const ShownTrial& shown,
                         const std::vector<const search::MeasureInfo*>& measures) {
    const search::Trial& trial = shown.point.record->trial;
    const search::Outcome& outcome = shown.point.record->outcome;
    const std::optional<double>& error = outcome.measures[search::Measure::error];
    HtmlRow row{{text(trial.number), shown.status, std::string(search::origins[std::size_t(trial.origin)].name),
                 text(trial.stage), text(trial.epochs)}};
    row.id = text('t', trial.number);
    if (shown.on_front) row.style = "front";
    row.cells.push_back(outcome.failure || !error    ? "-"
                        : log.head.answers_numbers() ? number_cell(error)
                                                     : percent_cell(1 - *error));
    for (const search::MeasureInfo* measure : measures)
        row.cells.push_back(outcome.failure ? "-" : measure_cell(shown.point, *measure));
    row.cells.push_back(outcome.failure ? *outcome.failure : network_cell(shown.point, log));
    return row;
}

/// Leaves out trials that are not on the front, evenly, until their rows take no more than `most` bytes.
inline void thin_out(std::vector<ShownTrial>& trials, std::vector<HtmlRow>& rows, std::size_t most) {
    std::size_t front = 0, bytes = 0, others = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::size_t size = 60;
        for (const std::string& cell : rows[i].cells) size += 9 + cell.size();
        (trials[i].on_front ? front : others) += size;
        bytes += size;
    }
    if (bytes <= most || others == 0) return;
    const double keep = front < most ? double(most - front) / double(others) : 0;
    std::vector<ShownTrial> kept_trials;
    std::vector<HtmlRow> kept_rows;
    double due = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!trials[i].on_front && (due += keep) < 1) continue;
        if (!trials[i].on_front) due -= 1;
        kept_trials.push_back(std::move(trials[i]));
        kept_rows.push_back(std::move(rows[i]));
    }
    trials = std::move(kept_trials);
    rows = std::move(kept_rows);
}

/// A number with six significant digits, as the plot needs no more; whole ones remain as they are.
inline json::Value short_number(const std::optional<double>& value) {
    if (!value) return {};
    if (std::abs(*value) >= 1000) return std::round(*value);
    return significant(*value, 6);
}

/// A quantity that can be an axis of the plot.
struct PlotMeasure {
    std::string key, title, axis, unit, meaning; ///< axis: the title with the unit. unit: of values.
    std::optional<search::Measure> measure;      ///< Nothing: the weights before pruning.
    std::optional<double> limit;

    std::optional<double> of(const search::RunLog& log, const search::Record& record) const {
        if (record.outcome.failure) return std::nullopt;
        if (measure) return record.outcome.measures[*measure];
        return double(net::weights(space::express(record.trial.genome, log.head.space)));
    }
};

/// What the error is: "share of wrong answers".
inline std::string error_words(const search::RunLog& log) {
    if (log.head.answers_numbers()) return "root mean squared error in standard deviations";
    return log.head.error == judge::ErrorKind::plain ? "share of wrong answers"
                                                     : text("1 - ", judge::info(log.head.error).score);
}

/// The title of an axis for the error.
inline std::string error_title(const search::RunLog& log) {
    if (log.head.answers_numbers()) return text("RMSE on ", judges_of(log), ", standard deviations");
    return text("Error ", log.head.error == judge::ErrorKind::plain ? "" : text("(", error_words(log), ") "), "on ",
                judges_of(log), ", %");
}

/// The error, every measure that a trial has, and the weights before pruning.
inline std::vector<PlotMeasure> plot_measures(const search::RunLog& log) {
    std::vector<PlotMeasure> found;
    for (const search::MeasureInfo& row : search::measure_table) {
        if (std::none_of(log.records.begin(), log.records.end(),
                         [&](const search::Record& record) { return record.outcome.measures[row.measure]; }))
            continue;
        const auto limit = log.head.limits.find(row.measure);
        const std::string unit = row.measure == search::Measure::milliseconds ? "ms"
                                 : row.measure != search::Measure::error      ? (row.unit == "bytes" ? "B" : "")
                                 : log.head.answers_numbers()                 ? "standard deviations"
                                                                              : "%";
        const bool error = row.measure == search::Measure::error;
        const std::string title = error ? "Error" : measure_title(row.measure);
        found.push_back({std::string(row.name), title, error ? error_title(log) : axis_title(row.measure), unit,
                         error ? text(error_words(log), " on ", judges_of(log), ", by which the search chooses")
                               : std::string(words_of(row.measure).meaning),
                         row.measure, limit == log.head.limits.end() ? std::nullopt : std::optional(limit->second)});
    }
    found.push_back(
        {"dense_weights", "Dense weights", "Dense weights", "", "weights before pruning", std::nullopt, std::nullopt});
    return found;
}

/// {"numbers" (are answered), "score" (name of 1 - error), "judges" (the samples that tell it), "x" (key of the first
/// cost), "axes": [{"key", "title", "axis" (title and unit), "unit", "meaning", "limit", "chip" (told_by_chip()),
/// "objective" (of the search)}], "origins", "statuses": names, "within" (number of statuses that may join the front),
/// "trials": [[id, status, origin, stage, epochs, parent, measured, test score, values of the axes ...]], "published":
/// published_json()}
inline json::Value page_json(const search::RunLog& log, const std::vector<ShownTrial>& trials) {
    const std::vector<PlotMeasure> measures = plot_measures(log);
    const auto is_objective = [&](search::Measure measure) {
        return std::find(log.head.objectives.begin(), log.head.objectives.end(), measure) != log.head.objectives.end();
    };
    json::Value statuses = json::array(), axes = json::array(), origins = json::array(), rows = json::array();
    for (const PlotMeasure& measure : measures)
        axes.push_back(json::object({{"key", measure.key},
                                     {"title", measure.title},
                                     {"axis", measure.axis},
                                     {"unit", measure.unit},
                                     {"meaning", measure.meaning},
                                     {"limit", json::Value(measure.limit)},
                                     {"chip", measure.measure && search::told_by_chip(*measure.measure)},
                                     {"objective", measure.measure && is_objective(*measure.measure)}}));
    for (const TrialStatus& status : trial_statuses) statuses.push_back(status.name);
    for (const auto& origin : search::origins) origins.push_back(origin.name);
    for (const ShownTrial& shown : trials) {
        const search::Record& record = *shown.point.record;
        const auto status = std::find_if(std::begin(trial_statuses), std::end(trial_statuses),
                                         [&](const TrialStatus& one) { return one.name == shown.status; }) -
                            std::begin(trial_statuses);
        json::Value row = json::array(
            {record.trial.number, status, std::size_t(record.trial.origin), record.trial.stage, record.trial.epochs,
             json::Value(record.trial.parent), measured(shown.point) ? 1 : 0,
             short_number(log.head.answers_numbers() ? shown.point.test_error : shown.point.test_accuracy)});
        for (const PlotMeasure& measure : measures) row.push_back(short_number(measure.of(log, record)));
        rows.push_back(std::move(row));
    }
    return json::object({{"numbers", log.head.answers_numbers()},
                         {"score", judge::info(log.head.error).score},
                         {"judges", judges_of(log)},
                         {"x", search::name_of(log.head.objectives[1])},
                         {"axes", std::move(axes)},
                         {"origins", std::move(origins)},
                         {"statuses", std::move(statuses)},
                         {"within", statuses_within},
                         {"trials", std::move(rows)},
                         {"published", published_json(published_for(log.head))}});
}

/// The table, and below it what the columns mean.
inline std::string trials_section(const search::RunLog& log, const std::vector<HtmlRow>& rows,
                                  const std::vector<const search::MeasureInfo*>& measures) {
    const bool numbers = log.head.answers_numbers();
    const std::string score(judge::info(log.head.error).score);
    std::vector<std::string> statuses, titles = {"Trial"};
    for (const TrialStatus& status : trial_statuses)
        if (status.name != "one fold" || log.head.folds > 0)
            statuses.push_back(text(status.name, ": ", status.meaning));
    std::vector<std::pair<std::string, std::string>> words = {
        {"status", join(statuses, "; ")},
        {"origin",
         text("random: drawn at random; portfolio: found earlier on other data; mutation: a child of an earlier trial; "
              "promotion: trained again for longer; repeat: trained again with another seed; baseline: the ",
              baseline_words(log), ", trial 0")},
        {"stage", "stage of the search, 1 to 3: from short trainings of many networks to long trainings of the best"},
        {"epochs", "length of the training; an epoch has the steps of one pass in batches of 64"},
        {numbers ? "error" : score + " %",
         numbers ? text("RMSE on ", judges_of(log), ", in standard deviations") : text(score, " on ", judges_of(log))}};
    for (const search::MeasureInfo* row : measures)
        words.emplace_back(measure_title(row->measure), words_of(row->measure).meaning);
    for (const auto& word : words) titles.push_back(capitalised(word.first));
    titles.emplace_back("Network");
    std::string out;
    if (rows.size() < log.records.size())
        out = paragraph(text(grouped(rows.size()), " of ", grouped(log.records.size()),
                             " trials are shown here and in the plot: the front, and of the others an even choice. "
                             "tinysparse front RUN --all lists every one."));
    return text(out, html_table("trials", "All trials", titles, rows), html_meanings(words));
}

} // namespace detail

} // namespace tinysparse::report
