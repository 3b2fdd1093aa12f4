// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/classes.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("a list of classes holds numbers, names and ranges of both") {
    const std::vector<std::string> digits{"0", "1", "2", "3", "4", "5"};
    CHECK(classes_in_list("0-2+5", digits) == std::vector<bool>{1, 1, 1, 0, 0, 1});
    const std::vector<std::string> animals{"cat", "dog", "red-fox", "owl"};
    CHECK(classes_in_list("dog", animals) == std::vector<bool>{0, 1, 0, 0});
    CHECK(classes_in_list("1", animals) == std::vector<bool>{0, 1, 0, 0});
    CHECK(classes_in_list("red-fox", animals) == std::vector<bool>{0, 0, 1, 0});
    CHECK(classes_in_list("dog-red-fox", animals) == std::vector<bool>{0, 1, 1, 0});
    CHECK(classes_in_list("dog-3", animals) == std::vector<bool>{0, 1, 1, 1});
    // Names come before numbers: of classes named 1, 2, 3 the class "1" is the first.
    CHECK(classes_in_list("1-2", {"1", "2", "3"}) == std::vector<bool>{1, 1, 0});
    for (const char* wrong : {"", "4", "dog+", "owl-cat", "cat-bird", "-1", "1-"})
        CHECK_MESSAGE(error_of([&] { classes_in_list(wrong, animals); }) != "no error", wrong);
    CHECK(error_of([&] { classes_in_list("0-9", animals); }) ==
          "'0-9' in the list 0-9 is no class or range of classes; there are 4: cat, dog, red-fox, owl");
}

TEST_CASE("binary makes two classes of many") {
    Dataset set;
    set.class_names = {"a", "b", "c"};
    set.train.labels = {0, 1, 2, 0};
    set.test.labels = {2, 1};
    make_binary(set, "a+c");
    CHECK(set.class_names == std::vector<std::string>{"rest", "a+c"});
    CHECK(set.train.labels == std::vector<std::uint8_t>{1, 0, 1, 1});
    CHECK(set.test.labels == std::vector<std::uint8_t>{1, 0});
    CHECK(error_of([&] { make_binary(set, "0-1"); }) ==
          "binary=0-1 names every class; nothing is left for the other side");
}

TEST_CASE("class names come from a file, one on a line") {
    Dataset set;
    set.class_names = {"0", "1"};
    set_class_names(set, "stand still\r\nwalk\n\n", "names.txt");
    CHECK(set.class_names == std::vector<std::string>{"stand still", "walk"});
    CHECK(error_of([&] { set_class_names(set, "one", "names.txt"); }) ==
          "names.txt: 1 class names for 2 classes; expected one on each line, in the order of the labels");
}
