// SPDX-License-Identifier: Apache-2.0
// Every kernel through one harness: gradients against central differences,
// and a Gram matrix without negative eigenvalues.
#include "tinysparse/gp/kernel.hpp"
#include "csv.hpp"
#include "tinysparse/gp/arc.hpp"
#include "tinysparse/gp/cholesky.hpp"
#include "tinysparse/gp/combine.hpp"
#include "tinysparse/gp/hamming.hpp"
#include "tinysparse/gp/stationary.hpp"
#include "tinysparse/gp/warp.hpp"
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::gp;

namespace {
/// Columns 0, 1 numbers in 0..1; 2, 3 conditional numbers; 4, 5 categories, of which one may be inactive.
Matrix mixed_points(std::size_t n) {
    Random random(11, "points");
    Matrix x(n, 6);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < 4; ++k) x(i, k) = random.uniform();
        x(i, 4) = random.below(3);
        x(i, 5) = random.below(4);
        if (random.chance(0.4)) x(i, 2) = inactive;
        if (random.chance(0.3)) x(i, 3) = x(i, 5) = inactive;
    }
    return x;
}
Columns shared(std::vector<std::size_t> index) { return {index, std::vector<std::size_t>(index.size(), 0)}; }
double weighted_sum(const Kernel& kernel, const Matrix& x, const Matrix& weights) {
    Matrix k;
    kernel.gram(x, k);
    double sum = 0;
    for (std::size_t i = 0; i < x.rows; ++i) sum += dot(weights.row(i), k.row(i), i + 1);
    return sum;
}
std::vector<double> random_theta(const Kernel& kernel, std::uint64_t seed) {
    Random random(seed, "theta");
    std::vector<double> theta;
    for (const Parameter& p : kernel.parameters()) theta.push_back(std::clamp(random.normal() - 0.3, p.lower, p.upper));
    return theta;
}
void check_kernel(const char* name, Kernel& kernel, const Matrix& x) {
    CAPTURE(name);
    kernel.check(x);
    auto theta = random_theta(kernel, 3);
    kernel.set_parameters(theta);
    // 1: hyper-parameters.
    Random random(5, "weights");
    Matrix weights(x.rows, x.rows);
    for (double& weight : weights.values) weight = random.normal();
    std::vector<double> gradient(theta.size(), 0.0);
    kernel.add_gradient(x, weights, gradient);
    for (std::size_t p = 0; p < theta.size(); ++p) {
        const double h = 1e-5, centre = theta[p];
        theta[p] = centre + h;
        kernel.set_parameters(theta);
        const double above = weighted_sum(kernel, x, weights);
        theta[p] = centre - h;
        kernel.set_parameters(theta);
        const double below = weighted_sum(kernel, x, weights);
        theta[p] = centre;
        kernel.set_parameters(theta);
        CAPTURE(p);
        CHECK(gradient[p] == doctest::Approx((above - below) / (2 * h)).epsilon(1e-6));
    }
    // 2: inputs that are active and not categories.
    std::vector<double> point = {0.31, 0.62, 0.45, 0.27, 1, 2}, coefficients(x.rows), moved(6, 0.0);
    point.resize(x.columns);
    moved.resize(x.columns);
    for (double& c : coefficients) c = random.normal();
    kernel.add_input_gradient(point, x, coefficients, moved);
    const auto value_at = [&](std::size_t column, double value) {
        std::vector<double> there = point;
        there[column] = value;
        double sum = 0;
        for (std::size_t i = 0; i < x.rows; ++i) sum += coefficients[i] * kernel(there, x.row_span(i));
        return sum;
    };
    for (std::size_t column = 0; column < std::min<std::size_t>(4, x.columns); ++column) {
        const double numeric = (value_at(column, point[column] + 1e-5) - value_at(column, point[column] - 1e-5)) / 2e-5;
        CAPTURE(column);
        CHECK(std::fabs(moved[column] - numeric) < 1e-6);
    }
    // 3: positive definite but for rounding, and consistent with single evaluations.
    Matrix gram, cross;
    kernel.gram(x, gram);
    kernel.cross(x, x, cross);
    for (std::size_t i = 0; i < x.rows; ++i) {
        CHECK(gram(i, i) == doctest::Approx(kernel.diagonal(x.row_span(i))).epsilon(1e-14));
        for (std::size_t j = 0; j <= i; ++j) CHECK(std::fabs(gram(i, j) - cross(j, i)) < 1e-14);
        gram(i, i) += 1e-9;
    }
    Cholesky factor;
    factor.factorise(gram);
    CHECK(factor.jitter() <= 1e-9);
    // 4: a copy is a kernel of its own.
    const auto copy = kernel.clone();
    kernel.set_parameters(random_theta(kernel, 4));
    CHECK((*copy)(x.row_span(0), x.row_span(1)) == doctest::Approx(gram(1, 0)).epsilon(1e-14));
}
} // namespace

