// SPDX-License-Identifier: Apache-2.0
#include "fronts.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::figures;
using testing::small_fronts;

TEST_CASE("fronts are read by variant and seed, whatever the names of their runs") {
    const std::vector<Run> runs = read_fronts(small_fronts, "a.csv");
    REQUIRE(runs.size() == 5);
    CHECK(variants_of(runs) == std::vector<std::string>{"full", "no-pruning", "random"});
    const Run& full = *find_run(runs, "full", 1);
    REQUIRE(full.members.size() == 2);
    CHECK(full.members[1].error == 0.01);
    CHECK(number_of(full.members[1], "stored_bytes") == 1000);
    CHECK(number_in(full.members[1], "test_score_share") == 0.985);
    CHECK_FALSE(number_in(full.members[1], "network"));
    CHECK(find_run(runs, "random", 2) == runs.end());
    CHECK(find_run(runs, "no-pruning", 2)->members.empty()); // a run that found nothing is a run
}

TEST_CASE("an error of 0 counts as the run's smallest error") {
    const std::vector<Run> runs = read_fronts(small_fronts, "a.csv");
    CHECK(find_run(runs, "random", 1)->members[0].error == 0.0005);
}

TEST_CASE("a single network may have no smallest error") {
    const std::string tree = "variant,seed,validation_error_share,smallest_error_share\ndepth-0,1,0.2,\n";
    CHECK(read_fronts(tree, "a.csv")[0].members[0].error == 0.2);
}

TEST_CASE("runs of one variant and seed are one front") {
    const std::string trees = "run,variant,seed,validation_error_share,smallest_error_share\n"
                              "tree-a-1,depth-0,1,0.2,0.001\ntree-b-1,depth-0,1,0.1,0.001\n";
    const std::vector<Run> runs = read_fronts(trees, "trees.csv");
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].members.size() == 2);
}

TEST_CASE("what is no file of fronts is refused with the line") {
    CHECK_THROWS_WITH_AS(read_fronts("", "a.csv"), "a.csv: the file is empty; tools/results writes it", Error);
    CHECK_THROWS_WITH_AS(read_fronts("run,seed\na,1\n", "a.csv"),
                         "a.csv: line 2: there is no column variant; tools/results writes it", Error);
    CHECK_THROWS_WITH_AS(read_fronts("variant,seed\nfull,1,2\n", "a.csv"),
                         "a.csv: line 2: 3 fields, the first line has 2", Error);
    CHECK_THROWS_WITH_AS(read_fronts("variant,seed\nfull,one\n", "a.csv"),
                         "a.csv: line 2: 'one' in column seed: expected a number from 0 to 1e+15", Error);
    CHECK_THROWS_AS(read_fronts("variant,seed,validation_error_share,smallest_error_share\nfull,1,-1,0.1\n", "a.csv"),
                    Error);
    CHECK_THROWS_AS(read_fronts("variant,seed,validation_error_share,smallest_error_share\nfull,1,0.5,0\n", "a.csv"),
                    Error);
    CHECK_THROWS_WITH_AS(read_fronts("variant,seed,validation_error_share,smallest_error_share\nfull,1,0,\n", "a.csv"),
                         "a.csv: line 2: an error of 0 needs the run's smallest one in column smallest_error_share",
                         Error);
    CHECK_THROWS_WITH_AS(number_of(Member{0.1, {}}, "ram_bytes"),
                         "column ram_bytes: a network has no number there; take another column", Error);
}
