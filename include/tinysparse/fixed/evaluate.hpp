// SPDX-License-Identifier: Apache-2.0
// The integer network on the host: the very kernels of mcu/, with sizes that are known when it runs. What it answers is
// what a device answers, bit for bit.
#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tinysparse/base/threads.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/averaging.hpp"
#include "tinysparse/fixed/order.hpp"
#include "tinysparse/fixed/plan.hpp"
#include "tinysparse/mcu.hpp"

namespace tinysparse::fixed {

namespace detail {

/// What every layer has: geometry members that are constants on a device.
struct HostGeometry {
    using Count = std::uint32_t;
    using Size = std::uint32_t;
    using WeightIndex = std::uint32_t;
    using Reader = mcu::WeightReader<8>;
    using PoolSum = std::int32_t;

    Count in_height = 1, in_width = 1, in_channels = 1, in_ring = 1;
    Count outputs = 1, run = 0;
    std::uint8_t shift = 0, bias_shift = 0;
    std::int8_t lowest = 0;
    bool has_residual = false;
    std::uint8_t own_shift = 0, residual_shift = 0;
    std::int8_t residual_lowest = 0;
    Count residual_ring = 1, residual_height = 1, residual_width = 1;
    std::vector<std::uint8_t> ordered_weights;
    std::vector<std::int16_t> biases;

    const std::uint8_t* weights() const { return ordered_weights.data(); }
    std::int16_t bias(Count output) const { return biases.empty() ? std::int16_t{0} : biases[output]; }
};

struct HostWindow : HostGeometry {
    static constexpr std::uint8_t kernel_height_limit = 7;
    Count kernel_height = 1, depth = 1, rows = 1, width = 1, out_height = 1, out_width = 1, out_ring = 1;
    Count pad_top = 0, pad_left = 0, pad_right = 0;
    bool depthwise = false;
    mcu::Pooling pooling = mcu::no_pooling;
    Count pool_height = 1, pool_width = 1;
    std::uint8_t pool_multiplier = 1, pool_shift = 0;
};

/// The kernel's width, stride and block are written out in the kernels, so they are compile-time here as well.
template <std::uint8_t width_of_kernel, std::uint8_t stride_of_kernel, std::uint8_t positions, class SumOfKernel>
struct HostWindowKernel : HostWindow {
    using Sum = SumOfKernel;
    static constexpr std::uint8_t kernel_width = width_of_kernel, stride = stride_of_kernel, block = positions;
};

struct HostGather : HostGeometry {
    Size row_size = 1;
    bool head = false, adds = false;
};
template <class RowOperation, std::uint8_t outputs_in_block, std::uint8_t outputs_left>
struct HostGatherKernel : HostGather {
    using Operation = RowOperation;
    static constexpr std::uint8_t block = outputs_in_block, rest = outputs_left;
};

struct HostInput {
    using Count = std::uint32_t;
    using Size = std::uint32_t;
    using PoolSum = std::int32_t;
    Count ring = 1, out_height = 1, out_width = 1, channels = 1, pool_height = 1, pool_width = 1;
    std::uint8_t pool_multiplier = 1, pool_shift = 0;
};
struct HostPicture : HostInput {
    using Raw = std::uint8_t;
    std::int8_t value(Raw raw, Count) const { return mcu::picture_value(raw); }
};
struct HostSeries : HostInput {
    using Raw = std::int16_t;
    std::span<const std::int16_t> offset;
    std::span<const std::uint8_t> shift;
    std::int8_t value(Raw raw, Count channel) const { return mcu::series_value(raw, offset[channel], shift[channel]); }
};

/// Rows and sums of a network that is running, laid out by the memory plan of a device.
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
    std::vector<std::uint32_t> made; ///< Rows that each operation has made, raw rows of the picture first.
    std::vector<std::int8_t> scratch;
    std::vector<std::vector<std::int8_t>> rings;
    std::vector<std::vector<std::int32_t>> pool_sums, sums;
    std::vector<std::int32_t> logits;
};

/// One layer, ready to run.
class HostLayer {
  public:
    virtual ~HostLayer() = default;
    virtual void begin(HostMemory&) const {}
    virtual bool step(HostMemory& memory) const = 0;

