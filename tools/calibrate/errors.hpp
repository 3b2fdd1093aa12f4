// SPDX-License-Identifier: Apache-2.0
// Errors of predictions, by kind of network, as numbers for the table of coefficients and as rows for the pages.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "measurements.hpp"
#include "tinysparse/cost/device.hpp"

namespace tinysparse::calibrate {

/// What is predicted of a network; as members of cost::Costs.
struct Prediction {
    double flash = 0, ram = 0, cycles = 0;
};

/// A network with its counts, its measurement, and its prediction by the coefficients of this build.
struct Sample {
    cost::Features features;
    Measurement measured;
    double tables = 0, state = 0; ///< Bytes of constants, and of the network's state.
    double branches = 0;          ///< Cycles of branches on values and of factors in another order; part of:
    std::optional<double> longest = std::nullopt; ///< Bound of its time, on a chip without a multiplier.
    Prediction current = {};
    bool series = false;
    std::string line = {};

    Prediction truth() const { return {double(measured.flash), state + double(measured.stack), measured.cycles}; }
};

/// What a quantity deviates by from its prediction: relative to it, or in its unit.
template <class Predict>
cost::Deviation deviation(const std::vector<const Sample*>& samples, const Predict& predict,
                          double Prediction::*quantity, bool relative) {
    std::vector<double> all;
    cost::Deviation own{};
    for (const Sample* sample : samples) {
        const double predicted = predict(*sample).*quantity;
        all.push_back(std::abs(sample->truth().*quantity - predicted) / (relative ? predicted : 1));
        own.mean += all.back() / double(samples.size());
    }
    std::sort(all.begin(), all.end());
    const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; }; // as the tables have them
    return {rounded(own.mean), rounded(all[(all.size() * 95 + 99) / 100 - 1]), rounded(all.back())};
}

/// Deviations of the networks for pictures, or of those for series; of at least one.
template <class Predict>
cost::Deviations deviations(const std::vector<Sample>& samples, bool series, const Predict& predict) {
    std::vector<const Sample*> own;
    for (const Sample& sample : samples)
        if (sample.series == series) own.push_back(&sample);
    if (own.empty()) throw Error("no network was held out; measure more");
    const auto of = [&](double Prediction::*quantity, bool relative) {
        return deviation(own, predict, quantity, relative);
    };
    return {own.size(),
            of(&Prediction::flash, true),
            of(&Prediction::flash, false),
            of(&Prediction::ram, true),
            of(&Prediction::ram, false),
            of(&Prediction::cycles, true)};
}

/// The samples of which a quantity deviates most, a line each.
template <class Predict>
void print_worst(const std::vector<Sample>& samples, const Predict& predict, double Prediction::*quantity,
                 const char* name) {
    std::vector<std::pair<double, const Sample*>> all;
    for (const Sample& sample : samples)
        all.emplace_back(sample.truth().*quantity / (predict(sample).*quantity) - 1, &sample);
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return std::abs(a.first) > std::abs(b.first); });
    for (std::size_t i = 0; i < std::min<std::size_t>(6, all.size()); ++i)
        std::cerr << "  " << name << ' ' << fixed_decimals(100 * all[i].first, 1) << " % of "
                  << all[i].second->truth().*quantity << "  " << all[i].second->line << '\n';
}

} // namespace tinysparse::calibrate
