// SPDX-License-Identifier: Apache-2.0
// docs/equations.md leads from every equation to code and to a test, and every step of that way is there.
#include "citations.hpp"
#include "tinysparse/base/files.hpp"
#include <algorithm>
#include <cctype>
#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>

using namespace tinysparse;

namespace {

const std::string source = TINYSPARSE_SOURCE_DIR;

/// A file below the root of the project; nothing if it is not there.
using Reader = std::function<std::optional<std::string>(const std::string& path)>;

std::optional<std::string> read_project(const std::string& path) {
    if (!std::filesystem::is_regular_file(source + "/" + path)) return std::nullopt;
    return read_file(source + "/" + path);
}

/// C++ without comments; and without the contents of strings, if they are not kept.
std::string code_of(const std::string& text, bool keeps_strings) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto begins = [&](std::string_view with) { return text.compare(i, with.size(), with) == 0; };
        const auto skip_past = [&](std::string_view end, std::size_t from) {
            const std::size_t at = text.find(end, from);
            return at == text.npos ? text.size() : at + end.size();
        };
        std::size_t next = i + 1;
        bool is_text = false;
        if (begins("//")) {
            i = std::min(text.find('\n', i), text.size());
            continue;
        } else if (begins("/*")) {
            i = skip_past("*/", i + 2);
            continue;
        } else if (begins("R\"")) {
            const std::size_t open = std::min(text.find('(', i), text.size());
            next = skip_past(")" + text.substr(i + 2, open - i - 2) + "\"", open);
            is_text = true;
        } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !std::isalnum(std::uint8_t(text[i - 1]))))) {
            while (next < text.size() && text[next] != text[i]) next += text[next] == '\\' ? 2 : 1;
            next = std::min(next + 1, text.size());
            is_text = true;
        }
        out += is_text && !keeps_strings ? "\"\"" : text.substr(i, next - i);
        i = next;
    }
    return out;
}

/// True if the code has the word as an identifier of its own.
bool has_identifier(const std::string& code, const std::string& word) {
    const auto is_part = [&](std::size_t at) {
        return at < code.size() && (std::isalnum(std::uint8_t(code[at])) || code[at] == '_');
    };
    for (std::size_t at = code.find(word); at != code.npos; at = code.find(word, at + 1))
        if ((at == 0 || !is_part(at - 1)) && !is_part(at + word.size())) return true;
    return false;
}

/// Titles of the test cases and subcases of a file; literals side by side are one.
std::set<std::string> titles_of(const std::string& file) {
    static const std::regex pattern(
        "\\b(?:TEST_CASE|SUBCASE|TEST_CASE_TEMPLATE)\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"\\s*)+)");
    static const std::regex between("\"\\s*\"");
    std::set<std::string> titles;
    const std::string code = code_of(file, true);
    for (std::sregex_iterator at(code.begin(), code.end(), pattern), end; at != end; ++at) {
        const std::string joined = std::regex_replace((*at)[1].str(), between, "");
        titles.insert(joined.substr(1, joined.rfind('"') - 1));
    }
    return titles;
}

/// Cells of a line of a table; `\|` is a bar of the cell's own.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::string cell;
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
            cell += line[++i];
        } else if (line[i] == '|') {
            const std::size_t first = cell.find_first_not_of(' '), last = cell.find_last_not_of(' ');
            cells.push_back(first == cell.npos ? "" : cell.substr(first, last - first + 1));
            cell.clear();
        } else {
            cell += line[i];
        }
    }
    return cells;
}

/// What a file of a row must have.
struct Link {
    std::string file;
    std::vector<std::string> names; ///< Identifiers of a header, titles of a test.
};

/// Files and what belongs to them, in order; identifiers stand in `backticks` like their header, titles in "quotes".
std::vector<Link> links_of(const std::string& cell) {
    static const std::regex word("`([^`]+)`|\"([^\"]+)\"");
    std::vector<Link> links;
    for (std::sregex_iterator at(cell.begin(), cell.end(), word), end; at != end; ++at) {
        const std::string token = (*at)[1].matched ? (*at)[1] : (*at)[2];
        if ((*at)[1].matched && (token.ends_with(".hpp") || token.ends_with(".cpp")))
            links.push_back({token, {}});
        else if (links.empty())
            links.push_back({"", {token}}); // of no file: a fault
        else
            links.back().names.push_back(token);
    }
    return links;
}

struct Row {
    std::string equation, papers;
    std::vector<Link> code, tests;
};

