// SPDX-License-Identifier: Apache-2.0
// Measures of a network: its error and its costs, as objectives (all minimised) and as limits. A new measure has a name
// in Measure and a row in measure_table; all tables, files and plots follow it.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/amount.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/cost/device.hpp"

namespace tinysparse::search {

/// `error` is the share of wrong answers on the validation part, 0..1, or the RMSE of numbers in standard deviations;
/// the rest as cost/ defines it.
/// The order is that of journals and JSON.
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
    nonzeros,
    paper_model_size,
    paper_working_memory,
    count
};
inline constexpr std::size_t measure_count = std::size_t(Measure::count);

/// A column in the tables of a front.
struct Column {
    int place = 0;                  ///< Columns stand in this order; 0: the measure has none.
    std::string_view page, console; ///< Headings; empty: no column there.
    int decimals = 0;               ///< Decimals of its cells.
    bool if_asked = false;          ///< Shown on a console only if it is an objective or limit of the run.
    std::string_view meaning = "";  ///< Explanation in the legend of a table, with its unit.
};

using cost::Costs;

/// Name, unit, member and column of a measure.
struct MeasureInfo {
    Measure measure;
    std::string_view name;                     ///< In options, journals, JSON and CSV.
    std::string_view unit;                     ///< Empty if the name tells it.
    std::optional<double> (*of)(const Costs&); ///< Null if it is no cost. Its result is nothing if the target does not
                                               ///< define it.
    Column column = {};
};

/// A member of Costs as a measure.
template <auto member> std::optional<double> from(const Costs& costs) {
    return std::optional<double>(std::invoke(member, costs));
}

inline constexpr MeasureInfo measure_table[] = {
    {Measure::error, "error", "", nullptr},
    {Measure::model_size,
     "model_size",
     "bytes",
     from<&Costs::model_size>,
     {3, "model size", "model", 0, true, "bytes of nonzero weights and of biases, without indices"}},
    {Measure::working_memory_1, "working_memory_1", "bytes", from<&Costs::working_memory_1>},
    {Measure::working_memory_2, "working_memory_2", "bytes", from<&Costs::working_memory_2>},
    {Measure::working_memory,
     "working_memory",
     "bytes",
     from<&Costs::working_memory>,
     {4, "working memory", "memory", 0, true,
      "bytes of activations and weights that the largest layer needs at a time"}},
    {Measure::weight_bytes,
     "weight_bytes",
     "bytes",
     from<&Costs::weight_bytes>,
     {1, "stored bytes", "stored", 0, false,
      "bytes of weights and biases in flash, with the indices of sparse layers"}},
    {Measure::flash,
     "flash",
     "bytes",
     from<&Costs::flash>,
     {5, "flash", "flash", 0, false, "bytes of flash for program and weights"}},
    {Measure::ram,
     "ram",
     "bytes",
     from<&Costs::ram>,
     {6, "RAM", "RAM", 0, false, "bytes of RAM for the network and its stack"}},
    {Measure::cycles, "cycles", "", from<&Costs::cycles>, {9, "", "cycles", 0, true, "processor cycles per sample"}},
    {Measure::milliseconds,
     "milliseconds",
     "",
     from<&Costs::milliseconds>,
     {8, "ms", "ms", 2, false,
      "milliseconds for a whole sample on the board, without to_input() of readings, which simulate measures"}},
    {Measure::macs, "macs", "", from<&Costs::macs>, {7, "MACs", "MACs", 0, true, "multiply-adds per sample"}},
    {Measure::nonzeros,
     "nonzeros",
     "",
     from<&Costs::nonzeros>,
     {2, "nonzero weights", "nonzero", 0, false, "weights that are not zero"}},
    {Measure::paper_model_size,
     "paper_model_size",
     "bytes",
     from<&Costs::paper_model_size>,
     {10, "", "paper size", 0, true, "paper_model_size: nonzero weights, one byte each"}},
    {Measure::paper_working_memory,
     "paper_working_memory",
     "bytes",
     from<&Costs::paper_working_memory>,
     {11, "", "paper memory", 0, true,
      "paper_working_memory: bytes of the largest layer, each pooling one of its own"}},
};
static_assert(has_every_row<&MeasureInfo::measure>(measure_table),
              "a measure has no row, or the rows are in another order than Measure");

/// All rows except the error, which is the first.
inline constexpr std::span cost_table = std::span(measure_table).subspan<1>();

/// The row of the table.
constexpr const MeasureInfo& info(Measure measure) { return measure_table[std::size_t(measure)]; }
/// Name of the measure in options and journals.
constexpr std::string_view name_of(Measure measure) { return info(measure).name; }

inline constexpr double most_measure = 1e15; ///< Larger values are invalid.

/// The value of every measure that is known.
class Measures {
  public:
    /// Value of a measure, to be set; nothing if it is unknown.
    std::optional<double>& operator[](Measure measure) { return values_[std::size_t(measure)]; }
    /// Value of a measure; nothing if it is unknown.
    const std::optional<double>& operator[](Measure measure) const { return values_[std::size_t(measure)]; }
    bool operator==(const Measures&) const = default;

  private:
    std::array<std::optional<double>, measure_count> values_{};
};

/// All costs that are known.
inline Measures measures_of(const Costs& costs) {
    Measures measures;
    for (const MeasureInfo& row : cost_table) measures[row.measure] = row.of(costs);
    return measures;
}

/// The measures that a simulated chip gives; all others are exact once a network is trained.
inline constexpr Measure chip_measures[] = {Measure::flash, Measure::ram, Measure::cycles, Measure::milliseconds};

/// True for measures in chip_measures.
constexpr bool told_by_chip(Measure measure) {
    return std::find(std::begin(chip_measures), std::end(chip_measures), measure) != std::end(chip_measures);
}

