// SPDX-License-Identifier: Apache-2.0
// A run on the disk: a folder with journal.jsonl and models/ID.tsm. The journal's first line describes the search. Then
// comes one line for each finished trial, for later measurements, for a changed goal or another build of the program,
// for the end of the run with the test accuracies of the front, and for the trials that a repair lost.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/judge/confusion.hpp"
#include "tinysparse/mobo/pareto.hpp"
#include "tinysparse/search/head.hpp"
#include "tinysparse/search/journal.hpp"
#include "tinysparse/search/refit.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

inline constexpr int most_jobs = 1024; ///< Largest number of trials at a time.

/// The goal at which a run is over, and the number of trials that run at a time.
struct Goal {
    std::optional<double> budget_seconds; ///< Either this
    std::optional<std::size_t> trials;    ///< or that.
    int jobs = 1;                         ///< Trials that run at a time, 1..most_jobs.
    bool operator==(const Goal&) const = default;
};

/// Throws Error unless a search can reach the goal.
inline void check(const Goal& goal) {
    if (goal.budget_seconds.has_value() == goal.trials.has_value())
        throw Error("give a budget or a number of trials, and not both");
    if (goal.budget_seconds && !(*goal.budget_seconds > 0 && *goal.budget_seconds <= most_seconds))
        throw Error(text("budget ", *goal.budget_seconds, ": expected seconds above 0, at most ", most_seconds));
    if (goal.trials && (*goal.trials < 1 || *goal.trials > most_trials))
        throw Error(text("trials ", *goal.trials, ": expected a whole number from 1 to ", most_trials));
    if (goal.jobs < 1 || goal.jobs > most_jobs)
        throw Error(text("jobs ", goal.jobs, ": expected a whole number from 1 to ", most_jobs));
}

/// The last line of a finished run.
struct RunEnd {
    std::map<std::size_t, double> test_accuracy;   ///< Accuracies of deployed_path()'s models, for members of the
                                                   ///< front, by trial.
    std::vector<std::string> notes;                ///< Notes for the user, such as a stage that had no time.
    std::map<std::size_t, double> test_error = {}; ///< Used instead of accuracies if numbers are answered.
    std::set<std::size_t> without_model = {};      ///< Trials whose models are lost; they are on no front.
    std::map<std::size_t, double> test_folds = {}; ///< Mean of the same measure over the folds' models.
};

/// A whole journal.
struct RunLog {
    RunHead head;
    Goal goal;
    std::vector<Record> records;     ///< In the order of the journal.
    std::optional<RunEnd> end;       ///< Set only if nothing follows it.
    double elapsed = 0;              ///< Seconds of work so far.
    std::set<std::size_t> lost = {}; ///< Trials that a damaged journal lost: parents of others, or to be run again.
    std::vector<Build> continued_by = {}; ///< Builds that went on with the run, each another than the one before.
};

/// The member "goal" of a line; the limit that does not apply is null.
inline json::Value to_json(const Goal& goal) {
    return json::object({{"budget_seconds", json::Value(goal.budget_seconds)},
                         {"trials", json::Value(goal.trials)},
                         {"jobs", goal.jobs}});
}

/// Throws Error, with the place, unless check() takes the goal.
inline Goal goal_from_json(const json::Reader& in) {
    const Goal goal{in.at("budget_seconds").as<std::optional<double>>(),
                    in.at("trials").as<std::optional<std::size_t>>(), in.at("jobs").as<int>()};
    try {
        check(goal);
    } catch (const Error& error) {
        in.fail(error.what());
    }
    return goal;
}

/// The last line of a run that has ended.
inline json::Value to_json(const RunEnd& end) {
    const auto by_trial = [](const std::map<std::size_t, double>& numbers) {
        json::Value out = json::object();
        for (const auto& [trial, number] : numbers) out[text(trial)] = number;
        return out;
    };
    json::Value out = json::object({{"test_accuracy", by_trial(end.test_accuracy)}, {"notes", json::Value(end.notes)}});
    if (!end.test_error.empty()) out["test_error"] = by_trial(end.test_error);
    if (!end.test_folds.empty()) out["test_folds"] = by_trial(end.test_folds);
    if (!end.without_model.empty())
        out["without_model"] =
            json::Value(std::vector<std::size_t>(end.without_model.begin(), end.without_model.end()));
    return out;
}

