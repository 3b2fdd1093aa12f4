// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/random.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <numeric>
#include <vector>

using tinysparse::byte_sum;
using tinysparse::Random;

TEST_CASE("Philox gives the known answers of its authors") {
    using Block = std::array<std::uint32_t, 4>;
    using tinysparse::detail::philox;
    CHECK(philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) == Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams differ by seed, by purpose and by index, and repeat by all three") {
    const auto first = [](Random stream) { return std::vector<std::uint32_t>{stream(), stream(), stream()}; };
    const auto reference = first(Random(1, "shuffle", 2));
    CHECK(first(Random(1, "shuffle", 2)) == reference);
    CHECK(first(Random(2, "shuffle", 2)) != reference);
    CHECK(first(Random(1, "weights", 2)) != reference);
    CHECK(first(Random(1, "shuffle", 3)) != reference);
    CHECK(first(Random(std::uint64_t{1} << 40, "shuffle", 2)) != first(Random(0, "shuffle", 2)));
}

TEST_CASE("distributions have their moments") {
    Random random(7, "moments");
    const int draws = 200000;
    double mean = 0, square = 0, normal_mean = 0, normal_square = 0, normal_fourth = 0;
    for (int i = 0; i < draws; ++i) {
        const double u = random.uniform(), n = random.normal();
        REQUIRE((u >= 0 && u < 1));
        mean += u / draws;
        square += u * u / draws;
        normal_mean += n / draws;
        normal_square += n * n / draws;
        normal_fourth += n * n * n * n / draws;
    }
    CHECK(mean == doctest::Approx(0.5).epsilon(0.01)); // five standard errors: 0.0032
    CHECK(square == doctest::Approx(1.0 / 3).epsilon(0.02));
    CHECK(std::abs(normal_mean) < 0.012);
    CHECK(normal_square == doctest::Approx(1).epsilon(0.02));
    CHECK(normal_fourth == doctest::Approx(3).epsilon(0.05));
}

TEST_CASE("the sum of four bytes has the mean 0 and the standard deviation of four uniform bytes") {
    CHECK(byte_sum(0) == -510);
    CHECK(byte_sum(0xFFFFFFFF) == 510);
    CHECK(byte_sum(0x01020304) == -500);
    double square = 0; // of one byte; those of four add up
    for (std::uint32_t byte = 0; byte < 256; ++byte) square += std::pow(byte_sum(byte) + 382.5, 2) / 256;
    CHECK(std::sqrt(4 * square) == doctest::Approx(147.8).epsilon(1e-4));
}

TEST_CASE("below is uniform over odd bounds and shuffle keeps every item") {
    Random random(3);
    std::vector<int> counts(7);
    for (int i = 0; i < 70000; ++i) ++counts[random.below(7)];
    for (const int count : counts) CHECK(std::abs(count - 10000) < 500); // five standard deviations: 463
    CHECK(random.below(1) == 0);
    std::vector<int> items(100);
    std::iota(items.begin(), items.end(), 0);
    auto shuffled = items;
    random.shuffle(std::span<int>(shuffled));
    CHECK(shuffled != items);
    std::sort(shuffled.begin(), shuffled.end());
    CHECK(shuffled == items);
}
