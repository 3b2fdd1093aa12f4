// SPDX-License-Identifier: Apache-2.0
// The search itself: workers run trial after trial until the goal is reached, every finished trial goes into the
// journal, and at the end the front is measured on the test part. pace.hpp has the differences between kinds of goals,
// trials.hpp the order of the journal, schedule.hpp the choice of trainings; this file has threads, lock and clock.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tinysparse/base/threads.hpp"
#include "tinysparse/search/ending.hpp"
#include "tinysparse/search/evaluator.hpp"
#include "tinysparse/search/model_acquisition.hpp"
#include "tinysparse/search/models.hpp"
#include "tinysparse/search/pace.hpp"
#include "tinysparse/search/portfolio.hpp"
#include "tinysparse/search/run_folder.hpp"
#include "tinysparse/search/schedule.hpp"
#include "tinysparse/search/training_time.hpp"
#include "tinysparse/search/trials.hpp"

namespace tinysparse::search {

namespace detail {

class Search {
  public:
    Search(const RunFolder& folder, RunLog log, const Evaluator& evaluator, const Hooks& hooks)
        : folder_(folder), log_(std::move(log)), evaluator_(evaluator), hooks_(hooks),
          acquisition_(acquisition_of(log_.head.acquisition).make(search::kernel_of(log_.head.kernel))),
          pace_(make_pace(log_.goal)), start_(hooks.now() - log_.elapsed),
          models_(
              folder.path(), evaluator, [this](std::size_t number) { return record_of(number); }, hooks.say),
          trials_(std::move(log_.records), pace_->writes_in_order(), log_.lost) {
        const RunHead& head = log_.head;
        // Predictions must meet a limit with their margin.
        problem_ = {head.space,
                    head.objectives,
                    head.measuring != Measuring::off ? head.limits : tightened(head.limits, evaluator.margins),
                    head.fidelities,
                    head.trivial_error,
                    head.smallest_error,
                    evaluator.estimate,
                    head.folds};
        if (measures_chip(log_.head) && !evaluator.measure)
            throw Error(text(folder.path(), ": the run measures on a simulated chip, and there is none here"));
        for (const Record* record : trials_.records()) learn_time(*record);
        check_measures(problem_, head.seed, head.target);
        problem_.largest = largest_costs(problem_, head.seed);
        problem_.portfolio = portfolio(problem_, head.portfolio_without);
    }

    /// Runs to the goal. True if it was interrupted. Throws what ended it early: a fault of the machine, or a bug.
    bool run() {
        report(nullptr, false);
        run_threads(
            std::size_t(log_.goal.jobs), [this] { work(); }, [this] { break_off(nullptr); });
        if (fatal_) std::rethrow_exception(fatal_);
        if (hooks_.interrupted()) return true;
        return Ending({folder_, log_, evaluator_, hooks_, problem_, models_, trials_, notes_,
                       [this] { return elapsed(); }, [this] { report(nullptr, true); }})();
    }

    /// The log, with the records that are in the journal.
    RunLog take_log() {
        log_.records = trials_.take_written();
        log_.elapsed = elapsed();
        return std::move(log_);
    }

  private:
    double elapsed() const { return hooks_.now() - start_; }
    double progress() const { return pace_->progress(trials_.next(), elapsed()); }
    std::vector<const Record*> front() const { return measured_front(log_.head, trials_.records()); }

    void work() {
        std::unique_lock lock(mutex_);
        while (!over_ && !hooks_.interrupted()) {
            if (pace_->goes_on(trials_.next(), elapsed()) && !pace_->may_propose(trials_.next(), trials_.running())) {
                changed_.wait_for(lock, std::chrono::milliseconds(100)); // an interruption comes without notice
                continue;
            }
            try {
                std::shared_ptr<const View> view;
                const std::optional<Trial> trial = begin_trial(view);
                if (!trial) break;
                lock.unlock();
                Record record = train(*trial, *view);
                lock.lock();
                learn_time(record);
                if (record.outcome.stopped)
                    trials_.give_up(trial->number);
                else
                    add(std::move(record));
            } catch (...) { // a fault of the machine, or a bug: the search ends, the run stays resumable
                if (lock.owns_lock()) lock.unlock();
                break_off(std::current_exception());
                lock.lock();
            }
            changed_.notify_all();
        }
    }

    /// Ends the search as soon as its trainings have given up. The first of several reasons counts.
    void break_off(std::exception_ptr reason) {
        const std::lock_guard lock(mutex_);
        if (!fatal_) fatal_ = std::move(reason);
        over_ = broken_off_ = true;
        changed_.notify_all();
    }

