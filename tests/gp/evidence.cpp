// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/gp/evidence.hpp"
#include "reference.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::gp;

TEST_CASE("evidence and gradient agree with independent values to 1e-6 relative or better") {
    const auto rows = test::read_table("gp_lml.csv");
    REQUIRE(rows.size() == 27);
    for (const test::Row& row : rows) {
        const auto data = test::training_set(row.at("dataset"));
        double noise = 0;
        const auto kernel = test::reference_kernel(row, noise);
        std::vector<double> gradient(kernel->parameters().size() + 1);
        const double value = evidence(*kernel, noise, data.x, data.y, gradient);
        CAPTURE(row.at("dataset"));
        CAPTURE(row.at("kernel"));
        CAPTURE(row.at("hyper"));
        CHECK(value == doctest::Approx(test::number(row, "lml")).epsilon(1e-10));
        CHECK(evidence(*kernel, noise, data.x, data.y) == value);
        const auto expected = test::numbers(row.at("dLML/dlog(signal_var;lengthscales;noise_var)"));
        REQUIRE(expected.size() == gradient.size());
        for (std::size_t p = 0; p < expected.size(); ++p)
            CHECK(std::fabs(gradient[p] - expected[p]) <= 1e-7 * std::max(1.0, std::fabs(expected[p])));
    }
}

TEST_CASE("evidence of one point is the logarithm of a normal density, of none 0") {
    const Stationary kernel(Columns::all(1), Profile::matern52);
    std::vector<double> gradient(2);
    const std::vector<double> y = {0.7};
    CHECK(evidence(kernel, 0.5, Matrix(1, 1, 0.3), y, gradient) ==
          doctest::Approx(-0.5 * 0.49 / 1.5 - 0.5 * std::log(2 * 3.14159265358979324 * 1.5)).epsilon(1e-12));
    CHECK(gradient[1] == doctest::Approx(0.5 * (0.49 / (1.5 * 1.5) - 1 / 1.5) * 0.5).epsilon(1e-12));
    CHECK(evidence(kernel, 0.5, Matrix(0, 1), {}, gradient) == 0);
    CHECK_THROWS_WITH_AS(evidence(kernel, 0.5, Matrix(2, 1, 0.3), y),
                         "the evidence of 2 points was asked for with 1 outputs and 0 variances; give an output for "
                         "each point, and a variance for each or none",
                         Error);
    CHECK_THROWS_AS(evidence(kernel, 0.5, Matrix(1, 1, 0.3), y, {}, gradient), Error);
}
