// SPDX-License-Identifier: Apache-2.0
// Short programs that feed readings, in the unit of the data, to an exported series: on this machine and on the
// simulated Uno they answer what the host does.
#include "../../tools/bench/device.hpp"
#include "compiles.hpp"
#include "host.hpp"
#include "machine.hpp"
#include "process.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using testing::compiles;
using testing::is_skipped;

namespace {

/// Acceleration in g, a temperature that is never near 0, and a switch, over 16 moments.
fixed::Model sensors() {
    Random random(31, "sensors", 0);
    fixed::Network network = plain::random_network(net::parse("C4k3 M2 F3", {3, 16, 1}, 8), random, true);
    network.input.offset = {100, -3, 0};
    network.input.shift = {7, 2, -7};
    fixed::Model model = small::model(std::move(network), random);
    model.channels = {{"acc x (g)", 0, 16384}, {"temperature", 21.5f, 128}, {"pressed", 0, 1}};
    model.sampling_rate = 50;
    return model;
}

/// A sample as a CSV file holds it, and the logits that belong to it.
struct Sample {
    std::vector<std::string> numbers; ///< [time][channel]
    std::vector<std::int32_t> logits;
};

std::vector<Sample> samples_of(const fixed::Model& model, std::size_t count) {
    Random random(32, "readings", 0);
    Host host(model.network);
    std::vector<Sample> samples(count);
    std::set<std::vector<std::int32_t>> answers;
    for (Sample& sample : samples) {
        const double lean = random.normal(), warmth = 3 * random.normal(), pressed = random.uniform();
        std::vector<std::int16_t> raw;
        for (int moment = 0; moment < 16; ++moment)
            for (const std::string& number :
                 {fixed_decimals(lean + 0.4 * random.normal(), 4), fixed_decimals(22 + warmth + random.normal(), 2),
                  std::string(random.chance(pressed) ? "1" : "0")}) {
                const Channel& channel = model.channels[raw.size() % 3];
                const double steps = (double(parse_number<float>(number).value()) - channel.origin) * channel.scale;
                raw.push_back(std::int16_t(std::min(32767.0, std::max(-32768.0, std::floor(steps + 0.5)))));
                sample.numbers.push_back(number);
            }
        sample.logits = host.logits(raw);
        answers.insert(sample.logits);
    }
    CHECK(answers.size() > count / 2); // readings matter
    return samples;
}

template <class Number> std::string logits_line(const std::vector<Number>& logits) {
    std::string line;
    for (const Number logit : logits) line += text(logit, " ");
    return line + "\n";
}

constexpr std::string_view host_program = R"(#include "network.h"
#include <cstdio>
static network::Net net;
int main() {
    for (int16_t row[network::input_channels];; std::printf("\n")) {
        net.begin();
        for (int moment = 0; moment < network::input_height; ++moment, net.push_row(row))
            for (uint16_t channel = 0; channel < network::input_channels; ++channel) {
                float reading;
                if (std::scanf("%f", &reading) != 1) return 0;
                row[channel] = network::to_input(channel, reading);
            }
        for (int i = 0; i < network::classes; ++i) std::printf("%ld ", long(net.logits()[i]));
    }
}
)";

constexpr std::string_view uno_program = R"(static const float readings[][16][3] = {@READINGS@};
static const int32_t logits[][3] = {@LOGITS@};
static network::Net net;
int main() {
    uint8_t wrong = 0;
    for (uint8_t sample = 0; sample < sizeof readings / sizeof readings[0]; ++sample) {
        net.begin();
        for (uint8_t moment = 0; moment < network::input_height; ++moment) {
            const float* now = readings[sample][moment];
            int16_t row[3];
            for (uint8_t channel = 0; channel < 2; ++channel) row[channel] = network::to_input(channel, now[channel]);
            row[network::channel_pressed] = network::to_input(network::channel_pressed, now[2]);
            net.push_row(row);
        }
        for (uint8_t i = 0; i < 3; ++i) wrong += net.logits()[i] != logits[sample][i];
    }
    answer(wrong);
}
)";

} // namespace

TEST_CASE("a short program on this machine gives the host's logits for the numbers of a CSV file") {
    const fixed::Model model = sensors();
    const std::vector<Sample> samples = samples_of(model, 40);
    const ScratchFolder folder;
    deploy::write_export(model, cost::target("none"), folder.path(), {.name = "network"});
    write_file(folder.path() + "/own.cpp", std::string(host_program));
    compiles({"g++", "-std=c++11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow",
              "-I" + folder.path(), folder.path() + "/own.cpp", "-o", folder.path() + "/own"},
             folder.path());
    std::string numbers, expected;
    for (const Sample& sample : samples) {
        for (std::size_t i = 0; i < sample.numbers.size(); ++i)
            numbers += sample.numbers[i] + (i % 3 == 2 ? "\n" : " ");
        expected += logits_line(sample.logits);
    }
    write_file(folder.path() + "/numbers", numbers);
    CHECK(simulator::run({"/bin/sh", "-c", folder.path() + "/own < " + folder.path() + "/numbers"},
                         folder.path() + "/out") == 0);
    CHECK(read_file(folder.path() + "/out") == expected);
}

