// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/convolution_gradient.hpp"
#include "compare.hpp"
#include "tinysparse/tensor/convolution.hpp"

using namespace tinysparse;
using namespace tinysparse::tensor;
using namespace tinysparse::tensor::test;

TEST_CASE("gradients of convolutions equal the plain sums at every kernel, stride, padding and odd size") {
    Random random(1, "convolution");
    for (const WindowMap& map : window_maps(Kind::convolution)) {
        CAPTURE(description(map));
        const std::size_t weights = std::size_t(map.out.channels * map.in.channels * map.window.size());
        const Example example(random, {Kind::convolution, map}, weights, halo_for(map));
        std::vector<float> dweights(weights), turned_weights(weights);
        convolution_weight_gradient(map, example.x.group(0), example.dy.group(0), dweights);
        CHECK(difference(dweights, example.dweights()) < 2e-3);

        const WindowMap back = turned(map);
        Tensor wide(1, back.in, halo_for(back)), dx(1, map.in);
        spread(map, example.dy.group(0), wide.group(0));
        turn_weights(map.window, map.in.channels, map.out.channels, example.weights, turned_weights);
        convolution_forward(back, wide.group(0), turned_weights, dx.group(0));
        CHECK(difference(dx, map.in, [&](std::size_t s) { return example.dx(s); }) < 1e-4);
    }
}
