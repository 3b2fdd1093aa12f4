// SPDX-License-Identifier: Apache-2.0
// Units of any kind as one full convolution and back, for transplant.hpp if a unit changes its kind.
//   depthwise + pointwise   W[o][c][t] = P[o][c] D[c][t]            exact if there is no ReLU between them
//   pointwise + convolution W[o][c][t] = sum_m C[o][m][t] S[m][c]   likewise
//   back                    P[o][c] D[c][t], the nearest such product for each c
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/kernel.hpp"

namespace tinysparse::search::detail {

/// Weights [outputs][inputs][height][width] of a convolution, whatever layers it comes from.
struct FullKernel {
    int outputs = 0, inputs = 0, height = 1, width = 1;
    std::vector<double> weights;
    std::vector<double> biases; ///< [outputs]

    FullKernel(int out, int in, int h, int w)
        : outputs(out), inputs(in), height(h), width(w),
          weights(std::size_t(out) * std::size_t(in) * std::size_t(h) * std::size_t(w)), biases(std::size_t(out)) {}
    int taps() const { return height * width; }
    double& tap(int o, int i, int t) { return weights[std::size_t((o * inputs + i) * taps() + t)]; }
    double tap(int o, int i, int t) const { return weights[std::size_t((o * inputs + i) * taps() + t)]; }
    double& at(int o, int i, int y, int x) { return weights[std::size_t(((o * inputs + i) * height + y) * width + x)]; }
    double at(int o, int i, int y, int x) const {
        return weights[std::size_t(((o * inputs + i) * height + y) * width + x)];
    }
};

/// Height and width of a layer's weights: its window, or for a dense layer the size of its input map.
inline std::array<int, 2> window(const net::Layer& layer, const net::LayerShapes& shapes) {
    const net::Kernel own = net::kernel(layer, shapes);
    return {int(own.height), int(own.width)};
}
inline bool is_whole(const net::Layer& layer) {
    return layer.kind == net::Kind::dense || layer.padding == net::Padding::valid;
}
/// Calls body(y, x, old_y, old_x, factor) for the taps of a window that have an ancestor: kernels are laid centre
/// on centre, maps are stretched.
template <class Body> void for_taps(std::array<int, 2> now, std::array<int, 2> old, bool whole, Body body) {
    const double factor = whole ? double(old[0] * old[1]) / double(now[0] * now[1]) : 1.0;
    for (int y = 0; y < now[0]; ++y)
        for (int x = 0; x < now[1]; ++x) {
            const int from_y = whole ? y * old[0] / now[0] : y - (now[0] - 1) / 2 + (old[0] - 1) / 2;
            const int from_x = whole ? x * old[1] / now[1] : x - (now[1] - 1) / 2 + (old[1] - 1) / 2;
            if (from_y >= 0 && from_y < old[0] && from_x >= 0 && from_x < old[1]) body(y, x, from_y, from_x, factor);
        }
}

/// The weights of one layer; a depthwise one has one input for all its outputs.
inline FullKernel kernel_of(const net::Layer& layer, const net::LayerShapes& shapes, const fixed::FloatLayer& values) {
    const net::Kernel own = net::kernel(layer, shapes);
    FullKernel kernel(layer.outputs, int(own.depth), int(own.height), int(own.width));
    std::copy(values.weights.begin(), values.weights.end(), kernel.weights.begin());
    std::copy(values.biases.begin(), values.biases.end(), kernel.biases.begin());
    return kernel;
}

/// Adds what the biases of an inner layer contribute to the outputs of the next, if no padding cuts windows short.
inline void add_inner_biases(const FullKernel& first, const FullKernel& last, FullKernel& all) {
    for (int o = 0; o < last.outputs; ++o)
        for (int m = 0; m < last.inputs; ++m)
            for (int t = 0; t < last.taps(); ++t)
                all.biases[std::size_t(o)] += last.tap(o, m, t) * first.biases[std::size_t(m)];
}

inline FullKernel merged_depthwise(const FullKernel& first, const FullKernel& last) {
    FullKernel all(last.outputs, first.outputs, first.height, first.width);
    all.biases = last.biases;
    add_inner_biases(first, last, all);
    for (int o = 0; o < all.outputs; ++o)
        for (int c = 0; c < all.inputs; ++c)
            for (int t = 0; t < all.taps(); ++t) all.tap(o, c, t) = last.tap(o, c, 0) * first.tap(c, 0, t);
    return all;
}

inline FullKernel merged_pointwise(const FullKernel& first, const FullKernel& last) {
    FullKernel all(last.outputs, first.inputs, last.height, last.width);
    all.biases = last.biases;
    add_inner_biases(first, last, all);
    for (int o = 0; o < all.outputs; ++o)
        for (int m = 0; m < last.inputs; ++m)
            for (int c = 0; c < all.inputs; ++c)
                for (int t = 0; t < all.taps(); ++t) all.tap(o, c, t) += last.tap(o, m, t) * first.tap(m, c, 0);
    return all;
}

/// Makes a pointwise layer that replaces a convolution give the same answer for a constant picture.
inline void sum_taps(FullKernel& kernel, const FullKernel& whole, const std::vector<int>& inputs,
                     const std::vector<int>& outputs) {
    for (int o = 0; o < kernel.outputs; ++o)
        for (int c = 0; c < kernel.inputs; ++c) {
            const int from = outputs[std::size_t(o)], read = inputs[std::size_t(c)];
            if (from < 0 || read < 0 || from >= whole.outputs || read >= whole.inputs) continue;
            double sum = 0;
            for (int t = 0; t < whole.height * whole.width; ++t)
                sum += whole.at(from, read, t / whole.width, t % whole.width);
            kernel.at(o, c, 0, 0) = sum;
        }
}
/// A depthwise layer's weights, [input][tap], and the pointwise layer behind it.
struct Product {
    std::vector<float> shapes;
    FullKernel gains;
};

/// The product that is nearest to a convolution: for each input the leading singular pair, by power iteration.
inline Product separated(const FullKernel& kernel) {
    const std::size_t taps = std::size_t(kernel.taps());
    Product product{{}, FullKernel(kernel.outputs, kernel.inputs, 1, 1)};
    product.gains.biases = kernel.biases;
    for (int c = 0; c < kernel.inputs; ++c) {
        // Begins at the centre, so that a channel that nothing reads is passed on.
        std::vector<double> shape(taps, 1e-3);
        shape[std::size_t((kernel.height - 1) / 2 * kernel.width + (kernel.width - 1) / 2)] = 1;
        for (int round = 0; round < 30; ++round) {
            std::vector<double> next(taps, 0.0);
            double squares = 0;
            for (int o = 0; o < kernel.outputs; ++o) {
                double gain = 0;
                for (std::size_t t = 0; t < taps; ++t) gain += kernel.tap(o, c, int(t)) * shape[t];
                for (std::size_t t = 0; t < taps; ++t) next[t] += gain * kernel.tap(o, c, int(t));
            }
            for (const double value : next) squares += value * value;
            if (!(squares > 0)) break;
            for (std::size_t t = 0; t < taps; ++t) shape[t] = next[t] / std::sqrt(squares);
        }
        double squares = 0;
        for (const double value : shape) squares += value * value;
        for (int o = 0; o < kernel.outputs; ++o)
            for (std::size_t t = 0; t < taps; ++t)
                product.gains.tap(o, c, 0) += kernel.tap(o, c, int(t)) * shape[t] / squares;
        for (const double value : shape) product.shapes.push_back(float(value));
    }
    return product;
}

} // namespace tinysparse::search::detail
