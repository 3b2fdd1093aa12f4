// SPDX-License-Identifier: Apache-2.0
// An Arduino library of a network: a folder that the IDE, arduino-cli and PlatformIO take, and the same as a zip.
//
//   NAME/library.properties  library.json  keywords.txt  README.md  LICENSE
//   NAME/src/NAME.h          src/tinysparse/...           the network and the kernels it needs
//   NAME/examples/SerialEval/SerialEval.ino               answers tinysparse device over the serial line
//   NAME/examples/SelfTest/SelfTest.ino                   the sample that the header carries, and how long it takes
//   NAME/examples/Camera/Camera.ino                       cameras: feeds its pixels in pieces
//   NAME/examples/Readings/Readings.ino                   series: feeds what sensors read, in the unit of the data
#pragma once
#include <algorithm>
#include <cctype>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/files.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/zip.hpp"
#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/deploy/device_headers.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/deploy/numbers.hpp"
#include "tinysparse/deploy/sketches.hpp"
#include "tinysparse/version.hpp"

namespace tinysparse::deploy {

/// Throws Error unless the name can be an Arduino library's, its folder's and its header's.
inline void check_library_name(std::string_view name) {
    check_name(name);
    std::string small;
    for (const char c : name) small += char(std::tolower(static_cast<unsigned char>(c)));
    for (const std::string_view word : {"arduino", "library"})
        if (small.find(word) != small.npos)
            throw Error(text("'", name, "' cannot be the name of an Arduino library: it contains '", word,
                             "'; give another with --name"));
}

namespace detail {

/// A sketch with what prints an answer in place of @ANSWER@: the name of the class, or all numbers.
inline std::string printing(std::string_view sketch, const fixed::Model& model) {
    if (model.quantities.empty())
        return replaced(std::string(sketch), "@ANSWER@",
                        "(const __FlashStringHelper*)@NAME@::Net::class_name(net.finish())");
    std::string before;
    const std::size_t last = model.quantities.size() - 1;
    for (std::size_t k = 0; k < last; ++k)
        before += text("Serial.print(net.value(", k, "), 6);\n    Serial.print(' ');\n    ");
    std::string out(sketch);
    for (const char* print : {"Serial.print(", "Serial.println("})
        out = replaced(out, text(print, "@ANSWER@)"), text(before, print, "net.value(", last, "), 6)"));
    return out;
}

/// The sketch that feeds readings: moments come at the rate of the data, or 20 a second if they do not say it.
inline std::string readings_program(const fixed::Model& model, std::string_view name) {
    const double period = 1e6 / model.sampling_rate.value_or(20);
    return named(
        replaced(printing(readings_sketch, model), "@PERIOD@", text(std::uint32_t(std::clamp(period + 0.5, 1.0, 4e9)))),
        name);
}

/// What library.properties, library.json and the README say.
struct LibraryText {
    const fixed::Model& model;
    const fixed::Program& program;
    std::string_view name;

    std::string sample() const {
        const net::Shape& in = model.network.spec.input;
        if (const auto& camera = model.network.input.camera)
            return text("pictures of ", camera->width, "x", camera->height, " pixels (", info(camera->pixels).name,
                        ")");
        return model.network.input.series ? text("series of ", in.height, " moments of ", in.channels, " values")
                                          : text("pictures of ", in.width, "x", in.height,
                                                 in.channels == 1 ? "" : text("x", in.channels), " bytes");
    }
    bool numbers() const { return !model.quantities.empty(); }
    /// "seconds and kilojoules", or "2 numbers" if some have no names. written: how the file has a name.
    std::string what(std::string (*written)(std::string_view)) const {
        std::vector<std::string> names;
        for (const Quantity& quantity : model.quantities)
            if (!quantity.name.empty()) names.push_back(written(quantity.name));
        const std::size_t count = model.quantities.size();
        return names.size() == count ? join(names, " and ") : text(count, count == 1 ? " number" : " numbers");
    }
    std::string sentence(std::string (*written)(std::string_view) = comment_text) const {
        if (numbers())
            return text("A neural network for microcontrollers that answers ", what(written), " for ", sample(), ".");
        return text("A neural network for microcontrollers that tells ", net::shapes(model.network.spec).classes,
                    " classes of ", sample(), " apart.");
    }
    std::string paragraph() const {
        return text("Layers: ", net::notation(model.network.spec), ". Weights in program memory, ",
                    program.layout().plan().bytes(), " bytes of RAM, no heap; a sample goes in row by row.",
                    model.test_accuracy ? text(" Test accuracy ", fixed_decimals(100 * *model.test_accuracy, 2), " %.")
                    : model.test_rmse.size() == 1
                        ? text(" Root mean squared error ", float(model.test_rmse[0]), " in test.")
                        : "");
    }

