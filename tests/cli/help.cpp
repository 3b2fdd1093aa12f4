// SPDX-License-Identifier: Apache-2.0
// What the built tool says of itself: help, examples, manual page and version; and the board that it takes by default.
#include "shell.hpp"
#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/version.hpp"

using namespace tinysparse;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;
using testing::strokes;

namespace {

/// The first words of the lines of a page's section, "Commands:" say.
std::vector<std::string> names_below(const std::string& page, const std::string& title) {
    static const std::regex entry("  (\\S+)  .*"); // what goes on with a sentence is indented by more
    std::vector<std::string> names;
    bool inside = false;
    for (const std::string& line : split(page, '\n')) {
        std::smatch found;
        if (line == title)
            inside = true;
        else if (line.empty())
            inside = false;
        else if (inside && std::regex_match(line, found, entry))
            names.push_back(found[1]);
    }
    return names;
}

/// The help of every command by its name, and of the program itself by "".
const std::map<std::string, std::string>& pages() {
    static const std::map<std::string, std::string> all = [] {
        const ScratchFolder folder;
        std::map<std::string, std::string> pages = {{"", shell(folder.path(), "$TOOL --help").out}};
        for (const std::string& name : names_below(pages[""], "Commands:"))
            pages[name] = shell(folder.path(), text("$TOOL ", name, " --help")).out;
        return pages;
    }();
    return all;
}

/// The options that a page names, without their dashes.
std::set<std::string> options_of(const std::string& page) {
    static const std::regex option("  (?:-[a-z], |    )--([a-z0-9-]+)(?: .*)?");
    std::set<std::string> names;
    for (const std::string& line : split(page, '\n')) {
        std::smatch found;
        if (std::regex_match(line, found, option)) names.insert(found[1]);
    }
    return names;
}

/// The command lines at the end of a page.
std::vector<std::string> examples_of(const std::string& page) {
    const std::size_t at = page.find("\nExample");
    REQUIRE(at != page.npos);
    std::vector<std::string> lines = split(page.substr(page.find(":\n", at) + 2), '\n');
    REQUIRE(lines.back().empty());
    lines.pop_back();
    for (std::string& line : lines) {
        REQUIRE(line.starts_with("  "));
        line.erase(0, 2);
    }
    return lines;
}

} // namespace

TEST_CASE("help of every command fits 80 columns, and its texts are sentences that begin with a capital") {
    if (skipped()) return;
    CHECK(pages().size() >= 17);
    for (const auto& [name, page] : pages()) {
        CAPTURE(name);
        CHECK_FALSE(page.empty());
        for (const std::string& line : split(page, '\n')) {
            CAPTURE(line);
            CHECK(line.size() <= 80);
        }
        CHECK(page.find("  Of ") == page.npos);
        CHECK(page.find("  That ") == page.npos);
        CHECK(page.find("so many") == page.npos);
        if (!name.empty()) CHECK(options_of(page).contains("help"));
    }
    CHECK(options_of(pages().at("train")).contains("weight-bytes"));
    CHECK(options_of(pages().at("export")) == std::set<std::string>{"target", "output", "name", "single-header",
                                                                    "license", "max-cycles", "max-flash", "data",
                                                                    "reject", "help"});
}

TEST_CASE("examples of the help work as written") {
    if (skipped()) return;
    const ScratchFolder folder;
    // A board, a part of the library that takes long, and shells have other tests.
    for (const char* name : {"search", "train", "export", "simulate", "data", "classify", "repair", "completion", "man",
                             "version", "device"})
        for (const std::string& example : examples_of(pages().at(name))) {
            CAPTURE(example);
            std::string line = replaced(example, "tinysparse ", "$TOOL ");
            if (line.starts_with("source ")) continue;
            line = replaced(line, "synthetic:strokes", "synthetic:strokes,samples=150"); // in less time
            line = replaced(line, "--budget 60s", "--trials 3 --jobs 1");
            line = replaced(line, "--budget 90s", "--trials 4");
            if (name == std::string("train")) line += " --epochs 4";
            if (name == std::string("classify")) line = "cp sheet.png photo.png && " + line; // any picture
            const ShellAnswer got = shell(folder.path(), line);
            CAPTURE(got.error);
            if (name == std::string("device"))
                CHECK(got.error.find("is the board plugged in?") != std::string::npos);
            else if (got.error.find("apt install") == std::string::npos)
                CHECK(got.status == 0);
        }
    for (const char* file :
         {"run/journal.jsonl", "digits.tsm", "digits/digits.h", "library/digits.zip", "sheet.png", "tinysparse.1"})
        CHECK(std::filesystem::exists(folder.path() + "/" + file));
}

