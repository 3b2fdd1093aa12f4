// SPDX-License-Identifier: Apache-2.0
// Every kernel against the plain formula, summed in double, sample by sample, with bounds tested at every step.
#include "tinysparse/base/random.hpp"
#include "tinysparse/tensor/dense.hpp"
#include "tinysparse/tensor/depthwise.hpp"
#include "tinysparse/tensor/pooling.hpp"
#include <doctest/doctest.h>
#include <vector>

using namespace tinysparse;
using namespace tinysparse::tensor;
using net::Shape;

namespace {

Tensor random_tensor(Random& random, const Shape& shape, Halo halo = {}) {
    Tensor tensor(1, shape, halo);
    for_rows(shape, [&](int c, int y) {
        for (int x = 0; x < shape.width; ++x)
            for (std::size_t s = 0; s < lane_samples; ++s) tensor.group(0).row(c, y)[x][s] = float(random.normal());
    });
    return tensor;
}

std::vector<float> random_weights(Random& random, std::size_t count) {
    std::vector<float> weights(count);
    for (float& weight : weights) weight = float(random.normal());
    return weights;
}

/// One element of one sample, 0 outside of the picture: what a halo stands for.
double at(const Tensor& tensor, const Shape& shape, int c, int y, int x, std::size_t s) {
    if (y < 0 || x < 0 || y >= shape.height || x >= shape.width) return 0;
    return double(tensor.group(0).row(c, y)[x][s]);
}

/// The largest difference over all elements between a tensor and f(c, y, x, sample).
template <class Function> double difference(const Tensor& tensor, const Shape& shape, Function f) {
    double largest = 0;
    for_rows(shape, [&](int c, int y) {
        for (int x = 0; x < shape.width; ++x)
            for (std::size_t s = 0; s < lane_samples; ++s)
                largest = std::max(largest, std::abs(at(tensor, shape, c, y, x, s) - f(c, y, x, s)));
    });
    return largest;
}

struct Case {
    Shape in;
    net::Layer layer;
    Shape out;
};

std::vector<Case> cases(net::Kind kind) {
    std::vector<Case> all;
    for (const Shape in : {Shape{1, 1, 1}, {1, 7, 5}, {3, 8, 9}, {2, 16, 1}, {5, 6, 17}, {4, 2, 3}})
        for (const int kernel : {1, 3, 5, 7})
            for (const int stride : {1, 2})
                for (const net::Padding padding : {net::Padding::same, net::Padding::valid})
                    for (const int outputs : {1, 4, 7}) {
                        net::Layer layer;
                        layer.kind = kind;
                        layer.outputs = kind == net::Kind::depthwise ? in.channels : outputs;
                        layer.kernel_height = kernel;
                        layer.kernel_width = in.width == 1 ? 1 : kernel;
                        layer.stride = stride;
                        layer.padding = padding;
                        if (padding == net::Padding::valid && (kernel > in.height || layer.kernel_width > in.width))
                            continue;
                        if (kind == net::Kind::depthwise && outputs > 1) continue;
                        all.push_back({in, layer, net::detail::layer_shapes("", layer, in).operation});
                    }
    return all;
}

} // namespace

