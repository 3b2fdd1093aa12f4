// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/header.hpp"
#include "random_network.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/deploy/library_text.hpp"
#include "tinysparse/deploy/mcu_text.hpp"
#include "tinysparse/deploy/sketches.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {
fixed::Model small_model() {
    Random random(1, "header", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("C2k3 A2 F3", {1, 8, 8}, 4), random);
    model.class_names = {"cat", "a \"dog\"", "third"};
    model.command = "tinysparse train\n#error not a comment any more \\";
    model.test_accuracy = 0.98765;
    return model;
}
std::string header_of(const fixed::Model& model, const char* name) {
    const fixed::Lowered lowered(model.network);
    return deploy::header(model, fixed::encode(lowered), {}, {.name = name});
}

} // namespace

TEST_CASE("names that cannot be a namespace are refused") {
    for (const char* name : {"digits", "A1", "my_net"}) CHECK_NOTHROW(deploy::check_name(name));
    for (const char* name : {"", "1st", "my-net", "a__b", "_x", "class", "std", "tinysparse", "../x", "net h", "net",
                             "send", "uint8_t", "String", "Serial", "stdint", "FILE"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(deploy::check_name(name), Error);
    }
    CHECK_THROWS_WITH_AS(
        header_of(small_model(), "my-net"),
        "'my-net' cannot be the name of an exported network; use a letter, then letters, digits and single "
        "underscores, and no word of C++, of a board's libraries or of the program beside it",
        Error);
}

TEST_CASE("a name that a program or a sketch of an export uses itself is refused") {
    std::vector<std::string> programs = {
        std::string(deploy::detail::serial_eval_sketch), std::string(deploy::detail::self_test_sketch),
        std::string(deploy::detail::camera_sketch),      std::string(deploy::detail::readings_sketch),
        std::string(deploy::detail::readme_sketch),      std::string(deploy::detail::readme_camera_sketch)};
    for (const char* board : {"uno", "attiny85", "cortex-m4", "none"})
        for (const bool has_sample : {false, true}) {
            const cost::Target& target = cost::target(board);
            for (const NamedFile& file : deploy::platform(target).programs("NAME", target, has_sample))
                if (file.path.ends_with(".cpp")) programs.push_back(file.content);
        }
    std::size_t names = 0;
    for (const std::string& program : programs)
        for (const std::string& line : split(program, '\n')) { // a declaration begins in the first column
            if (line.empty() || !(std::isalpha(line[0]) != 0) || line.starts_with("extern \"C\" {")) continue;
            const std::string head = replaced(line.substr(0, line.find_first_of("([=;")), "__attribute__", "");
            for (const std::string& declared : split(head, ',')) {
                const std::string name = declared.substr(declared.find_last_of(" *&") + 1);
                if (name.empty()) continue;
                CAPTURE(line);
                CHECK_THROWS_AS(deploy::check_name(name), Error);
                ++names;
            }
        }
    CHECK(names > 50);
}

TEST_CASE("the header says where it comes from, and nothing in it ends a comment or a string early") {
    const std::string header = header_of(small_model(), "animals");
    CHECK(header.find("// network    C2k3b4 A2 F3b4") != std::string::npos);
    CHECK(header.find("// The weights belong to whoever trained them, who did not state a licence") !=
          std::string::npos);
    CHECK(header.find("test 98.77 %") != std::string::npos);
    CHECK(header.find("tinysparse train\\x0a#error not") != std::string::npos);
    std::string others = header;
    for (const char* own : {"\n#error \"animals.h needs C++11", "\n#error \"animals is a macro here"}) {
        CHECK(header.find(own) != std::string::npos);
        others = replaced(others, own, "");
    }
    CHECK(others.find("\n#error") == std::string::npos);
    CHECK(header.find("\\\n") == std::string::npos);
    CHECK(header.find("\"a \\\"dog\\\"\\0\"") != std::string::npos);
    CHECK(header.find("self_test") == std::string::npos); // this model has no golden sample
}

TEST_CASE("the header bounds the time where it depends on values: on chips that multiply in software") {
    const fixed::Model model = small_model();
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered);
    const auto header_for = [&](const char* board) {
        return deploy::header(model, program, deploy::figures_on(model, program, cost::target(board)),
                              {.name = "animals"});
    };
    const double bound = cost::costs(program, cost::target("attiny85")).longest_cycles.value();
    CHECK(bound > *cost::costs(program, cost::target("attiny85")).cycles);
    CHECK(header_for("attiny85").find(text("\nconstexpr uint32_t longest_cycles = ", std::llround(bound), ";\n")) !=
          std::string::npos);
    CHECK(header_for("uno").find("longest_cycles") == std::string::npos);
}

