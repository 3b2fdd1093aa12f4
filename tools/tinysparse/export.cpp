// SPDX-License-Identifier: Apache-2.0
// tinysparse export: a model as a folder that needs nothing but a compiler.
#include <filesystem>

#include "commands.hpp"
#include "common.hpp"
#include "device_headers.hpp"
#include "tinysparse/deploy/export.hpp"

namespace tinysparse::cli {

namespace {

std::vector<std::string> target_names() {
    std::vector<std::string> names = {"c++", "avr"};
    for (const cost::Target& target : cost::targets) names.emplace_back(target.name);
    return names;
}

int run(const Arguments& arguments) {
    const std::string folder = *arguments.value("output"), target = *arguments.value("target");
    const cost::Target* const board = target == "c++" ? nullptr : &cost::target(target == "avr" ? "uno" : target);
    const std::filesystem::path path = std::filesystem::path(folder + "/").parent_path();
    const std::string name = arguments.value_or("name", path.filename().string());
    const fixed::Model model = load_model(arguments.positional(0));
    deploy::write_export(model, board, folder, name, tools::device_headers());
    print(text(folder, "/", name, ".h\n"));
    say(text("written with main.cpp and a Makefile; make -C ", folder, " builds it"));
    return 0;
}

} // namespace

Command export_command() {
    return {"export",
            "Write a model as C++11 for a board or for this machine.",
            {{"MODEL", "a model file, or RUN#ID"}},
            {{"target", "TARGET", "A board's name, avr (which is uno), or c++ for this machine.", 0, true, false,
              target_names()},
             {"output", "DIR", "The folder to write.", 'o', true},
             {"name", "NAME", "Of header and namespace (the folder's name)."}},
            "tinysparse export run#17 --target uno -o digits",
            run};
}

} // namespace tinysparse::cli
