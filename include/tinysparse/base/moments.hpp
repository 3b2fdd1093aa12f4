// SPDX-License-Identifier: Apache-2.0
// Mean and variance of values that come one by one. Values are shifted by the first one: E[x^2] - E[x]^2 would lose all
// digits if the mean is much larger than the deviation (Chan, Golub, LeVeque 1983).
//   d = x - shift:   mean = shift + sum d / n,   sum (x - mean)^2 = sum d^2 - (sum d)^2 / n
#pragma once
#include <algorithm>

namespace tinysparse {

/// Running sums over distances from the first value, so that large offsets lose no digits.
class Moments {
  public:
    /// Counts one more finite value.
    void add(double value) {
        if (count_ == 0) shift_ = value;
        const double distance = value - shift_;
        ++count_;
        total_ += distance;
        squares_ += distance * distance;
    }
    /// Number of values so far.
    double count() const { return count_; }
    /// Needs at least one value.
    double mean() const { return shift_ + total_ / count_; }
    /// Mean squared deviation, divided by count() and not count() - 1. Needs at least one value.
    double variance() const { return squared_deviations() / count_; }
    /// Unbiased. Needs at least two values.
    double sample_variance() const { return squared_deviations() / (count_ - 1); }

  private:
    double squared_deviations() const { return std::max(0.0, squares_ - total_ * total_ / count_); }

    double count_ = 0, shift_ = 0, total_ = 0, squares_ = 0;
};

} // namespace tinysparse
