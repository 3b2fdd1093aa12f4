// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/amount.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("amounts are numbers in the unit asked for, or carry a unit of their own") {
    struct Case {
        const char* word;
        Unit unit;
        double value;
    };
    for (const Case& one : {Case{"485", bytes_unit, 485},           Case{"1536B", bytes_unit, 1536},
                            Case{"2KB", bytes_unit, 2048},          Case{"2.5kB", bytes_unit, 2560},
                            Case{"1k", bytes_unit, 1024},           Case{"1KiB", bytes_unit, 1024},
                            Case{"1MB", bytes_unit, 1048576},       Case{"1e3", bytes_unit, 1000},
                            Case{"2836.48", bytes_unit, 2836.48},   Case{"90", seconds_unit, 90},
                            Case{"90s", seconds_unit, 90},          Case{"15m", seconds_unit, 900},
                            Case{"15min", seconds_unit, 900},       Case{"1h30m", seconds_unit, 5400},
                            Case{"1m500ms", seconds_unit, 60.5},    Case{"0.5m", seconds_unit, 30},
                            Case{"10", milliseconds_unit, 10},      Case{"10ms", milliseconds_unit, 10},
                            Case{"1.5s", milliseconds_unit, 1500},  Case{"0", milliseconds_unit, 0},
                            Case{"250us", milliseconds_unit, 0.25}, Case{"98.5%", parts_unit, 0.985},
                            Case{"0.985", parts_unit, 0.985}}) {
        CAPTURE(one.word);
        const auto value = parse_amount(one.word, one.unit);
        REQUIRE(value);
        CHECK(*value == doctest::Approx(one.value).epsilon(1e-12));
    }
}

TEST_CASE("a word that is no amount of the dimension is none") {
    for (const char* word : {"", "B", "-1", "-1KB", "nan", "inf", "1e400", "1XB", "1 KB", "KB2", "1KB512B", "1s", "1%",
                             "..B", "1.96", "0.5"}) {
        CAPTURE(word);
        CHECK_FALSE(parse_amount(word, bytes_unit));
    }
    for (const char* word : {"", "m", "15x", "1h30", "-3s", "s15", "1KB", "1h,30m"}) {
        CAPTURE(word);
        CHECK_FALSE(parse_amount(word, seconds_unit));
    }
    CHECK_FALSE(parse_amount("1%1%", parts_unit));
}

TEST_CASE("the units that are accepted are named for refusals") {
    CHECK(expected_amount(Dimension::size) == "a size in B, KB (1024 B) or MB, such as 485, 1536B or 2.77KB");
    CHECK(expected_amount(Dimension::time) == "a time in us, ms, s, m or h, such as 10ms, 90s, 15m or 1h30m");
    CHECK(expected_amount(Dimension::share) == "a share in %, such as 5% or 0.05");
    for (const Unit& unit : amount_units) {
        CAPTURE(unit.name);
        CHECK(parse_amount(text("2", unit.name), {unit.dimension, "", unit.factor}) == 2);
    }
}
