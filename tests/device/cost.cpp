// SPDX-License-Identifier: Apache-2.0
// The cost model against the linked program and the simulated chip.
#include "of_network.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::is_skipped;

namespace {

/// How far a prediction is off for random networks.
struct Errors {
    double flash = 0, cycles = 0, networks = 0;

    void add(const fixed::Network& network, const simulator::Simulation& result, const cost::Target& target,
             double most_flash, double most_cycles) {
        const cost::Costs costs = of_network::costs(network, target);
        CHECK(std::abs(double(result.ram) - double(*costs.ram)) <= 32);
        const double of_flash = std::abs(double(*costs.flash) / double(result.flash) - 1);
        const double of_cycles = std::abs(*costs.cycles / *result.cycles - 1);
        CHECK(of_flash < most_flash);
        CHECK(of_cycles < most_cycles);
        flash += of_flash;
        cycles += of_cycles;
        networks += 1;
    }
    void check_means(double most_flash, double most_cycles) const {
        MESSAGE("mean error of flash " << 100 * flash / networks << " %, of cycles " << 100 * cycles / networks
                                       << " %");
        CHECK(flash / networks < most_flash);
        CHECK(cycles / networks < most_cycles);
    }
};

} // namespace

TEST_CASE("predicted flash, RAM and cycles are near those of the linked program") {
    if (is_skipped(cost::target("uno"))) return;
    const cost::Target& uno = cost::target("uno");
    Errors errors;
    for (const char* line : {"A2 C5k3 A2 D3L C9k1 D3L C9k1 A2 D3vL F10", "C3k3 A2 D3L C4k1 A2 D3L C5k1 A2 D3vL F10",
                             "C4k3s2 D3L C8k1 A2 D3L C14k1 A2 D3vL C14k1 F10", "C8k3 M2 C10k3 M2 F10",
                             "A2 C6k3 =a D3L C6k1 +a A2 D5L C8k1 G F10"})
        for (const int bits : {8, 4}) {
            CAPTURE(line);
            CAPTURE(bits);
            Random random(12, line, std::uint64_t(bits));
            fixed::Network network = plain::random_network(net::parse(line, {1, 28, 28}, bits), random);
            // Small enough for some layers to have narrow sums: at full range random weights of 8 bits allow none.
            for (fixed::Layer& layer : network.layers)
                for (std::int8_t& weight : layer.weights) weight = std::int8_t(weight / 2);
            const auto model = small::model(network, random);
            const data::Split split = small::random_samples(network, random, 2);
            const auto result = simulator::simulate(model, split, 2, uno);
            CHECK(result.identical == 2);
            errors.add(network, result, uno, 0.06, 0.08);
        }
    errors.check_means(0.03, 0.03);
}

TEST_CASE("predictions for series hold whichever way their channels are shifted") {
    if (is_skipped(cost::target("uno"))) return;
    const cost::Target& uno = cost::target("uno");
    Errors errors;
    for (const int shift : {-7, -3, 0, 3, 7}) {
        CAPTURE(shift);
        Random random(24, "shifts", 0); // the same network, most of whose work is its input
        fixed::Network network = plain::random_network(net::parse("A4 C4k3 M2 F4", {3, 32, 1}, 8), random, true);
        network.input.shift.assign(3, std::int8_t(shift));
        const auto model = small::model(network, random);
        const data::Split split = small::random_samples(network, random, 3);
        const auto result = simulator::simulate(model, split, 3, uno);
        CHECK(result.identical == 3);
        errors.add(network, result, uno, 0.06, 0.2);
    }
    errors.check_means(0.03, 0.12);
}

TEST_CASE("cycles of inputs that are averaged over large pools are near the simulated ones") {
    for (const auto& [board, channels] : {std::pair("uno", 1), {"uno", 3}, {"attiny85", 1}}) {
        const cost::Target& target = cost::target(board);
        if (is_skipped(target)) return;
        for (const char* line : {"A4 F2", "A5 F2", "A8 F2", "A2x6 F2", "A16 F2"}) {
            CAPTURE(std::string(board));
            CAPTURE(channels);
            CAPTURE(std::string(line));
            Random random(25, "pools", 0);
            const fixed::Network network =
                plain::random_network(net::parse(line, {channels, 48, 60}, 4), random, false);
            const auto model = small::model(network, random);
            const data::Split split = small::random_samples(network, random, 1);
            const auto result = simulator::simulate(model, split, 1, target);
            CHECK(*of_network::costs(network, target).cycles == doctest::Approx(*result.cycles).epsilon(0.25));
        }
    }
}

TEST_CASE("predicted flash, RAM and cycles of a chip that cannot multiply are near those of the linked program") {
    if (is_skipped(cost::target("uno"))) return;
    const cost::Target& tiny = cost::target("attiny85");
    Errors errors;
    for (const char* line : {"A2 C6k3 M2 C16k3 M2 F10", "C7k3 M3 C20k3 M2 F10", "C6k5s2 M2 C12k3 M2 F10",
                             "A2 C3k3 A2 D3L C4k1 A2 DGL F10", "A2 C4k3 A2 D3L C8k1 A2 F10"})
        for (const int bits : {8, 4, 2}) {
            CAPTURE(line);
            CAPTURE(bits);
            Random random(23, line, std::uint64_t(bits));
            fixed::Network network = plain::random_network(net::parse(line, {1, 28, 28}, bits), random);
            for (fixed::Layer& layer : network.layers)
                for (std::int8_t& weight : layer.weights)
                    if (bits > 2) weight = std::int8_t(weight / 2);
            // As pictures are: a product takes from 10 to some 80 cycles there, by the value,
            // so cycles are a rough guess.
            data::Split split = small::random_samples(network, random, 2);
            for (std::uint8_t& pixel : split.pixels)
                if (random.chance(0.6)) pixel = 0;
            const auto result = simulator::simulate(small::model(network, random), split, 2, tiny);
            CHECK(result.identical == 2);
            errors.add(network, result, tiny, 0.1, 0.4);
        }
    errors.check_means(0.05, 0.25);
}
