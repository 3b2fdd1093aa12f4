// SPDX-License-Identifier: Apache-2.0
// Published networks to compare a run with, in the units of their papers: SpArSe (Fedorov et al. 2019) and uNAS
// (Liberis, Dudziak, Lane 2021). Errors are those of the test part. docs/paper.md discusses the figures.
#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/report/measure_words.hpp"
#include "tinysparse/search/head.hpp"

namespace tinysparse::report {

/// A task that papers publish figures of: the data as tinysparse reads them, with the parts that it draws by default.
struct PublishedTask {
    std::string_view name;
    std::uint64_t digest; ///< data::digest_of()
    int classes;
};
inline constexpr PublishedTask published_tasks[] = {
    {"MNIST", 0x372577be9800917cu, 10},
    {"CIFAR-10 binary", 0xeb9c1ec32e5d9d01u, 2}, // binary=0-4
    {"Chars74K binary", 0x17e5ecc47ad25ffcu, 2}, // its own split, binary=0-30
};

/// A published network. A size that its authors do not give, or count in another unit than tinysparse, is nothing.
struct Published {
    std::string_view task, name, source;              ///< source: authors, venue and year.
    double error;                                     ///< Share of wrong answers on the test part.
    std::optional<double> model_size, working_memory; ///< In bytes, as paper_model_size and paper_working_memory.
    std::string_view remark;                          ///< What its figures must be read with; may be empty.
};

/// Sources and remarks of several rows.
inline constexpr std::string_view sparse_paper = "Fedorov, Adams, Mattina, Whatmough, NeurIPS 2019";
/// Likewise.
inline constexpr std::string_view unas_paper = "Liberis, Dudziak, Lane, EuroMLSys 2021";
/// Likewise.
inline constexpr std::string_view unas_remark =
    "weights alone; the best of 2,000 trials by their test errors, so a bound that includes luck";

/// 1 KB is 1,024 bytes, as in docs/paper.md.
inline constexpr Published published_networks[] = {
    {"MNIST", "SpArSe", sparse_paper, 0.0136, 2836, 2007, "a day on a GPU"},
    {"MNIST", "uNAS", unas_paper, 0.0081, 480, std::nullopt, unas_remark},
    {"CIFAR-10 binary", "SpArSe", sparse_paper, 0.2616, 799, std::nullopt,
     "the paper does not say which classes stand against which"},
    {"CIFAR-10 binary", "uNAS", unas_paper, 0.2251, 685, std::nullopt, unas_remark},
    {"Chars74K binary", "SpArSe", sparse_paper, 0.2222, 471, std::nullopt, "another split of the set"},
    {"Chars74K binary", "uNAS", unas_paper, 0.1880, 390, std::nullopt, unas_remark},
};

/// A published network's value of a measure; nothing if its paper has another unit, or none.
inline std::optional<double> published_value(const Published& network, search::Measure measure) {
    return measure == search::Measure::paper_model_size       ? network.model_size
           : measure == search::Measure::paper_working_memory ? network.working_memory
                                                              : std::nullopt;
}

/// The networks that were published for the task and the data of this run; none for other data, or if the run minimises
/// another error than the share of wrong answers.
inline std::vector<Published> published_for(const search::RunHead& head) {
    std::vector<Published> found;
    if (head.error != judge::ErrorKind::plain) return found;
    for (const PublishedTask& task : published_tasks)
        for (const Published& network : published_networks)
            if (head.data_digest == task.digest && head.space.classes == task.classes && network.task == task.name)
                found.push_back(network);
    return found;
}

namespace detail {

/// [{"name", "source", "remark", "error", "values": {measure: value}}]
inline json::Value published_json(const std::vector<Published>& networks) {
    json::Value list = json::array();
    for (const Published& network : networks) {
        json::Value values = json::object();
        for (const search::MeasureInfo& row : search::cost_table)
            if (const auto value = published_value(network, row.measure)) values[row.name] = *value;
        list.push_back(json::object({{"name", network.name},
                                     {"source", network.source},
                                     {"remark", network.remark},
                                     {"error", network.error},
                                     {"values", std::move(values)}}));
    }
    return list;
}

/// A table of published networks, and what to think of it; empty without any.
inline std::string published_table(const std::vector<Published>& networks) {
    std::vector<HtmlRow> rows;
    for (const Published& network : networks)
        rows.push_back(
            {{std::string(network.name), fixed_decimals(100 * (1 - network.error), 2), count_cell(network.model_size),
              count_cell(network.working_memory), text(network.source, "; ", network.remark)}});
    if (rows.empty()) return "";
    return text(
        "<h3>Published networks for these data</h3>\n",
        paragraph(
            "Accuracies are those of the test part, which a search does not look at while it chooses. Sizes are "
            "counted as the papers count them, so these networks appear in the plot only if an axis counts so, too."),
        html_table("published", text("Published networks for ", networks.front().task),
                   {"Network", "Test %", axis_title(search::Measure::paper_model_size),
                    axis_title(search::Measure::paper_working_memory), "Source"},
                   rows));
}

} // namespace detail

} // namespace tinysparse::report
