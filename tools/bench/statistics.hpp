// SPDX-License-Identifier: Apache-2.0
// Mean, spread and median of the values of repeated runs.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

namespace tinysparse::bench {

/// Mean and spread of at least one value; the standard deviation of one value is 0.
struct Statistics {
    double mean = 0, sd = 0, median = 0;

    explicit Statistics(std::vector<double> values) {
        std::sort(values.begin(), values.end());
        const std::size_t n = values.size();
        for (const double value : values) mean += value / double(n);
        for (const double value : values) sd += (value - mean) * (value - mean);
        sd = n > 1 ? std::sqrt(sd / double(n - 1)) : 0;
        median = (values[n / 2] + values[(n - 1) / 2]) / 2;
    }
};

} // namespace tinysparse::bench
