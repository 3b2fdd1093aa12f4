// SPDX-License-Identifier: Apache-2.0
// Turns a trained network into one C++11 header: weights in program memory, the geometry of each layer as constants for
// the kernels of mcu/, and a class that takes a picture row by row.
#pragma once
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "tinysparse/deploy/camera_text.hpp"
#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/net_class.hpp"
#include "tinysparse/deploy/opening.hpp"
#include "tinysparse/deploy/tables.hpp"
#include "tinysparse/deploy/writer.hpp"

namespace tinysparse::deploy {

namespace detail {

inline constexpr std::string_view words_of_cpp[] = {
    "alignas",  "alignof", "and",       "and_eq",    "asm",      "auto",     "bitand",  "bitor",     "bool",
    "break",    "case",    "catch",     "char",      "class",    "compl",    "const",   "constexpr", "continue",
    "decltype", "default", "delete",    "do",        "double",   "else",     "enum",    "explicit",  "export",
    "extern",   "false",   "float",     "for",       "friend",   "goto",     "if",      "inline",    "int",
    "long",     "mutable", "namespace", "new",       "noexcept", "not",      "not_eq",  "nullptr",   "operator",
    "or",       "or_eq",   "private",   "protected", "public",   "register", "return",  "short",     "signed",
    "sizeof",   "static",  "struct",    "switch",    "template", "this",     "throw",   "true",      "try",
    "typedef",  "typeid",  "typename",  "union",     "unsigned", "using",    "virtual", "void",      "volatile",
    "while",    "xor",     "xor_eq"};

/// Names in the programs, sketches and Makefiles beside a header, and in that of this library.
inline constexpr std::string_view words_of_programs[] = {
    "answer",     "answer_all",  "answer_sample", "baud",       "bss_end", "bss_start",     "clean",        "data_end",
    "data_load",  "data_start",  "deepest",       "fault",      "host",    "introduce",     "leave",        "loop",
    "main",       "net",         "open",          "paint",      "period",  "piece",         "print_answer", "read",
    "read_piece", "read_pixels", "read_row",      "reading_of", "receive", "receive_piece", "reset",        "row",
    "run",        "send",        "setup",         "stack_top",  "std",     "sum_sent",      "systick",      "tell",
    "test",       "ticks_since", "tinysparse",    "upload",     "vectors", "word",          "write"};

/// In small letters, since some file systems do not tell a from A: headers of the C library and of Arduino's core, in
/// whose place NAME.h would be found; and names that these declare.
inline constexpr std::string_view words_of_libraries[] = {
    "abs",    "arduino",  "assert",   "binary",   "bit",     "boolean", "byte",      "client", "ctype",  "errno",
    "file",   "fread",    "int16_t",  "int32_t",  "int64_t", "int8_t",  "inttypes",  "limits", "locale", "math",
    "memcpy", "memory",   "memset",   "micros",   "millis",  "print",   "printable", "printf", "serial", "setjmp",
    "signal", "size_t",   "stdarg",   "stdbool",  "stddef",  "stdint",  "stdio",     "stdlib", "stream", "string",
    "time",   "uint16_t", "uint32_t", "uint64_t", "uint8_t", "unistd",  "usbapi",    "wchar",  "wstring"};

} // namespace detail

/// Throws Error unless the name can be a namespace and a file name: a letter, then letters, digits and single
/// underscores, and nothing that C++, the programs beside the header or the libraries of a board use.
inline void check_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto taken = [](const auto& words, std::string_view word) {
        return std::find(std::begin(words), std::end(words), word) != std::end(words);
    };
    bool good = !name.empty() && letter(name[0]) && name.size() <= 60 && name.find("__") == std::string_view::npos;
    for (const char c : name) good = good && (letter(c) || (c >= '0' && c <= '9') || c == '_');
    if (!good || taken(detail::words_of_cpp, name) || taken(detail::words_of_programs, name) ||
        taken(detail::words_of_libraries, lower_case(std::string(name))))
        throw Error(text("'", name,
                         "' cannot be the name of an exported network; use a letter, then letters, digits and single"
                         " underscores, and no word of C++, of a board's libraries or of the program beside it"));
}

namespace detail {

/// The whole header, part by part.
class HeaderText {
  public:
    HeaderText(const fixed::Model& model, const fixed::Program& program, const DeviceFigures& figures,
               const ExportOptions& options)
        : exported_(model, program, figures, options) {}

    std::string write() {
        if (exported_.layout.plan().classes > 255)
            throw Error(text("the network has ", exported_.layout.plan().classes,
                             " classes; a device answers with one byte, at most 255"));
        OpeningText(exported_, out_).write();
        TablesText(exported_, out_).write();
        for (const LayerText& layer : exported_.layers) layer.write(out_);
        if (exported_.camera()) CameraText(exported_, out_).stage();
        input_geometry();
        ChannelsText(exported_, out_).to_input();
        NetText(exported_, out_).write();
        if (exported_.has_golden()) self_test();
        out_.line();
        out_.line(0, "} // namespace ", exported_.name);
        out_.line(0, "#endif");
        return out_.text();
    }

