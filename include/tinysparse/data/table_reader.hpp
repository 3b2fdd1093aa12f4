// SPDX-License-Identifier: Apache-2.0
// Reads CSV files, and arrays of recordings, into a TableSet: finds the columns of each file, turns rows into numbers,
// and treats missing values.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/clock.hpp"
#include "tinysparse/data/columns.hpp"
#include "tinysparse/data/csv.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/open_table.hpp"
#include "tinysparse/data/settle_columns.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/table.hpp"
#include "tinysparse/data/texts.hpp"

namespace tinysparse::data {

/// Reads one file after another into a set. All have the columns of the first, in any order if they have names.
class TableReader {
  public:
    /// request: it must outlive this.
    explicit TableReader(const Request& request) : request_(request) {}

    /// `class_name`: the class of all rows, or no value if a column has it. Errors name file, line and column.
    void read(std::string_view bytes, const std::string& path, const std::string& name, std::optional<Part> part,
              const std::optional<std::string>& class_name) {
        const std::string converted = csv_text(bytes, path);
        std::string_view content = converted;
        const CsvFormat format = take_csv_format(content, path);
        File file{path, format, CsvReader(content, path, format)};
        Table table;
        table.name = name;
        table.part = part;
        const std::uint32_t fixed_label = class_name ? set_.labels.index(*class_name) : Table::none;
        bool breaks = false, has_row = file.reader.next(file.fields, breaks);
        if (!has_row) throw Error(text(path, ": the file has no rows"));
        if (take_header(file, !class_name)) has_row = file.reader.next(file.fields, breaks);
        if (!has_row) throw Error(text(path, ": there is a header but no row of data"));
        if (format.separator != ',') file.thousands.resize(columns_.names.size());
        begin_recording(table);
        for (; has_row; has_row = file.reader.next(file.fields, breaks)) {
            if (breaks && table.rows() > table.recordings.back()) begin_recording(table);
            add_row(file, table, fixed_label);
        }
        detail::check_thousands(file);
        note_format(file);
        set_.tables.push_back(std::move(table));
    }

    /// A recording as an array, [time] or [time][channels]; its columns have no names.
    void read_array(const Array& array, const std::string& name, std::optional<Part> part,
                    const std::optional<std::string>& class_name) {
        const std::vector<std::size_t>& d = array.dimensions;
        const std::size_t width = d.size() == 2 ? d[1] : 1;
        if (d.empty() || d.size() > 2 || d[0] * width == 0)
            throw Error(text(array.name, ": the array is ", detail::dimensions_text(d),
                             ", expected a recording of time or of time x channels"));
        if (!class_name) throw Error(text(array.name, ": which class is it? An array has no label column"));
        if (detail::groups_by_column(request_))
            throw Error(text(array.name, ": group=", request_.group,
                             ": an array has no column that is a group; group= "
                             "takes file, or a pattern for the names of files"));
        if (set_.tables.empty()) plan(std::vector<std::string>(width), false, false, array.name);
        if (columns_.names.size() != width || columns_.header)
            throw Error(text(array.name, ": the array has ", width, " channels, ", first_path_, " has ",
                             columns_.names.size(), columns_.header ? " with names" : ""));
        Table table;
        table.name = name;
        table.part = part;
        begin_recording(table);
        const std::uint32_t label = set_.labels.index(*class_name);
        std::visit([&](const auto& items) { add_items(items, width, label, table, array.name); }, array.items);
        set_.tables.push_back(std::move(table));
    }

    /// The set after all files are read, without the columns that were found to be time or an index.
    TableSet finish() {
        detail::ColumnSettler(request_, columns_, trackers_, ranges_, first_path_, set_).settle();
        if (held_.count > 0)
            set_.notes.push_back(text(held_.count, held_.count == 1 ? " value" : " values",
                                      " repeated by missing=hold, at most ", held_.longest, " in a row (", held_.place,
                                      ")"));
        return std::move(set_);
    }

  private:
    using File = detail::OpenTable;

