// SPDX-License-Identifier: Apache-2.0
#include "markdown.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::figures;

TEST_CASE("a Markdown table leaves out the columns that say nothing") {
    CHECK(markdown_table({{"a", "b", "c"}, {"1", "", "x"}, {"-", "-", "-"}}) ==
          "| a | c |\n|---|---|\n| 1 | x |\n| - | - |\n");
    CHECK(markdown_table({{"a"}}) == "|\n|\n"); // no row has anything
}

TEST_CASE("cells of bytes, means and intervals") {
    CHECK(bytes_cell(2836.4) == "2,836");
    CHECK(bytes_cell(480) == "480");
    CHECK(spread_cell(judge::mean_of(std::vector<double>{0.97, 0.96}), 100, 2) == "96.50 ± 0.71");
    CHECK(spread_cell(judge::mean_of(std::vector<double>{0.97}), 100, 1) == "97.0");
    CHECK(spread_cell({}, 100, 1) == "-");
    CHECK(interval_cell(judge::Interval{-0.5, 0.25}, 1, 2) == "-0.50 to 0.25");
    CHECK(interval_cell(std::nullopt, 1, 2) == "-");
}