    int index = 0, input = net::picture, residual = net::none, last_reader = -1;
    std::uint32_t input_divisor = 1, residual_divisor = 1; ///< Rows that the source makes for each that leaves it.

  protected:
    template <class Geometry> mcu::Streams<Geometry> streams(HostMemory& memory) const {
        const Buffers& own = memory.plan.layers[std::size_t(index)];
        const auto rows = [&](int producer, std::uint32_t divisor) {
            return memory.made[std::size_t(producer + 1)] / divisor;
        };
        return {memory.output(input),
                rows(input, input_divisor),
                residual == net::none ? nullptr : memory.output(residual),
                residual == net::none ? 0 : rows(residual, residual_divisor),
                memory.output(index),
                memory.pool_sums[std::size_t(index + 1)].data(),
                memory.scratch.data() + own.line_offset};
    }
};

template <class Kernel> class HostWindowLayer : public HostLayer {
  public:
    explicit HostWindowLayer(HostWindow geometry) { static_cast<HostWindow&>(kernel_) = std::move(geometry); }
    bool step(HostMemory& memory) const override {
        return mcu::window_step(kernel_, memory.made[std::size_t(index + 1)], streams<Kernel>(memory));
    }

  private:
    Kernel kernel_;
};

template <class Kernel> class HostGatherLayer : public HostLayer {
  public:
    explicit HostGatherLayer(HostGather geometry) { static_cast<HostGather&>(kernel_) = std::move(geometry); }
    void begin(HostMemory& memory) const override { mcu::gather_begin(kernel_, sums(memory)); }
    bool step(HostMemory& memory) const override {
        return mcu::gather_step(kernel_, memory.made[std::size_t(index + 1)], sums(memory), streams<Kernel>(memory));
    }

  private:
    std::int32_t* sums(HostMemory& memory) const {
        return kernel_.head ? memory.logits.data() : memory.sums[std::size_t(index)].data();
    }
    Kernel kernel_;
};

/// Positions that host kernels compute at once.
inline constexpr int host_block = 4;

template <std::uint8_t width, std::uint8_t stride, std::uint8_t block>
std::unique_ptr<HostLayer> make_window(HostWindow geometry, bool narrow) {
    if (narrow)
        return std::make_unique<HostWindowLayer<HostWindowKernel<width, stride, block, std::int16_t>>>(
            std::move(geometry));
    return std::make_unique<HostWindowLayer<HostWindowKernel<width, stride, block, std::int32_t>>>(std::move(geometry));
}
template <std::uint8_t width> std::unique_ptr<HostLayer> make_window(HostWindow geometry, int stride, bool narrow) {
    const bool blocks = geometry.width >= host_block;
    if (stride == 1)
        return blocks ? make_window<width, 1, host_block>(std::move(geometry), narrow)
                      : make_window<width, 1, 1>(std::move(geometry), narrow);
    return blocks ? make_window<width, 2, host_block>(std::move(geometry), narrow)
                  : make_window<width, 2, 1>(std::move(geometry), narrow);
}

inline std::unique_ptr<HostLayer> make_window(HostWindow geometry, int kernel_width, int stride, bool narrow) {
    switch (kernel_width) {
    case 1:
        return make_window<1>(std::move(geometry), stride, narrow);
    case 3:
        return make_window<3>(std::move(geometry), stride, narrow);
    case 5:
        return make_window<5>(std::move(geometry), stride, narrow);
    default:
        assert(kernel_width == 7);
        return make_window<7>(std::move(geometry), stride, narrow);
    }
}

inline std::unique_ptr<HostLayer> make_gather(HostGather geometry, bool depthwise) {
    if (depthwise)
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::WholeDepthwise, 1, 0>>>(std::move(geometry));
    if (geometry.outputs < host_block)
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::Dense, 1, 0>>>(std::move(geometry));
    switch (geometry.outputs % host_block) {
    case 0:
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::Dense, host_block, 0>>>(std::move(geometry));
    case 1:
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::Dense, host_block, 1>>>(std::move(geometry));
    case 2:
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::Dense, host_block, 2>>>(std::move(geometry));
    default:
        return std::make_unique<HostGatherLayer<HostGatherKernel<mcu::Dense, host_block, 3>>>(std::move(geometry));
    }
}

/// Geometry of a layer, from the Spec, the plan and the constants of the integer network.
class HostBuilder {
  public:
    HostBuilder(const Network& network, const net::Shapes& shapes, const Plan& plan)
        : network_(network), shapes_(shapes), plan_(plan), proofs_(prove(network)) {}

