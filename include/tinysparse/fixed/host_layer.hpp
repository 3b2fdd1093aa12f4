// SPDX-License-Identifier: Apache-2.0
// Layers of an integer network with sizes known at run time: the arguments that a host passes to the kernels of mcu/.
// Only the sizes that those kernels need as constants (kernel width, stride and block) are constants here as well.
#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/fixed/program.hpp"
#include "tinysparse/mcu.hpp"

namespace tinysparse::fixed::detail {

/// Number of positions, or dense outputs, that host kernels compute at once.
inline constexpr int host_block = 4;

struct HostTypes {
    using Count = std::uint32_t;
    using Size = std::uint32_t;
    using WeightIndex = std::uint32_t;
    using Reader = mcu::WeightReader<8>;
    using PoolSum = std::int32_t;
};

/// Constants of the integer network.
struct HostConstants : HostTypes {
    Count run = 0;
    std::uint8_t shift = 0, bias_shift = 0;
    std::int8_t lowest = 0;
    bool sparse = false;
    std::uint8_t own_shift = 0, residual_shift = 0;
    std::int8_t residual_lowest = 0;
    std::vector<std::uint8_t> ordered_weights;
    std::vector<std::int16_t> biases;

    const std::uint8_t* weights() const { return ordered_weights.data(); }
    std::int16_t bias(Count output) const { return biases.empty() ? std::int16_t{0} : biases[output]; }

    HostConstants(const Program& program, std::size_t index, int dense_block)
        : HostConstants(program.lowered().layer(index), program.lowered().spec(index)) {
        const Lowered& lowered = program.lowered();
        const Format format = program.kernel(index).format;
        run = Count(lowered.proof(index).run);
        sparse =
            format != Format::dense && format != Format::straight; // the zeros that straight code omits add nothing
        if (sparse) {
            ordered_weights = program.layer(index).weights;
            return;
        }
        const auto ordered = kernel_order(lowered.spec(index), lowered.shapes(index), lowered.layer(index).weights,
                                          {.block = dense_block});
        ordered_weights.assign(ordered.begin(), ordered.end());
    }

  private:
    HostConstants(const Layer& layer, const net::Layer& spec)
        : shift(std::uint8_t(layer.shift)), bias_shift(std::uint8_t(layer.bias_shift)),
          own_shift(std::uint8_t(layer.own_shift)), residual_shift(std::uint8_t(layer.residual_shift)),
          residual_lowest(spec.activation == net::Activation::relu ? 0 : -128), biases(layer.biases) {
        lowest = spec.residual == net::none ? residual_lowest : std::int8_t{-128};
    }
};

struct HostWindow : HostConstants {
    static constexpr std::uint8_t kernel_height_limit = 7;
    static constexpr std::uint8_t cells = 0; // pools in a block; their sizes are not constants here
    static constexpr bool paired = false;
    using Row = void (*)(const HostWindow&, const std::int8_t* const*, std::uint8_t, WeightIndex, Size,
                         const mcu::RowTarget<HostWindow>&);

    Count in_height, in_width, in_channels, in_ring, kernel_height, kernel_width, stride, pad_top, pad_left, pad_right,
        depth, outputs, rows, width, pool_height, pool_width, out_height, out_width, out_ring, residual_ring,
        residual_height, residual_width;
    std::uint8_t pool_multiplier, pool_shift;
    bool depthwise, has_residual;
    mcu::Pooling pooling;
    Row row = nullptr;

    HostWindow(HostWindow&&) = default; // its tables are moved, not copied
    virtual ~HostWindow() = default;

    HostWindow(HostConstants constants, const WindowGeometry& g)
        : HostConstants(std::move(constants)), in_height(Count(g.in_height)), in_width(Count(g.in_width)),
          in_channels(Count(g.in_channels)), in_ring(Count(g.in_ring)), kernel_height(Count(g.kernel_height)),
          kernel_width(Count(g.kernel_width)), stride(Count(g.stride)), pad_top(Count(g.pad_top)),
          pad_left(Count(g.pad_left)), pad_right(Count(g.pad_right)), depth(Count(g.depth)), outputs(Count(g.outputs)),
          rows(Count(g.rows)), width(Count(g.width)), pool_height(Count(g.pool_height)),
          pool_width(Count(g.pool_width)), out_height(Count(g.out_height)), out_width(Count(g.out_width)),
          out_ring(Count(g.out_ring)), residual_ring(Count(g.residual_ring)), residual_height(Count(g.residual_height)),
          residual_width(Count(g.residual_width)), pool_multiplier(std::uint8_t(g.average.multiplier)),
          pool_shift(std::uint8_t(g.average.shift)), depthwise(g.depthwise), has_residual(g.has_residual),
          pooling(g.pooling == net::Pooling::maximum   ? mcu::maximum_pooling
                  : g.pooling == net::Pooling::average ? mcu::average_pooling
                                                       : mcu::no_pooling) {}
};

/// A window with the constants that its kernel needs.
template <std::uint8_t width_of_kernel, std::uint8_t stride_of_kernel, std::uint8_t positions, class SumOfKernel>
struct HostKernel : HostWindow {
    using Sum = SumOfKernel;
    static constexpr std::uint8_t kernel_width = width_of_kernel, stride = stride_of_kernel, block = positions;

