// SPDX-License-Identifier: Apache-2.0
// Tree head: from the sums of all rows of a tree (net/tree.hpp) to the logits (Kumar, Goyal, Varma 2017, section 3).
//   y_c = sum over nodes k of I_k w_kc tanh(v_kc),   w = W z, v = V z, h_k = tanh(s theta_k z)
//   soft, in training    I_0 = 1,   I_{2k+1} = I_k (1 - h_k) / 2,   I_{2k+2} = I_k (1 + h_k) / 2
//   hard, s = infinity   I_k is 1 on the path, else 0: evaluation always computes this; theta has no gradient then
// Backwards, dI from the leaves to the root:
//   dw_kc = dy_c I_k tanh(v_kc),   dv_kc = dy_c I_k w_kc (1 - tanh^2 v_kc)
//   dI_k  = sum_c dy_c w_kc tanh(v_kc) + dI_{2k+1} (1 - h_k) / 2 + dI_{2k+2} (1 + h_k) / 2
//   d(theta_k z) = s (1 - h_k^2) I_k (dI_{2k+2} - dI_{2k+1}) / 2
// On grids everything is hard. w is rounded to steps of 13 bits, v to 1/32 within +-127/32, and tanh(v) is a number of
// steps of 1/128, round(127 tanh(v)). The gradients pass straight through what is not clipped.
#pragma once
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tinysparse/autograd/elementwise.hpp"
#include "tinysparse/net/tree.hpp"
#include "tinysparse/tensor/elementary.hpp"

namespace tinysparse::autograd {

inline constexpr int tree_score_limit = 4096;  ///< w on grids is -limit .. limit-1 steps.
inline constexpr int tree_tanh_exponent = -5;  ///< Exponent of the steps of v on grids.
inline constexpr int tree_value_exponent = -7; ///< Exponent of the steps of tanh(v) on grids.

/// round(127 tanh(i / 32)) for i = 0..127.
inline const std::array<float, 128>& tree_tanh_table() {
    static const std::array<float, 128> table = [] {
        std::array<float, 128> values;
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(std::lround(127 * std::tanh(double(i) / 32)));
        return values;
    }();
    return table;
}

/// The head of a Bonsai tree: class scores summed over the nodes of the path of each sample.
class TreeHead final : public Operation {
  public:
    static constexpr float hard = std::numeric_limits<float>::infinity(); ///< Sharpness of hard paths.

    /// sums: one channel per row of the tree's matrix; only this operation may read it. y: one channel per class.
    /// score: the grid of w, or null for floats, which are hard until set_sharpness().
    TreeHead(Variable& sums, int depth, Variable& y, const Grid* score = nullptr)
        : sums_(sums), y_(y), depth_(depth), classes_(y.shape.channels), on_grids_(score != nullptr) {
        assert(sums.shape.channels == net::tree::rows(depth, classes_));
        if (!score) return;
        score_ = *score;
        const float step = std::ldexp(1.0f, score_.exponent);
        score_limits_ = {score_.low * step, (score_.high + 0.5f) * step};
    }

    /// Sets s of the next training steps, or hard paths. It has no effect on grids.
    void set_sharpness(float sharpness) { sharpness_ = sharpness; }
    /// s of the gates in training; `hard` if paths are hard.
    float sharpness() const { return sharpness_; }

    void plan() override {
        [[maybe_unused]] const bool read = sums_.claim_gradient();
        assert(!read);
    }
    void allocate(std::size_t groups) override {
        shares_.resize(groups * std::size_t(nodes()));
        turns_.resize(groups * std::size_t(nodes()));
        scores_.resize(groups * std::size_t(nodes() * classes_));
        gates_.resize(scores_.size());
        share_gradients_.resize(shares_.size());
    }
    void forward(std::size_t group, Mode mode) override {
        const auto sums = sums_.value.group(group), y = y_.value.group(group);
        find_shares(group, mode == Mode::evaluation || on_grids_ ? hard : sharpness_);
        for (int c = 0; c < classes_; ++c) *y.row(c, 0) = Lane{};
        for (int k = 0; k < nodes(); ++k) {
            const Lane share = shares_[at(group, k)];
            const int row = net::tree::first_score(depth_, classes_, k);
            for (int c = 0; c < classes_; ++c) {
                Lane& score = scores_[at(group, k, c)];
                Lane& gate = gates_[at(group, k, c)];
                score = rounded_score(*sums.row(row + c, 0));
                gate = on_grids_ ? rounded_tanh(*sums.row(row + classes_ + c, 0))
                                 : hyperbolic_tangent(*sums.row(row + classes_ + c, 0));
                *y.row(c, 0) += share * score * gate;
            }
        }
    }
    void backward(std::size_t group) override {
        const auto sums = sums_.value.group(group), dsums = sums_.gradient.group(group), dy = y_.gradient.group(group);
        const bool soft = !on_grids_ && std::isfinite(sharpness_);
        for (int k = nodes(); k-- > 0;) {
            const Lane share = shares_[at(group, k)];
            const int row = net::tree::first_score(depth_, classes_, k);
            Lane own{};
            for (int c = 0; c < classes_; ++c) {
                const Lane score = scores_[at(group, k, c)], gate = gates_[at(group, k, c)];
                const Lane of_output = *dy.row(c, 0), reached = of_output * share;
                own += of_output * score * gate;
                *dsums.row(row + c, 0) = unclipped(*sums.row(row + c, 0), score_limits_, reached * gate);
                *dsums.row(row + classes_ + c, 0) =
                    unclipped(*sums.row(row + classes_ + c, 0), tanh_limits, reached * score * (1.0f - gate * gate));
            }
            if (!net::tree::is_leaf(depth_, k)) {
                const Lane left = share_gradients_[at(group, 2 * k + 1)],
                           right = share_gradients_[at(group, 2 * k + 2)];
                const Lane turn = turns_[at(group, k)];
                own += 0.5f * ((1.0f - turn) * left + (1.0f + turn) * right);
                *dsums.row(row - 1, 0) =
                    soft ? 0.5f * sharpness_ * (1.0f - turn * turn) * share * (right - left) : Lane{};
            }
            share_gradients_[at(group, k)] = own;
        }
    }

