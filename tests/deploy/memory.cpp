// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/memory.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("memory is told as arduino-cli tells it") {
    const cost::Target& uno = cost::target("uno");
    // What arduino-cli compile prints for a sketch of these sizes.
    CHECK(
        deploy::in_arduino_words({924, 9}, uno) ==
        "Sketch uses 924 bytes (2%) of program storage space. Maximum is 32256 bytes.\n"
        "Global variables use 9 bytes (0%) of dynamic memory, leaving 2039 bytes for local variables. Maximum is 2048 "
        "bytes.");
    const std::string over = deploy::in_arduino_words({32257, 2052}, uno, "about ");
    CHECK(over.find("uses about 32257 bytes (100%) of") != over.npos);
    CHECK(over.find("use about 2052 bytes (100%) of dynamic memory, leaving -4 bytes") != over.npos);
}
