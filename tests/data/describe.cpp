// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/describe.hpp"
#include "helpers.hpp"
#include "load_data.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <numeric>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {
Dataset small_set() {
    Dataset set;
    set.name = "small";
    set.shape = {1, 1, 2};
    set.class_names = {"a", "b", "c"};
    set.warnings = {"a warning"};
    set.notes = {"a note"};
    set.train = {6, {1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 2, 2}, {}, {0, 0, 0, 0, 0, 1}};
    set.validation = {1, {4, 4}, {}, {0}};
    set.test = {3, {4, 4, 9, 9, 1, 1}, {}, {0, 1, 2}};
    return set;
}
} // namespace

TEST_CASE("duplicates are counted within and between the parts") {
    const Duplicates found = find_duplicates(small_set());
    CHECK(found.within_train == 2);
    CHECK(found.contradictions == 1);
    CHECK(found.validation_in_train == 1);
    CHECK(found.test_in_train == 2);
    CHECK(found.test_in_validation == 1);
}

TEST_CASE("warnings name what a user should know before training") {
    CHECK(warnings(small_set()) ==
          std::vector<std::string>{
              "a warning", "no sample in the training part: c", "no sample in the validation part: b, c",
              "2 test samples are in the training part too", "1 validation sample is in the training part too",
              "1 test sample is in the validation part too", "2 training samples repeat another one",
              "1 training sample repeats another one that has a different label"});
    Dataset set = small_set();
    set.class_names = {"a", "b"};
    set.warnings.clear();
    set.train = {5, {7, 7, 7, 7, 7, 7, 7, 7, 7, 7}, {}, {0, 0, 0, 0, 1}};
    set.validation = {};
    set.test = {2, {1, 2, 3, 4}, {}, {0, 1}};
    CHECK(warnings(set) ==
          std::vector<std::string>{"the validation part is empty; give more samples, or groups, of each class",
                                   "the classes are not balanced: 4 training samples of a, 1 of b",
                                   "4 training samples repeat another one",
                                   "1 training sample repeats another one that has a different label",
                                   "all values of the training part are 7"});
    CHECK(warnings(load_data("synthetic:strokes,samples=1000")).empty());
    set.name = "pictures,val=0";
    CHECK(cure_of_empty_validation(set) == "val=0.1 makes one");
    set.name = "gestures.csv,window=32,val=0.1";
    set.element = ElementType::int16;
    CHECK(cure_of_empty_validation(set) == "take shorter windows, a smaller stride= or more recordings");
    set.name = "no SPEC, but a program's word";
    CHECK(cure_of_empty_validation(set) == "give more samples, or groups, of each class");
}

TEST_CASE("remarks are notes, then warnings, each with its word") {
    const std::vector<std::string> all = remarks(small_set());
    CHECK(all[0] == "note: a note");
    CHECK(all[1] == "warning: a warning");
}

TEST_CASE("values that a network cannot tell apart are named") {
    Dataset set = small_set();
    set.warnings.clear();
    set.levels = {16};
    CHECK(warnings(set).back() == "the pictures have 4 different values, but a network sees 3 levels, since they use a "
                                  "part of 0 to 255; spread them over all of it");
    set.levels = {2};
    CHECK(warnings(set).back() == "1 training sample repeats another one that has a different label");
}

TEST_CASE("groups in two parts are named") {
    Dataset set = small_set();
    set.group_names = {"anna", "bert"};
    set.train.groups = {0, 0, 0, 0, 1, 1};
    set.validation.groups = {1};
    set.test.groups = {0, 0, 0};
    const std::vector<std::string> said = warnings(set);
    CHECK(std::count(said.begin(), said.end(), "1 group of the test part is in the training part too") == 1);
    CHECK(std::count(said.begin(), said.end(), "1 group of the validation part is in the training part too") == 1);
    CHECK(json::write(describe(set).at("groups").at("train").value()) == "[\"anna\",\"bert\"]");
}

