// SPDX-License-Identifier: Apache-2.0
// Samples of tables: rows, or windows of rows that lie in one recording and one stretch of a label and start where it
// starts, each with its group. Rows that fill no sample are counted.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/columns.hpp"
#include "tinysparse/data/glob.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/table.hpp"

namespace tinysparse::data {

/// A sample: `window` rows of a table from `row` on, or one row.
struct Piece {
    std::uint32_t table = 0, row = 0, group = 0; ///< table and group: index into TableSet::tables and Pieces::groups.
    std::uint8_t label = 0;                      ///< Index into the set's labels.
};

/// The group of a sample; samples of one group stay in one part.
enum class Grouping : std::uint8_t { independent, stretch, recording, file, column, pattern, list };

/// The samples of a set of tables.
struct Pieces {
    std::vector<Piece> all; ///< Table after table, row after row.
    Words groups;
    Grouping grouping = Grouping::independent;
    std::vector<std::string> notes; ///< Number of skipped rows and the reasons, one sentence each.
};

/// How samples are grouped: as group= and groups= state, else by recording if a part has several. Otherwise windows of
/// one recording are grouped by stretch of a label, and rows of one table are independent.
inline Grouping grouping_of(const TableSet& set, const Request& request) {
    if (!request.groups.empty()) return Grouping::list;
    if (request.group == "file") return Grouping::file;
    if (request.group == "recording") return Grouping::recording;
    if (detail::groups_by_column(request)) return Grouping::column;
    if (!request.group.empty()) return Grouping::pattern;
    std::size_t most_recordings = 0;
    for (const std::optional<Part> part : {std::optional<Part>(), std::optional(Part::train),
                                           std::optional(Part::validation), std::optional(Part::test)}) {
        std::size_t recordings = 0;
        for (const Table& table : set.tables)
            if (table.part == part) recordings += table.recordings.size();
        most_recordings = std::max(most_recordings, recordings);
    }
    if (most_recordings > 1) return Grouping::recording;
    return request.window ? Grouping::stretch : Grouping::independent;
}

namespace detail {

/// Cuts the tables into pieces; one object per call of cut_pieces().
class Cutter {
  public:
    Cutter(const TableSet& set, const ClassChoice& choice, const Request& request, std::vector<std::string> lines)
        : set_(set), choice_(choice), request_(request), lines_(std::move(lines)), longest_(choice.names.size()),
          made_(choice.names.size()) {
        if (!request.group.empty() && request.group.find_first_of("*(") != std::string::npos)
            glob_.emplace(request.group);
    }

    Pieces cut(Grouping grouping) {
        pieces_.grouping = grouping;
        check_list();
        for (std::size_t t = 0; t < set_.tables.size(); ++t) {
            const Table& table = set_.tables[t];
            if (glob_ && !(file_group_ = glob_->group(table.name)))
                throw Error(text(table.name, ": the file does not match group=", request_.group));
            unlabelled_ += table.unlabelled;
            missing_ += table.missing;
            for (std::size_t r = 0; r < table.recordings.size(); ++r, ++recording_) cut_recording(t, r);
        }
        check_classes();
        note_left_out();
        return std::move(pieces_);
    }

  private:
    /// A run of rows of one class, one recording and one group.
    struct Stretch {
        std::size_t table, recording, begin, end;
        std::uint8_t label;
        std::size_t rows() const { return end - begin; }
    };
    struct Longest {
        std::size_t rows = 0, line = 0;
        std::string file;
    };

    int class_of(const Table& table, std::size_t row) const {
        return table.labels[row] == Table::none ? -1 : choice_.of[table.labels[row]];
    }

    void cut_recording(std::size_t t, std::size_t recording) {
        const Table& table = set_.tables[t];
        const std::size_t end = table.recording_end(recording);
        for (std::size_t row = table.recordings[recording]; row < end;) {
            const int label = class_of(table, row);
            std::size_t next = row + 1;
            const auto goes_on = [&](std::size_t i) {
                return class_of(table, i) == label && (table.groups.empty() || table.groups[i] == table.groups[row]);
            };
            while (next < end && goes_on(next)) ++next;
            if (label >= 0)
                cut_stretch({t, recording, row, next, std::uint8_t(label)});
            else
                for (std::size_t i = row; i < next; ++i) other_classes_ += table.labels[i] != Table::none;
            row = next;
        }
    }

