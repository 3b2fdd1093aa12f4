// SPDX-License-Identifier: Apache-2.0
// tinysparse simulate: runs a model on the simulated chip of a board and compares every logit with the host's.
#include "simulate.hpp"

#include <algorithm>
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

json::Value document(const simulator::Simulation& result, const cost::Target& target, bool numbers) {
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
    out["longest_cycles"] = json::Value(result.longest_cycles);
    out["longest_milliseconds"] = json::Value(result.longest_milliseconds);
    return out;
}

std::string words(const simulator::Simulation& result, const cost::Target& target,
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
    if (result.longest_cycles)
        out += text("bound    ", report::count_cell(*result.longest_cycles), " cycles, ",
                    fixed_decimals(result.longest_milliseconds.value(), 1),
                    " ms: no values take longer; the chip multiplies in software, so time depends on them\n");
    if (result.instructions)
        out += text("instructions ", report::count_cell(*result.instructions),
                    " per sample; qemu counts instructions, not cycles\n");
    return out;
}

int run(const Arguments& arguments) {
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
    const simulator::Simulation result =
        as_measured ? measured(model, source_of(model, set, which, request), target)
                    : simulator::simulate(model, source_of(model, set, which, request), numbers.size(), target);
    const auto verdict = verdict_of(set, part, numbers, given_by(model, result.answers, result.logits));
    if (arguments.has("json")) {
        json::Value out = document(result, target, set.answers_numbers());
        if (verdict) add_verdict(out, *verdict);
        print_data(json::write(out, 2) + "\n");
    } else {
        print(words(result, target, verdict) + (verdict ? text("\n", verdict_text(*verdict)) : ""));
    }
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
              false, false, cost::target_names(), true},
             {"samples", "N", "Number of samples, spread evenly over the part (100)."},
             split_option(),
             {"measured", "", "Run the samples that a search measures: the first three of the validation part."},
             {"json", "", "Print one JSON document."}},
            "tinysparse simulate digits.tsm --data synthetic:strokes --samples 20",
            run};
}

} // namespace tinysparse::cli
