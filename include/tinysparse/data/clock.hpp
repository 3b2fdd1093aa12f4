// SPDX-License-Identifier: Apache-2.0
// Columns of time: the unit in their names, the sampling rate that follows from their steps, and places where time
// jumps.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/text.hpp"

namespace tinysparse::data {

/// The unit of a column of time.
struct TimeUnit {
    std::string_view name; ///< Empty if the column's name states none.
    double seconds = 0;    ///< 0 if it is not known.
};

namespace detail {

/// A word for a unit, and its name in sentences.
struct UnitWord {
    std::string_view word;
    TimeUnit unit;
};
inline constexpr TimeUnit second_unit{"seconds", 1}, milli_unit{"milliseconds", 1e-3}, micro_unit{"microseconds", 1e-6},
    nano_unit{"nanoseconds", 1e-9}, minute_unit{"minutes", 60}, hour_unit{"hours", 3600}, day_unit{"days", 86400};
inline constexpr UnitWord unit_words[] = {{"s", second_unit},
                                          {"sec", second_unit},
                                          {"secs", second_unit},
                                          {"second", second_unit},
                                          {"seconds", second_unit},
                                          {"ms", milli_unit},
                                          {"msec", milli_unit},
                                          {"millis", milli_unit},
                                          {"us", micro_unit},
                                          {"usec", micro_unit},
                                          {"micros", micro_unit},
                                          {"\xc2\xb5s", micro_unit},
                                          {"\xce\xbcs", micro_unit},
                                          {"ns", nano_unit},
                                          {"min", minute_unit},
                                          {"mins", minute_unit},
                                          {"minutes", minute_unit},
                                          {"h", hour_unit},
                                          {"hr", hour_unit},
                                          {"hrs", hour_unit},
                                          {"hour", hour_unit},
                                          {"hours", hour_unit},
                                          {"day", day_unit},
                                          {"days", day_unit},
                                          {"ticks", {"ticks", 0}},
                                          {"cycles", {"cycles", 0}},
                                          {"frames", {"frames", 0}},
                                          {"samples", {"samples", 0}},
                                          {"milliseconds", milli_unit},
                                          {"microseconds", micro_unit},
                                          {"nanoseconds", nano_unit}};
/// Beginnings of units within longer names, such as elapsedSeconds.
inline constexpr UnitWord unit_parts[] = {{"milli", milli_unit}, {"micro", micro_unit},   {"nano", nano_unit},
                                          {"sec", second_unit},  {"minute", minute_unit}, {"hour", hour_unit}};

inline std::optional<TimeUnit> unit_named(std::string_view word) {
    for (const UnitWord& row : unit_words)
        if (row.word == word) return row.unit;
    return std::nullopt;
}

/// The words of a name in lower case: "Timestamp [us]" is timestamp and us.
inline std::vector<std::string> words_of_name(std::string_view name) {
    std::vector<std::string> words(1);
    for (const char c : lower_case(name)) {
        if (std::string_view(" _-()[]./").find(c) == std::string_view::npos)
            words.back() += c;
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty() && words.size() > 1) words.pop_back();
    return words;
}

/// The unit in a name such as "time_ms" or "Timestamp [us]"; without a name if it states no unit. No value if it is not
/// the name of a time.
inline std::optional<TimeUnit> time_unit(std::string_view name) {
    const std::string word = join(words_of_name(name), "");
    for (const std::string_view start : {"timestamp", "time"})
        if (word == start)
            return TimeUnit{};
        else if (word.starts_with(start))
            return unit_named(std::string_view(word).substr(start.size()));
    return std::nullopt;
}

/// The unit in the name of a column whose numbers show that it is time, so that any name may hold one.
inline TimeUnit unit_of_clock(std::string_view name) {
    if (const auto unit = time_unit(name)) return *unit;
    const std::vector<std::string> words = words_of_name(name);
    if (const auto unit = unit_named(words.back()); unit && (words.size() > 1 || words.back().size() > 1)) return *unit;
    const std::string all = lower_case(name);
    for (const UnitWord& part : unit_parts)
        if (all.find(part.word) != std::string::npos) return part.unit;
    return {};
}

/// Whether a name is that of a clock, with or without a unit: t, t_ms, millis, elapsed [s]. A column t may be a
/// temperature.
inline bool is_clock_name(std::string_view name) {
    std::vector<std::string> words = words_of_name(name);
    if (time_unit(name) || (words.size() == 1 && words[0].size() > 1 && unit_named(words[0]))) return true;
    if (words[0] != "t" && words[0] != "time" && words[0] != "clock" && words[0] != "elapsed" && words[0] != "uptime")
        return false;
    return std::all_of(words.begin() + 1, words.end(), [](const std::string& word) { return unit_named(word); });
}
} // namespace detail

/// Watches one column over all recordings: whether it rises at every row, and its steps.
class StepTracker {
  public:
    /// One step, and the row of its file at which it ends.
    struct Step {
        double size = 0;       ///< In the unit of the column.
        std::uint32_t row = 0; ///< As add() was told.
    };

    /// is_time: the name of the column says so; then steps are kept even if some do not rise.
    explicit StepTracker(bool is_time = false) : is_time_(is_time) {}

