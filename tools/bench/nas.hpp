// SPDX-License-Identifier: Apache-2.0
// Architecture search on two public tables that hold every answer: NAS-Bench-Macro (Su et al. 2021; 3^8 networks;
// error, parameters, FLOPs) and NAS-Bench-201 (Dong and Yang 2020; 5^6 cells; CIFAR-100 validation error, latency on
// Eyeriss from HW-NAS-Bench, Li et al. 2021). All objectives are logarithms scaled to 0..1 over the table, the
// reference is 1.1. Reported: the share of the whole table's hypervolume after 40, 60 and 150 evaluations, 20 of them
// random and shared by all strategies; mean over seeds.
#pragma once
#include <array>
#include <cmath>
#include <fstream>
#include <map>

#include "result.hpp"
#include "statistics.hpp"
#include "tinysparse/mobo/optimiser.hpp"

namespace tinysparse::bench {

struct NasOptions {
    std::string tables =
        "../shared/reference/nas_tables"; // folder of nas_bench_macro_cifar10.csv, nb201_val_latency.csv
    std::size_t seeds = 20, initial = 20;
    std::vector<std::string> only_tables{}, only_strategies{}; // all when empty
    Progress progress{};
};

namespace detail {

/// Every network of a search space with its objectives, and the models' view of it.
struct NasTable {
    std::string name;
    std::vector<std::uint32_t> choices;     // by position of the code
    std::vector<std::vector<double>> codes; // one category per position
    std::vector<mobo::Point> objectives;    // scaled; error first
    mobo::Point reference;
    double full = 0; // hypervolume of the whole table

    std::size_t index(std::span<const double> code) const {
        std::size_t position = 0;
        for (std::size_t k = 0; k < code.size(); ++k) position = position * choices[k] + std::size_t(code[k]);
        return position;
    }
};

/// Reads a table: `code` column, error from the mean of accuracies in percent, costs. Throws Error where it cannot.
inline NasTable read_nas_table(const std::string& path, const std::string& name, std::size_t positions,
                               std::uint32_t choices, const std::vector<std::size_t>& accuracies,
                               const std::vector<std::size_t>& costs) {
    std::ifstream file(path);
    if (!file) throw Error(text(path, ": cannot be opened; give the folder of the tables"));
    std::size_t size = 1;
    for (std::size_t k = 0; k < positions; ++k) size *= choices;
    NasTable table{name, std::vector(positions, choices), std::vector<std::vector<double>>(size),
                   std::vector<mobo::Point>(size), mobo::Point(1 + costs.size(), 1.1)};
    std::string line;
    std::getline(file, line); // names of the columns
    for (std::size_t row = 2; std::getline(file, line); ++row) {
        const std::vector<std::string> cells = split(line, ',');
        const auto cell = [&](std::size_t column) {
            const auto value = column < cells.size() ? parse_number<double>(cells[column]) : std::nullopt;
            if (!value) throw Error(text(path, ": line ", row, ": column ", column + 1, " is not a number"));
            return *value;
        };
        std::vector<double> code;
        for (const char digit : cells[0]) code.push_back(digit - '0');
        if (code.size() != positions ||
            std::any_of(code.begin(), code.end(), [&](double c) { return c < 0 || c >= choices; }))
            throw Error(
                text(path, ": line ", row, ": ", cells[0], " is not a code of ", positions, " digits below ", choices));
        double accuracy = 0;
        for (const std::size_t column : accuracies) accuracy += cell(column) / double(accuracies.size());
        mobo::Point point = {std::log(100 - accuracy)};
        for (const std::size_t column : costs) point.push_back(std::log(cell(column)));
        const std::size_t position = table.index(code);
        table.codes[position] = std::move(code);
        table.objectives[position] = std::move(point);
    }
    for (const auto& point : table.objectives)
        if (point.empty()) throw Error(text(path, ": some of the ", size, " networks are missing"));
    const mobo::ObjectiveRange range(table.objectives);
    for (mobo::Point& point : table.objectives)
        for (std::size_t k = 0; k < point.size(); ++k) point[k] = range.scaled(point[k], k);
    table.full = mobo::hypervolume(table.objectives, table.reference);
    return table;
}

inline NasTable macro_table(const std::string& folder) {
    return read_nas_table(folder + "/nas_bench_macro_cifar10.csv", "macro", 8, 3, {1, 2, 3}, {4, 5});
}
inline NasTable nb201_table(const std::string& folder) {
    return read_nas_table(folder + "/nb201_val_latency.csv", "nb201", 6, 5, {3}, {5});
}

} // namespace detail
} // namespace tinysparse::bench