TEST_CASE("the manual page has every option of every command, and troff finds no fault in it") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer made = shell(folder.path(), "$TOOL man -o page.1 && $TOOL man");
    REQUIRE(made.status == 0);
    const std::string page = read_file(folder.path() + "/page.1");
    CHECK(made.out == page);
    for (const char* title : {".TH TINYSPARSE 1 ", ".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n",
                              ".SH COMMANDS\n", ".SH \"EXIT STATUS\"\n"})
        CHECK(page.find(title) != page.npos);
    for (const auto& [name, help] : pages()) {
        if (name.empty()) continue;
        CAPTURE(name);
        const std::size_t begin = page.find(text("\n.SS ", name, "\n"));
        REQUIRE(begin != page.npos);
        const std::string section = page.substr(begin + 1, page.find("\n.S", begin + 1) - begin);
        std::set<std::string> options = options_of(help);
        options.erase("help");
        for (const std::string& option : options) {
            CAPTURE(option);
            CHECK(section.find(text("\\-\\-", replaced(option, "-", "\\-"), "\\fR")) != section.npos);
        }
    }
    for (const std::string& line : split(page, '\n')) // a request that troff does not know would vanish
        if (line.starts_with(".") && !line.starts_with(".\\\""))
            CHECK(std::regex_match(line, std::regex("\\.(TH|SH|SS|TP|PP|RS|RE|ad|fi|nf|nh)( .*)?")));
    for (const std::string check : {"groff -man -ww -z -Tutf8 page.1", "mandoc -Tlint -Werror page.1"}) {
        const std::string program = check.substr(0, check.find(' '));
        if (shell(folder.path(), "command -v " + program).status != 0) {
            MESSAGE("skipped: " << program << " is not installed");
            continue;
        }
        const ShellAnswer checked = shell(folder.path(), check);
        CHECK(checked.status == 0);
        CHECK(checked.out + checked.error == "");
    }
}

TEST_CASE("bash completes values behind a space and behind an equals sign") {
    if (skipped()) return;
    const ScratchFolder folder;
    for (const char* words : {"--target un", "--target = un"}) {
        CAPTURE(words);
        const ShellAnswer completed = shell(
            folder.path(), text("$TOOL completion bash >script; bash -c '. ./script; COMP_WORDS=(tinysparse show ",
                                words, "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tinysparse; echo ${COMPREPLY[@]}'"));
        CHECK(completed.out == "uno unomini\n");
    }
}

TEST_CASE("version says what the program is and what it can use") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer got = shell(folder.path(), "$TOOL version");
    CHECK(got.status == 0);
    CHECK(got.out.starts_with(text("tinysparse ", TINYSPARSE_VERSION_STRING, "\n")));
    for (const char* line : {"\n  revision    ", "\n  compiler    ", "\n  processor   ", "\n  pictures    ",
                             "\n  AVR boards  ", "\n  Cortex-M    ", "\n  MPI         "})
        CHECK(got.out.find(line) != std::string::npos);
    CHECK(shell(folder.path(), "$TOOL --version").out == got.out);
    const std::string without = shell(folder.path(), "PATH=/nowhere; $TOOL version").out;
    CHECK(without.find("\n  AVR boards  not here: ") != std::string::npos);
    CHECK(without.find("\n  Cortex-M    not here: ") != std::string::npos);
}

