// SPDX-License-Identifier: Apache-2.0
// Random scales of groups (Louizos, Ullrich, Welling 2017): y = z_g x for every element of group g,
// z drawn anew for each sample.
//   normal:      z = mu + sigma e                    evaluation: mu
//   log-normal:  z = exp(mu + sigma e)               evaluation: exp(mu + sigma^2 / 2), its mean
// e ~ N(0, 1). A log-normal scale is the root of the product of four log-normal factors, two of the group and two of
// the whole layer: mu is half the sum of their means, sigma^2 a quarter of the sum of their variances.
//   backward, dz = sum x dy = sum y dy / z:    dmu = dz (or z dz),  dlog sigma^2 = dz e sigma / 2 (or z times it)
// The operations that scale (autograd/variational.hpp, autograd/element_scale.hpp) need not keep x for that.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/noise.hpp"

namespace tinysparse::autograd {

/// Which noise an operation draws: a function of this, the step, and the group of samples.
struct NoiseOptions {
    std::uint64_t seed = 1;
    std::uint32_t layer = 0; ///< Tells the noise of one network's operations apart, 0..4095.

    tensor::NormalNoise stream(std::uint64_t step, std::size_t group) const {
        return {seed, "noise", step << 20 | std::uint64_t{layer} << 8 | group};
    }
};

enum class ScaleKind : std::uint8_t { normal, log_normal };

/// How large the parameter for the scales of so many groups is. normal: means, then logarithms of variances.
/// log-normal: two means for each group (of the first factor of all groups, then of the second), two logarithms, two
/// means of the layer's factors, two logarithms.
inline std::size_t scale_parameters(std::size_t groups, ScaleKind kind) {
    return kind == ScaleKind::normal ? 2 * groups : 4 * groups + 4;
}

/// The scales of one operation. "group" alone is one of samples, as everywhere in a graph.
class RandomScales {
  public:
    RandomScales(Graph& graph, std::size_t count, Parameter& parameter, ScaleKind kind, const NoiseOptions& noise)
        : graph_(graph), parameter_(parameter), kind_(kind), noise_options_(noise), count_(count), mean_(count),
          deviation_(count) {
        assert(parameter.value.size() == scale_parameters(count, kind));
    }

    void allocate(std::size_t groups) {
        noise_.assign(groups * count_, Lane{});
        scale_ = noise_;
        sums_.assign(groups * count_ * 2, 0.0f);
    }
    /// Once a step: mean and standard deviation of each z, or of its logarithm.
    void prepare() {
        const std::span<const float> p = parameter_.value;
        for (std::size_t g = 0; g < count_; ++g) {
            if (kind_ == ScaleKind::normal) {
                mean_[g] = p[g];
                deviation_[g] = std::exp(0.5f * p[count_ + g]);
                continue;
            }
            const float *logs = p.data() + 2 * count_, *layer = p.data() + 4 * count_;
            mean_[g] = 0.5f * (p[g] + p[count_ + g] + layer[0] + layer[1]);
            const float variance =
                std::exp(logs[g]) + std::exp(logs[count_ + g]) + std::exp(layer[2]) + std::exp(layer[3]);
            deviation_[g] = 0.5f * std::sqrt(variance);
        }
    }
    /// Draws the scales of one group of samples; in evaluation they are their means.
    /// None is 0, so that y dy / z is x dy.
    const Lane* draw(std::size_t group, std::uint64_t step, Mode mode) {
        Lane *const e = noise_.data() + group * count_, *const z = scale_.data() + group * count_;
        tensor::NormalNoise noise = noise_options_.stream(step, group);
        const Lane tiny = tensor::broadcast(1e-20f);
        for (std::size_t g = 0; g < count_; ++g) {
            e[g] = mode == Mode::training ? noise() : Lane{};
            const Lane drawn = scale(g, e[g], mode);
            z[g] = tensor::select((drawn > tiny) | (drawn < -tiny), drawn, tiny);
        }
        return z;
    }
    /// What draw() gave.
    const Lane* drawn(std::size_t group) const { return scale_.data() + group * count_; }
    /// Takes the sum of y dy over the elements that z number `g` scales.
    [[gnu::always_inline]] void take(std::size_t group, std::size_t g, Lane products) {
        const Lane dz =
            (kind_ == ScaleKind::normal ? products / scale_[group * count_ + g] : products) * graph_.active(group);
        float* const sums = sums_.data() + (group * count_ + g) * 2;
        sums[0] = tensor::sum(dz);
        sums[1] = tensor::sum(dz * noise_[group * count_ + g]);
    }
    /// After take() for every scale: the gradient of the parameter from this group of samples.
    void finish(std::size_t group) {
        const float* const sums = sums_.data() + group * count_ * 2;
        const std::span<float> gradient = parameter_.partial(group);
        if (kind_ == ScaleKind::normal) {
            for (std::size_t g = 0; g < count_; ++g) {
                gradient[g] = sums[2 * g];
                gradient[count_ + g] = 0.5f * deviation_[g] * sums[2 * g + 1];
            }
            return;
        }
        const float *logs = parameter_.value.data() + 2 * count_, *layer = parameter_.value.data() + 4 * count_;
        float* const own = gradient.data() + 4 * count_;
        std::fill_n(own, 4, 0.0f);
        for (std::size_t g = 0; g < count_; ++g) {
            const float dmean = 0.5f * sums[2 * g], dvariance = sums[2 * g + 1] / (8.0f * deviation_[g]);
            gradient[g] = gradient[count_ + g] = dmean;
            gradient[2 * count_ + g] = dvariance * std::exp(logs[g]);
            gradient[3 * count_ + g] = dvariance * std::exp(logs[count_ + g]);
            for (int k = 0; k < 2; ++k) {
                own[k] += dmean;
                own[2 + k] += dvariance * std::exp(layer[2 + k]);
            }
        }
    }

  private:
    [[gnu::always_inline]] Lane scale(std::size_t g, Lane e, Mode mode) const {
        if (kind_ == ScaleKind::normal) return mean_[g] + deviation_[g] * e;
        const float spread = mode == Mode::evaluation ? 0.5f * deviation_[g] * deviation_[g] : 0.0f;
        return tensor::exponential(mean_[g] + spread + deviation_[g] * e);
    }

    Graph& graph_;
    Parameter& parameter_;
    ScaleKind kind_;
    NoiseOptions noise_options_;
    std::size_t count_;
    std::vector<float> mean_, deviation_, sums_;
    std::vector<Lane> noise_, scale_;
};

} // namespace tinysparse::autograd
