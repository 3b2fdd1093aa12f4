// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/written.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using deploy::with_checksums;
using deploy::write_files;

TEST_CASE("files of an export are replaced by the next one") {
    const ScratchFolder folder;
    const std::vector<NamedFile> first =
        with_checksums({{"main.cpp", "int main() {}\n"}, {"a/README.md", "# a\n"}, {"Makefile", "all:\n"}});
    write_files(folder.path(), first);
    CHECK_NOTHROW(write_files(folder.path(), first));
    write_files(folder.path(), with_checksums({{"main.cpp", "int main() { return 1; }\n"}}));
    CHECK(read_file(folder.path() + "/main.cpp").starts_with("int main() { return 1; }\n// The next export replaces "));
    CHECK(read_file(folder.path() + "/a/README.md").ends_with(" -->\n"));
    // An editor or a version control of Windows ends lines in its own way.
    write_file(folder.path() + "/Makefile", replaced(read_file(folder.path() + "/Makefile"), "\n", "\r\n"));
    CHECK_NOTHROW(write_files(folder.path(), first));
}

TEST_CASE("a file that somebody wrote or changed is never replaced, and nothing is written beside it") {
    const auto refused = [](const std::string& folder, const char* name) {
        const std::vector<NamedFile> files =
            with_checksums({{"first.h", "new\n"}, {name, "generated\n"}, {"other.txt", "new\n"}});
        CHECK_THROWS_WITH_AS(
            write_files(folder, files),
            doctest::Contains(text(folder, "/", name, " was changed since the last export, or not written by").c_str()),
            Error);
        CHECK(!std::filesystem::exists(folder + "/first.h"));
    };
    for (const char* name :
         {"main.cpp", "net.h", "Makefile", "CMakeLists.txt", "x.ino", "README.md", "chip.ld", "library.properties"}) {
        CAPTURE(name);
        const ScratchFolder folder;
        const std::string path = text(folder.path(), "/", name);
        for (const std::string content : {"", "\n", "mine\n", "mine"}) {
            write_file(path, content);
            refused(folder.path(), name);
            CHECK(read_file(path) == content);
        }
        const std::string whole = with_checksums({{name, "generated\nlines\n"}})[0].content;
        for (const std::string& changed : {replaced(whole, "lines", "Lines"), whole + "more\n", whole.substr(1)}) {
            write_file(path, changed);
            refused(folder.path(), name);
        }
    }
}

TEST_CASE("all changed files are named at once") {
    const ScratchFolder folder;
    const std::vector<NamedFile> files = with_checksums({{"main.cpp", "a\n"}, {"Makefile", "b\n"}, {"x.h", "c\n"}});
    write_files(folder.path(), files);
    write_file(folder.path() + "/main.cpp", "mine\n");
    write_file(folder.path() + "/x.h", "mine\n");
    CHECK_THROWS_WITH_AS(
        write_files(folder.path(), with_checksums({{"main.cpp", "d\n"}, {"Makefile", "e\n"}, {"x.h", "f\n"}})),
        doctest::Contains(text(folder.path(), "/main.cpp, ", folder.path(), "/x.h were changed since").c_str()), Error);
}

TEST_CASE("files that nobody edits, or that have no comments, have no checksum") {
    for (const char* name : {"tinysparse/mcu.hpp", "net/src/tinysparse/mcu/layer.hpp", "LICENSE", "library.json"})
        CHECK(with_checksums({{name, "text\n"}})[0].content == "text\n");
}
