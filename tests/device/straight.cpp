// SPDX-License-Identifier: Apache-2.0
// Straight-line code, whose operands are the nonzero weights: compiled for this machine and for the chips,
// in assembly and in C++, they give the host's logits; and they cost what was predicted.
#include "of_network.hpp"
#include "process.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using fixed::Format;
using testing::is_skipped;

namespace {

/// Straight-line code for each layer that can be written so.
std::vector<Format> straight(const fixed::Network& network) {
    const fixed::Lowered lowered(network);
    std::vector<Format> formats;
    for (std::size_t i = 0; i < lowered.size(); ++i)
        formats.push_back(fixed::straight_line(lowered, i) ? Format::straight : Format::dense);
    return formats;
}

/// What the exported program for this machine says of the golden sample, whose logits were the dense kernels'.
std::string on_this_machine(const fixed::Model& model, const std::vector<std::string>& compiler) {
    const ScratchFolder folder;
    const fixed::Lowered lowered(model.network);
    deploy::write_export(model, fixed::encode(lowered, straight(model.network)), cost::target("none"), folder.path(),
                         {.name = "network"});
    std::vector<std::string> words = compiler;
    for (const std::string& word :
         {"-I" + folder.path(), folder.path() + "/main.cpp", std::string("-o"), folder.path() + "/program"})
        words.push_back(word);
    if (simulator::run(words, folder.path() + "/log") != 0 || !read_file(folder.path() + "/log").empty())
        return read_file(folder.path() + "/log");
    simulator::run({folder.path() + "/program"}, folder.path() + "/out");
    return read_file(folder.path() + "/out");
}

struct Case {
    const char* line;
    net::Shape input;
    int bits;
    double keep;
};
// Sums of 16 and of 24 bits, values that may be negative and not, padding on all sides, pools in every way, residuals,
// rows that meet no weight, several heads, one channel and more than ldd reaches, two thousand weights.
const Case cases[] = {
    {"C4k3 C5k3s2 C3k3v F3", {1, 9, 13}, 8, 0.4},
    {"C6k1 M2 C5k1s2 A2 C4k1 =a C4k1L +a G F3", {3, 15, 17}, 4, 0.4},
    {"C3k3 D3L C7k1 D3s2 C6k1L D3v C5k1 F5", {2, 11, 10}, 2, 0.5},
    {"C70k1 C3k3 D5 F2", {1, 5, 6}, 4, 0.3},
    {"C3k5 A2 D4v F9 F3", {2, 8, 9}, 2, 0.3},
    {"C12k3 A3 F23L F11", {1, 12, 12}, 4, 0.2},
    {"C3k3 M1 C2k1 A1 F2", {1, 4, 4}, 8, 0.5},
    {"D3 =a C3k7 M2 F4 @a F4", {2, 9, 8}, 8, 0.3},
    {"F20L F3", {1, 6, 30}, 8, 0.02},
    {"F10", {1, 28, 28}, 2, 0.4},
};

fixed::Model model_of(const Case& c) {
    Random random(31, c.line, 0);
    fixed::Network network = plain::random_network(net::parse(c.line, c.input, c.bits), random);
    plain::thin_out(network, c.keep, random);
    return small::model(network, random);
}

} // namespace

TEST_CASE("straight-line code gives the host's logits on this machine") {
    for (const Case& c : cases) {
        CAPTURE(c.line);
        CHECK(on_this_machine(model_of(c), {"g++", "-std=c++11", "-O1", "-Wall", "-Wextra", "-Wpedantic"}) ==
              "self test passed\n");
    }
    const std::vector<std::string> strict = {"-std=c++20", "-O1",          "-Wall",   "-Wextra",
                                             "-Wpedantic", "-Wconversion", "-Wshadow"};
    for (const char* name : {"g++", "clang++"}) {
        const ScratchFolder folder;
        if (simulator::run({name, "--version"}, folder.path() + "/output") != 0) continue;
        std::vector<std::string> words = {name};
        words.insert(words.end(), strict.begin(), strict.end());
        CHECK(on_this_machine(model_of(cases[2]), words) == "self test passed\n");
    }
}

TEST_CASE("straight-line code gives the host's logits on the chip, in assembly and in C++") {
    if (is_skipped(cost::target("uno"))) return;
    for (const Case& c : cases) {
        CAPTURE(c.line);
        const auto model = model_of(c);
        Random random(32, c.line, 0);
        const data::Split split = small::random_samples(model.network, random, 2);
        for (const std::vector<std::string>& definitions :
             {std::vector<std::string>{}, std::vector<std::string>{"TINYSPARSE_NO_ASM"}})
            CHECK(simulator::simulate(model, split, 2, cost::target("uno"), definitions, straight(model.network))
                      .identical == 2);
    }
}

