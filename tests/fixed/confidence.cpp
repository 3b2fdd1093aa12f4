// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/confidence.hpp"
#include "tinysparse/base/random.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// Float softmax of logits / temperature.
std::vector<double> softmax(const std::vector<std::int32_t>& logits, double temperature) {
    std::vector<double> out;
    double sum = 0;
    const double top = double(*std::max_element(logits.begin(), logits.end()));
    for (const std::int32_t logit : logits) sum += out.emplace_back(std::exp((double(logit) - top) / temperature));
    for (double& share : out) share /= sum;
    return out;
}

/// Whole numbers up to +-most.
std::vector<std::int32_t> random_logits(Random& random, std::size_t count, std::int32_t most) {
    std::vector<std::int32_t> logits(count);
    for (std::int32_t& logit : logits) logit = std::int32_t(random.below(2u * std::uint32_t(most) + 1)) - most;
    return logits;
}

} // namespace

TEST_CASE("probabilities are within 3/256 of a float softmax of the same logits") {
    Random random(1, "softmax", 0);
    double worst = 0;
    for (const double temperature : {1.0, 1.7, 10.0, 92.3, 1000.0, 33333.0, 1048576.0})
        for (const std::size_t classes : {2u, 3u, 10u, 62u, 255u})
            for (int repeat = 0; repeat < 40; ++repeat) {
                const double spread = temperature * std::pow(10.0, random.below(4)) / 10;
                const auto most = std::int32_t(std::min(1e9, std::max(1.0, spread)));
                const std::vector<std::int32_t> logits = random_logits(random, classes, most);
                const std::vector<double> expected = softmax(logits, temperature);
                const mcu::SoftmaxSteps steps = fixed::softmax_steps(temperature);
                for (std::size_t c = 0; c < classes; ++c)
                    worst = std::max(worst,
                                     std::abs(expected[c] * 256 - mcu::probability(logits.data(), std::uint8_t(classes),
                                                                                   std::uint8_t(c), steps)));
            }
    CHECK(worst < 3);
    const std::vector<std::int32_t> sure = {2147483647, -2147483647 - 1, 0};
    const mcu::SoftmaxSteps steps = fixed::softmax_steps(1);
    CHECK(mcu::probability(sure.data(), 3, 0, steps) == 256);
    CHECK(mcu::probability(sure.data(), 3, 1, steps) == 0);
}

TEST_CASE("steps keep their promise: no product leaves 32 bits, no exponent the table") {
    for (double temperature = 1; temperature <= 1 << 20; temperature *= 1.37) {
        const mcu::SoftmaxSteps steps = fixed::softmax_steps(temperature);
        CHECK(steps.shift >= 1);
        CHECK(steps.shift <= 22);
        CHECK(steps.multiplier > 0);
        const std::uint64_t last =
            std::uint64_t(steps.reach) * steps.multiplier + (std::uint64_t{1} << (steps.shift - 1));
        CHECK(last < (std::uint64_t{1} << 32));
        CHECK((last >> steps.shift) <= 1023);
        CHECK(((last + steps.multiplier) >> steps.shift) >= 1023);
    }
    for (const double bad : {0.0, 0.99, -1.0, 2e6, std::nan("")}) CHECK_THROWS_AS(fixed::softmax_steps(bad), Error);
}

TEST_CASE("the margin is the largest logit minus the second") {
    Random random(2, "margin", 0);
    for (int repeat = 0; repeat < 500; ++repeat) {
        std::vector<std::int32_t> logits = random_logits(random, 2 + random.below(9), repeat < 250 ? 3 : 1000000);
        const std::int32_t found = mcu::margin(logits.data(), std::uint8_t(logits.size()));
        std::sort(logits.rbegin(), logits.rend());
        CHECK(found == logits[0] - logits[1]);
    }
    const std::int32_t far[] = {-2147483647, 2147483647};
    CHECK(mcu::margin(far, 2) == 2147483647);
}

