// SPDX-License-Identifier: Apache-2.0
// The project's own files, as the tests of this folder list and read them.
#pragma once
#include "tinysparse/base/files.hpp"
#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace tinysparse::test {

namespace fs = std::filesystem;

inline const fs::path root = TINYSPARSE_SOURCE_DIR;

/// The text of a file: a path from the root, or a whole one.
inline std::string read(const fs::path& file) { return read_file((root / file).string()); }

/// The files of a folder with this extension, such as ".md", by name. The folder is a path from the root.
inline std::vector<fs::path> files_of(const fs::path& folder, std::string_view extension) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(root / folder))
        if (entry.path().extension() == extension) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

/// What the first parentheses of the pattern match, at every place in the text.
inline std::vector<std::string> captured(const std::string& text, const char* pattern) {
    const std::regex regex(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) found.push_back((*at)[1]);
    return found;
}

} // namespace tinysparse::test
