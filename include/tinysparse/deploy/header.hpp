// SPDX-License-Identifier: Apache-2.0
// Turns a trained network into one C++11 header: weights in program memory, the geometry of each layer as constants for
// the kernels of mcu/, and a class that takes a picture row by row.
#pragma once
#include <algorithm>
#include <cassert>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/deploy/digest.hpp"
#include "tinysparse/deploy/layer_text.hpp"
#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/version.hpp"

namespace tinysparse::deploy {

/// What the device needs of its chip, as constants in the header. Nothing where it is not known.
struct DeviceFigures {
    std::optional<std::size_t> ram_bytes, flash_bytes;
    std::optional<std::uint64_t> cycles;
    std::string target; ///< Whose figures these are.
};

/// Throws Error unless the name can be a namespace and a file name:
/// a letter, then letters, digits and single underscores.
inline void check_name(std::string_view name) {
    static const std::set<std::string_view> taken = {
        "alignas",    "alignof", "and",      "and_eq",    "asm",       "auto",     "bitand",   "bitor",     "bool",
        "break",      "case",    "catch",    "char",      "class",     "compl",    "const",    "constexpr", "continue",
        "decltype",   "default", "delete",   "do",        "double",    "else",     "enum",     "explicit",  "export",
        "extern",     "false",   "float",    "for",       "friend",    "goto",     "if",       "inline",    "int",
        "long",       "main",    "mutable",  "namespace", "new",       "noexcept", "not",      "not_eq",    "nullptr",
        "operator",   "or",      "or_eq",    "private",   "protected", "public",   "register", "return",    "short",
        "signed",     "sizeof",  "static",   "std",       "struct",    "switch",   "template", "this",      "throw",
        "tinysparse", "true",    "try",      "typedef",   "typeid",    "typename", "union",    "unsigned",  "using",
        "virtual",    "void",    "volatile", "while",     "xor",       "xor_eq",   "bit",      "byte",      "word",
        "loop",       "setup",   "net",      "row",       "send",      "receive",  "test",     "clean",     "upload",
        "int8_t",     "int16_t", "int32_t",  "int64_t",   "uint8_t",   "uint16_t", "uint32_t", "uint64_t",  "size_t",
        "abs",        "printf"};
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    bool good = !name.empty() && letter(name[0]) && name.size() <= 60 && name.find("__") == std::string_view::npos &&
                !taken.contains(name);
    for (const char c : name) good = good && (letter(c) || (c >= '0' && c <= '9') || c == '_');
    if (!good)
        throw Error(text("'", name,
                         "' cannot be the name of an exported network; use a letter, then letters, digits and single"
                         " underscores, and no word of C++ or of the program beside it"));
}

namespace detail {

class HeaderText {
  public:
    HeaderText(const fixed::Model& model, const fixed::Program& program, std::string_view name,
               const DeviceFigures& figures)
        : model_(model), program_(program), network_(program.network()), name_(name), figures_(figures),
          layout_(program.layout()) {
        for (std::size_t i = 0; i < program.size(); ++i) layers_.emplace_back(program, i);
    }

    std::string write() {
        if (layout_.plan().classes > 255)
            throw Error(text("the network has ", layout_.plan().classes,
                             " classes; a device answers with one byte, at most 255"));
        opening();
        constants();
        tables();
        for (const LayerText& layer : layers_) layer.write(out_);
        input_geometry();
        net_class();
        if (has_golden()) self_test();
        out_.line();
        out_.line(0, "} // namespace ", name_);
        out_.line(0, "#endif");
        return out_.text();
    }

  private:
    bool series() const { return network_.input.series; }
    std::string raw_type() const { return series() ? "int16_t" : "uint8_t"; }
    std::string count_type() const { return layout_.plan().counter_bytes == 1 ? "uint8_t" : "uint16_t"; }
    bool has_golden() const { return !model_.golden.logits.empty(); }
    const net::Shape& raw() const { return network_.spec.input; }

