// SPDX-License-Identifier: Apache-2.0
// Commands of a run, for its page and its cards.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/base/command_line.hpp"
#include "tinysparse/search/head.hpp"

namespace tinysparse::report {

/// The words of the command that does the whole run in `folder` again, in a folder of its own, since that one already
/// has a run.
inline std::vector<std::string> command_again(const search::RunHead& head, std::string folder) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < head.command.size(); ++i) {
        const std::string& word = head.command[i];
        if (word == "--out")
            ++i; // and its value
        else if (word != "--resume" && word != "--quiet" && !word.starts_with("--out="))
            words.push_back(word);
    }
    if (words.empty()) words = {"search", "--data", head.data, "--target", head.target};
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    words.insert(words.end(), {"--out", folder + "-again"});
    return words;
}

} // namespace tinysparse::report
