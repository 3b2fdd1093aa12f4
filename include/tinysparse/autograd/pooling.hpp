// SPDX-License-Identifier: Apache-2.0
// Pooling operations: maximum, average, and the average rounded as the integer network rounds it.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/pooling.hpp"

namespace tinysparse::autograd {

/// The largest value of each block; the gradient goes to the first largest one.
class MaximumPool final : public Operation {
  public:
    /// y: the shape of x divided by the pool, rounded down.
    MaximumPool(Variable& x, const tensor::Pool& pool, Variable& y) : x_(x), y_(y), map_{pool, x.shape, y.shape} {}
    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void forward(std::size_t group, Mode) override {
        tensor::maximum_pool_forward(map_, x_.value.group(group), y_.value.group(group));
    }
    void backward(std::size_t group) override {
        if (x_.needs_gradient)
            tensor::maximum_pool_backward(map_, x_.value.group(group), y_.value.group(group), y_.gradient.group(group),
                                          x_.gradient.group(group), accumulate_);
    }

  private:
    Variable &x_, &y_;
    tensor::PoolMap map_;
    bool accumulate_ = false;
};

/// How an average is rounded: y = floor((s * multiplier + 2^(shift-1)) / 2^shift) * 2^exponent, s being the sum over
/// the window in steps of 2^exponent.
struct AverageRounding {
    int exponent = 0, multiplier = 1, shift = 0; ///< exponent: of the values; multiplier and shift: net::Averaging.
};

/// y = average over each window, rounded if a rounding is given. The gradient is always that of the exact average.
class AveragePool final : public Operation {
  public:
    /// y: the shape of x divided by the pool, rounded down. rounding: the integers that the device computes; null:
    /// floats.
    AveragePool(Variable& x, const tensor::Pool& pool, Variable& y, const AverageRounding* rounding = nullptr)
        : x_(x), y_(y), map_{pool, x.shape, y.shape}, rounds_(rounding != nullptr) {
        if (rounding) rounding_ = *rounding;
    }
    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void forward(std::size_t group, Mode) override {
        const auto y = y_.value.group(group);
        const float share = 1.0f / float(map_.pool.area());
        const float steps = rounds_ ? std::ldexp(float(rounding_.multiplier), -rounding_.exponent) : share;
        tensor::sum_pool_forward(map_, x_.value.group(group), steps, y);
        if (!rounds_) return;
        const float half = rounding_.shift > 0 ? std::ldexp(1.0f, rounding_.shift - 1) : 0.0f;
        const float scale = std::ldexp(1.0f, rounding_.exponent), divide = std::ldexp(1.0f, -rounding_.shift);
        tensor::for_rows(y_.shape, [&](int c, int row) {
            for (int p = 0; p < y_.shape.width; ++p)
                y.row(c, row)[p] = tensor::floor((y.row(c, row)[p] + half) * divide) * scale;
        });
    }
    void backward(std::size_t group) override {
        if (x_.needs_gradient)
            tensor::sum_pool_backward(map_, y_.gradient.group(group), 1.0f / float(map_.pool.area()),
                                      x_.gradient.group(group), accumulate_);
    }

  private:
    Variable &x_, &y_;
    tensor::PoolMap map_;
    bool rounds_, accumulate_ = false;
    AverageRounding rounding_;
};

} // namespace tinysparse::autograd