    void opening() {
        const auto share = [](const std::optional<double>& value) {
            return value ? text(fixed_decimals(100 * *value, 2), " %") : std::string("not measured");
        };
        const int values = raw().width * raw().channels; // of a row
        out_.line(0, "// ", name_, ".h: a neural network for microcontrollers, written by tinysparse ",
                  TINYSPARSE_VERSION_STRING, ". Do not edit it; export it again.");
        out_.line(0, "//");
        out_.line(0, "//   ", name_, "::Net net;                     all its memory: sizeof(", name_,
                  "::Net) bytes, no heap");
        out_.line(0, "//   net.begin();                         before every ", series() ? "series" : "picture");
        out_.line(0, "//   net.push_row(row);                   ", raw().height, raw().height == 1 ? " time" : " times",
                  series() ? ": one moment, " : ", from the top: ", values, values == 1 ? " value" : " values", " of ",
                  raw_type(),
                  series()             ? ", the channels one after another"
                  : raw().channels > 1 ? ", the channels of a pixel side by side"
                                       : "",
                  series() ? "" : ", 0..255");
        out_.line(0, "//   uint8_t answer = net.finish();       the class, 0..", layout_.plan().classes - 1,
                  "; 255 while rows are missing");
        out_.line(0, "// Values are taken raw, as in the data set; all scaling is inside.");
        out_.line(0, "//");
        out_.line(0, "// network    ", net::notation(network_.spec));
        out_.line(0, "// accuracy   test ", share(model_.test_accuracy), ", validation ",
                  share(model_.validation_accuracy), " (this integer network), validation in float ",
                  share(model_.float_accuracy));
        out_.line(0, "// data       ", comment_text(model_.data), ", digest ", hexadecimal(model_.data_digest));
        out_.line(0, "// training   ", model_.epochs, " epochs, seed ", model_.seed);
        out_.line(0, "// command    ", comment_text(model_.command));
        out_.line(0, "#ifndef TINYSPARSE_EXPORT_", name_, "_H");
        out_.line(0, "#define TINYSPARSE_EXPORT_", name_, "_H");
        out_.line(0, "#include \"tinysparse/mcu.hpp\"");
        out_.line(0, "#ifdef __AVR__");
        out_.line(0, "#include <avr/io.h>");
        out_.line(0, "#endif");
        out_.line(0, "#ifdef ", name_);
        out_.line(0, "#error \"", name_, " is a macro here: export the network with another --name\"");
        out_.line(0, "#endif");
        out_.line();
        out_.line(0, "namespace ", name_, " {");
        out_.line(0, "namespace mcu = tinysparse::mcu::", inline_namespace, ";");
        out_.line();
    }

    void constants() {
        out_.line(0, "constexpr uint16_t input_height = ", raw().height, ", input_width = ", raw().width,
                  ", input_channels = ", raw().channels, ";");
        out_.line(0, "constexpr uint8_t classes = ", layout_.plan().classes, ";");
        out_.line(0, "constexpr uint64_t digest = 0x", hexadecimal(network_digest(network_)), "ull; // of the network");
        if (figures_.ram_bytes) {
            out_.line(0, "// On ", figures_.target,
                      ", estimated: sizeof(Net) and the stack below begin, push_row and finish; code and");
            out_.line(0, "// weights with the reference program of the export; all the work for one answer.");
            out_.line(0, "constexpr uint16_t ram_bytes = ", *figures_.ram_bytes, ";");
        }
        if (figures_.flash_bytes) out_.line(0, "constexpr uint32_t flash_bytes = ", *figures_.flash_bytes, ";");
        if (figures_.cycles) out_.line(0, "constexpr uint32_t cycles = ", *figures_.cycles, ";");
        out_.line();
    }

