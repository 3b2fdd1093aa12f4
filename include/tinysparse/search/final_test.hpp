// SPDX-License-Identifier: Apache-2.0
// The end of a run: tests the models of the front, and notes for the user.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/moments.hpp"
#include "tinysparse/base/threads.hpp"
#include "tinysparse/search/evaluator.hpp"

namespace tinysparse::search {

/// Calls work(record) for each member of a front, `jobs` at a time. False if it was interrupted. Throws what `work`
/// throws first, and SystemError if a thread cannot be started.
template <class Work>
bool for_members(const std::vector<const Record*>& front, int jobs, const std::function<bool()>& interrupted,
                 const Work& work) {
    std::mutex mutex;
    std::exception_ptr failure;
    std::size_t next = 0;
    const auto take = [&] {
        std::unique_lock lock(mutex);
        while (next < front.size() && !failure && !interrupted()) try {
                const Record& record = *front[next++];
                lock.unlock();
                work(record);
                lock.lock();
            } catch (...) {
                if (!lock.owns_lock()) lock.lock();
                failure = std::current_exception();
            }
    };
    run_threads(std::min(std::size_t(jobs), front.size()), take, [&] {
        const std::lock_guard lock(mutex);
        next = front.size();
    });
    if (failure) std::rethrow_exception(failure);
    return !interrupted();
}

/// What the test part says of a front.
struct FinalTest {
    std::map<std::size_t, double> accuracy; ///< Results of Evaluator::test, by trial: of deployed_path()'s models,
    std::map<std::size_t, double> folds;    ///< and the mean of the folds' models, if there are folds.
    std::vector<std::string> missing;       ///< Notes on models whose files are gone, which do not prevent the end.
};

/// Tests the models of `front` that lie in `folder`. Nothing if it was interrupted. Throws as for_members() does.
inline std::optional<FinalTest> final_test(const std::vector<const Record*>& front, const std::string& folder,
                                           const Evaluator& evaluator, int jobs,
                                           const std::function<bool()>& interrupted) {
    FinalTest result;
    std::mutex mutex;
    const bool finished = for_members(front, jobs, interrupted, [&](const Record& record) {
        std::vector<std::string> missing;
        const auto test = [&](const std::string& model) -> std::optional<double> {
            if (std::filesystem::exists(model)) return evaluator.test(record, model);
            missing.push_back(text(model, " is missing; its accuracy on the test part is not known"));
            return std::nullopt;
        };
        const std::optional<double> accuracy = test(deployed_path(folder, record));
        Moments of_folds;
        for (std::size_t k = 0; k < record.outcome.folds.size(); ++k)
            if (const auto one = test(fold_path(model_path(folder, record.trial.number), k))) of_folds.add(*one);
        const std::lock_guard lock(mutex);
        result.missing.insert(result.missing.end(), missing.begin(), missing.end());
        if (accuracy) result.accuracy[record.trial.number] = *accuracy;
        if (of_folds.count() > 0) result.folds[record.trial.number] = of_folds.mean();
    });
    if (!finished) return std::nullopt;
    return result;
}

/// Measures the models of `members`, one result each. Nothing if it was interrupted. Throws as for_members() does.
inline std::optional<std::vector<Measurement>> measure_members(const std::vector<const Record*>& members,
                                                               const std::string& folder, const Evaluator& evaluator,
                                                               int jobs, const std::function<bool()>& interrupted) {
    std::map<std::size_t, Measurement> found;
    std::mutex mutex;
    const bool finished = for_members(members, jobs, interrupted, [&](const Record& record) {
        Measurement measurement{record.trial.number, {}, {}};
        Outcome outcome;
        or_failure(record.trial, outcome,
                   [&] { measurement.measures = evaluator.measure(deployed_path(folder, record)); });
        measurement.failure = std::move(outcome.failure);
        const std::lock_guard lock(mutex);
        found[record.trial.number] = std::move(measurement);
    });
    if (!finished) return std::nullopt;
    std::vector<Measurement> in_order;
    for (const Record* record : members) in_order.push_back(std::move(found.at(record->trial.number)));
    return in_order;
}

/// Trains the networks of `members` once more, on all samples, and measures them if `measures`; one result each.
/// Nothing if it was interrupted. Throws as for_members() does.
inline std::optional<std::vector<Refit>> refit_members(const std::vector<const Record*>& members,
                                                       const std::string& folder, const Evaluator& evaluator,
                                                       const Limits& limits, bool measures, int jobs,
                                                       const std::function<bool()>& interrupted) {
    std::map<std::size_t, Refit> found;
    std::mutex mutex;
    const bool finished = for_members(members, jobs, interrupted, [&](const Record& record) {
        const std::string path = model_path(folder, record.trial.number);
        Outcome outcome;
        or_failure(record.trial, outcome, [&] { outcome = evaluator.refit(record, path, interrupted); });
        if (outcome.stopped) return;
        if (measures && !outcome.failure) measure(evaluator, record.trial, refit_path(path), outcome);
        const std::lock_guard lock(mutex);
        found[record.trial.number] = refit_of(record, outcome, limits);
    });
    if (!finished || found.size() < members.size()) return std::nullopt;
    std::vector<Refit> in_order;
    for (const Record* record : members) in_order.push_back(std::move(found.at(record->trial.number)));
    return in_order;
}

/// What the members of `front` answered, for judged.json; members whose models are gone are left out. Nothing if it was
/// interrupted. Throws as for_members() does. The evaluator judges.
inline std::optional<Judged> judge_members(const std::vector<const Record*>& front, const std::string& folder,
                                           const Evaluator& evaluator, int jobs,
                                           const std::function<bool()>& interrupted) {
    std::map<std::size_t, Judged> found;
    std::mutex mutex;
    const bool finished = for_members(front, jobs, interrupted, [&](const Record& record) {
        const std::string path = model_path(folder, record.trial.number);
        for (std::size_t k = 0; k < record.trial.folds; ++k)
            if (!std::filesystem::exists(fold_path(path, k))) return;
        Judged judged = evaluator.judge(record, path);
        const std::lock_guard lock(mutex);
        found[record.trial.number] = std::move(judged);
    });
    if (!finished) return std::nullopt;
    std::optional<Judged> all;
    for (const Record* record : front) {
        const auto one = found.find(record->trial.number);
        if (one == found.end()) continue;
        if (!all) {
            all = std::move(one->second);
            continue;
        }
        all->members.insert(all->members.end(), one->second.members.begin(), one->second.members.end());
        all->inputs.merge(one->second.inputs);
    }
    return all ? std::move(all) : Judged{};
}

/// Why a run has no feasible trial. `note`: the reason that ended it early, if there is one.
inline std::string why_no_front(const std::vector<const Record*>& records, const std::optional<std::string>& note) {
    const auto failed = [](const Record* record) { return record->outcome.failure.has_value(); };
    if (records.empty() && note) return *note;
    if (records.empty()) return "no trial finished; resume it with a longer --budget or more --trials";
    if (std::all_of(records.begin(), records.end(), failed))
        return text(records.size() == 1 ? "the only trial failed: "
                                        : text("all ", records.size(), " trials failed; the last one said: "),
                    *records.back()->outcome.failure);
    return text("no trial (of ", records.size(),
                ") keeps within all limits; resume it with a longer --budget or more --trials, or raise a limit in a "
                "new run");
}

/// A note for each stage that has no trial but the baseline, with what to give next time for this goal.
inline std::vector<std::string> missing_stages(const std::vector<const Record*>& records, const Goal& goal) {
    std::vector<std::string> notes;
    for (int stage = 1; stage <= 3; ++stage) {
        bool trained = false, baseline = false;
        for (const Record* record : records)
            if (record->trial.stage == stage) (is_baseline(record->trial) ? baseline : trained) = true;
        if (!trained)
            notes.push_back(text("stage ", stage, " of 3 trained nothing", baseline ? " but the baseline" : "",
                                 "; give ", goal.trials ? "more --trials" : "a longer --budget"));
    }
    return notes;
}

} // namespace tinysparse::search
