// SPDX-License-Identifier: Apache-2.0
// The linear map of a layer, y = W x + b, whatever its kind: forward, weight gradient and input gradient behind one
// interface. The formulas stand beside the kernels in tensor/.
//   convolution   x (C,H,W)   weights (O,C,kh,kw)   y (O,H',W')
//   depthwise     x (C,H,W)   weights (C,kh,kw)     y (C,H',W')
//   dense         x (C,H,W)   weights (O,C,H,W)     y (O,1,1)
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
    /// Throws Error for a window whose stride is neither 1 nor 2.
    LinearMap(const LinearForm& form, const Shape& in, const Shape& out)
        : form_(form), turned_window_(tensor::turned_window(form.window)), in_(in),
          out_(out), spread_shape_{out.channels, (out.height - 1) * form.window.stride + 1,
                                   (out.width - 1) * form.window.stride + 1} {
        if (form.kind != Kind::dense && form.window.stride != 1 && form.window.stride != 2)
            throw Error(text("stride ", form.window.stride, " of a ", net::name_of(form.kind), " layer is not 1 or 2"));
    }

    /// Of the input, and of the gradient of the output, so that no window reads outside.
    tensor::Halo input_halo() const {
        return form_.kind == Kind::dense ? tensor::Halo{} : tensor::halo_for(form_.window, in_, out_);
    }
    tensor::Halo gradient_halo() const {
        return turns() ? tensor::halo_for(turned_window_, out_, in_) : tensor::Halo{};
    }
    /// Scratch for so many groups; `weights` is the size of the weights.
    void allocate(std::size_t groups, std::size_t weights, bool input_gradient) {
        if (form_.kind == Kind::dense) scratch_.resize(groups * tensor::dense_scratch(in_));
        if (!input_gradient) return;
        if (turns() || spreads()) turned_.resize(weights);
        if (spreads()) spread_ = Tensor(groups, spread_shape_, tensor::halo_for(turned_window_, spread_shape_, in_));
    }
    /// Once a step, before input_gradient(): turns the weights around where the kernels want that.
    void prepare(std::span<const float> weights) {
        if (turned_.empty()) return;
        const int inputs = form_.kind == Kind::convolution ? in_.channels : 1;
        tensor::turn_weights(form_.window, inputs, out_.channels, weights, turned_);
    }

    /// y = W x + bias, which is one number per output channel or empty; with `relu` y = max(0, that).
    void forward(tensor::ConstView x, std::span<const float> weights, std::span<const float> bias, tensor::View y,
                 bool relu = false) const {
        switch (form_.kind) {
        case Kind::dense:
            return tensor::dense_forward(in_, x, weights, bias, out_.channels, y, relu);
        case Kind::convolution:
            return tensor::convolution_forward(form_.window, in_, x, weights, bias, out_, y, false, relu);
        case Kind::depthwise:
            return tensor::depthwise_forward(form_.window, in_, x, weights, bias, out_, y, false, relu);
        }
    }
    /// Overwrites dweights with the gradient from one group.
    void weight_gradient(std::size_t group, tensor::ConstView x, tensor::ConstView dy, std::span<float> dweights) {
        const std::size_t size = tensor::dense_scratch(in_);
        switch (form_.kind) {
        case Kind::dense:
            return tensor::dense_weight_gradient(in_, x, out_.channels, dy, dweights,
                                                 std::span(scratch_).subspan(group * size, size));
        case Kind::convolution:
            return tensor::convolution_weight_gradient(form_.window, in_, x, out_, dy, dweights);
        case Kind::depthwise:
            return tensor::depthwise_weight_gradient(form_.window, x, out_, dy, dweights);
        }
    }
    /// dx = transposed W times dy; added to dx with `accumulate`.
    void input_gradient(std::size_t group, tensor::ConstView dy, std::span<const float> weights, tensor::View dx,
                        bool accumulate) {
        switch (form_.kind) {
        case Kind::dense:
            return tensor::dense_input_gradient(in_, weights, out_.channels, dy, dx, accumulate);
        case Kind::convolution:
            if (spreads()) tensor::spread(out_, form_.window.stride, dy, spread_.group(group));
            return tensor::convolution_forward(turned_window_, spread_shape_,
                                               spreads() ? tensor::ConstView(spread_.group(group)) : dy, turned_, {},
                                               in_, dx, accumulate);
        case Kind::depthwise:
            if (turns()) return tensor::depthwise_forward(turned_window_, out_, dy, turned_, {}, in_, dx, accumulate);
            if (!accumulate) tensor::for_rows(in_, [&](int c, int y) { std::fill_n(dx.row(c, y), in_.width, Lane{}); });
            return tensor::depthwise_scatter(form_.window, in_, weights, out_, dy, dx);
        }
    }

  private:
    using Kind = LinearForm::Kind;
    /// The input gradient reads dy itself through the window turned around. In a depthwise layer that pays where the
    /// window moves by single steps over many positions.
    bool turns() const {
        if (form_.kind == Kind::dense || form_.window.stride != 1) return false;
        return form_.kind == Kind::convolution || 2 * out_.size() >= in_.size();
    }
    /// The input gradient reads dy spread out by the stride.
    bool spreads() const { return form_.kind == Kind::convolution && form_.window.stride != 1; }

    LinearForm form_;
    tensor::Window turned_window_;
    Shape in_, out_, spread_shape_; ///< spread_shape_: of dy with stride - 1 zeros between its positions.
    std::vector<float> turned_;
    std::vector<Lane> scratch_;
    Tensor spread_;
};

} // namespace tinysparse::autograd
