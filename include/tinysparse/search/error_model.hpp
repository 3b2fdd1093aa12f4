// SPDX-License-Identifier: Apache-2.0
// What the trials so far say of the error of a network not trained yet: log error at the top fidelity as a Gaussian
// process over features.hpp, with a mean that is linear in the logarithms of weights and operations. Larger networks
// err less; the mean says so beyond what was tried, where a process would otherwise fall back to the mean of all.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "tinysparse/gp/fit.hpp"
#include "tinysparse/gp/process.hpp"
#include "tinysparse/gp/sample.hpp"
#include "tinysparse/gp/stationary.hpp"
#include "tinysparse/search/features.hpp"
#include "tinysparse/search/view.hpp"

namespace tinysparse::search {

class ErrorModel {
  public:
    /// Of the view's individuals, hyper-parameters at their priors.
    explicit ErrorModel(const View& view)
        : ErrorModel(points_of(view), [&] {
              std::vector<double> outputs;
              for (const Individual& individual : view.individuals()) outputs.push_back(individual.point[0]);
              return outputs;
          }()) {}

    void fit(std::size_t stream) {
        Random random(0, "fit", stream);
        gp::fit(process_, random, {.warm_start = false, .cold_starts = 2});
    }
    void take_hyperparameters(const ErrorModel& other) {
        std::vector<double> values;
        for (const gp::Parameter& parameter : other.process_.kernel().parameters()) values.push_back(parameter.value);
        process_.set_hyperparameters(values, other.process_.noise_variance());
    }

    /// One more point with this log error.
    void append(std::span<const double> point, double log_error) { process_.append(point, log_error); }

    std::vector<gp::Prediction> predict(const gp::Matrix& points) const { return process_.predict(points); }
    double mean(std::span<const double> point) const { return process_.predict(point).mean; }

    /// One function drawn from the posterior, at the points.
    std::vector<double> sample(const gp::Matrix& points, Random& random) const {
        return gp::sample_on_pool(process_, points, random);
    }

  private:
    ErrorModel(gp::Matrix points, std::vector<double> outputs)
        : process_(gp::Stationary(gp::Columns::all(feature_count), gp::Profile::matern52), gp::Mean::linear(0, 1)) {
        process_.condition(std::move(points), std::move(outputs));
    }
    static gp::Matrix points_of(const View& view) {
        gp::Matrix points(0, feature_count);
        for (const Individual& individual : view.individuals())
            points.append_row(features(individual.record->trial.genome, view.problem().space));
        return points;
    }

    gp::GaussianProcess process_;
};

/// Models with hyper-parameters that are fitted anew whenever the records have grown by a fifth. They are a function of
/// the first records of the run alone, so a resumed run finds the same ones.
class ErrorModels {
  public:
    ErrorModel of(const View& view) {
        std::size_t count = 8;
        while (count * 6 / 5 <= view.records().size()) count = count * 6 / 5;
        if (count != count_ || !fitted_) {
            const auto first = view.records().begin();
            const std::size_t size = std::min(count, view.records().size());
            fitted_.emplace(View(view.problem(), {first, first + std::ptrdiff_t(size)}, {}));
            fitted_->fit(count);
            count_ = count;
        }
        ErrorModel model(view);
        model.take_hyperparameters(*fitted_);
        return model;
    }

  private:
    std::size_t count_ = 0;
    std::optional<ErrorModel> fitted_;
};

} // namespace tinysparse::search