/// Throws Error, with the place, for numbers that are no trials and for values out of range.
inline RunEnd end_from_json(const json::Reader& in) {
    RunEnd end;
    const auto by_trial = [&](std::string_view key, double most) {
        std::map<std::size_t, double> out;
        for (const auto& [name, number] : in.at(key).as<std::map<std::string, double>>()) {
            const auto trial = parse_number<std::size_t>(name);
            if (!trial) in.at(key).fail(text("'", name, "' is no trial"));
            if (!(number >= 0 && number <= most)) in.at(key).fail(text("expected 0 to ", most, ", found ", number));
            out[*trial] = number;
        }
        return out;
    };
    end.test_accuracy = by_trial("test_accuracy", 1);
    if (in.has("test_error")) end.test_error = by_trial("test_error", most_measure);
    if (in.has("test_folds")) end.test_folds = by_trial("test_folds", most_measure);
    if (in.has("without_model"))
        for (const std::size_t trial : in.at("without_model").as<std::vector<std::size_t>>())
            end.without_model.insert(trial);
    end.notes = in.at("notes").as<std::vector<std::string>>();
    return end;
}

/// True if a trial failed because of the machine and not of the network: versions of format 1 recorded these, too.
inline bool is_fault_of_machine(std::string_view reason) {
    return reason == "out of memory" || reason.starts_with("cannot start ") ||
           reason.find(": cannot ") != reason.npos || reason.find(".tsm: ") != reason.npos;
}

/// Throws Error, naming the member, if a record is invalid in a run with this head.
inline void check_record(const json::Reader& in, const Record& record, const RunHead& head) {
    const Trial& trial = record.trial;
    const Outcome& outcome = record.outcome;
    if (trial.parent && *trial.parent >= trial.number) in.at("parent").fail("expected a trial before this one");
    const std::string_view origin = origins[std::size_t(trial.origin)].name;
    if (trial.parent.has_value() == begins_afresh(trial.origin))
        in.at("parent").fail(trial.parent ? text("a ", origin, " network has no parent") : "the parent is missing");
    if (is_baseline(trial) != trial.genome.is_linear() || (is_baseline(trial) && trial.number != 0))
        in.at("origin").fail(text("'", origin, "': the baseline is the network without stages, and trial 0"));
    if (trial.inherits && !trial.parent) in.at("inherits").fail("there is no parent to inherit from");
    if (outcome.failure) return;
    if (!head.answers_numbers()) in.at("measures").at("error").ranged(0.0, 1.0);
    if (!outcome.numbers.empty() && outcome.numbers.size() != std::size_t(head.space.classes))
        in.at("numbers").fail(text("expected ", head.space.classes, " of them, found ", outcome.numbers.size()));
    if (!outcome.folds.empty() && outcome.folds.size() != head.folds)
        in.at("folds").fail(text("expected ", head.folds, " of them, found ", outcome.folds.size()));
    if (!record.feasible) return;
    for (const Measure objective : head.objectives)
        if (!outcome.measures[objective])
            in.at("measures").fail(text(name_of(objective), " is missing, which is an objective of the run"));
    // A prediction may break a limit: the correction that was applied to it is not in the journal.
    const bool exact = head.measuring == Measuring::off || outcome.predicted;
    Limits limits = head.limits;
    if (!exact)
        for (const Measure measure : chip_measures) limits.erase(measure);
    if (!holds(outcome, limits)) in.at("feasible").fail("a measure breaks a limit of the run");
}

namespace detail {

/// Reads a journal line by line.
class LogReader {
  public:
    explicit LogReader(const std::string& path) : path_(path) {}

    void take(const json::Value& line) {
        const json::Reader in(line, text(path_, ": line ", ++number_));
        log_.end.reset();
        if (number_ == 1) {
            log_.head = head_from_json(in.at("run"));
            log_.goal = goal_from_json(in.at("goal"));
        } else if (in.has("run")) {
            in.fail(text("another search began in the same folder", cure("keeps the first one's trials")));
        } else if (in.has("trial")) {
            take_record(in);
        } else if (in.has("goal")) {
            log_.goal = goal_from_json(in.at("goal"));
            if (in.has("build")) log_.continued_by.push_back(build_from_json(in.at("build")));
        } else if (in.has("measured")) {
            for (const json::Reader& one : in.at("measured").items()) take_measurement(one);
            pass_time(in);
        } else if (in.has("refits")) {
            for (const json::Reader& one : in.at("refits").items()) take_refit(one);
            pass_time(in);
        } else if (in.has("lost")) {
            for (const json::Reader& trial : in.at("lost").items())
                lost_.insert(trial.ranged<std::size_t>(0, most_trials - 1));
        } else {
            log_.end = end_from_json(in.at("end"));
            pass_time(in);
        }
    }

    RunLog finish() {
        for (const auto& [parent, line] : orphans_)
            if (!lost_.contains(parent))
                throw Error(text(path_, ": line ", line, ": parent: trial ", parent, " does not stand before it",
                                 cure("marks it as lost")));
        log_.lost = lost_;
        std::erase_if(log_.lost, [&](std::size_t trial) { return lines_.contains(trial); });
        return std::move(log_);
    }

  private:
    std::string cure(std::string_view what) const { return Journal(path_).cure(what); }

