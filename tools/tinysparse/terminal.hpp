// SPDX-License-Identifier: Apache-2.0
// The screens that standard output and standard error lead to: their size, and what they can show.
#pragma once
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

namespace detail {

/// A variable of the environment, empty if it is not set.
inline std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value ? value : "";
}

} // namespace detail

/// Columns and lines of the terminal at a descriptor; 0 if there is none, or if it does not tell.
struct ScreenSize {
    std::size_t columns = 0, lines = 0;
};
inline ScreenSize screen_size(int descriptor) {
    winsize size{};
    if (!isatty(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) != 0) return {};
    return {size.ws_col, size.ws_row};
}

/// Characters of a line of a table on standard output: what COLUMNS says, else the terminal's width, else any.
inline std::size_t table_width() {
    if (const auto columns = parse_number<std::size_t>(detail::variable("COLUMNS")); columns && *columns > 0)
        return *columns;
    const std::size_t columns = screen_size(STDOUT_FILENO).columns;
    return columns > 0 ? columns : report::any_width;
}

/// Sentences, separated by line ends, in lines that table_width() holds if their words allow it. Each line but the
/// first of a sentence is indented.
inline std::string wrapped_lines(std::string_view sentences, std::size_t indent = 4) {
    std::vector<std::string> out;
    for (const std::string& line : split(sentences, '\n')) out.push_back(report::wrapped(line, table_width(), indent));
    return join(out, "\n");
}

/// True for a terminal whose lines can be written anew: not with TERM=dumb, or without TERM.
inline bool redraws(int descriptor) {
    const std::string_view term = detail::variable("TERM");
    return isatty(descriptor) && !term.empty() && term != "dumb";
}

/// False if NO_COLOR is set and not empty (no-color.org).
inline bool wants_colours() { return detail::variable("NO_COLOR").empty(); }

/// True if the locale's characters are UTF-8: by the first of LC_ALL, LC_CTYPE and LANG that is set.
inline bool shows_utf8() {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string locale(detail::variable(name));
        if (locale.empty()) continue;
        for (char& letter : locale) letter = char(std::tolower(std::uint8_t(letter)));
        return locale.find("utf-8") != locale.npos || locale.find("utf8") != locale.npos;
    }
    return false;
}

} // namespace tinysparse::cli
