// SPDX-License-Identifier: Apache-2.0
// A run as one self-contained HTML page: the task, the front, plots of all trials, and the growth of the front.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/judge/rank_correlation.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/report/front_table.hpp"
#include "tinysparse/report/svg.hpp"

namespace tinysparse::report {

/// A run and its name.
struct NamedRun {
    std::string name;
    search::RunLog log;
};

/// Hypervolume of the measured front after each feasible trial that beats the constant answer, in natural logarithms of
/// the objectives.
struct Growth {
    std::vector<double> seconds, hypervolume;
    /// Hypervolume after this many seconds of the run.
    double at(double time) const {
        double value = 0;
        for (std::size_t i = 0; i < seconds.size() && seconds[i] <= time; ++i) value = hypervolume[i];
        return value;
    }
};

/// Error of the reference point; best and trivial error are those over all runs.
inline double common_error(const std::vector<const search::RunLog*>& logs) {
    double trivial = 1e-9, best = 1;
    for (const search::RunLog* log : logs) {
        trivial = std::max(trivial, log->head.trivial_error);
        for (const search::Record& record : log->records)
            if (record.feasible)
                best = std::min(best,
                                std::max(*record.outcome.measures[search::Measure::error], log->head.smallest_error));
    }
    return search::error_reference(best, trivial);
}

/// Cost of the reference point: the largest limit, or the largest cost of a run without one.
inline double common_cost(const std::vector<const search::RunLog*>& logs, search::Measure objective) {
    double largest = 1e-9;
    for (const search::RunLog* log : logs) {
        const auto limit = log->head.limits.find(objective);
        if (limit != log->head.limits.end()) {
            largest = std::max(largest, limit->second);
            continue;
        }
        for (const search::Record& record : log->records)
            if (record.feasible) largest = std::max(largest, *record.outcome.measures[objective]);
    }
    return std::log(largest);
}

/// The reference point by which fronts of these runs are compared, on log scales. The runs have the same objectives.
inline mobo::Point common_reference(const std::vector<const search::RunLog*>& logs) {
    mobo::Point reference;
    for (const search::Measure objective : logs.front()->head.objectives)
        reference.push_back(objective == search::Measure::error ? common_error(logs) : common_cost(logs, objective));
    return reference;
}

inline Growth growth(const search::RunLog& log, const mobo::Point& reference) {
    const search::Problem problem{log.head.space,
                                  log.head.objectives,
                                  log.head.limits,
                                  log.head.fidelities,
                                  log.head.trivial_error,
                                  log.head.smallest_error,
                                  {}};
    std::vector<const search::Record*> feasible; // in the order of time
    for (const search::Record& record : log.records)
        if (record.feasible &&
            search::beats_constant(*record.outcome.measures[search::Measure::error], log.head.trivial_error))
            feasible.push_back(&record);
    sort_stably(feasible, [](const search::Record* a, const search::Record* b) { return a->elapsed < b->elapsed; });
    Growth result;
    std::vector<mobo::Point> points;
    for (const search::Record* record : feasible) {
        const search::Measures& measures = record->outcome.measures;
        points.push_back(objective_point(problem, measures, *measures[search::Measure::error]));
        result.seconds.push_back(record->elapsed);
        result.hypervolume.push_back(mobo::hypervolume(points, reference));
        // Dominated points change nothing later.
        std::vector<mobo::Point> front;
        for (const std::size_t i : mobo::non_dominated(points)) front.push_back(points[i]);
        points = std::move(front);
    }
    return result;
}

namespace detail {

inline std::string html_table(const std::vector<std::string>& titles,
                              const std::vector<std::vector<std::string>>& rows) {
    std::string out = "<table><thead><tr>";
    for (const std::string& title : titles) out += text("<th>", escaped(title), "</th>");
    out += "</tr></thead><tbody>\n";
    for (const auto& row : rows) {
        out += "<tr>";
        for (const std::string& cell : row) out += text("<td>", escaped(cell), "</td>");
        out += "</tr>\n";
    }
    return out + "</tbody></table>\n";
}

inline std::string front_rows(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    const auto measures = columns(&search::Column::page);
    if (const auto nothing = search::nothing_beats_constant(log)) return text("<p>", escaped(*nothing), "</p>\n");
    std::vector<std::string> titles = score_titles(log, log.head.folds > 0 ? "folds %" : "validation %");
    add_cost_titles(measures, &search::Column::page, titles);
    titles.insert(titles.end(), {"fresh seeds", "network"});
    std::vector<std::vector<std::string>> rows;
    for (const FrontPoint& point : points) {
        rows.push_back(score_cells(log, point));
        add_cost_cells(log, point, measures, rows.back());
        rows.back().push_back(fresh_cell(log, point));
        rows.back().push_back(network_cell(point, log));
    }
    return html_table(titles, rows);
}

/// An error as plots show it: in percent, or in standard deviations for numbers; and the label beside it.
inline double drawn_error(const search::RunLog& log, double error) {
    return (log.head.answers_numbers() ? 1 : 100) * std::max(error, log.head.smallest_error);
}
inline Axis error_axis(const search::RunLog& log) {
    return {log.head.answers_numbers() ? "RMSE on the validation part, standard deviations"
                                       : "error on the validation part, %",
            true};
}

/// Plot of all feasible trials by one measure, with their origins told apart.
inline std::string scatter(const search::RunLog& log, search::Measure measure) {
    constexpr const char* colours[] = {"#999999", "#4477aa", "#cc6677", "#ddaa33", "#222222", "#228833"};
    static_assert(std::size(colours) == std::size(search::origins));
    std::vector<Series> series;
    for (const auto& origin : search::origins) series.push_back({std::string(origin.name), colours[series.size()], {}});
    for (const search::Record& record : log.records) {
        const auto& x = record.outcome.measures[measure];
        if (!record.feasible || !x) continue;
        const double error = *record.outcome.measures[search::Measure::error];
        series[std::size_t(record.trial.origin)].points.push_back(
            {*x, drawn_error(log, error),
             text("#", record.trial.number, ": ", score_text(log.head.error, 1 - error), ", ", record.trial.epochs,
                  " epochs, ", net::notation(space::express(record.trial.genome, log.head.space)))});
    }
    const search::MeasureInfo& row = search::info(measure);
    return plot({text(row.name, row.unit.empty() ? "" : ", ", row.unit), true}, error_axis(log), series);
}

/// Like scatter(), by the weights before and after pruning; below it the correlation of the score with each.
inline std::string scatter_dense(const search::RunLog& log) {
    Series dense{"dense weights", "#999999", {}}, nonzero{"nonzero weights", "#4477aa", {}};
    std::vector<double> scores, before, after;
    for (const search::Record& record : log.records) {
        if (!record.feasible) continue;
        const double error = drawn_error(log, *record.outcome.measures[search::Measure::error]);
        const std::size_t weights = net::weights(space::express(record.trial.genome, log.head.space));
        dense.points.push_back({double(weights), error, text("#", record.trial.number, ": ", weights, " weights")});
        const auto& count = record.outcome.measures[search::Measure::nonzeros];
        if (!count) continue;
        nonzero.points.push_back({std::max(1.0, *count), error, text("#", record.trial.number, ": ", *count)});
        scores.push_back(-*record.outcome.measures[search::Measure::error]);
        before.push_back(double(weights));
        after.push_back(*count);
    }
    const std::string picture = plot({"weights", true}, error_axis(log), {dense, nonzero});
    const auto by_dense = judge::rank_correlation(scores, before), by_nonzero = judge::rank_correlation(scores, after);
    if (picture.empty() || !by_dense || !by_nonzero) return picture;
    return text(picture, "<p>Rank correlation (Spearman) of the ",
                log.head.answers_numbers() ? "error, its sign turned," : judge::info(log.head.error).score,
                " with dense weights ", fixed_decimals(*by_dense, 2), ", with nonzero weights ",
                fixed_decimals(*by_nonzero, 2), ", over ", scores.size(), " trials of all lengths of training.</p>\n");
}

/// Curves of all runs, and their values at the quarters of the longest run.
inline std::string growth_section(const std::vector<std::string>& names,
                                  const std::vector<const search::RunLog*>& logs) {
    constexpr const char* colours[] = {"#4477aa", "#cc6677", "#ddaa33", "#117733", "#882255", "#44aa99", "#999999"};
    const mobo::Point reference = common_reference(logs);
    double end = 0;
    for (const search::RunLog* log : logs) end = std::max(end, log->elapsed);
    std::vector<Series> series;
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        const Growth grown = growth(*logs[i], reference);
        series.push_back({names[i], colours[i % std::size(colours)], {}, true});
        for (std::size_t k = 0; k < grown.seconds.size(); ++k)
            series.back().points.push_back({grown.seconds[k], grown.hypervolume[k], ""});
        rows.push_back({names[i]});
        for (const double share : {0.25, 0.5, 0.75, 1.0})
            rows.back().push_back(fixed_decimals(grown.at(share * end), 3));
    }
    const std::string picture = plot({"seconds of the run"}, {"hypervolume of the front"}, series);
    if (picture.empty()) return "";
    std::vector<std::string> titles = {"run"};
    for (const double share : {0.25, 0.5, 0.75, 1.0}) titles.push_back(text("after ", duration(share * end)));
    std::vector<std::string> bounds;
    for (std::size_t k = 0; k < reference.size(); ++k) {
        const search::Measure objective = logs.front()->head.objectives[k];
        const double bound = std::exp(reference[k]);
        bounds.push_back(objective == search::Measure::error
                             ? text("an error of ", logs.front()->head.answers_numbers()
                                                        ? number_cell(bound)
                                                        : fixed_decimals(100 * bound, 2) + " %")
                             : text(search::name_of(objective), " ", fixed_decimals(bound, 0)));
    }
    return text("<p>In natural logarithms, of what lies below ", escaped(join(bounds, ", ")), ".</p>\n", picture,
                html_table(titles, rows));
}

/// A table of the task, the method and the duration of the run.
inline std::string run_table(const search::RunLog& log) {
    const search::RunHead& head = log.head;
    std::vector<std::string> objectives, limits;
    for (const search::Measure measure : head.objectives) objectives.emplace_back(search::name_of(measure));
    for (const auto& [measure, limit] : head.limits)
        limits.push_back(text(search::name_of(measure), " <= ", measure_words(measure, limit)));
    std::size_t failed = 0;
    for (const search::Record& record : log.records) failed += record.outcome.failure.has_value();
    return html_table({"", "this run"},
                      {{"program", search::build_text(head.build)},
                       {"data", text(head.data, " (", hexadecimal(head.data_digest), ")")},
                       {"seed", text(head.seed)},
                       {"target", head.target},
                       {"objectives", join(objectives, ", ")},
                       {"validation", validation_samples(log) ? validation_size(log) : "unknown"},
                       {"error", text(judge::info(head.error).name, head.answers_numbers() ? ": " : ": 1 - ",
                                      judge::info(head.error).score)},
                       {"limits", join(limits, ", ")},
                       {"proposals", text(head.acquisition, head.inherit ? ", weights inherited" : ", trained afresh")},
                       {"space", space::narrowing(head.space).empty() ? "whole" : space::narrowing(head.space)},
                       {"trials", text(log.records.size(), ", ", failed, " failed")},
                       {"time", text(duration(log.elapsed), ", ", log.goal.jobs, log.goal.jobs == 1 ? " job" : " jobs",
                                     log.end ? "" : "; not ended yet")}});
}

/// A list below a heading; empty without notes.
inline std::string notes_section(std::string_view title, const std::vector<std::string>& notes) {
    if (notes.empty()) return "";
    std::string out = text("<h2>", title, "</h2>\n<ul>");
    for (const std::string& note : notes) out += text("<li>", escaped(note), "</li>");
    return out + "</ul>\n";
}

} // namespace detail

