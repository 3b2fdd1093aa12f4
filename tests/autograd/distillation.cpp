// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/distillation.hpp"
#include "tinysparse/autograd/loss.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::autograd;

namespace {

float& logit_at(const tensor::View& view, int k, std::size_t s) { return reinterpret_cast<float*>(view.row(k, 0))[s]; }

/// Logits and a teacher's, random, in a graph of their own.
struct Taught {
    Graph graph;
    Variable& logits;
    Distillation& loss;
    Team team{1};

    Taught(std::size_t samples, double weight, double temperature)
        : graph(samples), logits(graph.variable({4, 1, 1})),
          loss(graph.record<Distillation>(logits, weight, temperature)) {
        graph.finish();
        Random random(6);
        for (std::size_t i = 0; i < samples; ++i)
            for (int k = 0; k < 4; ++k) {
                logits.at(i, k) = float(3 * random.normal());
                logit_at(loss.teacher(i / 16), k, i % 16) = float(3 * random.normal());
            }
    }
    double value() {
        graph.forward(Mode::training, team);
        return loss.loss();
    }
};

} // namespace

TEST_CASE("distillation has the gradient that differences of its loss give") {
    for (const double temperature : {1.0, 4.0})
        for (const std::size_t samples : {16u, 19u}) {
            CAPTURE(temperature);
            Taught taught(samples, 0.7, temperature);
            taught.graph.step(taught.team);
            for (std::size_t i = 0; i < samples; ++i)
                for (int k = 0; k < 4; ++k) {
                    float& logit = taught.logits.at(i, k);
                    const float old = logit;
                    logit = old + 1e-2f;
                    const double above = taught.value();
                    logit = old - 1e-2f;
                    const double below = taught.value();
                    logit = old;
                    CHECK(logit_at(taught.logits.gradient.group(i / 16), k, i % 16) ==
                          doctest::Approx((above - below) / 2e-2).epsilon(2e-3).scale(0.01));
                }
            for (std::size_t s = samples % 16; samples > 16 && s < 16; ++s) // unused lanes
                for (int k = 0; k < 4; ++k) CHECK(logit_at(taught.logits.gradient.group(1), k, s) == 0);
        }
}

TEST_CASE("the loss is the divergence of the softened answers: 0 where they agree, a sum by hand where not") {
    Taught taught(1, 2.0, 3.0);
    const float own[4] = {0.3f, -1, 2, 0}, teacher[4] = {1, 1, -0.5f, 0.25f};
    double p[4], q[4], p_total = 0, q_total = 0, expected = 0;
    for (int k = 0; k < 4; ++k) {
        taught.logits.at(0, k) = own[k];
        logit_at(taught.loss.teacher(0), k, 0) = teacher[k];
        p_total += p[k] = std::exp(double(own[k]) / 3);
        q_total += q[k] = std::exp(double(teacher[k]) / 3);
    }
    for (int k = 0; k < 4; ++k) expected += q[k] / q_total * std::log(q[k] / q_total / (p[k] / p_total));
    CHECK(taught.value() == doctest::Approx(2 * 9 * expected));
    for (int k = 0; k < 4; ++k) logit_at(taught.loss.teacher(0), k, 0) = own[k] + 5; // softmax knows no constant
    CHECK(std::abs(taught.value()) < 1e-6);
}

TEST_CASE("class weights weigh the answers of the teacher, too") {
    Graph graph(19);
    Variable& logits = graph.variable({3, 1, 1});
    auto& labels = graph.record<SoftmaxCrossEntropy>(logits, 0.1f, std::vector<float>{0.5f, 3, 1});
    auto& taught = graph.record<Distillation>(logits, 0.7, 2.0, &labels);
    graph.finish();
    Random random(8);
    for (std::size_t i = 0; i < 19; ++i) {
        labels.labels()[i] = std::uint8_t(i % 3);
        for (int k = 0; k < 3; ++k) {
            logits.at(i, k) = float(2 * random.normal());
            logit_at(taught.teacher(i / 16), k, i % 16) = float(2 * random.normal());
        }
    }
    Team team(1);
    graph.step(team);
    const auto value = [&] {
        graph.forward(Mode::training, team);
        return labels.loss() + taught.loss();
    };
    for (std::size_t i = 0; i < 19; ++i)
        for (int k = 0; k < 3; ++k) {
            float& logit = logits.at(i, k);
            const float old = logit;
            logit = old + 1e-2f;
            const double above = value();
            logit = old - 1e-2f;
            const double below = value();
            logit = old;
            CHECK(logit_at(logits.gradient.group(i / 16), k, i % 16) ==
                  doctest::Approx((above - below) / 2e-2).epsilon(2e-3).scale(0.01));
        }
    // One sample whose class has weight 3: three times the divergence without weights.
    Taught plain(1, 0.7, 2.0);
    graph.set_samples(1);
    labels.labels()[0] = 1;
    for (int k = 0; k < 3; ++k) {
        logits.at(0, k) = plain.logits.at(0, k) = float(k);
        logit_at(taught.teacher(0), k, 0) = logit_at(plain.loss.teacher(0), k, 0) = float(k * k);
    }
    plain.logits.at(0, 3) = logit_at(plain.loss.teacher(0), 3, 0) = -1e4f; // as good as not there
    graph.forward(Mode::training, team);
    CHECK(taught.loss() == doctest::Approx(3 * plain.value()));
}

TEST_CASE("the gradient adds to that of the labels") {
    Graph graph(16);
    Variable& logits = graph.variable({3, 1, 1});
    auto& labels = graph.record<SoftmaxCrossEntropy>(logits);
    auto& taught = graph.record<Distillation>(logits, 1.0, 1.0);
    graph.finish();
    for (std::size_t s = 0; s < 16; ++s) {
        labels.labels()[s] = 0;
        logit_at(taught.teacher(0), 0, s) = 100; // sure of class 0, as the label is: twice the gradient of one of them
    }
    Team team(1);
    graph.step(team);
    CHECK(logit_at(logits.gradient.group(0), 0, 5) == doctest::Approx(2 * (1.0 / 3 - 1) / 16));
    CHECK(logit_at(logits.gradient.group(0), 1, 5) == doctest::Approx(2 * (1.0 / 3) / 16));
}
