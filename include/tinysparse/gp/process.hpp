// SPDX-License-Identifier: Apache-2.0
// A Gaussian process: data, a mean function m, a kernel and noise, and the predictions that follow (Rasmussen and
// Williams 2006, chapter 2).
//   mean(x) = m(x) + k(x)^T alpha          variance(x) = k(x, x) - |L^-1 k(x)|^2          alpha = K_y^-1 (y - m)
//   leave one out: mean_i = y_i - alpha_i / [K_y^-1]_ii,  variance_i = 1 / [K_y^-1]_ii          (5.12)
// The residuals of the mean are standardised inside, so that a unit signal variance fits. Everything outside is in the
// caller's units.
#pragma once
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/gp/evidence.hpp"
#include "tinysparse/gp/mean.hpp"

namespace tinysparse::gp {

/// What a process believes of the function at a point, without noise, in the unit of the outputs and in its square.
struct Prediction {
    double mean, variance;
};

/// A distribution over functions, conditioned on data. It keeps copies of its kernel and of the data.
class GaussianProcess {
  public:
    /// A process without data. The noise variance is in units of standardised outputs. `standardise = false` leaves
    /// outputs as they are.
    explicit GaussianProcess(const Kernel& kernel, double noise_variance = 1e-2, bool standardise = true)
        : kernel_(kernel.clone()), standardise_(standardise), noise_variance_(noise_variance) {}
    /// A process with a mean function, which condition() estimates.
    GaussianProcess(const Kernel& kernel, const Mean& mean, double noise_variance = 1e-2)
        : GaussianProcess(kernel, noise_variance) {
        mean_function_ = mean;
    }
    /// Copies the kernel and the data.
    GaussianProcess(const GaussianProcess& other)
        : kernel_(other.kernel_->clone()), mean_function_(other.mean_function_), standardise_(other.standardise_),
          noise_variance_(other.noise_variance_), x_(other.x_), y_(other.y_), own_noise_(other.own_noise_),
          mean_(other.mean_), scale_(other.scale_), factor_(other.factor_), alpha_(other.alpha_) {}
    /// Takes over the kernel and the data.
    GaussianProcess(GaussianProcess&&) = default;
    /// Takes over the kernel and the data.
    GaussianProcess& operator=(GaussianProcess&&) = default;
    /// Copies the kernel and the data.
    GaussianProcess& operator=(const GaussianProcess& other) { return *this = GaussianProcess(other); }

    /// Takes data in place of those before: points [n][dimensions], their outputs, and known variances of the outputs,
    /// in squared units; the noise variance is added to them. Throws Error with the row on NaN, infinite outputs,
    /// variances below 0, and values that the kernel or the mean cannot use; also if the counts differ. Without points
    /// it predicts by the prior.
    void condition(Matrix x, std::vector<double> y, std::vector<double> own_noise = {}) {
        if (x.rows != y.size())
            throw Error(
                text("a Gaussian process was given ", x.rows, " points and ", y.size(), " outputs; give one each"));
        if (!own_noise.empty() && own_noise.size() != y.size())
            throw Error(text("a Gaussian process was given ", own_noise.size(), " variances for ", y.size(),
                             " outputs; give one each, or none"));
        kernel_->check(x);
        for (std::size_t i = 0; i < y.size(); ++i) check_output(y[i], i);
        for (std::size_t i = 0; i < own_noise.size(); ++i)
            if (!(own_noise[i] >= 0 && own_noise[i] <= largest_output))
                throw Error(text("row ", i, ": a variance of ", own_noise[i], " is not in 0..", largest_output));
        kernel_->adapt(x);
        mean_function_.fit(x, y);
        own_noise_ = std::move(own_noise);
        take(std::move(x), std::move(y));
    }

    /// Adds one point in O(n^2); mean function, standardisation and hyper-parameters stay.
    void append(std::span<const double> point, double output) {
        check_columns(point.size());
        Matrix single(0, point.size()), covariances;
        single.append_row(point);
        kernel_->check(single);
        check_output(output, x_.rows);
        if (x_.rows == 0) {
            take(std::move(single), {output});
            return;
        }
        kernel_->cross(single, x_, covariances);
        const bool appended = factor_.append(covariances.values, kernel_->diagonal(point) + noise_variance_);
        x_.append_row(point);
        y_.push_back(output);
        if (!own_noise_.empty()) own_noise_.push_back(0); // no variance is known
        if (appended)
            update_alpha();
        else
            factorise();
    }

