// SPDX-License-Identifier: Apache-2.0
// A CSV file that is being read, and the cures of what is wrong with its rows.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/csv.hpp"

namespace tinysparse::data::detail {

/// A file that is being read, and the places of its columns.
struct OpenTable {
    const std::string& path;
    CsvFormat format;
    CsvReader reader;
    std::vector<std::string> fields = {};
    std::vector<std::size_t> from = {}; ///< For each of the set's columns, its place in the rows of this file.
    std::vector<std::string> names = {};
    std::vector<ThousandsWatch> thousands =
        {};               ///< For each of the set's columns, if separators of thousands may occur.
    bool points = false;  ///< A number with a decimal point was read.
    bool comment = false; ///< The first row begins with #.
};

inline bool is_comment(const std::vector<std::string>& fields) { return !fields.empty() && fields[0].starts_with('#'); }

/// The Error for a row whose number of fields is not that of the first row.
inline Error wrong_width(const OpenTable& file) {
    const std::size_t count = file.fields.size();
    return Error(text(file.path, ": line ", file.reader.line(), ": ", count, count == 1 ? " field" : " fields",
                      ", the first row has ", file.names.size(),
                      is_comment(file.fields) ? "; comments are not read, take the line out"
                      : file.comment          ? "; the first line is a comment, and comments are not read: take it out"
                                              : ""));
}

/// Whether this row may hold units: none of its channels is a number, all of the next row are.
inline bool holds_units(const OpenTable& file, const std::vector<std::size_t>& channels) {
    CsvReader ahead = file.reader;
    std::vector<std::string> next;
    bool breaks = false;
    if (!ahead.next(next, breaks)) return false;
    const auto is_number = [](const std::string& field) { return csv_number(field, false) || csv_number(field, true); };
    return std::all_of(channels.begin(), channels.end(), [&](std::size_t column) {
        const std::size_t at = file.from[column];
        return at < next.size() && !is_number(file.fields[at]) && (is_number(next[at]) || is_missing(next[at]));
    });
}

/// Throws Error if the marks in the file's numbers may separate thousands: 3,636 beside 7.
inline void check_thousands(const OpenTable& file) {
    const auto& all = file.thousands;
    if (std::any_of(all.begin(), all.end(), [](const ThousandsWatch& one) { return one.decimal(); })) return;
    for (const ThousandsWatch& one : all) {
        if (!one.doubtful()) continue;
        const std::size_t mark = one.first().find_first_of(",.");
        const std::string whole = one.first().substr(0, mark), rest = one.first().substr(mark + 1);
        throw Error(text(file.path, ": line ", one.line(), ": '", one.first(), "' may be ", whole, ".", rest, " or ",
                         whole, rest, "; write numbers without separators of thousands, or this one as ", one.first(),
                         "0 if they are decimals"));
    }
}

} // namespace tinysparse::data::detail
