// SPDX-License-Identifier: Apache-2.0
// What the AVR export of a network does, counted from its geometry: how often each piece of the kernels of mcu/ runs,
// and how often each is compiled in. Cycles and flash are linear in these counts; the coefficients are measured.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tinysparse/fixed/device.hpp"

namespace tinysparse::cost {

/// The kinds of sums: 16 bits; 16 bits spilled into wide ones after runs; wide ones at once.
inline constexpr std::size_t sum_kinds = 3;
inline std::size_t sum_kind(const fixed::DeviceKernel& kernel) {
    return kernel.sum_bytes == 2 ? 0 : kernel.run > 0 ? 1 : 2;
}

/// Blocks of 1..4 positions: each kind of sums with each block is a kernel that the compiler arranges in its own way.
inline constexpr std::size_t forms = sum_kinds * 4;
inline std::size_t form_of(const fixed::DeviceKernel& kernel) {
    return 4 * sum_kind(kernel) + std::size_t(std::clamp(kernel.block, 1, 4) - 1);
}

/// Index of a weight format: 8, 4, 2 bits.
inline std::size_t format_of(int bits) { return bits == 8 ? 0 : bits == 4 ? 1 : 2; }

/// What one sample makes the chip do.
struct Work {
    enum : std::size_t {
        sample,
        input_rows,
        input_values,
        input_pooled_values,
        input_pooled_outputs,
        series_values,
        steps,
        kernel_rows,
        lines, // by sum kind
        line_ends = lines + sum_kinds,
        pooled_maximum,
        pooled_average,
        pool_outputs,
        pool_fractions,
        residual_values,
        copied_values,
        blocks,                             // by form, that is sum kind and block
        positions = blocks + forms,         // requantised
        block_rows = positions + sum_kinds, // kernel rows of a block
        spills = block_rows + sum_kinds,    // sums of runs added to wide ones
        spilled_blocks,
        taps,                                       // kernel rows of one channel of a block, by form
        products = taps + forms,                    // by sum kind
        large_products = products + sum_kinds,      // those of kernels 5 and more wide
        channel_steps = large_products + sum_kinds, // taps where there are several channels
        weights = channel_steps + sum_kinds,        // by sum kind and format, as the next ones
        large_weights = weights + sum_kinds * 3,    // those of kernels 5 and more wide
        loads = large_weights + sum_kinds * 3,      // input values where there is one channel
        strided_loads,                              // where there are several, by sum kind
        small_shifts = strided_loads + sum_kinds, // positions with a shift below 8, by narrow or wide, as the next ones
        shifted_bits = small_shifts + 2,          // single shifts away from 8
        signed_positions = shifted_bits + 2,      // without a ReLU
        edge_checks = signed_positions + 2,
        wide_32_bits,
        dense_rows,
        dense_blocks,
        dense_spills,
        dense_inputs,
        dense_products, // by format
        whole_rows = dense_products + sum_kinds,
        whole_channels,
        whole_products, // by format
        gathered_outputs = whole_products + sum_kinds,
        count
    };
    std::array<double, count> counts{};
};

/// What the program holds of code, weights and names not counted.
struct Code {
    enum : std::size_t {
        program,
        layers,
        series_input,
        pooled_input,
        fraction_input,
        wide_counters,
        divisions,
        small_divisions,
        windows,                            // by form
        block_positions = windows + forms,  // by sum kind
        taps = block_positions + sum_kinds, // input values loaded by the written-out kernel row
        products = taps + sum_kinds,
        weights = products + sum_kinds,      // fetched by it, by sum kind and format
        large = weights + sum_kinds * 3,     // kernels 5 and more wide
        channel_loops = large + sum_kinds,   // windows of several channels
        formats = channel_loops + sum_kinds, // layers by format
        small_shifts = formats + 3,          // as in Work
        shifted_bits = small_shifts + 2,
        signed_positions = shifted_bits + 2,
        strided_taps = signed_positions + 2,
        far_taps,
        edge_taps,
        depthwise,
        single_channel,
        several_rows,
        strided,
        wide_32_bits,
        maximum_pools,
        average_pools,
        fraction_pools,
        wide_pools,
        residuals,
        biases_1,
        biases_2,
        rings,
        dense_layers,
        dense_outputs, // by format
        dense_rests = dense_outputs + sum_kinds,
        whole_layers,
        whole_packed,
        hidden_gathers,
        extra_heads,
        count
    };
    std::array<double, count> counts{};
};

/// Counts both. `kernels`: one for each layer; `bias_bytes` as well.
class Features {
  public:
    Features(const fixed::Layout& layout, bool series, const std::vector<fixed::DeviceKernel>& kernels,
             const std::vector<int>& bias_bytes) {
        code.counts[Code::program] = 1;
        work.counts[Work::sample] = 1;
        if (layout.plan().counter_bytes > 1) code.counts[Code::wide_counters] = double(kernels.size());
        input(layout, series);
        for (std::size_t i = 0; i < kernels.size(); ++i) {
            const int bits = layout.spec().layers[i].bits;
            code.counts[Code::layers] += 1;
            code.counts[Code::formats + format_of(bits)] += 1;
            if (bias_bytes[i] > 0) code.counts[bias_bytes[i] == 1 ? Code::biases_1 : Code::biases_2] += 1;
            const int divisor = layout.rows_made_for_each(layout.spec().layers[i].input);
            if ((divisor & (divisor - 1)) != 0) code.counts[Code::small_divisions] += 1;
            layers.push_back(work);
            if (layout.gathers(i))
                gather(layout, i, kernels[i]);
            else
                window(layout, i, kernels[i]);
            for (std::size_t k = 0; k < Work::count; ++k)
                layers.back().counts[k] = work.counts[k] - layers.back().counts[k];
        }
    }

