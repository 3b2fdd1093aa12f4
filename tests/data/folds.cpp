// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/folds.hpp"
#include "helpers.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <map>
#include <set>

using namespace tinysparse;
using namespace tinysparse::data;
using testing::error_of;

namespace {

/// Series of one value each, which is the sample's number; each tenth is in the validation part. group_of: of a sample.
template <class ClassOf, class GroupOf>
Dataset numbered(std::size_t samples, std::size_t classes, ClassOf class_of, GroupOf group_of, bool grouped) {
    Dataset set;
    set.name = "numbered";
    set.shape = {1, 1, 1};
    set.element = ElementType::int16;
    for (std::size_t c = 0; c < classes; ++c) set.class_names.push_back(text("class", c));
    std::size_t groups = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        Split& part = i % 10 == 9 ? set.validation : set.train;
        ++part.samples;
        part.values.push_back(std::int16_t(i));
        part.labels.push_back(std::uint8_t(class_of(i)));
        if (grouped) part.groups.push_back(std::uint32_t(group_of(i)));
        groups = std::max<std::size_t>(groups, group_of(i) + 1);
    }
    for (std::size_t g = 0; grouped && g < groups; ++g) set.group_names.push_back(text("group", g));
    set.normalisation = normalisation_of(set.train, set.shape);
    set.validation_drawn = true;
    set.digest = digest_of(set);
    return set;
}

Dataset independent(std::size_t samples, std::size_t classes) {
    return numbered(
        samples, classes, [=](std::size_t i) { return i * 7 % classes; }, [](std::size_t) { return 0u; }, false);
}

} // namespace

TEST_CASE("every sample is in one fold, and no two folds differ by more than a sample, or by one of a class") {
    for (const std::size_t samples : {5u, 23u, 240u, 1001u}) {
        const Dataset set = independent(samples, 3);
        const Folds folds = folds_of(set);
        CHECK(folds.count == 5);
        std::vector<std::size_t> sizes(5);
        std::map<std::pair<int, int>, std::size_t> of_class;
        const Split all = joined(set);
        CHECK(folds.of.size() == samples);
        for (std::size_t i = 0; i < samples; ++i) {
            ++sizes.at(folds.of[i]);
            ++of_class[{all.labels[i], folds.of[i]}];
        }
        const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
        CHECK(*most - *least <= 1);
        for (int c = 0; c < 3; ++c) {
            std::set<std::size_t> counts;
            for (int k = 0; k < 5; ++k) counts.insert(of_class[{c, k}]);
            CHECK(*counts.rbegin() - *counts.begin() <= 1);
        }
    }
}

TEST_CASE("a fold is judged by its own samples and trained on all others but the test part's") {
    Dataset set = independent(83, 3);
    set.test = set.validation;
    for (std::int16_t& value : set.test.values) value = std::int16_t(value + 1000);
    const Folds folds = folds_of(set);
    std::multiset<std::int16_t> judged;
    for (std::size_t k = 0; k < folds.count; ++k) {
        const Dataset own = fold(set, folds, k);
        CHECK(own.train.samples + own.validation.samples == 83);
        const std::set<std::int16_t> trained(own.train.values.begin(), own.train.values.end());
        for (const std::int16_t value : own.validation.values) CHECK_FALSE(trained.contains(value));
        for (const std::int16_t value : trained) CHECK(value < 1000);
        judged.insert(own.validation.values.begin(), own.validation.values.end());
        CHECK(own.test.values == set.test.values);
        CHECK(own.digest == set.digest);
        // What training takes from its samples does not know those that judge.
        const Normalisation expected = normalisation_of(own.train, own.shape);
        CHECK(own.normalisation.offset == expected.offset);
        CHECK(own.normalisation.shift == expected.shift);
    }
    CHECK(judged.size() == 83);
    CHECK(std::set<std::int16_t>(judged.begin(), judged.end()).size() == 83);
    const Dataset tested = with_all_to_test(set);
    CHECK(tested.test.samples == set.train.samples + set.validation.samples + set.test.samples);
    CHECK(tested.train.samples + tested.validation.samples == 0);
    CHECK(tested.test.labels.size() == tested.test.samples);
    const Dataset all = with_all_to_train(set);
    CHECK(all.train.samples == 83);
    CHECK(all.validation.samples == 0);
    CHECK(error_of([&] { fold(set, folds, 5); }).find("fold 5 of 5") != std::string::npos);
    CHECK(error_of([&] { fold(independent(82, 3), folds, 0); }).find("not of this set") != std::string::npos);
}

