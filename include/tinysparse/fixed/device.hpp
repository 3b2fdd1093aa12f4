// SPDX-License-Identifier: Apache-2.0
// The form of a kernel on a device: the number of positions at once, the width of the sums, the length of the runs. The
// exporter writes it, and the cost model counts with it.
#pragma once
#include <algorithm>
#include <cstddef>

#include "tinysparse/fixed/geometry.hpp"
#include "tinysparse/fixed/order.hpp"
#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::fixed {

/// The choices that make a template of mcu/ the kernel of one layer.
struct DeviceKernel {
    int sum_bytes = 2;                   ///< 2 if narrow, else 3 or 4; 4 if a layer gathers and is not a tree.
    int block = 1;                       ///< Positions of a window, outputs of a dense layer.
    int run = 0;                         ///< As Accumulation::run; 0 also if the sum is narrow.
    int shift = 0;                       ///< Bits of the requantisation.
    int cells = 0;                       ///< Pools in a block of a window, if blocks and pools keep step.
    bool paired = false;                 ///< A pointwise layer computes two outputs at once.
    bool direct = false;                 ///< Assembly adds products to sums of 24 bits at once.
    int group = 0;                       ///< Outputs side by side over a column, if rows are single positions; else 0.
    bool pairs = false;                  ///< Two weights of an output of such a group are adjacent.
    int unroll = 1;                      ///< Steps of such a group after which its weights end on a byte boundary.
    int score_shift = 8, tanh_shift = 4; ///< Shifts of a tree; likely ones if there are no weights.
    bool sets = false; ///< A layer that gathers stores its 16-bit sums, biases included, instead of adding.
    Format format = Format::dense;
};

/// Positions at once: of the numbers up to `most`, the one that wastes least, since the last block overlaps the one
/// before. Whole pools of `pool` positions, if one fits.
inline int device_block(int width, int most, int pool) {
    const int step = pool <= most ? pool : 1;
    int best = std::min(width, most) / step * step;
    const auto computed = [&](int block) { return (width + block - 1) / block * block; };
    for (int block = best - step; block >= std::max(2, step); block -= step)
        // Each block costs about as much as one more position, so a smaller block must save more than that.
        if (computed(block) + computed(block) / block < computed(best) + computed(best) / best) best = block;
    return best;
}

/// Number of products from which a run of 16-bit sums costs less than 24-bit sums in assembly: adding it up costs about
/// 12 cycles per position, and each product costs two less.
inline constexpr int longest_direct = 12;

/// Positions that a compiler keeps in an AVR's registers: three with 16-bit sums beside wide ones; two with wide ones
/// only, or three if a wide kernel reads so much that reading it again would cost more than spilling sums.
inline int plain_wide_block(const DeviceKernel& kernel, const WindowGeometry& window) {
    return kernel.run > 0 || window.kernel_width >= 5 ? 3 : 2;
}
/// The same for the assembly with sums of 24 bits, beside the weights of a kernel row.
inline int wide_block(const DeviceKernel& kernel, const WindowGeometry& window) {
    if (!kernel.direct) return plain_wide_block(kernel, window);
    return window.kernel_width <= 3 ? 4 : 3;
}

/// Chooses groups of outputs for a kernel over a column, if bytes separate their weights and registers hold their sums:
/// 16-bit sums of eight outputs, or 24-bit sums of four.
inline void choose_group(DeviceKernel& kernel, const WindowGeometry& window, int bits) {
    const bool wide = kernel.sum_bytes == 3 && bits == 8;
    if (window.in_width != 1 || window.kernel_width != 1 || window.depth > 255 || window.kernel_height > 25 ||
        !(kernel.sum_bytes == 2 || wide))
        return;
    const int groups = (window.outputs + (wide ? 3 : 7)) / (wide ? 4 : 8);
    int group = (window.outputs + groups - 1) / groups; // of equal size, with whole bytes of weights
    group += bits < 8 && window.outputs > group ? group % 2 : 0;
    if (window.outputs / group > 255) return; // groups are counted in a byte
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
    // Adding up a run costs about as much as three wide products, so shorter runs do not pay.
    if (!proof.narrow && std::min(int(proof.run), window.depth) * window.kernel_width >= 3) kernel.run = int(proof.run);
    // Positions that fit the registers of an AVR: four with 16-bit sums, wide_block() with wide ones. Lists with wide
    // sums have 16-bit sums beside them, of two positions. The assembly for lists has sums of six, which pays if no
    // block reaches beyond the row, since such blocks are in C++. Straight-line code has one position.
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

/// The kernel of a window without assembly, with the number of positions that a compiler keeps in registers: two if two
/// outputs are computed at once, four for lists, plain_wide_block() for wide sums.
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
