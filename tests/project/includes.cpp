// SPDX-License-Identifier: Apache-2.0
// The shape of the source tree, as docs/architecture.md promises it.
#include <algorithm>
#include <cstdint>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = TINYSPARSE_SOURCE_DIR;
const fs::path include_folder = root / "include" / "tinysparse";

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

/// Headers of the library, "tinysparse/net/spec.hpp", each with the headers of the library that it includes.
using Tree = std::map<std::string, std::vector<std::string>>;

Tree library() {
    Tree tree;
    for (const fs::path& header : headers()) {
        std::vector<std::string> own = includes(header);
        std::erase_if(own, [](const std::string& name) { return !name.starts_with("tinysparse/"); });
        tree.emplace(fs::relative(header, root / "include").generic_string(), std::move(own));
    }
    return tree;
}

/// A row of the table of folders in docs/architecture.md: a folder and what its last column says.
struct Row {
    std::string folder, builds_on;
};

std::vector<Row> table_of(const std::vector<std::string>& page) {
    static const std::regex row("\\| `(\\w+)/` \\|.*\\| ([^|]+) \\|");
    const auto begin = std::find(page.begin(), page.end(), "## Folders");
    const auto end = std::find_if(begin + (begin != page.end()), page.end(),
                                  [](const std::string& line) { return line.starts_with("## "); });
    std::vector<Row> table;
    std::smatch match;
    for (auto line = begin; line != end; ++line)
        if (std::regex_match(*line, match, row)) table.push_back({match[1], match[2]});
    return table;
}

std::vector<Row> documented() { return table_of(lines_of(root / "docs" / "architecture.md")); }

/// The folder of a header; "mcu" also for mcu.hpp, "version" and "tinysparse" for the other two outside of folders.
std::string folder_of(const std::string& header) { return std::next(fs::path(header).begin())->stem().string(); }

/// What the headers of each folder may include: the folder itself, the folders and single headers that its row names,
/// and what those folders may include. A folder may include version.hpp unless it builds on nothing. Of names that no
/// row above has, `wrong` hears.
template <class Wrong>
std::map<std::string, std::set<std::string>> permitted(const std::vector<Row>& table, Wrong wrong) {
    static const std::regex comma(", ");
    std::map<std::string, std::set<std::string>> result;
    for (const Row& row : table) {
        std::set<std::string> own{row.folder};
        if (row.builds_on != "nothing") own.insert("version");
        if (row.builds_on == "all above") {
            for (const auto& above : result) own.insert(above.first);
        } else if (row.builds_on != "nothing" && row.builds_on != "standard library") {
            std::string names = row.builds_on;
            std::erase(names, '`');
            for (std::sregex_token_iterator name(names.begin(), names.end(), comma, -1), end; name != end; ++name) {
                const std::string header = "tinysparse/" + name->str();
                const bool is_header = header.ends_with(".hpp");
                const auto found = result.find(is_header ? folder_of(header) : name->str());
                if (found == result.end())
                    wrong(row.folder + "/ builds on " + name->str() + ", which is not above it in the table");
                else if (is_header)
                    own.insert(header);
                else
                    own.insert(found->second.begin(), found->second.end());
            }
        }
        result.emplace(row.folder, std::move(own));
    }
    return result;
}

/// A header and all that it brings.
std::set<std::string> closure(const Tree& tree, const std::string& header) {
    std::set<std::string> reached, open{header};
    while (!open.empty()) {
        const std::string next = open.extract(open.begin()).value();
        if (!reached.insert(next).second) continue;
        if (const auto found = tree.find(next); found != tree.end())
            open.insert(found->second.begin(), found->second.end());
    }
    return reached;
}

bool permits(const std::set<std::string>& allowed, const std::string& header) {
    return allowed.contains(folder_of(header)) || allowed.contains(header);
}

/// Everything in which headers and table differ, a line each; nothing where they agree.
std::string differences(const Tree& tree, const std::vector<Row>& table) {
    std::set<std::string> lines;
    const auto wrong = [&](const std::string& line) { lines.insert(line + "\n"); };
    const auto allowed = permitted(table, wrong);
    std::set<std::string> seen;
    for (const auto& [header, included] : tree) {
        const std::string own = folder_of(header);
        seen.insert(own);
        for (const std::string& other : included)
            if (!tree.contains(other)) wrong(header + " includes " + other + ", which does not exist");
        if (own == "tinysparse") continue; // the whole library
        if (own != "version" && !allowed.contains(own)) wrong(own + "/ is not in the table");
        for (const std::string& other : included)
            if (!allowed.contains(own) || !permits(allowed.at(own), other))
                wrong(header + " includes " + other + ", which the table does not permit");
    }
    for (const auto& [folder, names] : allowed)
        for (const std::string& name : names)
            for (const std::string& reached : closure(tree, name))
                if (name.ends_with(".hpp") && !permits(names, reached))
                    wrong(folder + "/ builds on " + name + ", which brings " + reached);
    for (const Row& row : table)
        if (!seen.contains(row.folder)) wrong(row.folder + "/ is in the table and has no headers");
    return std::accumulate(lines.begin(), lines.end(), std::string());
}