    Work work;
    std::vector<Work> layers; ///< Each layer's part of the work; the rest is the input's and the program's.
    Code code;

  private:
    static bool is_power(int n) { return (n & (n - 1)) == 0; }

    void input(const fixed::Layout& layout, bool series) {
        const fixed::InputGeometry g = layout.input();
        const int area = g.pool_height * g.pool_width;
        const double rows = layout.spec().input.height, values = double(g.out_width) * g.channels;
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
        if (series) {
            work.counts[Work::series_values] += taken;
            code.counts[Code::series_input] += 1;
        }
        divides(g.ring, g.out_height);
    }

    /// A ring that is neither all rows nor one takes a remainder.
    void divides(int ring, int height) {
        if (ring < height && ring > 1) code.counts[is_power(ring) ? Code::rings : Code::divisions] += 1;
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

    /// Products and loads that border positions leave out, for one kernel row of one channel of a whole line.
    static void count_outside(const fixed::WindowGeometry& g, double& products, double& loads) {
        for (int x = 0;;) {
            const int column = x * g.stride - g.pad_left;
            for (int tap = 0; tap < g.taps(); ++tap) {
                if (column + tap >= 0 && column + tap < g.in_width) continue;
                loads += 1;
                for (int position = 0; position < g.block; ++position)
                    if (tap >= position * g.stride && tap < position * g.stride + g.kernel_width) products += 1;
            }
            if (x + g.block >= g.width) return;
            x = std::min(x + g.block, g.width - g.block);
        }
    }

    void window(const fixed::Layout& layout, std::size_t index, const fixed::DeviceKernel& kernel) {
        const fixed::WindowGeometry g = layout.window(index, kernel.block);
        const std::size_t kind = sum_kind(kernel), format = format_of(layout.spec().layers[index].bits);
        const bool large = g.kernel_width >= 5, finishes = g.has_residual || g.pooling != net::Pooling::none;
        const double lines = double(g.rows) * g.outputs, blocks = lines * g.blocks(),
                     inside = kernel_rows_inside(g) * g.outputs;
        const double block_rows = inside * g.blocks(), taps = block_rows * g.depth;
        double outside_products = 0, outside_loads = 0;
        count_outside(g, outside_products, outside_loads);
        auto& w = work.counts;
        w[Work::steps] += g.rows;
        w[Work::kernel_rows] += kernel_rows_inside(g);
        w[Work::lines + kind] += lines;
        w[Work::blocks + form_of(kernel)] += blocks;
        w[Work::positions + kind] += blocks * g.block;
        w[Work::block_rows + kind] += block_rows;
        if (kind == 1) {
            const double runs = block_rows * ((g.depth + kernel.run - 1) / kernel.run);
            w[Work::spills] += runs * g.block;
            w[Work::spilled_blocks] += runs;
        }
        w[Work::taps + form_of(kernel)] += taps;
        const double products = taps * g.kernel_width * g.block - inside * g.depth * outside_products;
        w[(large ? Work::large_products : Work::products) + kind] += products;
        w[(large ? Work::large_weights : Work::weights) + 3 * kind + format] += taps * g.kernel_width;
        if (g.depth > 1) w[Work::channel_steps + kind] += taps;
        w[g.in_channels == 1 ? std::size_t(Work::loads) : Work::strided_loads + kind] +=
            taps * g.taps() - inside * g.depth * outside_loads;
        w[Work::edge_checks] += taps * (g.pad_left + g.pad_right);
        if (kernel.sum_bytes == 4) w[Work::wide_32_bits] += kind == 2 ? products : block_rows * g.block;
        if (finishes) finish(layout, index, g, lines);
        requantise(layout, index, kernel, blocks * g.block, g.block);

        auto& c = code.counts;
        c[Code::windows + form_of(kernel)] += 1;
        c[Code::block_positions + kind] += g.block;
        c[Code::taps + kind] += g.taps();
        c[Code::products + kind] += g.kernel_width * g.block;
        c[Code::weights + 3 * kind + format] += g.kernel_width;
        if (large) c[Code::large + kind] += 1;
        if (g.depth > 1) c[Code::channel_loops + kind] += 1;
        if (g.in_channels > 1) c[Code::strided_taps] += g.taps();
        if (g.in_channels > 63) c[Code::far_taps] += g.taps();
        c[Code::edge_taps] += g.pad_left + g.pad_right;
        if (g.depthwise) c[Code::depthwise] += 1;
        if (g.depth == 1 && !g.depthwise) c[Code::single_channel] += 1;
        if (g.kernel_height > 1) c[Code::several_rows] += 1;
        if (g.stride > 1) c[Code::strided] += 1;
        if (kernel.sum_bytes == 4) c[Code::wide_32_bits] += 1;
        divides(g.in_ring, g.in_height);
        divides(g.out_ring, g.out_height);
        if (!is_power(g.pool_height)) c[Code::small_divisions] += 1;
    }

    void requantise(const fixed::Layout& layout, std::size_t index, const fixed::DeviceKernel& kernel, double positions,
                    double compiled) {
        const net::Layer& layer = layout.spec().layers[index];
        const std::size_t wide = kernel.sum_bytes == 2 ? 0 : 1;
        const double bits = std::abs(kernel.shift - 8);
        const auto add = [&](double& worked, double& written, double share) {
            worked += share * positions;
            written += share * compiled;
        };
        auto& w = work.counts;
        auto& c = code.counts;
        if (kernel.shift < 8) add(w[Work::small_shifts + wide], c[Code::small_shifts + wide], 1);
        add(w[Work::shifted_bits + wide], c[Code::shifted_bits + wide], bits);
        if (layer.activation == net::Activation::linear || layer.residual != net::none)
            add(w[Work::signed_positions + wide], c[Code::signed_positions + wide], 1);
    }

    void finish(const fixed::Layout& layout, std::size_t index, const fixed::WindowGeometry& g, double lines) {
        auto& w = work.counts;
        auto& c = code.counts;
        w[Work::line_ends] += lines;
        if (g.has_residual) {
            w[Work::residual_values] += lines * g.width;
            c[Code::residuals] += 1;
            divides(g.residual_ring, g.residual_height);
        }
        if (g.pooling == net::Pooling::none) {
            w[Work::copied_values] += lines * g.width;
        } else if (g.pooling == net::Pooling::maximum) {
            w[Work::pooled_maximum] += lines * g.width;
            w[Work::pool_outputs] += lines * g.out_width;
            c[Code::maximum_pools] += 1;
        } else {
            w[Work::pooled_average] += lines * g.width;
            w[Work::pool_outputs] += lines * g.out_width;
            c[Code::average_pools] += 1;
            const bool wide = layout.plan().layers[index].pool_sum_bytes == 4;
            if (g.average.multiplier != 1 || wide)
                w[Work::pool_fractions] += double(g.out_height) * g.out_width * g.outputs;
            if (g.average.multiplier != 1) c[Code::fraction_pools] += 1;
            if (wide) c[Code::wide_pools] += 1;
        }
    }

    void gather(const fixed::Layout& layout, std::size_t index, const fixed::DeviceKernel& kernel) {
        const fixed::GatherGeometry g = layout.gather(index);
        const std::size_t format = format_of(layout.spec().layers[index].bits);
        auto& w = work.counts;
        auto& c = code.counts;
        const double rows = g.in_height, products = rows * g.row_size * (g.depthwise ? 1 : g.outputs);
        w[Work::steps] += rows;
        if (g.depthwise) {
            w[Work::whole_rows] += rows;
            w[Work::whole_channels] += rows * g.outputs * ((g.in_width + kernel.run - 1) / kernel.run);
            w[Work::whole_products + format] += products;
            c[Code::whole_layers] += 1;
            if (format != 0) c[Code::whole_packed] += 1;
        } else {
            const double blocks = rows * ((g.outputs + kernel.block - 1) / kernel.block);
            const double runs = (g.row_size + kernel.run - 1) / kernel.run;
            w[Work::dense_rows] += rows;
            w[Work::dense_blocks] += blocks * runs;
            w[Work::dense_spills] += rows * g.outputs * runs;
            w[Work::dense_inputs] += blocks * g.row_size;
            w[Work::dense_products + format] += products;
            c[Code::dense_layers] += 1;
            c[Code::dense_outputs + format] += kernel.block + g.outputs % kernel.block;
            if (g.outputs % kernel.block != 0) c[Code::dense_rests] += 1;
        }
        if (g.head) {
            if (g.adds) c[Code::extra_heads] += 1;
        } else {
            w[Work::gathered_outputs] += g.outputs;
            c[Code::hidden_gathers] += 1;
        }
        if (g.has_residual) c[Code::residuals] += 1;
        divides(g.in_ring, g.in_height);
    }
};

} // namespace tinysparse::cost
