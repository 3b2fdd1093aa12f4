// SPDX-License-Identifier: Apache-2.0
// The manual page, made from the table of commands: text for troff with the macros of man(7).
//   tinysparse man | man -l -
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "help.hpp"
#include "tinysparse/version.hpp"

namespace tinysparse::cli {

namespace detail {

/// The words as troff prints them: no character has a meaning of its own, and a hyphen is that of the keyboard.
inline std::string troff(std::string words) {
    constexpr std::pair<const char*, const char*> marks[] = {
        {"\\", "\\e"}, {"-", "\\-"}, {"'", "\\(aq"}, {"`", "\\(ga"}, {"^", "\\(ha"}, {"~", "\\(ti"}, {"\"", "\\(dq"}};
    for (const auto& [mark, written] : marks) words = replaced(std::move(words), mark, written);
    return words.starts_with('.') ? "\\&" + words : words;
}

/// A paragraph with a tag: its two parts in bold and italics.
inline std::string tagged(const std::string& bold, const std::string& italic, const std::string& words) {
    return text(".TP\n", bold.empty() ? "" : text("\\fB", troff(bold), "\\fR"),
                !bold.empty() && !italic.empty() ? " " : "", italic.empty() ? "" : text("\\fI", troff(italic), "\\fR"),
                "\n", troff(words), "\n");
}

inline std::string section(const Command& command) {
    std::string out =
        text(".SS ", troff(command.name), "\n\\fB", troff(usage(command)), "\\fR\n.PP\n", troff(command.summary), "\n");
    for (const Positional& positional : command.positionals) out += tagged("", positional.name, full_help(positional));
    for (const Option& option : command.options)
        out += tagged(text(option.letter ? text("-", option.letter, ", ") : "", "--", option.name), option.value,
                      full_help(option));
    if (command.example.empty()) return out;
    out += ".PP\nExample:\n.PP\n.RS 4\n.nf\n";
    for (const std::string& line : split(command.example, '\n')) out += troff(line) + "\n";
    return out + ".fi\n.RE\n";
}

} // namespace detail

/// The page of the program, with a section for each command.
inline std::string man_page(const std::vector<Command>& commands) {
    std::string out = text(".\\\" Written by tinysparse man.\n.TH TINYSPARSE 1 \"\" \"tinysparse ",
                           TINYSPARSE_VERSION_STRING, "\" \"User Commands\"\n.nh\n.ad l\n.SH NAME\n",
                           "tinysparse \\- networks for microcontrollers with 2 KB of RAM\n.SH SYNOPSIS\n"
                           "\\fBtinysparse\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n",
                           detail::troff(std::string(program_summary)), "\n.PP\nValues that commands take:\n");
    for (const auto& [name, words] : value_names()) out += detail::tagged("", name, words);
    out += ".SH COMMANDS\n";
    for (const Command& command : commands) out += detail::section(command);
    return out + text(".SH \"EXIT STATUS\"\n", detail::troff(std::string(output_summary)), "\n");
}

} // namespace tinysparse::cli
