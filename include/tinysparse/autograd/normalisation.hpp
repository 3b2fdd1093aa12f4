// SPDX-License-Identifier: Apache-2.0
// Batch normalisation (Ioffe and Szegedy 2015), followed by a ReLU if asked for.
//   training:   y = gamma (x - mean) / sqrt(variance + epsilon) + beta,  mean and variance over batch and positions
//   evaluation: the same with running averages of mean and variance
//   backward:   dx = gamma / sqrt(variance + epsilon) * (g - mean(g) - xhat mean(g xhat)),
//               g = dy where the ReLU passed
// There are two operations, as the statistics need all groups first: BatchStatistics, then BatchNormalise.
//
// Each group sums distances from a shift, its first value of the channel, so that the variance keeps its digits even if
// the mean is far from 0. Then the moments of the groups are combined (Chan, Golub, LeVeque 1983):
//   squared deviations = sum over groups of (sum d^2 - (sum d)^2 / n) + n (mean of group - mean)^2,   d = x - shift
#pragma once
#include <limits>

#include "tinysparse/autograd/graph.hpp"

namespace tinysparse::autograd {

/// What the two operations share.
struct BatchNormalisation {
    Parameter &gamma, &beta;
    std::vector<float> running_mean, running_variance; ///< One per channel; evaluation uses them.
    double momentum = 0.1;                             ///< Share of the batch in the new running statistics.

    /// gamma_ and beta_ have one value per channel. Running statistics begin with mean 0 and variance 1.
    BatchNormalisation(Parameter& gamma_, Parameter& beta_)
        : gamma(gamma_), beta(beta_), running_mean(gamma_.value.size()), running_variance(gamma_.value.size(), 1.0f) {}

    static constexpr double epsilon = 1e-5; ///< Added to variances.
    std::vector<double> mean;               ///< Mean of the batch, or the running mean in evaluation.
    std::vector<float> inverse_deviation;   ///< Likewise of the batch, or running.
    std::vector<float> scale, offset;       ///< y = scale * x + offset
    /// dx = gradient_scale g + gradient_x x + gradient_offset
    std::vector<float> gradient_scale, gradient_x, gradient_offset;

