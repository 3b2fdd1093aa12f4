// SPDX-License-Identifier: Apache-2.0
// What the AVR export of a network does, counted from its geometry: how often each piece of the kernels of mcu/ runs,
// and how often each is compiled in. The loops in assembly are counted to the cycle (assembly.hpp); what the compiler
// arranges around them, and all of the kernels in C++ (wide sums; all on chips that cannot multiply), is linear in
// these counts with measured coefficients.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tinysparse/cost/assembly.hpp"
#include "tinysparse/cost/counts.hpp"
#include "tinysparse/cost/measures.hpp"
#include "tinysparse/cost/straight.hpp"

namespace tinysparse::cost {

/// A layer's kernel, and what of its lists, its code and its biases is counted beside it.
struct CountedKernel : fixed::DeviceKernel {
    double headers = 0, entries = 0; ///< Of the lists of a sparse format, all of them.
    double line_cycles = 0;          ///< Of straight-line code over a whole sample, without what follows the sums.
    int bias_bytes = 0;              ///< Of one bias.
};

/// The layers of a fixed::Program, or of an Estimate. weights: what each stores.
template <class Source>
std::vector<CountedKernel> counted_kernels(const Source& source, const std::vector<LayerWeights>& weights) {
    std::vector<CountedKernel> all;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const fixed::StraightLine* const line = source.line(i);
        const std::size_t outputs = std::size_t(source.layout().spec().layers[i].outputs);
        all.push_back({source.kernel(i), source.headers(i), source.entries(i),
                       line ? straight_cost(*line, source.layout(), i).cycles : 0,
                       int(weights[i].bias_bytes / outputs)});
    }
    return all;
}

/// Counts both. assembly: whether the chip has the loops in assembly, which need `muls`.
class Features {
  public:
    /// kernels: one for each layer.
    Features(const fixed::Layout& layout, const std::vector<CountedKernel>& kernels, bool assembly)
        : layout_(layout), assembly_(assembly) {
        code.counts[Code::program] = 1;
        work.counts[Work::sample] = 1;
        if (layout.plan().counter_bytes > 1) code.counts[Code::wide_counters] = double(kernels.size());
        input();
        for (std::size_t i = 0; i < kernels.size(); ++i) {
            layers.push_back(work);
            layer_codes.push_back(code);
            auto& c = code.counts;
            c[Code::layers] += 1;
            if (layout.spec().layers[i].bits < 8 && kernels[i].format == fixed::Format::dense) c[Code::packed] += 1;
            if (kernels[i].bias_bytes > 0) c[kernels[i].bias_bytes == 1 ? Code::biases_1 : Code::biases_2] += 1;
            const int divisor = layout.rows_made_for_each(layout.spec().layers[i].input);
            if (!is_power(divisor)) c[Code::small_divisions] += 1;
            if (layout.gathers(i))
                gather(i, kernels[i]);
            else
                window(i, kernels[i]);
            for (std::size_t k = 0; k < Work::count; ++k)
                layers.back().counts[k] = work.counts[k] - layers.back().counts[k];
            for (std::size_t k = 0; k < Code::count; ++k)
                layer_codes.back().counts[k] = code.counts[k] - layer_codes.back().counts[k];
        }
    }

    Work work;
    std::vector<Work> layers; ///< Each layer's part of the work; the rest is the input's and the program's.
    Code code;
    std::vector<Code> layer_codes; ///< Each layer's own.

  private:
    static bool is_power(int n) { return (n & (n - 1)) == 0; }

    void input() {
        const fixed::InputGeometry g = layout_.input();
        const int area = g.pool_height * g.pool_width;
        const double rows = layout_.spec().input.height, values = double(g.out_width) * g.channels;
        work.counts[Work::input_rows] += rows;
        const double taken = area > 1 ? values * g.pool_width * g.out_height * g.pool_height : values * rows;
        work.counts[area > 1 ? Work::input_pooled_values : Work::input_values] += taken;
        if (area > 1) {
            work.counts[Work::input_pooled_outputs] += values * g.out_height * g.pool_height;
            code.counts[Code::pooled_input] += 1;
            if (!is_power(area)) {
                code.counts[Code::fraction_input] += 1;
                work.counts[Work::pool_fractions] += values * g.out_height;
            }
        }
        if (layout_.series()) {
            work.counts[Work::series_values] += taken;
            code.counts[Code::series_input] += 1;
        }
        ring(g.ring, g.out_height, 0, g.out_height, rows / std::max(1, g.out_height));
    }