struct Page {
    std::vector<Row> rows;
    std::vector<std::string> faults;
    std::size_t links = 0; ///< Headers, identifiers, test files and titles that were looked for.
};

const std::vector<std::string> columns = {"equation", "source",        "code",
                                          "test",     "compared with", "where the code differs"};

/// The rows of all tables of a page.
Page parsed(const std::string& text) {
    Page page;
    for (const std::string& line : split(text, '\n')) {
        if (!line.starts_with("|") || line.starts_with("|---")) continue;
        const std::vector<std::string> cells = cells_of(line);
        if (cells == columns) continue;
        if (cells.size() != columns.size() || std::count(cells.begin(), cells.end(), "") > 0)
            page.faults.push_back("a line of " + std::to_string(cells.size()) +
                                  " cells, or with an empty one: " + line);
        else
            page.rows.push_back({cells[0], cells[1], links_of(cells[2]), links_of(cells[3])});
    }
    return page;
}

/// Looks for what a row names.
void follow(const Row& row, const Reader& read, Page& page) {
    const auto fault = [&](const std::string& what) { page.faults.push_back(row.equation + ": " + what); };
    if (row.code.empty()) fault("no header");
    if (row.tests.empty()) fault("no test");
    for (const Link& link : row.code) {
        page.links += 1 + link.names.size();
        const auto file = read("include/tinysparse/" + link.file);
        if (!file) fault("there is no header '" + link.file + "'");
        if (link.names.empty()) fault(link.file + " without a function or type");
        const std::string code = code_of(file.value_or(""), false);
        for (const std::string& name : link.names)
            if (!has_identifier(code, name)) fault(link.file + " has no " + name);
    }
    for (const Link& link : row.tests) {
        page.links += 1 + link.names.size();
        const auto file = read(link.file);
        if (!file || !link.file.starts_with("tests/")) fault("there is no test '" + link.file + "'");
        if (link.names.empty()) fault(link.file + " without a title");
        const std::set<std::string> titles = titles_of(file.value_or(""));
        for (const std::string& name : link.names)
            if (!titles.contains(name)) fault(link.file + " has no test case \"" + name + "\"");
    }
}

Page checked(const std::string& text, const Reader& read) {
    Page page = parsed(text);
    const std::vector<Row> rows = page.rows;
    for (const Row& row : rows) follow(row, read, page);
    return page;
}

/// Papers of the rows of which docs/papers.md has no line with one of the row's headers, both as plain() text.
std::vector<std::string> unlisted(const Page& page, const std::string& papers) {
    std::vector<std::string> faults;
    const std::vector<std::string> lines = split(papers, '\n');
    for (const Row& row : page.rows)
        for (const auto& citation : test::citations(test::plain(row.papers))) {
            const auto has = [&](const std::string& line) {
                return line.find(citation.first) != line.npos && line.find(citation.second) != line.npos &&
                       std::any_of(row.code.begin(), row.code.end(),
                                   [&](const Link& link) { return line.find("`" + link.file + "`") != line.npos; });
            };
            if (std::none_of(lines.begin(), lines.end(), has))
                faults.push_back(row.equation + ": " + citation.first + " " + citation.second);
        }
    return faults;
}

const std::string heading =
    "| equation | source | code | test | compared with | where the code differs |\n|---|---|---|---|---|---|\n";

/// A project of one header and one test.
std::optional<std::string> small_project(const std::string& path) {
    if (path == "include/tinysparse/a/b.hpp")
        return "// old_name\nint area(int side); /* other_name */ const char* text = \"in_a_string // \"; int "
               "subarea_of;\n";
    if (path == "tests/a/b.cpp")
        return "// TEST_CASE(\"gone\")\nTEST_CASE(\n    \"the area is \"\n    \"that of squares\") { SUBCASE(\"of side "
               "2\") {} }";
    return std::nullopt;
}

/// What is wrong with a row of the small project, given its code and test cells.
std::vector<std::string> faults_of(const std::string& code, const std::string& test) {
    return checked(heading + "| A = s² | Euclid 1998 | " + code + " | " + test + " | tiles | none |\n", small_project)
        .faults;
}

} // namespace

TEST_CASE("every equation of docs/equations.md has its header, its function and its test") {
    const Page page = checked(read_file(source + "/docs/equations.md"), read_project);
    for (const std::string& fault : page.faults) FAIL_CHECK(fault);
    MESSAGE(page.links << " links of " << page.rows.size() << " equations were checked");
    CHECK(page.rows.size() > 80);
    CHECK(page.links > 350);
}

