// SPDX-License-Identifier: Apache-2.0
// The end of a search: the steps that follow the trainings of its front. Lost models are trained again, networks that
// were not measured yet are measured, networks that folds have judged are trained once more on all samples, and then
// the test part is used, and answers are kept for reports. Each step is in the journal before the next one builds upon
// it.
#pragma once
#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/search/final_test.hpp"
#include "tinysparse/search/models.hpp"
#include "tinysparse/search/problem.hpp"
#include "tinysparse/search/run_folder.hpp"
#include "tinysparse/search/trials.hpp"

namespace tinysparse::search {

/// True if the search measures on a chip, whose results the run then uses.
inline bool measures_chip(const RunHead& head) {
    return head.measuring != Measuring::off && asks_for_chip(head.objectives, head.limits);
}

/// True if the front is trained once more on all samples.
inline bool refits(const RunHead& head, const Evaluator& evaluator) { return head.refit && evaluator.refit; }

/// Tasks that the jobs of a search share.
class SharedTasks {
  public:
    /// Adds a task that takes one job this long.
    void add(double seconds) {
        sum_ += seconds;
        longest_ = std::max(longest_, seconds);
    }
    /// Seconds until this many jobs have done them, which is at least that of the longest task.
    double seconds(double jobs) const { return std::max(sum_ / jobs, longest_); }

  private:
    double sum_ = 0, longest_ = 0;
};

/// Seconds of a training on all samples for a network whose folds took this long.
inline double seconds_of_refit(const Record& record) {
    return 1.1 * record.outcome.seconds / double(record.trial.folds);
}

/// True if the file of a record's refit is there and whole.
inline bool holds_refit(const Evaluator& evaluator, const Record& record, const std::string& folder) {
    Record refit;
    refit.trial.seed = seed_of_refit(record.trial);
    refit.outcome.weights_digest = record.refit->weights_digest;
    return evaluator.holds(refit, refit_path(model_path(folder, record.trial.number)));
}

/// True if the models of a run's front are there and whole.
inline bool has_models(const RunLog& log, const std::string& folder, const Evaluator& evaluator) {
    const std::vector<const Record*> front = measured_front(log);
    return std::all_of(front.begin(), front.end(), [&](const Record* record) {
        return evaluator.holds(*record, model_path(folder, record->trial.number)) &&
               (!record->has_refit() || holds_refit(evaluator, *record, folder));
    });
}

/// Writes judged.json for these members, if the evaluator judges. False if it was interrupted.
inline bool keep_answers(const std::vector<const Record*>& front, const std::string& folder, const Evaluator& evaluator,
                         int jobs, const std::function<bool()>& interrupted) {
    if (!evaluator.judge || front.empty()) return true;
    const std::optional<Judged> judged = judge_members(front, folder, evaluator, jobs, interrupted);
    if (!judged) return false;
    if (!judged->members.empty()) write_judged(folder, *judged);
    return true;
}

/// The parts of a search that its end works with.
struct EndingParts {
    const RunFolder& folder;
    RunLog& log;
    const Evaluator& evaluator;
    const Hooks& hooks;
    const Problem& problem;
    Models& models;
    Trials& trials;
    std::set<std::string>& notes; ///< Notes for the user.
    std::function<double()> elapsed;
    std::function<void()> testing; ///< Called when the front is settled and its test begins.
};

/// Carries out the steps of an end, each once, also if an interrupted end goes on.
class Ending {
  public:
    /// Keeps references to all parts, which must outlive this.
    explicit Ending(EndingParts parts) : of_(std::move(parts)), needs_chip_(measures_chip(of_.log.head)) {}

    /// Tests the front and writes the end. True if it was interrupted. Throws Error if no trial is feasible.
    bool operator()() {
        const auto best = settled_front();
        if (!best) return true;
        for (const Record* record : *best)
            if (record->has_refit() && !holds_refit(of_.evaluator, *record, of_.folder.path()) && !refit_again(*record))
                return true;
        of_.testing();
        const std::vector<const Record*> records = of_.trials.records();
        std::optional<FinalTest> test =
            final_test(*best, of_.folder.path(), of_.evaluator, of_.log.goal.jobs, of_.hooks.interrupted);
        if (!test) return true;
        if (!keep_answers(*best, of_.folder.path(), of_.evaluator, of_.log.goal.jobs, of_.hooks.interrupted))
            return true;
        const bool used_up = !of_.notes.empty(); // the space: no longer search would train more
        of_.notes.insert(test->missing.begin(), test->missing.end());
        if (!used_up)
            for (std::string& note : missing_stages(records, of_.log.goal)) of_.notes.insert(std::move(note));
        RunEnd end;
        for (const auto& [trial, note] : of_.models.lost()) {
            of_.notes.insert(note);
            end.without_model.insert(trial);
        }
        end.notes = {of_.notes.begin(), of_.notes.end()};
        (of_.log.head.answers_numbers() ? end.test_error : end.test_accuracy) = std::move(test->accuracy);
        end.test_folds = std::move(test->folds);
        of_.folder.journal().append(json::object({{"end", to_json(end)}, {"elapsed", of_.elapsed()}}));
        of_.log.end = std::move(end);
        return false;
    }

  private:
    /// The front of the trials whose models are whole or could be made whole; nothing if that was interrupted.
    std::optional<std::vector<const Record*>> front_with_models() {
        for (;;) {
            std::vector<const Record*> records = of_.trials.records();
            std::erase_if(records,
                          [this](const Record* record) { return of_.models.lost().contains(record->trial.number); });
            std::vector<const Record*> best = measured_front(of_.log.head, records);
            bool complete = true;
            for (const Record* record : best) {
                const Models::State state = of_.models.restore(*record, of_.hooks.interrupted);
                if (state == Models::State::stopped) return std::nullopt;
                complete = complete && state == Models::State::whole;
            }
            if (complete) return best;
        }
    }