    /// A ring that is neither all rows nor one takes a remainder; for rows `first` ... `last` - 1, each `times` times.
    void ring(int ring, int height, int first, int last, double times = 1) {
        if (ring >= height || is_power(ring)) return;
        code.counts[Code::rings] += 1;
        for (int row = std::max(0, first); row < last; ++row)
            work.counts[Work::ring_turns] +=
                times * (row / (16 * ring) + row % (16 * ring) / (4 * ring) + row % (4 * ring) / ring);
    }

    /// Kernel rows that lie inside the input, summed over the operation's rows.
    static double kernel_rows_inside(const fixed::WindowGeometry& g) {
        double sum = 0;
        for (int y = 0; y < g.rows; ++y) {
            const int top = y * g.stride - g.pad_top;
            sum += std::min(top + g.kernel_height, g.in_height) - std::max(top, 0);
        }
        return sum;
    }

    void add_assembly(const Instructions& piece, double times, double copies = 1) {
        work.counts[Work::assembly] += times * piece.cycles;
        code.counts[Code::assembly] += 2 * copies * piece.words;
    }

    void window(std::size_t index, CountedKernel kernel) {
        const net::Layer& layer = layout_.spec().layers[index];
        if (!assembly_)
            static_cast<fixed::DeviceKernel&>(kernel) = fixed::without_assembly(kernel, layout_.window(index, 1));
        const fixed::WindowGeometry g = layout_.window(index, kernel.block);
        const Path path = assembly_ ? path_of(g, kernel, layer.bits) : Path::wide;
        const bool relu = layer.activation == net::Activation::relu && !g.has_residual;
        const double rows = g.rows, inside = kernel_rows_inside(g), mean_rows = inside / rows;
        const double odd = g.outputs % 2, halves = g.outputs / 2;
        auto& w = work.counts;
        auto& c = code.counts;
        w[Work::steps] += rows;
        w[Work::kernel_rows] += inside;
        for (int y = 0; y < g.rows; ++y) {
            const int first = std::max(0, y * g.stride - g.pad_top);
            if (g.in_ring < g.in_height && !is_power(g.in_ring))
                w[Work::ring_turns] += first / (16 * g.in_ring) + first % (16 * g.in_ring) / (4 * g.in_ring) +
                                       first % (4 * g.in_ring) / g.in_ring;
        }
        if (g.in_ring < g.in_height && !is_power(g.in_ring)) c[Code::rings] += 1;
        ring(g.out_ring, g.out_height, 0, g.out_height, g.pool_height);
        if (!is_power(g.pool_height)) c[Code::small_divisions] += 1;
        if (g.kernel_height > 1) c[Code::several_rows] += 1;
        if (g.stride > 1) c[Code::strided] += 1;

        if (kernel.format == fixed::Format::straight) {
            straight(index, g, kernel);
            return;
        }
        if (kernel.format != fixed::Format::dense) {
            sparse(index, g, kernel, inside);
            return;
        }
        // Outputs that a row or a block computes by itself, in whole lines, in pairs.
        double by_block = g.outputs, lines = 0, pairs = 0;
        if (path == Path::lines) lines = g.outputs, by_block = 0;
        if (path == Path::pairs) pairs = halves, by_block = odd;
        if (path == Path::pointwise) pairs = halves, by_block = odd;
        count_path(Path::lines, lines, rows, layer.bits);
        count_path(path == Path::pairs ? Path::pairs : Path::pointwise, pairs,
                   path == Path::pairs ? rows : rows * g.blocks(), layer.bits);
        count_path(path == Path::wide ? Path::wide : Path::window, by_block, rows * g.blocks(), layer.bits);
        w[Work::rows + std::size_t(path)] += rows;
        c[Code::windows + std::size_t(path)] += 1;
        if (odd > 0 && pairs > 0) c[Code::odd_pairs] += 1;
        const double starts = path == Path::lines ? lines : path == Path::pairs ? 2 * pairs : 0;
        const double begun = rows * (starts + g.blocks() * (by_block + (path == Path::pointwise ? 2 * pairs : 0)));
        if (kernel.bias_bytes > 0) w[kernel.bias_bytes == 1 ? Work::biases_1 : Work::biases_2] += begun;
        if (g.depthwise) c[Code::depthwise] += 1;

        if (path == Path::lines) add_assembly(detail::line(g, layer.bits, kernel.shift, relu), rows * lines);
        if (path == Path::pairs) add_assembly(detail::pair(g, layer.bits, kernel.shift, relu), rows * pairs);
        if (path == Path::pointwise) add_assembly(detail::pointwise(g, layer.bits), rows * g.blocks() * pairs);
        const double blocked = by_block + (path == Path::pointwise ? 2 * pairs : 0); // outputs finished block by block
        if (blocked == 0) return;
        w[Work::blocks] += rows * g.blocks();
        w[Work::edges] += rows * g.blocks() * (g.pad_left + g.pad_right);
        c[Code::edges] += g.pad_left + g.pad_right;
        const bool narrow = kernel.sum_bytes == 2;
        for (int y = 0; y < g.rows && by_block > 0; ++y) {
            const int top = y * g.stride - g.pad_top;
            if (top < 0 || top + g.kernel_height > g.in_height)
                w[layer.bits == 8 ? Work::skips : Work::packed_skips] += g.blocks() * by_block;
        }
        if (path != Path::wide && by_block > 0) add_assembly(detail::window(g, layer.bits, mean_rows), rows * by_block);
        const std::size_t size = std::size_t(g.block - 1);
        if (narrow) {
            w[Work::narrow_blocks + size] += rows * g.blocks() * blocked;
            if (g.pooling != net::Pooling::none || g.has_residual)
                w[Work::finished_blocks + size] += rows * g.blocks() * blocked;
        }
        if (path == Path::wide) wide(g, kernel, layer.bits, inside);
        const double copies = (path == Path::pointwise ? 2 : 0) + (by_block > 0 ? 1 : 0);
        if (narrow) c[Code::narrow_positions] += copies * g.block;
        finish(index, g, kernel, rows * g.blocks() * blocked, copies, relu);
    }

