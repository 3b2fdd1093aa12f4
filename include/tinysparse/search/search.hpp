// SPDX-License-Identifier: Apache-2.0
// The search itself: workers take trial after trial until the goal is reached, every finished trial goes into the
// journal, and at the end the front is measured on the test part.
//
// With a number of trials, trial n is proposed from trials 0..n-2J alone (J jobs; younger ones count as pending) and
// records are written in the order of their numbers: so the journal does not depend on which worker was faster. With a
// budget, a trial sees all that is finished, and each record is written at once.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tinysparse/search/evaluator.hpp"
#include "tinysparse/search/model_acquisition.hpp"
#include "tinysparse/search/run.hpp"
#include "tinysparse/search/schedule.hpp"
#include "tinysparse/search/training_time.hpp"

namespace tinysparse::search {

namespace detail {

class Search {
  public:
    Search(const RunFolder& folder, RunLog log, const Evaluator& evaluator, const Hooks& hooks)
        : folder_(folder), log_(std::move(log)), evaluator_(evaluator), hooks_(hooks),
          acquisition_(make_acquisition(log_.head.acquisition)), start_(hooks.now() - log_.elapsed) {
        const RunHead& head = log_.head;
        problem_ = {head.space,         head.objectives,     head.limits,       head.fidelities,
                    head.trivial_error, head.smallest_error, evaluator.estimate};
        for (Record& record : log_.records) {
            next_ = std::max(next_, record.trial.number + 1);
            trials_[record.trial.number] = record.trial;
            finished_[record.trial.number] = record;
            if (!record.outcome.failure)
                time_.add(TrainingTime::work(record.trial.genome, head.space), trained_epochs(record.trial),
                          record.outcome.seconds);
        }
        check_measures();
    }

    /// Runs to the goal. True where it was interrupted.
    bool run() {
        report(nullptr, false);
        std::vector<std::thread> workers;
        for (int i = 0; i < log_.goal.jobs; ++i) workers.emplace_back([this] { work(); });
        for (std::thread& worker : workers) worker.join();
        if (fatal_) std::rethrow_exception(fatal_);
        if (hooks_.interrupted()) return true;
        return finish();
    }

    /// With the records that are in the journal; those that wait for an older one are done again by a resumed run.
    RunLog take_log() {
        log_.records.clear();
        for (auto& [number, record] : finished_)
            if (!unwritten_.contains(number)) log_.records.push_back(std::move(record));
        log_.elapsed = elapsed();
        return std::move(log_);
    }

  private:
    double elapsed() const { return hooks_.now() - start_; }
    bool by_trials() const { return log_.goal.trials.has_value(); }
    std::size_t lag() const { return 2 * std::size_t(log_.goal.jobs); }

    /// The objectives and limits must be measures that are known before training, or the error.
    void check_measures() {
        Random random(log_.head.seed, "measures");
        std::optional<Measures> known;
        std::string why_not;
        for (int draw = 0; !known && draw < 1000; ++draw) try {
                known = problem_.estimate(space::sample(log_.head.space, random));
            } catch (const Error& reason) {
                why_not = reason.what();
            }
        if (!known) throw Error(text("no network of the space can be costed; of the last one tried: ", why_not));
        const auto check = [&](Measure measure, const char* what) {
            if (measure != Measure::error && !(*known)[measure])
                throw Error(text(name_of(measure), " cannot be ", what,
                                 " here: it is not known before a network is trained",
                                 log_.head.target.empty() ? "" : text(" for the target ", log_.head.target)));
        };
        for (const Measure objective : log_.head.objectives) check(objective, "an objective");
        for (const auto& [measure, limit] : log_.head.limits) check(measure, "a limit");
    }

    /// Time to test the front is kept back.
    void settle_end_of_trainings() {
        double reserve = 0.5;
        for (const Record* record : current_front()) reserve += 1.2 * record->outcome.test_seconds / log_.goal.jobs;
        end_of_trainings_ = *log_.goal.budget_seconds - reserve;
    }
    double seconds_left() const { return end_of_trainings_ - elapsed(); }

