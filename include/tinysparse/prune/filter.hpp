// SPDX-License-Identifier: Apache-2.0
// Filter pruning (Li, Kadav, Durdanovic, Samet, Graf 2017): removes whole output channels, those whose filters have the
// smallest L1 norms. A norm is taken relative to the mean norm of its layer, so that layers compare. Channels that
// residual sums and depthwise layers bind together are removed together, scored by their mean.
#pragma once
#include <map>

#include "tinysparse/prune/pruner.hpp"

namespace tinysparse::prune {

/// Settings of filter pruning.
struct FilterOptions {
    double threshold = 0.5; ///< Least norm relative to the layer's mean norm, in threshold mode.
};

/// The method: removes the output channels with the smallest L1 norms.
class FilterL1 final : public Pruner {
  public:
    /// options: not checked here; prune::check() does that.
    explicit FilterL1(const FilterOptions& options = {}) : options_(options) {}

    Ranking rank() const override {
        const net::Spec& spec = network().spec();
        const ChannelClasses classes(spec);
        const std::vector<std::uint8_t> fixed = classes.fixed();
        std::map<std::size_t, Group> groups; // by class, so that their order is that of the layers
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            const std::vector<float>& weights = network().layers()[i].weights->value;
            const std::size_t outputs = std::size_t(spec.layers[i].outputs), fan_in = weights.size() / outputs;
            double total = 0;
            for (const float weight : weights) total += std::abs(double(weight));
            for (std::size_t c = 0; c < outputs; ++c) {
                if (fixed[classes.of(i, c)]) continue;
                double norm = 0;
                for (std::size_t k = 0; k < fan_in; ++k) norm += std::abs(double(weights[c * fan_in + k]));
                Group& group = groups[classes.of(i, c)];
                const double share = total > 0 ? norm * double(outputs) / total : 0.0,
                             members = double(group.members.size());
                group.score = (group.score * members + share) / (members + 1);
                group.members.push_back({i, GroupMember::Side::output, c});
            }
        }
        Ranking ranking;
        ranking.group_threshold = options_.threshold;
        for (auto& [index, group] : groups) ranking.groups.push_back(std::move(group));
        return ranking;
    }

  private:
    FilterOptions options_;
};

} // namespace tinysparse::prune
