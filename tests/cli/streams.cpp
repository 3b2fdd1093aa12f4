// SPDX-License-Identifier: Apache-2.0
// What simulate says of a stream of rows: the slowest one, the conversion of its readings, and whether the chip keeps
// up with the data.
#include "shell.hpp"
#include <cmath>
#include <doctest/doctest.h>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"

using namespace tinysparse;
using testing::has;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;

namespace {

/// A table of two sensors, still or shaken, whose rows come every `step` milliseconds.
std::string stream(double step) {
    Random random(2, "stream");
    std::string csv = "time_ms,label,ax,ay\n";
    for (int row = 0; row < 1600; ++row)
        csv += text(step * row, row / 80 % 2 ? ",shaken," : ",still,",
                    fixed_decimals((row / 80 % 2 ? 3 : 0.2) * random.normal(), 3), ",",
                    fixed_decimals(1 + 0.1 * random.normal(), 3), "\n");
    return csv;
}

} // namespace

TEST_CASE("show says that the conversion of readings comes on top, and its bytes of RAM add up") {
    if (skipped()) return;
    const ScratchFolder folder;
    write_file(folder.path() + "/s.csv", stream(20));
    const std::string train = "$TOOL train --net 'C8k5s2 F@' --epochs 1 --quiet ";
    REQUIRE(shell(folder.path(), train + "--data s.csv,window=16 -o series.tsm").status == 0);
    REQUIRE(shell(folder.path(), train + "--data synthetic:strokes,samples=100 -o picture.tsm").status == 0);
    const std::string words = "to_input(), which converts readings, comes on top, in flash and time; simulate measures";
    const std::string series = shell(folder.path(), "$TOOL show series.tsm").out;
    CHECK(has(series, words));
    CHECK_FALSE(has(shell(folder.path(), "$TOOL show series.tsm --target none").out, words)); // predicts nothing
    CHECK_FALSE(has(shell(folder.path(), "$TOOL show picture.tsm").out, words));

    const std::size_t end = series.find("  RAM") + 5; // where the column ends: numbers are aligned to the right
    const auto number = [](const std::string& word) { return parse_number<int>(replaced(word, " ", "")).value_or(0); };
    int sum = 0;
    for (const std::string& line : split(series.substr(0, series.find("\nlayer ")), '\n'))
        if (const std::string left = line.substr(0, end); left.size() == end)
            sum += number(left.substr(left.rfind("  ") + 2));
    const std::string before = "estimated: RAM ";
    const std::size_t at = series.find(before) + before.size();
    CHECK(sum > 0);
    CHECK(number(series.substr(at, series.find(" B", at) - at)) == sum);
}

TEST_CASE("simulate says how many rows per second a chip takes, and warns if the data have more") {
    if (skipped()) return;
    const ScratchFolder folder;
    const auto simulated = [&](double step, const std::string& options) {
        write_file(folder.path() + "/s.csv", stream(step));
        REQUIRE(shell(folder.path(), "$TOOL train --data s.csv,window=16 --net 'C8k5s2 F@' --epochs 1 --quiet -o m.tsm")
                    .status == 0);
        return shell(folder.path(), "$TOOL simulate m.tsm --data s.csv,window=16 --samples 2 " + options);
    };
    const ShellAnswer slow = simulated(20, "--json");
    if (has(slow.error, "install")) {
        MESSAGE("skipped: " << slow.error);
        return;
    }
    REQUIRE(slow.status == 0);
    const json::Value document = json::parse(slow.out, "simulate");
    const double row = document.at("slowest_row_cycles").as<double>(),
                 readings = document.at("row_conversion_cycles").as<double>();
    CHECK(document.at("row_conversion_milliseconds").as<double>() == doctest::Approx(readings / 16000));
    CHECK(row > document.at("slowest_cycles").as<double>() / 16);
    CHECK(readings > 500); // two calls of to_input()
    CHECK_FALSE(has(slow.error, "warning"));

    const ShellAnswer words = simulated(20, "");
    std::string limit = text(std::floor(16e6 / (row + readings)));
    if (limit.size() > 3) limit.insert(limit.size() - 3, " ");
    CHECK(has(words.out, text("\nstream   ", limit, " rows per second at most; the data have 50\n")));
    CHECK(has(words.out, " for to_input() of a row; of the other lines, only stream includes it\n"));
    // Between the mean and the slowest row, and below the mean.
    const double cycles = document.at("slowest_cycles").as<double>();
    const double between = (cycles / 16 + row) / 2 + readings;
    CHECK(has(simulated(between / 16000, "").error, " ms; keep rows that come meanwhile in a buffer, or take"));
    CHECK(has(simulated(0.5 * (cycles / 16 + readings) / 16000, "").error,
              " ms for each, on average; take a smaller network, or fewer rows per second"));
}
