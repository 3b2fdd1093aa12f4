// SPDX-License-Identifier: Apache-2.0
// y = z x with a random scale z for every element of a picture (autograd/random_scales.hpp). It comes before a dense
// layer whose inputs are the groups of Bayesian compression.
//   backward: dx = z dy
#pragma once
#include "tinysparse/autograd/random_scales.hpp"

namespace tinysparse::autograd {

/// y = z * x with a random scale z per element of x, drawn anew for each sample and step; in evaluation z is its mean.
class ElementScale final : public Operation {
  public:
    /// One scale for each element of x.
    ElementScale(Graph& graph, Variable& x, const ScalePosterior& scales, const NoiseOptions& noise, Variable& y)
        : x_(x), y_(y), scales_(graph, scales, noise) {
        assert(scales.groups() == x.shape.size());
    }

    /// The step of the training that the next forward pass belongs to.
    void set_step(std::uint64_t step) { step_ = step; }

    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void allocate(std::size_t groups) override { scales_.allocate(groups); }
    void prepare(Mode) override { scales_.prepare(); }
    void forward(std::size_t group, Mode mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group);
        const Lane* z = scales_.draw(group, step_, mode);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p) y.row(c, row)[p] = *z++ * x.row(c, row)[p];
        });
    }
    void backward(std::size_t group) override {
        const auto y = y_.value.group(group), dy = y_.gradient.group(group), dx = x_.gradient.group(group);
        const Lane* const z = scales_.drawn(group);
        std::size_t element = 0;
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p, ++element) {
                const Lane own = dy.row(c, row)[p], gradient = z[element] * own;
                scales_.take(group, element, y.row(c, row)[p] * own);
                if (x_.needs_gradient) dx.row(c, row)[p] = accumulate_ ? dx.row(c, row)[p] + gradient : gradient;
            }
        });
        scales_.finish(group);
    }

  private:
    Variable &x_, &y_;
    RandomScales scales_;
    std::uint64_t step_ = 0;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