    /// The next trial, which now counts as running, and the view of its proposal; nothing if none is left.
    std::optional<Trial> begin_trial(std::shared_ptr<const View>& view) {
        pace_->keep_back(seconds_of_end());
        if (!pace_->goes_on(trials_.next(), elapsed())) return std::nullopt;
        Random random(log_.head.seed, "proposal", trials_.next());
        view = std::make_shared<const View>(make_view());
        std::optional<Proposal> proposal = propose(*view, random);
        for (int i = 0; i < 8 && proposal && !ends_in_time(*proposal) && progress() < end_of_refinement; ++i)
            proposal = propose(*view, random); // others may be quicker
        if (!proposal || !ends_in_time(*proposal)) return std::nullopt;
        Trial trial = trial_of(*proposal);
        trial.seed = random();
        trials_.begin(trial);
        return trial;
    }

    /// Seconds of work of all jobs for the end: testing and judging the front; training it on all samples, a fifth of
    /// the budget at most; and measuring the members not yet measured, with some that may take their places, a tenth of
    /// the budget at most.
    double seconds_of_end() const {
        const bool refit = refits(log_.head, evaluator_); // its measurement included
        double measuring = 0;
        SharedTasks testing, refitting;
        for (const Record* record : front()) {
            testing.add((1 + evaluator_.judging_share) * record->outcome.test_seconds);
            measuring += record->outcome.predicted && !refit ? 0 : 1;
            if (refit && !record->refit) refitting.add(seconds_of_refit(*record));
        }
        const double budget = log_.goal.budget_seconds.value_or(0), jobs = log_.goal.jobs;
        const double ending = jobs * (testing.seconds(jobs) + std::min(refitting.seconds(jobs), 0.2 * budget));
        if (!measures_chip(log_.head)) return ending;
        measuring = (1.5 * measuring + 3) * measured_seconds_;
        return ending + std::min(measuring, 0.1 * budget);
    }

    /// The schedule's next proposal; nothing, which ends the search, if the space has no further candidate. A space
    /// without candidates has no baseline either: a run that found nothing leaves its folder to another one.
    std::optional<Proposal> propose(const View& view, Random& random) {
        if (view.progress() >= end_of_refinement) settle_final_epochs(view);
        try {
            Proposal next = next_proposal(view, *acquisition_, random, [this](const Record& record, int epochs) {
                return epochs_that_fit(record, epochs);
            });
            if (trials_.next() == 0 && begins_with_baseline(log_.head))
                if (auto linear = baseline(problem_)) return linear;
            return next;
        } catch (const Exhausted& reason) {
            notes_.insert(reason.what());
            over_ = true;
            return std::nullopt;
        }
    }

    View make_view() const {
        std::vector<const Record*> records;
        std::vector<const Trial*> pending;
        for (const auto& [number, trial] : trials_.all()) {
            if (number >= trials_.next()) break; // if a trial is run again, those after it are still to come
            const auto record = trials_.finished().find(number);
            if (pace_->visible(number, record != trials_.finished().end(), trials_.next()))
                records.push_back(&record->second);
            else
                pending.push_back(&trial);
        }
        return View(problem_, std::move(records), std::move(pending), progress());
    }

    /// Sets, once, the length of the final trainings, from the time that an epoch of the front's members took.
    void settle_final_epochs(const View& view) {
        if (final_epochs_are_settled_ || view.front().empty()) return;
        final_epochs_are_settled_ = true;
        double seconds = 0;
        for (const std::size_t i : view.front()) {
            const Record& record = *view.individuals()[i].record;
            seconds += seconds_of_epoch(record, folds_for(problem_.fidelities.final));
        }
        problem_.fidelities.final =
            pace_->final_epochs(problem_.fidelities, seconds / double(view.front().size()), elapsed());
    }

    /// Number of folds in a training of this number of epochs.
    std::size_t folds_for(int epochs) const {
        return log_.head.folds > 0 && epochs >= problem_.fidelities.confirm ? log_.head.folds : 1;
    }
    /// Seconds of one epoch of this number of folds for the network of a record.
    static double seconds_of_epoch(const Record& record, std::size_t folds) {
        return record.outcome.seconds / record.trial.epochs * double(folds) / double(record.trial.folds);
    }
    int epochs_that_fit(const Record& record, int epochs) const {
        return pace_->epochs_that_fit(seconds_of_epoch(record, folds_for(epochs)), record.trial.epochs, epochs,
                                      elapsed());
    }

