// SPDX-License-Identifier: Apache-2.0
// Searches that measure on the simulated chip, and such as cannot: what is measured is what simulate shows, what is
// only predicted is marked and holds its limits with a margin.
#include "shell.hpp"
#include <doctest/doctest.h>
#include <filesystem>

#include "tinysparse/cost/device.hpp"
#include "tinysparse/search/run.hpp"

using namespace tinysparse;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;
using testing::strokes;

namespace {

const std::string search_6 = "$TOOL search" + strokes + "--trials 6 --jobs 2 --quiet --out ";
/// Ahead of a line: no compiler is found.
const std::string without_tools = "PATH=/nowhere; ";

/// True, which it says, where avr-gcc or libsimavr is not here.
bool nothing_measures(const ScratchFolder& folder) {
    const ShellAnswer tried = shell(folder.path(), "$TOOL search" + strokes + "--trials 1 --measure end --out tried");
    if (tried.status == 0 || tried.error.find("apt install") == std::string::npos) return false;
    MESSAGE("skipped: " << tried.error);
    return true;
}

/// Members of a front, [{"id", ...}].
json::Value points_of(const ShellAnswer& answer) {
    CAPTURE(answer.error);
    REQUIRE(answer.status == 0);
    const json::Value document = json::parse(answer.out, "front");
    REQUIRE(!document.find("points")->array()->empty());
    return *document.find("points");
}

} // namespace

TEST_CASE("what a search measured is what simulate shows of the same model, to the digit") {
    const ScratchFolder folder;
    if (skipped() || nothing_measures(folder)) return;
    for (const std::string target : {"uno", "attiny85"}) {
        const std::string run = "run_" + target;
        const json::Value points = points_of(
            shell(folder.path(), search_6 + run + " --json --target " + target + " --objectives error,flash,cycles"));
        CHECK(*json::parse(shell(folder.path(), "$TOOL front --json " + run).out, "front").find("points") == points);
        CHECK(shell(folder.path(), "$TOOL front " + run).out.find('~') == std::string::npos);
        for (const json::Value& point : *points.array()) {
            CHECK(point.at("measured").as<bool>());
            CHECK(point.find("predicted")->find("flash")->is_number());
            const ShellAnswer again = shell(folder.path(), text("$TOOL simulate ", run, "#", point.at("id").as<int>(),
                                                                strokes, "--measured --json --target ", target));
            CAPTURE(again.error);
            REQUIRE(again.status == 0);
            const json::Value chip = json::parse(again.out, "simulate");
            CHECK(chip.at("samples").as<int>() == 3);
            CHECK(*chip.find("flash") == *point.find("flash"));
            CHECK(*chip.find("ram") == *point.find("ram"));
            CHECK(*chip.find("slowest_cycles") == *point.find("cycles"));
            CHECK(*chip.find("slowest_milliseconds") == *point.find("milliseconds"));
            const std::string show = text("$TOOL show ", run, "#", point.at("id").as<int>(), " --target ");
            const json::Value shown = json::parse(shell(folder.path(), show + target + " --json").out, "show");
            for (const char* measure : {"flash", "ram", "cycles", "milliseconds"})
                CHECK(*shown.find("measured")->find(measure) == *point.find(measure));
            CHECK(*shown.find("flash") == *point.find("predicted")->find("flash"));
            CHECK(shell(folder.path(), show + target).out.find("measured:  RAM ") != std::string::npos);
            CHECK(json::parse(shell(folder.path(), show + "mega2560 --json").out, "show").find("measured")->is_null());
        }
    }
    const ShellAnswer both = shell(folder.path(), "$TOOL simulate run_uno#0" + strokes + "--measured --samples 5");
    CHECK(both.status == 2);
    CHECK(both.error.find("leave --samples and --split out") != std::string::npos);
}

