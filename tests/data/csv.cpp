// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/csv.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

namespace {
/// All rows, with "|" between fields, and "---" where a break stands.
std::vector<std::string> rows_of(std::string_view source) {
    const std::string name = "t.csv", converted = csv_text(source, name);
    std::string_view content = converted;
    const CsvFormat format = take_csv_format(content, name);
    CsvReader reader(content, name, format);
    std::vector<std::string> fields, rows;
    for (bool breaks = false; reader.next(fields, breaks);) {
        if (breaks) rows.push_back("---");
        rows.push_back(std::to_string(reader.line()) + ":" + tinysparse::join(fields, "|"));
    }
    return rows;
}

CsvFormat format_of(std::string_view source) { return take_csv_format(source, "t.csv"); }

std::string utf16(std::string_view text, bool big_endian) {
    std::string out = big_endian ? "\xfe\xff" : "\xff\xfe";
    for (const char letter : text) {
        if (big_endian) out += '\0';
        out += letter;
        if (!big_endian) out += '\0';
    }
    return out;
}
} // namespace

TEST_CASE("CSV with any separator, quotes and line ends gives the same rows") {
    const std::vector<std::string> expected = {"1:a|label|b", "2:1|cat|2", "3:3|dog|4"};
    for (const std::string& source :
         {std::string("a,label,b\n1,cat,2\n3,dog,4\n"), std::string("a;label;b\r\n1;cat;2\r\n3;dog;4"),
          std::string("a\tlabel\tb\n1\tcat\t2\n3\tdog\t4\n"), std::string("a,label,b\r1,cat,2\r3,dog,4\r"),
          std::string("\xef\xbb\xbf\"a\",\"label\",\"b\"\n\"1\", cat ,2\n 3,\"dog\",4\n"),
          utf16("a,label,b\n1,cat,2\n3,dog,4\n", false), utf16("a;label;b\r\n1;cat;2\r\n3;dog;4\r\n", true)}) {
        CAPTURE(source);
        CHECK(rows_of(source) == expected);
    }
    CHECK(rows_of("sep=;\na;b\n1;2\n") == std::vector<std::string>{"2:a|b", "3:1|2"});
    CHECK(rows_of("sep=|\r\na|b\r\n1|2\r\n") == std::vector<std::string>{"2:a|b", "3:1|2"});
    CHECK(rows_of("1.5e2,\"a \"\"b\"\",\nc\"\n2,d\n") == std::vector<std::string>{"1:1.5e2|a \"b\",\nc", "3:2|d"});
}

TEST_CASE("rows without anything in them break a file into blocks") {
    const std::vector<std::string> expected = {"1:1|2", "---", "3:3|4"};
    CHECK(rows_of("1,2\n\n3,4\n\n") == expected);
    CHECK(rows_of("1,2\n,\n3,4\n") == expected);
    CHECK(rows_of("1,2\r\n , \r\n3,4\r\n\r\n\r\n") == expected);
}

TEST_CASE("the separator is what gives rows of equal length with most numbers; quoted ones do not count") {
    CHECK(format_of("0,93;-0,74;a\n0,01;1,51;b\n") == CsvFormat{';', true});
    CHECK(format_of("23,5;1\n24,1;0\n") == CsvFormat{';', true});
    CHECK(format_of("a;b;label\n1,5;2;x\n2;3;y\n") == CsvFormat{';', true});
    CHECK(format_of("0,5\t1,5\tup\n") == CsvFormat{'\t', true});
    CHECK(format_of("\"a;b;c;d\",1,2\n\"e;f;g;h\",3,4\n") == CsvFormat{',', false});
    CHECK(format_of("0,0;warm\n1,1;cold\n") == CsvFormat{';', true});
    CHECK(format_of("1,2,3\n4,5,6\n") == CsvFormat{',', false});
    CHECK(format_of("time;x\n1;2\n") == CsvFormat{';', false});
}

TEST_CASE("numbers and missing values of a field") {
    CHECK(csv_number("+1.5", false) == 1.5);
    CHECK(csv_number("-2e3", false) == -2000);
    CHECK(csv_number("1,5", true) == 1.5);
    CHECK_FALSE(csv_number("1.234,5", true)); // a thousand or not: refused, not guessed
    CHECK_FALSE(csv_number("1,5", false));
    CHECK_FALSE(csv_number("+-1", false));
    CHECK_FALSE(csv_number("inf", false));
    CHECK_FALSE(csv_number("nan", false));
    for (const char* word : {"", "#N/A", "--", "NA", "n/a", "NaN", "null", "None", "-", "?"}) CHECK(is_missing(word));
    for (const char* word : {"0", "walk", "nano", "inf", "-Infinity"}) CHECK_FALSE(is_missing(word));
    for (const char* word : {"inf", "-inf", "+Inf", "-Infinity"}) CHECK(is_infinite(word));
    for (const char* word : {"0", "info", "nan", ""}) CHECK_FALSE(is_infinite(word));
    CHECK(is_no_label("?"));
    CHECK_FALSE(is_no_label("null")); // which may be a class
}

TEST_CASE("marks before three digits may separate thousands, unless a number shows that they are decimal") {
    const auto watch = [](std::initializer_list<const char*> fields) {
        ThousandsWatch one;
        std::size_t line = 1;
        for (const char* field : fields) one.add(field, ++line);
        return one;
    };
    CHECK(watch({"7", "3,636"}).doubtful());
    CHECK(watch({"-7", "-3.636"}).doubtful());
    CHECK(watch({"7", "12", "3,636"}).line() == 4);
    CHECK(watch({"7", "12", "-3,636"}).first() == "3,636");
    CHECK_FALSE(watch({"1,234", "3,636"}).doubtful()); // three decimals, as a program writes them
    for (const char* decimal : {"0,5", "0,636", "3,6360", "1234", "1234,567"}) {
        CAPTURE(decimal);
        CHECK_FALSE(watch({"7", "3,636", decimal}).doubtful());
        CHECK(watch({"7", "3,636", decimal}).decimal());
    }
}

TEST_CASE("what cannot be read is named") {
    CHECK(error_of([] { rows_of("label,\"a\n1,2\n"); }) == "t.csv: line 1: a field has no closing quotation mark");
    CHECK(error_of([] { rows_of(std::string("a\0,\0b\0", 6)); }) ==
          "t.csv: the file has NUL bytes and is no text in UTF-8; save it as CSV UTF-8");
    CHECK(error_of([] { rows_of("a,b\n1,l\xe4uft\n"); }) ==
          "t.csv: line 2: the text is not UTF-8; save the file as CSV UTF-8");
    CHECK(error_of([] { rows_of("a,b\n\"900\"5,2\n"); }) ==
          "t.csv: line 2: there is text after a closing quotation mark; double those within a field");
}
