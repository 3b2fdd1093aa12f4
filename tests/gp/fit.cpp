// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/fit.hpp"
#include "reference.hpp"
#include "tinysparse/gp/arc.hpp"
#include "tinysparse/gp/hamming.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::gp;

TEST_CASE("the log-normal prior is its density") {
    const Prior prior = Prior::log_normal(0.4, 0.7);
    for (const double x : {0.1, 1.0, 3.0}) {
        const double t = std::log(x), z = (t - 0.4) / 0.7;
        const double density = std::exp(-z * z / 2) / (x * 0.7 * std::sqrt(2 * 3.14159265358979324));
        CHECK(prior.log_density(t) == doctest::Approx(std::log(density)).epsilon(1e-12));
        const double numeric = (prior.log_density(t + 1e-5) - prior.log_density(t - 1e-5)) / 2e-5;
        CHECK(prior.gradient(t) == doctest::Approx(numeric).epsilon(1e-8));
    }
}

TEST_CASE("MAP fits agree with independent optima: objective to 1e-9, parameters to 1e-5 relative") {
    const auto rows = test::read_table("gp_map_hvarfner.csv");
    REQUIRE(rows.size() == 6);
    for (const test::Row& row : rows) {
        const auto data = test::training_set(row.at("dataset"));
        GaussianProcess process(Stationary(Columns::all(data.x.columns), test::profile_named(row.at("kernel"))), 0.02,
                                false);
        process.condition(data.x, data.y);
        Random random(1, "fit");
        FitOptions options;
        options.cold_starts = 4;
        options.minimise.gradient_tolerance = 1e-9;
        options.minimise.decrease_tolerance = 0;
        const FitResult result = fit(process, random, options);
        CAPTURE(row.at("dataset"));
        CAPTURE(row.at("kernel"));
        const double expected = test::number(row, "log_posterior(LML+logpriors;outputscale=1)");
        CHECK(std::fabs(result.log_posterior - expected) <= 1e-9 * std::max(1.0, std::fabs(expected)));
        CHECK(result.evidence == doctest::Approx(test::number(row, "lml_at_map")).epsilon(1e-6));
        const auto lengthscales = test::numbers(row.at("lengthscales(;)"));
        const auto parameters = process.kernel().parameters();
        for (std::size_t k = 0; k < lengthscales.size(); ++k)
            CHECK(std::exp(parameters[k].value) == doctest::Approx(lengthscales[k]).epsilon(1e-5));
        CHECK(process.noise_variance() == doctest::Approx(test::number(row, "noise_var")).epsilon(1e-5));
    }
}

TEST_CASE("a fit finds which dimensions matter") {
    Random random(3, "data");
    Matrix x(40, 4);
    std::vector<double> y(40);
    for (std::size_t i = 0; i < 40; ++i) {
        for (std::size_t k = 0; k < 2; ++k) x(i, k) = random.uniform();
        for (std::size_t k = 2; k < 4; ++k) x(i, k) = random.below(3);
        y[i] = std::sin(8 * x(i, 0)) + (x(i, 2) == 1 ? 2.0 : 0.0);
    }
    GaussianProcess process(Product(Stationary({{0, 1}, {}}, Profile::matern52), Hamming({{2, 3}, {}})));
    process.condition(x, y);
    fit(process, random);
    const auto p = process.kernel().parameters();
    CHECK(p[0].value < p[1].value - 1); // length-scales: the second number changes nothing
    CHECK(p[2].value > p[3].value + 1); // weights: neither does the second category
}

TEST_CASE("fits of hard data end: nothing, one point, constant outputs, an outlier, everything inactive") {
    Random random(4, "hard");
    GaussianProcess process(Stationary(Columns::all(2), Profile::matern52));
    process.condition(Matrix(0, 2), {});
    fit(process, random);
    const auto prior_mode = process.kernel().parameters();
    CHECK(prior_mode[0].value == doctest::Approx(prior_mode[0].prior.mean).epsilon(1e-3));
    process.condition(Matrix(1, 2, 0.5), {3});
    CHECK(std::isfinite(fit(process, random).log_posterior));
    Matrix x(20, 2);
    for (double& value : x.values) value = random.uniform();
    process.condition(x, std::vector<double>(20, 5.0));
    CHECK(std::isfinite(fit(process, random).log_posterior));
    std::vector<double> y(20, 0.0);
    y[7] = 1e6;
    process.condition(x, y);
    CHECK(std::isfinite(fit(process, random).log_posterior));
    GaussianProcess conditional(Arc(Columns::all(2), {{0, 1}, {0, 1}}));
    conditional.condition(Matrix(20, 2, inactive), y);
    CHECK(std::isfinite(fit(conditional, random).log_posterior));
}