    std::vector<const Record*> current_front() const {
        std::vector<const Record*> candidates;
        std::vector<mobo::Point> points;
        for (const auto& [number, record] : finished_) {
            if (!record.feasible) continue;
            candidates.push_back(&record);
            points.emplace_back();
            for (const Measure objective : log_.head.objectives)
                points.back().push_back(*record.outcome.measures[objective]);
        }
        std::vector<const Record*> front;
        for (const std::size_t i : mobo::non_dominated(points)) front.push_back(candidates[i]);
        return front;
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (!over_ && !hooks_.interrupted()) {
            if (by_trials() && next_ < *log_.goal.trials && !may_propose()) {
                changed_.wait_for(lock, std::chrono::milliseconds(100)); // an interruption comes without notice
                continue;
            }
            try {
                const std::optional<Trial> trial = propose();
                if (!trial) break;
                const TrialFiles files = files_of(*trial);
                lock.unlock();
                Record record{*trial, evaluate(*trial, files), false, 0};
                lock.lock();
                if (!record.outcome.stopped) add(std::move(record));
                // By trials, one that was given up keeps its place: the journal has no gaps,
                // a resumed run does it again.
                else if (!by_trials())
                    running_.erase(trial->number);
            } catch (...) { // a journal that cannot be written, or a bug: the search ends, the run stays resumable
                if (!lock.owns_lock()) lock.lock();
                fatal_ = std::current_exception();
                over_ = true;
            }
            changed_.notify_all();
        }
    }

    /// All trials that the next one is proposed from are finished.
    bool may_propose() const { return running_.empty() || *running_.begin() + lag() > next_; }

    /// The next trial, or nothing when there is none left to begin.
    std::optional<Trial> propose() {
        if (by_trials() && next_ >= *log_.goal.trials) return std::nullopt;
        if (!by_trials()) settle_end_of_trainings();
        if (!by_trials() && seconds_left() <= 0) return std::nullopt;
        const double progress =
            by_trials() ? double(next_) / double(*log_.goal.trials) : elapsed() / *log_.goal.budget_seconds;
        Random random(log_.head.seed, "proposal", next_);
        Proposal proposal;
        try {
            const View view = make_view();
            if (!by_trials() && progress >= end_of_refinement) settle_final_epochs(view);
            proposal = next_proposal(view, *acquisition_, progress, random, [this](const Record& record, int epochs) {
                return by_trials() ? epochs : fitting_epochs(record, epochs);
            });
        } catch (const Exhausted& reason) {
            notes_.insert(reason.what());
            over_ = true;
            return std::nullopt;
        }
        if (!by_trials() && !fits_into_time(proposal)) return std::nullopt;
        Trial trial;
        trial.number = next_;
        trial.stage = proposal.stage;
        trial.origin = proposal.origin;
        trial.epochs = proposal.epochs;
        trial.seed = random();
        trial.parent = proposal.candidate.parent;
        trial.inherits = log_.head.inherit && trial.parent && trial.origin != Origin::repeat;
        trial.line_epochs = genome_epochs(proposal.candidate.genome, proposal.epochs);
        trial.genome = proposal.candidate.genome;
        trial.key = proposal.candidate.key;
        trials_[next_] = trial;
        running_.insert(next_++);
        return trial;
    }

    View make_view() const {
        std::vector<const Record*> records;
        std::vector<const Trial*> pending;
        for (const auto& [number, trial] : trials_) {
            const auto record = finished_.find(number);
            const bool visible = by_trials() ? number + lag() <= next_ : record != finished_.end();
            if (visible)
                records.push_back(&record->second);
            else
                pending.push_back(&trial);
        }
        return View(problem_, std::move(records), std::move(pending));
    }

    static int trained_epochs(const Trial& trial) { return genome_epochs(trial.genome, trial.epochs); }

    /// A short run trains its front less long, so that about six networks get that far, or fewer where that would be
    /// less than twice what confirmed them.
    void settle_final_epochs(const View& view) {
        if (final_epochs_are_settled_ || view.front().empty()) return;
        final_epochs_are_settled_ = true;
        double seconds = 0;
        for (const std::size_t i : view.front()) {
            const Record& record = *view.individuals()[i].record;
            seconds += record.outcome.seconds / record.trial.epochs;
        }
        const double each = seconds_left() * log_.goal.jobs / 6;
        const double epochs = each / std::max(seconds / double(view.front().size()), 1e-9);
        Fidelities& fidelities = problem_.fidelities;
        const double fewest = std::min(2 * fidelities.confirm, fidelities.final);
        fidelities.final = int(std::clamp(epochs, fewest, double(fidelities.final)));
    }