TEST_CASE("random sparse networks as straight-line code give the host's logits on the chip") {
    if (simulator::missing(cost::target("uno"))) return;
    int compared = 0;
    for (std::uint64_t number = 0; number < 6; ++number) {
        auto model = small::random_model(number + 100, 4);
        if (!model) continue;
        Random random(33, "straight", number);
        plain::thin_out(model->network, random.uniform(0.05, 0.5), random);
        CAPTURE(net::notation(model->network.spec));
        const data::Split split = small::random_samples(model->network, random, 2);
        CHECK(simulator::simulate(*model, split, 2, cost::target("uno"), {}, straight(model->network)).identical == 2);
        ++compared;
    }
    CHECK(compared >= 3);
}

TEST_CASE("straight-line code gives the host's logits on Cortex-M0 and Cortex-M4") {
    if (is_skipped(cost::target("cortex-m4"))) return;
    const auto model = model_of(cases[1]);
    Random random(36, "arm", 0);
    const data::Split split = small::random_samples(model.network, random, 2);
    for (const char* board : {"cortex-m0", "cortex-m4"})
        CHECK(simulator::simulate(model, split, 2, cost::target(board), {}, straight(model.network)).identical == 2);
}

TEST_CASE("an ATtiny85 runs ternary straight-line code, which does not multiply") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(34, "tiny", 0);
    fixed::Network network = plain::random_network(net::parse("A2 C3k3 A2 F4", {1, 16, 16}, 2), random);
    plain::thin_out(network, 0.4, random);
    const auto model = small::model(network, random);
    const data::Split split = small::random_samples(network, random, 2);
    const auto formats = straight(network);
    const auto lists = simulator::simulate(model, split, 2, cost::target("attiny85"));
    const auto lines = simulator::simulate(model, split, 2, cost::target("attiny85"), {}, formats);
    CHECK(lines.identical == 2);
    CHECK(*lines.cycles < *lists.cycles);
    const cost::Costs costs = of_network::costs(network, cost::target("attiny85"), formats);
    CHECK(std::abs(double(*costs.flash) / double(lines.flash) - 1) < 0.1);
    CHECK(std::abs(*costs.cycles / *lines.cycles - 1) < 0.2);
    MESSAGE("cycles " << 100 * (*costs.cycles / *lines.cycles - 1) << " %, flash "
                      << 100 * (double(*costs.flash) / double(lines.flash) - 1) << " %");
    const ScratchFolder folder;
    const fixed::Lowered lowered(model.network);
    deploy::write_export(model, fixed::encode(lowered, formats), cost::target("attiny85"), folder.path(),
                         {.name = "network"});
    const std::string header = read_file(folder.path() + "/network.h");
    CHECK(header.find("TINYSPARSE_PLUS") != std::string::npos);
    CHECK(header.find("TIMES") == std::string::npos);
}

TEST_CASE("straight-line code costs what was predicted") {
    if (simulator::missing(cost::target("uno"))) return;
    for (const char* line :
         {"A2 C5k3 A2 C9k3 A2 F10", "C4k3s2 D3L C8k1 A2 C14k1 A2 F20 F10", "A2 C5k3v C6k3v M2 F10"}) {
        CAPTURE(line);
        Random random(35, line, 0);
        fixed::Network network = plain::random_network(net::parse(line, {1, 28, 28}, 4), random);
        plain::thin_out(network, 0.15, random);
        const auto formats = straight(network);
        const auto model = small::model(network, random);
        const data::Split split = small::random_samples(network, random, 2);
        const auto result = simulator::simulate(model, split, 2, cost::target("uno"), {}, formats);
        const cost::Costs costs = of_network::costs(network, cost::target("uno"), formats);
        CHECK(result.identical == 2);
        MESSAGE(line << ": cycles " << 100 * (*costs.cycles / *result.cycles - 1) << " %, flash "
                     << 100 * (double(*costs.flash) / double(result.flash) - 1) << " %");
        CHECK(std::abs(double(*costs.flash) / double(result.flash) - 1) < 0.06);
        CHECK(std::abs(*costs.cycles / *result.cycles - 1) < 0.08);
        CHECK(std::abs(double(result.ram) - double(*costs.ram)) <= 32);
    }
}
