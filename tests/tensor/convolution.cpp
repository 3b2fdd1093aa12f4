// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/convolution.hpp"
#include "compare.hpp"

using namespace tinysparse;
using namespace tinysparse::tensor;
using namespace tinysparse::tensor::test;

namespace {
Example example_of(Random& random, const WindowMap& map) {
    const std::size_t weights = std::size_t(map.out.channels * map.in.channels * map.window.size());
    return {random, {Kind::convolution, map}, weights, halo_for(map)};
}
} // namespace

TEST_CASE("convolutions equal the plain sums at every kernel, stride, padding and odd size") {
    Random random(1, "convolution");
    for (const WindowMap& map : window_maps(Kind::convolution)) {
        CAPTURE(description(map));
        const Example example = example_of(random, map);
        Tensor y(1, map.out);
        convolution_forward(map, example.x.group(0), example.weights, y.group(0), {example.bias});
        CHECK(difference(y, map.out, [&](std::size_t s) { return example.y(s); }) < 1e-4);
    }
}

TEST_CASE("a convolution ends in a ReLU or adds to what is there, of however many weights its sums are") {
    Random random(2, "convolution");
    for (const int inputs : {1, 3, 60, 130}) { // a block takes 512 weights of an output at once: 56 inputs
        const WindowMap map{{3, 3, 1, 1, 1}, {inputs, 5, 4}, {5, 5, 4}};
        CAPTURE(description(map));
        const Example example = example_of(random, map);
        Tensor y(1, map.out), sum = random_tensor(random, map.out);
        const std::vector<Values> before = samples_of(sum, map.out);
        convolution_forward(map, example.x.group(0), example.weights, y.group(0), {example.bias, true});
        convolution_forward(map, example.x.group(0), example.weights, sum.group(0), {}, true);
        CHECK(difference(y, map.out, [&](std::size_t s) { return positive(example.y(s)); }) < 1e-3);
        CHECK(difference(sum, map.out, [&](std::size_t s) {
                  return total(before[s], example.layer.forward(example.x_of(s), example.weights, {}));
              }) < 1e-3);
    }
}