    /// Mean and latent variance at one point. Throws Error if the kernel cannot use it, or if its length is not
    /// that of the data's points.
    Prediction predict(std::span<const double> point) const {
        Matrix single(0, point.size());
        single.append_row(point);
        return predict(single)[0];
    }

    /// Mean and latent variance at every row of `points`, O(n^2) for each. Throws Error with the row that the kernel
    /// cannot use.
    std::vector<Prediction> predict(const Matrix& points) const {
        std::vector<Prediction> out(points.rows);
        const Matrix solved = covariance_factor(points, out);
        for (std::size_t j = 0; j < points.rows; ++j) {
            out[j].mean += mean_function_(points.row_span(j));
            const double prior = kernel_->diagonal(points.row_span(j));
            double explained = 0;
            for (std::size_t i = 0; i < solved.rows; ++i) explained += solved(i, j) * solved(i, j);
            out[j].variance = scale_ * scale_ * std::max(prior - explained, 1e-12 * prior);
        }
        return out;
    }

    /// The lower triangle of the joint latent covariance of all rows of `points`; writes their predictions, without the
    /// mean function, into `out`.
    Matrix joint(const Matrix& points, std::vector<Prediction>& out) const {
        out.assign(points.rows, {});
        const Matrix solved = covariance_factor(points, out);
        Matrix covariance;
        kernel_->gram(points, covariance);
        add_product(covariance.row(0), points.rows, points.rows, points.rows, solved.rows,
                    {solved.row(0), 1, points.rows}, {solved.row(0), points.rows, 1}, -1.0);
        for (double& value : covariance.values) value *= scale_ * scale_;
        for (std::size_t j = 0; j < points.rows; ++j) {
            covariance(j, j) = std::max(covariance(j, j), 1e-12 * scale_ * scale_);
            out[j].variance = covariance(j, j);
        }
        return covariance;
    }

    /// Prediction and its gradients by the coordinates of the point; both gradients are overwritten. Throws Error
    /// unless they have the length of the point, and the point that of the data's points.
    Prediction predict_with_gradient(std::span<const double> point, std::span<double> mean_gradient,
                                     std::span<double> variance_gradient) const {
        check_columns(point.size());
        if (mean_gradient.size() != point.size() || variance_gradient.size() != point.size())
            throw Error(text("gradients of ", mean_gradient.size(), " and ", variance_gradient.size(),
                             " values for a point of ", point.size(), "; give each one value per dimension"));
        std::fill(mean_gradient.begin(), mean_gradient.end(), 0.0);
        std::fill(variance_gradient.begin(), variance_gradient.end(), 0.0);
        const double prior = kernel_->diagonal(point);
        if (x_.rows == 0) {
            mean_function_.add_gradient(mean_gradient);
            return {mean_ + mean_function_(point), scale_ * scale_ * prior};
        }
        Matrix single(0, point.size()), k;
        single.append_row(point);
        kernel_->cross(single, x_, k);
        std::vector<double> solved = k.values;
        factor_.solve_lower(solved);
        const double variance = prior - dot(solved.data(), solved.data(), x_.rows);
        const double mean = dot(k.row(0), alpha_.data(), x_.rows);
        factor_.solve_upper(solved);
        kernel_->add_input_gradient(point, x_, alpha_, mean_gradient);
        for (double& g : mean_gradient) g *= scale_;
        mean_function_.add_gradient(mean_gradient);
        if (variance > 1e-12 * prior) { // k(x, x) is constant in x for every kernel here
            kernel_->add_input_gradient(point, x_, solved, variance_gradient);
            for (double& g : variance_gradient) g *= -2 * scale_ * scale_;
        }
        return {mean_ + scale_ * mean + mean_function_(point), scale_ * scale_ * std::max(variance, 1e-12 * prior)};
    }

    /// Prediction of each output from all the others, noise included; O(n^3).
    std::vector<Prediction> leave_one_out() const {
        const Matrix inverse = factor_.inverse();
        std::vector<Prediction> out(x_.rows);
        for (std::size_t i = 0; i < x_.rows; ++i)
            out[i] = {y_[i] - scale_ * alpha_[i] / inverse(i, i), scale_ * scale_ / inverse(i, i)};
        return out;
    }

