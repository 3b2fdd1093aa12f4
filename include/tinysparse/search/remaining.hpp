// SPDX-License-Identifier: Apache-2.0
// The network that pruning is expected to leave of a genome, before anything is trained. Its costs and the features for
// a model of the error follow from it.
//   single weights   the layers as they are, each with its even share of the weights that the budget leaves
//   whole channels   narrower layers without zeros, and so without lists of indices. A layer has input times output
//                    channels as weights. So with a share s of the channels about s^2 of the weights stay, or s in
//                    layers that read the picture or give the answers; counting meets the budget exactly.
#pragma once
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/prune/connections.hpp"
#include "tinysparse/space/express.hpp"

namespace tinysparse::search {

namespace detail {

/// Removes channels one at a time, each from the layers that have the largest share of theirs left.
class EvenNarrowing {
  public:
    explicit EvenNarrowing(const net::Spec& spec) : spec_(spec) {
        const prune::ChannelClasses classes(spec);
        const std::vector<std::uint8_t> fixed = classes.fixed();
        std::vector<std::uint8_t> known(classes.size());
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            class_.push_back(classes.of(i, 0)); // layers bound together have as many channels
            if (fixed[class_[i]] || std::exchange(known[class_[i]], 1)) continue;
            const int channels = spec.layers[i].outputs;
            for (int left = channels; left > 1; --left) order_.push_back({double(left) / channels, class_[i]});
        }
        sort_stably(order_, [](const Removal& a, const Removal& b) { return a.share_before > b.share_before; });
    }

    std::size_t most() const { return order_.size(); }
    net::Spec without(std::size_t channels) const {
        net::Spec narrower = spec_;
        for (std::size_t k = 0; k < channels; ++k)
            for (std::size_t i = 0; i < class_.size(); ++i)
                if (class_[i] == order_[k].of) --narrower.layers[i].outputs;
        return narrower;
    }

  private:
    struct Removal {
        double share_before; ///< Share of its layers' channels that is left before it is removed.
        std::size_t of;      ///< The class of these layers.
    };
    const net::Spec& spec_;
    std::vector<std::size_t> class_; ///< The class of each layer.
    std::vector<Removal> order_;
};

} // namespace detail

/// The Spec with the fewest channels removed, evenly over its layers, such that at most the share `keep` of its weights
/// is left; every layer keeps one channel. Throws Error if net::shapes() does.
inline net::Spec narrowed_to(const net::Spec& spec, double keep) {
    const detail::EvenNarrowing narrowing(spec);
    const auto budget = std::size_t(std::llround(keep * double(net::weights(spec))));
    std::size_t low = 0, high = narrowing.most(); // fewer than low are too few; high is enough, or the maximum
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (net::weights(narrowing.without(middle)) <= budget)
            high = middle;
        else
            low = middle + 1;
    }
    return narrowing.without(high);
}

/// A Spec, and the share of its weights that is not zero, evenly spread.
struct Remaining {
    net::Spec spec;
    double keep = 1; ///< Share of the weights, 0..1.
};

/// The expected remainder of a genome's network. A method with its own threshold is expected to remove nothing, since
/// the number of weights below it is unknown. Throws Error if the genome has no network.
inline Remaining remaining(const space::Genome& genome, const space::Space& space) {
    Remaining left{space::express(genome, space)};
    if (!genome.pruning.active() || genome.pruning.by_threshold()) return left;
    if (prune::info(*genome.pruning.method).structured)
        left.spec = narrowed_to(left.spec, genome.pruning.keep);
    else
        left.keep = genome.pruning.keep;
    return left;
}

} // namespace tinysparse::search
