// SPDX-License-Identifier: Apache-2.0
// From a ranking to masks: by a budget (the share of all weights that may stay, so that sizes are known before the
// training; or the bytes that they may take when stored) or by the method's own threshold.
#pragma once
#include <functional>
#include <optional>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/prune/connections.hpp"

namespace tinysparse::prune {

/// A member of a group: an output channel of a layer (its weights, bias and normalisation), or one element of the input
/// of a layer that sums over all of it (a column of its weights).
struct GroupMember {
    std::size_t layer;
    /// Which side of the layer the member is on.
    enum class Side : std::uint8_t { output, input } side;
    std::size_t index;
};

/// What a structured method removes as a whole.
struct Group {
    double score = 0; ///< Groups with larger scores stay longer.
    std::vector<GroupMember> members;
};

/// A method's ranking of the weights: a score for each of them, or groups.
struct Ranking {
    std::vector<std::vector<float>> scores; ///< [layer][weight]; weights with larger scores stay longer. Empty with
                                            ///< groups.
    std::vector<Group> groups;
    std::vector<std::vector<float>> thresholds; ///< [layer][0]: weights with scores below are pruned in threshold mode.
    double group_threshold = 0;                 ///< Groups with scores below it are pruned in threshold mode.
};

/// True if every layer has at least one weight left: otherwise the output does not depend on the input.
inline bool is_connected(const Masks& masks) {
    return std::all_of(masks.begin(), masks.end(), [](const LayerMask& mask) { return kept(mask) > 0; });
}

namespace detail {

inline void check_share(double keep) {
    if (!(keep > 0 && keep <= 1)) throw Error(text("the share of weights to keep, ", keep, ", is not in 0..1"));
}

/// Keeps the best `count` of all weights; of equal weights the earlier ones.
inline void keep_best(const Ranking& ranking, std::size_t count, Masks& masks) {
    std::vector<float> all;
    for (const auto& scores : ranking.scores) all.insert(all.end(), scores.begin(), scores.end());
    if (count >= all.size()) return;
    std::nth_element(all.begin(), all.begin() + std::ptrdiff_t(count), all.end(), std::greater<>());
    const float cut = all[count]; // the best score that is pruned
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

/// Throws Error unless the ranking fits that Spec: groups of members that it has, or a score for each weight.
inline void check_ranking(const net::Spec& spec, const Ranking& ranking, bool by_threshold) {
    const net::Shapes shapes = net::shapes(spec);
    const std::size_t layers = spec.layers.size();
    if (ranking.groups.empty() &&
        (ranking.scores.size() != layers || (by_threshold && ranking.thresholds.size() != layers)))
        throw Error(text("scores of ", ranking.scores.size(), " and thresholds of ", ranking.thresholds.size(),
                         " layers for the ", layers, " of the network"));
    for (std::size_t i = 0; i < layers && ranking.groups.empty(); ++i)
        if (ranking.scores[i].size() != net::weights(spec.layers[i], shapes.layers[i]) ||
            (by_threshold && ranking.thresholds[i].empty()))
            throw Error(text("layer ", i + 1, ": ", ranking.scores[i].size(), " scores for ",
                             net::weights(spec.layers[i], shapes.layers[i]), " weights, or no threshold"));
    for (const Group& group : ranking.groups)
        for (const GroupMember& member : group.members) {
            const bool is_layer = member.layer < layers, output = member.side == GroupMember::Side::output;
            const bool has_side =
                is_layer && (output || net::sums_over_all(spec.layers[member.layer], shapes.layers[member.layer]));
            if (!has_side || member.index >= (output ? std::size_t(net::weight_rows(spec.layers[member.layer]))
                                                     : shapes.layers[member.layer].in.size()))
                throw Error(text("a group has ", output ? "output " : "input ", member.index, " of layer ",
                                 member.layer + 1, ", which the network does not have"));
        }
}

inline void take_group(const net::Spec& spec, const Group& group, Masks& masks) {
    for (const GroupMember& member : group.members) {
        LayerMask& mask = masks[member.layer];
        const std::size_t outputs = std::size_t(net::weight_rows(spec.layers[member.layer]));
        const std::size_t fan_in = mask.weights.size() / outputs;
        if (member.side == GroupMember::Side::output) {
            if (mask.channels.empty()) mask.channels.assign(outputs, 1);
            mask.channels[member.index] = 0;
            std::fill_n(mask.weights.begin() + std::ptrdiff_t(member.index * fan_in), fan_in, std::uint8_t{0});
        } else {
            for (std::size_t o = 0; o < outputs; ++o) mask.weights[o * fan_in + member.index] = 0;
        }
    }
}

/// Masks without the `count` worst groups.
inline Masks without_worst(const net::Spec& spec, const std::vector<Group>& groups,
                           const std::vector<std::size_t>& order, std::size_t count) {
    Masks masks = all_kept(spec);
    for (std::size_t i = 0; i < count; ++i) take_group(spec, groups[order[i]], masks);
    remove_useless(spec, masks);
    return masks;
}

} // namespace detail

/// Prunes groups from the worst upwards, as few as the budget demands. A group stays if some layer would have no weight
/// without it; the next one is pruned in its place. If even that is not enough, every layer keeps its last group.
inline Masks decide_groups(const net::Spec& spec, const Ranking& ranking, std::optional<std::size_t> budget) {
    const std::vector<Group>& groups = ranking.groups;
    std::vector<std::size_t> order(groups.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    sort_stably(order, [&](std::size_t a, std::size_t b) { return groups[a].score < groups[b].score; });
    if (!budget)
        std::erase_if(order, [&](std::size_t group) { return groups[group].score >= ranking.group_threshold; });
    // Each condition holds from some count of groups on, or up to some count: bisection finds it.
    const auto first_of = [](std::size_t low, std::size_t high, auto holds) {
        while (low < high) {
            const std::size_t middle = (low + high) / 2;
            if (holds(middle))
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    };
    const auto without = [&](std::size_t count) { return detail::without_worst(spec, groups, order, count); };
    for (std::size_t leave = 0;;) {
        const std::size_t enough =
            budget ? first_of(leave, order.size(), [&](std::size_t n) { return kept(without(n)) <= *budget; })
                   : order.size();
        // The last group of order[0..n) is the first that must stay.
        const std::size_t broken =
            first_of(leave, enough + 1, [&](std::size_t n) { return !is_connected(without(n)); });
        if (broken > enough) return without(enough);
        order.erase(order.begin() + std::ptrdiff_t(broken - 1));
        leave = broken - 1;
    }
}

/// Keeps the best weights of the whole network, or those above the thresholds of their layers.
inline Masks decide_weights(const net::Spec& spec, const Ranking& ranking, std::optional<std::size_t> budget) {
    Masks masks = all_kept(spec);
    if (budget)
        detail::keep_best(ranking, *budget, masks);
    else
        for (std::size_t i = 0; i < masks.size(); ++i)
            for (std::size_t k = 0; k < masks[i].weights.size(); ++k)
                masks[i].weights[k] = ranking.scores[i][k] >= ranking.thresholds[i][0];
    remove_useless(spec, masks);
    return masks;
}

/// Masks that keep the share `keep` of all weights, 0 < keep <= 1, or, without it, the weights above the thresholds.
/// With groups every layer keeps weights; with single weights a layer may lose all. Throws Error for a share out of
/// range and for a ranking of another network.
inline Masks decide(const net::Spec& spec, const Ranking& ranking, std::optional<double> keep) {
    detail::check_ranking(spec, ranking, !keep);
    std::optional<std::size_t> budget;
    if (keep) {
        detail::check_share(*keep);
        budget = std::size_t(std::llround(*keep * double(net::weights(spec))));
    }
    return ranking.groups.empty() ? decide_weights(spec, ranking, budget) : decide_groups(spec, ranking, budget);
}

/// The masks that keep the most weights within `bytes`; stored(masks) returns the bytes that a network takes. Throws
/// Error, with the smallest possible size, if not even one weight per layer fits; and as decide() does.
inline Masks decide_within(const net::Spec& spec, const Ranking& ranking, std::size_t bytes,
                           const std::function<std::size_t(const Masks&)>& stored) {
    const double total = double(net::weights(spec));
    const auto keeping = [&](std::size_t count) { return decide(spec, ranking, double(count) / total); };
    std::size_t low = spec.layers.size(), high = std::size_t(total) + 1; // low fits, high is too many
    Masks best = keeping(low);
    if (const std::size_t least = stored(best); least > bytes)
        throw Error(text("a budget of ", bytes, " bytes is too small: one weight per layer takes ", least,
                         " bytes as stored; allow at least as many, or take fewer classes or a smaller network"));
    while (low + 1 < high) {
        const std::size_t middle = (low + high) / 2;
        Masks masks = keeping(middle);
        if (stored(masks) <= bytes) {
            best = std::move(masks);
            low = middle;
        } else {
            high = middle;
        }
    }
    return best;
}

/// What remains of one layer of a network. report() throws Error as check_masks() does.
struct LayerReport {
    std::size_t weights = 0, kept = 0;     ///< Number of weights before and after pruning.
    std::size_t outputs = 0, channels = 0; ///< Output channels (rows of a tree), and those with a weight left.
    std::size_t inputs = 0, read = 0;      ///< Input channels (elements of a dense layer), and those that are still
                                           ///< read.
};

/// What the masks leave of each layer, connections to removed channels not counted as read.
inline std::vector<LayerReport> report(const net::Spec& spec, const Masks& masks) {
    check_masks(spec, masks);
    const net::Shapes shapes = net::shapes(spec);
    std::vector<LayerReport> reports;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const net::Layer& layer = spec.layers[i];
        const net::Shape& in = shapes.layers[i].in;
        LayerReport own{masks[i].weights.size(), kept(masks[i]), std::size_t(net::weight_rows(layer)), 0, 0, 0};
        const bool dense = layer.kind == net::Kind::dense;
        own.inputs = dense ? in.size() : std::size_t(in.channels);
        std::vector<std::uint8_t> has_weight(own.outputs), is_read(own.inputs);
        const std::size_t positions = std::size_t(in.height) * std::size_t(in.width);
        net::for_connections(layer, shapes.layers[i],
                             [&](std::size_t o, std::size_t c, std::size_t first, std::size_t n) {
                                 for (std::size_t k = 0; k < n; ++k)
                                     if (masks[i].weights[first + k])
                                         has_weight[o] = is_read[dense ? c * positions + k : c] = 1;
                             });
        own.channels = std::size_t(std::count(has_weight.begin(), has_weight.end(), 1));
        own.read = std::size_t(std::count(is_read.begin(), is_read.end(), 1));
        reports.push_back(own);
    }
    return reports;
}

} // namespace tinysparse::prune
