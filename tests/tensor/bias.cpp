// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/bias.hpp"
#include "compare.hpp"

using namespace tinysparse;
using namespace tinysparse::tensor;
using namespace tinysparse::tensor::test;

TEST_CASE("gradients of biases equal the plain sums, those behind a ReLU without what it held back") {
    Random random(1, "bias");
    for (const Shape shape : {Shape{1, 1, 1}, {3, 2, 3}, {2, 5, 4}, {5, 7, 9}}) {
        CAPTURE(shape.width);
        const reference::Linear layer{Kind::convolution, {{}, shape, shape}};
        const Tensor y = random_tensor(random, shape, {1, 2});
        Tensor dy = random_tensor(random, shape, {2, 1});
        const std::vector<Values> values = samples_of(y, shape);
        std::vector<Values> gradients = samples_of(dy, shape);
        const auto sum = [&] {
            Values dbias(std::size_t(shape.channels));
            for (const Values& sample : gradients) layer.add_bias_gradient(sample, dbias);
            return dbias;
        };
        std::vector<float> dbias(std::size_t(shape.channels));
        bias_gradient(shape, dy.group(0), dbias);
        CHECK(difference(dbias, sum()) < 1e-4);

        for (std::size_t s = 0; s < lane_samples; ++s)
            for (std::size_t i = 0; i < shape.size(); ++i)
                if (values[s][i] <= 0) gradients[s][i] = 0;
        relu_gradient(shape, y.group(0), dy.group(0), dbias);
        CHECK(difference(dbias, sum()) < 1e-4);
        CHECK(samples_of(dy, shape) == gradients);
        relu_gradient(shape, y.group(0), dy.group(0), {});
        CHECK(samples_of(dy, shape) == gradients);
    }
}