    void cut_stretch(const Stretch& stretch) {
        const Table& table = set_.tables[stretch.table];
        const std::size_t window = request_.window.value_or(1), step = request_.stride.value_or(window);
        Longest& longest = longest_[stretch.label];
        if (stretch.rows() > longest.rows) longest = {stretch.rows(), table.lines[stretch.begin], table.name};
        if (stretch.rows() < window) {
            ++short_stretches_;
            short_rows_ += stretch.rows();
            return;
        }
        std::size_t covered = stretch.begin, row = stretch.begin;
        for (; row + window <= stretch.end; row += step) {
            pieces_.all.push_back(
                {std::uint32_t(stretch.table), std::uint32_t(row), group_of(stretch, row), stretch.label});
            if (row > covered) between_rows_ += row - covered;
            covered = row + window;
        }
        const std::size_t end = std::clamp(row, covered, stretch.end); // rows before it are skipped by the stride
        between_rows_ += end - covered;
        end_rows_ += stretch.end - end;
        ++made_[stretch.label];
    }

    std::uint32_t group_of(const Stretch& stretch, std::size_t row) {
        const Table& table = set_.tables[stretch.table];
        switch (pieces_.grouping) {
        case Grouping::independent:
            return 0;
        case Grouping::file:
            return pieces_.groups.index(table.name);
        case Grouping::pattern:
            return pieces_.groups.index(*file_group_);
        case Grouping::column:
            return pieces_.groups.index(set_.groups.all()[table.groups[row]]);
        case Grouping::list:
            return pieces_.groups.index(lines_[lines_.size() == recordings() ? recording_ : pieces_.all.size()]);
        case Grouping::recording:
            return pieces_.groups.index(table.recordings.size() > 1 ? text(table.name, "#", stretch.recording + 1)
                                                                    : table.name);
        case Grouping::stretch:
            break;
        }
        return pieces_.groups.index(
            text(table.name, " lines ", table.lines[stretch.begin], " to ", table.lines[stretch.end - 1]));
    }

    std::size_t recordings() const {
        std::size_t count = 0;
        for (const Table& table : set_.tables) count += table.recordings.size();
        return count;
    }

    void check_list() const {
        if (pieces_.grouping != Grouping::list || lines_.size() == recordings()) return;
        std::size_t rows = 0;
        for (const Table& table : set_.tables)
            for (std::size_t row = 0; row < table.rows(); ++row) rows += class_of(table, row) >= 0;
        if (request_.window || lines_.size() != rows)
            throw Error(text(request_.groups, ": ", lines_.size(), " lines; expected one for each of the ",
                             recordings(), " recordings",
                             request_.window ? "" : text(", or of the ", rows, " samples")));
    }

    void check_classes() const {
        for (std::size_t c = 0; c < made_.size(); ++c) {
            if (made_[c] > 0) continue;
            const bool classes = !request_.regression;
            const std::string start = classes ? text("class ", choice_.names[c], ": ") : "";
            if (longest_[c].rows == 0)
                throw Error(classes ? text(start, "none of its rows has all values; leave the class out with classes=")
                                    : "no row has all values and a number to answer");
            throw Error(text(start, "no window of ", *request_.window, " rows lies in one ",
                             classes ? "stretch of it; its longest stretch has " : "recording; the longest has ",
                             longest_[c].rows, longest_[c].rows == 1 ? " row (" : " rows (", longest_[c].file,
                             ", line ", longest_[c].line, "); use a shorter window",
                             classes ? ", or leave the class out with classes=" : "",
                             recordings() > set_.tables.size()
                                 ? text("; blank lines part the files into ", recordings(), " recordings")
                             : longest_[c].rows < *request_.window && set_.channels.size() >= *request_.window
                                 ? text("; it has ", set_.channels.size(),
                                        " columns: if these are moments, transpose it, so that each row is a moment")
                                 : ""));
        }
    }

