// SPDX-License-Identifier: Apache-2.0
// Optimisers over the parameters of a graph.
//   SGD    v = momentum v + g,  w -= rate (g + momentum v) with Nesterov momentum (Sutskever et al. 2013), else rate v
//   Adam   m = b1 m + (1-b1) g,  s = b2 s + (1-b2) g^2,  w -= rate m' / (sqrt(s') + epsilon)     Kingma and Ba 2015
//          m' = m / (1 - b1^t), s' = s / (1 - b2^t)
//   AdamW  Adam, and w -= rate decay w beside it (Loshchilov and Hutter 2019)
#pragma once
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/tensor/elementary.hpp"

namespace tinysparse::nn {

/// Parameters that an optimiser changes; it does not own them.
using Parameters = std::vector<autograd::Parameter*>;

/// The interface that trainings use.
class Optimiser {
  public:
    virtual ~Optimiser() = default;
    /// One step with the gradients that the parameters hold. Throws Error if a value is not finite afterwards. That
    /// happens if a gradient is not finite, or if its square overflows a float: with Adam from about 1e19 on.
    virtual void step(double learning_rate) = 0;
};

namespace detail {

/// Calls body(first, count) for pieces of 16 numbers, in which `count` is a constant, and once for the rest.
template <class Body> void for_lanes(std::size_t size, Body body) {
    std::size_t i = 0;
    for (; i + tensor::lane_samples <= size; i += tensor::lane_samples)
        body(i, std::integral_constant<std::size_t, tensor::lane_samples>{});
    if (i < size) body(i, size - i);
}

/// Throws Error unless `zeros`, a sum of values times 0, is 0 in all lanes: inf and NaN times 0 are NaN.
inline void check_finite(const tensor::Lane& zeros, const autograd::Parameter& parameter, long step) {
    for (std::size_t k = 0; k < tensor::lane_samples; ++k)
        if (zeros[k] != 0)
            throw Error(text("after step ", step, " of the optimiser the ", parameter.name,
                             " are no longer finite, as their gradients are too large or not finite; use a smaller "
                             "learning rate, or smaller targets"));
}

inline void check_option(const char* name, double value, double low, double below) {
    if (!(value >= low && value < below))
        throw Error(text(name, " ", value, " is not in ", low, "..", below, ", ", below, " excluded"));
}

} // namespace detail

/// Settings of SGD; weight_decay is added to the gradient as weight_decay * w.
struct SgdOptions {
    double momentum = 0.9, weight_decay = 0;
    bool nesterov = true;
};

/// Stochastic gradient descent with momentum.
class Sgd final : public Optimiser {
  public:
    /// The parameters must outlive this. Throws Error for options out of range.
    explicit Sgd(Parameters parameters, SgdOptions options = {})
        : parameters_(std::move(parameters)), options_(options) {
        detail::check_option("momentum", options.momentum, 0, 1);
        detail::check_option("weight decay", options.weight_decay, 0, 1e30);
        for (const auto* parameter : parameters_) velocity_.emplace_back(parameter->value.size());
    }
    void step(double learning_rate) override {
        ++steps_;
        const float momentum = float(options_.momentum), decay = float(options_.weight_decay);
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const float rate = float(learning_rate) * parameters_[k]->rate_scale;
            std::vector<float>&value = parameters_[k]->value, &velocity = velocity_[k];
            for (std::size_t i = 0; i < value.size(); ++i) {
                const float gradient = parameters_[k]->gradient[i] + decay * value[i];
                velocity[i] = momentum * velocity[i] + gradient;
                value[i] -= rate * (options_.nesterov ? gradient + momentum * velocity[i] : velocity[i]);
            }
            tensor::Lane zeros{};
            detail::for_lanes(value.size(), [&](std::size_t i, auto count) {
                tensor::Lane lane{};
                std::memcpy(&lane, value.data() + i, count * sizeof(float));
                zeros += lane * 0.0f;
            });
            detail::check_finite(zeros, *parameters_[k], steps_);
        }
    }

  private:
    Parameters parameters_;
    SgdOptions options_;
    std::vector<std::vector<float>> velocity_;
    long steps_ = 0;
};

/// Settings of Adam, and of AdamW with a weight decay.
struct AdamOptions {
    double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;
    double weight_decay = 0; ///< Decoupled, as in AdamW.
};

/// Adam, with decoupled weight decay if there is one.
class Adam final : public Optimiser {
  public:
    /// The parameters must outlive this. Throws Error for options out of range.
    explicit Adam(Parameters parameters, AdamOptions options = {})
        : parameters_(std::move(parameters)), options_(options) {
        detail::check_option("beta1", options.beta1, 0, 1);
        detail::check_option("beta2", options.beta2, 0, 1);
        detail::check_option("weight decay", options.weight_decay, 0, 1e30);
        if (!(options.epsilon > 0 && std::isfinite(options.epsilon)))
            throw Error(text("epsilon ", options.epsilon, " is not above 0"));
        for (const auto* parameter : parameters_) {
            first_.emplace_back(parameter->value.size());
            second_.emplace_back(parameter->value.size());
        }
    }
    void step(double learning_rate) override {
        ++steps_;
        const double correction =
            std::sqrt(1 - std::pow(options_.beta2, steps_)) / (1 - std::pow(options_.beta1, steps_));
        const float epsilon = float(options_.epsilon * std::sqrt(1 - std::pow(options_.beta2, steps_)));
        const float b1 = float(options_.beta1), b2 = float(options_.beta2);
        for (std::size_t k = 0; k < parameters_.size(); ++k) {
            const double scaled = learning_rate * double(parameters_[k]->rate_scale);
            const float rate = float(scaled * correction), shrink = float(1 - scaled * options_.weight_decay);
            float* value = parameters_[k]->value.data();
            const float* gradient = parameters_[k]->gradient.data();
            float *first = first_[k].data(), *second = second_[k].data();
            const std::size_t size = parameters_[k]->value.size();
            tensor::Lane zeros{}; // summed during the step, where it costs nothing
            detail::for_lanes(size, [&](std::size_t i, auto count) {
                const auto load = [&](const float* from) __attribute__((always_inline)) {
                    tensor::Lane lane{};
                    std::memcpy(&lane, from + i, count * sizeof(float));
                    return lane;
                };
                const auto store = [&](const tensor::Lane& lane, float* to) {
                    std::memcpy(to + i, &lane, count * sizeof(float));
                };
                const tensor::Lane g = load(gradient), m = load(first) + (1 - b1) * (g - load(first)),
                                   s = load(second) + (1 - b2) * (g * g - load(second)),
                                   root = s * tensor::inverse_root(s);
                const tensor::Lane next = shrink * load(value) - rate * m / (root + epsilon);
                store(m, first);
                store(s, second);
                store(next, value);
                zeros += (next + s) * 0.0f;
            });
            detail::check_finite(zeros, *parameters_[k], steps_);
        }
    }

  private:
    Parameters parameters_;
    AdamOptions options_;
    std::vector<std::vector<float>> first_, second_;
    long steps_ = 0;
};

} // namespace tinysparse::nn