    /// Values that missing=hold has repeated, and the longest run of them.
    struct Held {
        std::size_t count = 0, longest = 0;
        std::string place;
    };

    /// Plans the columns from the first file.
    void plan(std::vector<std::string> names, bool header, bool needs_label, const std::string& path) {
        columns_ = plan_columns(request_, std::move(names), header, needs_label, path);
        for (std::size_t i = 0; i < columns_.names.size(); ++i)
            trackers_.emplace_back(std::find(columns_.times.begin(), columns_.times.end(), i) != columns_.times.end());
        ranges_.resize(columns_.names.size());
        first_path_ = path;
    }

    /// Takes the first row as header if it is one, and plans or compares the columns. Unless it returns true, the first
    /// row of data stays in file.fields.
    bool take_header(File& file, bool needs_label) {
        file.comment = detail::is_comment(file.fields);
        CsvReader ahead = file.reader;
        std::vector<std::string> second;
        bool breaks = false;
        ahead.next(second, breaks);
        const bool header = detail::is_header(file.fields, second, file.format, detail::asked_columns(request_));
        if (file.fields.size() > 1 && file.fields.back().empty() &&
            (second.size() < file.fields.size() || second.back().empty()))
            file.fields.pop_back(); // a separator ends every line
        if (file.fields.size() < (needs_label ? 2u : 1u))
            throw Error(file.comment ? text(file.path, ": line ", file.reader.line(),
                                            ": a comment; comments are not read, take it out of the file")
                                     : text(file.path, ": line 1: one column, expected a label and at least one "
                                                       "number; fields are separated by , ; or tabs, or by what a "
                                                       "first line such as sep=| says"));
        for (std::string& name : file.fields)
            if (header && name.starts_with("Unnamed: ")) name.clear(); // an index that pandas wrote
        file.names = header ? file.fields : std::vector<std::string>(file.fields.size());
        file.from.resize(file.names.size());
        for (std::size_t i = 0; i < file.from.size(); ++i) file.from[i] = i;
        if (set_.tables.empty())
            plan(file.names, header, needs_label, file.path);
        else
            match_columns(file, header);
        return header;
    }

    /// Finds the columns of the first file in this one, by name if both have headers.
    void match_columns(File& file, bool header) {
        const auto refuse = [&](std::string_view why) {
            return Error(text(
                file.path, ": ", why, "; its columns are ",
                header ? detail::column_list(file.names) : text("1 to ", file.names.size()), ", those of ", first_path_,
                " are ", columns_.header ? detail::column_list(columns_.names) : text("1 to ", columns_.names.size())));
        };
        if (header != columns_.header) throw refuse(header ? "the file has a header" : "the file has no header");
        if (!header) {
            if (file.names.size() != columns_.names.size()) throw refuse("the columns differ in number");
            return;
        }
        file.from.clear();
        for (std::size_t i = 0; i < columns_.names.size(); ++i) {
            const std::string& name = columns_.names[i];
            const auto at = std::find(file.names.begin(), file.names.end(), name);
            if (at == file.names.end() && columns_.label == i)
                throw refuse(text("there is no column ", name, ", and without labels nothing can be judged: give ",
                                  first_path_, " alone as the data"));
            if (at == file.names.end() && is_used(i)) throw refuse(text("there is no column ", name));
            file.from.push_back(std::size_t(at - file.names.begin()));
        }
        if (file.names.size() > columns_.names.size())
            set_.notes.push_back(
                text(file.path, ": it has columns that ", first_path_, " has not; they were left out"));
    }

    template <class Item>
    void add_items(const std::vector<Item>& items, std::size_t width, std::uint32_t label, Table& table,
                   const std::string& name) {
        for (std::size_t row = 0; row < items.size() / width; ++row) {
            for (const std::size_t column : columns_.channels) {
                const double value = double(items[row * width + column]);
                if (!std::isfinite(value))
                    throw Error(
                        text(name, ": row ", row + 1, ", column ", column + 1, ": ", value, " is not a finite number"));
                trackers_[column].add(value, std::uint32_t(row));
                table.numbers.push_back(float(value));
            }
            table.labels.push_back(label);
            table.lines.push_back(std::uint32_t(row + 1));
        }
    }

