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
#include "tinysparse/report/limits.hpp"
#include "tinysparse/report/numbers.hpp"
#include "tinysparse/report/verdict.hpp"

namespace tinysparse::report {

/// A cost in a column that names its unit, with the decimals of its measure's column; "-" if it is unknown.
inline std::string cost_cell(search::Measure cost, const std::optional<double>& value) {
    const int decimals = search::info(cost).column.decimals;
    return value && decimals ? fixed_decimals(*value, decimals) : count_cell(value);
}

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
    return text(estimate ? "~" : "", cost_cell(row.measure, value));
}

/// The network and its pruning, for people.
inline std::string network_cell(const FrontPoint& point, const search::RunLog& log) {
    const space::Pruning& pruning = point.record->trial.genome.pruning;
    const std::string network = network_line(point, log);
    return pruning.active() ? text(network, " | ", pruning.name()) : network;
}

/// The training of a point's network that RUN#ID names, in a run with folds: "all but test", "all but fold 3".
inline std::string model_cell(const FrontPoint& point) {
    return point.record->has_refit() ? "all but test" : text("all but fold ", point.record->outcome.best_fold() + 1);
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
/// The same headings on a page, where an accuracy that is not the run's score is called so.
inline std::vector<std::string> page_score_titles(const search::RunLog& log) {
    const bool accuracy = log.head.error == judge::ErrorKind::plain || log.head.answers_numbers();
    const std::string unit = accuracy ? " %" : " accuracy %";
    std::vector<std::string> titles = score_titles(log, (log.head.folds > 0 ? "folds" : "validation") + unit);
    if (!accuracy) titles.back() = "test" + unit;
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

/// Adds the objectives and limited measures without a column of their own.
inline void add_asked_columns(const search::RunLog& log, std::vector<const search::MeasureInfo*>& shown) {
    const auto add = [&](search::Measure measure) {
        const search::MeasureInfo* const row = &search::info(measure);
        if (measure != search::Measure::error && std::find(shown.begin(), shown.end(), row) == shown.end())
            shown.push_back(row);
    };
    for (const search::Measure objective : log.head.objectives) add(objective);
    for (const auto& [measure, limit] : log.head.limits) add(measure);
}

/// Cells of costs. The bits of weights come after the number of the weights.
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

/// True if one fold alone has judged some of the networks: then all folds have judged none but the baseline.
inline bool by_one_fold(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    return std::any_of(points.begin(), points.end(),
                       [&](const FrontPoint& point) { return point.record->judged_by_one_of(log.head.folds); });
}

/// The columns of a front in the order in which a narrow screen leaves them out, the last one first.
enum DropOrder : int {
    stays,
    by_first_cost,
    by_second_cost,
    by_test,
    by_network,
    by_limits,
    by_interval,
    by_other_costs,
    by_accuracy,
    by_bits,
    by_nonzeros,
    by_trainings
};

/// What a legend says of the columns of score_titles(), in their order, and when they are left out.
inline std::vector<TableColumn> score_columns(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    const std::size_t folds = log.head.folds;
    const std::string judged =
        folds == 0 ? std::string("the validation part")
        : by_one_fold(log, points)
            ? text("samples that the network was not trained on, one fold of ", folds, " (for a baseline all of them)")
            : text("samples that the network was not trained on, in ", folds, " rounds");
    const std::string chosen = text("on ", judged, ", by which the search chooses");
    std::vector<TableColumn> columns;
    for (const std::string& title : score_titles(log, log.head.folds > 0 ? "folds %" : "val %"))
        columns.push_back({title});
    columns[0].meaning = "number of the trial: RUN#ID names its model in other commands";
    if (log.head.answers_numbers()) {
        columns[1].meaning = text("RMSE in standard deviations ", chosen, "; 1 is what the constant answer has");
        columns[2] = {columns[2].title, "interval in which that error lies with 95 % confidence", by_interval};
        columns[3] = {columns[3].title, "the same error on the test part, which was looked at only at the end",
                      by_test};
        columns[4] = {columns[4].title, "root mean squared error in the unit of the data", by_other_costs};
        return columns;
    }
    const bool plain = log.head.error == judge::ErrorKind::plain;
    columns[1].meaning = text(judge::info(log.head.error).score, " in percent ", chosen);
    for (std::size_t c = 2; c < columns.size(); ++c) {
        TableColumn& column = columns[c];
        if (column.title == "95 % interval")
            column = {column.title, "interval in which the accuracy lies with 95 % confidence", by_interval};
        else if (column.title == "test %")
            column = {column.title, "accuracy in percent on the test part, which was looked at only at the end",
                      by_test};
        else if (!plain)
            column = {column.title, text("accuracy in percent on ", judged), by_accuracy};
    }
    return columns;
}

/// The columns of costs: objectives are left out last.
inline std::vector<TableColumn> cost_columns(const search::RunLog& log,
                                             const std::vector<const search::MeasureInfo*>& measures) {
    const search::Objectives& objectives = log.head.objectives;
    std::vector<TableColumn> columns;
    for (const search::MeasureInfo* row : measures) {
        const auto place = std::find(objectives.begin(), objectives.end(), row->measure) - objectives.begin();
        const bool is_objective = place < std::ptrdiff_t(objectives.size());
        const int usual = row->measure == search::Measure::nonzeros ? by_nonzeros
                          : log.head.limits.contains(row->measure)  ? by_limits
                                                                    : by_other_costs;
        columns.push_back({std::string(row->column.console), std::string(row->column.meaning),
                           is_objective ? stays + int(place) : usual});
        if (row->measure == search::Measure::nonzeros) columns.push_back({"bits", "bits per weight", by_bits});
    }
    return columns;
}

/// What a table of the front says of the trainings of its networks.
inline TableColumn trainings_column(const search::RunLog& log) {
    if (log.head.folds > 0)
        return {"trained on",
                "samples that the model RUN#ID was trained on: all but the test part, or all but one fold of them",
                by_trainings};
    return {"fresh seeds",
            "mean and deviation of the same score over further trainings with other seeds, and their number; nobody "
            "chose among them",
            by_trainings};
}
inline std::string trainings_cell(const search::RunLog& log, const FrontPoint& point) {
    return log.head.folds > 0 ? model_cell(point) : fresh_cell(log, point);
}

/// The front for people, a row for each point.
inline Table front_rows_table(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    const auto measures = console_columns(log, points);
    std::vector<TableColumn> columns = score_columns(log, points);
    for (TableColumn& column : cost_columns(log, measures)) columns.push_back(std::move(column));
    columns.push_back(trainings_column(log));
    columns.push_back({"<network",
                       "its layers, then after a bar how it was pruned; show RUN#ID shows the remaining layers",
                       by_network});
    Table table = Table::of(columns);
    for (const FrontPoint& point : points) {
        std::vector<std::string> cells = score_cells(log, point);
        add_cost_cells(log, point, measures, cells);
        cells.insert(cells.end(), {trainings_cell(log, point), network_cell(point, log)});
        table.add(std::move(cells));
    }
    return table;
}

/// What to expect on new samples: the test score of the best network, and the score that chose it, which is partly
/// luck. With folds, whose samples are few, both scores count.
/// Nothing if the run minimises another error than the share of wrong answers, or if nothing was tested.
inline std::optional<std::string> expectation(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    if (log.head.answers_numbers() || log.head.error != judge::ErrorKind::plain || points.empty()) return std::nullopt;
    const FrontPoint& best = *std::max_element(
        points.begin(), points.end(), [](const FrontPoint& a, const FrontPoint& b) { return a.score() < b.score(); });
    if (!best.test_accuracy) return std::nullopt;
    const std::string test =
        text("the test score, ", percent_cell(best.test_accuracy), " % for #", best.record->trial.number);
    const std::string chosen = text(percent_cell(best.score()), " %");
    const bool lucky = log.records.size() > 1 && best.score() > *best.test_accuracy;
    const std::string luck = text(" are the best of ", log.records.size(), " trainings, so partly luck");
    if (log.head.folds == 0)
        return text("on new samples like these expect about ", test,
                    lucky ? text("; the ", chosen, " of the validation part", luck) : "");
    return text("on new samples like these expect something between ", test, ", and that of ",
                best.record->judged_by_one_of(log.head.folds) ? "one fold, " : "the folds, ", chosen,
                best.interval() ? text(" (", interval_cell(*best.interval()), ")") : "",
                lucky ? text("; the ", chosen, luck) : "");
}

} // namespace detail

/// The front for people: accuracies in percent, sizes in bytes; ~ marks estimates. If nothing beats the
/// constant answer, a line that says so. Columns are left out if lines would be longer than the width, see Table.
inline std::string front_table(const search::RunLog& log, const std::vector<FrontPoint>& points,
                               std::size_t width = any_width) {
    if (const auto nothing = search::nothing_beats_constant(log)) return *nothing + "\n";
    return detail::front_rows_table(log, points).text(width);
}

/// What the columns of front_table() mean; nothing without points.
inline std::string front_legend(const search::RunLog& log, const std::vector<FrontPoint>& points,
                                std::size_t width = any_width) {
    if (points.empty()) return "";
    const bool estimates = std::any_of(points.begin(), points.end(), [](const FrontPoint& point) {
        return !detail::measured(point) &&
               std::any_of(std::begin(search::chip_measures), std::end(search::chip_measures),
                           [&](search::Measure measure) { return point.measure(measure).has_value(); });
    });
    const char* const mark = "~ marks a cost that is predicted and was not measured on the simulated chip.";
    return text(detail::front_rows_table(log, points).legend(width), estimates ? wrapped(mark, width, 4) + "\n" : "");
}

/// The remarks below a front: the mean loss by selection, if a point has one, what to expect on new samples, the
/// baseline, if the run has one, and the builds of the program, if the run has several.
inline std::vector<std::string> front_remarks(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    std::vector<std::string> remarks;
    if (const auto loss = mean_loss(points)) {
        const bool numbers = log.head.answers_numbers();
        const double least = std::abs(loss->first);
        const std::string difference = numbers ? text(number_cell(least), " deviations")
                                               : text(fixed_decimals(100 * least, 2), " percentage points");
        remarks.push_back(text("loss by selection: fresh trainings of ", counted(loss->second, "network"),
                               numbers ? " have errors " : " score ", difference,
                               (loss->first < 0) == numbers ? " lower" : " higher",
                               " on average than the trainings that were chosen"));
    }
    if (auto expected = detail::expectation(log, points)) remarks.push_back(std::move(*expected));
    if (const auto linear = baseline_text(log)) remarks.push_back(*linear);
    if (auto builds = search::mixed_builds(log.head.build, log.continued_by)) remarks.push_back(std::move(*builds));
    return remarks;
}

/// The table, what stands below it, a line each, the limits of the run, and the legend.
inline std::string front_text(const search::RunLog& log, const std::vector<FrontPoint>& points,
                              std::size_t width = any_width) {
    std::string out = front_table(log, points, width);
    std::vector<std::string> remarks = front_remarks(log, points);
    if (!points.empty())
        for (std::string& sentence : limit_sentences(log.head)) remarks.push_back(std::move(sentence));
    for (const std::string& remark : remarks) out += wrapped(printable(remark), width, 4) + "\n";
    const std::string legend = front_legend(log, points, width);
    return legend.empty() ? out : text(out, "\n", legend);
}

} // namespace tinysparse::report
