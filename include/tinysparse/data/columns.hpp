// SPDX-License-Identifier: Apache-2.0
// Roles of the columns of a table: the label, the group, time, an index, or channels. They follow from the keys of the
// data text (label=, group=, columns=, skip=), from the names of the columns, and from their numbers.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/clock.hpp"
#include "tinysparse/data/csv.hpp"
#include "tinysparse/data/spec.hpp"

namespace tinysparse::data {

/// The columns of a table by role. Indices count from 0; people count from 1.
struct Columns {
    std::vector<std::string> names;          ///< Names of all columns; empty if the table has no header.
    bool header = false;                     ///< The first row holds names.
    std::optional<std::size_t> label, group; ///< No value: there is no such column.
    std::vector<std::size_t> targets;        ///< Columns of target numbers, instead of the label.
    std::vector<std::size_t> channels;       ///< In the order of the channels.
    std::vector<std::size_t> times;          ///< Named time or timestamp: not channels, but their steps are measured.
    std::vector<std::size_t> left_out;       ///< Columns of skip=.

    /// Whether a network predicts the column.
    bool is_answer(std::size_t column) const {
        return column == label || std::find(targets.begin(), targets.end(), column) != targets.end();
    }
};

namespace detail {

/// Names of label columns in the order in which they are looked for.
inline constexpr std::string_view label_names[] = {"label", "class", "target", "species", "activity"};

inline bool is_label_name(std::string_view word) {
    return std::find(std::begin(label_names), std::end(label_names), lower_case(word)) != std::end(label_names);
}

/// "column 3 (ax)"
inline std::string column_text(const std::vector<std::string>& names, std::size_t i) {
    return text("column ", i + 1, names[i].empty() ? "" : text(" (", names[i], ")"));
}

/// The first names, and the number of all names if there are more.
inline std::string column_list(std::vector<std::string> names) {
    const std::size_t count = names.size();
    if (count > 12) names.resize(12);
    for (std::string& name : names)
        if (name.empty()) name = "(no name)";
    return join(names, " ") + (count > 12 ? text(" ... ", count, " in all") : "");
}

/// The column with this name, else the one whose name differs only in case, else the one with this number from 1.
inline std::optional<std::size_t> find_column(const std::vector<std::string>& names, const std::string& word) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!word.empty() && names[i] == word) return i;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!word.empty() && lower_case(names[i]) == lower_case(word)) return i;
    const auto number = parse_number<std::size_t>(word);
    if (number && *number >= 1 && *number <= names.size()) return *number - 1;
    return std::nullopt;
}

inline std::size_t column_of(const Columns& columns, const std::string& word, std::string_view key,
                             const std::string& file) {
    if (const auto found = find_column(columns.names, word)) return *found;
    const std::string near = nearest(word, columns.names);
    throw Error(text(file, ": line 1: ", key, "=", word, ": no column has this name or number (they count from 1)",
                     near.empty() ? "" : "; did you mean " + near + "?", "; the columns are ",
                     columns.header ? column_list(columns.names) : text("1 to ", columns.names.size())));
}

/// Whether the first row is a header: it names a label, has two words, or has a word above a number in the second row.
/// Rows of data have at most the label as a word. `asked`: words of the request that may name a column.
inline bool is_header(const std::vector<std::string>& first, const std::vector<std::string>& second,
                      const CsvFormat& format, const std::vector<std::string>& asked = {}) {
    std::size_t words = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (is_label_name(first[i])) return true;
        if (!csv_number(first[i], false) && std::find(asked.begin(), asked.end(), first[i]) != asked.end()) return true;
        if (csv_number(first[i], format.decimal_comma) || is_missing(first[i]) || is_infinite(first[i])) continue;
        ++words;
        if (i < second.size() && csv_number(second[i], format.decimal_comma)) return true;
    }
    return words >= 2;
}

/// The words of a request that name columns.
inline std::vector<std::string> asked_columns(const Request& request) {
    std::vector<std::string> words = request.columns;
    words.insert(words.end(), request.skip.begin(), request.skip.end());
    words.push_back(request.group);
    if (request.label != "first" && request.label != "last") words.push_back(request.label);
    if (request.regression)
        for (std::string& word : split(request.label, '+')) words.push_back(std::move(word));
    return words;
}

/// The column of the labels: by the key, else the first of label_names, else y if there is neither x nor z.
inline std::optional<std::size_t> label_column(const Columns& columns, const Request& request,
                                               const std::string& file) {
    const std::string& wanted = request.label;
    if (!wanted.empty()) {
        if (const auto named = find_column(columns.names, wanted)) return named;
        if (wanted == "first") return 0;
        if (wanted == "last") return columns.names.size() - 1;
        return column_of(columns, wanted, "label", file);
    }
    if (!columns.header) return std::nullopt;
    const auto named = [&](std::string_view word) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < columns.names.size(); ++i)
            if (lower_case(columns.names[i]) == word) return i;
        return std::nullopt;
    };
    for (const std::string_view word : label_names)
        if (const auto found = named(word)) return found;
    return named("x") || named("z") ? std::nullopt : named("y");
}

