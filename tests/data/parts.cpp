// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/parts.hpp"
#include "helpers.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse::data;
using namespace testing;

namespace {
/// A set with one group for each entry: its class and how many samples it has, at rows 1, 2, 3 ...
Dataset grouped(const std::vector<std::pair<int, int>>& groups, std::size_t classes = 2) {
    Dataset set;
    set.shape = {1, 1, 1};
    set.element = ElementType::int16;
    for (std::size_t c = 0; c < classes; ++c) set.class_names.push_back(std::string(1, char('a' + c)));
    for (std::size_t g = 0; g < groups.size(); ++g) {
        set.group_names.push_back(std::to_string(g));
        set.files.push_back(std::to_string(g));
        for (int i = 0; i < groups[g].second; ++i) {
            set.train.labels.push_back(std::uint8_t(groups[g].first));
            set.train.groups.push_back(std::uint32_t(g));
            set.train.sources.push_back({std::uint32_t(g), std::uint32_t(i + 1)});
            set.train.values.push_back(std::int16_t(set.train.samples++));
        }
    }
    return set;
}

std::set<std::uint32_t> groups_of(const Split& part) { return {part.groups.begin(), part.groups.end()}; }

bool disjoint(const Split& a, const Split& b) {
    const auto first = groups_of(a), second = groups_of(b);
    return std::none_of(second.begin(), second.end(), [&](std::uint32_t group) { return first.contains(group); });
}
} // namespace

TEST_CASE("no group is in two parts, and each part has its share of every class") {
    std::vector<std::pair<int, int>> groups;
    for (int g = 0; g < 40; ++g) groups.push_back({g % 2, 5 + g % 7});
    Dataset set = grouped(groups);
    const std::vector<std::size_t> all = class_counts(set.train, 2);
    deal_by_groups(set, {0.1, 0.2, false, 1, {}, {}});
    CHECK(disjoint(set.train, set.test));
    CHECK(disjoint(set.train, set.validation));
    CHECK(disjoint(set.validation, set.test));
    CHECK(set.train.samples + set.validation.samples + set.test.samples == all[0] + all[1]);
    const std::vector<std::size_t> test = class_counts(set.test, 2);
    for (std::size_t c = 0; c < 2; ++c) CHECK(double(test[c]) / double(all[c]) == doctest::Approx(0.2).epsilon(0.2));
    CHECK(set.warnings.empty());
}

TEST_CASE("a class of three groups gives one to each part, and every class is trained on") {
    Dataset set = grouped({{0, 30}, {0, 30}, {0, 30}, {1, 5}, {1, 50}, {1, 10}});
    deal_by_groups(set, {0.1, 0.2, true, 1, {}, {}});
    for (const Split* part : {&set.train, &set.validation, &set.test})
        for (const std::size_t count : class_counts(*part, 2)) CHECK(count > 0);
}

TEST_CASE("groups are taken by name; whole numbers compare as numbers") {
    Dataset set = grouped({{0, 4}, {1, 4}, {0, 4}, {1, 4}, {0, 4}, {1, 4}});
    set.group_names = {"01", "02", "03", "04", "05", "06"};
    DealOptions options;
    options.test_groups = {"2", "3"};
    options.validation_groups = {"04"};
    Dataset dealt = set;
    deal_by_groups(dealt, options);
    CHECK(groups_of(dealt.test) == std::set<std::uint32_t>{1, 2});
    CHECK(groups_of(dealt.validation) == std::set<std::uint32_t>{3});
    options.test_groups = {"7"};
    CHECK(error_of([&] { deal_by_groups(set, options); }) ==
          "test_groups=7: there is no group 7; the groups are 01 02 03 04 05 06");
    options.test_groups = {"1", "2", "3"};
    options.validation_groups = {"4", "5", "6"};
    CHECK(error_of([&] { deal_by_groups(set, options); }).find("no group is left to train on") != std::string::npos);
}

TEST_CASE("too few groups for the parts asked are an error that says how many there are") {
    Dataset set = grouped({{0, 9}, {1, 9}});
    CHECK(error_of([&] {
              deal_by_groups(set, {0.1, 0.2, false, 1, {}, {}});
          }) == "there are 2 groups, and training, validation, test need at least 3; val=0 takes no validation part");
    deal_by_groups(set, {0.0, 0.2, false, 1, {}, {}});
    CHECK(disjoint(set.train, set.test));
}

TEST_CASE("a class of too few groups is cut in time, with gaps that no window bridges") {
    for (const int window : {1, 10, 40}) {
        CAPTURE(window);
        Dataset set = grouped({{0, 1000}, {1, 1000}});
        deal_by_groups(set, {0.1, 0.2, true, std::size_t(window), {}, {}});
        const int gap = std::max(window, 50);
        for (int label = 0; label < 2; ++label) {
            std::uint32_t last_train = 0, first_validation = 5000, last_validation = 0, first_test = 5000;
            std::size_t test = 0;
            for (std::size_t i = 0; i < set.train.samples; ++i)
                if (set.train.labels[i] == label) last_train = std::max(last_train, set.train.sources[i].row);
            for (std::size_t i = 0; i < set.validation.samples; ++i)
                if (set.validation.labels[i] == label) {
                    first_validation = std::min(first_validation, set.validation.sources[i].row);
                    last_validation = std::max(last_validation, set.validation.sources[i].row);
                }
            for (std::size_t i = 0; i < set.test.samples; ++i)
                if (set.test.labels[i] == label) {
                    first_test = std::min(first_test, set.test.sources[i].row);
                    ++test;
                }
            CHECK(int(first_validation) - int(last_train) - window + 1 > gap);
            CHECK(int(first_test) - int(last_validation) - window + 1 > gap);
            CHECK(double(test) == doctest::Approx(0.2 * 900).epsilon(0.25));
        }
        CHECK(disjoint(set.train, set.test)); // the pieces are groups of their own
        REQUIRE(set.warnings.size() == 1);
        CHECK(set.warnings[0].find("too few recordings or stretches of a, b to keep some apart, so each was cut in "
                                   "time") == 0);
    }
}