    std::unique_ptr<HostLayer> make(std::size_t index) const {
        const net::Layer& spec = network_.spec.layers[index];
        auto layer = gathers(spec, shapes_.layers[index]) ? gather(index) : window(index);
        layer->index = int(index);
        layer->input = spec.input;
        layer->residual = spec.residual;
        layer->input_divisor = rows_made_for_each(spec.input);
        if (spec.residual != net::none) layer->residual_divisor = rows_made_for_each(spec.residual);
        for (std::size_t i = index + 1; i < network_.spec.layers.size(); ++i)
            if (network_.spec.layers[i].input == int(index) || network_.spec.layers[i].residual == int(index))
                layer->last_reader = int(i);
        return layer;
    }

  private:
    std::uint32_t rows_made_for_each(int producer) const {
        if (producer == net::picture) return std::uint32_t(network_.spec.downsample_height);
        const net::Layer& spec = network_.spec.layers[std::size_t(producer)];
        const net::LayerShapes& own = shapes_.layers[std::size_t(producer)];
        if (gathers(spec, own)) return std::uint32_t(own.in.height);
        return spec.pooling == net::Pooling::none ? 1 : std::uint32_t(spec.pool_height);
    }

    void fill(HostGeometry& g, std::size_t index, int dense_block) const {
        const net::Layer& spec = network_.spec.layers[index];
        const Layer& layer = network_.layers[index];
        const net::LayerShapes& own = shapes_.layers[index];
        g.in_height = std::uint32_t(own.in.height);
        g.in_width = std::uint32_t(own.in.width);
        g.in_channels = std::uint32_t(own.in.channels);
        g.in_ring = std::uint32_t(plan_.of(spec.input).ring);
        g.outputs = std::uint32_t(spec.outputs);
        g.run = std::uint32_t(proofs_[index].run);
        g.shift = std::uint8_t(layer.shift);
        g.bias_shift = std::uint8_t(layer.bias_shift);
        const std::int8_t lowest = spec.activation == net::Activation::relu ? std::int8_t{0} : std::int8_t{-128};
        g.has_residual = spec.residual != net::none;
        g.lowest = g.has_residual ? std::int8_t{-128} : lowest;
        if (g.has_residual) {
            g.own_shift = std::uint8_t(layer.own_shift);
            g.residual_shift = std::uint8_t(layer.residual_shift);
            g.residual_lowest = lowest;
            g.residual_ring = std::uint32_t(plan_.of(spec.residual).ring);
            g.residual_height = std::uint32_t(own.operation.height);
            g.residual_width = std::uint32_t(own.operation.width);
        }
        const auto ordered = kernel_order(spec, own, layer.weights, dense_block);
        g.ordered_weights.assign(ordered.begin(), ordered.end());
        g.biases = layer.biases;
    }

