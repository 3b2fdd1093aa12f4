// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/table.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;

TEST_CASE("a table's columns are as wide as their widest cell") {
    Table table({"id", "<name", "size"});
    table.add({"7", "short", "1"});
    table.add({"12", "a longer name", "12 345"});
    CHECK(table.rows() == 2);
    CHECK(table.text() == "id  name             size\n"
                          " 7  short               1\n"
                          "12  a longer name  12 345\n");
    CHECK(Table({"<a", "<b"}).text() == "a  b\n");
    Table missing({"a", "<b"});
    missing.add({"1"});
    CHECK(missing.text() == "a  b\n1\n");
    Table names({"<name", "size"});
    names.add({"Gehtüre", "1"}); // as wide as its seven characters, not its eight bytes
    CHECK(names.text() == "name     size\nGehtüre     1\n");
}

TEST_CASE("numbers are written for people") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1 000");
    CHECK(grouped(12345678) == "12 345 678");
    CHECK(count_cell(std::nullopt) == "-");
    CHECK(count_cell(2006.6) == "2 007");
    CHECK(percent_cell(0.98765) == "98.77");
    CHECK(percent_cell(std::nullopt) == "-");
    CHECK(duration(0) == "0 s");
    CHECK(duration(59.4) == "59 s");
    CHECK(duration(59.6) == "1 min 00 s");
    CHECK(duration(185) == "3 min 05 s");
    CHECK(duration(7380) == "2 h 03 min");
    CHECK(duration(-3) == "0 s");
}
