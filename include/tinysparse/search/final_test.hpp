// SPDX-License-Identifier: Apache-2.0
// The end of a run: the models of the front on the test part, and what the user should know.
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

#include "tinysparse/base/threads.hpp"
#include "tinysparse/search/evaluator.hpp"

namespace tinysparse::search {

struct FinalTest {
    std::map<std::size_t, double> accuracy; ///< What Evaluator::test gave, by trial.
    std::vector<std::string> missing;       ///< Notes on models whose files are gone, which keep nothing from its end.
};

/// Tests the models of `front` that lie in `folder`, `jobs` at a time. Nothing if it was interrupted. Throws what the
/// evaluator throws, and SystemError if a thread cannot be started.
inline std::optional<FinalTest> final_test(const std::vector<const Record*>& front, const std::string& folder,
                                           const Evaluator& evaluator, int jobs,
                                           const std::function<bool()>& interrupted) {
    FinalTest result;
    std::mutex mutex;
    std::exception_ptr failure;
    std::size_t next = 0;
    const auto work = [&] {
        std::unique_lock lock(mutex);
        while (next < front.size() && !failure && !interrupted()) try {
                const Record& record = *front[next++];
                const std::string model = model_path(folder, record.trial.number);
                if (!std::filesystem::exists(model)) {
                    result.missing.push_back(text(model, " is missing; its accuracy on the test part is not known"));
                    continue;
                }
                lock.unlock();
                const std::optional<double> accuracy = evaluator.test(record, model);
                lock.lock();
                if (accuracy) result.accuracy[record.trial.number] = *accuracy;
            } catch (...) {
                if (!lock.owns_lock()) lock.lock();
                failure = std::current_exception();
            }
    };
    run_threads(std::min(std::size_t(jobs), front.size()), work, [&] {
        const std::lock_guard lock(mutex);
        next = front.size();
    });
    if (failure) std::rethrow_exception(failure);
    if (interrupted()) return std::nullopt;
    return result;
}

/// Why a run has no feasible trial; `note` is what ended it early, if anything did.
inline std::string why_no_front(const std::vector<const Record*>& records, const std::optional<std::string>& note) {
    const auto failed = [](const Record* record) { return record->outcome.failure.has_value(); };
    if (records.empty() && note) return *note;
    if (records.empty()) return "no trial finished; resume it with a longer --budget or more --trials";
    if (std::all_of(records.begin(), records.end(), failed))
        return text("all ", records.size(), " trials failed; the last one said: ", *records.back()->outcome.failure);
    return text("none of ", records.size(),
                " trials holds all limits; resume it with a longer --budget or more --trials, or raise a limit in a "
                "new run");
}

/// A note for each stage that no trial was in.
inline std::vector<std::string> missing_stages(const std::vector<const Record*>& records) {
    std::vector<std::string> notes;
    for (int stage = 1; stage <= 3; ++stage)
        if (std::none_of(records.begin(), records.end(), [&](const Record* r) { return r->trial.stage == stage; }))
            notes.push_back(text("the run was too short for stage ", stage, " of 3"));
    return notes;
}

} // namespace tinysparse::search
