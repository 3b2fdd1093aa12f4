// SPDX-License-Identifier: Apache-2.0
// tinysparse data: describes a data set.
#include <filesystem>

#include "commands.hpp"
#include "common.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/data/contact_sheet.hpp"
#include "tinysparse/data/describe.hpp"

namespace tinysparse::cli {

namespace {

/// Throws UsageError if the name of a contact sheet promises anything but a PNG, and Error if it cannot be written.
void check_sheet(const std::string& path) {
    const std::string ending = lower_case(std::filesystem::path(path).extension().string());
    if (!ending.empty() && ending != ".png")
        throw UsageError(text("--output ", path, ": a contact sheet is a PNG; give it a name that ends in .png"));
    check_output(path);
}

} // namespace

Command data_command() {
    return {"data",
            "Describe a data set as tinysparse reads it.",
            {{"SPEC", "Data set: PATH[,key=value...] or synthetic:NAME."}},
            {{"output", "FILE.png", "Write a contact sheet: the first training samples of every class.", 'o'},
             {"json", "", "Print one JSON document."}},
            "tinysparse data synthetic:strokes,val=0.1 -o sheet.png",
            [](const Arguments& arguments) {
                const auto sheet = arguments.value("output");
                if (sheet) check_sheet(*sheet);
                const data::Dataset set = load_data(arguments.positional(0));
                const json::Value description = data::describe(set);
                if (sheet) {
                    write_file(*sheet, data::contact_sheet(set));
                    say(text("the first training samples of every class are in ", *sheet));
                }
                if (arguments.has("json"))
                    print_data(json::write(description, 2) + "\n");
                else
                    print(data::description_text(description));
                return 0;
            }};
}

} // namespace tinysparse::cli
