// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/mean.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/gp/sample.hpp"
#include "tinysparse/gp/stationary.hpp"
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::gp;

namespace {

/// Points in 0..1 with outputs on a plane in columns 2 and 0, and a wave in column 1 beside it.
struct Plane {
    Matrix points{0, 3};
    std::vector<double> outputs;
    explicit Plane(std::size_t count, double wave = 0) {
        Random random(1, "plane");
        for (std::size_t i = 0; i < count; ++i) {
            const double point[] = {random.uniform(), random.uniform(), random.uniform()};
            points.append_row(point);
            outputs.push_back(2 - 3 * point[2] + 0.5 * point[0] + wave * std::sin(6 * point[1]));
        }
    }
};

GaussianProcess process_over(const Plane& plane) {
    GaussianProcess process(Stationary(Columns::all(3), Profile::matern52), Mean::linear(2, 0), 1e-3);
    process.condition(plane.points, plane.outputs);
    return process;
}

} // namespace

TEST_CASE("a linear mean is the plane that the points lie on, and their mean where there is one point") {
    const Plane plane(400);
    Mean mean = Mean::linear(2, 0);
    mean.fit(plane.points, plane.outputs);
    const double far[] = {-1, 50, 2};
    CHECK(mean(far) == doctest::Approx(2 - 6 - 0.5).epsilon(0.01));
    mean.fit(Plane(1).points, std::vector<double>{7});
    CHECK(mean(far) == doctest::Approx(7));
    mean.fit(Matrix(0, 3), {});
    CHECK(mean(far) == 0);
}

TEST_CASE("a constant mean adds nothing to what standardisation takes off") {
    const Plane plane(20);
    Mean mean = Mean::constant();
    mean.fit(plane.points, plane.outputs);
    CHECK(mean(plane.points.row_span(3)) == 0);
}

TEST_CASE("a linear mean over a column that is not there is an error that names row and column") {
    Mean mean = Mean::linear(0, 3);
    CHECK_THROWS_WITH_AS(mean.fit(Matrix(1, 3), std::vector<double>{1}),
                         "row 0: column 3 of a linear mean is not there; use columns that every point has", Error);
    mean = Mean::linear(0, 1);
    Matrix points(2, 2);
    points(1, 1) = inactive;
    CHECK_THROWS_WITH_AS(mean.fit(points, std::vector<double>{1, 2}),
                         "row 1: column 1 of a linear mean is not there; use columns that every point has", Error);
}

TEST_CASE("a process with a linear mean predicts what one without predicts of the rest, plus the mean") {
    const Plane plane(25, 0.3);
    const GaussianProcess process = process_over(plane);
    Mean mean = Mean::linear(2, 0);
    mean.fit(plane.points, plane.outputs);
    std::vector<double> rest = plane.outputs;
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= mean(plane.points.row_span(i));
    GaussianProcess plain(Stationary(Columns::all(3), Profile::matern52), 1e-3);
    plain.condition(plane.points, rest);
    GaussianProcess grown = process, plain_grown = plain;
    const std::vector<double> extra = {0.5, 0.5, 0.5}, probe = {0.2, 0.4, 1.5};
    grown.append(extra, 3);
    plain_grown.append(extra, 3 - mean(extra));
    for (const auto& [with, without] : {std::pair{&process, &plain}, {&grown, &plain_grown}}) {
        CHECK(with->predict(probe).mean == without->predict(probe).mean + mean(probe));
        CHECK(with->predict(probe).variance == without->predict(probe).variance);
        const auto with_all = with->leave_one_out(), without_all = without->leave_one_out();
        CHECK(with_all[4].mean == doctest::Approx(without_all[4].mean + mean(plane.points.row_span(4))).epsilon(1e-10));
    }
    Random one(5, "sample"), other(5, "sample");
    Matrix pool(0, 3);
    for (const auto& point : {probe, extra}) pool.append_row(point);
    const auto with = sample_on_pool(process, pool, one), without = sample_on_pool(plain, pool, other);
    for (std::size_t i = 0; i < 2; ++i) CHECK(with[i] == without[i] + mean(pool.row_span(i)));
    Random path_random(6, "path"), plain_path_random(6, "path");
    const Path path(process, path_random), plain_path(plain, plain_path_random);
    CHECK(path(pool)[0] == doctest::Approx(plain_path(pool)[0] + mean(probe)).epsilon(1e-12));
}

TEST_CASE("far from the data a process falls back to its linear mean, slope and all") {
    const Plane plane(60);
    const GaussianProcess process = process_over(plane);
    const std::vector<double> far = {40, 40, 40};
    CHECK(process.predict(far).mean == doctest::Approx(2 - 3 * 40 + 0.5 * 40).epsilon(0.05));
}

TEST_CASE("the gradient of a prediction has the slope of the mean") {
    const Plane plane(15, 0.5);
    for (const bool empty : {false, true}) {
        GaussianProcess process = process_over(plane);
        if (empty) process.condition(Matrix(0, 3), {});
        std::vector<double> point = {0.3, 0.6, 0.2}, mean_gradient(3), variance_gradient(3);
        const Prediction at = process.predict_with_gradient(point, mean_gradient, variance_gradient);
        CHECK(at.mean == doctest::Approx(process.predict(point).mean).epsilon(1e-12));
        for (std::size_t k = 0; k < 3; ++k) {
            auto above = point, below = point;
            above[k] += 1e-5;
            below[k] -= 1e-5;
            const double numeric = (process.predict(above).mean - process.predict(below).mean) / 2e-5;
            CHECK(mean_gradient[k] == doctest::Approx(numeric).epsilon(1e-6));
        }
    }
}
