// SPDX-License-Identifier: Apache-2.0
// The fixtures of tests/gp and tests/mobo: comma-separated numbers and words; the first line may name the columns.
#pragma once
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::test {

using Row = std::map<std::string, std::string>;

inline std::ifstream open_fixture(const std::string& name) {
    std::ifstream file(std::string(TINYSPARSE_TEST_FIXTURES) + "/" + name);
    if (!file) throw Error("fixture " + name + " is missing from " TINYSPARSE_TEST_FIXTURES);
    return file;
}

/// The lines below the column names; lines that begin with # are left out.
inline std::vector<Row> read_table(const std::string& name) {
    std::ifstream file = open_fixture(name);
    std::vector<Row> rows;
    std::vector<std::string> columns;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        const std::vector<std::string> cells = split(line, ',');
        if (columns.empty()) {
            columns = cells;
            continue;
        }
        Row row;
        for (std::size_t i = 0; i < columns.size() && i < cells.size(); ++i) row[columns[i]] = cells[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

inline double number(const std::string& cell) {
    const auto value = parse_number<double>(cell);
    if (!value) throw Error("fixture cell '" + cell + "' is not a number");
    return *value;
}
inline double number(const Row& row, const std::string& column) { return number(row.at(column)); }

/// "0.5;0.25" as {0.5, 0.25}.
inline std::vector<double> numbers(const std::string& cell, char separator = ';') {
    std::vector<double> values;
    for (const std::string& piece : split(cell, separator)) values.push_back(number(piece));
    return values;
}

/// The columns prefix1, prefix2, ... as one vector each row; empty cells are left out.
inline std::vector<double> columns(const Row& row, const std::string& prefix) {
    std::vector<double> values;
    for (int k = 1; row.contains(prefix + std::to_string(k)) && !row.at(prefix + std::to_string(k)).empty(); ++k)
        values.push_back(number(row, prefix + std::to_string(k)));
    return values;
}

} // namespace tinysparse::test
