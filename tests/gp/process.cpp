// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/process.hpp"
#include "reference.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/arc.hpp"
#include "tinysparse/gp/hamming.hpp"
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::gp;

namespace {
struct Data {
    Matrix x;
    std::vector<double> y;
};
Data smooth_data(std::size_t n, std::size_t d, std::uint64_t seed) {
    Random random(seed, "data");
    Data data{Matrix(n, d), std::vector<double>(n)};
    for (double& value : data.x.values) value = random.uniform();
    for (std::size_t i = 0; i < n; ++i) data.y[i] = std::sin(5 * data.x(i, 0)) + data.x(i, d - 1) + 10;
    return data;
}
GaussianProcess matern(std::size_t d, double noise = 1e-3) {
    return GaussianProcess(Stationary(Columns::all(d), Profile::matern52), noise);
}
} // namespace

TEST_CASE("predictions agree with independent values to 1e-8") {
    std::map<std::string, test::Row> hyperparameters;
    for (const test::Row& row : test::read_table("gp_lml.csv"))
        hyperparameters[row.at("dataset") + row.at("kernel") + row.at("hyper")] = row;
    std::map<std::string, std::vector<Prediction>> predictions;
    const auto rows = test::read_table("gp_pred.csv");
    REQUIRE(rows.size() == 405);
    for (const test::Row& row : rows) {
        const std::string key = row.at("dataset") + row.at("kernel") + row.at("hyper");
        double noise = 0;
        const auto kernel = test::reference_kernel(hyperparameters.at(key), noise);
        if (!predictions.contains(key)) {
            const auto data = test::training_set(row.at("dataset"));
            GaussianProcess process(*kernel, noise, false);
            process.condition(data.x, data.y);
            Matrix points;
            for (const test::Row& point : test::read_table("gp_" + row.at("dataset") + "_test.csv"))
                points.append_row(test::columns(point, "x"));
            predictions[key] = process.predict(points);
        }
        const Prediction& p = predictions[key][std::size_t(test::number(row, "test_index"))];
        CAPTURE(key);
        CHECK(std::fabs(p.mean - test::number(row, "mean")) < 1e-8);
        CHECK(std::fabs(p.variance - test::number(row, "var_latent")) < 1e-8);
    }
}

TEST_CASE("leave-one-out errors equal leaving each point out") {
    const Data data = smooth_data(20, 2, 1);
    GaussianProcess process(Stationary(Columns::all(2), Profile::rbf), 0.01, false);
    process.condition(data.x, data.y);
    const auto closed_form = process.leave_one_out();
    for (std::size_t i = 0; i < 20; ++i) {
        Data others{Matrix(0, 2), data.y};
        for (std::size_t j = 0; j < 20; ++j)
            if (j != i) others.x.append_row(data.x.row_span(j));
        others.y.erase(others.y.begin() + std::ptrdiff_t(i));
        GaussianProcess without(Stationary(Columns::all(2), Profile::rbf), 0.01, false);
        without.condition(others.x, others.y);
        const Prediction p = without.predict(data.x.row_span(i));
        CHECK(closed_form[i].mean == doctest::Approx(p.mean).epsilon(1e-8));
        CHECK(closed_form[i].variance == doctest::Approx(p.variance + 0.01).epsilon(1e-8));
    }
}

TEST_CASE("appending gives what conditioning on all the data gives") {
    const Data data = smooth_data(30, 3, 2);
    const Stationary kernel(Columns::all(3), Profile::matern52);
    GaussianProcess whole(kernel, 1e-3, false), grown(kernel, 1e-3, false); // outputs as they are: the same scale
    whole.condition(data.x, data.y);
    Matrix first(0, 3);
    for (std::size_t i = 0; i < 20; ++i) first.append_row(data.x.row_span(i));
    grown.condition(first, {data.y.begin(), data.y.begin() + 20});
    for (std::size_t i = 20; i < 30; ++i) grown.append(data.x.row_span(i), data.y[i]);
    const Matrix probe = smooth_data(7, 3, 9).x;
    const auto a = whole.predict(probe), b = grown.predict(probe);
    for (std::size_t j = 0; j < probe.rows; ++j) {
        CHECK(a[j].mean == doctest::Approx(b[j].mean).epsilon(1e-10));
        CHECK(a[j].variance == doctest::Approx(b[j].variance).epsilon(1e-7));
    }
    GaussianProcess from_nothing = matern(3);
    from_nothing.append(data.x.row_span(0), 4.0);
    CHECK(from_nothing.predict(data.x.row_span(0)).mean == doctest::Approx(4.0));
}