    std::unique_ptr<HostLayer> gather(std::size_t index) const {
        const net::Layer& spec = network_.spec.layers[index];
        const net::LayerShapes& own = shapes_.layers[index];
        HostGather g;
        fill(g, index, spec.outputs < host_block ? 1 : host_block);
        g.row_size = std::uint32_t(own.in.width * own.in.channels);
        g.head = net::is_output(network_.spec, index);
        for (std::size_t i = 0; i < index; ++i) g.adds |= g.head && net::is_output(network_.spec, i);
        return make_gather(std::move(g), spec.kind == net::Kind::depthwise);
    }

    std::unique_ptr<HostLayer> window(std::size_t index) const {
        const net::Layer& spec = network_.spec.layers[index];
        const net::LayerShapes& own = shapes_.layers[index];
        HostWindow g;
        fill(g, index, 1);
        g.depthwise = spec.kind == net::Kind::depthwise;
        g.kernel_height = std::uint32_t(spec.kernel_height);
        g.depth = g.depthwise ? 1 : g.in_channels;
        const bool pools = spec.pooling != net::Pooling::none;
        g.pool_height = pools ? std::uint32_t(spec.pool_height) : 1;
        g.pool_width = pools ? std::uint32_t(spec.pool_width) : 1;
        g.out_height = std::uint32_t(own.out.height);
        g.out_width = std::uint32_t(own.out.width);
        g.out_ring = std::uint32_t(plan_.layers[index].ring);
        g.rows = g.out_height * g.pool_height;
        g.width = g.out_width * g.pool_width;
        g.pad_top = std::uint32_t(net::padding_before(spec.kernel_height, spec.padding));
        g.pad_left = std::uint32_t(net::padding_before(spec.kernel_width, spec.padding));
        const int block = g.width >= host_block ? host_block : 1, taps = (block - 1) * spec.stride + spec.kernel_width;
        g.pad_right = std::uint32_t(
            std::clamp((int(g.width) - block) * spec.stride - int(g.pad_left) + taps - own.in.width, 0, taps));
        if (spec.pooling == net::Pooling::maximum) g.pooling = mcu::maximum_pooling;
        if (spec.pooling == net::Pooling::average) {
            g.pooling = mcu::average_pooling;
            const Averaging mean = averaging(spec.pool_height * spec.pool_width);
            g.pool_multiplier = std::uint8_t(mean.multiplier);
            g.pool_shift = std::uint8_t(mean.shift);
        }
        return make_window(std::move(g), spec.kernel_width, spec.stride, proofs_[index].narrow);
    }

    const Network& network_;
    const net::Shapes& shapes_;
    const Plan& plan_;
    std::vector<Accumulation> proofs_;
};

} // namespace detail

/// Runs an integer network on the host. Construction proves that nothing overflows and throws Error where it may.
/// Not for several threads at a time: each takes its own copy.
class Evaluator {
  public:
    explicit Evaluator(const Network& network)
        : shapes_(net::shapes(network.spec)), input_(network.input), memory_(plan(network.spec, network.input.series)) {
        const detail::HostBuilder builder(network, shapes_, memory_.plan);
        for (std::size_t i = 0; i < network.layers.size(); ++i) layers_.push_back(builder.make(i));
        for (const auto& layer : layers_)
            if (layer->input == net::picture || layer->residual == net::picture) picture_reader_ = layer->index;
        raw_ = network.spec.input;
        const auto fill = [&](detail::HostInput& g) {
            g.ring = std::uint32_t(memory_.plan.picture.ring);
            g.out_height = std::uint32_t(shapes_.picture.height);
            g.out_width = std::uint32_t(shapes_.picture.width);
            g.channels = std::uint32_t(shapes_.picture.channels);
            g.pool_height = std::uint32_t(network.spec.downsample_height);
            g.pool_width = std::uint32_t(network.spec.downsample_width);
            const Averaging mean = averaging(network.spec.downsample_height * network.spec.downsample_width);
            g.pool_multiplier = std::uint8_t(mean.multiplier);
            g.pool_shift = std::uint8_t(mean.shift);
        };
        fill(picture_);
        fill(series_);
        series_.offset = input_.offset;
        series_.shift = input_.shift;
    }
    Evaluator(const Evaluator&) = delete;
    Evaluator& operator=(const Evaluator&) = delete;

