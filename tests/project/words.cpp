// SPDX-License-Identifier: Apache-2.0
// Words that no docstring, help text or page of docs may use: docstrings and help texts begin with a noun or a verb,
// and numbers are named, not hinted at.
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/text.hpp"
#include <cctype>
#include <doctest/doctest.h>
#include <filesystem>
#include <set>

using namespace tinysparse;

namespace {

namespace fs = std::filesystem;

const std::string source = TINYSPARSE_SOURCE_DIR;

/// A line without the spaces at its beginning.
std::string_view trimmed(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(" \t");
    return begin == line.npos ? std::string_view() : line.substr(begin);
}

bool begins_badly(std::string_view words) { return words.starts_with("Of ") || words.starts_with("That "); }

/// The words of a comment that begins at `at` in the line, without its slashes.
std::string_view comment_words(std::string_view line, std::size_t at) {
    const std::size_t begin = line.find_first_not_of("/< ", at);
    return begin == line.npos ? std::string_view() : line.substr(begin);
}

/// True if a docstring begins in this line: a comment of its own below something else, or one behind a member. The
/// licence is not a part of the comment below it.
bool docstring_begins_badly(std::string_view line, std::string_view above) {
    if (trimmed(line).starts_with("//")) {
        const bool continues = trimmed(above).starts_with("//") && above.find("SPDX-License-Identifier") == above.npos;
        return !continues && begins_badly(comment_words(line, 0));
    }
    const std::size_t behind = line.find("///<");
    return behind != line.npos && begins_badly(comment_words(line, behind));
}

/// True if a string literal of the line, such as a help text, begins badly.
bool literal_begins_badly(std::string_view line) {
    if (trimmed(line).starts_with("//")) return false;
    for (std::size_t quote = line.find('"'); quote != line.npos; quote = line.find('"', quote + 1))
        if (begins_badly(line.substr(quote + 1)) && (quote == 0 || line[quote - 1] != '\\')) return true;
    return false;
}

/// Words of a line in small letters, with single spaces and without the mark of a comment.
std::string plain(std::string_view line) {
    std::string words;
    for (const char c : comment_words(line, 0))
        if (std::isspace(static_cast<unsigned char>(c)) == 0)
            words += char(std::tolower(static_cast<unsigned char>(c)));
        else if (!words.ends_with(' '))
            words += ' ';
    return words;
}

/// True if "so many" stands in the line, or begins at its end and ends in the next.
bool hints_at_number(std::string_view line, std::string_view below) {
    const std::string own = " " + plain(line), both = own + " " + plain(below);
    const std::size_t at = both.find(" so many");
    return at != both.npos && at < own.size();
}

/// The faults of a file, "line: what". `code`: it has docstrings and string literals of C++.
std::vector<std::string> faults(std::string_view text_of_file, bool code) {
    const std::vector<std::string> lines = split(text_of_file, '\n');
    std::vector<std::string> found;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string above = i > 0 ? lines[i - 1] : "", below = i + 1 < lines.size() ? lines[i + 1] : "";
        if (code && docstring_begins_badly(lines[i], above)) found.push_back(text(i + 1, ": docstring"));
        if (code && literal_begins_badly(lines[i])) found.push_back(text(i + 1, ": text"));
        if (hints_at_number(lines[i], below)) found.push_back(text(i + 1, ": so many"));
    }
    return found;
}

std::vector<fs::path> files() {
    static const std::set<std::string> texts = {"", ".hpp", ".cpp", ".h", ".md", ".py", ".cmake", ".txt"};
    std::vector<fs::path> found{fs::path(source) / "README.md"};
    for (const char* folder : {"include", "tools", "examples", "docs"})
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(source) / folder))
            if (entry.is_regular_file() && texts.contains(entry.path().extension().string()))
                found.push_back(entry.path());
    return found;
}

using Faults = std::vector<std::string>;

} // namespace

TEST_CASE("docstrings and help texts begin with a noun or a verb, and numbers are named") {
    const std::vector<fs::path> all = files();
    CHECK(all.size() > 200);
    for (const fs::path& file : all) {
        const bool code = file.extension() == ".hpp" || file.extension() == ".cpp" || file.extension() == ".h";
        const std::string name = file.lexically_relative(source).string();
        for (const std::string& fault : faults(read_file(file.string()), code)) FAIL_CHECK(name, ":", fault);
    }
}

TEST_CASE("the check of words finds planted faults") {
    SUBCASE("in a docstring above a declaration, and in one behind a member") {
        CHECK(faults("int a;\n/// Of the layer.\nint b;\n", true) == Faults{"2: docstring"});
        CHECK(faults("int a;\n\n    // That are read.\n    int b;\n", true) == Faults{"3: docstring"});
        CHECK(faults("int samples; ///< Of the part.\n", true) == Faults{"1: docstring"});
    }
    SUBCASE("in the first comment of a file, below the licence") {
        CHECK(faults("// SPDX-License-Identifier: Apache-2.0\n// Of networks.\n#pragma once\n", true) ==
              Faults{"2: docstring"});
    }
    SUBCASE("in a help text") {
        CHECK(faults("{\"--bits\", \"Of a weight: 8, 4 or 2\"},\n", true) == Faults{"1: text"});
        CHECK(faults("    \"That many threads\"\n", true) == Faults{"1: text"});
    }
    SUBCASE("in any text that hints at a number, also across two lines") {
        CHECK(faults("It takes so many steps.\n", false) == Faults{"1: so many"});
        CHECK(faults("So many as there are.\n", false) == Faults{"1: so many"});
        CHECK(faults("/// Threads, so\n/// many of them.\nint a;\n", true) == Faults{"1: so many"});
    }
}

TEST_CASE("the check of words passes what is no fault") {
    CHECK(faults("/// The sum\n/// Of a layer and\n/// That of its input.\nint a;\n", true).empty());
    CHECK(faults("/// Often used. Thatched.\nint a;\n", true).empty());
    CHECK(faults("text(\"a share\", \" Of it\", \"the \\\"Of \\\"\");\n", true).empty());
    CHECK(faults("also many; as\nmany; so\n\nmany of them\n", false).empty());
    CHECK(faults("Of a page of docs nothing but numbers is asked.\n", false).empty());
}