TEST_CASE("joint covariance has the variances on its diagonal and equals the formula elsewhere") {
    const Data data = smooth_data(12, 2, 3);
    GaussianProcess process = matern(2);
    process.condition(data.x, data.y);
    const Matrix probe = smooth_data(5, 2, 10).x;
    std::vector<Prediction> predictions;
    const Matrix covariance = process.joint(probe, predictions);
    const auto single = process.predict(probe);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(predictions[i].mean == doctest::Approx(single[i].mean).epsilon(1e-12));
        CHECK(covariance(i, i) == doctest::Approx(single[i].variance).epsilon(1e-9));
    }
    // cov(a, b) = (var of the sum's reduction): conditioning on one point lowers the other's variance by cov^2 / var.
    GaussianProcess more = process;
    more.append(probe.row_span(0), 3.0);
    const double noise = process.noise_variance() * process.output_scale() * process.output_scale();
    const double expected = covariance(3, 3) - covariance(3, 0) * covariance(3, 0) / (covariance(0, 0) + noise);
    CHECK(more.predict(probe.row_span(3)).variance == doctest::Approx(expected).epsilon(1e-6));
}

TEST_CASE("gradients of mean and variance are what central differences give") {
    const Data data = smooth_data(15, 3, 4);
    GaussianProcess process = matern(3);
    process.condition(data.x, data.y);
    std::vector<double> point = {0.3, 0.6, 0.2}, mean_gradient(3), variance_gradient(3);
    const Prediction at = process.predict_with_gradient(point, mean_gradient, variance_gradient);
    CHECK(at.mean == doctest::Approx(process.predict(point).mean).epsilon(1e-12));
    CHECK(at.variance == doctest::Approx(process.predict(point).variance).epsilon(1e-9));
    for (std::size_t k = 0; k < 3; ++k) {
        auto above = point, below = point;
        above[k] += 1e-5;
        below[k] -= 1e-5;
        const Prediction up = process.predict(above), down = process.predict(below);
        CHECK(mean_gradient[k] == doctest::Approx((up.mean - down.mean) / 2e-5).epsilon(1e-6));
        CHECK(variance_gradient[k] == doctest::Approx((up.variance - down.variance) / 2e-5).epsilon(1e-5));
    }
}

TEST_CASE("no points give the prior, one point its value") {
    GaussianProcess process = matern(2);
    process.condition(Matrix(0, 2), {});
    const std::vector<double> point = {0.5, 0.5};
    CHECK(process.predict(point).mean == 0);
    CHECK(process.predict(point).variance == 1);
    process.condition(Matrix(1, 2, 0.5), {7});
    CHECK(process.predict(point).mean == doctest::Approx(7));
    CHECK(process.leave_one_out().size() == 1);
}

TEST_CASE("hard data stay finite: repeated rows, constant outputs, an outlier of 1e6") {
    Data data = smooth_data(30, 2, 5);
    for (std::size_t i = 10; i < 30; ++i) std::copy_n(data.x.row(i % 10), 2, data.x.row(i));
    for (const double noise : {1e-2, 0.0}) {
        GaussianProcess repeated = matern(2, noise);
        repeated.condition(data.x, data.y);
        const Prediction p = repeated.predict(data.x.row_span(0));
        CHECK(std::isfinite(p.mean));
        CHECK(p.variance >= 0);
        CHECK(p.variance < 0.1);
    }
    GaussianProcess constant = matern(2);
    constant.condition(data.x, std::vector<double>(30, 0.1));
    CHECK(constant.predict(std::vector<double>{0.1, 0.9}).mean == doctest::Approx(0.1));
    data.y[3] = 1e6;
    GaussianProcess outlier = matern(2);
    outlier.condition(data.x, data.y);
    CHECK(std::isfinite(outlier.predict(data.x.row_span(3)).mean));
    CHECK(std::isfinite(outlier.leave_one_out()[3].variance));
}

TEST_CASE("points of which all dimensions are inactive are one and the same point") {
    Matrix x(4, 2, inactive);
    x(3, 0) = 0.5;
    GaussianProcess process(Product(Arc({{0}, {}}, {{0, 1}}), Hamming({{1}, {}})), 0.1);
    process.condition(x, {1, 2, 3, 9});
    CHECK(process.predict(x.row_span(0)).mean == doctest::Approx(process.predict(x.row_span(2)).mean));
    CHECK(process.predict(x.row_span(0)).mean < 4);
}

