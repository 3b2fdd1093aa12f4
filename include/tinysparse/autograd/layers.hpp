// SPDX-License-Identifier: Apache-2.0
// Operations with weights: convolution, depthwise convolution, dense, each followed by a ReLU where asked for. The
// formulas stand beside the kernels in tensor/.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/dense.hpp"
#include "tinysparse/tensor/depthwise.hpp"

namespace tinysparse::autograd {

namespace detail {
/// The gradient of the sums of one group: that of y, through the ReLU where there is one, which is done in place. Fills
/// the bias' gradient.
inline tensor::View gradient_of_sums(Variable& y, std::size_t group, Parameter* bias, bool relu) {
    const tensor::View dy = y.gradient.group(group);
    const std::span<float> dbias = bias ? bias->partial(group) : std::span<float>{};
    if (relu)
        tensor::relu_gradient(y.shape, y.value.group(group), dy, dbias);
    else if (bias)
        tensor::bias_gradient(y.shape, dy, dbias);
    return dy;
}
} // namespace detail

/// y = convolution of x with weights [outputs][inputs][kernel], plus bias [outputs] where there is one.
class Convolution final : public Operation {
  public:
    Convolution(Variable& x, Parameter& weights, Parameter* bias, const tensor::Window& window, Variable& y,
                bool relu = false)
        : x_(x), y_(y), weights_(weights), bias_(bias), window_(window),
          turned_window_(tensor::turned_window(window)), spread_shape_{y.shape.channels,
                                                                       (y.shape.height - 1) * window.stride + 1,
                                                                       (y.shape.width - 1) * window.stride + 1},
          relu_(relu) {}

    void plan() override {
        x_.need_value_halo(tensor::halo_for(window_, x_.shape, y_.shape));
        if (!x_.needs_gradient) return;
        accumulate_ = x_.claim_gradient();
        if (window_.stride == 1) y_.need_gradient_halo(tensor::halo_for(turned_window_, y_.shape, x_.shape));
    }
    void allocate(std::size_t groups) override {
        if (!x_.needs_gradient) return;
        turned_.resize(weights_.value.size());
        if (window_.stride != 1)
            spread_ = Tensor(groups, spread_shape_, tensor::halo_for(turned_window_, spread_shape_, x_.shape));
    }
    void prepare(Mode mode) override {
        if (mode == Mode::training && x_.needs_gradient)
            tensor::turn_weights(window_, x_.shape.channels, y_.shape.channels, weights_.used(), turned_);
    }
    void forward(std::size_t group, Mode) override {
        tensor::convolution_forward(window_, x_.shape, x_.value.group(group), weights_.used(),
                                    bias_ ? bias_->used() : std::span<const float>{}, y_.shape, y_.value.group(group),
                                    false, relu_);
    }
    void backward(std::size_t group) override {
        const tensor::ConstView dy = detail::gradient_of_sums(y_, group, bias_, relu_);
        tensor::convolution_weight_gradient(window_, x_.shape, x_.value.group(group), y_.shape, dy,
                                            weights_.partial(group));
        if (!x_.needs_gradient) return;
        if (window_.stride != 1) tensor::spread(y_.shape, window_.stride, dy, spread_.group(group));
        tensor::convolution_forward(turned_window_, spread_shape_,
                                    window_.stride == 1 ? dy : tensor::ConstView(spread_.group(group)), turned_, {},
                                    x_.shape, x_.gradient.group(group), accumulate_);
    }

  private:
    Variable &x_, &y_;
    Parameter& weights_;
    Parameter* bias_;
    tensor::Window window_, turned_window_;
    Shape spread_shape_; ///< Of dy with stride - 1 zeros between its positions.
    std::vector<float> turned_;
    Tensor spread_;
    bool relu_, accumulate_ = false;
};

/// y = depthwise convolution of x with weights [channels][kernel], plus bias [channels] where there is one.
class Depthwise final : public Operation {
  public:
    Depthwise(Variable& x, Parameter& weights, Parameter* bias, const tensor::Window& window, Variable& y,
              bool relu = false)
        : x_(x), y_(y), weights_(weights), bias_(bias), window_(window), turned_window_(tensor::turned_window(window)),
          // Turning the window pays where it moves by single steps over many positions.
          turn_(window.stride == 1 && 2 * y.shape.size() >= x.shape.size()), relu_(relu) {}

