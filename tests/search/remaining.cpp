// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/remaining.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/space/sample.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

TEST_CASE("channels are removed evenly, as few as the budget demands") {
    // 4 x 9, 4 x 8, 8 x 5 weights: 108 in all.
    const net::Spec spec = net::parse("C4k3 C8k1 DGL F5", {1, 6, 6});
    REQUIRE(net::weights(spec) == 36 + 32 + 8 * 36 + 40);
    const auto line = [&](double weights) { return net::notation(narrowed_to(spec, weights / 396)); };
    CHECK(line(396) == "C4k3 C8k1 DGL F5");
    CHECK(line(395) == "C3k3 C8k1 DGL F5"); // 27 + 24 + 288 + 40 = 379: both have all, the first in front
    CHECK(line(378) == "C3k3 C7k1 DGL F5"); // 27 + 21 + 252 + 35 = 335
    CHECK(line(334) == "C3k3 C6k1 DGL F5"); // seven of eight is more than three of four
    CHECK(line(1) == "C1k3 C1k1 DGL F5");   // every layer keeps one
}

TEST_CASE("inside a network the share of weights is the square of the share of channels") {
    const net::Spec spec = net::parse("C64k1 C64k3 C64k3 C64k3 C64k3 F2", {1, 8, 8});
    for (const double keep : {0.81, 0.49, 0.25, 0.04}) {
        const net::Spec left = narrowed_to(spec, keep);
        for (std::size_t i = 0; i + 1 < left.layers.size(); ++i)
            CHECK(std::abs(left.layers[i].outputs / 64.0 - std::sqrt(keep)) < 0.05);
        CHECK(left.layers.back().outputs == 2);
    }
}

TEST_CASE("what is left of any network is a network within the budget, with channels that are bound together") {
    const space::Space space{{3, 32, 32}, 10};
    Random random(2, "remaining");
    for (int i = 0; i < 200; ++i) {
        const net::Spec spec = space::express(space::sample(space, random), space);
        const double keep = random.uniform(0.05, 1);
        const net::Spec left = narrowed_to(spec, keep);
        CHECK(net::shapes(left).classes == 10); // residual sums and depthwise layers fit
        CHECK(left.layers.size() == spec.layers.size());
        int widest = 0;
        for (std::size_t k = 0; k + 1 < left.layers.size(); ++k) {
            CHECK(left.layers[k].outputs <= spec.layers[k].outputs);
            CHECK(left.layers[k].outputs >= 1);
            widest = std::max(widest, left.layers[k].outputs);
        }
        const bool smallest = net::weights(narrowed_to(spec, 1e-9)) == net::weights(left);
        CHECK((net::weights(left) <= std::size_t(std::llround(keep * double(net::weights(spec)))) || smallest));
    }
}

TEST_CASE("single weights leave a Spec with zeros, whole channels a narrower one, thresholds an unknown number") {
    const space::Space digits{{1, 28, 28}, 10};
    space::Genome genome;
    const net::Spec whole = space::express(genome, digits);
    CHECK(remaining(genome, digits).spec == whole);
    for (const prune::MethodInfo& method : prune::methods) {
        CAPTURE(std::string(method.name));
        genome.pruning = {method.method, 0.5};
        const Remaining left = remaining(genome, digits);
        CHECK((left.spec == whole) != method.structured);
        CHECK(left.keep == (method.structured ? 1 : 0.5));
        genome.pruning.keep = 1;
        CHECK(remaining(genome, digits).spec == whole);
        CHECK(remaining(genome, digits).keep == 1);
    }
}
