// SPDX-License-Identifier: Apache-2.0
// What data/ ships can be read as its README says.
#include <doctest/doctest.h>

#include "helpers.hpp"
#include "load_data.hpp"

using namespace tinysparse;

namespace {
data::Dataset shipped(const std::string& spec) {
    return load_data(std::string(TINYSPARSE_SOURCE_DIR) + "/data/" + spec, testing::support());
}
} // namespace

TEST_CASE("the shipped strokes are ten named classes with a test part of their own") {
    const data::Dataset set = shipped("strokes,names=names.txt");
    CHECK(set.shape == data::Shape{1, 14, 14});
    CHECK(set.train.samples + set.validation.samples == 500);
    CHECK(set.test.samples == 200);
    CHECK(set.class_names == std::vector<std::string>{"O", "C", "S", "Z", "T", "L", "X", "H", "A", "Y"});
}

TEST_CASE("the shipped recording falls into two windows a gesture") {
    const data::Dataset set = shipped("gestures.csv,window=32,stride=32");
    CHECK(set.is_series());
    CHECK(set.shape == data::Shape{3, 32, 1});
    CHECK(set.class_names == std::vector<std::string>{"circle", "shake", "still", "tilt"});
    CHECK(set.train.samples + set.validation.samples + set.test.samples == 128);
}

TEST_CASE("the shipped pictures are colour, averaged to one size") {
    if (!TINYSPARSE_TEST_IMAGES) {
        MESSAGE("skipped: reading PNG needs stb_image");
        return;
    }
    const data::Dataset set = shipped("shapes,size=24x24");
    CHECK(set.shape == data::Shape{3, 24, 24});
    CHECK(set.class_names == std::vector<std::string>{"disk", "square", "triangle"});
    CHECK(set.train.samples + set.validation.samples + set.test.samples == 48);
}
