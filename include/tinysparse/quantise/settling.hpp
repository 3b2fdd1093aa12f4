// SPDX-License-Identifier: Apache-2.0
// Settling: while training goes on in fixed point, a weight whose best value lies between two steps of its grid is
// rounded to one and the other in turn, and chance decides where it is when training ends. With few bits that costs
// accuracy. So weights are drawn to their nearest steps, more strongly as training goes on:
//   w <- w + pull t / T (round(w) - w)        after each of the steps t = 1 .. T
// This pulls by pull T / 2 time constants in all: a training of one epoch, whose weights still have far to go, hardly
// changes; a training of twenty epochs ends on the steps.
// This is the dampening of Nagel, Fournarakis, Bondarenko, Blankevoort: Overcoming oscillations in quantization-aware
// training (ICML 2022), on the weights instead of in the loss, as AdamW has its decay.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "tinysparse/nn/network.hpp"
#include "tinysparse/nn/optimiser.hpp"

namespace tinysparse::quantise {

/// Another optimiser, after whose steps weights are pulled to their grids.
class SettlingOptimiser final : public nn::Optimiser {
  public:
    static constexpr int most_bits = 4;           ///< Steps of 8 bits are too fine to matter.
    static constexpr double largest_pull = 0.001; ///< Pull of the last step.

    /// network: on grids; it must outlive this. steps: their number in this phase.
    SettlingOptimiser(std::unique_ptr<nn::Optimiser> inner, nn::Network& network, std::size_t steps)
        : inner_(std::move(inner)), network_(network), steps_(steps) {}

    void step(double learning_rate) override {
        inner_->step(learning_rate);
        const float pull = float(largest_pull * double(++taken_) / double(steps_));
        for (std::size_t i = 0; i < network_.layers().size(); ++i) {
            if (network_.spec().layers[i].bits > most_bits) continue;
            autograd::Parameter& weights = *network_.layers()[i].weights;
            weights.prepare();
            const std::span<const float> rounded = weights.used();
            for (std::size_t k = 0; k < rounded.size(); ++k) weights.value[k] += pull * (rounded[k] - weights.value[k]);
        }
    }

  private:
    std::unique_ptr<nn::Optimiser> inner_;
    nn::Network& network_;
    std::size_t steps_, taken_ = 0;
};

} // namespace tinysparse::quantise