    std::string properties() const {
        return text("name=", name, "\nversion=", TINYSPARSE_VERSION_STRING,
                    "\nauthor=tinysparse\nmaintainer=tinysparse\nsentence=", sentence(), "\nparagraph=", paragraph(),
                    "\ncategory=Data Processing\nurl=https://arxiv.org/abs/1905.12107\narchitectures=avr\nincludes=",
                    name, ".h\n");
    }
    std::string platformio() const {
        return json::write(json::object({{"name", std::string(name)},
                                         {"version", TINYSPARSE_VERSION_STRING},
                                         {"description", sentence() + " " + paragraph()},
                                         {"keywords",
                                          numbers() ? "neural network, regression" : "neural network, classification"},
                                         {"license", "Apache-2.0"},
                                         {"headers", text(name, ".h")},
                                         {"frameworks", "arduino"},
                                         {"platforms", "atmelavr"}}),
                           2) +
               "\n";
    }
    std::string keywords() const {
        std::string out = text(name, "\tKEYWORD1\nNet\tKEYWORD1\n");
        for (const char* word : {"begin", "push_row", "push_piece", "finish", "logits", "predict",
                                 numbers() ? "value" : "class_name", "self_test"})
            out += text(word, "\tKEYWORD2\n");
        for (const char* word : {"input_height", "input_width", "input_channels", "classes"})
            out += text(word, "\tLITERAL1\n");
        if (!model.channels.empty()) out += "to_input\tKEYWORD2\n";
        if (model.network.input.camera) out += "push_pixels\tKEYWORD2\n";
        for (const std::string& constant : channel_constants(model.channels)) out += text(constant, "\tLITERAL1\n");
        for (const std::string& constant : value_constants(model.quantities)) out += text(constant, "\tLITERAL1\n");
        return out;
    }
    std::string readme() const {
        return text(
            "# ", name, "\n\n", sentence(markdown_text), " ", paragraph(), "\n\n```cpp\n#include <", name, ".h>\n",
            name, "::Net net;                 // all its memory\n\nnet.begin();\nfor (uint16_t y = 0; y < ", name,
            model.network.input.camera ? "::input_pieces; ++y) net.push_piece(next_piece());\n"
                                       : "::input_height; ++y) net.push_row(next_row());\n",
            numbers() ? "float y = net.value(0);       // in the unit of the data\n"
                      : "uint8_t answer = net.finish();\n",
            "```\n\n"
            "Examples: `SerialEval` lets `tinysparse device` feed a whole data set over the serial line and "
            "compare every answer with the computer's; `SelfTest` runs the sample that the library carries",
            model.channels.empty() ? "" : "; `Readings` feeds readings of sensors",
            model.network.input.camera ? "; `Camera` feeds the pixels of a camera" : "", ".\n", duties(), readings());
    }
    /// What a program has to do with every sample.
    std::string duties() const {
        std::string out;
        for (const std::string& duty : model.duties)
            out += text("\nYour program has to do this first: ", markdown_text(duty), ".\n");
        return out;
    }
    /// What becomes of readings, channel by channel.
    std::string readings() const {
        if (model.channels.empty()) return "";
        const std::vector<std::string> constants = channel_constants(model.channels);
        std::string out =
            text("\n## Readings\n\n`", name,
                 "::to_input(channel, reading)` makes a value of a row from a reading in the unit "
                 "of the data: int16 = round((reading - origin) * scale). The channels of a row, in their order:\n\n"
                 "| constant | column | origin | scale | one step |\n|---|---|---|---|---|\n");
        for (std::size_t i = 0; i < constants.size(); ++i) {
            const Channel& channel = model.channels[i];
            out += text("| `", constants[i], "` | ", markdown_text(channel.name), " | ", channel.origin, " | ",
                        channel.scale, " | ", 1 / double(channel.scale), " |\n");
        }
        if (model.sampling_rate) out += text("\nMoments per second: ", *model.sampling_rate, ".\n");
        return out;
    }
    std::string license() const {
        return text("The files in src/tinysparse and in examples are licensed under the Apache License, Version 2.0; "
                    "you may\nobtain a copy of it at http://www.apache.org/licenses/LICENSE-2.0. src/",
                    name, ".h holds a network that\nbelongs to whoever trained it.\n");
    }
};

} // namespace detail

/// The library's files; the name is the folder that all are in. program: of the model's network.
inline std::vector<NamedFile> arduino_library(const fixed::Model& model, const fixed::Program& program,
                                              std::string_view name, const std::vector<DeviceHeader>& headers) {
    check_library_name(name);
    const cost::Target& uno = cost::target("uno");
    check_reachable(model, program, uno);
    const detail::LibraryText own{model, program, name};
    const std::string root = text(name, "/");
    std::vector<NamedFile> files = {
        {root + "library.properties", own.properties()},
        {root + "library.json", own.platformio()},
        {root + "keywords.txt", own.keywords()},
        {root + "README.md", own.readme()},
        {root + "LICENSE", own.license()},
        {text(root, "src/", name, ".h"), header(model, program, name, figures_on(model, program, uno))},
        {root + "examples/SerialEval/SerialEval.ino", detail::named(detail::serial_eval_sketch, name)}};
    if (!model.golden.logits.empty())
        files.push_back({root + "examples/SelfTest/SelfTest.ino",
                         detail::named(replaced(detail::printing(detail::self_test_sketch, model), "@TIME@",
                                                model.network.input.camera ? ", without its camera's pixels" : ""),
                                       name)});
    if (model.network.input.camera)
        files.push_back(
            {root + "examples/Camera/Camera.ino", detail::named(detail::printing(detail::camera_sketch, model), name)});
    if (!model.channels.empty())
        files.push_back({root + "examples/Readings/Readings.ino", detail::readings_program(model, name)});
    for (const DeviceHeader& one : headers) files.push_back({text(root, "src/", one.path), one.text});
    return files;
}

namespace detail {

/// Throws Error if FOLDER/NAME is an export for a board, or has an example that this network's library has not.
inline void check_library_folder(const std::string& folder, std::string_view name,
                                 const std::vector<NamedFile>& files) {
    check_no_other_target(text(folder, "/", name), "arduino");
    for (const char* example : {"SelfTest", "Camera", "Readings"}) {
        const std::string file = text(name, "/examples/", example, "/", example, ".ino");
        const bool written =
            std::any_of(files.begin(), files.end(), [&](const NamedFile& one) { return one.path == file; });
        if (!written && std::ifstream(text(folder, "/", file)))
            throw Error(text(folder, "/", file,
                             " is of another network's library; remove it, or export into another "
                             "folder"));
    }
}

} // namespace detail

/// Writes FOLDER/NAME/... and FOLDER/NAME.zip; files of the same names are replaced. Throws Error if an export for a
/// board lies in FOLDER/NAME, or examples of another network.
inline void write_arduino(const fixed::Model& model, const fixed::Program& program, const std::string& folder,
                          std::string_view name, const std::vector<DeviceHeader>& headers) {
    const std::vector<NamedFile> files = arduino_library(model, program, name, headers);
    detail::check_library_folder(folder, name, files);
    for (const NamedFile& file : files) {
        const std::string path = text(folder, "/", file.path);
        make_folder(path.substr(0, path.rfind('/')));
        write_file(path, file.content, false);
    }
    write_file(text(folder, "/", name, ".zip"), zip_of(files), false);
}

/// The same for a model that is not lowered yet, in the formats that cost::formats chooses. Throws Error where a sum
/// may overflow as well.
inline void write_arduino(const fixed::Model& model, const std::string& folder, std::string_view name,
                          const std::vector<DeviceHeader>& headers) {
    const fixed::Lowered lowered(model.network);
    write_arduino(model, fixed::encode(lowered, cost::formats(lowered)), folder, name, headers);
}

} // namespace tinysparse::deploy
