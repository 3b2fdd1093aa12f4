// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/domain.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::mobo;
using gp::Warp;

namespace {
const std::vector<Warp> mixed = {Warp::real(-1, 1), Warp::log_integer(1, 64), Warp::category(4), Warp::integer(0, 3)};
} // namespace

TEST_CASE("mutants stay in their ranges, differ, and reach every category") {
    const Domain domain{mixed};
    Random random(1, "mutants");
    const std::vector<double> parent = {1.0, 64, 2, 0};
    std::set<double> categories;
    for (int i = 0; i < 300; ++i) {
        const auto child = domain.mutant(parent, 0.2, random);
        CHECK(child != parent);
        for (std::size_t k = 0; k < 4; ++k) CHECK((child[k] >= mixed[k].low && child[k] <= mixed[k].high));
        for (std::size_t k = 1; k < 4; ++k) CHECK(child[k] == std::round(child[k]));
        categories.insert(child[2]);
    }
    CHECK(categories.size() == 4);
    const Domain single{{Warp::category(1)}};
    CHECK(single.mutant(std::vector<double>{0}, 0.1, random) == std::vector<double>{0});
}

TEST_CASE("the maximum over real, whole and categorical dimensions is found, with and without gradient") {
    const Domain domain{mixed};
    const auto value = [](std::span<const double> x) { // largest at (0.3, 20, 3, 1)
        return -std::pow(x[0] - 0.3, 2) - std::pow(std::log(x[1] / 20), 2) - (x[2] != 3) - std::fabs(x[3] - 1);
    };
    Acquisition acquisition{[&](const gp::Matrix& pool) {
        std::vector<double> out;
        for (std::size_t i = 0; i < pool.rows; ++i) out.push_back(value(pool.row_span(i)));
        return out;
    }};
    Random random(2, "maximise");
    auto found = maximise(domain, acquisition, {}, {}, random);
    REQUIRE(found);
    CHECK(std::vector<double>(found->begin() + 1, found->end()) == std::vector<double>{20, 3, 1});
    acquisition.with_gradient = [&](std::span<const double> x, std::span<double> gradient) {
        gradient[0] = -2 * (x[0] - 0.3);
        return value(x);
    };
    found = maximise(domain, acquisition, {}, {}, random);
    CHECK((*found)[0] == doctest::Approx(0.3).epsilon(1e-4));
}

TEST_CASE("constraints hold and points that are taken do not come back") {
    Domain domain{{Warp::integer(0, 9), Warp::integer(0, 9)}};
    domain.feasible = [](std::span<const double> x) { return x[0] + x[1] <= 2; }; // six points of a hundred
    const Acquisition sum{[](const gp::Matrix& pool) {
        std::vector<double> out;
        for (std::size_t i = 0; i < pool.rows; ++i) out.push_back(pool(i, 0) + 2 * pool(i, 1));
        return out;
    }};
    Random random(3, "maximise");
    std::vector<std::vector<double>> taken;
    for (const std::vector<double>& expected : std::vector<std::vector<double>>{{0, 2}, {1, 1}}) {
        const auto found = maximise(domain, sum, taken, taken, random);
        REQUIRE(found);
        CHECK(*found == expected);
        taken.push_back(*found);
    }
    domain.feasible = [](std::span<const double>) { return false; };
    CHECK_FALSE(maximise(domain, sum, {}, {}, random));
}
