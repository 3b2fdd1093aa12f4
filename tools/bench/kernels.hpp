// SPDX-License-Identifier: Apache-2.0
// The training kernels as shares of the multiply-add peak of one core, which the same run measures with a loop of
// independent multiply-adds. One group of 16 samples, 8 -> 16 channels on 16x16, `same` padding; also the sizes of
// small networks: a first layer on 28x28, 5x5 kernels, dense layers.
#pragma once
#include <limits>
#include <utility>

#include "result.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/tensor/convolution.hpp"
#include "tinysparse/tensor/dense.hpp"
#include "tinysparse/tensor/depthwise.hpp"

namespace tinysparse::bench {

struct KernelOptions {
    double seconds = 0.05;  // of processor time per trial
    std::size_t trials = 7; // the fastest counts
    Progress progress{};
};

namespace detail {

/// Processor seconds of one call in the fastest trial.
template <class Timed> double fastest_call(const KernelOptions& options, Timed timed) {
    std::size_t calls = 1;
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t trial = 0; trial < options.trials;) {
        const double begin = thread_seconds();
        for (std::size_t i = 0; i < calls; ++i) timed();
        const double spent = thread_seconds() - begin;
        if (spent < options.seconds / 2) {
            calls *= 2;
            continue;
        }
        best = std::min(best, spent / double(calls));
        ++trial;
    }
    return best;
}

/// Keeps the compiler from removing the work whose result lies at `place`.
template <class Value> void keep(Value* place) { asm volatile("" : : "r"(place) : "memory"); }

/// `Sums` independent chains of multiply-adds, enough to fill the latency of every pipe and held in registers.
template <int Sums> void multiply_adds(std::size_t rounds) {
    tensor::Lane sums[Sums];
    const tensor::Lane factor = tensor::broadcast(0.999f), addend = tensor::broadcast(1e-3f);
    for (int k = 0; k < Sums; ++k) sums[k] = addend * float(k);
    for (std::size_t round = 0; round < rounds; ++round)
#pragma GCC unroll 16
        for (int k = 0; k < Sums; ++k) sums[k] = sums[k] * factor + addend;
    for (int k = 0; k < Sums; ++k) keep(&sums[k]);
}

/// Multiply-adds per second of one core at its best; a Lane counts as 16.
inline double multiply_add_peak(const KernelOptions& options) {
    constexpr int sums = 12;
    constexpr std::size_t rounds = 10000;
    return double(sums * rounds * tensor::lane_samples) / fastest_call(options, [] { multiply_adds<sums>(rounds); });
}

inline std::vector<float> random_numbers(Random& random, std::size_t count) {
    std::vector<float> numbers(count);
    for (float& number : numbers) number = float(random.normal());
    return numbers;
}

inline tensor::Tensor random_pictures(Random& random, const net::Shape& shape, tensor::Halo halo) {
    tensor::Tensor pictures(1, shape, halo);
    tensor::for_rows(shape, [&](int c, int y) {
        for (int p = 0; p < shape.width; ++p)
            for (std::size_t s = 0; s < tensor::lane_samples; ++s)
                pictures.group(0).row(c, y)[p][s] = float(random.normal());
    });
    return pictures;
}

/// Shares of the peak of one layer's three kernels.
struct KernelShares {
    double forward = 0, weight_gradient = 0, input_gradient = 0;
};

struct KernelBench {
    const KernelOptions& options;
    double peak;
    Random random{1, "bench kernels"};

    /// Multiply-adds per second over the peak, for a kernel that does this number of them per sample.
    template <class Timed> double share(double macs, Timed timed) {
        return macs * double(tensor::lane_samples) / fastest_call(options, timed) / peak;
    }

