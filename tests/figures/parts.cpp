// SPDX-License-Identifier: Apache-2.0
#include "parts.hpp"
#include "forest.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::figures;
using testing::small_fronts;

namespace {

/// A run whose front is one network, so that its hypervolume is ln(0.1 / error) ln(4096 / bytes).
Run one(const std::string& variant, std::uint64_t seed, double volume) {
    return {variant, seed, {{0.1 * std::exp(-volume), {{"stored_bytes", 4096 / std::exp(1.0)}}}}};
}

const Reference mnist{0.1, 4096};

} // namespace

TEST_CASE("a front's hypervolume is the area that it dominates below the reference, in logarithms") {
    const std::vector<Run> runs = read_fronts(small_fronts, "a.csv");
    // Two boxes, ln 5 x ln 10.24 and ln 10 x ln 4.096, which share ln 5 x ln 4.096.
    const double two = std::log(5) * std::log(10.24) + std::log(10) * std::log(4.096) - std::log(5) * std::log(4.096);
    CHECK(hypervolume(*find_run(runs, "full", 1), mnist) == doctest::Approx(two));
    CHECK(hypervolume(*find_run(runs, "no-pruning", 2), mnist) == 0);
    CHECK(hypervolume(*find_run(runs, "random", 1), mnist) == doctest::Approx(std::log(0.1 / 0.0005) * std::log(2)));
    CHECK(hypervolume(*find_run(runs, "full", 1), {0.01, 4096}) == 0); // nothing strictly below
    CHECK(hypervolume(*find_run(runs, "no-pruning", 1), {0.1, 1400, "ram_bytes"}) ==
          doctest::Approx(std::log(2.5) * std::log(2)));
    CHECK_THROWS_WITH_AS(hypervolume(runs[0], {0, 4096}),
                         "reference of error 0 and 4096 bytes: expected numbers above 0", Error);
    CHECK_THROWS_AS(hypervolume(runs[0], {0.1, 4096, "flash_bytes"}), Error);
}

TEST_CASE("differences are with the part minus without it, in pairs of one seed, corrected for the number of parts") {
    // Seeds in different orders, one of full without a partner, one of the variant without.
    std::vector<Run> runs = {one("full", 1, 3.0), one("full", 2, 3.5), one("full", 3, 4.0), one("full", 9, 7)};
    for (const auto& [seed, volume] : {std::pair(3, 2.9), {1, 2.0}, {2, 2.5}, {8, 1.0}})
        runs.push_back(one("random", std::uint64_t(seed), volume));
    for (const auto& [seed, volume] : {std::pair(1, 2.5), {2, 3.9}, {3, 4.1}})
        runs.push_back(one("arc", std::uint64_t(seed), volume));
    const std::vector<Part> parts = parts_of(runs, "full", mnist);
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].without == "random");
    REQUIRE(parts[0].pairs.size() == 3);
    CHECK(parts[0].pairs[0].seed == 3);
    CHECK(parts[0].pairs[0].with == doctest::Approx(4.0));
    CHECK(parts[0].pairs[0].without == doctest::Approx(2.9));
    // Differences 1.1, 1 and 1: mean 3.1 / 3, deviation 0.1 / sqrt 3; the first of two p values, so the level is 0.975.
    CHECK(parts[0].difference.mean == doctest::Approx(3.1 / 3));
    CHECK(*parts[0].difference.deviation == doctest::Approx(0.1 / std::sqrt(3)));
    CHECK(parts[0].adjusted->level == doctest::Approx(0.975));
    // t of level 0.975 with two degrees of freedom: P(|T| <= t) = t / sqrt(2 + t^2).
    const double t = std::sqrt(2 * 0.975 * 0.975 / (1 - 0.975 * 0.975));
    CHECK(parts[0].interval()->low == doctest::Approx(3.1 / 3 - t * 0.1 / 3));
    CHECK(parts[0].interval()->high == doctest::Approx(3.1 / 3 + t * 0.1 / 3));
    // 0.5, -0.4 and -0.1 are not shown to be other than 0, at the level 0.95 of the last one.
    CHECK(parts[1].difference.mean == doctest::Approx(0.0).epsilon(1e-9));
    CHECK(parts[1].adjusted->level == doctest::Approx(0.95));
}