    /// Declarations of a class template, then its definitions: so two translation units may include this header.
    void tables() {
        struct Table {
            std::string type, name, comment;
            std::vector<std::uint8_t> bytes;
        };
        std::vector<Table> all;
        for (std::size_t i = 0; i < network_.layers.size(); ++i) {
            const fixed::Layer& layer = network_.layers[i];
            if (layers_[i].has_weight_table())
                all.push_back({"uint8_t", text("weights", i + 1), "", program_.layer(i).weights});
            if (!layers_[i].has_bias_table()) continue;
            std::vector<std::uint8_t> bytes;
            for (const std::int16_t bias : layer.biases)
                for (int byte = 0; byte < layer.bias_bytes; ++byte) bytes.push_back(std::uint8_t(bias >> (8 * byte)));
            all.push_back({"uint8_t", text("biases", i + 1), "", std::move(bytes)});
        }
        if (series()) {
            std::vector<std::uint8_t> offsets, shifts(network_.input.shift);
            for (const std::int16_t offset : network_.input.offset)
                for (int byte = 0; byte < 2; ++byte) offsets.push_back(std::uint8_t(offset >> (8 * byte)));
            all.push_back({"uint8_t", "input_offsets", "", std::move(offsets)});
            all.push_back({"uint8_t", "input_shifts", "", std::move(shifts)});
        }
        if (has_golden()) {
            std::vector<std::uint8_t> sample(model_.golden.picture), logits;
            for (const std::int16_t value : model_.golden.series)
                for (int byte = 0; byte < 2; ++byte) sample.push_back(std::uint8_t(value >> (8 * byte)));
            for (const std::int32_t logit : model_.golden.logits)
                for (int byte = 0; byte < 4; ++byte) logits.push_back(std::uint8_t(logit >> (8 * byte)));
            all.push_back({"uint8_t", "golden_sample", "", std::move(sample)});
            all.push_back({"uint8_t", "golden_logits", "", std::move(logits)});
        }
        out_.line(0, "// In program memory. Weights stand in the order of use; numbers of two and four bytes "
                     "low byte first.");
        out_.line(0, "template <class Unused> struct Tables {");
        for (const Table& table : all)
            out_.line(1, "static const uint8_t ", table.name, "[", table.bytes.size(), "] TINYSPARSE_FLASH;");
        out_.line(1, "static const char class_names[", class_name_bytes(), "] TINYSPARSE_FLASH;");
        out_.line(0, "};");
        for (const Table& table : all) {
            out_.line(0, "template <class Unused>");
            out_.line(0, "const uint8_t Tables<Unused>::", table.name, "[", table.bytes.size(), "] = {");
            out_.values<std::uint8_t>(1, table.bytes);
            out_.line(0, "};");
        }
        out_.line(0, "template <class Unused>");
        out_.line(0, "const char Tables<Unused>::class_names[", class_name_bytes(), "] =");
        for (int i = 0; i < layout_.plan().classes; ++i)
            out_.line(1, "\"", literal_text(class_name(i)), i + 1 < layout_.plan().classes ? "\\0\"" : "\";");
    }

    std::string class_name(int index) const {
        return std::size_t(index) < model_.class_names.size() ? model_.class_names[std::size_t(index)] : text(index);
    }
    std::size_t class_name_bytes() const {
        std::size_t bytes = 0;
        for (int i = 0; i < layout_.plan().classes; ++i) bytes += class_name(i).size() + 1;
        return bytes;
    }

    void input_geometry() {
        const fixed::InputGeometry g = layout_.input();
        out_.line();
        out_.line(
            0, "// The input: ", series() ? "x = clamp((v - offset + 2^(shift-1)) >> shift, -128, 127)" : "x = p >> 1",
            g.pool_height * g.pool_width > 1 ? text(", then the average over ", g.pool_height, "x", g.pool_width) : "",
            ".");
        out_.line(0, "struct Input : mcu::InputLayer<", count_type(), "> {");
        out_.line(1, "typedef ", raw_type(), " Raw;");
        if (layout_.plan().picture.pool_sum_bytes == 4) out_.line(1, "typedef int32_t PoolSum;");
        out_.line(1, "static constexpr Count ring = ", g.ring, ", out_height = ", g.out_height,
                  ", out_width = ", g.out_width, ", channels = ", g.channels, ";");
        if (g.pool_height * g.pool_width > 1) {
            out_.line(1, "static constexpr Count pool_height = ", g.pool_height, ", pool_width = ", g.pool_width, ";");
            out_.line(1, "static constexpr uint8_t pool_multiplier = ", g.average.multiplier,
                      ", pool_shift = ", g.average.shift, ";");
        }
        if (series()) {
            out_.line(1, "static int8_t value(Raw raw, Count channel) {");
            out_.line(2,
                      "return mcu::series_value(raw, mcu::read_flash_16(Tables<void>::input_offsets + 2 * channel),");
            out_.line(2, "                         mcu::read_flash(Tables<void>::input_shifts + channel));");
            out_.line(1, "}");
        } else {
            out_.line(1, "static int8_t value(Raw raw, Count) { return mcu::picture_value(raw); }");
        }
        out_.line(0, "};");
    }

    /// Where the rows of a producer lie.
    std::string output_of(int producer) const {
        const fixed::Buffers& buffers = layout_.plan().of(producer);
        if (buffers.row_bytes == 0) return "nullptr";
        if (buffers.scratch) return buffers.offset == 0 ? "scratch_" : text("scratch_ + ", buffers.offset);
        return text("rows", producer + 1, "_");
    }
    std::string rows_of(int producer) const {
        const int divisor = layout_.rows_made_for_each(producer);
        const std::string made = text("made_[", producer + 1, "]");
        if (divisor == 1) return made;
        if (producer != net::picture && layout_.gathers(std::size_t(producer)))
            return text("Count(", made, " == ", divisor, ")");
        return text("Count(", made, " / ", divisor, ")");
    }

