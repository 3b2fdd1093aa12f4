// SPDX-License-Identifier: Apache-2.0
// Random inputs for the kernels, and their results beside those of tensor/reference.hpp, sample by sample.
#pragma once
#include "tinysparse/base/random.hpp"
#include "tinysparse/tensor/reference.hpp"
#include <doctest/doctest.h>

namespace tinysparse::tensor::test {

using net::Kind;
using net::Shape;
using reference::Values;

inline Tensor random_tensor(Random& random, const Shape& shape, Halo halo = {}) {
    Tensor tensor(1, shape, halo);
    for_rows(shape, [&](int c, int y) {
        for (int x = 0; x < shape.width; ++x)
            for (std::size_t s = 0; s < lane_samples; ++s) tensor.group(0).row(c, y)[x][s] = float(random.normal());
    });
    return tensor;
}

inline std::vector<float> random_numbers(Random& random, std::size_t count) {
    std::vector<float> numbers(count);
    for (float& number : numbers) number = float(random.normal());
    return numbers;
}

/// The largest difference between numbers.
template <class Number> double difference(const std::vector<Number>& a, const Values& b) {
    REQUIRE(a.size() == b.size());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(std::isfinite(a[i]));
        largest = std::max(largest, std::abs(double(a[i]) - b[i]));
    }
    return largest;
}
/// The largest difference over all samples between a tensor and the values expected(sample).
template <class Expected> double difference(const Tensor& tensor, const Shape& shape, Expected expected) {
    double largest = 0;
    for (std::size_t s = 0; s < lane_samples; ++s)
        largest = std::max(largest, difference(reference::values_of(tensor.group(0), shape, s), expected(s)));
    return largest;
}

inline std::vector<Values> samples_of(const Tensor& tensor, const Shape& shape) {
    std::vector<Values> samples;
    for (std::size_t s = 0; s < lane_samples; ++s) samples.push_back(reference::values_of(tensor.group(0), shape, s));
    return samples;
}
inline Values positive(Values values) {
    for (double& value : values) value = std::max(0.0, value);
    return values;
}
inline Values total(Values a, const Values& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}

/// A linear layer with random inputs, weights, biases and gradients of its outputs; what it must give of them.
struct Example {
    reference::Linear layer;
    Tensor x, dy;
    std::vector<float> weights, bias;

    Example(Random& random, const reference::Linear& linear, std::size_t weight_count, Halo halo = {})
        : layer(linear), x(random_tensor(random, linear.map.in, halo)), dy(random_tensor(random, linear.map.out)),
          weights(random_numbers(random, weight_count)),
          bias(random_numbers(random, std::size_t(linear.map.out.channels))) {}

    Values x_of(std::size_t sample) const { return reference::values_of(x.group(0), layer.map.in, sample); }
    Values dy_of(std::size_t sample) const { return reference::values_of(dy.group(0), layer.map.out, sample); }
    Values y(std::size_t sample) const { return layer.forward(x_of(sample), weights, bias); }
    Values dx(std::size_t sample) const { return layer.input_gradient(weights, dy_of(sample)); }
    Values dweights() const {
        Values sum(weights.size());
        for (std::size_t s = 0; s < lane_samples; ++s) layer.add_weight_gradient(x_of(s), dy_of(s), sum);
        return sum;
    }
    Values dbias() const {
        Values sum(bias.size());
        for (std::size_t s = 0; s < lane_samples; ++s) layer.add_bias_gradient(dy_of(s), sum);
        return sum;
    }
};

inline std::string description(const WindowMap& map) {
    const auto dimensions = [](const Shape& shape) {
        return text(shape.channels, "x", shape.height, "x", shape.width);
    };
    return text(dimensions(map.in), " to ", dimensions(map.out), ", kernel ", map.window.kernel_height, "x",
                map.window.kernel_width, ", stride ", map.window.stride, ", padding ", map.window.pad_top);
}

/// Layers of every kernel, stride, padding and odd size.
inline std::vector<WindowMap> window_maps(Kind kind) {
    std::vector<WindowMap> all;
    for (const Shape in : {Shape{1, 1, 1}, {1, 7, 5}, {3, 8, 9}, {2, 16, 1}, {5, 6, 17}, {4, 2, 3}})
        for (const int kernel : {1, 3, 5, 7})
            for (const int stride : {1, 2})
                for (const net::Padding padding : {net::Padding::same, net::Padding::valid})
                    for (const int outputs : {1, 4, 7}) {
                        net::Layer layer;
                        layer.kind = kind;
                        layer.outputs = kind == Kind::depthwise ? in.channels : outputs;
                        layer.kernel_height = kernel;
                        layer.kernel_width = in.width == 1 ? 1 : kernel;
                        layer.stride = stride;
                        layer.padding = padding;
                        if (padding == net::Padding::valid && (kernel > in.height || layer.kernel_width > in.width))
                            continue;
                        if (kind == Kind::depthwise && outputs > 1) continue;
                        all.push_back({window_of(layer), in, net::detail::layer_shapes("", layer, in).operation});
                    }
    return all;
}

} // namespace tinysparse::tensor::test
