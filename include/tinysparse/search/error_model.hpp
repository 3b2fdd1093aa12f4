// SPDX-License-Identifier: Apache-2.0
// What the trials so far say of the error of a network not trained yet: a Gaussian process on the log of the error at
// the top fidelity, over features.hpp.
#pragma once
#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "tinysparse/gp/fit.hpp"
#include "tinysparse/gp/process.hpp"
#include "tinysparse/gp/stationary.hpp"
#include "tinysparse/search/features.hpp"
#include "tinysparse/search/view.hpp"

namespace tinysparse::search {

/// Hyper-parameters of the process, fitted anew whenever the records have grown by a fifth. They are a function of the
/// first records of the run alone, so a resumed run finds the same ones.
class Hyperparameters {
  public:
    /// A process with the view's hyper-parameters, conditioned on its individuals.
    gp::GaussianProcess process(const View& view) {
        std::size_t count = 8;
        while (count * 6 / 5 <= view.records().size()) count = count * 6 / 5;
        if (count != count_ || !fitted_) {
            const auto first = view.records().begin();
            const std::size_t size = std::min(count, view.records().size());
            fitted_ = conditioned(View(view.problem(), {first, first + std::ptrdiff_t(size)}, {}));
            Random random(0, "fit", count);
            gp::fit(*fitted_, random, {.warm_start = false, .cold_starts = 2});
            count_ = count;
        }
        gp::GaussianProcess process = conditioned(view);
        std::vector<double> values;
        for (const gp::Parameter& parameter : fitted_->kernel().parameters()) values.push_back(parameter.value);
        process.set_hyperparameters(values, fitted_->noise_variance());
        return process;
    }

  private:
    static gp::GaussianProcess conditioned(const View& view) {
        gp::Matrix points(0, feature_count);
        std::vector<double> outputs;
        for (const Individual& individual : view.individuals()) {
            points.append_row(features(individual.record->trial.genome, view.problem().space));
            outputs.push_back(individual.point[0]);
        }
        gp::GaussianProcess process(gp::Stationary(gp::Columns::all(feature_count), gp::Profile::matern52));
        process.condition(std::move(points), std::move(outputs));
        return process;
    }

    std::size_t count_ = 0;
    std::optional<gp::GaussianProcess> fitted_;
};

} // namespace tinysparse::search
