// SPDX-License-Identifier: Apache-2.0
// From tables and recordings (CSV, and .npy with windows) to a data set: finds the roles of the columns, the classes,
// and the channels and moments of a sample.
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
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/group_doubt.hpp"
#include "tinysparse/data/gzip.hpp"
#include "tinysparse/data/layout.hpp"
#include "tinysparse/data/npy.hpp"
#include "tinysparse/data/recordings.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/table.hpp"
#include "tinysparse/data/table_reader.hpp"

namespace tinysparse::data::detail {

/// The stem, if all names are one stem with numbers counting up from 0 or 1: t0, t1 ..., or 0, 1 ...; else no value.
inline std::optional<std::string> running_stem(const std::vector<std::string>& names) {
    std::optional<std::string> stem;
    std::size_t first = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::size_t at = names[i].size();
        while (at > 0 && names[i][at - 1] >= '0' && names[i][at - 1] <= '9') --at;
        const auto number = parse_number<std::size_t>(std::string_view(names[i]).substr(at));
        if (i == 0) {
            stem = names[i].substr(0, at);
            first = number.value_or(2);
        }
        if (first > 1 || !number || *number != first + i || names[i].substr(0, at) != *stem) return std::nullopt;
    }
    return stem;
}

/// The layout of the numbers of a sample, and the sentence that describes it.
struct SampleShape {
    std::optional<Shape> shape;
    std::optional<Layout> layout;
    bool named_channels = false; ///< Channels are the columns.
    std::string note;
};

/// The note that the numbers of a sample are moments, with the keys that read them otherwise.
inline std::string moments_note(std::string_view numbers, std::size_t count) {
    const int side = int(std::lround(std::sqrt(double(count))));
    return text("the ", numbers, " are moments of one channel; shape=", count, "x1x1 makes channels",
                side >= 8 && std::size_t(side) * std::size_t(side) == count
                    ? text(", shape=", side, "x", side, " pictures")
                    : "");
}

/// With a window, channels are columns and moments are rows. Without one, columns of one stem with running numbers (and
/// columns without names) are moments of one channel; pixel0 ... of a square number are a picture; other columns are
/// channels of one position. shape= and layout= override this.
inline SampleShape sample_shape(const Request& request, const TableSet& set) {
    const std::size_t count = set.channels.size();
    if (request.window) {
        if (request.shape || request.layout) fail_spec(request, "window= says the shape; leave shape= and layout= out");
        return {Shape{int(count), int(*request.window), 1}, Layout::ntc, true, ""};
    }
    if (request.shape) return {request.shape, request.layout, request.shape->channels == int(count), ""};
    if (request.layout) fail_spec(request, "layout= is for arrays; for tables shape= says channels and moments");
    const std::optional<std::string> stem = running_stem(set.channels);
    const bool nameless =
        std::all_of(set.channels.begin(), set.channels.end(), [](const std::string& name) { return name.empty(); });
    const std::string numbers = text(count, " numbers of a row");
    if (!stem && !nameless)
        return {
            Shape{int(count), 1, 1}, std::nullopt, true,
            text("each of the ", count, " columns is a channel; shape=1x", count, "x1 makes moments of one channel")};
    const int side = int(std::lround(std::sqrt(double(count))));
    if (stem && lower_case(*stem) == "pixel" && std::size_t(side) * std::size_t(side) == count) {
        const auto is_pixel = [](float v) { return v >= 0 && v <= 255 && v == std::floor(v); };
        if (std::all_of(set.tables.begin(), set.tables.end(), [&](const Table& table) {
                return std::all_of(table.numbers.begin(), table.numbers.end(), is_pixel);
            }))
            return {Shape{1, side, side}, std::nullopt, false,
                    text("the ", numbers, " are pictures of ", side, "x", side)};
    }
    return {Shape{1, int(count), 1}, std::nullopt, false, moments_note(numbers, count)};
}

/// The columns of a CSV file as its first rows tell: their names, and whether the first row is a header.
inline Columns first_columns(const Request& request, std::string_view bytes, const std::string& path) {
    const std::string converted = csv_text(bytes, path);
    std::string_view content = converted;
    const CsvFormat format = take_csv_format(content, path);
    CsvReader reader(content, path, format);
    Columns columns;
    std::vector<std::string> second;
    bool breaks = false;
    if (!reader.next(columns.names, breaks)) throw Error(text(path, ": the file has no rows"));
    reader.next(second, breaks);
    columns.header = is_header(columns.names, second, format, asked_columns(request));
    return columns;
}

