// SPDX-License-Identifier: Apache-2.0
// The shape of the source tree, as docs/architecture.md promises it.
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = TINYSPARSE_SOURCE_DIR;
const fs::path include_folder = root / "include" / "tinysparse";

/// From the lowest to the highest: a folder includes itself and folders before it. mcu/ includes nothing but itself.
const std::vector<std::string> folders = {"base",  "net",   "tensor", "autograd", "data",  "nn",
                                          "prune", "mcu",   "fixed",  "quantise", "cost",  "gp",
                                          "mobo",  "space", "search", "deploy",   "report"};

std::size_t rank(const std::string& folder) {
    return std::size_t(std::find(folders.begin(), folders.end(), folder) - folders.begin());
}

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::vector<fs::path> headers() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(include_folder))
        if (entry.path().extension() == ".hpp") found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

/// The lines of a file without the text of raw strings, which hold programs that the library writes.
std::vector<std::string> code_lines_of(const fs::path& file) {
    static const std::regex opening("R\"([^(\\s]*)\\(");
    std::vector<std::string> code;
    std::string closing; // of the raw string that a line begins in; empty outside
    for (std::string line : lines_of(file)) {
        std::string kept;
        for (std::smatch match;;) {
            if (!closing.empty()) {
                const std::size_t end = line.find(closing);
                if (end == line.npos) break;
                line.erase(0, end + closing.size());
                closing.clear();
            } else if (std::regex_search(line, match, opening)) {
                kept += match.prefix();
                closing = ")" + match[1].str() + "\"";
                line = match.suffix();
            } else {
                kept += line;
                break;
            }
        }
        code.push_back(kept);
    }
    return code;
}

/// Every #include of a file. Those of this project are given as "tinysparse/...", also where the file names them
/// relative to itself, as mcu/ does so that a copied folder works anywhere.
std::vector<std::string> includes(const fs::path& file) {
    static const std::regex pattern("^\\s*#\\s*include\\s*[\"<]([^\">]+)[\">].*");
    std::vector<std::string> result;
    std::smatch match;
    for (const std::string& line : code_lines_of(file)) {
        if (!std::regex_match(line, match, pattern)) continue;
        const fs::path beside = file.parent_path() / match[1].str();
        const bool relative = line.find('"') != std::string::npos && fs::exists(beside);
        result.push_back(relative ? fs::relative(beside, root / "include").generic_string() : match[1].str());
    }
    return result;
}

std::vector<std::string> project_includes(const fs::path& file) {
    std::vector<std::string> result = includes(file);
    std::erase_if(result, [](const std::string& name) { return !name.starts_with("tinysparse/"); });
    return result;
}

} // namespace

TEST_CASE("includes go one way: from lower folders to higher ones") {
    REQUIRE(headers().size() > 20);
    for (const fs::path& header : headers()) {
        const std::string own = fs::relative(header, include_folder).begin()->string();
        if (own.ends_with(".hpp")) continue; // the collecting headers beside the folders
        CAPTURE(header.string());
        REQUIRE(rank(own) < folders.size());
        for (const std::string& included : project_includes(header)) {
            const std::string other = std::next(fs::path(included).begin())->string();
            if (other.ends_with(".hpp")) {
                CHECK_MESSAGE((other == "mcu.hpp" || other == "version.hpp"), included);
                continue;
            }
            CAPTURE(included);
            CHECK(fs::exists(root / "include" / included));
            if (own == "mcu")
                CHECK(other == "mcu");
            else
                CHECK(rank(other) <= rank(own));
        }
    }
}

TEST_CASE("tinysparse.hpp brings every header of the host library but the one that needs stb") {
    std::set<std::string> reached, open{"tinysparse/tinysparse.hpp"};
    while (!open.empty()) {
        const std::string next = *open.begin();
        open.erase(open.begin());
        if (!reached.insert(next).second) continue;
        for (const std::string& included : project_includes(root / "include" / next)) open.insert(included);
    }
    for (const fs::path& header : headers()) {
        const std::string name = fs::relative(header, root / "include").generic_string();
        CAPTURE(name);
        CHECK(reached.contains(name) == (name != "tinysparse/data/images.hpp"));
    }
}

TEST_CASE("only data/images.hpp includes stb, and no header includes a file outside of the standard library else") {
    for (const fs::path& header : headers())
        for (const std::string& included : includes(header)) {
            if (included.find('@') != std::string::npos) continue; // in the text of a program that deploy/ writes
            CAPTURE(header.string());
            CAPTURE(included);
            const bool project = included.starts_with("tinysparse/");
            const bool standard = included.find('/') == std::string::npos &&
                                  included.find(".hpp") == std::string::npos &&
                                  (included.find(".h") == std::string::npos || included == "stdint.h" ||
                                   included == "stddef.h" || included == "string.h");
            // What POSIX brings beside the standard library, and what an AVR compiler brings.
            const bool platform = included == "unistd.h" || included == "fcntl.h" || included.starts_with("sys/") ||
                                  included.starts_with("avr/");
            const bool stb = included.find("stb_") != std::string::npos;
            CHECK((project || standard || platform || (stb && header.filename() == "images.hpp")));
        }
}

TEST_CASE("every header begins with its licence and says what it is for") {
    for (const fs::path& header : headers()) {
        CAPTURE(header.string());
        const auto lines = lines_of(header);
        REQUIRE(lines.size() > 2);
        CHECK(lines[0] == "// SPDX-License-Identifier: Apache-2.0");
        CHECK(lines[1].starts_with("// "));
    }
}

TEST_CASE("the version stands in one place") {
    int holders = 0;
    for (const fs::path& header : headers())
        for (const std::string& line : lines_of(header))
            holders += line.find("TINYSPARSE_VERSION_STRING \"") != std::string::npos;
    CHECK(holders == 1);
}
