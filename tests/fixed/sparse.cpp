// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/sparse.hpp"
#include "host.hpp"
#include "random_network.hpp"
#include "random_spec.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/fixed/proof.hpp"
#include "tinysparse/fixed/reference.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using Bytes = std::vector<std::uint8_t>;

namespace {

/// One output of a dense layer over one row of as many inputs.
std::optional<fixed::Encoded> one_list(const std::vector<std::int8_t>& weights, fixed::Format format,
                                       int largest_input = 127) {
    const net::Spec spec = net::parse("F1", {1, 1, int(weights.size())});
    return fixed::encode_lists(fixed::nonzero_lists(spec.layers[0], net::shapes(spec).layers[0], weights), format,
                               false, largest_input);
}

/// Sets all but a share of the weights to zero.
/// The sparse format that holds the layer, going on from `wanted`.
fixed::Format possible(const fixed::Network& network, std::size_t index, std::size_t wanted) {
    const fixed::Lowered lowered(network);
    for (std::size_t i = 0; i < 3; ++i) {
        const fixed::Format format = fixed::sparse_formats[(wanted + i) % 3];
        if (fixed::encode_lists(lowered, index, format)) return format;
    }
    return fixed::Format::dense;
}

} // namespace

TEST_CASE("lists lie in memory as the format says") {
    // skip 2, weight -3; skip 0, weight 5
    CHECK(one_list({0, 0, -3, 5, 0}, fixed::Format::csr)->bytes == Bytes{2, 2, 0xFD, 0, 5});
    CHECK(one_list({0, 0, -3, 5, 0}, fixed::Format::nibble)->bytes == Bytes{2, 0x52, 0xD0});
    CHECK(one_list({0, 0, -1, 1, 0}, fixed::Format::ternary)->bytes == Bytes{2, 5, 0});
    CHECK(one_list({0, 0, 0}, fixed::Format::csr)->bytes == Bytes{0});
}

TEST_CASE("the lists of a tree stand node by node, behind the places of the nodes") {
    // One class, two inputs, depth 1: theta, W, V of the root; W, V of each leaf.
    const net::Spec spec = net::parse("F2L T1d1", {1, 1, 1});
    const std::vector<std::int8_t> weights = {0, 3, 0, 0, 2, 1, /* leaf 1 */ 0, 0, 0, 5, /* leaf 2 */ 4, 0, 0, 0};
    const auto lists = [&](const net::Spec& of) {
        return fixed::nonzero_lists(of.layers[1], net::shapes(of).layers[1], weights);
    };
    const auto encoded = *fixed::encode_lists(lists(spec), fixed::Format::nibble, false, 128);
    CHECK(encoded.bytes == Bytes{6, 0, 12, 0, 15, 0, /* root */ 1, 0xB1, 0, 2, 0xA0, 0x90, /* leaf 1 */ 0, 1, 0xD1,
                                 /* leaf 2 */ 1, 0xC0, 0});
    CHECK(encoded.headers == 3 + 0.5 * 4); // those of a path, in the mean
    CHECK(encoded.entries == 3 + 0.5 * 2);
    // A tree of one node needs no places.
    const auto alone = *fixed::encode_lists(lists(net::parse("F7L T1d0", {1, 1, 1})), fixed::Format::csr, false, 128);
    CHECK(alone.bytes == Bytes{3, 1, 3, 2, 2, 0, 1, 2, 2, 5, 0, 4});
}

TEST_CASE("what a format cannot hold is told apart") {
    CHECK_FALSE(one_list({0, 8}, fixed::Format::nibble).has_value());
    CHECK_FALSE(one_list({0, 2}, fixed::Format::ternary).has_value());
    std::vector<std::int8_t> far(300, 0);
    far[280] = 1;
    CHECK_FALSE(one_list(far, fixed::Format::ternary).has_value());
    CHECK(one_list(far, fixed::Format::csr)->bytes == Bytes{2, 255, 0, 24, 1});
    CHECK(one_list(far, fixed::Format::nibble)->entries == 18); // 17 of weight 0 skip 272 values
    far.resize(100);
    CHECK(one_list(far, fixed::Format::ternary)->bytes == Bytes{0});

    fixed::Network network;
    network.spec = net::parse("F1", {1, 1, 2});
    network.layers.emplace_back().weights = {9, 0};
    const fixed::Lowered lowered(network);
    CHECK_THROWS_WITH_AS(fixed::encode(lowered, {fixed::Format::nibble}),
                         "layer 1: the format nibble cannot hold its weights; leave the choice of formats to the "
                         "exporter",
                         Error);
}

