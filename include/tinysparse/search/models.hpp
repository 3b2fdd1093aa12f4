// SPDX-License-Identifier: Apache-2.0
// The models of a run. A missing or damaged model is trained again from its record, after the models that it inherited
// from. It counts if the result is the same: the same error on the validation part and the same weights (all measures,
// in records without a digest of the weights). Trainings repeat exactly with the same build on the same processor.
#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "tinysparse/base/files.hpp"
#include "tinysparse/search/evaluator.hpp"

namespace tinysparse::search {

/// The models of a run's trials, which are made again if their files are lost or damaged.
class Models {
  public:
    /// stopped: the search was interrupted while the model was made again.
    enum class State { whole, lost, stopped };
    using Find = std::function<const Record*(std::size_t)>; ///< Returns the record of a trial, or null; for any thread.
    /// Gets one sentence for the user.
    using Say = std::function<void(const std::string&)>;

    /// `say` gets one sentence for each model that was trained again with the same result.
    Models(std::string folder, const Evaluator& evaluator, Find find, Say say)
        : folder_(std::move(folder)), evaluator_(evaluator), find_(std::move(find)), say_(std::move(say)) {}

    /// Makes sure that the file of a record's model is whole. Lost: it cannot be restored. Throws SystemError for
    /// faults of the machine. Called by several threads at a time, one of which trains.
    State restore(const Record& record, const std::function<bool()>& stop) {
        if (evaluator_.holds(record, path_of(record))) return State::whole;
        const std::lock_guard lock(mutex_);
        return make_again(record, stop);
    }

    /// A sentence for each lost model, by trial. No thread may call restore() meanwhile.
    const std::map<std::size_t, std::string>& lost() const { return lost_; }

  private:
    std::string path_of(const Record& record) const { return model_path(folder_, record.trial.number); }

    State make_again(const Record& record, const std::function<bool()>& stop) {
        const std::size_t number = record.trial.number;
        if (lost_.contains(number)) return State::lost;
        const std::string path = path_of(record);
        if (evaluator_.holds(record, path)) return State::whole;
        const std::string what = std::filesystem::exists(path) ? " is damaged" : " is missing";
        const auto lose = [&](const std::string& why) {
            lost_[number] = text(path, what, ", and ", why, "; its children start afresh, and it is not on the front");
            return State::lost;
        };
        TrialFiles files{part_path(path), std::nullopt, {}};
        if (record.trial.inherits) {
            const Record* const parent = find_(*record.trial.parent);
            const State state = parent ? make_again(*parent, stop) : State::lost;
            if (state == State::stopped) return state;
            if (state == State::lost)
                return lose(text("the model of trial ", *record.trial.parent, ", which it began from, is lost"));
            files.parent = path_of(*parent);
            files.parent_genome = parent->trial.genome;
            files.parent_folds = parent->trial.folds;
        }
        const Outcome outcome = outcome_of(evaluator_, record.trial, files, stop);
        std::error_code failure;
        if (outcome.stopped) {
            for (std::size_t k = 0; k < record.trial.folds; ++k)
                std::filesystem::remove(fold_path(files.model, k), failure);
            return State::stopped;
        }
        const bool same = is_same(outcome, record.outcome);
        for (std::size_t k = 0; k < record.trial.folds; ++k) {
            if (!same) {
                std::filesystem::remove(fold_path(files.model, k), failure);
                continue;
            }
            std::filesystem::rename(fold_path(files.model, k), fold_path(path, k), failure);
            if (failure) tinysparse::detail::throw_file_error(fold_path(path, k), "write", failure.value());
        }
        if (!same) return lose(text("trial ", number, ", trained again, did not come out as it was"));
        say_(text(path, what, "; trial ", number, " was trained again, and came out as it was"));
        return State::whole;
    }

    static bool is_same(const Outcome& now, const Outcome& then) {
        if (now.failure) return false;
        if (!then.weights_digest) return now.measures == then.measures;
        const auto equal = [](const FoldOutcome& a, const FoldOutcome& b) {
            return a.weights_digest == b.weights_digest;
        };
        return std::equal(now.folds.begin(), now.folds.end(), then.folds.begin(), then.folds.end(), equal) &&
               (!then.folds.empty() || now.weights_digest == then.weights_digest) &&
               now.measures[Measure::error] == then.measures[Measure::error];
    }

    const std::string folder_;
    const Evaluator& evaluator_;
    const Find find_;
    const Say say_;
    std::mutex mutex_;
    std::map<std::size_t, std::string> lost_;
};

} // namespace tinysparse::search