TEST_CASE("a model of a run is simulated and exported for the board of the run, unless --target names another") {
    if (skipped()) return;
    const ScratchFolder folder;
    std::filesystem::create_directory(folder.path() + "/elsewhere");
    write_file(folder.path() + "/board.txt", "base = uno\nname = mine\nram = 1.5KB\n");
    const std::string search = "$TOOL search --objectives paper --trials 1 --measure off --quiet" + strokes;
    for (const char* run : {"nano", "none", "./board.txt"})
        REQUIRE(
            shell(folder.path(), text(search, "--target ", run, " --out ", replaced(run, "./", ""), "_run")).status ==
            0);
    const auto simulated = [&](const std::string& model, const std::string& more) {
        return shell(folder.path() + "/elsewhere",
                     text("$TOOL simulate ", model, strokes, "--samples 1 --json ", more));
    };
    const ShellAnswer first = simulated("../nano_run#0", "");
    const bool can_simulate = first.error.find("apt install") == std::string::npos;
    if (!can_simulate) MESSAGE("partly skipped: " << first.error);
    const auto check = [&](const char* model, const char* more, const char* board, const std::string& said) {
        CAPTURE(model);
        const ShellAnswer got = simulated(model, more);
        if (said.empty())
            CHECK(got.error.find("--target names another") == std::string::npos);
        else
            CHECK(got.error.find(said) != std::string::npos);
        if (can_simulate) CHECK(json::parse(got.out, "simulate").at("target").as<std::string>() == board);
    };
    check("../nano_run#0", "", "nano", "the board is nano, as in the run; --target names another\n");
    check("../board.txt_run#0", "", "mine", "the board is mine, as in the run; --target names another\n");
    check("../none_run#0", "", "uno", "the run is for no board; uno is taken, --target names another\n");
    check("../nano_run#0", "--target uno", "uno", "");
    check("../nano_run/models/0.tsm", "", "uno", "");
    const ShellAnswer exported = shell(folder.path(), "$TOOL export nano_run#0 -o digits");
    CHECK(exported.status == 0);
    CHECK(exported.error.find("the target is nano, as in the run; --target names another\n") != std::string::npos);
    CHECK(exported.error.find("written for nano ") != std::string::npos);
    const ShellAnswer refused = shell(folder.path(), "$TOOL export nano_run/models/0.tsm -o other");
    CHECK(refused.status == 2);
    CHECK(refused.error == "tinysparse: export needs --target TARGET for a model file; see tinysparse export --help\n");
    CHECK(shell(folder.path(), "$TOOL export nano_run/models/0.tsm --target uno -o other").status == 0);
}

TEST_CASE("sizes and times take units wherever they are options, and measures are called by their names") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer done = shell(folder.path(), "$TOOL search --trials 1 --jobs 1 --measure off --quiet --out run "
                                                  "--limit ram=1.25KB --limit weight_bytes=20KB --max-flash 20KB "
                                                  "--max-ms 0.5s" +
                                                      strokes);
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const std::string journal = read_file(folder.path() + "/run/journal.jsonl");
    const json::Value head = json::parse(journal.substr(0, journal.find('\n')), "head");
    const json::Reader limits = json::Reader(head, "head").at("run").at("limits");
    CHECK(limits.at("ram").as<double>() == 1280 - 184); // an empty sketch is included
    CHECK(limits.at("flash").as<double>() == 20480 - 1460);
    CHECK(limits.at("weight_bytes").as<double>() == 20480);
    CHECK(limits.at("milliseconds").as<double>() == 500);
    const auto refused = [&](const std::string& words, const std::string& sentence) {
        const ShellAnswer got = shell(folder.path(), "$TOOL " + words + strokes);
        CAPTURE(words);
        CAPTURE(got.error);
        CHECK(got.status == 2);
        CHECK(got.error.find(sentence) != std::string::npos);
    };
    refused("search --out other --limit ram=1s", "--limit ram=1s: expected a size in B, KB (1024 B) or MB, such as ");
    refused("search --out other --max-ms 1KB", "--max-ms 1KB: expected a time in us, ms, s, m or h, such as 10ms, ");
    refused("search --out other --objectives accuracy,latency",
            "--objectives accuracy,latency: there is no measure 'accuracy', use error; there is no measure 'latency', "
            "use milliseconds; measures are error, ");
    refused("device m.tsm --port /dev/null --timeout 2h", "--timeout 2h: expected a time from 0.1 to 3600 s");
    refused("device m.tsm --port /dev/null --timeout 2KB", "--timeout 2KB: expected a time in us, ms, s, m or h");
}