TEST_CASE("a short program on the simulated Uno gives the host's logits for the numbers of a CSV file") {
    if (is_skipped(cost::target("uno"))) return;
    const fixed::Model model = sensors();
    const cost::Target& uno = cost::target("uno");
    const ScratchFolder folder;
    deploy::write_export(model, uno, folder.path(), {.name = "network"});
    std::string readings, logits;
    for (const Sample& sample : samples_of(model, 6)) {
        readings += "{";
        for (std::size_t i = 0; i < sample.numbers.size(); i += 3)
            readings += text("{", sample.numbers[i], ", ", sample.numbers[i + 1], ", ", sample.numbers[i + 2], "}, ");
        readings += "}, ";
        logits += text("{", sample.logits[0], ", ", sample.logits[1], ", ", sample.logits[2], "}, ");
    }
    write_file(folder.path() + "/main.cpp",
               text(bench::answering,
                    replaced(replaced(std::string(uno_program), "@READINGS@", readings), "@LOGITS@", logits)));
    simulator::Machine machine(simulator::compile(folder.path(), uno), uno);
    CHECK(int(machine.run({}, 1, 0).label) == 0);
}

TEST_CASE("to_input costs nothing if it is not called") {
    if (simulator::missing(cost::target("uno"))) return;
    fixed::Model model = sensors();
    Random random(33, "costs", 0);
    const data::Split split = small::random_samples(model.network, random, 2);
    const auto run = [&] { return simulator::simulate(model, split, 2, cost::target("uno")); };
    const auto with = run();
    model.channels.clear();
    model.sampling_rate.reset();
    const auto without = run();
    CHECK(with.flash == without.flash);
    CHECK(with.ram_peak == without.ram_peak);
    CHECK(with.cycles == without.cycles);
}

TEST_CASE("the conversion of readings is measured apart, on chips with and without a serial line") {
    if (simulator::missing(cost::target("uno"))) return;
    const fixed::Model model = sensors();
    const cost::Target& uno = cost::target("uno");
    Random random(35, "conversion", 0);
    const data::Split split = small::random_samples(model.network, random, 2);
    const auto row = simulator::conversion_cycles(model, split, 2, uno);
    REQUIRE(row);
    CHECK(*row > 3 * 300); // three channels; docs/devices.md says about 720 for a reading
    CHECK(*row < 3 * 1200);
    CHECK(*simulator::conversion_cycles(model, split, 2, cost::target("attiny85")) > 3 * 300);
    fixed::Model whole = model;
    for (Channel& channel : whole.channels) channel = {channel.name, 0, 1};
    CHECK_FALSE(simulator::conversion_cycles(whole, split, 2, uno));
    whole.channels.clear();
    CHECK_FALSE(simulator::conversion_cycles(whole, split, 2, uno));
}

TEST_CASE("column names of any kind give a header that compiles without a word") {
    fixed::Model model = sensors();
    const std::vector<std::string> names = {
        "int", "A0",         "PI",   "a\\", "what?\?/",  "*/",    "x\n#error \"",       "ax", "ax", "", "9", "\xc3\xa4",
        "__",  "channel_ax", "ax_2", "a.b", "%s\"\r\n{", "\t\v@", std::string(300, 'n')};
    Random random(34, "names", 0);
    const net::Spec spec = net::parse("C2k1 F2", {int(names.size()), 4, 1}, 8);
    model.network = plain::random_network(spec, random, true);
    model = small::model(model.network, random);
    for (std::size_t i = 0; i < names.size(); ++i)
        model.channels.push_back({names[i], float(i) * 0.1f, std::ldexp(1.0f, int(i) - 9)});
    model.sampling_rate = 1000.0 / 3;
    const ScratchFolder folder;
    deploy::write_export(model, cost::target("uno"), folder.path(), {.name = "network"});
    write_file(folder.path() + "/own.cpp",
               "#include \"network.h\"\n"
               "int16_t value(float reading) { return network::to_input(network::channel_A0, reading); }\n");
    const auto compile = [&](const char* compiler, std::vector<std::string> flags) {
        if (simulator::run({compiler, "--version"}, folder.path() + "/log") != 0) return;
        flags.insert(flags.begin(), compiler);
        for (const char* word : {"-Wall", "-Wextra", "-Wpedantic", "-DA0=14", "-DPI=3.1415926535897932384626433832795"})
            flags.push_back(word);
        for (const std::string& word : {"-I" + folder.path(), std::string("-c"), folder.path() + "/own.cpp",
                                        std::string("-o"), folder.path() + "/own.o"})
            flags.push_back(word);
        compiles(flags, folder.path());
    };
    compile("g++", {"-std=c++11", "-Wconversion", "-Wshadow"});
    compile("g++", {"-std=c++20", "-Wconversion", "-Wshadow"});
    compile("clang++", {"-std=c++11", "-Wconversion", "-Wshadow"});
    compile("clang++", {"-std=c++20", "-Wconversion", "-Wshadow"});
    compile("avr-g++", {"-std=gnu++11", "-mmcu=atmega328p", "-Os"});
}