TEST_CASE("the version in the kernels' guards and namespace is the library's") {
    const std::string expected = text("v", TINYSPARSE_VERSION_MAJOR, "_", TINYSPARSE_VERSION_MINOR);
    CHECK(deploy::detail::inline_namespace == expected);
    CHECK(deploy::mcu_headers().size() >= 9);
    for (const NamedFile& header : deploy::mcu_headers()) {
        CAPTURE(header.path);
        const std::string guard =
            text("#ifndef TINYSPARSE_", TINYSPARSE_VERSION_MAJOR, "_", TINYSPARSE_VERSION_MINOR, "_MCU");
        CHECK(header.content.find(guard) != std::string::npos);
        if (header.path != "tinysparse/mcu.hpp")
            CHECK(header.content.find("inline namespace " + expected + " {") != std::string::npos);
    }
}

TEST_CASE("a network whose constants an AVR chip cannot reach is refused") {
    Random random(2, "large", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("F66 F10", {1, 32, 32}, 8), random); // 66 * 1024 + 660 weights
    const auto check = [&](auto what, const char* board) {
        const fixed::Lowered lowered(model.network);
        what(model, fixed::encode(lowered), cost::target(board));
    };
    CHECK_THROWS_WITH_AS(check(deploy::check_reachable, "mega2560"),
                         doctest::Contains("bytes, the chip of mega2560 reads the first 65280 of its program memory; "
                                           "prune the network or give it fewer bits"),
                         Error);
    CHECK_NOTHROW(check(deploy::check_reachable, "cortex-m4"));
    model.network = plain::random_network(net::parse("F60 F10", {1, 32, 32}, 8), random);
    CHECK_NOTHROW(check(deploy::check_reachable, "mega2560"));
    for (const char* board : {"mega2560", "cortex-m0", "cortex-m4"}) CHECK_NOTHROW(check(deploy::check_fits, board));
    CHECK_THROWS_WITH_AS(check(deploy::check_fits, "uno"),
                         doctest::Contains("bytes, uno has 32256 of program memory; prune the network or give it fewer "
                                           "bits"),
                         Error);
}

TEST_CASE("a network whose variables alone are more than a board's RAM is refused, with both numbers") {
    Random random(3, "wide", 0);
    fixed::Model model;
    // Three rows of 40 values in eight channels wait for the second layer.
    model.network = plain::random_network(net::parse("C8k3 C8k3 M2 F2", {1, 40, 40}, 2), random);
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered);
    CHECK_NOTHROW(deploy::check_fits(model, program, cost::target("uno")));
    const std::size_t net = fixed::plan(model.network.spec).bytes();
    CHECK_THROWS_WITH_AS(deploy::check_fits(model, program, cost::target("attiny85")),
                         text("the network's variables take ", net + 40,
                              " bytes, attiny85 has 512 of RAM; take a network with fewer or smaller maps")
                             .c_str(),
                         Error);
}

TEST_CASE("where a pin tells whether the sample is right, flash holds the sample") {
    fixed::Model model = small_model();
    const cost::Target& tiny = cost::target("attiny85");
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    const auto flash = [&](const cost::Target& target) {
        return *deploy::figures_on(model, program, target).flash_bytes;
    };
    const std::size_t without = flash(tiny), on_uno = flash(cost::target("uno"));
    model.golden.picture.resize(64);
    model.golden.logits.resize(3);
    CHECK(flash(tiny) >= without + 64 + 3 * 4);
    CHECK(flash(tiny) <= without + 64 + 3 * 4 + 128);
    CHECK(flash(cost::target("uno")) == on_uno);
}

TEST_CASE("a header tells no folder of the machine that trained its network") {
    fixed::Model model = small_model();
    model.data = "/home/ann/sets/mnist,names=/home/ann/names.txt";
    model.command = "tinysparse train --data '/home/ann lee/mnist' -o ../secret/m.tsm";
    const std::string header = header_of(model, "digits");
    CHECK(header.find("// data       mnist,names=names.txt, digest ") != header.npos);
    CHECK(header.find("// trained    tinysparse train --data 'mnist' -o m.tsm\n") != header.npos);
    for (const char* folder : {"ann lee", "/ann", "secret", "/home"}) CHECK(header.find(folder) == header.npos);
    model.command.clear(); // a program trained it
    CHECK(header_of(model, "digits").find("// trained") == header.npos);
}

