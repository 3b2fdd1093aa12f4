// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/base64.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("the words of RFC 4648, section 10") {
    const std::pair<const char*, const char*> words[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, letters] : words) {
        CHECK(to_base64(bytes) == letters);
        CHECK(from_base64(letters) == bytes);
    }
}

TEST_CASE("every byte comes back, and other texts have no bytes") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += char(i);
    CHECK(from_base64(to_base64(bytes)) == bytes);
    for (const char* wrong : {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9\n", "Zh==", "Zm9=", "Zm-v"}) {
        CAPTURE(wrong);
        CHECK_FALSE(from_base64(wrong));
    }
}
