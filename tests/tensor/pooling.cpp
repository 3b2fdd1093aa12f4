// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/pooling.hpp"
#include "compare.hpp"

using namespace tinysparse;
using namespace tinysparse::tensor;
using namespace tinysparse::tensor::test;

TEST_CASE("pools and their gradients equal the plain loops, leftover rows and columns and shared maxima included") {
    Random random(1, "pooling");
    for (const auto& form : {std::pair<Shape, Pool>{{1, 2, 2}, {2, 2}},
                             {{3, 6, 8}, {2, 2}},
                             {{2, 5, 7}, {2, 2}},
                             {{2, 5, 7}, {2, 3}},
                             {{2, 9, 1}, {4, 1}},
                             {{1, 4, 5}, {4, 5}}}) {
        const Shape& in = form.first;
        const Pool& pool = form.second;
        CAPTURE(in.height);
        CAPTURE(pool.height);
        const PoolMap map{pool, in, {in.channels, in.height / pool.height, in.width / pool.width}};
        const reference::Pooling plain{map};
        Tensor x(1, in), y(1, map.out);
        const Tensor dy = random_tensor(random, map.out);
        for_rows(in, [&](int c, int row) { // few values, so that many windows hold one twice
            for (int p = 0; p < in.width; ++p)
                for (std::size_t s = 0; s < lane_samples; ++s)
                    x.group(0).row(c, row)[p][s] = float(random.below(4)) - 1.5f;
        });
        const std::vector<Values> xs = samples_of(x, map.in), dys = samples_of(dy, map.out);
        const float share = 1.0f / float(pool.area());
        for (const bool accumulate : {false, true}) {
            Tensor maximum_dx = random_tensor(random, map.in), average_dx = random_tensor(random, map.in);
            std::vector<Values> maximum_before = samples_of(maximum_dx, map.in),
                                average_before = samples_of(average_dx, map.in);
            if (!accumulate) maximum_before = average_before = std::vector<Values>(lane_samples, Values(map.in.size()));
            maximum_pool_forward(map, x.group(0), y.group(0));
            CHECK(difference(y, map.out, [&](std::size_t s) { return plain.maximum(xs[s]); }) == 0);
            maximum_pool_backward(map, x.group(0), y.group(0), dy.group(0), maximum_dx.group(0), accumulate);
            CHECK(difference(maximum_dx, map.in, [&](std::size_t s) {
                      return total(maximum_before[s], plain.maximum_gradient(xs[s], dys[s]));
                  }) < 1e-6);
            sum_pool_forward(map, x.group(0), share, y.group(0));
            CHECK(difference(y, map.out, [&](std::size_t s) { return plain.average(xs[s]); }) < 1e-6);
            sum_pool_backward(map, dy.group(0), share, average_dx.group(0), accumulate);
            CHECK(difference(average_dx, map.in, [&](std::size_t s) {
                      return total(average_before[s], plain.average_gradient(dys[s]));
                  }) < 1e-6);
        }
    }
}
