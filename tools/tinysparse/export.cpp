// SPDX-License-Identifier: Apache-2.0
// tinysparse export: a model as a folder that needs nothing but a compiler.
#include <filesystem>

#include "commands.hpp"
#include "common.hpp"
#include "confidence.hpp"
#include "measuring.hpp"
#include "picks.hpp"
#include "quantities.hpp"
#include "run_origin.hpp"
#include "tinysparse/deploy/arduino.hpp"
#include "tinysparse/deploy/memory.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

namespace {

/// Names that only export knows.
const std::vector<std::string> own_names = {"c++", "avr", "arduino"};

std::vector<std::string> target_names() {
    std::vector<std::string> names = cost::target_names();
    names.insert(names.begin(), own_names.begin(), own_names.end());
    return names;
}

std::string meant_targets(std::string_view word) {
    const std::string own = nearest(word, own_names);
    return own.empty() ? cost::meant_targets(word) : own;
}

/// The target of a name, or of a name that only export knows. An Arduino library is judged on an Uno.
const cost::Target& target_of(const std::string& word) {
    if (word == "c++") return cost::target("none");
    return cost::target(word == "avr" || word == "arduino" ? "uno" : word);
}

/// The value of --target, or for RUN#ID the target of the run, which is said.
std::string target_word(const Arguments& arguments) {
    if (const auto named = arguments.value("target")) return *named;
    if (names_folder(arguments.positional(0))) refuse_folder(arguments.positional(0)); // before a target is asked for
    const std::optional<std::string> found = board_of_run(arguments.positional(0));
    if (!found) throw UsageError("export needs --target TARGET for a model file; see tinysparse export --help");
    say(text("the target is ", cost::target(*found).name, ", as in the run; --target names another"));
    return *found;
}

/// The budget of the formats. Throws UsageError if the costs that it limits are not known for the board.
fixed::FormatBudget read_budget(const Arguments& arguments, const cost::Target& board) {
    fixed::FormatBudget budget;
    for (const char* option : {"max-cycles", "max-flash"})
        if (arguments.has(option) && !cost::predicted(board))
            throw UsageError(text("--", option, ": flash and cycles are not known for ", board.name,
                                  ", which has no cost model; leave it out"));
    budget.cycles = arguments.number<double>("max-cycles", 1);
    if (const auto bytes = arguments.value("max-flash")) budget.bytes = parse_bytes("--max-flash", *bytes);
    if (budget.cycles && budget.bytes)
        throw UsageError("give --max-cycles or --max-flash, not both: within one, the formats minimise the other");
    return budget;
}

/// The formats that a budget has led to: a line per layer with its costs, and what is left of the budget.
std::string choice_text(const fixed::Program& program, const cost::Target& target, const fixed::FormatBudget& budget) {
    const fixed::Layout& layout = program.layout();
    const cost::Costs costs = cost::costs(program, target);
    const auto cell = [](double value) { return report::count_cell(std::max(value, 0.0)); };
    report::Table table = report::Table::of({{""},
                                             {"<layer"},
                                             {"nonzero", "weights that are not zero", 1},
                                             {"<stored", "format in which its weights are stored"},
                                             {"flash", "predicted bytes of flash"},
                                             {"cycles", "predicted processor cycles per sample"}});
    const double all_flash = double(costs.flash.value()), all_cycles = costs.cycles.value();
    double flash = all_flash, cycles = all_cycles;
    for (std::size_t i = 0; i < program.size(); ++i) {
        table.add({text(i + 1), net::layer_text(layout.spec(), layout.shapes(), i),
                   report::grouped(costs.layers[i].nonzeros), text(fixed::name_of(costs.formats[i])),
                   cell(costs.layer_flash[i]), cell(costs.layer_cycles[i])});
        flash -= costs.layer_flash[i];
        cycles -= costs.layer_cycles[i];
    }
    table.add({"", "input, program", "", "", cell(flash), cell(cycles)});
    table.add({"", "all", "", "", cell(all_flash), cell(all_cycles)});
    const double limit = budget.bytes ? *budget.bytes : *budget.cycles;
    const double taken = budget.bytes ? all_flash : all_cycles;
    return text(table.text(), table.legend(), "predicted for ", target.name, ": ", cell(all_cycles), " cycles are ",
                fixed_decimals(costs.milliseconds.value(), 1), " ms; of ", cell(limit),
                budget.bytes ? " bytes " : " cycles ", cell(limit - taken), " are left");
}

deploy::ExportOptions read_options(const Arguments& arguments, const std::string& name, bool library) {
    deploy::ExportOptions options;
    options.name = name;
    options.command = command_line(arguments.words());
    try {
        if (library)
            deploy::check_library_name(name);
        else
            deploy::check_name(name);
    } catch (const Error& error) {
        const std::string words = error.what();
        throw UsageError(words + (words.find("--name") == words.npos ? "; give another with --name" : ""));
    }
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

/// Writes the folder of the library and its zip beside it. DIR is the library's own folder, or the folder above it.
void write_library(const fixed::Model& model, const fixed::Program& program, std::filesystem::path path,
                   const deploy::ExportOptions& options) {
    const std::string& name = options.name;
    if (path.filename() == name) path = path.parent_path();
    const std::string folder = path.empty() ? "." : path.string();
    deploy::write_arduino(model, program, folder, options);
    print(text((path / name).string(), "\n", (path / (name + ".zip")).string(), "\n"));
    if (model.network.input.series && !model.channels.empty() && !model.sampling_rate &&
        model.network.spec.input.height > 1)
        say("warning: the data do not state their sampling rate, so the sketch Readings guesses 20 rows per second; "
            "set "
            "its `period`, or train with rate= in the data's SPEC");
    say(text("add the zip in the Arduino IDE: Sketch > Include Library > Add .ZIP Library; tinysparse device talks to "
             "its example SerialEval"));
}

/// Writes the export and warns if it may not fit the board.
void write_for_board(const fixed::Model& model, const fixed::Program& program, const cost::Target& board,
                     const std::string& folder, const deploy::ExportOptions& options) {
    deploy::write_export(model, program, board, folder, options);
    print(text(folder, "/", options.name, ".h\n"));
    const std::string machine = board.name == "none" ? "this machine" : board.name;
    const std::string make = command_line({"-C", folder}).substr(command_line({}).size());
    say(options.single_header
            ? text("written for ", machine, ", as one header that needs no other file")
            : text("written for ", machine, " with main.cpp and a Makefile; make", make, " builds it"));
    for (const std::string& doubt : size_warnings(model, program, board)) say("warning: " + doubt);
}

/// Messages about any export: a sample that is left out, and the memory of a sketch.
void say_memory(const fixed::Model& model, const fixed::Program& program, const cost::Target& board) {
    if (!deploy::sample_fits(model, program, board))
        say(text("note: self_test() and its sample are left out, because the sample's ",
                 deploy::golden_bytes(model.golden), " bytes do not fit on ", board.name, " beside the network"));
    if (!board.arduino_core) return;
    const fixed::Model fitting = deploy::fitting(model, program, board);
    const deploy::DeviceFigures figures = deploy::figures_on(fitting, program, board);
    const auto bytes = deploy::sketch_bytes(figures, program, board);
    if (!bytes) return;
    const bool fits = bytes->flash <= board.flash && bytes->variables < board.ram;
    const std::size_t plan = program.layout().plan().bytes(),
                      stack = std::max(figures.ram_bytes.value_or(plan), plan) - plan;
    say(text(fits ? "" : "warning: this may be more than the board has: ",
             "memory of a sketch with Arduino's core and serial line, estimated for ", board.name, ":\n",
             deploy::in_arduino_words(*bytes, board, "about "), "\nThe network's calls take about ", stack,
             " of the bytes for local variables."));
}

int run_export(const Arguments& arguments) {
    const std::filesystem::path path = std::filesystem::path(*arguments.value("output") + "/").parent_path();
    const std::string folder = path.string(), target = target_word(arguments);
    const std::string name = arguments.value_or("name", path.filename().string());
    const bool library = target == "arduino";
    const cost::Target& board = target_of(target);
    const fixed::FormatBudget budget = read_budget(arguments, board);
    deploy::ExportOptions options = read_options(arguments, name, library);
    const fixed::Model model = load_model(arguments.positional(0));
    // A board without a cost model gets the formats that are best on an Uno.
    const cost::Target& judged = cost::predicted(board) ? board : cost::target("uno");
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered, budget, judged));
    options.confidence = confidence_of(arguments, model, program);
    if (library) {
        write_library(model, program, path, options);
    } else {
        write_for_board(model, program, board, folder, options);
    }
    if (options.confidence) say(confidence_text(*options.confidence));
    say_memory(model, program, board);
    if (model.trained_on.starts_with("all but fold"))
        say(text("note: the model was trained on ", model.trained_on,
                 "; a search trains the networks of its front once more on all samples, unless it has --no-refit"));
    for (const std::string& duty : model.duties)
        say(text("warning: the program that feeds the network has to do this first: ", duty));
    if (budget.bytes || budget.cycles) say("formats of the layers:\n" + choice_text(program, board, budget));
    return 0;
}

} // namespace

