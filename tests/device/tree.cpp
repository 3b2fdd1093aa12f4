// SPDX-License-Identifier: Apache-2.0
// Tree heads on the simulated chips: the host's logits in every format, in assembly and in C++; and what they cost.
#include "of_network.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::is_skipped;

namespace {

/// A projection of few weights and a tree, in which a share of the weights is not zero.
fixed::Network tree_network(const char* line, double keep, Random& random) {
    fixed::Network network = plain::random_network(net::parse(line, {1, 28, 28}), random);
    for (std::int8_t& weight : network.layers[0].weights)
        if (!random.chance(0.2)) weight = 0;
    for (std::int8_t& weight : network.layers[1].weights)
        if (!random.chance(keep)) weight = 0;
    return network;
}

/// The formats of an export, the tree's replaced.
std::vector<fixed::Format> with_tree_in(fixed::Format format, const fixed::Network& network) {
    std::vector<fixed::Format> formats = of_network::formats(network);
    formats[1] = format;
    return formats;
}

} // namespace

TEST_CASE("trees give the host's logits on the chips, in every format that holds them") {
    if (is_skipped(cost::target("uno"))) return;
    std::size_t seen[std::size_t(fixed::Format::count)] = {};
    for (std::uint64_t number = 0; number < 12; ++number) {
        CAPTURE(number);
        Random random(42, "trees", number);
        const auto model = small::model(plain::random_tree(random), random);
        CAPTURE(net::notation(model.network.spec));
        const data::Split split = small::random_samples(model.network, random, 6);
        const fixed::Lowered lowered(model.network);
        for (const fixed::FormatInfo& row : fixed::format_table) {
            if (!fixed::encode_layer(lowered, 1, row.format)) continue;
            CAPTURE(std::string(row.name));
            ++seen[std::size_t(row.format)];
            const auto formats = with_tree_in(row.format, model.network);
            for (const std::vector<std::string>& definitions :
                 {std::vector<std::string>{}, std::vector<std::string>{"TINYSPARSE_NO_ASM"}})
                CHECK(simulator::simulate(model, split, 6, cost::target("uno"), definitions, formats).identical == 6);
        }
    }
    for (const fixed::Format format : fixed::sparse_formats) CHECK(seen[std::size_t(format)] > 1);
    Random random(43, "deep");
    const auto model = small::model(tree_network("F5L T4d6b4", 0.3, random), random);
    const data::Split split = small::random_samples(model.network, random, 8);
    for (const char* board : {"uno", "attiny85", "cortex-m0", "cortex-m4"}) {
        if (simulator::missing(cost::target(board))) continue;
        CAPTURE(std::string(board));
        CHECK(simulator::simulate(model, split, 8, cost::target(board)).identical == 8);
    }
}

TEST_CASE("predicted flash, RAM and cycles of trees are near those of the linked program") {
    if (is_skipped(cost::target("uno"))) return;
    struct Bounds {
        const char* board;
        double flash, cycles, mean_flash, mean_cycles; // those of tests/device/cost.cpp
    };
    for (const Bounds& most : {Bounds{"uno", 0.06, 0.08, 0.03, 0.03}, {"attiny85", 0.1, 0.4, 0.05, 0.25}}) {
        const cost::Target& target = cost::target(most.board);
        double flash = 0, cycles = 0, networks = 0;
        for (const auto& [line, keep] : {std::pair("A2 F10L T10d3b4", 0.2),
                                         {"A2 F10Lb4 T2d3", 0.5},
                                         {"A2 F6L T5d2", 0.9},
                                         {"A2 F15Lb2 T4d1b2", 0.3},
                                         {"A2 F12L T6d0b4", 0.8},
                                         {"F8L T3d4b4", 0.1}}) {
            CAPTURE(std::string(most.board));
            CAPTURE(std::string(line));
            Random random(44, line);
            const auto model = small::model(tree_network(line, keep, random), random);
            data::Split split = small::random_samples(model.network, random, 16);
            for (std::uint8_t& pixel : split.pixels)
                if (random.chance(0.6)) pixel = 0; // as pictures are
            const auto result = simulator::simulate(model, split, 16, target);
            CHECK(result.identical == 16);
            const cost::Costs costs = of_network::costs(model.network, target);
            CHECK(std::abs(double(result.ram) - double(*costs.ram)) <= 32);
            const double of_flash = std::abs(double(*costs.flash) / double(result.flash) - 1),
                         of_cycles = std::abs(*costs.cycles / *result.cycles - 1);
            CHECK(of_flash < most.flash);
            CHECK(of_cycles < most.cycles);
            flash += of_flash;
            cycles += of_cycles;
            networks += 1;
        }
        MESSAGE(std::string(most.board) << ": mean error of flash " << 100 * flash / networks << " %, of cycles "
                                        << 100 * cycles / networks << " %");
        CHECK(flash / networks < most.mean_flash);
        CHECK(cycles / networks < most.mean_cycles);
    }
}
