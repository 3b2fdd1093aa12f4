// SPDX-License-Identifier: Apache-2.0
// A run on the disk: a folder with journal.jsonl and models/ID.tsm. The journal's first line says what is searched;
// then one line for each finished trial, for a changed goal, and for the end of the run
// with the test accuracies of the front.
#pragma once
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/file.h>
#include <unistd.h>
#include <vector>

#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/judge/confusion.hpp"
#include "tinysparse/nn/class_weights.hpp"
#include "tinysparse/search/journal.hpp"
#include "tinysparse/search/problem.hpp"
#include "tinysparse/search/trial.hpp"
#include "tinysparse/version.hpp"

namespace tinysparse::search {

/// When a run is over, and how many trials go on at a time.
struct Goal {
    std::optional<double> budget_seconds; ///< Either this
    std::optional<std::size_t> trials;    ///< or that.
    int jobs = 1;
    bool operator==(const Goal&) const = default;
};

/// The first line of a journal: all that a run depends on, but for its goal.
struct RunHead {
    std::vector<std::string> command;
    std::string build = TINYSPARSE_VERSION_STRING; ///< Of the program that began it.
    std::uint64_t seed = 1;
    std::string folder; ///< Where the run began: relative paths in `data` and `target` are of it; empty: unknown.
    std::string data;
    std::uint64_t data_digest = 0;
    std::string target;
    std::string acquisition = "ehvi";
    std::string kernel = "matern"; ///< Kernel of the model of the error, if there is one.
    bool inherit = true;           ///< Children and promotions begin from their parents' weights.
    Objectives objectives = {Measure::error, Measure::model_size, Measure::working_memory};
    Limits limits;
    Fidelities fidelities;
    judge::ErrorKind error = judge::ErrorKind::plain;   ///< What Measure::error is.
    double trivial_error = 0.9, smallest_error = 0.001; ///< As in Problem.
    nn::ClassWeights class_weights = nn::ClassWeights::none;
    std::vector<std::size_t> validation_counts; ///< Samples of each class; empty: unknown (older runs).
    std::size_t validation_groups = 0;   ///< Groups that the validation samples belong to; 0: they are independent.
    std::vector<std::string> data_notes; ///< What the user should know of the data: "note: ...", "warning: ..."
    space::Space space;

    bool answers_numbers() const { return error == judge::ErrorKind::rmse; }
};

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
    return {in.at("budget_seconds").as<std::optional<double>>(), in.at("trials").as<std::optional<std::size_t>>(),
            in.at("jobs").as<int>()};
}

inline json::Value to_json(const RunHead& head) {
    json::Value objectives = json::array(), limits = json::object();
    for (const Measure objective : head.objectives) objectives.push_back(name_of(objective));
    for (const auto& [measure, limit] : head.limits) limits[name_of(measure)] = limit;
    return json::object(
        {{"command", json::Value(head.command)},
         {"build", head.build},
         {"seed", hexadecimal(head.seed)},
         {"folder", head.folder},
         {"data", head.data},
         {"data_digest", hexadecimal(head.data_digest)},
         {"target", head.target},
         {"acquisition", head.acquisition},
         {"kernel", head.kernel},
         {"inherit", head.inherit},
         {"objectives", objectives},
         {"limits", limits},
         {"epochs", json::array({head.fidelities.screen, head.fidelities.confirm, head.fidelities.final})},
         {"error", judge::info(head.error).name},
         {"trivial_error", head.trivial_error},
         {"smallest_error", head.smallest_error},
         {"class_weights", nn::class_weightings[std::size_t(head.class_weights)].name},
         {"validation_counts", json::Value(head.validation_counts)},
         {"validation_groups", head.validation_groups},
         {"data_notes", json::Value(head.data_notes)},
         {"space", space::to_json(head.space)}});
}

