// SPDX-License-Identifier: Apache-2.0
// A linear layer whose weights are independent normal variables, w ~ N(theta, sigma^2), by the local
// reparametrisation (Kingma, Salimans, Welling 2015): the noise is drawn for the outputs of each sample,
// not for the weights.
//   training:   m = W(theta) x + b,  v = W(sigma^2) x^2,  u = m + sqrt(v) e,  e ~ N(0, 1)
//   evaluation: u = m
//   y = z u, or max(0, z u), with a random scale z for each output channel (autograd/random_scales.hpp) or z = 1
//   backward:   du = z dy (where y > 0),  dv = du e / (2 sqrt(v)),  dtheta from (x, du),  dsigma^2 from (x^2, dv),
//               dx = W(theta)^T du + 2 x W(sigma^2)^T dv
// This is the additive parametrisation of Molchanov, Ashukha, Vetrov 2017 (section 4.2): log sigma^2 is learned, not
// alpha. The gradient is by sigma^2, which the kernels read. Pruners turn it into the gradient by the logarithm, once
// per step and not once per group.
//
// Speed: noise, scale and ReLU take one pass over the outputs, and so do their gradients, because the outputs of a
// convolution are larger than the fast caches.
#pragma once
#include <optional>

#include "tinysparse/autograd/linear_map.hpp"
#include "tinysparse/autograd/random_scales.hpp"

namespace tinysparse::autograd {

/// Makes a parameter hold logarithms; its kernels read the exponentials.
inline void read_as_exponential(Parameter& parameter) {
    parameter.transform = [](std::span<const float> value, std::span<float> used) {
        const auto exponential = [](LaneArgument x) __attribute__((always_inline)) { return tensor::exponential(x); };
        tensor::transform_lanes(value, used, exponential);
    };
}

/// Scales of the output channels, one per channel.
struct ChannelScales {
    ScalePosterior posterior;
    NoiseOptions noise; ///< Random stream of the scales.
};

/// Parameters of a layer whose weights are w ~ N(theta, variance).
struct WeightPosterior {
    Parameter& theta;
    Parameter& variance; ///< Kernels read sigma^2 from it, so a parameter of logarithms must read_as_exponential().
    Parameter* bias = nullptr;             ///< Null: no bias.
    NoiseOptions noise = {};               ///< Random stream of the outputs.
    const ChannelScales* scales = nullptr; ///< Null: the outputs are not scaled. Read while recording only.
};

/// A linear operation whose weights are random in training: it draws its outputs, not its weights.
class Variational final : public Operation {
  public:
    /// weights: parameters of the posterior, which must outlive this. relu: negative results become 0.
    Variational(Graph& graph, Variable& x, const WeightPosterior& weights, const LinearForm& form, Variable& y,
                bool relu = false)
        : x_(x), y_(y), theta_(weights.theta), sigma2_(weights.variance), bias_(weights.bias),
          mean_(form, x.shape, y.shape), variance_(form, x.shape, y.shape), noise_(weights.noise),
          low_(tensor::detail::lowest(relu)) {
        if (const ChannelScales* scales = weights.scales) scales_.emplace(graph, scales->posterior, scales->noise);
    }

    /// The step of the training that the next forward pass belongs to.
    void set_step(std::uint64_t step) { step_ = step; }

