// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/net/connections.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"
#include <array>
#include <doctest/doctest.h>

using namespace tinysparse::net;

namespace {

/// Output channel, input channel, first weight, count.
using Run = std::array<std::size_t, 4>;

std::vector<Run> runs(const Spec& spec, std::size_t index) {
    std::vector<Run> all;
    for_connections(spec.layers[index], shapes(spec).layers[index],
                    [&](std::size_t o, std::size_t c, std::size_t first, std::size_t count) {
                        all.push_back({o, c, first, count});
                    });
    return all;
}

} // namespace

TEST_CASE("the runs of weights between channels are those worked out by hand") {
    const Shape in{2, 3, 4};
    CHECK(runs(parse("C2k3 F2", in), 0) == std::vector<Run>{{0, 0, 0, 9}, {0, 1, 9, 9}, {1, 0, 18, 9}, {1, 1, 27, 9}});
    CHECK(runs(parse("D3x1 F2", in), 0) == std::vector<Run>{{0, 0, 0, 3}, {1, 1, 3, 3}});
    CHECK(runs(parse("F2", in), 0) == std::vector<Run>{{0, 0, 0, 12}, {0, 1, 12, 12}, {1, 0, 24, 12}, {1, 1, 36, 12}});
}

TEST_CASE("every weight is in one run, and the runs of an input channel are those of all that read it") {
    const Spec spec = parse("C5k3 D3L C7k1 A2 C4k5v DG F6 F3", {3, 14, 15});
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        CAPTURE(i);
        const Layer& layer = spec.layers[i];
        const LayerShapes own = shapes(spec).layers[i];
        const std::vector<Run> all = runs(spec, i);
        std::size_t next = 0;
        for (const Run& run : all) {
            CHECK(run[2] == next);
            next += run[3];
        }
        CHECK(next == weights(layer, own));
        for (std::size_t c = 0; c < std::size_t(own.in.channels); ++c) {
            std::vector<Run> expected = all, found;
            std::erase_if(expected, [&](const Run& run) { return run[1] != c; });
            for_input_channel(layer, own, c, [&](std::size_t o, std::size_t first, std::size_t count) {
                found.push_back({o, c, first, count});
            });
            CHECK(found == expected);
        }
    }
}

TEST_CASE("readers are the layers behind, and residual sums have two sides") {
    const Spec spec = parse("C4k3 =a D3L C4k1 +a F2 @a F2", {1, 8, 8});
    CHECK(readers(spec, 0) == std::vector<std::size_t>{1, 4});
    CHECK(readers(spec, 2) == std::vector<std::size_t>{3});
    CHECK(readers(spec, 4).empty());
    CHECK(enters_residual(spec, 0));
    CHECK_FALSE(enters_residual(spec, 1));
    CHECK(enters_residual(spec, 2));
    CHECK_FALSE(enters_residual(spec, 3));
}

TEST_CASE("a linear layer passes its bias on where that changes nothing") {
    const auto passes = [](const char* line, std::size_t index) {
        return passes_bias_on(parse(line, {4, 8, 8}), index);
    };
    CHECK(passes("D3L C4k1 F2", 0));                 // a pointwise layer takes it in
    CHECK_FALSE(passes("D3 C4k1 F2", 0));            // not through a ReLU
    CHECK_FALSE(passes("D3L C4k3 F2", 0));           // padding has no bias
    CHECK(passes("D3L C4k3v F2", 0));                // without padding it goes
    CHECK_FALSE(passes("D3L =a C4k1 D3L +a F2", 0)); // the residual needs it
    CHECK_FALSE(passes("D3L C4k1 F2", 2));           // logits keep theirs
}
