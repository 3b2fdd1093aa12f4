// SPDX-License-Identifier: Apache-2.0
// Linear: the operation of a layer with weights, of any kind, followed by a ReLU if `relu` is set.
//   forward    y = W x + b, or max(0, W x + b)
//   backward   dy = 0 where a ReLU gave 0,  db = sum of dy,  dW from (x, dy),  dx = W^T dy
// W x, dW and dx of each kind: autograd/linear_map.hpp.
#pragma once
#include "tinysparse/autograd/linear_map.hpp"

namespace tinysparse::autograd {

/// y = W x + bias, followed by a ReLU if asked for: a convolution, depthwise or dense operation.
class Linear final : public Operation {
  public:
    /// bias: one number per channel of y, or null.
    Linear(Variable& x, Parameter& weights, Parameter* bias, const LinearForm& form, Variable& y, bool relu = false)
        : x_(x), y_(y), weights_(weights), bias_(bias), map_(form, x.shape, y.shape), relu_(relu) {}

    void plan() override {
        x_.need_value_halo(map_.input_halo());
        if (!x_.needs_gradient) return;
        accumulate_ = x_.claim_gradient();
        y_.need_gradient_halo(map_.gradient_halo());
    }
    void allocate(std::size_t groups) override { map_.allocate(groups, weights_.value.size(), x_.needs_gradient); }
    void prepare(Mode mode) override {
        if (mode == Mode::training && x_.needs_gradient) map_.prepare(weights_.used());
    }
    void forward(std::size_t group, Mode) override {
        map_.forward(x_.value.group(group), weights_.used(), y_.value.group(group),
                     {bias_ ? bias_->used() : std::span<const float>{}, relu_});
    }
    void backward(std::size_t group) override {
        const tensor::View dy = y_.gradient.group(group);
        const std::span<float> dbias = bias_ ? bias_->partial(group) : std::span<float>{};
        if (relu_)
            tensor::relu_gradient(y_.shape, y_.value.group(group), dy, dbias);
        else if (bias_)
            tensor::bias_gradient(y_.shape, dy, dbias);
        map_.weight_gradient(group, x_.value.group(group), dy, weights_.partial(group));
        if (x_.needs_gradient) map_.input_gradient(group, dy, weights_.used(), x_.gradient.group(group), accumulate_);
    }

  private:
    Variable &x_, &y_;
    Parameter& weights_;
    Parameter* bias_;
    LinearMap map_;
    bool relu_, accumulate_ = false;
};

} // namespace tinysparse::autograd