/// Throws Error unless costs on the target include the measure: some need a cost model of its chip. `where`: what asks
/// for it.
inline void check_known(Measure measure, const cost::Target& target, std::string_view where) {
    const auto known = [&](const MeasureInfo& row) { return !row.of || row.of(Costs{}) || cost::predicted(target); };
    if (known(info(measure))) return;
    std::vector<std::string> names;
    for (const MeasureInfo& row : cost_table)
        if (known(row)) names.emplace_back(row.name);
    throw Error(text(where, ": ", name_of(measure), " is not known for ", target.name,
                     ", which has no cost model; known are ", join(names, ", ")));
}

/// What a search minimises, the error first.
using Objectives = std::vector<Measure>;
using Limits = std::map<Measure, double>; ///< The largest value allowed.

/// Common words for a measure.
inline constexpr Synonym measure_synonyms[] = {
    {"accuracy", "error"},
    {"acc", "error"},
    {"loss", "error"},
    {"rmse", "error"},
    {"latency", "milliseconds"},
    {"time", "milliseconds"},
    {"ms", "milliseconds"},
    {"speed", "milliseconds"},
    {"size", "weight_bytes or flash"},
    {"bytes", "weight_bytes or flash"},
    {"rom", "flash"},
    {"memory", "ram or working_memory"},
    {"sram", "ram"},
    {"parameters", "nonzeros"},
    {"params", "nonzeros"},
    {"weights", "nonzeros"},
    {"sparsity", "nonzeros"},
    {"operations", "macs"},
    {"ops", "macs"},
    {"flops", "macs"},
};

namespace detail {

/// "there is no measure 'latency', use milliseconds"
inline std::string no_measure(std::string_view word) {
    const std::string unknown = text("there is no measure '", word, "'");
    if (const auto* found = row_named(measure_synonyms, lower_case(word)))
        return text(unknown, ", use ", found->name_here);
    const std::string near = nearest(word, names_of(measure_table));
    return near.empty() ? unknown : text(unknown, "; did you mean ", near, "?");
}

/// Throws Error if one of the words, which stand in `where`, is no measure; all that are none are named.
inline void check_measures(std::string_view where, const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words)
        if (!row_named(measure_table, word))
            all += text(all.empty() ? "" : all.ends_with('?') ? " " : "; ", no_measure(word));
    if (!all.empty())
        throw Error(text(where, ": ", all, all.ends_with('?') ? " Measures are " : "; measures are ",
                         join(names_of(measure_table), ", ")));
}

} // namespace detail

/// The measure with that name. Throws Error with the nearest name if there is none; `where`: the word's place.
inline Measure parse_measure(std::string_view where, std::string_view word) {
    detail::check_measures(where, {std::string(word)});
    return row_named(measure_table, word)->measure;
}

/// Two or three different objectives, with error among them: "error,flash,ram", or "paper" for
/// error,model_size,working_memory. Error comes first in the result, whatever the order. Throws Error, which names
/// every word that is no measure.
inline Objectives parse_objectives(std::string_view list) {
    if (list == "paper") return {Measure::error, Measure::model_size, Measure::working_memory};
    const std::vector<std::string> words = split(list, ',');
    detail::check_measures(text("objectives ", list), words);
    Objectives objectives;
    for (const std::string& word : words) {
        const Measure measure = row_named(measure_table, word)->measure;
        if (std::find(objectives.begin(), objectives.end(), measure) != objectives.end())
            throw Error(text("objectives ", list, ": ", word, " stands there twice"));
        objectives.insert(measure == Measure::error ? objectives.begin() : objectives.end(), measure);
    }
    if (objectives.size() < 2 || objectives.size() > 3 || objectives[0] != Measure::error)
        throw Error(text("objectives ", list, ": give error and one or two costs, such as error,flash,ram"));
    return objectives;
}

/// The unit of a measure's values; nothing if they are plain numbers.
inline std::optional<Unit> unit_of(Measure measure) {
    if (measure == Measure::milliseconds) return milliseconds_unit;
    if (measure == Measure::error) return parts_unit;
    if (info(measure).unit == "bytes") return bytes_unit;
    return std::nullopt;
}

/// Adds one limit, "NAME=VALUE", and returns its measure: "ram=1KB", "milliseconds=0.5s", "macs=20000". Of two for one
/// measure the last counts. Throws Error.
inline Measure parse_limit(std::string_view word, Limits& limits) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos)
        throw Error(text("limit ", word, ": expected NAME=VALUE, such as weight_bytes=2KB or milliseconds=10ms"));
    const Measure measure = parse_measure(text("limit ", word), word.substr(0, equals));
    const std::optional<Unit> unit = unit_of(measure);
    const auto value =
        unit ? parse_amount(word.substr(equals + 1), *unit) : parse_number<double>(word.substr(equals + 1));
    if (!value || !(*value >= 0))
        throw Error(text("limit ", word, ": expected ",
                         unit ? expected_amount(unit->dimension) : "a number of at least 0, such as 20000"));
    limits[measure] = *value;
    return measure;
}

/// True if no known measure breaks a limit; unknown measures break none.
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

/// An object with the measures that are known, by name.
inline json::Value to_json(const Measures& measures) {
    json::Value out = json::object();
    for (const MeasureInfo& row : measure_table)
        if (measures[row.measure]) out[row.name] = *measures[row.measure];
    return out;
}

/// Throws Error if one of them is not a number from 0 to most_measure.
inline Measures measures_from_json(const json::Reader& in) {
    Measures measures;
    for (const MeasureInfo& row : measure_table)
        if (in.has(row.name)) measures[row.measure] = in.at(row.name).ranged(0.0, most_measure);
    return measures;
}

} // namespace tinysparse::search
