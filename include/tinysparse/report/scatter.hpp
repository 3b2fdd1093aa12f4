// SPDX-License-Identifier: Apache-2.0
// All trials of a run as plots: the error over the first cost, which a script replaces by a plot whose axes the reader
// chooses; and the error over the weights before and after pruning.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/judge/rank_correlation.hpp"
#include "tinysparse/report/page_trials.hpp"
#include "tinysparse/report/svg.hpp"

namespace tinysparse::report::detail {

/// An error as plots show it: in percent, or in standard deviations for numbers.
inline double drawn_error(const search::RunLog& log, double error) {
    return (log.head.answers_numbers() ? 1 : 100) * error;
}

/// The front as steps: what lies above and to the right of them is worse than a member in both.
inline Series front_line(std::vector<PlotPoint> points) {
    std::sort(points.begin(), points.end(),
              [](const PlotPoint& a, const PlotPoint& b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
    Series line{"", "front", {}, Series::Mark::steps};
    for (const PlotPoint& point : points)
        if (line.points.empty() || point.y < line.points.back().y) line.points.push_back(point);
    return line;
}

/// Plot of the trials that hold all limits, error over one measure: origins told apart, the front as a line with
/// diamonds, published networks as rings, a limit that is near as a line.
inline std::string static_scatter(const search::RunLog& log, const std::vector<ShownTrial>& trials,
                                  search::Measure measure) {
    std::vector<Series> series;
    for (const auto& origin : search::origins)
        series.push_back({capitalised(origin.name), text("o", series.size()), {}});
    Series members{"Front", "front", {}, Series::Mark::diamonds};
    for (const ShownTrial& shown : trials) {
        const search::Record& record = *shown.point.record;
        const auto& x = record.outcome.measures[measure];
        if (!record.feasible || !x) continue;
        const PlotPoint point{*x, drawn_error(log, *record.outcome.measures[search::Measure::error])};
        (shown.on_front ? members : series[std::size_t(record.trial.origin)]).points.push_back(point);
    }
    Series published{"Published", "published", {}, Series::Mark::rings};
    for (const Published& network : published_for(log.head))
        if (const auto x = published_value(network, measure))
            published.points.push_back({*x, drawn_error(log, network.error)});
    std::vector<Guide> limits;
    double largest = 0;
    for (const ShownTrial& shown : trials)
        if (shown.point.record->feasible) largest = std::max(largest, shown.point.measure(measure).value_or(0));
    if (const auto limit = log.head.limits.find(measure);
        limit != log.head.limits.end() && limit->second <= 10 * largest) // further away it would leave no room
        limits.push_back({limit->second, text("Limit ", value_words(measure, limit->second))});
    const std::string title = axis_title(measure);
    Series line = front_line(members.points);
    series.push_back(std::move(line));
    series.push_back(std::move(members));
    if (!published.points.empty()) series.push_back(std::move(published));
    return plot(text("All trials: error over ", title, ". The table of all trials has their values."), {title, true},
                {error_title(log), true}, series, limits);
}

inline std::string options_html(const std::vector<PlotMeasure>& measures) {
    std::string out;
    for (const PlotMeasure& measure : measures)
        out += text("<option value=\"", measure.key, "\">", measure.title, "</option>");
    return out;
}

/// True if a trial holds all limits and is not on the front, although no member is as good in every objective.
inline bool has_passed_over(const search::RunLog& log, const std::vector<ShownTrial>& trials) {
    const auto as_good = [&](const ShownTrial& member, const ShownTrial& other) {
        return member.on_front && std::all_of(log.head.objectives.begin(), log.head.objectives.end(), [&](auto one) {
                   return member.point.record->outcome.measures[one] <= other.point.record->outcome.measures[one];
               });
    };
    return std::any_of(trials.begin(), trials.end(), [&](const ShownTrial& shown) {
        return shown.point.record->feasible && std::none_of(trials.begin(), trials.end(), [&](const ShownTrial& other) {
                   return as_good(other, shown);
               });
    });
}

/// What the line of the front is, and what marks beyond it are; nothing without a front. The script hides either if the
/// reader's axes do not show it.
inline std::string line_words(const search::RunLog& log, const std::vector<ShownTrial>& trials) {
    bool any = false, one_fold = false;
    for (const ShownTrial& shown : trials) {
        any = any || shown.on_front;
        one_fold = one_fold || (shown.on_front && shown.point.record->judged_by_one_of(log.head.folds));
    }
    if (!any) return "";
    const bool passed_over = log.head.folds > 0 && !one_fold && has_passed_over(log, trials);
    return text(" <span id=\"line-words\">The line is the front: networks for which no other one is as good in all "
                "objectives and better in one of them, here seen along two axes.</span>",
                passed_over ? " <span id=\"beyond-words\">Marks on the better side of the line do not count for the "
                              "front: one fold alone judged them, or the same network was trained longer later.</span>"
                            : "");
}

/// The plot of all trials with the form that chooses its axes, which is hidden without a script.
inline std::string scatter_section(const search::RunLog& log, const std::vector<ShownTrial>& trials) {
    const std::string picture = static_scatter(log, trials, log.head.objectives[1]);
    if (picture.empty()) return "";
    const std::vector<PlotMeasure> measures = plot_measures(log);
    const std::string options = options_html(measures);
    const std::string score =
        log.head.answers_numbers()
            ? ""
            : text("<option value=\"score\">", capitalised(judge::info(log.head.error).score), "</option>");
    const auto choice = [&](const char* axis, const std::string& list) {
        return text("<label>", *axis == 'x' ? "Horizontal" : "Vertical", " axis <select id=\"", axis, "\">", list,
                    "</select></label>\n<label><input id=\"", axis, "-log\" type=\"checkbox\"/> Logarithmic</label>\n");
    };
    return text(
        "<p>Each mark is one training of one network. <span id=\"better\">Lower and further left is better.</span>",
        line_words(log, trials),
        "</p>\n<form id=\"axes\" hidden=\"hidden\">\n<fieldset><legend>Axes of the plot</legend>\n",
        choice("x", options), choice("y", score + options),
        "<label><input id=\"beyond\" type=\"checkbox\" checked=\"checked\"/> With trials beyond a limit</label>\n"
        "</fieldset></form>\n<div class=\"scatter\"><div><div id=\"plot\">\n",
        picture, "</div>\n<ul id=\"legend\"></ul>\n<p id=\"outside\"></p>\n<p id=\"meanings\"></p></div>\n",
        "<div id=\"detail\" role=\"status\" aria-live=\"polite\"></div></div>\n",
        published_table(published_for(log.head)));
}

/// Plot of the error by the weights before and after pruning; below it the correlation of the score with each, unless
/// the trials are too few for it.
inline std::string weights_section(const search::RunLog& log, const std::vector<ShownTrial>& trials) {
    Series dense{"Dense weights", "c6", {}}, nonzero{"Nonzero weights", "c0", {}};
    std::vector<double> scores, before, after;
    for (const ShownTrial& shown : trials) {
        const search::Record& record = *shown.point.record;
        if (!record.feasible) continue;
        const double error = *record.outcome.measures[search::Measure::error];
        const std::size_t weights = net::weights(space::express(record.trial.genome, log.head.space));
        dense.points.push_back({double(weights), drawn_error(log, error)});
        const auto& count = record.outcome.measures[search::Measure::nonzeros];
        if (!count) continue;
        nonzero.points.push_back({*count, drawn_error(log, error)});
        scores.push_back(-error);
        before.push_back(double(weights));
        after.push_back(*count);
    }
    const std::string picture = plot("Error of all trials over their weights before and after pruning",
                                     {"Weights", true}, {error_title(log), true}, {dense, nonzero});
    const auto by_dense = judge::rank_correlation(scores, before), by_nonzero = judge::rank_correlation(scores, after);
    if (picture.empty()) return "";
    const bool correlated = by_dense && by_nonzero && scores.size() >= fewest_trials;
    const std::string explained =
        paragraph(text("Dense weights are those of a network before pruning, nonzero weights are those that remain. ",
                       correlated ? "The plot and the correlations show which of them the error goes with."
                                  : "The plot shows which of them the error goes with."));
    if (!correlated) return explained + picture;
    return text(explained, picture, "<p>Rank correlation (Spearman) of the ",
                log.head.answers_numbers() ? "negative error" : judge::info(log.head.error).score,
                " with dense weights ", fixed_decimals(*by_dense, 2), ", with nonzero weights ",
                fixed_decimals(*by_nonzero, 2), ", over ", scores.size(), " trials of all lengths of training.</p>\n");
}

} // namespace tinysparse::report::detail
