// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/measures.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

TEST_CASE("measures that need a cost model are refused for targets without one, with those that are known") {
    const cost::Target &uno = cost::target("uno"), &m4 = cost::target("cortex-m4");
    for (const MeasureInfo& row : measure_table) CHECK_NOTHROW(check_known(row.measure, uno, "here"));
    for (const Measure measure : parse_objectives("paper")) CHECK_NOTHROW(check_known(measure, m4, "here"));
    CHECK_THROWS_WITH_AS(
        check_known(Measure::ram, m4, "objectives error,ram"),
        "objectives error,ram: ram is not known for cortex-m4, which has no cost model; known are "
        "model_size, working_memory_1, working_memory_2, working_memory, weight_bytes, macs, nonzeros, "
        "paper_model_size, paper_working_memory",
        Error);
    CHECK_THROWS_AS(check_known(Measure::milliseconds, cost::target("none"), "here"), Error);
}

TEST_CASE("every measure has its name and its cost") {
    cost::Costs costs;
    costs.model_size = 1;
    costs.working_memory_1 = 2;
    costs.working_memory_2 = 3;
    costs.weight_bytes = 4;
    costs.flash = 5;
    costs.ram = 6;
    costs.cycles = 7.5;
    costs.milliseconds = 8.5;
    costs.macs = 9;
    costs.nonzeros = 10;
    costs.paper_working_memory = 11;
    CHECK(json::write(to_json(measures_of(costs))) ==
          R"({"model_size":1,"working_memory_1":2,"working_memory_2":3,"working_memory":3,"weight_bytes":4,"flash":5,)"
          R"("ram":6,"cycles":7.5,"milliseconds":8.5,"macs":9,"nonzeros":10,"paper_model_size":10,)"
          R"("paper_working_memory":11})");
    CHECK(name_of(Measure::error) == "error");
    CHECK(!info(Measure::error).of);
    for (const MeasureInfo& row : measure_table) CHECK(parse_measure("here", row.name) == row.measure);
}

TEST_CASE("objectives are error and one or two costs, by name") {
    CHECK(parse_objectives("paper") == Objectives{Measure::error, Measure::model_size, Measure::working_memory});
    CHECK(parse_objectives("error,flash,ram") == Objectives{Measure::error, Measure::flash, Measure::ram});
    CHECK(parse_objectives("cycles,error") == Objectives{Measure::error, Measure::cycles});
    CHECK_THROWS_WITH_AS(parse_objectives("error"),
                         "objectives error: give error and one or two costs, such as error,flash,ram", Error);
    CHECK_THROWS_WITH_AS(parse_objectives("error,ram,ram"), "objectives error,ram,ram: ram stands there twice", Error);
    CHECK_THROWS_AS(parse_objectives("flash,ram"), Error);
    CHECK_THROWS_AS(parse_objectives("error,flash,ram,cycles"), Error);
    CHECK_THROWS_WITH_AS(parse_objectives("error,falsh"), doctest::Contains("did you mean flash?"), Error);
    CHECK_THROWS_AS(parse_objectives(""), Error);
}

TEST_CASE("limits are held by what is known") {
    Limits limits;
    parse_limit("working_memory=2007", limits);
    parse_limit("ram=1536", limits);
    parse_limit("ram=1024", limits);
    CHECK(limits == Limits{{Measure::working_memory, 2007}, {Measure::ram, 1024}});
    Measures measures;
    CHECK(within(measures, limits));
    measures[Measure::working_memory] = 2007;
    CHECK(within(measures, limits));
    measures[Measure::ram] = 1025;
    CHECK(!within(measures, limits));
    CHECK(violation(measures, limits) > 0);
    measures[Measure::ram] = 1024;
    CHECK(violation(measures, limits) == 0);
    for (const char* word : {"ram", "ram=", "ram=x", "ram=-1", "=3", "rom=3"}) {
        CAPTURE(word);
        CHECK_THROWS_AS(parse_limit(word, limits), Error);
    }
}

TEST_CASE("measures go to JSON and back, unknown ones left out") {
    Measures measures;
    measures[Measure::error] = 0.0123456789;
    measures[Measure::flash] = 4096;
    const json::Value value = to_json(measures);
    CHECK(value.object()->size() == 2);
    CHECK(measures_from_json(json::Reader(value, "m")) == measures);
}
