// SPDX-License-Identifier: Apache-2.0
// Which form of a kernel a device gets: how many positions at once, how wide the sums, how long the runs. The exporter
// writes it down, the cost model counts with it.
#pragma once
#include <algorithm>
#include <cstddef>

#include "tinysparse/fixed/geometry.hpp"
#include "tinysparse/fixed/order.hpp"
#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::fixed {

struct DeviceKernel {
    int sum_bytes = 2;   ///< 2: narrow. 3 or 4 elsewhere; 4 where a layer gathers and is no tree.
    int block = 1;       ///< Positions of a window, outputs of a dense layer.
    int run = 0;         ///< As Accumulation::run; 0 also where the sum is narrow.
    int shift = 0;       ///< Bits of the requantisation.
    int cells = 0;       ///< Pools in a block of a window, where blocks and pools keep step.
    bool paired = false; ///< A pointwise layer computes two outputs at once.
    bool direct = false; ///< Assembly adds products to sums of 24 bits at once.
    int group = 0;       ///< Outputs side by side over a column, where rows are single positions; else 0.
    bool pairs = false;  ///< Two weights of an output of such a group stand together.
    int unroll = 1;      ///< Steps of such a group after which its weights end with a byte.
    int score_shift = 8, tanh_shift = 4; ///< Shifts of a tree; likely ones without weights.
    bool sets = false; ///< A layer that gathers stores sums of 16 bits that nothing began, biases included.
    Format format = Format::dense;
};

/// Positions at once: at most `most`, and among that the number that wastes least, since the last block overlaps the
/// one before it. Whole pools of `pool` positions, where one fits.
inline int device_block(int width, int most, int pool) {
    const int step = pool <= most ? pool : 1;
    int best = std::min(width, most) / step * step;
    const auto computed = [&](int block) { return (width + block - 1) / block * block; };
    for (int block = best - step; block >= std::max(2, step); block -= step)
        // A block has costs of its own, about those of one position, so a smaller one must save more than that.
        if (computed(block) + computed(block) / block < computed(best) + computed(best) / best) best = block;
    return best;
}

/// From this number of products on, a run of 16-bit sums costs less than 24-bit sums in assembly: adding it up costs
/// some 12 cycles a position, each product two less.
inline constexpr int longest_direct = 12;

/// Positions that a compiler keeps in an AVR's registers: 16-bit sums and wide ones of three; wide ones of two, or of
/// three where a wide kernel reads so much that fetching it once more would cost more than spilling sums.
inline int plain_wide_block(const DeviceKernel& kernel, const WindowGeometry& window) {
    return kernel.run > 0 || window.kernel_width >= 5 ? 3 : 2;
}
/// The same of the assembly for sums of 24 bits, beside the weights of a kernel row.
inline int wide_block(const DeviceKernel& kernel, const WindowGeometry& window) {
    if (!kernel.direct) return plain_wide_block(kernel, window);
    return window.kernel_width <= 3 ? 4 : 3;
}

/// A kernel over a column computes outputs in groups, where their weights can be told apart by bytes and their sums fit
/// registers: those of 16 bits of eight outputs, those of 24 bits of four.
inline void choose_group(DeviceKernel& kernel, const WindowGeometry& window, int bits) {
    const bool wide = kernel.sum_bytes == 3 && bits == 8;
    if (window.in_width != 1 || window.kernel_width != 1 || window.depth > 255 || window.kernel_height > 25 ||
        !(kernel.sum_bytes == 2 || wide))
        return;
    const int groups = (window.outputs + (wide ? 3 : 7)) / (wide ? 4 : 8);
    int group = (window.outputs + groups - 1) / groups; // as large as each other, whole bytes of weights
    group += bits < 8 && window.outputs > group ? group % 2 : 0;
    const bool pairs = wide && window.depth % 2 == 0;
    const int steps = window.depth / (pairs ? 2 : 1), rest = window.outputs % group;
    for (const int unroll : {pairs ? 1 : 2, 1, 4})
        if (steps % unroll == 0 && unroll * group * bits % 8 == 0 && unroll * rest * bits % 8 == 0) {
            kernel.group = group;
            kernel.pairs = pairs;
            kernel.unroll = unroll;
            kernel.direct = kernel.paired = false;
            return;
        }
}

