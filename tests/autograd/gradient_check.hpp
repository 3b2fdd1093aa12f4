// SPDX-License-Identifier: Apache-2.0
// The one harness that checks every operation: the loss is a random linear function of the outputs, L = sum c_i y_i
// with c_i ~ N(0, 1), and its gradients are compared with central differences, summed in double over the float outputs:
//   D = (L(t+) - L(t-)) / (t+ - t-),   t+, t- the floats next to t + h and t - h
// How far D may be from the derivative follows from the arithmetic:
//   rounding   An output is off by e_i, about u = 2^-24 of its size, be it its own or that of the terms it is summed
//              from. The operation does not know c, so sum c_i e_i is as random as c: its standard deviation is
//                s = u sqrt(sum c_i^2 m_i^2) / (t+ - t-),   m_i^2 = y_i(t+)^2 + y_i(t-)^2 + 2 mean(y^2)
//              over the outputs that the step moves; what others lose is lost on both sides. Measured, where there is
//              no curvature, with g++ 12 and clang 14, -O0 to -O3, with and without -march=native: |error| / s has a
//              root mean square of 0.2 to 0.6; the largest of 20 sets of random numbers was 4.8. Allowed: 10 s.
//   kinks      Where an output has a kink within the step (ReLU, maximum, sqrt(x^2)), at a distance d from t and with a
//              change of slope J, D is off by c J (1 - d/h) / 2, and that is c |y(t+) - 2 y(t) + y(t-)| / (t+ - t-).
//              Counted where an operation has kinks, for every output whose second difference is more than rounding.
//   curvature  h^2/6 of the third derivative, and what the gradient itself loses by rounding (about 1e-6): with the
//              steps chosen here below 5e-4 of the largest gradient of the tensor, which is allowed. Most operations
//              are linear in every single value, so that any step does; batch normalisation at h = 0.01 is below 1e-5.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <numeric>

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
    /// y and c of the real samples, in the same order.
    std::vector<double> outputs() { return values_of(y_.value); }
    std::vector<double> coefficients() { return values_of(coefficients_); }
    double loss() {
        const std::vector<double> y = outputs(), c = coefficients();
        return std::inner_product(y.begin(), y.end(), c.begin(), 0.0);
    }

  private:
    std::vector<double> values_of(Tensor& tensor) {
        std::vector<double> values;
        for (std::size_t i = 0; i < graph_.samples(); ++i)
            tensor::for_rows(y_.shape, [&](int c, int row) {
                const std::size_t g = i / tensor::lane_samples, s = i % tensor::lane_samples;
                for (int p = 0; p < y_.shape.width; ++p) values.push_back(double(tensor.group(g).row(c, row)[p][s]));
            });
        return values;
    }

    Graph& graph_;
    Variable& y_;
    Tensor coefficients_;
    bool accumulate_ = false;
};

struct CheckOptions {
    std::size_t samples = 16;
    double step = 0.03;           ///< Step of the central difference by an input.
    double parameter_step = step; ///< The same for a parameter.
    bool kinks = false;           ///< Outputs have kinks as functions of an input ...
    bool parameter_kinks = kinks; ///< ... or of a parameter.
    double mean = 0;              ///< Mean of the random inputs; their deviation is 1.
};

/// One derivative, from the graph and from a central difference, and what may lie between them.
struct Derivative {
    std::string tensor; ///< "input" or the parameter's name.
    std::size_t index = 0;
    double analytic = 0, numeric = 0;
    double largest = 0; ///< The largest gradient of the same tensor.
    double rounding = 0, kinks = 0;

    double smooth_tolerance() const { return 5e-4 * largest + rounding; }
    double tolerance() const { return smooth_tolerance() + kinks; }
    bool agrees() const { return std::abs(analytic - numeric) <= tolerance(); }
};

