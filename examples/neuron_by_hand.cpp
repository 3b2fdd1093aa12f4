// SPDX-License-Identifier: Apache-2.0
// Lesson: one neuron and its gradient by hand, then the same from the graph that trains whole networks.
//   y = max(0, w . x + b),  loss = -log of the probability that softmax gives the right class,  logits = (y, 0)
//   dloss/dy = p - 1 for the right class,  dloss/dw = dloss/dy * [y > 0] * x,  dloss/db = dloss/dy * [y > 0]
// Prints both gradients; neuron_by_hand.expected holds that output and a test compares it.
#include "tinysparse/autograd/elementwise.hpp"
#include "tinysparse/autograd/linear.hpp"
#include "tinysparse/autograd/loss.hpp"
#include <cstdio>

using namespace tinysparse;

int main() {
    const float x[3] = {0.5f, -1.0f, 2.0f}, w[3] = {0.2f, 0.4f, 0.3f}, b = 0.1f;

    // 1: by hand
    float y = b;
    for (int i = 0; i < 3; ++i) y += w[i] * x[i];
    y = y > 0 ? y : 0;
    const float p = std::exp(y) / (std::exp(y) + 1), dy = p - 1, passes = y > 0 ? 1.0f : 0.0f;
    std::printf("by hand    y = %.3f  p = %.3f  dw = (%.3f, %.3f, %.3f)  db = %.3f\n", double(y), double(p),
                double(dy * passes * x[0]), double(dy * passes * x[1]), double(dy * passes * x[2]),
                double(dy * passes));

    // 2: the same as a graph. It is recorded once, for one sample of three inputs ...
    autograd::Graph graph(1);
    autograd::Variable &input = graph.variable({3, 1, 1}, false), &sum = graph.variable({1, 1, 1}),
                       &output = graph.variable({1, 1, 1}), &logits = graph.variable({2, 1, 1});
    autograd::Parameter &weights = graph.parameter("w", 3), &bias = graph.parameter("b", 1);
    autograd::Parameter& choose = graph.parameter("logits = (y, 0)", 2); // a dense layer with weights 1 and 0
    const autograd::LinearForm dense{net::Kind::dense, {}};
    graph.record<autograd::Linear>(input, weights, &bias, dense, sum);
    graph.record<autograd::Relu>(sum, output);
    graph.record<autograd::Linear>(output, choose, nullptr, dense, logits);
    auto& loss = graph.record<autograd::SoftmaxCrossEntropy>(logits);
    graph.finish();

    // ... and replayed as often as one likes: forwards for the values, backwards for all gradients.
    for (int i = 0; i < 3; ++i) input.at(0, i) = x[i];
    weights.value = {w[0], w[1], w[2]};
    bias.value = {b};
    choose.value = {1, 0};
    loss.labels()[0] = 0;
    Team team(1);
    graph.step(team);
    std::printf("the graph  y = %.3f  p = %.3f  dw = (%.3f, %.3f, %.3f)  db = %.3f\n", double(output.at(0, 0)),
                std::exp(-loss.loss()), double(weights.gradient[0]), double(weights.gradient[1]),
                double(weights.gradient[2]), double(bias.gradient[0]));
}
