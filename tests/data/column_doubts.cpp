// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/column_doubts.hpp"
#include "helpers.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/data/load.hpp"
#include <algorithm>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {

/// Rows "first(i),noise,label" under a header; label a or b by turns of 50 rows.
template <class First> std::string labelled_recording(const std::string& name, int rows, const First& first) {
    std::string out = name + ",ax,label\n";
    for (int i = 0; i < rows; ++i)
        out += tinysparse::text(first(i), ",", fixed_decimals(noise(1, i), 3), ",", i / 50 % 2 ? "b" : "a", "\n");
    return out;
}

/// The warnings that have these words.
std::vector<std::string> with(const Dataset& set, std::string_view words) {
    std::vector<std::string> found;
    for (const std::string& one : warnings(set))
        if (one.find(words) != std::string::npos) found.push_back(one);
    return found;
}
using Sentences = std::vector<std::string>;

} // namespace

TEST_CASE("time that jumps or falls back where a window may span it is named with its place") {
    const Folder folder;
    const auto jumps = [&](const auto& time) {
        const Dataset set = load(folder.write("a.csv", labelled_recording("time_ms", 600, time)) + ",window=10");
        return with(set, "time_ms");
    };
    CHECK(jumps([](int i) { return 20 * i; }).empty());
    CHECK(jumps([](int i) { return 20 * i + (i % 100 == 30 ? 5 : 0); }).empty()); // jitter
    CHECK(jumps([](int i) { return 20 * i + (i >= 150 ? 36000 : 0); }).empty());  // a gap between two stretches
    CHECK(jumps([](int i) { return 20 * (i % 50); }).empty());                    // each stretch has its own clock
    CHECK(jumps([](int i) { return 20 * i + (i >= 130 ? 36000 : 0); }) ==
          Sentences{
              "time_ms jumps by 36020 milliseconds at line 132 of a.csv, and windows span it; put a blank line there, "
              "so that a recording begins"});
    CHECK(jumps([](int i) { return 20 * (i % 120); }) ==
          Sentences{
              "time_ms falls back at line 122 of a.csv (4 such places), and windows span it; put a blank line there, "
              "so that a recording begins"});
    CHECK(load(folder.path + "/a.csv,window=10").sampling_rate == 50);
}

TEST_CASE("recordings of different rates are named") {
    const Folder folder;
    for (int r = 0; r < 4; ++r)
        folder.write(tinysparse::text("r", r, ".csv"),
                     labelled_recording("time_ms", 300, [&](int i) { return (r == 0 ? 20 : 10) * i; }));
    CHECK(with(load(folder.path + ",window=10"), "per second") ==
          Sentences{"r0.csv has 50 rows per second, r1.csv 100; bring all recordings to one rate"});
    folder.write("r0.csv", labelled_recording("time_ms", 300, [](int i) { return 10 * i + i % 2; }));
    CHECK(with(load(folder.path + ",window=10"), "per second").empty());
}

TEST_CASE("a channel that rises like time is named, whatever keeps it from being taken as time") {
    const Folder folder;
    const auto said = [&](const std::string& name, const auto& first) {
        return with(load(folder.write("a.csv", labelled_recording(name, 600, first)) + ",window=10"), "like time");
    };
    CHECK(said("t_ms", [](int i) { return 20 * i - (i == 70 ? 20 : 0); }) ==
          Sentences{"t_ms is a channel, though it rises at most rows like time; skip=t_ms leaves it out"});
    CHECK(said("q", [](int i) { return 20 * (i % 100); }).size() == 1); // restarts
    CHECK(said("q", [](int i) { return i * i; }) ==
          Sentences{"q is a channel, though it rises at every row like time; skip=q leaves it out"});
    CHECK(said("t", [](int i) { return 20 * (i % 4); }).size() == 1);
    CHECK(said("temperature", [](int i) { return 20 * (i % 4); }).empty());
    CHECK(said("t", [](int i) { return noise(2, i); }).empty()); // a temperature
}

TEST_CASE("channels that tell class or person are named") {
    const Folder folder;
    const auto said = [&](const auto& first, const std::string& keys = ",window=10") {
        return with(load(folder.write("a.csv", labelled_recording("q", 600, first)) + keys), "q ");
    };
    CHECK(said([](int i) { return i / 50 % 2; }) ==
          Sentences{"q has one value for each class, like a copy of the label; skip=q leaves it out"});
    CHECK(said([](int i) { return i / 50 % 2; }, "").size() == 1);
    CHECK(
        said([](int i) { return i / 200; }) ==
        Sentences{"q is constant in each stretch of rows; group=q keeps persons or sessions together, skip=q leaves it "
                  "out"});
    CHECK(said([](int i) { return i / 120 % 2; }).empty()); // a switch
    CHECK(said([](int i) { return i / 200; }, ",window=10,columns=q+ax").empty());
}

TEST_CASE("a value that recurs far from all others may stand for a missing one") {
    const Folder folder;
    const auto said = [&](const auto& first) {
        return warnings(load(folder.write("a.csv", labelled_recording("q", 600, first)) + ",window=10"));
    };
    const Sentences all = said([](int i) { return i % 70 == 3 ? -9999 : noise(2, i); });
    REQUIRE(all.size() == 2);
    CHECK(all[0] == "q: -9999 occurs 9 times, far from all other values; if it stands for a missing value, leave these "
                    "fields empty and add missing=skip");
    CHECK(all[1].find("channel q has 16 or more different values, but a network sees ") == 0);
    CHECK(said([](int i) { return i % 70 == 3 ? 1 : 0; }).empty());
    CHECK(said([](int i) { return i == 3 ? -9999 : noise(2, i); }).size() <= 1);
}
