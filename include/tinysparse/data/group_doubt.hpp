// SPDX-License-Identifier: Apache-2.0
// File names that seem to tell whose recordings belong together, as exp01_user01.csv and exp02_user01.csv do, where no
// group= says so: the test part would then hold persons whose other recordings were trained on.
#pragma once
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/decimal.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/glob.hpp"

namespace tinysparse::data {

namespace detail {

/// Words before the number of a person or a session in names of files, the likeliest first.
inline constexpr std::string_view group_words[] = {"person", "people",    "participant", "subject", "subj",
                                                   "sub",    "volunteer", "patient",     "user",    "session",
                                                   "id",     "p",         "s",           "u"};

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A group_word and its number in the name of a file.
struct NumberedWord {
    std::size_t begin, number, end; ///< Indices of the word, of the number after it, and past the number.
};

/// Where `word` stands before a number in a file name without folders, as a word of its own: s in walk_s07.csv and in
/// walk_S-07.csv, but not in pass07.csv. Nothing if it stands nowhere.
inline std::optional<NumberedWord> numbered_word(std::string_view name, std::string_view word) {
    const std::string small = lower_case(name);
    for (std::size_t at = small.find(word); at != small.npos; at = small.find(word, at + 1)) {
        std::size_t number = at + word.size();
        if (number < small.size() && (small[number] == '_' || small[number] == '-')) ++number;
        std::size_t end = number;
        while (end < small.size() && tinysparse::detail::is_digit(small[end])) ++end;
        if (end > number && (at == 0 || !is_letter(small[at - 1])) && (end == small.size() || !is_letter(small[end])))
            return NumberedWord{at, number, end};
    }
    return std::nullopt;
}

/// The pattern for group= that catches a number in the name of a file, such as *_user(*).csv; "" if the name has
/// characters that mean something else in a pattern or in a SPEC.
inline std::string pattern_around(std::string_view name, const NumberedWord& word) {
    const bool first = word.begin == 0, last = name[word.end] == '.' && name.find('.', word.end + 1) == name.npos;
    const std::string before(first ? "" : name.substr(word.begin - 1, 1)),
        after(last ? name.substr(word.end) : name.substr(word.end, 1));
    if ((before + after).find_first_of("()*,\\") != std::string::npos) return "";
    return text(first ? "" : "*", before, name.substr(word.begin, word.number - word.begin), "(*)", after,
                last ? "" : "*");
}

} // namespace detail

/// A warning if the names of all files have a number after one word for persons or sessions, and several files share a
/// number; nothing otherwise. `files`: paths as the set names them.
inline std::optional<std::string> group_doubt(const std::vector<std::string>& files) {
    for (const std::string_view word : detail::group_words) {
        std::set<std::string> numbers;
        std::optional<std::string> pattern; // of the first file; "" if it does not catch the number in every name
        for (const std::string& path : files) {
            const std::string name = path.substr(path.rfind('/') + 1);
            const auto found = detail::numbered_word(name, word);
            if (!found || found->end == name.size()) {
                numbers.clear();
                break;
            }
            if (!pattern) pattern = detail::pattern_around(name, *found);
            const std::string number = name.substr(found->number, found->end - found->number);
            numbers.insert(number);
            if (!pattern->empty() && Glob(*pattern).group(name) != number) pattern = "";
        }
        if (numbers.size() < 2 || numbers.size() == files.size()) continue;
        return text("the names of the ", files.size(), " files have ", numbers.size(), " different numbers after ",
                    word, "; if one number is one person or session, group=", pattern->empty() ? "PATTERN" : *pattern,
                    " keeps it in one part; otherwise group=file ends this warning");
    }
    return std::nullopt;
}

} // namespace tinysparse::data
