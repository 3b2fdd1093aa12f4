// SPDX-License-Identifier: Apache-2.0
// The beginning of an exported header: its purpose, its use, its costs.
#pragma once
#include <string>
#include <vector>

#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/deploy/camera_text.hpp"
#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/folders.hpp"
#include "tinysparse/deploy/license.hpp"
#include "tinysparse/deploy/numbers.hpp"
#include "tinysparse/deploy/platform.hpp"
#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/fixed/digest.hpp"
#include "tinysparse/fixed/scores.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/version.hpp"

namespace tinysparse::deploy::detail {

/// Comments and constants.
class OpeningText {
  public:
    OpeningText(const Exported& exported, Writer& out) : exported_(exported), out_(out) {}

    void write() {
        opening();
        constants();
    }

  private:
    /// Accuracies, or the errors of predicted numbers.
    void scores() {
        if (exported_.numbers())
            NumbersText(exported_, out_).errors();
        else
            out_.line(0, "// accuracy   ", fixed::accuracy_words(exported_.model));
    }

    /// The confidence of answers, and the rule that rejects them.
    void confidence() {
        if (!exported_.options.confidence || !exported_.has_margin()) return;
        const fixed::Confidence& own = *exported_.options.confidence;
        const auto percent = [](double share) { return text(fixed_decimals(100 * share, 2), " %"); };
        out_.line(0, "// confidence temperature ", fixed_decimals(own.temperature, 1),
                  " steps of a logit, expected "
                  "calibration error ",
                  percent(own.calibration_error), ", from ", own.samples, " ", own.judged_on);
        if (!own.rejection) return;
        if (own.rejection->rejects_none())
            out_.line(0, "// rejection  none of these samples is rejected: ", percent(own.rejection->share), " of ",
                      own.rejection->samples, " samples is less than one");
        out_.line(0, "// rejection  accepted() rejects the least sure answers, at most ", percent(own.rejection->share),
                  ": ", percent(own.rejection->coverage()), " of these samples are accepted, and ",
                  percent(own.rejection->accuracy()), " of the accepted are answered right");
    }

    void opening() {
        const std::string& name = exported_.name;
        out_.line(0, "// ", name, ".h: a neural network for microcontrollers, written by tinysparse ",
                  TINYSPARSE_VERSION_STRING, ". Do not edit it; export it again.");
        licenses();
        out_.line(0, "//");
        usages();
        values_comment();
        out_.line(0, "//");
        provenance();
        out_.line(0, "#ifndef TINYSPARSE_EXPORT_", name, "_H");
        out_.line(0, "#define TINYSPARSE_EXPORT_", name, "_H");
        out_.line(0, "#if !defined(__cplusplus) || __cplusplus < 201103L");
        out_.line(0, "#error \"", name, ".h needs C++11: compile it as C++, with -std=c++11 or newer\"");
        out_.line(0, "#endif");
        out_.line(0, "#include \"tinysparse/mcu.hpp\"");
        out_.line(0, "#ifdef __AVR__");
        out_.line(0, "#include <avr/io.h>");
        out_.line(0, "#endif");
        out_.line(0, "#ifdef ", name); // also a macro of the chip
        out_.line(0, "#error \"", name, " is a macro here: export the network with another --name\"");
        out_.line(0, "#endif");
        out_.line();
        out_.line(0, "namespace ", name, " {");
        out_.line(0, "namespace mcu = tinysparse::mcu::", inline_namespace, ";");
        out_.line();
    }

    void licenses() {
        if (exported_.options.license.empty()) {
            out_.line(0, "// The weights belong to whoever trained them, who did not state a licence for them. "
                         "All code is licensed");
            out_.line(0, "// under Apache-2.0 (http://www.apache.org/licenses/LICENSE-2.0).");
            return;
        }
        out_.line(0, "// SPDX-License-Identifier: ", with_kernels(exported_.options.license));
        out_.line(0, "// The weights are licensed under ", exported_.options.license,
                  " by whoever trained them, all code under "
                  "Apache-2.0.");
    }

    /// The calls of a program.
    void usages() {
        const net::Shape taken = exported_.taken();
        const int values = taken.width * taken.channels; // of a row
        const std::string& name = exported_.name;
        usage(out_, name + "::Net net;", text("all its memory: sizeof(", name, "::Net) bytes, no heap"));
        usage(out_, "net.begin();", text("before every ", exported_.sample_word(), ", the first one too"));
        const std::string times = taken.height == 1 ? "once" : text(taken.height, " times");
        usage(out_, "net.push_row(row);",
              text(times, exported_.series() ? taken.height == 1 ? ": " : ": one moment, " : ", from the top: ", values,
                   values == 1 ? " value" : " values", " of ", exported_.raw_type(),
                   exported_.series()   ? ", the channels one after another"
                   : taken.channels > 1 ? ", the channels of a pixel interleaved"
                                        : "",
                   exported_.series() || exported_.camera() ? "" : ", 0..255"));
        if (exported_.camera())
            usage(out_, "net.push_pixels(pixels, count);", "the same in pieces of any length, ending anywhere");
        if (exported_.numbers())
            NumbersText(exported_, out_).comment();
        else
            answer_usages();
    }

