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

namespace {

/// A table with a column that always stays, two that go and a text at the end.
Table wide_table() {
    Table table = Table::of({{"id", "number of the trial"},
                             {"size", "bytes in flash", 2},
                             {"speed", "milliseconds per sample", 1},
                             {"<network", "layers", 3}});
    table.add({"7", "12 345", "8.5", "C4k3 A2 D3L C8k1 A2 DGL F10"});
    table.add({"12", "300", "1.25", "F10"});
    return table;
}

} // namespace

TEST_CASE("a narrow table shortens its text at words, then leaves columns out whole, and says which") {
    const Table table = wide_table();
    CHECK(table.text(46) == table.text());
    CHECK(table.text() == "id    size  speed  network\n"
                          " 7  12 345    8.5  C4k3 A2 D3L C8k1 A2 DGL F10\n"
                          "12     300   1.25  F10\n");
    CHECK(table.text(40) == "id    size  speed  network\n"
                            " 7  12 345    8.5  C4k3 A2 D3L C8k1 ...\n"
                            "12     300   1.25  F10\n");
    CHECK(table.text(38) == "id    size  speed\n" // there is too little room for the text, which goes first
                            " 7  12 345    8.5\n"
                            "12     300   1.25\n");
    CHECK(table.text(16) == "id  speed\n"
                            " 7    8.5\n"
                            "12   1.25\n");
}

TEST_CASE("the legend explains the columns that are shown") {
    CHECK(wide_table().legend() == "id       number of the trial\n"
                                   "size     bytes in flash\n"
                                   "speed    milliseconds per sample\n"
                                   "network  layers\n");
    CHECK(wide_table().legend(26) == "id     number of the trial\n"
                                     "size   bytes in flash\n"
                                     "speed  milliseconds per\n"
                                     "       sample\n"
                                     "Not shown, for lack of\n"
                                     "    room: network\n");
    CHECK(Table({"a", "b"}).legend().empty());
}

TEST_CASE("no line of a table whose columns may go is longer than the width, and no number is cut") {
    const Table table = wide_table();
    for (std::size_t width = 2; width < 60; ++width) {
        CAPTURE(width);
        const std::string shown = table.text(width);
        CHECK(longest_line(shown) <= width);
        for (const std::string& line : split(shown, '\n'))
            for (const std::string& cell : split(replaced(line, "  ", "\n"), '\n')) {
                const std::string own = replaced(cell, " ", "");
                const bool number = !own.empty() && own.find_first_not_of("0123456789.") == own.npos && own != "...";
                CHECK((!number || own == "7" || own == "12" || own == "12345" || own == "300" || own == "8.5" ||
                       own == "1.25"));
            }
    }
}

TEST_CASE("sentences are wrapped at spaces, and texts end at a word") {
    CHECK(wrapped("one two three", 7) == "one two\nthree");
    CHECK(wrapped("one two three", 9, 2) == "one two\n  three");
    CHECK(wrapped("a word-that-is-long b", 6, 2) == "a\n  word-that-is-long\n  b");
    CHECK(wrapped("one two", any_width) == "one two");
    CHECK(shortened("one two three", 13) == "one two three");
    CHECK(shortened("one two three", 12) == "one two ...");
    CHECK(shortened("one two three", 5) == "...");
    CHECK(longest_line("ab\nabcd\n") == 4);
}

TEST_CASE("a number stays on one line with its groups of digits and its unit") {
    for (const char* number : {"1 460 B", "12 345 678", "98.55 %", "16 MHz", "3.5 ms", "0.25 points", "720 cycles"}) {
        CAPTURE(std::string(number));
        const std::string words = text("takes ", number, ", at most");
        for (std::size_t width = 1; width < words.size(); ++width)
            CHECK(wrapped(words, width).find(number) != std::string::npos);
        CHECK(wrapped(words, any_width) == words);
        CHECK(shortened(text(number, " and many more words"), characters(number) + 8) == text(number, " and ..."));
        CHECK(shortened(text(number, " and many more words"), 6) == "...");
    }
    CHECK(wrapped("fold 3 of 5", 6) == "fold 3\nof 5");
    CHECK(with_fixed_spaces("of 1 460 B, 54.96 % in fold 3 of 5", "~") == "of 1~460~B, 54.96~% in fold 3 of 5");
    CHECK(wrapped("needs 1 460 B. No", 12) == "needs\n1 460 B. No");

    Table table({"id", "<network"});
    table.add({"1", "C8k3 | 12 345 B and a long tail of words"});
    CHECK(table.text(22) == "id  network\n 1  C8k3 | ...\n");
    Table legend = Table::of({{"id", "takes 1 460 B of flash"}});
    CHECK(legend.legend(12) == "id  takes\n    1 460 B\n    of flash\n");
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