TEST_CASE("series with more channels than moments are warned of, unless their channels have names") {
    const auto said = [](Shape shape, const std::string& name) {
        Dataset set;
        set.shape = shape;
        set.element = ElementType::int16;
        set.class_names = {"a", "b"};
        set.channels.assign(std::size_t(shape.channels), Channel{});
        for (Channel& channel : set.channels) channel.name = name;
        set.train = {2, {}, std::vector<std::int16_t>(2 * shape.size()), {0, 1}};
        std::iota(set.train.values.begin(), set.train.values.end(), std::int16_t(0));
        const std::vector<std::string> all = warnings(set);
        return std::count(all.begin(), all.end(),
                          "a sample has 2 moments of 3 channels without names; if it is 3 moments of 2 channels, the "
                          "shape or the layout has them exchanged");
    };
    CHECK(said({3, 2, 1}, "") == 1);
    CHECK(said({3, 2, 1}, "x") == 0);
    CHECK(said({2, 2, 1}, "") == 0);
    CHECK(said({3, 1, 1}, "") == 0); // a row of a table
}

TEST_CASE("pictures of one gray value in three channels bring the hint gray") {
    const auto hint = [](int samples, int coloured) {
        Dataset set;
        set.shape = {3, 1, 2};
        set.class_names = {"a", "b"};
        for (int i = 0; i < samples; ++i) {
            const std::uint8_t value = std::uint8_t(2 * i);
            set.train.pixels.insert(set.train.pixels.end(), {value, 200, value, 200, value, 200});
            set.train.pixels.back() = i < coloured ? 201 : 200;
            set.train.labels.push_back(std::uint8_t(i % 2));
            set.train.sources.push_back({std::uint32_t(i), 1});
            set.files.push_back("cat/" + std::to_string(i) + ".png");
            ++set.train.samples;
        }
        const std::vector<std::string> said = warnings(set);
        return said.empty() ? std::string() : said.back();
    };
    const std::string cure = "; add gray (a third of the input, fewer cycles)";
    CHECK(hint(20, 0) == "all pictures are gray though stored in three channels" + cure);
    CHECK(hint(20, 2) == "18 of 20 pictures are gray though stored in three channels, unlike cat/0.png" + cure);
    CHECK(hint(20, 3).find("gray") == std::string::npos);
    CHECK(hint(20, 20).find("gray") == std::string::npos);
}

TEST_CASE("many numbers as classes are taken for target numbers") {
    const auto said = [](int classes, int samples, const char* unit) {
        Dataset set;
        set.shape = {1, 1, 1};
        for (int c = 0; c < classes; ++c) set.class_names.push_back(std::to_string(5 * c) + unit);
        for (int i = 0; i < classes * samples; ++i) {
            set.train.pixels.push_back(std::uint8_t(i));
            set.train.labels.push_back(std::uint8_t(i % classes));
            ++set.train.samples;
        }
        const std::vector<std::string> all = warnings(set);
        return std::find(all.begin(), all.end(),
                         "the classes are " + std::to_string(classes) +
                             " numbers with few samples each; if they are target numbers, add task=regression") !=
               all.end();
    };
    CHECK(said(11, 9, ""));
    CHECK(said(40, 2, ""));
    CHECK_FALSE(said(11, 10, "")); // letters by number, say
    CHECK_FALSE(said(10, 2, ""));
    CHECK_FALSE(said(40, 2, " cm"));
}

TEST_CASE("a description as JSON and as text") {
    const json::Value description = describe(small_set());
    CHECK(json::write(description.at("shape").value()) == "[1,1,2]");
    CHECK(json::write(description.at("range").value()) == "[1,4]");
    CHECK(description.at("classes").at(1).at("test").as<int>() == 1);
    CHECK(json::parse(json::write(description), "d") == description);
    const std::string text = description_text(description);
    CHECK(text.find(
              "small\npictures of 1x2, 1 channel, uint8, values 1 to 4\ntrain 6, validation 1, test 3, digest ") == 0);
    CHECK(text.find("\nclass       train  validation        test\na               5           1           1\n") !=
          std::string::npos);
    CHECK(text.find("note: a note\nwarning: a warning\n") != std::string::npos);
}
