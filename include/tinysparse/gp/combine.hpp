// SPDX-License-Identifier: Apache-2.0
// Kernels made of other kernels: a variance times a kernel, sums and products.
//   (s2 k)   d/dlog s2 = s2 k          (k1 + k2)   gradients side by side
//   (k1 k2)  sum of W d(k1 k2) = sum of (W k2) dk1 + sum of (W k1) dk2, so each factor only ever sees weights
// Parameters come in the order of the parts; a Scaled kernel's log variance comes first.
#pragma once
#include <cmath>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/gp/kernel.hpp"

namespace tinysparse::gp {

/// s2 times a kernel; log s2 ~ N(0, 1).
class Scaled : public Kernel {
  public:
    /// Copies the inner kernel. variance: where a fit starts, 1e-3..1e3.
    explicit Scaled(const Kernel& inner, double variance = 1)
        : variance_{"variance", std::log(variance), std::log(1e-3), std::log(1e3), Prior::normal(0, 1)},
          inner_(inner.clone()) {}
    /// Copies the inner kernel too, so that both can be fitted apart.
    Scaled(const Scaled& other) : variance_(other.variance_), inner_(other.inner_->clone()) {}
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Scaled>(*this); }

    void append_parameters(std::vector<Parameter>& out) const override {
        out.push_back(variance_);
        inner_->append_parameters(out);
    }
    void set_parameters(std::span<const double> values) override {
        variance_.value = values[0];
        inner_->set_parameters(values.subspan(1));
    }
    void adapt(const Matrix& x) override { inner_->adapt(x); }
    void check(const Matrix& x) const override { inner_->check(x); }
    void cross(const Matrix& a, const Matrix& b, Matrix& out) const override {
        inner_->cross(a, b, out);
        for (double& value : out.values) value *= variance();
    }
    void gram(const Matrix& x, Matrix& out) const override {
        inner_->gram(x, out);
        for (double& value : out.values) value *= variance();
    }
    double diagonal(std::span<const double> x) const override { return variance() * inner_->diagonal(x); }
    void add_gradient(const Matrix& x, const Matrix& weights, std::span<double> gradient) const override {
        Matrix k;
        inner_->gram(x, k);
        Matrix scaled = weights;
        for (double& weight : scaled.values) weight *= variance();
        for (std::size_t i = 0; i < x.rows; ++i) gradient[0] += dot(scaled.row(i), k.row(i), i + 1);
        inner_->add_gradient(x, scaled, gradient.subspan(1));
    }
    void add_input_gradient(std::span<const double> point, const Matrix& x, std::span<const double> coefficients,
                            std::span<double> gradient) const override {
        std::vector<double> scaled(coefficients.begin(), coefficients.end());
        for (double& value : scaled) value *= variance();
        inner_->add_input_gradient(point, x, scaled, gradient);
    }
    std::vector<double> draw_frequency(Random& random, std::size_t columns) const override {
        return inner_->draw_frequency(random, columns);
    }
    Matrix features_input(const Matrix& x) const override { return inner_->features_input(x); }

  private:
    double variance() const { return std::exp(variance_.value); }

    Parameter variance_;
    std::unique_ptr<Kernel> inner_;
};

namespace detail {
/// Base of sums and products: two parts, with their parameters one after the other.
class Pair : public Kernel {
  public:
    Pair(const Kernel& first, const Kernel& second)
        : first_(first.clone()), second_(second.clone()), split_(first.parameters().size()) {}
    Pair(const Pair& other) : Pair(*other.first_, *other.second_) {}

    void append_parameters(std::vector<Parameter>& out) const override {
        first_->append_parameters(out);
        second_->append_parameters(out);
    }
    void set_parameters(std::span<const double> values) override {
        first_->set_parameters(values.first(split_));
        second_->set_parameters(values.subspan(split_));
    }
    void adapt(const Matrix& x) override {
        first_->adapt(x);
        second_->adapt(x);
    }
    void check(const Matrix& x) const override {
        first_->check(x);
        second_->check(x);
    }

  protected:
    std::unique_ptr<Kernel> first_, second_;
    std::size_t split_; // parameters of the first part
};
} // namespace detail

/// k1 + k2 on the same points.
class Sum : public detail::Pair {
  public:
    using Pair::Pair;
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Sum>(*this); }

    void cross(const Matrix& a, const Matrix& b, Matrix& out) const override {
        Matrix other;
        first_->cross(a, b, out);
        second_->cross(a, b, other);
        add_scaled(out.values.data(), 1.0, other.values.data(), out.values.size());
    }
    void gram(const Matrix& x, Matrix& out) const override {
        Matrix other;
        first_->gram(x, out);
        second_->gram(x, other);
        add_scaled(out.values.data(), 1.0, other.values.data(), out.values.size());
    }
    double diagonal(std::span<const double> x) const override { return first_->diagonal(x) + second_->diagonal(x); }
    void add_gradient(const Matrix& x, const Matrix& weights, std::span<double> gradient) const override {
        first_->add_gradient(x, weights, gradient.first(split_));
        second_->add_gradient(x, weights, gradient.subspan(split_));
    }
    void add_input_gradient(std::span<const double> point, const Matrix& x, std::span<const double> coefficients,
                            std::span<double> gradient) const override {
        first_->add_input_gradient(point, x, coefficients, gradient);
        second_->add_input_gradient(point, x, coefficients, gradient);
    }
};

/// k1 k2 on the same points.
class Product : public detail::Pair {
  public:
    using Pair::Pair;
    std::unique_ptr<Kernel> clone() const override { return std::make_unique<Product>(*this); }

    void cross(const Matrix& a, const Matrix& b, Matrix& out) const override {
        Matrix other;
        first_->cross(a, b, out);
        second_->cross(a, b, other);
        for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] *= other.values[i];
    }
    void gram(const Matrix& x, Matrix& out) const override {
        Matrix other;
        first_->gram(x, out);
        second_->gram(x, other);
        for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] *= other.values[i];
    }
    double diagonal(std::span<const double> x) const override { return first_->diagonal(x) * second_->diagonal(x); }
    void add_gradient(const Matrix& x, const Matrix& weights, std::span<double> gradient) const override {
        Matrix k;
        second_->gram(x, k);
        for (std::size_t i = 0; i < k.values.size(); ++i) k.values[i] *= weights.values[i];
        first_->add_gradient(x, k, gradient.first(split_));
        first_->gram(x, k);
        for (std::size_t i = 0; i < k.values.size(); ++i) k.values[i] *= weights.values[i];
        second_->add_gradient(x, k, gradient.subspan(split_));
    }
    void add_input_gradient(std::span<const double> point, const Matrix& x, std::span<const double> coefficients,
                            std::span<double> gradient) const override {
        Matrix single(0, point.size()), k;
        single.append_row(point);
        second_->cross(single, x, k);
        for (std::size_t i = 0; i < x.rows; ++i) k.values[i] *= coefficients[i];
        first_->add_input_gradient(point, x, k.values, gradient);
        first_->cross(single, x, k);
        for (std::size_t i = 0; i < x.rows; ++i) k.values[i] *= coefficients[i];
        second_->add_input_gradient(point, x, k.values, gradient);
    }
    /// The spectral density of a product is the convolution of both: frequencies add.
    std::vector<double> draw_frequency(Random& random, std::size_t columns) const override {
        std::vector<double> frequency = first_->draw_frequency(random, columns);
        const std::vector<double> other = second_->draw_frequency(random, columns);
        add_scaled(frequency.data(), 1.0, other.data(), columns);
        return frequency;
    }
};

} // namespace tinysparse::gp