/// The page. `beside`: runs with the same objectives, whose hypervolume is shown together with this run's. `cards`:
/// HTML below the front (cards.hpp). A run without feasible trials has a page without plots. Throws Error if objectives
/// or kinds of error differ.
inline std::string page(const std::string& run, const search::RunLog& log, const std::vector<NamedRun>& beside = {},
                        const std::string& cards = "") {
    std::vector<std::string> names = {run};
    std::vector<const search::RunLog*> logs = {&log};
    for (const NamedRun& other : beside) {
        if (other.log.head.objectives != log.head.objectives)
            throw Error(
                text(other.name, ": its objectives are not those of ", run, "; hypervolumes cannot be compared"));
        if (other.log.head.error != log.head.error)
            throw Error(text(other.name, ": its error is ", judge::info(other.log.head.error).name, ", that of ", run,
                             " ", judge::info(log.head.error).name, "; hypervolumes cannot be compared"));
        names.push_back(other.name);
        logs.push_back(&other.log);
    }
    const search::RunHead& head = log.head;
    const std::vector<FrontPoint> points = front_points(log);
    std::string out = text(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", escaped(run),
        "</title>\n<style>body{font:14px sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}"
        "table{border-collapse:collapse;font-size:12px}td,th{border-bottom:1px solid #ddd;padding:3px 8px;"
        "text-align:right;white-space:nowrap}td:last-child,th:last-child{text-align:left;white-space:normal;"
        "font-family:monospace}svg{max-width:680px;display:block}pre{white-space:pre-wrap}</style></head><body>\n<h1>",
        escaped(run), "</h1>\n<pre>tinysparse ", escaped(join(head.command, " ")), "</pre>\n");
    out += detail::run_table(log);
    out += text("<h2>Front</h2>\n", detail::front_rows(log, points));
    for (const std::string& remark : front_remarks(log, points)) out += text("<p>", escaped(remark), "</p>\n");
    out += cards;
    const auto section = [&](const char* title, const std::string& picture) {
        if (!picture.empty()) out += text("<h2>", title, "</h2>\n", picture);
    };
    section("All trials", detail::scatter(log, head.objectives[1]));
    section(head.answers_numbers() ? "Error against dense and against nonzero weights"
                                   : "Accuracy against dense and against nonzero weights",
            detail::scatter_dense(log));
    section("Hypervolume over time", detail::growth_section(names, logs));
    return out + detail::notes_section("Limits", limit_sentences(head)) +
           detail::notes_section("Notes on the data", head.data_notes) +
           detail::notes_section("Notes", log.end ? log.end->notes : std::vector<std::string>{}) + "</body></html>\n";
}

} // namespace tinysparse::report
