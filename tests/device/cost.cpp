// SPDX-License-Identifier: Apache-2.0
// The cost model against the linked program and the simulated chip.
#include "device_headers.hpp"
#include "simulate.hpp"
#include "small_model.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("predicted flash, RAM and cycles are near those of the linked program") {
    if (const auto reason = simulator::missing()) {
        MESSAGE("skipped: " << *reason);
        return;
    }
    double flash_error = 0, cycles_error = 0, networks = 0;
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
            const auto result = simulator::simulate(model, split, 2, cost::target("uno"), tools::device_headers());
            const cost::Costs costs = cost::costs(network, cost::target("uno"));
            CHECK(result.identical == 2);
            CHECK(std::abs(double(result.ram) - double(costs.ram)) <= 32);
            const double flash = std::abs(double(costs.flash) / double(result.flash) - 1);
            const double cycles = std::abs(*costs.cycles / result.cycles - 1);
            CHECK(flash < 0.06);
            CHECK(cycles < 0.08);
            flash_error += flash;
            cycles_error += cycles;
            networks += 1;
        }
    MESSAGE("mean error of flash " << 100 * flash_error / networks << " %, of cycles " << 100 * cycles_error / networks
                                   << " %");
    CHECK(flash_error / networks < 0.03);
    CHECK(cycles_error / networks < 0.03);
}