TEST_CASE("gradients and definiteness of every kernel") {
    const Matrix x = mixed_points(25);
    for (const Profile profile : {Profile::rbf, Profile::matern32, Profile::matern52}) {
        Stationary numbers({{0, 1}, {}}, profile);
        check_kernel("stationary", numbers, x);
        Arc arc({{2, 3}, {}}, {{0, 1}, {-1, 2}}, profile);
        check_kernel("arc", arc, x);
    }
    Stationary one_role(shared({0, 1}), Profile::matern52);
    CHECK(one_role.parameters().size() == 1);
    check_kernel("shared length-scale", one_role, x);
    Arc arc(shared({2, 3}), {{0, 1}, {0, 1}});
    check_kernel("shared arc", arc, x);
    Hamming categories({{4, 5}, {}}), shared_categories(shared({4, 5}));
    check_kernel("hamming", categories, x);
    check_kernel("shared hamming", shared_categories, x);
    Stationary numbers({{0, 1}, {}}, Profile::matern52);
    Scaled scaled(numbers, 0.7);
    check_kernel("scaled", scaled, x);
    Product product(Product(numbers, arc), categories);
    check_kernel("product", product, x);
    Sum sum(scaled, Product(arc, categories));
    check_kernel("sum", sum, x);
    Warped warped(product, {Warp::real(0, 2), Warp::log_real(0.001, 1), Warp::real(-1, 1), Warp::real(0, 1),
                            Warp::category(3), Warp::category(4)});
    Matrix positive = x;
    for (std::size_t i = 0; i < x.rows; ++i) positive(i, 1) = 0.01 + 0.99 * x(i, 1);
    check_kernel("warped", warped, positive);
}

TEST_CASE("the arc Gram matrix agrees with an independent computation to 1e-12") {
    const std::vector<double> omega = {0.8, 1.3, 0.6, 1.1}, rho = {0.3, 0.5, 0.7, 0.9};
    Matrix x;
    for (const test::Row& row : test::read_table("arc_points.csv")) {
        std::vector<double> point = test::columns(row, "x");
        for (double& value : point)
            if (value == -1) value = inactive;
        x.append_row(point);
    }
    Arc arc(Columns::all(4), {{0, 1}, {0, 1}, {0, 1}, {0, 1}});
    std::vector<double> theta;
    for (const double value : omega) theta.push_back(std::log(value));
    for (const double value : rho) theta.push_back(std::log(value / (1 - value)));
    arc.set_parameters(theta);
    Matrix gram;
    arc.gram(x, gram);
    auto file = test::open_fixture("arc_gram.csv");
    std::size_t i = 0;
    for (std::string line; std::getline(file, line); ++i) {
        const auto expected = test::numbers(line, ',');
        REQUIRE(i < x.rows);
        for (std::size_t j = 0; j <= i; ++j) CHECK(std::fabs(gram(i, j) - expected[j]) <= 1e-12);
    }
    CHECK(i == x.rows);
}

TEST_CASE("the distance to a point without the dimension does not depend on the value of one that has it") {
    Arc arc(Columns::all(2), {{0, 1}, {0, 1}});
    const std::vector<double> a = {0.1, 0.5}, b = {0.9, 0.5}, none = {inactive, 0.5};
    CHECK(arc(a, none) == doctest::Approx(arc(b, none)).epsilon(1e-14));
    CHECK(arc(none, none) == 1);
}

TEST_CASE("Hamming is the exponent of the weights of the differences") {
    Hamming hamming(Columns::all(3));
    hamming.set_parameters(std::vector<double>{std::log(0.5), std::log(1.0), std::log(2.0)});
    CHECK(hamming(std::vector<double>{0, 1, 2}, std::vector<double>{0, 2, 1}) ==
          doctest::Approx(std::exp(-3.0)).epsilon(1e-14));
    CHECK(hamming(std::vector<double>{inactive, 1, 2}, std::vector<double>{inactive, 1, 2}) == 1);
}

