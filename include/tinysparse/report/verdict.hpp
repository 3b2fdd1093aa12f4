// SPDX-License-Identifier: Apache-2.0
// A judge::Verdict as text and as JSON.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/sort.hpp"
#include "tinysparse/judge/verdict.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::report {

/// With more classes the text shows the most frequent confusions in place of the whole matrix.
inline constexpr std::size_t most_classes_shown = 12;
/// With more groups the text shows the five worst and the five best.
inline constexpr std::size_t most_groups_shown = 20;

/// "81.20 to 91.75", in percent.
inline std::string interval_cell(const judge::Interval& interval) {
    return text(percent_cell(interval.low), " to ", percent_cell(interval.high));
}

/// "bootstrap over 30 groups", or why there is no interval: "none: only 3 groups, at least 5 are needed". what: what is
/// drawn, in the singular.
inline std::string bootstrap_words(std::size_t count, std::string_view what) {
    const std::string units = text(count, " ", what, count == 1 ? "" : "s");
    if (count >= judge::fewest_groups) return "bootstrap over " + units;
    return text("none: only ", units, ", at least ", judge::fewest_groups, " are needed");
}

/// The method of the intervals, or why there are none.
inline std::string interval_method(const judge::Verdict& verdict) {
    const std::size_t groups = verdict.groups.size(), samples = verdict.matrix.samples();
    if (groups > 0) return bootstrap_words(groups, "group");
    return text("accuracy by Wilson, others ", samples < judge::fewest_groups ? "" : "by ",
                bootstrap_words(samples, "sample"));
}

namespace detail {

inline std::string score_table(const judge::Verdict& verdict, std::size_t width) {
    const judge::ConfusionMatrix& matrix = verdict.matrix;
    Table table({"<", "%", "95 % interval"});
    const auto add = [&](const char* name, double score, const std::optional<judge::Interval>& interval) {
        table.add({name, percent_cell(score), interval ? interval_cell(*interval) : "none"});
    };
    add("accuracy", judge::accuracy(matrix), verdict.accuracy);
    add("balanced accuracy", judge::balanced_accuracy(matrix), verdict.balanced_accuracy);
    add("macro F1", judge::macro_f1(matrix), verdict.macro_f1);
    table.add(
        {text("largest class, ", verdict.class_names[verdict.largest_class()]), percent_cell(verdict.largest_share())});
    std::string out = text(table.text(), "intervals: ", interval_method(verdict), "\n");
    std::vector<const char*> legend = {"balanced accuracy  mean recall of the classes",
                                       "macro F1           mean F1 of the classes",
                                       "largest class      score of always giving this answer"};
    if (verdict.accuracy) legend.push_back("Wilson, bootstrap  ways to find intervals, see docs/judging.md");
    for (const char* line : legend) out += wrapped(line, width, 19) + "\n";
    return out;
}

inline std::string class_table(const judge::Verdict& verdict, std::size_t width) {
    const judge::ConfusionMatrix& matrix = verdict.matrix;
    Table table = Table::of({{"<class"},
                             {"samples", "", 2},
                             {"recall %", "share of the samples of the class that are classified correctly"},
                             {"precision %", "share of the answers with this class that are right"},
                             {"F1 %", "harmonic mean of recall and precision", 1},
                             {"95 % of F1", "interval in which F1 lies with 95 % confidence", 3}});
    for (std::size_t c = 0; c < matrix.classes(); ++c)
        table.add({verdict.class_names[c], grouped(matrix.truths(c)), percent_cell(judge::recall(matrix, c)),
                   percent_cell(judge::precision(matrix, c)), percent_cell(judge::f1(matrix, c)),
                   verdict.f1[c] ? interval_cell(*verdict.f1[c]) : "-"});
    std::string out = table.text(width);
    if (const auto absent = verdict.absent_classes(); !absent.empty())
        out += text("no samples of ", join(absent, ", "), ": left out of the means\n");
    return out + table.legend(width);
}

/// Rows are true classes, columns are answers, headed by the names of the classes or, if `numbers`, by their numbers.
inline std::string whole_matrix(const judge::Verdict& verdict, bool numbers) {
    const judge::ConfusionMatrix& matrix = verdict.matrix;
    std::vector<std::string> titles = {"<truth \\ answer"};
    if (numbers) titles.insert(titles.begin(), "");
    for (std::size_t c = 0; c < matrix.classes(); ++c) {
        const std::string& name = verdict.class_names[c];
        titles.push_back(numbers ? text(c + 1) : name.starts_with('<') ? " " + name : name); // '<' means to the left
    }
    Table table(titles);
    for (std::size_t truth = 0; truth < matrix.classes(); ++truth) {
        std::vector<std::string> cells = {verdict.class_names[truth]};
        if (numbers) cells.insert(cells.begin(), text(truth + 1));
        for (std::size_t answer = 0; answer < matrix.classes(); ++answer)
            cells.push_back(text(matrix.at(truth, answer)));
        table.add(std::move(cells));
    }
    return table.text();
}

/// Samples of one class that were answered as another.
struct Confusion {
    std::size_t truth, answer, samples;
};
inline constexpr std::size_t most_confusions_shown = 10;

/// All confusions of a matrix, the most frequent first.
inline std::vector<Confusion> confusions(const judge::ConfusionMatrix& matrix) {
    std::vector<Confusion> wrong;
    for (std::size_t truth = 0; truth < matrix.classes(); ++truth)
        for (std::size_t answer = 0; answer < matrix.classes(); ++answer)
            if (truth != answer && matrix.at(truth, answer) > 0)
                wrong.push_back({truth, answer, matrix.at(truth, answer)});
    sort_stably(wrong, [](const Confusion& a, const Confusion& b) { return a.samples > b.samples; });
    return wrong;
}

/// The most frequent wrong answers.
inline std::string frequent_confusions(const judge::Verdict& verdict) {
    std::vector<Confusion> wrong = confusions(verdict.matrix);
    if (wrong.empty()) return "";
    std::string out;
    if (wrong.size() > most_confusions_shown) {
        out = text("the ", most_confusions_shown, " most frequent of ", wrong.size(), " confusions\n");
        wrong.resize(most_confusions_shown);
    }
    Table table({"<truth", "<answer", "samples"});
    for (const Confusion& one : wrong)
        table.add({verdict.class_names[one.truth], verdict.class_names[one.answer], grouped(one.samples)});
    return out + table.text();
}

/// The whole matrix, if there are not too many classes for that and if lines fit the width; else the most frequent
/// confusions. Names of classes stand at the head of the columns if that makes no lines of more than 90 characters.
inline std::string confusion_table(const judge::Verdict& verdict, std::size_t width) {
    if (verdict.matrix.classes() > most_classes_shown) return frequent_confusions(verdict);
    std::size_t names = 0;
    for (const std::string& name : verdict.class_names) names += 2 + characters(name);
    for (const bool numbers : {false, true}) {
        if (!numbers && names > 90) continue;
        std::string matrix = whole_matrix(verdict, numbers);
        if (longest_line(matrix) <= width) return matrix;
    }
    return frequent_confusions(verdict);
}

inline std::string group_table(const judge::Verdict& verdict) {
    const judge::GroupScore &worst = verdict.worst_group(), &best = verdict.best_group();
    std::string out = text("worst group ", worst.name, ", ", percent_cell(worst.accuracy()), " %; best ", best.name,
                           ", ", percent_cell(best.accuracy()), " %\n");
    std::vector<judge::GroupScore> shown = verdict.groups;
    if (shown.size() > most_groups_shown) {
        out += text("the five worst and the five best of ", shown.size(), " groups\n");
        sort_stably(shown, judge::Verdict::less_accurate);
        shown.erase(shown.begin() + 5, shown.end() - 5);
    }
    Table table({"<group", "samples", "accuracy %"});
    for (const judge::GroupScore& group : shown)
        table.add({group.name, grouped(group.samples), percent_cell(group.accuracy())});
    return out + table.text();
}

} // namespace detail

