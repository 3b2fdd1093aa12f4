// SPDX-License-Identifier: Apache-2.0
// tinysparse simulate: runs a model on the simulated chip of a board and compares every logit with the host's.
#include "simulate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "commands.hpp"
#include "common.hpp"
#include "measuring.hpp"
#include "run_origin.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/report/table.hpp"
#include "verdicts.hpp"

namespace tinysparse::cli {

namespace {

/// Number of samples whose readings are converted; the time hardly depends on them.
constexpr std::size_t converted_samples = 3;

/// Milliseconds at the board's clock.
std::optional<double> milliseconds(const std::optional<double>& cycles, const cost::Target& target) {
    if (!cycles) return std::nullopt;
    return *cycles / double(target.clock) * 1000;
}

/// Times that matter to a stream of rows.
struct RowTimes {
    std::optional<double> slowest;    ///< Cycles of the slowest row inside the network.
    std::optional<double> conversion; ///< Cycles of to_input() for a row of readings.
    std::optional<double> rate;       ///< Rows per second in the data.
    std::optional<double> all() const {
        if (!slowest) return std::nullopt;
        return *slowest + conversion.value_or(0);
    }
};

json::Value document(const simulator::Simulation& result, const RowTimes& rows, const cost::Target& target,
                     bool numbers) {
    json::Value out = json::object({{"target", target.name},
                                    {"samples", result.samples},
                                    {"identical", result.identical},
                                    {"accuracy", numbers ? json::Value() : json::Value(result.accuracy)},
                                    {"ram_peak", result.ram_peak},
                                    {"ram", result.ram},
                                    {"flash", result.flash}});
    if (result.instructions) out["instructions"] = *result.instructions;
    out["cycles"] = json::Value(result.cycles);
    out["milliseconds"] = json::Value(result.milliseconds);
    out["slowest_cycles"] = json::Value(result.slowest_cycles);
    out["slowest_milliseconds"] = json::Value(result.slowest_milliseconds);
    out["slowest_row_cycles"] = json::Value(rows.slowest);
    out["slowest_row_milliseconds"] = json::Value(result.slowest_row_milliseconds);
    out["row_conversion_cycles"] = json::Value(rows.conversion);
    out["row_conversion_milliseconds"] = json::Value(milliseconds(rows.conversion, target));
    out["longest_cycles"] = json::Value(result.longest_cycles);
    out["longest_milliseconds"] = json::Value(result.longest_milliseconds);
    return out;
}

/// Lines on the slowest row, the conversion of its readings, and for a series the rows per second that the chip can
/// take; empty if no rows are measured.
std::string row_words(const RowTimes& rows, const cost::Target& target, bool series) {
    if (!rows.slowest) return "";
    const auto time = [&](const std::optional<double>& cycles) {
        return text(report::count_cell(cycles), " cycles, ", fixed_decimals(milliseconds(cycles, target).value(), 2),
                    " ms");
    };
    std::string out = text("row      ", time(rows.slowest),
                           " for the slowest, with begin() before the first, finish() after the last\n");
    if (rows.conversion)
        out += text("readings ", time(rows.conversion),
                    " for to_input() of a row; of the other lines, only stream includes it\n");
    if (!series) return out;
    out += text("stream   ", report::count_cell(std::floor(double(target.clock) / rows.all().value())),
                " rows per second at most");
    return out + (rows.rate ? text("; the data have ", *rows.rate, "\n") : "\n");
}

/// A warning if rows come faster, by the data's rate, than the chip can take them.
std::optional<std::string> doubt_of_stream(const simulator::Simulation& result, const RowTimes& rows, int height,
                                           const cost::Target& target) {
    const std::optional<double> slowest = milliseconds(rows.all(), target);
    if (!slowest || !rows.rate || *slowest * *rows.rate <= 1000) return std::nullopt;
    const double mean =
        milliseconds(result.slowest_cycles.value() / height + rows.conversion.value_or(0), target).value();
    const std::string start =
        text("warning: the data have a row every ", fixed_decimals(1000 / *rows.rate, 2), " ms, but ");
    if (mean * *rows.rate > 1000)
        return text(start, "the chip needs ", fixed_decimals(mean, 2),
                    " ms for each, on average; take a smaller network, or fewer rows per second");
    return text(start, "the slowest takes ", fixed_decimals(*slowest, 2),
                " ms; keep rows that come meanwhile in a buffer, or take a smaller network");
}

std::string words(const simulator::Simulation& result, const RowTimes& rows, const cost::Target& target, bool series,
                  const std::optional<AnyVerdict>& verdict) {
    std::string out =
        text(match_text(result.identical, result.samples, result.accuracy, verdict), "\n", "RAM      ",
             report::grouped(result.ram_peak), " B at most, stack included, of ", report::grouped(target.ram),
             " B (network and its stack: ", report::grouped(result.ram), " B)\n", "flash    ",
             report::grouped(result.flash), " B of ", report::grouped(target.flash), " B\n");
    if (result.cycles)
        out += text("cycles   ", report::count_cell(*result.cycles), " per sample, ",
                    fixed_decimals(result.milliseconds.value(), 1), " ms at ", fixed_decimals(target.clock / 1e6, 0),
                    " MHz; slowest sample ", report::count_cell(result.slowest_cycles), ", ",
                    fixed_decimals(result.slowest_milliseconds.value(), 1), " ms\n");
    out += row_words(rows, target, series);
    if (result.longest_cycles)
        out += text("bound    ", report::count_cell(*result.longest_cycles), " cycles, ",
                    fixed_decimals(result.longest_milliseconds.value(), 1),
                    " ms: no values take longer; the chip multiplies in software, so time depends on them\n");
    if (result.instructions)
        out += text("instructions ", report::count_cell(*result.instructions),
                    " per sample; qemu counts instructions, not cycles\n");
    return out;
}

int run_simulate(const Arguments& arguments) {
    if (arguments.has("measured") && (arguments.has("samples") || arguments.has("split")))
        throw UsageError("--measured runs the samples that a search measures; leave --samples and --split out");
    const cost::Target& target = board_for(arguments, arguments.positional(0));
    if (const auto missing = simulator::missing(target)) throw Error(*missing);
    const fixed::Model model = load_model(arguments.positional(0));
    const data::Request request = request_for(model, *arguments.value("data"));
    const data::Dataset set = load_data_for(model, request);
    const bool as_measured = arguments.has("measured");
    const Part& which = as_measured ? measured_part : part_of(arguments);
    const data::Split& part = samples_of(set, which);
    std::vector<std::size_t> numbers(std::min(measured_samples, part.samples));
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    if (!as_measured) numbers = spread(sample_count(arguments, part), part);
    const simulator::SampleSource source = source_of(model, set, which, request);
    const simulator::Simulation result =
        as_measured ? measured(model, source, target) : simulator::simulate(model, source, numbers.size(), target);
    const RowTimes rows{
        result.slowest_row_cycles,
        simulator::conversion_cycles(model, source, std::min(converted_samples, numbers.size()), target),
        model.sampling_rate};
    const auto verdict = verdict_of(set, part, numbers, given_by(model, result.answers, result.logits));
    if (arguments.has("json")) {
        json::Value out = document(result, rows, target, set.answers_numbers());
        if (verdict) add_verdict(out, *verdict);
        print_data(json::write(out, 2) + "\n");
    } else {
        print(words(result, rows, target, set.is_series(), verdict) +
              (verdict ? text("\n", verdict_text(*verdict)) : ""));
    }
    if (const auto doubt = doubt_of_stream(result, rows, set.shape.height, target)) say(*doubt);
    if (result.identical == result.samples) return 0;
    say(text(result.samples - result.identical, " of ", result.samples, " samples differ from the host"));
    return 1;
}

} // namespace

Command simulate_command() {
    return {"simulate",
            "Run a model on a simulated chip; compare every logit with the host's.",
            {{"MODEL", "Model file, RUN#ID, or RUN#RULE such as run#best@8KB."}},
            {{"data", "SPEC", "Data set.", 0, true},
             {"target", "TARGET", "Board, or a file that describes one (the run's board for RUN#ID, else uno).", 0,
              false, false, cost::target_names(), true, cost::meant_targets},
             {"samples", "N", "Number of samples, spread evenly over the part (100)."},
             split_option(),
             {"measured", "", "Run the samples that a search measures: the first three of the validation part."},
             {"json", "", "Print one JSON document."}},
            "tinysparse simulate digits.tsm --data synthetic:strokes --samples 20",
            run_simulate};
}

} // namespace tinysparse::cli