    void take_record(const json::Reader& in) {
        Record record = record_from_json(in, log_.head.space);
        check_record(in, record, log_.head);
        const auto [first, is_new] = lines_.try_emplace(record.trial.number, number_);
        if (!is_new)
            in.at("trial").fail(text("trial ", record.trial.number, " stands in line ", first->second,
                                     ", too: two searches worked in this folder", cure("keeps the first")));
        has_baseline_ |= is_baseline(record.trial);
        if (has_baseline_ && record.trial.parent == std::size_t{0})
            in.at("parent").fail("the baseline has no children");
        if (const auto& parent = record.trial.parent; parent && !lines_.contains(*parent))
            orphans_.try_emplace(*parent, number_);
        pass_time(in);
        log_.records.push_back(std::move(record));
    }

    /// The record that the member `of` names. Its network was trained in an earlier line.
    Record& trained_record(const json::Reader& in) {
        const std::size_t trial = in.at("of").ranged<std::size_t>(0, most_trials - 1);
        const auto record = std::find_if(log_.records.begin(), log_.records.end(),
                                         [&](const Record& own) { return own.trial.number == trial; });
        if (record == log_.records.end() || record->outcome.failure)
            in.at("of").fail(text("trial ", trial, " has no network in a line before"));
        return *record;
    }

    void take_measurement(const json::Reader& in) {
        Record& record = trained_record(in);
        if (record.outcome.predicted) in.at("of").fail(text("trial ", record.trial.number, " was measured before"));
        apply(measurement_from_json(in), record, log_.head.limits);
    }

    void take_refit(const json::Reader& in) {
        Record& record = trained_record(in);
        if (record.outcome.folds.empty()) in.at("of").fail(text("trial ", record.trial.number, " has no folds"));
        if (record.refit) in.at("of").fail(text("trial ", record.trial.number, " was trained on all before"));
        apply(refit_from_json(in), record);
    }

    /// Seconds of work never decrease. Journals of format 1 have records in the order of their numbers, with the times
    /// at which they were ready.
    void pass_time(const json::Reader& in) {
        const double elapsed = in.at("elapsed").ranged(0.0, most_seconds);
        if (elapsed < log_.elapsed && log_.head.format > 1)
            in.at("elapsed").fail(text("expected at least the ", log_.elapsed, " of a line before, found ", elapsed));
        log_.elapsed = std::max(log_.elapsed, elapsed);
    }

    const std::string& path_;
    std::size_t number_ = 0;
    RunLog log_;
    std::map<std::size_t, std::size_t> lines_;   ///< Lines of the records, by trial.
    std::map<std::size_t, std::size_t> orphans_; ///< Lines of trials whose parents no earlier line has, by parent.
    std::set<std::size_t> lost_;
    bool has_baseline_ = false; ///< True if trial 0 is the baseline.
};

} // namespace detail

/// The lines of a journal as a log, or nothing if there are none. Throws Error naming the line and the invalid member.
inline std::optional<RunLog> log_from_lines(const std::vector<json::Value>& lines, const std::string& path) {
    if (lines.empty()) return std::nullopt;
    detail::LogReader reader(path);
    for (const json::Value& line : lines) reader.take(line);
    return reader.finish();
}

/// Path of a run's journal.
inline std::string journal_path(const std::string& folder) { return folder + "/journal.jsonl"; }
/// Path of a trial's model; with folds, of the first fold's.
inline std::string model_path(const std::string& folder, std::size_t trial) {
    return text(folder, "/models/", trial, ".tsm");
}
/// The model of a record that RUN#ID names and that goes to the device: the refit, or the best fold's, or the only one.
/// path: of its first model.
inline std::string deployed_model(const std::string& path, const Record& record) {
    return record.has_refit() ? refit_path(path) : fold_path(path, record.outcome.best_fold());
}
/// Its path in a run's folder.
inline std::string deployed_path(const std::string& folder, const Record& record) {
    return deployed_model(model_path(folder, record.trial.number), record);
}

/// A run as it stands, whether its search goes on or not. Throws Error if the folder holds none.
inline RunLog read_run(const std::string& folder) {
    const Journal journal(journal_path(folder));
    if (!std::filesystem::exists(folder))
        throw Error(text(folder, ": there is no such folder; a run is made by search"));
    if (!std::filesystem::is_directory(folder))
        throw Error(text(folder, ": this is a file and not the folder of a run, which is made by search"));
    auto log = log_from_lines(journal.read(false), journal.path());
    if (!log) throw Error(text(folder, ": the folder holds no run; a run is made by search"));
    return std::move(*log);
}

