// SPDX-License-Identifier: Apache-2.0
// Doubts about the columns of tables after all rows are read: time that jumps, recordings of different rates, channels
// that tell the class or the person, and values that stand for missing ones.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/data/clock.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/table.hpp"

namespace tinysparse::data::detail {

/// Whether a window may span a row and the one before it: both have one label and one group.
inline bool follows(const Table& table, std::size_t row) {
    return row > 0 && table.labels[row] != Table::none && table.labels[row] == table.labels[row - 1] &&
           (table.groups.empty() || table.groups[row] == table.groups[row - 1]);
}

inline std::string line_text(const Table& table, std::size_t row) {
    return text("line ", table.lines[row], " of ", table.name);
}

/// Warns of places where time jumps or falls back though a window may span them.
inline void warn_of_jumps(const StepTracker& tracker, const std::string& name, const TimeUnit& unit, TableSet& set) {
    struct Jumps {
        std::size_t count = 0;
        std::string first; ///< Size and place of the first.
    } ahead, back;
    std::size_t recording = 0;
    for (const Table& table : set.tables)
        for (std::size_t r = 0; r < table.recordings.size(); ++r, ++recording)
            for (const StepTracker::Step& jump : tracker.jumps(recording)) {
                if (!follows(table, jump.row)) continue;
                Jumps& jumps = jump.size < 0 ? back : ahead;
                if (++jumps.count > 1) continue;
                jumps.first = text(jump.size < 0 ? " falls back" : text(" jumps by ", significant(jump.size, 6)),
                                   jump.size < 0 || unit.name.empty() ? "" : text(" ", unit.name), " at ",
                                   line_text(table, jump.row));
            }
    for (const Jumps& jumps : {ahead, back})
        if (jumps.count > 0)
            set.warnings.push_back(text(name, jumps.first,
                                        jumps.count > 1 ? text(" (", jumps.count, " such places)") : "",
                                        ", and windows span it; put a blank line there, so that a recording begins"));
}

/// Warns if recordings have different rates: the lowest and the highest differ by a fifth.
inline void warn_of_rates(const StepTracker& tracker, const TimeUnit& unit, TableSet& set) {
    std::pair<double, std::string> low{1e300, ""}, high{0, ""};
    std::size_t recording = 0;
    for (const Table& table : set.tables)
        for (std::size_t r = 0; r < table.recordings.size(); ++r, ++recording) {
            const auto step = tracker.step_of_recording(recording);
            const auto rate = step ? rate_of(significant(*step, 4), unit, tracker.first()) : std::nullopt;
            if (!rate) continue;
            const std::string name =
                table.recordings.size() > 1 ? text("from ", line_text(table, table.recordings[r])) : table.name;
            if (rate->hertz < low.first) low = {rate->hertz, name};
            if (rate->hertz > high.first) high = {rate->hertz, name};
        }
    if (high.first > 1.2 * low.first)
        set.warnings.push_back(text(low.second, " has ", low.first, " rows per second, ", high.second, " ", high.first,
                                    "; bring all recordings to one rate"));
}

/// The reason why no rate follows from a column of time.
inline std::string why_no_rate(const StepTracker& tracker, const TimeUnit& unit) {
    const auto step = tracker.step();
    return !tracker.is_numbers() ? "it holds text"
           : !step               ? "its steps differ, or are too few"
           : unit.name.empty()   ? "its steps are 1, and its name has no unit as time_s has"
                                 : text("the length of ", unit.name, " is not known");
}

/// Warns of channels that have one value for each class, and of channels that are constant in each stretch of rows of
/// one label. keys: the channels as keys of the SPEC name them.
inline void warn_of_copies(TableSet& set, const std::vector<std::string>& keys, const Request& request) {
    struct Watch {
        bool copy = true, constant = true, differs = false;
        std::vector<std::optional<float>> of_class;
    };
    const std::size_t count = keys.size(), window = request.window.value_or(1), classes = set.labels.all().size();
    std::vector<Watch> watches(count, Watch{true, true, false, std::vector<std::optional<float>>(classes)});
    std::size_t stretches = 0, rows = 0;
    std::vector<float> first;
    const auto watch = [&](const Table& table, std::size_t begin, std::size_t end) {
        const std::uint32_t label = table.labels[begin];
        if (label == Table::none || end - begin < window) return;
        ++stretches;
        rows += end - begin;
        const auto at = [&](std::size_t row) { return table.numbers.begin() + std::ptrdiff_t(row * count); };
        if (first.empty()) first.assign(at(begin), at(begin + 1));
        for (std::size_t row = begin; row < end; ++row)
            for (std::size_t c = 0; c < count; ++c) {
                Watch& one = watches[c];
                const float value = at(row)[std::ptrdiff_t(c)];
                if (!one.of_class[label]) one.of_class[label] = value;
                one.copy = one.copy && value == *one.of_class[label];
                one.constant = one.constant && value == at(begin)[std::ptrdiff_t(c)];
                one.differs = one.differs || value != first[c];
            }
    };
    for (const Table& table : set.tables)
        for (std::size_t r = 0; r < table.recordings.size(); ++r)
            for (std::size_t row = table.recordings[r], next = row; row < table.recording_end(r); row = next) {
                for (++next; next < table.recording_end(r) && follows(table, next);) ++next;
                watch(table, row, next);
            }
    for (std::size_t c = 0; c < count; ++c) {
        const Watch& one = watches[c];
        const std::string skip = text("skip=", keys[c], " leaves it out");
        if (!one.differs) continue;
        if (one.copy && !request.regression && rows >= 5 * classes)
            set.warnings.push_back(text(keys[c], " has one value for each class, like a copy of the label; ", skip));
        else if (one.constant && request.window && stretches >= 3)
            set.warnings.push_back(text(
                keys[c], " is constant in each stretch of rows; ",
                request.group.empty() ? text("group=", keys[c], " keeps persons or sessions together, ") : "", skip));
    }
}

/// Warns of a value that recurs far from all others, such as -9999 for a reading that failed.
inline void warn_of_markers(TableSet& set, const std::vector<std::string>& keys) {
    const std::size_t count = keys.size();
    for (std::size_t c = 0; c < count; ++c) {
        std::vector<float> values;
        for (const Table& table : set.tables)
            for (std::size_t row = 0; row < table.rows(); ++row)
                if (table.labels[row] != Table::none) values.push_back(table.numbers[row * count + c]);
        if (values.empty()) continue;
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        for (const float marker : {*low, *high}) {
            double least = 1e300, largest = -1e300;
            std::size_t times = 0;
            for (const float value : values) {
                times += value == marker;
                if (value == marker) continue;
                least = std::min(least, double(value));
                largest = std::max(largest, double(value));
            }
            const double distance = std::max(least - double(marker), double(marker) - largest);
            if (times < 3 || 10 * times > values.size() || !(largest > least) || distance < 5 * (largest - least))
                continue;
            set.warnings.push_back(text(keys[c], ": ", marker, " occurs ", times,
                                        " times, far from all other values; if it stands for a missing value, leave "
                                        "these fields empty and add missing=skip"));
        }
    }
}

} // namespace tinysparse::data::detail
