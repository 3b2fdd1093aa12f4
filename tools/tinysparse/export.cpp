// SPDX-License-Identifier: Apache-2.0
// tinysparse export: a model as a folder that needs nothing but a compiler.
#include <filesystem>

#include "commands.hpp"
#include "common.hpp"
#include "confidence.hpp"
#include "device_headers.hpp"
#include "measuring.hpp"
#include "quantities.hpp"
#include "tinysparse/deploy/arduino.hpp"
#include "tinysparse/deploy/memory.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

namespace {

std::vector<std::string> target_names() {
    std::vector<std::string> names = cost::target_names();
    names.insert(names.begin(), {"c++", "avr", "arduino"});
    return names;
}

/// A target by the name that an export may give it as well; an Arduino library is judged on an Uno.
const cost::Target& target_of(const std::string& word) {
    if (word == "c++") return cost::target("none");
    return cost::target(word == "avr" || word == "arduino" ? "uno" : word);
}

fixed::FormatBudget read_budget(const Arguments& arguments) {
    fixed::FormatBudget budget;
    budget.cycles = arguments.number<double>("max-cycles", 1);
    if (const auto bytes = arguments.value("max-flash")) budget.bytes = parse_bytes("--max-flash", *bytes);
    if (budget.cycles && budget.bytes)
        throw UsageError("--max-cycles and --max-flash: give one of them, formats are then the best of the other");
    return budget;
}

/// What a budget has led to: each layer's format and its costs, and how far within the budget they are.
std::string choice_text(const fixed::Program& program, const cost::Target& target, const fixed::FormatBudget& budget) {
    const fixed::Layout& layout = program.layout();
    const cost::Costs costs = cost::costs(program, target);
    const auto cell = [](double value) { return report::count_cell(std::max(value, 0.0)); };
    report::Table table({"", "<layer", "nonzero", "<stored", "flash", "cycles"});
    const double all_flash = double(costs.flash.value()), all_cycles = costs.cycles.value();
    double flash = all_flash, cycles = all_cycles;
    for (std::size_t i = 0; i < program.size(); ++i) {
        table.add({text(i + 1), layer_text(layout.spec(), layout.shapes(), i),
                   report::grouped(costs.layers[i].nonzeros), text(fixed::name_of(costs.formats[i])),
                   cell(costs.layer_flash[i]), cell(costs.layer_cycles[i])});
        flash -= costs.layer_flash[i];
        cycles -= costs.layer_cycles[i];
    }
    table.add({"", "input, program", "", "", cell(flash), cell(cycles)});
    table.add({"", "all", "", "", cell(all_flash), cell(all_cycles)});
    const double limit = budget.bytes ? *budget.bytes : *budget.cycles;
    const double taken = budget.bytes ? all_flash : all_cycles;
    return text(table.text(), "predicted for ", target.name, ": ", cell(all_cycles), " cycles are ",
                fixed_decimals(costs.milliseconds.value(), 1), " ms; of ", cell(limit),
                budget.bytes ? " bytes " : " cycles ", cell(limit - taken), " are left\n");
}

deploy::ExportOptions read_options(const Arguments& arguments) {
    deploy::ExportOptions options;
    options.single_header = arguments.has("single-header");
    options.license = arguments.value_or("license", "");
    if (arguments.has("license")) {
        try {
            deploy::check_license(options.license);
        } catch (const Error& error) {
            throw UsageError(text("--", error.what()));
        }
    }
    return options;
}

/// The folder of that library, its zip beside it. DIR is the library's own folder, or where that is to be.
void write_library(const fixed::Model& model, const fixed::Program& program, std::filesystem::path path,
                   const std::string& name, const deploy::ExportOptions& options) {
    if (path.filename() == name) path = path.parent_path();
    const std::string folder = path.empty() ? "." : path.string();
    deploy::write_arduino(model, program, folder, name, tools::device_headers(), options);
    print(text((path / name).string(), "\n", (path / (name + ".zip")).string(), "\n"));
    say(text("the zip is what the Arduino IDE adds under Sketch > Include Library > Add .ZIP Library; its example "
             "SerialEval answers tinysparse device"));
}

/// Writes it, and says what of it may not fit the board.
void write_for_board(const fixed::Model& model, const fixed::Program& program, const cost::Target& board,
                     const std::string& folder, const std::string& name, const deploy::ExportOptions& options) {
    deploy::write_export(model, program, board, folder, name, tools::device_headers(), options);
    print(text(folder, "/", name, ".h\n"));
    say(options.single_header
            ? text("written for ", board.name, ", with all that it needs; include it")
            : text("written for ", board.name, " with main.cpp and a Makefile; make -C ", folder, " builds it"));
    for (const std::string& doubt : size_warnings(model, program, board)) say("warning: " + doubt);
}

/// What is said of any export: a sample left out, and the memory of a sketch.
void say_memory(const fixed::Model& model, const fixed::Program& program, const cost::Target& board) {
    if (!deploy::sample_fits(model, program, board))
        say(text("note: the sample to test with is left out, and self_test() with it: its ",
                 deploy::golden_bytes(model.golden), " bytes do not fit ", board.name, " beside the network"));
    if (!board.arduino_core) return;
    const fixed::Model fitting = deploy::fitting(model, program, board);
    const auto bytes = deploy::sketch_bytes(deploy::figures_on(fitting, program, board), program, board);
    if (!bytes) return;
    const bool fits = bytes->flash <= board.flash && bytes->variables < board.ram;
    say(text(fits ? "" : "warning: this may be more than the board has: ",
             "a sketch with Arduino's core and serial line, estimated for ", board.name, ":\n",
             deploy::in_arduino_words(*bytes, board, "about ")));
}

int run(const Arguments& arguments) {
    const std::string folder = *arguments.value("output"), target = *arguments.value("target");
    const std::filesystem::path path = std::filesystem::path(folder + "/").parent_path();
    const std::string name = arguments.value_or("name", path.filename().string());
    const bool library = target == "arduino";
    const cost::Target& board = target_of(target);
    deploy::ExportOptions options = read_options(arguments);
    const fixed::Model model = load_model(arguments.positional(0));
    // What has no cost model gets what is best on an Uno.
    const cost::Target& judged = cost::predicted(board) ? board : cost::target("uno");
    const fixed::FormatBudget budget = read_budget(arguments);
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered, budget, judged));
    options.confidence = confidence_of(arguments, model, program);
    if (library) {
        write_library(model, program, path, name, options);
    } else {
        write_for_board(model, program, board, folder, name, options);
    }
    if (options.confidence) say(confidence_text(*options.confidence));
    say_memory(model, program, board);
    for (const std::string& duty : model.duties)
        say(text("warning: the program that feeds the network has to do this first: ", duty));
    if (budget.bytes || budget.cycles) say("each layer is stored so:\n" + choice_text(program, judged, budget));
    return 0;
}

} // namespace

Command export_command() {
    Command command = {
        "export",
        "Write a model as C++11 for a board, as an Arduino library, or for this machine.",
        {{"MODEL", "a model file, or RUN#ID"}},
        {{"target", "TARGET",
          "A board's name or a file that describes one, avr (which is uno), arduino (a library with its "
          "zip), or c++ for this machine (which is none).",
          0, true, false, target_names(), true},
         {"output", "DIR", "The folder to write.", 'o', true},
         {"name", "NAME", "Of header and namespace (the folder's name)."},
         {"single-header", "", "Write one header with only what this network uses of the kernels, and no program."},
         {"license", "ID", "SPDX expression of the weights' licence, such as MIT or CC-BY-4.0 (not said)."},
         {"max-cycles", "N",
          "Of all formats, straight-line code among them, take those of the fewest bytes within so many cycles a "
          "sample, and say which (predicted)."},
         {"max-flash", "B",
          "Take those of the fewest cycles within so many bytes of flash, an Arduino core not counted, and say "
          "which (predicted)."}},
        "tinysparse export run#17 --target uno -o digits",
        run};
    for (const Option& option : confidence_options()) command.options.push_back(option);
    return command;
}

} // namespace tinysparse::cli