/// The columns of target numbers: by the key, whose value may be several names with + between them, else the one that
/// label_column() finds.
inline std::vector<std::size_t> target_columns(const Columns& columns, const Request& request,
                                               const std::string& file) {
    std::vector<std::size_t> targets;
    if (request.label.find('+') != std::string::npos && !find_column(columns.names, request.label))
        for (const std::string& word : split(request.label, '+'))
            targets.push_back(column_of(columns, word, "label", file));
    else if (const auto one = label_column(columns, request, file))
        targets.push_back(*one);
    return targets;
}

/// Whether group= names a column: not a word for recordings and files, and not a pattern.
inline bool groups_by_column(const Request& request) {
    return !request.group.empty() && request.group != "recording" && request.group != "file" &&
           request.group.find_first_of("*(") == std::string::npos;
}

/// Throws Error if two columns have the same name, or if one column is given two roles.
inline void check_roles(const Columns& columns, const std::string& file) {
    const auto refuse = [&](std::size_t column, std::string_view what) {
        return Error(text(file, ": line 1, ", column_text(columns.names, column), ": ", what));
    };
    for (std::size_t i = 0; i < columns.names.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (!columns.names[i].empty() && columns.names[i] == columns.names[j])
                throw refuse(i, text("column ", j + 1, " has this name too; rename one of them"));
    const auto& channels = columns.channels;
    for (std::size_t i = 0; i < channels.size(); ++i)
        if (std::find(channels.begin(), channels.begin() + std::ptrdiff_t(i), channels[i]) !=
            channels.begin() + std::ptrdiff_t(i))
            throw refuse(channels[i], "columns= names it twice");
    if (columns.group && columns.is_answer(*columns.group))
        throw refuse(*columns.group, "it is the label and the group");
    const auto& targets = columns.targets;
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (std::find(targets.begin(), targets.begin() + std::ptrdiff_t(i), targets[i]) !=
            targets.begin() + std::ptrdiff_t(i))
            throw refuse(targets[i], "label= names it twice");
    for (const std::size_t column : columns.left_out)
        if (columns.is_answer(column) || column == columns.group ||
            std::find(channels.begin(), channels.end(), column) != channels.end())
            throw refuse(column, "skip= leaves out what another key asks for");
    for (const std::size_t column : channels)
        if (columns.is_answer(column) || column == columns.group)
            throw refuse(column, "columns= names the label or the group");
}
} // namespace detail

/// Roles of the columns as far as names and keys tell. `needs_label`: the class does not come from the file's name.
/// Throws Error if a key names no column, if no column is the label, or if no channel remains.
inline Columns plan_columns(const Request& request, std::vector<std::string> names, bool header, bool needs_label,
                            const std::string& file) {
    using namespace detail;
    Columns columns;
    columns.names = std::move(names);
    columns.header = header;
    if (needs_label) {
        if (request.regression)
            columns.targets = target_columns(columns, request, file);
        else
            columns.label = label_column(columns, request, file);
        if (!columns.label && columns.targets.empty())
            throw Error(text(file, ": line 1: there is no label column; give label=NAME, label=first or label=last; ",
                             header ? text("the columns are ", column_list(columns.names))
                                    : text("the file has ", columns.names.size(), " columns and no header")));
    }
    if (groups_by_column(request)) columns.group = column_of(columns, request.group, "group", file);
    for (const std::string& word : request.skip) columns.left_out.push_back(column_of(columns, word, "skip", file));
    const auto in = [](const std::vector<std::size_t>& list, std::size_t i) {
        return std::find(list.begin(), list.end(), i) != list.end();
    };
    for (const std::string& word : request.columns)
        columns.channels.push_back(column_of(columns, word, "columns", file));
    check_roles(columns, file);
    for (std::size_t i = 0; i < columns.names.size(); ++i) {
        if (columns.is_answer(i) || i == columns.group || in(columns.left_out, i) || in(columns.channels, i)) continue;
        // With columns= nothing else can be a channel, so that t_ms can only tell the rate; t may be a temperature.
        const bool clock = !request.columns.empty() && is_clock_name(columns.names[i]) && columns.names[i].size() > 1;
        if (time_unit(columns.names[i]) || clock)
            columns.times.push_back(i);
        else if (request.columns.empty())
            columns.channels.push_back(i);
    }
    if (columns.channels.empty())
        throw Error(text(file, ": line 1: no column is left to be a channel; the columns are ",
                         header ? column_list(columns.names) : text("1 to ", columns.names.size())));
    return columns;
}

/// The range of a column, and the largest error of its numbers as 32-bit floats.
struct NumberRange {
    double low = 1e300, high = -1e300, error = 0;
    /// Takes a value, which must be finite.
    void add(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
        error = std::max(error, std::abs(value - double(float(value))));
    }
    /// True if 32-bit floats keep fewer than 9 bits of the column's range.
    bool is_lost() const { return high > low && error > (high - low) / 512; }
};

} // namespace tinysparse::data
