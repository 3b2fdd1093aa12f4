// SPDX-License-Identifier: Apache-2.0
// The linear map of a layer, y = W x, whatever its kind: forward, weight gradient and input gradient behind one
// interface, for operations that apply more than one set of weights. The formulas stand beside the kernels in tensor/.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/dense.hpp"
#include "tinysparse/tensor/depthwise.hpp"

namespace tinysparse::autograd {

/// Which linear map a layer has. A convolution whose one window covers all positions counts as dense.
struct LinearForm {
    using Kind = net::Kind;
    Kind kind = Kind::dense;
    tensor::Window window; ///< Not used by a dense layer.
};

class LinearMap {
  public:
    LinearMap(const LinearForm& form, const Shape& in, const Shape& out)
        : form_(form), turned_window_(tensor::turned_window(form.window)), in_(in),
          out_(out), spread_shape_{out.channels, (out.height - 1) * form.window.stride + 1,
                                   (out.width - 1) * form.window.stride + 1} {}

    /// Of the input, and of the gradient of the output, so that no window reads outside.
    tensor::Halo input_halo() const {
        return is(LinearForm::Kind::dense) ? tensor::Halo{} : tensor::halo_for(form_.window, in_, out_);
    }
    tensor::Halo gradient_halo() const {
        return turns() ? tensor::halo_for(turned_window_, out_, in_) : tensor::Halo{};
    }

    /// Scratch for so many groups; `weights` is the size of the weights.
    void allocate(std::size_t groups, std::size_t weights, bool input_gradient) {
        if (is(LinearForm::Kind::dense)) scratch_.resize(groups * tensor::dense_scratch(in_));
        if (!input_gradient || is(LinearForm::Kind::dense)) return;
        turned_.resize(weights);
        if (is(LinearForm::Kind::convolution) && form_.window.stride != 1)
            spread_ = Tensor(groups, spread_shape_, tensor::halo_for(turned_window_, spread_shape_, in_));
    }
    /// Once a step, before input_gradient(): turns the weights around where the kernels want that.
    void prepare(std::span<const float> weights) {
        if (turned_.empty()) return;
        if (is(LinearForm::Kind::convolution))
            tensor::turn_weights(form_.window, in_.channels, out_.channels, weights, turned_);
        else
            tensor::turn_weights(form_.window, 1, out_.channels, weights, turned_);
    }

    void forward(tensor::ConstView x, std::span<const float> weights, std::span<const float> bias,
                 tensor::View y) const {
        switch (form_.kind) {
        case LinearForm::Kind::dense:
            return tensor::dense_forward(in_, x, weights, bias, out_.channels, y);
        case LinearForm::Kind::convolution:
            return tensor::convolution_forward(form_.window, in_, x, weights, bias, out_, y);
        case LinearForm::Kind::depthwise:
            return tensor::depthwise_forward(form_.window, in_, x, weights, bias, out_, y);
        }
    }
    /// Overwrites dweights with the gradient from one group.
    void weight_gradient(std::size_t group, tensor::ConstView x, tensor::ConstView dy, std::span<float> dweights) {
        const std::size_t size = tensor::dense_scratch(in_);
        switch (form_.kind) {
        case LinearForm::Kind::dense:
            return tensor::dense_weight_gradient(in_, x, out_.channels, dy, dweights,
                                                 std::span(scratch_).subspan(group * size, size));
        case LinearForm::Kind::convolution:
            return tensor::convolution_weight_gradient(form_.window, in_, x, out_, dy, dweights);
        case LinearForm::Kind::depthwise:
            return tensor::depthwise_weight_gradient(form_.window, x, out_, dy, dweights);
        }
    }
    void input_gradient(std::size_t group, tensor::ConstView dy, std::span<const float> weights, tensor::View dx,
                        bool accumulate) {
        if (is(LinearForm::Kind::dense))
            return tensor::dense_input_gradient(in_, weights, out_.channels, dy, dx, accumulate);
        if (is(LinearForm::Kind::depthwise)) {
            if (turns()) return tensor::depthwise_forward(turned_window_, out_, dy, turned_, {}, in_, dx, accumulate);
            if (!accumulate) tensor::for_rows(in_, [&](int c, int y) { std::fill_n(dx.row(c, y), in_.width, Lane{}); });
            return tensor::depthwise_scatter(form_.window, in_, weights, out_, dy, dx);
        }
        const bool spreads = form_.window.stride != 1;
        if (spreads) tensor::spread(out_, form_.window.stride, dy, spread_.group(group));
        tensor::convolution_forward(turned_window_, spread_shape_,
                                    spreads ? tensor::ConstView(spread_.group(group)) : dy, turned_, {}, in_, dx,
                                    accumulate);
    }

  private:
    bool is(LinearForm::Kind kind) const { return form_.kind == kind; }
    /// The gradient of the output is read through the window turned around.
    bool turns() const {
        if (is(LinearForm::Kind::dense) || form_.window.stride != 1) return false;
        return is(LinearForm::Kind::convolution) || 2 * out_.size() >= in_.size();
    }

    LinearForm form_;
    tensor::Window turned_window_;
    Shape in_, out_, spread_shape_;
    std::vector<float> turned_;
    std::vector<Lane> scratch_;
    Tensor spread_;
};

} // namespace tinysparse::autograd
