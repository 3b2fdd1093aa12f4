// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/split.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse::data;

namespace {
/// Samples of one element each, whose value is their index.
Split numbered_split(const std::vector<std::size_t>& per_class) {
    Split part;
    for (std::size_t c = 0; c < per_class.size(); ++c)
        for (std::size_t i = 0; i < per_class[c]; ++i) {
            part.values.push_back(std::int16_t(part.samples++));
            part.labels.push_back(std::uint8_t(c));
        }
    return part;
}
} // namespace

TEST_CASE("a stratified choice has every class in its proportion, to one sample") {
    const std::vector<std::size_t> sizes{100, 37, 3, 1, 0};
    const Split part = numbered_split(sizes);
    for (const std::size_t wanted : {0u, 1u, 14u, 70u, 141u, 1000u}) {
        const auto chosen = stratified_choice(part.labels, 5, wanted, "test");
        CHECK(chosen.size() == std::min<std::size_t>(wanted, 141));
        CHECK(std::is_sorted(chosen.begin(), chosen.end()));
        CHECK(std::set<std::size_t>(chosen.begin(), chosen.end()).size() == chosen.size());
        std::vector<double> counts(5);
        for (const std::size_t index : chosen) ++counts[part.labels[index]];
        for (std::size_t c = 0; c < 5; ++c)
            CHECK(std::abs(counts[c] - double(sizes[c]) * double(chosen.size()) / 141) < 1);
    }
}

TEST_CASE("a choice is the same every time and another one for another purpose") {
    const Split part = numbered_split({200, 200});
    CHECK(stratified_choice(part.labels, 2, 50, "a") == stratified_choice(part.labels, 2, 50, "a"));
    CHECK(stratified_choice(part.labels, 2, 50, "a") != stratified_choice(part.labels, 2, 50, "b"));
}

TEST_CASE("a part that is split off and what remains are the whole, and no class gives its last sample") {
    Split rest = numbered_split({50, 20, 1});
    const Split out = split_off(rest, 1, 3, 0.1, "test");
    CHECK(out.samples == 7);
    CHECK(rest.samples == 64);
    CHECK(class_counts(rest, 3)[2] == 1);
    std::vector<std::int16_t> all = out.values;
    all.insert(all.end(), rest.values.begin(), rest.values.end());
    std::sort(all.begin(), all.end());
    CHECK(all == numbered_split({50, 20, 1}).values);
    for (std::size_t i = 0; i < out.samples; ++i) CHECK(out.labels[i] == (out.values[i] < 50 ? 0 : 1));
    Split one = numbered_split({1});
    CHECK(split_off(one, 1, 1, 0.9, "test").samples == 0);
    CHECK(one.samples == 1);
}

TEST_CASE("take copies samples whole, pixels and values alike") {
    Split part;
    part.samples = 3;
    part.pixels = {1, 2, 3, 4, 5, 6};
    part.labels = {7, 8, 9};
    const Split taken = take(part, 2, std::vector<std::size_t>{2, 0});
    CHECK(taken.samples == 2);
    CHECK(taken.pixels == std::vector<std::uint8_t>{5, 6, 1, 2});
    CHECK(taken.labels == std::vector<std::uint8_t>{9, 7});
    CHECK(taken.values.empty());
}