    void net_class() {
        const fixed::Plan& plan = layout_.plan();
        out_.line();
        out_.line(0, "/// The network and all memory that it needs. One object can answer any number of times.");
        out_.line(0, "class Net {");
        out_.line(0, "  public:");
        out_.line(1, "/// Forgets everything; call it before the first row.");
        out_.line(1, "void begin() {");
        out_.line(2, "for (uint8_t i = 0; i <= ", network_.layers.size(), "; ++i) made_[i] = 0;");
        for (std::size_t i = 0; i < network_.layers.size(); ++i)
            if (layout_.gathers(i) && !program_.layer(i).sets_sums())
                out_.line(2, "mcu::gather_begin(Layer", i + 1, "(), ", sums_of(i), ");");
        out_.line(1, "}");
        out_.line(1, "/// Takes the next row, ", raw().width * raw().channels,
                  " values; rows after the last are ignored.");
        out_.line(1, "void push_row(const ", raw_type(), "* row) {");
        out_.line(2, "if (made_[0] == input_height) return;");
        out_.line(2, "mcu::input_row(Input(), row, made_[0], ",
                  plan.picture.pool_sums > 0 ? "sums0_" : "static_cast<Input::PoolSum*>(nullptr)", ", ",
                  output_of(net::picture), ");");
        out_.line(2, "++made_[0];");
        out_.line(2, "run();");
        out_.line(1, "}");
        out_.line(1, "/// The class with the largest logit, the lowest one on a tie; 255 before the last row.");
        out_.line(1, "uint8_t finish() const { return made_[0] == input_height ? mcu::largest(logits_, classes) : "
                     "uint8_t(255); }");
        out_.line(1, "/// What the classes scored, valid after the last row.");
        out_.line(1, "const int32_t* logits() const { return logits_; }");
        out_.line(1, "/// The answer for a whole ", series() ? "series" : "picture", " in memory, row after row.");
        out_.line(1, "uint8_t predict(const ", raw_type(), "* picture) {");
        out_.line(2, "begin();");
        out_.line(2, "for (uint16_t row = 0; row < input_height; ++row, picture += input_width * input_channels) "
                     "push_row(picture);");
        out_.line(2, "return finish();");
        out_.line(1, "}");
        out_.line(1, "/// Name of a class, in program memory: on AVR print it as (const __FlashStringHelper*).");
        out_.line(1, "static const char* class_name(uint8_t index) {");
        out_.line(2, "const char* name = Tables<void>::class_names;");
        out_.line(2, "for (; index != 0; --index)");
        out_.line(3, "while (mcu::read_flash(reinterpret_cast<const uint8_t*>(name++)) != 0) {}");
        out_.line(2, "return name;");
        out_.line(1, "}");
        out_.line();
        out_.line(0, "  private:");
        out_.line(1, "typedef ", count_type(), " Count;");
        steps();
        schedule();
        members();
        out_.line(0, "};");
        out_.line(0, "#if defined(__AVR__)");
        out_.line(0, "static_assert(sizeof(Net) == ", plan.bytes(),
                  ", \"the memory plan and the compiler disagree\");");
        out_.line(0, "#endif");
    }

    std::string sums_of(std::size_t index) const {
        return net::is_output(network_.spec, index) ? std::string("logits_") : text("sums", index + 1, "_");
    }

    void steps() {
        for (std::size_t i = 0; i < network_.layers.size(); ++i) {
            const net::Layer& spec = network_.spec.layers[i];
            const fixed::Buffers& own = layout_.plan().layers[i];
            const bool residual = spec.residual != net::none;
            out_.line(1, "TINYSPARSE_NOINLINE bool step", i + 1, "() {");
            out_.line(2, "const mcu::Streams<Layer", i + 1, "> streams = {", output_of(spec.input), ", ",
                      rows_of(spec.input), ", ", residual ? output_of(spec.residual) : "nullptr", ", ",
                      residual ? rows_of(spec.residual) : "0", ", ", output_of(int(i)), ", ",
                      own.pool_sums > 0 ? text("sums", i + 1, "_") : "nullptr", "};");
            if (layout_.gathers(i))
                out_.line(2, "return mcu::gather_step(Layer", i + 1, "(), made_[", i + 1, "], ", sums_of(i),
                          ", streams);");
            else
                out_.line(2, "return mcu::window_step<mcu::", layers_[i].row_maker(), ">(Layer", i + 1, "(), made_[",
                          i + 1, "], streams);");
            out_.line(1, "}");
        }
    }

