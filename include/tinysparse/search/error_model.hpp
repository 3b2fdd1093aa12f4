// SPDX-License-Identifier: Apache-2.0
// What the trials so far say of the error of a network not trained yet: log error at the top fidelity = a linear trend
// in the logarithms of weights and operations + a Gaussian process over features.hpp. Larger networks err less; the
// trend says so beyond what was tried, where a process alone would fall back to the mean of all (universal kriging with
// the trend estimated first; Rasmussen and Williams 2006, section 2.7).
#pragma once
#include <array>
#include <cmath>
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

/// y = a + b x_0 + c x_1 by least squares, with a ridge that keeps few points from steep slopes.
class Trend {
  public:
    Trend(const gp::Matrix& points, std::span<const double> outputs) {
        // Normal equations of the centred problem: two unknowns.
        const double count = double(std::max<std::size_t>(outputs.size(), 1));
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            centre_[0] += points(i, 0) / count;
            centre_[1] += points(i, 1) / count;
            mean_ += outputs[i] / count;
        }
        constexpr double ridge = 0.02;
        double a = ridge, b = 0, c = ridge, u = 0, v = 0;
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const double x = points(i, 0) - centre_[0], z = points(i, 1) - centre_[1], y = outputs[i] - mean_;
            a += x * x;
            b += x * z;
            c += z * z;
            u += x * y;
            v += z * y;
        }
        const double determinant = a * c - b * b;
        slope_ = {(c * u - b * v) / determinant, (a * v - b * u) / determinant};
    }
    double operator()(std::span<const double> point) const {
        return mean_ + slope_[0] * (point[0] - centre_[0]) + slope_[1] * (point[1] - centre_[1]);
    }

  private:
    std::array<double, 2> centre_{}, slope_{};
    double mean_ = 0;
};

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
    void append(std::span<const double> point, double log_error) { process_.append(point, log_error - trend_(point)); }

    std::vector<gp::Prediction> predict(const gp::Matrix& points) const {
        std::vector<gp::Prediction> predictions = process_.predict(points);
        for (std::size_t i = 0; i < points.rows; ++i) predictions[i].mean += trend_(points.row_span(i));
        return predictions;
    }
    double mean(std::span<const double> point) const { return process_.predict(point).mean + trend_(point); }

    /// One function drawn from the posterior, at the points.
    std::vector<double> sample(const gp::Matrix& points, Random& random) const {
        std::vector<double> values = gp::sample_on_pool(process_, points, random);
        for (std::size_t i = 0; i < points.rows; ++i) values[i] += trend_(points.row_span(i));
        return values;
    }

  private:
    ErrorModel(gp::Matrix points, std::vector<double> outputs)
        : trend_(points, outputs), process_(gp::Stationary(gp::Columns::all(feature_count), gp::Profile::matern52)) {
        for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i] -= trend_(points.row_span(i));
        process_.condition(std::move(points), std::move(outputs));
    }
    static gp::Matrix points_of(const View& view) {
        gp::Matrix points(0, feature_count);
        for (const Individual& individual : view.individuals())
            points.append_row(features(individual.record->trial.genome, view.problem().space));
        return points;
    }

    Trend trend_;
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
