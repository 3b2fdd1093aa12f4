// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/csv.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("CSV with and without a header, with any separator, quotes and line ends") {
    for (const char* source :
         {"a,label,b\n1,cat,2\n3,dog,4\n", "a;label;b\r\n1;cat;2\r\n3;dog;4", "a\tlabel\tb\n1\tcat\t2\n\n3\tdog\t4\n",
          "\xef\xbb\xbf\"a\",\"label\",\"b\"\n\"1\", cat ,2\n 3,\"dog\",4\n"}) {
        CAPTURE(source);
        const CsvTable table = parse_csv(source, "t.csv", "");
        CHECK(table.columns == 2);
        CHECK(table.numbers == std::vector<float>{1, 2, 3, 4});
        CHECK(table.labels == std::vector<std::string>{"cat", "dog"});
    }
    CHECK(parse_csv("5,1,2\n6,3,4\n", "t.csv", "first").labels == std::vector<std::string>{"5", "6"});
    CHECK(parse_csv("5,1,2\n6,3,4\n", "t.csv", "last").labels == std::vector<std::string>{"2", "4"});
    CHECK(parse_csv("5,1,2\n6,3,4\n", "t.csv", "1").labels == std::vector<std::string>{"1", "3"});
    CHECK(parse_csv("x,kind\n1,2\n", "t.csv", "kind").labels == std::vector<std::string>{"2"});
    CHECK(parse_csv("1.5e2,\"a \"\"b\"\",\nc\"\n", "t.csv", "last").labels == std::vector<std::string>{"a \"b\",\nc"});
}

TEST_CASE("what is wrong in a CSV file is named with line and column") {
    const auto error = [](std::string_view source, const std::string& label = "") {
        return error_of([&] { parse_csv(source, "t.csv", label); });
    };
    CHECK(error("label,a,b\n1,2,3\n1,2\n") == "t.csv: line 3: 2 fields, the first row has 3");
    CHECK(error("label,a\n1,x\n") == "t.csv: line 2, column 1: 'x' is no number");
    CHECK(error("label,a\n1,nan\n") == "t.csv: line 2, column 1: 'nan' is no number");
    CHECK(error("label,a\n1,\n") == "t.csv: line 2, column 1: '' is no number");
    CHECK(error("label,a\n,1\n") == "t.csv: line 2: the label is empty");
    CHECK(error("") == "t.csv: the file has no rows");
    CHECK(error("label,a\n") == "t.csv: there is a header but no row of data");
    CHECK(error("label\n1\n") == "t.csv: line 1: one column, expected a label and at least one number");
    CHECK(error("a,b\n1,2\n") ==
          "t.csv: line 1: which column is the label? Say label=NAME, label=first or label=last; the "
          "columns are a b");
    CHECK(error("1,2\n") ==
          "t.csv: line 1: which column is the label? Say label=NAME, label=first or label=last; the first "
          "row is 1 2");
    CHECK(error("a,b\n1,2\n", "c") == "t.csv: line 1: no column is named or numbered 'c'; the columns are a b");
    CHECK(error("label,\"a\n1,2\n") == "t.csv: line 1: a field has no closing quotation mark");
}

TEST_CASE("classes of labels are ordered by number where all are numbers, else by name") {
    CsvTable table;
    table.name = "t.csv";
    table.labels = {"10", "9", "-1"};
    CHECK(csv_classes({table}) == std::vector<std::string>{"-1", "9", "10"});
    table.labels = {"10", "9", "b"};
    CHECK(csv_classes({table}) == std::vector<std::string>{"10", "9", "b"});
    table.labels.clear();
    for (int i = 0; i < 300; ++i) table.labels.push_back(std::to_string(i));
    CHECK(error_of([&] { csv_classes({table}); }) ==
          "t.csv: the label column has 300 different values, at most 255 are "
          "possible; is it the right column?");
}

TEST_CASE("windows hold consecutive rows of one label") {
    CsvTable rows;
    rows.columns = 1;
    rows.numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    rows.labels = {"a", "a", "a", "a", "b", "b", "b", "b", "b"};
    const CsvTable windows = cut_windows(rows, 3, 1);
    CHECK(windows.columns == 3);
    CHECK(windows.labels == std::vector<std::string>{"a", "a", "b", "b", "b"});
    CHECK(windows.numbers == std::vector<float>{0, 1, 2, 1, 2, 3, 4, 5, 6, 5, 6, 7, 6, 7, 8});
    CHECK(cut_windows(rows, 3, 3).labels == std::vector<std::string>{"a", "b"});
    rows.name = "t.csv";
    CHECK(error_of([&] { cut_windows(rows, 6, 1); }) ==
          "t.csv: no window of 6 rows has one label throughout; the file has 9 rows");
}
