// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/digest.hpp"
#include "small_model.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::fixed;

TEST_CASE("the digest of a model's weights follows every weight and bias, integer or float, and nothing else") {
    Model model;
    for (std::uint64_t number = 0; model.network.layers.empty(); ++number)
        if (auto drawn = small::random_model(number, 3)) model = *drawn;
    model.float_layers.assign(model.network.layers.size(), {{0.5f, 1.0f}, {0.25f}, {1, 0}});
    const std::uint64_t digest = weights_digest(model);
    CHECK(weights_digest(model) == digest);
    const auto differs = [&](auto change) {
        Model other = model;
        change(other);
        return weights_digest(other) != digest;
    };
    CHECK(differs([](Model& other) { other.network.layers[0].weights[0] ^= 1; }));
    CHECK(differs([](Model& other) { other.network.layers.back().shift += 1; }));
    CHECK(differs([](Model& other) { other.float_layers[0].weights[1] = 1.0000001f; }));
    CHECK(differs([](Model& other) { other.float_layers[0].biases[0] = 0; }));
    CHECK(differs([](Model& other) { other.float_layers.back().mask[0] = 0; }));
    CHECK(differs([](Model& other) { other.float_layers.clear(); }));
    CHECK_FALSE(differs([](Model& other) {
        other.command = "another";
        other.seed = 9;
        other.data = "another";
        other.test_accuracy = 0.5;
    }));
}

TEST_CASE("the digest follows the shifts of a tree") {
    Random random(1, "digest of a tree");
    Network network = plain::random_tree(random);
    const std::uint64_t digest = network_digest(network);
    network.layers[1].score_shift += 1;
    CHECK(network_digest(network) != digest);
    network.layers[1].score_shift -= 1;
    network.layers[1].tanh_shift += 1;
    CHECK(network_digest(network) != digest);
}
