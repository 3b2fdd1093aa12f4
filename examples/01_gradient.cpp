// SPDX-License-Identifier: Apache-2.0
// Lesson 1: a gradient and a layer. A network of one neuron and one layer, its gradient by the chain rule by hand, and
// the same from the graph that trains whole networks. A gradient says how fast the loss grows with each weight.
//   neuron   y = max(0, w . x + b)              layer   z = v y + c, one number for each of two classes (the logits)
//   softmax  p_k = exp(z_k) / sum exp(z)        loss = -log p_right
//   dz = p - 1 for the right class, p for the other       dv = dz y      dc = dz
//   dy = v . dz                                           dw = dy [y > 0] x      db = dy [y > 0]
// dz is short for the derivative of the loss by z; [y > 0] is 1 if y > 0, else 0. This loss is called cross-entropy,
// and max(0, .) a ReLU.
// Headers: autograd/graph.hpp, autograd/linear.hpp, autograd/loss.hpp. Equations: docs/equations.md, "Training".
#include "tinysparse/autograd/elementwise.hpp"
#include "tinysparse/autograd/linear.hpp"
#include "tinysparse/autograd/loss.hpp"
#include <cstdio>

using namespace tinysparse;

int main() {
    const float x[3] = {0.5f, -1.0f, 2.0f}, w[3] = {0.2f, 0.4f, 0.3f}, b = 0.1f, v[2] = {1.0f, -0.5f};
    const int right = 1; // the class of this sample

    // 1: by hand, forwards and then backwards. The layer's biases c are 0.
    float y = b;
    for (int i = 0; i < 3; ++i) y += w[i] * x[i];
    const float passes = y > 0 ? 1.0f : 0.0f;
    y *= passes;
    const float e[2] = {std::exp(v[0] * y), std::exp(v[1] * y)};
    const float p[2] = {e[0] / (e[0] + e[1]), e[1] / (e[0] + e[1])};
    const float dz[2] = {p[0] - float(right == 0), p[1] - float(right == 1)};
    const float dy = v[0] * dz[0] + v[1] * dz[1];
    std::printf("gradient      dw1    dw2    dw3     db    dv1    dv2\n");
    std::printf("by hand    %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f\n", double(dy * passes * x[0]),
                double(dy * passes * x[1]), double(dy * passes * x[2]), double(dy * passes), double(dz[0] * y),
                double(dz[1] * y));

    // 2: the same as a graph. It is recorded once, here for one sample of three inputs ...
    autograd::Graph graph(1);
    autograd::Variable &input = graph.variable({3, 1, 1}, false), &sum = graph.variable({1, 1, 1}),
                       &output = graph.variable({1, 1, 1}), &logits = graph.variable({2, 1, 1});
    autograd::Parameter &weights = graph.parameter("w", 3), &bias = graph.parameter("b", 1);
    autograd::Parameter &layer = graph.parameter("v", 2), &layer_bias = graph.parameter("c", 2);
    const autograd::LinearForm dense{net::Kind::dense, {}};
    graph.record<autograd::Linear>(input, weights, &bias, dense, sum);
    graph.record<autograd::Relu>(sum, output);
    graph.record<autograd::Linear>(output, layer, &layer_bias, dense, logits);
    auto& loss = graph.record<autograd::SoftmaxCrossEntropy>(logits);
    graph.finish();

    // ... and run as often as needed: forwards for the values, backwards for all gradients.
    for (int i = 0; i < 3; ++i) input.at(0, i) = x[i];
    weights.value.assign(w, w + 3);
    bias.value = {b};
    layer.value.assign(v, v + 2);
    loss.labels()[0] = right;
    Team team(1); // the threads that work on it
    graph.step(team);
    std::printf("the graph  %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f\n", double(weights.gradient[0]),
                double(weights.gradient[1]), double(weights.gradient[2]), double(bias.gradient[0]),
                double(layer.gradient[0]), double(layer.gradient[1]));

    // 3: what a gradient means. Move one number a little either way, and see how much the loss changes.
    std::printf("difference ");
    for (float* number :
         {&weights.value[0], &weights.value[1], &weights.value[2], &bias.value[0], &layer.value[0], &layer.value[1]}) {
        const float before = *number, step = 0.01f;
        double losses[2];
        for (const int side : {0, 1}) {
            *number = before + (side == 0 ? -step : step);
            graph.forward(autograd::Mode::training, team);
            losses[side] = loss.loss();
        }
        *number = before;
        std::printf("%6.3f%s", (losses[1] - losses[0]) / (2 * double(step)), number == &layer.value[1] ? "\n" : " ");
    }

    // 4: what it is for. Go against the gradient, and the loss falls: this is training.
    for (int step = 0; step <= 20; ++step) {
        graph.step(team);
        if (step % 5 == 0)
            std::printf("after %2d steps: loss %.3f, probability of the right class %.3f\n", step, loss.loss(),
                        std::exp(-loss.loss()));
        for (const auto& parameter : graph.parameters())
            for (std::size_t i = 0; i < parameter->value.size(); ++i)
                parameter->value[i] -= 0.1f * parameter->gradient[i];
    }
}
