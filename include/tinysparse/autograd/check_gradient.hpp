// SPDX-License-Identifier: Apache-2.0
// Check of an operation's gradients against central differences, for operations of your own. The loss is a random
// linear function of the outputs, L = sum c_i y_i with c_i ~ N(0, 1), and each gradient is compared with
//   D = (L(t+) - L(t-)) / (t+ - t-),   t+, t- the floats next to t + h and t - h,
// summed in double over the float outputs. How far D may be from the derivative follows from the arithmetic:
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
//              default step below 5e-4 of the largest gradient of the tensor for the operations of this library, which
//              is allowed. Most are linear in every single value, so that any step does; batch normalisation at
//              h = 0.01 is below 1e-5.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/base/random.hpp"

namespace tinysparse::autograd {

/// loss = sum over the real samples of coefficient * y, with a coefficient from N(0, 1) for every element of y.
class LinearLoss final : public Operation {
  public:
    /// Draws the coefficients, the same for the same shape and batch.
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
    /// Values of y of the real samples, [samples][channels][height][width].
    std::vector<double> outputs() { return values_of(y_.value); }
    /// Their coefficients, in the same order.
    std::vector<double> coefficients() { return values_of(coefficients_); }
    /// The loss of the last forward pass, summed in double.
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

/// Options of check_gradient().
struct GradientCheckOptions {
    std::size_t samples = 16;     ///< Size of the batch; the check includes lanes beyond it if it is no multiple of 16.
    double step = 0.03;           ///< Step h of the central difference by an input.
    double parameter_step = step; ///< The same for a parameter.
    bool kinks = false;           ///< Outputs have kinks as functions of an input ...
    bool parameter_kinks = kinks; ///< ... or of a parameter.
    double mean = 0;              ///< Mean of the random inputs; their standard deviation is 1.
};

/// A gradient at one place: from the operation, and from a central difference.
struct Derivative {
    std::string tensor; ///< "input" or the parameter's name.
    std::string place;  ///< "sample 3, channel 1, row 0, column 2", or the element of a parameter: "element 7".
    double analytic = 0, numeric = 0; ///< From the operation; from the central difference.
    double largest = 0;               ///< The largest analytic gradient of the same tensor, at least 1e-3.
    double rounding = 0, kinks = 0;   ///< How far the two may differ by rounding and by kinks within the step.

    /// Relative difference: |analytic - numeric| / largest. NaN if one of them is.
    double difference() const { return std::abs(analytic - numeric) / largest; }
    /// What |analytic - numeric| may be without kinks.
    double smooth_tolerance() const { return 5e-4 * largest + rounding; }
    /// What |analytic - numeric| may be.
    double tolerance() const { return smooth_tolerance() + kinks; }
    /// True if it is no more.
    bool agrees() const { return std::abs(analytic - numeric) <= tolerance(); }
};

/// Result of check_gradient().
struct GradientCheck {
    std::vector<Derivative> derivatives; ///< By the input first, then by each parameter; never empty.

    /// The place of the largest relative difference; a NaN counts as the largest.
    const Derivative& worst() const {
        const auto size = [](const Derivative& one) {
            return std::isnan(one.difference()) ? std::numeric_limits<double>::infinity() : one.difference();
        };
        return *std::max_element(derivatives.begin(), derivatives.end(),
                                 [&](const Derivative& a, const Derivative& b) { return size(a) < size(b); });
    }
    /// The largest relative difference. Below 1e-3 in a correct operation without kinks; above 0.01 something is wrong.
    double largest_difference() const { return worst().difference(); }
    /// True if every derivative is within its tolerance. It is the stricter question, and the one for kinks.
    bool agrees() const {
        return std::all_of(derivatives.begin(), derivatives.end(), [](const Derivative& one) { return one.agrees(); });
    }
};

namespace detail {

/// The graph of a gradient check, and the loss as a function of any one of its numbers.
class CheckedGraph {
  public:
    template <class Record>
    CheckedGraph(const Shape& input, Record& record, const GradientCheckOptions& options)
        : graph(options.samples), x(graph.variable(input)), loss_(graph.record<LinearLoss>(record(graph, x))) {
        graph.finish();
        Random random(9, "inputs");
        for (std::size_t g = 0; g < graph.groups(); ++g)
            tensor::for_rows(input, [&](int c, int row) {
                for (int p = 0; p < input.width; ++p)
                    for (std::size_t s = 0; s < tensor::lane_samples; ++s)
                        x.value.group(g).row(c, row)[p][s] = float(options.mean + random.normal());
            });
        for (const auto& parameter : graph.parameters())
            for (float& value : parameter->value) value = float(0.5 + random.normal() * 0.5);
        graph.step(team_);
        coefficients_ = loss_.coefficients();
        outputs_ = loss_.outputs();
        mean_square_ = std::inner_product(outputs_.begin(), outputs_.end(), outputs_.begin(), 0.0) /
                       double(std::max<std::size_t>(outputs_.size(), 1));
        picks = random;
    }

