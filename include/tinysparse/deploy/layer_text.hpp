// SPDX-License-Identifier: Apache-2.0
// One layer of an exported header: its geometry as constants, with the names that the kernels of mcu/ use.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>

#include "tinysparse/deploy/straight_text.hpp"
#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/version.hpp"

#define TINYSPARSE_TEXT_OF(value) #value
#define TINYSPARSE_VERSION_NAMESPACE(major, minor) "v" TINYSPARSE_TEXT_OF(major) "_" TINYSPARSE_TEXT_OF(minor)

namespace tinysparse::deploy::detail {

/// Inline namespace of mcu/: v1_0.
inline constexpr const char* inline_namespace =
    TINYSPARSE_VERSION_NAMESPACE(TINYSPARSE_VERSION_MAJOR, TINYSPARSE_VERSION_MINOR);

/// Type of a row counter.
inline const char* count_type(const fixed::Plan& plan) { return plan.counter_bytes == 1 ? "uint8_t" : "uint16_t"; }

class LayerText {
  public:
    LayerText(const fixed::Program& program, std::size_t index)
        : program_(program), spec_(program.lowered().spec(index)), layer_(program.lowered().layer(index)),
          shapes_(program.lowered().shapes(index)), layout_(program.layout()), proof_(program.lowered().proof(index)),
          kernel_(program.kernel(index)), line_(program.line(index)), index_(index) {}

    bool has_weight_table() const { return !line_; }
    bool has_bias_table() const { return layer_.bias_bytes > 0 && !program_.biases_in_code(index_); }
    std::string row_maker() const {
        return line_ ? "StraightRow" : sparse() ? "ListRow" : kernel_.group > 0 ? "ColumnRow" : "WindowRow";
    }

    void write(Writer& out) const {
        out.line();
        out.line(0, "// Layer ", index_ + 1, ": ", kind(), ", ", shape(shapes_.in), " -> ", shape(shapes_.out), ". ",
                 layer_.weights.size(), " weights of ", spec_.bits, " bits", sparse_text(), ".");
        out.line(0, "// |sum| <= ", proof_.bound, proof_text());
        if (line_) {
            out.line(0, "// Its weights are operands of its code. VALUE(3), or PLAIN(3), is value 3 of the row x, the "
                        "channels");
            out.line(0, "// of a position side by side; s0, s1 ... are the sums of the outputs named above them.");
            out.line(0, "TINYSPARSE_FAST_BEGIN");
        }
        const bool whole = layout_.gathers(index_);
        out.line(0, "struct Layer", index_ + 1, " : mcu::", whole ? "Gather" : "Window", "Layer<",
                 count_type(layout_.plan()), "> {");
        if (whole)
            gather(out);
        else
            window(out);
        constants(out);
        if (line_) StraightText(program_, index_).write(out);
        out.line(0, "};");
        if (line_) out.line(0, "TINYSPARSE_FAST_END");
    }

  private:
    static std::string shape(const net::Shape& s) { return text(s.height, "x", s.width, "x", s.channels); }
    std::string kind() const {
        if (net::is_tree(spec_)) return text("tree of depth ", spec_.tree_depth, ", logits");
        std::string words = net::name_of(spec_.kind);
        if (spec_.kind != net::Kind::dense) words += text(" ", spec_.kernel_height, "x", spec_.kernel_width);
        if (spec_.stride > 1) words += text(" stride ", spec_.stride);
        if (spec_.residual != net::none) words += text(" + output of layer ", spec_.residual + 1);
        if (!layer_.shift) return words + ", logits";
        if (spec_.activation == net::Activation::relu) words += ", ReLU";
        if (spec_.pooling != net::Pooling::none)
            words += text(spec_.pooling == net::Pooling::maximum ? ", maximum " : ", average ", spec_.pool_height, "x",
                          spec_.pool_width);
        return words;
    }
    bool sparse() const { return kernel_.format != fixed::Format::dense; }
    bool lists() const { return sparse() && !line_; }
    std::string sparse_text() const {
        if (!sparse()) return "";
        const auto zeros = std::count(layer_.weights.begin(), layer_.weights.end(), std::int8_t{0});
        return text(", ", layer_.weights.size() - std::size_t(zeros),
                    " of them not zero: ", fixed::name_of(kernel_.format));
    }
    std::string proof_text() const {
        if (kernel_.sum_bytes == 2) return ": every sum fits 16 bits.";
        if (line_)
            return text(": ", line_->sums == fixed::StraightSums::wide ? 24 : 16, " bits hold ",
                        layout_.gathers(index_) ? "those of a row." : "them.");
        if (sparse()) return ": 16 bits hold the products of one count of entries.";
        if (kernel_.run == 0) return ": products are added in wide sums.";
        return text(": 16 bits hold ", kernel_.run, layout_.gathers(index_) ? " inputs" : " channels of a kernel row",
                    " at a time.");
    }

