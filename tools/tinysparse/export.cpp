// SPDX-License-Identifier: Apache-2.0
// tinysparse export: a model as a folder that needs nothing but a compiler.
#include <filesystem>

#include "commands.hpp"
#include "common.hpp"
#include "device_headers.hpp"
#include "tinysparse/deploy/arduino.hpp"

namespace tinysparse::cli {

namespace {

std::vector<std::string> target_names() {
    std::vector<std::string> names = cost::target_names();
    names.insert(names.begin(), {"c++", "avr", "arduino"});
    return names;
}

/// The folder of that library, its zip beside it. DIR is the library's own folder, or where that is to be.
int write_library(const fixed::Model& model, std::filesystem::path path, const std::string& name) {
    if (path.filename() == name) path = path.parent_path();
    const std::string folder = path.empty() ? "." : path.string();
    deploy::write_arduino(model, folder, name, tools::device_headers());
    print(text((path / name).string(), "\n", (path / (name + ".zip")).string(), "\n"));
    say(text("the zip is what the Arduino IDE adds under Sketch > Include Library > Add .ZIP Library; its example "
             "SerialEval answers tinysparse device"));
    return 0;
}

int run(const Arguments& arguments) {
    const std::string folder = *arguments.value("output"), target = *arguments.value("target");
    const std::filesystem::path path = std::filesystem::path(folder + "/").parent_path();
    const std::string name = arguments.value_or("name", path.filename().string());
    if (target == "arduino") return write_library(load_model(arguments.positional(0)), path, name);
    const cost::Target* const board = target == "c++" ? nullptr : &cost::target(target == "avr" ? "uno" : target);
    const fixed::Model model = load_model(arguments.positional(0));
    deploy::write_export(model, board, folder, name, tools::device_headers());
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
             {"name", "NAME", "Of header and namespace (the folder's name)."}},
            "tinysparse export run#17 --target uno -o digits",
            run};
}

} // namespace tinysparse::cli
