// SPDX-License-Identifier: Apache-2.0
// The linear map of a layer, y = W x + b, whatever its kind: forward, weight gradient and input gradient behind one
// interface. The formulas stand beside the kernels in tensor/.
//   convolution   x (C,H,W)   weights (O,C,kh,kw)   y (O,H',W')
//   depthwise     x (C,H,W)   weights (C,kh,kw)     y (C,H',W')
//   dense         x (C,H,W)   weights (O,C,H,W)     y (O,1,1)
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/convolution.hpp"
#include "tinysparse/tensor/dense.hpp"
#include "tinysparse/tensor/depthwise.hpp"

namespace tinysparse::autograd {

/// Which linear map a layer has. A convolution whose one window covers all positions counts as dense.
struct LinearForm {
    /// Kind of the operation; the window has no effect if it is dense.
    using Kind = net::Kind;
    Kind kind = Kind::dense;
    tensor::Window window; ///< Not used by a dense layer.
};

/// The products W x of a layer, and their gradients with respect to W and x, by the kernels of tensor/.
class LinearMap {
  public:
    /// Throws Error for a window whose stride is neither 1 nor 2.
    LinearMap(const LinearForm& form, const Shape& in, const Shape& out)
        : kind_(form.kind), map_{form.window, in, out}, turned_(tensor::turned(map_)) {
        const int stride = form.window.stride;
        if (kind_ != Kind::dense && stride != 1 && stride != 2)
            throw Error(text("stride ", stride, " of a ", net::name_of(kind_), " layer is not 1 or 2"));
    }

    /// Halo of the input, and of the gradient of the output, so that no window reads outside.
    tensor::Halo input_halo() const { return kind_ == Kind::dense ? tensor::Halo{} : tensor::halo_for(map_); }
    /// Border of zeros that input_gradient() reads around the gradient of the output.
    tensor::Halo gradient_halo() const { return turns() ? tensor::halo_for(turned_) : tensor::Halo{}; }

    /// Allocates scratch for this number of groups; `weights` is the number of weights.
    void allocate(std::size_t groups, std::size_t weights, bool input_gradient) {
        if (kind_ == Kind::dense) scratch_.resize(groups * tensor::dense_scratch(map_.in));
        if (!input_gradient) return;
        if (turns() || spreads()) turned_weights_.resize(weights);
        if (spreads()) spread_ = Tensor(groups, turned_.in, tensor::halo_for(turned_));
    }
    /// Turns the weights around if the kernels need that. Call it once per step, before input_gradient().
    void prepare(std::span<const float> weights) {
        if (turned_weights_.empty()) return;
        const int inputs = kind_ == Kind::convolution ? map_.in.channels : 1;
        tensor::turn_weights(map_.window, inputs, map_.out.channels, weights, turned_weights_);
    }

    /// y = finish(W x). weights: in the order of the kernels, [outputs][channels][height][width].
    void forward(tensor::ConstView x, std::span<const float> weights, tensor::View y,
                 const tensor::Finish& finish = {}) const {
        switch (kind_) {
        case Kind::convolution:
            return tensor::convolution_forward(map_, x, weights, y, finish);
        case Kind::depthwise:
            return tensor::depthwise_forward(map_, x, weights, y, finish);
        case Kind::dense:
            return tensor::dense_forward(map_.in, x, weights, map_.out.channels, y, finish);
        }
    }
    /// Overwrites dweights with the gradient from one group.
    void weight_gradient(std::size_t group, tensor::ConstView x, tensor::ConstView dy, std::span<float> dweights) {
        const std::size_t size = tensor::dense_scratch(map_.in);
        switch (kind_) {
        case Kind::convolution:
            return tensor::convolution_weight_gradient(map_, x, dy, dweights);
        case Kind::depthwise:
            return tensor::depthwise_weight_gradient(map_, x, dy, dweights);
        case Kind::dense:
            return tensor::dense_weight_gradient(map_.in, x, map_.out.channels, dy, dweights,
                                                 std::span(scratch_).subspan(group * size, size));
        }
    }
    /// dx = transposed W times dy; added to dx with `accumulate`.
    void input_gradient(std::size_t group, tensor::ConstView dy, std::span<const float> weights, tensor::View dx,
                        bool accumulate) {
        switch (kind_) {
        case Kind::convolution:
            if (spreads()) tensor::spread(map_, dy, spread_.group(group));
            return tensor::convolution_forward(turned_, spreads() ? tensor::ConstView(spread_.group(group)) : dy,
                                               turned_weights_, dx, {}, accumulate);
        case Kind::depthwise:
            if (turns()) return tensor::depthwise_forward(turned_, dy, turned_weights_, dx, {}, accumulate);
            if (!accumulate)
                tensor::for_rows(map_.in, [&](int c, int y) { std::fill_n(dx.row(c, y), map_.in.width, Lane{}); });
            return tensor::depthwise_scatter(map_, weights, dy, dx);
        case Kind::dense:
            return tensor::dense_input_gradient(map_.in, weights, map_.out.channels, dy, dx, accumulate);
        }
    }

  private:
    using Kind = LinearForm::Kind;
    /// True if the input gradient reads dy itself through the window turned around. In a depthwise layer that pays if
    /// the window moves by single steps over many positions.
    bool turns() const {
        if (kind_ == Kind::dense || map_.window.stride != 1) return false;
        return kind_ == Kind::convolution || 2 * map_.out.size() >= map_.in.size();
    }
    /// True if the input gradient reads dy spread out by the stride.
    bool spreads() const { return kind_ == Kind::convolution && map_.window.stride != 1; }

    Kind kind_;
    tensor::WindowMap map_, turned_; ///< Only the shapes count in a dense layer.
    std::vector<float> turned_weights_;
    std::vector<Lane> scratch_;
    Tensor spread_;
};

} // namespace tinysparse::autograd