/// record(graph, x) records the operation and returns its output. Gives dloss/dx at 40 places and dloss/dparameters.
template <class Record>
std::vector<Derivative> derivatives(const Shape& in, Record record, const CheckOptions& options) {
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
                    x.value.group(g).row(c, row)[p][s] = float(options.mean + random.normal());
        });
    for (const auto& parameter : graph.parameters())
        for (float& value : parameter->value) value = float(0.5 + random.normal() * 0.5);
    graph.step(team);
    const std::vector<double> c = loss.coefficients(), y0 = loss.outputs();
    const double mean_square = std::inner_product(y0.begin(), y0.end(), y0.begin(), 0.0) / double(y0.size());

    const auto outputs_at = [&](float& place, float moved) {
        const float old = std::exchange(place, moved);
        graph.forward(Mode::training, team);
        place = old;
        return loss.outputs();
    };
    const auto difference = [&](float& place, double step, bool kinks, Derivative& result) {
        const float right = float(double(place) + step), left = float(double(place) - step);
        const double far = double(right) - double(place), near = double(place) - double(left);
        const std::vector<double> above = outputs_at(place, right), below = outputs_at(place, left);
        const double unit = 0x1p-24;
        double variance = 0;
        for (std::size_t i = 0; i < c.size(); ++i) {
            if (above[i] == below[i]) continue;
            const double first = above[i] - below[i];
            const double second = std::abs((above[i] - y0[i]) - (y0[i] - below[i]) * far / near);
            result.numeric += c[i] * first / (far + near);
            variance += c[i] * c[i] * (above[i] * above[i] + below[i] * below[i] + 2 * mean_square);
            if (kinks && second > 16 * unit * std::sqrt(y0[i] * y0[i] + mean_square))
                result.kinks += std::abs(c[i]) * second / (far + near);
        }
        result.rounding = 10 * unit * std::sqrt(variance) / (far + near);
    };

    std::vector<Derivative> all;
    std::vector<float*> places; // of one tensor, whose derivatives are the last ones of `all`
    const auto compare = [&](double step, bool kinks) {
        const auto own = all.end() - std::ptrdiff_t(places.size());
        double largest = 1e-3;
        for (auto one = own; one != all.end(); ++one) largest = std::max(largest, std::abs(one->analytic));
        for (std::size_t i = 0; i < places.size(); ++i) {
            own[std::ptrdiff_t(i)].largest = largest;
            difference(*places[i], step, kinks, own[std::ptrdiff_t(i)]);
        }
        places.clear();
    };
    for (int pick = 0; pick < 40; ++pick) { // of all elements of all samples, the unused lanes among them
        const std::size_t g = random.below(std::uint32_t(graph.groups())), s = random.below(16);
        const int channel = int(random.below(std::uint32_t(in.channels))),
                  row = int(random.below(std::uint32_t(in.height))), p = int(random.below(std::uint32_t(in.width)));
        all.push_back({"input", std::size_t(pick), double(x.gradient.group(g).row(channel, row)[p][s])});
        places.push_back(reinterpret_cast<float*>(&x.value.group(g).row(channel, row)[p]) + s);
    }
    compare(options.step, options.kinks);
    for (const auto& parameter : graph.parameters()) {
        for (std::size_t i = 0; i < parameter->value.size(); i += 1 + parameter->value.size() / 30) {
            all.push_back({parameter->name, i, double(parameter->gradient[i])});
            places.push_back(&parameter->value[i]);
        }
        compare(options.parameter_step, options.parameter_kinks);
    }
    return all;
}

/// Every derivative within its tolerance, and the tolerances narrow enough to show an error of 1 % of the largest.
inline void check_gradients(const std::vector<Derivative>& all) {
    double kinks = 0;
    for (const Derivative& one : all) {
        CAPTURE(one.tensor);
        CAPTURE(one.index);
        CAPTURE(one.analytic);
        CAPTURE(one.numeric);
        CAPTURE(one.tolerance());
        CHECK(one.agrees());
        CHECK(one.smooth_tolerance() <= 1e-2 * one.largest);
        kinks += one.kinks / one.largest;
    }
    CHECK(kinks <= 5e-3 * double(all.size()));
}
template <class Record> void check_gradients(const Shape& in, Record record, const CheckOptions& options = {}) {
    check_gradients(derivatives(in, record, options));
}

} // namespace tinysparse::autograd::test
