// SPDX-License-Identifier: Apache-2.0
// A program's own arrays give the set that the same numbers give as files; what does not belong together is refused.
#include "tinysparse/data/from_arrays.hpp"
#include "helpers.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/data/load.hpp"
#include <bit>
#include <doctest/doctest.h>
#include <functional>
#include <limits>
#include <type_traits>

using namespace tinysparse;
using namespace tinysparse::data;
using testing::error_of;

namespace {

/// 40 pictures of 2x3 in two classes.
OwnArrays pictures() {
    OwnArrays own{.shape = {1, 2, 3}};
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < 240; ++i) pixels.push_back(std::uint8_t(7 * i));
    own.elements = pixels;
    for (int i = 0; i < 40; ++i) own.labels.push_back(i % 4 == 0);
    return own;
}

/// 60 series of two channels at four moments, as floats in a unit of their own.
std::vector<float> readings() {
    Random random(3, "readings");
    std::vector<float> all;
    for (int i = 0; i < 60 * 8; ++i) all.push_back(float(random.normal()) * (i / 4 % 2 ? 0.01f : 3.0f));
    return all;
}

std::string bytes_of(const std::vector<float>& items) {
    std::string bytes;
    for (const float item : items) bytes += testing::little_endian(std::bit_cast<std::uint32_t>(item), 4);
    return bytes;
}

} // namespace

TEST_CASE("arrays give what the same arrays give as files: parts, raw elements, normalisation and digest") {
    const testing::Folder folder;
    std::string labels;
    OwnArrays own{.shape = {2, 4, 1}, .elements = readings()};
    for (int i = 0; i < 60; ++i) {
        own.labels.push_back(i % 3 == 1 ? 7 : 2);
        labels += testing::little_endian(std::uint64_t(own.labels.back()), 8);
    }
    folder.write("x.npy", testing::npy("<f4", "(60, 2, 4)", bytes_of(readings())));
    const std::string y = folder.write("y.npy", testing::npy("<i8", "(60,)", labels));
    const Dataset read = load(folder.path + "/x.npy,labels=" + y + ",layout=nct");
    const Dataset set = from_arrays(own);
    CHECK(set.digest == read.digest);
    CHECK(set.class_names == std::vector<std::string>{"2", "7"});
    CHECK(set.channels == read.channels);
    CHECK(set.normalisation.offset == read.normalisation.offset);
    CHECK(set.normalisation.shift == read.normalisation.shift);
    CHECK(set.test.values == read.test.values);
    CHECK(set.validation.labels == read.validation.labels);
    const std::vector<float> floats = readings();
    own.elements = std::vector<double>(floats.begin(), floats.end());
    CHECK(from_arrays(own).digest == set.digest);
    static_assert(!std::is_constructible_v<Elements, std::vector<int>>);
    own.seed = 1;
    const Dataset other = from_arrays(own);
    CHECK(other.test.values != set.test.values);
    CHECK(other.test.samples == set.test.samples);
}

TEST_CASE("pictures: named classes keep their places, floats of 0 to 1 are pixels, channels may come last") {
    OwnArrays own = pictures();
    own.class_names = {"cat", "dog", "horse"}; // no horse is there
    const Dataset set = from_arrays(own);
    CHECK(set.class_names.size() == 3);
    CHECK(set.test.samples == 8);
    CHECK(set.validation.samples == 3);
    CHECK(class_counts(set.train, 3)[2] == 0);

    OwnArrays last{.shape = {3, 1, 2}, .elements = std::vector<float>{}, .parts = {Part::test, Part::train}};
    last.elements = std::vector<float>{0, 0.2f, 0.4f, 0.6f, 0.8f, 1, 0, 0, 0, 0, 0, 0};
    last.labels = {1, 0};
    last.channels_last = true;
    const Dataset colours = from_arrays(last);
    CHECK(colours.test.pixels == std::vector<std::uint8_t>{0, 153, 51, 204, 102, 255});
    CHECK(colours.train.labels == std::vector<std::uint8_t>{0});
    CHECK(colours.validation.samples == 0);
}

