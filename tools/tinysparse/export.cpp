// SPDX-License-Identifier: Apache-2.0
// tinysparse export: a model as a folder that needs nothing but a compiler.
#include <filesystem>

#include "commands.hpp"
#include "common.hpp"
#include "device_headers.hpp"
#include "quantities.hpp"
#include "tinysparse/deploy/arduino.hpp"

namespace tinysparse::cli {

namespace {

std::vector<std::string> target_names() {
    std::vector<std::string> names = cost::target_names();
    names.insert(names.begin(), {"c++", "avr", "arduino"});
    return names;
}

/// In what each layer's weights are stored: what the options allow.
std::vector<fixed::Format> formats(const fixed::Model& model, const cost::Target* board, const Arguments& arguments) {
    fixed::FormatBudget budget;
    budget.cycles = arguments.number<double>("max-cycles", 1);
    if (const auto bytes = arguments.value("max-flash")) budget.bytes = parse_bytes("--max-flash", *bytes);
    if (budget.cycles && budget.bytes)
        throw UsageError("--max-cycles and --max-flash: give one of them, formats are then the best of the other");
    const bool multiplies = board == nullptr || board->architecture != cost::Architecture::avr || board->multiplies;
    return cost::formats(model.network, budget, multiplies);
}

/// The folder of that library, its zip beside it. DIR is the library's own folder, or where that is to be.
int write_library(const fixed::Model& model, const std::vector<fixed::Format>& formats, std::filesystem::path path,
                  const std::string& name) {
    if (path.filename() == name) path = path.parent_path();
    const std::string folder = path.empty() ? "." : path.string();
    deploy::write_arduino(model, folder, name, tools::device_headers(), formats);
    print(text((path / name).string(), "\n", (path / (name + ".zip")).string(), "\n"));
    say(text("the zip is what the Arduino IDE adds under Sketch > Include Library > Add .ZIP Library; its example "
             "SerialEval answers tinysparse device"));
    return 0;
}

int run(const Arguments& arguments) {
    const std::string folder = *arguments.value("output"), target = *arguments.value("target");
    const std::filesystem::path path = std::filesystem::path(folder + "/").parent_path();
    const std::string name = arguments.value_or("name", path.filename().string());
    const bool library = target == "arduino";
    const cost::Target* const board =
        target == "c++" || library ? nullptr : &cost::target(target == "avr" ? "uno" : target);
    const fixed::Model model = load_model(arguments.positional(0));
    const std::vector<fixed::Format> stored = formats(model, board, arguments);
    if (library) return write_library(model, stored, path, name);
    deploy::write_export(model, board, folder, name, tools::device_headers(), stored);
    print(text(folder, "/", name, ".h\n"));
    say(text("written with main.cpp and a Makefile; make -C ", folder, " builds it"));
    return 0;
}

} // namespace

Command export_command() {
    return {"export",
            "Write a model as C++11 for a board, as an Arduino library, or for this machine.",
            {{"MODEL", "a model file, or RUN#ID"}},
            {{"target", "TARGET",
              "A board's name or a file that describes one, avr (which is uno), arduino (a library with its "
              "zip), or c++ for this machine.",
              0, true, false, target_names(), true},
             {"output", "DIR", "The folder to write.", 'o', true},
             {"name", "NAME", "Of header and namespace (the folder's name)."},
             {"max-cycles", "N", "Store weights in the fewest bytes within so many cycles for a sample (predicted)."},
             {"max-flash", "B", "Store weights for the fewest cycles within so many bytes of flash (predicted)."}},
            "tinysparse export run#17 --target uno -o digits",
            run};
}

} // namespace tinysparse::cli