    explicit HostKernel(HostWindow window) : HostWindow(std::move(window)) { row = &make_row; }

    static void make_row(const HostWindow& window, const std::int8_t* const* rows, std::uint8_t count,
                         WeightIndex index, Size skipped, const mcu::RowTarget<HostWindow>& target) {
        mcu::window_row(static_cast<const HostKernel&>(window), rows, count, index, skipped,
                        mcu::RowTarget<HostKernel>{target.output, target.pool_sums, target.residual, target.phase});
    }
};

/// A window over lists of nonzero weights.
template <class EntriesOfLists, std::uint8_t positions, class SumOfKernel> struct HostSparseKernel : HostWindow {
    using Sum = SumOfKernel;
    using Entries = EntriesOfLists;
    static constexpr std::uint8_t block = positions;

    explicit HostSparseKernel(HostWindow window) : HostWindow(std::move(window)) { row = &make_row; }

    static void make_row(const HostWindow& window, const std::int8_t* const* rows, std::uint8_t count,
                         WeightIndex above, Size absent, const mcu::RowTarget<HostWindow>& target) {
        mcu::sparse_window_row(
            static_cast<const HostSparseKernel&>(window), rows, count, std::uint8_t(above), std::uint8_t(absent),
            mcu::RowTarget<HostSparseKernel>{target.output, target.pool_sums, target.residual, target.phase});
    }
};

using HostWindowPointer = std::unique_ptr<const HostWindow>;

template <class Entries> HostWindowPointer host_sparse_kernel(HostWindow window, bool blocks, bool narrow) {
    if (blocks && narrow)
        return std::make_unique<const HostSparseKernel<Entries, host_block, std::int16_t>>(std::move(window));
    if (blocks) return std::make_unique<const HostSparseKernel<Entries, host_block, std::int32_t>>(std::move(window));
    if (narrow) return std::make_unique<const HostSparseKernel<Entries, 1, std::int16_t>>(std::move(window));
    return std::make_unique<const HostSparseKernel<Entries, 1, std::int32_t>>(std::move(window));
}

template <std::uint8_t width, std::uint8_t stride, std::uint8_t block>
HostWindowPointer host_kernel(HostWindow window, bool narrow) {
    if (narrow) return std::make_unique<const HostKernel<width, stride, block, std::int16_t>>(std::move(window));
    return std::make_unique<const HostKernel<width, stride, block, std::int32_t>>(std::move(window));
}
template <std::uint8_t width> HostWindowPointer host_kernel(HostWindow window, bool blocks, bool narrow) {
    if (window.stride == 1)
        return blocks ? host_kernel<width, 1, host_block>(std::move(window), narrow)
                      : host_kernel<width, 1, 1>(std::move(window), narrow);
    return blocks ? host_kernel<width, 2, host_block>(std::move(window), narrow)
                  : host_kernel<width, 2, 1>(std::move(window), narrow);
}
/// Makes the window with the kernel that fits it.
inline HostWindowPointer host_kernel(HostWindow window, bool blocks, bool narrow) {
    switch (window.kernel_width) {
    case 1:
        return host_kernel<1>(std::move(window), blocks, narrow);
    case 3:
        return host_kernel<3>(std::move(window), blocks, narrow);
    case 5:
        return host_kernel<5>(std::move(window), blocks, narrow);
    default:
        assert(window.kernel_width == 7);
        return host_kernel<7>(std::move(window), blocks, narrow);
    }
}
struct HostRow : mcu::RowMaker {
    static void run(const HostWindow& g, const std::int8_t* const* rows, std::uint8_t count, std::uint32_t index,
                    std::uint32_t skipped, const mcu::RowTarget<HostWindow>& target, std::uint8_t) {
        g.row(g, rows, count, index, skipped, target);
    }
};

struct HostGather : HostConstants {
    Count in_height, in_width, in_ring, outputs, row_size;
    bool head, adds, sets, has_residual;
    int depth; ///< Depth of a tree; the next three belong to trees as well.
    bool narrow;
    std::uint8_t score_shift, tanh_shift;