TEST_CASE("convolution kernels equal the plain sums at every kernel, stride, padding and odd size") {
    Random random(1, "convolution");
    for (const Case& c : cases(net::Kind::convolution)) {
        const Window window = window_of(c.layer);
        CAPTURE(c.in.height);
        CAPTURE(c.in.width);
        CAPTURE(window.kernel_height);
        CAPTURE(window.stride);
        CAPTURE(c.out.channels);
        const Tensor x = random_tensor(random, c.in, halo_for(window, c.in, c.out));
        const auto weights = random_weights(random, std::size_t(c.out.channels * c.in.channels * window.size()));
        const auto bias = random_weights(random, std::size_t(c.out.channels));
        const auto weight = [&](int o, int i, int ky, int kx) {
            return double(
                weights[std::size_t(((o * c.in.channels + i) * window.kernel_height + ky) * window.kernel_width + kx)]);
        };
        Tensor y(1, c.out);
        convolution_forward(window, c.in, x.group(0), weights, bias, c.out, y.group(0));
        CHECK(difference(y, c.out, [&](int o, int row, int column, std::size_t s) {
                  double total = double(bias[std::size_t(o)]);
                  for (int i = 0; i < c.in.channels; ++i)
                      for (int ky = 0; ky < window.kernel_height; ++ky)
                          for (int kx = 0; kx < window.kernel_width; ++kx)
                              total += weight(o, i, ky, kx) * at(x, c.in, i, row * window.stride + ky - window.pad_top,
                                                                 column * window.stride + kx - window.pad_left, s);
                  return total;
              }) < 1e-4);

        const Window turned = turned_window(window);
        const Shape spread_shape{c.out.channels, (c.out.height - 1) * window.stride + 1,
                                 (c.out.width - 1) * window.stride + 1};
        const Tensor dy = random_tensor(random, c.out);
        Tensor wide(1, spread_shape, halo_for(turned, spread_shape, c.in));
        spread(c.out, window.stride, dy.group(0), wide.group(0));
        std::vector<float> turned_weights(weights.size());
        turn_weights(window, c.in.channels, c.out.channels, weights, turned_weights);
        Tensor dx(1, c.in);
        convolution_forward(turned, spread_shape, wide.group(0), turned_weights, {}, c.in, dx.group(0));
        std::vector<float> dweights(weights.size()), dbias(bias.size());
        convolution_weight_gradient(window, c.in, x.group(0), c.out, dy.group(0), dweights);
        bias_gradient(c.out, dy.group(0), dbias);
        std::vector<double> expected_dweights(weights.size()), expected_dbias(bias.size());
        std::vector<double> expected_dx(c.in.size() * lane_samples);
        for_rows(c.out, [&](int o, int row) {
            for (int column = 0; column < c.out.width; ++column)
                for (std::size_t s = 0; s < lane_samples; ++s) {
                    const double gradient = at(dy, c.out, o, row, column, s);
                    expected_dbias[std::size_t(o)] += gradient;
                    for (int i = 0; i < c.in.channels; ++i)
                        for (int ky = 0; ky < window.kernel_height; ++ky)
                            for (int kx = 0; kx < window.kernel_width; ++kx) {
                                const int yy = row * window.stride + ky - window.pad_top;
                                const int xx = column * window.stride + kx - window.pad_left;
                                if (yy < 0 || xx < 0 || yy >= c.in.height || xx >= c.in.width) continue;
                                expected_dweights[std::size_t(((o * c.in.channels + i) * window.kernel_height + ky) *
                                                                  window.kernel_width +
                                                              kx)] += gradient * at(x, c.in, i, yy, xx, s);
                                expected_dx[std::size_t((i * c.in.height + yy) * c.in.width + xx) * lane_samples + s] +=
                                    gradient * weight(o, i, ky, kx);
                            }
                }
        });
        CHECK(difference(dx, c.in, [&](int i, int yy, int xx, std::size_t s) {
                  return expected_dx[std::size_t((i * c.in.height + yy) * c.in.width + xx) * lane_samples + s];
              }) < 1e-4);
        for (std::size_t w = 0; w < weights.size(); ++w)
            REQUIRE(std::abs(double(dweights[w]) - expected_dweights[w]) < 2e-3);
        for (std::size_t o = 0; o < bias.size(); ++o) REQUIRE(std::abs(double(dbias[o]) - expected_dbias[o]) < 2e-3);
    }
}

TEST_CASE("depthwise kernels equal the plain sums at every kernel, stride, padding and odd size") {
    Random random(2, "depthwise");
    auto all = cases(net::Kind::depthwise);
    net::Layer over_all; // windows over all positions have any size
    over_all.kind = net::Kind::depthwise;
    over_all.outputs = 3;
    over_all.kernel_height = 6;
    over_all.kernel_width = 4;
    over_all.padding = net::Padding::valid;
    all.push_back({{3, 6, 4}, over_all, {3, 1, 1}});
    for (const Case& c : all) {
        const Window window = window_of(c.layer);
        CAPTURE(c.in.height);
        CAPTURE(c.in.width);
        CAPTURE(window.kernel_height);
        CAPTURE(window.stride);
        const Tensor x = random_tensor(random, c.in, halo_for(window, c.in, c.out));
        const auto weights = random_weights(random, std::size_t(c.in.channels * window.size()));
        const auto bias = random_weights(random, std::size_t(c.in.channels));
        Tensor y(1, c.out);
        depthwise_forward(window, c.in, x.group(0), weights, bias, c.out, y.group(0));
        const Tensor dy = random_tensor(random, c.out);
        std::vector<double> dw(weights.size()), dx(c.in.size() * lane_samples);
        CHECK(difference(y, c.out, [&](int o, int row, int column, std::size_t s) {
                  double total = double(bias[std::size_t(o)]);
                  for (int k = 0; k < window.size(); ++k) {
                      const int yy = row * window.stride + k / window.kernel_width - window.pad_top;
                      const int xx = column * window.stride + k % window.kernel_width - window.pad_left;
                      const std::size_t w = std::size_t(o * window.size() + k);
                      total += double(weights[w]) * at(x, c.in, o, yy, xx, s);
                      dw[w] += at(dy, c.out, o, row, column, s) * at(x, c.in, o, yy, xx, s);
                      if (yy >= 0 && xx >= 0 && yy < c.in.height && xx < c.in.width)
                          dx[std::size_t((o * c.in.height + yy) * c.in.width + xx) * lane_samples + s] +=
                              at(dy, c.out, o, row, column, s) * double(weights[w]);
                  }
                  return total;
              }) < 1e-4);
        std::vector<float> dweights(weights.size());
        depthwise_weight_gradient(window, x.group(0), c.out, dy.group(0), dweights);
        for (std::size_t w = 0; w < weights.size(); ++w) REQUIRE(std::abs(double(dweights[w]) - dw[w]) < 2e-3);
        Tensor scattered(1, c.in);
        depthwise_scatter(window, c.in, weights, c.out, dy.group(0), scattered.group(0));
        CHECK(difference(scattered, c.in, [&](int i, int yy, int xx, std::size_t s) {
                  return dx[std::size_t((i * c.in.height + yy) * c.in.width + xx) * lane_samples + s];
              }) < 1e-4);
    }
}

