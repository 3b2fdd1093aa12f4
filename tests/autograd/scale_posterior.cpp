// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/scale_posterior.hpp"
#include "tinysparse/base/random.hpp"
#include <cmath>
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::autograd;

TEST_CASE("every number of the parameter is the mean or the variance of one factor") {
    for (const ScaleKind kind : {ScaleKind::normal, ScaleKind::log_normal}) {
        CAPTURE(int(kind));
        Parameter parameter("scales", scale_parameters(5, kind));
        const ScalePosterior scales(parameter, 5, kind);
        std::set<std::size_t> places;
        std::size_t count = 0;
        const auto take = [&](const ScalePosterior::Factor& factor) {
            for (const std::size_t place : {factor.mean, factor.log_variance}) {
                CHECK(place < parameter.value.size());
                places.insert(place);
                ++count;
            }
        };
        for (std::size_t k = 0; k < scales.group_factors(); ++k)
            for (std::size_t g = 0; g < 5; ++g) take(scales.group_factor(k, g));
        for (std::size_t k = 0; k < scales.layer_factors(); ++k) take(scales.layer_factor(k));
        CHECK(count == parameter.value.size());
        CHECK(places.size() == count);
    }
}

TEST_CASE("moments of a scale are those of its factors' samples") {
    for (const ScaleKind kind : {ScaleKind::normal, ScaleKind::log_normal}) {
        CAPTURE(int(kind));
        Parameter parameter("scales", scale_parameters(2, kind));
        const ScalePosterior scales(parameter, 2, kind);
        Random random(3, "scales");
        for (float& value : parameter.value) value = float(random.uniform(-1.5, -0.5));
        constexpr int draws = 200000;
        double sum = 0, squares = 0, log_sum = 0, log_squares = 0;
        for (int i = 0; i < draws; ++i) {
            const auto normal = [&](const ScalePosterior::Factor& factor) {
                return double(parameter.value[factor.mean]) +
                       std::exp(0.5 * double(parameter.value[factor.log_variance])) * random.normal();
            };
            double z = normal(scales.group_factor(0, 1)), of = z; // z, and what mean() and variance() are of
            if (kind == ScaleKind::log_normal) {
                of = 0.5 * (z + normal(scales.group_factor(1, 1)) + normal(scales.layer_factor(0)) +
                            normal(scales.layer_factor(1)));
                z = std::exp(of);
            }
            sum += z;
            squares += z * z;
            log_sum += of;
            log_squares += of * of;
        }
        const double mean = sum / draws, variance = squares / draws - mean * mean;
        CHECK(double(scales.expected(1)) == doctest::Approx(mean).epsilon(0.01));
        CHECK(scales.variance_of_scale(1) == doctest::Approx(variance).epsilon(0.03));
        const double of_mean = log_sum / draws, of_variance = log_squares / draws - of_mean * of_mean;
        CHECK(double(scales.mean(1)) == doctest::Approx(of_mean).epsilon(0.01));
        CHECK(scales.variance<double>(1) == doctest::Approx(of_variance).epsilon(0.02));
        CHECK(double(scales.deviation(1)) == doctest::Approx(std::sqrt(of_variance)).epsilon(0.01));
    }
}

TEST_CASE("scales begin at 1 with the variance that was asked for") {
    for (const ScaleKind kind : {ScaleKind::normal, ScaleKind::log_normal}) {
        Parameter parameter("scales", scale_parameters(3, kind));
        ScalePosterior scales(parameter, 3, kind);
        scales.begin_at_one(-9);
        for (std::size_t g = 0; g < 3; ++g) {
            CHECK(double(scales.expected(g)) == doctest::Approx(1).epsilon(1e-4));
            CHECK(scales.variance<double>(g) == doctest::Approx(std::exp(-9.0)));
        }
    }
}