/// Whether a CSV file has a label column, by label= or by its first rows. If the folder may be the class, a column y
/// does not count: it may be an axis of a sensor.
inline bool has_label_column(const Request& request, const std::string& path, bool in_class_folder) {
    if (!request.label.empty()) return true;
    if (understand_name(path).kind != FileKind::csv) return false;
    const Columns columns = first_columns(request, read_data_file(path), path);
    const std::optional<std::size_t> label = label_column(columns, request, path);
    if (!label || std::find(request.skip.begin(), request.skip.end(), columns.names[*label]) != request.skip.end())
        return false;
    return !in_class_folder || is_label_name(columns.names[*label]);
}

inline void read_table(TableReader& reader, const TableFile& file) {
    const std::string content = read_data_file(file.path);
    if (looks_like_npy(content))
        reader.read_array(parse_npy(content, file.path), file.name, file.part, file.class_name);
    else
        reader.read(content, file.path, file.name, file.part, file.class_name);
}

/// The choice among the labels of all rows, as TableSet::labels counts them. Target numbers form one class.
inline ClassChoice choose_table_classes(const TableSet& set, const Request& request) {
    const std::vector<std::string>& words = set.labels.all();
    if (words.empty()) throw Error(text(set.tables.front().name, ": no row has a label"));
    if (request.regression) return {{""}, {0}};
    const std::vector<std::string> ordered = ordered_classes(words);
    if (request.classes.empty() && request.merge.empty()) check_class_count(ordered.size(), set.tables.front().name);
    check_not_measured(ordered, set.tables.front().name);
    ClassChoice choice = choose_classes(ordered, request.merge, request.classes);
    check_class_count(choice.names.size(), set.tables.front().name);
    std::vector<int> of_word;
    for (const std::string& word : words)
        of_word.push_back(choice.of[std::size_t(std::find(ordered.begin(), ordered.end(), word) - ordered.begin())]);
    choice.of = std::move(of_word);
    return choice;
}

/// "idle (6 files), wave (5 files)"
inline std::string classes_by_file(const TableLayout& layout) {
    std::map<std::string, std::size_t> files;
    for (const TableFile& file : layout.files) ++files[*file.class_name];
    std::vector<std::string> pieces;
    for (const auto& [name, count] : files)
        pieces.push_back(text(name, " (", count, count == 1 ? " file)" : " files)"));
    if (pieces.size() > 12) pieces.resize(12);
    return join(pieces, ", ") + (files.size() > 12 ? " ..." : "");
}

inline void name_channels(Dataset& set, const TableSet& tables, const SampleShape& shape) {
    if (!set.is_series()) return;
    if (shape.named_channels)
        for (std::size_t c = 0; c < set.channels.size(); ++c) set.channels[c].name = tables.channels[c];
    else if (set.channels.size() == 1)
        set.channels[0].name = running_stem(tables.channels).value_or("");
}

/// The lines of the file of groups=, without an empty last one.
inline std::vector<std::string> group_lines(const Request& request, const std::string& folder) {
    if (request.groups.empty()) return {};
    const std::string content = read_file(path_in(folder, request.groups), std::uint64_t{1} << 28);
    std::vector<std::string> lines = split(content, '\n');
    for (std::string& line : lines)
        if (line.ends_with('\r')) line.pop_back();
    if (lines.back().empty()) lines.pop_back();
    return lines;
}

/// Adds notes on the folders and files beside the tables that were not read.
inline void note_left_out(const TableLayout& layout, Dataset& set) {
    for (const std::string& folder_left : layout.left_out)
        set.warnings.push_back(
            text(folder_left, ": this folder was left out, since it holds no tables where the others do"));
    for (const auto& [ending, count] : layout.other_files)
        set.notes.push_back(text(count, ending.empty() ? " other" : " ", ending, count == 1 ? " file" : " files",
                                 " left out, not being tables"));
}