TEST_CASE("the temperature with which labels were drawn is found again") {
    Random random(3, "temperature", 0);
    for (const double temperature : {20.0, 700.0, 50000.0}) {
        std::vector<std::int32_t> logits;
        std::vector<std::uint8_t> labels;
        for (int i = 0; i < 20000; ++i) {
            const std::vector<std::int32_t> own = random_logits(random, 4, std::int32_t(3 * temperature));
            const std::vector<double> shares = softmax(own, temperature);
            double drawn = random.uniform();
            std::uint8_t label = 0;
            while (label < 3 && drawn >= shares[label]) drawn -= shares[label++];
            labels.push_back(label);
            logits.insert(logits.end(), own.begin(), own.end());
        }
        const fixed::KnownAnswers known{4, logits, labels};
        const double found = fixed::fit_temperature(known);
        CHECK(found == doctest::Approx(temperature).epsilon(0.05));
        for (const double other : {0.97, 1.03})
            CHECK(fixed::log_loss(known, found) < fixed::log_loss(known, found * other));
        CHECK(fixed::calibration_error(known, fixed::softmax_steps(found)) < 0.02);
        CHECK(fixed::calibration_error(known, fixed::softmax_steps(found / 4)) > 0.05);
    }
}

TEST_CASE("the calibration error of answers that are said to be even and are all right is a half") {
    const std::vector<std::int32_t> logits = {5, 5, 5, 5};
    const std::vector<std::uint8_t> right = {0, 0}, half = {0, 1};
    const mcu::SoftmaxSteps steps = fixed::softmax_steps(10);
    CHECK(fixed::calibration_error({2, logits, right}, steps) == 0.5);
    CHECK(fixed::calibration_error({2, logits, half}, steps) == 0);
}

TEST_CASE("the threshold is the largest that rejects no more than was asked") {
    Random random(4, "reject", 0);
    for (int repeat = 0; repeat < 60; ++repeat) {
        const std::size_t samples = 1 + random.below(60);
        const std::vector<std::int32_t> logits = random_logits(random, 3 * samples, repeat % 2 ? 4 : 100);
        std::vector<std::uint8_t> labels(samples);
        for (std::uint8_t& label : labels) label = std::uint8_t(random.below(3));
        const fixed::KnownAnswers known{3, logits, labels};
        for (const double share : {0.0, 0.05, 0.3, 0.99}) {
            const fixed::Rejection found = fixed::rejection(known, share);
            const auto rejected = [&](std::int64_t least) {
                std::size_t count = 0;
                for (std::size_t i = 0; i < samples; ++i) count += mcu::margin(known.of(i), 3) < least;
                return count;
            };
            CHECK(double(rejected(found.least_margin)) <= share * double(samples) + 1e-9);
            CHECK(double(rejected(std::int64_t(found.least_margin) + 1)) > share * double(samples) + 1e-9);
            CHECK(found.accepted == samples - rejected(found.least_margin));
            std::size_t right = 0;
            for (std::size_t i = 0; i < samples; ++i)
                right += mcu::margin(known.of(i), 3) >= found.least_margin && known.right(i);
            CHECK(found.right == right);
        }
    }
    const std::vector<std::int32_t> logits = {0, 10, 0, 20, 0, 30, 0, 40};
    const std::vector<std::uint8_t> labels = {0, 1, 1, 1};
    const auto own = fixed::confidence({2, logits, labels}, 0.25, "samples").rejection;
    CHECK(own->least_margin == 20);
    CHECK(own->coverage() == 0.75);
    CHECK(own->accuracy() == 1);
}

TEST_CASE("what is no set of known answers is refused") {
    const std::vector<std::int32_t> logits = {0, 1, 2, 3};
    const std::vector<std::uint8_t> labels = {0, 1}, wrong = {0, 2};
    CHECK_THROWS_WITH_AS(fixed::confidence({2, logits, {}}, {}, ""), doctest::Contains("4 logits of 0 samples"), Error);
    CHECK_THROWS_AS(fixed::confidence({1, logits, labels}, {}, ""), Error);
    CHECK_THROWS_AS(fixed::confidence({3, logits, labels}, {}, ""), Error);
    CHECK_THROWS_WITH_AS(fixed::confidence({2, logits, wrong}, {}, ""), "class 2 is not one of 2", Error);
    for (const double share : {-0.1, 1.0, std::nan("")})
        CHECK_THROWS_WITH_AS(fixed::confidence({2, logits, labels}, share, ""), doctest::Contains("share to reject"),
                             Error);
}