TEST_CASE("2000 points are factored and predict their own smooth function") {
    const Data data = smooth_data(2000, 5, 6);
    GaussianProcess process = matern(5);
    process.condition(data.x, data.y);
    const Data probe = smooth_data(20, 5, 7);
    const auto predictions = process.predict(probe.x);
    for (std::size_t j = 0; j < 20; ++j) CHECK(std::fabs(predictions[j].mean - probe.y[j]) < 0.05);
}

TEST_CASE("what is not a number is refused with its row") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    GaussianProcess process = matern(2);
    Matrix x(3, 2, 0.5);
    CHECK_THROWS_WITH_AS(process.condition(x, {1, nan, 3}),
                         "row 1: the output is nan; leave the point out or give it a finite bad value", Error);
    CHECK_THROWS_WITH_AS(process.condition(x, {1, 2, -1e300}),
                         "row 2: the output -1e+300 is beyond 1e+150, where variances no longer fit a double; "
                         "scale the outputs or clip them",
                         Error);
    CHECK_THROWS_WITH_AS(process.condition(x, {1}),
                         "a Gaussian process was given 3 points and 1 outputs; give one each", Error);
    x(2, 0) = nan;
    CHECK_THROWS_WITH_AS(process.condition(x, {1, 2, 3}), "row 2: column 0 is NaN; leave the point out", Error);
    process.condition(Matrix(2, 2, 0.5), {1, 2});
    CHECK_THROWS_WITH_AS(process.append(std::vector<double>{0.5}, 1),
                         "a point has 1 values, expected 2; give every point one value per dimension", Error);
    const std::vector<double> long_point(3, 0.5), point(2, 0.5);
    std::vector<double> mean_gradient(2), short_gradient(1);
    CHECK_THROWS_WITH_AS(process.predict(long_point),
                         "a point has 3 values, expected 2; give every point one value per dimension", Error);
    CHECK_THROWS_AS(process.predict_with_gradient(long_point, mean_gradient, mean_gradient), Error);
    CHECK_THROWS_WITH_AS(process.predict_with_gradient(point, mean_gradient, short_gradient),
                         "gradients of 2 and 1 values for a point of 2; give each one value per dimension", Error);
    CHECK_THROWS_AS(process.append(std::vector<double>{0.5, nan}, 1), Error);
    CHECK_THROWS_AS(process.append(std::vector<double>{0.5, 0.5}, nan), Error);
    CHECK(process.size() == 2);
}

TEST_CASE("noise that is known of an output counts as if the output were so much less certain") {
    // One output of variance v beside the noise s: the posterior mean at its point is k / (k + s + v) of it (2.23).
    const Stationary kernel(Columns::all(1), Profile::matern52);
    GaussianProcess process(kernel, 0.1, false);
    for (const double own : {0.0, 0.5, 4.0}) {
        process.condition(Matrix(1, 1, 0.3), {2.0}, {own});
        const double k = process.kernel().diagonal(std::vector<double>{0.3});
        const Prediction at = process.predict(std::vector<double>{0.3});
        CHECK(at.mean == doctest::Approx(2.0 * k / (k + 0.1 + own)));
        CHECK(at.variance == doctest::Approx(k - k * k / (k + 0.1 + own)));
    }
    // The evidence is that of a normal number of that variance, and its gradient that of finite differences.
    const std::vector<double> y{0.7}, noise{0.4};
    const double k = kernel.diagonal(std::vector<double>{0.3}), variance = k + 0.2 + 0.4;
    std::vector<double> gradient(kernel.parameters().size() + 1);
    CHECK(evidence(kernel, 0.2, Matrix(1, 1, 0.3), y, gradient, noise) ==
          doctest::Approx(-0.5 * 0.7 * 0.7 / variance - 0.5 * std::log(2 * 3.14159265358979 * variance)));
    const double step = 1e-5;
    const double above = evidence(kernel, 0.2 * std::exp(step), Matrix(1, 1, 0.3), y, {}, noise);
    const double below = evidence(kernel, 0.2 * std::exp(-step), Matrix(1, 1, 0.3), y, {}, noise);
    CHECK(gradient.back() == doctest::Approx((above - below) / (2 * step)).epsilon(1e-6));
    CHECK_THROWS_WITH_AS(process.condition(Matrix(1, 1, 0.3), {2.0}, {1.0, 2.0}),
                         "a Gaussian process was given 2 variances for 1 outputs; give one each, or none", Error);
    CHECK_THROWS_WITH_AS(process.condition(Matrix(1, 1, 0.3), {2.0}, {-1.0}),
                         doctest::Contains("row 0: a variance of -1"), Error);
}
