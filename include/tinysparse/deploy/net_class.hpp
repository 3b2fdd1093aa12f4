// SPDX-License-Identifier: Apache-2.0
// The class of an exported header: it takes a sample row by row and runs the layers.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>

#include "tinysparse/deploy/camera_text.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/numbers.hpp"
#include "tinysparse/deploy/writer.hpp"

namespace tinysparse::deploy::detail {

/// The public functions, then the steps of the layers and their memory.
class NetText {
  public:
    NetText(const Exported& exported, Writer& out) : exported_(exported), out_(out) {}

    void write() {
        out_.line();
        out_.line(0, "/// The network and all memory that it needs. One object can answer any number of times.");
        out_.line(0, "class Net {");
        out_.line(0, "  public:");
        begin();
        push_row();
        answers();
        out_.line();
        out_.line(0, "  private:");
        out_.line(1, "typedef ", count_type(exported_.layout.plan()), " Count;");
        take();
        steps();
        schedule();
        members();
        out_.line(0, "};");
        out_.line(0, "#if defined(__AVR__)");
        out_.line(0, "static_assert(sizeof(Net) == ", exported_.layout.plan().bytes(),
                  ", \"the memory plan and the compiler disagree\");");
        out_.line(0, "#endif");
    }

  private:
    void begin() {
        out_.line(1, "/// Starts a new sample; call it before the first row, and before anything else.");
        out_.line(1, "void begin() {");
        out_.line(2, "for (uint8_t i = 0; i <= ", exported_.network.layers.size(), "; ++i) made_[i] = 0;");
        for (std::size_t i = 0; i < exported_.network.layers.size(); ++i)
            if (exported_.layout.gathers(i) && !exported_.program.layer(i).sets_sums())
                out_.line(2, "mcu::gather_begin(Layer", i + 1, "(), ", sums_of(i), ");");
        if (exported_.camera()) out_.line(2, "place_ = mcu::camera_begin(Camera());");
        out_.line(1, "}");
    }

    void push_row() {
        const int values = exported_.raw().width * exported_.raw().channels;
        if (exported_.camera()) {
            CameraText(exported_, out_).functions();
            out_.line(1, "/// Takes the next row of the reduced picture, ", values, " values 0..255.");
        } else {
            out_.line(1, "/// Takes a piece of a sample, which is a row here.");
            out_.line(1, "void push_piece(const ", exported_.raw_type(), "* row) { push_row(row); }");
            out_.line(1, "/// Takes the next row, ", values, " values; rows after the last are ignored.");
        }
        const std::string push = exported_.camera() ? "push_reduced_row" : "push_row";
        out_.line(1, "void ", push, "(const ", exported_.row_type(), "* row) { take(row); }");
        out_.line(1, "/// The same for a row in program memory.");
        out_.line(1, "void ", push, "(FlashRow row) { take(row); }");
    }

    void answers() {
        const bool numbers = exported_.numbers();
        out_.line(1, numbers
                         ? "/// 0 if value() has the answer; 255 before the last row."
                         : "/// The class with the largest logit, the lowest one on a tie; 255 before the last row.");
        out_.line(1, "uint8_t finish() const { return made_[0] == ", exported_.rows(), " ? ",
                  numbers ? "uint8_t(0)" : "mcu::largest(logits_, classes)", " : uint8_t(255); }");
        out_.line(1, numbers ? "/// The integers from which value() is computed, one for each number."
                             : "/// The scores of the classes, valid after the last row.");
        out_.line(1, "const int32_t* logits() const { return logits_; }");
        if (exported_.has_margin()) confidence();
        if (numbers) {
            NumbersText(exported_, out_).members();
        } else {
            out_.line(1, "/// The answer for a whole ", exported_.sample_word(), " in memory, row after row.");
            out_.line(1, "uint8_t predict(const ", exported_.raw_type(), "* picture) {");
        }
        out_.line(2, "begin();");
        out_.line(2, "for (uint16_t row = 0; row < input_height; ++row, picture += input_width * input_channels) "
                     "push_row(picture);");
        out_.line(2, "return ", numbers ? "value(0)" : "finish()", ";");
        out_.line(1, "}");
        run();
        if (!numbers) class_name();
    }

    void confidence() {
        out_.line(
            1, "/// Confidence of the answer: the largest logit minus the second largest, valid after the last row.");
        out_.line(1, "int32_t margin() const { return mcu::margin(logits_, classes); }");
        if (!exported_.options.confidence) return;
        const mcu::SoftmaxSteps& steps = exported_.options.confidence->steps;
        if (exported_.options.confidence->rejection) {
            out_.line(1,
                      "/// True if there is an answer and its confidence is high enough, by the rule from validation.");
            out_.line(1, "bool accepted() const { return finish() != 255 && margin() >= least_margin; }");
        }
        out_.line(1, "/// Probability of a class in 256ths: 0..256, valid after the last row.");
        out_.line(1, "uint16_t probability(uint8_t index) const {");
        out_.line(2, "return mcu::probability(logits_, classes, index, mcu::SoftmaxSteps{", steps.multiplier, ", ",
                  steps.shift, ", ", steps.reach, "u});");
        out_.line(1, "}");
    }

