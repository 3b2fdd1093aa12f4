// SPDX-License-Identifier: Apache-2.0
// Tree heads on the host: by hand, and against the plain loops of fixed/reference.hpp.
#include "tinysparse/mcu/tree.hpp"
#include "host.hpp"
#include "random_network.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/fixed/reference.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// Formats that hold the network's tree; its projection is dense in all of them.
std::vector<std::vector<fixed::Format>> formats_of_tree(const fixed::Network& network) {
    std::vector<std::vector<fixed::Format>> all;
    const fixed::Lowered lowered(network);
    for (const fixed::FormatInfo& row : fixed::format_table)
        if (fixed::encode_layer(lowered, 1, row.format)) all.push_back({fixed::Format::dense, row.format});
    return all;
}

} // namespace

TEST_CASE("the table holds 127 tanh(u / 32), rounded, and the gate is odd") {
    for (int u = -127; u <= 127; ++u) CHECK(mcu::tree_gate(std::int8_t(u)) == std::round(127 * std::tanh(u / 32.0)));
}

TEST_CASE("values are rounded half up, then limited") {
    CHECK(mcu::tree_value(7, 4, -127, 127) == 0);
    CHECK(mcu::tree_value(8, 4, -127, 127) == 1);
    CHECK(mcu::tree_value(-8, 4, -127, 127) == 0);
    CHECK(mcu::tree_value(-9, 4, -127, 127) == -1);
    CHECK(mcu::tree_value(1 << 23, 1, -4096, 4095) == 4095);
    CHECK(mcu::tree_value(-(1 << 23), 14, -4096, 4095) == -512);
    CHECK(mcu::tree_value(-(1 << 23), 1, -127, 127) == -127);
}

TEST_CASE("a tree of depth 1 worked out by hand") {
    // z = pixel / 2 / 2 of one pixel. theta = 1: right if z > 0. Two classes.
    fixed::Network network;
    network.spec = net::parse("F1L T2d1", {1, 1, 1});
    network.layers.resize(2);
    network.layers[0].weights = {1};
    network.layers[0].shift = 1;
    network.layers[1].weights = {1, /* W */ 10, -20, /* V */ 16, 8, /* left */ 1, 2, 3, 4, /* right */ 127, -3, 0, -16};
    network.layers[1].score_shift = 1;
    network.layers[1].tanh_shift = 3;
    Host host(network);
    // z = 50: W 500, -1000 halved; V 800 / 8 = 100 -> 127, 400 / 8 = 50 -> 116. Right: 3175, -75; gates 0, -126 ... of
    // -100.
    const int half = int(std::round(127 * std::tanh(50 / 32.0))), most = int(std::round(127 * std::tanh(100 / 32.0)));
    CHECK(host.logits(std::vector<std::uint8_t>{200}) ==
          std::vector<std::int32_t>{250 * most + 3175 * 0, -500 * half + 75 * most});
    // z = 0 is not above 0 and goes left, where all sums are 0 as well.
    CHECK(host.logits(std::vector<std::uint8_t>{0}) == std::vector<std::int32_t>{0, 0});
    network.layers[0].weights = {-1}; // z = -50: left; V 3 * -50 = -150 -> -19, 4 * -50 = -200 -> -25
    const auto gate = [](int u) { return int(std::round(127 * std::tanh(u / 32.0))); };
    CHECK(Host(network).logits(std::vector<std::uint8_t>{200}) ==
          std::vector<std::int32_t>{250 * most - 25 * gate(-19), -500 * half - 50 * gate(-25)});
}

TEST_CASE("scores that leave 13 bits are limited") {
    fixed::Network network;
    network.spec = net::parse("F2L T2d0", {1, 1, 1});
    network.layers.resize(2);
    network.layers[0].weights = {127, -127};
    network.layers[0].shift = 6;
    network.layers[1].weights = {127, 0, 0, 127, 127, 0, 0, -127};
    network.layers[1].score_shift = 1;
    network.layers[1].tanh_shift = 1;
    CHECK(Host(network).logits(std::vector<std::uint8_t>{255}) == std::vector<std::int32_t>{4095 * 127, -4096 * 127});
}

TEST_CASE("random trees give the logits of the plain arithmetic in every format") {
    std::size_t compared = 0, seen[std::size_t(fixed::Format::count)] = {}, narrow = 0;
    for (std::uint64_t number = 0; number < 400; ++number) {
        CAPTURE(number);
        Random random(40, "trees", number);
        const fixed::Network network = plain::random_tree(random);
        CAPTURE(net::notation(network.spec));
        const auto formats = formats_of_tree(network);
        CHECK(formats.size() >= 2);
        narrow += fixed::prove(network)[1].narrow;
        std::vector<std::vector<std::uint8_t>> pictures(5, std::vector<std::uint8_t>(network.spec.input.size()));
        for (auto& picture : pictures)
            for (std::uint8_t& value : picture) value = std::uint8_t(random.below(256));
        for (const std::vector<fixed::Format>& own : formats) {
            Host host(network, own);
            ++seen[std::size_t(own[1])];
            for (const auto& picture : pictures) {
                CHECK(host.logits(picture) == fixed::reference::logits(network, picture));
                ++compared;
            }
        }
    }
    CHECK(compared > 4000);
    CHECK(narrow > 100);
    CHECK(narrow < 380);
    for (const fixed::Format format : fixed::sparse_formats) CHECK(seen[std::size_t(format)] > 50);
    CHECK(seen[std::size_t(fixed::Format::straight)] == 0);
}

TEST_CASE("a path reads only its own nodes") {
    // Weights of all other nodes are changed: the logits stay.
    Random random(41, "path");
    for (int tries = 0; tries < 50; ++tries) {
        fixed::Network network = plain::random_tree(random);
        const int depth = network.spec.layers[1].tree_depth, classes = network.spec.layers[1].outputs,
                  inputs = network.spec.layers[0].outputs;
        std::vector<std::uint8_t> picture(network.spec.input.size(), 200);
        const auto expected = Host(network).logits(picture);
        int unread = 0;
        for (int node = 0; node < net::tree::nodes(depth); ++node) {
            fixed::Network other = network;
            const int first = net::tree::first_row(depth, classes, node) * inputs,
                      last = (net::tree::first_score(depth, classes, node) + 2 * classes) * inputs;
            for (int i = first; i < last; ++i) other.layers[1].weights[std::size_t(i)] = std::int8_t(i % 2);
            unread += Host(other).logits(picture) == expected;
        }
        CHECK(unread >= net::tree::nodes(depth) - (depth + 1));
    }
}