    HostGather(const Program& program, std::size_t index, HostConstants constants)
        : HostGather(std::move(constants), program.layout().gather(index), program.kernel(index),
                     program.lowered().layer(index)) {}

  private:
    HostGather(HostConstants constants, const GatherGeometry& g, const DeviceKernel& kernel, const Layer& layer)
        : HostConstants(std::move(constants)), in_height(Count(g.in_height)), in_width(Count(g.in_width)),
          in_ring(Count(g.in_ring)), outputs(Count(g.outputs)), row_size(Count(g.row_size)), head(g.head), adds(g.adds),
          sets(kernel.sets), has_residual(g.has_residual), depth(g.tree_depth), narrow(kernel.sum_bytes == 2),
          score_shift(std::uint8_t(layer.score_shift)), tanh_shift(std::uint8_t(layer.tanh_shift)) {}
};
template <class EntriesOfLists, class RowOperation> struct HostSparseGather : HostGather {
    using Operation = RowOperation;
    using Entries = EntriesOfLists;
};
template <class RowOperation, std::uint8_t outputs_in_block, std::uint8_t outputs_left>
struct HostGatherKernel : HostGather {
    using Operation = RowOperation;
    static constexpr std::uint8_t block = outputs_in_block, rest = outputs_left;
    static constexpr bool direct = false;
};

/// Rows and sums of a running network, laid out by the memory plan of a device.
struct HostMemory {
    explicit HostMemory(const Plan& plan_of_device)
        : plan(plan_of_device), made(plan.layers.size() + 1), scratch(plan.scratch_bytes),
          rings(plan.layers.size() + 1), pool_sums(plan.layers.size() + 1), sums(plan.layers.size()),
          logits(std::size_t(plan.classes)) {
        for (int producer = net::picture; producer < int(plan.layers.size()); ++producer) {
            const Buffers& buffers = plan.of(producer);
            if (!buffers.scratch)
                rings[std::size_t(producer + 1)].resize(std::size_t(buffers.ring) * buffers.row_bytes);
            pool_sums[std::size_t(producer + 1)].resize(buffers.pool_sums);
        }
        for (std::size_t i = 0; i < plan.layers.size(); ++i) sums[i].resize(plan.layers[i].sums);
    }
    std::int8_t* output(int producer) {
        const Buffers& buffers = plan.of(producer);
        return buffers.scratch ? scratch.data() + buffers.offset : rings[std::size_t(producer + 1)].data();
    }

    Plan plan;
    std::vector<std::uint32_t> made; ///< Rows that each operation has made; the picture's raw rows come first.
    std::vector<std::int8_t> scratch;
    std::vector<std::vector<std::int8_t>> rings;
    std::vector<std::vector<std::int32_t>> pool_sums, sums;
    std::vector<std::int32_t> logits;
};

/// One layer, ready to run.
class HostLayer {
  public:
    HostLayer(const Layout& layout, std::size_t index)
        : index_(index), input_(layout.spec().layers[index].input), residual_(layout.spec().layers[index].residual),
          input_divisor_(std::uint32_t(layout.rows_made_for_each(input_))),
          residual_divisor_(residual_ == net::none ? 1 : std::uint32_t(layout.rows_made_for_each(residual_))),
          last_reader_(layout.last_reader(int(index))) {}
    virtual ~HostLayer() = default;
    virtual void begin(HostMemory&) const {}
    /// Makes the next row if it can.
    virtual bool step(HostMemory& memory) const = 0;
    int last_reader() const { return last_reader_; }

  protected:
    template <class Geometry> mcu::Streams<Geometry> streams(HostMemory& memory) const {
        const auto rows = [&](int producer, std::uint32_t divisor) {
            return memory.made[std::size_t(producer + 1)] / divisor;
        };
        return {memory.output(input_),
                rows(input_, input_divisor_),
                residual_ == net::none ? nullptr : memory.output(residual_),
                residual_ == net::none ? 0 : rows(residual_, residual_divisor_),
                memory.output(int(index_)),
                memory.pool_sums[index_ + 1].data()};
    }
    std::size_t index_;