TEST_CASE("every paper of docs/equations.md is in docs/papers.md, with a header of the row") {
    const Page page = parsed(read_file(source + "/docs/equations.md"));
    for (const std::string& fault : unlisted(page, test::plain(read_file(source + "/docs/papers.md"))))
        FAIL_CHECK(fault);
    std::size_t count = 0;
    for (const Row& row : page.rows) count += test::citations(test::plain(row.papers)).size();
    CHECK(count > 70);
}

TEST_CASE("every header of the library that docs/papers.md names stands in docs/equations.md or docs/paper.md") {
    static const std::regex path("`([a-z_]+/[a-z_]+\\.hpp)`");
    const std::string pages = read_file(source + "/docs/equations.md") + read_file(source + "/docs/paper.md");
    const std::string papers = read_file(source + "/docs/papers.md");
    std::size_t count = 0;
    for (std::sregex_iterator at(papers.begin(), papers.end(), path), end; at != end; ++at) {
        const std::string name = (*at)[1];
        CAPTURE(name);
        CHECK(pages.find("`" + name) != pages.npos);
        ++count;
    }
    CHECK(count > 60);
}

TEST_CASE("planted faults of a row are found") {
    const std::string code = "`a/b.hpp` `area`",
                      test = "`tests/a/b.cpp` \"the area is that of squares\"; \"of side 2\"";
    const auto fault = [](const std::string& what) { return std::vector<std::string>{"A = s²: " + what}; };
    CHECK(faults_of(code, test).empty());
    CHECK(faults_of("`a/b.hpp` `area` `text`; `a/b.hpp` `subarea_of`", test).empty());
    SUBCASE("a header or a test file that is not there") {
        CHECK(faults_of("`a/c.hpp` `area`", test).front() == "A = s²: there is no header 'a/c.hpp'");
        CHECK(faults_of(code, "`tests/a/c.cpp` \"of side 2\"").front() == "A = s²: there is no test 'tests/a/c.cpp'");
    }
    SUBCASE("a name that is a part of others, or in a comment or a string only") {
        for (const char* name : {"are", "subarea", "old_name", "other_name", "in_a_string"})
            CHECK(faults_of(text("`a/b.hpp` `", name, "`"), test) == fault(text("a/b.hpp has no ", name)));
    }
    SUBCASE("a title that is another, a part of one, or in a comment") {
        for (const char* title : {"of side 3", "the area is ", "that of squares", "gone"})
            CHECK(faults_of(code, text("`tests/a/b.cpp` \"", title, "\"")) ==
                  fault(text("tests/a/b.cpp has no test case \"", title, "\"")));
    }
    SUBCASE("nothing named") {
        CHECK(faults_of("area", test) == fault("no header"));
        CHECK(faults_of("`a/b.hpp`", test) == fault("a/b.hpp without a function or type"));
        CHECK(faults_of(code, "later") == fault("no test"));
        CHECK(faults_of(code, "`tests/a/b.cpp`") == fault("tests/a/b.cpp without a title"));
        CHECK(faults_of("`area` `a/b.hpp` `area`", test).front() == "A = s²: there is no header ''");
    }
    SUBCASE("a line of other cells") {
        CHECK(checked(heading + "| A = s² | Euclid | " + code + " | " + test + " | |\n", small_project).faults.size() ==
              1);
        CHECK(checked("| equation | source |\n|---|---|\n", small_project).faults.size() == 1);
        CHECK(parsed(heading + "| \\|x\\| | a | b | c | d | e |\n").rows[0].equation == "|x|");
    }
}

TEST_CASE("a paper that docs/papers.md does not have, or has for another header only, is found") {
    const Page page =
        checked(heading + "| A = s² | Euclid and Pólya 1998 | `a/b.hpp` `area` | `tests/a/b.cpp` \"of side 2\" "
                          "| tiles | none |\n",
                small_project);
    CHECK(unlisted(page, "| Euclid, Polya: *Areas.* 1998 | `a/b.hpp` |").empty());
    CHECK(unlisted(page, "| Euclid, Polya: *Areas.* 1998 | `a/c.hpp` |") ==
          std::vector<std::string>{"A = s²: Euclid 1998"});
    CHECK(unlisted(page, "| Euclid, Polya: *Areas.* 1999 | `a/b.hpp` |").size() == 1);
}
