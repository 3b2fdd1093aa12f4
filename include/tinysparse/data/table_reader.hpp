// SPDX-License-Identifier: Apache-2.0
// Reads CSV files, and arrays of recordings, into a TableSet: turns rows into numbers, treats missing values, and finds
// the columns that are time or an index.
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
#include "tinysparse/data/columns.hpp"
#include "tinysparse/data/csv.hpp"
#include "tinysparse/data/dataset.hpp"
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
        File file{path, format, CsvReader(content, path, format), {}, {}, {}, false};
        Table table;
        table.name = name;
        table.part = part;
        const std::uint32_t fixed_label = class_name ? set_.labels.index(*class_name) : Table::none;
        bool breaks = false, has_row = file.reader.next(file.fields, breaks);
        if (!has_row) throw Error(text(path, ": the file has no rows"));
        if (take_header(file, !class_name)) has_row = file.reader.next(file.fields, breaks);
        if (!has_row) throw Error(text(path, ": there is a header but no row of data"));
        if (set_.tables.empty() && format_note(format)) set_.notes.push_back(text(path, ": ", *format_note(format)));
        begin_recording(table);
        for (; has_row; has_row = file.reader.next(file.fields, breaks)) {
            if (breaks && table.rows() > table.recordings.back()) begin_recording(table);
            add_row(file, table, fixed_label);
        }
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
        note_roles();
        drop_counting_columns();
        return std::move(set_);
    }

  private:
    /// A file that is being read, and the places of its columns.
    struct File {
        const std::string& path;
        CsvFormat format;
        CsvReader reader;
        std::vector<std::string> fields;
        std::vector<std::size_t> from; ///< For each of columns_.names, its place in the rows of this file.
        std::vector<std::string> names;
        bool points = false; ///< A number with a decimal point was read.
    };

    /// Plans the columns from the first file.
    void plan(std::vector<std::string> names, bool header, bool needs_label, const std::string& path) {
        columns_ = plan_columns(request_, std::move(names), header, needs_label, path);
        trackers_.resize(columns_.names.size());
        ranges_.resize(columns_.names.size());
        first_path_ = path;
    }

    /// Takes the first row as header if it is one, and plans or compares the columns. Unless it returns true, the first
    /// row of data stays in file.fields.
    bool take_header(File& file, bool needs_label) {
        CsvReader ahead = file.reader;
        std::vector<std::string> second;
        bool breaks = false;
        ahead.next(second, breaks);
        const bool header = detail::is_header(file.fields, second, file.format, detail::asked_columns(request_));
        if (file.fields.size() > 1 && file.fields.back().empty() &&
            (second.size() < file.fields.size() || second.back().empty()))
            file.fields.pop_back(); // a separator ends every line
        if (file.fields.size() < (needs_label ? 2u : 1u))
            throw Error(text(file.path, ": line 1: one column, expected a label and at least one number; fields are "
                                        "separated by , ; or tabs, or by what a first line such as sep=| says"));
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
                trackers_[column].add(value);
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
        if (file.fields.size() != file.names.size())
            throw Error(text(file.path, ": line ", file.reader.line(), ": ", file.fields.size(),
                             " fields, the first row has ", file.names.size()));
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
            if (file.from[column] < file.fields.size()) track(column, field(column), file.format);
        if (columns_.group && label != Table::none && field(*columns_.group).empty())
            throw Error(text(place(file, *columns_.group), ": the group is empty"));
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
            trackers_[column].add(*number);
            table.numbers.push_back(float(*number));
            last_[column] = float(*number);
            return true;
        }
        if (!is_missing(field)) throw not_a_number(file, table, column, field);
        if (request_.missing == Missing::error) throw missing_value(file, column, field);
        trackers_[column].stop();
        if (request_.missing == Missing::skip || !last_[column]) return false;
        table.numbers.push_back(*last_[column]);
        return true;
    }

    Error not_a_number(const File& file, const Table& table, std::size_t column, const std::string& field) const {
        const std::string name = key_of(column);
        std::string cure = text("; skip=", name, " leaves the column out");
        if (columns_.is_answer(column)) cure = ", which task=regression asks for; leave task= out if it is a class";
        if (field.find(',') != field.npos && field.find('.') != field.npos)
            cure = "; write numbers without separators of thousands";
        else if (csv_number(field, !file.format.decimal_comma))
            cure = file.format.separator == ',' ? "; write it with a decimal point and without separators of thousands"
                                                : "; some numbers of the file have a decimal comma, some a point";
        else if (table.rows() > 0 && !columns_.is_answer(column))
            cure = text("; take this line out of the file, or the column with skip=", name);
        return Error(text(place(file, column), ": '", field.substr(0, 40), "' is not a number", cure));
    }

    void track(std::size_t column, const std::string& field, const CsvFormat& format) {
        if (const auto number = csv_number(field, format.decimal_comma))
            trackers_[column].add(*number);
        else
            trackers_[column].stop();
    }

    /// The column as a key of the request can name it: by name, or by number from 1.
    std::string key_of(std::size_t column) const {
        return columns_.names[column].empty() ? text(column + 1) : columns_.names[column];
    }
    std::string column_words(std::size_t column) const {
        return columns_.names[column].empty() ? name_of(column) : text("column ", columns_.names[column]);
    }
    std::string name_of(std::size_t column) const {
        return columns_.names[column].empty() ? text("column ", column + 1) : columns_.names[column];
    }

    void note_roles() {
        if (columns_.label) set_.notes.push_back(text("label: ", column_words(*columns_.label)));
        for (const std::size_t column : columns_.targets) {
            set_.targets.push_back(columns_.names[column]);
            set_.notes.push_back(text("number to answer: ", column_words(column)));
            warn_of_lost(column);
        }
        std::vector<std::string> names;
        for (const std::size_t column : columns_.left_out) names.push_back(name_of(column));
        if (!names.empty()) set_.notes.push_back(text("left out: ", join(names, ", ")));
    }

    /// Drops time and an index from the channels; with windows a column is time if it rises as time does.
    void drop_counting_columns() {
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < columns_.channels.size(); ++i) {
            const std::size_t column = columns_.channels[i];
            const StepTracker& tracker = trackers_[column];
            const bool is_index =
                column == 0 && columns_.names[0].empty() && (tracker.counts() || (columns_.header && tracker.whole()));
            const bool is_time = request_.window && tracker.step();
            if (!request_.columns.empty() || (!is_index && !is_time)) {
                kept.push_back(i);
                warn_of_channel(column);
            } else if (is_index) {
                set_.notes.push_back("column 1 has no name and was taken as an index and left out");
            } else {
                note_time(column, "rises at every row and was taken as time");
            }
        }
        for (const std::size_t column : columns_.times) note_time(column, "was taken as time");
        if (kept.empty())
            throw Error(text(first_path_, ": no column is left to be a channel; columns=NAME keeps one that rises"));
        for (const std::size_t i : kept) set_.channels.push_back(columns_.names[columns_.channels[i]]);
        if (kept.size() < columns_.channels.size())
            for (Table& table : set_.tables) table.keep_columns(kept, columns_.channels.size());
        std::vector<std::string> names;
        for (const std::size_t i : kept) names.push_back(name_of(columns_.channels[i]));
        set_.notes.push_back(text("channels: ", detail::column_list(names)));
    }

    /// Warns about columns that are probably not channels, or that 32-bit floats cannot hold.
    void warn_of_channel(std::size_t column) {
        const StepTracker& tracker = trackers_[column];
        const std::string key = key_of(column);
        const bool asked = !request_.columns.empty();
        if (!asked && (columns_.label || !columns_.targets.empty()) && detail::is_label_name(columns_.names[column]))
            set_.warnings.push_back(text(key, " is a channel, though its name is that of a label; skip=", key,
                                         " leaves it out, label=", key, " makes it the label"));
        else if (!asked && (tracker.counts() || tracker.step()))
            set_.warnings.push_back(
                text(key, " rises at every row like an index or time; skip=", key, " leaves it out"));
        warn_of_lost(column);
    }

    void warn_of_lost(std::size_t column) {
        if (ranges_[column].is_lost())
            set_.warnings.push_back(text(key_of(column), ": its differences are lost in numbers of 32 bits, with which "
                                                         "chips compute; subtract a constant from the column"));
    }

    void note_time(std::size_t column, std::string_view what) {
        const auto step = trackers_[column].step();
        const double unit = detail::time_unit(columns_.names[column], true).value_or(0);
        const auto rate = step ? rate_of(*step, unit, trackers_[column].first()) : std::nullopt;
        if (rate && !set_.sampling_rate) set_.sampling_rate = rate->hertz;
        set_.notes.push_back(text(name_of(column), " ", what, " and left out",
                                  rate ? text("; a step of ", significant(*step, 6), ", taken as ", rate->unit, ", is ",
                                              rate->hertz, " rows per second")
                                       : ""));
    }

    const Request& request_;
    TableSet set_;
    Columns columns_;
    std::vector<NumberRange> ranges_; ///< One for each column, like the trackers.
    std::vector<StepTracker> trackers_;
    std::vector<std::optional<float>> last_; ///< Last value of each column in this recording.
    std::string first_path_;
};

} // namespace tinysparse::data
