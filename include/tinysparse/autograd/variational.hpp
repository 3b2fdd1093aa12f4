// SPDX-License-Identifier: Apache-2.0
// A linear layer whose weights are independent normal variables, w ~ N(theta, sigma^2), by the local
// reparametrisation (Kingma, Salimans, Welling 2015): the noise is drawn for the outputs of each sample, not for the
// weights.
//   training:   m = W(theta) x + b,  v = W(sigma^2) x^2,  y = m + sqrt(v) e,  e ~ N(0, 1)
//   evaluation: y = m
//   backward:   dv = dy e / (2 sqrt(v)),  dtheta from (x, dy),  dsigma^2 from (x^2, dv),
//               dx = W(theta)^T dy + 2 x W(sigma^2)^T dv
// In the additive parametrisation of Molchanov, Ashukha, Vetrov 2017 (section 4.2): log sigma^2 is learned, not alpha.
// The gradient is that of what the kernels read, sigma^2; times_exponential() makes it that of the logarithm, once a
// step and not once a group.
#pragma once
#include "tinysparse/autograd/linear_map.hpp"
#include "tinysparse/tensor/noise.hpp"

namespace tinysparse::autograd {

/// Which noise an operation draws: a function of this, the step, and the group of samples.
struct NoiseOptions {
    std::uint64_t seed = 1;
    std::uint32_t layer = 0; ///< Tells the noise of one network's operations apart, 0..4095.
};

/// An operation that draws noise. The step is that of the training that the next forward pass belongs to.
class NoisyOperation : public Operation {
  public:
    explicit NoisyOperation(const NoiseOptions& options) : noise_(options) {}
    void set_step(std::uint64_t step) { step_ = step; }

  protected:
    tensor::NormalNoise noise(std::size_t group) const {
        return {noise_.seed, "noise", step_ << 20 | std::uint64_t{noise_.layer} << 8 | group};
    }

  private:
    NoiseOptions noise_;
    std::uint64_t step_ = 0;
};

/// Makes a parameter hold logarithms: its kernels read the exponentials.
inline void read_as_exponential(Parameter& parameter) {
    parameter.transform = [](std::span<const float> value, std::span<float> used) {
        tensor::transform_lanes(value, used, [](Lane x) { return tensor::exponential(x); });
    };
}

/// The gradient of the logarithms from that of the exponentials.
inline void times_exponential(Parameter& parameter) {
    const std::span<const float> used = parameter.used();
    for (std::size_t i = 0; i < used.size(); ++i) parameter.gradient[i] *= used[i];
}

class Variational final : public NoisyOperation {
  public:
    /// The kernels read sigma^2 from `variance`, so a parameter of logarithms must read_as_exponential().
    Variational(Graph&, Variable& x, Parameter& theta, Parameter& variance, Parameter* bias, const LinearForm& form,
                const NoiseOptions& noise, Variable& y)
        : NoisyOperation(noise), x_(x), y_(y), theta_(theta), sigma2_(variance), bias_(bias),
          mean_(form, x.shape, y.shape), variance_(form, x.shape, y.shape) {}

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
    }
    void prepare(Mode mode) override {
        if (mode == Mode::evaluation || !x_.needs_gradient) return;
        mean_.prepare(theta_.used());
        variance_.prepare(sigma2_.used());
    }
    void forward(std::size_t group, Mode mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group);
        mean_.forward(x, theta_.used(), bias_ ? bias_->used() : std::span<const float>{}, y);
        if (mode == Mode::evaluation) return;
        const auto squares = squares_.group(group), deviation = deviation_.group(group);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p) squares.row(c, row)[p] = x.row(c, row)[p] * x.row(c, row)[p];
        });
        variance_.forward(squares, sigma2_.used(), {}, deviation);
        tensor::NormalNoise noise = this->noise(group);
        tensor::for_rows(y_.shape, [&](int c, int row) {
            Lane *to = y.row(c, row), *own = deviation.row(c, row);
            for (int p = 0; p < y_.shape.width; ++p) {
                const Lane v = own[p] + 1e-12f, inverse = tensor::inverse_root(v), e = noise();
                to[p] += v * inverse * e;
                own[p] = 0.5f * inverse * e; // what backward() multiplies dy by
            }
        });
    }
    void backward(std::size_t group) override {
        const tensor::ConstView x = x_.value.group(group), dy = y_.gradient.group(group);
        const auto dvariance = deviation_.group(group), squares = squares_.group(group);
        tensor::for_rows(y_.shape, [&](int c, int row) {
            for (int p = 0; p < y_.shape.width; ++p) dvariance.row(c, row)[p] *= dy.row(c, row)[p];
        });
        mean_.weight_gradient(group, x, dy, theta_.partial(group));
        variance_.weight_gradient(group, squares, dvariance, sigma2_.partial(group));
        if (bias_) tensor::bias_gradient(y_.shape, dy, bias_->partial(group));
        if (!x_.needs_gradient) return;
        const auto dx = x_.gradient.group(group), dsquares = dsquares_.group(group);
        mean_.input_gradient(group, dy, theta_.used(), dx, accumulate_);
        variance_.input_gradient(group, dvariance, sigma2_.used(), dsquares, false);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p)
                dx.row(c, row)[p] += 2.0f * x.row(c, row)[p] * dsquares.row(c, row)[p];
        });
    }

  private:
    Variable &x_, &y_;
    Parameter &theta_, &sigma2_;
    Parameter* bias_;
    LinearMap mean_, variance_;
    Tensor squares_, deviation_, dsquares_; ///< deviation: sums of variances, then dy's factor, then dv
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