namespace {

/// A function of two inputs at points that span exactly 0..1 in both, some of them twice.
struct Smooth {
    Matrix x{24, 2};
    std::vector<double> y;

    Smooth() {
        Random random(8, "ranges");
        for (double& value : x.values) value = random.uniform();
        for (std::size_t k = 0; k < 2; ++k) {
            x(k, k) = 0;
            x(k + 2, k) = 1;
            x(20, k) = x(10, k); // a duplicate
        }
        for (std::size_t i = 0; i < x.rows; ++i) y.push_back(std::sin(5 * x(i, 0)) + x(i, 1) + 0.05 * random.normal());
    }
};

/// The points with each column in another unit.
Matrix in_units(const Matrix& x, const std::vector<double>& low, const std::vector<double>& width) {
    Matrix out = x;
    for (std::size_t i = 0; i < x.rows; ++i)
        for (std::size_t k = 0; k < x.columns; ++k) out(i, k) = low[k] + width[k] * x(i, k);
    return out;
}

GaussianProcess fitted(const Stationary& kernel, const Matrix& x, const std::vector<double>& y) {
    GaussianProcess process(kernel);
    process.condition(x, y);
    Random random(2, "fit");
    fit(process, random);
    return process;
}

/// Both give the same predictions on a grid that reaches beyond the points.
void predict_alike(const GaussianProcess& unit, const GaussianProcess& other, const std::vector<double>& low,
                   const std::vector<double>& width) {
    Matrix grid(0, 2);
    for (double a = -0.25; a <= 1.25; a += 0.25)
        for (double b = -0.25; b <= 1.25; b += 0.25) grid.append_row(std::vector{a, b});
    const auto expected = unit.predict(grid), found = other.predict(in_units(grid, low, width));
    for (std::size_t i = 0; i < grid.rows; ++i) {
        CHECK(std::fabs(found[i].mean - expected[i].mean) < 1e-6);
        CHECK(std::fabs(found[i].variance - expected[i].variance) < 1e-6);
    }
}

} // namespace

TEST_CASE("inputs in any unit are fitted and predict like inputs of range 0..1, length-scales in their unit") {
    const Smooth data;
    const Stationary kernel(Columns::all(2), Profile::matern52);
    const GaussianProcess unit = fitted(kernel, data.x, data.y);
    for (const auto& units : {std::pair{std::vector{0.0, 0.0}, std::vector{1000.0, 1e-3}},
                              {{-300.0, 7.0}, {2000.0, 1e-3}},
                              {{0.0, 0.2}, {1e-3, 1e6}}}) {
        const std::vector<double>&low = units.first, &width = units.second; // clang 14 captures no bindings
        CAPTURE(width[0]);
        const GaussianProcess other = fitted(kernel, in_units(data.x, low, width), data.y);
        predict_alike(unit, other, low, width);
        for (std::size_t k = 0; k < 2; ++k)
            CHECK(std::exp(other.kernel().parameters()[k].value) ==
                  doctest::Approx(width[k] * std::exp(unit.kernel().parameters()[k].value)).epsilon(1e-5));
        CHECK(other.noise_variance() == doctest::Approx(unit.noise_variance()).epsilon(1e-5));
    }
    // The same with the range that is known, of which the points cover a part.
    const std::vector<double> low = {0, 0}, width = {500, 1e-3};
    const Matrix part = in_units(data.x, low, {0.25, 0.5});
    predict_alike(fitted(Stationary(Columns::all(2), Profile::matern52, {1, 1}), part, data.y),
                  fitted(Stationary(Columns::all(2), Profile::matern52, width), in_units(part, low, width), data.y),
                  low, width);
}

TEST_CASE("a column of one value, one sample and none are fitted in any unit") {
    Smooth data;
    for (std::size_t i = 0; i < data.x.rows; ++i) data.x(i, 1) = 0;
    const Stationary kernel(Columns::all(2), Profile::matern52);
    const std::vector<double> low = {0, 500}, width = {1000, 1};
    predict_alike(fitted(kernel, data.x, data.y), fitted(kernel, in_units(data.x, low, width), data.y), low, width);
    const Matrix one(1, 2, 0.0);
    predict_alike(fitted(kernel, one, {3}), fitted(kernel, in_units(one, low, {1, 1}), {3}), low, {1, 1});
    CHECK(fitted(kernel, Matrix(0, 2), {}).predict(std::vector{1000.0, 2.0}).mean == 0);
}

