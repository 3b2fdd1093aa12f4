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
    std::string tables{}; // folder of nas_bench_macro_cifar10.csv, nb201_val_latency.csv
    std::size_t seeds = 20, initial = 20;
    std::vector<std::string> only_tables{}, only_strategies{}; // empty: all
    Progress progress{};
};

namespace detail {

/// Every network of a search space with its objectives.
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

/// Reads a table: `code` column, error from the mean of accuracies in percent, costs. Throws Error if it cannot.
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

/// The optimiser's settings for a table: costs that are looked up, a pool of 300 as in a search of real networks, and
/// the features for the models.
inline mobo::OptimiserOptions nas_settings(const NasTable& table, mobo::Strategy strategy, std::uint64_t seed) {
    mobo::OptimiserOptions options{.strategy = strategy, .reference = table.reference, .initial = 1, .seed = seed};
    options.maximise = {.spread = 60, .mutants = 240};
    if (strategy == mobo::Strategy::ehvi)
        options.known_costs = [&table](std::span<const double> code) {
            const mobo::Point& point = table.objectives[table.index(code)];
            return mobo::Point(point.begin() + 1, point.end());
        };
    return options;
}

/// NAS-Bench-201: an edge that no signal from input to output passes has no effect, so cells that differ only in such
/// edges are one cell. Edges are 1<-0, 2<-0, 2<-1, 3<-0, 3<-1, 3<-2; operation 0 is none.
inline std::vector<double> live_edges(std::span<const double> code) {
    constexpr std::array<std::size_t, 6> from = {0, 0, 1, 0, 1, 2}, to = {1, 2, 2, 3, 3, 3};
    std::array<bool, 4> reached = {true, false, false, false}, useful = {false, false, false, true};
    for (std::size_t k = 0; k < 6; ++k)
        if (code[k] > 0 && reached[from[k]]) reached[to[k]] = true;
    for (std::size_t k = 6; k-- > 0;)
        if (code[k] > 0 && useful[to[k]]) useful[from[k]] = true;
    std::vector<double> out(code.begin(), code.end());
    for (std::size_t k = 0; k < 6; ++k)
        if (!reached[from[k]] || !useful[to[k]]) out[k] = 0;
    return out;
}

/// NAS-Bench-Macro: the code, the costs, the number of each block and how late blocks stand; the model is a smooth
/// trend over those numbers plus the effects of single choices.
inline void describe_macro(const NasTable& table, mobo::OptimiserOptions& options) {
    options.describe = [&table](std::span<const double> code) {
        std::vector<double> row(code.begin(), code.end());
        const mobo::Point& point = table.objectives[table.index(code)];
        row.insert(row.end(), point.begin() + 1, point.end());
        double ones = 0, twos = 0, lateness = 0;
        for (std::size_t k = 0; k < code.size(); ++k) {
            ones += code[k] == 1;
            twos += code[k] == 2;
            lateness += code[k] > 0 ? double(k) : 0.0;
        }
        row.insert(row.end(), {ones / 8, twos / 8, lateness / 28});
        return row;
    };
    const gp::Hamming choices(gp::Columns::all(8));
    const gp::Stationary trend({{8, 9, 10, 11, 12}, {}}, gp::Profile::matern52, {1, 1, 1, 1, 1});
    options.kernel = std::make_shared<gp::Sum>(gp::Scaled(choices, 0.5), gp::Scaled(trend, 0.5));
}

/// Shares of the full hypervolume after 40, 60 and 150 evaluations.
inline std::array<double, 3> nas_run(const NasTable& table, mobo::Strategy strategy, std::uint64_t seed,
                                     std::size_t initial) {
    mobo::Domain domain;
    for (const std::uint32_t count : table.choices) domain.dimensions.push_back(gp::Warp::category(count));
    mobo::OptimiserOptions options = nas_settings(table, strategy, seed);
    if (table.name == "macro") {
        describe_macro(table, options);
    } else {
        options.describe = live_edges;
        options.kernel = std::make_shared<gp::Hamming>(gp::Columns::all(6));
    }
    mobo::Optimiser optimiser(domain, table.reference.size(), options);
    Random random(seed, "nas initial"); // the same points for every strategy
    for (std::size_t i = 0; i < initial; ++i) {
        std::vector<double> code;
        for (const std::uint32_t count : table.choices) code.push_back(random.below(count));
        optimiser.add(code, table.objectives[table.index(code)]);
    }
    std::array<double, 3> shares{};
    for (std::size_t n = initial + 1; n <= 150; ++n) {
        const auto trial = optimiser.ask();
        optimiser.tell(trial.id, table.objectives[table.index(trial.point)]);
        const std::size_t stop = n == 40 ? 0 : n == 60 ? 1 : n == 150 ? 2 : 3;
        if (stop < 3) shares[stop] = mobo::hypervolume(optimiser.front().points(), table.reference) / table.full;
    }
    return shares;
}

/// Results of a prototype of the same search, mean of 10 seeds; its Thompson sampling is the tchebyshev here.
inline std::optional<double> nas_reference(const std::string& name) {
    static const std::map<std::string, double> known = {
        {"macro_ehvi_40", 0.9489},       {"macro_ehvi_60", 0.9717},       {"macro_ehvi_150", 0.9947},
        {"macro_tchebyshev_40", 0.8599}, {"macro_tchebyshev_60", 0.9459}, {"macro_tchebyshev_150", 0.9866},
        {"macro_evolution_40", 0.6087},  {"macro_evolution_60", 0.6437},  {"macro_evolution_150", 0.8102},
        {"macro_random_40", 0.5776},     {"macro_random_60", 0.6151},     {"macro_random_150", 0.7408},
        {"nb201_ehvi_40", 0.9524},       {"nb201_ehvi_60", 0.9656},       {"nb201_ehvi_150", 0.9893},
        {"nb201_tchebyshev_40", 0.9122}, {"nb201_tchebyshev_60", 0.9370}, {"nb201_tchebyshev_150", 0.9575},
        {"nb201_evolution_40", 0.8572},  {"nb201_evolution_60", 0.8957},  {"nb201_evolution_150", 0.9724},
        {"nb201_random_40", 0.7376},     {"nb201_random_60", 0.8134},     {"nb201_random_150", 0.9077}};
    const auto found = known.find(name);
    return found == known.end() ? std::nullopt : std::optional(found->second);
}

} // namespace detail

