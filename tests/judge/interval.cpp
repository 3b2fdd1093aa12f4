// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/judge/interval.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::judge;

namespace {

/// Answers that own what they view.
struct GivenClasses {
    std::size_t classes = 0;
    std::vector<std::uint8_t> truths, answers;
    std::vector<std::uint32_t> groups;

    void add(int truth, int answer, std::size_t samples = 1) {
        truths.insert(truths.end(), samples, std::uint8_t(truth));
        answers.insert(answers.end(), samples, std::uint8_t(answer));
    }
    operator Answers() const { return {classes, truths, answers, groups}; }
};

const std::vector<Score> three_scores = {accuracy, balanced_accuracy, macro_f1};

/// The plain bootstrap: as many samples drawn one by one, the score of each draw, its quantiles by counting.
Interval by_samples(const Answers& given, const Score& score, std::size_t draws) {
    Random random(7, "plain bootstrap");
    std::vector<double> values;
    for (std::size_t draw = 0; draw < draws; ++draw) {
        ConfusionMatrix matrix(given.classes);
        for (std::size_t i = 0; i < given.size(); ++i) {
            const std::uint32_t at = random.below(std::uint32_t(given.size()));
            matrix.add(given.truths[at], given.answers[at]);
        }
        values.push_back(*score(matrix));
    }
    std::sort(values.begin(), values.end());
    return {values[draws / 40], values[draws - 1 - draws / 40]};
}

} // namespace

TEST_CASE("Wilson's interval has the bounds of published tables") {
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    const struct {
        std::size_t right, samples;
        double low, high;
    } published[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}};
    for (const auto& row : published) {
        CAPTURE(row.samples);
        const Interval interval = wilson(row.right, row.samples);
        CHECK(std::abs(interval.low - row.low) <= 0.00005);
        CHECK(std::abs(interval.high - row.high) <= 0.00005);
    }
    CHECK(wilson(20, 20) == Interval{1 - wilson(0, 20).high, 1});
    // One sample: z^2 = 3.8415, bounds 1 / (1 + z^2) and 1.
    CHECK(wilson(1, 1).low == doctest::Approx(1 / 4.8415).epsilon(1e-4));
    CHECK(wilson(1, 1).high == 1);
}

TEST_CASE("Wilson's bounds are where the score test's statistic is 1.96") {
    for (const std::size_t samples : {1u, 7u, 100u})
        for (std::size_t right = 1; right < samples; ++right) {
            const Interval interval = wilson(right, samples);
            const double p = double(right) / double(samples);
            for (const double bound : {interval.low, interval.high})
                CHECK(std::abs(p - bound) / std::sqrt(bound * (1 - bound) / double(samples)) ==
                      doctest::Approx(1.959964));
        }
}

TEST_CASE("a bootstrap of independent samples agrees with one that draws them one by one") {
    GivenClasses given{3, {}, {}, {}};
    given.add(0, 0, 60);
    given.add(0, 1, 15);
    given.add(1, 1, 12);
    given.add(1, 2, 8);
    given.add(2, 2, 4);
    given.add(2, 0, 1);
    const auto intervals = bootstrap(given, three_scores);
    for (std::size_t k = 0; k < three_scores.size(); ++k) {
        CAPTURE(k);
        const Interval plain = by_samples(given, three_scores[k], 20000);
        // The quantiles of 2,000 draws vary by 0.005 around those of all draws.
        CHECK(std::abs(intervals[k]->low - plain.low) < 0.02);
        CHECK(std::abs(intervals[k]->high - plain.high) < 0.02);
    }
    CHECK(intervals == bootstrap(given, three_scores)); // the stream is fixed
    CHECK(std::abs(intervals[0]->low - wilson(76, 100).low) < 0.02);
}

