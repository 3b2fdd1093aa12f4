// SPDX-License-Identifier: Apache-2.0
// Hypervolume: the volume between a front (minimised) and a reference point, and each point's exclusive share of it.
//   HV(S) = volume of the union over s in S of the boxes [s, r];      contribution(s) = HV(S) - HV(S without s)
// Two objectives: one sweep. Three: a sweep in f_3 over the staircase in (f_1, f_2) (Fonseca, Paquete, Lopez-Ibanez
// 2006), O(n log n). Four and more: WFG (While, Bradstreet, Barone 2012) with slicing; the innermost sweep keeps its
// sorted orders between calls, since clipping a set by one point leaves it sorted. That makes four objectives O(n^2).
//
// Inside, a point is its gain v = r - f > 0, so that boxes start at the origin and clipping is a minimum.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/mobo/pareto.hpp"
#include "tinysparse/mobo/rank_set.hpp"

namespace tinysparse::mobo {

namespace detail {

/// Gains, row after row, with `width` values per row.
struct Gains {
    std::size_t width = 0;
    std::vector<double> values{};

    std::size_t size() const { return width ? values.size() / width : 0; }
    double* row(std::size_t i) { return values.data() + i * width; }
    const double* row(std::size_t i) const { return values.data() + i * width; }
};

/// The points strictly inside the reference as gains; others have no volume.
inline Gains gains_inside(std::span<const Point> points, std::span<const double> reference,
                          std::vector<std::size_t>* origin = nullptr) {
    if (reference.empty()) throw Error("the reference point of a hypervolume has no objectives; give it at least one");
    check_point(reference, reference.size(), 0);
    Gains gains{reference.size()};
    gains.values.reserve(points.size() * reference.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        check_point(points[i], reference.size(), i);
        bool inside = true;
        for (std::size_t k = 0; k < reference.size(); ++k) inside = inside && points[i][k] < reference[k];
        if (!inside) continue;
        for (std::size_t k = 0; k < reference.size(); ++k) gains.values.push_back(reference[k] - points[i][k]);
        if (origin) origin->push_back(i);
    }
    return gains;
}

/// Area of the union of boxes [0, x] x [0, y]. Sorts the pairs.
inline double area(std::vector<std::array<double, 2>>& pairs) {
    std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a[0] > b[0]; });
    double sum = 0, height = 0;
    for (const auto& [x, y] : pairs)
        if (y > height) {
            sum += x * (y - height);
            height = y;
        }
    return sum;
}

/// The union of boxes [0, x] x [0, y] as it grows box by box, with its area. Boxes are named by their rank in ascending
/// x, which the caller knows beforehand; a rank is added at most once between two calls of clear().
class Staircase {
  public:
    void clear(std::size_t ranks) {
        corners_.clear(ranks);
        x_.resize(ranks);
        y_.resize(ranks);
        area_ = 0;
    }
    double area() const { return area_; }

    void add(std::size_t rank, double x, double y) {
        const std::size_t right = corners_.next(rank);
        double floor = right == RankSet::none ? 0.0 : y_[right]; // the height already covered just left of x
        if (floor >= y) return;
        double edge = x;
        std::size_t left = corners_.previous(rank);
        while (left != RankSet::none && y_[left] <= y) { // boxes that vanish in the new one
            area_ += (edge - x_[left]) * (y - floor);
            edge = x_[left];
            floor = y_[left];
            corners_.erase(left);
            left = corners_.previous(left);
        }
        area_ += (edge - (left == RankSet::none ? 0.0 : x_[left])) * (y - floor);
        corners_.insert(rank);
        x_[rank] = x;
        y_[rank] = y;
    }

  private:
    RankSet corners_;
    std::vector<double> x_, y_;
    double area_ = 0;
};

/// Volume of a union of boxes in three dimensions, with its work space, so that repeated calls do not allocate.
class Sweep {
  public:
    /// Volume of all rows of three gains (or of the first three of wider rows).
    double volume(const Gains& gains) {
        prepare(gains);
        return clipped(nullptr, 0);
    }

