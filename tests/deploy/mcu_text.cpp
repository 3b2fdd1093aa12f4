// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/mcu_text.hpp"
#include "tinysparse/base/files.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;

TEST_CASE(
    "the texts of the kernels are the headers of mcu/, byte for byte; after a change to one, run tools/mcu_text") {
    const std::filesystem::path include = std::filesystem::path(TINYSPARSE_SOURCE_DIR) / "include";
    std::vector<std::string> paths = {"tinysparse/mcu.hpp"};
    for (const auto& entry : std::filesystem::directory_iterator(include / "tinysparse" / "mcu"))
        paths.push_back("tinysparse/mcu/" + entry.path().filename().string());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> held;
    for (const NamedFile& header : deploy::mcu_headers()) {
        held.push_back(header.path);
        const bool same = header.content == read_file((include / header.path).string());
        CHECK_MESSAGE(same, header.path << " has changed; run tools/mcu_text");
    }
    CHECK(held == paths);
}

TEST_CASE("every text is within the 65536 characters that a compiler has to take") {
    for (const NamedFile& header : deploy::mcu_headers()) CHECK(header.content.size() < 65536);
}
