// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/cifar.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("records of CIFAR-10 are appended as they are") {
    Dataset set = cifar_dataset();
    std::string record(1, '\x03');
    record += counting(3072);
    append_cifar(record, "b.bin", set.train);
    record += record;
    append_cifar(record, "b.bin", set.train);
    CHECK(set.train.samples == 3);
    CHECK(set.train.labels == std::vector<std::uint8_t>{3, 3, 3});
    CHECK(set.class_names[3] == "cat");
    CHECK(set.train.pixels.size() == 3 * set.shape.size());
    CHECK(set.train.pixels[3072 + 1025] == 1);
}

TEST_CASE("a cut or wrong CIFAR-10 file is an Error with the byte") {
    Split part;
    CHECK(error_of([&] { append_cifar(std::string(4000, '\1'), "b.bin", part); }) ==
          "b.bin: the file has 4000 bytes, expected a multiple of 3073 (label and 3x32x32); record 1 is cut at byte "
          "4000, "
          "fetch the file again");
    CHECK(error_of([&] { append_cifar("", "b.bin", part); }) != "no error");
    CHECK(error_of([&] { append_cifar(std::string(3073, '\1') + std::string(3073, 'x'), "b.bin", part); }) ==
          "b.bin: byte 3073: label 120 of record 1, expected 0 to 9; this is no CIFAR-10 .bin file");
}
