// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/judge/verdict.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::judge;

namespace {

/// Six groups of 10 samples of class a and 2 of b; group g has g wrong answers among its a. Numbers have gaps.
struct Example {
    std::vector<std::uint8_t> truths, answers;
    std::vector<std::uint32_t> groups;

    Example() {
        for (std::uint32_t g = 0; g < 6; ++g)
            for (std::uint32_t i = 0; i < 12; ++i) {
                truths.push_back(i < 10 ? 0 : 1);
                answers.push_back(i < g ? 1 : truths.back());
                groups.push_back(2 * g);
            }
    }
};

} // namespace

TEST_CASE("a verdict on groups has their accuracies, the best and the worst") {
    const Example given;
    const std::vector<std::string> names = {"ann", "", "bob", "", "cid"};
    const Verdict found = verdict({3, given.truths, given.answers, given.groups}, {"a", "b", "c"}, names);
    CHECK(found.matrix.samples() == 72);
    CHECK(found.matrix.at(0, 1) == 15);
    REQUIRE(found.groups.size() == 6);
    CHECK(found.groups[1].name == "bob");
    CHECK(found.groups[1].samples == 12);
    CHECK(found.groups[1].right == 11);
    CHECK(found.best_group().name == "ann");
    CHECK(found.worst_group().name == "10"); // beyond the names
    CHECK(found.worst_group().accuracy() == doctest::Approx(7 / 12.0));
    CHECK(found.largest_class() == 0);
    CHECK(found.largest_share() == doctest::Approx(60 / 72.0));
    CHECK(found.absent_classes() == std::vector<std::string>{"c"});
    REQUIRE(found.accuracy);
    CHECK(found.accuracy == accuracy_interval({3, given.truths, given.answers, given.groups}));
    CHECK(found.accuracy->low < 57 / 72.0);
    CHECK(found.accuracy->high > 57 / 72.0);
    CHECK(found.f1[0]);
    CHECK(found.f1[1]);
    CHECK_FALSE(found.f1[2]);
    // Recall of b is 1 in each draw, that of a varies as the accuracy does: 1 - wrong / 60.
    CHECK(found.balanced_accuracy->low == doctest::Approx(1 - (1 - found.accuracy->low) * 72 / 60 / 2));
}

TEST_CASE("a class of few groups has no interval of its F1, few groups have none at all") {
    Example given;
    for (std::size_t i = 24; i < given.truths.size(); ++i) given.truths[i] = given.answers[i] = 0; // b in two groups
    Verdict found = verdict({2, given.truths, given.answers, given.groups}, {"a", "b"});
    CHECK(found.f1[0]);
    CHECK_FALSE(found.f1[1]);
    for (std::uint32_t& group : given.groups) group /= 4; // three groups
    found = verdict({2, given.truths, given.answers, given.groups}, {"a", "b"});
    CHECK(found.groups.size() == 3);
    CHECK_FALSE(found.accuracy);
    CHECK_FALSE(found.balanced_accuracy);
    CHECK_FALSE(found.f1[0]);
}

TEST_CASE("independent samples have no groups, and Wilson's interval") {
    const Example given;
    const Verdict found = verdict({2, given.truths, given.answers, {}}, {"a", "b"});
    CHECK(found.groups.empty());
    CHECK(found.accuracy == wilson(57, 72));
    CHECK(found.f1[1]);
    const Verdict one =
        verdict({2, std::span(given.truths).first(1), std::span(given.answers).first(1), {}}, {"a", "b"});
    CHECK(one.accuracy == wilson(1, 1));
    CHECK_FALSE(one.macro_f1);
}

TEST_CASE("answers that do not belong to the samples are refused with their numbers") {
    const Example given;
    const std::span truths(given.truths), answers(given.answers);
    const std::span groups(given.groups);
    CHECK_THROWS_WITH_AS(verdict({2, truths, answers.first(71), {}}, {"a", "b"}),
                         "72 true classes, 71 answers and 0 groups; give one of each for every sample, or no groups",
                         Error);
    CHECK_THROWS_AS(verdict({2, truths, answers, groups.first(3)}, {"a", "b"}), Error);
    CHECK_THROWS_AS(bootstrap({2, truths, answers.first(71), groups}, {}), Error);
    CHECK_THROWS_WITH_AS(verdict({1, truths, answers, {}}, {"a"}),
                         "sample 10 has class 1 and answer 1; the 1 classes are numbered from 0", Error);
}

TEST_CASE("draws that miss a rare class do not flatter the means over classes") {
    std::vector<std::uint8_t> truths(200, 1), answers(200, 1); // always the frequent class
    truths[0] = truths[1] = 0;
    const Verdict found = verdict({2, truths, answers, {}}, {"fall", "ok"});
    REQUIRE(found.balanced_accuracy);
    CHECK(found.balanced_accuracy->low == 0.5);
    CHECK(found.balanced_accuracy->high == 0.5);
    CHECK(found.macro_f1->high < 0.5);
}
