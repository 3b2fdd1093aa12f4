// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/commands.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;

TEST_CASE("a run is done again by its own words, but in another folder, from its beginning, with messages") {
    using Words = std::vector<std::string>;
    search::RunHead head;
    head.data = "a.csv";
    head.target = "uno";
    CHECK(command_again(head, "run") == Words{"search", "--data", "a.csv", "--target", "uno", "--out", "run-again"});
    head.command = {"search", "--quiet", "--out", "run", "--data", "a.csv", "--resume"};
    CHECK(command_again(head, "x/run/") == Words{"search", "--data", "a.csv", "--out", "x/run-again"});
    head.command = {"search", "--data", "a.csv", "--out=run", "--trials", "4"};
    CHECK(command_again(head, "run") == Words{"search", "--data", "a.csv", "--trials", "4", "--out", "run-again"});
}