    /// Sums over one group and channel. Forwards: of d and d^2, where d = x - shift. Backwards: of g and g d, where g
    /// is the gradient and the shift is the mean.
    struct Sums {
        float shift = 0, total = 0, products = 0; ///< total: of d or g; products: of d^2 or g d.
    };
    std::vector<Sums> sums; ///< [groups][channels]
};

/// Forwards: mean and variance of each channel over the batch. Backwards: the gradient of x.
class BatchStatistics final : public Operation {
  public:
    /// x, y: equal shapes. BatchNormalise, with the same arguments, must follow.
    BatchStatistics(Graph& graph, Variable& x, Variable& y, BatchNormalisation& state, bool relu)
        : graph_(graph), x_(x), y_(y), state_(state), relu_(relu) {}
    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void allocate(std::size_t groups) override {
        const std::size_t channels = std::size_t(x_.shape.channels);
        state_.sums.assign(groups * channels, {});
        state_.mean.assign(channels, 0.0);
        for (auto* values : {&state_.inverse_deviation, &state_.scale, &state_.offset, &state_.gradient_scale,
                             &state_.gradient_x, &state_.gradient_offset})
            values->assign(channels, 0.0f);
    }
    bool joins_forward() const override { return true; }
    void forward(std::size_t group, Mode mode) override {
        if (mode == Mode::evaluation) return;
        const auto x = x_.value.group(group);
        const Lane active = graph_.active(group);
        BatchNormalisation::Sums* sums = state_.sums.data() + group * std::size_t(x_.shape.channels);
        for (int c = 0; c < x_.shape.channels; ++c) {
            const float shift = x.row(c, 0)[0][0];
            Lane total{}, squares{};
            for (int row = 0; row < x_.shape.height; ++row) {
                const Lane* values = x.row(c, row);
                for (int p = 0; p < x_.shape.width; ++p) {
                    const Lane distance = values[p] - shift;
                    total += distance;
                    squares += distance * distance;
                }
            }
            *sums++ = {shift, tensor::sum(total * active), tensor::sum(squares * active)};
        }
    }
    void join_forward(Mode mode) override {
        const double count = double(graph_.samples()) * positions();
        for (std::size_t c = 0; c < std::size_t(x_.shape.channels); ++c) {
            double mean = double(state_.running_mean[c]), variance = double(state_.running_variance[c]);
            if (mode == Mode::training) {
                batch_moments(c, mean, variance);
                const double unbiased = count > 1 ? variance * count / (count - 1) : variance;
                state_.running_mean[c] += float(state_.momentum * (mean - double(state_.running_mean[c])));
                state_.running_variance[c] += float(state_.momentum * (unbiased - double(state_.running_variance[c])));
            }
            const double inverse = 1.0 / std::sqrt(variance + BatchNormalisation::epsilon);
            state_.mean[c] = mean;
            state_.inverse_deviation[c] = float(inverse);
            state_.scale[c] = float(double(state_.gamma.used()[c]) * inverse);
            state_.offset[c] = float(double(state_.beta.used()[c]) - mean * double(state_.scale[c]));
        }
    }
    void backward(std::size_t group) override {
        if (!x_.needs_gradient) return;
        const auto x = x_.value.group(group), y = y_.value.group(group), dy = y_.gradient.group(group),
                   dx = x_.gradient.group(group);
        const Lane active = graph_.active(group);
        const bool full = graph_.is_full(group);
        for (int c = 0; c < x_.shape.channels; ++c) {
            const std::size_t i = std::size_t(c);
            const float scale = state_.gradient_scale[i], slope = state_.gradient_x[i],
                        offset = state_.gradient_offset[i];
            for (int row = 0; row < x_.shape.height; ++row) {
                const Lane *values = x.row(c, row), *out = y.row(c, row), *gradients = dy.row(c, row);
                Lane* to = dx.row(c, row);
                for (int p = 0; p < x_.shape.width; ++p) {
                    const Lane g = relu_ ? tensor::select(out[p] > Lane{}, gradients[p], Lane{}) : gradients[p];
                    Lane result = scale * g + (slope * values[p] + offset);
                    if (!full) result *= active;
                    to[p] = accumulate_ ? to[p] + result : result;
                }
            }
        }
    }

  private:
    double positions() const { return double(x_.shape.height) * x_.shape.width; }
    /// Mean and variance of a channel over the batch, from the sums of its groups.
    void batch_moments(std::size_t channel, double& mean, double& variance) const {
        const auto for_groups = [&](auto body) { // body(sums, number of values, their mean)
            for (std::size_t g = 0; g < graph_.groups(); ++g) {
                const auto& sums = state_.sums[g * std::size_t(x_.shape.channels) + channel];
                const double values = double(tensor::sum(graph_.active(g))) * positions();
                if (values > 0) body(sums, values, double(sums.shift) + double(sums.total) / values);
            }
        };
        const double count = double(graph_.samples()) * positions();
        const double shift = double(state_.sums[channel].shift); // the origin of all distances here
        double distance = 0, squared_deviations = 0;
        for_groups([&](const auto&, double values, double own) { distance += values * (own - shift) / count; });
        mean = shift + distance;
        for_groups([&](const auto& sums, double values, double own) {
            const double total = double(sums.total);
            squared_deviations +=
                std::max(0.0, double(sums.products) - total * total / values) + values * (own - mean) * (own - mean);
        });
        variance = squared_deviations / count;
    }