TEST_CASE("groups never part, and target numbers get their scale") {
    OwnArrays own = pictures();
    for (int i = 0; i < 40; ++i) own.groups.push_back(std::uint32_t(100 + i / 4));
    const Dataset set = from_arrays(own);
    CHECK(set.group_names.front() == "100");
    for (const Split* part : {&set.validation, &set.test})
        for (const std::uint32_t group : part->groups)
            CHECK(std::count(set.train.groups.begin(), set.train.groups.end(), group) == 0);
    CHECK(set.test.samples + set.validation.samples + set.train.samples == 40);

    OwnArrays numbers{.shape = {2, 4, 1}, .elements = readings(), .quantity_names = {"force", "angle"}};
    for (int i = 0; i < 120; ++i) numbers.targets.push_back(float(i % 2 ? 10 * (i % 7) : i % 5));
    const Dataset answers = from_arrays(numbers);
    CHECK(answers.quantities[1].name == "angle");
    CHECK(answers.quantities[1].scale == 16); // 10 (0..6): a standard deviation of 20
    CHECK(answers.train.targets.size() == 2 * answers.train.samples);
}

TEST_CASE("groups that leave no validation part are warned of") {
    OwnArrays own = pictures();
    for (std::size_t i = 0; i < 40; ++i) {
        own.labels[i] = int(i % 2);
        own.groups.push_back(std::uint32_t(i % 4)); // two of each class
    }
    const Dataset set = from_arrays(own);
    CHECK(set.test.samples == 20);
    CHECK(set.validation.samples == 0);
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings[0] ==
          "none of the 4 groups is left for the validation part, as each class needs one to train on; "
          "give more groups, or the part of each sample in .parts, or .validation = 0");
    own.validation = 0;
    CHECK(from_arrays(own).warnings.empty());
}

TEST_CASE("pictures of one row are warned of, as they are probably series") {
    OwnArrays own = pictures();
    CHECK(from_arrays(own).warnings.empty());
    own.shape = {3, 1, 2};
    const Dataset set = from_arrays(own);
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings[0] == "samples of shape 3x1x2 (channels, height, width) are pictures of one row; a series has "
                             "width 1: .shape = {3, 2, 1}");
}