    /// Time that a training may be expected to take: not all that is left, since others work on the machine too.
    double seconds_for_training() const { return 0.85 * seconds_left(); }

    /// A longer training of a network is shortened where time runs out, if it still goes well beyond what was done.
    int fitting_epochs(const Record& record, int epochs) const {
        const double each = record.outcome.seconds / record.trial.epochs;
        const int fitting = int(std::clamp(seconds_for_training() / std::max(each, 1e-9), 0.0, double(epochs)));
        return fitting == epochs || fitting >= 2 * record.trial.epochs ? fitting : 0;
    }

    bool fits_into_time(const Proposal& proposal) const {
        const std::optional<std::size_t> parent = proposal.candidate.parent;
        if (parent && finished_.at(*parent).trial.key == proposal.candidate.key)
            return fitting_epochs(finished_.at(*parent), proposal.epochs) == proposal.epochs;
        const space::Genome& genome = proposal.candidate.genome;
        const std::optional<double> seconds =
            time_(TrainingTime::work(genome, log_.head.space), genome_epochs(genome, proposal.epochs));
        return !seconds || *seconds <= seconds_for_training();
    }

    TrialFiles files_of(const Trial& trial) const {
        TrialFiles files{model_path(folder_.path(), trial.number), std::nullopt, {}};
        if (trial.inherits) {
            files.parent = model_path(folder_.path(), *trial.parent);
            files.parent_genome = trials_.at(*trial.parent).genome;
        }
        return files;
    }

    Outcome evaluate(const Trial& trial, const TrialFiles& files) const {
        const auto stop = [this] { return hooks_.interrupted() || (!by_trials() && elapsed() >= end_of_trainings_); };
        Outcome outcome;
        try {
            return evaluator_.evaluate(trial, files, stop);
        } catch (const std::bad_alloc&) {
            outcome.failure = "out of memory";
        } catch (const std::exception& reason) {
            outcome.failure = reason.what();
        }
        return outcome;
    }

    void add(Record record) {
        record.elapsed = elapsed();
        record.feasible = !record.outcome.failure && within(record.outcome.measures, log_.head.limits);
        for (const Measure objective : log_.head.objectives)
            record.feasible = record.feasible && record.outcome.measures[objective];
        const std::size_t number = record.trial.number;
        if (record.trial.inherits)
            record.trial.line_epochs = epochs_of_line(record.trial.line_epochs, record.outcome.inherited,
                                                      trials_.at(*record.trial.parent).line_epochs);
        trials_[number] = record.trial;
        time_.add(TrainingTime::work(record.trial.genome, log_.head.space), trained_epochs(record.trial),
                  record.outcome.failure ? 0 : record.outcome.seconds);
        running_.erase(number);
        const Record& kept = finished_[number] = std::move(record);
        unwritten_.insert(number);
        // By trials, in the order of the numbers: at most 2J-1 records wait for an older one.
        while (!unwritten_.empty() && (!by_trials() || running_.empty() || *unwritten_.begin() < *running_.begin())) {
            folder_.journal().append(to_json(finished_.at(*unwritten_.begin()), log_.head.space));
            unwritten_.erase(unwritten_.begin());
        }
        report(&kept, false);
    }

    void report(const Record* latest, bool testing) const {
        Progress progress{log_.goal, elapsed(),       1,      testing,        finished_.size(),
                          0,         running_.size(), latest, current_front()};
        const double share = by_trials() ? double(next_) / double(std::max<std::size_t>(*log_.goal.trials, 1))
                                         : progress.elapsed / *log_.goal.budget_seconds;
        progress.stage = stage_at(share);
        for (const auto& [number, record] : finished_) progress.failed += record.outcome.failure.has_value();
        hooks_.progress(progress);
    }

