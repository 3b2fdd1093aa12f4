// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/idx.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("IDX of one to four dimensions, uint8 and big-endian int16") {
    const Array labels = parse_idx(idx(8, {3}, counting(3)), "l");
    CHECK(labels.dimensions == std::vector<std::size_t>{3});
    CHECK(std::get<0>(labels.items) == std::vector<std::uint8_t>{0, 1, 2});
    const Array pictures = parse_idx(idx(8, {2, 2, 3, 3}, counting(36)), "p");
    CHECK(pictures.dimensions == std::vector<std::size_t>{2, 2, 3, 3});
    CHECK(std::get<0>(pictures.items)[35] == 35);
    const Array series = parse_idx(idx(11, {1, 1, 3}, std::string("\x01\x02\xff\xfe\x80\x00", 6)), "s");
    CHECK(std::get<1>(series.items) == std::vector<std::int16_t>{258, -2, -32768});
    CHECK(parse_idx(idx(8, {0, 28, 28}, ""), "e").dimensions[0] == 0);
}

TEST_CASE("a broken IDX file is an Error with the file, the byte and what was expected") {
    const auto error = [](std::string_view bytes) { return error_of([&] { parse_idx(bytes, "train-images.idx"); }); };
    // The whole of MNIST announced, 30 MiB there: the header is checked before anything is allocated.
    CHECK(
        error(idx(8, {60000, 28, 28}, std::string(31457264, 'x'))) ==
        "train-images.idx: header announces 47040016 bytes (60000x28x28), the file has 31457280; the download was cut "
        "short, fetch it again");
    CHECK(error(idx(8, {2, 2}, "12345")) ==
          "train-images.idx: header announces 16 bytes (2x2), the file has 17; there is "
          "something behind the array, or the header is damaged");
    CHECK(error(idx(13, {2, 2}, "1234")) ==
          "train-images.idx: byte 2: number type 13, expected 8 (uint8) or 11 (int16)");
    CHECK(error("") == "train-images.idx: the file has 0 bytes, an IDX header has at least 8");
    CHECK(error("PNG...") == "train-images.idx: byte 0: 80, expected 0; this is no IDX file");
    CHECK(error(std::string("\0\0\x08\x07xxxx", 8)) == "train-images.idx: byte 3: 7 dimensions, expected 1 to 4");
    CHECK(error(std::string("\0\0\x08\x03xxxx", 8)) ==
          "train-images.idx: the header takes 16 bytes, the file has 8; the download was cut short, fetch it again");
    const std::uint32_t huge = 0xffffffff;
    CHECK(error(idx(8, {huge, huge, huge}, "")).find("header announces more than 2^62 bytes") != std::string::npos);
}