    void note_left_out() {
        const auto note = [&](std::size_t rows, const std::string& why) {
            if (rows > 0) pieces_.notes.push_back(text(rows, rows == 1 ? " row " : " rows ", why));
        };
        note(unlabelled_, "without a label left out");
        note(missing_, "with missing values left out");
        note(other_classes_, "of other classes left out");
        note(short_rows_,
             text("left out, in ", short_stretches_, " stretches of a label that are shorter than a window"));
        note(end_rows_, "left out at the ends of stretches, where they fill no window");
        note(between_rows_, "left out between windows, since stride is larger than window");
    }

    const TableSet& set_;
    const ClassChoice& choice_;
    const Request& request_;
    std::vector<std::string> lines_; ///< Lines of the file that groups= names.
    Pieces pieces_;
    std::optional<Glob> glob_;
    std::optional<std::string> file_group_;
    std::size_t recording_ = 0;     ///< Counted over all tables.
    std::vector<Longest> longest_;  ///< Longest stretch of each class.
    std::vector<std::size_t> made_; ///< Stretches of each class that produced samples.
    std::size_t unlabelled_ = 0, missing_ = 0, other_classes_ = 0, short_rows_ = 0, short_stretches_ = 0, end_rows_ = 0,
                between_rows_ = 0;
};

} // namespace detail

/// The rows or windows (request.window, request.stride) of the chosen classes. `lines`: content of the file of groups=.
/// Throws Error if a class loses all its windows, or if lines or pattern do not fit.
inline Pieces cut_pieces(const TableSet& set, const ClassChoice& choice, const Request& request, Grouping grouping,
                         std::vector<std::string> lines = {}) {
    return detail::Cutter(set, choice, request, std::move(lines)).cut(grouping);
}

/// The pieces as arrays, one for each part that has some: samples [pieces][window * channels], and labels [pieces], or
/// the target numbers at the last row of each, [pieces][targets].
inline std::vector<LabelledArrays> arrays_from_pieces(const TableSet& set, const Pieces& pieces, std::size_t window) {
    std::vector<LabelledArrays> parts;
    const std::size_t width = window * set.channels.size();
    for (const Part part : {Part::train, Part::validation, Part::test}) {
        LabelledArrays arrays;
        arrays.part = part;
        std::vector<float> numbers, targets;
        std::vector<std::uint8_t> labels;
        for (const Piece& piece : pieces.all) {
            const Table& table = set.tables[piece.table];
            if (table.part.value_or(Part::train) != part) continue;
            if (labels.empty()) arrays.samples.name = arrays.labels.name = table.name;
            const auto begin = table.numbers.begin() + std::ptrdiff_t(piece.row * set.channels.size());
            numbers.insert(numbers.end(), begin, begin + std::ptrdiff_t(width));
            labels.push_back(piece.label);
            if (!set.targets.empty()) {
                const std::size_t last = piece.row + window - 1;
                const auto own = table.targets.begin() + std::ptrdiff_t(last * set.targets.size());
                targets.insert(targets.end(), own, own + std::ptrdiff_t(set.targets.size()));
            }
            if (pieces.grouping != Grouping::independent) arrays.groups.push_back(piece.group);
            arrays.sources.push_back({piece.table, table.lines[piece.row]});
        }
        if (labels.empty()) continue;
        arrays.samples.dimensions = {labels.size(), width};
        arrays.samples.items = std::move(numbers);
        arrays.labels.dimensions = {labels.size()};
        if (!set.targets.empty()) arrays.labels.dimensions.push_back(set.targets.size());
        if (set.targets.empty())
            arrays.labels.items = std::move(labels);
        else
            arrays.labels.items = std::move(targets);
        parts.push_back(std::move(arrays));
    }
    return parts;
}

} // namespace tinysparse::data
