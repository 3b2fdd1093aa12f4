// SPDX-License-Identifier: Apache-2.0
// The lessons of examples/ and their index keep what they promise: numbers without a gap, a row and two exercises each,
// an expected output, and headers and pages that are there.
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/text.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <regex>

using namespace tinysparse;

namespace {

namespace fs = std::filesystem;

const fs::path root = TINYSPARSE_SOURCE_DIR;

/// The programs in order.
std::vector<fs::path> lessons() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(root / "examples"))
        if (entry.path().extension() == ".cpp") found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

/// The comment on top of a program, its lines joined.
std::string opening(const std::string& program) {
    std::string joined;
    for (const std::string& line : split(program, '\n')) {
        if (!line.starts_with("//")) break;
        joined += line.substr(2);
    }
    return joined;
}

/// What every match of the pattern captures.
std::vector<std::string> captured(const std::string& text, const char* pattern) {
    const std::regex regex(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) found.push_back((*at)[1]);
    return found;
}

} // namespace

TEST_CASE("lessons are numbered from 1, short, and have an expected output") {
    std::size_t number = 0;
    for (const fs::path& lesson : lessons()) {
        ++number;
        CAPTURE(lesson.string());
        const std::string program = read_file(lesson.string());
        CHECK(lesson.filename().string().starts_with(text(number < 10 ? "0" : "", number, "_")));
        CHECK(opening(program).find(text(" Lesson ", number, ": ")) != std::string::npos);
        CHECK(std::count(program.begin(), program.end(), '\n') < 150);
        CHECK(program.find("#include \"tinysparse/tinysparse.hpp\"") == std::string::npos); // takes a minute to compile
        CHECK(fs::exists(fs::path(lesson).replace_extension(".expected")));
    }
    CHECK(number == 16);
}

TEST_CASE("a lesson names headers and sections of pages that are there") {
    for (const fs::path& lesson : lessons()) {
        CAPTURE(lesson.string());
        const std::string words = opening(read_file(lesson.string()));
        const std::string headers = words.substr(words.find("Headers: "));
        const std::vector<std::string> names = captured(headers, "([a-z]+/[a-z_]+\\.hpp)");
        CHECK(!names.empty());
        for (const std::string& name : names) CHECK_MESSAGE(fs::exists(root / "include" / "tinysparse" / name), name);
        for (const std::string& page : captured(words, "(docs/[a-z_]+\\.md)"))
            CHECK_MESSAGE(fs::exists(root / page), page);
        const std::string equations = "docs/equations.md, ";
        if (const std::size_t at = words.find(equations); at != words.npos)
            for (const std::string& title : captured(words.substr(at), "\"([^\"]+)\""))
                CHECK_MESSAGE(read_file((root / "docs" / "equations.md").string()).find("\n## " + title + "\n") !=
                                  std::string::npos,
                              title);
    }
}

TEST_CASE("the index has a row for each lesson, in order, and two exercises") {
    const std::string index = read_file((root / "examples" / "README.md").string());
    std::vector<std::string> files;
    for (const fs::path& lesson : lessons()) files.push_back(lesson.filename().string());
    CHECK(captured(index, "\n\\| \\[[0-9a-z_]+\\]\\(([0-9a-z_]+\\.cpp)\\) \\|") == files);
    const std::string exercises = index.substr(index.find("\n## Exercises"));
    CHECK(captured(exercises, "\n\\*\\*([0-9]+) ").size() == files.size());
    for (const char* item : {"\n(1)\\. ", "\n(2)\\. "}) CHECK(captured(exercises, item).size() == files.size());
}
