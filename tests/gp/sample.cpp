// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/sample.hpp"
#include "tinysparse/gp/combine.hpp"
#include "tinysparse/gp/hamming.hpp"
#include "tinysparse/gp/stationary.hpp"
#include "tinysparse/gp/warp.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::gp;

namespace {
Matrix column(std::vector<double> values) {
    Matrix out(values.size(), 1);
    out.values = std::move(values);
    return out;
}
/// Draws many functions at the pool; compares their means and covariances with the exact posterior.
template <class Draw> void check_moments(const GaussianProcess& process, const Matrix& pool, int draws, Draw draw) {
    std::vector<Prediction> exact;
    const Matrix covariance = process.joint(pool, exact);
    std::vector<double> mean(pool.rows, 0.0);
    Matrix products(pool.rows, pool.rows);
    for (int s = 0; s < draws; ++s) {
        const std::vector<double> f = draw();
        for (std::size_t i = 0; i < pool.rows; ++i) {
            mean[i] += f[i] / draws;
            for (std::size_t j = 0; j <= i; ++j)
                products(i, j) += (f[i] - exact[i].mean) * (f[j] - exact[j].mean) / draws;
        }
    }
    const double spread = process.output_scale() * process.output_scale();
    for (std::size_t i = 0; i < pool.rows; ++i) {
        CHECK(std::fabs(mean[i] - exact[i].mean) < 5 * std::sqrt(exact[i].variance / draws) + 0.01 * std::sqrt(spread));
        for (std::size_t j = 0; j <= i; ++j) CHECK(std::fabs(products(i, j) - covariance(i, j)) < 0.08 * spread);
    }
}
} // namespace

TEST_CASE("joint samples have the posterior's mean and covariance") {
    GaussianProcess process(Product(Stationary({{0}, {}}, Profile::matern52), Hamming({{1}, {}})), 0.01);
    Matrix x(5, 2), pool(4, 2);
    x.values = {0.1, 0, 0.3, 1, 0.5, 0, 0.7, 1, 0.9, 1};
    pool.values = {0.1, 0, 0.4, 0, 0.4, 1, 2.0, 0};
    process.condition(x, {3, 5, 1, 2, 8});
    Random random(1, "samples");
    check_moments(process, pool, 4000, [&] { return sample_on_pool(process, pool, random); });
    Matrix twice(3, 2, 0.25); // the same point three times: one value
    const auto f = sample_on_pool(process, twice, random);
    CHECK(f[0] == f[1]);
    CHECK_THROWS_AS(Path(process, random), Error); // categories have no spectral density
}

TEST_CASE("a function drawn where it is asked for is one function, whatever the order of the questions") {
    GaussianProcess process(Stationary(Columns::all(1), Profile::matern52), 0.01);
    process.condition(column({0.1, 0.5, 0.9}), {1, 4, 2});
    Random random(2, "samples");
    // Asked in two parts: together they have the posterior's mean and covariance as if asked at once.
    check_moments(process, column({0.2, 0.3, 0.7, 1.5}), 4000, [&] {
        DrawnFunction function(process, random);
        std::vector<double> values = function(column({0.2, 0.3}));
        for (const double value : function(column({0.7, 1.5}))) values.push_back(value);
        return values;
    });
    DrawnFunction function(process, random);
    const std::vector<double> first = function(column({0.2, 0.7}));
    const std::vector<double> again = function(column({0.7, 0.4, 0.2, 0.7}));
    CHECK(again[0] == first[1]);
    CHECK(again[2] == first[0]);
    CHECK(again[3] == first[1]);
    CHECK(function(Matrix(0, 1)).empty());
}

TEST_CASE("paths have the posterior's mean and covariance, for every profile, scaled and warped") {
    for (const Profile profile : {Profile::rbf, Profile::matern32, Profile::matern52}) {
        Stationary inner(Columns::all(1), profile);
        inner.set_parameters(std::vector<double>{std::log(0.3)});
        GaussianProcess process(Warped(Scaled(inner, 1.5), {Warp::real(-1, 1)}), 0.01);
        process.condition(column({-0.8, -0.3, 0.1, 0.6}), {1, -2, 0.5, 3});
        const Matrix pool = column({-0.8, -0.5, 0.3, 0.95});
        Random random(2, "paths");
        check_moments(process, pool, 2500, [&] { return Path(process, random, 200)(pool); });
    }
}
