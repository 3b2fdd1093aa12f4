// SPDX-License-Identifier: Apache-2.0
// The surroundings of a search: trainings, a clock, whether to stop; and its reports to them.
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

#include "tinysparse/search/judged.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::search {

/// The files of a trial. For a trial with folds they are those of the first fold; fold_path() names the others.
struct TrialFiles {
    std::string model;                 ///< File to write.
    std::optional<std::string> parent; ///< The model whose weights it inherits, if any,
    space::Genome parent_genome;       ///< and the genome of that model.
    std::size_t parent_folds = 1;      ///< Number of folds for which the parent has models; the others begin afresh.
};

/// The functions that a search calls to train and judge networks.
struct Evaluator {
    /// Costs of a genome before it is trained. Called by one thread at a time.
    std::function<Measures(const space::Genome&)> estimate;
    /// Trains, measures, and writes the model. Asks `stop` after each batch, and if it is true gives up with `stopped`
    /// set. Called by several threads at a time. What it throws becomes the failure of the trial, except for faults of
    /// the machine (SystemError, std::bad_alloc, std::system_error), which end the search.
    std::function<Outcome(const Trial&, const TrialFiles&, const std::function<bool()>& stop)> evaluate;
    /// Share of right answers of a written model on the test part, or its error if numbers are answered; nothing if
    /// there is none. Called by several threads at a time.
    std::function<std::optional<double>(const Record&, const std::string& model_path)> test;
    /// True if the file, and those of the other folds, hold the record's models, whole. For several threads at a time.
    std::function<bool(const Record&, const std::string& model_path)> holds = [](const Record& record,
                                                                                 const std::string& path) {
        std::error_code unknown;
        bool all = true;
        for (std::size_t k = 0; k < record.trial.folds; ++k)
            all = all && std::filesystem::exists(fold_path(path, k), unknown);
        return all;
    };
    /// Trains the network of a record once more on training and validation part together, and writes refit_path() of
    /// `model_path`, the record's first model. Null if it cannot; only runs with folds call it. Otherwise like
    /// `evaluate`.
    std::function<Outcome(const Record&, const std::string& model_path, const std::function<bool()>& stop)> refit = {};
    /// Measures a written model on a simulated chip: all of chip_measures; the time is that of the slowest sample. Null
    /// if there is no such chip here. What it throws is the reason why the chip cannot run the network, except for
    /// faults of the machine, as in evaluate. Called by several threads at a time.
    std::function<Measures(const std::string& model_path)> measure = {};
    /// Margins of the predictions that `estimate` and `evaluate` make of chip_measures.
    cost::Margins margins = {};
    /// Answers of a member of the front, for judged.json: the record as the only member, or none if its models do not
    /// tell. `model_path`: the record's first model. Called after `test` for that member, by several threads at a time.
    /// Null: nothing is kept.
    std::function<Judged(const Record&, const std::string& model_path)> judge = {};
    double judging_share = 0; ///< Seconds that `judge` takes for each second of `test`.
    /// Number of times that `evaluate` asks `stop` in a whole training. Null if that is unknown: a training that is too
    /// slow then goes on until the time is over.
    std::function<std::size_t(const Trial&)> steps = {};
};

/// Does `work` for a trial. What it throws becomes the failure of the outcome, except for faults of the machine, which
/// say nothing about the network: SystemError.
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

/// The outcome of a trial, which may be a failure of its network. Throws SystemError for faults of the machine.
inline Outcome outcome_of(const Evaluator& evaluator, const Trial& trial, const TrialFiles& files,
                          const std::function<bool()>& stop) {
    Outcome outcome;
    or_failure(trial, outcome, [&] { outcome = evaluator.evaluate(trial, files, stop); });
    return outcome;
}

/// Measures the written model of a trial. The outcome is a failure if the chip cannot run it.
inline void measure(const Evaluator& evaluator, const Trial& trial, const std::string& model_path, Outcome& outcome) {
    or_failure(trial, outcome, [&] { take_measured(outcome, evaluator.measure(model_path)); });
}

/// The state of a search; the pointers are valid during the call.
struct Progress {
    Goal goal;
    double elapsed = 0;   ///< Seconds of work, earlier parts of the run included.
    int stage = 1;        ///< 1..3, as in Trial.
    bool testing = false; ///< All trials are done; the front is being measured on the test part.
    std::size_t finished = 0, failed = 0, running = 0; ///< Numbers of trials.
    const Record* latest = nullptr;                    ///< The trial that finished last.
    std::vector<const Record*> front;                  ///< The present front.
};

/// What a caller of a search hears of it, and how it ends one. All have defaults that do nothing.
struct Hooks {
    std::function<bool()> interrupted = [] {
        return false;
    }; ///< Asked often and by several threads; true ends the search.
    std::function<void(const Progress&)> progress = [](const Progress&) {}; ///< Called by one thread at a time.
    /// Tells the user something at once, in a sentence. Called by one thread at a time.
    std::function<void(const std::string&)> say = [](const std::string&) {};
    /// The clock, in seconds; tests replace it.
    std::function<double()> now = [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
};

} // namespace tinysparse::search
