// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/judge/paired.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::judge;

TEST_CASE("the mean of differences has the interval and the p value that are published for Student's own data") {
    // Hours of sleep that ten patients gained by one drug more than by another (Student 1908, table of Cushny and
    // Peebles). R's t.test(paired = TRUE) prints t = 4.0621, p = 0.002833, interval 0.7001142 to 2.4598858.
    const Mean mean = mean_of(std::vector<double>{1.2, 2.4, 1.3, 1.3, 0, 1.0, 1.8, 0.8, 4.6, 1.4});
    CHECK(mean.count == 10);
    CHECK(mean.mean == doctest::Approx(1.58));
    CHECK(mean.mean / (*mean.deviation / std::sqrt(10)) == doctest::Approx(4.0621).epsilon(1e-5));
    CHECK(*mean.p_value == doctest::Approx(0.002833).epsilon(2e-4));
    CHECK(mean.interval(0.95)->low == doctest::Approx(0.7001142).epsilon(1e-6));
    CHECK(mean.interval(0.95)->high == doctest::Approx(2.4598858).epsilon(1e-7));
}

TEST_CASE("one value and none have no spread to judge by, equal ones a point") {
    const Mean none = mean_of(std::vector<double>{}), one = mean_of(std::vector<double>{2.5});
    CHECK(none.count == 0);
    CHECK(none.mean == 0);
    CHECK(one.mean == 2.5);
    for (const Mean& mean : {none, one}) {
        CHECK_FALSE(mean.deviation);
        CHECK_FALSE(mean.p_value);
        CHECK_FALSE(mean.interval(0.95));
    }
    const Mean equal = mean_of(std::vector<double>{0.25, 0.25, 0.25}), zero = mean_of(std::vector<double>{0, 0});
    CHECK(*equal.deviation == 0);
    CHECK(*equal.interval(0.99) == Interval{0.25, 0.25});
    CHECK(*equal.p_value == 0);
    CHECK(*zero.p_value == 1);
    CHECK_THROWS_WITH_AS(mean_of(std::vector<double>{1, std::nan("")}),
                         "mean of values: expected finite numbers, found nan", Error);
}

TEST_CASE("Holm's procedure goes down the p values as in a worked example") {
    // 0.005 is below 0.05 / 4 and 0.01 below 0.05 / 3, but 0.03 is not below 0.05 / 2: there it stops.
    const std::vector<Adjusted> adjusted = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
    const double p_values[] = {0.03, 0.06, 0.06, 0.02}, shares[] = {0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4};
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(i);
        CHECK(adjusted[i].p_value == doctest::Approx(p_values[i]));
        CHECK(1 - adjusted[i].level == doctest::Approx(shares[i]));
    }
    CHECK(holm(std::vector<double>{}).empty());
    CHECK(holm(std::vector<double>{0.04})[0].p_value == 0.04);
    CHECK(holm(std::vector<double>{0.04})[0].level == 0.95);
    CHECK(holm(std::vector<double>{1, 1})[1].p_value == 1); // not 2
}

TEST_CASE("an interval at Holm's level excludes 0 exactly if the adjusted p value is at most alpha") {
    Random random(5, "holm");
    int shown = 0, not_shown = 0, stopped = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<Mean> means;
        std::vector<double> p_values;
        for (int part = 0; part < 5; ++part) {
            std::vector<double> values;
            for (int seed = 0; seed < 8; ++seed) values.push_back(0.35 * part + random.normal());
            means.push_back(mean_of(values));
            p_values.push_back(*means.back().p_value);
        }
        const std::vector<Adjusted> adjusted = holm(p_values);
        for (std::size_t i = 0; i < means.size(); ++i) {
            const Interval interval = *means[i].interval(adjusted[i].level);
            const bool excludes = interval.low > 0 || interval.high < 0, significant = adjusted[i].p_value <= 0.05;
            CHECK(excludes == significant);
            ++(significant ? shown : not_shown);
            stopped += !significant && p_values[i] <= 0.05;
        }
    }
    CHECK(shown > 100);
    CHECK(not_shown > 100);
    CHECK(stopped > 50); // alone they would be shown
}

TEST_CASE("alpha and p values that are no shares are refused") {
    CHECK_THROWS_WITH_AS(holm(std::vector<double>{0.5}, 0), "alpha 0: expected a number above 0 and below 1", Error);
    CHECK_THROWS_WITH_AS(holm(std::vector<double>{0.5, 1.5}), "p value 1.5: expected 0 to 1", Error);
    CHECK_THROWS_AS(holm(std::vector<double>{std::nan("")}), Error);
}
