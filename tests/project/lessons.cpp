// SPDX-License-Identifier: Apache-2.0
// The lessons of examples/ and their index keep what they promise: numbers without a gap, a row and two exercises each,
// an expected output, headers and pages that are there, and an answer to every exercise.
#include "files.hpp"
#include "tinysparse/base/text.hpp"
#include <algorithm>
#include <doctest/doctest.h>

using namespace tinysparse;
using test::captured;
using test::read;
using test::root;

namespace {

namespace fs = std::filesystem;

/// The programs in order.
std::vector<fs::path> lessons() { return test::files_of("examples", ".cpp"); }

/// The comment on top of a program, its lines joined.
std::string opening(const std::string& program) {
    std::string joined;
    for (const std::string& line : split(program, '\n')) {
        if (!line.starts_with("//")) break;
        joined += line.substr(2);
    }
    return joined;
}

} // namespace

TEST_CASE("lessons are numbered from 1, short, and have an expected output") {
    std::size_t number = 0;
    for (const fs::path& lesson : lessons()) {
        ++number;
        CAPTURE(lesson.string());
        const std::string program = read(lesson);
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
        const std::string words = opening(read(lesson));
        const std::string headers = words.substr(words.find("Headers: "));
        const std::vector<std::string> names = captured(headers, "([a-z]+/[a-z_]+\\.hpp)");
        CHECK(!names.empty());
        for (const std::string& name : names) CHECK_MESSAGE(fs::exists(root / "include" / "tinysparse" / name), name);
        for (const std::string& page : captured(words, "(docs/[a-z_]+\\.md)"))
            CHECK_MESSAGE(fs::exists(root / page), page);
        const std::string equations = "docs/equations.md, ";
        if (const std::size_t at = words.find(equations); at != words.npos)
            for (const std::string& title : captured(words.substr(at), "\"([^\"]+)\""))
                CHECK_MESSAGE(read("docs/equations.md").find("\n## " + title + "\n") != std::string::npos, title);
    }
}

TEST_CASE("the index has a row for each lesson, in order, and two exercises") {
    const std::string index = read("examples/README.md");
    std::vector<std::string> files;
    for (const fs::path& lesson : lessons()) files.push_back(lesson.filename().string());
    CHECK(captured(index, "\n\\| \\[[0-9a-z_]+\\]\\(([0-9a-z_]+\\.cpp)\\) \\|") == files);
    const std::string exercises = index.substr(index.find("\n## Exercises"));
    CHECK(captured(exercises, "\n\\*\\*([0-9]+) ").size() == files.size());
    for (const char* item : {"\n(1)\\. ", "\n(2)\\. "}) CHECK(captured(exercises, item).size() == files.size());
}

TEST_CASE("every exercise has its answer, under the same heading") {
    const std::string index = read("examples/README.md"), answers = read("examples/answers.md");
    const char* const heading = "\n\\*\\*([0-9]+ [^*]+)\\*\\*\n";
    CHECK(captured(index, heading) == captured(answers, heading));
    for (const char* item : {"\n(1)\\. ", "\n(2)\\. "}) CHECK(captured(answers, item).size() == lessons().size());
}

TEST_CASE("a lesson says which picture it has written") {
    for (const fs::path& lesson : lessons()) {
        CAPTURE(lesson.string());
        const std::string expected = read(fs::path(lesson).replace_extension(".expected"));
        for (const std::string& file : captured(read(lesson), "\"([0-9a-z_]+\\.(?:svg|png))\""))
            CHECK_MESSAGE(expected.find(": " + file + "\n") != std::string::npos, file);
    }
}
