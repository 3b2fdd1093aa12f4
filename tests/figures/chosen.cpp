// SPDX-License-Identifier: Apache-2.0
#include "chosen.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::figures;
using testing::small_fronts;

namespace {

std::vector<std::string> lines_of(const std::string& table) { return split(table, '\n'); }

} // namespace

TEST_CASE("bounds are read as they are written on the command line") {
    const Bounds bounds = parse_bounds("stored_bytes=480,ram_bytes=1.5e3");
    REQUIRE(bounds.size() == 2);
    CHECK(bounds[1].column == "ram_bytes");
    CHECK(bounds[1].most == 1500);
    for (const char* wrong :
         {"", "480", "stored_bytes", "stored_bytes=", "stored_bytes=x", "bytes=3", "stored_bytes=1,", "seed=2"})
        CHECK_THROWS_AS(parse_bounds(wrong), Error);
    CHECK_THROWS_WITH_AS(
        parse_bounds("size=3"),
        "--within size=3: expected NAME=MOST with a name of stored_bytes, flash_bytes, ram_bytes, "
        "model_size_bytes, working_memory_bytes, paper_model_size_bytes, paper_working_memory_bytes, bonsai_bytes, "
        "such as stored_bytes=480",
        Error);
}

TEST_CASE("the least validation error within all bounds is chosen, whatever the test part says") {
    const Run run{"full",
                  1,
                  {{0.03, {{"stored_bytes", 300}, {"test_score_share", 0.99}}},
                   {0.02, {{"stored_bytes", 480}, {"test_score_share", 0.95}}},
                   {0.02, {{"stored_bytes", 470}, {"test_score_share", 0.94}}},
                   {0.01, {{"stored_bytes", 481}, {"test_score_share", 0.98}}}}};
    CHECK(best_within(run, parse_bounds("stored_bytes=480")) == &run.members[2]); // the smaller of equal ones
    CHECK(best_within(run, parse_bounds("stored_bytes=481")) == &run.members[3]);
    CHECK(best_within(run, parse_bounds("stored_bytes=299")) == nullptr);
    CHECK_THROWS_AS(best_within(run, parse_bounds("ram_bytes=5")), Error);
}

TEST_CASE("tables have mean, deviation, worst and interval over seeds, and what each seed chose") {
    const std::vector<Run> runs = read_fronts(small_fronts, "a.csv");
    const std::vector<std::string> lines = lines_of(
        chosen_tables(runs, {parse_bounds("stored_bytes=500"), parse_bounds("stored_bytes=2048,ram_bytes=1100")}));
    CHECK(lines[0] == "| variant | within | seeds | test, % | worst | 95 % of the mean | validation, % | stored, B | "
                      "RAM, B |"); // the file has no other sizes
    // 97 and 96 %: mean 96.5, deviation 0.71, interval 96.5 -+ 12.706 * 0.5; validation 98 and 97; 450 B.
    CHECK(lines[2] == "| full | stored 500 B | 2 | 96.50 ± 0.71 | 96.00 | 90.15 to 102.85 | 97.50 | 450 | 850 |");
    // 98.5 and 96 %: mean 97.25, deviation 1.77, interval -+ 12.706 * 1.25.
    CHECK(lines[3] ==
          "| full | stored 2,048 B, RAM 1,100 B | 2 | 97.25 ± 1.77 | 96.00 | 81.37 to 113.13 | 98.00 | 750 | "
          "950 |");
    CHECK(lines[4] == "| no-pruning | stored 500 B | 1 of 2 | 95.00 | 95.00 | - | 96.00 | 300 | 700 |");
    CHECK(lines[6] == "| random | stored 500 B | 0 of 1 | - | - | - | - | - | - |");
    CHECK(lines[9] == "| variant | seed | stored 500 B | stored 2,048 B, RAM 1,100 B |");
    CHECK(lines[11] == "| full | 1 | 97.00 % in 400 B | 98.50 % in 1,000 B |");
    CHECK(lines[14] == "| no-pruning | 2 | - | - |");
    CHECK(lines[15] == "| random | 1 | - | 99.00 % in 2,048 B |");
}

TEST_CASE("several variants count together, seed by seed, as the best of them") {
    std::vector<Run> runs = read_fronts(small_fronts, "a.csv");
    add_together(runs, "any", {"no-pruning", "random"});
    REQUIRE(runs.size() == 7);
    CHECK(find_run(runs, "any", 1)->members.size() == 2);
    CHECK(find_run(runs, "any", 2)->members.empty());
    CHECK(best_within(*find_run(runs, "any", 1), {})->error == 0.0005);
}
