// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/judge/numbers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::judge;

namespace {

/// Targets and answers that own what they view.
struct GivenNumbers {
    std::size_t quantities = 1;
    std::vector<float> targets, answers;
    std::vector<std::uint32_t> groups;
    operator Numbers() const { return {quantities, targets, answers, groups}; }
};

/// Normal targets of deviation 2 and answers that are off by a normal number of deviation 1.
GivenNumbers noisy(std::size_t samples) {
    Random random(4, "numbers");
    GivenNumbers given;
    for (std::size_t i = 0; i < samples; ++i) {
        given.targets.push_back(float(5 + 2 * random.normal()));
        given.answers.push_back(given.targets.back() + float(random.normal()));
    }
    return given;
}

} // namespace

TEST_CASE("scores of four answers are those that a pencil gives") {
    // Errors 1, 0, -2, 1; targets 1, 2, 3, 6 with mean 3 and squared deviations 4, 1, 0, 9.
    const GivenNumbers given{1, {1, 2, 3, 6}, {2, 2, 1, 7}, {}};
    const NumberVerdict out = verdict(given, {"y"});
    REQUIRE(out.fits.size() == 1);
    CHECK(out.samples == 4);
    CHECK(out.fits[0].name == "y");
    CHECK(out.fits[0].rmse == doctest::Approx(std::sqrt(6.0 / 4)));
    CHECK(out.fits[0].mae == doctest::Approx(1));
    CHECK(out.fits[0].deviation == doctest::Approx(std::sqrt(14.0 / 4)));
    CHECK(*out.fits[0].r2 == doctest::Approx(1 - 6.0 / 14));
    CHECK(*out.error == doctest::Approx(std::sqrt(6.0 / 14)));
    CHECK(error(given) == out.error);
    CHECK_FALSE(out.error_interval); // four samples are too few
    CHECK_FALSE(out.fits[0].rmse_interval);
}

TEST_CASE("the best constant answer has error 1 and an R2 of 0, whatever the unit") {
    for (const float unit : {1e-9f, 1.0f, 1e9f})
        for (const float origin : {0.0f, 1000.0f}) {
            CAPTURE(unit);
            const std::vector<float> targets = {(origin + 1) * unit, (origin + 2) * unit, (origin + 6) * unit};
            double mean = 0;
            for (const float target : targets) mean += double(target) / 3;
            const GivenNumbers given{1, targets, std::vector<float>(3, float(mean)), {}};
            CHECK(*error(given) == doctest::Approx(1).epsilon(1e-6));
            CHECK(*verdict(given, {"y"}).fits[0].r2 == doctest::Approx(0).scale(1).epsilon(1e-6));
        }
}

TEST_CASE("the error of several quantities is the root of the mean of their squares") {
    // The first is answered by its mean, the second without fault.
    const GivenNumbers given{2, {1, 10, 3, 20, 5, 30}, {3, 10, 3, 20, 3, 30}, {}};
    CHECK(*error(given) == doctest::Approx(std::sqrt(0.5)));
    const NumberVerdict out = verdict(given, {"a", "b"});
    CHECK(*out.fits[0].r2 == doctest::Approx(0).scale(1));
    CHECK(*out.fits[1].r2 == doctest::Approx(1));
}

TEST_CASE("targets that are all alike have no R2 and no error; one sample is such a part") {
    for (const GivenNumbers& given :
         {GivenNumbers{1, {3}, {4}, {}}, GivenNumbers{1, {1e9f, 1e9f, 1e9f}, {1e9f, 1e9f, 1e9f}, {0, 0, 1}}}) {
        const NumberVerdict out = verdict(given, {"y"});
        CHECK_FALSE(out.error);
        CHECK_FALSE(out.fits[0].r2);
        CHECK(out.groups.empty());
    }
    CHECK(verdict(GivenNumbers{1, {3}, {4}, {}}, {"y"}).fits[0].rmse == 1);
}

