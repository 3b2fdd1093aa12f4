// SPDX-License-Identifier: Apache-2.0
// Arc kernel for conditional dimensions (Swersky, Duvenaud, Snoek, Hutter, Osborne 2013). A dimension that a point does
// not have is embedded at the origin. A dimension that it has is embedded on an arc of radius omega around the origin,
// so that the distance between "has it" and "does not have it" does not depend on the value:
//   g_k = 0 if inactive, else omega_k (sin(pi rho_k u_k), cos(pi rho_k u_k)),   u_k = (x_k - low_k) / (high_k - low_k)
//   d_k^2 = 0 (both inactive), omega_k^2 (one), 2 omega_k^2 (1 - cos(pi rho_k (u_k - u'_k))) (both active)
//   s = sum_k d_k^2        dd^2/dlog omega = 2 d^2        dd^2/drho = 2 omega^2 pi (u - u') sin(pi rho (u - u'))
// Any radial profile of s is positive definite. Parameters: log omega of every role, then logit rho of every role.
#pragma once
#include <cmath>
#include <numbers>
#include <utility>

#include "tinysparse/gp/distance_kernel.hpp"

namespace tinysparse::gp {

/// A kernel for columns that some points do not have, such as the width of a layer that only some networks have.
class Arc : public DistanceKernel {
  public:
    /// Range of a column: low maps to 0, high to 1.
    struct Range {
        double low = 0, high = 1;
    };

    /// One range per column. Throws Error when a range is empty.
    Arc(Columns columns, std::vector<Range> ranges, Profile profile = Profile::rbf)
        : DistanceKernel(std::move(columns), profile), ranges_(std::move(ranges)), roles_(columns_.roles()) {
        if (ranges_.size() != columns_.size())
            throw Error(text("an arc kernel on ", columns_.size(), " columns was given ", ranges_.size(),
                             " ranges; give one range per column"));
        for (std::size_t k = 0; k < ranges_.size(); ++k)
            if (!(ranges_[k].low < ranges_[k].high))
                throw Error(text("arc kernel: column ", columns_.index[k], " has the empty range ", ranges_[k].low,
                                 "..", ranges_[k].high, "; give low < high"));
        // The sum of all distances should begin at about 1, whatever the number of dimensions.
        const double centre = 0.5 - 0.5 * std::log(double(std::max<std::size_t>(columns_.size(), 1)));
        for (std::size_t role = 0; role < roles_; ++role)
            parameters_.push_back(
                {text("radius ", role), centre, std::log(0.01), std::log(10.0), Prior::normal(centre, 1.0)});
        for (std::size_t role = 0; role < roles_; ++role)
            parameters_.push_back({text("angle ", role), 0.0, -4.0, 4.0, Prior::normal(0.0, 1.5)});
    }
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Arc>(*this); }

  protected:
    bool takes(double value) const override { return std::isfinite(value) || value == inactive; }

    /// Radius of the arc of the k-th column: how much it matters that a point has the dimension.
    double omega(std::size_t k) const { return std::exp(value_of(columns_.role_of(k))); }
    /// Angle of the arc of the k-th column in units of pi, 0..1: how much its value matters.
    double rho(std::size_t k) const { return 1 / (1 + std::exp(-value_of(roles_ + columns_.role_of(k)))); }

    /// Rows 2k and 2k+1 are the embedding; row 2d + k is pi u, or 0 if inactive.
    Matrix features(const Matrix& x) const override {
        const std::size_t d = columns_.size();
        Matrix out(3 * d, x.rows);
        for (std::size_t k = 0; k < d; ++k)
            for (std::size_t i = 0; i < x.rows; ++i) {
                const double value = x(i, columns_.index[k]);
                if (value == inactive) continue;
                const double angle = std::numbers::pi * (value - ranges_[k].low) / (ranges_[k].high - ranges_[k].low);
                out(2 * k, i) = omega(k) * std::sin(rho(k) * angle);
                out(2 * k + 1, i) = omega(k) * std::cos(rho(k) * angle);
                out(2 * d + k, i) = angle;
            }
        return out;
    }
    std::size_t distance_features() const override { return 2 * columns_.size(); }

    void add_distance_gradient(const Matrix& features, std::size_t i, std::span<const double> slopes,
                               std::span<double> gradient) const override {
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            const double *sine = features.row(2 * k), *cosine = features.row(2 * k + 1);
            const double* angle = features.row(2 * columns_.size() + k);
            gradient[columns_.role_of(k)] += 2 * (weighted_squares(sine[i], sine, slopes.data(), i) +
                                                  weighted_squares(cosine[i], cosine, slopes.data(), i));
            double sum = 0; // omega^2 sin(a - b) from the embeddings; it is 0 by itself if one is inactive
            for (std::size_t j = 0; j < i; ++j)
                sum += slopes[j] * (angle[i] - angle[j]) * (sine[i] * cosine[j] - cosine[i] * sine[j]);
            gradient[roles_ + columns_.role_of(k)] += 2 * sum * rho(k) * (1 - rho(k));
        }
    }

    void add_point_gradient(const Matrix& point, const Matrix& features, std::span<const double> slopes,
                            std::span<double> gradient) const override {
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            double sum = 0;
            for (std::size_t j = 0; j < slopes.size(); ++j)
                sum +=
                    slopes[j] * (point(2 * k, 0) * features(2 * k + 1, j) - point(2 * k + 1, 0) * features(2 * k, j));
            gradient[columns_.index[k]] += 2 * sum * std::numbers::pi * rho(k) / (ranges_[k].high - ranges_[k].low);
        }
    }

  private:
    std::vector<Range> ranges_;
    std::size_t roles_;
};

} // namespace tinysparse::gp
