// SPDX-License-Identifier: Apache-2.0
// A run as one self-contained HTML page that explains itself to those who were not there: the task, the front, all
// trials as a plot and as a table, the growth of the front, limits and notes. Without a script it still shows them all.
#pragma once
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/report/baseline.hpp"
#include "tinysparse/report/commands.hpp"
#include "tinysparse/report/growth.hpp"
#include "tinysparse/report/html.hpp"
#include "tinysparse/report/page_script.hpp"
#include "tinysparse/report/page_style.hpp"
#include "tinysparse/report/page_trials.hpp"
#include "tinysparse/report/picked.hpp"
#include "tinysparse/report/scatter.hpp"

namespace tinysparse::report {

/// A run and its folder.
struct NamedRun {
    std::string name;
    search::RunLog log;
};

/// Names for the folders of runs: the last part of each path, or as many of the last parts as tell them apart.
inline std::vector<std::string> run_names(const std::vector<std::string>& folders) {
    const auto last_parts = [](const std::string& folder, std::size_t count) {
        std::error_code ignored;
        const std::filesystem::path whole = std::filesystem::absolute(folder, ignored).lexically_normal();
        std::vector<std::string> parts;
        for (const std::filesystem::path& part : whole.relative_path())
            if (!part.empty()) parts.push_back(part.string());
        parts.erase(parts.begin(), parts.end() - std::ptrdiff_t(std::min(count, parts.size())));
        return parts.empty() ? folder : join(parts, "/");
    };
    std::vector<std::string> names;
    for (std::size_t count = 1; count <= 8; ++count) {
        names.clear();
        for (const std::string& folder : folders) names.push_back(last_parts(folder, count));
        std::vector<std::string> sorted = names;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) break;
    }
    return names;
}

