// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/limits.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using search::Measure;

namespace {

/// The sentences of a run on a board, with these limits as its head has them.
std::vector<std::string> sentences(const std::string& target, const search::Limits& limits,
                                   search::Measuring measuring = search::Measuring::front) {
    search::RunHead head;
    head.target = target;
    head.space.input = {1, 28, 28};
    head.limits = limits;
    head.measuring = measuring;
    return report::limit_sentences(head);
}

} // namespace

TEST_CASE("a limit of a board with an Arduino core is what was asked for less an empty sketch") {
    // An Uno: 32 256 B of flash and 2 048 B of RAM, of which an empty sketch with its serial line takes 1 460 and 184.
    CHECK(sentences("uno", {{Measure::ram, 1024 - 184}}) ==
          std::vector<std::string>{"limit ram <= 840 B = 1 024 B - 184 B that an empty Arduino sketch takes"});
    CHECK(sentences("uno", {{Measure::flash, 32256 - 1460}, {Measure::ram, 1536 - 184}}) ==
          std::vector<std::string>{
              "limit flash <= 30 796 B = 32 256 B - 1 460 B that an empty Arduino sketch takes",
              "limit ram <= 1 352 B = 1 536 B (75 % of the board's) - 184 B that an empty Arduino sketch takes"});
}

TEST_CASE("costs that are only predicted must leave room for the error of the prediction") {
    const double margin = cost::margins(cost::target("uno"), false).ram;
    REQUIRE(margin > 0);
    CHECK(sentences("uno", {{Measure::ram, 840}}, search::Measuring::off)[0].ends_with(
        text("sketch takes; this cost is only predicted, so at most ", 840 - margin,
             " B may be predicted, to leave room for the prediction's error")));
    CHECK(sentences("uno", {{Measure::model_size, 700}}, search::Measuring::off) ==
          std::vector<std::string>{"limit model_size <= 700 B"}); // which is exact
    const std::string time = sentences("uno", {{Measure::milliseconds, 50}}, search::Measuring::off)[0];
    CHECK(time.starts_with("limit milliseconds <= 50; this cost is only predicted, so at most "));
}

TEST_CASE("a chip without Arduino's core shares its RAM with the program; other boards say nothing more") {
    CHECK(sentences("attiny85", {{Measure::flash, 8192}, {Measure::ram, 482}}) ==
          std::vector<std::string>{"limit flash <= 8 192 B",
                                   "limit ram <= 482 B of the chip's 512 B; the program beside the network holds a row "
                                   "of the sample"});
    CHECK(sentences("none", {{Measure::error, 0.25}, {Measure::macs, 50000}}) ==
          std::vector<std::string>{"limit error <= 0.25", "limit macs <= 50 000"});
    CHECK(sentences("./gone.txt", {{Measure::ram, 840}}) == std::vector<std::string>{"limit ram <= 840 B"});
}
