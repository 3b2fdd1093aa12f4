// SPDX-License-Identifier: Apache-2.0
// Measurements on a simulated chip in addition to predictions: flash, RAM, and the time per sample. This file decides
// which networks are worth measuring, how measurements correct the predictions for others, and what a limit means for
// either.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/rows.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

/// When networks are measured: never; only those of the final front; or also, as they are trained, those that enter the
/// front or are near a limit.
enum class Measuring : std::uint8_t { off, end, front, count };
inline constexpr Named<Measuring> measurings[] = {
    {Measuring::off, "off"}, {Measuring::end, "end"}, {Measuring::front, "front"}};
static_assert(has_every_row<&Named<Measuring>::value>(measurings));

/// True if a chip measures one of the objectives or limits, so that measuring changes what is chosen.
inline bool asks_for_chip(const Objectives& objectives, const Limits& limits) {
    return std::any_of(std::begin(chip_measures), std::end(chip_measures), [&](Measure measure) {
        return std::find(objectives.begin(), objectives.end(), measure) != objectives.end() || limits.contains(measure);
    });
}

/// Replaces the predictions by measured values; the predictions are kept beside them.
inline void take_measured(Outcome& outcome, const Measures& measured) {
    outcome.predicted.emplace();
    for (const Measure measure : chip_measures) {
        (*outcome.predicted)[measure] = outcome.measures[measure];
        if (measured[measure]) outcome.measures[measure] = measured[measure];
    }
}

/// Bounds of a measure, above or below, that hold for 95 of 100 networks with this prediction.
inline double margin(const cost::Margins& margins, Measure measure, double predicted) {
    switch (measure) {
    case Measure::flash:
        return margins.flash * predicted;
    case Measure::ram:
        return margins.ram;
    case Measure::cycles:
    case Measure::milliseconds:
        return margins.cycles * predicted;
    default:
        return 0;
    }
}

/// True if a chip could show either that the network breaks a limit or that it holds it.
inline bool near_limit(const Measures& expected, const Limits& limits, const cost::Margins& margins) {
    return std::any_of(std::begin(chip_measures), std::end(chip_measures), [&](Measure measure) {
        const auto limit = limits.find(measure);
        return limit != limits.end() && expected[measure] &&
               std::abs(*expected[measure] - limit->second) <= margin(margins, measure, *expected[measure]);
    });
}

/// The limits that predictions must hold so that 95 of 100 networks hold `limits`.
inline Limits tightened(Limits limits, const cost::Margins& margins) {
    for (auto& [measure, limit] : limits)
        limit =
            measure == Measure::ram ? std::max(0.0, limit - margins.ram) : limit / (1 + margin(margins, measure, 1));
    return limits;
}

/// Factor by which other samples may take longer than the measured ones.
inline constexpr double longest_over_measured = 1.01;

/// The limits that a measure breaks. Time was measured on few samples, so a hundredth is added to it.
inline Limits broken_limits(const Outcome& outcome, const Limits& limits) {
    Measures measures = outcome.measures;
    if (outcome.predicted)
        for (const Measure time : {Measure::cycles, Measure::milliseconds})
            if (measures[time]) *measures[time] *= longest_over_measured;
    Limits broken = limits;
    std::erase_if(broken, [&](const auto& limit) { return within(measures, {limit}); });
    return broken;
}

/// True if no measure breaks a limit.
inline bool holds(const Outcome& outcome, const Limits& limits) { return broken_limits(outcome, limits).empty(); }

/// Results of a chip for a trial's network, measured after its record was written; they have their own line.
struct Measurement {
    std::size_t trial = 0;
    Measures measures;
    std::optional<std::string> failure; ///< Why the chip cannot run it.
};

/// Puts the measured values into the record. `limits`: of the run.
inline void apply(const Measurement& measurement, Record& record, const Limits& limits) {
    if (!measurement.failure) take_measured(record.outcome, measurement.measures);
    record.feasible = record.feasible && !measurement.failure && holds(record.outcome, limits);
}

/// The line of a journal: the trial, and its measures or why there are none.
inline json::Value to_json(const Measurement& measurement) {
    json::Value out = json::object({{"of", measurement.trial}});
    if (measurement.failure)
        out["reason"] = *measurement.failure;
    else
        out["measures"] = to_json(measurement.measures);
    return out;
}

/// The Measurement that to_json() wrote. Throws Error for anything else.
inline Measurement measurement_from_json(const json::Reader& in) {
    Measurement measurement;
    measurement.trial = in.at("of").ranged<std::size_t>(0, most_trials - 1);
    if (in.has("reason")) {
        measurement.failure = in.at("reason").as<std::string>();
        return measurement;
    }
    const json::Reader measures = in.at("measures");
    measurement.measures = measures_from_json(measures);
    for (const Measure measure : chip_measures)
        if (!measurement.measures[measure]) measures.fail(text(name_of(measure), " is missing"));
    return measurement;
}

/// Median ratio of measured to predicted over the measured networks; 1 while there are fewer than three.
class Corrections {
  public:
    Corrections() { ratios_.fill(1); }
    /// records: those of measured networks, each with its predictions.
    explicit Corrections(const std::vector<const Record*>& records) : Corrections() {
        for (std::size_t i = 0; i < ratios_.size(); ++i) {
            std::vector<double> ratios;
            for (const Record* record : records) {
                const auto& predicted = record->outcome.predicted;
                const auto before = predicted ? (*predicted)[chip_measures[i]] : std::nullopt;
                if (before && *before > 0) ratios.push_back(*record->outcome.measures[chip_measures[i]] / *before);
            }
            if (ratios.size() < 3) continue;
            const auto middle = ratios.begin() + std::ptrdiff_t(ratios.size() / 2);
            std::nth_element(ratios.begin(), middle, ratios.end());
            ratios_[i] = *middle;
        }
    }

    /// The expected values for these predictions.
    Measures expected(Measures predicted) const {
        for (std::size_t i = 0; i < ratios_.size(); ++i)
            if (auto& value = predicted[chip_measures[i]]) *value *= ratios_[i];
        return predicted;
    }
    /// The measured values, or else the expected ones.
    Measures of(const Outcome& outcome) const {
        return outcome.predicted ? outcome.measures : expected(outcome.measures);
    }

  private:
    std::array<double, std::size(chip_measures)> ratios_;
};

} // namespace tinysparse::search