    KernelShares windowed(net::Kind kind, const net::Shape& in, int kernel, int outputs) {
        net::Layer layer;
        layer.kind = kind;
        layer.outputs = outputs;
        layer.kernel_height = layer.kernel_width = kernel;
        const bool depthwise = net::reads_one_channel(layer);
        const net::Shape out{outputs, in.height, in.width};
        const tensor::WindowMap map{tensor::window_of(layer), in, out}, turned = tensor::turned(map);
        const tensor::Tensor x = random_pictures(random, in, tensor::halo_for(map));
        const tensor::Tensor dy = random_pictures(random, out, tensor::halo_for(turned));
        tensor::Tensor y(1, out), dx(1, in);
        const std::size_t count = net::weights(layer, {in, out, out});
        const std::vector<float> weights = random_numbers(random, count), bias = random_numbers(random, 64);
        std::vector<float> dweights(count);
        // Windows' rows above and below the picture are not computed, so they do not count.
        double rows = 0;
        for (int row = 0; row < in.height; ++row) {
            const tensor::detail::Range inside = tensor::detail::rows_inside(map.window, in.height, row);
            rows += double(inside.end - inside.begin) / kernel;
        }
        const double macs = double(count) * rows * in.width;
        KernelShares shares;
        shares.forward = share(macs, [&] {
            if (depthwise)
                tensor::depthwise_forward(map, x.group(0), weights, y.group(0), {bias});
            else
                tensor::convolution_forward(map, x.group(0), weights, y.group(0), {bias});
        });
        shares.weight_gradient = share(double(count) * in.height * in.width, [&] {
            if (depthwise)
                tensor::depthwise_weight_gradient(map, x.group(0), dy.group(0), dweights);
            else
                tensor::convolution_weight_gradient(map, x.group(0), dy.group(0), dweights);
        });
        shares.input_gradient = share(macs, [&] {
            if (depthwise)
                tensor::depthwise_forward(turned, dy.group(0), weights, dx.group(0));
            else
                tensor::convolution_forward(turned, dy.group(0), weights, dx.group(0));
        });
        return shares;
    }

    KernelShares dense(const net::Shape& in, int outputs) {
        const net::Shape out{outputs, 1, 1};
        const tensor::Tensor x = random_pictures(random, in, {}), dy = random_pictures(random, out, {});
        tensor::Tensor y(1, out), dx(1, in);
        const std::size_t count = in.size() * std::size_t(outputs);
        const std::vector<float> weights = random_numbers(random, count),
                                 bias = random_numbers(random, std::size_t(outputs));
        std::vector<float> dweights(count);
        std::vector<tensor::Lane> scratch(tensor::dense_scratch(in));
        const double macs = double(count);
        KernelShares shares;
        shares.forward =
            share(macs, [&] { tensor::dense_forward(in, x.group(0), weights, outputs, y.group(0), {bias}); });
        shares.weight_gradient = share(
            macs, [&] { tensor::dense_weight_gradient(in, x.group(0), outputs, dy.group(0), dweights, scratch); });
        shares.input_gradient =
            share(macs, [&] { tensor::dense_input_gradient(in, weights, outputs, dy.group(0), dx.group(0), false); });
        return shares;
    }
};

} // namespace detail

/// Shares of the multiply-add peak, forward, weight gradient and input gradient of each layer.
inline Results bench_kernels(const KernelOptions& options = {}) {
    detail::KernelBench bench{options, detail::multiply_add_peak(options)};
    Results results;
    const auto add = [&](const std::string& name, const detail::KernelShares& shares) {
        results.push_back({name + "_forward", shares.forward, "of peak"});
        results.push_back({name + "_weight_gradient", shares.weight_gradient, "of peak"});
        results.push_back({name + "_input_gradient", shares.input_gradient, "of peak"});
        if (options.progress)
            options.progress(text(name, ": forward ", fixed_decimals(100 * shares.forward, 1), " %, weight gradient ",
                                  fixed_decimals(100 * shares.weight_gradient, 1), " %, input gradient ",
                                  fixed_decimals(100 * shares.input_gradient, 1), " % of the peak"));
    };
    add("conv", bench.windowed(net::Kind::convolution, {8, 16, 16}, 3, 16));
    add("depthwise", bench.windowed(net::Kind::depthwise, {8, 16, 16}, 3, 8));
    add("pointwise", bench.windowed(net::Kind::convolution, {8, 16, 16}, 1, 16));
    add("conv_first", bench.windowed(net::Kind::convolution, {1, 28, 28}, 3, 4));
    add("conv_5x5", bench.windowed(net::Kind::convolution, {20, 12, 12}, 5, 50));
    add("depthwise_5x5", bench.windowed(net::Kind::depthwise, {8, 16, 16}, 5, 8));
    add("dense_small", bench.dense({9, 5, 5}, 10));
    add("dense_large", bench.dense({50, 4, 4}, 500));
    results.push_back({"peak", 2e-9 * bench.peak, "GFLOP/s"});
    return results;
}

} // namespace tinysparse::bench
