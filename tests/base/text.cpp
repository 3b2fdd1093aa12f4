// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/text.hpp"
#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace tinysparse;

TEST_CASE("text joins values and writes numbers that read back to the same bits") {
    CHECK(text("layer ", 3, ": ", 0.1, ' ', true, ' ', std::uint8_t{200}) == "layer 3: 0.1 true 200");
    const double third = 1.0 / 3;
    CHECK(parse_number<double>(text(third)) == third);
    CHECK(fixed_decimals(98.645, 1) == "98.6");
    CHECK(fixed_decimals(-0.5, 2) == "-0.50");
}

TEST_CASE("significant drops the noise of rounding, and keeps what a number means") {
    CHECK(text(0.30 - 0.25) == "0.04999999999999999");
    CHECK(text(significant(0.30 - 0.25, 6)) == "0.05");
    CHECK(text(significant(100.0 / 3, 5)) == "33.333");
    CHECK(significant(-1234567, 3) == -1230000);
    CHECK(significant(0, 6) == 0);
    CHECK(significant(1.0 / 3, 17) == 1.0 / 3);
    CHECK(std::isinf(significant(std::numeric_limits<double>::infinity(), 3)));
}

TEST_CASE("a number is read whole or not at all") {
    CHECK(parse_number<int>("12") == 12);
    CHECK(parse_number<int>("-12") == -12);
    for (const char* word : {"", "12x", " 1", "1 ", "0x10", "99999999999"}) CHECK_FALSE(parse_number<int>(word));
    CHECK_FALSE(parse_number<unsigned>("-1"));
    CHECK(parse_number<double>("1e-3") == 1e-3);
}

TEST_CASE("split and join are each other's inverse") {
    CHECK(split("", ',') == std::vector<std::string>{""});
    CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
    CHECK(join(split("x=1,y=2", ','), ",") == "x=1,y=2");
}

TEST_CASE("words are sorted by the alphabet") {
    std::vector<std::string> words = {"10", "9", "-1", "09", "b", "a"};
    sort_words(words);
    CHECK(words == std::vector<std::string>{"-1", "09", "10", "9", "a", "b"});
}

TEST_CASE("replaced takes every occurrence once, and never looks into what it has put there") {
    CHECK(replaced("a-b-", "-", "--") == "a--b--");
    CHECK(replaced("@A@ and @A@", "@A@", "") == " and ");
    CHECK(replaced("aaa", "aa", "b") == "ba");
    CHECK(replaced("", "x", "y").empty());
    CHECK(replaced("same", "x", "y") == "same");
}

TEST_CASE("nearest finds what was meant and nothing when nothing is near") {
    const std::vector<std::string> options{"--epochs", "--budget", "--seed"};
    CHECK(nearest("--epoch", options) == "--epochs");
    CHECK(nearest("--bugdet", options) == "--budget");
    CHECK(nearest("mega", {"uno", "mega2560"}) == "mega2560");
    CHECK(nearest("m", {"uno", "mega2560"}) == "");
    CHECK(nearest("--completely-different", options) == "");
    CHECK(nearest("", {"", "a"}) == "");
}

TEST_CASE("nearest allows one mistake in three letters, counts swapped neighbours once, and no capitals") {
    // Word, known word, and whether it is near.
    struct Pair {
        const char *word, *known;
        bool near;
    };
    for (const Pair& pair :
         {Pair{"rma", "ram", true}, Pair{"unno", "uno", true}, Pair{"UNO", "uno", true}, Pair{"serach", "search", true},
          Pair{"searching", "search", true}, Pair{"kernal", "kernel", true}, Pair{"\xef\xbb\xbfname", "name", true},
          Pair{"acuracy", "accuracy", true}, Pair{"man", "train", false}, Pair{"drop", "gray", false},
          Pair{"ab", "cd", false}, Pair{"ab", "ac", false}, Pair{"latency", "data", false},
          Pair{"quit", "split", false}, Pair{"searchlight", "search", false}, Pair{"abcdef", "abcxyz", false}}) {
        CAPTURE(pair.word);
        CAPTURE(pair.known);
        CHECK(nearest(pair.word, {pair.known}) == (pair.near ? pair.known : ""));
    }
    CHECK(nearest("epocs", {"steps", "epochs", "epoch"}) == "epochs"); // the nearest, the first of equals
    CHECK(nearest(std::string(100000, 'a'), {"a", "aaaa"}) == "");
}
