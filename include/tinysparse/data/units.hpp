// SPDX-License-Identifier: Apache-2.0
// From readings to raw elements: an origin and a power of two for each channel, chosen from quantiles so that one bad
// row moves neither, and a count of the different values.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tinysparse/base/channel.hpp"

namespace tinysparse::data {

/// Words of the warning that a column's differences are lost, after the column's name.
inline constexpr std::string_view differences_lost = ": its differences are lost in numbers of 32 bits";

/// Range and kind of a channel's readings.
struct ReadingFacts {
    double least = 0, largest = 0; ///< Range of all readings.
    double low = 0, high = 0;      ///< Range without trimmed_values() at either end.
    bool whole = true;             ///< All readings are whole numbers.
    std::uint32_t levels = 0;      ///< Different readings, counted up to enough_levels.
};

/// Limit of the count of different values: a channel with that number is not a switch or a scale of a few steps.
inline constexpr std::uint32_t enough_levels = 16;

/// Number of values at either end that quantiles omit.
constexpr std::size_t trimmed_values(std::size_t count) {
    return std::max<std::size_t>(count / 2000, count >= 100 ? 1 : 0);
}

/// Takes readings one by one; low and high are the smallest and the largest.
class FactsCounter {
  public:
    /// Counts a finite reading.
    void add(double reading) {
        if (!any_) facts_.least = facts_.largest = reading;
        any_ = true;
        facts_.least = std::min(facts_.least, reading);
        facts_.largest = std::max(facts_.largest, reading);
        facts_.whole = facts_.whole && reading == std::floor(reading);
        if (facts_.levels == enough_levels) return;
        const auto end = seen_.begin() + facts_.levels;
        if (std::find(seen_.begin(), end, reading) == end) seen_[facts_.levels++] = reading;
    }
    /// Facts of the readings so far; low and high are not trimmed.
    ReadingFacts facts() const {
        ReadingFacts facts = facts_;
        facts.low = facts.least;
        facts.high = facts.largest;
        return facts;
    }

  private:
    bool any_ = false;
    ReadingFacts facts_;
    std::array<double, enough_levels> seen_{};
};

/// Facts of a channel's readings, which must be finite and at least one.
inline ReadingFacts reading_facts(std::vector<float> readings) {
    FactsCounter counter;
    for (const float reading : readings) counter.add(double(reading));
    ReadingFacts facts = counter.facts();
    const auto trim = std::ptrdiff_t(trimmed_values(readings.size()));
    std::nth_element(readings.begin(), readings.begin() + trim, readings.end());
    facts.low = double(readings[std::size_t(trim)]);
    std::nth_element(readings.begin(), readings.end() - 1 - trim, readings.end());
    facts.high = double(*(readings.end() - 1 - trim));
    return facts;
}

namespace detail {

/// Smallest number of steps between the outer quantiles that fills the 256 levels of an int8 well.
inline constexpr double fine_steps = 512;

/// The exponent of the largest power of two that keeps the magnitude at or below `most`.
inline int exponent_for(double magnitude, double most) {
    if (magnitude == 0) return 0;
    return std::clamp(int(std::floor(std::log2(most / magnitude))), -100, 100);
}

/// Whether a scale, from origin 0, resolves the channel: all of its whole numbers, or many steps of its range.
inline bool serves(const ReadingFacts& facts, double scale) {
    return facts.largest * scale <= 32767 && facts.least * scale >= -32768 &&
           ((facts.whole && scale >= 1) || facts.least == facts.largest ||
            (facts.high - facts.low) * scale >= fine_steps);
}

/// The scale of one channel, independent of the others.
inline Channel own_channel(const ReadingFacts& facts) {
    const double magnitude = std::max(facts.largest, -facts.least);
    if (serves(facts, 1) && facts.whole) return {"", 0, 1};
    const double whole_range = std::ldexp(1.0, exponent_for(magnitude, 32767));
    if (serves(facts, whole_range)) return {"", 0, float(whole_range)};
    // Readings beyond twice the outer quantiles are clipped in the cases below.
    const double usual = std::max(facts.high, -facts.low), usual_range = std::ldexp(1.0, exponent_for(usual, 16383));
    const double spread = facts.high - facts.low;
    if (spread * usual_range >= fine_steps) return {"", 0, float(usual_range)};
    if (spread == 0) { // a few readings differ from all others: their distance sets the scale
        const double distance = std::max(facts.largest - facts.low, facts.low - facts.least);
        return {"", float(facts.low), float(std::ldexp(1.0, exponent_for(distance, 16383)))};
    }
    const double grain = std::ldexp(1.0, int(std::floor(std::log2(spread))));
    const double origin = std::round((facts.low + facts.high) / 2 / grain) * grain;
    return {"", float(origin), float(std::ldexp(1.0, exponent_for(spread, 16383)))};
}
} // namespace detail

/// Origin and scale of each channel. If possible, all channels have one scale, so that a sensor's axes stay comparable:
/// 1 if all readings are whole numbers of 16 bits, else the largest power of two up to 2^14 that keeps all of them in
/// int16. Channels with fewer than 512 steps on that scale get the largest scale of their own; one far from 0 gets an
/// origin.
inline std::vector<Channel> channels_for(const std::vector<ReadingFacts>& facts) {
    using detail::serves;
    double magnitude = 0;
    bool raw = true;
    for (const ReadingFacts& one : facts) {
        magnitude = std::max({magnitude, one.largest, -one.least});
        raw = raw && one.whole && one.largest <= 32767 && one.least >= -32768;
    }
    std::vector<Channel> channels(facts.size());
    if (raw) return channels;
    const auto shared = [&](double scale, const auto& concerns) {
        for (std::size_t c = 0; c < facts.size(); ++c)
            if (concerns(facts[c]) && !serves(facts[c], scale)) return false;
        for (std::size_t c = 0; c < facts.size(); ++c)
            if (concerns(facts[c])) channels[c].scale = float(scale);
        return true;
    };
    const auto scale_for = [](double of) { return std::ldexp(1.0, std::min(detail::exponent_for(of, 32767), 14)); };
    if (shared(scale_for(magnitude), [](const ReadingFacts&) { return true; })) return channels;
    const auto is_real = [](const ReadingFacts& one) { return !one.whole; };
    double real_magnitude = 0;
    for (const ReadingFacts& one : facts)
        if (is_real(one)) real_magnitude = std::max({real_magnitude, one.largest, -one.least});
    const bool real_share = shared(scale_for(real_magnitude), is_real);
    for (std::size_t c = 0; c < facts.size(); ++c)
        if (!real_share || !is_real(facts[c])) channels[c] = detail::own_channel(facts[c]);
    return channels;
}

} // namespace tinysparse::data
