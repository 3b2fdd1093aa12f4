// SPDX-License-Identifier: Apache-2.0
// The data sets and kernels that the reference values of tests/gp/fixtures were computed for.
#pragma once
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "csv.hpp"
#include "tinysparse/gp/combine.hpp"
#include "tinysparse/gp/stationary.hpp"

namespace tinysparse::test {

struct TrainingSet {
    gp::Matrix x;
    std::vector<double> y;
};

inline TrainingSet training_set(const std::string& name) {
    TrainingSet set;
    for (const Row& row : read_table("gp_" + name + "_train.csv")) {
        set.x.append_row(columns(row, "x"));
        set.y.push_back(number(row, "y"));
    }
    return set;
}

inline gp::Profile profile_named(const std::string& name) {
    if (name == "rbf") return gp::Profile::rbf;
    return name == "matern32" ? gp::Profile::matern32 : gp::Profile::matern52;
}

/// The kernel of one row of gp_lml.csv; its noise variance into `noise`.
inline std::unique_ptr<gp::Kernel> reference_kernel(const Row& row, double& noise) {
    const auto lengthscales = numbers(row.at("lengthscales(;)"));
    gp::Scaled kernel(gp::Stationary(gp::Columns::all(lengthscales.size()), profile_named(row.at("kernel"))));
    std::vector<double> theta = {std::log(number(row, "signal_var"))};
    for (const double l : lengthscales) theta.push_back(std::log(l));
    kernel.set_parameters(theta);
    noise = number(row, "noise_var");
    return kernel.clone();
}

} // namespace tinysparse::test
