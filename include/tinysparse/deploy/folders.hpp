// SPDX-License-Identifier: Apache-2.0
// The origin of a model as an exported file states it, without the folders of the machine that trained it: only the
// last part of a path remains.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "tinysparse/base/text.hpp"

namespace tinysparse::deploy {

namespace detail {

/// The part after the last slash of a path; slashes at its end do not count.
inline std::string_view last_part(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

/// True for the keys of a SPEC, with their =, whose values are files.
inline bool names_a_file(std::string_view key) {
    constexpr std::string_view keys[] = {"images=", "labels=", "split=", "names=", "groups="};
    return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

} // namespace detail

/// A SPEC, PATH[,key=value...], without folders in its path and in the values that name files. A comma after a
/// backslash does not separate.
inline std::string spec_without_folders(std::string_view spec) {
    std::string out;
    for (std::size_t from = 0; from <= spec.size();) {
        std::size_t end = spec.find(',', from);
        while (end != spec.npos && end > 0 && spec[end - 1] == '\\') end = spec.find(',', end + 1);
        const std::string_view piece = spec.substr(from, std::min(end, spec.size()) - from);
        const std::size_t value = from == 0 ? 0 : piece.find('=') + 1;
        const bool is_path = from == 0 || detail::names_a_file(piece.substr(0, value));
        out += text(from == 0 ? "" : ",", is_path ? text(piece.substr(0, value), detail::last_part(piece.substr(value)))
                                                  : std::string(piece));
        from = std::min(end, spec.size()) + 1;
    }
    return out;
}

/// A command line, quoted as a shell reads it, without folders: each word is treated as a SPEC, also after --option= or
/// -o.
inline std::string command_without_folders(std::string_view command) {
    std::string out;
    for (std::size_t at = 0; at < command.size();) {
        if (command[at] == ' ') {
            out += command[at++];
            continue;
        }
        std::size_t end = at;
        bool quoted = false, escapes = false; // inside quotes; inside $'...' with backslashes
        for (; end < command.size() && (quoted || command[end] != ' '); ++end) {
            if (command[end] == '\\' && (!quoted || escapes)) {
                ++end;
            } else if (command[end] == '\'') {
                quoted = !quoted;
                escapes = quoted && end > at && command[end - 1] == '$';
            }
        }
        std::string_view word = command.substr(at, end - at);
        at = std::min(end, command.size());
        // An option and the quote before a path stay.
        const bool is_short = word.size() > 2 && word[0] == '-' && word[1] >= 'a' && word[1] <= 'z';
        const std::size_t option = is_short ? 2 : word.starts_with("--") ? word.find('=') + 1 : 0;
        const std::size_t quote = word.find_first_not_of("$'", option);
        const std::size_t begin = quote == word.npos ? word.size() : quote;
        const bool closes = word.size() > begin && word.ends_with('\'');
        out += text(word.substr(0, begin), spec_without_folders(word.substr(begin, word.size() - begin - closes)),
                    closes ? "'" : "");
    }
    return out;
}

} // namespace tinysparse::deploy
