// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/group_doubt.hpp"
#include "helpers.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/data/load.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

TEST_CASE("files that share the number of a person are doubted, and the pattern of the cure catches that number") {
    struct Case {
        std::vector<std::string> files;
        std::string group; ///< As the warning has it.
    };
    for (const Case& one : {Case{{"exp01_user01.csv", "exp02_user01.csv", "exp03_user02.csv"}, "group=*_user(*).csv "},
                            Case{{"walk/p1_a.csv", "sit/p1_b.csv", "sit/p2_a.csv"}, "group=p(*)_* "},
                            Case{{"walk-S-07-1.csv", "walk-S-08-1.csv", "sit-S-08-1.csv"}, "group=*-S-(*)-* "},
                            Case{{"a_subject3.min.csv", "b_subject3.csv", "b_subject4.csv"}, "group=*_subject(*).* "},
                            Case{{"a_subject3.csv", "subject3-b.csv", "b_subject4.csv"}, "group=PATTERN "},
                            Case{{"walk(p1).csv", "sit(p1).csv", "sit(p2).csv"}, "group=PATTERN "},
                            Case{{"walk,p1.csv", "sit,p1.csv", "sit,p2.csv"}, "group=PATTERN "},
                            Case{{"p1(a).csv", "p1(b).csv", "p2(a).csv"}, "group=PATTERN "}}) {
        CAPTURE(one.files.front());
        const auto doubt = group_doubt(one.files);
        REQUIRE(doubt);
        CHECK(has({*doubt}, one.group));
        const std::string pattern = doubt->substr(doubt->find("group=") + 6);
        if (pattern.starts_with("PATTERN")) continue;
        const Glob glob(pattern.substr(0, pattern.find(' ')));
        CHECK(glob.group(one.files[0]) != glob.group(one.files[2]));
    }
}

TEST_CASE("other names are not doubted") {
    using Files = std::vector<std::string>;
    for (const Files& files :
         {Files{}, Files{"p1.csv"}, Files{"p1.csv", "p2.csv"}, Files{"p1_a.csv", "p1_b.csv"}, // one person
          Files{"pass1_a.csv", "pass1_b.csv", "pass2_a.csv"}, Files{"walk1.csv", "walk2.csv", "sit1.csv"},
          Files{"p1_a.csv", "p1_b.csv", "p2_a.csv", "other.csv"}, Files{"user1x_a.csv", "user1x_b.csv", "user2x.csv"}})
        CHECK_FALSE(group_doubt(files));
}

TEST_CASE("recordings whose names share a person are warned of until group= says what belongs together") {
    const Folder folder;
    for (const std::string label : {"walk", "sit"})
        for (int person = 1; person <= 12; ++person) {
            std::string rows = "ax,ay\n";
            for (int i = 0; i < 64; ++i)
                rows += tinysparse::text(noise(label == "walk", i + 64 * person), ",", noise(2, i), "\n");
            folder.write(tinysparse::text(label, "/p", person, "_day1.csv"), rows);
        }
    const std::string spec = folder.path + ",window=32";
    CHECK(has(warnings(load(spec)), "12 different numbers after p; "));
    for (const char* group : {",group=p(*)_*", ",group=file", ",group=recording"})
        CHECK_FALSE(has(warnings(load(spec + group)), "different numbers"));
}
