// SPDX-License-Identifier: Apache-2.0
// Patterns for file names with one group: in *_user(*).csv a star is any text without '/', and files are grouped by the
// text in the parenthesis.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::data {

/// One pattern, such as *_user(*).csv, whose parenthesis catches the name of a group.
class Glob {
  public:
    /// Throws Error unless the pattern has exactly one parenthesis.
    explicit Glob(std::string_view pattern) : pattern_(pattern) {
        const std::size_t open = pattern_.find('('), close = pattern_.find(')');
        if (open == std::string::npos || close == std::string::npos || close < open ||
            pattern_.find('(', open + 1) != std::string::npos || pattern_.find(')', close + 1) != std::string::npos)
            throw Error(text("group=", pattern_,
                             ": expected one parenthesis around what names the group, such as "
                             "*_user(*).csv"));
        pattern_.erase(close, 1);
        pattern_.erase(open, 1);
        open_ = open;
        close_ = close - 1;
        whole_path_ = pattern_.find('/') != std::string::npos;
    }

    /// The text in the parenthesis, or no value if the path does not match. A pattern without '/' is compared with the
    /// name of the file, one with '/' with the whole path. If there are several matches, stars are as short as
    /// possible.
    std::optional<std::string> group(std::string_view path) const {
        const std::string_view subject = whole_path_ ? path : path.substr(path.rfind('/') + 1);
        Match match{subject, std::vector<bool>((pattern_.size() + 1) * (subject.size() + 1)), 0, 0};
        if (!matches(match, 0, 0)) return std::nullopt;
        return std::string(subject.substr(match.begin, match.end - match.begin));
    }

  private:
    struct Match {
        std::string_view subject;
        std::vector<bool> failed; ///< Positions in pattern and subject that do not match; each is tried once.
        std::size_t begin, end;   ///< The group.
    };

    bool matches(Match& match, std::size_t p, std::size_t s) const {
        const std::size_t at = p * (match.subject.size() + 1) + s;
        if (match.failed[at]) return false;
        bool found = false;
        if (p == pattern_.size()) {
            found = s == match.subject.size();
        } else if (pattern_[p] == '*') {
            found = matches(match, p + 1, s) ||
                    (s < match.subject.size() && match.subject[s] != '/' && matches(match, p, s + 1));
        } else {
            found = s < match.subject.size() && match.subject[s] == pattern_[p] && matches(match, p + 1, s + 1);
        }
        if (!found)
            match.failed[at] = true;
        else
            note(match, p, s);
        return found;
    }
    /// On the way back from a match: notes where the pattern's indices open_ and close_ were first reached.
    void note(Match& match, std::size_t p, std::size_t s) const {
        if (p == close_) match.end = s;
        if (p == open_) match.begin = s;
    }

    std::string pattern_;              ///< Without the parenthesis,
    std::size_t open_ = 0, close_ = 0; ///< whose two brackets come before these indices.
    bool whole_path_ = false;
};

} // namespace tinysparse::data
