// SPDX-License-Identifier: Apache-2.0
// tinysparse data: describes a data set.
#include "commands.hpp"
#include "common.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/data/contact_sheet.hpp"
#include "tinysparse/data/describe.hpp"

namespace tinysparse::cli {

Command data_command() {
    return {"data",
            "Describe a data set as tinysparse reads it.",
            {{"SPEC", "Data set: PATH[,key=value...] or synthetic:NAME."}},
            {{"output", "FILE.png", "Write a contact sheet: the first training samples of every class.", 'o'},
             {"json", "", "Print one JSON document."}},
            "tinysparse data synthetic:strokes,val=0.1 -o sheet.png",
            [](const Arguments& arguments) {
                const data::Dataset set = load_data(arguments.positional(0));
                const json::Value description = data::describe(set);
                if (const auto path = arguments.value("output")) write_file(*path, data::contact_sheet(set));
                if (arguments.has("json"))
                    print_data(json::write(description, 2) + "\n");
                else
                    print(data::description_text(description));
                return 0;
            }};
}

} // namespace tinysparse::cli
