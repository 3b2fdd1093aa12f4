// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/folder.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("names of files are understood in the ways people write them") {
    const auto check = [](const char* file, FileKind kind, Role role, std::optional<Part> part, const char* set) {
        CAPTURE(file);
        const NamedFile named = understand_name(file);
        CHECK(named.kind == kind);
        CHECK(named.role == role);
        CHECK(named.part == part);
        CHECK(named.set == set);
    };
    check("train-images-idx3-ubyte.gz", FileKind::array, Role::samples, Part::train, "");
    check("train-images.idx3-ubyte", FileKind::array, Role::samples, Part::train, "");
    check("t10k-labels.idx1-ubyte", FileKind::array, Role::labels, Part::test, "");
    check("har-test-signals-idx3-short.gz", FileKind::array, Role::samples, Part::test, "har");
    check("goodimg-gray28-images-idx3-ubyte.gz", FileKind::array, Role::samples, std::nullopt, "goodimg-gray28");
    check("goodimg-split-idx1-ubyte.gz", FileKind::array, Role::split, std::nullopt, "goodimg");
    check("X_train.npy", FileKind::array, Role::samples, Part::train, "");
    check("y_val.npy", FileKind::array, Role::labels, Part::validation, "");
    check("train.idx", FileKind::array, Role::unknown, Part::train, "");
    check("data_batch_1.bin", FileKind::cifar, Role::samples, std::nullopt, "batch-1");
    check("test.csv", FileKind::csv, Role::unknown, Part::test, "");
    check("Photo 1.JPG", FileKind::picture, Role::unknown, std::nullopt, "photo-1");
    check("README.md", FileKind::other, Role::unknown, std::nullopt, "readme");
}

TEST_CASE("labels go with the samples of their part and set, a packed file gives way to the plain one") {
    const Folder folder;
    for (const char* file :
         {"a-train-images-idx3-ubyte", "a-train-images-idx3-ubyte.gz", "a-train-labels-idx1-ubyte.gz",
          "a-test-images-idx3-ubyte", "ab-images-idx3-ubyte", "ab-labels-idx1-ubyte", ".hidden.npy", "notes.txt"})
        folder.write(file, "");
    const auto pairs = pair_arrays(known_files(folder.path));
    REQUIRE(pairs.size() == 3);
    CHECK(pairs[0].samples == "a-test-images-idx3-ubyte");
    CHECK(pairs[0].labels == "");
    CHECK(pairs[1].samples == "a-train-images-idx3-ubyte");
    CHECK(pairs[1].labels == "a-train-labels-idx1-ubyte.gz");
    CHECK(pairs[2].labels == "ab-labels-idx1-ubyte");
    CHECK(error_of([&] { known_files(folder.path + "/none"); }) ==
          folder.path + "/none: cannot read: No such file or directory");
}
