// SPDX-License-Identifier: Apache-2.0
// What a network is judged by: its error and its costs, as objectives (all minimised) and as limits.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::search {

/// `error` is the share of wrong answers on the validation part, 0..1; sizes are bytes; the rest as cost/ defines it.
enum class Measure : std::uint8_t {
    error,
    model_size,
    working_memory_1,
    working_memory_2,
    working_memory,
    weight_bytes,
    flash,
    ram,
    cycles,
    milliseconds,
    macs,
    nonzeros
};

inline constexpr std::array<std::string_view, 12> measure_names = {
    "error", "model_size", "working_memory_1", "working_memory_2", "working_memory", "weight_bytes",
    "flash", "ram",        "cycles",           "milliseconds",     "macs",           "nonzeros"};

inline std::string_view name_of(Measure measure) { return measure_names[std::size_t(measure)]; }

/// The value of every measure that is known.
class Measures {
  public:
    std::optional<double>& operator[](Measure measure) { return values_[std::size_t(measure)]; }
    const std::optional<double>& operator[](Measure measure) const { return values_[std::size_t(measure)]; }
    bool operator==(const Measures&) const = default;

  private:
    std::array<std::optional<double>, measure_names.size()> values_{};
};

using Objectives = std::vector<Measure>;
using Limits = std::map<Measure, double>; ///< The largest value that is allowed.

/// Throws Error with the nearest name; `where` says in it where the word stands.
inline Measure parse_measure(std::string_view where, std::string_view word) {
    for (std::size_t i = 0; i < measure_names.size(); ++i)
        if (measure_names[i] == word) return Measure(i);
    const std::vector<std::string> known(measure_names.begin(), measure_names.end());
    const std::string near = nearest(word, known);
    throw Error(text(where, ": there is no measure '", word, "'", near.empty() ? "" : "; did you mean " + near + "?",
                     near.empty() ? "; measures are " : " Measures are ", join(known, ", ")));
}

/// "error,flash,ram", or "paper" for error,model_size,working_memory. Two or three different ones, error among them.
/// Error comes first in the result, whatever the order.
inline Objectives parse_objectives(std::string_view list) {
    if (list == "paper") return {Measure::error, Measure::model_size, Measure::working_memory};
    Objectives objectives;
    for (const std::string& word : split(list, ',')) {
        const Measure measure = parse_measure(text("objectives ", list), word);
        if (std::find(objectives.begin(), objectives.end(), measure) != objectives.end())
            throw Error(text("objectives ", list, ": ", word, " stands there twice"));
        objectives.insert(measure == Measure::error ? objectives.begin() : objectives.end(), measure);
    }
    if (objectives.size() < 2 || objectives.size() > 3 || objectives[0] != Measure::error)
        throw Error(text("objectives ", list, ": give error and one or two costs, such as error,flash,ram"));
    return objectives;
}

/// Adds one limit, "NAME=VALUE". Of two for one measure the last counts.
inline void parse_limit(std::string_view word, Limits& limits) {
    const std::size_t equals = word.find('=');
    const auto value =
        parse_number<double>(word.substr(std::min(word.size(), equals == word.npos ? equals : equals + 1)));
    if (equals == word.npos || !value || !(*value >= 0))
        throw Error(text("limit ", word, ": expected NAME=VALUE, such as working_memory=2007"));
    limits[parse_measure(text("limit ", word), word.substr(0, equals))] = *value;
}

/// True where no known measure breaks a limit; what is not known yet breaks none.
inline bool within(const Measures& measures, const Limits& limits) {
    for (const auto& [measure, limit] : limits)
        if (measures[measure] && *measures[measure] > limit) return false;
    return true;
}

/// How far beyond its limits a network is: the largest log(value / limit), or 0 within all.
inline double violation(const Measures& measures, const Limits& limits) {
    double worst = 0;
    for (const auto& [measure, limit] : limits)
        if (measures[measure] && *measures[measure] > limit)
            worst = std::max(worst, std::log((*measures[measure] + 1) / (limit + 1)));
    return worst;
}

inline json::Value to_json(const Measures& measures) {
    json::Value out = json::object();
    for (std::size_t i = 0; i < measure_names.size(); ++i)
        if (measures[Measure(i)]) out[measure_names[i]] = *measures[Measure(i)];
    return out;
}

inline Measures measures_from_json(const json::Reader& in) {
    Measures measures;
    for (std::size_t i = 0; i < measure_names.size(); ++i)
        if (in.has(measure_names[i])) measures[Measure(i)] = in.at(measure_names[i]).as<double>();
    return measures;
}

} // namespace tinysparse::search