    bool ends_in_time(const Proposal& proposal) const {
        const std::optional<std::size_t> parent = proposal.candidate.parent;
        if (parent && trials_.all().at(*parent).key == proposal.candidate.key)
            return epochs_that_fit(trials_.finished().at(*parent), proposal.epochs) == proposal.epochs;
        const space::Genome& genome = proposal.candidate.genome;
        return pace_->fits(time_(TrainingTime::work(genome, log_.head.space), genome_epochs(genome, proposal.epochs)),
                           elapsed());
    }

    Trial trial_of(const Proposal& proposal) const {
        Trial trial;
        trial.number = trials_.next();
        trial.stage = proposal.stage;
        trial.origin = proposal.origin;
        trial.epochs = proposal.epochs;
        trial.parent = proposal.candidate.parent;
        trial.folds = folds_for(proposal.epochs);
        trial.inherits = may_inherit(trial);
        trial.line_epochs = genome_epochs(proposal.candidate.genome, proposal.epochs);
        trial.genome = proposal.candidate.genome;
        trial.key = proposal.candidate.key;
        return trial;
    }

    /// True if the trial begins from its parent's weights, provided that they are whole. In a run with folds the parent
    /// must have all of them. Otherwise lines of descent, each better on one fold by luck, would end at networks that
    /// no other fold confirms, and a fold without a parent would be trained less than the first.
    bool may_inherit(const Trial& trial) const {
        if (!log_.head.inherit || !trial.parent || trial.origin == Origin::repeat) return false;
        return log_.head.folds == 0 || trials_.all().at(*trial.parent).folds == log_.head.folds;
    }

    /// A record, or null if the trial has none; its address stays valid.
    const Record* record_of(std::size_t number) {
        const std::lock_guard lock(mutex_);
        const auto found = trials_.finished().find(number);
        return found == trials_.finished().end() ? nullptr : &found->second;
    }

    /// Trains without the lock. A trial begins afresh if its parent's model is lost.
    Record train(Trial wanted, const View& view) {
        Record record{std::move(wanted), {}, false, 0};
        Trial& trial = record.trial;
        Outcome& outcome = record.outcome;
        const auto over = [this] { return hooks_.interrupted() || broken_off_ || pace_->is_over(elapsed()); };
        TrialFiles files{model_path(folder_.path(), trial.number), std::nullopt, {}};
        if (trial.inherits) {
            const Record& parent = *record_of(*trial.parent);
            const Models::State state = models_.restore(parent, over);
            outcome.stopped = state == Models::State::stopped;
            if (outcome.stopped) return record;
            trial.inherits = state == Models::State::whole;
            if (trial.inherits) {
                files.parent = model_path(folder_.path(), parent.trial.number);
                files.parent_genome = parent.trial.genome;
                files.parent_folds = parent.trial.folds;
            }
        }
        StepClock clock(evaluator_.steps ? evaluator_.steps(trial) : 0, elapsed());
        double too_long = 0; // seconds that the training would take, if it would not end in time
        outcome = outcome_of(evaluator_, trial, files, [&] {
            const double now = elapsed(), seconds = clock.next(now);
            if (pace_->is_too_slow(seconds - clock.spent(now), now)) too_long = seconds;
            return too_long > 0 || over();
        });
        if (outcome.stopped) outcome.seconds = too_long;
        if (outcome.stopped || outcome.failure) return record;
        if (trial.inherits)
            trial.line_epochs =
                epochs_of_line(trial.line_epochs, outcome.inherited, record_of(*trial.parent)->trial.line_epochs);
        if (is_worth_measuring(record, view)) measure_now(record, fold_path(files.model, outcome.best_fold()));
        record.feasible = !outcome.failure && is_feasible(outcome, view);
        return record;
    }

    /// True if the network is near a limit, or enters the front after more than a first short training.
    bool is_worth_measuring(const Record& record, const View& view) {
        if (log_.head.measuring != Measuring::front || !measures_chip(log_.head)) return false;
        const std::lock_guard lock(mutex_); // the view uses the lengths of training
        const Measures expected = view.corrections().expected(record.outcome.measures);
        if (near_limit(expected, log_.head.limits, evaluator_.margins)) return true;
        return record.trial.epochs >= problem_.fidelities.confirm && within(expected, log_.head.limits) &&
               view.would_enter_front(record);
    }

    void measure_now(Record& record, const std::string& model) {
        const double begin = hooks_.now();
        measure(evaluator_, record.trial, model, record.outcome);
        const std::lock_guard lock(mutex_);
        measured_seconds_ += 0.3 * (hooks_.now() - begin - measured_seconds_);
    }

