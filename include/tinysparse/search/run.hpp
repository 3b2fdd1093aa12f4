// SPDX-License-Identifier: Apache-2.0
// A run on the disk: a folder with journal.jsonl and models/ID.tsm. The journal's first line says what is searched;
// then one line for each finished trial, for a changed goal, and for the end of the run
// with the test accuracies of the front.
#pragma once
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/mobo/pareto.hpp"
#include "tinysparse/search/head.hpp"
#include "tinysparse/search/journal.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

inline constexpr std::size_t most_trials = 10000000;
inline constexpr int most_jobs = 1024;

/// When a run is over, and how many trials go on at a time.
struct Goal {
    std::optional<double> budget_seconds; ///< Either this
    std::optional<std::size_t> trials;    ///< or that.
    int jobs = 1;
    bool operator==(const Goal&) const = default;
};

/// Throws Error unless the goal is one that a search can reach.
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
    std::map<std::size_t, double> test_accuracy;   ///< Members of the front, by trial.
    std::vector<std::string> notes;                ///< What the user should know, such as a stage that found no time.
    std::map<std::size_t, double> test_error = {}; ///< In place of accuracies if numbers are answered.
};

/// A whole journal.
struct RunLog {
    RunHead head;
    Goal goal;
    std::vector<Record> records; ///< In the order of the journal.
    std::optional<RunEnd> end;   ///< Only where nothing follows it.
    double elapsed = 0;          ///< Seconds of work so far.
};

inline json::Value to_json(const Goal& goal) {
    return json::object({{"budget_seconds", json::Value(goal.budget_seconds)},
                         {"trials", json::Value(goal.trials)},
                         {"jobs", goal.jobs}});
}

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

inline json::Value to_json(const RunEnd& end) {
    const auto by_trial = [](const std::map<std::size_t, double>& numbers) {
        json::Value out = json::object();
        for (const auto& [trial, number] : numbers) out[text(trial)] = number;
        return out;
    };
    json::Value out = json::object({{"test_accuracy", by_trial(end.test_accuracy)}, {"notes", json::Value(end.notes)}});
    if (!end.test_error.empty()) out["test_error"] = by_trial(end.test_error);
    return out;
}

inline RunEnd end_from_json(const json::Reader& in) {
    RunEnd end;
    const auto by_trial = [&](std::string_view key) {
        std::map<std::size_t, double> out;
        for (const auto& [name, number] : in.at(key).as<std::map<std::string, double>>()) {
            const auto trial = parse_number<std::size_t>(name);
            if (!trial) in.at(key).fail(text("'", name, "' is no trial"));
            out[*trial] = number;
        }
        return out;
    };
    end.test_accuracy = by_trial("test_accuracy");
    if (in.has("test_error")) end.test_error = by_trial("test_error");
    end.notes = in.at("notes").as<std::vector<std::string>>();
    return end;
}

/// The lines of a journal as a log, or nothing where there are none. Throws Error naming line and member at fault.
inline std::optional<RunLog> log_from_lines(const std::vector<json::Value>& lines, const std::string& path) {
    if (lines.empty()) return std::nullopt;
    RunLog log;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const json::Reader in(lines[i], text(path, ": line ", i + 1));
        log.end.reset();
        if (i == 0) {
            log.head = head_from_json(in.at("run"));
            log.goal = goal_from_json(in.at("goal"));
        } else if (in.has("trial")) {
            log.records.push_back(record_from_json(in, log.head.space));
            log.elapsed = log.records.back().elapsed;
        } else if (in.has("goal")) {
            log.goal = goal_from_json(in.at("goal"));
        } else {
            log.end = end_from_json(in.at("end"));
            log.elapsed = in.at("elapsed").as<double>();
        }
    }
    return log;
}

inline std::string journal_path(const std::string& folder) { return folder + "/journal.jsonl"; }
inline std::string model_path(const std::string& folder, std::size_t trial) {
    return text(folder, "/models/", trial, ".tsm");
}

/// A run as it stands, whether its search goes on or not. Throws Error where the folder holds none.
inline RunLog read_run(const std::string& folder) {
    const Journal journal(journal_path(folder));
    if (!std::filesystem::exists(folder))
        throw Error(text(folder, ": there is no such folder; a run is made by search"));
    auto log = log_from_lines(journal.read(false), journal.path());
    if (!log) throw Error(text(folder, ": the folder holds no run; a run is made by search"));
    return std::move(*log);
}

/// The feasible trials that beat the constant answer and that no other dominates, by what was measured, the smallest
/// first cost first.
inline std::vector<const Record*> measured_front(const RunHead& head, const std::vector<const Record*>& records) {
    const Objectives& objectives = head.objectives;
    std::vector<const Record*> candidates, front;
    std::vector<mobo::Point> points;
    for (const Record* record : records) {
        if (!record->feasible || !beats_constant(*record->outcome.measures[Measure::error], head.trivial_error))
            continue;
        candidates.push_back(record);
        points.emplace_back();
        for (const Measure objective : objectives) points.back().push_back(*record->outcome.measures[objective]);
    }
    for (const std::size_t i : mobo::non_dominated(points)) front.push_back(candidates[i]);
    std::stable_sort(front.begin(), front.end(), [&](const Record* a, const Record* b) {
        return *a->outcome.measures[objectives[1]] < *b->outcome.measures[objectives[1]];
    });
    return front;
}
/// The same of a log, which must live as long.
inline std::vector<const Record*> measured_front(const RunLog& log) {
    std::vector<const Record*> records;
    for (const Record& record : log.records) records.push_back(&record);
    return measured_front(log.head, records);
}

/// What to say of a run whose front is empty although trials hold its limits; nothing if either is otherwise.
inline std::optional<std::string> nothing_beats_constant(const RunLog& log) {
    const bool feasible =
        std::any_of(log.records.begin(), log.records.end(), [](const Record& r) { return r.feasible; });
    if (!feasible || !measured_front(log).empty()) return std::nullopt;
    if (log.head.answers_numbers()) return "nothing beats the constant answer, whose RMSE is one standard deviation";
    const std::string score = fixed_decimals(100 * (1 - log.head.trivial_error), 1) + " %";
    return text("nothing beats the constant answer, ", score,
                log.head.error == judge::ErrorKind::plain ? "" : text(" ", judge::info(log.head.error).score));
}

} // namespace tinysparse::search
