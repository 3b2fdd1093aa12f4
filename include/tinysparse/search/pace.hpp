// SPDX-License-Identifier: Apache-2.0
// How a search advances towards its goal: which trials a proposal sees, how far the run is, which trainings still fit.
//   ByTrials   trial n is proposed from trials 0..n-2J alone (J jobs; younger ones count as pending), and records are
//              written in the order of their numbers, so the journal does not depend on which worker was faster
//   ByTime     a trial sees all finished ones, each record is written at once, and no training begins that would not
//              end in time
// Neither has a clock or threads: `elapsed` is seconds of work of the run so far, `next` the next trial's number.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>

#include "tinysparse/search/problem.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::search {

/// Whether a search goes by trials or by time, and what follows for what it may look at.
class Pace {
  public:
    virtual ~Pace() = default;
    /// True while another trial may begin.
    virtual bool goes_on(std::size_t next, double elapsed) const = 0;
    /// True if all trials that the next proposal depends on are finished. `running`: numbers of those that are not.
    virtual bool may_propose(std::size_t next, const std::set<std::size_t>& running) const = 0;
    /// True if the proposal of trial `next` depends on the outcome of an older trial, finished or not.
    virtual bool visible(std::size_t number, bool is_finished, std::size_t next) const = 0;
    /// 0 at the beginning, 1 at the goal.
    virtual double progress(std::size_t next, double elapsed) const = 0;

    /// Reserves time to test a front whose models take `test_seconds` together.
    virtual void keep_back(double test_seconds) = 0;
    /// True once trainings must give up.
    virtual bool is_over(double elapsed) const = 0;
    /// True if a training that is under way, and is expected to take `seconds` more, will not end in time.
    virtual bool is_too_slow(double seconds, double elapsed) const = 0;
    /// True if a training of `seconds` ends in time; nothing: its time is unknown, and it is tried.
    virtual bool fits(std::optional<double> seconds, double elapsed) const = 0;
    /// Number of epochs of `seconds` each, at most those asked for, that still end in time; 0 if they are too few to be
    /// worthwhile for a network that was trained for `before` epochs.
    virtual int epochs_that_fit(double seconds, int before, int epochs, double elapsed) const = 0;
    /// Epochs of the final trainings, if one epoch takes `seconds` on average.
    virtual int final_epochs(const Fidelities& fidelities, double seconds, double elapsed) const = 0;

    /// True if records are written by number, so that equal searches give equal journals.
    virtual bool writes_in_order() const = 0;
};

/// A number of trials: the same journal for the same seed and number of jobs, on any machine of one kind.
class ByTrials final : public Pace {
  public:
    /// A proposal sees the trials whose numbers are at least 2 * jobs below its own.
    ByTrials(std::size_t trials, int jobs) : trials_(trials), lag_(2 * std::size_t(jobs)) {}

    bool goes_on(std::size_t next, double) const override { return next < trials_; }
    bool may_propose(std::size_t next, const std::set<std::size_t>& running) const override {
        return running.empty() || *running.begin() + lag_ > next;
    }
    bool visible(std::size_t number, bool, std::size_t next) const override { return number + lag_ <= next; }
    double progress(std::size_t next, double) const override {
        return double(next) / double(std::max<std::size_t>(trials_, 1));
    }
    void keep_back(double) override {}
    bool is_over(double) const override { return false; }
    bool is_too_slow(double, double) const override { return false; }
    bool fits(std::optional<double>, double) const override { return true; }
    int epochs_that_fit(double, int, int epochs, double) const override { return epochs; }
    int final_epochs(const Fidelities& fidelities, double, double) const override { return fidelities.final; }
    bool writes_in_order() const override { return true; }

  private:
    std::size_t trials_, lag_;
};

/// A number of seconds: proposals see everything that is finished.
class ByTime final : public Pace {
  public:
    /// Keeps nothing back for the end until keep_back().
    ByTime(double budget_seconds, int jobs) : budget_(budget_seconds), jobs_(jobs), end_of_trainings_(budget_seconds) {}

    bool goes_on(std::size_t, double elapsed) const override { return seconds_left(elapsed) > 0; }
    bool may_propose(std::size_t, const std::set<std::size_t>&) const override { return true; }
    bool visible(std::size_t, bool is_finished, std::size_t) const override { return is_finished; }
    /// Share of the time for trainings; time reserved for the end belongs to no stage.
    double progress(std::size_t, double elapsed) const override {
        return elapsed / std::max(end_of_trainings_.load(), 1e-9);
    }

    void keep_back(double test_seconds) override { end_of_trainings_ = budget_ - (0.5 + 1.2 * test_seconds / jobs_); }
    bool is_over(double elapsed) const override { return elapsed >= end_of_trainings_; }
    /// Doubtful cases go on: the nearer the end, the surer the forecast.
    bool is_too_slow(double seconds, double elapsed) const override { return seconds > 1.2 * seconds_left(elapsed); }
    bool fits(std::optional<double> seconds, double elapsed) const override {
        return !seconds || *seconds <= seconds_for_training(elapsed);
    }
    /// Shortens a training if it still goes well beyond the epochs done before.
    int epochs_that_fit(double seconds, int before, int epochs, double elapsed) const override {
        const double most = seconds_for_training(elapsed) / std::max(seconds, 1e-9);
        const int fitting = int(std::clamp(most, 0.0, double(epochs)));
        return fitting == epochs || fitting >= 2 * before ? fitting : 0;
    }
    /// Shortens the final trainings of a short run so that about six networks get one, or fewer if that would be less
    /// than twice the epochs that confirmed them.
    int final_epochs(const Fidelities& fidelities, double seconds, double elapsed) const override {
        const double each = seconds_left(elapsed) * jobs_ / 6;
        const double fewest = std::min(2 * fidelities.confirm, fidelities.final);
        return int(std::clamp(each / std::max(seconds, 1e-9), fewest, double(fidelities.final)));
    }
    bool writes_in_order() const override { return false; }

  private:
    double seconds_left(double elapsed) const { return end_of_trainings_ - elapsed; }
    /// Time that a training may be expected to take: less than the time left, since other programs use the machine too.
    double seconds_for_training(double elapsed) const { return 0.85 * seconds_left(elapsed); }

    double budget_;
    int jobs_;
    std::atomic<double> end_of_trainings_; ///< Read by trainings while another thread reserves time.
};

/// ByTrials if the goal has a number of trials, else ByTime.
inline std::unique_ptr<Pace> make_pace(const Goal& goal) {
    if (goal.trials) return std::make_unique<ByTrials>(*goal.trials, goal.jobs);
    return std::make_unique<ByTime>(goal.budget_seconds.value(), goal.jobs);
}

} // namespace tinysparse::search
