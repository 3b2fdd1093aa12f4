// SPDX-License-Identifier: Apache-2.0
// After all rows are read: settles which columns are time or an index and which are channels, with the notes and
// warnings about them.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/clock.hpp"
#include "tinysparse/data/column_doubts.hpp"
#include "tinysparse/data/columns.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/table.hpp"
#include "tinysparse/data/units.hpp"

namespace tinysparse::data::detail {

/// The column as a key of the request can name it: by name, or by number from 1.
inline std::string key_of(const std::vector<std::string>& names, std::size_t column) {
    return names[column].empty() ? text(column + 1) : names[column];
}

/// Settles the columns of one set; the trackers and ranges have seen all rows.
class ColumnSettler {
  public:
    ColumnSettler(const Request& request, const Columns& columns, const std::vector<StepTracker>& trackers,
                  const std::vector<NumberRange>& ranges, const std::string& first_path, TableSet& set)
        : request_(request), columns_(columns), trackers_(trackers), ranges_(ranges), first_path_(first_path),
          set_(set) {}

    /// Names the channels of the set, and removes the columns that are time or an index. Throws Error if none is left.
    void settle() {
        note_roles();
        drop_counting_columns();
    }

  private:
    std::string column_words(std::size_t column) const {
        return columns_.names[column].empty() ? name_of(column) : text("column ", columns_.names[column]);
    }
    std::string name_of(std::size_t column) const {
        return columns_.names[column].empty() ? text("column ", column + 1) : columns_.names[column];
    }

    void note_roles() {
        if (columns_.label) set_.notes.push_back(text("label: ", column_words(*columns_.label)));
        for (const std::size_t column : columns_.targets) {
            set_.targets.push_back(columns_.names[column]);
            set_.notes.push_back(text("number to answer: ", column_words(column)));
            warn_of_lost(column);
        }
        std::vector<std::string> names;
        for (const std::size_t column : columns_.left_out) names.push_back(name_of(column));
        if (!names.empty()) set_.notes.push_back(text("left out: ", join(names, ", ")));
    }

    /// Drops time and an index from the channels; with windows a column is time if it rises as time does.
    void drop_counting_columns() {
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < columns_.channels.size(); ++i) {
            const std::size_t column = columns_.channels[i];
            const StepTracker& tracker = trackers_[column];
            const bool is_index =
                column == 0 && columns_.names[0].empty() && (tracker.counts() || (columns_.header && tracker.whole()));
            const bool is_time = request_.window && tracker.step();
            if (!request_.columns.empty() || (!is_index && !is_time)) {
                kept.push_back(i);
                warn_of_channel(column);
            } else if (is_index) {
                set_.notes.push_back("column 1 has no name and was taken as an index and left out");
            } else {
                note_time(column, false);
            }
        }
        for (const std::size_t column : columns_.times) note_time(column, true);
        if (kept.empty())
            throw Error(text(first_path_, ": no column is left to be a channel; columns=NAME keeps one that rises"));
        for (const std::size_t i : kept) set_.channels.push_back(columns_.names[columns_.channels[i]]);
        if (kept.size() < columns_.channels.size())
            for (Table& table : set_.tables) table.keep_columns(kept, columns_.channels.size());
        std::vector<std::string> names, keys;
        for (const std::size_t i : kept) {
            names.push_back(name_of(columns_.channels[i]));
            keys.push_back(key_of(columns_.names, columns_.channels[i]));
        }
        set_.notes.push_back(text("channels: ", column_list(names)));
        if (request_.columns.empty()) warn_of_copies(set_, keys, request_);
        if (request_.window) warn_of_markers(set_, keys);
    }

    /// Warns about columns that are probably not channels, or that 32-bit floats cannot hold.
    void warn_of_channel(std::size_t column) {
        const StepTracker& tracker = trackers_[column];
        const std::string key = key_of(columns_.names, column);
        const bool asked = !request_.columns.empty();
        if (!asked && is_label_name(columns_.names[column]))
            set_.warnings.push_back(text(key, " is a channel, though its name is that of a label; skip=", key,
                                         " leaves it out, label=", key, " makes it the label"));
        else if (!asked && (tracker.counts() || tracker.step()))
            set_.warnings.push_back(
                text(key, " rises at every row like an index or time; skip=", key, " leaves it out"));
        else if (!asked && request_.window && tracker.rises_at(is_clock_name(columns_.names[column]) ? 0.6 : 0.95))
            set_.warnings.push_back(text(key, " is a channel, though it rises at ",
                                         tracker.rises_at(1) ? "every row" : "most rows", " like time; skip=", key,
                                         " leaves it out"));
        warn_of_lost(column);
    }

    void warn_of_lost(std::size_t column) {
        if (ranges_[column].is_lost())
            set_.warnings.push_back(text(key_of(columns_.names, column), differences_lost,
                                         ", with which chips compute; subtract a constant from the column"));
    }

    /// by_name: the column is called time; otherwise it rises like time.
    void note_time(std::size_t column, bool by_name) {
        const StepTracker& tracker = trackers_[column];
        const std::string name = name_of(column);
        TimeUnit unit = unit_of_clock(columns_.names[column]);
        const auto step = tracker.step();
        const auto rate = step ? rate_of(*step, unit, tracker.first()) : std::nullopt;
        const bool replaced = rate && rate->guessed && request_.rate;
        if (rate && !replaced && !set_.sampling_rate) set_.sampling_rate = rate->hertz;
        if (rate) unit = rate->unit;
        set_.notes.push_back(
            text(name, by_name ? " was taken as time" : " rises at every row and was taken as time", " and left out",
                 rate ? text("; a step of ", significant(*step, 6), ", taken as ", unit.name, ", is ", rate->hertz,
                             " rows per second", replaced ? text(", but rate= says ", *request_.rate) : "")
                 : request_.window && !request_.rate && !set_.sampling_rate
                     ? text("; no rate follows from it (", why_no_rate(tracker, unit), "), rate= states it")
                     : "",
                 by_name ? "" : "; columns= keeps it"));
        if (!request_.window || has_clock_ || !tracker.is_numbers()) return;
        has_clock_ = true;
        warn_of_jumps(tracker, name, unit, set_);
        warn_of_rates(tracker, unit_of_clock(columns_.names[column]), set_);
    }

    const Request& request_;
    const Columns& columns_;
    const std::vector<StepTracker>& trackers_; ///< One for each column, like the ranges.
    const std::vector<NumberRange>& ranges_;
    const std::string& first_path_;
    TableSet& set_;
    bool has_clock_ = false; ///< A column of time was judged.
};

} // namespace tinysparse::data::detail