    void schedule() {
        out_.line(1, "/// The deepest layer that can make a row makes it, until none can.");
        out_.line(1, "void run() {");
        out_.line(2, "for (uint8_t layer = ", layout_.last_reader(net::picture) + 1, "; layer != 0;) switch (layer) {");
        for (std::size_t i = 0; i < network_.layers.size(); ++i) {
            out_.line(2, "case ", i + 1, ":");
            const int next = std::max(int(i), layout_.last_reader(int(i)));
            out_.line(3, "layer = step", i + 1, "() ? ", next + 1, " : ", i, ";");
            out_.line(3, "break;");
        }
        out_.line(2, "}");
        out_.line(1, "}");
        out_.line();
    }

    void members() {
        const fixed::Plan& plan = layout_.plan();
        out_.line(1, "int32_t logits_[classes];");
        for (std::size_t i = 0; i < plan.layers.size(); ++i)
            if (plan.layers[i].sums > 0) out_.line(1, "int32_t sums", i + 1, "_[", plan.layers[i].sums, "];");
        for (const std::size_t bytes : {std::size_t{4}, std::size_t{2}})
            for (int producer = net::picture; producer < int(plan.layers.size()); ++producer) {
                const fixed::Buffers& own = plan.of(producer);
                if (own.pool_sums > 0 && own.pool_sum_bytes == bytes)
                    out_.line(1, "int", 8 * bytes, "_t sums", producer + 1, "_[", own.pool_sums,
                              "]; // unfinished averages");
            }
        out_.line(1, "Count made_[", plan.layers.size() + 1, "]; // rows of the input, then of each layer's operation");
        for (int producer = net::picture; producer < int(plan.layers.size()); ++producer) {
            const fixed::Buffers& own = plan.of(producer);
            if (own.row_bytes > 0 && !own.scratch)
                out_.line(1, "int8_t rows", producer + 1, "_[", own.ring, " * ", own.row_bytes, "];");
        }
        if (plan.scratch_bytes > 0)
            out_.line(1, "int8_t scratch_[", plan.scratch_bytes, "]; // rows that live for one step, over each other");
    }

    void self_test() {
        const int values = raw().width * raw().channels;
        out_.line();
        out_.line(0, "/// Runs a sample of the validation data, of class ", model_.golden.label,
                  ", and compares all logits with those of the host. Costs nothing");
        out_.line(0, "/// where it is not called.");
        out_.line(0, "inline bool self_test(Net& net) {");
        out_.line(1, "net.begin();");
        out_.line(1, "const uint8_t* sample = Tables<void>::golden_sample;");
        out_.line(1, "for (uint16_t row = 0; row < input_height; ++row) {");
        out_.line(2, raw_type(), " values[", values, "];");
        if (series())
            out_.line(2, "for (uint16_t i = 0; i < ", values,
                      "; ++i, sample += 2) values[i] = mcu::read_flash_16(sample);");
        else
            out_.line(2, "for (uint16_t i = 0; i < ", values, "; ++i) values[i] = mcu::read_flash(sample++);");
        out_.line(2, "net.push_row(values);");
        out_.line(1, "}");
        out_.line(1, "for (uint16_t i = 0; i < 4 * classes; ++i)");
        out_.line(2, "if (uint8_t(uint32_t(net.logits()[i / 4]) >> (8 * (i % 4))) != "
                     "mcu::read_flash(Tables<void>::golden_logits + i))");
        out_.line(3, "return false;");
        out_.line(1, "return net.finish() != 255;");
        out_.line(0, "}");
    }

    const fixed::Model& model_;
    const fixed::Program& program_;
    const fixed::Network& network_;
    std::string name_;
    const DeviceFigures& figures_;
    const fixed::Layout& layout_;
    std::vector<LayerText> layers_;
    Writer out_;
};

} // namespace detail

/// NAME.h for a model. program: of the model's network. Throws Error where the name cannot be one.
inline std::string header(const fixed::Model& model, const fixed::Program& program, std::string_view name,
                          const DeviceFigures& figures = {}) {
    check_name(name);
    return detail::HeaderText(model, program, name, figures).write();
}

} // namespace tinysparse::deploy
