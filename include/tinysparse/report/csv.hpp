// SPDX-License-Identifier: Apache-2.0
// Cells of comma-separated values (RFC 4180) that are safe to open in a spreadsheet: a text that the spreadsheet would
// take for a formula gets an apostrophe before it, so that it shows as text. Numbers stay as they are.
#pragma once
#include <cmath>
#include <string>
#include <string_view>

#include "tinysparse/base/text.hpp"

namespace tinysparse::report {

/// A text as a cell: in quotes if `quoted`, or if it has a comma, a quote or a line end; quotes inside are doubled. A
/// cell that begins with = + - @, a tab or a carriage return gets an apostrophe, unless it is a number, such as -1.
inline std::string csv_cell(std::string_view word, bool quoted = false) {
    const bool opens_formula = !word.empty() && std::string_view("=+-@\t\r").find(word[0]) != word.npos;
    const auto number = parse_number<double>(word.starts_with('+') && !word.starts_with("+-") ? word.substr(1) : word);
    const bool is_number = number && std::isfinite(*number);
    const std::string safe = text(opens_formula && !is_number ? "'" : "", word);
    if (!quoted && safe.find_first_of(",\"\r\n") == safe.npos) return safe;
    return text('"', replaced(safe, "\"", "\"\""), '"');
}

} // namespace tinysparse::report