    /// Sorts the rows once for any number of calls of clipped(), which selects rows by their position in `gains`.
    void prepare(const Gains& gains) {
        const std::size_t n = gains.size();
        corners_.resize(n);
        for (std::size_t i = 0; i < n; ++i) {
            const double* row = gains.row(i);
            corners_[i] = {row[0], row[1], row[2], 0, i};
        }
        std::sort(corners_.begin(), corners_.end(), [](const Corner& a, const Corner& b) { return a.x < b.x; });
        for (std::size_t i = 0; i < n; ++i) corners_[i].rank = i;
        std::sort(corners_.begin(), corners_.end(), [](const Corner& a, const Corner& b) { return a.z > b.z; });
    }

    /// Volume of the prepared rows with position >= first, each clipped to the box [0, limit] if a limit is given.
    double clipped(const double* limit, std::size_t first) {
        stairs_.clear(corners_.size());
        double volume = 0, height = 0;
        const double full = limit ? limit[0] * limit[1] : 0;
        for (const Corner& corner : corners_) {
            if (corner.position < first) continue;
            const double z = limit ? std::min(corner.z, limit[2]) : corner.z;
            volume += stairs_.area() * (height - z);
            height = z;
            if (limit && corner.x >= limit[0] && corner.y >= limit[1]) // covers the whole base: the area grows no more
                return volume + full * height;
            if (limit)
                stairs_.add(corner.rank, std::min(corner.x, limit[0]), std::min(corner.y, limit[1]));
            else
                stairs_.add(corner.rank, corner.x, corner.y);
        }
        return volume + stairs_.area() * height;
    }

  private:
    struct Corner {
        double x, y, z;
        std::size_t rank, position;
    };
    std::vector<Corner> corners_;
    Staircase stairs_;
};

/// WFG with slicing, for four objectives and more. Rows are in ascending order of the last gain, so all rows after i
/// that are clipped by row i have the last gain of row i, and
///   HV = sum_i v_i,last * (product of the other gains of v_i - HV_(m-1)(rows after i, clipped by v_i)).
class Wfg {
  public:
    double volume(Gains& gains) {
        const std::size_t m = gains.width, n = gains.size();
        if (n == 0) return 0;
        if (n == 1) return product(gains.row(0), m);
        sort_by_last(gains);
        double sum = 0;
        if (m == 4) { // rows stay in place: the sweep clips them
            sweep_.prepare(gains);
            for (std::size_t i = 0; i < n; ++i) {
                const double* v = gains.row(i);
                sum += v[3] * (v[0] * v[1] * v[2] - sweep_.clipped(v, i + 1));
            }
            return sum;
        }
        for (std::size_t i = 0; i < n; ++i) {
            Gains clipped = clip_after(gains, i);
            sum += gains.row(i)[m - 1] * (product(gains.row(i), m - 1) - volume(clipped));
        }
        return sum;
    }

  private:
    static double product(const double* v, std::size_t count) {
        double result = 1;
        for (std::size_t k = 0; k < count; ++k) result *= v[k];
        return result;
    }

    void sort_by_last(Gains& gains) {
        const std::size_t m = gains.width;
        order_.resize(gains.size());
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::sort(order_.begin(), order_.end(),
                  [&](std::size_t a, std::size_t b) { return gains.row(a)[m - 1] < gains.row(b)[m - 1]; });
        sorted_.resize(gains.values.size());
        for (std::size_t i = 0; i < order_.size(); ++i)
            std::copy_n(gains.row(order_[i]), m, sorted_.begin() + std::ptrdiff_t(i * m));
        gains.values.swap(sorted_);
    }

    /// The rows after i clipped by row i, with one dimension fewer and without the dominated rows.
    static Gains clip_after(const Gains& gains, std::size_t i) {
        const std::size_t m = gains.width - 1;
        Gains out{m};
        out.values.reserve((gains.size() - i) * m);
        std::vector<double> candidate(m);
        const double* limit = gains.row(i);
        for (std::size_t j = i + 1; j < gains.size(); ++j) {
            const double* row = gains.row(j);
            for (std::size_t k = 0; k < m; ++k) candidate[k] = std::min(row[k], limit[k]);
            add_unless_covered(out, candidate.data());
        }
        return out;
    }