    /// Lists of nonzero weights. Blocks that reach beyond the row, and wide sums, are in C++.
    void sparse(std::size_t index, const fixed::WindowGeometry& g, const CountedKernel& kernel, double rows_inside) {
        const bool narrow = kernel.sum_bytes == 2, padded = g.pad_left + g.pad_right > 0;
        const bool relu = layout_.spec().layers[index].activation == net::Activation::relu && !g.has_residual;
        const double rows = g.rows, lists = double(g.kernel_height) * g.outputs;
        double clipped = 0; // blocks of a row
        for (int x = 0;;) {
            const int column = x * g.stride - g.pad_left;
            if (column < 0 || column + g.taps() > g.in_width) clipped += 1;
            if (x + g.block >= g.width) break;
            x = std::min(x + g.block, g.width - g.block);
        }
        // Where one block is the whole row, the compiler knows whether it reaches beyond the row.
        const bool plain = g.blocks() > 1 || clipped == 0, checked = padded && (g.blocks() > 1 || clipped > 0);
        auto& w = work.counts;
        auto& c = code.counts;
        w[Work::sparse_rows] += rows;
        w[Work::sparse_blocks] += rows * g.blocks();
        w[Work::skipped_headers] += (rows - rows_inside / g.kernel_height) * g.blocks() * kernel.headers;
        if (kernel.bias_bytes > 0)
            w[kernel.bias_bytes == 1 ? Work::biases_1 : Work::biases_2] += rows * g.blocks() * g.outputs;
        const auto in_cpp = [&](std::size_t kind, double blocks) {
            const double times = blocks * rows_inside / g.kernel_height;
            w[Work::list_outputs + kind] += blocks * rows * g.outputs;
            w[Work::list_headers + kind] += times * kernel.headers;
            w[Work::list_entries + kind] += times * kernel.entries;
            w[Work::list_products + kind] += times * kernel.entries * g.block;
            if (kernel.format == fixed::Format::nibble) w[Work::nibble_entries] += times * kernel.entries;
            if (kernel.format == fixed::Format::ternary) w[Work::ternary_entries] += times * kernel.entries;
            c[Code::list_windows + kind] += 1;
            c[Code::list_positions + kind] += g.block;
            if (kernel.format == fixed::Format::nibble) c[Code::nibble_windows] += 1;
            if (kernel.format == fixed::Format::ternary) c[Code::ternary_windows] += g.block;
        };
        if (plain && narrow && assembly_) {
            const double times = (g.blocks() - clipped) * rows * g.outputs, of_output = rows_inside / rows / lists;
            w[Work::sparse_outputs] += times;
            c[Code::sparse_windows] += 1;
            add_assembly(detail::sparse_block(g, kernel.format, rows_inside / rows, of_output * kernel.headers,
                                              of_output * kernel.entries),
                         times);
        } else if (plain) {
            in_cpp(narrow ? 3 : 1, g.blocks() - clipped);
        }
        if (checked) in_cpp(narrow ? 0 : 2, clipped);
        const double times = rows * g.blocks() * g.outputs;
        const std::size_t size = std::size_t(g.block - 1);
        if (narrow && (g.pooling != net::Pooling::none || g.has_residual)) w[Work::finished_blocks + size] += times;
        finish(index, g, kernel, times, plain && checked ? 2 : 1, relu);
    }

