// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/cost/measures.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {
cost::Measures measured(const char* line, int bits = 8, int bias_bytes = 1) {
    const net::Spec spec = net::parse(line, {1, 28, 28}, bits);
    const net::Shapes shapes = net::shapes(spec);
    return cost::measures(spec, shapes, cost::layer_weights(spec, shapes, bias_bytes));
}
} // namespace

TEST_CASE("working memory counts what a layer reads, what leaves its pooling, and residuals that are still needed") {
    // Worked out by hand: picture 28x28 = 784 bytes, 14x14 = 196 positions, 7x7 = 49.
    CHECK(measured("A2 C5k3 A2 D3L C9k1 D3L C9k1 A2 D3vL F10").working_memory_2 == 784 + 196);
    CHECK(measured("C3k3 A2 D3L C4k1 A2 D3L C5k1 A2 D3vL F10").working_memory_2 == 784 + 3 * 196);
    CHECK(measured("C4k3 A2 D3L C6k1 D3L C6k1 A2 D3L C8k1 A2 D3vL F10").working_memory_2 == 2 * 6 * 196);
    CHECK(measured("C6k3s2 D3L C10k1 D3L C10k1 A2 D3L C14k1 A2 D3vL F10").working_memory_2 == 2 * 10 * 196);
    CHECK(measured("C4k3s2 D3L C8k1 A2 D3L C14k1 D3L C14k1 D3L C12k1 A2 D3vL C14k1 F10").working_memory_2 ==
          2 * 4 * 196);
    const char* residual = "C4k3s2 D3L C8k1 A2 D3L C20k1 =c D3L C20k1 +c =d D3L C20k1 +d A2 D3vL C32k1 F10";
    CHECK(measured(residual).working_memory_2 == 3 * 20 * 49);
    const char* without = "C4k3s2 D3L C8k1 A2 D3L C20k1 D3L C20k1 D3L C20k1 A2 D3vL C32k1 F10";
    CHECK(measured(without).working_memory_2 == 2 * 20 * 49);
}

TEST_CASE("model size counts nonzero weights at their bits, rounded up in each layer, and bias bytes") {
    // C3k3: 27 weights, F10: 3 * 196 * 10; at 4 bits 27 weights take 14 bytes
    CHECK(measured("C3k3 A2 F10", 8, 0).model_size == 27 + 5880);
    CHECK(measured("C3k3 A2 F10", 4, 0).model_size == 14 + 2940);
    CHECK(measured("C3k3 A2 F10", 4, 2).model_size == 14 + 6 + 2940 + 20);
    CHECK(measured("C3k3 A2 F10", 2, 1).model_size == 7 + 3 + 1470 + 10);

    fixed::Network network;
    network.spec = net::parse("C1k3 F2b4", {1, 3, 3});
    fixed::Layer first, second;
    first.weights = {1, 0, 0, 0, -5, 0, 0, 0, 9};
    first.shift = 7;
    second.weights = std::vector<std::int8_t>(18, 0);
    second.weights[4] = 3;
    second.biases = {1, 2};
    second.bias_bytes = 2;
    network.layers = {first, second};
    const cost::Measures own = cost::measures(network);
    CHECK(own.nonzeros == 4);
    CHECK(own.model_size == 3 + 1 + 4);
    CHECK(own.weight_bytes == 9 + 9 + 4);
    CHECK(own.macs == 81 + 18);
}

TEST_CASE("a tree stores the rows of all nodes and multiplies those of a path") {
    // One theta, W and V of three nodes for two classes: 13 rows of 10; a path has 9. No biases.
    const cost::Measures own = measured("F10L T2d1");
    CHECK(own.model_size == 7840 + 10 + 130);
    CHECK(own.nonzeros == 7840 + 130);
    CHECK(own.macs == 7840 + 90);
    CHECK(measured("F10L T2d1b2").model_size == 7840 + 10 + 33);
}

TEST_CASE("working memory 1 is what a layer reads and its weights") {
    // F10 reads 3 * 196 and holds 5880 + 10 bytes
    CHECK(measured("C3k3 A2 F10").working_memory_1 == 588 + 5890);
    CHECK(measured("C3k3 A2 F10").working_memory() == 588 + 5890);
    CHECK(measured("F2", 2, 0).working_memory_1 == 784 + 392);
}

TEST_CASE("the paper's sizes are nonzero weights of one byte, without biases, and pooling is a layer of its own") {
    // C3k3 makes 3 maps of 784, the pool 3 of 196: |x| + |y| = 784 + 2352, then 2352 + 588; F10 reads 588: 5880 weights
    const cost::Measures own = measured("C3k3 A2 F10", 4, 2);
    CHECK(own.paper_model_size() == 27 + 5880);
    CHECK(own.paper_working_memory == 588 + 5880);
    CHECK(measured("A2 C3k3 A2 D3vL F2", 4, 2).paper_working_memory == 784 + 196); // the picture averaged down
    CHECK(measured("C3k3 A2 D3L G F2", 4, 2).paper_working_memory == 784 + 3 * 784);
    CHECK(measured("C3k3 A2 D3L G F2", 4, 2).working_memory() == 784 + 3 * 196);
    // While a pool reads 8 maps of 196 (14x14) no residual is held, while one is added it is: 2 or 3 times 8 * 196.
    CHECK(measured("C8k3s2 C8k3 A2 F2").paper_working_memory == 2 * 8 * 196);
    CHECK(measured("C8k3s2 =a C8k1 C8k1 +a A2 F2").paper_working_memory == 3 * 8 * 196);
    // A head that reads what was not pooled away: it is kept while the pool runs, 8 * 196 kept and read, 8 * 49 made.
    CHECK(measured("C8k3s2 =a C8k3 A2 F1 @a F1").paper_working_memory == 2 * 8 * 196 + 8 * 49);
}
