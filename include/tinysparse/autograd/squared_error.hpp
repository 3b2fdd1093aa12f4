// SPDX-License-Identifier: Apache-2.0
// Mean squared error of outputs y against targets t, K of each per sample:
//   loss = weight / (samples K) sum over samples and k of (y_k - t_k)^2,   dy_k = 2 weight (y_k - t_k) / (samples K)
#pragma once
#include "tinysparse/autograd/graph.hpp"

namespace tinysparse::autograd {

/// The regression loss: squared distances to the targets, averaged over the samples of a batch.
class SquaredError final : public Operation {
  public:
    /// outputs: one channel per target number, 1x1. weight: factor of the loss.
    SquaredError(Graph& graph, Variable& outputs, float weight = 1)
        : graph_(graph), outputs_(outputs), weight_(weight) {}

    /// Targets of one group, laid out like the outputs; those of unused lanes do not matter.
    tensor::View targets(std::size_t group) { return targets_.group(group); }
    /// Loss of the last batch.
    double loss() const {
        double total = 0;
        for (const double part : loss_) total += part;
        return total * share();
    }

    void plan() override { accumulate_ = outputs_.claim_gradient(); }
    void allocate(std::size_t groups) override {
        targets_ = Tensor(groups, outputs_.shape);
        loss_.assign(groups, 0.0);
    }
    void forward(std::size_t group, Mode) override {
        double total = 0;
        for (int k = 0; k < outputs_.shape.channels; ++k) {
            const Lane distance = distance_of(group, k);
            for (std::size_t s = 0; s < tensor::lane_samples; ++s) total += double(distance[s]) * double(distance[s]);
        }
        loss_[group] = total;
    }
    void backward(std::size_t group) override {
        const float factor = float(2 * share());
        for (int k = 0; k < outputs_.shape.channels; ++k) {
            const Lane result = distance_of(group, k) * factor;
            Lane& to = *outputs_.gradient.group(group).row(k, 0);
            to = accumulate_ ? to + result : result;
        }
    }

  private:
    double share() const { return double(weight_) / (double(graph_.samples()) * double(outputs_.shape.channels)); }
    /// y - t of the samples of a group; 0 in lanes without a sample, where y may be infinite.
    [[gnu::always_inline]] Lane distance_of(std::size_t group, int k) const {
        const Lane distance = *outputs_.value.group(group).row(k, 0) - *targets_.group(group).row(k, 0);
        return tensor::select(graph_.active(group) > Lane{}, distance, Lane{});
    }

    Graph& graph_;
    Variable& outputs_;
    float weight_;
    Tensor targets_;
    std::vector<double> loss_;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