    /// Code whose operands are the weights, position by position; its bytes are stored ones.
    void straight(std::size_t index, const fixed::WindowGeometry& g, const CountedKernel& kernel) {
        const bool relu = layout_.spec().layers[index].activation == net::Activation::relu && !g.has_residual;
        const double rows = g.rows;
        const Instructions each = detail::straight_output(g, kernel, relu);
        work.counts[Work::assembly] += kernel.line_cycles + rows * g.width * g.outputs * each.cycles;
        work.counts[Work::sparse_rows] += rows;
        code.counts[Code::assembly] += 2 * g.outputs * each.words;
        if (g.has_residual) ring(g.residual_ring, g.residual_height, 0, g.rows);
    }

    void count_path(Path path, double outputs, double times, int bits) {
        work.counts[Work::outputs + std::size_t(path)] += outputs * times;
        if (bits < 8) work.counts[Work::packed_outputs + std::size_t(path)] += outputs * times;
    }

    /// The C++ kernel of wide sums.
    void wide(const fixed::WindowGeometry& g, const fixed::DeviceKernel& kernel, int bits, double rows_inside) {
        const std::size_t kind = wide_kind(kernel), format = format_of(bits), form = wide_form(kernel);
        const bool large = g.kernel_width >= 5;
        const double inside = rows_inside * g.outputs, block_rows = inside * g.blocks(), taps = block_rows * g.depth;
        const detail::Outside outside = detail::outside(g);
        auto& w = work.counts;
        w[Work::wide_blocks + form] += double(g.rows) * g.outputs * g.blocks();
        w[Work::block_rows + kind] += block_rows;
        if (kind == 0) {
            const int run = std::min(g.depth, kernel.run), runs = (g.depth + run - 1) / run;
            w[Work::spills] += block_rows * runs * g.block;
            w[Work::spilled_blocks] += block_rows * runs;
            if (kernel.sum_bytes == 4) w[Work::wide_32_bits] += block_rows * runs * g.block;
            if (bits < 8) w[Work::packed_runs] += block_rows * runs;
            if (run < g.depth) code.counts[Code::several_runs] += 1;
        }
        if (kind == 0 && assembly_) {
            const int run = std::min(g.depth, kernel.run);
            fixed::WindowGeometry part = g;
            part.depth = run;
            add_assembly(detail::window(part, bits, 1), inside * (g.depth / run));
            part.depth = g.depth % run;
            if (part.depth > 0) add_assembly(detail::window(part, bits, 1), inside);
            code.counts[Code::wide_blocks + form] += 1;
            if (part.depth > 0) code.counts[Code::run_rests] += 1;
            if (kernel.sum_bytes == 4) code.counts[Code::wide_32_bits] += 1;
            return;
        }
        w[Work::taps + form] += taps;
        const double products = taps * g.kernel_width * g.block - inside * g.depth * outside.products;
        w[(large ? Work::large_products : Work::products) + kind] += products;
        if (bits == 2) w[Work::ternary_products] += products;
        w[(large ? Work::large_weights : Work::weights) + 3 * kind + format] += taps * g.kernel_width;
        if (g.depth > 1) w[Work::channel_steps + kind] += taps;
        w[g.in_channels == 1 ? std::size_t(Work::loads) : Work::strided_loads + kind] +=
            taps * g.taps() - inside * g.depth * outside.loads;
        w[Work::edge_checks] += taps * (g.pad_left + g.pad_right);
        if (kernel.sum_bytes == 4 && kind == 1) w[Work::wide_32_products] += products;
        auto& c = code.counts;
        c[Code::wide_blocks + form] += 1;
        c[Code::taps + kind] += g.taps();
        c[Code::products + kind] += g.kernel_width * g.block;
        if (bits == 2) c[Code::ternary_products] += g.kernel_width * g.block;
        if (kernel.paired) c[Code::pairs] += g.block;
        c[Code::weights + 3 * kind + format] += g.kernel_width;
        if (large) c[Code::large + kind] += 1;
        if (g.depth > 1) c[Code::channel_loops + kind] += 1;
        if (g.in_channels > 1) c[Code::strided_taps] += g.taps();
        if (g.in_channels > 63) c[Code::far_taps] += g.taps();
        c[Code::edge_taps] += g.pad_left + g.pad_right;
        if (g.depth == 1 && !g.depthwise) c[Code::single_channel] += 1;
        if (kernel.sum_bytes == 4) c[Code::wide_32_bits] += 1;
    }