namespace detail {

/// Titles of the columns of the front's table, and their meanings.
inline std::vector<std::pair<std::string, std::string>>
front_words(const search::RunLog& log, const std::vector<FrontPoint>& points,
            const std::vector<const search::MeasureInfo*>& measures) {
    std::vector<std::pair<std::string, std::string>> words;
    const std::vector<std::string> titles = page_score_titles(log);
    for (const TableColumn& column : score_columns(log, points))
        words.emplace_back(titles[words.size()], column.meaning);
    words[0].first = "trial";
    for (const search::MeasureInfo* row : measures) {
        words.emplace_back(measure_title(row->measure),
                           text(words_of(row->measure).meaning,
                                search::told_by_chip(row->measure) ? "; ~: predicted, not measured" : ""));
        if (row->measure == search::Measure::nonzeros) words.emplace_back("bits", "bits per weight");
    }
    const TableColumn trainings = trainings_column(log);
    words.emplace_back(trainings.title, trainings.meaning);
    words.emplace_back("network",
                       "its layers in order, and behind a bar how it was pruned. C: convolution, with outputs "
                       "and kernel; D: depthwise; F: dense; A, M, G: average, maximum and global pooling; b4: "
                       "weights of 4 bits; s2: stride 2; L: without ReLU");
    return words;
}

/// The front as a table, what its columns mean, and the remarks below it.
inline std::string front_section(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    std::string out;
    if (const auto nothing = search::nothing_beats_constant(log)) {
        out = paragraph(*nothing);
    } else if (points.empty()) {
        out = paragraph(log.records.empty() ? "No network has been trained yet."
                                            : "None of the networks that were trained keeps within all limits.");
    } else {
        auto measures = columns(&search::Column::page);
        add_asked_columns(log, measures);
        const auto words = front_words(log, points, measures);
        std::vector<std::string> titles;
        for (const auto& word : words) titles.push_back(capitalised(word.first));
        std::vector<HtmlRow> rows;
        for (const FrontPoint& point : points) {
            std::vector<std::string> cells = score_cells(log, point);
            add_cost_cells(log, point, measures, cells);
            cells.insert(cells.end(), {replaced(trainings_cell(log, point), "+-", "\u00b1"), network_cell(point, log)});
            rows.push_back({std::move(cells)});
        }
        out =
            text(paragraph(text("For each of these networks, no other one is as good in all objectives and better in "
                                "one of them. They are "
                                "sorted by ",
                                log.head.objectives.size() > 1 ? words_of(log.head.objectives[1]).name : "error", ".")),
                 html_table("front", "Networks of the front", titles, rows), html_meanings(words));
    }
    for (const std::string& remark : front_remarks(log, points)) out += paragraph(remark);
    return out;
}

/// A table of the task, the method and the duration of the run.
inline std::string run_table(const search::RunLog& log) {
    const search::RunHead& head = log.head;
    std::string narrowed = space::narrowing(head.space);
    if (narrowed.ends_with('\n')) narrowed.pop_back();
    std::vector<std::string> objectives, limits;
    for (const search::Measure measure : head.objectives) objectives.emplace_back(words_of(measure).name);
    for (const auto& [measure, limit] : head.limits)
        limits.push_back(text(words_of(measure).name, " at most ", value_words(measure, limit)));
    std::vector<std::string> builds = {"tinysparse " + search::build_text(head.build)};
    for (const search::Build& build : log.continued_by) builds.push_back(search::build_text(build));
    std::size_t failed = 0;
    for (const search::Record& record : log.records) failed += record.outcome.failure.has_value();
    const std::vector<std::pair<std::string, std::string>> facts = {
        {"Program", join(builds, ", then ")},
        {"Data", text(head.data, ", digest ", hexadecimal(head.data_digest))},
        {"Random seed", text(head.seed)},
        {"Board", head.target},
        {"Objectives", join(objectives, ", ")},
        {"Validation", validation_samples(log) ? validation_size(log) : "unknown"},
        {"Error", error_words(log)},
        {"Limits", limits.empty() ? "none" : join(limits, ", ")},
        {"Proposals", text(head.acquisition, head.inherit ? ", weights inherited" : ", trained afresh")},
        {"Search space", narrowed.empty() ? "whole" : join(split(narrowed, '\n'), "; ")},
        {"Trials", text(grouped(log.records.size()), ", ", failed, " failed")},
        {"Time", text(duration(log.elapsed), ", ", counted(std::size_t(log.goal.jobs), "job"),
                      log.end ? "" : "; not ended yet")}};
    std::vector<HtmlRow> rows;
    for (const auto& [name, value] : facts) rows.push_back({{name, value}});
    return html_table("run", "Task and settings", {"Setting", "This run"}, rows);
}

/// The first point that beats the baseline: smaller ones show only how little can be stored. The first of all if none
/// does, or if there is no baseline.
inline const FrontPoint& smallest_useful(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    const search::Record* const linear = baseline(log);
    if (!linear || linear->outcome.failure) return points.front();
    const double score = 1 - linear->outcome.measures[search::Measure::error].value();
    const auto found =
        std::find_if(points.begin(), points.end(), [&](const FrontPoint& point) { return point.score() > score; });
    return found == points.end() ? points.front() : *found;
}

/// From which network to which the front reaches; nothing without one.
inline std::string reach(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    if (points.empty() || search::nothing_beats_constant(log)) return "";
    const search::Objectives& objectives = log.head.objectives;
    const search::Measure cost = objectives[1];
    const auto words = [&](const FrontPoint& point, bool with_judges) {
        return text(score_phrase(log, point.score()), with_judges ? " on " + judges_of(log, point) : "", " with ",
                    amount_words(cost, point.measure(cost).value()));
    };
    const FrontPoint& best = *std::max_element(
        points.begin(), points.end(), [](const FrontPoint& a, const FrontPoint& b) { return a.score() < b.score(); });
    if (points.size() == 1) return text(" One network is the best choice: ", words(best, true), ".");
    const FrontPoint& small = smallest_useful(log, points);
    const std::string cost_words = text(
        words_of(cost).name, &small == &points.front() ? "" : text(" of those that beat the ", baseline_words(log)));
    const std::string of_all = text(" Of the ", points.size(), " best choices, #");
    if (best.record == small.record)
        return text(of_all, best.record->trial.number, " is lowest in error and in ", cost_words, ": ",
                    words(best, true),
                    objectives.size() > 2 ? text("; the others need less ", words_of(objectives[2]).name) : "", ".");
    return text(of_all, small.record->trial.number, " is lowest in ", cost_words, ": ", words(small, false), "; #",
                best.record->trial.number, " is lowest in error: ", words(best, true), ".");
}

/// The name of the data that a SPEC or a program gives: without settings, and of a path the last part alone.
inline std::string data_name(const std::string& spec) {
    std::string path = spec.substr(0, spec.find(','));
    while (path.ends_with('/')) path.pop_back();
    const std::string name = path.substr(path.rfind('/') + 1);
    return name.empty() ? spec : name;
}

/// What was done, in sentences for those who do not know the project.
inline std::string summary(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    std::vector<std::string> costs;
    for (std::size_t i = 1; i < log.head.objectives.size(); ++i)
        costs.emplace_back(words_of(log.head.objectives[i]).name);
    const std::size_t count = log.records.size();
    const std::string data = data_name(log.head.data);
    const std::string trained =
        count == 0 ? text("It has trained no network on ", data, " yet.")
                   : text("It trained ", counted(count, "network"), " on ", data, " in ", duration(log.elapsed), ".");
    return paragraph(text(
        "This page shows a search by tinysparse for small neural networks that run on a microcontroller. ", trained,
        " It looks for the least error at the least cost in ", join(costs, " and "), ".", reach(log, points)));
}

/// The commands that do the run again and that go on from here.
inline std::string commands(const std::string& folder, const search::RunLog& log) {
    const auto line = [](const std::vector<std::string>& words) { return escaped(command_line(words)) + "\n"; };
    std::string lines =
        text("# The whole run again\n", line(command_again(log.head, folder)),
             "\n# The front again; what network N is made of; a C++ header of it\n", line({"front", folder}),
             line({"show", folder + "#N"}), line({"export", folder + "#N", "-o", "NAME"}));
    if (!log.end) lines += text("\n# Go on with the search\n", line({"search", "--out", folder, "--resume"}));
    return text("<h3>Commands</h3>\n<pre>", lines, "</pre>\n");
}

/// The limits of the run and where they come from.
inline std::string limits_section(const search::RunHead& head) {
    std::vector<std::string> limits;
    for (const auto& [measure, limit] : head.limits)
        limits.push_back(text(words_of(measure).name, ": at most ", value_words(measure, limit),
                              limit_reason(measure, limit, head)));
    return html_section("Limits", html_list(limits));
}

/// Notes on the data, without the word that says that they are notes.
inline std::string data_section(std::vector<std::string> notes) {
    constexpr std::string_view mark = "note: ";
    for (std::string& note : notes)
        if (note.starts_with(mark)) note.erase(0, mark.size());
    return html_section("Notes on the data", html_list(notes));
}

/// The words of the page.
inline std::string words_section(const search::RunLog& log) {
    const std::size_t folds = log.head.folds;
    std::vector<std::pair<std::string, std::string>> words = {
        {"trial", "one training of one network; its number names it in commands, RUN#N"},
        {"front", "the networks for which no other one is as good in all objectives and better in one of them"},
        {"validation part", folds > 0 ? "samples beside the training part; both together are dealt into the folds"
                                      : "samples that no training sees; they choose among networks"},
        {"test part", "samples that are looked at once, at the end, and choose nothing: the fairest figure"},
        {"stored bytes", "bytes of weights and biases as the chip holds them"},
        {"baseline", text("the ", baseline_words(log), ", which a search has to beat")},
        {"epoch", "one pass over the samples of the training part"},
        {"MAC", "a multiply-add: one weight times one value"}};
    if (folds > 0)
        words.insert(words.begin() + 3,
                     {"fold", text("one of ", folds,
                                   " equal parts of the training and validation samples; a network is "
                                   "trained ",
                                   folds, " times, each time without one fold, which judges that training")});
    return html_section("Words", html_meanings(words));
}

inline std::string head_html(const std::string& name, bool watched) {
    return text("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
                "content=\"width=device-width, initial-scale=1\"/><title>",
                escaped(name), ": tinysparse report</title>\n",
                watched ? "<noscript><meta http-equiv=\"refresh\" content=\"5\"/></noscript>\n" : "", "<style>",
                page_style(), "</style></head><body>\n<main>\n<h1>", escaped(name), "</h1>\n");
}

/// The data of the page and what runs on it.
inline std::string script_html(const search::RunLog& log, const std::vector<ShownTrial>& trials, bool watched) {
    return text("<script type=\"application/json\" id=\"data\">", script_json(page_json(log, trials)),
                "</script>\n<script>\n(() => "
                "{\n'use strict';",
                page_script_tables, page_script_plot, page_script_reader, watched ? page_script_watch : "",
                "})();\n</script>\n");
}

/// The field that filters the table of trials, which is hidden without a script.
inline constexpr std::string_view filter_html =
    "<form id=\"filter\" hidden=\"hidden\"><fieldset><legend>Rows of the table</legend>\n"
    "<label>With the words <input id=\"words\" type=\"search\" autocomplete=\"off\"/></label>\n"
    "<label><input id=\"only-front\" type=\"checkbox\"/> Front only</label>\n"
    "<span id=\"shown\" role=\"status\"></span></fieldset></form>\n";

/// The logs of this run and the others. Throws Error if hypervolumes cannot be compared.
inline std::vector<const search::RunLog*> comparable(const std::string& run, const search::RunLog& log,
                                                     const std::vector<NamedRun>& beside) {
    std::vector<const search::RunLog*> logs = {&log};
    for (const NamedRun& other : beside) {
        if (other.log.head.objectives != log.head.objectives)
            throw Error(
                text(other.name, ": its objectives are not those of ", run, "; hypervolumes cannot be compared"));
        if (other.log.head.error != log.head.error)
            throw Error(text(other.name, ": its error is ", judge::info(other.log.head.error).name, ", that of ", run,
                             " ", judge::info(log.head.error).name, "; hypervolumes cannot be compared"));
        logs.push_back(&other.log);
    }
    return logs;
}

} // namespace detail

