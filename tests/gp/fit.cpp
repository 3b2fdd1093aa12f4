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
