// SPDX-License-Identifier: Apache-2.0
// Texts of the files of an exported Arduino library: library.properties, library.json, keywords.txt, README.md and
// LICENSE.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/json.hpp"
#include "tinysparse/deploy/camera_text.hpp"
#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/license.hpp"
#include "tinysparse/deploy/memory.hpp"
#include "tinysparse/deploy/numbers.hpp"
#include "tinysparse/deploy/platform.hpp"
#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/mcu/reading.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/version.hpp"

namespace tinysparse::deploy::detail {

/// A sketch with @ANSWER@ replaced by code that prints an answer: the name of the class, or all numbers. Answers that
/// accepted() rejects, if the network has it, are printed as "not sure".
inline std::string printing(std::string_view sketch, const fixed::Model& model, const ExportOptions& options = {}) {
    if (model.quantities.empty()) {
        const bool rejects = options.confidence && options.confidence->rejection;
        const std::string name = "(const __FlashStringHelper*)@NAME@::Net::class_name(net.finish())";
        return replaced(std::string(sketch), "@ANSWER@",
                        rejects ? text("net.accepted() ? ", name, " : F(\"not sure\")") : name);
    }
    std::string before;
    const std::size_t last = model.quantities.size() - 1;
    for (std::size_t k = 0; k < last; ++k)
        before += text("Serial.print(net.value(", k, "), 6);\n    Serial.print(' ');\n    ");
    std::string out(sketch);
    for (const char* print : {"Serial.print(", "Serial.println("})
        out = replaced(out, text(print, "@ANSWER@)"), text(before, print, "net.value(", last, "), 6)"));
    return out;
}

/// Programs of a library's README.
inline constexpr std::string_view readme_sketch = R"(#include <Arduino.h>
#include <@NAME@.h>

static @NAME@::Net net; // all its memory

// Row y of a sample: input_width * input_channels values. Put your code here; only this row needs memory.
static const @NAME@::Raw* read_row(uint16_t y) {
    static @NAME@::Raw row[@NAME@::input_width * @NAME@::input_channels];
@FILL@
    return row;
}

void setup() { Serial.begin(115200); }

void loop() {
    net.run(read_row);
    Serial.println(@ANSWER@);
}
)";

/// How the row of readme_sketch is filled.
inline constexpr std::string_view row_of_values =
    "    for (uint16_t i = 0; i < @NAME@::input_width * @NAME@::input_channels; ++i)\n"
    "        row[i] = @NAME@::Raw(y); // replace y by the value of a sensor or a camera";
inline constexpr std::string_view row_of_readings =
    "    for (uint16_t channel = 0; channel < @NAME@::input_channels; ++channel)\n"
    "        row[channel] = @NAME@::to_input(channel, float(y)); // replace y by the reading, in the unit of the data";

inline constexpr std::string_view readme_camera_sketch = R"(#include <Arduino.h>
#include <@NAME@.h>

static @NAME@::Net net; // all its memory

// The next input_piece values of the picture, row by row from its top left corner: @PIXELS@.
// The last piece may be longer than what is left of the picture; its other values are ignored. Put your code here.
static const @NAME@::Raw* read_piece() {
    static @NAME@::Raw piece[@NAME@::input_piece];
    return piece;
}

void setup() { Serial.begin(115200); }

void loop() {
    net.begin();
    for (uint16_t number = 0; number < @NAME@::input_pieces; ++number) net.push_piece(read_piece());
    Serial.println(@ANSWER@);
}
)";

/// Contents of library.properties, library.json and the README.
struct LibraryText {
    const fixed::Model& model;
    const fixed::Program& program;
    const DeviceFigures& figures; ///< For an Uno.
    const ExportOptions& options;
    std::string_view name = options.name;

