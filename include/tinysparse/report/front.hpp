// SPDX-License-Identifier: Apache-2.0
// The front of a run as points, as JSON and as CSV, and one model of it by a rule. See front_table.hpp for people.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/moments.hpp"
#include "tinysparse/judge/confusion.hpp"
#include "tinysparse/judge/interval.hpp"
#include "tinysparse/report/baseline.hpp"
#include "tinysparse/report/csv.hpp"
#include "tinysparse/report/table.hpp"
#include "tinysparse/search/fresh.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::report {

/// One point of a front. Seeds are trainings of its network for the same number of epochs; the best is the point.
struct FrontPoint {
    const search::Record* record;
    std::optional<double> test_accuracy; ///< Nothing before the run has ended, or if numbers are answered.
    std::optional<double> test_error;    ///< Set instead of test_accuracy if numbers are answered.
    std::optional<double> test_folds;    ///< Mean of the same measure over the folds' models, if there are folds.
    std::size_t seeds = 1;
    /// Mean accuracy of the seeds on the validation part, or 1 - error of numbers; spread: standard deviation, or 0.
    double mean_accuracy = 0, spread = 0;
    search::FreshTrainings fresh = {}; ///< Trainings of the network with fresh seeds, if there were any.

    /// Share of right answers on the validation part, or 1 - error of numbers.
    double validation_accuracy() const { return record->outcome.accuracy(); }
    /// 95 % interval of that accuracy, if there is one.
    const std::optional<judge::Interval>& interval() const { return record->outcome.validation_interval; }
    /// 1 - the run's kind of error, on the validation part.
    double score() const { return 1 - *record->outcome.measures[search::Measure::error]; }
    /// Value of a measure, measured on the chip if it was; nothing if it is not known.
    const std::optional<double>& measure(search::Measure which) const { return record->outcome.measures[which]; }
};

/// The samples that judge the networks of a run: "the validation part" or "the held-out samples of the 5 folds".
inline std::string judges_of(const search::RunLog& log) {
    return log.head.folds > 0 ? text("the held-out samples of the ", log.head.folds, " folds") : "the validation part";
}
/// Those that judged one of its networks: in a run with folds it may have been one fold alone.
inline std::string judges_of(const search::RunLog& log, const FrontPoint& point) {
    const std::size_t folds = log.head.folds;
    return point.record->judged_by_one_of(folds) ? text("the held-out samples of one of ", folds, " folds")
                                                 : judges_of(log);
}

/// The front of a log, smallest first. The log must outlive the result.
inline std::vector<FrontPoint> front_points(const search::RunLog& log) {
    std::vector<FrontPoint> points;
    for (const search::Record* record : search::measured_front(log)) {
        FrontPoint point{record, std::nullopt, std::nullopt, std::nullopt};
        const auto of = [&](const std::map<std::size_t, double>& numbers) {
            const auto found = numbers.find(record->trial.number);
            return found == numbers.end() ? std::nullopt : std::optional(found->second);
        };
        if (log.end) point.test_accuracy = of(log.end->test_accuracy);
        if (log.end) point.test_error = of(log.end->test_error);
        if (log.end) point.test_folds = of(log.end->test_folds);
        Moments accuracies;
        for (const search::Record& other : log.records) {
            if (other.outcome.failure || other.trial.key != record->trial.key ||
                other.trial.epochs != record->trial.epochs)
                continue;
            accuracies.add(other.outcome.accuracy());
        }
        point.seeds = std::size_t(accuracies.count());
        point.mean_accuracy = accuracies.mean();
        if (point.seeds > 1) point.spread = std::sqrt(accuracies.sample_variance());
        point.fresh = search::fresh_trainings(log.records, *record);
        points.push_back(point);
    }
    return points;
}

