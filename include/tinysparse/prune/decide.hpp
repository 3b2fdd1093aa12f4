// SPDX-License-Identifier: Apache-2.0
// From a ranking to masks: by a budget (the share of all weights that may stay, so that sizes are known before the
// training) or by the method's own threshold.
#pragma once
#include <optional>

#include "tinysparse/prune/connections.hpp"

namespace tinysparse::prune {

/// What a group is made of: an output channel of a layer (its weights, bias and normalisation), or one element of the
/// input of a dense layer (a column of its weights).
struct GroupMember {
    std::size_t layer;
    enum class Side : std::uint8_t { output, input } side;
    std::size_t index;
};

struct Group {
    double score = 0; ///< The larger, the longer it stays.
    std::vector<GroupMember> members;
};

/// What a method says of the weights: either a score for each of them, or groups.
struct Ranking {
    std::vector<std::vector<float>> scores; ///< [layer][weight], the larger the longer it stays; empty with groups.
    std::vector<Group> groups;
    std::vector<std::vector<float>> thresholds; ///< [layer][0]: scores below leave in threshold mode.
    double group_threshold = 0;
};

namespace detail {

inline void check_share(double keep) {
    if (!(keep > 0 && keep <= 1)) throw Error(text("the share of weights to keep, ", keep, ", is not in 0..1"));
}

/// The best `count` of all weights; ties go to the earlier ones.
inline void keep_best(const Ranking& ranking, std::size_t count, Masks& masks) {
    std::vector<float> all;
    for (const auto& scores : ranking.scores) all.insert(all.end(), scores.begin(), scores.end());
    if (count >= all.size()) return;
    std::nth_element(all.begin(), all.begin() + std::ptrdiff_t(count), all.end(), std::greater<>());
    const float cut = all[count]; // the best that leaves
    std::size_t above = 0;
    for (const auto& scores : ranking.scores)
        above += std::size_t(std::count_if(scores.begin(), scores.end(), [&](float score) { return score > cut; }));
    std::size_t ties = count - above;
    for (std::size_t i = 0; i < masks.size(); ++i)
        for (std::size_t k = 0; k < masks[i].weights.size(); ++k) {
            const float score = ranking.scores[i][k];
            const bool stays = score > cut || (score == cut && ties > 0);
            if (stays && score == cut) --ties;
            masks[i].weights[k] = stays;
        }
}

inline void take_group(const net::Spec& spec, const net::Shapes& shapes, const Group& group, Masks& masks) {
    for (const GroupMember& member : group.members) {
        LayerMask& mask = masks[member.layer];
        const std::size_t outputs = std::size_t(spec.layers[member.layer].outputs);
        const std::size_t fan_in = mask.weights.size() / outputs;
        if (member.side == GroupMember::Side::output) {
            if (mask.channels.empty()) mask.channels.assign(outputs, 1);
            mask.channels[member.index] = 0;
            std::fill_n(mask.weights.begin() + std::ptrdiff_t(member.index * fan_in), fan_in, std::uint8_t{0});
        } else {
            assert(shapes.layers[member.layer].in.size() == fan_in);
            for (std::size_t o = 0; o < outputs; ++o) mask.weights[o * fan_in + member.index] = 0;
        }
    }
    (void)shapes;
}

/// Masks without the `count` worst groups.
inline Masks without_worst(const net::Spec& spec, const std::vector<Group>& groups,
                           const std::vector<std::size_t>& order, std::size_t count) {
    const net::Shapes shapes = net::shapes(spec);
    Masks masks = all_kept(spec);
    for (std::size_t i = 0; i < count; ++i) take_group(spec, shapes, groups[order[i]], masks);
    remove_useless(spec, masks);
    return masks;
}

/// Every layer has at least one weight left: a network that knows nothing of its input is of no use.
inline bool is_connected(const Masks& masks) {
    return std::all_of(masks.begin(), masks.end(), [](const LayerMask& mask) { return kept(mask) > 0; });
}

} // namespace detail

/// Masks that keep the share `keep` of all weights, 0 < keep <= 1, or, without it, what is above the thresholds.
/// Groups leave from the worst upwards, as few as the budget demands; the last group of a layer stays.
/// Throws Error for a share out of range.
inline Masks decide(const net::Spec& spec, const Ranking& ranking, std::optional<double> keep) {
    Masks masks = all_kept(spec);
    const std::size_t total = kept(masks);
    if (keep) detail::check_share(*keep);
    const std::size_t budget = keep ? std::size_t(std::llround(*keep * double(total))) : total;
    if (ranking.groups.empty()) {
        if (keep)
            detail::keep_best(ranking, budget, masks);
        else
            for (std::size_t i = 0; i < masks.size(); ++i)
                for (std::size_t k = 0; k < masks[i].weights.size(); ++k)
                    masks[i].weights[k] = ranking.scores[i][k] >= ranking.thresholds[i][0];
        remove_useless(spec, masks);
        return masks;
    }
    std::vector<std::size_t> order(ranking.groups.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return ranking.groups[a].score < ranking.groups[b].score; });
    std::size_t low = 0, high = order.size(); // of groups that leave: enough, and not yet disconnected
    const auto enough = [&](std::size_t count) {
        if (!keep) return count == order.size() || ranking.groups[order[count]].score >= ranking.group_threshold;
        return kept(detail::without_worst(spec, ranking.groups, order, count)) <= budget;
    };
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (enough(middle))
            high = middle;
        else
            low = middle + 1;
    }
    for (std::size_t first = 0, last = low; first < last;) { // the most that leaves every layer connected
        const std::size_t middle = (first + last + 1) / 2;
        if (detail::is_connected(detail::without_worst(spec, ranking.groups, order, middle)))
            first = middle;
        else
            last = middle - 1;
        low = first;
    }
    return detail::without_worst(spec, ranking.groups, order, low);
}

/// What remains of one layer.
struct LayerReport {
    std::size_t weights = 0, kept = 0;     ///< Weights.
    std::size_t outputs = 0, channels = 0; ///< Output channels, and those that have a weight left.
    std::size_t inputs = 0, read = 0;      ///< Input channels (elements of a dense layer), and those that are read.
};

inline std::vector<LayerReport> report(const net::Spec& spec, const Masks& masks) {
    const net::Shapes shapes = net::shapes(spec);
    std::vector<LayerReport> reports;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const net::Layer& layer = spec.layers[i];
        const net::Shape& in = shapes.layers[i].in;
        LayerReport own{masks[i].weights.size(), kept(masks[i]), std::size_t(layer.outputs), 0, 0, 0};
        const bool dense = layer.kind == net::Kind::dense;
        own.inputs = dense ? in.size() : std::size_t(in.channels);
        std::vector<std::uint8_t> has_weight(own.outputs), is_read(own.inputs);
        const std::size_t positions = std::size_t(in.height) * std::size_t(in.width);
        for_connections(layer, shapes.layers[i], [&](std::size_t o, std::size_t c, std::size_t first, std::size_t n) {
            for (std::size_t k = 0; k < n; ++k)
                if (masks[i].weights[first + k]) has_weight[o] = is_read[dense ? c * positions + k : c] = 1;
        });
        own.channels = std::size_t(std::count(has_weight.begin(), has_weight.end(), 1));
        own.read = std::size_t(std::count(is_read.begin(), is_read.end(), 1));
        reports.push_back(own);
    }
    return reports;
}

} // namespace tinysparse::prune