    static bool at_least(const double* a, const double* b, std::size_t m) {
        for (std::size_t k = 0; k < m; ++k)
            if (a[k] < b[k]) return false;
        return true;
    }

    static void add_unless_covered(Gains& set, const double* candidate) {
        const std::size_t m = set.width;
        for (std::size_t i = 0; i < set.size(); ++i)
            if (at_least(set.row(i), candidate, m)) {
                if (i > 0) std::swap_ranges(set.row(i), set.row(i) + m, set.row(i / 2)); // good covers go first
                return;
            }
        for (std::size_t i = set.size(); i-- > 0;)
            if (at_least(candidate, set.row(i), m)) {
                std::copy_n(set.row(set.size() - 1), m, set.row(i));
                set.values.resize(set.values.size() - m);
            }
        set.values.insert(set.values.end(), candidate, candidate + m);
    }

    Sweep sweep_;
    std::vector<std::size_t> order_;
    std::vector<double> sorted_;
};

inline double volume_of(Gains& gains) {
    if (gains.size() == 0) return 0;
    if (gains.width == 1) return *std::max_element(gains.values.begin(), gains.values.end());
    if (gains.width == 2) {
        std::vector<std::array<double, 2>> pairs(gains.size());
        for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {gains.row(i)[0], gains.row(i)[1]};
        return area(pairs);
    }
    if (gains.width == 3) return Sweep().volume(gains);
    return Wfg().volume(gains);
}

} // namespace detail

/// Volume dominated by the points and bounded by the reference, for minimisation and any number of objectives >= 1.
/// Points may be dominated, equal or outside; only those strictly below the reference in every objective count. No
/// points: 0. Throws Error on NaN, and if a point has another number of objectives than the reference.
inline double hypervolume(std::span<const Point> points, std::span<const double> reference) {
    detail::Gains gains = detail::gains_inside(points, reference);
    return detail::volume_of(gains);
}

/// HV(S) - HV(S without the point), one value per point in input order: 0 for dominated points, points that have an
/// equal, and points outside the reference. Costs O(n log n) for two objectives, else n clipped hypervolumes.
inline std::vector<double> exclusive_contributions(std::span<const Point> points, std::span<const double> reference) {
    std::vector<std::size_t> origin;
    const detail::Gains gains = detail::gains_inside(points, reference, &origin);
    const std::size_t n = gains.size(), m = gains.width;
    std::vector<double> contributions(points.size(), 0.0);
    const auto row = [&](std::size_t i) { return std::span<const double>(gains.row(i), m); };
    if (m == 2) { // in descending order of the first gain a front ascends in the second, and neighbours bound the share
        std::vector<std::size_t> order(n);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row(a)[0] > row(b)[0]; });
        const auto out_of_order = [&](std::size_t a, std::size_t b) {
            return row(a)[0] == row(b)[0] || row(a)[1] >= row(b)[1];
        };
        if (std::adjacent_find(order.begin(), order.end(), out_of_order) == order.end()) {
            for (std::size_t i = 0; i < n; ++i) {
                const double next = i + 1 < n ? row(order[i + 1])[0] : 0.0, below = i > 0 ? row(order[i - 1])[1] : 0.0;
                contributions[origin[order[i]]] = (row(order[i])[0] - next) * (row(order[i])[1] - below);
            }
            return contributions;
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        detail::Gains clipped{m};
        clipped.values.reserve((n - 1) * m);
        double share = 1;
        for (const double gain : row(i)) share *= gain;
        for (std::size_t j = 0; j < n && share > 0; ++j) {
            if (j == i) continue;
            if (weakly_dominates(row(i), row(j))) share = 0; // gains: at least as much in every objective
            for (std::size_t k = 0; k < m; ++k) clipped.values.push_back(std::min(row(i)[k], row(j)[k]));
        }
        if (share > 0) contributions[origin[i]] = std::max(0.0, share - detail::volume_of(clipped));
    }
    return contributions;
}

} // namespace tinysparse::mobo
