// SPDX-License-Identifier: Apache-2.0
// Exponential moving average of a network's weights (Polyak and Juditsky 1992): after step t = 1, 2, ...
//   average += (1 - d_t)(weights - average),   d_t = min(decay, t / (t + 9))
// The smaller decay of the first steps forgets the initial weights, as in the averages of TensorFlow and timm. The
// running statistics of batch normalisation are averaged in the same way, since they belong to those weights.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "tinysparse/nn/network.hpp"

namespace tinysparse::nn {

/// The moving average of one network's weights and running statistics.
class WeightAverage {
  public:
    /// 0 < decay < 1. The network must outlive this.
    WeightAverage(Network& network, double decay) : network_(&network), identity_(network.identity()), decay_(decay) {
        for_each([&](std::vector<float>& values) { averages_.push_back(values); });
    }
    /// True if the average is of this very network, and not of a later one at the same address.
    bool is_of(const Network& network) const { return !identity_.expired() && network_ == &network; }
    /// Number of updates so far.
    std::size_t steps() const { return steps_; }

    /// Adds the present weights to the average, once after each step. Allocates nothing.
    void update() {
        ++steps_;
        const float share = float(1 - std::min(decay_, double(steps_) / double(steps_ + 9)));
        std::size_t index = 0;
        for_each([&](std::vector<float>& values) {
            std::vector<float>& average = averages_[index++];
            for (std::size_t i = 0; i < values.size(); ++i) average[i] += share * (values[i] - average[i]);
        });
    }

    /// Gives the network the averages as its weights.
    void apply() {
        std::size_t index = 0;
        for_each([&](std::vector<float>& values) { values = averages_[index++]; });
    }

  private:
    /// Calls body for every vector of numbers that the function of the network depends on.
    template <class Body> void for_each(Body body) {
        for (const auto& parameter : network_->graph().parameters()) body(parameter->value);
        for (Network::Layer& layer : network_->layers())
            if (layer.normalisation) {
                body(layer.normalisation->running_mean);
                body(layer.normalisation->running_variance);
            }
    }

    Network* network_;
    std::weak_ptr<const void> identity_;
    double decay_;
    std::size_t steps_ = 0;
    std::vector<std::vector<float>> averages_;
};

} // namespace tinysparse::nn