TEST_CASE("no group is split between two folds, and each has about its share of every class") {
    // 30 persons, each with all classes, of different numbers of samples.
    const Dataset set = numbered(
        1500, 6, [](std::size_t i) { return i % 6; }, [](std::size_t i) { return i / 6 % 37 % 30; }, true);
    const Folds folds = folds_of(set);
    CHECK(folds.count == 5);
    const Split all = joined(set);
    std::map<std::uint32_t, std::set<int>> folds_of_group;
    std::map<std::pair<int, int>, double> of_class;
    for (std::size_t i = 0; i < all.samples; ++i) {
        folds_of_group[all.groups[i]].insert(folds.of[i]);
        of_class[{all.labels[i], folds.of[i]}] += 1;
    }
    for (const auto& [group, in] : folds_of_group) CHECK(in.size() == 1);
    for (int c = 0; c < 6; ++c)
        for (int k = 0; k < 5; ++k) CHECK(of_class[{c, k}] / 250 == doctest::Approx(0.2).epsilon(0.25));
}

TEST_CASE("there are as many folds as a class has groups, and none if that is one") {
    for (const std::size_t groups : {1u, 2u, 3u, 4u, 7u}) {
        // Class 1 lies in this number of groups of its own, class 0 in eight others.
        const Dataset set = numbered(
            400, 2, [](std::size_t i) { return i % 2; },
            [=](std::size_t i) { return i % 2 ? 8 + i / 2 % groups : i / 2 % 8; }, true);
        CHECK(folds_of(set).count == (groups == 1 ? 0 : std::min<std::size_t>(5, groups)));
    }
}

TEST_CASE("folds depend on the data alone") {
    const Dataset set = independent(240, 3);
    CHECK(folds_of(set).of == folds_of(independent(240, 3)).of);
    CHECK(folds_of(set).digest() == folds_of(independent(240, 3)).digest());
    CHECK(folds_of(set).digest() != folds_of(independent(241, 3)).digest());
}

TEST_CASE("a class of one sample or none, and a set of one sample") {
    Dataset rare = independent(50, 2);
    rare.class_names.push_back("never");
    CHECK(folds_of(rare).count == 5);
    rare.train.labels[0] = 2;
    CHECK(folds_of(rare).count == 5);
    CHECK(folds_of(independent(3, 3)).count == 3);
    CHECK(folds_of(independent(1, 1)).count == 0);
}

TEST_CASE("a small validation part that nobody chose asks for folds, and so does one of few groups") {
    Dataset small = independent(240, 3);
    CHECK(should_have_folds(small));
    small.validation_drawn = false;
    CHECK_FALSE(should_have_folds(small));
    CHECK(should_have_folds(independent(14990, 3)));
    CHECK_FALSE(should_have_folds(independent(15000, 3))); // 1500 of them are enough
    const auto persons = [](std::size_t groups) {
        return numbered(
            30000, 3, [](std::size_t i) { return i % 3; }, [=](std::size_t i) { return i / 10 % groups; }, true);
    };
    CHECK(should_have_folds(persons(19)));
    CHECK_FALSE(should_have_folds(persons(20)));
    CHECK(usual_part_judges_badly(independent(14990, 3)));
    CHECK_FALSE(usual_part_judges_badly(independent(15000, 3)));
    CHECK(usual_part_judges_badly(persons(199))); // a tenth of them, whichever part they are in
    CHECK_FALSE(usual_part_judges_badly(persons(200)));
    Dataset none = independent(240, 3);
    none.validation = {};
    CHECK_FALSE(should_have_folds(none));
}
