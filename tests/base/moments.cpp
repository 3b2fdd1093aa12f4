// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/moments.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <vector>

using namespace tinysparse;

TEST_CASE("moments are those of two passes, however far the mean is from 0") {
    for (const double mean : {0.0, 1e3, 1e8, -1e12}) {
        CAPTURE(mean);
        Random random(3, "values");
        std::vector<double> values(1000);
        for (double& value : values) value = mean + random.normal();
        Moments moments;
        double total = 0, squares = 0;
        for (const double value : values) {
            moments.add(value);
            total += value - mean;
        }
        for (const double value : values) squares += (value - mean - total / 1000) * (value - mean - total / 1000);
        CHECK(moments.count() == 1000);
        CHECK(moments.mean() - mean == doctest::Approx(total / 1000).epsilon(1e-3));
        CHECK(moments.variance() == doctest::Approx(squares / 1000).epsilon(1e-7));
        CHECK(moments.sample_variance() == doctest::Approx(squares / 999).epsilon(1e-7));
    }
}

TEST_CASE("values that are all the same have no variance, one has itself as mean") {
    Moments moments;
    moments.add(0.1);
    CHECK(moments.mean() == 0.1);
    CHECK(moments.variance() == 0);
    for (int i = 0; i < 9; ++i) moments.add(0.1);
    CHECK(moments.mean() == 0.1);
    CHECK(moments.sample_variance() == 0);
}
