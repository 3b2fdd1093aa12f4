// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/zip.hpp"
#include "tinysparse/base/files.hpp"
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;

namespace {
int shell(const std::string& command) { return std::system((command + " > /dev/null 2>&1").c_str()); }
} // namespace

TEST_CASE("an archive is what unzip and Python take, with every byte") {
    const std::vector<NamedFile> files = {
        {"root/a.txt", "hello\n"},
        {"root/folder/empty", ""},
        {"root/folder/bytes", std::string("\0\xff PK\3\4 \n", 9) + std::string(70000, 'x')}};
    const ScratchFolder scratch;
    const std::filesystem::path folder = scratch.path();
    const std::string zip = (folder / "x.zip").string();
    write_file(zip, zip_of(files));
    int readers = 0;
    for (const auto& [there, read] :
         {std::pair<std::string, std::string>{"unzip -v", text("cd ", folder.string(), " && unzip -q x.zip")},
          {"python3 -V", text("cd ", folder.string(),
                              " && python3 -c \"import zipfile; z = zipfile.ZipFile('x.zip'); "
                              "assert z.testzip() is None; z.extractall()\"")}}) {
        if (shell(there) != 0) continue;
        ++readers;
        CHECK(shell(read) == 0);
        for (const NamedFile& file : files) CHECK(read_file((folder / file.path).string()) == file.content);
        std::filesystem::remove_all(folder / "root");
    }
    if (readers == 0) MESSAGE("skipped: neither unzip nor python3 is here");
}

TEST_CASE("an empty archive is the end record alone, and the same files give the same bytes") {
    CHECK(zip_of({}) == std::string("PK\5\6", 4) + std::string(18, '\0'));
    const std::vector<NamedFile> files = {{"a", "b"}};
    CHECK(zip_of(files) == zip_of(files));
    CHECK(zip_of(files).size() == 30 + 1 + 1 + 46 + 1 + 22);
}