    /// What follows the sums of `times` blocks of one output; `copies` of it are compiled in.
    void finish(std::size_t index, const fixed::WindowGeometry& g, const fixed::DeviceKernel& kernel, double times,
                double copies, bool relu) {
        auto& w = work.counts;
        auto& c = code.counts;
        const bool narrow = kernel.sum_bytes == 2, pools = g.pooling != net::Pooling::none;
        const double cells = kernel.cells;
        if (narrow && !pools && !g.has_residual && assembly_) {
            add_assembly(detail::stores(g.block, g.outputs, kernel.shift, relu), times, copies);
            return;
        }
        const bool by_largest = g.pooling == net::Pooling::maximum && cells > 0 && !g.has_residual;
        requantise(kernel, relu, by_largest ? cells : g.block, times, copies);
        if (g.has_residual) {
            w[Work::residual_values] += times * g.block;
            c[Code::residuals] += 1;
            c[Code::residual_positions] += copies * g.block;
            ring(g.residual_ring, g.residual_height, 0, g.rows);
        }
        if (!pools) return;
        const double overlap = 1 - double(g.width) / (g.blocks() * g.block); // an average leaves these out
        if (cells == 0) {
            w[Work::stray_positions] += times * g.block * (1 - overlap);
            c[Code::stray_pools] += 1;
        } else if (g.pooling == net::Pooling::maximum) {
            w[Work::maximum_cells] += times * cells;
            w[Work::maximum_positions] += times * (g.block - cells);
        } else {
            w[Work::average_cells] += times * cells;
            w[Work::average_positions] += times * (g.block - cells);
        }
        if (g.pooling == net::Pooling::maximum) {
            c[Code::maximum_pools] += 1;
            c[Code::maximum_cells] += copies * cells;
            return;
        }
        c[Code::average_pools] += 1;
        c[Code::average_cells] += copies * cells;
        const bool wide = layout_.plan().layers[index].pool_sum_bytes == 4;
        if (g.average.multiplier != 1 || wide)
            w[Work::pool_fractions] += double(g.out_height) * g.out_width * g.outputs;
        if (wide) w[Work::wide_average_cells] += times * std::max(1.0, cells);
        if (g.average.multiplier != 1) c[Code::fraction_pools] += 1;
        if (wide) c[Code::wide_pools] += 1;
    }