/// What a page shows besides the log of its run.
struct PageParts {
    std::vector<NamedRun> beside = {}; ///< Runs with the same objectives, whose hypervolume is shown with this run's.
    std::string cards = "";            ///< HTML below the front (cards.hpp).
    bool watched = false;              ///< The page reloads itself every few seconds.
};

/// The page, at most 1 MB. `run`: the run's folder. A run without feasible trials has a page without plots. Throws
/// Error if objectives or kinds of error of the runs beside it differ.
inline std::string page(const std::string& run, const search::RunLog& log, const PageParts& parts = {}) {
    const std::vector<const search::RunLog*> logs = detail::comparable(run, log, parts.beside);
    std::vector<std::string> folders = {run};
    for (const NamedRun& other : parts.beside) folders.push_back(other.name);
    const std::vector<std::string> names = run_names(folders);
    const std::vector<FrontPoint> points = front_points(log);
    std::vector<ShownTrial> trials = detail::page_trials(log, points);
    const auto measures = detail::trial_columns(log, trials);
    std::vector<HtmlRow> rows;
    for (const ShownTrial& trial : trials) rows.push_back(detail::trial_row(log, trial, measures));
    // Rows stand in the page twice, as a table and as the data of the plot; the cards take from the same megabyte.
    detail::thin_out(trials, rows, most_table_bytes - std::min(most_table_bytes, parts.cards.size() / 2));

    const std::string sections =
        text(html_section("All trials", detail::scatter_section(log, trials)),
             html_section("Front", detail::front_section(log, points)), parts.cards,
             html_section("Hypervolume over time", detail::growth_section(names, logs)),
             html_section(log.head.answers_numbers() ? "Error against dense and against nonzero weights"
                                                     : "Accuracy against dense and against nonzero weights",
                          detail::weights_section(log, trials)),
             detail::limits_section(log.head), detail::data_section(log.head.data_notes),
             html_section("Notes", html_list(log.end ? log.end->notes : std::vector<std::string>{})),
             html_section("The run", detail::run_table(log) + detail::commands(run, log)),
             html_section("Table of all trials",
                          rows.empty() ? "" : text(detail::filter_html, detail::trials_section(log, rows, measures))),
             detail::words_section(log));
    return text(detail::head_html(run_names({run})[0], parts.watched), detail::summary(log, points),
                html_contents(sections), sections, "</main>\n<footer>",
                escaped(text("Written by tinysparse ", TINYSPARSE_VERSION_STRING,
                             "; the page needs no other file and no network.")),
                "</footer>\n", detail::script_html(log, trials, parts.watched), "</body></html>\n");
}

} // namespace tinysparse::report
