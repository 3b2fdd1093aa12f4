// SPDX-License-Identifier: Apache-2.0
// Tables of text: columns are as wide as their widest cell; numbers are aligned to the right.
#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::report {

/// Number of characters of a UTF-8 text: its bytes without those that continue a character.
inline std::size_t characters(std::string_view word) {
    return std::size_t(
        std::count_if(word.begin(), word.end(), [](char c) { return (std::uint8_t(c) & 0xc0) != 0x80; }));
}

/// A width that holds every line.
inline constexpr std::size_t any_width = std::size_t(-1);

namespace detail {

/// Whether the space line[at] stays where it is: it is one of several, or within a number, or before its unit.
inline bool keeps_together(std::string_view line, std::size_t at) {
    constexpr std::string_view units[] = {"B",   "KB", "MB",  "%",      "us",     "ms",        "s",
                                          "min", "h",  "MHz", "cycles", "points", "percentage"};
    const auto is = [&](std::size_t i, auto what) { return i < line.size() && what(line[i]); };
    const auto space = [](char c) { return c == ' '; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (is(at - 1, space) || is(at + 1, space)) return true;
    if (!is(at - 1, digit)) return false;
    const std::string_view next = line.substr(at + 1, line.find_first_of(" .,;:()", at + 1) - at - 1);
    return is(at + 1, digit) || std::find(std::begin(units), std::end(units), next) != std::end(units);
}

} // namespace detail

/// The words with `fixed` in place of every space that stands within a number, before its unit, or beside another
/// space: lines are not broken there.
inline std::string with_fixed_spaces(std::string_view words, std::string_view fixed) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == ' ' && detail::keeps_together(words, i))
            out += fixed;
        else
            out += words[i];
    return out;
}

namespace detail {

/// The words between the spaces at which lines may be broken.
inline std::vector<std::string> unbroken_words(std::string_view words) {
    constexpr char fixed = '\x1f';
    std::vector<std::string> out = split(with_fixed_spaces(words, {&fixed, 1}), ' ');
    for (std::string& word : out) std::replace(word.begin(), word.end(), fixed, ' ');
    return out;
}

} // namespace detail

/// The text in lines of at most `width` characters, broken at spaces, each but the first behind `indent` spaces. A word
/// longer than that has a line of its own. A number with its groups of digits and its unit is one word.
inline std::string wrapped(std::string_view words, std::size_t width, std::size_t indent = 0) {
    std::string out;
    std::size_t used = 0;
    for (const std::string& word : detail::unbroken_words(words)) {
        const std::size_t size = characters(word);
        if (!out.empty() && (used >= width || width - used < size + 1)) {
            out += text("\n", std::string(indent, ' '), word);
            used = indent + size;
            continue;
        }
        if (!out.empty()) out += ' ';
        used += size + !out.empty();
        out += word;
    }
    return out;
}

/// The first words of a text that fit into `width` characters with "..." behind them; the whole text if it fits. Words
/// are those of wrapped().
inline std::string shortened(const std::string& words, std::size_t width) {
    if (characters(words) <= width) return words;
    std::string out;
    for (const std::string& word : detail::unbroken_words(words)) {
        if (characters(out) + characters(word) + 4 > width) break;
        out += word + ' ';
    }
    return out + "...";
}

/// A column: its title, what the legend says of it, and when it is left out.
struct TableColumn {
    std::string title;        ///< As Table's constructor takes it.
    std::string meaning = ""; ///< What its cells are, with their unit; empty if the title says it.
    int drop = 0;             ///< If lines are too long, columns with larger numbers are left out first; 0: never.
};

/// A table for people, with columns as wide as their cells.
class Table {
  public:
    /// Column titles. A title that begins with '<' is of a column of text, aligned to the left; others go to the right.
    explicit Table(const std::vector<std::string>& titles) {
        rows_.emplace_back();
        for (const std::string& title : titles) add_column({title});
    }
    /// The same with legend, and columns that may be left out.
    static Table of(const std::vector<TableColumn>& columns) {
        Table table({});
        for (const TableColumn& column : columns) table.add_column(column);
        return table;
    }

    /// Adds a row, with one cell per title. Characters that control a terminal are written out, as in titles.
    void add(std::vector<std::string> cells) {
        cells.resize(left_.size());
        for (std::string& cell : cells) cell = printable(cell);
        rows_.push_back(std::move(cells));
    }
    /// Rows without the titles.
    std::size_t rows() const { return rows_.size() - 1; }

    /// All rows with their titles. Each line ends in a newline, without spaces before it. Lines have at most `width`
    /// characters, if that can be had by leaving columns out and by shortening a last column of text: then columns are
    /// left out one after another, those with the largest `drop` first, and no other cell is cut.
    std::string text(std::size_t width = any_width) const {
        const Layout layout = layout_in(width);
        std::string out;
        for (const auto& row : rows_) {
            std::string line;
            for (std::size_t k = 0; k < layout.shown.size(); ++k) {
                const std::size_t c = layout.shown[k];
                const std::string cell = left_[c] ? shortened(row[c], layout.widths[k]) : row[c];
                const std::size_t size = characters(cell);
                const std::string space(layout.widths[k] - std::min(size, layout.widths[k]), ' ');
                if (k) line += "  ";
                line += left_[c] ? cell + space : space + cell;
            }
            line.resize(line.find_last_not_of(' ') + 1);
            out += line + "\n";
        }
        return out;
    }