    void requantise(const fixed::DeviceKernel& kernel, bool relu, double positions, double times, double copies) {
        const std::size_t wide = kernel.sum_bytes == 2 ? 0 : 1;
        const double bits = std::abs(kernel.shift - 8);
        const auto add = [&](std::size_t worked, std::size_t written, double share) {
            work.counts[worked + wide] += share * positions * times;
            code.counts[written + wide] += share * positions * copies;
        };
        add(Work::finished, Code::finished, 1);
        if (kernel.shift < 8) add(Work::small_shifts, Code::small_shifts, 1);
        add(Work::shifted_bits, Code::shifted_bits, bits);
        if (!relu) add(Work::signed_positions, Code::signed_positions, 1);
    }

    void gather(std::size_t index, const CountedKernel& kernel) {
        const fixed::GatherGeometry g = layout_.gather(index);
        const int bits = layout_.spec().layers[index].bits;
        auto& w = work.counts;
        auto& c = code.counts;
        const double rows = g.in_height;
        w[Work::steps] += rows;
        // Straight-line code begins its sums itself, where there is one row.
        if (kernel.sets) {
            w[Work::set_outputs] += g.outputs;
            c[Code::set_layers] += 1;
        } else if (kernel.format != fixed::Format::straight || !g.alone) {
            w[Work::begun_outputs] += g.outputs;
        }
        if (kernel.format == fixed::Format::straight) {
            w[Work::assembly] += kernel.line_cycles;
        } else if (kernel.format != fixed::Format::dense) {
            w[Work::sparse_gathered_rows] += rows;
            c[Code::sparse_gathers + std::size_t(kernel.format == fixed::Format::csr      ? 0
                                                 : kernel.format == fixed::Format::nibble ? 1
                                                                                          : 2)] += 1;
            if (assembly_) {
                add_assembly(detail::sparse_row(kernel.format, g.outputs, kernel.headers / rows, kernel.entries / rows,
                                                kernel.sets),
                             rows);
            } else {
                w[Work::gathered_lists] += rows * g.outputs;
                w[Work::gathered_headers] += kernel.headers;
                w[Work::gathered_entries] += kernel.entries;
                if (kernel.format == fixed::Format::ternary) w[Work::gathered_ternary] += kernel.entries;
            }
        } else if (g.depthwise) {
            w[Work::whole_rows] += rows;
            w[Work::whole_channels] += rows * g.outputs * ((g.in_width + kernel.run - 1) / kernel.run);
            w[Work::whole_products + format_of(bits)] += rows * g.row_size;
            c[Code::whole_layers] += 1;
            if (bits < 8) c[Code::whole_packed] += 1;
        } else {
            const int full = g.outputs / kernel.block, rest = g.outputs % kernel.block;
            const double runs = (g.row_size + kernel.run - 1) / kernel.run;
            w[Work::dense_rows] += rows;
            w[Work::dense_blocks] += rows * (full + (rest > 0 ? 1 : 0)) * runs;
            if (!kernel.sets) w[Work::dense_spills] += rows * g.outputs * runs;
            if (assembly_) {
                add_assembly(detail::dense(g.row_size, kernel.run, g.outputs, kernel.block, bits), rows * full);
                if (rest > 0) add_assembly(detail::dense(g.row_size, kernel.run, g.outputs, rest, bits), rows);
            } else {
                w[Work::dense_products + format_of(bits)] += rows * g.row_size * g.outputs;
                c[Code::dense_weights + format_of(bits)] += kernel.block + rest;
            }
            if (rest > 0) c[Code::dense_rests] += 1;
            c[Code::dense_layers] += 1;
            c[Code::dense_outputs] += kernel.block + rest;
            if (runs > 1) c[Code::dense_runs] += 1;
        }
        if (g.head) {
            if (g.adds) c[Code::extra_heads] += 1;
        } else {
            w[Work::gathered_outputs] += g.outputs;
            c[Code::hidden_gathers] += 1;
        }
        if (g.has_residual) c[Code::residuals] += 1;
        ring(g.in_ring, g.in_height, 0, g.in_height);
    }

    const fixed::Layout& layout_;
    bool assembly_;
};

} // namespace tinysparse::cost