TEST_CASE("a sample that a board has no room for is left out of its export, and the self test with it") {
    Random random(4, "sample", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("A8 F2", {1, 192, 192}, 2), random);
    model.golden.picture.resize(192 * 192);
    model.golden.logits.resize(2);
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    for (const char* board : {"uno", "nano", "attiny85", "mega2560", "cortex-m4", "none"}) {
        CAPTURE(board);
        const cost::Target& target = cost::target(board);
        const bool fits = target.flash > 100000;
        CHECK(deploy::sample_fits(model, program, target) == fits);
        CHECK(deploy::fitting(model, program, target).golden.logits.empty() == !fits);
        CHECK_NOTHROW(deploy::check_fits(model, program, target));
    }
    model.golden = {};
    CHECK(deploy::sample_fits(model, program, cost::target("uno")));
}

TEST_CASE("an export for a nano speaks of no other board") {
    const fixed::Model model = small_model();
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    const cost::Target& nano = cost::target("nano");
    std::string all = deploy::header(model, program, deploy::figures_on(model, program, nano), {.name = "digits"});
    CHECK(all.find("// On nano, estimated") != all.npos);
    for (const NamedFile& file : deploy::platform(nano).programs("digits", nano, true)) all += file.content;
    for (const char* other : {" uno", "Uno"}) CHECK(all.find(other) == all.npos);
}

TEST_CASE("Makefiles upload as the board's boot loader or programmer wants it") {
    const auto has = [](const char* board, const char* command) {
        CAPTURE(board);
        const std::string makefile = deploy::avr_makefile("digits", cost::target(board));
        CHECK(makefile.find(text("\tavrdude -p ", cost::target(board).chip, command, " -U flash:w:$<\n")) !=
              std::string::npos);
        CHECK(replaced(makefile, "$@", "").find('@') == makefile.npos); // nothing is left to fill in
        return makefile.find("PORT ?=") != std::string::npos;
    };
    CHECK(has("uno", " -c arduino -P $(PORT)"));
    CHECK(has("nano:cpu=atmega168", " -c arduino -P $(PORT) -b 19200"));
    CHECK(has("pro:cpu=8MHzatmega328", " -c arduino -P $(PORT) -b 57600"));
    CHECK(has("leonardo", " -c avr109 -P $(PORT) -b 57600"));
    CHECK(has("mega2560", " -c wiring -P $(PORT) -D"));
    CHECK_FALSE(has("attiny85", " -c usbasp"));
}

TEST_CASE("the header of a network that answers numbers has value() with origin and scale, and nothing of classes") {
    fixed::Model model = small_model();
    model.class_names.clear();
    model.test_accuracy.reset();
    model.quantities = {{"seconds", 2.5f, 4}, {"seconds", -1e9f, 0x1p20f}, {"", 0, 1}};
    model.test_rmse = {0.25, 3e5, 1};
    const std::string three = header_of(model, "kettle");
    for (const char* words : {"class_name", "accuracy", "mcu::largest", "the class"}) {
        CAPTURE(words);
        CHECK(three.find(words) == std::string::npos);
    }
    CHECK(three.find("enum Value : uint8_t {\n    value_seconds,\n    value_seconds_2,\n    value_2,\n};") !=
          std::string::npos);
    CHECK(three.find("// value_seconds: column seconds; RMSE test 0.25, validation not measured") != std::string::npos);
    CHECK(three.find("Tables<void>::value_origins + 4 * index") != std::string::npos);
    CHECK(three.find("float predict(const uint8_t* picture)") != std::string::npos);
    CHECK(three.find("constexpr uint8_t classes = 3; // outputs") != std::string::npos);

    Random random(2, "header", 0);
    model.network = plain::random_network(net::parse("F1", {1, 8, 8}, 8), random);
    model.network.layers.back().output_exponent = -10;
    model.quantities.resize(1);
    model.test_rmse.resize(1);
    const std::string one = header_of(model, "kettle");
    CHECK(
        one.find("constexpr float value_origin = 2.5f, value_scale = 0.00390625f; // value = origin + scale * logit") !=
        std::string::npos);
    CHECK(one.find("float value(uint8_t index = 0) const {") != std::string::npos);
    CHECK(one.find("value_origins") == std::string::npos);
}
