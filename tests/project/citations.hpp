// SPDX-License-Identifier: Apache-2.0
// Papers as headers and docs cite them.
#pragma once
#include "tinysparse/base/text.hpp"
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace tinysparse::test {

/// Letters with marks as headers write them.
inline std::string plain(std::string line) {
    for (const auto& [marked, letter] : {std::pair("\u00e1", "a"),
                                         {"\u00e4", "a"},
                                         {"\u00e9", "e"},
                                         {"\u00f3", "o"},
                                         {"\u00f6", "o"},
                                         {"\u0161", "s"}})
        line = replaced(std::move(line), marked, letter);
    return line;
}

/// First author and year of "Byrd, Lu, Nocedal, Zhu 1995", "Lin et al. 2020", "Kingma and Ba 2015", "Wilson 1927".
inline std::vector<std::pair<std::string, std::string>> citations(const std::string& words) {
    static const std::regex pattern("([A-Z][a-z][A-Za-z-]+)(?: et al\\.| and [A-Z][A-Za-z-]+|(?:, [A-Z][A-Za-z-]+)+)? "
                                    "((?:19|20)[0-9][0-9])\\b");
    std::vector<std::pair<std::string, std::string>> found;
    for (std::sregex_iterator at(words.begin(), words.end(), pattern), end; at != end; ++at)
        found.emplace_back((*at)[1], (*at)[2]);
    return found;
}

} // namespace tinysparse::test
