// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/variational.hpp"
#include "gradient_check.hpp"
#include "tinysparse/autograd/elementwise.hpp"
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
        operation =
            &graph.record<Variational>(x, WeightPosterior{theta, log_variance, nullptr, noise}, LinearForm{}, y);
        graph.record<LinearLoss>(y);
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
                    graph.record<Variational>(x, WeightPosterior{theta, variance, &bias, {3, 2}}, one.form, y)
                        .set_step(7);
                    return y;
                },
                // Small steps where x^2 is small: the root of a small variance bends.
                {.samples = samples, .step = 4e-3, .parameter_step = 0.1, .kinks = true, .parameter_kinks = false});
        }
}

TEST_CASE("variational layers with random scales of their channels pass the gradient check") {
    for (const Case& one : cases())
        for (const ScaleKind kind : {ScaleKind::normal, ScaleKind::log_normal}) {
            if (one.form.window.kernel_height == 5) continue;
            CAPTURE(int(one.form.kind));
            CAPTURE(int(kind));
            CAPTURE(one.form.window.stride);
            const auto record = [&](Graph& graph, Variable& x) -> Variable& {
                Variable& y = graph.variable(one.out);
                const std::size_t channels = std::size_t(one.out.channels);
                Parameter &theta = graph.parameter("theta", one.weights),
                          &variance = graph.parameter("variance", one.weights),
                          &bias = graph.parameter("bias", channels),
                          &scales = graph.parameter("scales", scale_parameters(channels, kind));
                variance.transform = [](std::span<const float> value, std::span<float> used) {
                    for (std::size_t k = 0; k < used.size(); ++k) used[k] = value[k] + 3;
                };
                const ChannelScales channel_scales{{scales, channels, kind}, {3, 1}};
                graph
                    .record<Variational>(x, WeightPosterior{theta, variance, &bias, {3, 2}, &channel_scales}, one.form,
                                         y)
                    .set_step(7);
                return y;
            };
            check_gradients(
                one.in, record,
                {.samples = 21, .step = 4e-3, .parameter_step = 0.02, .kinks = true, .parameter_kinks = false});
        }
}

TEST_CASE("a ReLU inside the layer gives the outputs and gradients of one behind it") {
    for (const bool scaled : {false, true}) {
        CAPTURE(scaled);
        std::vector<float> outputs[2], gradients[2];
        for (const bool inside : {false, true}) {
            Graph graph(21);
            Variable &x = graph.variable({2, 5, 4}), &y = graph.variable({3, 5, 4});
            Parameter &theta = graph.parameter("theta", 54), &variance = graph.parameter("variance", 54),
                      &bias = graph.parameter("bias", 3),
                      &scales = graph.parameter("scales", scale_parameters(3, ScaleKind::normal));
            const ChannelScales channels{{scales, 3, ScaleKind::normal}, {3, 1}};
            const LinearForm form{LinearForm::Kind::convolution, {3, 3, 1, 1, 1}};
            graph
                .record<Variational>(x, WeightPosterior{theta, variance, &bias, {3, 2}, scaled ? &channels : nullptr},
                                     form, y, inside)
                .set_step(5);
            Variable& positive = inside ? y : graph.variable(y.shape);
            if (!inside) graph.record<Relu>(y, positive);
            graph.record<LinearLoss>(positive);
            graph.finish();
            Random random(4, "parameters");
            for (Parameter* parameter : {&theta, &bias})
                for (float& value : parameter->value) value = float(random.normal());
            std::fill(variance.value.begin(), variance.value.end(), 0.3f);
            scales.value = {1, -0.5f, 2, 0, -1, 0.5f};
            for (std::size_t g = 0; g < 2; ++g)
                tensor::for_rows(x.shape, [&](int c, int row) {
                    for (int p = 0; p < 4; ++p)
                        for (std::size_t s = 0; s < 16; ++s)
                            x.value.group(g).row(c, row)[p][s] = float(random.normal());
                });
            Team team(1);
            graph.step(team);
            const auto keep = [&](std::vector<float>& all, const Tensor& tensor, const Shape& shape) {
                for (std::size_t g = 0; g < 2; ++g)
                    tensor::for_rows(shape, [&](int c, int row) {
                        for (int p = 0; p < shape.width; ++p)
                            for (std::size_t s = 0; s < 16; ++s) all.push_back(tensor.group(g).row(c, row)[p][s]);
                    });
            };
            keep(outputs[inside], positive.value, y.shape);
            keep(gradients[inside], x.gradient, x.shape);
            for (const auto& parameter : graph.parameters())
                for (const float value : parameter->gradient) gradients[inside].push_back(value);
            graph.forward(Mode::evaluation, team);
            keep(outputs[inside], positive.value, y.shape);
        }
        CHECK(outputs[0] == outputs[1]);
        REQUIRE(gradients[0].size() == gradients[1].size());
        for (std::size_t i = 0; i < gradients[0].size(); ++i)
            CHECK(gradients[0][i] == doctest::Approx(double(gradients[1][i])).epsilon(1e-5));
    }
}

TEST_CASE("a channel of one sample has one scale, in evaluation its mean") {
    Graph graph(16);
    Variable &x = graph.variable({1, 3, 3}), &y = graph.variable({2, 3, 3});
    Parameter &theta = graph.parameter("theta", 2), &variance = graph.parameter("variance", 2),
              &scales = graph.parameter("scales", scale_parameters(2, ScaleKind::normal));
    const ChannelScales channels{{scales, 2, ScaleKind::normal}, {3, 1}};
    graph.record<Variational>(x, WeightPosterior{theta, variance, nullptr, {3, 2}, &channels},
                              LinearForm{LinearForm::Kind::convolution, {1, 1, 1, 0, 0}}, y);
    graph.record<LinearLoss>(y);
    graph.finish();
    theta.value = {1, 2}; // and no variance
    scales.value = {3, 4, 0, 0};
    for (int row = 0; row < 3; ++row)
        for (int p = 0; p < 3; ++p) x.value.group(0).row(0, row)[p] = tensor::broadcast(float(1 + p + 3 * row));
    Team team(1);
    const auto at = [&](int c, int row, int p, std::size_t s) { return double(y.value.group(0).row(c, row)[p][s]); };
    graph.forward(Mode::training, team);
    for (int c = 0; c < 2; ++c)
        for (std::size_t s = 0; s < 16; ++s) CHECK(at(c, 2, 2, s) == doctest::Approx(9 * at(c, 0, 0, s)).epsilon(1e-4));
    CHECK(at(0, 0, 0, 0) != at(0, 0, 0, 1));
    graph.forward(Mode::evaluation, team);
    CHECK(at(0, 0, 1, 3) == doctest::Approx(2 * 3));
    CHECK(at(1, 2, 2, 4) == doctest::Approx(9 * 2 * 4));
}

TEST_CASE("parameters that are read as exponentials") {
    Parameter parameter("logarithms", 3);
    read_as_exponential(parameter);
    parameter.allocate(1);
    parameter.value = {0, 1, -2};
    parameter.prepare();
    for (std::size_t k = 0; k < 3; ++k) CHECK(parameter.used()[k] == doctest::Approx(std::exp(parameter.value[k])));
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
