// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/gzip.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

TEST_CASE("a file whose name promises gzip and whose bytes do not") {
    const Folder folder;
    const std::string path = folder.write("a.gz", "<html>not found</html>");
    CHECK(error_of([&] { read_data_file(path); }) ==
          path + ": byte 0: expected the gzip mark 1f 8b; the file is not what its name says but a web page; fetch the "
                 "file itself");
}

TEST_CASE("gzip as other programs write it") {
    // gzip of "the quick brown fox " 40 times, with a file name in the header, by Python's zlib.
    std::string expected;
    for (int i = 0; i < 40; ++i) expected += "the quick brown fox ";
    const std::string packed = from_hex("1f8b08080000000002ff666f782e747874002bc94855282ccd4cce56482aca2fcf5348cbaf5028"
                                        "19151b151b15038b01004cab193920030000");
    CHECK(gunzip(packed, "fox.gz") == expected);
    CHECK(gunzip(gzip_stored(""), "empty.gz") == "");
    CHECK(gunzip(gzip_stored(counting(65535)), "full.gz") == counting(65535));
}

TEST_CASE("every optional field of the gzip header is stepped over") {
    const std::string plain = gzip_stored("hello");
    std::string all = plain;
    all[3] = 2 | 4 | 8 | 16; // header CRC, extra, name, comment
    all.insert(10, std::string("\x03\0abc", 5) + std::string("name\0", 5) + std::string("note\0", 5) + "cc");
    CHECK(gunzip(all, "a.gz") == "hello");
    for (std::size_t length = 2; length < 27 + 8; ++length)
        CHECK(error_of([&] { gunzip(std::string_view(all).substr(0, length), "a.gz"); }) != "no error");
}

TEST_CASE("a damaged or cut gzip file says at which byte and what to do") {
    const std::string good = gzip_stored("hello world");
    const auto error = [](const std::string& bytes) { return error_of([&] { gunzip(bytes, "a.gz"); }); };
    std::string bad = good;
    bad[17] ^= 1; // a byte of the content
    CHECK(error(bad).find("a.gz: byte 26: the checksum of the content is ") == 0);
    CHECK(error(bad).find("; the download was cut short or damaged, fetch it again") != std::string::npos);
    bad = good;
    bad[bad.size() - 4] = 12; // the announced length
    CHECK(error(bad) ==
          "a.gz: byte 30: the length 12 is announced, 11 bytes were packed; the download was cut short or "
          "damaged, fetch it again");
    bad[bad.size() - 1] = 127;
    CHECK(error(bad).find("a.gz: byte 30: the length 2130706444 is announced, 11 bytes were packed; ") == 0);
    CHECK(error(good.substr(0, 12)) ==
          "a.gz: byte 12: the file ends inside its gzip header; the download was cut short, "
          "fetch it again");
    bad = good;
    bad[2] = 7;
    CHECK(error(bad) == "a.gz: byte 2: compression method 7, expected 8 (deflate)");
    for (std::size_t length = 0; length < good.size(); ++length) CHECK(error(good.substr(0, length)) != "no error");
}

TEST_CASE("members of a gzip file are joined") {
    const std::string one = gzip_stored("one,"), two = gzip_stored("two\n");
    CHECK(gunzip(one + one, "a.gz") == "one,one,");
    CHECK(gunzip(one + gzip_stored("") + two + one, "a.gz") == "one,two\none,");
    // The empty member with which bgzip ends its files.
    const std::string by_bgzip = from_hex("1f8b08040000000000ff0600424302001b0003000000000000000000");
    CHECK(gunzip(one + by_bgzip, "a.gz") == "one,");
}

TEST_CASE("what follows the last member") {
    const std::string one = gzip_stored("one");
    CHECK(gunzip(one + std::string(7, '\0'), "a.gz") == "one");
    CHECK(gunzip(one + one + std::string(512, '\0'), "a.gz") == "oneone");
    const auto error = [](const std::string& bytes) { return error_of([&] { gunzip(bytes, "a.gz"); }); };
    CHECK(error(one + "\n") ==
          "a.gz: byte 26: 1 bytes follow the packed data and are no gzip; the file is damaged, fetch it again");
    CHECK(error(one + std::string(4, '\0') + one).find("a.gz: byte 26: 30 bytes follow") == 0);
    CHECK(error(one + one.substr(0, 2)) == "a.gz: byte 28: the file ends inside its gzip header; the download was cut "
                                           "short, fetch it again");
    for (std::size_t at = 26; at < 52; ++at) {
        std::string damaged = one + one;
        damaged[at] ^= 4;
        if (at < 30 || at > 35) // time, speed and system are no matter
            CHECK(error(damaged) != "no error");
    }
    for (std::size_t length = 27; length < 52; ++length) CHECK(error((one + one).substr(0, length)) != "no error");
}

TEST_CASE("more than a file may hold is refused while it is unpacked") {
    CHECK(error_of([&] { gunzip(gzip_stored("hello"), "a.gz", 4); }).find("more than 4 bytes are packed") !=
          std::string::npos);
}
