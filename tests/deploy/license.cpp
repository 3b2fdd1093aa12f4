// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/license.hpp"
#include "tinysparse/base/files.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("the licence that goes along is this project's") {
    CHECK(read_file(std::string(TINYSPARSE_SOURCE_DIR) + "/LICENSE") == deploy::apache_license);
}

TEST_CASE("licences are identifiers between AND, OR and WITH") {
    for (const char* good : {"MIT", "CC-BY-4.0", "GPL-2.0+", "MIT OR Apache-2.0", "0BSD",
                             "GPL-2.0-or-later WITH Bison-exception-2.2 AND MIT", "LicenseRef-mine"})
        CHECK_NOTHROW(deploy::check_license(good));
    for (const char* bad : {"", " ", "MIT ", "OR", "MIT OR", "AND MIT", "MIT ISC", "MIT  OR ISC", "MIT or ISC", "(MIT)",
                            "M/T", "+", "-MIT", "MIT++", "MIT\n#error", "MIT\"", "\xc3\xa9"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(deploy::check_license(bad), Error);
    }
    CHECK_NOTHROW(deploy::check_license(std::string(100, 'a')));
    CHECK_THROWS_AS(deploy::check_license(std::string(101, 'a')), Error);
    CHECK_THROWS_WITH_AS(deploy::check_license("MIT ISC"),
                         "license 'MIT ISC': AND, OR or WITH is missing before ISC; give an SPDX expression such as "
                         "MIT, CC-BY-4.0 or 'MIT OR Apache-2.0'",
                         Error);
    CHECK_THROWS_WITH_AS(deploy::check_license("MIT OR"), doctest::Contains("an identifier is missing"), Error);
    CHECK_THROWS_WITH_AS(deploy::check_license("(MIT)"), doctest::Contains("'(MIT)' is no identifier"), Error);
}

TEST_CASE("a file of kernels and weights is under both licences") {
    CHECK(deploy::with_kernels("MIT") == "Apache-2.0 AND MIT");
    CHECK(deploy::with_kernels("MIT OR ISC") == "Apache-2.0 AND (MIT OR ISC)");
    CHECK(deploy::with_kernels("Apache-2.0") == "Apache-2.0");
}