TEST_CASE("points a kernel cannot use are refused by row and column") {
    Matrix x(3, 2, 0.5);
    x(2, 1) = std::numeric_limits<double>::quiet_NaN();
    Stationary numbers(Columns::all(2), Profile::rbf);
    CHECK_THROWS_WITH_AS(numbers.check(x), "row 2: column 1 is NaN; leave the point out", Error);
    CHECK_THROWS_AS(Hamming(Columns::all(2)).check(x), Error);
    x(2, 1) = inactive;
    CHECK_THROWS_WITH_AS(numbers.check(x),
                         "row 2: column 1 is -inf where this kernel needs a finite number; use an arc kernel for "
                         "conditional dimensions",
                         Error);
    CHECK_NOTHROW(Arc(Columns::all(2), {{0, 1}, {0, 1}}).check(x));
    CHECK_THROWS_AS(Stationary(Columns::all(3), Profile::rbf).check(x), Error);
    CHECK_THROWS_AS(Arc(Columns::all(2), {{0, 1}}), Error);
    CHECK_THROWS_AS(Arc(Columns::all(1), {{1, 1}}), Error);
    CHECK_THROWS_AS(Stationary({{0, 1}, {0}}, Profile::rbf), Error);
}

TEST_CASE("profiles are the Matern functions by their Bessel integral and the RBF by its spectrum, slopes included") {
    const double pi = std::acos(-1.0);
    // K_nu(x) = integral over t >= 0 of exp(-x cosh t) cosh(nu t).
    const auto bessel = [](double nu, double x) {
        const double step = 1e-3;
        double sum = std::exp(-x) / 2;
        for (double t = step; t < 12; t += step) sum += std::exp(-x * std::cosh(t)) * std::cosh(nu * t);
        return sum * step;
    };
    // The Matern class of Rasmussen and Williams 2006, section 4.2, with a length-scale of 1.
    const auto matern = [&](double nu, double s) {
        const double x = std::sqrt(2 * nu * s);
        return std::pow(2, 1 - nu) / std::tgamma(nu) * std::pow(x, nu) * bessel(nu, x);
    };
    // exp(-s/2) is the mean of cos(w r) over a normal frequency w.
    const auto rbf = [&](double s) {
        const double step = 1e-2;
        double sum = 0;
        for (double w = -9; w <= 9; w += step) sum += std::cos(w * std::sqrt(s)) * std::exp(-w * w / 2) * step;
        return sum / std::sqrt(2 * pi);
    };
    for (const double s : {0.01, 0.3, 1.0, 4.0, 9.0}) {
        CAPTURE(s);
        CHECK(profile_value(Profile::rbf, s) == doctest::Approx(rbf(s)).epsilon(1e-10));
        CHECK(profile_value(Profile::matern32, s) == doctest::Approx(matern(1.5, s)).epsilon(1e-8));
        CHECK(profile_value(Profile::matern52, s) == doctest::Approx(matern(2.5, s)).epsilon(1e-8));
        for (const Profile profile : {Profile::rbf, Profile::matern32, Profile::matern52}) {
            const double h = 1e-6 * s;
            CHECK(profile_slope(profile, s) ==
                  doctest::Approx((profile_value(profile, s + h) - profile_value(profile, s - h)) / (2 * h))
                      .epsilon(1e-6));
        }
    }
}

TEST_CASE("scaled, summed and multiplied kernels have the values that their parts make") {
    const Matrix x = mixed_points(8);
    Stationary numbers({{0, 1}, {}}, Profile::matern52);
    Hamming categories({{4, 5}, {}});
    for (std::size_t i = 0; i < x.rows; ++i)
        for (std::size_t j = 0; j < x.rows; ++j) {
            const auto a = x.row_span(i), b = x.row_span(j);
            CHECK(Scaled(numbers, 0.7)(a, b) == doctest::Approx(0.7 * numbers(a, b)).epsilon(1e-14));
            CHECK(Sum(numbers, categories)(a, b) == doctest::Approx(numbers(a, b) + categories(a, b)).epsilon(1e-14));
            CHECK(Product(numbers, categories)(a, b) ==
                  doctest::Approx(numbers(a, b) * categories(a, b)).epsilon(1e-14));
        }
}
