// SPDX-License-Identifier: Apache-2.0
// Commands as a user types them: words in quotes where a shell needs them.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse {

namespace detail {

/// The word in quotes, as a shell reads it.
inline std::string shell_quoted(const std::string& word) {
    if (printable(word) == word) return text("'", replaced(word, "'", "'\\''"), "'");
    std::string out = "$'";
    for (std::size_t at = 0; at < word.size();) {
        const Character character = character_at(word, at);
        const std::string_view bytes = std::string_view(word).substr(at, character.bytes);
        if (bytes == "'" || bytes == "\\")
            out += text("\\", bytes);
        else if (character.is_shown())
            out += bytes;
        else
            for (const char byte : bytes) out += escape_of({std::uint8_t(byte), 1, false});
        at += character.bytes;
    }
    return out + "'";
}

} // namespace detail

/// The command line of tinysparse with these words, for models, journals and pages, as a shell reads it. Words with
/// control characters, direction marks or invalid UTF-8 are written $'...', as in bash and zsh.
inline std::string command_line(const std::vector<std::string>& words) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    std::string line = "tinysparse";
    for (const std::string& word : words) {
        const bool as_it_is = !word.empty() && word.find_first_not_of(plain) == word.npos;
        line += text(" ", as_it_is ? word : detail::shell_quoted(word));
    }
    return line;
}

} // namespace tinysparse
