// SPDX-License-Identifier: Apache-2.0
// The pages of documentation lead to each other: none is left out, no link leads nowhere, and the changelog's newest
// version is the one of version.hpp.
#include "files.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/version.hpp"
#include <cctype>
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using test::read;
using test::root;

namespace {

namespace fs = std::filesystem;

/// Every page: those of the root, of docs/, data/ and examples/.
std::vector<fs::path> pages() {
    std::vector<fs::path> found;
    for (const char* folder : {"", "docs", "data", "examples"})
        for (const fs::path& page : test::files_of(folder, ".md")) found.push_back(page);
    return found;
}

/// A page without its blocks of code, in which brackets are no links.
std::string prose(const std::string& page) {
    std::string kept;
    bool code = false;
    for (const std::string& line : split(page, '\n')) {
        if (line.starts_with("```")) code = !code;
        if (!code && !line.starts_with("    ")) kept += line + "\n";
    }
    return kept;
}

/// Where the links and pictures of a page lead, addresses of other hosts left out: "data.md#units", "results/a.svg".
std::vector<std::string> links(const std::string& page) {
    std::vector<std::string> found = test::captured(prose(page), "\\]\\(([^)\\s]+)\\)");
    std::erase_if(found, [](const std::string& link) { return link.find("://") != link.npos; });
    return found;
}

/// The anchors of a page's headings, as GitHub makes them: small letters, digits and hyphens, spaces become hyphens.
std::set<std::string> anchors(const std::string& page) {
    std::set<std::string> found;
    for (const std::string& line : split(prose(page), '\n')) {
        if (!line.starts_with("#")) continue;
        std::string anchor;
        for (const char letter : line.substr(line.find_first_not_of("# ")))
            if (letter == ' ')
                anchor += '-';
            else if (std::isalnum(static_cast<unsigned char>(letter)) || letter == '-' || letter == '_')
                anchor += char(std::tolower(static_cast<unsigned char>(letter)));
        found.insert(anchor);
    }
    return found;
}

/// What is wrong with a link of a page; nothing if it leads to a file, and to a heading if it names one.
std::string fault(const fs::path& page, const std::string& link) {
    const std::string file = link.substr(0, link.find('#'));
    const fs::path target = file.empty() ? page : page.parent_path() / file;
    if (!fs::exists(target)) return "no such file";
    if (link.find('#') == link.npos) return "";
    const std::string anchor = link.substr(link.find('#') + 1);
    return anchors(read(target)).contains(anchor) ? "" : "no such heading";
}

/// The files that a page links to, without their headings.
std::set<fs::path> linked(const fs::path& page) {
    std::set<fs::path> found;
    for (const std::string& link : links(read(page)))
        found.insert((page.parent_path() / link.substr(0, link.find('#'))).lexically_normal());
    return found;
}

} // namespace

TEST_CASE("README and docs/index.md lead to every page") {
    const std::set<fs::path> from_readme = linked(root / "README.md"), from_index = linked(root / "docs" / "index.md");
    for (const fs::path& page : pages()) {
        CAPTURE(page.string());
        if (page.filename() != "README.md") CHECK(from_readme.contains(page));
        if (page.parent_path() == root / "docs" && page.filename() != "index.md") CHECK(from_index.contains(page));
    }
}

TEST_CASE("every link of a page leads to a file that is there, and to a heading of it") {
    std::size_t count = 0;
    for (const fs::path& page : pages())
        for (const std::string& link : links(read(page))) {
            CAPTURE(page.string());
            CAPTURE(link);
            CHECK(fault(page, link) == "");
            ++count;
        }
    CHECK(count > 60);
}

TEST_CASE("a link that leads nowhere is found") {
    CHECK(links("see [a](b.md), ![c](d/e.svg) and\n[f](https://g.h)\n    [i](j)\n```\n[k](l)\n```\n[m](#n)") ==
          std::vector<std::string>{"b.md", "d/e.svg", "#n"});
    CHECK(anchors("# One\ntext\n## Half a kilobyte: of `RAM`\n```\n# no heading\n```\n") ==
          std::set<std::string>{"one", "half-a-kilobyte-of-ram"});
    const fs::path readme = root / "README.md";
    CHECK(fault(readme, "docs/data.md") == "");
    CHECK(fault(readme, "docs/arithmetic.md#no-sum-overflows") == "");
    CHECK(fault(readme, "#limits") == "");
    CHECK(fault(readme, "docs/none.md") == "no such file");
    CHECK(fault(readme, "docs/data.md#none") == "no such heading");
    CHECK(fault(readme, "#none") == "no such heading");
}

TEST_CASE("the newest version of the changelog is the one of version.hpp") {
    static const std::regex heading("## ([0-9]+\\.[0-9]+\\.[0-9]+)(, .*)?");
    std::smatch match;
    for (const std::string& line : split(read("CHANGELOG.md"), '\n'))
        if (line.starts_with("## ")) {
            REQUIRE_MESSAGE(std::regex_match(line, match, heading), line);
            CHECK(match[1] == TINYSPARSE_VERSION_STRING);
            return;
        }
    FAIL("CHANGELOG.md has no version");
}
