// SPDX-License-Identifier: Apache-2.0
// Pareto dominance (every objective is minimised), and the archive of the points that no point found so far dominates.
//   a dominates b  <=>  a_k <= b_k for every k and a_k < b_k for at least one
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/sort.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::mobo {

/// The objectives of one trial, all minimised.
using Point = std::vector<double>;

/// True when a is nowhere worse than b; equal points weakly dominate each other.
inline bool weakly_dominates(std::span<const double> a, std::span<const double> b) {
    for (std::size_t k = 0; k < a.size(); ++k)
        if (!(a[k] <= b[k])) return false;
    return true;
}

/// True when a is nowhere worse than b and somewhere better.
inline bool dominates(std::span<const double> a, std::span<const double> b) {
    return weakly_dominates(a, b) && !weakly_dominates(b, a);
}

/// Throws Error unless the point has `objectives` values and none of them is NaN; `row` names it in the message.
inline void check_point(std::span<const double> point, std::size_t objectives, std::size_t row) {
    if (point.size() != objectives)
        throw Error(text("point ", row, " has ", point.size(), " objectives, expected ", objectives,
                         "; give every point one value per objective"));
    for (std::size_t k = 0; k < point.size(); ++k)
        if (std::isnan(point[k]))
            throw Error(
                text("point ", row, ": objective ", k, " is NaN; leave failed trials out or give them a bad value"));
}

/// Throws Error unless there is one value per objective; `what` names the values in the message.
inline void check_length(std::span<const double> values, std::size_t objectives, std::string_view what) {
    if (values.size() != objectives)
        throw Error(text(what, ": ", values.size(), " values for ", objectives, " objectives; give one for each"));
}

/// Positions of the points that no other point dominates, in input order. Only the first of equal points is kept.
inline std::vector<std::size_t> non_dominated(std::span<const Point> points) {
    // In lexicographic order a point can only be dominated by an earlier one, so one pass over the survivors is enough.
    std::vector<std::size_t> order(points.size()), kept;
    for (std::size_t i = 0; i < order.size(); ++i) {
        check_point(points[i], points[0].size(), i);
        order[i] = i;
    }
    sort_stably(order, [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
    for (const std::size_t i : order)
        if (std::none_of(kept.begin(), kept.end(),
                         [&](std::size_t j) { return weakly_dominates(points[j], points[i]); }))
            kept.push_back(i);
    std::sort(kept.begin(), kept.end());
    return kept;
}

/// Rank of every point: 0 for the front, 1 for the front of the remaining points, and so on (non-dominated sorting, Deb
/// et al. 2002). Equal points share a rank. O(n^2 m).
inline std::vector<std::size_t> pareto_ranks(std::span<const Point> points) {
    std::vector<std::size_t> order(points.size()), ranks(points.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i) {
        check_point(points[i], points[0].size(), i);
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
    for (std::size_t i = 0; i < order.size(); ++i) // the longest chain of dominators decides; they all come earlier
        for (std::size_t j = 0; j < i; ++j)
            if (dominates(points[order[j]], points[order[i]]))
                ranks[order[i]] = std::max(ranks[order[i]], ranks[order[j]] + 1);
    return ranks;
}

/// The points found so far that no other dominates, in lexicographic order. Insertion costs O(log n) comparisons for
/// two objectives and O(n) for more.
class ParetoArchive {
  public:
    /// A point of the front.
    struct Entry {
        Point objectives; ///< All are minimised.
        std::size_t id;   ///< Given by the caller: a trial's number, an index.
    };

    /// Inserts a point and removes those that it dominates; true if it joined. Dominated and equal points are not
    /// inserted. Throws Error on NaN and if the number of objectives differs from that of earlier points.
    bool insert(Point objectives, std::size_t id = 0) {
        if (objectives.empty())
            throw Error("a point without objectives cannot join a Pareto archive; give it at least one");
        check_point(objectives, entries_.empty() ? objectives.size() : entries_[0].objectives.size(), id);
        if (covers(objectives)) return false;
        auto position = lower_bound(objectives);
        if (objectives.size() == 2) { // the points that it dominates follow it without a gap
            auto end = position;
            while (end != entries_.end() && end->objectives[1] >= objectives[1]) ++end;
            position = entries_.erase(position, end);
        } else {
            const auto dominated = [&](const Entry& entry) { return weakly_dominates(objectives, entry.objectives); };
            position = entries_.erase(std::remove_if(position, entries_.end(), dominated), entries_.end());
            position = lower_bound(objectives);
        }
        entries_.insert(position, Entry{std::move(objectives), id});
        return true;
    }

    /// True if a point of the archive dominates or equals this one.
    bool covers(std::span<const double> point) const {
        if (point.size() == 2) { // the last entry with f_1 <= the point's has the smallest f_2 of all of those
            const auto after = std::upper_bound(entries_.begin(), entries_.end(), point[0],
                                                [](double f, const Entry& entry) { return f < entry.objectives[0]; });
            return after != entries_.begin() && std::prev(after)->objectives[1] <= point[1];
        }
        return std::any_of(entries_.begin(), entries_.end(),
                           [&](const Entry& entry) { return weakly_dominates(entry.objectives, point); });
    }

    /// The front in lexicographic order of the objectives.
    const std::vector<Entry>& entries() const { return entries_; }
    /// Number of points on the front.
    std::size_t size() const { return entries_.size(); }
    /// True before the first insertion.
    bool empty() const { return entries_.empty(); }
    /// Removes all points; the next one may have another number of objectives.
    void clear() { entries_.clear(); }

    /// The objectives without ids, in the order of entries().
    std::vector<Point> points() const {
        std::vector<Point> out;
        for (const Entry& entry : entries_) out.push_back(entry.objectives);
        return out;
    }

  private:
    std::vector<Entry>::iterator lower_bound(const Point& objectives) {
        return std::lower_bound(entries_.begin(), entries_.end(), objectives,
                                [](const Entry& entry, const Point& point) { return entry.objectives < point; });
    }

    std::vector<Entry> entries_;
};

} // namespace tinysparse::mobo
