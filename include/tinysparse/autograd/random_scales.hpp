// SPDX-License-Identifier: Apache-2.0
// Random scales of groups (Louizos, Ullrich, Welling 2017): y = z_g x for every element of group g,
// z drawn anew for each sample from its posterior (autograd/scale_posterior.hpp).
//   normal:      z = mu + sigma e                    evaluation: mu
//   log-normal:  z = exp(mu + sigma e)               evaluation: exp(mu + sigma^2 / 2), its mean
// e ~ N(0, 1); mu and sigma of a log-normal scale are those of log z.
//   backward, dz = sum x dy = sum y dy / z:    dmu = dz (or z dz),  dlog sigma^2 = dz e sigma / 2 (or z times it)
// The operations that apply scales (autograd/variational.hpp, autograd/element_scale.hpp) need not keep x for that.
#pragma once
#include "tinysparse/autograd/scale_posterior.hpp"
#include "tinysparse/tensor/noise.hpp"

namespace tinysparse::autograd {

/// Names the noise that an operation draws: the noise is a function of this, the step, and the group of samples.
struct NoiseOptions {
    std::uint64_t seed = 1;
    std::uint32_t layer = 0; ///< Tells the noise of one network's operations apart, 0..4095.

    /// The noise of one group in one step, which depends on no other group, so that threads do not matter.
    tensor::NormalNoise stream(std::uint64_t step, std::size_t group) const {
        return {seed, "noise", step << 20 | std::uint64_t{layer} << 8 | group};
    }
};

/// The scales of one operation. "group" alone means a group of samples, as everywhere in a graph.
class RandomScales {
  public:
    /// Copies the kind of posterior; the graph and the posterior must outlive this.
    RandomScales(Graph& graph, const ScalePosterior& posterior, const NoiseOptions& noise)
        : graph_(graph), posterior_(posterior), kind_(posterior.kind()), noise_options_(noise),
          count_(posterior.groups()), mean_(count_), deviation_(count_) {}

    /// Makes room for the noise and the gradients of this number of groups of samples.
    void allocate(std::size_t groups) {
        noise_.assign(groups * count_, Lane{});
        scale_ = noise_;
        sums_.assign(groups * count_ * 2, 0.0f);
    }
    /// Computes mean and standard deviation of each z, or of its logarithm. Call it once per step.
    void prepare() {
        for (std::size_t g = 0; g < count_; ++g) {
            mean_[g] = posterior_.mean(g);
            deviation_[g] = posterior_.deviation(g);
        }
    }
    /// Draws the scales of one group of samples; in evaluation they are their means. No scale is 0, so y dy / z equals
    /// x dy.
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
    /// The scales that draw() returned last.
    const Lane* drawn(std::size_t group) const { return scale_.data() + group * count_; }
    /// Takes the sum of y dy over the elements of scale number `g`.
    [[gnu::always_inline]] void take(std::size_t group, std::size_t g, LaneArgument products) {
        const Lane dz =
            (kind_ == ScaleKind::normal ? products / scale_[group * count_ + g] : products) * graph_.active(group);
        float* const sums = sums_.data() + (group * count_ + g) * 2;
        sums[0] = tensor::sum(dz);
        sums[1] = tensor::sum(dz * noise_[group * count_ + g]);
    }
    /// Computes the gradient of the parameter from this group of samples. Call it after take() for every scale.
    void finish(std::size_t group) {
        const float* const sums = sums_.data() + group * count_ * 2;
        const std::span<float> gradient = posterior_.parameter().partial(group);
        if (kind_ == ScaleKind::normal) {
            for (std::size_t g = 0; g < count_; ++g) {
                const ScalePosterior::Factor z = posterior_.group_factor(0, g);
                gradient[z.mean] = sums[2 * g];
                gradient[z.log_variance] = 0.5f * deviation_[g] * sums[2 * g + 1];
            }
            return;
        }
        for (std::size_t k = 0; k < 2; ++k) {
            const ScalePosterior::Factor shared = posterior_.layer_factor(k);
            const float shared_variance = posterior_.variance<float>(shared);
            float mean = 0, log_variance = 0;
            for (std::size_t g = 0; g < count_; ++g) {
                const ScalePosterior::Factor own = posterior_.group_factor(k, g);
                const float dmean = 0.5f * sums[2 * g], dvariance = sums[2 * g + 1] / (8.0f * deviation_[g]);
                gradient[own.mean] = dmean;
                gradient[own.log_variance] = dvariance * posterior_.variance<float>(own);
                mean += dmean;
                log_variance += dvariance * shared_variance;
            }
            gradient[shared.mean] = mean;
            gradient[shared.log_variance] = log_variance;
        }
    }

  private:
    [[gnu::always_inline]] Lane scale(std::size_t g, LaneArgument e, Mode mode) const {
        if (kind_ == ScaleKind::normal) return mean_[g] + deviation_[g] * e;
        const float spread = mode == Mode::evaluation ? 0.5f * deviation_[g] * deviation_[g] : 0.0f;
        return tensor::exponential(mean_[g] + spread + deviation_[g] * e);
    }

    Graph& graph_;
    ScalePosterior posterior_;
    ScaleKind kind_;
    NoiseOptions noise_options_;
    std::size_t count_;
    std::vector<float> mean_, deviation_, sums_;
    std::vector<Lane> noise_, scale_;
};

} // namespace tinysparse::autograd