namespace detail {

inline std::uint64_t read_hexadecimal(const json::Reader& in) {
    const auto number = parse_hexadecimal(in.as<std::string>());
    if (!number) in.fail("expected 16 hexadecimal digits");
    return *number;
}

/// What versions with one kind of error did not write: also where the run began, and what is known of the data.
inline void read_later_members(const json::Reader& in, RunHead& head) {
    const std::string name = in.at("error").as<std::string>();
    const judge::ErrorInfo* known = row_named(judge::error_kinds, name);
    if (!known) in.at("error").fail(text("'", name, "' is not one of ", join(names_of(judge::error_kinds), ", ")));
    head.error = known->kind;
    head.folder = in.at("folder").as<std::string>();
    const std::string weights = in.at("class_weights").as<std::string>();
    const auto* weighting = row_named(nn::class_weightings, weights);
    if (!weighting) in.at("class_weights").fail(text("'", weights, "' is neither none nor balanced"));
    head.class_weights = weighting->value;
    head.validation_counts = in.at("validation_counts").as<std::vector<std::size_t>>();
    head.validation_groups = in.at("validation_groups").as<std::size_t>();
    head.data_notes = in.at("data_notes").as<std::vector<std::string>>();
}

} // namespace detail

inline RunHead head_from_json(const json::Reader& in) {
    RunHead head;
    head.command = in.at("command").as<std::vector<std::string>>();
    head.build = in.at("build").as<std::string>();
    head.seed = detail::read_hexadecimal(in.at("seed"));
    head.data = in.at("data").as<std::string>();
    head.data_digest = detail::read_hexadecimal(in.at("data_digest"));
    head.target = in.at("target").as<std::string>();
    head.acquisition = in.at("acquisition").as<std::string>();
    if (in.has("kernel")) head.kernel = in.at("kernel").as<std::string>(); // older runs had no choice
    if (in.has("error")) detail::read_later_members(in, head);
    head.inherit = in.at("inherit").as<bool>();
    head.objectives.clear();
    for (const json::Reader& name : in.at("objectives").items())
        head.objectives.push_back(parse_measure("objectives", name.as<std::string>()));
    for (const auto& [name, limit] : in.at("limits").as<std::map<std::string, double>>())
        head.limits[parse_measure("limits", name)] = limit;
    const auto epochs = in.at("epochs").as<std::vector<int>>();
    if (epochs.size() != 3) in.at("epochs").fail("expected three numbers");
    head.fidelities = {epochs[0], epochs[1], epochs[2]};
    head.trivial_error = in.at("trivial_error").as<double>();
    head.smallest_error = in.at("smallest_error").as<double>();
    head.space = space::space_from_json(in.at("space"));
    return head;
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

/// The folder of a run that this program works on; no other program may meanwhile.
class RunFolder {
  public:
    /// Makes the folder where there is none. Throws Error where it cannot be written or another search works on it.
    explicit RunFolder(const std::string& folder) : folder_(folder), journal_(journal_path(folder)) {
        make_folder(folder + "/models");
        const std::string path = folder + "/lock";
        lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (lock_ < 0) tinysparse::detail::throw_file_error(path, "write", errno);
        if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
            ::close(lock_);
            throw Error(text(folder, ": another search works on this run; wait for it or use another --out"));
        }
    }
    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;
    ~RunFolder() { ::close(lock_); }

    const std::string& path() const { return folder_; }
    const Journal& journal() const { return journal_; }
    /// What the folder holds, a torn last line removed; nothing where no run began.
    std::optional<RunLog> read() const { return log_from_lines(journal_.read(true), journal_.path()); }

    /// Takes away a journal without any trial: of a search that could not begin, so another may in its place.
    void clear() const {
        const std::optional<RunLog> log = read();
        if (log && log->records.empty() && !std::filesystem::remove(journal_.path()))
            throw Error(text(journal_.path(), ": cannot be removed"));
    }

  private:
    std::string folder_;
    Journal journal_;
    int lock_ = -1;
};

} // namespace tinysparse::search
