// SPDX-License-Identifier: Apache-2.0
// tinysparse simulate: a model on the simulated chip of a board, every logit compared with the host's.
#include "simulate.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "device_headers.hpp"
#include "simulate_arm.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

namespace {

int finished(std::size_t identical, std::size_t samples) {
    if (identical == samples) return 0;
    say(text(samples - identical, " of ", samples, " samples differ from the host"));
    return 1;
}

std::string agreement(std::size_t identical, std::size_t samples, double accuracy) {
    return text(identical, " of ", samples, " samples have the host's logits, all of them; ",
                report::percent_cell(accuracy), " % are right\n");
}
std::string memory(std::size_t ram_peak, std::size_t ram, std::size_t flash, const cost::Target& target) {
    return text("RAM      ", report::grouped(ram_peak), " B at most, stack included, of ", report::grouped(target.ram),
                " B (network and its stack: ", report::grouped(ram), " B)\n", "flash    ", report::grouped(flash),
                " B of ", report::grouped(target.flash), " B\n");
}

int run_arm(const fixed::Model& model, const data::Split& part, std::size_t samples, const cost::Target& target,
            bool as_json) {
    const simulator::ArmSimulation result =
        simulator::simulate_arm(model, part, samples, target, tools::device_headers());
    if (as_json)
        print(json::write(json::object({{"target", target.name},
                                        {"samples", result.samples},
                                        {"identical", result.identical},
                                        {"accuracy", result.accuracy},
                                        {"ram_peak", result.ram_peak},
                                        {"ram", result.ram},
                                        {"flash", result.flash},
                                        {"instructions", result.instructions},
                                        {"cycles", nullptr},
                                        {"milliseconds", nullptr}}),
                          2) +
              "\n");
    else
        print(text(agreement(result.identical, result.samples, result.accuracy),
                   memory(result.ram_peak, result.ram, result.flash, target), "instructions ",
                   report::count_cell(result.instructions), " a sample; qemu counts them, not cycles\n"));
    return finished(result.identical, result.samples);
}

int run(const Arguments& arguments) {
    const auto samples = arguments.number_or<std::size_t>("samples", 100, 1, 1000000);
    const cost::Target& target = cost::target(arguments.value_or("target", "uno"));
    const bool arm = target.architecture == cost::Architecture::arm;
    if (const auto missing = arm ? simulator::arm_missing() : simulator::missing()) throw Error(*missing);
    const fixed::Model model = load_model(arguments.positional(0));
    const data::Dataset set = load_data(*arguments.value("data"));
    check_fits(model, set);
    const data::Split& part = arguments.value_or("split", "test") == "val" ? set.validation : set.test;
    if (part.samples == 0) throw Error(text(set.name, ": the part has no samples"));
    if (arm) return run_arm(model, part, samples, target, arguments.has("json"));
    const simulator::Simulation result = simulator::simulate(model, part, samples, target, tools::device_headers());
    if (arguments.has("json"))
        print(json::write(json::object({{"target", target.name},
                                        {"samples", result.samples},
                                        {"identical", result.identical},
                                        {"accuracy", result.accuracy},
                                        {"ram_peak", result.ram_peak},
                                        {"ram", result.ram},
                                        {"flash", result.flash},
                                        {"cycles", result.cycles},
                                        {"milliseconds", result.milliseconds}}),
                          2) +
              "\n");
    else
        print(text(agreement(result.identical, result.samples, result.accuracy),
                   memory(result.ram_peak, result.ram, result.flash, target), "cycles   ",
                   report::count_cell(result.cycles), " a sample, ", fixed_decimals(result.milliseconds, 1), " ms at ",
                   fixed_decimals(target.clock / 1e6, 0), " MHz\n"));
    return finished(result.identical, result.samples);
}

} // namespace

Command simulate_command() {
    return {"simulate",
            "Run a model on a simulated chip and compare every logit with the host.",
            {{"MODEL", "a model file, or RUN#ID"}},
            {{"data", "SPEC", "The data set.", 0, true},
             {"target", "TARGET", "The board, or a file that describes one (uno).", 0, false, false,
              cost::target_names(), true},
             {"samples", "N", "So many, spread over the part (100)."},
             {"split", "NAME", "val or test (test).", 0, false, false, {"val", "test"}},
             {"json", "", "Print one JSON document."}},
            "tinysparse simulate run#17 --data mnist --samples 200",
            run};
}

} // namespace tinysparse::cli
