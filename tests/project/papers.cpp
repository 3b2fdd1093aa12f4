// SPDX-License-Identifier: Apache-2.0
// docs/papers.md names every paper that a header cites, and the header.
#include "citations.hpp"
#include "tinysparse/base/files.hpp"
#include <doctest/doctest.h>
#include <filesystem>
#include <regex>

using namespace tinysparse;
using test::citations;
using test::plain;

namespace {

const std::string source = TINYSPARSE_SOURCE_DIR;

/// What stands behind the // of a file's lines, as one line.
std::string comments(const std::string& file) {
    std::string out;
    for (const std::string& line : split(file, '\n'))
        if (const std::size_t at = line.find("//"); at != line.npos)
            out +=
                " " + line.substr(line.find_first_not_of("/< ", at) == line.npos ? line.size()
                                                                                 : line.find_first_not_of("/< ", at));
    return out;
}

} // namespace

TEST_CASE("docs/papers.md names every paper that is cited in a header, with the header") {
    const std::vector<std::string> lines = split(plain(read_file(source + "/docs/papers.md")), '\n');
    std::size_t count = 0;
    for (const char* folder : {"include", "tools"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(source + "/" + folder)) {
            if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
            const std::string path =
                replaced(entry.path().lexically_relative(source).string(), "include/tinysparse/", "");
            if (path == "deploy/mcu_text.hpp") continue; // repeats the headers of mcu/, which have rows
            for (const auto& citation : citations(comments(read_file(entry.path().string())))) {
                const std::string &author = citation.first, &year = citation.second;
                ++count;
                CAPTURE(path);
                CAPTURE(author);
                CAPTURE(year);
                CHECK(std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
                    return line.find(author) != line.npos && line.find(year) != line.npos &&
                           line.find("`" + path + "`") != line.npos;
                }));
            }
        }
    CHECK(count > 50);
}

TEST_CASE("every header that docs/papers.md names is there") {
    static const std::regex path("`([a-z_/]+\\.[a-z]+)`");
    const std::string text = read_file(source + "/docs/papers.md");
    for (std::sregex_iterator at(text.begin(), text.end(), path), end; at != end; ++at) {
        const std::string name = (*at)[1];
        CAPTURE(name);
        CHECK((std::filesystem::exists(source + "/include/tinysparse/" + name) ||
               std::filesystem::exists(source + "/" + name)));
    }
}
