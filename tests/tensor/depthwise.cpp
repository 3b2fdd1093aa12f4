// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/depthwise.hpp"
#include "compare.hpp"

using namespace tinysparse;
using namespace tinysparse::tensor;
using namespace tinysparse::tensor::test;

namespace {
std::vector<WindowMap> all_maps() {
    std::vector<WindowMap> all = window_maps(Kind::depthwise);
    all.push_back({{6, 4, 1, 0, 0}, {3, 6, 4}, {3, 1, 1}}); // windows over all positions have any size
    return all;
}
Example depthwise_example(Random& random, const WindowMap& map) {
    return {random, {Kind::depthwise, map}, std::size_t(map.in.channels * map.window.size()), halo_for(map)};
}
} // namespace

TEST_CASE("depthwise convolutions equal the plain sums at every kernel, stride, padding and odd size") {
    Random random(2, "depthwise");
    for (const WindowMap& map : all_maps()) {
        CAPTURE(description(map));
        const Example example = depthwise_example(random, map);
        Tensor y(1, map.out), sum = random_tensor(random, map.out);
        const std::vector<Values> before = samples_of(sum, map.out);
        const auto forward = [&](View to, const Finish& finish, bool accumulate) {
            depthwise_forward(map, example.x.group(0), example.weights, to, finish, accumulate);
        };
        forward(y.group(0), {example.bias}, false);
        CHECK(difference(y, map.out, [&](std::size_t s) { return example.y(s); }) < 1e-4);
        forward(y.group(0), {example.bias, true}, false);
        CHECK(difference(y, map.out, [&](std::size_t s) { return positive(example.y(s)); }) < 1e-4);
        forward(sum.group(0), {}, true);
        CHECK(difference(sum, map.out, [&](std::size_t s) {
                  return total(before[s], example.layer.forward(example.x_of(s), example.weights, {}));
              }) < 1e-4);
    }
}

TEST_CASE("gradients of depthwise convolutions equal the plain sums, that of the input scattered and turned around") {
    Random random(3, "depthwise");
    for (const WindowMap& map : all_maps()) {
        CAPTURE(description(map));
        const Example example = depthwise_example(random, map);
        std::vector<float> dweights(example.weights.size()), turned_weights(example.weights.size());
        depthwise_weight_gradient(map, example.x.group(0), example.dy.group(0), dweights);
        CHECK(difference(dweights, example.dweights()) < 2e-3);

        const auto expected = [&](std::size_t s) { return example.dx(s); };
        Tensor scattered(1, map.in), dx(1, map.in);
        depthwise_scatter(map, example.weights, example.dy.group(0), scattered.group(0));
        CHECK(difference(scattered, map.in, expected) < 1e-4);

        const WindowMap back = turned(map);
        Tensor wide(1, back.in, halo_for(back));
        spread(map, example.dy.group(0), wide.group(0));
        turn_weights(map.window, 1, map.out.channels, example.weights, turned_weights);
        depthwise_forward(back, wide.group(0), turned_weights, dx.group(0));
        CHECK(difference(dx, map.in, expected) < 1e-4);
    }
}