TEST_CASE("no part of a list behind one count can leave 16 bits, nor has it more than 127 entries") {
    Random random(7, "lists", 0);
    for (const int largest : {127, 7, 1}) {
        std::vector<std::int8_t> weights(900);
        for (std::int8_t& weight : weights) {
            const int size = 1 + int(random.below(std::uint32_t(largest)));
            weight = std::int8_t(random.chance(0.5) ? size : -size);
        }
        const auto encoded = *one_list(weights, fixed::Format::csr, 128);
        const Bytes& bytes = encoded.bytes;
        std::size_t at = 0, headers = 0;
        for (bool more = true; more; ++headers) {
            const int entries = bytes[at] & 127;
            more = bytes[at++] >= 128;
            int sum = 0;
            for (int i = 0; i < entries; ++i, at += 2) sum += 128 * std::abs(std::int8_t(bytes[at + 1]));
            CHECK(sum <= 32767);
        }
        CHECK(at == bytes.size());
        CHECK(headers == encoded.headers);
        CHECK(encoded.entries == weights.size());
    }
}

TEST_CASE("bytes for each nonzero weight at 80 % zeros are what the formats promise") {
    const auto bytes = [](int inputs, fixed::Format format) {
        Random random(1, "bytes", 0);
        std::vector<std::int8_t> weights(std::size_t(10 * inputs), 0);
        for (std::size_t i = 0; i < weights.size() / 5; ++i) weights[i] = random.chance(0.5) ? 1 : -1;
        random.shuffle(std::span(weights));
        const net::Spec spec = net::parse("F10", {1, 1, inputs});
        const auto lists = fixed::nonzero_lists(spec.layers[0], net::shapes(spec).layers[0], weights);
        return double(fixed::encode_lists(lists, format, false, 127)->bytes.size()) / double(2 * inputs);
    };
    CHECK(bytes(64, fixed::Format::csr) <= 2.1);
    CHECK(bytes(64, fixed::Format::ternary) <= 1.15);
    // One gap in 36 is longer than four bits can say, and costs a byte.
    CHECK(bytes(64, fixed::Format::nibble) <= 1.12);
    CHECK(bytes(256, fixed::Format::nibble) <= 1.1);
}

TEST_CASE("random sparse networks give the same logits in every format") {
    std::size_t formats_seen[4] = {}, compared = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
        Random random(8, "sparse", number);
        const net::Spec spec = plain::random_spec(plain::random_picture(random), random, 6);
        fixed::Network network = plain::random_network(spec, random);
        plain::thin_out(network, number % 5 == 0 ? 0.9 : random.uniform(0, 0.5), random);
        try {
            fixed::prove(network);
        } catch (const Error&) {
            continue;
        }
        CAPTURE(net::notation(spec));
        CAPTURE(number);
        std::vector<std::uint8_t> picture(spec.input.size());
        for (std::uint8_t& value : picture) value = std::uint8_t(random.below(256));
        const std::vector<std::int32_t> expected = fixed::reference::logits(network, picture);
        for (std::size_t wanted = 0; wanted < 3; ++wanted) {
            std::vector<fixed::Format> formats;
            for (std::size_t i = 0; i < network.layers.size(); ++i) {
                formats.push_back(possible(network, i, wanted));
                ++formats_seen[std::size_t(formats.back())];
            }
            CHECK(Host(network, formats).logits(picture) == expected);
            ++compared;
        }
    }
    CHECK(compared > 300);
    for (const fixed::Format format : fixed::sparse_formats) CHECK(formats_seen[std::size_t(format)] > 100);
}
