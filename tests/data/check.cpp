// SPDX-License-Identifier: Apache-2.0
// Sets that a program filled in itself: whole ones pass, and each fault has a sentence of its own.
#include "tinysparse/data/check.hpp"
#include "helpers.hpp"
#include "tinysparse/data/load.hpp"
#include <doctest/doctest.h>
#include <functional>
#include <limits>

using namespace tinysparse;
using namespace tinysparse::data;
using testing::error_of;

namespace {

/// Two pictures of 2x3 to train on, one to validate, in two groups.
Dataset two_pictures() {
    Dataset set;
    set.name = "mine";
    set.shape = {1, 2, 3};
    set.class_names = {"cat", "dog"};
    set.group_names = {"home", "street"};
    set.files = {"a.png", "b.png"};
    set.train = {2, std::vector<std::uint8_t>(12), {}, {0, 1}, {0, 1}, {{0, 1}, {1, 1}}, {}};
    set.validation = {1, std::vector<std::uint8_t>(6), {}, {1}, {1}, {}, {}};
    return set;
}

/// One series of two channels, four moments, that answers a number.
Dataset series() {
    Dataset set;
    set.name = "mine";
    set.shape = {2, 4, 1};
    set.element = ElementType::int16;
    set.quantities = {{"force", 1, 0.5f}};
    set.channels = {{"ax", 0, 1}, {"ay", 0.5f, 4}};
    set.normalisation = {{0, 1}, {-7, 15}};
    set.sampling_rate = 50;
    set.train = {1, {}, std::vector<std::int16_t>(8), {0}, {}, {}, {2.5f}};
    return set;
}

struct Fault {
    const char* name;
    std::function<void(Dataset&)> make;
    const char* words; ///< Words that the Error contains.
};

void expect(const Dataset& whole, const std::vector<Fault>& faults) {
    REQUIRE(error_of([&] { check(whole); }) == "no error");
    for (const Fault& fault : faults) {
        CAPTURE(std::string(fault.name));
        Dataset set = whole;
        fault.make(set);
        const std::string error = error_of([&] { check(set); });
        CHECK_MESSAGE(error.find(fault.words) != std::string::npos, error);
        CHECK(error.starts_with("mine: "));
    }
}

} // namespace

TEST_CASE("a set of pictures whose parts do not belong together is refused, each fault in its own words") {
    expect(two_pictures(),
           {{"no pixels", [](Dataset& s) { s.shape.height = 0; }, "samples of 1x0x3"},
            {"a negative side", [](Dataset& s) { s.shape.width = -3; }, "samples of 1x2x-3"},
            {"more than int counts",
             [](Dataset& s) {
                 s.shape = {3, 65535, 65535};
             },
             "at most 2147483647"},
            {"no such element", [](Dataset& s) { s.element = ElementType(2); }, "neither uint8 nor int16"},
            {"neither classes nor numbers", [](Dataset& s) { s.class_names.clear(); },
             "0 class names and 0 target numbers"},
            {"both", [](Dataset& s) { s.quantities.resize(1); }, "2 class names and 1 target numbers"},
            {"256 classes", [](Dataset& s) { s.class_names.resize(256); }, "256 classes, at most 255"},
            {"a line's end in a class name", [](Dataset& s) { s.class_names[1] = "do\ng"; },
             "class 2: 'do\\x0ag' has the control character \\x0a; rename it"},
            {"a tab in a file's name", [](Dataset& s) { s.files[0] = "a\t.png"; }, "file 1: 'a\\x09.png'"},
            {"twins", [](Dataset& s) { s.class_names[1] = "cat"; }, "two classes are called 'cat'"},
            {"a label beyond the classes", [](Dataset& s) { s.train.labels[1] = 2; },
             "the training part: sample 1 has label 2, labels go from 0 to 1"},
            {"a label too few", [](Dataset& s) { s.train.labels.pop_back(); },
             "the training part: 1 labels for 2 samples"},
            {"a pixel too few", [](Dataset& s) { s.validation.pixels.pop_back(); },
             "the validation part: 5 pixels for 1 samples of 6"},
            {"more samples than pixels", [](Dataset& s) { s.train.samples = std::numeric_limits<std::size_t>::max(); },
             "12 pixels for 18446744073709551615 samples"},
            {"values beside pixels", [](Dataset& s) { s.train.values.resize(12); }, "12 values beside its pixels"},
            {"targets beside classes", [](Dataset& s) { s.test.targets = {1}; }, "the test part: 1 targets"},
            {"a group too few", [](Dataset& s) { s.train.groups.pop_back(); }, "1 groups for 2 samples"},
            {"a group beyond the names", [](Dataset& s) { s.train.groups[0] = 2; }, "sample 0 is number 2 of 2 groups"},
            {"a source too few", [](Dataset& s) { s.train.sources.pop_back(); }, "1 sources for 2 samples"},
            {"a source beyond the files", [](Dataset& s) { s.train.sources[1].file = 7; }, "number 7 of 2 sources"},
            {"a normalisation",
             [](Dataset& s) {
                 s.normalisation = {{0}, {1}};
             },
             "pictures have neither"},
            {"channels", [](Dataset& s) { s.channels.resize(1); }, "pictures have neither"},
            {"a camera of blocks of nothing",
             [](Dataset& s) {
                 s.camera = Camera{Pixels::gray, 4, 6, 0, 2};
             },
             "4x6 pixels in blocks of 0x2 do not make samples of 1x2x3"},
            {"a camera of another size",
             [](Dataset& s) {
                 s.camera = Camera{Pixels::gray, 4, 6, 1, 2};
             },
             "do not make samples"},
            {"a camera of other colours",
             [](Dataset& s) {
                 s.camera = Camera{Pixels::rgb, 2, 3, 1, 1};
             },
             "do not make samples"}});
}

