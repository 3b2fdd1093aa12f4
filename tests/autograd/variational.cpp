// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/variational.hpp"
#include "gradient_check.hpp"
#include "tinysparse/net/count.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::autograd;
using test::check_gradients;

namespace {

struct Case {
    LinearForm form;
    Shape in, out;
    std::size_t weights;
};

std::vector<Case> cases() {
    using Kind = LinearForm::Kind;
    std::vector<Case> result = {{{Kind::dense, {}}, {3, 4, 5}, {7, 1, 1}, 7 * 60},
                                {{Kind::dense, {}}, {1, 1, 1}, {1, 1, 1}, 1}};
    for (const int kernel : {1, 3, 5})
        for (const int stride : {1, 2})
            for (const bool same : {true, false}) {
                const int pad = same ? (kernel - 1) / 2 : 0;
                const tensor::Window window{kernel, kernel, stride, pad, pad};
                const net::Padding padding = same ? net::Padding::same : net::Padding::valid;
                const auto side = [&](int length) { return net::windows(length, kernel, stride, padding); };
                const Shape in{3, 7, 6};
                result.push_back(
                    {{Kind::convolution, window}, in, {5, side(7), side(6)}, std::size_t(5 * 3 * kernel * kernel)});
                result.push_back(
                    {{Kind::depthwise, window}, in, {3, side(7), side(6)}, std::size_t(3 * kernel * kernel)});
            }
    return result;
}

/// A variational layer on inputs of 1..2, weights 0.1 * index, log variances as told: outputs of sample `s`.
struct Layer {
    Graph graph{48};
    Variable &x = graph.variable({6, 1, 1}), &y = graph.variable({4, 1, 1});
    Parameter &theta = graph.parameter("theta", 24), &log_variance = graph.parameter("log variance", 24);
    Variational* operation;

    explicit Layer(float log, NoiseOptions noise = {}) {
        read_as_exponential(log_variance);
        operation = &graph.record<Variational>(x, theta, log_variance, nullptr, LinearForm{}, noise, y);
        graph.record<test::LinearLoss>(y);
        graph.finish();
        for (std::size_t k = 0; k < 24; ++k) {
            theta.value[k] = 0.1f * float(k);
            log_variance.value[k] = log;
        }
        for (std::size_t g = 0; g < 3; ++g)
            for (int c = 0; c < 6; ++c) *x.value.group(g).row(c, 0) = tensor::broadcast(1.0f + 0.2f * float(c));
    }
    std::vector<float> run(std::uint64_t step, Mode mode = Mode::training, std::size_t threads = 1) {
        Team team(threads);
        operation->set_step(step);
        graph.forward(mode, team);
        std::vector<float> all;
        for (std::size_t g = 0; g < 3; ++g)
            for (int c = 0; c < 4; ++c)
                for (std::size_t s = 0; s < 16; ++s) all.push_back((*y.value.group(g).row(c, 0))[s]);
        return all;
    }
};

} // namespace

TEST_CASE("variational layers of every kind pass the gradient check with the noise held fixed") {
    for (const Case& one : cases())
        for (const std::size_t samples : {16u, 21u}) {
            CAPTURE(int(one.form.kind));
            CAPTURE(one.form.window.kernel_height);
            CAPTURE(one.form.window.stride);
            check_gradients(
                one.in,
                [&](Graph& graph, Variable& x) -> Variable& {
                    Variable& y = graph.variable(one.out);
                    Parameter &theta = graph.parameter("theta", one.weights),
                              &variance = graph.parameter("variance", one.weights),
                              &bias = graph.parameter("bias", std::size_t(one.out.channels));
                    // Positive, and with the slope of 1 that the gradient passes straight through with.
                    variance.transform = [](std::span<const float> value, std::span<float> used) {
                        for (std::size_t k = 0; k < used.size(); ++k) used[k] = value[k] + 3;
                    };
                    graph.record<Variational>(x, theta, variance, &bias, one.form, NoiseOptions{3, 2}, y).set_step(7);
                    return y;
                },
                // Small steps where x^2 is small: the root of a small variance bends.
                {.samples = samples, .step = 3e-3, .tolerance = 8e-3});
        }
}

TEST_CASE("parameters that are read as exponentials: d exp(x) / dx is exp(x)") {
    Parameter parameter("logarithms", 3);
    read_as_exponential(parameter);
    parameter.allocate(1);
    parameter.value = {0, 1, -2};
    parameter.gradient = {2, 2, 2};
    parameter.prepare();
    times_exponential(parameter);
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(parameter.used()[k] == doctest::Approx(std::exp(parameter.value[k])));
        CHECK(parameter.gradient[k] == doctest::Approx(2 * std::exp(parameter.value[k])));
    }
}

TEST_CASE("outputs are normal with the mean and the variance of the weights' posterior") {
    const float log = -1.5f;
    Layer layer(log);
    const std::vector<float> means = layer.run(0, Mode::evaluation);
    double squares = 0, sum = 0, fourth = 0, count = 0;
    double variance = 0; // the same for all outputs: sum of x^2 sigma^2
    for (int c = 0; c < 6; ++c) variance += std::pow(1 + 0.2 * c, 2) * std::exp(double(log));
    for (std::uint64_t step = 0; step < 200; ++step) {
        const std::vector<float> drawn = layer.run(step);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            const double z = double(drawn[i] - means[i]) / std::sqrt(variance);
            sum += z;
            squares += z * z;
            fourth += z * z * z * z;
            ++count;
        }
    }
    CHECK(std::abs(sum / count) < 4 / std::sqrt(count));
    CHECK(std::abs(squares / count - 1) < 4 * std::sqrt(2 / count));
    CHECK(std::abs(fourth / count - 3) < 4 * std::sqrt(96 / count));
    // The mean is W theta: output o of inputs 1, 1.2 ... with weights 0.1 (6 o + i).
    for (int o = 0; o < 4; ++o) {
        double expected = 0;
        for (int i = 0; i < 6; ++i) expected += 0.1 * (6 * o + i) * (1 + 0.2 * i);
        CHECK(means[std::size_t(o) * 16] == doctest::Approx(expected));
    }
}

TEST_CASE("noise depends on seed, step and layer, and not on the number of threads") {
    Layer layer(-2, {.seed = 3, .layer = 2});
    const auto reference = layer.run(11);
    CHECK(layer.run(11) == reference);
    CHECK(layer.run(11, Mode::training, 3) == reference);
    CHECK(layer.run(12) != reference);
    CHECK(Layer(-2, {.seed = 4, .layer = 2}).run(11) != reference);
    CHECK(Layer(-2, {.seed = 3, .layer = 1}).run(11) != reference);
}