    void plan() override {
        x_.need_value_halo(tensor::halo_for(window_, x_.shape, y_.shape));
        if (!x_.needs_gradient) return;
        accumulate_ = x_.claim_gradient();
        if (turn_) y_.need_gradient_halo(tensor::halo_for(turned_window_, y_.shape, x_.shape));
    }
    void allocate(std::size_t) override { turned_.resize(weights_.value.size()); }
    void prepare(Mode mode) override {
        if (mode != Mode::training || !turn_) return;
        const auto weights = weights_.used();
        const std::size_t size = std::size_t(window_.size());
        for (std::size_t first = 0; first < weights.size(); first += size)
            std::reverse_copy(weights.begin() + std::ptrdiff_t(first), weights.begin() + std::ptrdiff_t(first + size),
                              turned_.begin() + std::ptrdiff_t(first));
    }
    void forward(std::size_t group, Mode) override {
        tensor::depthwise_forward(window_, x_.shape, x_.value.group(group), weights_.used(),
                                  bias_ ? bias_->used() : std::span<const float>{}, y_.shape, y_.value.group(group),
                                  false, relu_);
    }
    void backward(std::size_t group) override {
        const tensor::ConstView dy = detail::gradient_of_sums(y_, group, bias_, relu_);
        tensor::depthwise_weight_gradient(window_, x_.value.group(group), y_.shape, dy, weights_.partial(group));
        if (!x_.needs_gradient) return;
        const tensor::View dx = x_.gradient.group(group);
        if (turn_) {
            tensor::depthwise_forward(turned_window_, y_.shape, dy, turned_, {}, x_.shape, dx, accumulate_);
            return;
        }
        if (!accumulate_)
            tensor::for_rows(x_.shape, [&](int c, int y) { std::fill_n(dx.row(c, y), x_.shape.width, Lane{}); });
        tensor::depthwise_scatter(window_, x_.shape, weights_.used(), y_.shape, dy, dx);
    }

  private:
    Variable &x_, &y_;
    Parameter& weights_;
    Parameter* bias_;
    tensor::Window window_, turned_window_;
    bool turn_, relu_, accumulate_ = false;
    std::vector<float> turned_;
};

/// y [outputs] = weights [outputs][inputs] times x read as one vector, plus bias where there is one.
class Dense final : public Operation {
  public:
    Dense(Variable& x, Parameter& weights, Parameter* bias, Variable& y, bool relu = false)
        : x_(x), y_(y), weights_(weights), bias_(bias), relu_(relu) {}

    void plan() override {
        if (x_.needs_gradient) accumulate_ = x_.claim_gradient();
    }
    void allocate(std::size_t groups) override { scratch_.resize(groups * tensor::dense_scratch(x_.shape)); }
    void forward(std::size_t group, Mode) override {
        tensor::dense_forward(x_.shape, x_.value.group(group), weights_.used(),
                              bias_ ? bias_->used() : std::span<const float>{}, y_.shape.channels,
                              y_.value.group(group), relu_);
    }
    void backward(std::size_t group) override {
        const tensor::ConstView dy = detail::gradient_of_sums(y_, group, bias_, relu_);
        const std::size_t size = tensor::dense_scratch(x_.shape);
        tensor::dense_weight_gradient(x_.shape, x_.value.group(group), y_.shape.channels, dy, weights_.partial(group),
                                      std::span(scratch_).subspan(group * size, size));
        if (x_.needs_gradient)
            tensor::dense_input_gradient(x_.shape, weights_.used(), y_.shape.channels, dy, x_.gradient.group(group),
                                         accumulate_);
    }

  private:
    Variable &x_, &y_;
    Parameter& weights_;
    Parameter* bias_;
    bool relu_, accumulate_ = false;
    std::vector<Lane> scratch_;
};

} // namespace tinysparse::autograd
