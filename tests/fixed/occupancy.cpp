// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/occupancy.hpp"
#include "random_spec.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

std::vector<fixed::Occupancy> occupancy_of(const net::Spec& spec) {
    const net::Shapes shapes = net::shapes(spec);
    return fixed::occupancy(spec, shapes, fixed::plan(spec, shapes, {}));
}

} // namespace

TEST_CASE("rows in use of a small network, worked out by hand") {
    // A convolution of 3x3 keeps two rows of 4 bytes of the picture and the one that comes; its own row of 8 bytes is
    // read at once by the dense layer, whose sums are logits.
    const std::vector<fixed::Occupancy> rows = occupancy_of(net::parse("C2k3 F3", {1, 4, 4}));
    REQUIRE(rows.size() == 4);
    CHECK(rows[0] == fixed::Occupancy{4, 0, 0}); // no window is whole yet: row 1 is missing below
    CHECK(rows[1] == fixed::Occupancy{8, 8, 0}); // output row 0 reads rows 0 and 1
    CHECK(rows[2] == fixed::Occupancy{12, 8, 0});
    CHECK(rows[3][1] == 8);
}

TEST_CASE("no producer ever holds more than the plan sets aside for it, nor all of them more than the plan has") {
    Random random(5, "occupancy");
    for (int n = 0; n < 60; ++n) {
        const net::Spec spec = plain::random_spec(plain::random_picture(random), random, 6);
        CAPTURE(net::notation(spec));
        const net::Shapes shapes = net::shapes(spec);
        const fixed::Plan plan = fixed::plan(spec, shapes, {});
        const std::vector<fixed::Occupancy> rows = fixed::occupancy(spec, shapes, plan);
        CHECK(rows.size() == std::size_t(shapes.picture.height));
        for (const fixed::Occupancy& now : rows) {
            REQUIRE(now.size() == spec.layers.size() + 1);
            std::size_t sum = 0;
            for (std::size_t producer = 0; producer < now.size(); ++producer) {
                const fixed::Buffers& own = plan.of(int(producer) - 1);
                CHECK(now[producer] <=
                      std::size_t(own.ring) * own.row_bytes + 4 * own.sums + own.pool_sums * own.pool_sum_bytes);
                sum += now[producer];
            }
            CHECK(sum <= plan.bytes());
        }
    }
}

TEST_CASE("a plan of another network is refused") {
    const net::Spec spec = net::parse("C2k3 F3", {1, 4, 4});
    CHECK_THROWS_WITH_AS(fixed::occupancy(spec, net::shapes(spec), {}),
                         "shapes of 2 and a plan of 0 layers for a network of 2", Error);
}
