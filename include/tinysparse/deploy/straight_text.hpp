// SPDX-License-Identifier: Apache-2.0
// Straight-line code as text: the function of a layer whose nonzero weights are operands of its instructions, in the
// macros of mcu/straight.hpp.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/fixed/program.hpp"

namespace tinysparse::deploy::detail {

class StraightText {
  public:
    /// index: of a layer with straight-line code.
    StraightText(const fixed::Program& program, std::size_t index)
        : line_(*program.line(index)), layout_(program.layout()), layer_(program.lowered().layer(index)),
          index_(index) {}

    /// Written as members of the layer's description.
    void write(Writer& out) const {
        if (layout_.gathers(index_))
            rows(out);
        else
            position(out);
    }

  private:
    void rows(Writer& out) const {
        const bool several = layout_.gather(index_).in_height > 1;
        out.line(1, "static TINYSPARSE_NOINLINE void row(const int8_t*", reads() ? " x" : "", ", Count",
                 several && reads() ? " row" : "", ", int32_t* sums) {");
        for (const fixed::StraightGroup& group : line_.groups) {
            out.line(2, "{ // output", numbers(group));
            begin(out, group, line_.sets);
            const bool chooses = several && !group.blocks.empty();
            if (chooses) {
                out.line(3, "TINYSPARSE_HOLD(", group.outputs, ")");
                out.line(3, "switch (row) {");
            }
            for (const fixed::StraightBlock& block : group.blocks) {
                if (several) out.line(3, "case ", block.row, ":");
                products(out, several ? 4 : 3, group, block, "x");
                if (several) out.line(4, "break;");
            }
            if (chooses) out.line(3, "}");
            if (line_.sets && line_.sums != fixed::StraightSums::wide)
                out.line(3, "TINYSPARSE_SET(", group.outputs, ", sums + ", group.first, ")");
            else
                for (std::size_t i = 0; i < group.outputs; ++i)
                    out.line(3, "sums[", group.first + i, "] ", line_.sets ? "=" : "+=", " s", i, ";");
            out.line(2, "}");
        }
        out.line(1, "}");
    }

    void position(Writer& out) const {
        const fixed::WindowGeometry g = layout_.window(index_, 1);
        const std::string name = text("Layer", index_ + 1);
        const bool clips = g.pad_top > 0 || (g.rows - 1) * g.stride - g.pad_top + g.kernel_height > g.in_height;
        out.line(1, "static TINYSPARSE_INLINE void position(const mcu::StraightPlace&", reads() ? " place" : "",
                 ", mcu::PositionTarget<", name, "> target) {");
        for (const fixed::StraightGroup& group : line_.groups) {
            out.line(2, "{ // output", numbers(group));
            begin(out, group, true);
            for (std::size_t i = 0; i < group.blocks.size(); ++i) {
                const fixed::StraightBlock& block = group.blocks[i];
                if (i == 0 || group.blocks[i - 1].row != block.row) {
                    out.line(3, clips ? text("if (place.meets_row(", block.row, ")) {") : "{");
                    out.line(4, "const int8_t* const x = place.row(", block.row, ");");
                }
                if (block.column >= 0) out.line(4, "if (place.meets_column(", block.column, "))");
                products(out, block.column >= 0 ? 5 : 4, group, block, "x");
                if (i + 1 == group.blocks.size() || group.blocks[i + 1].row != block.row) out.line(3, "}");
            }
            for (std::size_t i = 0; i < group.outputs; ++i)
                out.line(3, "mcu::finish_position(", name, "(), s", i, ", target);");
            out.line(2, "}");
        }
        out.line(1, "}");
    }

    /// Whether any value of the input is read: a layer without weights does not use it.
    bool reads() const {
        return std::any_of(line_.groups.begin(), line_.groups.end(),
                           [](const fixed::StraightGroup& group) { return !group.blocks.empty(); });
    }

    /// Outputs numbered from 1, as people count them.
    static std::string numbers(const fixed::StraightGroup& group) {
        return group.outputs == 1 ? text(" ", group.first + 1)
                                  : text("s ", group.first + 1, " to ", group.first + group.outputs);
    }

    void begin(Writer& out, const fixed::StraightGroup& group, bool with_bias) const {
        std::vector<std::string> sums;
        for (std::size_t i = 0; i < group.outputs; ++i) {
            const int first = with_bias ? fixed::first_sum(layer_, group.first + i) : 0;
            sums.push_back(text("s", i, " = ", first, i + 1 < group.outputs ? "," : ";"));
        }
        out.line(3, line_.sums == fixed::StraightSums::wide ? "mcu::Int24 " : "int16_t ", join(sums, " "));
    }

    std::string word(const fixed::StraightStep& step) const {
        using Step = fixed::StraightStep;
        const bool signs = line_.sums == fixed::StraightSums::signs, wide = line_.sums == fixed::StraightSums::wide;
        const auto called = [&] {
            switch (step.kind) {
            case Step::move:
                return signs ? "SIGNS_MOVE" : "MOVE";
            case Step::value:
                return !signs ? "VALUE" : line_.signed_input ? "SIGNED_PLAIN" : "PLAIN";
            case Step::add:
                return signs ? "PLUS" : "ADD";
            case Step::subtract:
                return signs ? "MINUS" : "SUBTRACT";
            case Step::times:
                return wide ? "WIDE_TIMES" : "TIMES";
            case Step::add_product:
                return wide ? "WIDE_ADD" : "ADD_PRODUCT";
            default:
                return wide ? "WIDE_SUBTRACT" : "SUBTRACT_PRODUCT";
            }
        };
        return text("TINYSPARSE_", called(), "(", step.operand, ")");
    }

    /// One line for each value of the input; longer ones are broken.
    void products(Writer& out, int level, const fixed::StraightGroup& group, const fixed::StraightBlock& block,
                  const std::string& input) const {
        const char* language = line_.sums == fixed::StraightSums::wide       ? "WIDE"
                               : line_.sums == fixed::StraightSums::products ? "PRODUCTS"
                               : line_.signed_input                          ? "SIGNED_SIGNS"
                                                                             : "SIGNS";
        out.line(level, "TINYSPARSE_", language, "(", group.outputs, ", ", input, ",");
        std::string row;
        const auto flush = [&](bool last) {
            if (!row.empty()) out.line(level + 1, row, last ? ")" : "");
            row.clear();
        };
        for (const fixed::StraightStep& step : block.steps) {
            const std::string next = word(step);
            const bool begins = step.kind == fixed::StraightStep::value || step.kind == fixed::StraightStep::move;
            if (begins || std::size_t(4 * level + 4) + row.size() + 1 + next.size() > 116) flush(false);
            row += (row.empty() ? "" : " ") + next;
        }
        flush(true);
    }

    const fixed::StraightLine& line_;
    const fixed::Layout& layout_;
    const fixed::Layer& layer_;
    std::size_t index_;
};

} // namespace tinysparse::deploy::detail
