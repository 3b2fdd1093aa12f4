// SPDX-License-Identifier: Apache-2.0
// CSV (RFC 4180, also with ';' or tabs) with a label column. Either one row is one sample, or, with a window, rows are
// moments of time, columns are channels, and windows of rows with one label throughout are samples.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/folder.hpp"

namespace tinysparse::data {

/// A table of numbers and a column of words.
struct CsvTable {
    std::string name;
    std::size_t columns = 0;         ///< Without the label's.
    std::vector<float> numbers;      ///< [rows][columns]
    std::vector<std::string> labels; ///< One for each row.
};

namespace detail {

/// Reads rows of fields; a field in quotation marks may hold separators, line ends and doubled quotation marks.
class CsvReader {
  public:
    CsvReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {
        if (bytes_.starts_with("\xef\xbb\xbf")) bytes_.remove_prefix(3); // a byte order mark
        const std::string_view first = bytes_.substr(0, bytes_.find('\n'));
        const auto count = [&](char mark) { return std::count(first.begin(), first.end(), mark); };
        for (const char mark : {';', '\t'})
            if (count(mark) > count(separator_)) separator_ = mark;
    }
    std::size_t line() const { return line_; }

    /// The next row that is not empty; false at the end.
    bool next(std::vector<std::string>& fields) {
        while (at_ < bytes_.size()) {
            ++line_;
            fields.clear();
            read_row(fields);
            if (fields.size() > 1 || !fields[0].empty()) return true;
        }
        return false;
    }

  private:
    void read_row(std::vector<std::string>& fields) {
        for (;;) {
            fields.emplace_back();
            read_field(fields.back());
            if (at_ >= bytes_.size()) return;
            const char end = bytes_[at_++];
            if (end == '\n') return;
        }
    }
    void read_field(std::string& field) {
        if (bytes_[std::min(at_, bytes_.size() - 1)] == '"' && at_ < bytes_.size()) {
            const std::size_t start = line_;
            for (++at_;; ++at_) {
                if (at_ >= bytes_.size())
                    throw Error(text(name_, ": line ", start, ": a field has no closing quotation mark"));
                if (bytes_[at_] == '"' && !(at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '"')) break;
                at_ += bytes_[at_] == '"';
                line_ += bytes_[at_] == '\n';
                field += bytes_[at_];
            }
            ++at_;
        }
        while (at_ < bytes_.size() && bytes_[at_] != separator_ && bytes_[at_] != '\n') field += bytes_[at_++];
        while (!field.empty() && (field.back() == '\r' || field.back() == ' ')) field.pop_back();
        field.erase(0, std::min(field.find_first_not_of(' '), field.size()));
    }