TEST_CASE("a series that answers numbers is refused likewise") {
    const float infinite = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    expect(series(),
           {{"width 2",
             [](Dataset& s) {
                 s.shape = {2, 2, 2};
             },
             "series of width 2"},
            {"a value too many", [](Dataset& s) { s.train.values.push_back(0); }, "9 values for 1 samples of 8"},
            {"pixels beside values", [](Dataset& s) { s.train.pixels.resize(8); }, "8 pixels beside its values"},
            {"a label other than 0", [](Dataset& s) { s.train.labels[0] = 1; }, "labels go from 0 to 0 if numbers"},
            {"a target too few", [](Dataset& s) { s.train.targets.clear(); }, "0 targets; 1 for each of 1 samples"},
            {"an infinite target", [=](Dataset& s) { s.train.targets[0] = infinite; }, "target 0 is inf"},
            {"no normalisation", [](Dataset& s) { s.normalisation = {}; }, "0 offsets and 0 shifts for 2 channels"},
            {"a shift beyond 15", [](Dataset& s) { s.normalisation.shift[0] = 16; }, "shifts by 16"},
            {"a shift below -7", [](Dataset& s) { s.normalisation.shift[0] = -8; }, "shifts by -8"},
            {"a channel too few", [](Dataset& s) { s.channels.pop_back(); }, "1 channels are described"},
            {"a scale that is no power of two", [](Dataset& s) { s.channels[1].scale = 3; },
             "channel 'ay' has origin 0.5 and scale 3"},
            {"a scale of 0", [](Dataset& s) { s.quantities[0].scale = 0; }, "number to answer 'force' has origin 1"},
            {"an origin that is no number", [=](Dataset& s) { s.quantities[0].origin = nan; }, "has origin nan"},
            {"a rate of 0", [](Dataset& s) { s.sampling_rate = 0; }, "the sampling rate 0 is not above 0"},
            {"a camera", [](Dataset& s) { s.camera = Camera{}; }, "series have no camera"}});
}

TEST_CASE("what readers and synthetic sets give is whole, and so are their parts") {
    const Dataset set = load("synthetic:strokes,samples=100");
    check(set);
    check_part(set, set.test);
    Split part = set.test;
    part.labels[3] = 10;
    CHECK(error_of([&] { check_part(set, part); }) ==
          "synthetic:strokes,samples=100: the given part: sample 3 has label 10, labels go from 0 to 9");
}