TEST_CASE("arrays that do not belong together are refused, each fault in its own words") {
    const struct {
        const char* name;
        std::function<void(OwnArrays&)> make;
        const char* words;
    } faults[] = {
        {"no shape",
         [](OwnArrays& o) {
             o.shape = {0, 2, 3};
         },
         "the shape is 0x2x3 (channels, height, width); expected lengths of at least 1"},
        {"a shape too large",
         [](OwnArrays& o) {
             o.shape = {65535, 65535, 65535};
         },
         "at most 16777216"},
        {"nothing", [](OwnArrays& o) { o.elements = std::vector<float>{}; },
         "there are 0 elements; give those of all samples, 6 for each"},
        {"half a sample", [](OwnArrays& o) { o.elements = std::vector<std::uint8_t>(239); },
         "239 elements are not a whole number of samples: each has 6, as its shape is 1x2x3 (channels, height, width), "
         "and after 39 samples 5 elements remain; correct the shape or the elements"},
        {"neither labels nor targets", [](OwnArrays& o) { o.labels.clear(); },
         "0 labels and 0 targets for 40 samples; give labels, or targets"},
        {"both", [](OwnArrays& o) { o.targets = {1}; }, "40 labels and 1 targets for 40 samples; give"},
        {"a label too few", [](OwnArrays& o) { o.labels.pop_back(); },
         "39 labels for 40 samples of shape 1x2x3 (channels, height, width), expected 40"},
        {"a label below 0",
         [](OwnArrays& o) {
             o.labels[3] = -1;
             o.class_names = {"a", "b"};
         },
         "sample 3 has label -1, but the 2 class names are those of labels 0 to 1; labels begin at 0, and those here "
         "are "
         "-1 to 1"},
        {"a label beyond the names",
         [](OwnArrays& o) {
             o.labels[3] = 2;
             o.class_names = {"a", "b"};
         },
         "sample 3 has label 2, but the 2 class names are those of labels 0 to 1; labels begin at 0, and those here "
         "are "
         "0 to 2"},
        {"labels that begin at 1",
         [](OwnArrays& o) {
             for (int& label : o.labels) ++label;
             o.class_names = {"a", "b"};
         },
         "sample 0 has label 2, but the 2 class names are those of labels 0 to 1; labels begin at 0, and the smallest "
         "here is 1: subtract 1 from each"},
        {"one class of two that have names",
         [](OwnArrays& o) {
             o.labels.assign(40, 1);
             o.class_names = {"a", "b"};
         },
         "all samples are of one class, label 1"},
        {"two targets without names",
         [](OwnArrays& o) {
             o.labels.clear();
             o.targets.assign(80, 1);
         },
         "80 targets for 40 samples of shape 1x2x3 (channels, height, width), expected 40; if a sample has 2 targets, "
         "give each its name in .quantity_names"},
        {"readings as pictures of one row",
         [](OwnArrays& o) {
             o.shape = {3, 1, 2};
             o.elements = std::vector<float>(240, -7);
         },
         "; a program gives .shape = {channels, moments, 1}, here perhaps {2, 3, 1}"},
        {"a reading that is no number",
         [](OwnArrays& o) {
             std::vector<float> elements(240);
             elements[3 * 6 + 4] = std::numeric_limits<float>::quiet_NaN();
             o.elements = elements;
         },
         "sample 3, element 4 is nan, expected a finite number"},
        {"a label beyond floats", [](OwnArrays& o) { o.labels[3] = 1 << 25; },
         "sample 3 has label 33554432, expected -16777216 to 16777216"},
        {"a group too few",
         [](OwnArrays& o) {
             o.groups = {1, 2};
         },
         "2 groups for 40 samples"},
        {"two groups for three parts",
         [](OwnArrays& o) {
             for (int i = 0; i < 40; ++i) o.groups.push_back(std::uint32_t(i % 2));
         },
         "2 groups for 3 parts; give more groups, or the part of each sample in .parts, or .validation = 0"},
        {"one group for two parts",
         [](OwnArrays& o) {
             o.groups.assign(40, 7);
             o.validation = 0;
         },
         "1 group for 2 parts; give more groups, or the part of each sample in .parts, or .test = 0"},
        {"a single group for each class",
         [](OwnArrays& o) {
             for (std::size_t i = 0; i < 40; ++i) o.groups.push_back(std::uint32_t(o.labels[i] = int(i % 3)));
         },
         "none of the 3 groups is left for the test part, as each class needs one to train on"},
        {"samples too few for a test part",
         [](OwnArrays& o) {
             o.elements = std::vector<std::uint8_t>(12);
             o.labels = {0, 1};
         },
         "2 samples leave none for the test part, whose share is 0.2"},
        {"a part too many", [](OwnArrays& o) { o.parts.assign(41, Part::train); }, "41 parts for 40 samples"},
        {"no such part", [](OwnArrays& o) { o.parts.assign(40, Part(3)); },
         "the part of sample 0 is 3; expected Part::train"},
        {"nothing to train on", [](OwnArrays& o) { o.parts.assign(40, Part::test); }, "no training samples"},
        {"names of channels of a picture", [](OwnArrays& o) { o.channel_names = {"red"}; },
         "1 names of channels for samples of shape 1x2x3"},
        {"a test share of 1", [](OwnArrays& o) { o.test = 1; }, ".test is 1, expected a share of 0 to below 1"},
        {"a validation share that is no number",
         [](OwnArrays& o) { o.validation = std::numeric_limits<double>::quiet_NaN(); }, ".validation is nan"},
        {"one class", [](OwnArrays& o) { o.labels.assign(40, 5); }, "all samples are of one class, label 5"},
        {"twins",
         [](OwnArrays& o) {
             o.class_names = {"a", "a"};
         },
         "two classes are called 'a'"},
        {"pictures beyond 0..255", [](OwnArrays& o) { o.elements = std::vector<std::int16_t>(240, 300); },
         "expected 0 to 1 or 0 to 255"},
        {"an infinite reading", [](OwnArrays& o) { o.elements = std::vector<float>(240, 1 / 0.0f); },
         "sample 0, element 0 is inf"},
        {"a target that is no number",
         [](OwnArrays& o) {
             o.labels.clear();
             o.targets.assign(40, std::numeric_limits<float>::quiet_NaN());
         },
         "expected a finite number"},
        {"targets all alike",
         [](OwnArrays& o) {
             o.labels.clear();
             o.targets.assign(40, 1);
         },
         "nothing to learn"},
    };
    for (const auto& fault : faults) {
        CAPTURE(std::string(fault.name));
        OwnArrays own = pictures();
        own.name = "mine";
        fault.make(own);
        const std::string error = error_of([&] { from_arrays(own); });
        CHECK_MESSAGE(error.find(fault.words) != std::string::npos, error);
        CHECK(error.starts_with("mine: "));
    }
}
