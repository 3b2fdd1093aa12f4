// SPDX-License-Identifier: Apache-2.0
// Tables of text: columns are as wide as their widest cell; numbers are aligned to the right.
#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::report {

/// Number of characters of a UTF-8 text: its bytes without those that continue a character.
inline std::size_t characters(std::string_view word) {
    return std::size_t(
        std::count_if(word.begin(), word.end(), [](char c) { return (std::uint8_t(c) & 0xc0) != 0x80; }));
}

class Table {
  public:
    /// Column titles. A title that begins with '<' is of a column of text, aligned to the left; others go to the right.
    explicit Table(const std::vector<std::string>& titles) {
        rows_.emplace_back();
        for (const std::string& title : titles) {
            const bool left = !title.empty() && title[0] == '<';
            left_.push_back(left);
            rows_[0].push_back(printable(left ? title.substr(1) : title));
        }
    }

    /// Adds a row, with one cell per title. Characters that control a terminal are written out, as in titles.
    void add(std::vector<std::string> cells) {
        cells.resize(left_.size());
        for (std::string& cell : cells) cell = printable(cell);
        rows_.push_back(std::move(cells));
    }
    std::size_t rows() const { return rows_.size() - 1; }

    /// All rows with their titles. Each line ends in a newline, without spaces before it.
    std::string text() const {
        std::vector<std::size_t> widths(left_.size(), 0);
        for (const auto& row : rows_)
            for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], characters(row[c]));
        std::string out;
        for (const auto& row : rows_) {
            std::string line;
            for (std::size_t c = 0; c < row.size(); ++c) {
                const std::string space(widths[c] - characters(row[c]), ' ');
                if (c) line += "  ";
                line += left_[c] ? row[c] + space : space + row[c];
            }
            line.resize(line.find_last_not_of(' ') + 1);
            out += line + "\n";
        }
        return out;
    }

  private:
    std::vector<bool> left_;
    std::vector<std::vector<std::string>> rows_;
};

/// 12345678 as "12 345 678", so that sizes can be compared by eye.
inline std::string grouped(std::uint64_t number) {
    std::string digits = text(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ' ');
    return digits;
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
