// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/cost/straight.hpp"
#include "of_network.hpp"
#include "random_network.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using fixed::Format;

namespace {

cost::Instructions cost_of(const fixed::Network& network) {
    const fixed::Lowered lowered(network);
    return cost::straight_cost(*fixed::straight_line(lowered, 0), lowered.layout(), 0);
}

/// One output over one row, all weights zero but those at the given places.
fixed::Network dense(std::initializer_list<std::size_t> places, int weight) {
    fixed::Network network;
    network.spec = net::parse("F1", {1, 1, 60});
    network.layers.emplace_back().weights.assign(60, 0);
    for (const std::size_t place : places) network.layers[0].weights[place] = std::int8_t(weight);
    return network;
}

} // namespace

TEST_CASE("a weight more costs its instructions: ldd, ldi, muls, add, adc") {
    const auto more = [](int weight) {
        const cost::Instructions one = cost_of(dense({3}, weight)), two = cost_of(dense({3, 8}, weight));
        return std::pair(two.cycles - one.cycles, two.words - one.words);
    };
    CHECK(more(5) == std::pair(7.0, 5.0));
    CHECK(more(-5) == std::pair(7.0, 5.0));
    CHECK(more(1) == std::pair(4.0, 3.0)); // ldd, add, adc
}

TEST_CASE("positions of a window that a padded kernel row does not meet do not pay for it") {
    fixed::Network network;
    network.spec = net::parse("C1k3 F1", {1, 6, 5});
    network.layers.resize(2);
    network.layers[0].weights = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    network.layers[0].shift = 3;
    network.layers[1].weights.assign(30, 0);
    const auto with = [&](std::size_t place) {
        fixed::Network own = network;
        own.layers[0].weights[place] = 5;
        return cost_of(own).cycles;
    };
    CHECK(with(4) > with(1));                 // the middle is met by 30 positions, the row above by 25
    CHECK(with(1) == with(7));                // as is the one below
    CHECK(with(3) == with(5));                // the columns beside it are met by 24
    CHECK(with(4) - with(3) == 6 * (2 + 10)); // a pointer, then clr ldd ldi muls add adc clr
}

TEST_CASE("straight-line code is chosen within a budget only, for the cycles that it saves") {
    Random random(7, "formats", 0);
    fixed::Network network = plain::random_network(net::parse("C8k3v M2 C12k3v M2 F10", {1, 28, 28}, 4), random);
    for (fixed::Layer& layer : network.layers)
        for (std::int8_t& weight : layer.weights)
            if (!random.chance(0.15)) weight = 0;
    const cost::Target& uno = cost::target("uno");
    const auto count = [](const std::vector<Format>& formats) {
        return std::count(formats.begin(), formats.end(), Format::straight);
    };
    const auto usual = of_network::formats(network),
               fastest = of_network::formats(network, {.cycles = {}, .bytes = 32256.0}),
               smallest = of_network::formats(network, {.cycles = 1e9, .bytes = {}});
    CHECK(count(usual) == 0);
    CHECK(count(smallest) == 0);
    CHECK(count(fastest) == 3);
    const cost::Costs costs = of_network::costs(network, uno, fastest), lists = of_network::costs(network, uno);
    CHECK(costs.formats == fastest);
    CHECK(costs.cycles < 0.7 * *lists.cycles);
    CHECK(costs.flash > lists.flash);
    CHECK(costs.weight_bytes > lists.weight_bytes);
    CHECK(costs.model_size == lists.model_size);
    CHECK(costs.ram == lists.ram);
    const double between = 0.5 * double(*costs.flash + *lists.flash);
    const auto some = of_network::formats(network, {.cycles = {}, .bytes = between});
    CHECK(count(some) > 0);
    CHECK(count(some) < 3);
    CHECK(double(*of_network::costs(network, uno, some).flash) <= between + 1);
}

TEST_CASE("for a chip that cannot multiply, straight-line code is of weights that need no product") {
    for (const int bits : {4, 2}) {
        Random random(9, "formats", std::uint64_t(bits));
        fixed::Network network = plain::random_network(net::parse("C4k3 A2 F10", {1, 16, 16}, bits), random);
        const auto formats = of_network::formats(network, {.cycles = {}, .bytes = 32256.0}, cost::target("attiny85"));
        CHECK(std::count(formats.begin(), formats.end(), Format::straight) == (bits == 2 ? 2 : 0));
    }
}

TEST_CASE("a layer that cannot be straight-line code is counted as a dense one") {
    Random random(8, "formats", 0);
    const auto network = plain::random_network(net::parse("F10", {1, 28, 28}, 8), random);
    CHECK(of_network::costs(network, cost::target("uno"), {Format::straight}).formats[0] == Format::dense);
}
