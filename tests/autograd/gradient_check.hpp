// SPDX-License-Identifier: Apache-2.0
// The one harness that checks every operation: the loss is a random linear function of the outputs, and its gradients
// are compared with central differences, taken in double over float values.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

namespace tinysparse::autograd::test {

/// loss = sum over the real samples of coefficient * y, with coefficients of its own for every element.
class LinearLoss final : public Operation {
  public:
    LinearLoss(Graph& graph, Variable& y) : graph_(graph), y_(y), coefficients_(graph.groups(), y.shape) {
        Random random(5, "coefficients");
        for (std::size_t g = 0; g < graph.groups(); ++g)
            tensor::for_rows(y.shape, [&](int c, int row) {
                for (int p = 0; p < y.shape.width; ++p)
                    for (std::size_t s = 0; s < tensor::lane_samples; ++s)
                        coefficients_.group(g).row(c, row)[p][s] = float(random.normal());
            });
    }
    void plan() override { accumulate_ = y_.claim_gradient(); }
    void forward(std::size_t, Mode) override {}
    void backward(std::size_t group) override {
        const auto dy = y_.gradient.group(group), own = coefficients_.group(group);
        tensor::for_rows(y_.shape, [&](int c, int row) {
            for (int p = 0; p < y_.shape.width; ++p) {
                const Lane g = own.row(c, row)[p] * graph_.active(group);
                dy.row(c, row)[p] = accumulate_ ? dy.row(c, row)[p] + g : g;
            }
        });
    }
    double loss() {
        double total = 0;
        for (std::size_t i = 0; i < graph_.samples(); ++i)
            tensor::for_rows(y_.shape, [&](int c, int row) {
                const std::size_t g = i / tensor::lane_samples, s = i % tensor::lane_samples;
                for (int p = 0; p < y_.shape.width; ++p)
                    total +=
                        double(y_.value.group(g).row(c, row)[p][s]) * double(coefficients_.group(g).row(c, row)[p][s]);
            });
        return total;
    }

  private:
    Graph& graph_;
    Variable& y_;
    Tensor coefficients_;
    bool accumulate_ = false;
};

struct CheckOptions {
    std::size_t samples = 16;
    double step = 1e-2;      ///< Of the central difference.
    double tolerance = 2e-3; ///< Relative to the largest gradient of the same tensor.
    double scale = 1;        ///< Standard deviation of the random inputs.
};

/// record(graph, x) records the operation and returns its output. Checks dloss/dx and dloss/dparameters.
template <class Record> void check_gradients(const Shape& in, Record record, CheckOptions options = {}) {
    Graph graph(options.samples);
    Variable& x = graph.variable(in);
    Variable& y = record(graph, x);
    LinearLoss& loss = graph.record<LinearLoss>(y);
    graph.finish();
    Team team(1);
    Random random(9, "inputs");
    for (std::size_t g = 0; g < graph.groups(); ++g)
        tensor::for_rows(in, [&](int c, int row) {
            for (int p = 0; p < in.width; ++p)
                for (std::size_t s = 0; s < tensor::lane_samples; ++s)
                    x.value.group(g).row(c, row)[p][s] = float(options.scale * random.normal());
        });
    for (const auto& parameter : graph.parameters())
        for (float& value : parameter->value) value = float(0.5 + random.normal() * 0.5);
    const auto value_at = [&](float& place, double moved) {
        const float old = std::exchange(place, float(moved));
        graph.forward(Mode::training, team);
        const double result = loss.loss();
        place = old;
        return result;
    };
    const auto numeric = [&](float& place) {
        const double centre = double(place);
        return (value_at(place, centre + options.step) - value_at(place, centre - options.step)) / (2 * options.step);
    };
    graph.step(team);
    std::vector<double> analytic;
    std::vector<float*> places;
    const auto compare = [&](const char* what) {
        double largest = 1e-3;
        for (const double a : analytic) largest = std::max(largest, std::abs(a));
        for (std::size_t i = 0; i < places.size(); ++i) {
            const double n = numeric(*places[i]);
            CAPTURE(what);
            CAPTURE(i);
            CHECK(std::abs(analytic[i] - n) <= options.tolerance * largest);
        }
        analytic.clear();
        places.clear();
    };
    for (int pick = 0; pick < 40; ++pick) { // of all elements of all samples, the unused lanes among them
        const std::size_t g = random.below(std::uint32_t(graph.groups())), s = random.below(16);
        const int c = int(random.below(std::uint32_t(in.channels))), row = int(random.below(std::uint32_t(in.height))),
                  p = int(random.below(std::uint32_t(in.width)));
        analytic.push_back(double(x.gradient.group(g).row(c, row)[p][s]));
        places.push_back(reinterpret_cast<float*>(&x.value.group(g).row(c, row)[p]) + s);
    }
    compare("input");
    for (const auto& parameter : graph.parameters()) {
        for (std::size_t i = 0; i < parameter->value.size(); i += 1 + parameter->value.size() / 30) {
            analytic.push_back(double(parameter->gradient[i]));
            places.push_back(&parameter->value[i]);
        }
        compare(parameter->name.c_str());
    }
}

} // namespace tinysparse::autograd::test
