// SPDX-License-Identifier: Apache-2.0
// Operations without weights that keep the shape: ReLU, sum of two values, rounding to a grid.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/bias.hpp"

namespace tinysparse::autograd {

namespace detail {
/// dx = f(dy) or dx += f(dy), element by element; f(dy, row position...) gives the Lane to store or add.
template <class Function> void backward_rows(const Shape& shape, const tensor::View& dx, bool accumulate, Function f) {
    tensor::for_rows(shape, [&](int c, int y) {
        Lane* to = dx.row(c, y);
        if (accumulate)
            for (int p = 0; p < shape.width; ++p) to[p] += f(c, y, p);
        else
            for (int p = 0; p < shape.width; ++p) to[p] = f(c, y, p);
    });
}
} // namespace detail

/// y = max(0, x); the gradient passes where y > 0.
class Relu final : public Operation {
  public:
    /// x, y: equal shapes.
    Relu(Variable& x, Variable& y) : x_(x), y_(y) {}
    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void forward(std::size_t group, Mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            const Lane* from = x.row(c, row);
            Lane* to = y.row(c, row);
            for (int p = 0; p < x_.shape.width; ++p) to[p] = tensor::maximum(from[p], Lane{});
        });
    }
    void backward(std::size_t group) override {
        if (!x_.needs_gradient) return;
        const auto y = y_.value.group(group), dy = y_.gradient.group(group);
        const auto pass = [&](int c, int row, int p) __attribute__((always_inline)) {
            return tensor::select(y.row(c, row)[p] > Lane{}, dy.row(c, row)[p], Lane{});
        };
        detail::backward_rows(x_.shape, x_.gradient.group(group), accumulate_, pass);
    }

  private:
    Variable &x_, &y_;
    bool accumulate_ = false;
};

/// y = a + b, or max(0, a + b) with `relu`.
class Sum final : public Operation {
  public:
    /// a, b, y: equal shapes. relu: y = max(a + b, 0).
    Sum(Variable& a, Variable& b, Variable& y, bool relu = false) : a_(a), b_(b), y_(y), relu_(relu) {}
    void plan() override {
        accumulate_a_ = a_.needs_gradient && a_.claim_gradient();
        accumulate_b_ = b_.needs_gradient && b_.claim_gradient();
    }
    void forward(std::size_t group, Mode) override {
        const auto a = a_.value.group(group), b = b_.value.group(group), y = y_.value.group(group);
        tensor::for_rows(y_.shape, [&](int c, int row) {
            const Lane *left = a.row(c, row), *right = b.row(c, row);
            Lane* to = y.row(c, row);
            for (int p = 0; p < y_.shape.width; ++p) {
                const Lane total = left[p] + right[p];
                to[p] = relu_ ? tensor::maximum(total, Lane{}) : total;
            }
        });
    }
    void backward(std::size_t group) override {
        const auto dy = y_.gradient.group(group);
        if (relu_) tensor::relu_gradient(y_.shape, y_.value.group(group), dy, {});
        const auto pass = [&](int c, int row, int p) __attribute__((always_inline)) { return dy.row(c, row)[p]; };
        if (a_.needs_gradient) detail::backward_rows(y_.shape, a_.gradient.group(group), accumulate_a_, pass);
        if (b_.needs_gradient) detail::backward_rows(y_.shape, b_.gradient.group(group), accumulate_b_, pass);
    }

  private:
    Variable &a_, &b_, &y_;
    bool relu_, accumulate_a_ = false, accumulate_b_ = false;
};

/// A grid of integers times 2^exponent.
struct Grid {
    int exponent = 0;          ///< Logarithm to base 2 of the step.
    float low = 0, high = 127; ///< Smallest and largest integer.
};

/// y = clamp(floor(x / 2^exponent + 1/2), low, high) * 2^exponent: the requantisation of the integer network, exact in
/// float for integers below 2^24. The gradient passes straight through inside the range and is 0 outside
/// (Jacob et al. 2018, section 3).
class Round final : public Operation {
  public:
    /// x, y: equal shapes.
    Round(Variable& x, const Grid& grid, Variable& y)
        : x_(x), y_(y), grid_(grid), scale_(std::ldexp(1.0f, grid.exponent)),
          inverse_(std::ldexp(1.0f, -grid.exponent)) {}
    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void forward(std::size_t group, Mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group);
        const Lane low = tensor::broadcast(grid_.low), high = tensor::broadcast(grid_.high);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            const Lane* from = x.row(c, row);
            Lane* to = y.row(c, row);
            for (int p = 0; p < x_.shape.width; ++p) {
                // Clamping first keeps the conversion to integers inside floor in range; half a step more each way so
                // that it changes no result.
                const Lane steps = tensor::minimum(tensor::maximum(from[p] * inverse_ + 0.5f, low), high + 0.5f);
                to[p] = tensor::floor(steps) * scale_;
            }
        });
    }
    void backward(std::size_t group) override {
        if (!x_.needs_gradient) return;
        const auto x = x_.value.group(group), dy = y_.gradient.group(group);
        const Lane low = tensor::broadcast(grid_.low * scale_), high = tensor::broadcast((grid_.high + 0.5f) * scale_);
        const auto pass = [&](int c, int row, int p) __attribute__((always_inline)) {
            const Lane value = x.row(c, row)[p];
            return tensor::select((value > low) & (value < high), dy.row(c, row)[p], Lane{});
        };
        detail::backward_rows(x_.shape, x_.gradient.group(group), accumulate_, pass);
    }

  private:
    Variable &x_, &y_;
    Grid grid_;
    float scale_, inverse_;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
