// SPDX-License-Identifier: Apache-2.0
// Exported networks that answer numbers: on this machine and on the simulated Uno value() gives the host's floats, bit
// for bit.
#include "tinysparse/fixed/numbers.hpp"
#include "../../tools/bench/device.hpp"
#include "compiles.hpp"
#include "host.hpp"
#include "machine.hpp"
#include "process.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/deploy/arduino.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/fixed/evaluate.hpp"
#include "tinysparse/net/notation.hpp"
#include <bit>
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::compiles;
using testing::is_skipped;

namespace {

/// A series network with one or two outputs in units of their own.
fixed::Model answering(int outputs) {
    Random random(41, "numbers", 0);
    const net::Spec spec = net::parse(text("C4k3 M2 F", outputs), {2, 8, 1}, 8);
    fixed::Model model = small::model(plain::random_network(spec, random, true), random);
    model.class_names.clear();
    model.quantities = {{"time left (s)", 207.88849f, 128}, {"1e-9 \"T\"", -3.25e-9f, 0x1p-30f}};
    model.quantities.resize(std::size_t(outputs));
    model.test_rmse.assign(std::size_t(outputs), 0.125);
    return model;
}

/// The host's numbers for the samples, as the bits of floats.
std::vector<std::uint32_t> bits_of(const fixed::Model& model, const data::Split& split) {
    const std::vector<std::int32_t> logits = fixed::answers(model.network, split).logits;
    std::vector<std::uint32_t> bits;
    for (const float number : fixed::numbers_of(model.network, model.quantities, logits))
        bits.push_back(std::bit_cast<std::uint32_t>(number));
    return bits;
}

std::string list(const auto& values) {
    std::string out;
    for (const auto value : values) out += text(out.empty() ? "" : ", ", value);
    return out;
}

/// Counts in `wrong` what differs from the host's bits.
constexpr std::string_view counting = R"(static const int16_t samples[] = {@SAMPLES@};
static const uint32_t expected[] = {@BITS@};
static network::Net net;
static uint8_t count_wrong() {
    uint8_t wrong = 0;
    const uint32_t* bits = expected;
    for (const int16_t* sample = samples; sample != samples + sizeof samples / 2; sample += 16) {
        const float first = net.predict(sample);
        if (net.finish() != 0 || first != net.value(0)) ++wrong;
        for (uint8_t i = 0; i < network::classes; ++i, ++bits) {
            const float value = net.value(i);
            if (__builtin_memcmp(&value, bits, 4) != 0) ++wrong;
        }
    }
    return wrong;
}
)";

std::string program(const fixed::Model& model, const data::Split& split) {
    std::vector<int> rows; // [sample][moment][channel]
    for (std::size_t sample = 0; sample < split.samples; ++sample)
        for (std::size_t moment = 0; moment < 8; ++moment)
            for (std::size_t channel = 0; channel < 2; ++channel)
                rows.push_back(split.values[16 * sample + 8 * channel + moment]);
    std::string bits;
    for (const std::uint32_t one : bits_of(model, split)) bits += text(one, "ul, ");
    return replaced(replaced(std::string(counting), "@SAMPLES@", list(rows)), "@BITS@", bits);
}

} // namespace

TEST_CASE("value() of a header gives the host's numbers, bit for bit") {
    for (const int outputs : {1, 2}) {
        CAPTURE(outputs);
        const fixed::Model model = answering(outputs);
        Random random(42, "samples", 0);
        const data::Split split = small::random_samples(model.network, random, 12);
        const ScratchFolder folder;
        deploy::write_export(model, cost::target("none"), folder.path(), {.name = "network"});
        write_file(folder.path() + "/own.cpp",
                   text("#include \"network.h\"\n", program(model, split), "int main() { return count_wrong(); }\n"));
        for (const char* standard : {"-std=c++11", "-std=c++20"})
            for (const char* optimised : {"-O0", "-O2"})
                compiles({"g++", standard, optimised, "-march=native", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
                          "-Wshadow", "-I" + folder.path(), folder.path() + "/own.cpp", "-o", folder.path() + "/own"},
                         folder.path());
        CHECK(simulator::run({folder.path() + "/own"}, folder.path() + "/log") == 0);
    }
}

TEST_CASE("the program of an export for this machine tests itself and prints numbers") {
    const fixed::Model model = answering(2);
    Random random(43, "samples", 0);
    const data::Split split = small::random_samples(model.network, random, 1);
    const ScratchFolder folder;
    deploy::write_export(model, cost::target("none"), folder.path(), {.name = "network"});
    compiles({"g++", "-std=c++11", "-O1", "-Wall", "-Wextra", "-I" + folder.path(), folder.path() + "/main.cpp", "-o",
              folder.path() + "/own"},
             folder.path());
    std::string bytes;
    for (std::size_t moment = 0; moment < 8; ++moment)
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const std::uint16_t value = std::uint16_t(split.values[8 * channel + moment]);
            bytes += char(value & 255);
            bytes += char(value >> 8);
        }
    write_file(folder.path() + "/sample", bytes);
    CHECK(simulator::run({"/bin/sh", "-c", folder.path() + "/own - < " + folder.path() + "/sample"},
                         folder.path() + "/out") == 0);
    const std::vector<std::string> words =
        tinysparse::split(replaced(read_file(folder.path() + "/out"), "\n", ""), ' ');
    REQUIRE(words.size() == 4);
    const std::vector<std::uint32_t> bits = bits_of(model, split);
    for (std::size_t k = 0; k < 2; ++k)
        CHECK(std::bit_cast<std::uint32_t>(parse_number<float>(words[k]).value()) == bits[k]);
}

TEST_CASE("value() on the simulated Uno gives the host's numbers, bit for bit, and simulate compares the logits") {
    const cost::Target& uno = cost::target("uno");
    if (is_skipped(uno)) return;
    for (const int outputs : {1, 2}) {
        CAPTURE(outputs);
        const fixed::Model model = answering(outputs);
        Random random(44, "samples", 0);
        const data::Split split = small::random_samples(model.network, random, 12);
        const ScratchFolder folder;
        deploy::write_export(model, uno, folder.path(), {.name = "network"});
        write_file(folder.path() + "/main.cpp",
                   text(bench::answering, program(model, split), "int main() { answer(count_wrong()); }\n"));
        simulator::Machine machine(simulator::compile(folder.path(), uno), uno);
        CHECK(int(machine.run({}, 1, 0).label) == 0);
        const auto result = simulator::simulate(model, split, 12, uno);
        CHECK(result.identical == 12);
        CHECK(result.logits == fixed::answers(model.network, split).logits);
    }
}

TEST_CASE("an Arduino library of numbers names them, and its sketches print them") {
    const fixed::Model model = answering(2);
    const fixed::Lowered lowered(model.network);
    std::string all;
    for (const NamedFile& file : deploy::arduino_library(model, fixed::encode(lowered), {.name = "left"})) {
        CHECK(file.content.find("@ANSWER@") == std::string::npos);
        CHECK(file.content.find("class_name") == std::string::npos);
        if (!file.path.ends_with(".zip")) all += file.content;
    }
    CHECK(all.find("that answers time left (s) and 1e-9 \"T\" for series of 8 moments of 2 values.") !=
          std::string::npos);
    CHECK(all.find("Serial.print(net.value(0), 6);\n    Serial.print(' ');\n    Serial.print(net.value(1), 6);") !=
          std::string::npos);
    CHECK(all.find("value_time_left_s\tLITERAL1") != std::string::npos);
}