    void run() {
        out_.line(1, "/// The answer for a ", exported_.sample_word(),
                  " that is never in memory as a whole: read_row(y) returns row y, 0..", exported_.taken().height - 1,
                  ", for");
        out_.line(1, "/// push_row: a pointer to values that are valid until the next call",
                  exported_.camera() ? "" : ", or a FlashRow", ".");
        out_.line(1, "template <class ReadRow> ", exported_.numbers() ? "float" : "uint8_t",
                  " run(ReadRow read_row) {");
        out_.line(2, "begin();");
        out_.line(2, "for (uint16_t y = 0; y < input_height; ++y) push_row(read_row(y));");
        out_.line(2, "return ", exported_.numbers() ? "value(0)" : "finish()", ";");
        out_.line(1, "}");
    }

    void class_name() {
        out_.line(
            1,
            "/// Name of a class, in program memory: on AVR print it as (const __FlashStringHelper*). Empty for 255.");
        out_.line(1, "static const char* class_name(uint8_t index) {");
        out_.line(2, "const char* name = Tables<void>::class_names;");
        out_.line(2, "if (index >= classes) return name + sizeof Tables<void>::class_names - 1;");
        out_.line(2, "for (; index != 0; --index)");
        out_.line(3, "while (mcu::read_flash(reinterpret_cast<const uint8_t*>(name++)) != 0) {}");
        out_.line(2, "return name;");
        out_.line(1, "}");
    }

    void take() {
        out_.line(1, "template <class Row> void take(Row row) {");
        out_.line(2, "if (made_[0] == ", exported_.rows(), ") return;");
        out_.line(2, "mcu::input_row(Input(), row, made_[0], ",
                  exported_.layout.plan().picture.pool_sums > 0 ? "sums0_" : "static_cast<Input::PoolSum*>(nullptr)",
                  ", ", output_of(net::picture), ");");
        out_.line(2, "++made_[0];");
        out_.line(2, "work();");
        out_.line(1, "}");
    }

    /// Expression for the rows of a producer.
    std::string output_of(int producer) const {
        const fixed::Buffers& buffers = exported_.layout.plan().of(producer);
        if (buffers.row_bytes == 0) return "nullptr";
        if (buffers.scratch) return buffers.offset == 0 ? "scratch_" : text("scratch_ + ", buffers.offset);
        return text("rows", producer + 1, "_");
    }
    std::string rows_of(int producer) const {
        const int divisor = exported_.layout.rows_made_for_each(producer);
        const std::string made = text("made_[", producer + 1, "]");
        if (divisor == 1) return made;
        if (producer != net::picture && exported_.layout.gathers(std::size_t(producer)))
            return text("Count(", made, " == ", divisor, ")");
        return text("Count(", made, " / ", divisor, ")");
    }

    std::string sums_of(std::size_t index) const {
        return net::is_output(exported_.network.spec, index) ? std::string("logits_") : text("sums", index + 1, "_");
    }

    void steps() {
        for (std::size_t i = 0; i < exported_.network.layers.size(); ++i) {
            const net::Layer& spec = exported_.network.spec.layers[i];
            const fixed::Buffers& own = exported_.layout.plan().layers[i];
            const bool residual = spec.residual != net::none;
            const bool gathers = exported_.layout.gathers(i);
            const std::string rows = rows_of(spec.input), residual_rows = residual ? rows_of(spec.residual) : "0";
            out_.line(1, "TINYSPARSE_NOINLINE ", gathers ? "bool step" : "void make", i + 1, "() {");
            out_.line(2, "const mcu::Streams<Layer", i + 1, "> streams = {", output_of(spec.input), ", ", rows, ", ",
                      residual ? output_of(spec.residual) : "nullptr", ", ", residual_rows, ", ", output_of(int(i)),
                      ", ", own.pool_sums > 0 ? text("sums", i + 1, "_") : "nullptr", "};");
            if (gathers)
                out_.line(2, "return mcu::gather_step(Layer", i + 1, "(), made_[", i + 1, "], ", sums_of(i),
                          ", streams);");
            else
                out_.line(2, "mcu::window_make<mcu::", exported_.layers[i].row_maker(), ">(Layer", i + 1, "(), made_[",
                          i + 1, "], streams);");
            out_.line(1, "}");
            if (gathers) continue;
            out_.line(1, "bool step", i + 1, "() {");
            out_.line(2, "if (!mcu::window_ready(Layer", i + 1, "(), made_[", i + 1, "], ", rows, ", ", residual_rows,
                      ")) return false;");
            out_.line(2, "make", i + 1, "();");
            out_.line(2, "return true;");
            out_.line(1, "}");
        }
    }

    void schedule() {
        out_.line(1, "/// The deepest layer that can make a row does so, until none can.");
        out_.line(1, "void work() {");
        out_.line(2, "for (uint8_t layer = ", exported_.layout.last_reader(net::picture) + 1,
                  "; layer != 0;) switch (layer) {");
        for (std::size_t i = 0; i < exported_.network.layers.size(); ++i) {
            out_.line(2, "case ", i + 1, ":");
            const int next = std::max(int(i), exported_.layout.last_reader(int(i)));
            out_.line(3, "layer = step", i + 1, "() ? ", next + 1, " : ", i, ";");
            out_.line(3, "break;");
        }
        out_.line(2, "}");
        out_.line(1, "}");
        out_.line();
    }

    void members() {
        const fixed::Plan& plan = exported_.layout.plan();
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
        if (exported_.camera()) CameraText(exported_, out_).members();
        if (plan.scratch_bytes > 0)
            out_.line(1, "int8_t scratch_[", plan.scratch_bytes, "]; // rows that live for one step, overlapping");
    }

    const Exported& exported_;
    Writer& out_;
};

} // namespace tinysparse::deploy::detail
