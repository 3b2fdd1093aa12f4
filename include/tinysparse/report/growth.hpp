// SPDX-License-Identifier: Apache-2.0
// Growth of a run's front: its hypervolume over time, the reference point by which runs are compared, and in words what
// both mean and whether the front still grows.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/report/page_trials.hpp"
#include "tinysparse/report/svg.hpp"

namespace tinysparse::report {

/// Hypervolume of the measured front after each trial that counting() names and that beats the constant answer, in
/// natural logarithms of the objectives.
struct Growth {
    std::vector<double> seconds, hypervolume; ///< Ascending times, and the value from each on.
    /// Hypervolume after this many seconds of the run.
    double at(double time) const {
        double value = 0;
        for (std::size_t i = 0; i < seconds.size() && seconds[i] <= time; ++i) value = hypervolume[i];
        return value;
    }
    /// When it last grew, in seconds of the run; 0 if it never did.
    double last_gain() const {
        double time = 0;
        for (std::size_t i = 0; i < seconds.size(); ++i)
            if (hypervolume[i] > (i ? hypervolume[i - 1] : 0)) time = seconds[i];
        return time;
    }
};

/// The trials that meet the limits and that samples enough for the front have judged, as in search::measured_front().
/// They belong to the log.
inline std::vector<const search::Record*> counting(const search::RunLog& log) {
    std::vector<const search::Record*> records;
    for (const search::Record& record : log.records) records.push_back(&record);
    return search::judged_alike(records);
}

/// Error of the reference point; best and trivial error are those over all runs.
inline double common_error(const std::vector<const search::RunLog*>& logs) {
    double trivial = 1e-9, best = 1;
    for (const search::RunLog* log : logs) {
        trivial = std::max(trivial, log->head.trivial_error);
        for (const search::Record* record : counting(*log))
            best =
                std::min(best, std::max(*record->outcome.measures[search::Measure::error], log->head.smallest_error));
    }
    return search::error_reference(best, trivial);
}

/// Cost of the reference point: the largest limit, or the largest cost of a run without one.
inline double common_cost(const std::vector<const search::RunLog*>& logs, search::Measure objective) {
    double largest = search::least_cost(objective);
    for (const search::RunLog* log : logs) {
        const auto limit = log->head.limits.find(objective);
        if (limit != log->head.limits.end()) {
            largest = std::max(largest, limit->second);
            continue;
        }
        for (const search::Record* record : counting(*log))
            largest = std::max(largest, *record->outcome.measures[objective]);
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

/// Plays the records of a log in the order of their times. reference: in logarithms of the objectives.
inline Growth growth(const search::RunLog& log, const mobo::Point& reference) {
    const search::Problem problem{log.head.space,
                                  log.head.objectives,
                                  log.head.limits,
                                  log.head.fidelities,
                                  log.head.trivial_error,
                                  log.head.smallest_error,
                                  {}};
    std::vector<const search::Record*> records = counting(log);
    std::erase_if(records, [&](const search::Record* record) { return !search::beats_constant(log.head, *record); });
    sort_stably(records, [](const search::Record* a, const search::Record* b) { return a->elapsed < b->elapsed; });
    Growth result;
    std::vector<mobo::Point> points;
    for (const search::Record* record : records) {
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

/// The reference point in words: "an error of 4.52 %, flash of 30 796 B"
inline std::string reference_words(const search::RunHead& head, const mobo::Point& reference) {
    std::vector<std::string> bounds;
    for (std::size_t k = 0; k < reference.size(); ++k) {
        const search::Measure objective = head.objectives[k];
        const double bound = std::exp(reference[k]);
        if (objective != search::Measure::error)
            bounds.push_back(text(words_of(objective).name, " of ", value_words(objective, std::round(bound))));
        else if (head.answers_numbers())
            bounds.push_back(text("an error of ", number_cell(bound), " standard deviations"));
        else
            bounds.push_back(text("an error of ", fixed_decimals(100 * bound, 2), " %"));
    }
    return join(bounds, ", ");
}

/// What hypervolume, reference point and growth are.
inline std::string growth_explanation(const search::RunHead& head, const mobo::Point& reference) {
    const bool area = head.objectives.size() == 2;
    return text(
        paragraph(
            text("Hypervolume puts a whole front into one number: the ", area ? "area" : "volume",
                 " between the front and a reference point, the worst that still counts. Here that is ",
                 reference_words(head, reference),
                 ". A network that is worse in any of these adds nothing. Costs are bounded by the limits of the "
                 "run, or by the largest cost found. On a logarithmic scale, the bound of the error lies two ninths of "
                 "the way from the best error found to that of a constant answer: with a larger one, most of the ",
                 area ? "area" : "volume",
                 " would be that of small networks that are often wrong. So it does not say which errors are good "
                 "enough.")),
        paragraph(
            "All objectives are counted in natural logarithms: half the error, or half the cost, adds 0.69 in its "
            "direction, wherever it begins. The curve rises when a network is found for which no earlier one is as "
            "good in all objectives, and it never falls. Only curves of one plot can be compared, since they share "
            "the reference point."));
}

/// Seconds as duration() has them, or "1.3 s" below ten.
inline std::string short_duration(double seconds) {
    return seconds < 9.95 ? text(fixed_decimals(std::max(seconds, 0.0), 1), " s") : duration(seconds);
}

/// "Is it still growing?" and the answer, from the last quarter of the run's time. That a run of few trainings found
/// nothing in that time says nothing.
inline std::string growth_verdict(const search::RunLog& log, const Growth& grown) {
    const double end = log.elapsed, final = grown.at(end);
    if (!(final > 0)) return "";
    const double gain = final - grown.at(0.75 * end), share = gain / final;
    const std::string percent = fixed_decimals(100 * share, share < 0.01 ? 2 : 1);
    const std::string_view verdict = share >= 0.02   ? "Yes: a longer search would probably find better networks."
                                     : share > 0.002 ? "Hardly: a longer search may find slightly better networks."
                                                     : "No: more time with the same settings is unlikely to help much.";
    const std::size_t trials = log.records.size();
    const bool early = trials < fewest_trials || (share < 0.02 && trials < few_trainings);
    const std::string answer = early ? text("This cannot be said after ", counted(trials, "trial"), ": it")
                                     : text(verdict, " In the last quarter of the time it grew by ",
                                            gain > 0 ? percent + " % of its value" : "nothing", "; it");
    return text("<p><strong>Is it still growing?</strong> ", answer, " last grew after ",
                short_duration(grown.last_gain()), " of ", short_duration(end),
                log.end ? "." : ", and the search has not ended.", "</p>\n");
}

/// Curves of all runs, and their values at the quarters of the longest run.
inline std::string growth_section(const std::vector<std::string>& names,
                                  const std::vector<const search::RunLog*>& logs) {
    const search::RunHead& head = logs.front()->head;
    const mobo::Point reference = common_reference(logs);
    double end = 0;
    for (const search::RunLog* log : logs) end = std::max(end, log->elapsed);
    std::vector<Series> series;
    std::vector<HtmlRow> rows;
    std::string verdict;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        const Growth grown = growth(*logs[i], reference);
        if (i == 0) verdict = growth_verdict(*logs[i], grown);
        series.push_back({names[i], colour_name(i), {}, Series::Mark::steps});
        std::vector<PlotPoint>& points = series.back().points;
        for (std::size_t k = 0; k < grown.seconds.size(); ++k)
            if (points.empty() || points.back().y != grown.hypervolume[k])
                points.push_back({grown.seconds[k], grown.hypervolume[k]});
        if (!points.empty()) points.push_back({logs[i]->elapsed, grown.at(logs[i]->elapsed)});
        rows.push_back({{names[i]}});
        for (const double share : {0.25, 0.5, 0.75, 1.0})
            rows.back().cells.push_back(fixed_decimals(grown.at(share * end), 3));
    }
    const std::string picture =
        plot("Hypervolume of the front over the seconds of the run; the table below has its values",
             {"Seconds of the run"}, {"Hypervolume of the front"}, series);
    if (picture.empty()) return "";
    std::vector<std::string> titles = {"Run"};
    for (const double share : {0.25, 0.5, 0.75, 1.0}) titles.push_back(text("After ", short_duration(share * end)));
    return text(growth_explanation(head, reference), verdict, picture,
                html_table("growth", "Hypervolume over time", titles, rows));
}

} // namespace detail

} // namespace tinysparse::report
