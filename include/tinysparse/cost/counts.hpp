// SPDX-License-Identifier: Apache-2.0
// Names of the counts of an AVR export: its work for one sample, and the code that it holds.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>

#include "tinysparse/fixed/device.hpp"

namespace tinysparse::cost {

/// Kinds of kernels in C++: 0 adds 16-bit runs to wide sums, 1 adds each product to wide sums at once, 2 has sums of 16
/// bits only, on chips without assembly for these. Forms: each kind with blocks of 1, 2, and 3 or more positions.
inline constexpr std::size_t wide_kinds = 3, wide_forms = 3 * wide_kinds;
/// Kind of a kernel, below wide_kinds.
inline std::size_t wide_kind(const fixed::DeviceKernel& kernel) {
    return kernel.sum_bytes == 2 ? 2 : kernel.run > 0 ? 0 : 1;
}
/// Form of a kernel, below wide_forms.
inline std::size_t wide_form(const fixed::DeviceKernel& kernel) {
    return 3 * wide_kind(kernel) + std::size_t(std::clamp(kernel.block, 1, 3) - 1);
}

/// Kinds of lists read in C++: sums of 16 bits if values may lie outside the row; wide sums; wide sums with values
/// outside; sums of 16 bits without values outside, on chips that have no assembly for these.
inline constexpr std::size_t list_kinds = 4;

/// Index of a weight format: 8, 4, 2 bits.
inline std::size_t format_of(int bits) { return bits == 8 ? 0 : bits == 4 ? 1 : 2; }

/// How a device runs a layer whose kernel moves.
enum class Path {
    lines,     ///< 3x3 over one channel, whole lines in assembly
    pairs,     ///< pointwise, lines of two outputs in assembly
    pointwise, ///< pointwise, blocks of two outputs in assembly
    window,    ///< blocks of one output in assembly
    wide,      ///< in C++
    count
};
inline constexpr std::size_t paths = std::size_t(Path::count); ///< Number of paths.

/// Work of the chip for one sample.
struct Work {
    enum : std::size_t {
        sample,
        input_rows,
        input_values,
        input_pooled_values,
        input_pooled_outputs,
        series_values,
        assembly, ///< Cycles of the loops in assembly.
        steps,
        kernel_rows,
        ring_turns,                       ///< Turns of the loop that finds a row's slot.
        rows,                             ///< By Path.
        outputs = rows + paths,           ///< Outputs of a row or a block, by Path.
        packed_outputs = outputs + paths, ///< Outputs that read weights of 4 or 2 bits.
        biases_1 = packed_outputs + paths,
        biases_2,
        blocks, ///< Blocks of positions, all outputs of one.
        edges,  ///< Values of such a block that may lie outside the input.
        skips,  ///< Skips of the weights of kernel rows that meet no input, after an output of a block.
        packed_skips,
        narrow_blocks,                       ///< Outputs of a block of 16-bit sums, by positions 1 ... 4.
        finished_blocks = narrow_blocks + 4, ///< Outputs that C++ finishes (pools, residuals), by positions 1 ... 6.
        finished = finished_blocks + 6,      ///< Positions requantised in C++, by narrow or wide, as the next three.
        small_shifts = finished + 2,
        shifted_bits = small_shifts + 2,
        signed_positions = shifted_bits + 2,
        residual_values = signed_positions + 2,
        maximum_cells,
        maximum_positions,
        average_cells,
        average_positions,
        wide_average_cells,
        pool_fractions,
        stray_positions,                       ///< Positions of pools out of step with blocks.
        wide_blocks,                           ///< Outputs of a block, by form.
        block_rows = wide_blocks + wide_forms, ///< Kernel rows of a block, by kind.
        spills = block_rows + wide_kinds,      ///< Sums of runs added to wide ones.
        spilled_blocks,
        taps,                                        ///< Kernel rows of one channel of a block, by form.
        products = taps + wide_forms,                ///< By kind.
        large_products = products + wide_kinds,      ///< Products of kernels 5 or more wide.
        channel_steps = large_products + wide_kinds, ///< Taps if there are several channels.
        weights = channel_steps + wide_kinds,        ///< By kind and format, as the next ones.
        large_weights = weights + wide_kinds * 3,    ///< Weights of kernels 5 or more wide.
        loads = large_weights + wide_kinds * 3,      ///< Input values if there is one channel.
        strided_loads,                               ///< Input values if there are several, by kind.
        edge_checks = strided_loads + wide_kinds,
        wide_32_bits,     ///< Spills into sums of 32 bits ...
        wide_32_products, ///< ... and products.
        packed_runs,
        dense_rows,
        dense_blocks,
        dense_spills,
        dense_products, ///< In C++, by format.
        whole_rows = dense_products + 3,
        whole_channels,
        whole_products, ///< By format.
        gathered_outputs = whole_products + 3,
        begun_outputs,
        set_outputs,      ///< Outputs of layers that set their sums, see mcu/gather.hpp.
        ternary_products, ///< Products of 2-bit weights of moving kernels, in C++; additions on chips without mul.
        sparse_rows,      ///< Layers whose lists hold the nonzero weights: rows of moving kernels ...
        sparse_blocks,    ///< ... and blocks of positions.
        sparse_outputs,   ///< Outputs of a block, in assembly ...
        list_outputs,     ///< ... and in C++, by kind of list, as the next three.
        list_headers = list_outputs + list_kinds,
        list_entries = list_headers + list_kinds,
        list_products = list_entries + list_kinds,
        nibble_entries = list_products + list_kinds, ///< In C++.
        ternary_entries,
        skipped_headers, ///< Lists that meet no row, counted each time they are skipped.
        sparse_gathered_rows,
        gathered_lists, ///< In C++, as the next three.
        gathered_headers,
        gathered_entries,
        gathered_ternary,
        tree_nodes,   ///< Nodes on a path.
        tree_outputs, ///< Outputs of these nodes: a score and a gate each.
        tree_shifts,  ///< Bits by which these are shifted, whole bytes not counted.
        tree_lists,   ///< Rows of lists, narrow ...
        tree_wide_lists,
        tree_runs,     ///< ... and runs of rows that are stored in full.
        tree_packed,   ///< Those rows with weights of 4 or 2 bits.
        tree_entries,  ///< List entries that multiply, in C++.
        tree_nibbles,  ///< Products of 4-bit weights that are stored in full, in C++.
        series_rows,   ///< Rows of a series that is converted in 16 bits ...
        series_runs,   ///< ... runs of channels with equal shift in them ...
        series_sums,   ///< ... and sums of its averages.
        series_shifts, ///< Bits of the shifts of values in 32 bits.
        direct_lines,  ///< Around sums of 24 bits in assembly: whole lines of an output ...
        direct_line_rows,
        direct_blocks, ///< ... and blocks of positions ...
        direct_block_rows,
        direct_outputs,
        direct_depthwise_rows,
        direct_stores, ///< ... and their positions, if nothing else follows ...
        direct_dense,  ///< ... and blocks of outputs of dense rows.
        column_rows,   ///< Rows of single positions, their kernel rows, and groups of outputs.
        column_kernel_rows,
        column_groups,
        column_depthwise_rows, ///< Kernel rows of groups of depthwise outputs.
        column_steps,          ///< In C++: values, or pairs of values, of a kernel row for a group ...
        column_outputs,        ///< ... outputs ...
        column_products,       ///< ... and products, by format.
        column_wide_products = column_products + 3,
        multiplied,         ///< Products in C++ with weights that are not zero ...
        picture_multiplied, ///< ... and values of a picture, many of them dark ...
        signed_multiplied,  ///< ... or values that may be negative;
        signed_products,    ///< all products with such values.
        zero_products,      ///< Products with weights that are zero ...
        negative_products,  ///< ... or negative, the latter with values that are not.
        sparse_entries,     ///< Entries of lists read in assembly, for a block, by format: pairs, nibbles, ternary ...
        sparse_headers = sparse_entries + 3, ///< ... and their counts ...
        sparse_products,                     ///< ... and products ...
        sparse_finished,                     ///< ... and positions of a block that pools or residual sums follow.
        count
    };
    std::array<double, count> counts{}; ///< How often each is done, or in the program.
};

/// Code of the program, without weights and names.
struct Code {
    enum : std::size_t {
        program,
        layers,
        series_input,
        pooled_input,
        fraction_input,
        wide_counters,
        assembly, ///< Bytes of the loops in assembly.
        windows,  ///< By Path.
        packed = windows + paths,
        biases_1,
        biases_2,
        odd_pairs,
        narrow_positions,
        small_divisions,
        edges,
        depthwise,
        several_rows,
        strided,
        rings,
        finished, ///< As in Work.
        small_shifts = finished + 2,
        shifted_bits = small_shifts + 2,
        signed_positions = shifted_bits + 2,
        residuals = signed_positions + 2,
        residual_positions,
        maximum_pools,
        maximum_cells,
        average_pools,
        average_cells,
        fraction_pools,
        wide_pools,
        stray_pools,
        wide_blocks,                     ///< By form.
        taps = wide_blocks + wide_forms, ///< Input values loaded by the written-out kernel row.
        products = taps + wide_kinds,
        weights = products + wide_kinds,    ///< Fetched by that kernel row, by kind and format.
        large = weights + wide_kinds * 3,   ///< Kernels 5 or more wide.
        channel_loops = large + wide_kinds, ///< Windows of several channels.
        strided_taps = channel_loops + wide_kinds,
        far_taps,
        edge_taps,
        single_channel,
        wide_32_bits,
        run_rests,
        several_runs,
        dense_layers,
        dense_outputs,
        dense_rests,
        dense_runs,
        whole_layers,
        whole_packed,
        hidden_gathers,
        extra_heads,
        set_layers,
        dense_weights,                        ///< In C++, fetched by the written-out block, by format.
        ternary_products = dense_weights + 3, ///< In C++, of weights of 2 bits.
        pairs,                                ///< In C++, positions of two outputs.
        sparse_windows,                       ///< Lists read in assembly ...
        list_windows,                         ///< ... and in C++, by kind, as the next one.
        list_positions = list_windows + list_kinds,
        nibble_windows = list_positions + list_kinds, ///< In C++.
        ternary_windows,
        sparse_gathers, ///< By format: pairs of bytes, nibbles, ternary.
        trees = sparse_gathers + 3,
        tree_levels, ///< Trees of several levels.
        tree_lists,  ///< As in Work, like the next ones.
        tree_wide_lists,
        tree_packed,
        series_centred, ///< Series converted in 16 bits ...
        series_runs,    ///< ... runs of channels with equal shift ...
        series_averages,
        direct_lines,   ///< As in Work ...
        direct_lines_1, ///< ... with kernels that are 1 wide ...
        direct_blocks,
        direct_dense,
        columns,
        column_groups, ///< Sizes of groups, each compiled in.
        column_packed,
        column_depthwise,
        column_pairs,
        plain_columns, ///< In C++.
        count
    };
    std::array<double, count> counts{}; ///< How often each is done, or in the program.
};

/// Frames of functions on the stack, of which the deepest decides. A window has three: if values are stored at once,
/// for maximum pools, and for averages and residual sums.
struct Frames {
    enum : std::size_t {
        pictures,
        pooled_pictures,
        series,
        pooled_series,
        wide_series,                ///< In 32 bits.
        windows,                    ///< By Path.
        runs = windows + 3 * paths, ///< Wide sums of runs in assembly.
        direct_lines = runs + 3,
        direct_blocks = direct_lines + 3,
        columns = direct_blocks + 3,
        wide_columns = columns + 3,
        depthwise_columns = wide_columns + 3,
        wide_depthwise_columns = depthwise_columns + 3,
        lists = wide_depthwise_columns + 3,
        straight = lists + 3,
        dense = straight + 3,
        direct_dense,
        whole_depthwise,
        gathered_lists,
        trees,
        list_trees,
        count
    };
    std::array<double, count> bytes; ///< Known bytes of the largest frame of a kind; negative if there is none.

    Frames() { bytes.fill(-1); }
    /// A function with a frame of that kind and at least these known bytes.
    void add(std::size_t kind, double known) { bytes[kind] = std::max(bytes[kind], known); }
    /// The deepest frame if each kind takes these bytes in addition.
    double deepest(const std::array<double, count>& own) const {
        double deepest = 0;
        for (std::size_t kind = 0; kind < count; ++kind)
            if (bytes[kind] >= 0) deepest = std::max(deepest, bytes[kind] + own[kind]);
        return deepest;
    }
};

} // namespace tinysparse::cost