    /// A line for each column that text() shows within the width and that has a meaning, and one that names the columns
    /// left out; empty if there is nothing to say.
    std::string legend(std::size_t width = any_width) const {
        const Layout layout = layout_in(width);
        std::size_t widest = 0;
        for (const std::size_t c : layout.shown)
            if (!meanings_[c].empty()) widest = std::max(widest, characters(rows_[0][c]));
        std::string out;
        std::vector<std::string> hidden;
        for (std::size_t c = 0; c < left_.size(); ++c) {
            const bool shown = std::find(layout.shown.begin(), layout.shown.end(), c) != layout.shown.end();
            if (!shown && !rows_[0][c].empty()) hidden.push_back(rows_[0][c]);
            if (shown && !meanings_[c].empty())
                out += wrapped(rows_[0][c] + std::string(widest + 2 - characters(rows_[0][c]), ' ') + meanings_[c],
                               width, widest + 2) +
                       "\n";
        }
        if (!hidden.empty())
            out += wrapped(tinysparse::text("Not shown, for lack of room: ", join(hidden, ", ")), width, 4) + "\n";
        return out;
    }

  private:
    struct Layout {
        std::vector<std::size_t> shown, widths; ///< Columns, and how wide each of them is.
    };
    /// A last column of text is worth its place with this many characters.
    static constexpr std::size_t least_text = 20;

    void add_column(const TableColumn& column) {
        const bool left = column.title.starts_with('<');
        left_.push_back(left);
        rows_[0].push_back(printable(left ? column.title.substr(1) : column.title));
        meanings_.push_back(column.meaning);
        drops_.push_back(column.drop);
    }

    Layout layout_in(std::size_t width) const {
        Layout layout;
        for (std::size_t c = 0; c < left_.size(); ++c) {
            std::size_t widest = 0;
            for (const auto& row : rows_) widest = std::max(widest, characters(row[c]));
            layout.shown.push_back(c);
            layout.widths.push_back(widest);
        }
        if (width == any_width || layout.shown.empty()) return layout;
        // 1: leave columns out, until the rest fits with a last column of text as short as it may be.
        const std::size_t last = left_.size() - 1, wanted = layout.widths.back();
        const auto least = [&](std::size_t k) {
            return layout.shown[k] == last && left_[last] ? std::min(layout.widths[k], least_text) : layout.widths[k];
        };
        const auto total = [&] {
            std::size_t sum = 0;
            for (std::size_t k = 0; k < layout.shown.size(); ++k) sum += least(k) + (k ? 2 : 0);
            return sum;
        };
        while (total() > width) {
            const auto first = std::max_element(layout.shown.begin(), layout.shown.end(),
                                                [&](auto a, auto b) { return drops_[a] < drops_[b]; });
            if (drops_[*first] == 0) break;
            layout.widths.erase(layout.widths.begin() + (first - layout.shown.begin()));
            layout.shown.erase(first);
        }
        // 2: that column gets what room is left.
        if (layout.shown.back() == last && left_[last]) {
            const std::size_t others = total() - least(layout.shown.size() - 1);
            layout.widths.back() = std::min(wanted, width > others + 3 ? width - others : 3);
        }
        return layout;
    }

    std::vector<bool> left_;
    std::vector<std::string> meanings_;
    std::vector<int> drops_;
    std::vector<std::vector<std::string>> rows_;
};

/// Characters of the longest line of a text.
inline std::size_t longest_line(std::string_view lines) {
    std::size_t longest = 0;
    for (const std::string& line : split(lines, '\n')) longest = std::max(longest, characters(line));
    return longest;
}

/// 12345678 as "12 345 678", so that sizes can be compared by eye.
inline std::string grouped(std::uint64_t number) {
    std::string digits = text(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ' ');
    return digits;
}

/// "1 network", "2 networks"
inline std::string counted(std::uint64_t number, std::string_view what) {
    return text(grouped(number), " ", what, number == 1 ? "" : "s");
}

/// A whole number, or "-" if it is not known.
inline std::string count_cell(const std::optional<double>& value) {
    return value ? grouped(std::uint64_t(std::llround(*value))) : "-";
}

/// A share as a percentage with two decimals, or "-".
inline std::string percent_cell(const std::optional<double>& share) {
    return share ? fixed_decimals(100 * *share, 2) : "-";
}

/// A number with four significant digits, or "-".
inline std::string number_cell(const std::optional<double>& number) {
    if (!number) return "-";
    char digits[32];
    const auto result = std::to_chars(digits, digits + sizeof digits, *number, std::chars_format::general, 4);
    return std::string(digits, result.ptr);
}

/// Seconds as "48 s", "3 min 05 s" or "2 h 03 min".
inline std::string duration(double seconds) {
    const auto whole = std::uint64_t(std::llround(std::max(seconds, 0.0)));
    const auto two = [](std::uint64_t number) { return text(number < 10 ? "0" : "", number); };
    if (whole < 60) return text(whole, " s");
    if (whole < 3600) return text(whole / 60, " min ", two(whole % 60), " s");
    return text(whole / 3600, " h ", two(whole / 60 % 60), " min");
}

} // namespace tinysparse::report
