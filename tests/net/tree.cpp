// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/net/tree.hpp"
#include "tinysparse/net/connections.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::net;

static_assert(tree::rows(0, 10) == 20 && tree::path_rows(0, 10) == 20);
static_assert(tree::rows(3, 10) == 7 + 2 * 10 * 15 && tree::path_rows(3, 10) == 3 + 2 * 10 * 4);

TEST_CASE("the rows of the nodes of a tree follow one another without a gap") {
    for (int depth = 0; depth <= tree::max_depth; ++depth)
        for (const int classes : {1, 2, 10}) {
            CAPTURE(depth);
            CAPTURE(classes);
            int row = 0;
            for (int k = 0; k < tree::nodes(depth); ++k) {
                CHECK(tree::first_row(depth, classes, k) == row);
                const int theta = 2 * k + 2 < tree::nodes(depth) ? 1 : 0; // it has children
                CHECK(tree::is_leaf(depth, k) == (theta == 0));
                CHECK(tree::first_score(depth, classes, k) == row + theta);
                row += theta + 2 * classes;
            }
            CHECK(tree::rows(depth, classes) == row);
        }
}

TEST_CASE("a tree head is a layer of many rows and one output per class") {
    const Spec spec = parse("F6L T10d3b4", {1, 28, 28});
    const Layer& head = spec.layers[1];
    CHECK(notation(spec) == "F6L T10d3b4");
    CHECK(head.tree_depth == 3);
    CHECK(head.bits == 4);
    CHECK_NOTHROW(check(spec));
    const Shapes all = shapes(spec);
    CHECK(all.classes == 10);
    CHECK(all.layers[1].out == Shape{10, 1, 1});
    CHECK(weights(head, all.layers[1]) == 307 * 6);
    CHECK(macs(head, all.layers[1]) == 83 * 6);
    CHECK(notation(Spec{{1, 28, 28}}.append(Layer::dense(6)).append(Layer::tree(2, 0))) == "F6L T2d0");
    CHECK_FALSE(passes_bias_on(spec, 0)); // a tree has no biases to take it
    std::size_t runs = 0;
    for_input_channel(head, all.layers[1], 5, [&](std::size_t row, std::size_t first, std::size_t count) {
        CHECK(first == row * 6 + 5);
        CHECK(count == 1);
        ++runs;
    });
    CHECK(runs == 307);
}

TEST_CASE("a tree that cannot be one is refused") {
    const auto refused = [](const char* line, const char* message) {
        CHECK_THROWS_WITH_AS(parse(line, {1, 28, 28}), message, Error);
    };
    refused("F6L T10", "network word 'T10': the depth of the tree is missing; write T10d3, say");
    refused("F6L T10d", "network word 'T10d': a number is expected after 'T10d'");
    refused("F6L T10d7", "layer 2: depth 7 of a tree is not in 0..6");
    refused("T10d3",
            "layer 1: a tree reads a dense layer, not positions of 28x28; write its projection before it, such as "
            "F10L");
    refused("F6L =a T10d3 @a F10", "layer 2: a tree is the only head of a network and its last layer");
    refused("F6L =a F10 @a T10d3", "layer 3: a tree is the only head of a network and its last layer");
    refused("F6L T10d3 F10", "layer 2: a tree is the only head of a network and its last layer");
    refused("F6L T600d6", "layer 2: a tree of depth 6 over 600 classes has 152463 rows of weights, at most 65535");
    Layer convolution = Layer::convolution(2);
    convolution.tree_depth = 1;
    CHECK_THROWS_WITH_AS(shapes(Spec{{1, 8, 8}}.append(convolution)), "layer 1: a convolution layer is no tree", Error);
}
