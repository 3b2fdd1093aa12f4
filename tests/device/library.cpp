// SPDX-License-Identifier: Apache-2.0
// Exported Arduino libraries on cores that are not AVR: their sketches, and the program of their README as it stands
// there, with what every core has of Arduino.h.
#include "process.hpp"
#include "small_model.hpp"
#include "tinysparse/deploy/arduino.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

constexpr const char* core_header = R"(#pragma once
#include <stddef.h>
#include <stdint.h>
#define F_CPU 64000000UL
class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper*>(text))
struct Line {
    void begin(unsigned long) {}
    explicit operator bool() const { return true; }
    int available() { return 1; }
    int read() { return 0; }
    void write(uint8_t) {}
    void write(const char*) {}
    void print(const __FlashStringHelper*) {}
    void print(char) {}
    void print(unsigned) {}
    void print(unsigned long) {}
    void print(double, int) {}
    void println(const __FlashStringHelper*) {}
    void println(double, int) {}
};
static Line Serial;
inline unsigned long micros() { return 0; }
inline unsigned long millis() { return 0; }
inline void delay(unsigned long) {}
inline int analogRead(uint8_t) { return 0; }
static const uint8_t A0 = 14;
)";

/// Classes, numbers of a series, and pictures of a camera.
std::vector<fixed::Model> models() {
    Random random(17, "library", 0);
    std::vector<fixed::Model> all;
    all.push_back(small::model(plain::random_network(net::parse("C4k3 A2 F3", {1, 12, 10}, 4), random), random));
    all.push_back(small::model(plain::random_network(net::parse("C2k3 G F2", {2, 9, 1}, 8), random, true), random));
    all.back().class_names.clear();
    all.back().channels = {{"ax", 0, 64}, {"lamp", 0.5f, 1}};
    all.back().quantities = {{"seconds", 1, 2}, {"joules", 0, 1}};
    all.push_back(small::model(plain::random_network(net::parse("C4k3 A2 F3", {1, 12, 10}, 4), random), random));
    all.back().network.input.camera = Camera{Pixels::rgb565, 24, 30, 2, 3};
    return all;
}

std::string code_of_readme(const std::string& readme) {
    const std::string opening = "```cpp\n";
    const std::size_t begin = readme.find(opening), end = readme.find("```\n", begin + 1);
    REQUIRE(end != readme.npos);
    return readme.substr(begin + opening.size(), end - begin - opening.size());
}

} // namespace

TEST_CASE("sketches and the program of the README compile as written on any core") {
    const ScratchFolder folder;
    if (simulator::run_in(folder.path(), {"c++", "--version"}) != 0) return;
    make_folder(folder.path() + "/core");
    write_file(folder.path() + "/core/Arduino.h", core_header, false);
    for (const bool single_header : {false, true})
        for (const fixed::Model& model : models()) {
            const ScratchFolder own;
            const fixed::Lowered lowered(model.network);
            const fixed::Program program = fixed::encode(lowered);
            std::vector<std::string> sources;
            for (const NamedFile& file :
                 deploy::arduino_library(model, program, {.name = "network", .single_header = single_header})) {
                const std::string path = own.path() + "/" + file.path;
                make_folder(path.substr(0, path.rfind('/')));
                write_file(path, file.content, false);
                if (path.ends_with(".ino")) sources.push_back(path);
                if (!path.ends_with("README.md")) continue;
                sources.push_back(own.path() + "/readme.ino");
                write_file(sources.back(), code_of_readme(file.content), false);
            }
            CHECK(sources.size() == (model.network.input.camera || !model.channels.empty() ? 4 : 3));
            for (const std::string& source : sources) {
                CAPTURE(source);
                CHECK(simulator::run_in(own.path(), {"c++", "-std=c++11", "-Wall", "-Wextra", "-fsyntax-only", "-x",
                                                     "c++", "-I" + folder.path() + "/core", "-Inetwork/src", source}) ==
                      0);
                CHECK(read_file(own.path() + "/log") == "");
            }
        }
}
