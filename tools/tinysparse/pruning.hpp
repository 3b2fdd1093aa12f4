// SPDX-License-Identifier: Apache-2.0
// Pruning in `train`: its options, its log, and the table of what remains.
#pragma once
#include <memory>
#include <string>

#include "../bench/kernels.hpp"
#include "arguments.hpp"
#include "quantities.hpp"
#include "terminal.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

/// The pruning that the arguments ask for: dpf for --weight-bytes without --prune, none without both. Throws UsageError
/// for options that do not fit together.
inline std::optional<prune::Options> pruning_of(const Arguments& arguments) {
    const bool by_bytes = arguments.has("weight-bytes");
    auto method = arguments.value("prune");
    if (!method && by_bytes) method = prune::name_of(prune::Method::dpf);
    for (const char* option : {"keep", "prune-by", "prune-threshold", "prune-strength", "prune-log"})
        if (!method && arguments.has(option))
            throw UsageError(text("--", option, " needs --prune METHOD; see tinysparse train --help"));
    if (!method) return std::nullopt;
    const bool by_threshold = arguments.has("prune-by");
    for (const char* option : {"keep", "prune-by"})
        if (by_bytes && arguments.has(option))
            throw UsageError(text("--weight-bytes and --", option, " exclude each other: both say how much to prune"));
    if (by_threshold && arguments.has("keep"))
        throw UsageError("--keep and --prune-by threshold exclude each other: both say how much to prune");
    if (arguments.has("prune-threshold") && !by_threshold)
        throw UsageError("--prune-threshold needs --prune-by threshold; see tinysparse train --help");
    prune::Options options;
    options.method = prune::parse_method(*method);
    options.keep =
        by_threshold ? std::nullopt : std::optional(parse_share("--keep", arguments.value_or("keep", "0.1"), 1e-6, 1));
    options.threshold = arguments.number<double>("prune-threshold", -100, 100);
    options.strength = arguments.number_or<double>("prune-strength", 1, 1e-6, 1e6);
    options.seed = arguments.number_or<std::uint64_t>("seed", 1, 0, std::uint64_t{1} << 53);
    return options;
}

/// Comma-separated values, one line per epoch, for plots. The accuracy is empty if the answers are numbers.
class PruningLog {
  public:
    void add(const prune::Progress& progress) {
        kept_ = progress.kept;
        lines_ += text(progress.epoch.index, ",", progress.phase, ",", progress.epoch.loss, ",",
                       progress.epoch.training_accuracy ? text(*progress.epoch.training_accuracy) : "", ",",
                       progress.penalty, ",", progress.kept, ",", progress.epoch.seconds, "\n");
    }
    /// An epoch in fixed point, which prunes nothing.
    void add(const nn::Epoch& epoch) { add({epoch, "quantise", 0.0, kept_}); }
    void write(const std::string& path) const { write_file(path, lines_); }

  private:
    double kept_ = 1;
    std::string lines_ = "epoch,phase,loss,training_accuracy,penalty,kept,seconds\n";
};

/// A line per layer with the weights and channels that remain, and a line if they are more than the share to keep.
inline std::string pruning_table(const net::Spec& spec, const quantise::Trained& trained, std::optional<double> keep) {
    const bool with_bits = !trained.bits.empty();
    std::vector<report::TableColumn> columns = {{"<layer"},
                                                {"weights", "weights before pruning", 3},
                                                {"remain", "weights that remain"},
                                                {"%", "share of the weights that remain"},
                                                {"channels", "output channels before pruning", 4},
                                                {"remain", "output channels that remain", 1},
                                                {"inputs", "input channels, or inputs of a dense layer", 5},
                                                {"read", "inputs that a weight still reads", 2}};
    if (with_bits) columns.push_back({"posterior bits", "bits per weight that the posterior justifies", 6});
    report::Table table = report::Table::of(columns);
    const auto percent = [](std::size_t part, std::size_t all) {
        return fixed_decimals(100 * double(part) / double(std::max<std::size_t>(1, all)), 2);
    };
    std::size_t weights = 0, kept = 0;
    for (std::size_t i = 0; i < trained.pruned.size(); ++i) {
        const prune::LayerReport& layer = trained.pruned[i];
        const char* kind = net::name_of(spec.layers[i].kind);
        std::vector<std::string> cells = {text(i + 1, " ", kind),         report::grouped(layer.weights),
                                          report::grouped(layer.kept),    percent(layer.kept, layer.weights),
                                          report::grouped(layer.outputs), report::grouped(layer.channels),
                                          report::grouped(layer.inputs),  report::grouped(layer.read)};
        if (with_bits) cells.push_back(text(trained.bits[i]));
        table.add(cells);
        weights += layer.weights;
        kept += layer.kept;
    }
    table.add({"all", report::grouped(weights), report::grouped(kept), percent(kept, weights), "", "", "", ""});
    const std::size_t budget = keep ? std::size_t(std::llround(*keep * double(weights))) : kept;
    const std::string rows = table.text(table_width()) + table.legend(table_width());
    if (kept <= budget) return rows;
    return text(rows, "more than the ", report::grouped(budget), " weights of --keep ", *keep,
                " remain, because whole channels are pruned and every layer keeps at least one\n");
}

/// Microseconds per sample to evaluate a float network on one thread of this machine, in batches of 64.
inline double host_microseconds(const net::Spec& spec) {
    constexpr std::size_t batch = 64;
    nn::Network network(spec, {.batch = batch});
    network.initialise(1);
    Team team(1);
    const auto evaluate = [&] { network.graph().forward(autograd::Mode::evaluation, team); };
    return 1e6 / double(batch) * bench::detail::fastest_call({.seconds = 0.02, .trials = 5}, evaluate);
}

/// Speed gained on this machine by the channels and neurons that were removed. Zeros among the other weights save no
/// time here.
inline std::string host_speed(const net::Spec& dense, const net::Spec& compacted) {
    const double before = host_microseconds(dense), after = host_microseconds(compacted);
    return text("compacted to ", net::notation(compacted), ": on this machine a sample takes ",
                fixed_decimals(after, 2), " us instead of ", fixed_decimals(before, 2), " us (",
                fixed_decimals(before / after, 1), "x as fast), one thread\n");
}

} // namespace tinysparse::cli
