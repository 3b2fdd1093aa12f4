// SPDX-License-Identifier: Apache-2.0
// Which weights have no effect, and which channels can only be removed together.
#pragma once
#include <numeric>

#include "tinysparse/net/connections.hpp"
#include "tinysparse/prune/masks.hpp"

namespace tinysparse::prune {

/// Removes, in addition to the masked weights, every weight without effect: those that read removed channels, and those
/// of channels that no layer reads. The function of the network does not change. Returns the number of weights removed.
/// Throws Error as check_masks() does.
inline std::size_t remove_useless(const net::Spec& spec, Masks& masks) {
    check_masks(spec, masks);
    const net::Shapes shapes = net::shapes(spec);
    std::vector<std::vector<std::uint8_t>> zero(masks.size()), needed(masks.size());
    std::size_t taken = 0;
    const auto take = [&](std::size_t layer, std::size_t first, std::size_t count) {
        for (std::size_t k = first; k < first + count; ++k) taken += std::exchange(masks[layer].weights[k], 0);
    };
    for (std::size_t i = 0; i < masks.size(); ++i) { // forwards: finds channels that are always 0
        const net::Layer& layer = spec.layers[i];
        zero[i].assign(std::size_t(net::weight_rows(layer)), 0);
        if (layer.input != net::picture)
            net::for_connections(layer, shapes.layers[i],
                                 [&](std::size_t, std::size_t in, std::size_t k, std::size_t n) {
                                     if (zero[std::size_t(layer.input)][in]) take(i, k, n);
                                 });
        for (std::size_t c = 0; c < masks[i].channels.size(); ++c)
            zero[i][c] = !masks[i].channels[c] && (layer.residual == net::none || zero[std::size_t(layer.residual)][c]);
    }
    for (std::size_t i = 0; i < masks.size(); ++i)
        needed[i].assign(std::size_t(net::weight_rows(spec.layers[i])), net::is_output(spec, i));
    for (std::size_t i = masks.size(); i-- > 0;) { // backwards: finds channels that are read
        const net::Layer& layer = spec.layers[i];
        net::for_connections(layer, shapes.layers[i],
                             [&](std::size_t out, std::size_t in, std::size_t k, std::size_t n) {
                                 if (!needed[i][out]) take(i, k, n);
                                 if (layer.input == net::picture) return;
                                 std::uint8_t& read = needed[std::size_t(layer.input)][in];
                                 for (std::size_t weight = k; weight < k + n && !read; ++weight)
                                     read = masks[i].weights[weight];
                             });
        for (std::size_t c = 0; layer.residual != net::none && c < needed[i].size(); ++c)
            needed[std::size_t(layer.residual)][c] |= needed[i][c];
    }
    return taken;
}

/// Output channels that can only be removed together: a residual sum needs equal channels on both sides, and a
/// depthwise layer has the channels of its input. The channels of a tree are its rows here.
class ChannelClasses {
  public:
    /// Joins the channels that the residuals and depthwise layers of the Spec bind. The Spec must outlive this.
    explicit ChannelClasses(const net::Spec& spec) : spec_(spec) {
        for (const net::Layer& layer : spec.layers) {
            first_.push_back(parent_.size());
            parent_.resize(parent_.size() + std::size_t(net::weight_rows(layer)));
        }
        std::iota(parent_.begin(), parent_.end(), std::size_t{0});
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            const net::Layer& layer = spec.layers[i];
            for (const int other : {layer.residual, net::reads_one_channel(layer) ? layer.input : net::none})
                for (std::size_t c = 0; other != net::none && c < std::size_t(layer.outputs); ++c)
                    parent_[find(first_[i] + c)] = find(first_[std::size_t(other)] + c);
        }
    }
    /// Number of all output channels, and so an upper bound of the classes.
    std::size_t size() const { return parent_.size(); }
    /// The class of a channel, a number below size().
    std::size_t of(std::size_t layer, std::size_t channel) const { return find(first_[layer] + channel); }
    /// 1 for channels of a layer that cannot be removed: they are logits, or bound to those of the picture by depthwise
    /// layers and sums.
    std::vector<std::uint8_t> fixed() const {
        std::vector<std::uint8_t> result(size());
        for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
            const net::Layer& layer = spec_.layers[i];
            const bool of_picture = net::reads_one_channel(layer) && layer.input == net::picture;
            for (std::size_t c = 0; c < std::size_t(net::weight_rows(layer)); ++c)
                if (of_picture || net::is_output(spec_, i)) result[of(i, c)] = 1;
        }
        return result;
    }

  private:
    std::size_t find(std::size_t index) const {
        while (parent_[index] != index) index = parent_[index];
        return index;
    }
    const net::Spec& spec_;
    std::vector<std::size_t> first_, parent_;
};

} // namespace tinysparse::prune
