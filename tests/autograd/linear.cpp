// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/linear.hpp"
#include "gradient_check.hpp"
#include "tinysparse/autograd/elementwise.hpp"
#include "tinysparse/autograd/variational.hpp"
#include "tinysparse/net/count.hpp"

using namespace tinysparse;
using namespace tinysparse::autograd;
using net::Kind;
using test::check_gradients;

namespace {

net::Layer layer_of(Kind kind, int outputs, int kernel = 1, int stride = 1, net::Padding padding = net::Padding::same) {
    net::Layer layer;
    layer.kind = kind;
    layer.outputs = outputs;
    layer.kernel_height = layer.kernel_width = kernel;
    layer.stride = stride;
    layer.padding = padding;
    return layer;
}
LinearForm form_of(const net::Layer& layer) { return {layer.kind, tensor::window_of(layer)}; }

/// Records the operation of a layer with parameters "weights" and "bias", and returns its output.
Variable& record_linear(Graph& graph, Variable& x, const net::Layer& layer, bool relu = false) {
    const net::LayerShapes shapes = net::detail::layer_shapes("", layer, x.shape);
    Variable& y = graph.variable(shapes.operation);
    Parameter& weights = graph.parameter("weights", net::weights(layer, shapes));
    graph.record<Linear>(x, weights, &graph.parameter("bias", std::size_t(layer.outputs)), form_of(layer), y, relu);
    return y;
}

} // namespace

TEST_CASE("convolution and depthwise convolution pass the gradient check") {
    for (const Kind kind : {Kind::convolution, Kind::depthwise})
        for (const Shape in : {Shape{3, 7, 6}, {1, 5, 5}, {2, 9, 1}})
            for (const auto& form : {std::pair{1, 1}, {3, 1}, {3, 2}, {5, 1}, {5, 2}})
                for (const net::Padding padding : {net::Padding::same, net::Padding::valid}) {
                    const int kernel = form.first, stride = form.second;
                    CAPTURE(net::name_of(kind));
                    CAPTURE(kernel);
                    CAPTURE(stride);
                    CAPTURE(in.width);
                    net::Layer layer =
                        layer_of(kind, kind == Kind::depthwise ? in.channels : 5, kernel, stride, padding);
                    if (in.width == 1) layer.kernel_width = 1;
                    check_gradients(
                        in, [&](Graph& graph, Variable& x) -> Variable& { return record_linear(graph, x, layer); });
                }
}

TEST_CASE("dense passes the gradient check") {
    check_gradients({3, 4, 5}, [](Graph& graph, Variable& x) -> Variable& {
        return record_linear(graph, x, layer_of(Kind::dense, 7));
    });
}

TEST_CASE("layers and sums that end in a ReLU pass the gradient check") {
    const Shape in{3, 5, 4};
    for (const Kind kind : {Kind::convolution, Kind::depthwise})
        for (const int stride : {1, 2}) {
            CAPTURE(net::name_of(kind));
            CAPTURE(stride);
            const net::Layer layer = layer_of(kind, kind == Kind::depthwise ? 3 : 5, 3, stride);
            check_gradients(in,
                            [&](Graph& graph, Variable& x) -> Variable& {
                                if (kind == Kind::convolution) return record_linear(graph, x, layer, true);
                                Variable& y = graph.variable(net::detail::layer_shapes("", layer, in).operation);
                                graph.record<Linear>(x, graph.parameter("weights", 27), nullptr, form_of(layer), y,
                                                     true);
                                return y;
                            },
                            {.samples = 20, .step = 3e-3, .parameter_step = 1.5e-3, .kinks = true}); // few cross a zero
        }
    check_gradients(in,
                    [](Graph& graph, Variable& x) -> Variable& {
                        Variable& y = record_linear(graph, x, layer_of(Kind::dense, 7), true);
                        Variable &other = graph.variable({7, 1, 1}), &total = graph.variable({7, 1, 1});
                        graph.record<Linear>(x, graph.parameter("others", 7 * 60), nullptr, LinearForm{}, other);
                        graph.record<Sum>(y, other, total, true);
                        return total;
                    },
                    {.step = 3e-3, .parameter_step = 1.5e-3, .kinks = true});
}

TEST_CASE("a ReLU in place of its layer gives the values and gradients of one that stands behind it") {
    const net::Layer layer = layer_of(Kind::convolution, 6, 3);
    std::vector<float> results[2];
    for (const bool in_place : {false, true}) {
        Graph graph(16);
        Variable& x = graph.variable({2, 4, 5});
        Variable& y = record_linear(graph, x, layer, in_place);
        Variable& positive = in_place ? y : graph.variable(y.shape);
        if (!in_place) graph.record<Relu>(y, positive);
        graph.record<LinearLoss>(positive);
        graph.finish();
        Random random(1);
        tensor::for_rows(x.shape, [&](int c, int row) {
            for (int p = 0; p < 5; ++p) x.value.group(0).row(c, row)[p] = tensor::broadcast(float(random.normal()));
        });
        for (const auto& parameter : graph.parameters())
            for (float& value : parameter->value) value = float(random.normal());
        Team team(1);
        graph.step(team);
        std::vector<float>& all = results[in_place];
        for (const auto& parameter : graph.parameters())
            all.insert(all.end(), parameter->gradient.begin(), parameter->gradient.end());
        tensor::for_rows(y.shape, [&](int c, int row) {
            for (int p = 0; p < 5; ++p) all.push_back(positive.value.group(0).row(c, row)[p][3]);
        });
        tensor::for_rows(x.shape, [&](int c, int row) {
            for (int p = 0; p < 5; ++p) all.push_back(x.gradient.group(0).row(c, row)[p][3]);
        });
    }
    CHECK(results[0] == results[1]);
}

TEST_CASE("a stride other than 1 and 2 is refused where a layer is made, whatever its kind") {
    for (const Kind kind : {Kind::convolution, Kind::depthwise})
        for (const int stride : {-1, 0, 3}) {
            Graph graph(16);
            Variable &x = graph.variable({2, 7, 7}), &y = graph.variable({2, 3, 3});
            Parameter &weights = graph.parameter("weights", 36), &variance = graph.parameter("variance", 36);
            const LinearForm form{kind, {3, 3, stride, 1, 1}};
            const std::string message = text("stride ", stride, " of a ", net::name_of(kind), " layer is not 1 or 2");
            CHECK_THROWS_WITH_AS(graph.record<Linear>(x, weights, nullptr, form, y), message.c_str(), Error);
            CHECK_THROWS_WITH_AS(graph.record<Variational>(x, WeightPosterior{weights, variance}, form, y),
                                 message.c_str(), Error);
        }
    Graph graph(16); // a dense layer has no window that could move
    graph.record<Linear>(graph.variable({2, 7, 7}), graph.parameter("weights", 98), nullptr,
                         LinearForm{Kind::dense, {3, 3, 3, 1, 1}}, graph.variable({1, 1, 1}));
}
