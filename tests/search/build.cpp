// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/build.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

TEST_CASE("a build is a version, a revision, a compiler and its instructions, and comes back from JSON") {
    const Build build = this_build("0123456789ab-dirty");
    CHECK(build.version == TINYSPARSE_VERSION_STRING);
    CHECK(build.revision == "0123456789ab-dirty");
    CHECK_FALSE(build.compiler.empty());
    CHECK_FALSE(build.instructions.empty());
    const json::Value written = to_json(build);
    CHECK(build_from_json(json::Reader(written, "build")) == build);
    CHECK(this_build().revision == "release");
    CHECK(build_text({"1.0.0", "release", "g++ 12.2.0", "AVX2"}) == "1.0.0 (release, g++ 12.2.0, AVX2)");
}

TEST_CASE("a run of several builds names them in their order") {
    const Build first{"1.0.0", "abc", "g++ 12.2.0", "AVX2"}, second{"1.0.1", "def", "g++ 12.2.0", "AVX2"};
    CHECK_FALSE(mixed_builds(first, {}));
    CHECK(mixed_builds(first, {second, first}).value() ==
          "the run began with tinysparse 1.0.0 (abc, g++ 12.2.0, AVX2) and went on with 1.0.1 (def, g++ 12.2.0, AVX2), "
          "then 1.0.0 (abc, g++ 12.2.0, AVX2); trainings and predicted costs of different builds may differ");
}

TEST_CASE("older versions wrote their number alone") {
    const json::Value old = "1.0.0";
    const Build build = build_from_json(json::Reader(old, "build"));
    CHECK(build == Build{"1.0.0", "", "", ""});
    CHECK(to_json(build) == old);
    CHECK(build_text(build) == "1.0.0");
}
