// SPDX-License-Identifier: Apache-2.0
// Aligns the units of two Genomes, in order, with the least difference in kinds, kernels, widths and the size of the
// map they read (Needleman and Wunsch 1970). It needs no record of the edits between the two, so any network may
// inherit from any other.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

/// Stage and unit of a Genome, counted from 0.
struct UnitPlace {
    int stage = 0, unit = 0;
    bool operator==(const UnitPlace&) const = default;
};

/// A unit of the child with the parent's unit that it came from, if any.
struct AlignedUnit {
    UnitPlace child;      ///< Its place in the child.
    bool matched = false; ///< True if it came from a unit of the parent.
    UnitPlace parent;     ///< The parent's unit, if matched.
};

namespace detail {

inline std::vector<UnitPlace> unit_places(const Genome& genome) {
    std::vector<UnitPlace> places;
    for (std::size_t i = 0; i < genome.stages.size(); ++i)
        for (std::size_t j = 0; j < genome.stages[i].units.size(); ++j) places.push_back({int(i), int(j)});
    return places;
}

inline const Unit& unit_at(const Genome& genome, const UnitPlace& place) {
    return genome.stages[std::size_t(place.stage)].units[std::size_t(place.unit)];
}

/// Cost of leaving a unit without a partner. Equal units cost 0; units that differ much are better left unmatched.
inline constexpr double gap = 0.7;
inline double difference(const Unit& a, const Unit& b) {
    const bool same_kind = a.kind == b.kind;
    const bool has_inner = same_kind && (a.kind == UnitKind::separable || a.kind == UnitKind::bottleneck);
    return 0.5 * std::abs(std::log(double(a.width) / b.width)) + (same_kind ? 0.0 : 0.6) +
           (a.kernel == b.kernel ? 0.0 : 0.2) + (has_inner && a.linear != b.linear ? 0.1 : 0.0) +
           (same_kind && a.kind == UnitKind::bottleneck && a.squeeze != b.squeeze ? 0.1 : 0.0);
}

/// For each stage the logarithm of how much smaller its map is than the picture.
inline std::vector<double> reductions(const Genome& genome) {
    const auto pooled = [](net::Pooling pooling, int window) {
        return pooling == net::Pooling::none ? 0.0 : std::log(double(window));
    };
    const Front& front = genome.front;
    double sum = std::log(double(front.downsampling * front.stride)) + pooled(front.pooling, front.pool);
    std::vector<double> all;
    for (const Stage& stage : genome.stages) {
        all.push_back(sum);
        sum += pooled(stage.pooling, stage.pool);
    }
    return all;
}

} // namespace detail

/// Every unit of `child` with its partner in `parent`, if it has one. Among equally good alignments new units come
/// after their neighbours, so that they can begin as the identity.
inline std::vector<AlignedUnit> align(const Genome& child, const Genome& parent) {
    using detail::gap;
    const std::vector<UnitPlace> own = detail::unit_places(child), other = detail::unit_places(parent);
    const std::vector<double> own_reductions = detail::reductions(child), other_reductions = detail::reductions(parent);
    std::vector<std::vector<double>> cost(own.size() + 1, std::vector<double>(other.size() + 1));
    const auto matching = [&](std::size_t i, std::size_t j) {
        return detail::difference(detail::unit_at(child, own[i]), detail::unit_at(parent, other[j])) +
               0.05 *
                   std::abs(own_reductions[std::size_t(own[i].stage)] - other_reductions[std::size_t(other[j].stage)]) +
               0.001 * std::abs(own[i].stage - other[j].stage);
    };
    for (std::size_t i = 0; i <= own.size(); ++i)
        for (std::size_t j = 0; j <= other.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = gap * double(i + j);
                continue;
            }
            cost[i][j] =
                std::min({cost[i - 1][j] + gap, cost[i][j - 1] + gap, cost[i - 1][j - 1] + matching(i - 1, j - 1)});
        }
    std::vector<AlignedUnit> aligned;
    std::size_t i = own.size(), j = other.size();
    while (i > 0) {
        constexpr double rounding = 1e-9;
        if (cost[i - 1][j] + gap <= cost[i][j] + rounding) {
            aligned.push_back({own[--i], false, {}});
        } else if (j > 0 && cost[i][j - 1] + gap <= cost[i][j] + rounding) {
            --j;
        } else {
            --i;
            --j;
            aligned.push_back({own[i], true, other[j]});
        }
    }
    std::reverse(aligned.begin(), aligned.end());
    return aligned;
}

} // namespace tinysparse::space