/// Include cycles, a line each such as "a.hpp > b.hpp > a.hpp"; at least one where there are any.
std::string cycles(const Tree& tree) {
    std::string found;
    std::vector<std::string> way; // from where the search began to the header that is looked at
    std::set<std::string> done;
    const auto visit = [&](const auto& self, const std::string& header) -> void {
        const auto before = std::find(way.begin(), way.end(), header);
        if (before != way.end()) {
            for (auto step = before; step != way.end(); ++step) found += *step + " > ";
            found += header + "\n";
        }
        if (before != way.end() || done.contains(header) || !tree.contains(header)) return;
        way.push_back(header);
        for (const std::string& included : tree.at(header)) self(self, included);
        way.pop_back();
        done.insert(header);
    };
    for (const auto& entry : tree) visit(visit, entry.first);
    return found;
}

/// What describes, costs and exports a network of integers, and what floats are trained with.
const std::set<std::string> integer_folders = {"fixed", "cost", "deploy"};
const std::set<std::string> float_folders = {"nn", "autograd", "tensor", "prune", "quantise", "data"};

/// Headers of float_folders that headers of integer_folders bring, a line each.
std::string floats_among_integers(const Tree& tree) {
    std::string found;
    for (const auto& entry : tree)
        if (integer_folders.contains(folder_of(entry.first)))
            for (const std::string& reached : closure(tree, entry.first))
                if (float_folders.contains(folder_of(reached))) found += entry.first + " brings " + reached + "\n";
    return found;
}

/// A small library and its table, in which nothing is wrong.
const Tree small_tree = {
    {"tinysparse/base/error.hpp", {}},
    {"tinysparse/base/text.hpp", {"tinysparse/base/error.hpp"}},
    {"tinysparse/net/spec.hpp", {"tinysparse/base/text.hpp"}},
    {"tinysparse/nn/network.hpp", {"tinysparse/net/spec.hpp"}},
    {"tinysparse/mcu/layer.hpp", {}},
    {"tinysparse/mcu.hpp", {"tinysparse/mcu/layer.hpp"}},
    {"tinysparse/fixed/network.hpp", {"tinysparse/net/spec.hpp", "tinysparse/mcu.hpp"}},
    {"tinysparse/search/run.hpp", {"tinysparse/nn/network.hpp", "tinysparse/version.hpp"}},
    {"tinysparse/deploy/export.hpp", {"tinysparse/fixed/network.hpp", "tinysparse/base/error.hpp"}},
    {"tinysparse/version.hpp", {}},
    {"tinysparse/tinysparse.hpp", {"tinysparse/deploy/export.hpp", "tinysparse/search/run.hpp"}}};
const std::vector<std::string> small_page = {"| `before/` | is no row | nothing |",
                                             "## Folders",
                                             "| folder | holds | builds on |",
                                             "|---|---|---|",
                                             "| `base/` | Error, text | standard library |",
                                             "| `net/` | Spec | base |",
                                             "| `nn/` | Network | net |",
                                             "| `mcu/` | kernels, the runner | nothing |",
                                             "| `fixed/` | Network | net, mcu |",
                                             "| `search/` | runs | all above |",
                                             "| `deploy/` | the exported header | fixed |",
                                             "## Rules",
                                             "| `behind/` | is no row | nothing |"};

const std::set<std::string> posix_headers = {"fcntl.h", "locale.h", "unistd.h", "xlocale.h"};

/// True if the line of code calls a function of the global namespace, as all of POSIX are called here.
bool calls_system(const std::string& line) {
    static const std::regex call("(^|[^A-Za-z0-9_>:@\"])::[a-z_0-9]+\\(");
    return std::regex_search(line.substr(0, line.find("//")), call);
}

Tree with(Tree tree, const std::string& header, const std::string& included) {
    tree["tinysparse/" + header].push_back("tinysparse/" + included);
    return tree;
}

} // namespace