    std::size_t size() const { return x_.rows; }                 ///< Number of points.
    const Matrix& points() const { return x_; }                  ///< [n][dimensions], as they were given.
    const std::vector<double>& outputs() const { return y_; }    ///< As they were given.
    const Kernel& kernel() const { return *kernel_; }            ///< Its parameters are those of the last fit.
    const Mean& mean_function() const { return mean_function_; } ///< In the unit of the outputs.
    double noise_variance() const { return noise_variance_; }    ///< Variance of standardised outputs.
    double output_mean() const { return mean_; }                 ///< Without the mean function.
    double output_scale() const { return scale_; }               ///< Standard deviation that became 1.
    const Cholesky& factor() const { return factor_; }           ///< L of K_y = L L^T.

    /// Outputs as the kernel sees them: mean 0, standard deviation 1.
    std::vector<double> standardised() const {
        std::vector<double> out;
        for (std::size_t i = 0; i < y_.size(); ++i)
            out.push_back((y_[i] - mean_function_(x_.row_span(i)) - mean_) / scale_);
        return out;
    }

    /// Known variances of the outputs, in standardised units; empty if none are known.
    std::vector<double> standardised_noise() const {
        std::vector<double> out = own_noise_;
        for (double& variance : out) variance /= scale_ * scale_;
        return out;
    }

    /// Sets the hyper-parameters: the kernel's on their unbounded scale, and the noise variance. Throws Error if the
    /// covariance of the data cannot be factored with them.
    void set_hyperparameters(std::span<const double> kernel_parameters, double noise_variance) {
        kernel_->set_parameters(kernel_parameters);
        noise_variance_ = noise_variance;
        factorise();
    }

  private:
    static constexpr double largest_output = 1e150;

    void check_columns(std::size_t columns) const {
        if (x_.rows > 0 && columns != x_.columns)
            throw Error(text("a point has ", columns, " values, expected ", x_.columns,
                             "; give every point one value per dimension"));
    }

    static void check_output(double output, std::size_t row) {
        if (!std::isfinite(output))
            throw Error(
                text("row ", row, ": the output is ", output, "; leave the point out or give it a finite bad value"));
        if (std::abs(output) > largest_output)
            throw Error(text("row ", row, ": the output ", output, " is beyond ", largest_output,
                             ", where variances no longer fit a double; scale the outputs or clip them"));
    }

    /// Standardises the residuals of the mean function.
    void take(Matrix x, std::vector<double> y) {
        x_ = std::move(x);
        y_ = std::move(y);
        mean_ = 0;
        scale_ = 1;
        if (standardise_ && !y_.empty()) {
            const std::vector<double> rest = standardised(); // scaled by 0 and 1 so far: the residuals of the mean
                                                             // function
            for (const double value : rest) mean_ += value / double(y_.size());
            double square = 0;
            for (const double value : rest) square += (value - mean_) * (value - mean_);
            scale_ = std::sqrt(square / double(std::max<std::size_t>(y_.size() - 1, 1)));
            if (!(scale_ > 1e-12 * std::fabs(mean_)) || scale_ == 0) scale_ = 1; // constant outputs stay a flat line
        }
        factorise();
    }
    void factorise() {
        Matrix k;
        kernel_->gram(x_, k);
        const std::vector<double> own = standardised_noise();
        for (std::size_t i = 0; i < x_.rows; ++i) k(i, i) += noise_variance_ + (own.empty() ? 0.0 : own[i]);
        factor_.factorise(k);
        update_alpha();
    }
    void update_alpha() {
        alpha_ = standardised();
        factor_.solve(alpha_);
    }

    /// L^-1 K(X, points), [n][points]; fills the means, without the mean function.
    Matrix covariance_factor(const Matrix& points, std::vector<Prediction>& out) const {
        if (points.rows > 0) check_columns(points.columns);
        kernel_->check(points);
        Matrix k(x_.rows, points.rows);
        if (x_.rows > 0) kernel_->cross(x_, points, k);
        std::vector<double> means(points.rows, 0.0);
        for (std::size_t i = 0; i < x_.rows; ++i) add_scaled(means.data(), alpha_[i], k.row(i), points.rows);
        for (std::size_t j = 0; j < points.rows; ++j) out[j].mean = mean_ + scale_ * means[j];
        factor_.solve_lower(k);
        return k;
    }

    std::unique_ptr<Kernel> kernel_;
    Mean mean_function_;
    bool standardise_;
    double noise_variance_;
    Matrix x_;
    std::vector<double> y_, own_noise_;
    double mean_ = 0, scale_ = 1;
    Cholesky factor_;
    std::vector<double> alpha_;
};

} // namespace tinysparse::gp
