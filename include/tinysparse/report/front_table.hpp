// SPDX-License-Identifier: Apache-2.0
// The front of a run for people: a table, and the remarks below it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/report/front.hpp"

namespace tinysparse::report {

namespace detail {

/// The measures that have a column, in the order of the columns. `heading`: Column::page or Column::console.
inline std::vector<const search::MeasureInfo*> columns(std::string_view search::Column::*heading) {
    std::vector<const search::MeasureInfo*> shown;
    for (int place = 1; place <= int(search::measure_count); ++place)
        for (const search::MeasureInfo& row : search::measure_table)
            if (row.column.place == place && !(row.column.*heading).empty()) shown.push_back(&row);
    return shown;
}

inline std::string measure_cell(const FrontPoint& point, const search::MeasureInfo& row) {
    const std::optional<double>& value = point.measure(row.measure);
    const bool estimate = value && search::told_by_chip(row.measure) && !measured(point);
    return (estimate ? "~" : "") +
           (value && row.column.decimals ? fixed_decimals(*value, row.column.decimals) : count_cell(value));
}

/// The network and its pruning, for people.
inline std::string network_cell(const FrontPoint& point, const search::RunLog& log) {
    const space::Pruning& pruning = point.record->trial.genome.pruning;
    const std::string network = network_line(point, log);
    return pruning.active() ? text(network, " | ", pruning.name()) : network;
}

/// The training of a point's network that RUN#ID names, in a run with folds: "all samples", "fold 3".
inline std::string model_cell(const FrontPoint& point) {
    return point.record->has_refit() ? "all samples" : text("fold ", point.record->outcome.best_fold() + 1);
}

/// Headings and cells of a network's scores, in percent: first the score by the run's error, unless it is an accuracy,
/// then the accuracies. `validation`: heading of the accuracy there. If numbers are answered: errors, and the RMSE in
/// the unit of the data if there is one number.
inline std::vector<std::string> score_titles(const search::RunLog& log, std::string_view validation) {
    if (log.head.answers_numbers()) return {"id", "error", "95 % interval", "test error", "RMSE"};
    std::vector<std::string> titles = {"id"};
    if (log.head.error != judge::ErrorKind::plain) titles.push_back(text(judge::info(log.head.error).score, " %"));
    titles.emplace_back(validation);
    if (validation_samples(log)) titles.emplace_back("95 % interval");
    titles.emplace_back("test %");
    return titles;
}
inline std::vector<std::string> number_cells(const FrontPoint& point) {
    const std::vector<search::NumberScore>& scores = point.record->outcome.numbers;
    return {text(point.record->trial.number), number_cell(1 - point.score()), number_interval_cell(point.interval()),
            number_cell(point.test_error), scores.size() == 1 ? number_cell(scores[0].rmse) : "-"};
}
inline std::vector<std::string> score_cells(const search::RunLog& log, const FrontPoint& point) {
    if (log.head.answers_numbers()) return number_cells(point);
    std::vector<std::string> cells = {text(point.record->trial.number)};
    if (log.head.error != judge::ErrorKind::plain) cells.push_back(percent_cell(point.score()));
    cells.push_back(percent_cell(point.validation_accuracy()));
    if (validation_samples(log)) cells.push_back(point.interval() ? interval_cell(*point.interval()) : "none");
    cells.push_back(percent_cell(point.test_accuracy));
    return cells;
}

/// "98.55 +- 0.12 (3)": mean and deviation of the scores of the fresh trainings, or of the errors of numbers, and their
/// number; "-" if there are none.
inline std::string fresh_cell(const search::RunLog& log, const FrontPoint& point) {
    const search::FreshTrainings& fresh = point.fresh;
    if (!fresh.mean_error) return "-";
    const bool numbers = log.head.answers_numbers();
    std::string cell = numbers ? number_cell(fresh.mean_error) : percent_cell(1 - *fresh.mean_error);
    if (fresh.deviation) cell += text(" +- ", numbers ? number_cell(fresh.deviation) : percent_cell(fresh.deviation));
    return text(cell, " (", fresh.count, ")");
}

/// The bits of the network's weights: "8", or "2-8" if layers differ.
inline std::string bits_cell(const search::RunLog& log, const FrontPoint& point) {
    const net::Spec spec = space::express(point.record->trial.genome, log.head.space);
    const auto less = [](const net::Layer& a, const net::Layer& b) { return a.bits < b.bits; };
    const auto [least, most] = std::minmax_element(spec.layers.begin(), spec.layers.end(), less);
    return least->bits == most->bits ? text(least->bits) : text(least->bits, "-", most->bits);
}

/// Columns of costs. The bits of weights come after the column that counts the weights.
inline void add_cost_titles(const std::vector<const search::MeasureInfo*>& measures,
                            std::string_view search::Column::*heading, std::vector<std::string>& titles) {
    for (const search::MeasureInfo* row : measures) {
        titles.emplace_back(row->column.*heading);
        if (row->measure == search::Measure::nonzeros) titles.emplace_back("bits");
    }
}
inline void add_cost_cells(const search::RunLog& log, const FrontPoint& point,
                           const std::vector<const search::MeasureInfo*>& measures, std::vector<std::string>& cells) {
    for (const search::MeasureInfo* row : measures) {
        cells.push_back(measure_cell(point, *row));
        if (row->measure == search::Measure::nonzeros) cells.push_back(bits_cell(log, point));
    }
}

/// The columns of costs on a narrow console: some appear only if they are an objective or have a limit, and none that
/// is unknown for this board.
inline std::vector<const search::MeasureInfo*> console_columns(const search::RunLog& log,
                                                               const std::vector<FrontPoint>& points) {
    std::vector<const search::MeasureInfo*> shown = columns(&search::Column::console);
    std::erase_if(shown, [&](const search::MeasureInfo* row) {
        const auto& objectives = log.head.objectives;
        const bool asked = std::find(objectives.begin(), objectives.end(), row->measure) != objectives.end() ||
                           log.head.limits.contains(row->measure);
        return !asked &&
               (row->column.if_asked || std::none_of(points.begin(), points.end(), [&](const FrontPoint& point) {
                    return point.measure(row->measure).has_value();
                }));
    });
    return shown;
}

} // namespace detail

/// The front for people: accuracies in percent, sizes in bytes; ~ marks estimates. If nothing beats the constant
/// answer, a line that says so.
inline std::string front_table(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    if (const auto nothing = search::nothing_beats_constant(log)) return *nothing + "\n";
    const auto measures = detail::console_columns(log, points);
    std::vector<std::string> titles = detail::score_titles(log, log.head.folds > 0 ? "folds %" : "val %");
    detail::add_cost_titles(measures, &search::Column::console, titles);
    titles.emplace_back(log.head.folds > 0 ? "trained on" : "fresh seeds");
    titles.emplace_back("<network");
    Table table(titles);
    for (const FrontPoint& point : points) {
        std::vector<std::string> cells = detail::score_cells(log, point);
        detail::add_cost_cells(log, point, measures, cells);
        cells.insert(cells.end(), {log.head.folds > 0 ? detail::model_cell(point) : detail::fresh_cell(log, point),
                                   detail::network_cell(point, log)});
        table.add(std::move(cells));
    }
    return table.text();
}

/// The remarks below a front: the mean loss by selection, if a point has one, and the baseline, if the run has one.
inline std::vector<std::string> front_remarks(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    std::vector<std::string> remarks;
    if (const auto loss = mean_loss(points)) {
        const bool numbers = log.head.answers_numbers();
        const double least = std::abs(loss->first);
        const std::string difference =
            numbers ? text(number_cell(least), " deviations") : text(fixed_decimals(100 * least, 2), " points");
        remarks.push_back(text("loss by selection: fresh trainings of ", loss->second,
                               loss->second == 1 ? " network" : " networks", numbers ? " have errors " : " score ",
                               difference, (loss->first < 0) == numbers ? " lower" : " higher",
                               " on average than the trainings that were chosen"));
    }
    if (const auto linear = baseline_text(log)) remarks.push_back(*linear);
    return remarks;
}

/// The table, with one line below it for each remark.
inline std::string front_text(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    std::string out = front_table(log, points);
    for (const std::string& remark : front_remarks(log, points)) out += printable(remark) + "\n";
    return out;
}

} // namespace tinysparse::report