    void gather(Writer& out) const {
        const fixed::GatherGeometry g = layout_.gather(index_);
        out.line(1, "typedef mcu::",
                 net::is_tree(spec_) ? (lists() ? "Tree<mcu::ListRows>" : "Tree<mcu::DenseRows>")
                 : line_             ? "StraightRows"
                 : lists()           ? "SparseLists"
                 : g.depthwise       ? "WholeDepthwise"
                                     : "Dense",
                 " Operation;");
        out.line(1, "static constexpr Count in_height = ", g.in_height, ", in_width = ", g.in_width,
                 ", in_ring = ", g.in_ring, ", outputs = ", g.outputs, ";");
        out.line(1, "static constexpr Size row_size = ", g.row_size, ";");
        if (!g.depthwise && !sparse())
            out.line(1, "static constexpr uint8_t block = ", kernel_.block, ", rest = ", g.outputs % kernel_.block,
                     ";");
        if (!sparse()) out.line(1, "static constexpr Size run = ", kernel_.run, ";");
        if (g.head) out.line(1, "static constexpr bool head = true", g.adds ? ", adds = true" : "", ";");
        if (kernel_.sets) out.line(1, "static constexpr bool sets = true;");
        if (kernel_.direct) out.line(1, "static constexpr bool direct = true;");
        if (!net::is_tree(spec_)) return;
        out.line(1, "static constexpr uint8_t depth = ", g.tree_depth, ", score_shift = ", layer_.score_shift,
                 ", tanh_shift = ", layer_.tanh_shift, ";");
        if (lists()) out.line(1, "static constexpr bool narrow = ", kernel_.sum_bytes == 2 ? "true" : "false", ";");
    }

    /// A constant that depends on the block: a compiler keeps fewer sums in registers than the assembly does.
    std::string of_block(const fixed::WindowGeometry& g, int fixed::WindowGeometry::*member) const {
        const fixed::WindowGeometry plain = layout_.window(index_, fixed::without_assembly(kernel_, g).block);
        return plain.*member == g.*member ? text(g.*member)
                                          : text("TINYSPARSE_ASSEMBLY ? ", g.*member, " : ", plain.*member);
    }

    void window(Writer& out) const {
        const fixed::WindowGeometry g = layout_.window(index_, kernel_.block);
        out.line(1, "typedef ",
                 kernel_.sum_bytes == 2   ? "int16_t"
                 : kernel_.sum_bytes == 3 ? "mcu::Int24"
                                          : "int32_t",
                 " Sum;");
        out.line(1, "static constexpr Count in_height = ", g.in_height, ", in_width = ", g.in_width,
                 ", in_channels = ", g.in_channels, ", in_ring = ", g.in_ring, ";");
        out.line(1, "static constexpr uint8_t kernel_height = ", g.kernel_height, ", kernel_width = ", g.kernel_width,
                 ", kernel_height_limit = ", g.kernel_height, ", block = ", of_block(g, &fixed::WindowGeometry::block),
                 ";");
        if (g.stride != 1) out.line(1, "static constexpr uint8_t stride = ", g.stride, ";");
        if (g.pad_top + g.pad_left + g.pad_right > 0)
            out.line(1, "static constexpr uint8_t pad_top = ", g.pad_top, ", pad_left = ", g.pad_left,
                     ", pad_right = ", of_block(g, &fixed::WindowGeometry::pad_right), ";");
        if (g.depthwise) out.line(1, "static constexpr bool depthwise = true;");
        if (kernel_.paired) out.line(1, "static constexpr bool paired = true;");
        if (kernel_.direct) out.line(1, "static constexpr bool direct = true;");
        if (kernel_.group > 0) column(out, g);
        if (sparse()) out.line(1, "static constexpr bool sparse = true;");
        if (kernel_.cells > 0) out.line(1, "static constexpr uint8_t cells = block / ", g.pool_width, ";");
        out.line(1, "static constexpr Count depth = ", g.depth, ", outputs = ", g.outputs, ", rows = ", g.rows,
                 ", width = ", g.width, ";");
        if (kernel_.run > 0) out.line(1, "static constexpr Count run = ", kernel_.run, ";");
        out.line(1, "static constexpr Count out_height = ", g.out_height, ", out_width = ", g.out_width,
                 ", out_ring = ", g.out_ring, ";");
        if (g.pooling != net::Pooling::none) {
            out.line(1, "static constexpr mcu::Pooling pooling = mcu::",
                     g.pooling == net::Pooling::maximum ? "maximum" : "average", "_pooling;");
            out.line(1, "static constexpr Count pool_height = ", g.pool_height, ", pool_width = ", g.pool_width, ";");
        }
        if (g.pooling == net::Pooling::average) {
            out.line(1, "static constexpr uint8_t pool_multiplier = ", g.average.multiplier,
                     ", pool_shift = ", g.average.shift, ";");
            if (layout_.plan().layers[index_].pool_sum_bytes == 4) out.line(1, "typedef int32_t PoolSum;");
        }
        if (g.has_residual)
            out.line(1, "static constexpr Count residual_ring = ", g.residual_ring,
                     ", residual_height = ", g.residual_height, ", residual_width = ", g.residual_width, ";");
    }