    Graph& graph_;
    Variable &x_, &y_;
    BatchNormalisation& state_;
    bool relu_, accumulate_ = false;
};

/// Forwards: y from the statistics that BatchStatistics left in `state`. Backwards: the gradients of gamma and beta.
class BatchNormalise final : public Operation {
  public:
    /// x, y: equal shapes. relu: negative results become 0.
    BatchNormalise(Graph& graph, Variable& x, Variable& y, BatchNormalisation& state, bool relu)
        : graph_(graph), x_(x), y_(y), state_(state), relu_(relu) {}
    void plan() override {} // BatchStatistics gives x its gradient
    bool joins_backward() const override { return true; }
    void forward(std::size_t group, Mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group);
        const Lane low = tensor::broadcast(relu_ ? 0.0f : -std::numeric_limits<float>::infinity());
        for (int c = 0; c < x_.shape.channels; ++c) {
            const float scale = state_.scale[std::size_t(c)], offset = state_.offset[std::size_t(c)];
            for (int row = 0; row < x_.shape.height; ++row) {
                const Lane* values = x.row(c, row);
                Lane* to = y.row(c, row);
                for (int p = 0; p < x_.shape.width; ++p) to[p] = tensor::maximum(scale * values[p] + offset, low);
            }
        }
    }
    void backward(std::size_t group) override {
        const auto x = x_.value.group(group), y = y_.value.group(group), dy = y_.gradient.group(group);
        BatchNormalisation::Sums* sums = state_.sums.data() + group * std::size_t(x_.shape.channels);
        for (int c = 0; c < x_.shape.channels; ++c) {
            const float shift = float(state_.mean[std::size_t(c)]);
            Lane total{}, products{};
            for (int row = 0; row < x_.shape.height; ++row) {
                const Lane *values = x.row(c, row), *out = y.row(c, row), *gradients = dy.row(c, row);
                for (int p = 0; p < x_.shape.width; ++p) {
                    const Lane g = relu_ ? tensor::select(out[p] > Lane{}, gradients[p], Lane{}) : gradients[p];
                    total += g;
                    products += g * (values[p] - shift);
                }
            }
            *sums++ = {shift, tensor::sum(total), tensor::sum(products)};
        }
    }
    void join_backward() override {
        const std::size_t channels = std::size_t(x_.shape.channels);
        const double count = double(graph_.samples()) * x_.shape.height * x_.shape.width;
        for (std::size_t c = 0; c < channels; ++c) {
            double total = 0, products = 0;
            for (std::size_t g = 0; g < graph_.groups(); ++g) {
                total += double(state_.sums[g * channels + c].total);
                products += double(state_.sums[g * channels + c].products);
            }
            const double mean = state_.mean[c], inverse = double(state_.inverse_deviation[c]);
            const double rounded = mean - double(float(mean));                // rounding error of the shift as a float
            const double normalised = (products - rounded * total) * inverse; // sum of g xhat
            state_.gamma.partial(0)[c] = float(normalised); // for all groups at once; the other partials stay 0
            state_.beta.partial(0)[c] = float(total);
            const double scale = double(state_.gamma.used()[c]) * inverse;
            const double slope = -scale * inverse * normalised / count;
            state_.gradient_scale[c] = float(scale);
            state_.gradient_x[c] = float(slope);
            state_.gradient_offset[c] = float(-scale * total / count - slope * mean);
        }
    }

  private:
    Graph& graph_;
    Variable &x_, &y_;
    BatchNormalisation& state_;
    bool relu_;
};

/// Records both operations and returns the state that they share. y = normalised x, through a ReLU if `relu`.
inline std::unique_ptr<BatchNormalisation> batch_normalisation(Graph& graph, Variable& x, Parameter& gamma,
                                                               Parameter& beta, bool relu, Variable& y) {
    auto state = std::make_unique<BatchNormalisation>(gamma, beta);
    std::fill(gamma.value.begin(), gamma.value.end(), 1.0f);
    graph.record<BatchStatistics>(x, y, *state, relu);
    graph.record<BatchNormalise>(x, y, *state, relu);
    return state;
}

} // namespace tinysparse::autograd
