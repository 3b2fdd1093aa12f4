// SPDX-License-Identifier: Apache-2.0
// The trials of a run in progress: those that run, those that are finished, and the records that the journal gets next.
// It has no threads and no clock; the caller holds the lock.
#pragma once
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

/// The trials of a run: which are finished, which are running, and which record may be written next.
class Trials {
  public:
    /// Continues from the records of a journal. `in_order`: records are written in the order of their numbers, so that
    /// the journal does not depend on which worker was faster, and lost trials are run again first.
    explicit Trials(std::vector<Record> written, bool in_order, const std::set<std::size_t>& lost = {})
        : in_order_(in_order) {
        if (in_order) again_ = lost;
        for (Record& record : written) {
            next_ = std::max(next_, record.trial.number + 1);
            trials_[record.trial.number] = record.trial;
            finished_[record.trial.number] = std::move(record);
        }
    }

    /// The number of the next trial.
    std::size_t next() const { return again_.empty() ? next_ : *again_.begin(); }
    /// Numbers of trials that have begun and not finished.
    const std::set<std::size_t>& running() const { return running_; }
    /// All trials by number. References to trials and records stay valid.
    const std::map<std::size_t, Trial>& all() const { return trials_; }
    /// Records by number, written or waiting to be.
    const std::map<std::size_t, Record>& finished() const { return finished_; }
    /// All finished records in the order of their numbers.
    std::vector<const Record*> records() const {
        std::vector<const Record*> records;
        for (const auto& [number, record] : finished_) records.push_back(&record);
        return records;
    }

    /// Starts a trial with the number next().
    void begin(const Trial& trial) {
        const std::size_t number = next();
        if (again_.erase(number) == 0) ++next_;
        trials_[number] = trial;
        running_.insert(number);
    }

    /// Ends a running trial without a record. In order its number stays open: the journal has no gaps, and a resumed
    /// run does it again.
    void give_up(std::size_t number) {
        if (!in_order_) running_.erase(number);
    }

    /// Ends a running trial; its record waits to be written.
    const Record& finish(Record record) {
        const std::size_t number = record.trial.number;
        trials_[number] = record.trial;
        running_.erase(number);
        unwritten_.insert(number);
        return finished_[number] = std::move(record);
    }

    /// A record that is not final yet: its network will be measured.
    Record& record(std::size_t number) { return finished_.at(number); }

    /// Calls append(record) for each record whose turn it is: all that wait, or, in order, those older than every
    /// running trial. A record that could not be appended keeps waiting.
    template <class Append> void write(Append append) {
        while (!unwritten_.empty() && (!in_order_ || running_.empty() || *unwritten_.begin() < *running_.begin())) {
            append(finished_.at(*unwritten_.begin()));
            unwritten_.erase(unwritten_.begin());
        }
    }

    /// The records that were written; a resumed run repeats those that wait for an older one. This object is of no use
    /// afterwards.
    std::vector<Record> take_written() {
        std::vector<Record> written;
        for (auto& [number, record] : finished_)
            if (!unwritten_.contains(number)) written.push_back(std::move(record));
        return written;
    }

  private:
    bool in_order_;
    std::size_t next_ = 0;
    std::map<std::size_t, Trial> trials_;
    std::map<std::size_t, Record> finished_;
    std::set<std::size_t> running_, unwritten_, again_;
};

} // namespace tinysparse::search