Command export_command() {
    Command command = {
        "export",
        "Write a model as a C++11 program for a board, or as an Arduino library.",
        {{"MODEL", "Model file, RUN#ID, or RUN#RULE such as run#best@8KB."}},
        {{"target", "TARGET",
          "Board, a file that describes one, avr (same as uno), arduino (a library with its zip), or c++ (a program "
          "for this machine, same as none). For RUN#ID the default is the board of the run. Required for a model file.",
          0, false, false, target_names(), true, meant_targets},
         {"output", "DIR",
          "Folder to write; a library is written into it, unless its last part is the library's name. Files that were "
          "changed since an earlier export are not replaced.",
          'o', true},
         {"name", "NAME", "Name of header and namespace (the folder's name)."},
         {"single-header", "", "Write one header with just the kernels that this network uses, and no program."},
         {"license", "ID", "SPDX expression of the licence of the weights, such as MIT or CC-BY-4.0 (none)."},
         {"max-cycles", "N",
          "Store weights in the formats, straight-line code included, that take the least flash within N predicted "
          "cycles per sample, and print them; for boards with a cost model."},
         {"max-flash", "SIZE",
          "Store weights in the formats that take the fewest cycles within this predicted flash, an Arduino core not "
          "included, and print them; for boards with a cost model."}},
        "tinysparse export digits.tsm --target uno -o digits\n"
        "tinysparse export digits.tsm --target arduino -o library/digits",
        run_export};
    for (const Option& option : confidence_options()) command.options.push_back(option);
    return command;
}

} // namespace tinysparse::cli