/// Tables for people: scores with their intervals, classes, confusions and groups, separated by empty lines. Columns
/// are left out if lines would be longer than the width, see Table.
inline std::string verdict_text(const judge::Verdict& verdict, std::size_t width = any_width) {
    std::string out = text(detail::score_table(verdict, width), "\n", detail::class_table(verdict, width));
    const std::string confusions = detail::confusion_table(verdict, width);
    if (!confusions.empty()) out += text("\n", confusions);
    if (!verdict.groups.empty()) out += text("\n", detail::group_table(verdict));
    return out;
}

/// Adds to an object: {"accuracy_interval", "balanced_accuracy", "balanced_accuracy_interval", "macro_f1",
/// "macro_f1_interval", "interval_method", "largest_class", "largest_class_share", "classes": [{"name", "samples",
/// "answers", "recall", "precision", "f1", "f1_interval"}], "confusion": [truth][answer], "groups": [{"name",
/// "samples", "accuracy"}], "worst_group", "best_group"}. Scores are shares, 0..1; unknown values are null.
inline void add_verdict(json::Value& document, const judge::Verdict& verdict) {
    const judge::ConfusionMatrix& matrix = verdict.matrix;
    json::Value classes = json::array(), confusion = json::array(), groups = json::array();
    for (std::size_t c = 0; c < matrix.classes(); ++c) {
        classes.push_back(json::object({{"name", verdict.class_names[c]},
                                        {"samples", matrix.truths(c)},
                                        {"answers", matrix.answers(c)},
                                        {"recall", json::Value(judge::recall(matrix, c))},
                                        {"precision", json::Value(judge::precision(matrix, c))},
                                        {"f1", json::Value(judge::f1(matrix, c))},
                                        {"f1_interval", judge::interval_json(verdict.f1[c])}}));
        json::Value row = json::array();
        for (std::size_t answer = 0; answer < matrix.classes(); ++answer) row.push_back(matrix.at(c, answer));
        confusion.push_back(std::move(row));
    }
    for (const judge::GroupScore& group : verdict.groups)
        groups.push_back(
            json::object({{"name", group.name}, {"samples", group.samples}, {"accuracy", group.accuracy()}}));
    document["accuracy_interval"] = judge::interval_json(verdict.accuracy);
    document["balanced_accuracy"] = judge::balanced_accuracy(matrix);
    document["balanced_accuracy_interval"] = judge::interval_json(verdict.balanced_accuracy);
    document["macro_f1"] = judge::macro_f1(matrix);
    document["macro_f1_interval"] = judge::interval_json(verdict.macro_f1);
    document["interval_method"] = interval_method(verdict);
    document["largest_class"] = verdict.class_names[verdict.largest_class()];
    document["largest_class_share"] = verdict.largest_share();
    document["classes"] = std::move(classes);
    document["confusion"] = std::move(confusion);
    document["groups"] = std::move(groups);
    document["worst_group"] = verdict.groups.empty() ? json::Value() : json::Value(verdict.worst_group().name);
    document["best_group"] = verdict.groups.empty() ? json::Value() : json::Value(verdict.best_group().name);
}

} // namespace tinysparse::report
