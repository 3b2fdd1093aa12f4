// SPDX-License-Identifier: Apache-2.0
// What a search asks of its surroundings: trainings, a clock, whether to stop; and what it tells them.
#pragma once
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "tinysparse/search/run.hpp"

namespace tinysparse::search {

/// The files of a trial. Of a trial with folds they are those of the first one; fold_path() names the others.
struct TrialFiles {
    std::string model;                 ///< To be written.
    std::optional<std::string> parent; ///< The model whose weights it inherits, where it does,
    space::Genome parent_genome;       ///< and what that model was made from.
    std::size_t parent_folds = 1;      ///< Folds that the parent has models of; the others begin afresh.
};

/// What a search needs to know of networks and data.
struct Evaluator {
    /// Costs of a genome before it is trained. One thread at a time.
    std::function<Measures(const space::Genome&)> estimate;
    /// Trains, measures, and writes the model. Asks `stop` after each batch and then gives up, stopped set.
    /// Several threads at a time. What it throws becomes the reason of a failed trial, but for what the machine refuses
    /// (SystemError, std::bad_alloc, std::system_error), which ends the search.
    std::function<Outcome(const Trial&, const TrialFiles&, const std::function<bool()>& stop)> evaluate;
    /// Share of right answers of a written model on the test part, or its error if numbers are answered; nothing if it
    /// has none. Several threads at a time.
    std::function<std::optional<double>(const Record&, const std::string& model_path)> test;
    /// True if the file, and those of the other folds, hold the models of the record, whole. Several threads at a time.
    std::function<bool(const Record&, const std::string& model_path)> holds = [](const Record& record,
                                                                                 const std::string& path) {
        std::error_code unknown;
        bool all = true;
        for (std::size_t k = 0; k < record.trial.folds; ++k)
            all = all && std::filesystem::exists(fold_path(path, k), unknown);
        return all;
    };
    /// Trains the network of a record, whose first model is that of the path, once more on training and validation part
    /// together, and writes refit_path() of it. Null if it cannot; only runs with folds ask for it. Otherwise as
    /// `evaluate`.
    std::function<Outcome(const Record&, const std::string& model_path, const std::function<bool()>& stop)> refit = {};
    /// What a simulated chip tells of a written model: all of chip_measures, the time that of the slowest sample. Null
    /// if there is no such chip here. What it throws is why the chip cannot run the network, but for what the machine
    /// refuses, as in evaluate. Several threads at a time.
    std::function<Measures(const std::string& model_path)> measure = {};
    /// Of the predictions that `estimate` and `evaluate` make of chip_measures.
    cost::Margins margins = {};
};

/// Does `work` for a trial. What it throws becomes the failure of the outcome, but for what the machine refused, which
/// says nothing of the network: SystemError.
template <class Work> void or_failure(const Trial& trial, Outcome& outcome, const Work& work) {
    try {
        work();
    } catch (const SystemError&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw SystemError(text("trial ", trial.number, ": out of memory; use fewer --jobs, or a smaller data set"),
                          ENOMEM);
    } catch (const std::system_error& reason) {
        throw SystemError(text("trial ", trial.number, ": ", reason.what()), reason.code().value());
    } catch (const std::exception& reason) {
        outcome.failure = reason.what();
    }
}

/// What comes of a trial, a failure of its network included. Throws SystemError for what the machine refused.
inline Outcome outcome_of(const Evaluator& evaluator, const Trial& trial, const TrialFiles& files,
                          const std::function<bool()>& stop) {
    Outcome outcome;
    or_failure(trial, outcome, [&] { outcome = evaluator.evaluate(trial, files, stop); });
    return outcome;
}

/// Measures the written model of a trial. The outcome is a failure where the chip cannot run it.
inline void measure(const Evaluator& evaluator, const Trial& trial, const std::string& model_path, Outcome& outcome) {
    or_failure(trial, outcome, [&] { take_measured(outcome, evaluator.measure(model_path)); });
}

/// How a search stands; the pointers are good during the call that gets it.
struct Progress {
    Goal goal;
    double elapsed = 0;
    int stage = 1;
    bool testing = false; ///< All trials are done, the front is measured on the test part.
    std::size_t finished = 0, failed = 0, running = 0;
    const Record* latest = nullptr; ///< The trial that finished just now.
    std::vector<const Record*> front;
};

struct Hooks {
    std::function<bool()> interrupted = [] { return false; };
    std::function<void(const Progress&)> progress = [](const Progress&) {}; ///< One thread at a time.
    /// What the user should know at once, a sentence. One thread at a time.
    std::function<void(const std::string&)> say = [](const std::string&) {};
    /// The clock, in seconds; another one for tests.
    std::function<double()> now = [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
};

} // namespace tinysparse::search