    /// Forgets the last value, as steps do not cross recordings.
    void begin_recording() {
        previous_.reset();
        starts_.push_back(steps_.size());
    }
    /// Takes the values of a recording in the order of its rows. row: its number in the file, which jumps() repeats.
    void add(double value, std::uint32_t row = 0) {
        whole_ = whole_ && value == std::floor(value) && value >= 0;
        if (!numbers_) return;
        if (!first_) first_ = value;
        if (previous_) {
            const double step = value - *previous_;
            counts_ = counts_ && step == 1;
            ++all_;
            rising_ += step > 0;
            rises_ = rises_ && step > 0;
            if (rises_ || is_time_)
                steps_.push_back({step, row});
            else
                steps_ = {};
        } else {
            counts_ = counts_ && (value == 0 || value == 1 || first_recording_done_);
        }
        first_recording_done_ = true;
        previous_ = value;
    }
    /// The column holds something other than numbers.
    void stop() {
        rises_ = whole_ = numbers_ = false;
        steps_ = {};
    }
    /// False after stop().
    bool is_numbers() const { return numbers_; }
    /// True if all values are whole numbers from 0 on, as in an index that lacks some rows.
    bool whole() const { return whole_; }
    /// Value of the first row; 0 if there was none.
    double first() const { return first_.value_or(0); }

    /// True if the values are 0, 1, 2 ... or 1, 2, 3 ..., as in an index.
    bool counts() const { return rises_ && counts_ && all_ >= 2; }
    /// True if at least this share of ten steps or more rises.
    bool rises_at(double share) const { return numbers_ && all_ >= 10 && double(rising_) >= share * double(all_); }
    /// The median step, if there are at least ten, 95 % of them are within half of the median, and the column rises at
    /// every row or is time by its name.
    std::optional<double> step() const {
        const double median = median_of(0, steps_.size());
        return steps_.size() >= 10 && median > 0 && share_near(0, steps_.size(), median) >= 0.95 ? std::optional(median)
                                                                                                 : std::nullopt;
    }
    /// The usual step of a recording, counted over all files; no value if it has fewer than ten, or if fewer than nine
    /// of ten are within half of their median.
    std::optional<double> step_of_recording(std::size_t recording) const {
        const auto [begin, end] = range_of(recording);
        const double median = median_of(begin, end);
        if (end - begin < 10 || median <= 0 || share_near(begin, end, median) < 0.9) return std::nullopt;
        double sum = 0, count = 0;
        for (std::size_t i = begin; i < end; ++i)
            if (is_near(steps_[i].size, median)) {
                sum += steps_[i].size;
                ++count;
            }
        return sum / count; // stamps in whole milliseconds: the median of 8, 9, 8 ... would depend on chance
    }
    /// Steps of a recording that fall, or are more than ten times as long as the usual one.
    std::vector<Step> jumps(std::size_t recording) const {
        const auto usual = step_of_recording(recording);
        const auto [begin, end] = range_of(recording);
        std::vector<Step> found;
        for (std::size_t i = begin; usual && i < end; ++i)
            if (steps_[i].size < 0 || steps_[i].size > 10 * *usual) found.push_back(steps_[i]);
        return found;
    }

  private:
    std::pair<std::size_t, std::size_t> range_of(std::size_t recording) const {
        if (steps_.empty() || recording >= starts_.size()) return {0, 0};
        return {starts_[recording], recording + 1 < starts_.size() ? starts_[recording + 1] : steps_.size()};
    }
    static bool is_near(double step, double median) { return std::abs(step - median) <= 0.5 * median; }
    double median_of(std::size_t begin, std::size_t end) const {
        if (begin == end) return 0;
        std::vector<double> sorted;
        for (std::size_t i = begin; i < end; ++i) sorted.push_back(steps_[i].size);
        const auto middle = sorted.begin() + std::ptrdiff_t(sorted.size() / 2);
        std::nth_element(sorted.begin(), middle, sorted.end());
        return *middle;
    }
    double share_near(std::size_t begin, std::size_t end, double median) const {
        std::size_t near = 0;
        for (std::size_t i = begin; i < end; ++i) near += is_near(steps_[i].size, median);
        return double(near) / double(end - begin);
    }

    std::optional<double> previous_, first_;
    std::vector<Step> steps_;         ///< Empty once the column is no time.
    std::vector<std::size_t> starts_; ///< First step of each recording.
    std::size_t all_ = 0, rising_ = 0;
    bool is_time_, rises_ = true, counts_ = true, whole_ = true, numbers_ = true, first_recording_done_ = false;
};

/// A sampling rate, and the assumptions behind it.
struct Rate {
    double hertz = 0;     ///< Rows per second.
    TimeUnit unit;        ///< The unit that the time is assumed to have.
    bool guessed = false; ///< Neither the name nor the values tell the unit.
};

/// The rate that a step of time gives. If its unit has no name, a first value like today's Unix time decides; else
/// steps below 1 are taken as seconds, below 1,000 as milliseconds, and longer ones as microseconds. No value for a
/// mere count, and for ticks.
inline std::optional<Rate> rate_of(double step, TimeUnit unit, double first = 0) {
    using namespace detail;
    bool guessed = false;
    if (unit.name.empty()) {
        for (const TimeUnit& one : {second_unit, milli_unit, micro_unit, nano_unit})
            if (first >= 1e9 / one.seconds && first < 4e9 / one.seconds) unit = one;
        guessed = unit.name.empty();
        if (guessed && step == 1) return std::nullopt;
        if (guessed) unit = step < 1 ? second_unit : step < 1000 ? milli_unit : micro_unit;
    }
    if (unit.seconds == 0) return std::nullopt;
    return Rate{significant(1 / (step * unit.seconds), 5), unit, guessed};
}

} // namespace tinysparse::data
