// SPDX-License-Identifier: Apache-2.0
// The check as a user of the library calls it, on an operation of one's own.
#include "tinysparse/autograd/check_gradient.hpp"
#include "tinysparse/autograd/elementwise.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::autograd;

namespace {

/// y = w x^2 with one weight for each channel; dx and dw may be wrong at one place.
class Square final : public Operation {
  public:
    Square(Variable& x, Parameter& weights, Variable& y, float wrong_dx = 1, float wrong_dw = 1)
        : x_(x), weights_(weights), y_(y), wrong_dx_(wrong_dx), wrong_dw_(wrong_dw) {}
    void plan() override { accumulate_ = x_.claim_gradient(); }
    void forward(std::size_t group, Mode) override {
        each(group, [&](int channel, const Lane& x, Lane& y, Lane&, const Lane&) {
            y = weights_.used()[std::size_t(channel)] * x * x;
        });
    }
    void backward(std::size_t group) override {
        const std::span<float> dw = weights_.partial(group);
        std::fill(dw.begin(), dw.end(), 0.0f);
        each(group, [&](int channel, const Lane& x, Lane&, Lane& dx, const Lane& dy) {
            const std::size_t c = std::size_t(channel);
            const Lane own = 2 * weights_.used()[c] * x * dy * (channel == 1 ? wrong_dx_ : 1.0f);
            dx = accumulate_ ? dx + own : own;
            for (std::size_t s = 0; s < tensor::lane_samples; ++s)
                dw[c] += (c == 2 ? wrong_dw_ : 1.0f) * x[s] * x[s] * dy[s];
        });
    }

  private:
    template <class Body> void each(std::size_t group, Body body) {
        const tensor::View x = x_.value.group(group), y = y_.value.group(group), dx = x_.gradient.group(group),
                           dy = y_.gradient.group(group);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p)
                body(c, x.row(c, row)[p], y.row(c, row)[p], dx.row(c, row)[p], dy.row(c, row)[p]);
        });
    }

    Variable& x_;
    Parameter& weights_;
    Variable& y_;
    float wrong_dx_, wrong_dw_;
    bool accumulate_ = false;
};

GradientCheck squares(float wrong_dx, float wrong_dw, const GradientCheckOptions& options = {}) {
    return check_gradient(
        {3, 2, 4},
        [&](Graph& graph, Variable& x) -> Variable& {
            Variable& y = graph.variable(x.shape);
            graph.record<Square>(x, graph.parameter("weights", 3), y, wrong_dx, wrong_dw);
            return y;
        },
        options);
}

} // namespace

TEST_CASE("an operation with right gradients differs by rounding alone") {
    for (const std::size_t samples : {16u, 21u}) {
        const GradientCheck check = squares(1, 1, {.samples = samples});
        CHECK(check.derivatives.size() == 40 + 3);
        CHECK(check.largest_difference() < 1e-3);
        CHECK(check.largest_difference() > 0); // floats round
        CHECK(check.agrees());
    }
}

TEST_CASE("the largest difference names the tensor and the place that are wrong, and by how much") {
    const GradientCheck input = squares(1.5f, 1);
    CHECK_FALSE(input.agrees());
    CHECK(input.worst().tensor == "input");
    CHECK(input.worst().place.find("channel 1, row ") != std::string::npos);
    CHECK(input.worst().analytic == doctest::Approx(1.5 * input.worst().numeric).epsilon(1e-3));
    CHECK(input.largest_difference() > 0.1);
    CHECK(input.largest_difference() <= 0.334); // a third of the wrong gradient

    const GradientCheck weight = squares(1, 0);
    CHECK(weight.worst().tensor == "weights");
    CHECK(weight.worst().place == "element 2");
    CHECK(weight.worst().analytic == 0);
}

TEST_CASE("a gradient that is no number is the largest difference") {
    const GradientCheck check = squares(std::numeric_limits<float>::quiet_NaN(), 0);
    CHECK(check.worst().tensor == "input");
    CHECK(std::isnan(check.largest_difference()));
    CHECK_FALSE(check.agrees());
}

TEST_CASE("kinks within the step are told apart from wrong gradients") {
    const auto relu = [](double step) {
        return check_gradient({3, 4, 4},
                              [](Graph& graph, Variable& x) -> Variable& {
                                  Variable& y = graph.variable(x.shape);
                                  graph.record<Relu>(x, y);
                                  return y;
                              },
                              {.step = step, .kinks = true});
    };
    const GradientCheck wide = relu(0.5);
    CHECK(wide.largest_difference() > 0.01);
    CHECK(wide.agrees());
}

TEST_CASE("a check of no samples is refused, and a step that is not above 0") {
    CHECK_THROWS_WITH_AS(squares(1, 1, {.samples = 0}), "a gradient check of no samples; give at least one", Error);
    CHECK_THROWS_WITH_AS(squares(1, 1, {.step = 0}),
                         "the step 0 of a central difference is not above 0; 0.01 is a good one", Error);
    CHECK_THROWS_AS(squares(1, 1, {.parameter_step = -1}), Error);
}
