// SPDX-License-Identifier: Apache-2.0
// The kernels of this folder as plain loops over one sample, summed in double: read this first. Training runs the fast
// kernels; tests compare each of them with these.
//
// Linear layers are sums of products. The kinds differ only in which weight meets which input:
//   convolution  x (C,H,W)  w (O,C,kh,kw)  y (O,H',W')
//                y[o][r][c] = b[o] + sum over i, ky, kx of
//                             w[o][i][ky][kx] * x[i][stride r + ky - pad_top][stride c + kx - pad_left], 0 outside of x
//   depthwise    x (C,H,W)  w (C,kh,kw)    y (C,H',W')   the same, but for output o there is one i, o itself
//   dense        x (C,H,W)  w (O,C,H,W)    y (O,1,1)     y[o] = b[o] + sum over all i of w[o][i] * x[i]
// For each product w * x that enters y, the chain rule gives
//   dx += w * dy   dw += dy * x   and for each output   db[o] = sum over positions of dy[o]
//
// Pooling takes windows side by side; leftover rows and columns are dropped:
//   maximum   y = the largest x of the window; dy goes to the first position that holds it
//   average   y = the mean of the window; every position gets dy / area
#pragma once
#include <span>
#include <vector>

#include "tinysparse/tensor/pooling.hpp"
#include "tinysparse/tensor/window.hpp"

namespace tinysparse::tensor::reference {

/// The elements of one sample: [channel][row][column].
using Values = std::vector<double>;

/// Position of a picture's element in its Values.
inline std::size_t place(const net::Shape& shape, int channel, int row, int column) {
    return std::size_t((channel * shape.height + row) * shape.width + column);
}

/// One of the 16 samples of a group.
inline Values values_of(ConstView pictures, const net::Shape& shape, std::size_t sample) {
    Values values;
    for (int channel = 0; channel < shape.channels; ++channel)
        for (int row = 0; row < shape.height; ++row)
            for (int column = 0; column < shape.width; ++column)
                values.push_back(double(pictures.row(channel, row)[column][sample]));
    return values;
}

/// A linear layer without speed: the loops of the formulas above.
struct Linear {
    net::Kind kind;
    WindowMap map; ///< The window has no effect in a dense layer.

    /// y = W x + bias. bias has one number per output channel or is empty.
    Values forward(const Values& x, std::span<const float> weights, std::span<const float> bias) const {
        Values y(map.out.size());
        for (std::size_t i = 0; i < y.size() && !bias.empty(); ++i) y[i] = double(bias[i / positions()]);
        for_products([&](std::size_t out, std::size_t w, std::size_t in) { y[out] += double(weights[w]) * x[in]; });
        return y;
    }
    /// dx = W^T dy.
    Values input_gradient(std::span<const float> weights, const Values& dy) const {
        Values dx(map.in.size());
        for_products([&](std::size_t out, std::size_t w, std::size_t in) { dx[in] += double(weights[w]) * dy[out]; });
        return dx;
    }
    /// Adds the gradient from this sample to dweights, which has one number per weight.
    void add_weight_gradient(const Values& x, const Values& dy, Values& dweights) const {
        for_products([&](std::size_t out, std::size_t w, std::size_t in) { dweights[w] += dy[out] * x[in]; });
    }
    /// Adds the gradient from this sample to dbias, which has one number per output channel.
    void add_bias_gradient(const Values& dy, Values& dbias) const {
        for (std::size_t i = 0; i < dy.size(); ++i) dbias[i / positions()] += dy[i];
    }

  private:
    std::size_t positions() const { return map.out.size() / std::size_t(map.out.channels); }

    /// Calls product(out, w, in) with the places in y, W and x of each product.
    template <class Product> void for_products(Product product) const {
        for (int o = 0; o < map.out.channels; ++o) switch (kind) {
            case net::Kind::convolution:
                for (int i = 0; i < map.in.channels; ++i) window_products(o, i, o * map.in.channels + i, product);
                break;
            case net::Kind::depthwise:
                window_products(o, o, o, product);
                break;
            case net::Kind::dense:
                for (std::size_t i = 0; i < map.in.size(); ++i)
                    product(std::size_t(o), std::size_t(o) * map.in.size() + i, i);
            }
    }
    /// Calls product for output channel o and input channel i, whose kh x kw weights are the filter of this index.
    template <class Product> void window_products(int o, int i, int filter, Product& product) const {
        const auto& [window, in, out] = map;
        for (int row = 0; row < out.height; ++row)
            for (int column = 0; column < out.width; ++column)
                for (int ky = 0; ky < window.kernel_height; ++ky)
                    for (int kx = 0; kx < window.kernel_width; ++kx) {
                        const int y = row * window.stride + ky - window.pad_top;
                        const int x = column * window.stride + kx - window.pad_left;
                        if (y < 0 || x < 0 || y >= in.height || x >= in.width) continue;
                        const int w = filter * window.size() + ky * window.kernel_width + kx;
                        product(place(out, o, row, column), std::size_t(w), place(in, i, y, x));
                    }
    }
};

/// Both kinds of pooling as plain loops.
struct Pooling {
    PoolMap map;

    /// y = the largest x of each window.
    Values maximum(const Values& x) const {
        Values y(map.out.size());
        for_windows([&](std::size_t out, const std::vector<std::size_t>& window) { y[out] = x[largest(x, window)]; });
        return y;
    }
    /// dx: dy at the first largest x of each window, 0 elsewhere.
    Values maximum_gradient(const Values& x, const Values& dy) const {
        Values dx(map.in.size());
        for_windows([&](std::size_t out, const std::vector<std::size_t>& window) { dx[largest(x, window)] = dy[out]; });
        return dx;
    }
    /// y = the mean of each window.
    Values average(const Values& x) const {
        Values y(map.out.size());
        for_windows([&](std::size_t out, const std::vector<std::size_t>& window) {
            for (const std::size_t in : window) y[out] += x[in] / map.pool.area();
        });
        return y;
    }
    /// dx: dy / area everywhere in the window.
    Values average_gradient(const Values& dy) const {
        Values dx(map.in.size());
        for_windows([&](std::size_t out, const std::vector<std::size_t>& window) {
            for (const std::size_t in : window) dx[in] = dy[out] / map.pool.area();
        });
        return dx;
    }

  private:
    /// Calls body(out, window) with the place of each output and the places of its inputs.
    template <class Body> void for_windows(Body body) const {
        const auto& [pool, in, out] = map;
        for (int channel = 0; channel < out.channels; ++channel)
            for (int row = 0; row < out.height; ++row)
                for (int column = 0; column < out.width; ++column) {
                    std::vector<std::size_t> window;
                    for (int wy = 0; wy < pool.height; ++wy)
                        for (int wx = 0; wx < pool.width; ++wx)
                            window.push_back(place(in, channel, row * pool.height + wy, column * pool.width + wx));
                    body(place(out, channel, row, column), window);
                }
    }
    /// The first place of the largest value.
    static std::size_t largest(const Values& x, const std::vector<std::size_t>& window) {
        std::size_t best = window.front();
        for (const std::size_t in : window)
            if (x[in] > x[best]) best = in;
        return best;
    }
};

} // namespace tinysparse::tensor::reference