TEST_CASE("every include goes where the table of docs/architecture.md permits it, and none in a circle") {
    const Tree tree = library();
    REQUIRE(tree.size() > 20);
    REQUIRE(documented().size() > 10);
    CHECK(differences(tree, documented()) == "");
    CHECK(cycles(tree) == "");
}

TEST_CASE("no header of fixed/, cost/ or deploy/ brings training, data or floats on their way to integers") {
    CHECK(floats_among_integers(library()) == "");
}

TEST_CASE("an include that the table does not permit is found") {
    const std::vector<Row> table = table_of(small_page);
    REQUIRE(table.size() == 7);
    REQUIRE(differences(small_tree, table) == "");
    const auto added = [&](const char* header, const char* included) {
        return differences(with(small_tree, header, included), table);
    };
    CHECK(added("base/text.hpp", "net/spec.hpp") ==
          "tinysparse/base/text.hpp includes tinysparse/net/spec.hpp, which the table does not permit\n");
    CHECK(added("deploy/export.hpp", "nn/network.hpp") ==
          "tinysparse/deploy/export.hpp includes tinysparse/nn/network.hpp, which the table does not permit\n");
    CHECK(added("fixed/network.hpp", "base/error.hpp") == ""); // by way of net/
    CHECK(added("search/run.hpp", "fixed/network.hpp") == "");
    CHECK(added("search/run.hpp", "deploy/export.hpp") != "");
    CHECK(added("search/run.hpp", "tinysparse.hpp") != "");
    CHECK(added("mcu/layer.hpp", "base/error.hpp") != "");
    CHECK(added("mcu/layer.hpp", "version.hpp") != "");
    CHECK(added("version.hpp", "base/error.hpp") != "");
    CHECK(added("net/spec.hpp", "net/none.hpp") ==
          "tinysparse/net/spec.hpp includes tinysparse/net/none.hpp, which does not exist\n");
    CHECK(added("gp/matrix.hpp", "gp/matrix.hpp").starts_with("gp/ is not in the table\n"));

    // A single header of a folder
    std::vector<Row> single = table;
    single[4].builds_on = "net, mcu, `nn/network.hpp`";
    const Tree one = with(with(small_tree, "fixed/network.hpp", "nn/network.hpp"), "nn/layer.hpp", "base/text.hpp");
    CHECK(differences(one, single) == "");
    CHECK(differences(one, table) != "");
    CHECK(differences(with(one, "fixed/network.hpp", "nn/layer.hpp"), single) ==
          "tinysparse/fixed/network.hpp includes tinysparse/nn/layer.hpp, which the table does not permit\n");
    CHECK(differences(with(one, "nn/network.hpp", "nn/layer.hpp"), single)
              .starts_with("deploy/ builds on tinysparse/nn/network.hpp, which brings tinysparse/nn/layer.hpp\n"
                           "fixed/ builds on tinysparse/nn/network.hpp, which brings tinysparse/nn/layer.hpp\n"));

    std::vector<Row> longer = table;
    longer.push_back({"report", "search"});
    CHECK(differences(small_tree, longer) == "report/ is in the table and has no headers\n");
    std::swap(longer[0], longer[1]);
    CHECK(differences(small_tree, longer).find("net/ builds on base, which is not above it in the table\n") !=
          std::string::npos);
}

TEST_CASE("one include more, anywhere in the library, that the table does not permit is found") {
    const Tree tree = library();
    const std::vector<Row> table = documented();
    const auto allowed = permitted(table, [](const std::string& line) { FAIL(line); });
    const std::string before = differences(tree, table);
    for (const Row& row : table)
        for (const Row& other : table) {
            CAPTURE(row.folder);
            CAPTURE(other.folder);
            Tree changed = tree;
            const auto in = [&](const std::string& folder) {
                return std::find_if(changed.begin(), changed.end(),
                                    [&](const auto& entry) { return folder_of(entry.first) == folder; });
            };
            in(row.folder)->second.push_back(in(other.folder)->first);
            CHECK((differences(changed, table) == before) == allowed.at(row.folder).contains(other.folder));
        }
}

TEST_CASE("a cycle of includes is found") {
    CHECK(cycles(small_tree) == "");
    CHECK(cycles(with(small_tree, "base/error.hpp", "base/text.hpp")) ==
          "tinysparse/base/error.hpp > tinysparse/base/text.hpp > tinysparse/base/error.hpp\n");
    CHECK(cycles(with(small_tree, "base/error.hpp", "fixed/network.hpp")) != "");
    CHECK(cycles(with(small_tree, "net/spec.hpp", "net/spec.hpp")) ==
          "tinysparse/net/spec.hpp > tinysparse/net/spec.hpp\n");
    const Tree tree = library();
    for (const auto& entry : tree)
        for (const std::string& other : entry.second) {
            CAPTURE(entry.first);
            CAPTURE(other);
            Tree changed = tree;
            changed[other].push_back(entry.first); // closes a circle
            CHECK(cycles(changed) != "");
        }
}