    /// Tests the front and writes the end. True where it was interrupted.
    bool finish() {
        const std::vector<const Record*> front = current_front();
        if (front.empty()) throw Error(text(folder_.path(), ": ", why_empty()));
        report(nullptr, true);
        RunEnd end;
        std::size_t next = 0;
        std::vector<std::thread> workers;
        for (int i = 0; i < log_.goal.jobs; ++i)
            workers.emplace_back([&] {
                std::unique_lock lock(mutex_);
                while (next < front.size() && !fatal_ && !hooks_.interrupted()) {
                    const Record& record = *front[next++];
                    const std::string model = model_path(folder_.path(), record.trial.number);
                    if (!std::filesystem::exists(model)) { // which must not keep the others from their end
                        notes_.insert(text(model, " is missing; its accuracy on the test part is not known"));
                        continue;
                    }
                    lock.unlock();
                    try {
                        const double accuracy = evaluator_.test(record, model);
                        lock.lock();
                        end.test_accuracy[record.trial.number] = accuracy;
                    } catch (...) {
                        lock.lock();
                        fatal_ = std::current_exception();
                    }
                }
            });
        for (std::thread& worker : workers) worker.join();
        if (fatal_) std::rethrow_exception(fatal_);
        if (hooks_.interrupted()) return true;
        note_missing_stages();
        end.notes.assign(notes_.begin(), notes_.end());
        folder_.journal().append(json::object({{"end", to_json(end)}, {"elapsed", elapsed()}}));
        log_.end = std::move(end);
        return false;
    }

    std::string why_empty() const {
        std::size_t failed = 0;
        std::string reason;
        for (const auto& [number, record] : finished_)
            if (record.outcome.failure) {
                ++failed;
                reason = *record.outcome.failure;
            }
        if (finished_.empty() && !notes_.empty()) return *notes_.begin();
        if (finished_.empty()) return "no trial finished; resume it with a longer --budget or more --trials";
        if (failed == finished_.size()) return text("all ", failed, " trials failed; the last one said: ", reason);
        return text("none of ", finished_.size(),
                    " trials holds all limits; resume it with a longer --budget or more "
                    "--trials, or raise a limit in a new run");
    }

    void note_missing_stages() {
        for (int stage = 1; stage <= 3; ++stage)
            if (std::none_of(finished_.begin(), finished_.end(),
                             [&](const auto& entry) { return entry.second.trial.stage == stage; }))
                notes_.insert(text("the run was too short for stage ", stage, " of 3"));
    }

    const RunFolder& folder_;
    RunLog log_;
    const Evaluator& evaluator_;
    const Hooks& hooks_;
    std::unique_ptr<Acquisition> acquisition_;
    Problem problem_;
    double start_; ///< On the clock, such that elapsed() goes on where the run was left.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::size_t, Trial> trials_;    ///< All that were proposed,
    std::map<std::size_t, Record> finished_; ///< and those of them that are finished. References stay good.
    std::set<std::size_t> running_, unwritten_;
    TrainingTime time_;
    std::size_t next_ = 0;
    std::atomic<double> end_of_trainings_ = 0; ///< By time: on elapsed().
    bool over_ = false, final_epochs_are_settled_ = false;
    std::set<std::string> notes_;
    std::exception_ptr fatal_;
};

} // namespace detail

struct SearchResult {
    RunLog log;
    bool interrupted = false;
};

/// Begins the run that `log` describes (a log without records), or goes on with it (a log that was read, its goal
/// perhaps changed). A run whose end is written and whose goal is no further is returned as it is. Throws Error where
/// nothing trained at all, an objective is not known, or the journal cannot be written;
/// the run can then still be resumed.
inline SearchResult search(const RunFolder& folder, RunLog log, const Evaluator& evaluator, const Hooks& hooks = {}) {
    const std::optional<RunLog> before = folder.read();
    json::Value line;
    if (!before) {
        line = json::object({{"run", to_json(log.head)}, {"goal", to_json(log.goal)}});
    } else {
        const Goal &old = before->goal, &now = log.goal;
        const bool further = now.trials.value_or(0) > old.trials.value_or(0) ||
                             now.budget_seconds.value_or(0) > old.budget_seconds.value_or(0);
        if (before->end && !further) return {*before, false};
        if (now != old) line = json::object({{"goal", to_json(now)}});
        log.end.reset();
    }
    detail::Search search(folder, std::move(log), evaluator, hooks); // throws where it cannot begin
    if (!line.is_null()) folder.journal().append(line);
    const bool interrupted = search.run();
    return {search.take_log(), interrupted};
}

} // namespace tinysparse::search
