// SPDX-License-Identifier: Apache-2.0
// The scale of an axis and its ticks. A logarithmic scale that must show 0 is broken: 0 lies near its low end, and the
// logarithms begin above the break.
//   linear:       s(x) = (x - low) / (high - low)
//   logarithmic:  s(x) = b + (1 - b) (log x - log low) / (log high - log low)   with b = 0, or 0.14 below a break;
//                 s(0) = 0.04
// page_script.hpp has the same scale, for readers who choose their own axes.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tinysparse/base/text.hpp"

namespace tinysparse::report {

/// The range of one axis and its ticks. The values are at least 0.
class Scale {
  public:
    /// Covers the values; without any, 0 to 1. Logarithmic if asked for and any value is above 0.
    Scale(const std::vector<double>& values, bool logarithmic) {
        std::vector<double> covered;
        for (const double value : values)
            if (value > 0 || !logarithmic) covered.push_back(value);
        logarithmic_ = logarithmic && !covered.empty();
        broken_ = logarithmic_ && covered.size() < values.size();
        if (covered.empty()) covered = {0, 1};
        const auto [low, high] = std::minmax_element(covered.begin(), covered.end());
        low_ = inner(*low);
        high_ = inner(*high);
        const double margin = high_ > low_ ? 0.04 * (high_ - low_) : logarithmic_ ? 0.2 : 0.5;
        low_ -= margin;
        high_ += margin;
        if (!logarithmic_ && *low >= 0) low_ = std::max(low_, 0.0);
    }

    /// 0 at the low end, 1 at the high one.
    double operator()(double x) const {
        if (broken_ && x <= 0) return zero_place;
        const double begin = broken_ ? log_begin : 0;
        return begin + (1 - begin) * (inner(x) - low_) / (high_ - low_);
    }
    /// True if 0 stands below a break of the logarithms.
    bool broken() const { return broken_; }
    /// Where the break is.
    static constexpr double break_place = 0.09;

    /// Values with a line across the plot: 1, 2 and 5 times powers of ten, or equal steps if the range is short.
    std::vector<double> ticks() const {
        std::vector<double> found;
        if (broken_) found.push_back(0);
        if (logarithmic_ && high_ - low_ > 0.7) {
            for (double decade = std::floor(low_); decade <= high_; ++decade)
                for (const double step : {1.0, 2.0, 5.0}) add(found, step * std::pow(10, decade));
            return found;
        }
        const double low = outer(low_), high = outer(high_), rough = (high - low) / 6;
        const double power = std::pow(10, std::floor(std::log10(rough)));
        const double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
        const double first = std::ceil(low / step);
        for (int k = 0; k < 20 && (first + k) * step <= high; ++k) add(found, (first + k) * step);
        return found;
    }

  private:
    static constexpr double zero_place = 0.04, log_begin = 0.14;

    double inner(double x) const { return logarithmic_ ? std::log10(std::max(x, 1e-12)) : x; }
    double outer(double x) const { return logarithmic_ ? std::pow(10, x) : x; }
    void add(std::vector<double>& found, double tick) const {
        if (inner(tick) >= low_ && inner(tick) <= high_) found.push_back(tick);
    }

    bool logarithmic_ = false, broken_ = false;
    double low_ = 0, high_ = 1;
};

/// "2M", "20k", "0.05"
inline std::string tick_text(double tick) {
    const auto rounded = [](double value) { return text(std::round(value * 1e6) / 1e6); };
    if (tick >= 1e6) return rounded(tick / 1e6) + "M";
    return tick >= 1e4 ? rounded(tick / 1e3) + "k" : rounded(tick);
}

} // namespace tinysparse::report