  private:
    struct Limits {
        float low, high;
    };
    static constexpr Limits tanh_limits{-127.5f / 32, 127.5f / 32};

    int nodes() const { return net::tree::nodes(depth_); }
    std::size_t at(std::size_t group, int node) const { return group * std::size_t(nodes()) + std::size_t(node); }
    std::size_t at(std::size_t group, int node, int output) const {
        return at(group, node) * std::size_t(classes_) + std::size_t(output);
    }
    [[gnu::always_inline]] static Lane hyperbolic_tangent(LaneArgument x) {
        return 1.0f - 2.0f / (tensor::exponential(2.0f * x) + 1.0f);
    }
    /// Computes I and h of all nodes.
    void find_shares(std::size_t group, float sharpness) {
        const auto sums = sums_.value.group(group);
        shares_[at(group, 0)] = tensor::broadcast(1.0f);
        for (int k = 0; !net::tree::is_leaf(depth_, k); ++k) {
            const Lane theta = *sums.row(net::tree::first_row(depth_, classes_, k), 0), share = shares_[at(group, k)];
            const Lane turn = std::isfinite(sharpness)
                                  ? hyperbolic_tangent(sharpness * theta)
                                  : tensor::select(theta > Lane{}, tensor::broadcast(1.0f), tensor::broadcast(-1.0f));
            turns_[at(group, k)] = turn;
            shares_[at(group, 2 * k + 1)] = 0.5f * (1.0f - turn) * share;
            shares_[at(group, 2 * k + 2)] = 0.5f * (1.0f + turn) * share;
        }
    }
    /// x rounded to the grid of the scores; x itself without grids.
    [[gnu::always_inline]] Lane rounded_score(LaneArgument x) const {
        if (!on_grids_) return x;
        const Lane low = tensor::broadcast(score_.low), high = tensor::broadcast(score_.high);
        const Lane steps = x * std::ldexp(1.0f, -score_.exponent) + 0.5f;
        return tensor::floor(tensor::minimum(tensor::maximum(steps, low), high + 0.5f)) *
               std::ldexp(1.0f, score_.exponent);
    }
    [[gnu::always_inline]] static Lane rounded_tanh(LaneArgument x) {
        const Lane limit = tensor::broadcast(127.0f);
        Lane steps = x * std::ldexp(1.0f, -tree_tanh_exponent) + 0.5f;
        steps = tensor::floor(tensor::minimum(tensor::maximum(steps, -limit), limit + 0.5f));
        Lane values;
        for (std::size_t s = 0; s < tensor::lane_samples; ++s)
            values[s] = std::copysign(tree_tanh_table()[std::size_t(std::abs(steps[s]))], steps[s]);
        return values * std::ldexp(1.0f, tree_value_exponent);
    }
    /// The gradient inside the limits; 0 outside, where the grid clips.
    [[gnu::always_inline]] Lane unclipped(LaneArgument x, const Limits& limits, LaneArgument gradient) const {
        if (!on_grids_) return gradient;
        return tensor::select((x > tensor::broadcast(limits.low)) & (x < tensor::broadcast(limits.high)), gradient,
                              Lane{});
    }

    Variable &sums_, &y_;
    int depth_, classes_;
    bool on_grids_;
    Grid score_;
    Limits score_limits_{};
    float sharpness_ = hard;
    /// For each group and node: I, h and dI. For each output too: w and tanh(v).
    std::vector<Lane> shares_, turns_, share_gradients_, scores_, gates_;
};

} // namespace tinysparse::autograd
