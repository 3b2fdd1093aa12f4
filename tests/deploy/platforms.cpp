// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/platforms.hpp"
#include <algorithm>
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

std::vector<std::string> paths(const char* board, bool has_sample = true) {
    const cost::Target& target = cost::target(board);
    std::vector<std::string> out;
    for (const NamedFile& file : deploy::platform(target).programs("digits", target, has_sample))
        out.push_back(file.path);
    return out;
}

std::string program(const char* board, bool has_sample) {
    const cost::Target& target = cost::target(board);
    const auto files = deploy::platform(target).programs("digits", target, has_sample);
    REQUIRE(files[0].path == "main.cpp");
    return files[0].content;
}

} // namespace

TEST_CASE("every target has a platform with a main program and a Makefile that calls its compiler with its flags") {
    using Paths = std::vector<std::string>;
    CHECK(paths("uno") == Paths{"main.cpp", "Makefile"});
    CHECK(paths("cortex-m4") == Paths{"main.cpp", "startup.cpp", "chip.ld", "Makefile"});
    CHECK(paths("none") == Paths{"main.cpp", "CMakeLists.txt", "Makefile"});
    for (const cost::Target& target : cost::targets) {
        CAPTURE(target.name);
        const deploy::Platform& platform = deploy::platform(target);
        CHECK(platform.architecture == target.architecture);
        for (const bool has_sample : {false, true}) {
            const auto files = platform.programs("digits", target, has_sample);
            CHECK(files.front().path == "main.cpp");
            CHECK(files.back().path == "Makefile");
            for (const NamedFile& file : files) CHECK(file.content.find("@NAME@") == std::string::npos);
            const std::string& makefile = files.back().content;
            CHECK(makefile.find(platform.compiler.name) != std::string::npos);
            for (const std::string& flag : platform.flags(target)) CHECK(makefile.find(flag) != std::string::npos);
            if (platform.simulator != deploy::Simulator::emulator) continue;
            for (const std::string& flag : platform.emulator_flags(target))
                CHECK(makefile.find(flag) != std::string::npos);
        }
    }
}

TEST_CASE("an AVR chip answers over its serial line, at a pin, or to a simulator") {
    CHECK(program("uno", true).find("UDR0 = byte") != std::string::npos);
    CHECK(program("uno", false) == program("uno", true));
    CHECK(program("leonardo", true).find("UDR1 = byte") != std::string::npos);
    CHECK(program("attiny85", true).find("PORTB |= 1 << 0") != std::string::npos);
    CHECK(program("attiny85", false).find("GPIOR2 = answer") != std::string::npos);
    CHECK(program("cortex-m0", true).find("digits::self_test") != std::string::npos);
    CHECK(program("cortex-m0", false).find("digits::self_test") == std::string::npos);
}

TEST_CASE("what a program takes beside the network: a row of the input, at a pin the sample and its comparison") {
    fixed::Model model;
    model.network.spec.input = {3, 10, 20};
    const auto bytes = [&](const char* board) {
        const cost::Target& target = cost::target(board);
        return deploy::platform(target).program_bytes(model, target);
    };
    for (const char* board : {"uno", "attiny85", "cortex-m4", "none"}) {
        CAPTURE(board);
        CHECK(bytes(board).ram == 60);
        CHECK(bytes(board).flash == 0);
    }
    model.golden.picture.resize(600);
    model.golden.logits.resize(10);
    CHECK(bytes("uno").ram == 60);
    CHECK(bytes("uno").flash == 0);
    CHECK(bytes("attiny85").ram == 0);
    CHECK(bytes("attiny85").flash == 600 + 40 + 74);
    model.network.input.series = true;
    CHECK(bytes("cortex-m4").ram == 120);
}

TEST_CASE("AVR kernels read the first 64 KB, others all of the memory") {
    CHECK(deploy::platform(cost::target("mega2560")).reach == 65280);
    CHECK(deploy::platform(cost::target("cortex-m4")).reach == cost::no_limit);
    CHECK(deploy::platform(cost::target("none")).reach == cost::no_limit);
}

TEST_CASE("qemu's ticks become instructions: 64 ns each") {
    const cost::Target& m4 = cost::target("cortex-m4"); // 25 MHz: a tick is 40 ns
    CHECK(deploy::platform(m4).instructions(1600, m4) == doctest::Approx(1000));
}
