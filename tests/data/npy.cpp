// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/npy.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("npy arrays of every number type") {
    CHECK(std::get<0>(parse_npy(npy("|u1", "(2, 2)", counting(4)), "a").items) ==
          std::vector<std::uint8_t>{0, 1, 2, 3});
    CHECK(std::get<0>(parse_npy(npy("|b1", "(2,)", std::string("\1\0", 2)), "a").items) ==
          std::vector<std::uint8_t>{1, 0});
    CHECK(std::get<1>(parse_npy(npy("|i1", "(2,)", "\xff\x7f"), "a").items) == std::vector<std::int16_t>{-1, 127});
    const std::string two("\x01\x00\xfe\xff", 4);
    CHECK(std::get<1>(parse_npy(npy("<i2", "(2,)", two), "a").items) == std::vector<std::int16_t>{1, -2});
    CHECK(std::get<1>(parse_npy(npy(">i2", "(2,)", two), "a").items) == std::vector<std::int16_t>{256, -257});
    CHECK(std::get<2>(parse_npy(npy("<u2", "(2,)", two), "a").items) == std::vector<float>{1, 65534});
    CHECK(std::get<2>(parse_npy(npy("<i4", "(1,)", "\xff\xff\xff\xff"), "a").items) == std::vector<float>{-1});
    CHECK(std::get<2>(parse_npy(npy("<u4", "(1,)", "\xff\xff\xff\xff"), "a").items) ==
          std::vector<float>{4294967296.f});
    CHECK(std::get<2>(parse_npy(npy("<i8", "(1,)", little_endian(std::uint64_t(-3), 8)), "a").items) ==
          std::vector<float>{-3});
    CHECK(std::get<2>(parse_npy(npy("<u8", "(1,)", little_endian(300, 8)), "a").items) == std::vector<float>{300});
    CHECK(std::get<2>(parse_npy(npy("<f4", "(1,)", little_endian(0x3fc00000, 4)), "a").items) ==
          std::vector<float>{1.5});
    CHECK(std::get<2>(parse_npy(npy(">f8", "(1,)", std::string("\xbf\xf8\0\0\0\0\0\0", 8)), "a").items) ==
          std::vector<float>{-1.5});
    CHECK(parse_npy(npy("|u1", "(2, 1, 3, 1)", counting(6)), "a").dimensions == std::vector<std::size_t>{2, 1, 3, 1});
    CHECK(parse_npy(npy("|u1", "(0, 28)", ""), "a").dimensions[0] == 0);
}

TEST_CASE("npy versions 2 and 3 have a longer header length") {
    for (const char version : {'\2', '\3'}) {
        std::string bytes = npy("|u1", "(2,)", "ab");
        bytes[6] = version;
        bytes.insert(10, std::string(2, '\0'));
        CHECK(std::get<0>(parse_npy(bytes, "a").items) == std::vector<std::uint8_t>{'a', 'b'});
    }
}

TEST_CASE("what npy cannot be used says why") {
    const auto error = [](const std::string& bytes) { return error_of([&] { parse_npy(bytes, "a.npy"); }); };
    CHECK(error("PK") == "a.npy: byte 0: expected the mark \\x93NUMPY of an npy file");
    CHECK(error("\x93NUMPY\1") == "a.npy: the file ends at byte 7, inside its npy header");
    CHECK(
        error(npy("|u1", "(2, 3)", "12345")) ==
        "a.npy: header announces 2x3 numbers of 1 bytes, the file has 5 bytes behind it; it was cut short or damaged");
    CHECK(error(npy("<c8", "(2,)", counting(16))) ==
          "a.npy: the npy type is '<c8', expected u1 i1 b1 u2 i2 u4 i4 u8 i8 f2 f4 or f8");
    CHECK(error(npy("<U5", "(1,)", "1234")).find("expected u1 i1") != std::string::npos);
    CHECK(error(npy("|O", "(2,)", "1234")).find("expected a plain number type such as '<f4'") != std::string::npos);
    CHECK(error(npy("|u1", "()", "1")).find("expected 1 to 4 lengths") != std::string::npos);
    CHECK(error(npy("|u1", "(2, -1)", "12")).find("expected 1 to 4 lengths") != std::string::npos);
    CHECK(error(npy("|u1", "(18446744073709551615, 9)", "12")).find("cut short or damaged") != std::string::npos);
    std::string version = npy("|u1", "(2,)", "12");
    version[6] = 9;
    CHECK(error(version) == "a.npy: byte 6: npy version 9, expected 1, 2 or 3");
}

TEST_CASE("Fortran order is read as rows, half-precision numbers as floats") {
    std::string fortran = npy("|u1", "(2, 3, 2)", counting(12));
    fortran.replace(fortran.find("False"), 5, "True ");
    // numpy.arange(12).reshape((2, 3, 2), order="F").ravel() with the first index fastest
    CHECK(std::get<0>(parse_npy(fortran, "a.npy").items) ==
          std::vector<std::uint8_t>{0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11});
    std::string halves; // 1, -2, 65504, 2^-24, 0.333251953125 (IEEE 754 binary16)
    for (const int bits : {0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555}) halves += little_endian(std::uint64_t(bits), 2);
    CHECK(std::get<2>(parse_npy(npy("<f2", "(5,)", halves), "a.npy").items) ==
          std::vector<float>{1, -2, 65504, 0x1p-24f, 0.333251953125f});
}