  private:
    int input_, residual_;
    std::uint32_t input_divisor_, residual_divisor_; ///< Rows that the source computes per output row.
    int last_reader_;
};

class HostWindowLayer : public HostLayer {
  public:
    HostWindowLayer(const Layout& layout, std::size_t index, HostWindowPointer window)
        : HostLayer(layout, index), window_(std::move(window)) {}
    bool step(HostMemory& memory) const override {
        return mcu::window_step<HostRow>(*window_, memory.made[index_ + 1], streams<HostWindow>(memory));
    }

  private:
    HostWindowPointer window_;
};

template <class Kernel> class HostGatherLayer : public HostLayer {
  public:
    HostGatherLayer(const Layout& layout, std::size_t index, HostGather gather)
        : HostLayer(layout, index), kernel_{std::move(gather)} {}
    void begin(HostMemory& memory) const override {
        if (!kernel_.sets) mcu::gather_begin(kernel_, sums(memory));
    }
    bool step(HostMemory& memory) const override {
        return mcu::gather_step(kernel_, memory.made[index_ + 1], sums(memory), streams<Kernel>(memory));
    }

  private:
    std::int32_t* sums(HostMemory& memory) const {
        return kernel_.head ? memory.logits.data() : memory.sums[index_].data();
    }
    Kernel kernel_;
};

template <std::uint8_t block, std::uint8_t rest>
std::unique_ptr<HostLayer> host_dense(const Layout& layout, std::size_t index, HostGather gather) {
    return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::Dense, block, rest>>>(layout, index,
                                                                                        std::move(gather));
}

template <class Entries>
std::unique_ptr<HostLayer> host_sparse_layer(const Program& program, std::size_t index, HostConstants constants,
                                             const WindowGeometry& geometry, bool narrow) {
    const Layout& layout = program.layout();
    if (net::is_tree(program.lowered().spec(index)))
        return std::make_unique<HostGatherLayer<HostSparseGather<Entries, mcu::Tree<mcu::ListRows>>>>(
            layout, index, HostGather(program, index, std::move(constants)));
    if (layout.gathers(index))
        return std::make_unique<HostGatherLayer<HostSparseGather<Entries, mcu::SparseLists>>>(
            layout, index, HostGather(program, index, std::move(constants)));
    HostWindow window(std::move(constants), geometry);
    return std::make_unique<HostWindowLayer>(
        layout, index, host_sparse_kernel<Entries>(std::move(window), geometry.block == host_block, narrow));
}

/// Makes the layer, with the kernel that fits it.
inline std::unique_ptr<HostLayer> host_layer(const Program& program, std::size_t index) {
    const Layout& layout = program.layout();
    const net::Layer& spec = program.lowered().spec(index);
    const bool narrow = program.lowered().proof(index).narrow;
    const bool tree = net::is_tree(spec);
    const int outputs = spec.outputs, dense_block = tree || outputs < host_block ? 1 : host_block;
    HostConstants constants(program, index, dense_block);
    WindowGeometry geometry;
    if (!layout.gathers(index)) {
        geometry = layout.window(index, host_block);
        if (geometry.block != host_block) geometry = layout.window(index, 1);
    }
    switch (program.kernel(index).format) {
    case Format::csr:
        return host_sparse_layer<mcu::PairEntries>(program, index, std::move(constants), geometry, narrow);
    case Format::nibble:
        return host_sparse_layer<mcu::NibbleEntries>(program, index, std::move(constants), geometry, narrow);
    case Format::ternary:
        return host_sparse_layer<mcu::TernaryEntries>(program, index, std::move(constants), geometry, narrow);
    default:
        break;
    }
    if (!layout.gathers(index)) {
        HostWindow window(std::move(constants), geometry);
        return std::make_unique<HostWindowLayer>(layout, index,
                                                 host_kernel(std::move(window), geometry.block == host_block, narrow));
    }
    HostGather gather(program, index, std::move(constants));
    if (tree)
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::Tree<mcu::DenseRows>, 1, 0>>>(layout, index,
                                                                                                    std::move(gather));
    if (net::reads_one_channel(spec))
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::WholeDepthwise, 1, 0>>>(layout, index,
                                                                                              std::move(gather));
    if (dense_block == 1) return host_dense<1, 0>(layout, index, std::move(gather));
    switch (outputs % host_block) {
    case 0:
        return host_dense<host_block, 0>(layout, index, std::move(gather));
    case 1:
        return host_dense<host_block, 1>(layout, index, std::move(gather));
    case 2:
        return host_dense<host_block, 2>(layout, index, std::move(gather));
    default:
        return host_dense<host_block, 3>(layout, index, std::move(gather));
    }
}

} // namespace tinysparse::fixed::detail