    bool is_feasible(const Outcome& outcome, const View& view) const {
        for (const Measure objective : log_.head.objectives)
            if (!outcome.measures[objective]) return false;
        return outcome.predicted ? holds(outcome, log_.head.limits)
                                 : within(view.corrections().expected(outcome.measures), problem_.limits);
    }

    void add(Record record) {
        record.elapsed = elapsed();
        const Record& kept = trials_.finish(std::move(record));
        trials_.write([this](Record& next) {
            next.elapsed = elapsed();
            folder_.journal().append(to_json(next, log_.head.space));
        });
        report(&kept, false);
    }

    /// Learns from a training that is finished, or was too slow. A single dense layer tells nothing about convolutions.
    void learn_time(const Record& record) {
        const Trial& trial = record.trial;
        if (record.outcome.failure || is_baseline(trial)) return;
        time_.add(TrainingTime::work(trial.genome, log_.head.space), genome_epochs(trial.genome, trial.epochs),
                  record.outcome.seconds / double(trial.folds));
    }

    void report(const Record* latest, bool testing) const {
        Progress now{log_.goal, elapsed(), stage_at(progress()), testing, 0, 0, trials_.running().size(),
                     latest,    front()};
        for (const auto& [number, record] : trials_.finished()) {
            ++now.finished;
            now.failed += record.outcome.failure.has_value();
        }
        hooks_.progress(now);
    }

    const RunFolder& folder_;
    RunLog log_;
    const Evaluator& evaluator_;
    const Hooks& hooks_;
    std::unique_ptr<Acquisition> acquisition_;
    std::unique_ptr<Pace> pace_;
    Problem problem_;
    double start_; ///< Time on the clock, set such that elapsed() continues from the end of the previous session.
    std::mutex mutex_;
    std::condition_variable changed_;
    Models models_;
    Trials trials_;
    TrainingTime time_;
    double measured_seconds_ = 1; ///< Seconds of a measurement; the latest ones count most.
    bool over_ = false, final_epochs_are_settled_ = false;
    std::atomic<bool> broken_off_{false}; ///< True if trainings have to give up.
    std::set<std::string> notes_;
    std::exception_ptr fatal_;
};

} // namespace detail

/// The whole journal of a search that ended or was interrupted.
struct SearchResult {
    RunLog log;
    bool interrupted = false;
};

/// Begins the run that `log` describes (a log without records), or continues the run in the folder, whose head and goal
/// `log` has, the goal perhaps changed. Another build at the end of `continued_by` is recorded. A run that has ended,
/// whose goal is no further, is returned as it is if the models of its front are whole (judged.json is then written if
/// it is missing); otherwise they are made again. Throws Error if the folder holds another run or one that this program
/// cannot continue, if nothing trained at all, or if an objective is not known; SystemError if the machine refuses
/// space, memory, threads or the right to write. The run can then still be resumed.
inline SearchResult search(const RunFolder& folder, RunLog log, const Evaluator& evaluator, const Hooks& hooks = {}) {
    check(log.goal);
    std::optional<RunLog> before = folder.read();
    json::Value line;
    if (!before) {
        line = json::object({{"run", to_json(log.head)}, {"goal", to_json(log.goal)}});
    } else {
        check_resumable(before->head, folder.path());
        check_same_run(before->head, log.head, folder.path());
        const Goal &old = before->goal, &now = log.goal;
        const bool further = now.trials.value_or(0) > old.trials.value_or(0) ||
                             now.budget_seconds.value_or(0) > old.budget_seconds.value_or(0);
        if (before->end && !further && has_models(*before, folder.path(), evaluator)) {
            if (!std::filesystem::exists(judged_path(folder.path()))) {
                const std::vector<const Record*> front = measured_front(*before);
                if (final_test(front, folder.path(), evaluator, log.goal.jobs, hooks.interrupted)) // for its answers
                    keep_answers(front, folder.path(), evaluator, log.goal.jobs, hooks.interrupted);
            }
            return {std::move(*before), false};
        }
        const bool other_build = log.continued_by.size() > before->continued_by.size();
        if (now != old || other_build) line = json::object({{"goal", to_json(now)}});
        if (other_build) line["build"] = to_json(log.continued_by.back());
        if (!other_build) log.continued_by = std::move(before->continued_by);
        log.records = std::move(before->records);
        log.lost = std::move(before->lost);
        log.elapsed = std::max(log.elapsed, before->elapsed);
        log.end.reset();
    }
    detail::Search search(folder, std::move(log), evaluator, hooks); // throws if it cannot begin
    if (!line.is_null()) folder.journal().append(line);
    const bool interrupted = search.run();
    return {search.take_log(), interrupted};
}

} // namespace tinysparse::search