    void plan() override {
        x_.need_value_halo(mean_.input_halo());
        if (!x_.needs_gradient) return;
        accumulate_ = x_.claim_gradient();
        y_.need_gradient_halo(mean_.gradient_halo());
    }
    void allocate(std::size_t groups) override {
        for (LinearMap* map : {&mean_, &variance_}) map->allocate(groups, theta_.value.size(), x_.needs_gradient);
        squares_ = Tensor(groups, x_.shape, mean_.input_halo());
        deviation_ = Tensor(groups, y_.shape, mean_.gradient_halo());
        if (x_.needs_gradient) dsquares_ = Tensor(groups, x_.shape);
        if (scales_) scales_->allocate(groups);
    }
    void prepare(Mode mode) override {
        if (scales_) scales_->prepare();
        if (mode == Mode::evaluation || !x_.needs_gradient) return;
        mean_.prepare(theta_.used());
        variance_.prepare(sigma2_.used());
    }
    void forward(std::size_t group, Mode mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group);
        const Lane* const z = scales_ ? scales_->draw(group, step_, mode) : nullptr;
        mean_.forward(x, theta_.used(), y, {bias_ ? bias_->used() : std::span<const float>{}});
        if (mode == Mode::evaluation) return finish_means(y, z);
        const auto squares = squares_.group(group), deviation = deviation_.group(group);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p) squares.row(c, row)[p] = x.row(c, row)[p] * x.row(c, row)[p];
        });
        variance_.forward(squares, sigma2_.used(), deviation);
        finish_outputs(group, z, deviation, y);
    }
    void backward(std::size_t group) override {
        const tensor::View dy = y_.gradient.group(group);
        const tensor::ConstView x = x_.value.group(group), du = dy; // in place
        const auto dvariance = deviation_.group(group), squares = squares_.group(group);
        outputs_backward(group, dy, dvariance);
        mean_.weight_gradient(group, x, du, theta_.partial(group));
        variance_.weight_gradient(group, squares, dvariance, sigma2_.partial(group));
        if (!x_.needs_gradient) return;
        const auto dx = x_.gradient.group(group), dsquares = dsquares_.group(group);
        mean_.input_gradient(group, du, theta_.used(), dx, accumulate_);
        variance_.input_gradient(group, dvariance, sigma2_.used(), dsquares, false);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p)
                dx.row(c, row)[p] += 2.0f * x.row(c, row)[p] * dsquares.row(c, row)[p];
        });
    }

  private:
    /// y = z y, or max(0, z y).
    void finish_means(tensor::View y, const Lane* z) const {
        const Lane low = tensor::broadcast(low_);
        tensor::for_rows(y_.shape, [&](int c, int row) {
            const Lane scale = z ? z[c] : tensor::broadcast(1);
            for (Lane *at = y.row(c, row), *end = at + y_.shape.width; at != end; ++at)
                *at = tensor::detail::at_least(low, scale * *at);
        });
    }
    /// y = z (y + sqrt(variances) e), or max(0, that). Puts into variances the factors that backward() applies to du.
    void finish_outputs(std::size_t group, const Lane* z, tensor::View variances, tensor::View y) const {
        tensor::NormalNoise noise = noise_.stream(step_, group);
        const Lane low = tensor::broadcast(low_);
        tensor::for_rows(y_.shape, [&](int c, int row) {
            Lane *to = y.row(c, row), *own = variances.row(c, row);
            const Lane scale = z ? z[c] : tensor::broadcast(1);
            for (int p = 0; p < y_.shape.width; ++p) {
                const Lane v = own[p] + 1e-12f, inverse = tensor::inverse_root(v), e = noise();
                to[p] = tensor::detail::at_least(low, scale * (to[p] + v * inverse * e));
                own[p] = 0.5f * inverse * e;
            }
        });
    }
    /// Turns dy into du and dvariance into dv, and fills in the gradients of biases and scales.
    void outputs_backward(std::size_t group, tensor::View dy, tensor::View dvariance) {
        const auto y = y_.value.group(group);
        const Lane* const z = scales_ ? scales_->drawn(group) : nullptr;
        const Lane low = tensor::broadcast(low_);
        for (int c = 0; c < y_.shape.channels; ++c) {
            const Lane scale = z ? z[c] : tensor::broadcast(1);
            Lane products{}, total{};
            for (int row = 0; row < y_.shape.height; ++row) {
                const Lane* values = y.row(c, row);
                Lane *gradients = dy.row(c, row), *own = dvariance.row(c, row);
                for (int p = 0; p < y_.shape.width; ++p) {
                    const Lane passed = tensor::select(values[p] > low, gradients[p], Lane{});
                    products += values[p] * passed;
                    gradients[p] = scale * passed;
                    own[p] *= gradients[p];
                    total += gradients[p];
                }
            }
            if (bias_) bias_->partial(group)[std::size_t(c)] = tensor::sum(total);
            if (scales_) scales_->take(group, std::size_t(c), products);
        }
        if (scales_) scales_->finish(group);
    }

    Variable &x_, &y_;
    Parameter &theta_, &sigma2_;
    Parameter* bias_;
    LinearMap mean_, variance_;
    Tensor squares_, deviation_, dsquares_; ///< deviation: sums of variances, then the factor of du, then dv
    NoiseOptions noise_;
    float low_; ///< Lower bound of the outputs: 0 for a ReLU, else -infinity.
    std::optional<RandomScales> scales_;
    std::uint64_t step_ = 0;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
