// SPDX-License-Identifier: Apache-2.0
// The plain loops by hand, and by what every linear map holds: its gradients are those of <dy, W x>.
#include "compare.hpp"
#include <numeric>

using namespace tinysparse;
using namespace tinysparse::tensor;
using namespace tinysparse::tensor::test;

namespace {
double inner(const Values& a, const Values& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
} // namespace

TEST_CASE("plain layers by hand") {
    const Values x = {1, 2, 3, 4, 5, 6}; // two rows of three columns
    SUBCASE("convolution: a 3x3 window of ones and twos, stride 2, zeros outside") {
        const reference::Linear layer{Kind::convolution, {{3, 3, 2, 1, 1}, {1, 2, 3}, {2, 1, 2}}};
        std::vector<float> weights(18, 1);
        std::fill(weights.begin() + 9, weights.end(), 2.0f);
        CHECK(layer.forward(x, weights, std::vector<float>{0.5f, -1}) == Values{12.5, 16.5, 23, 31});
    }
    SUBCASE("depthwise: each channel through weights of its own") {
        const reference::Linear layer{Kind::depthwise, {{1, 2, 1, 0, 0}, {2, 1, 3}, {2, 1, 2}}};
        CHECK(layer.forward(x, std::vector<float>{1, 10, 100, -1}, {}) == Values{21, 32, 395, 494});
    }
    SUBCASE("dense: all inputs, with gradients") {
        const reference::Linear layer{Kind::dense, {{}, {2, 1, 3}, {2, 1, 1}}};
        const std::vector<float> weights = {1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1};
        CHECK(layer.forward(x, weights, std::vector<float>{1, 2}) == Values{8, 23});
        CHECK(layer.input_gradient(weights, {2, 3}) == Values{5, 3, 3, 3, 3, 5});
        Values dweights(12), dbias(2);
        layer.add_weight_gradient(x, {2, 3}, dweights);
        layer.add_bias_gradient({2, 3}, dbias);
        CHECK(dweights == Values{2, 4, 6, 8, 10, 12, 3, 6, 9, 12, 15, 18});
        CHECK(dbias == Values{2, 3});
    }
    SUBCASE("pooling: the first of equal maxima, leftover columns without a gradient") {
        const reference::Pooling pool{{{2, 2}, {1, 2, 3}, {1, 1, 1}}};
        const Values equal = {7, 7, 9, 1, 7, 9};
        CHECK(pool.maximum(equal) == Values{7});
        CHECK(pool.maximum_gradient(equal, {4}) == Values{4, 0, 0, 0, 0, 0});
        CHECK(pool.average(x) == Values{3});
        CHECK(pool.average_gradient({4}) == Values{1, 1, 0, 1, 1, 0});
    }
}

TEST_CASE("<dy, W x + b> is <dx, x> + <db, b> and <dW, W> + <db, b> for plain layers of every kind") {
    Random random(1, "reference");
    std::vector<reference::Linear> layers = {{Kind::dense, {{}, {3, 4, 5}, {7, 1, 1}}}};
    for (const Kind kind : {Kind::convolution, Kind::depthwise})
        for (const WindowMap& map : window_maps(kind)) layers.push_back({kind, map});
    for (const reference::Linear& layer : layers) {
        CAPTURE(net::name_of(layer.kind));
        CAPTURE(description(layer.map));
        const std::size_t channels = std::size_t(layer.map.in.channels), outputs = std::size_t(layer.map.out.channels);
        const std::size_t count = layer.kind == Kind::dense ? outputs * layer.map.in.size()
                                  : layer.kind == Kind::depthwise
                                      ? channels * std::size_t(layer.map.window.size())
                                      : outputs * channels * std::size_t(layer.map.window.size());
        const Example one(random, layer, count);
        const Values x = one.x_of(3), dy = one.dy_of(3);
        Values dweights(count), dbias(outputs);
        layer.add_weight_gradient(x, dy, dweights);
        layer.add_bias_gradient(dy, dbias);
        const double whole = inner(dy, one.y(3));
        const double of_bias = inner(dbias, Values(one.bias.begin(), one.bias.end()));
        CHECK(whole == doctest::Approx(inner(one.dx(3), x) + of_bias).epsilon(1e-9));
        CHECK(whole ==
              doctest::Approx(inner(dweights, Values(one.weights.begin(), one.weights.end())) + of_bias).epsilon(1e-9));
    }
}
