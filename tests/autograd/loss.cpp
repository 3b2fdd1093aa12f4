// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/loss.hpp"
#include "tinysparse/base/random.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::autograd;

TEST_CASE("softmax cross-entropy is the mean of its plain formula, with smoothing and class weights") {
    const int classes = 4;
    const std::vector<float> none, weights = {0.5f, 3, 1, 2};
    for (const auto& [smoothing, class_weights] : {std::pair{0.0f, none}, {0.1f, none}, {0.2f, weights}})
        for (const std::size_t samples : {1u, 16u, 21u}) {
            CAPTURE(smoothing);
            CAPTURE(samples);
            Graph graph(samples);
            Variable& logits = graph.variable({classes, 1, 1});
            auto& loss = graph.record<SoftmaxCrossEntropy>(logits, smoothing, class_weights);
            graph.finish();
            Random random(9);
            double expected = 0;
            for (std::size_t i = 0; i < samples; ++i) {
                const std::size_t label = random.below(classes);
                loss.labels()[i] = std::uint8_t(label);
                double total = 0, own = 0;
                std::vector<double> values;
                for (int k = 0; k < classes; ++k) {
                    logits.at(i, k) = float(3 * random.normal());
                    values.push_back(double(logits.at(i, k)));
                    total += std::exp(values.back());
                }
                for (std::size_t k = 0; k < classes; ++k) {
                    const double target = (k == label ? 1 - double(smoothing) : 0) + double(smoothing) / classes;
                    own -= target * std::log(std::exp(values[k]) / total);
                }
                expected += own * (class_weights.empty() ? 1 : double(class_weights[label])) / double(samples);
            }
            Team team(1);
            graph.forward(Mode::training, team);
            CHECK(loss.loss() == doctest::Approx(expected).epsilon(1e-5));
        }
}
