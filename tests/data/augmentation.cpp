// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/augmentation.hpp"
#include "helpers.hpp"
#include "tinysparse/base/rows.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {

Dataset set_of_element(ElementType element, int channels) {
    Dataset set;
    set.name = "mine";
    set.element = element;
    set.shape = {channels, 8, element == ElementType::int16 ? 1 : 8};
    if (element == ElementType::int16) set.channels.resize(std::size_t(channels));
    return set;
}

std::string augmentation_refusal(const Augmentation& augmentation, const Dataset& set) {
    return error_of([&] { check_augmentation(augmentation, set); });
}

} // namespace

TEST_CASE("the table has every member once, off by default") {
    Augmentation all;
    for (const AugmentationInfo& info : augmentations) {
        CHECK(info.get(all) == 0);
        const Augmentation before = all;
        info.set(all, 1);
        CHECK(all != before);
        CHECK(info.get(all) == 1);
        CHECK(row_named(augmentations, info.name) == &info);
    }
    const Augmentation expected{1, 1, 1, 1, true, true, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    CHECK(all == expected);
}

TEST_CASE("options out of range, and options that the data do not have") {
    const Dataset gray = set_of_element(ElementType::uint8, 1), colours = set_of_element(ElementType::uint8, 3),
                  series = set_of_element(ElementType::int16, 2), sensor = set_of_element(ElementType::int16, 4);
    CHECK(augmentation_refusal({.rotate = 200}, gray) == "augmentation rotate=200: expected 0 to 180");
    CHECK(augmentation_refusal({.shift = -1}, gray) != "no error");
    CHECK(augmentation_refusal({.brightness = std::nan("")}, gray) != "no error");
    CHECK(augmentation_refusal({.flip = true}, series) ==
          "mine: augmentation flip is for pictures; the data are series");
    CHECK(augmentation_refusal({.hue = 10}, gray) ==
          "mine: augmentation hue is for pictures of three colours; these have 1 channel");
    CHECK(augmentation_refusal({.saturation = 0.1}, series) ==
          "mine: augmentation saturation is for pictures; the data are series");
    CHECK(augmentation_refusal({.stretch = 0.1}, colours) ==
          "mine: augmentation stretch is for series; the data are pictures");
    CHECK(augmentation_refusal({.axes = 10}, series) ==
          "mine: augmentation axes is for sensors of three axes; the series have 2 channels");
    CHECK(augmentation_refusal({.shift = 4, .noise = 0.1, .stretch = 0.1, .gain = 0.2, .axes = 10}, sensor) ==
          "no error");
    CHECK(augmentation_refusal({.rotate = 180, .hue = 180, .saturation = 1, .colour_order = 1, .noise = 0.1},
                               colours) == "no error");
    std::size_t for_gray = 0, for_colours = 0, for_series = 0;
    for (const AugmentationInfo& info : augmentations) {
        for_gray += applies(info, gray);
        for_colours += applies(info, colours);
        for_series += applies(info, sensor);
    }
    CHECK(for_gray == 10);
    CHECK(for_colours == 13);
    CHECK(for_series == 5);
}
