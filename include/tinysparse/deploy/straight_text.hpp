// SPDX-License-Identifier: Apache-2.0
// A straight line as text: the function of a layer whose nonzero weights are operands of its code, in the words of
// mcu/straight.hpp.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/fixed/straight.hpp"

namespace tinysparse::deploy::detail {

class StraightText {
  public:
    StraightText(const fixed::StraightLine& line, const fixed::Layout& layout, const fixed::Layer& layer,
                 std::size_t index)
        : line_(line), layout_(layout), layer_(layer), index_(index) {}

    /// As members of the layer's description.
    void write(Writer& out) const {
        if (layout_.gathers(index_))
            rows(out);
        else
            position(out);
    }

  private:
    void rows(Writer& out) const {
        const bool several = line_.parts.size() > 1;
        // A layer without any weight has no use for what it is given.
        bool reads = false, writes = false;
        for (const std::vector<fixed::StraightGroup>& groups : line_.parts) {
            writes |= !groups.empty();
            reads |= met(groups);
        }
        out.line(1, "static TINYSPARSE_NOINLINE void row(const int8_t*", reads ? " x" : "", ", Count",
                 several ? " row" : "", ", int32_t*", writes ? " sums" : "", ") {");
        if (several) out.line(2, "switch (row) {");
        for (std::size_t row = 0; row < line_.parts.size(); ++row) {
            if (several) out.line(2, "case ", row, ":");
            for (const fixed::StraightGroup& group : line_.parts[row]) gathered(out, several ? 3 : 2, group, row);
            if (several) out.line(3, "break;");
        }
        if (several) out.line(2, "}");
        out.line(1, "}");
    }

    void gathered(Writer& out, int level, const fixed::StraightGroup& group, std::size_t row) const {
        const bool sets = line_.sets && row == 0, wide = line_.sums == fixed::StraightSums::wide;
        out.line(level, "{ // output", numbers(group.outputs));
        begin(out, level + 1, group, sets);
        for (const fixed::StraightBlock& block : group.blocks) products(out, level + 1, group, block, "x");
        if (sets && !wide) // of neighbouring outputs, since all are there
            out.line(level + 1, "TINYSPARSE_SET(", group.outputs.size(), ", sums + ", group.outputs[0], ")");
        else
            for (std::size_t i = 0; i < group.outputs.size(); ++i)
                out.line(level + 1, "sums[", group.outputs[i], "] ", sets ? "=" : "+=", " s", i, ";");
        out.line(level, "}");
    }

    void position(Writer& out) const {
        const fixed::WindowGeometry g = layout_.window(index_, 1);
        const std::string name = text("Layer", index_ + 1);
        const bool clips = g.pad_top > 0 || (g.rows - 1) * g.stride - g.pad_top + g.kernel_height > g.in_height;
        out.line(1, "static TINYSPARSE_INLINE void position(const mcu::StraightPlace<", name, ">&",
                 met(line_.parts[0]) ? " place" : "", ", mcu::BlockTarget<", name, "> target) {");
        for (const fixed::StraightGroup& group : line_.parts[0]) {
            out.line(2, "{ // output", numbers(group.outputs));
            begin(out, 3, group, true);
            for (const fixed::StraightBlock& block : group.blocks) {
                const std::string row = clips ? text("place.meets_row(", block.row, ")") : "",
                                  column = block.column >= 0 ? text("place.meets_column(", block.column, ")") : "";
                const std::string both = text(row, row.empty() || column.empty() ? "" : " && ", column);
                if (!both.empty()) out.line(3, "if (", both, ")");
                products(out, both.empty() ? 3 : 4, group, block, text("place.row(", block.row, ")"));
            }
            for (std::size_t i = 0; i < group.outputs.size(); ++i)
                out.line(3, "mcu::finish_position(", name, "(), s", i, ", target);");
            out.line(2, "}");
        }
        out.line(1, "}");
    }

    /// Whether any value of the input is read.
    static bool met(const std::vector<fixed::StraightGroup>& groups) {
        return std::any_of(groups.begin(), groups.end(), [](const auto& group) { return !group.blocks.empty(); });
    }

    /// Outputs as people count them.
    static std::string numbers(const std::vector<int>& outputs) {
        std::string all = outputs.size() > 1 ? "s" : "";
        for (std::size_t i = 0; i < outputs.size(); ++i) all += text(i == 0 ? " " : ", ", outputs[i] + 1);
        return all;
    }

    void begin(Writer& out, int level, const fixed::StraightGroup& group, bool with_bias) const {
        std::vector<std::string> sums;
        for (std::size_t i = 0; i < group.outputs.size(); ++i) {
            const int first = with_bias ? fixed::first_sum(layer_, group.outputs[i]) : 0;
            sums.push_back(text("s", i, " = ", first, i + 1 < group.outputs.size() ? "," : ";"));
        }
        out.line(level, line_.sums == fixed::StraightSums::wide ? "mcu::Int24 " : "int16_t ", join(sums, " "));
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

    /// A line for each value of the input, longer ones broken.
    void products(Writer& out, int level, const fixed::StraightGroup& group, const fixed::StraightBlock& block,
                  const std::string& input) const {
        const char* language = line_.sums == fixed::StraightSums::wide       ? "WIDE"
                               : line_.sums == fixed::StraightSums::products ? "PRODUCTS"
                               : line_.signed_input                          ? "SIGNED_SIGNS"
                                                                             : "SIGNS";
        out.line(level, "TINYSPARSE_", language, "(", group.outputs.size(), ", ", input, ",");
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
