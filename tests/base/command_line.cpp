// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/command_line.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("words are quoted where a shell would read them otherwise") {
    CHECK(command_line({"show", "run-1/a.b#17"}) == "tinysparse show 'run-1/a.b#17'");
    CHECK(command_line({"search", "--data", "mnist,val=0.1"}) == "tinysparse search --data mnist,val=0.1");
    CHECK(command_line({"eval", "two words", "", "it's", "$(rm -r .)"}) ==
          R"(tinysparse eval 'two words' '' 'it'\''s' '$(rm -r .)')");
    CHECK(command_line({"a\nb'\x1b"}) == R"(tinysparse $'a\x0ab\'\x1b')");
}
