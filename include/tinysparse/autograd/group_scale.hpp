// SPDX-License-Identifier: Apache-2.0
// Random scales of groups (Louizos, Ullrich, Welling 2017): y = z_g x for every element of group g, z drawn anew for
// each sample.
//   normal:      z = mu + sigma e                    evaluation: mu
//   log-normal:  z = exp(mu + sigma e)               evaluation: exp(mu + sigma^2 / 2), its mean
// e ~ N(0, 1). A log-normal scale is the root of the product of four log-normal factors, two of the group and two of
// the whole layer: mu is half the sum of their means, sigma^2 a quarter of the sum of their variances.
//   backward:    dx = z dy,  dmu = sum x dy (or x z dy),  dlog sigma^2 = sum x dy e sigma / 2 (or z times it)
#pragma once
#include "tinysparse/autograd/variational.hpp"

namespace tinysparse::autograd {

class GroupScale final : public NoisyOperation {
  public:
    enum class Kind : std::uint8_t { normal, log_normal };
    enum class Groups : std::uint8_t { channels, elements };

    static std::size_t groups(const Shape& shape, Groups of) {
        return of == Groups::channels ? std::size_t(shape.channels) : shape.size();
    }
    /// Of the parameter for G groups. normal: G means, G logarithms of variances. log-normal: 2 G means (of the first
    /// factor of all groups, then of the second), 2 G logarithms, 2 means of the layer's factors, 2 logarithms.
    static std::size_t parameters(std::size_t groups, Kind kind) {
        return kind == Kind::normal ? 2 * groups : 4 * groups + 4;
    }

    GroupScale(Graph& graph, Variable& x, Parameter& scales, Kind kind, Groups of, const NoiseOptions& noise,
               Variable& y)
        : NoisyOperation(noise), graph_(graph), x_(x), y_(y), scales_(scales), kind_(kind), of_(of),
          count_(groups(x.shape, of)), mean_(count_), deviation_(count_) {
        assert(scales.value.size() == parameters(count_, kind));
    }

    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void allocate(std::size_t groups) override {
        noise_.assign(groups * count_, Lane{});
        scale_ = noise_;
        sums_.assign(groups * count_ * 2, 0.0f);
    }
    /// Mean and standard deviation of each group's z, or of its logarithm.
    void prepare(Mode) override { moments(scales_.value, kind_, mean_, deviation_); }
    static void moments(std::span<const float> p, Kind kind, std::span<float> mean, std::span<float> deviation) {
        const std::size_t count = mean.size();
        for (std::size_t g = 0; g < count; ++g) {
            if (kind == Kind::normal) {
                mean[g] = p[g];
                deviation[g] = std::exp(0.5f * p[count + g]);
                continue;
            }
            const float *logs = p.data() + 2 * count, *layer = p.data() + 4 * count;
            mean[g] = 0.5f * (p[g] + p[count + g] + layer[0] + layer[1]);
            const float variance =
                std::exp(logs[g]) + std::exp(logs[count + g]) + std::exp(layer[2]) + std::exp(layer[3]);
            deviation[g] = 0.5f * std::sqrt(variance);
        }
    }

    void forward(std::size_t group, Mode mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group);
        Lane *const e = noise_.data() + group * count_, *const z = scale_.data() + group * count_;
        tensor::NormalNoise noise = this->noise(group);
        for (std::size_t g = 0; g < count_; ++g) {
            e[g] = mode == Mode::training ? noise() : Lane{};
            z[g] = scale(g, e[g], mode);
        }
        for_elements([&](std::size_t g, int c, int row, int p) { y.row(c, row)[p] = z[g] * x.row(c, row)[p]; });
    }
    void backward(std::size_t group) override {
        const tensor::ConstView x = x_.value.group(group), dy = y_.gradient.group(group);
        const auto dx = x_.gradient.group(group);
        const Lane *const e = noise_.data() + group * count_, *const z = scale_.data() + group * count_;
        float* const sums = sums_.data() + group * count_ * 2;
        std::size_t last = 0;
        Lane product{};
        const auto finish = [&](std::size_t g) { // of the sums of group g
            const Lane dz = kind_ == Kind::normal ? product : product * z[g];
            sums[2 * g] = tensor::sum(dz * graph_.active(group));
            sums[2 * g + 1] = tensor::sum(dz * e[g] * graph_.active(group));
        };
        for_elements([&](std::size_t g, int c, int row, int p) {
            if (g != last) {
                finish(last);
                product = Lane{};
                last = g;
            }
            product += x.row(c, row)[p] * dy.row(c, row)[p];
            if (!x_.needs_gradient) return;
            const Lane gradient = z[g] * dy.row(c, row)[p];
            dx.row(c, row)[p] = accumulate_ ? dx.row(c, row)[p] + gradient : gradient;
        });
        finish(last);
        spread(sums, scales_.partial(group));
    }

  private:
    [[gnu::always_inline]] Lane scale(std::size_t g, Lane e, Mode mode) const {
        if (kind_ == Kind::normal) return mean_[g] + deviation_[g] * e;
        const float spread = mode == Mode::evaluation ? 0.5f * deviation_[g] * deviation_[g] : 0.0f;
        return tensor::exponential(mean_[g] + spread + deviation_[g] * e);
    }
    template <class Body> void for_elements(Body body) const {
        std::size_t element = 0;
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p, ++element)
                body(of_ == Groups::channels ? std::size_t(c) : element, c, row, p);
        });
    }
    /// From the sums for mean and deviation of each group to the gradient of the parameters.
    void spread(const float* sums, std::span<float> gradient) const {
        if (kind_ == Kind::normal) {
            for (std::size_t g = 0; g < count_; ++g) {
                gradient[g] = sums[2 * g];
                gradient[count_ + g] = 0.5f * deviation_[g] * sums[2 * g + 1];
            }
            return;
        }
        const float *logs = scales_.value.data() + 2 * count_, *layer = scales_.value.data() + 4 * count_;
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

    Graph& graph_;
    Variable &x_, &y_;
    Parameter& scales_;
    Kind kind_;
    Groups of_;
    std::size_t count_;
    std::vector<float> mean_, deviation_, sums_;
    std::vector<Lane> noise_, scale_;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
