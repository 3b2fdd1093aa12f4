// SPDX-License-Identifier: Apache-2.0
// The pages that --help prints, made from the table of commands.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "tinysparse/base/amount.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

inline constexpr std::size_t help_columns = 80;

/// Left and right column of a table.
using HelpRows = std::vector<std::pair<std::string, std::string>>;

namespace detail {
/// "a size in B" as "A size in B."
inline std::string as_sentence(std::string words) {
    if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = char(words[0] - 'a' + 'A');
    return words + ".";
}
} // namespace detail

/// Names that stand for values in the help of many commands, and what each means.
inline const HelpRows& value_names() {
    static const HelpRows rows = {
        {"SPEC", "Data set: PATH[,key=value...] or synthetic:NAME; see docs/data.md."},
        {"MODEL", "Model file, or a trial of the run in folder RUN: RUN#17, or by a rule RUN#best@8KB or "
                  "RUN#smallest@98%."},
        {"TARGET", "Board: a name, a file that describes one, or none; see docs/devices.md."},
        {"TIME", detail::as_sentence(expected_amount(Dimension::time))},
        {"SIZE", detail::as_sentence(expected_amount(Dimension::size))},
    };
    return rows;
}

/// A sentence about the whole program.
inline constexpr std::string_view program_summary =
    "Search, train, prune and export convolutional networks that are small enough for a microcontroller with 2 KB of "
    "RAM.";
inline constexpr std::string_view output_summary =
    "Results go to standard output, messages to standard error. Exit status: 0 success, 1 failure, 2 wrong usage (the "
    "words of the command, keys of a SPEC included), 130 interrupted.";

/// The help of an option or positional, with the values that it accepts if the sentence does not name them all.
inline std::string full_help(std::string help, const std::vector<std::string>& choices, bool file = false) {
    const bool named = std::all_of(choices.begin(), choices.end(),
                                   [&](const std::string& choice) { return help.find(choice) != help.npos; });
    if (!named) help += text(file ? " Known names: " : " One of ", join(choices, ", "), ".");
    return help;
}
inline std::string full_help(const Option& option) {
    return full_help(option.help, option.choices, option.file) + (option.repeatable ? " May be repeated." : "");
}
inline std::string full_help(const Positional& positional) { return full_help(positional.help, positional.choices); }

namespace detail {

/// Words in lines that end within help_columns and begin behind `indent` spaces, except for the spaces of the first.
inline std::string wrapped(std::string_view sentence, std::size_t indent = 0) {
    return replaced(report::wrapped(sentence, help_columns - indent), "\n", text("\n", std::string(indent, ' ')));
}

/// Two columns; the help of an entry whose first column is too wide begins on a line of its own.
inline std::string two_columns(const HelpRows& rows) {
    constexpr std::size_t widest = 24;
    std::size_t width = 0;
    for (const auto& [left, right] : rows)
        if (left.size() <= widest) width = std::max(width, left.size());
    const std::size_t indent = width + 4;
    std::string out;
    for (const auto& [left, right] : rows) {
        const bool wide = left.size() > width;
        out += text("  ", left, wide ? "\n" : "", std::string(wide ? indent : width - left.size() + 2, ' '),
                    wrapped(right, indent), "\n");
    }
    return out;
}

} // namespace detail

/// "tinysparse train --data SPEC --output MODEL [OPTIONS]"
inline std::string usage(const Command& command) {
    std::string out = text("tinysparse ", command.name);
    for (const Positional& positional : command.positionals) out += text(" ", positional.name);
    for (const Option& option : command.options)
        if (option.required) out += text(" --", option.name, " ", option.value);
    return out + " [OPTIONS]";
}

/// "-o, --output FILE"
inline std::string option_tag(const Option& option) {
    return text(option.letter ? text('-', option.letter, ", ") : std::string("    "), "--", option.name,
                option.value.empty() ? "" : " ", option.value);
}

/// The page of `tinysparse COMMAND --help`.
inline std::string help(const Command& command) {
    HelpRows positionals, options;
    for (const Positional& positional : command.positionals)
        positionals.emplace_back(positional.name, full_help(positional));
    for (const Option& option : command.options) options.emplace_back(option_tag(option), full_help(option));
    options.emplace_back("    --help", "Print this page.");
    std::string out = text("Usage: ", usage(command), "\n\n", detail::wrapped(command.summary), "\n");
    if (!positionals.empty()) out += text("\n", detail::two_columns(positionals));
    out += text("\nOptions:\n", detail::two_columns(options));
    if (!command.example.empty())
        out += text(command.example.find('\n') == std::string::npos ? "\nExample:\n  " : "\nExamples:\n  ",
                    replaced(command.example, "\n", "\n  "), "\n");
    return out;
}

/// The page of `tinysparse --help`.
inline std::string help(const std::vector<Command>& commands) {
    HelpRows rows;
    for (const Command& command : commands) rows.emplace_back(command.name, command.summary);
    return text("Usage: tinysparse COMMAND [OPTIONS]\n\n", detail::wrapped(program_summary), "\n\nCommands:\n",
                detail::two_columns(rows), "\nValues that commands take:\n", detail::two_columns(value_names()), "\n",
                detail::wrapped("Every command has --help; tinysparse man prints all of it as a manual page. " +
                                std::string(output_summary)),
                "\n");
}

} // namespace tinysparse::cli