  private:
    void input_geometry() {
        const fixed::InputGeometry g = exported_.layout.input();
        out_.line();
        const bool left = exported_.network.input.shifts_left();
        out_.line(0, "// The input: ",
                  exported_.series() ? "x = clamp((v - offset + 2^(shift-1)) >> shift, -128, 127)" : "x = p >> 1",
                  left ? ", clamp((v - offset) << -shift, -128, 127) if shift <= 0" : "",
                  g.pool_height * g.pool_width > 1 ? text(", then the average over ", g.pool_height, "x", g.pool_width)
                                                   : "",
                  ".");
        out_.line(0, "struct Input : mcu::InputLayer<", count_type(exported_.layout.plan()), "> {");
        out_.line(1, "typedef ", exported_.row_type(), " Raw;");
        if (exported_.layout.plan().picture.pool_sum_bytes == 4) out_.line(1, "typedef int32_t PoolSum;");
        out_.line(1, "static constexpr Count ring = ", g.ring, ", out_height = ", g.out_height,
                  ", out_width = ", g.out_width, ", channels = ", g.channels, ";");
        if (g.pool_height * g.pool_width > 1) {
            out_.line(1, "static constexpr Count pool_height = ", g.pool_height, ", pool_width = ", g.pool_width, ";");
            out_.line(1, "static constexpr uint8_t pool_multiplier = ", g.average.multiplier,
                      ", pool_shift = ", g.average.shift, ";");
        }
        if (exported_.centres) {
            centred_values();
        } else if (exported_.series()) {
            out_.line(1, "static int8_t value(Raw raw, Count channel) {");
            const std::string_view function = left ? "shifted_value" : "series_value";
            out_.line(2, "return mcu::", function,
                      "(raw, mcu::read_flash_16(Tables<void>::input_offsets + 2 * channel),");
            out_.line(2, "            ", std::string(function.size() + 1, ' '),
                      "int8_t(mcu::read_flash(Tables<void>::input_shifts + channel)));");
            out_.line(1, "}");
        } else {
            out_.line(1, "static int8_t value(Raw raw, Count) { return mcu::picture_value(raw); }");
        }
        out_.line(0, "};");
    }

    /// Series whose shifts are constants: values in 16 bits.
    void centred_values() {
        out_.line(1, "static constexpr bool centred = true;");
        out_.line(1, "static const uint8_t* centres() { return Tables<void>::input_centres; }");
        out_.line(1, "template <class Row> static void moment(Row& row) {");
        for (const auto& run : exported_.centres->runs)
            out_.line(2, "row.template run<", int(run.shift), ">(", run.channels, ");");
        out_.line(1, "}");
    }

    void self_test() {
        const int values = exported_.raw().width * exported_.raw().channels;
        out_.line();
        out_.line(0, "/// Runs a sample of the validation data",
                  exported_.numbers() ? "" : text(", of class ", exported_.model.golden.label),
                  ", and compares all logits with those of the host. It costs");
        out_.line(0, "/// nothing unless it is called.");
        out_.line(0, "inline bool self_test(Net& net) {");
        out_.line(1, "net.begin();");
        out_.line(1, "FlashRow sample = {Tables<void>::golden_sample};");
        out_.line(1, "for (uint16_t row = 0; row < ", exported_.rows(), "; ++row, sample += ", values, ") net.",
                  exported_.camera() ? "push_reduced_row" : "push_row", "(sample);");
        out_.line(1, "for (uint16_t i = 0; i < 4 * classes; ++i)");
        out_.line(2, "if (uint8_t(uint32_t(net.logits()[i / 4]) >> (8 * (i % 4))) != "
                     "mcu::read_flash(Tables<void>::golden_logits + i))");
        out_.line(3, "return false;");
        out_.line(1, "return net.finish() != 255;");
        out_.line(0, "}");
    }

    Exported exported_;
    Writer out_;
};

} // namespace detail

namespace detail {
/// Throws Error unless the program is of the model's network, and the model passes fixed::check().
inline void check_program(const fixed::Model& model, const fixed::Program& program) {
    fixed::check(model);
    if (program.network().spec != model.network.spec || program.network().input.series != model.network.input.series)
        throw Error(text("the program is of another network than the model: ", net::notation(program.network().spec),
                         ", not ", net::notation(model.network.spec)));
}
} // namespace detail

/// The text of NAME.h for a model. program: the model's network, encoded. figures: what the header states of a board,
/// from figures_on(), or {}. options: the name is needed; the kernels are in files beside the header in any case.
/// Throws Error if the name is not allowed, for the program of another network, if the model promises sums of 16 bits
/// and has larger ones, and as check_license() and fixed::check() do.
inline std::string header(const fixed::Model& model, const fixed::Program& program, const DeviceFigures& figures,
                          const ExportOptions& options) {
    check_name(options.name);
    if (!options.license.empty()) check_license(options.license);
    detail::check_program(model, program);
    fixed::check_accumulator(program.lowered(), model.accumulator_bits);
    return detail::HeaderText(model, program, figures, options).write();
}

} // namespace tinysparse::deploy
