// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/plan.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("rings hold the rows that kernels still need, worked out by hand") {
    const auto plan = [](const char* line, net::Shape input = {1, 28, 28}) {
        return fixed::plan(net::parse(line, input));
    };
    CHECK(plan("C4k3 F10").picture.ring == 3);
    CHECK(plan("C4k5 F10").picture.ring == 5);
    CHECK(plan("C4k1 F10").picture.ring == 1);
    CHECK(plan("F10").picture.ring == 1);
    CHECK(plan("C4k3s2 F10").picture.ring == 3);
    CHECK(plan("C4k3 D3 F10").layers[0].ring == 3);
    CHECK(plan("C4k3 C4k1 F10").layers[0].ring == 1);
    CHECK(plan("C4k7 F10", {1, 4, 4}).picture.ring == 4); // never more rows than there are
    CHECK(plan("C4k3 DG F10").layers[0].ring == 1);       // gathered as it comes
    // C8k1 waits for D3 to see one row more, so its own row y is needed while rows up to y + 1 are made.
    CHECK(plan("C8k1 =a D3 C8k1 +a F10").layers[0].ring == 3);
    CHECK(plan("C8k1 =a D3 D3 C8k1 +a F10").layers[0].ring == 3);
}

TEST_CASE("bytes of a small network, added up by hand") {
    // picture ring 3 * 28; C4 -> row 28 * 4 read at once by F10 -> scratch; logits 40; counters 3
    const fixed::Plan plan = fixed::plan(net::parse("C4k3 F10", {1, 28, 28}));
    CHECK(plan.layers[0].scratch);
    CHECK(plan.scratch_bytes == 112);
    CHECK(plan.bytes() == 84 + 112 + 40 + 3);
    // 28x28 -> conv 8 -> pool -> conv 16 -> pool -> 10: picture 3 * 28, ring 3 * 14 * 8 (the second row of a pooling is
    // written where the first went), rows 7 * 16, logits, counters
    const fixed::Plan lenet = fixed::plan(net::parse("C8k3 M2 C16k3 M2 F10", {1, 28, 28}));
    CHECK(lenet.layers[0].ring == 3);
    CHECK(lenet.bytes() == 84 + 336 + 112 + 40 + 4);
}

TEST_CASE("rows that live for one step lie over each other") {
    const fixed::Plan plan = fixed::plan(net::parse("D3L C6k1 D3L C8k1 D3L C8k1 F10", {4, 14, 14}));
    CHECK(plan.layers[0].scratch); // each depthwise row is read by the pointwise layer after it at once
    CHECK(plan.layers[2].scratch);
    CHECK(plan.layers[4].scratch);
    CHECK(plan.layers[5].scratch);
    CHECK_FALSE(plan.layers[1].scratch);
    CHECK(plan.scratch_bytes == 14 * 8 + 14 * 8); // the last depthwise row and what is made of it
}

TEST_CASE("counters of two bytes where a side exceeds 255") {
    CHECK(fixed::plan(net::parse("C2k3 G F3", {1, 255, 1})).counter_bytes == 1);
    CHECK(fixed::plan(net::parse("C2k3 G F3", {1, 256, 1})).counter_bytes == 2);
}
