// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/judging.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

TEST_CASE("an outcome has the error of the run's kind, and the plain accuracy beside it") {
    data::Dataset set;
    set.class_names = {"idle", "fall"};
    set.validation.samples = 10;
    set.validation.labels = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
    quantise::Trained trained;
    trained.validation_answers = {0, 0, 0, 0, 0, 0, 0, 1, 1, 0};
    const auto judged = [&](judge::ErrorKind kind) {
        Outcome outcome;
        HeldOut held_out(set, kind);
        held_out.add(set.validation, trained);
        held_out.judge(outcome);
        CHECK(outcome.accuracy() == doctest::Approx(0.8));
        CHECK(outcome.validation_interval->low == doctest::Approx(0.4902).epsilon(1e-4)); // Wilson's, of 8 of 10
        CHECK(outcome.validation_interval->high == doctest::Approx(0.9433).epsilon(1e-4));
        return *outcome.measures[Measure::error];
    };
    CHECK(judged(judge::ErrorKind::plain) == 1 - 0.8);
    CHECK(judged(judge::ErrorKind::balanced) == doctest::Approx(1 - (7.0 / 8 + 1.0 / 2) / 2));
    CHECK(judged(judge::ErrorKind::macro_f1) == doctest::Approx(1 - (7.0 / 8 + 1.0 / 2) / 2));
    set.validation.groups = {0, 0, 0, 1, 1, 1, 2, 2, 3, 3};
    Outcome few;
    HeldOut held_out(set, judge::ErrorKind::plain);
    held_out.add(set.validation, trained);
    held_out.judge(few);
    CHECK_FALSE(few.validation_interval); // four groups say too little
}

namespace {

/// A part of samples of class 0, and a training that answers some of them wrong.
std::pair<data::Split, quantise::Trained> judged_part(std::size_t samples, std::size_t wrong) {
    data::Split part;
    part.samples = samples;
    part.labels.assign(samples, 0);
    quantise::Trained trained;
    trained.validation_answers.assign(samples, 0);
    std::fill_n(trained.validation_answers.begin(), wrong, std::uint8_t(1));
    trained.float_validation_accuracy = 0.5;
    return {std::move(part), std::move(trained)};
}

} // namespace

TEST_CASE("answers of several folds are judged together, and their spread is in the standard error") {
    data::Dataset set;
    set.class_names = {"a", "b"};
    HeldOut held_out(set, judge::ErrorKind::plain);
    const auto add = [&](std::size_t samples, std::size_t wrong) {
        const auto [part, trained] = judged_part(samples, wrong);
        return held_out.add(part, trained);
    };
    CHECK(add(10, 0) == 0);
    CHECK(add(10, 5) == 0.5);
    CHECK(add(20, 5) == 0.25);
    Outcome outcome;
    held_out.judge(outcome);
    CHECK(*outcome.measures[Measure::error] == doctest::Approx(10.0 / 40));
    CHECK(*outcome.validation_accuracy == doctest::Approx(30.0 / 40));
    CHECK(*outcome.float_accuracy == doctest::Approx(0.5));
    // Errors of 0, 0.5, 0.25: a variance of 0.0625, over three folds.
    CHECK(*outcome.error_se == doctest::Approx(std::sqrt(0.0625 / 3)));
}

TEST_CASE("where all folds agree, the standard error is that of the samples") {
    data::Dataset set;
    set.class_names = {"a", "b"};
    HeldOut held_out(set, judge::ErrorKind::plain);
    for (int k = 0; k < 5; ++k) {
        const auto [part, trained] = judged_part(48, 0);
        held_out.add(part, trained);
    }
    Outcome outcome;
    held_out.judge(outcome);
    CHECK(*outcome.measures[Measure::error] == 0);
    // Two right and two wrong ones more: 2 of 244 are wrong.
    CHECK(*outcome.error_se == doctest::Approx(std::sqrt(2.0 / 244 * 242 / 244 / 244)));
}

TEST_CASE("numbers of several folds are judged together") {
    data::Dataset set;
    set.quantities = {{"y", 0, 1}};
    HeldOut held_out(set, judge::ErrorKind::rmse);
    for (const float offset : {0.0f, 1.0f}) {
        data::Split part;
        part.samples = 4;
        part.labels.assign(4, 0);
        part.targets = {0, 1, 2, 3};
        quantise::Trained trained;
        for (const float target : part.targets) trained.validation_numbers.push_back(target + offset);
        held_out.add(part, trained);
    }
    Outcome outcome;
    held_out.judge(outcome);
    // A mean square of 1/2 over a variance of 5/4.
    CHECK(*outcome.measures[Measure::error] == doctest::Approx(std::sqrt(0.5 / 1.25)));
    CHECK(outcome.numbers.size() == 1);
    CHECK(outcome.numbers[0].rmse == doctest::Approx(std::sqrt(0.5)));
}
