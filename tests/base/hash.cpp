// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/hash.hpp"
#include <doctest/doctest.h>
#include <string>

using namespace tinysparse;

TEST_CASE("FNV-1a gives the published answers") {
    // From the test vectors of its authors (Noll's page).
    CHECK(fnv1a_64("") == 0xcbf29ce484222325ull);
    CHECK(fnv1a_64("a") == 0xaf63dc4c8601ec8cull);
    CHECK(fnv1a_64("foobar") == 0x85944171f73967e8ull);
    static_assert(fnv1a_64("a") == 0xaf63dc4c8601ec8cull);
}

TEST_CASE("CRC-32 gives the published answers") {
    CHECK(crc32("") == 0);
    CHECK(crc32("123456789") == 0xcbf43926u); // the check value of the catalogue of parametrised CRCs
    CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414fa339u);
    CHECK(crc32(std::string("IEND")) == 0xae426082u); // the last four bytes of every PNG
}

TEST_CASE("hashes in pieces equal hashes at once") {
    const std::string bytes = "The quick brown fox jumps over the lazy dog";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        Fnv1a64 fnv;
        Crc32 crc;
        for (const auto piece : {std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)}) {
            fnv.update(piece);
            crc.update(piece);
        }
        CHECK(fnv.value() == fnv1a_64(bytes));
        CHECK(crc.value() == crc32(bytes));
    }
    Fnv1a64 number, spelt;
    number.update(std::uint64_t{0x0102030405060708});
    spelt.update(std::string_view("\x08\x07\x06\x05\x04\x03\x02\x01"));
    CHECK(number.value() == spelt.value());
}
