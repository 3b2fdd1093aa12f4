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

TEST_CASE("a word for a measure that is not its name is answered with the name, and so is every other of a list") {
    const auto said = [](const char* list) {
        try {
            parse_objectives(list);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const std::string all = join(names_of(measure_table), ", ");
    CHECK(said("accuracy,latency") ==
          "objectives accuracy,latency: there is no measure 'accuracy', use error; there is "
          "no measure 'latency', use milliseconds; measures are " +
              all);
    CHECK(said("error,falsh,Size") == "objectives error,falsh,Size: there is no measure 'falsh'; did you mean flash? "
                                      "there is no measure 'Size', use weight_bytes or flash; measures are " +
                                          all);
    CHECK(said("error,color") == "objectives error,color: there is no measure 'color'; measures are " + all);
    Limits limits;
    CHECK_THROWS_WITH_AS(
        parse_limit("memory=2KB", limits),
        doctest::Contains("limit memory=2KB: there is no measure 'memory', use ram or working_memory;"), Error);
    for (const Synonym& synonym : measure_synonyms) {
        CAPTURE(synonym.name);
        CHECK_FALSE(row_named(measure_table, synonym.name));
        for (const std::string& name : split(replaced(std::string(synonym.name_here), " or ", ","), ','))
            CHECK(row_named(measure_table, name));
    }
}

TEST_CASE("limits of sizes and times may carry a unit, and their refusals name the units") {
    Limits limits;
    for (const char* word :
         {"ram=1KB", "flash=0.5MB", "weight_bytes=2.5kB", "milliseconds=0.25s", "macs=2e4", "error=2%"})
        parse_limit(word, limits);
    CHECK(limits == Limits{{Measure::error, 0.02},
                           {Measure::weight_bytes, 2560},
                           {Measure::flash, 524288},
                           {Measure::ram, 1024},
                           {Measure::milliseconds, 250},
                           {Measure::macs, 20000}});
    parse_limit("milliseconds=10", limits);
    CHECK(limits[Measure::milliseconds] == 10);
    const auto refused = [&](const char* word, const char* sentence) {
        CHECK_THROWS_WITH_AS(parse_limit(word, limits), sentence, Error);
    };
    refused("ram", "limit ram: expected NAME=VALUE, such as weight_bytes=2KB or milliseconds=10ms");
    refused("ram=1GB", "limit ram=1GB: expected a size in B, KB (1024 B) or MB, such as 485, 1536B or 2.77KB");
    refused("milliseconds=1KB", "limit milliseconds=1KB: expected a time in us, ms, s, m or h, such as 10ms, 90s, 15m "
                                "or 1h30m");
    refused("macs=1KB", "limit macs=1KB: expected a number of at least 0, such as 20000");
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