    bool is_used(std::size_t column) const {
        return columns_.is_answer(column) || column == columns_.group ||
               std::find(columns_.channels.begin(), columns_.channels.end(), column) != columns_.channels.end();
    }

    void begin_recording(Table& table) {
        table.recordings.push_back(table.rows());
        for (StepTracker& tracker : trackers_) tracker.begin_recording();
        last_.assign(columns_.names.size(), std::nullopt);
        run_.assign(columns_.names.size(), {});
    }

    std::string place(const File& file, std::size_t column) const {
        return text(file.path, ": line ", file.reader.line(), ", ", detail::column_text(columns_.names, column));
    }

    /// A field that is a name. Throws Error if it has a control character.
    const std::string& name_in(const File& file, std::size_t column) const {
        const std::string& word = file.fields[file.from[column]];
        if (control_character(word)) check_text(word, place(file, column));
        return word;
    }

    void add_row(File& file, Table& table, std::uint32_t fixed_label) {
        if (file.fields.size() == file.names.size() + 1 && file.fields.back().empty()) file.fields.pop_back();
        if (file.fields.size() != file.names.size()) throw detail::wrong_width(file);
        const auto field = [&](std::size_t column) -> const std::string& { return file.fields[file.from[column]]; };
        std::uint32_t label = fixed_label;
        if (columns_.label) {
            const std::string& word = name_in(file, *columns_.label);
            label = is_no_label(word) ? Table::none : set_.labels.index(word);
        }
        if (!columns_.targets.empty()) label = add_targets(file, table) ? set_.labels.index("") : Table::none;
        table.unlabelled += label == Table::none;
        const std::size_t begin = table.numbers.size();
        for (const std::size_t column : columns_.channels)
            if (!add_number(file, table, column, field(column))) {
                table.missing += label != Table::none;
                label = Table::none;
                table.numbers.resize(begin + columns_.channels.size());
                break;
            }
        for (const std::size_t column : columns_.times)
            if (file.from[column] < file.fields.size())
                track(column, field(column), file.format, std::uint32_t(table.rows()));
        if (columns_.group && label != Table::none && field(*columns_.group).empty()) {
            if (request_.missing == Missing::error)
                throw Error(text(place(file, *columns_.group),
                                 ": the group is empty; fill it in, or skip such rows with missing=skip"));
            ++table.missing;
            label = Table::none;
        }
        if (columns_.group) table.groups.push_back(set_.groups.index(name_in(file, *columns_.group)));
        table.labels.push_back(label);
        table.lines.push_back(std::uint32_t(file.reader.line()));
    }

    /// The number in a field; no value if it is not a number.
    std::optional<double> number_in(File& file, std::size_t column, const std::string& field) {
        auto number = csv_number(field, file.format.decimal_comma);
        file.points = file.points || (number && field.find('.') != field.npos);
        if (!number && file.format.separator != ',' && !file.points && csv_number(field, true)) {
            file.format.decimal_comma = true; // all numbers before were whole
            number = csv_number(field, true);
        }
        if (!number) return number;
        if (!file.thousands.empty()) file.thousands[column].add(field, file.reader.line());
        if (std::abs(*number) > 3e38)
            throw Error(text(place(file, column), ": ", field, " is too large for a number of 32 bits"));
        ranges_[column].add(*number);
        return number;
    }

    Error missing_value(const File& file, std::size_t column, const std::string& field) const {
        return Error(text(place(file, column), ": ",
                          field.empty() ? "the value is missing" : text("'", field, "' is a missing value"),
                          "; skip such rows with missing=skip",
                          columns_.is_answer(column) ? "" : ", or repeat the value before with missing=hold"));
    }

