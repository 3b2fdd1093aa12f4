// SPDX-License-Identifier: Apache-2.0
// A check of HTML that needs no browser.
#pragma once
#include <doctest/doctest.h>
#include <string>
#include <vector>

/// Checks that every tag that is opened is closed, in order; those that need no closing end in "/>", or are one of a
/// few.
inline void check_nesting(const std::string& html) {
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        REQUIRE(end != html.npos);
        const std::string tag = html.substr(at + 1, end - at - 1);
        const std::string name =
            tag.substr(tag[0] == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag[0] == '/' ? 1 : 0));
        if (tag[0] == '!' || tag.back() == '/' || name == "meta") continue;
        if (tag[0] != '/') {
            open.push_back(name);
            continue;
        }
        REQUIRE(!open.empty());
        CHECK(open.back() == tag.substr(1));
        open.pop_back();
    }
    CHECK(open.empty());
}

/// Number of places where `what` stands.
inline std::size_t count_of(const std::string& in, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++found;
    return found;
}