TEST_CASE("targets, answers, groups and names that do not belong together are refused with their numbers") {
    CHECK_THROWS_WITH_AS(error(GivenNumbers{1, {1, 2}, {1}, {}}),
                         "2 targets, 1 answers and 0 groups for samples of 1 quantities; give a target and an answer "
                         "for each quantity of every sample, and one group for each sample or none",
                         Error);
    CHECK_THROWS_AS(error(GivenNumbers{0, {}, {}, {}}), Error);
    CHECK_THROWS_AS(error(GivenNumbers{2, {1, 2, 3}, {1, 2, 3}, {}}), Error);
    CHECK_THROWS_AS(error(GivenNumbers{1, {1, 2}, {1, 2}, {0}}), Error);
    CHECK_THROWS_WITH_AS(verdict(GivenNumbers{1, {1, 2}, {1, 2}, {}}, {}),
                         "0 names for 1 quantities; give one for each", Error);
}

TEST_CASE("intervals agree with the plain bootstrap and with the normal theory") {
    const std::size_t samples = 400;
    const GivenNumbers given = noisy(samples);
    const NumberVerdict out = verdict(given, {"y"});
    // Draws one by one, in another order of random numbers.
    Random random(8, "plain bootstrap");
    std::vector<double> rmse;
    for (int draw = 0; draw < 4000; ++draw) {
        double sum = 0;
        for (std::size_t i = 0; i < samples; ++i) {
            const std::size_t at = random.below(std::uint32_t(samples));
            sum += std::pow(double(given.answers[at]) - double(given.targets[at]), 2);
        }
        rmse.push_back(std::sqrt(sum / double(samples)));
    }
    std::sort(rmse.begin(), rmse.end());
    const Interval& found = *out.fits[0].rmse_interval;
    CHECK(found.low == doctest::Approx(rmse[100]).epsilon(0.01));
    CHECK(found.high == doctest::Approx(rmse[3899]).epsilon(0.01));
    // The standard deviation of an RMSE of n normal errors is sigma / sqrt(2 n).
    CHECK((found.high - found.low) / 2 == doctest::Approx(1.96 / std::sqrt(2.0 * double(samples))).epsilon(0.1));
    CHECK(out.error_interval->low < *out.error);
    CHECK(out.error_interval->high > *out.error);
    CHECK(out.fits[0].r2_interval->low < *out.fits[0].r2);
    CHECK(out.fits[0].mae_interval->high > out.fits[0].mae);
}

TEST_CASE("with groups whole groups are drawn, so that samples alike make no interval narrower") {
    GivenNumbers once = noisy(40), often;
    for (std::size_t i = 0; i < 40; ++i)
        for (int copy = 0; copy < 25; ++copy) {
            often.targets.push_back(once.targets[i]);
            often.answers.push_back(once.answers[i]);
            often.groups.push_back(std::uint32_t(3 + i));
        }
    const NumberVerdict single = verdict(once, {"y"}), grouped = verdict(often, {"y"}, {"", "", "", "first"});
    CHECK(*grouped.error == doctest::Approx(*single.error));
    CHECK(grouped.fits[0].rmse_interval->low == doctest::Approx(single.fits[0].rmse_interval->low));
    CHECK(grouped.fits[0].rmse_interval->high == doctest::Approx(single.fits[0].rmse_interval->high));
    REQUIRE(grouped.groups.size() == 40);
    CHECK(grouped.groups[0].name == "first");
    CHECK(grouped.groups[1].name == "4");
    CHECK(grouped.groups[0].samples == 25);
    CHECK(grouped.groups[0].error ==
          doctest::Approx(std::abs(double(once.answers[0]) - double(once.targets[0])) / grouped.fits[0].deviation));
    often.groups.assign(often.targets.size(), 0);
    CHECK_FALSE(verdict(often, {"y"}).error_interval); // one group
}