    /// Fills in the central difference by the number at `place`, and what it may be off by.
    void difference(float& place, double step, bool kinks, Derivative& result) {
        const float right = float(double(place) + step), left = float(double(place) - step);
        const double far = double(right) - double(place), near = double(place) - double(left);
        const std::vector<double> above = outputs_at(place, right), below = outputs_at(place, left);
        const double unit = 0x1p-24;
        double variance = 0;
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            if (above[i] == below[i]) continue;
            const double c = coefficients_[i], y = outputs_[i];
            const double first = above[i] - below[i];
            const double second = std::abs((above[i] - y) - (y - below[i]) * far / near);
            result.numeric += c * first / (far + near);
            variance += c * c * (above[i] * above[i] + below[i] * below[i] + 2 * mean_square_);
            if (kinks && second > 16 * unit * std::sqrt(y * y + mean_square_))
                result.kinks += std::abs(c) * second / (far + near);
        }
        result.rounding = 10 * unit * std::sqrt(variance) / (far + near);
    }

    Graph graph;
    Variable& x;
    Random picks{0}; ///< Goes on after the numbers of inputs and parameters.

  private:
    std::vector<double> outputs_at(float& place, float moved) {
        const float old = std::exchange(place, moved);
        graph.forward(Mode::training, team_);
        place = old;
        return loss_.outputs();
    }

    LinearLoss& loss_;
    Team team_{1};
    std::vector<double> coefficients_, outputs_;
    double mean_square_ = 0;
};

/// Throws Error for options that no check can work with.
inline void check_options(const GradientCheckOptions& options) {
    if (options.samples < 1) throw Error("a gradient check of no samples; give at least one");
    for (const double step : {options.step, options.parameter_step})
        if (!(step > 0 && std::isfinite(step)))
            throw Error(text("the step ", step, " of a central difference is not above 0; 0.01 is a good one"));
}

} // namespace detail

/// Compares the gradients of an operation with central differences: by the input at 40 random places, by each parameter
/// at 16 to 30 of its elements, or all if there are fewer. record(graph, x) records the operation, or several, on the
/// variable x of shape `input` and returns the variable of its output:
///   const GradientCheck check = check_gradient({3, 4, 4}, [](Graph& graph, Variable& x) -> Variable& {
///       Variable& y = graph.variable(x.shape);
///       graph.record<Mine>(x, y);
///       return y;
///   });
/// Inputs are N(mean, 1), parameters N(0.5, 0.5^2). Forward passes must repeat themselves: an operation with noise must
/// hold it fixed. Throws Error for no samples, for a step that is not above 0, and as the operation does.
template <class Record>
GradientCheck check_gradient(const Shape& input, Record record, const GradientCheckOptions& options = {}) {
    detail::check_options(options);
    detail::CheckedGraph checked(input, record, options);
    GradientCheck result;
    std::vector<Derivative>& all = result.derivatives;
    std::vector<float*> places; // of one tensor, whose derivatives are the last ones of `all`
    const auto compare = [&](double step, bool kinks) {
        const auto own = all.end() - std::ptrdiff_t(places.size());
        double largest = 1e-3;
        for (auto one = own; one != all.end(); ++one) largest = std::max(largest, std::abs(one->analytic));
        for (std::size_t i = 0; i < places.size(); ++i) {
            own[std::ptrdiff_t(i)].largest = largest;
            checked.difference(*places[i], step, kinks, own[std::ptrdiff_t(i)]);
        }
        places.clear();
    };
    Variable& x = checked.x;
    for (int pick = 0; pick < 40; ++pick) { // of all elements of all samples, the unused lanes among them
        const std::size_t g = checked.picks.below(std::uint32_t(checked.graph.groups())), s = checked.picks.below(16);
        const int channel = int(checked.picks.below(std::uint32_t(input.channels))),
                  row = int(checked.picks.below(std::uint32_t(input.height))),
                  p = int(checked.picks.below(std::uint32_t(input.width)));
        const std::size_t sample = g * tensor::lane_samples + s;
        all.push_back({"input", text("sample ", sample, ", channel ", channel, ", row ", row, ", column ", p),
                       double(x.gradient.group(g).row(channel, row)[p][s])});
        places.push_back(&x.at(sample, channel, row, p));
    }
    compare(options.step, options.kinks);
    for (const auto& parameter : checked.graph.parameters()) {
        for (std::size_t i = 0; i < parameter->value.size(); i += 1 + parameter->value.size() / 30) {
            all.push_back({parameter->name, text("element ", i), double(parameter->gradient[i])});
            places.push_back(&parameter->value[i]);
        }
        compare(options.parameter_step, options.parameter_kinks);
    }
    return result;
}

} // namespace tinysparse::autograd