TEST_CASE("--measure says when: as the front grows, at the end, or never; and only where the run looks at it") {
    const ScratchFolder folder;
    if (skipped() || nothing_measures(folder)) return;
    for (const std::string when : {"front", "end", "off"}) {
        const json::Value points = points_of(shell(folder.path(), search_6 + when + " --json --measure " + when));
        for (const json::Value& point : *points.array()) CHECK(point.at("measured").as<bool>() == (when != "off"));
        const search::RunLog log = search::read_run(folder.path() + "/" + when);
        CHECK(search::measurings[std::size_t(log.head.measuring)].name == when);
        CHECK(log.head.measured_with.starts_with("avr-g++") == (when != "off"));
        const std::string table = shell(folder.path(), "$TOOL front " + when).out;
        CHECK((table.find('~') == std::string::npos) == (when != "off"));
        const bool later =
            read_file(folder.path() + "/" + when + "/journal.jsonl").find("{\"measured\":[") != std::string::npos;
        CHECK((later || when != "end"));
        CHECK((!later || when != "off"));
    }
    for (const auto& [options, when] : {std::pair("--objectives paper", search::Measuring::off),
                                        {"--objectives paper --measure front", search::Measuring::off},
                                        {"--objectives paper --max-flash 30KB", search::Measuring::front},
                                        {"--target none", search::Measuring::off}}) {
        const std::string run = text("run", int(when), std::string_view(options).size());
        points_of(shell(folder.path(), text(search_6, run, " --json ", options)));
        CHECK(search::read_run(folder.path() + "/" + run).head.measuring == when);
    }

    const ShellAnswer other = shell(folder.path(), "$TOOL search --resume --out end --measure front");
    CHECK(other.status == 2);
    CHECK(other.error.find("the run began with --measure end; leave --measure out") != std::string::npos);
    CHECK(shell(folder.path(), "$TOOL search --resume --out end --measure end --quiet").status == 0);
}

TEST_CASE("a killed search that measures resumes to the front of an unbroken one, with the same tools alone") {
    const ScratchFolder folder;
    if (skipped() || nothing_measures(folder)) return;
    const ShellAnswer whole = shell(folder.path(), search_6 + "whole");
    REQUIRE(whole.status == 0);
    for (const char* lines : {"2", "4", "7"}) {
        const std::string run = text("killed_", lines);
        shell(folder.path(), search_6 + run + " & job=$!; while [ \"$(cat " + run +
                                 "/journal.jsonl 2>/dev/null | wc -l)\" -lt " + lines +
                                 " ]; do sleep 0.02; done; kill -KILL $job; wait $job");
        const ShellAnswer resumed = shell(folder.path(), "$TOOL search --resume --quiet --out " + run);
        CAPTURE(resumed.error);
        CHECK(resumed.status == 0);
        CHECK(resumed.out == whole.out);
    }

    // Another compiler, and none.
    make_folder(folder.path() + "/other");
    write_file(folder.path() + "/other/avr-g++",
               "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'avr-g++ (GCC) 99.1'; else exec " +
                   replaced(shell(folder.path(), "command -v avr-g++").out, "\n", "") + " \"$@\"; fi\n");
    const ShellAnswer other = shell(
        folder.path(), "chmod +x other/avr-g++; PATH=$PWD/other:$PATH; $TOOL search --resume --trials 8 --out whole");
    CHECK(other.status == 1);
    CHECK(other.out.empty());
    CHECK(other.error.starts_with("tinysparse: whole: the run measures its networks with avr-g++ "));
    CHECK(other.error.find(
              ", but this machine has avr-g++ (GCC) 99.1; continue where the first is installed, or start a new run") !=
          std::string::npos);
    const ShellAnswer none = shell(folder.path(), without_tools + "$TOOL search --resume --trials 8 --out whole");
    CHECK(none.status == 1);
    CHECK(none.error.find("the run measures its networks with avr-g++ ") != std::string::npos);
    CHECK(none.error.find("apt install ") != std::string::npos);
    CHECK(shell(folder.path(), without_tools + "$TOOL front whole").out == whole.out); // which needs none
}

