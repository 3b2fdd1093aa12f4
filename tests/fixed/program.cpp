// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/program.hpp"
#include "random_spec.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <type_traits>

using namespace tinysparse;
using fixed::Format;

TEST_CASE("a lowered network holds what the network's shapes, plan and proof say") {
    Random random(5, "lowered", 0);
    const fixed::Network network = plain::random_network(net::parse("C4k3 =a D3L C4k1 +a A2 F3", {2, 9, 8}, 4), random);
    const fixed::Lowered lowered = fixed::lower(network);
    const net::Shapes shapes = net::shapes(network.spec);
    REQUIRE(lowered.size() == 4);
    CHECK(lowered.network().spec == network.spec);
    CHECK(lowered.layout().plan().bytes() == fixed::plan(network.spec).bytes());
    CHECK_FALSE(lowered.layout().series());
    for (std::size_t i = 0; i < lowered.size(); ++i) {
        CHECK(lowered.layer(i).weights == network.layers[i].weights);
        CHECK(lowered.shapes(i).out == shapes.layers[i].out);
        CHECK(lowered.proof(i).bound == fixed::prove(network, shapes, i).bound);
    }
}

TEST_CASE("a network whose sums may overflow is not lowered") {
    fixed::Network network;
    network.spec = net::parse("F2", {1, 1041, 1});
    network.layers.emplace_back().weights.assign(2 * 1041, 127);
    CHECK_THROWS_AS(fixed::lower(network), Error);
}

TEST_CASE("layers hold their weights in the format that was asked for, or dense where it cannot hold them") {
    fixed::Network network;
    network.spec = net::parse("F2 F2", {1, 1, 3});
    network.layers.resize(2);
    network.layers[0].weights = {0, 9, 0, 1, 0, 0};
    network.layers[0].shift = 1;
    network.layers[1].weights = {1, 0, 0, -1};
    const fixed::Lowered lowered(network);
    // Both outputs of an input side by side.
    CHECK(fixed::encode(lowered).layer(0).weights == std::vector<std::uint8_t>{0, 1, 9, 0, 0, 0});
    const fixed::Program lists = fixed::encode(lowered, {Format::csr, Format::ternary});
    CHECK(lists.layer(0).weights == std::vector<std::uint8_t>{1, 1, 9, 1, 0, 1});
    CHECK(lists.entries(0) == 2);
    CHECK(lists.headers(0) == 2);
    CHECK(lists.layer(1).weights == std::vector<std::uint8_t>{1, 0, 1, 3});
    const fixed::Program mixed = fixed::encode_or_dense(lowered, {Format::nibble, Format::straight});
    CHECK(mixed.kernel(0).format == Format::dense); // 9 needs more than half a byte
    CHECK(mixed.kernel(1).format == Format::straight);
    CHECK(mixed.line(0) == nullptr);
    CHECK(mixed.line(1) != nullptr);
    CHECK(mixed.layer(1).weights.empty());
    CHECK_THROWS_AS(fixed::encode(lowered, {Format::nibble, Format::dense}), Error);
}

TEST_CASE("a program cannot be made of a lowered network that is gone at once") {
    static_assert(!std::is_constructible_v<fixed::Program, fixed::Lowered&&, std::vector<fixed::LayerProgram>>);
    static_assert(std::is_constructible_v<fixed::Program, const fixed::Lowered&, std::vector<fixed::LayerProgram>>);
    static_assert(!std::is_copy_constructible_v<fixed::Lowered> && !std::is_move_constructible_v<fixed::Lowered>);
    static_assert(!std::is_constructible_v<fixed::Layout, net::Spec&&, bool>);
}