TEST_CASE("a fit sees the range of points that were appended one by one") {
    const Smooth data;
    const std::vector<double> low = {0, 0}, width = {1000, 1e-3};
    const auto grown = [&](const Matrix& x) {
        GaussianProcess process(Stationary(Columns::all(2), Profile::matern52));
        for (std::size_t i = 0; i < x.rows; ++i) process.append(x.row_span(i), data.y[i]);
        Random random(2, "fit");
        fit(process, random);
        return process;
    };
    predict_alike(grown(data.x), grown(in_units(data.x, low, width)), low, width);
}

TEST_CASE("inputs within 0..1 that span a tenth of it are taken as they are") {
    const Parameter unit = Stationary(Columns::all(1), Profile::rbf).parameters()[0];
    const auto adapted = [](double low, double high) {
        Stationary kernel(Columns::all(1), Profile::rbf);
        Matrix x(2, 1);
        x(0, 0) = high;
        x(1, 0) = low;
        kernel.adapt(x);
        return kernel.parameters()[0];
    };
    for (const auto& [low, high] :
         {std::pair{0.0, 1.0}, {0.125, 0.25}, {0.5, 0.5}, {7.0, 7.0}, {0.3, 0.1 + 0.2}, {-1e9, -1e9 + 1e-6}}) {
        const Parameter same = adapted(low, high);
        CHECK(same.value == unit.value);
        CHECK(same.lower == unit.lower);
        CHECK(same.upper == unit.upper);
        CHECK(same.prior.mean == unit.prior.mean);
        CHECK(same.prior.offset == unit.prior.offset);
    }
    for (const auto& [low, high] : {std::pair{0.0, 1.5}, {-0.5, 0.5}, {0.5, 0.5625}, {0.0, 1000.0}}) {
        const Parameter moved = adapted(low, high);
        const double by = std::log(high - low);
        CHECK(moved.value == doctest::Approx(unit.value + by));
        CHECK(moved.lower == doctest::Approx(unit.lower + by));
        CHECK(moved.upper == doctest::Approx(unit.upper + by));
        CHECK(moved.prior.mean == doctest::Approx(unit.prior.mean + by));
        // A density in l: as likely at the same share of the range, per unit of that share.
        CHECK(moved.prior.log_density(by) + by == doctest::Approx(unit.prior.log_density(0)));
    }
}

TEST_CASE("length-scales that were set stay when points come, and columns of one role share the widest range") {
    Matrix x(2, 2);
    x(1, 0) = 10;
    x(1, 1) = 1000;
    Stationary set(Columns::all(2), Profile::rbf);
    set.set_parameters(std::vector{0.5, 0.25});
    set.adapt(x);
    CHECK(set.parameters()[0].value == 0.5);
    CHECK(set.parameters()[1].upper == doctest::Approx(std::log(1e5)));
    Stationary shared({{0, 1}, {0, 0}}, Profile::rbf);
    shared.adapt(x);
    CHECK(shared.parameters()[0].upper == doctest::Approx(std::log(1e5)));
    Scaled nested(Sum(Stationary({{0}, {}}, Profile::rbf), Stationary({{1}, {}}, Profile::rbf)));
    nested.adapt(x);
    CHECK(nested.parameters()[1].upper == doctest::Approx(std::log(1e3)));
    CHECK(nested.parameters()[2].upper == doctest::Approx(std::log(1e5)));
    CHECK_THROWS_WITH_AS(Stationary(Columns::all(2), Profile::rbf, {1}),
                         "a stationary kernel with 2 length-scales was given 1 widths; give one for each, or none",
                         Error);
    CHECK_THROWS_WITH_AS(Stationary(Columns::all(1), Profile::rbf, {0}), "the width 0 of length-scale 0 is not above 0",
                         Error);
}

TEST_CASE("a fit names the hyper-parameters that end at a bound") {
    const Smooth data;
    GaussianProcess process(Stationary(Columns::all(2), Profile::matern52));
    process.condition(data.x, data.y);
    Random random(3, "bounds");
    CHECK(fit(process, random).on_bounds.empty());
    CHECK(fit(process, random, {.least_noise = 0.5}).on_bounds == std::vector<std::string>{"noise"});
}