namespace detail {

/// True if the run measured the point's network on a chip.
inline bool measured(const FrontPoint& point) { return point.record->outcome.predicted.has_value(); }

inline std::string network_line(const FrontPoint& point, const search::RunLog& log) {
    return net::notation(space::express(point.record->trial.genome, log.head.space));
}

/// {"method", "keep"}, null if there is no pruning; keep is null if a threshold prunes.
inline json::Value pruning_json(const space::Pruning& pruning) {
    if (!pruning.active()) return {};
    json::Value result = json::object({{"method", prune::name_of(*pruning.method)}, {"keep", nullptr}});
    if (!pruning.by_threshold()) result["keep"] = pruning.keep;
    return result;
}

/// Number of samples in the validation part; unknown in runs of versions that did not count them.
inline std::optional<std::size_t> validation_samples(const search::RunLog& log) {
    const std::vector<std::size_t>& counts = log.head.validation_counts;
    if (counts.empty()) return std::nullopt;
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

/// "120 samples in 8 groups"
inline std::string validation_size(const search::RunLog& log) {
    const std::size_t groups = log.head.validation_groups;
    return text(counted(validation_samples(log).value(), "sample"),
                groups == 0 ? "" : " in " + counted(groups, "group"));
}

/// Adds the members of a point that answers numbers.
inline void add_number_members(json::Value& entry, const FrontPoint& point) {
    const std::vector<search::NumberScore>& scores = point.record->outcome.numbers;
    entry["test_error"] = json::Value(point.test_error);
    entry["test_error_folds"] = json::Value(point.test_folds);
    entry["error_mean"] = 1 - point.mean_accuracy;
    entry["error_spread"] = point.spread;
    entry["error_low"] = point.interval() ? json::Value(point.interval()->low) : json::Value();
    entry["error_high"] = point.interval() ? json::Value(point.interval()->high) : json::Value();
    json::Value all = json::array();
    for (const auto& [key, score] : {std::pair("rmse", &search::NumberScore::rmse),
                                     {"mae", &search::NumberScore::mae},
                                     {"r2", &search::NumberScore::r2}})
        entry[key] = scores.size() == 1 ? json::Value(scores[0].*score) : json::Value();
    for (const search::NumberScore& one : scores)
        all.push_back(json::object({{"rmse", one.rmse}, {"mae", one.mae}, {"r2", one.r2}}));
    entry["numbers"] = std::move(all);
}

} // namespace detail

/// Mean loss by selection over the points that have one, and their number; nothing if none has one.
inline std::optional<std::pair<double, std::size_t>> mean_loss(const std::vector<FrontPoint>& points) {
    Moments losses;
    for (const FrontPoint& point : points)
        if (point.fresh.loss_by_selection) losses.add(*point.fresh.loss_by_selection);
    if (losses.count() == 0) return std::nullopt;
    return std::pair(losses.mean(), std::size_t(losses.count()));
}

/// {"run", "target", "finished", "error_kind", "trivial_error", "validation_samples", "validation_groups", "folds",
/// "baseline" (baseline_json()), "loss_by_selection" (mean_loss()), "points":
/// [{"id", "validation_accuracy", "test_accuracy", costs ..., "measured", "predicted", "error", "epochs", "seed",
/// "seeds", "validation_accuracy_mean", "validation_accuracy_spread", "validation_accuracy_low",
/// "validation_accuracy_high", "net", "pruning"}]}; unknown values are null. measured: whether flash, ram, cycles and
/// milliseconds are measured; predicted then has the predictions. With folds (their number, 0: none) every "validation"
/// value is the estimate of the folds. "refit" is true if RUN#ID, to which costs and test_accuracy belong, was trained
/// on all samples, and "test_accuracy_folds" is the mean of the folds' models. error_se: standard error of error. error
/// is of the kind error_kind; low and high bound the 95 % interval. fresh_trainings (their number), fresh_mean,
/// fresh_deviation: of the score (1 - error), or of the error of numbers, on the validation part; loss_by_selection:
/// see search::FreshTrainings, a difference of errors. If numbers are answered, accuracies are null. Each point then
/// also has "test_error", "error_mean", "error_spread", "error_low", "error_high", and on the validation part "rmse",
/// "mae" and "r2", null for several numbers, and "numbers": [{"rmse", "mae", "r2"}].
inline json::Value front_json(const std::string& run, const search::RunLog& log,
                              const std::vector<FrontPoint>& points) {
    json::Value list = json::array();
    const bool numbers = log.head.answers_numbers();
    for (const FrontPoint& point : points) {
        const auto accuracy = [&](double value) { return numbers ? json::Value() : json::Value(value); };
        json::Value entry = json::object({{"id", point.record->trial.number},
                                          {"validation_accuracy", accuracy(point.validation_accuracy())},
                                          {"test_accuracy", json::Value(point.test_accuracy)}});
        for (const search::MeasureInfo& row : search::cost_table)
            entry[row.name] = json::Value(point.measure(row.measure));
        entry["measured"] = detail::measured(point);
        entry["predicted"] =
            detail::measured(point) ? search::to_json(*point.record->outcome.predicted) : json::Value();
        entry["error"] = json::Value(point.measure(search::Measure::error));
        entry["error_se"] = json::Value(point.record->outcome.error_se);
        entry["refit"] = point.record->has_refit();
        entry["test_accuracy_folds"] = numbers ? json::Value() : json::Value(point.test_folds);
        entry["epochs"] = point.record->trial.epochs;
        entry["seed"] = point.record->trial.seed;
        entry["seeds"] = point.seeds;
        entry["validation_accuracy_mean"] = accuracy(point.mean_accuracy);
        entry["validation_accuracy_spread"] = accuracy(point.spread);
        const bool bounded = point.interval() && !numbers;
        entry["validation_accuracy_low"] = bounded ? json::Value(point.interval()->low) : json::Value();
        entry["validation_accuracy_high"] = bounded ? json::Value(point.interval()->high) : json::Value();
        if (numbers) detail::add_number_members(entry, point);
        const std::optional<double>& mean = point.fresh.mean_error;
        entry["fresh_trainings"] = point.fresh.count;
        entry["fresh_mean"] = mean ? json::Value(numbers ? *mean : 1 - *mean) : json::Value();
        entry["fresh_deviation"] = json::Value(point.fresh.deviation);
        entry["loss_by_selection"] = json::Value(point.fresh.loss_by_selection);
        entry["net"] = detail::network_line(point, log);
        entry["pruning"] = detail::pruning_json(point.record->trial.genome.pruning);
        list.push_back(std::move(entry));
    }
    const auto loss = mean_loss(points);
    return json::object({{"run", run},
                         {"target", log.head.target},
                         {"finished", log.end.has_value()},
                         {"error_kind", judge::info(log.head.error).name},
                         {"trivial_error", log.head.trivial_error},
                         {"validation_samples", json::Value(detail::validation_samples(log))},
                         {"validation_groups", log.head.validation_groups},
                         {"folds", log.head.folds},
                         {"baseline", baseline_json(log)},
                         {"loss_by_selection", loss ? json::Value(loss->first) : json::Value()},
                         {"points", list}});
}

namespace detail {

/// A cell: words and objects in quotes, a list of words as words with spaces between them. Shares have 12 decimals at
/// most, so that 1 - 0.699 is 0.301.
inline std::string csv_cell(const json::Value& value) {
    if (value.is_null()) return "";
    if (const double* number = value.number(); number && std::abs(*number) < 1)
        return json::write(std::round(*number * 1e12) / 1e12);
    std::vector<std::string> words;
    if (const json::Array* list = value.array()) {
        for (const json::Value& entry : *list)
            if (entry.string()) words.push_back(*entry.string());
        if (words.size() == list->size()) return report::csv_cell(join(words, " "));
    }
    const std::string* word = value.string();
    const std::string written = word ? *word : json::write(value);
    return word || value.object() || value.array() ? report::csv_cell(written, true) : written;
}

/// A list of objects with the same members as a line each, below a line of their names; nothing for an empty list.
inline std::string objects_csv(const json::Value& list) {
    std::string out;
    for (const json::Value& entry : *list.array()) {
        std::vector<std::string> names, cells;
        for (const auto& [name, value] : *entry.object()) {
            names.push_back(name);
            cells.push_back(detail::csv_cell(value));
        }
        if (out.empty()) out = join(names, ",") + "\n";
        out += join(cells, ",") + "\n";
    }
    return out;
}

} // namespace detail

/// The same numbers as CSV: one line per point below a line of names; unknown values are empty.
inline std::string front_csv(const std::string& run, const search::RunLog& log, const std::vector<FrontPoint>& points) {
    return detail::objects_csv(*front_json(run, log, points).find("points"));
}

/// A warning about the intervals of these points: how wide they are if the validation part has fewer than 300 samples,
/// or that there are too few groups for any. Nothing if there is no reason to warn or the sizes are unknown.
inline std::optional<std::string> validation_warning(const search::RunLog& log, const std::vector<FrontPoint>& points) {
    const std::optional<std::size_t> samples = detail::validation_samples(log);
    if (!samples || points.empty()) return std::nullopt;
    double widest = 0;
    for (const FrontPoint& point : points) {
        const std::optional<judge::Interval>& interval = point.interval();
        if (!interval && log.head.validation_groups >= judge::fewest_groups) continue; // one fold alone has judged it
        if (!interval)
            return text("there is no interval: the validation part has ", detail::validation_size(log), ", at least ",
                        judge::fewest_groups, " groups are needed");
        widest = std::max(widest, interval->high - interval->low);
    }
    if (*samples >= 300 || log.head.folds > 0) return std::nullopt;
    const bool numbers = log.head.answers_numbers();
    return text("the validation part has only ", detail::validation_size(log), "; the 95 % intervals of its ",
                numbers ? "errors" : "accuracies", " are up to ",
                numbers ? number_cell(widest) : fixed_decimals(100 * widest, 1) + " percentage points",
                " wide, and networks that are nearer to each other may rank by luck");
}

/// A rule that chooses one model: the smallest with at least a score, the best within a number of bytes, or the fastest
/// with at least a score. Scores are 1 - the run's kind of error, on the validation part, since the test part chooses
/// nothing.
struct Pick {
    /// What is minimised or maximised within the bound.
    enum class Rule { smallest, best, fastest } rule;
    double bound;         ///< A score for smallest and fastest, bytes for best.
    bool numbers = false; ///< True if the score was given as an RMSE: then the run must answer numbers.
};

namespace detail {

/// The measure that is a network's size in this run: the first of these that is an objective, else the model size.
inline search::Measure size_measure(const search::RunHead& head) {
    using search::Measure;
    for (const Measure size : {Measure::flash, Measure::weight_bytes, Measure::model_size, Measure::paper_model_size})
        if (std::find(head.objectives.begin(), head.objectives.end(), size) != head.objectives.end()) return size;
    return Measure::model_size;
}

inline std::string_view size_words(search::Measure size) {
    if (size == search::Measure::weight_bytes) return "weights as stored";
    const search::MeasureInfo& row = search::info(size);
    return row.column.page.empty() ? row.name : row.column.page;
}

} // namespace detail

/// Chooses a point. Size is what the run minimises of flash, stored bytes and model sizes; speed is cycles, or
/// operations if cycles are not known. Throws Error with the nearest miss if no point is within the bound.
inline const FrontPoint& pick(const std::vector<FrontPoint>& points, const search::RunLog& log, const Pick& by) {
    using search::Measure;
    if (by.rule != Pick::Rule::best && by.numbers != log.head.answers_numbers())
        throw Error(by.numbers ? "the run answers classes; give a share, such as smallest@98.5%"
                               : "the run answers numbers; give an RMSE in standard deviations, such as "
                                 "smallest@rmse=0.3");
    const Measure counted = detail::size_measure(log.head);
    const auto size = [&](const FrontPoint& point) { return point.measure(counted).value_or(1e18); };
    const bool cycles_known = std::all_of(points.begin(), points.end(), [](const FrontPoint& point) {
        return point.measure(Measure::cycles).has_value();
    });
    const auto time = [&](const FrontPoint& point) {
        return point.measure(cycles_known ? Measure::cycles : Measure::macs).value_or(1e18);
    };
    const FrontPoint *found = nullptr, *near = nullptr;
    for (const FrontPoint& point : points) {
        const bool by_size = by.rule == Pick::Rule::best;
        if (!near || (by_size ? size(point) < size(*near) : point.score() > near->score())) near = &point;
        if (by_size ? size(point) > by.bound : point.score() < by.bound) continue;
        const bool better = !found || (by.rule == Pick::Rule::smallest ? size(point) < size(*found)
                                       : by_size                       ? point.score() > found->score()
                                                                       : time(point) < time(*found));
        if (better) found = &point;
    }
    if (found) return *found;
    if (!near) throw Error(search::nothing_beats_constant(log).value_or("the run has no front yet"));
    const std::string id = text("#", near->record->trial.number);
    if (by.rule == Pick::Rule::best)
        throw Error(text("no model of the front is within ", count_cell(by.bound), " B of ",
                         detail::size_words(counted), "; the smallest, ", id, ", has ", count_cell(size(*near)), " B"));
    if (by.numbers)
        throw Error(text("no model of the front has an RMSE of ", number_cell(1 - by.bound),
                         " standard deviations or less on ", judges_of(log), "; the best, ", id, ", has ",
                         number_cell(1 - near->score())));
    const bool plain = log.head.error == judge::ErrorKind::plain;
    throw Error(text("no model of the front reaches ", percent_cell(by.bound), " % ",
                     plain ? "" : text(judge::info(log.head.error).score, " "), "on ", judges_of(log), "; the best, ",
                     id, ", has ", percent_cell(near->score()), " %"));
}

} // namespace tinysparse::report