/// How the kernel reads the weights of a layer that stores them all.
inline Order order_of(const DeviceKernel& kernel) {
    return {kernel.group > 0 ? kernel.group : kernel.block, kernel.paired, kernel.group > 0, kernel.pairs};
}

/// The kernel of one layer from its proof, the shift of its requantisation and the format of its weights.
inline DeviceKernel device_kernel(const Layout& layout, std::size_t index, const Accumulation& proof, int shift,
                                  Format format) {
    DeviceKernel kernel;
    kernel.shift = shift;
    kernel.format = format;
    const net::Layer& spec = layout.spec().layers[index];
    if (layout.gathers(index)) {
        kernel.sum_bytes = 4;
        const bool tree = net::is_tree(spec);
        if (tree && proof.narrow) kernel.sum_bytes = 2;
        kernel.sets = !tree && proof.narrow && format != Format::straight && layout.gather(index).alone;
        if (format != Format::dense) return kernel;
        kernel.block = net::reads_one_channel(spec) || tree ? 1 : dense_block(spec.outputs, spec.bits);
        kernel.run = int(proof.run);
        kernel.direct = kernel.sum_bytes == 4 && !net::reads_one_channel(spec) && !tree && !proof.narrow &&
                        proof.fits_24_bits && spec.bits == 8 && kernel.run < longest_direct;
        return kernel;
    }
    kernel.sum_bytes = proof.narrow ? 2 : proof.fits_24_bits ? 3 : 4;
    const fixed::WindowGeometry window = layout.window(index, 1);
    // Adding up a run costs about what three wide products cost, so shorter runs do not pay.
    if (!proof.narrow && std::min(int(proof.run), window.depth) * window.kernel_width >= 3) kernel.run = int(proof.run);
    // What fits the registers of an AVR: 16-bit sums of four positions; wide_block() of wide ones.
    // Lists have sums of 16 bits beside wide ones, of two positions; their assembly has sums of six, which pays where
    // no block reaches beyond the row, since those that do are in C++. Straight-line code has one position.
    if (format != Format::dense) kernel.run = 0;
    kernel.direct = format == Format::dense && kernel.sum_bytes == 3 && spec.bits == 8 && window.depth <= 255 &&
                    std::min(kernel.run, window.depth) * window.kernel_width < longest_direct;
    const int wide = format != Format::dense ? 2 : wide_block(kernel, window);
    const bool lists = format != Format::dense && format != Format::straight;
    const bool inside = window.pad_left + window.pad_right == 0;
    const int most = format == Format::straight ? 1 : proof.narrow ? (lists && inside ? 6 : 4) : wide;
    kernel.block = device_block(window.width, most, window.pool_width);
    if (window.pooling != net::Pooling::none && kernel.block % window.pool_width == 0)
        kernel.cells = kernel.block / window.pool_width;
    kernel.paired = format == Format::dense && proof.narrow && spec.kind == net::Kind::convolution &&
                    window.kernel_height == 1 && window.kernel_width == 1 && window.pad_left == 0 &&
                    window.pad_right == 0 && spec.outputs > 1;
    if (format == Format::dense) choose_group(kernel, window, spec.bits);
    return kernel;
}

/// The kernel of a window where there is no assembly, with as many positions as a compiler keeps in registers: two of
/// two outputs at once, four from lists, plain_wide_block() of wide sums.
inline DeviceKernel without_assembly(DeviceKernel kernel, const WindowGeometry& window) {
    if (kernel.direct)
        kernel.block = device_block(window.width, plain_wide_block(kernel, window), window.pool_width);
    else if (kernel.paired && kernel.block == 4 && window.pool_width <= 2)
        kernel.block = 2;
    else if (kernel.block > 4)
        kernel.block = device_block(window.width, 4, window.pool_width);
    if (kernel.cells > 0) kernel.cells = kernel.block / window.pool_width;
    return kernel;
}

} // namespace tinysparse::fixed