/// Samples of each class in the first fold, to which data::folds_of() deals every class in turn. Empty if the run has
/// no folds, or if they are made of groups.
inline std::vector<std::size_t> first_fold_counts(const RunHead& head) {
    std::vector<std::size_t> counts;
    if (head.folds == 0 || head.validation_groups > 0) return counts;
    const auto share = [&](std::size_t dealt) { return (dealt + head.folds - 1) / head.folds; };
    std::size_t before = 0;
    for (const std::size_t samples : head.validation_counts) {
        counts.push_back(share(before + samples) - share(before));
        before += samples;
    }
    return counts;
}

/// True if a record's error is below that of the constant answer, on the samples that judged the record. If these are
/// one fold of groups, the constant answer's error there is unknown; then one standard error has to lie between both.
inline bool beats_constant(const RunHead& head, const Record& record) {
    const double error = *record.outcome.measures[Measure::error], trivial = head.trivial_error;
    if (!record.judged_by_one_of(head.folds) || head.answers_numbers()) return beats_constant(error, trivial);
    const std::vector<std::size_t> counts = first_fold_counts(head);
    if (!counts.empty()) return beats_constant(error, std::min(trivial, judge::trivial_error(counts, head.error)));
    const double groups = std::max(1.0, double(head.validation_groups) / double(head.folds));
    const double largest_se = std::sqrt(trivial * (1 - trivial) / groups); // if all samples of a group are alike
    return beats_constant(error + record.outcome.error_se.value_or(largest_se), trivial);
}

/// The feasible records that were judged alike: in a run with folds those that all folds have judged, or all records
/// while the baseline is the only one of those.
inline std::vector<const Record*> judged_alike(const std::vector<const Record*>& records) {
    const auto by_all_folds = [](const Record* record) { return !record->outcome.folds.empty(); };
    std::vector<const Record*> alike;
    for (const Record* record : records)
        if (record->feasible) alike.push_back(record);
    const bool folded = std::any_of(alike.begin(), alike.end(), [&](const Record* record) {
        return by_all_folds(record) && !is_baseline(record->trial);
    });
    if (folded) std::erase_if(alike, [&](const Record* record) { return !by_all_folds(record); });
    return alike;
}

/// The feasible trials that beat the constant answer and that no other dominates, in ascending order of the first cost.
/// In a run that measures, a network that was not measured counts with its expected values. In a run with folds, trials
/// judged by a single fold count only while there are no others but the baseline, and of several trainings of a network
/// the longest one counts: another is better only by luck.
inline std::vector<const Record*> measured_front(const RunHead& head, const std::vector<const Record*>& records) {
    const Objectives& objectives = head.objectives;
    std::vector<const Record*> candidates, front;
    std::vector<mobo::Point> points;
    const Corrections corrections(records);  // empty if nothing was measured
    std::map<std::string_view, int> longest; // epochs of a network that all folds have judged
    const std::vector<const Record*> alike = judged_alike(records);
    for (const Record* record : alike)
        if (!record->outcome.folds.empty())
            longest[record->trial.key] = std::max(longest[record->trial.key], record->trial.line_epochs);
    for (const Record* record : alike) {
        const bool shorter = !record->outcome.folds.empty() && record->trial.line_epochs < longest[record->trial.key];
        if (shorter || !beats_constant(head, *record)) continue;
        candidates.push_back(record);
        points.emplace_back();
        const Measures measures = corrections.of(record->outcome);
        for (const Measure objective : objectives) points.back().push_back(*measures[objective]);
    }
    for (const std::size_t i : mobo::non_dominated(points)) front.push_back(candidates[i]);
    sort_stably(front, [&](const Record* a, const Record* b) {
        return *a->outcome.measures[objectives[1]] < *b->outcome.measures[objectives[1]];
    });
    return front;
}
/// Likewise of a log, which must outlive the result.
inline std::vector<const Record*> measured_front(const RunLog& log) {
    std::vector<const Record*> records;
    for (const Record& record : log.records)
        if (!log.end || !log.end->without_model.contains(record.trial.number)) records.push_back(&record);
    return measured_front(log.head, records);
}

/// A message for a run whose front is empty although trials hold its limits; nothing otherwise.
inline std::optional<std::string> nothing_beats_constant(const RunLog& log) {
    const bool feasible =
        std::any_of(log.records.begin(), log.records.end(), [](const Record& r) { return r.feasible; });
    if (!feasible || !measured_front(log).empty()) return std::nullopt;
    if (log.end && !log.end->without_model.empty()) {
        RunLog with_lost = log;
        with_lost.end.reset();
        if (!measured_front(with_lost).empty()) return "every model of the front is lost; the notes of the run say why";
    }
    if (log.head.answers_numbers()) return "nothing beats the constant answer, whose RMSE is one standard deviation";
    const std::string score = fixed_decimals(100 * (1 - log.head.trivial_error), 1) + " %";
    return text("nothing beats the constant answer, ", score,
                log.head.error == judge::ErrorKind::plain ? "" : text(" ", judge::info(log.head.error).score));
}

} // namespace tinysparse::search
