// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/export.hpp"
#include "random_network.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;

TEST_CASE("a folder keeps the files of one target; those of another are an error, a user's own stay") {
    Random random(9, "export", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("F3", {1, 4, 4}, 4), random);
    const ScratchFolder scratch;
    const std::string& folder = scratch.path();
    const auto write = [&](const char* board) {
        deploy::write_export(model, cost::target(board), folder, {.name = "network"});
    };
    const auto refused = [&](const char* board, const char* file) {
        CHECK_THROWS_WITH_AS(write(board),
                             text(folder, "/", file,
                                  " is of an export for another kind of chip; remove it, or export into another folder")
                                 .c_str(),
                             Error);
        std::filesystem::remove(text(folder, "/", file));
    };
    const auto refused_beside = [&](const char* board, const char* other) {
        CHECK_THROWS_WITH_AS(
            write(board),
            text(folder, "/Makefile is of an export for ", other, "; remove the folder, or export into another")
                .c_str(),
            Error);
    };
    write("cortex-m4");
    CHECK_NOTHROW(write("cortex-m4"));
    for (const char* board : {"cortex-m0", "none", "uno"}) refused_beside(board, "cortex-m4");
    std::filesystem::remove(folder + "/Makefile"); // as of a version that did not say whose it is
    refused("none", "startup.cpp");
    refused("uno", "chip.ld");
    CHECK_NOTHROW(write("none"));
    CHECK(read_file(folder + "/Makefile").find("override CXXFLAGS") != std::string::npos);
    refused_beside("attiny85", "none");
    std::filesystem::remove(folder + "/Makefile");
    refused("attiny85", "CMakeLists.txt");
    write_file(folder + "/CMakeLists.txt", "project(mine)\n");
    write_file(folder + "/chip.ld", "");
    CHECK_NOTHROW(write("uno"));
    CHECK(read_file(folder + "/CMakeLists.txt") == "project(mine)\n");
    CHECK(read_file(folder + "/Makefile").find("\n# exported for uno\n") != std::string::npos);
    refused_beside("nano", "uno"); // the same chip with another boot loader
}

TEST_CASE("an export lays a network out and proves it once") {
    Random random(8, "export", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("A2 C3k3 M2 F3", {1, 16, 16}, 4), random);
    for (const char* board : {"uno", "attiny85", "cortex-m0", "none"}) {
        CAPTURE(board);
        const ScratchFolder folder;
        const std::size_t proofs = fixed::detail::proofs_made, plans = fixed::detail::plans_made;
        deploy::write_export(model, cost::target(board), folder.path(), {.name = "network"});
        CHECK(fixed::detail::proofs_made == proofs + 1);
        CHECK(fixed::detail::plans_made == plans + 1);
        CHECK(std::filesystem::exists(folder.path() + "/network.h"));
    }
}

TEST_CASE("an export has the name of its folder unless another one is given, and its kernels from no folder") {
    Random random(7, "export", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("A2 C3k3 F3", {1, 8, 8}, 4), random);
    const ScratchFolder scratch;
    const std::filesystem::path folder = scratch.path();
    const cost::Target& uno = cost::target("uno");
    deploy::write_export(model, uno, (folder / "digits").string() + "/");
    CHECK(read_file((folder / "digits" / "digits.h").string()).find("namespace digits {") != std::string::npos);
    for (const NamedFile& header : deploy::mcu_headers())
        CHECK(read_file((folder / "digits" / header.path).string()) == header.content);
    deploy::write_export(model, uno, (folder / "alone").string(), {.name = "other", .single_header = true});
    const std::string alone = read_file((folder / "alone" / "other.h").string());
    CHECK(alone.find("namespace other {") != std::string::npos);
    CHECK(alone.find("tinysparse/mcu.hpp\"") == std::string::npos);
    CHECK_THROWS_WITH_AS(deploy::write_export(model, uno, (folder / "my-net").string()),
                         doctest::Contains("'my-net' cannot be the name of an exported network"), Error);
}
