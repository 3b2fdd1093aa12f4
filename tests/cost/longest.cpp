// SPDX-License-Identifier: Apache-2.0
// The chip itself is in tests/device/tiny.cpp.
#include "tinysparse/cost/longest.hpp"
#include "random_network.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

fixed::Network network_of(const char* line, const net::Shape& input, int bits, bool series = false) {
    Random random(1, "longest", 0);
    return plain::random_network(net::parse(line, input, bits), random, series);
}

double signed_products(const char* line, const net::Shape& input, int bits, bool series = false) {
    const fixed::Network network = network_of(line, input, bits, series);
    const fixed::Lowered lowered(network);
    return cost::counted_signed_products(fixed::encode(lowered));
}

} // namespace

TEST_CASE("values may be negative in series and behind linear layers, and cost nothing if weights are 1, 0 and -1") {
    CHECK(signed_products("F3", {1, 4, 4}, 8) == 0);
    CHECK(signed_products("F3", {2, 20, 1}, 8, true) == 120);
    CHECK(signed_products("F3", {2, 20, 1}, 2, true) == 0);
    CHECK(signed_products("D1L C5k1 F3", {2, 4, 4}, 4) == 4 * 4 * 2 * 5);
    CHECK(signed_products("D1 C5k1 F3", {2, 4, 4}, 4) == 0);
    CHECK(signed_products("C5k3v F2", {2, 20, 1}, 8, true) == 18 * 3 * 2 * 5); // a column, three moments high
}

TEST_CASE("a bound has the longest call for each product that was seen, on top of the time beside them") {
    const fixed::Network network = network_of("F3", {1, 4, 4}, 8), series = network_of("F3", {2, 20, 1}, 8, true);
    const fixed::Lowered lowered(network), lowered_series(series);
    const fixed::Program program = fixed::encode(lowered), program_series = fixed::encode(lowered_series);
    const double none = cost::longest_cycles(program, {0, 0, 1000}).value();
    CHECK(none >= 1000);
    CHECK(none < 1200); // the branches on three values
    CHECK(cost::longest_cycles(program, {48, 0, 1000}).value() == none + 48 * cost::longest_product);
    CHECK(cost::longest_cycles(program, {48, 2, 1000}).value() ==
          none + 48 * cost::longest_product + 2 * cost::longest_wide_product);
    const double series_none = cost::longest_cycles(program_series, {0, 0, 1000}).value();
    CHECK(cost::longest_cycles(program_series, {120, 0, 1000}).value() ==
          series_none + 120 * cost::longest_signed_product);
}

TEST_CASE(
    "there is no bound if the number of products depends on values, as in a tree, which takes one path of several") {
    const fixed::Network tree = network_of("F4L T3d2", {1, 4, 4}, 8);
    const fixed::Lowered lowered(tree);
    CHECK_FALSE(cost::longest_cycles(fixed::encode(lowered), {10, 0, 1000}).has_value());
    CHECK_FALSE(cost::costs(tree.spec, cost::target("attiny85")).longest_cycles.has_value());
    CHECK_FALSE(cost::costs(tree.spec, cost::target("uno")).longest_cycles.has_value());
}