inline Results bench_nas(const NasOptions& options) {
    using mobo::Strategy;
    const std::pair<const char*, Strategy> strategies[] = {{"ehvi", Strategy::ehvi},
                                                           {"tchebyshev", Strategy::tchebyshev},
                                                           {"evolution", Strategy::evolution},
                                                           {"random", Strategy::random}};
    const auto wanted = [](const std::vector<std::string>& only, const std::string& name) {
        return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
    };
    Results results;
    for (const auto& table : {detail::macro_table(options.tables), detail::nb201_table(options.tables)})
        for (const auto& [strategy_name, strategy] : strategies) {
            if (!wanted(options.only_tables, table.name) || !wanted(options.only_strategies, strategy_name)) continue;
            std::array<std::vector<double>, 3> shares;
            const double begin = cpu_seconds();
            for (std::uint64_t seed = 0; seed < options.seeds; ++seed) {
                const auto run = detail::nas_run(table, strategy, seed, options.initial);
                for (std::size_t i = 0; i < 3; ++i) shares[i].push_back(run[i]);
            }
            const std::string name = text(table.name, "_", strategy_name);
            std::string line = text(name, ":");
            for (std::size_t i = 0; i < 3; ++i) {
                const Statistics statistics(shares[i]);
                const std::string at = std::array{"_40", "_60", "_150"}[i];
                results.push_back({name + at, statistics.mean, "share", detail::nas_reference(name + at)});
                results.push_back({name + at + "_sd", statistics.sd, "share"});
                line += text(" ", fixed_decimals(statistics.mean, 4), " +- ", fixed_decimals(statistics.sd, 4));
            }
            if (options.progress)
                options.progress(
                    text(line, ", ", fixed_decimals((cpu_seconds() - begin) / double(options.seeds), 1), " s a run"));
        }
    return results;
}

} // namespace tinysparse::bench