    /// Throws Error if no trial is feasible.
    void check_any_is_feasible() const {
        const std::vector<const Record*> records = of_.trials.records();
        if (std::any_of(records.begin(), records.end(), [](const Record* record) { return record->feasible; })) return;
        const std::optional<std::string> note = of_.notes.empty() ? std::nullopt : std::optional(*of_.notes.begin());
        throw Error(text(of_.folder.path(), ": ", why_no_front(records, note)));
    }

    /// The members of the front that still have to be trained on all samples and for which there is time: the least
    /// error first, then the largest exclusive hypervolume.
    std::vector<const Record*> members_to_refit(const std::vector<const Record*>& best) const {
        if (!refits(of_.log.head, of_.evaluator)) return {};
        std::vector<mobo::Point> points;
        for (const Record* record : best)
            points.push_back(
                objective_point(of_.problem, record->outcome.measures, *record->outcome.measures[Measure::error]));
        mobo::Point reference(points[0].size(), 0.0);
        for (const mobo::Point& point : points)
            for (std::size_t k = 0; k < point.size(); ++k) reference[k] = std::max(reference[k], point[k] + 1);
        const std::vector<double> shares = mobo::exclusive_contributions(points, reference);
        std::vector<std::size_t> order(best.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        sort_stably(order, [&](std::size_t a, std::size_t b) { return shares[a] > shares[b]; });
        const auto first = std::min_element(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return *best[a]->outcome.measures[Measure::error] < *best[b]->outcome.measures[Measure::error];
        });
        std::rotate(order.begin(), first, first + 1);
        std::vector<const Record*> chosen;
        const double jobs = of_.log.goal.jobs;
        SharedTasks refits, tests;
        for (const Record* record : best) tests.add(record->outcome.test_seconds);
        for (const std::size_t i : order) {
            const Record& record = *best[i];
            if (record.outcome.folds.empty() || record.refit) continue;
            SharedTasks with = refits;
            with.add(seconds_of_refit(record));
            if (of_.log.goal.budget_seconds &&
                of_.elapsed() + with.seconds(jobs) + tests.seconds(jobs) > *of_.log.goal.budget_seconds)
                continue;
            refits = with;
            chosen.push_back(&record);
        }
        return chosen;
    }

    /// The front, trained once more on all samples if the run does so and as far as there is time, and measured if the
    /// run measures. Nothing if that was interrupted. A refit includes its measurement, so the network that it replaces
    /// need not be measured. Throws Error if no trial is feasible.
    std::optional<std::vector<const Record*>> settled_front() {
        for (;;) {
            check_any_is_feasible();
            auto best = front_with_models();
            if (!best || best->empty()) return best;
            const std::vector<const Record*> to_refit = members_to_refit(*best);
            std::vector<const Record*> unmeasured = *best;
            std::erase_if(unmeasured, [this](const Record* record) {
                return !needs_chip_ || record->outcome.predicted.has_value();
            });
            if (to_refit.empty() && unmeasured.empty()) return best;
            if (!(to_refit.empty() ? measure(unmeasured) : refit(to_refit))) return std::nullopt;
        }
    }

    /// Measures networks. False if it was interrupted.
    bool measure(const std::vector<const Record*>& members) {
        const auto found =
            measure_members(members, of_.folder.path(), of_.evaluator, of_.log.goal.jobs, of_.hooks.interrupted);
        if (!found) return false;
        write("measured", *found);
        for (const Measurement& measurement : *found)
            apply(measurement, of_.trials.record(measurement.trial), of_.log.head.limits);
        return true;
    }

    /// Trains networks once more on all samples. False if it was interrupted.
    bool refit(const std::vector<const Record*>& members) {
        auto found = refit_members(members, of_.folder.path(), of_.evaluator, of_.log.head.limits, needs_chip_,
                                   of_.log.goal.jobs, of_.hooks.interrupted);
        if (!found) return false;
        write("refits", *found);
        for (Refit& refit : *found) {
            Record& record = of_.trials.record(refit.trial);
            apply(std::move(refit), record);
        }
        return true;
    }

    /// Writes results into the journal, in one line: the next steps depend on all of them, or, if the run is broken
    /// off, on none.
    template <class Result> void write(const std::string& name, const std::vector<Result>& results) {
        json::Value lines = json::array();
        for (const Result& result : results) lines.push_back(to_json(result));
        of_.folder.journal().append(json::object({{name, std::move(lines)}, {"elapsed", of_.elapsed()}}));
    }

    /// Repeats the refit of a record whose model is missing or damaged. False if it was interrupted. Throws Error if
    /// the result is not the same.
    bool refit_again(const Record& record) {
        const std::string first = model_path(of_.folder.path(), record.trial.number), path = refit_path(first);
        const Outcome outcome = of_.evaluator.refit(record, first, of_.hooks.interrupted);
        if (outcome.stopped) return false;
        if (outcome.weights_digest.value_or(0) != record.refit->weights_digest)
            throw Error(text(path,
                             " is missing or damaged, and trained again it did not come out as it was; go on with "
                             "the program that began the run"));
        of_.hooks.say(text(path, " was missing or damaged; it was trained again, and came out as it was"));
        return true;
    }

    EndingParts of_;
    bool needs_chip_;
};

} // namespace tinysparse::search