TEST_CASE("binomial draws have the probabilities of the binomial distribution") {
    ConfusionMatrix matrix(2);
    matrix.add(0, 0, 12);
    const judge::detail::SampleDraws draws(matrix);
    Random random(3, "binomial");
    for (const double p : {0.05, 0.5, 0.9}) {
        const int trials = 40000, n = 12;
        std::vector<int> counts(std::size_t(n) + 1);
        for (int i = 0; i < trials; ++i) ++counts[draws.binomial(std::size_t(n), p, random)];
        double chi_square = 0, probability = std::pow(1 - p, n);
        int cells = 0;
        for (int k = 0; k <= n; ++k) {
            if (const double expected = trials * probability; expected > 5) {
                chi_square += std::pow(counts[std::size_t(k)] - expected, 2) / expected;
                ++cells;
            }
            probability *= p / (1 - p) * (n - k) / (k + 1);
        }
        CAPTURE(p);
        CHECK(chi_square < cells + 4 * std::sqrt(2.0 * cells)); // its mean is below the number of cells
    }
    CHECK(draws.binomial(0, 0.5, random) == 0);
    CHECK(draws.binomial(7, 1, random) == 7);
}

TEST_CASE("a bootstrap over groups has the quantiles of all draws of groups, found by brute force") {
    // Five groups of different size: 3,125 draws, all equally likely.
    const std::size_t sizes[] = {4, 10, 6, 20, 1}, right[] = {4, 3, 3, 18, 0};
    GivenClasses given{2, {}, {}, {}};
    for (std::uint32_t g = 0; g < 5; ++g) {
        given.add(0, 0, right[g]);
        given.add(0, 1, sizes[g] - right[g]);
        given.groups.resize(given.truths.size(), 10 * g); // numbers of groups need not be dense
    }
    std::vector<double> all;
    for (int draw = 0; draw < 3125; ++draw) {
        double sum = 0, of = 0;
        for (int i = 0, digits = draw; i < 5; ++i, digits /= 5) {
            sum += double(right[digits % 5]);
            of += double(sizes[digits % 5]);
        }
        all.push_back(sum / of);
    }
    std::sort(all.begin(), all.end());
    const std::optional<Interval> interval = accuracy_interval(given);
    REQUIRE(interval);
    CHECK(std::abs(interval->low - all[3125 / 40]) < 0.03);
    CHECK(std::abs(interval->high - all[3125 - 3125 / 40]) < 0.03);
    CHECK(interval->high - interval->low > 1.5 * (wilson(28, 41).high - wilson(28, 41).low));
}

TEST_CASE("fewer than five groups, or samples, have no interval by bootstrap") {
    GivenClasses given{2, {}, {}, {}};
    given.add(0, 0, 30);
    given.add(1, 0, 10);
    for (const std::uint32_t groups : {1u, 4u, 5u}) {
        given.groups.clear();
        for (std::uint32_t i = 0; i < 40; ++i) given.groups.push_back(i % groups);
        CHECK(accuracy_interval(given).has_value() == (groups >= 5));
        for (const auto& interval : bootstrap(given, three_scores)) CHECK(interval.has_value() == (groups >= 5));
    }
    GivenClasses one{2, {}, {}, {}};
    one.add(1, 1);
    CHECK(*accuracy_interval(one) == wilson(1, 1));
    CHECK_FALSE(bootstrap(one, three_scores)[1]);
}

TEST_CASE("draws without a sample of a class do not count for its score") {
    GivenClasses given{3, {}, {}, {}};
    given.add(0, 0, 9);
    given.add(1, 1, 1); // four of ten draws miss it
    const std::vector<Score> scores = {[](const ConfusionMatrix& m) { return f1(m, 1); },
                                       [](const ConfusionMatrix& m) { return f1(m, 2); }, balanced_accuracy};
    const auto intervals = bootstrap(given, scores);
    CHECK(*intervals[0] == Interval{1, 1});
    CHECK_FALSE(intervals[1]); // no draw has the class
    CHECK(*intervals[2] == Interval{1, 1});
}

TEST_CASE("the standard error of a share counts two more of either kind, worked out by hand") {
    CHECK(share_se(5, 10) == doctest::Approx(std::sqrt(0.5 * 0.5 / 14)).epsilon(1e-14));
    CHECK(share_se(0, 20) == doctest::Approx(std::sqrt(2.0 / 24 * 22.0 / 24 / 24)).epsilon(1e-14));
    CHECK(share_se(20, 20) == doctest::Approx(share_se(0, 20)).epsilon(1e-12));
}