/// Adds a warning if recordings seem to be read row by row: several files with many rows, each row a sample.
inline void note_missing_window(const Request& request, std::size_t rows, Dataset& set) {
    constexpr std::size_t files_of_parts = 3, rows_of_recording = 32;
    if (request.window || set.files.size() <= files_of_parts || rows < rows_of_recording * set.files.size()) return;
    set.warnings.push_back(text("each row is a sample, ", rows, " in ", set.files.size(),
                                " files; if these are recordings, window=ROWS cuts them into samples"));
}

/// Notes on what was read: where the classes come from, then those of the tables, the shape and the pieces.
inline std::vector<std::string> table_notes(const TableLayout& layout, const TableSet& tables, const SampleShape& shape,
                                            const Pieces& pieces) {
    std::vector<std::string> notes;
    if (layout.classes != TableLayout::Classes::column)
        notes.push_back(text(layout.classes == TableLayout::Classes::folder ? "classes by folder: "
                                                                            : "classes by the names of the files: ",
                             classes_by_file(layout)));
    else if (std::any_of(layout.files.begin(), layout.files.end(),
                         [](const TableFile& file) { return !file.part && file.name.find('/') != std::string::npos; }))
        notes.push_back("the label column says the class, not the folder; skip= with its name makes it the folder");
    notes.insert(notes.end(), tables.notes.begin(), tables.notes.end());
    if (!shape.note.empty()) notes.push_back(shape.note);
    notes.insert(notes.end(), pieces.notes.begin(), pieces.notes.end());
    return notes;
}

/// The set made from the files of a layout. `folder`: place of the file of groups=.
inline Dataset read_tables(const Request& request, const std::string& folder, const TableLayout& layout) {
    refuse_keys(request, {"images", "labels", "split"}, "is for arrays; a table holds its labels");
    if (!request.window) refuse_keys(request, {"stride"}, "needs window= too");
    if (request.regression && layout.classes != TableLayout::Classes::column)
        fail_spec(request, "task=regression needs a column with the target numbers; label= says which");
    TableReader reader(request);
    for (const bool first : {true, false}) // the training files decide the roles of the columns
        for (const TableFile& file : layout.files)
            if ((file.part.value_or(Part::train) == Part::train) == first) read_table(reader, file);
    const TableSet tables = reader.finish();
    const SampleShape shape = sample_shape(request, tables);
    const ClassChoice classes = choose_table_classes(tables, request);
    const Pieces pieces =
        cut_pieces(tables, classes, request, grouping_of(tables, request), group_lines(request, folder));
    if (request.window)
        check_bytes(request, text("window=", *request.window), pieces.all.size(),
                    *request.window * tables.channels.size() * sizeof(float),
                    "take a shorter window, or a larger stride=");
    Dataset set = dataset_from_arrays(arrays_from_pieces(tables, pieces, request.window.value_or(1)), shape.layout,
                                      shape.shape, request.regression);
    if (!request.regression) set.class_names = classes.names;
    for (std::size_t k = 0; k < set.quantities.size(); ++k) set.quantities[k].name = tables.targets[k];
    set.group_names = pieces.groups.all();
    set.groups_follow = pieces.grouping == Grouping::stretch;
    if (tables.sampling_rate)
        refuse_keys(request, {"rate"},
                    text("is not needed: by a column of time, the data have ", *tables.sampling_rate,
                         " rows per second; leave rate= out, or that column with skip="));
    set.sampling_rate = tables.sampling_rate ? tables.sampling_rate : request.rate;
    name_channels(set, tables, shape);
    for (const Table& table : tables.tables) set.files.push_back(table.name);
    const std::vector<std::string> notes = table_notes(layout, tables, shape, pieces);
    set.notes.insert(set.notes.begin(), notes.begin(), notes.end());
    set.warnings = tables.warnings;
    if (request.group.empty() && pieces.grouping == Grouping::recording)
        if (const auto doubt = group_doubt(set.files)) set.warnings.push_back(*doubt);
    note_missing_window(request, pieces.all.size(), set);
    note_left_out(layout, set);
    if (const auto twins = twin_classes(set.class_names))
        set.warnings.push_back(text("the classes ", twins->first, " and ", twins->second,
                                    " are most likely one; merge=", twins->first, ":", twins->first, "+", twins->second,
                                    " makes them so"));
    return set;
}

} // namespace tinysparse::data::detail