    /// Logits of one picture in the order of a device's rows, [height][width][channel]. Valid until the next call.
    std::span<const std::int32_t> logits(std::span<const std::uint8_t> picture) {
        assert(!input_.series && picture.size() == raw_.size());
        return run(picture_, picture.data());
    }
    /// Logits of one series, [time][channel].
    std::span<const std::int32_t> logits(std::span<const std::int16_t> series) {
        assert(input_.series && series.size() == raw_.size());
        return run(series_, series.data());
    }

    /// The class of the last call: the largest logit, the lowest class on a tie.
    std::uint8_t predicted() const { return mcu::largest(memory_.logits.data(), std::uint8_t(memory_.logits.size())); }

  private:
    template <class Geometry>
    std::span<const std::int32_t> run(const Geometry& geometry, const typename Geometry::Raw* rows) {
        std::fill(memory_.made.begin(), memory_.made.end(), 0);
        for (const auto& layer : layers_) layer->begin(memory_);
        const std::size_t row_size = std::size_t(raw_.width) * std::size_t(raw_.channels);
        for (int row = 0; row < raw_.height; ++row, rows += row_size) {
            mcu::input_row(geometry, rows, std::uint32_t(row), memory_.pool_sums[0].data(),
                           memory_.output(net::picture));
            ++memory_.made[0];
            for (int layer = picture_reader_; layer >= 0;) {
                const detail::HostLayer& own = *layers_[std::size_t(layer)];
                layer = own.step(memory_) ? std::max(layer, own.last_reader) : layer - 1;
            }
        }
        return memory_.logits;
    }

    net::Shapes shapes_;
    net::Shape raw_;
    Input input_;
    detail::HostMemory memory_;
    std::vector<std::unique_ptr<detail::HostLayer>> layers_;
    detail::HostPicture picture_;
    detail::HostSeries series_;
    int picture_reader_ = -1;
};

/// A sample of a split in the order of a device's rows: channels side by side.
template <class Element>
void device_order(std::span<const Element> sample, const net::Shape& shape, std::vector<Element>& out) {
    const std::size_t channels = std::size_t(shape.channels), positions = shape.size() / channels;
    out.resize(shape.size());
    for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t i = 0; i < positions; ++i) out[i * channels + channel] = sample[channel * positions + i];
}

/// Share of right answers of the integer network over a split, 0..1; 0 for an empty one. The same for any thread count.
inline double accuracy(const Network& network, const data::Split& split, std::size_t threads = 1) {
    if (split.samples == 0) return 0;
    Team team(std::min(std::max<std::size_t>(1, threads), split.samples));
    std::vector<std::size_t> right(team.size());
    team.run(team.size(), [&](std::size_t part, std::size_t) {
        Evaluator evaluator(network);
        std::vector<std::uint8_t> pixels;
        std::vector<std::int16_t> values;
        const std::size_t size = network.spec.input.size();
        for (std::size_t i = split.samples * part / team.size(); i < split.samples * (part + 1) / team.size(); ++i) {
            if (network.input.series) {
                device_order<std::int16_t>(std::span(split.values).subspan(i * size, size), network.spec.input, values);
                evaluator.logits(values);
            } else {
                device_order<std::uint8_t>(std::span(split.pixels).subspan(i * size, size), network.spec.input, pixels);
                evaluator.logits(pixels);
            }
            if (evaluator.predicted() == split.labels[i]) ++right[part];
        }
    });
    std::size_t sum = 0;
    for (const std::size_t part : right) sum += part;
    return double(sum) / double(split.samples);
}

} // namespace tinysparse::fixed