TEST_CASE("training and data behind any header of fixed/, cost/ or deploy/ are found") {
    CHECK(floats_among_integers(small_tree) == "");
    CHECK(floats_among_integers(with(small_tree, "fixed/network.hpp", "nn/network.hpp")) ==
          "tinysparse/deploy/export.hpp brings tinysparse/nn/network.hpp\n"
          "tinysparse/fixed/network.hpp brings tinysparse/nn/network.hpp\n");
    const Tree tree = library();
    for (const auto& entry : tree) {
        if (!integer_folders.contains(folder_of(entry.first))) continue;
        for (const std::string& folder : float_folders) {
            Tree changed = tree;
            const std::string other = "tinysparse/" + folder + "/anything.hpp";
            changed[entry.first].push_back(other);
            CHECK(floats_among_integers(changed).find(entry.first + " brings " + other) != std::string::npos);
        }
    }
}

TEST_CASE("tinysparse.hpp brings every header of the host library but the one that needs stb") {
    const Tree tree = library();
    const std::set<std::string> reached = closure(tree, "tinysparse/tinysparse.hpp");
    for (const auto& entry : tree) {
        CAPTURE(entry.first);
        CHECK(reached.contains(entry.first) == (entry.first != "tinysparse/data/images.hpp"));
    }
}

TEST_CASE("only data/images.hpp includes stb, only base/ POSIX, and else there is the standard library") {
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
            const std::string folder = header.parent_path().filename().string();
            const bool platform = folder == "base" ? posix_headers.contains(included) || included.starts_with("sys/")
                                                   : folder == "mcu" && included.starts_with("avr/");
            const bool stb = included.find("stb_") != std::string::npos;
            CHECK((project || standard || platform || (stb && header.filename() == "images.hpp")));
        }
}

TEST_CASE("POSIX is called in base/ and tools/ alone") {
    CHECK(calls_system("    lock_ = ::open(path.c_str(), O_RDWR);"));
    CHECK(calls_system("if (!::close(descriptor))"));
    CHECK(calls_system("return ::getpid();"));
    for (const char* line : {"std::open(1)", "tinysparse::detail::open(1)", "// ::open(1)"})
        CHECK_FALSE(calls_system(line));
    std::vector<fs::path> files = headers();
    for (const auto& entry : fs::directory_iterator(root / "examples"))
        if (entry.path().extension() == ".cpp") files.push_back(entry.path());
    int found = 0;
    for (const fs::path& file : files)
        for (const std::string& line : code_lines_of(file))
            if (calls_system(line)) {
                ++found;
                CHECK_MESSAGE(file.parent_path() == include_folder / "base", file.string() << ": " << line);
            }
    CHECK(found > 10);
}

TEST_CASE("comments stay within 120 columns, which clang-format leaves to their authors") {
    for (const char* folder : {"include", "tools", "tests", "examples"})
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".hpp" && extension != ".cpp") continue;
            int number = 0;
            for (const std::string& line : code_lines_of(entry.path())) {
                ++number;
                if (line.find("//") == std::string::npos) continue;
                const auto columns = std::count_if(line.begin(), line.end(),
                                                   [](char byte) { return (std::uint8_t(byte) & 0xc0) != 0x80; });
                CHECK_MESSAGE(columns <= 120, entry.path().string() << ":" << number);
            }
        }
}

TEST_CASE("every source file that a page of documentation names is there") {
    static const std::regex name("`([a-z_0-9/]+\\.[hc]pp)`");
    std::vector<fs::path> pages = {root / "README.md", root / "CONTRIBUTING.md"};
    for (const auto& entry : fs::directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md") pages.push_back(entry.path());
    std::set<std::string> bare; // headers may be named without their folder where the text has said it
    for (const fs::path& header : headers()) bare.insert(header.filename().string());
    std::size_t found = 0;
    for (const fs::path& page : pages)
        for (const std::string& line : lines_of(page))
            for (std::sregex_iterator match(line.begin(), line.end(), name), end; match != end; ++match, ++found) {
                const std::string file = (*match)[1];
                CHECK_MESSAGE((bare.contains(file) || fs::exists(root / file) || fs::exists(include_folder / file)),
                              page.string() << " names " << file);
            }
    CHECK(found > 50);
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