TEST_CASE("dense kernels equal the plain sums") {
    Random random(3, "dense");
    for (const Shape in : {Shape{1, 1, 1}, {3, 5, 5}, {16, 1, 1}, {2, 4, 8}, {33, 1, 1}})
        for (const int outputs : {1, 2, 10, 17}) {
            const Tensor x = random_tensor(random, in, {1, 1}), dy = random_tensor(random, {outputs, 1, 1});
            const auto weights = random_weights(random, in.size() * std::size_t(outputs));
            const auto bias = random_weights(random, std::size_t(outputs));
            const auto index = [&](int c, int row, int column) {
                return std::size_t((c * in.height + row) * in.width + column);
            };
            Tensor y(1, {outputs, 1, 1}), dx(1, in);
            dense_forward(in, x.group(0), weights, bias, outputs, y.group(0));
            dense_input_gradient(in, weights, outputs, dy.group(0), dx.group(0), false);
            std::vector<float> dweights(weights.size());
            std::vector<Lane> scratch(dense_scratch(in));
            dense_weight_gradient(in, x.group(0), outputs, dy.group(0), dweights, scratch);
            CHECK(difference(y, {outputs, 1, 1}, [&](int o, int, int, std::size_t s) {
                      double total = double(bias[std::size_t(o)]);
                      for_rows(in, [&](int c, int row) {
                          for (int column = 0; column < in.width; ++column)
                              total += double(weights[std::size_t(o) * in.size() + index(c, row, column)]) *
                                       at(x, in, c, row, column, s);
                      });
                      return total;
                  }) < 1e-4);
            CHECK(difference(dx, in, [&](int c, int row, int column, std::size_t s) {
                      double total = 0;
                      for (int o = 0; o < outputs; ++o)
                          total += double(weights[std::size_t(o) * in.size() + index(c, row, column)]) *
                                   at(dy, {outputs, 1, 1}, o, 0, 0, s);
                      return total;
                  }) < 1e-4);
            for_rows(in, [&](int c, int row) {
                for (int column = 0; column < in.width; ++column)
                    for (int o = 0; o < outputs; ++o) {
                        double total = 0;
                        for (std::size_t s = 0; s < lane_samples; ++s)
                            total += at(dy, {outputs, 1, 1}, o, 0, 0, s) * at(x, in, c, row, column, s);
                        REQUIRE(std::abs(double(dweights[std::size_t(o) * in.size() + index(c, row, column)]) - total) <
                                1e-4);
                    }
            });
        }
}

TEST_CASE("floor, sum and select of Lanes are those of their samples") {
    Lane x{};
    for (std::size_t s = 0; s < lane_samples; ++s) x[s] = float(s) * 0.75f - 6.0f;
    float total = 0;
    for (std::size_t s = 0; s < lane_samples; ++s) {
        CHECK(tensor::floor(x)[s] == std::floor(x[s]));
        total += x[s];
    }
    CHECK(tensor::floor(broadcast(-1e-9f))[0] == -1.0f);
    CHECK(sum(x) == total);
    CHECK(maximum(x, Lane{})[0] == 0.0f);
    CHECK(minimum(x, Lane{})[0] == -6.0f);
}