TEST_CASE("parts with one seed, with none and without spread") {
    const std::vector<Run> runs = {one("full", 1, 3),     one("full", 2, 3.5),   one("one", 1, 2.5), one("none", 7, 1),
                                   one("equal", 1, 2.75), one("equal", 2, 3.25), {"empty", 1, {}},   {"empty", 2, {}}};
    const std::vector<Part> parts = parts_of(runs, "full", mnist);
    REQUIRE(parts.size() == 4);
    CHECK(parts[0].difference.mean == doctest::Approx(0.5));
    CHECK_FALSE(parts[0].interval());
    CHECK(parts[1].pairs.empty());
    CHECK_FALSE(parts[1].adjusted);
    CHECK(parts[2].interval()->low == doctest::Approx(0.25));
    CHECK(parts[2].interval()->high == doctest::Approx(0.25));
    CHECK(parts[3].difference.mean == doctest::Approx(3.25)); // runs that found nothing have no volume, but count
    const std::vector<std::string> lines = split(parts_table(parts, "full", mnist), '\n');
    CHECK(lines[2] == "| one | 1 | 3.00 | 2.50 | 0.50 | - | - |");
    CHECK(lines[3] == "| none | 0 | - | - | - | - | - |");
    CHECK(lines[4] == "| equal | 2 | 3.25 ± 0.35 | 3.00 ± 0.35 | 0.25 ± 0.00 | 0.25 to 0.25 | 0.000 |");
    CHECK(lines[7] == "Hypervolume of (ln validation error, ln stored bytes) below 10 % and 4,096 B; mean ± standard "
                      "deviation over seeds; difference: with the part minus without it, paired by seed.");
    const std::string plot = forest_plot("a <title>", parts);
    for (const char* words : {"a &lt;title&gt;", ">one</text>", ">0.50 (no interval), 1 seed</text>", ">no pair</text>",
                              ">0.25 (0.25 to 0.25), 2 seeds</text>", "prefers-color-scheme: dark", "class=\"zero\"",
                              "difference of hypervolume, ln error x ln bytes"})
        CHECK_MESSAGE(plot.find(words) != plot.npos, words);
    CHECK_THROWS_WITH_AS(parts_of(runs, "whole", mnist),
                         "no run of variant 'whole'; there are full, one, none, equal, empty; choose one by --full",
                         Error);
}

TEST_CASE("the CSV has the hypervolume of every run, and differences where there is a partner") {
    const std::vector<Run> runs = {one("full", 1, 3), one("arc", 1, 2.5), one("arc", 2, 1)};
    CHECK(parts_csv(runs, "full", mnist) == "variant,seed,hypervolume_ln_error_ln_bytes,full_minus_variant\n"
                                            "full,1,3.000000,\n"
                                            "arc,1,2.500000,0.500000\n"
                                            "arc,2,1.000000,\n");
}

TEST_CASE("the dots of a forest plot stand right of the zero line where the part helps, and left where it harms") {
    const std::vector<Run> runs = {one("full", 1, 3), one("worse", 1, 2), one("better", 1, 3.5)};
    const std::string plot = forest_plot("parts", parts_of(runs, "full", mnist));
    const auto number_behind = [&](std::string_view words, std::size_t from) {
        const std::size_t at = plot.find(words, from) + words.size();
        return std::stod(plot.substr(at, 8));
    };
    const double zero = number_behind("class=\"zero\" d=\"M", 0);
    const std::size_t first = plot.find("cx=\""), second = plot.find("cx=\"", first + 4);
    const double worse = number_behind("cx=\"", first), better = number_behind("cx=\"", second);
    CHECK(worse > zero);
    CHECK(better < zero);
    CHECK((worse - zero) / (zero - better) == doctest::Approx(2).epsilon(0.01)); // 1.0 against -0.5
}
