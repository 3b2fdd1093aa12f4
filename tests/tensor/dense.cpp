// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/dense.hpp"
#include "compare.hpp"

using namespace tinysparse;
using namespace tinysparse::tensor;
using namespace tinysparse::tensor::test;

TEST_CASE("dense kernels equal the plain sums") {
    Random random(3, "dense");
    for (const Shape in : {Shape{1, 1, 1}, {3, 5, 5}, {16, 1, 1}, {2, 4, 8}, {33, 1, 1}})
        for (const int outputs : {1, 2, 10, 17}) {
            const Shape out{outputs, 1, 1};
            CAPTURE(in.size());
            CAPTURE(outputs);
            const Example example(random, {Kind::dense, {{}, in, out}}, in.size() * out.size(), {1, 1});
            Tensor y(1, out), dx(1, in), sum = random_tensor(random, in);
            const std::vector<Values> before = samples_of(sum, in);
            dense_forward(in, example.x.group(0), example.weights, outputs, y.group(0), {example.bias});
            CHECK(difference(y, out, [&](std::size_t s) { return example.y(s); }) < 1e-4);
            dense_forward(in, example.x.group(0), example.weights, outputs, y.group(0), {example.bias, true});
            CHECK(difference(y, out, [&](std::size_t s) { return positive(example.y(s)); }) < 1e-4);

            dense_input_gradient(in, example.weights, outputs, example.dy.group(0), dx.group(0), false);
            CHECK(difference(dx, in, [&](std::size_t s) { return example.dx(s); }) < 1e-4);
            dense_input_gradient(in, example.weights, outputs, example.dy.group(0), sum.group(0), true);
            CHECK(difference(sum, in, [&](std::size_t s) { return total(before[s], example.dx(s)); }) < 1e-4);

            std::vector<float> dweights(example.weights.size());
            std::vector<Lane> scratch(dense_scratch(in));
            dense_weight_gradient(in, example.x.group(0), outputs, example.dy.group(0), dweights, scratch);
            CHECK(difference(dweights, example.dweights()) < 1e-4);
        }
}