    /// False if the row must be skipped because a target number is missing.
    bool add_targets(File& file, Table& table) {
        std::size_t at = table.targets.size();
        table.targets.resize(at + columns_.targets.size());
        for (const std::size_t column : columns_.targets) {
            const std::string& field = file.fields[file.from[column]];
            const auto number = number_in(file, column, field);
            if (!number && !is_missing(field)) throw not_a_number(file, table, column, field);
            if (!number && request_.missing == Missing::error) throw missing_value(file, column, field);
            if (!number) return false;
            table.targets[at++] = float(*number);
        }
        return true;
    }

    /// False if the row must be skipped because this value is missing.
    bool add_number(File& file, Table& table, std::size_t column, const std::string& field) {
        if (const auto number = number_in(file, column, field)) {
            trackers_[column].add(*number, std::uint32_t(table.rows()));
            table.numbers.push_back(float(*number));
            last_[column] = float(*number);
            if (run_[column].count > 0) run_[column] = {};
            return true;
        }
        if (!is_missing(field)) throw not_a_number(file, table, column, field);
        if (request_.missing == Missing::error) throw missing_value(file, column, field);
        trackers_[column].stop();
        if (request_.missing == Missing::skip || !last_[column]) return false;
        table.numbers.push_back(*last_[column]);
        Held& run = run_[column];
        if (++run.count == 1) run.place = text(file.path, ", line ", file.reader.line());
        ++held_.count;
        if (run.count > held_.longest) {
            held_.longest = run.count;
            held_.place = run.place;
        }
        return true;
    }

    Error not_a_number(const File& file, const Table& table, std::size_t column, const std::string& field) const {
        const std::string name = detail::key_of(columns_.names, column);
        std::string cure = text("; skip=", name, " leaves the column out");
        if (!columns_.is_answer(column) && columns_.label && detail::is_label_name(name))
            cure += text(", label=", name, " makes it the label in place of ",
                         detail::key_of(columns_.names, *columns_.label));
        if (columns_.is_answer(column)) cure = ", which task=regression asks for; leave task= out if it is a class";
        if (field.find(',') != field.npos && field.find_first_of(".,") != field.find_last_of(".,"))
            cure = "; write numbers without separators of thousands";
        else if (is_infinite(field))
            cure = "; leave the field empty if the value is missing";
        else if (csv_number(field, !file.format.decimal_comma))
            cure = file.format.separator == ',' ? "; write it with a decimal point and without separators of thousands"
                                                : "; some numbers of the file have a decimal comma, some a point";
        else if (table.rows() == 0 && columns_.header && detail::holds_units(file, columns_.channels))
            cure = "; the line holds no numbers: if it holds units, take it out of the file";
        else if (table.rows() > 0 && !columns_.is_answer(column))
            cure = text("; take this line out of the file, or the column with skip=", name);
        return Error(text(place(file, column), ": '", field.substr(0, 40), "' is not a ",
                          is_infinite(field) ? "finite " : "", "number", cure));
    }

    void track(std::size_t column, const std::string& field, const CsvFormat& format, std::uint32_t row) {
        if (const auto number = csv_number(field, format.decimal_comma))
            trackers_[column].add(*number, row);
        else if (!is_missing(field))
            trackers_[column].stop();
    }

    /// Notes the separators and decimal commas of a file, if no file before had the same.
    void note_format(const File& file) {
        const auto note = format_note(file.format);
        if (!note || std::find(formats_.begin(), formats_.end(), *note) != formats_.end()) return;
        formats_.push_back(*note);
        set_.notes.push_back(text(file.path, ": ", *note));
    }

    const Request& request_;
    TableSet set_;
    Columns columns_;
    std::vector<NumberRange> ranges_; ///< One for each column, like the trackers.
    std::vector<StepTracker> trackers_;
    std::vector<std::optional<float>> last_; ///< Last value of each column in this recording.
    std::vector<Held> run_;                  ///< Values of each column that were repeated since.
    Held held_;                              ///< Over all columns.
    std::vector<std::string> formats_;       ///< Notes on formats that were made.
    std::string first_path_;
};

} // namespace tinysparse::data
