// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/proof.hpp"
#include "random_spec.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {
fixed::Network with_weights(const char* line, const net::Shape& input, int value) {
    fixed::Network network;
    network.spec = net::parse(line, input);
    const net::Shapes shapes = net::shapes(network.spec);
    for (std::size_t i = 0; i < network.spec.layers.size(); ++i) {
        fixed::Layer layer;
        const net::Layer& own = network.spec.layers[i];
        const std::size_t taps =
            own.kind == net::Kind::dense
                ? shapes.layers[i].in.size()
                : std::size_t(own.kernel_height * own.kernel_width *
                              (own.kind == net::Kind::depthwise ? 1 : shapes.layers[i].in.channels));
        layer.weights.assign(taps * std::size_t(own.outputs), std::int8_t(value));
        layer.shift = net::is_output(network.spec, i) ? 0 : 7;
        network.layers.push_back(layer);
    }
    return network;
}
} // namespace

TEST_CASE("the border of 16 bits is met exactly, half and bias included") {
    // One layer of 2 inputs that reads the picture: A = 127. 127 * 257 = 32639; half of shift 7 is 64;
    // 64 are left for the bias.
    fixed::Network network = with_weights("C1k1 F2", {2, 1, 1}, 0);
    network.layers[0].weights = {127, -127};
    network.layers[0].bias_bytes = 2;
    network.layers[0].biases = {std::int16_t(32767 - 64 - 127 * 254)};
    CHECK(fixed::prove(network)[0].narrow);
    network.layers[0].biases[0] += 1;
    CHECK_FALSE(fixed::prove(network)[0].narrow);
    network.layers[0].biases[0] = std::int16_t(-network.layers[0].biases[0] + 1);
    CHECK(fixed::prove(network)[0].narrow); // the sign does not matter
    network.layers[0].biases = {511};
    network.layers[0].bias_shift = 1;
    CHECK_FALSE(fixed::prove(network)[0].narrow);
}

TEST_CASE("a linear layer's output, and a series, may be -128") {
    fixed::Network network = with_weights("C1k1L C1k1 F2", {1, 1, 1}, 1);
    CHECK(fixed::input_bound(network, 0) == 127);
    CHECK(fixed::input_bound(network, 1) == 128);
    CHECK(fixed::input_bound(network, 2) == 127);
    network.input.series = true;
    CHECK(fixed::input_bound(network, 0) == 128);
}

TEST_CASE("the run is the longest whose every aligned stretch fits") {
    // 6 channels of |w| 43 in a 1x1 kernel: 127 * 43 * 6 = 32766 fits; 44 fits only 5 at a time.
    CHECK(fixed::prove(with_weights("C1k1 F2", {6, 1, 1}, 43))[0].run == 6);
    CHECK(fixed::prove(with_weights("C1k1 F2", {6, 1, 1}, 44))[0].run == 5);
    CHECK(fixed::prove(with_weights("C1k3 F2", {6, 3, 4}, 43))[0].run == 2);  // three weights a channel
    CHECK(fixed::prove(with_weights("C1k3 F2", {6, 3, 4}, 127))[0].run == 0); // not even one kernel row
    CHECK(fixed::prove(with_weights("F2", {6, 3, 4}, 127))[0].run == 2);      // two inputs always fit
    CHECK(fixed::prove(with_weights("F2", {6, 3, 4}, 10))[0].run == 24);      // a whole row of 4 x 6
}

TEST_CASE("no run of random networks exceeds 16 bits, and none longer would do") {
    for (std::uint64_t n = 0; n < 200; ++n) {
        Random random(5, "runs", n);
        const net::Spec spec = plain::random_spec(plain::random_picture(random), random, 3);
        const fixed::Network network = plain::random_network(spec, random);
        const net::Shapes shapes = net::shapes(spec);
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            if (spec.layers[i].kind != net::Kind::dense) continue;
            fixed::Accumulation proof;
            try {
                proof = fixed::prove(network, shapes, i);
            } catch (const Error&) {
                continue;
            }
            const net::Shape in = shapes.layers[i].in;
            const int row = in.width * in.channels;
            const auto worst = [&](int run) { // the largest 127 or 128 times sum|w| of an aligned run, brute force
                std::int64_t largest = 0;
                for (int o = 0; o < spec.layers[i].outputs; ++o)
                    for (int y = 0; y < in.height; ++y)
                        for (int begin = 0; begin < row; begin += run) {
                            std::int64_t sum = 0;
                            for (int at = begin; at < std::min(begin + run, row); ++at)
                                sum += std::abs(int(network.layers[i].weights[std::size_t(
                                    ((o * in.channels + at % in.channels) * in.height + y) * in.width +
                                    at / in.channels)]));
                            largest = std::max(largest, sum * fixed::input_bound(network, i));
                        }
                return largest;
            };
            CHECK(worst(int(proof.run)) <= 32767);
            if (int(proof.run) < row) CHECK(worst(int(proof.run) + 1) > 32767);
        }
    }
}

TEST_CASE("every row of a tree is proven, and its logits are bounded by its depth") {
    // Depth 1, one class: theta, W and V of the root, then W and V of two leaves. The projection may give -128.
    fixed::Network network;
    network.spec = net::parse("F3L T1d1", {1, 1, 2});
    network.layers.resize(2);
    network.layers[0].weights.assign(6, 1);
    network.layers[0].shift = 7;
    network.layers[1].weights.assign(21, 0);
    network.layers[1].score_shift = 7;
    network.layers[1].tanh_shift = 3;
    network.layers[1].weights[18] = 127; // V of the last leaf
    network.layers[1].weights[20] = -127;
    const auto proofs = fixed::prove(network);
    CHECK(proofs[1].bound == 128 * 254);
    CHECK(proofs[1].narrow);
    CHECK(proofs[1].run == 3);
    network.layers[1].weights[19] = 2; // 128 * 256 = 32768
    CHECK_FALSE(fixed::prove(network)[1].narrow);
    CHECK(fixed::prove(network)[1].run == 2);
    network.spec = net::parse("F1041L T1d0", {1, 1, 1});
    network.layers[0].weights.assign(1041, 1);
    network.layers[1].weights.assign(2 * 1041, 0);
    CHECK_NOTHROW(fixed::prove(network));
    std::fill_n(network.layers[1].weights.begin() + 1041, 1041, std::int8_t{127});
    CHECK_THROWS_WITH_AS(fixed::prove(network),
                         "layer 2: the sum of output 2 may reach 16922496, at most 16777215 is allowed; use fewer "
                         "inputs, smaller weights or fewer bits",
                         Error);
}

TEST_CASE("sums that may reach 2^24 are refused with the number") {
    // 127 * 127 * 1041 = 16790289
    CHECK_THROWS_WITH_AS(fixed::prove(with_weights("F2", {1, 1041, 1}, 127)),
                         "layer 1: the sum of output 1 may reach 16790289, at most 16777215 is allowed; use fewer "
                         "inputs, smaller weights or fewer bits",
                         Error);
    CHECK_NOTHROW(fixed::prove(with_weights("F2", {1, 1040, 1}, 127)));
    CHECK_THROWS_WITH_AS(fixed::prove(with_weights("C1k1 =a F2 @a F2", {1, 600, 1}, 127)),
                         "the logits may reach 19354800, at most 16777215 is allowed; use fewer heads or fewer bits",
                         Error);
}