    std::string sample() const {
        const net::Shape& in = model.network.spec.input;
        if (const auto& camera = model.network.input.camera)
            return text("pictures, ", camera->width, " pixels wide and ", camera->height, " high (",
                        info(camera->pixels).name, ")");
        const std::string values = text(in.channels, in.channels == 1 ? " value" : " values");
        if (!model.network.input.series)
            return text("pictures, ", in.width, " pixels wide and ", in.height, " high, of ", values, " each");
        return in.height == 1 ? "rows of " + values : text("series of ", in.height, " moments of ", values);
    }
    bool numbers() const { return !model.quantities.empty(); }
    /// "seconds and kilojoules", or "2 numbers" if some have no names. written: turns a name into the file's format.
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
                    program.layout().plan().bytes(), " bytes of RAM, no heap; the network reads a sample row by row.",
                    model.test_accuracy ? text(" Test accuracy ", fixed_decimals(100 * *model.test_accuracy, 2), " %.")
                    : model.test_rmse.size() == 1
                        ? text(" Root mean squared error ", float(model.test_rmse[0]), " in test.")
                        : "");
    }

    /// Kernels and examples are plain C++11, for any chip with an Arduino core.
    std::string properties() const {
        return text("name=", name, "\nversion=", TINYSPARSE_VERSION_STRING,
                    "\nauthor=tinysparse\nmaintainer=tinysparse\nsentence=", sentence(), "\nparagraph=", paragraph(),
                    "\ncategory=Data Processing\nurl=https://arxiv.org/abs/1905.12107\narchitectures=*\nincludes=",
                    name, ".h\n");
    }
    std::string platformio() const {
        json::Value document =
            json::object({{"name", std::string(name)},
                          {"version", TINYSPARSE_VERSION_STRING},
                          {"description", sentence() + " " + paragraph()},
                          {"keywords", numbers() ? "neural network, regression" : "neural network, classification"},
                          {"headers", text(name, ".h")},
                          {"frameworks", "arduino"},
                          {"platforms", "*"}});
        if (!options.license.empty()) document["license"] = with_kernels(options.license);
        return json::write(document, 2) + "\n";
    }
    std::string keywords() const {
        std::string out = text(name, "\tKEYWORD1\nNet\tKEYWORD1\n");
        for (const char* word : {"begin", "push_row", "push_piece", "finish", "logits", "predict", "run",
                                 numbers() ? "value" : "class_name", "self_test"})
            out += text(word, "\tKEYWORD2\n");
        for (const char* word : {"input_height", "input_width", "input_channels", "classes"})
            out += text(word, "\tLITERAL1\n");
        if (!numbers()) out += "margin\tKEYWORD2\n";
        if (options.confidence) out += "probability\tKEYWORD2\n";
        if (options.confidence && options.confidence->rejection) out += "accepted\tKEYWORD2\n";
        if (!model.channels.empty()) out += "to_input\tKEYWORD2\n";
        if (model.network.input.camera) out += "push_pixels\tKEYWORD2\n";
        for (const std::string& constant : channel_constants(model.channels)) out += text(constant, "\tLITERAL1\n");
        for (const std::string& constant : value_constants(model.quantities)) out += text(constant, "\tLITERAL1\n");
        return out;
    }
    std::string readme() const {
        return text(
            "# ", name, "\n\n", sentence(markdown_text), " ", paragraph(), "\n\n```cpp\n", sketch(),
            "```\n\nExamples: `SerialEval` lets `tinysparse device` feed a whole data set over the serial line and "
            "compare every answer with that of the computer",
            model.golden.logits.empty() ? "" : "; `SelfTest` runs the sample in the library",
            model.channels.empty() ? "" : "; `Readings` feeds readings of sensors",
            model.network.input.camera ? "; `Camera` feeds the pixels of a camera" : "", ".\n", duties(), answers(),
            sureness(), readings(), memory(), "\n## Licence\n\n", terms(), " See LICENSE.\n");
    }
    /// A whole program; the reader adds the input.
    std::string sketch() const {
        const auto& camera = model.network.input.camera;
        if (!camera)
            return named(
                replaced(printing(readme_sketch, model, options), "@FILL@",
                         model.channels.empty() || taken_as_they_are(model.channels) ? row_of_values : row_of_readings),
                name);
        return named(replaced(printing(readme_camera_sketch, model, options), "@PIXELS@", pixel_words(camera->pixels)),
                     name);
    }
    /// The meaning of answers.
    std::string answers() const {
        if (numbers()) {
            std::string out = "\n## Numbers\n\n| value | column |\n|---|---|\n";
            const std::vector<std::string> constants = value_constants(model.quantities);
            for (std::size_t k = 0; k < constants.size(); ++k)
                out += text("| `net.value(", name, "::", constants[k], ")` | ", markdown_text(model.quantities[k].name),
                            " |\n");
            return out;
        }
        std::string out = "\n## Classes\n\n| answer | class |\n|---|---|\n";
        for (std::size_t i = 0; i < std::size_t(program.layout().plan().classes); ++i)
            out += text("| ", i, " | ", markdown_text(class_name(model, i)), " |\n");
        return out;
    }
    /// How sure an answer is, if the header can tell it.
    std::string sureness() const {
        if (numbers()) return "";
        std::string out = "\n## How sure an answer is\n\n`net.margin()` is the largest logit minus the second one.";
        if (options.confidence) out += " `net.probability(i)` is the probability of class i in 256ths.";
        if (options.confidence && options.confidence->rejection)
            out += " `net.accepted()` is false for the least sure answers: do not act on those.";
        return out + "\n";
    }
    std::string memory() const {
        const cost::Target& uno = cost::target("uno");
        const auto bytes = sketch_bytes(figures, program, uno);
        return bytes ? text("\n## Memory\n\nOn an Uno, estimated, with Arduino's core and a serial line:\n\n```text\n",
                            in_arduino_words(*bytes, uno, "about "), "\n```\n")
                     : "";
    }
    /// Processing that a program must do for every sample.
    std::string duties() const {
        std::string out;
        for (const std::string& duty : model.duties)
            out += text("\nYour program must do this first: ", markdown_text(duty), ".\n");
        return out;
    }
    /// "For example, a reading of 1 in `channel_ax` becomes (1 - 0) * 16384 = 16384."
    static std::string reading_example(const std::string& constant, const Channel& channel) {
        const float scale = channel.scale, above = scale < 1 ? 100 / scale : scale > 16384 ? 16384 / scale : 1;
        const float reading = channel.origin + above; // whose value is in the range of 16 bits
        return text("For example, a reading of ", reading, " in `", constant, "` becomes (", reading, " - ",
                    channel.origin, ") * ", scale, " = ", mcu::raw_value(reading, channel.origin, scale), ".");
    }
    /// The conversion of readings, channel by channel.
    std::string readings() const {
        if (model.channels.empty()) return "";
        const std::vector<std::string> constants = channel_constants(model.channels);
        std::string out = text(
            "\n## Readings\n\n`", name,
            "::to_input(channel, reading)` converts a reading in the unit of the data to a value of a row, a whole "
            "number of 16 bits: it subtracts the origin of the channel, multiplies by its scale and rounds. ",
            reading_example(constants[0], model.channels[0]),
            " The channels of a row, in their order:\n\n"
            "| constant | column | origin | scale | one step |\n|---|---|---|---|---|\n");
        for (std::size_t i = 0; i < constants.size(); ++i) {
            const Channel& channel = model.channels[i];
            out += text("| `", constants[i], "` | ", markdown_text(channel.name), " | ", channel.origin, " | ",
                        channel.scale, " | ", 1 / double(channel.scale), " |\n");
        }
        if (model.network.spec.input.height > 1)
            out += model.sampling_rate
                       ? text("\nMoments per second: ", *model.sampling_rate, ".\n")
                       : "\nThe data do not state the moments per second, so the sketch `Readings` guesses 20: set its "
                         "`period` to that of the training data.\n";
        return out;
    }
    std::string terms() const {
        return text("The weights in src/", name, ".h belong to whoever trained them",
                    options.license.empty() ? ", who did not state a licence for them."
                                            : text(" and are licensed under ", options.license, "."),
                    " All code is part of tinysparse and licensed under the Apache License, Version 2.0.");
    }
    std::string license() const { return text(terms(), " Its text:\n", apache_license); }
};

} // namespace tinysparse::deploy::detail