    std::string_view bytes_;
    const std::string& name_;
    char separator_ = ',';
    std::size_t at_ = 0, line_ = 0;
};

inline bool is_label_name(std::string_view word) {
    return is_one_of(lower_case(word), {"label", "class", "target", "species", "activity", "y"});
}

/// A first row is a header if it names the label or has two words that are no numbers: data have at most the label.
inline bool is_csv_header(const std::vector<std::string>& fields) {
    std::size_t words = 0;
    for (const std::string& field : fields) {
        if (is_label_name(field)) return true;
        words += !parse_number<double>(field);
    }
    return words >= 2;
}

inline std::size_t label_column(const std::vector<std::string>& fields, bool header, const std::string& wanted,
                                const std::string& name) {
    if (wanted == "first") return 0;
    if (wanted == "last") return fields.size() - 1;
    if (header)
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (wanted.empty() ? is_label_name(fields[i]) : fields[i] == wanted) return i;
    const auto number = parse_number<std::size_t>(wanted);
    if (number && *number < fields.size()) return *number;
    std::vector<std::string> shown(fields.begin(),
                                   fields.begin() + std::ptrdiff_t(std::min<std::size_t>(8, fields.size())));
    if (fields.size() > shown.size()) shown.push_back(text("... ", fields.size(), " in all"));
    throw Error(text(name, ": line 1: ",
                     wanted.empty()
                         ? std::string("which column is the label? Say label=NAME, label=first or label=last")
                         : text("no column is named or numbered '", wanted, "'"),
                     header ? "; the columns are " : "; the first row is ", join(shown, " ")));
}
} // namespace detail

/// The whole file. `label` is the column by name, by number from 0, first or last; empty: the one named label, class,
/// target, species, activity or y. Errors name the file, the line and the column.
inline CsvTable parse_csv(std::string_view bytes, const std::string& name, const std::string& label) {
    detail::CsvReader reader(bytes, name);
    std::vector<std::string> fields;
    if (!reader.next(fields)) throw Error(text(name, ": the file has no rows"));
    const bool header = detail::is_csv_header(fields);
    const std::size_t label_at = detail::label_column(fields, header, label, name), width = fields.size();
    if (width < 2) throw Error(text(name, ": line 1: one column, expected a label and at least one number"));
    CsvTable table;
    table.name = name;
    table.columns = width - 1;
    for (bool more = header ? reader.next(fields) : true; more; more = reader.next(fields)) {
        if (fields.size() != width)
            throw Error(
                text(name, ": line ", reader.line(), ": ", fields.size(), " fields, the first row has ", width));
        for (std::size_t i = 0; i < width; ++i) {
            if (i == label_at) continue;
            const auto number = parse_number<float>(fields[i]);
            if (!number || !std::isfinite(*number))
                throw Error(text(name, ": line ", reader.line(), ", column ", i, ": '", fields[i].substr(0, 40),
                                 "' is no number"));
            table.numbers.push_back(*number);
        }
        if (fields[label_at].empty()) throw Error(text(name, ": line ", reader.line(), ": the label is empty"));
        table.labels.push_back(fields[label_at]);
    }
    if (table.labels.empty()) throw Error(text(name, ": there is a header but no row of data"));
    return table;
}

/// Rows of one window become one sample [window][columns]; a window whose rows have more than one label is left out.
inline CsvTable cut_windows(const CsvTable& rows, std::size_t window, std::size_t stride) {
    CsvTable out;
    out.name = rows.name;
    out.columns = window * rows.columns;
    for (std::size_t begin = 0; begin + window <= rows.labels.size(); begin += stride) {
        const auto first = rows.labels.begin() + std::ptrdiff_t(begin);
        if (!std::all_of(first, first + std::ptrdiff_t(window),
                         [&](const std::string& label) { return label == *first; }))
            continue;
        out.labels.push_back(*first);
        const auto numbers = rows.numbers.begin() + std::ptrdiff_t(begin * rows.columns);
        out.numbers.insert(out.numbers.end(), numbers, numbers + std::ptrdiff_t(out.columns));
    }
    if (out.labels.empty())
        throw Error(text(rows.name, ": no window of ", window, " rows has one label throughout; the file has ",
                         rows.labels.size(), " rows"));
    return out;
}

/// The different labels of all tables in the order of their classes: by number if all are whole numbers, else by name.
inline std::vector<std::string> csv_classes(const std::vector<CsvTable>& tables) {
    std::set<std::string> words;
    for (const CsvTable& table : tables) words.insert(table.labels.begin(), table.labels.end());
    if (words.size() > max_classes)
        throw Error(text(tables.front().name, ": the label column has ", words.size(), " different values, at most ",
                         max_classes, " are possible; is it the right column?"));
    std::vector<std::string> classes;
    bool numeric = true;
    for (const std::string& word : words) {
        classes.push_back(word);
        numeric = numeric && parse_number<std::int64_t>(word);
    }
    if (numeric) sort_words(classes, smaller_number);
    return classes;
}

/// A table as arrays: samples [rows][columns] and labels as indices of `classes`.
inline LabelledArrays arrays_from_csv(CsvTable table, Part part, const std::vector<std::string>& classes) {
    LabelledArrays arrays;
    arrays.part = part;
    std::map<std::string_view, std::uint8_t> index;
    for (std::size_t i = 0; i < classes.size(); ++i) index[classes[i]] = std::uint8_t(i);
    std::vector<std::uint8_t> labels;
    for (const std::string& label : table.labels) labels.push_back(index.at(label));
    arrays.samples = {table.name, {labels.size(), table.columns}, std::move(table.numbers)};
    arrays.labels = {table.name, {labels.size()}, std::move(labels)};
    return arrays;
}

} // namespace tinysparse::data