    /// The calls that tell the class, and how sure it is.
    void answer_usages() {
        usage(out_, "uint8_t answer = net.finish();",
              text("the class, 0..", exported_.layout.plan().classes - 1, "; 255 while rows are missing"));
        usage(out_, text(exported_.name, "::Net::class_name(answer);"), "its name; on AVR a string in program memory");
        if (!exported_.has_margin()) return;
        usage(out_, "net.margin();", "the largest logit minus the second one: small if the network is unsure");
        if (!exported_.options.confidence) return;
        usage(out_, "net.probability(answer);", "the probability of that class, in 256ths");
        if (exported_.options.confidence->rejection)
            usage(out_, "net.accepted();", "false for the least sure answers: do not act on those");
    }

    /// The origin of the network, without folders of the machine that trained it.
    void provenance() {
        const fixed::Model& model = exported_.model;
        out_.line(0, "// network    ", net::notation(exported_.network.spec));
        classes();
        scores();
        confidence();
        out_.line(0, "// data       ", comment_text(spec_without_folders(model.data)),
                  model.trained_on.empty() ? "" : text(", ", comment_text(model.trained_on)), ", digest ",
                  hexadecimal(model.data_digest));
        out_.line(0, "// training   ", model.epochs, model.epochs == 1 ? " epoch" : " epochs", ", seed ", model.seed);
        const auto command = [&](const char* what, const std::string& line) {
            if (!line.empty()) out_.line(0, what, comment_text(command_without_folders(line)));
        };
        command("// trained    ", model.command);
        command("// exported   ", exported_.options.command);
    }

    /// The name of each number that finish() returns.
    void classes() {
        const std::vector<std::string>& names = exported_.model.class_names;
        constexpr std::size_t most_characters = 100;
        std::string line;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string next = text(i, " ", comment_text(names[i]), i + 1 < names.size() ? ", " : "");
            if (!line.empty() && line.size() + next.size() > most_characters) {
                out_.line(0, "// classes    ", line);
                line.clear();
            }
            line += next;
        }
        if (!line.empty()) out_.line(0, "// classes    ", line);
    }

    /// The values of a row, and the processing that they need before.
    void values_comment() {
        if (exported_.series())
            ChannelsText(exported_, out_).comment();
        else if (exported_.camera())
            CameraText(exported_, out_).comment();
        else if (exported_.model.duties.empty())
            out_.line(0, "// Values are raw, as in the data set; the network does all scaling.");
        for (const std::string& duty : exported_.model.duties)
            out_.line(0, "// Your program must do this first: ", comment_text(duty), ".");
    }

    void constants() {
        const net::Shape taken = exported_.taken();
        const Pieces pieces = pieces_of(exported_.network);
        out_.line(0, "constexpr uint16_t input_height = ", taken.height, ", input_width = ", taken.width,
                  ", input_channels = ", taken.channels, ";");
        if (exported_.camera()) CameraText(exported_, out_).constants();
        out_.line(0, "constexpr uint16_t input_pieces = ", pieces.count, ", input_piece = ", pieces.values,
                  "; // a sample in pieces, as push_piece() takes it");
        out_.line(0, "typedef ", exported_.raw_type(), " Raw; // a value of a row");
        out_.line(0, "typedef mcu::FlashRow<", exported_.row_type(),
                  "> FlashRow; // a row in program memory: "
                  "FlashRow{address of its first byte}");
        out_.line(0, "constexpr uint8_t classes = ", exported_.layout.plan().classes,
                  exported_.numbers() ? "; // outputs: predicted numbers" : ";");
        out_.line(0, "constexpr uint64_t digest = 0x", hexadecimal(fixed::network_digest(exported_.network)),
                  "ull; // of the network");
        if (exported_.has_margin() && exported_.options.confidence && exported_.options.confidence->rejection)
            out_.line(0, "constexpr int32_t least_margin = ", exported_.options.confidence->rejection->least_margin,
                      "; // of accepted answers");
        if (exported_.figures.ram_bytes) {
            out_.line(0, "// On ", exported_.figures.target,
                      ", estimated: sizeof(Net) and the stack below begin, push_row and finish; code and");
            out_.line(0, "// weights with a main program that only feeds the network; cycles per answer.");
            out_.line(0, "constexpr uint16_t ram_bytes = ", *exported_.figures.ram_bytes, ";");
        }
        if (exported_.figures.flash_bytes)
            out_.line(0, "constexpr uint32_t flash_bytes = ", *exported_.figures.flash_bytes, ";");
        if (exported_.figures.cycles) out_.line(0, "constexpr uint32_t cycles = ", *exported_.figures.cycles, ";");
        if (exported_.figures.longest_cycles) {
            out_.line(0, "// This chip multiplies in software, so time depends on the values of a ",
                      exported_.sample_word(), ". Those cycles are the mean of");
            out_.line(
                0,
                "// typical ones, estimated; no values take longer than this (tinysparse simulate measures samples):");
            out_.line(0, "constexpr uint32_t longest_cycles = ", *exported_.figures.longest_cycles, ";");
        }
        out_.line();
        ChannelsText(exported_, out_).constants();
        if (exported_.numbers()) NumbersText(exported_, out_).constants();
    }

    const Exported& exported_;
    Writer& out_;
};

} // namespace tinysparse::deploy::detail