    /// The constants of a window over a column.
    void column(Writer& out, const fixed::WindowGeometry& g) const {
        if (kernel_.pairs) out.line(1, "static constexpr bool pairs = true;");
        out.line(1, "static constexpr uint8_t group = ", kernel_.group, ", group_rest = ", g.outputs % kernel_.group,
                 ", unroll = ", kernel_.unroll, ";");
        if (!has_bias_table()) return;
        out.line(1, "static constexpr uint8_t bias_bytes = ", layer_.bias_bytes, ";");
        out.line(1, "static const uint8_t* biases() { return Tables<void>::biases", index_ + 1, "; }");
    }

    std::string_view entries() const { return fixed::info(kernel_.format).entries; }

    void constants(Writer& out) const {
        const bool residual = spec_.residual != net::none;
        const int lowest = spec_.activation == net::Activation::relu ? 0 : -128;
        if (layer_.shift > 0) out.line(1, "static constexpr uint8_t shift = ", layer_.shift, ";");
        if (layer_.shift > 0) out.line(1, "static constexpr int8_t lowest = ", residual ? -128 : lowest, ";");
        if (residual) {
            out.line(1, "static constexpr bool has_residual = true;");
            out.line(1, "static constexpr uint8_t own_shift = ", layer_.own_shift,
                     ", residual_shift = ", layer_.residual_shift, ";");
            out.line(1, "static constexpr int8_t residual_lowest = ", lowest, ";");
        }
        const std::size_t most = layer_.weights.size() + 1;
        if (most > 65535) out.line(1, "typedef uint32_t WeightIndex;");
        if (lists())
            out.line(1, "typedef mcu::", entries(), " Entries;");
        else if (!line_)
            out.line(1, "typedef mcu::WeightReader<", spec_.bits, "> Reader;");
        if (!line_) out.line(1, "static const uint8_t* weights() { return Tables<void>::weights", index_ + 1, "; }");
        if (!has_bias_table()) return;
        if (layer_.bias_shift > 0) out.line(1, "static constexpr uint8_t bias_shift = ", layer_.bias_shift, ";");
        out.line(1, "static int16_t bias(Count output) { return ",
                 layer_.bias_bytes == 1 ? text("int8_t(mcu::read_flash(Tables<void>::biases", index_ + 1, " + output))")
                                        : text("mcu::read_flash_16(Tables<void>::biases", index_ + 1, " + 2 * output)"),
                 "; }");
    }

    const fixed::Program& program_;
    const net::Layer& spec_;
    const fixed::Layer& layer_;
    const net::LayerShapes& shapes_;
    const fixed::Layout& layout_;
    const fixed::Accumulation& proof_;
    const fixed::DeviceKernel& kernel_;
    const fixed::StraightLine* line_;
    std::size_t index_;
};

} // namespace tinysparse::deploy::detail

#undef TINYSPARSE_TEXT_OF
#undef TINYSPARSE_VERSION_NAMESPACE