TEST_CASE("without the tools one line names the package, limits are held with a margin, and the front is marked") {
    const ScratchFolder folder;
    if (skipped()) return;
    const ShellAnswer done =
        shell(folder.path(),
              without_tools + replaced(search_6, "--quiet", "--limit flash=9000 --target attiny85") + "run --json");
    const json::Value points = points_of(done);
    const std::string line =
        "tinysparse: flash, RAM and time are predicted, with a margin to their limits, and not measured: ";
    REQUIRE(done.error.find(line) != std::string::npos);
    const std::string rest = done.error.substr(done.error.find(line) + line.size());
    CHECK(rest.substr(0, rest.find('\n')).find("apt install ") != std::string::npos);
    const search::RunLog log = search::read_run(folder.path() + "/run");
    const cost::Margins margins = cost::margins(cost::target("attiny85"), false);
    CHECK(log.head.limits.at(search::Measure::ram) == 512 - 28 - 2); // a row of the picture, and main()
    for (const json::Value& point : *points.array()) {
        CHECK_FALSE(point.at("measured").as<bool>());
        CHECK(point.at("ram").as<double>() <= 482 - margins.ram);
        CHECK(point.at("flash").as<double>() * (1 + margins.flash) <= 8192 + 1e-6);
    }
    CHECK(shell(folder.path(), "$TOOL front run").out.find('~') != std::string::npos);

    const ShellAnswer asked = shell(folder.path(), without_tools + search_6 + "asked --measure end");
    CHECK(asked.status == 1);
    CHECK(asked.error.find("tinysparse: --measure: ") == 0);
    CHECK(asked.error.find("apt install ") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/asked"));
    CHECK(shell(folder.path(), without_tools + search_6 + "off --measure off").error.empty());
}

TEST_CASE("a program that may not fit an ATtiny85 is never said to fit, shown, exported or searched for") {
    const ScratchFolder folder;
    if (skipped()) return;
    REQUIRE(shell(folder.path(),
                  "$TOOL train" + strokes +
                      "--net 'C7k3 M3 C24k3 M2 F10' --bits 4 --epochs 1 -o large.tsm --quiet && $TOOL train" + strokes +
                      "--net 'A2 C3k3 M2 F10' --epochs 1 -o small.tsm --quiet")
                .status == 0);
    const std::string doubt = "RAM may be too small: the program takes about ";
    const auto says = [&](const std::string& command) {
        const ShellAnswer answer = shell(folder.path(), without_tools + "$TOOL " + command);
        CHECK(answer.status == 0);
        return (answer.out + answer.error).find(doubt) != std::string::npos;
    };
    CHECK(says("show large.tsm --target attiny85"));
    CHECK(says("export large.tsm --target attiny85 -o large --name network"));
    CHECK_FALSE(says("show large.tsm"));
    CHECK_FALSE(says("show large.tsm --target none"));
    CHECK_FALSE(says("show small.tsm --target attiny85"));
    CHECK_FALSE(says("export small.tsm --target attiny85 -o small --name network"));
    // What can be measured is no doubt: export warns of what simulate refuses, and of nothing else.
    if (!nothing_measures(folder))
        for (const std::string name : {"large", "small"}) {
            CAPTURE(name);
            const ShellAnswer exported =
                shell(folder.path(), "$TOOL export " + name + ".tsm --target attiny85 -o " + name + " --name network");
            const ShellAnswer simulated =
                shell(folder.path(), "$TOOL simulate " + name + ".tsm --target attiny85 --samples 1" + strokes);
            CAPTURE(simulated.error);
            CHECK(exported.error.find("may be too small") == std::string::npos);
            CHECK((exported.error.find("measured on the simulated chip") != std::string::npos) ==
                  (simulated.status != 0));
            if (simulated.status != 0) CHECK(simulated.error.find("attiny85 has 512") != std::string::npos);
        }
    // With less, as asked for; and what a run on this chip began with stays its limit.
    const std::string on_tiny = search_6 + "run --target attiny85 --measure off --objectives error,ram ";
    CHECK(shell(folder.path(), on_tiny + "--max-ram 600").status == 0);
    CHECK(search::read_run(folder.path() + "/run").head.limits.at(search::Measure::ram) == 482);
    CHECK(shell(folder.path(), "$TOOL search --resume --out run --quiet --max-ram 600").status == 0);
    const ShellAnswer other = shell(folder.path(), "$TOOL search --resume --out run --quiet --max-ram 400");
    CHECK(other.status == 2);
    CHECK(other.error.find("the run began with other limits") != std::string::npos);
}
