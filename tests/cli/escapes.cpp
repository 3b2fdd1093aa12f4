// SPDX-License-Identifier: Apache-2.0
// Names that a terminal, a spreadsheet, a shell or a compiler would obey: refused, or shown, and data stay exact.
#include "shell.hpp"
#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;

namespace {

const std::string own_fixtures = TINYSPARSE_TEST_FIXTURES;
const std::string formula = "=1+1",
                  turned = "\xe2\x80\xae"
                           "gpj",
                  gestures_spec = "gestures.csv,val=0.2,test=0.2";

/// A table of two classes and a column with such names.
void write_data(const std::string& folder) {
    std::string rows = "a" + turned + ",b,label\n";
    for (int i = 0; i < 200; ++i) rows += text(i % 7, ",", i % 2 ? 9 : i % 5, ",", i % 2 ? formula : turned, "\n");
    write_file(folder + "/gestures.csv", rows);
}

/// Every character of it is one that a terminal shows.
bool is_shown(const std::string& text) { return printable(text, true) == text; }

} // namespace

TEST_CASE("models with control characters in their names are refused by every command in one line") {
    if (skipped()) return;
    const ScratchFolder folder;
    for (const char* model : {"escapes", "nul"}) {
        const std::string path = text("'", own_fixtures, "/", model, ".tsm'");
        for (const std::string& command : {text("show ", path), text("export ", path, " --target uno -o out"),
                                           text("eval ", path, " --data synthetic:strokes,samples=100"),
                                           text("simulate ", path, " --data synthetic:strokes,samples=100")}) {
            const ShellAnswer answer = shell(folder.path(), "$TOOL " + command);
            CAPTURE(command);
            CAPTURE(answer.error);
            CHECK(answer.status == 1);
            CHECK(answer.out.empty());
            CHECK(is_shown(answer.error));
            CHECK(std::count(answer.error.begin(), answer.error.end(), '\n') == 1);
            if (answer.error.find("install") == std::string::npos) // a simulator
                CHECK(answer.error.find(" has the control character \\x") != std::string::npos);
        }
    }
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/out"));
}

TEST_CASE("marks of direction are shown in every table, and stay as they are in JSON") {
    if (skipped()) return;
    const ScratchFolder folder;
    write_data(folder.path());
    const std::string commands[] = {
        text("train --data ", gestures_spec, " --net 'F4 F2' --epochs 1 -o m.tsm"),
        text("data ", gestures_spec),
        "show m.tsm",
        text("eval m.tsm --data ", gestures_spec, " --predictions answers.csv"),
        text("search --data ", gestures_spec, " --objectives paper --trials 3 --jobs 1 --out run"),
        "front run",
        "report run -o page.html",
        "export m.tsm --target uno -o digits",
        text("eval m.tsm --data 'none\xe2\x80\xae,val=0.2'")};
    for (const std::string& command : commands) {
        const ShellAnswer answer = shell(folder.path(), "$TOOL " + command);
        CAPTURE(command);
        CAPTURE(answer.error);
        CHECK(answer.status == (command.find("none") == std::string::npos ? 0 : 1));
        CHECK(is_shown(answer.out));
        CHECK(is_shown(answer.error));
    }
    CHECK(shell(folder.path(), "$TOOL eval m.tsm --data " + gestures_spec).out.find("\\u{202e}gpj") !=
          std::string::npos);
    const ShellAnswer exact = shell(folder.path(), "$TOOL eval m.tsm --json --data " + gestures_spec);
    CHECK(json::parse(exact.out, "eval").at("classes").at(1).at("name").as<std::string>() == turned);
    CHECK(is_shown(read_file(folder.path() + "/digits/digits.h")));
    CHECK(is_shown(read_file(folder.path() + "/page.html")));
    const std::string answers = read_file(folder.path() + "/answers.csv");
    CHECK(answers.find("\n'=1+1,") != std::string::npos);
    CHECK(answers.find("\n=") == std::string::npos);
    CHECK(answers.find("logit_=1+1") != std::string::npos); // no formula: it begins with a letter
}

TEST_CASE("a command that stands in a model can be pasted into a shell, whatever its words are") {
    if (skipped() || shell("/tmp", "bash -c true").status != 0) return;
    const ScratchFolder folder;
    write_data(folder.path());
    for (const std::string name : {"it's", "two words", "new\nline", "tab\t\"", "$(touch gone)`", "back\\slash\\",
                                   "caf\xc3\xa9\xe2\x80\xae", "\xff"}) {
        CAPTURE(name);
        write_file(folder.path() + "/name", name + ".tsm");
        const std::string train =
            text("$TOOL train --data ", gestures_spec, " --net 'F4 F2' --epochs 1 -o \"$(cat name)\"");
        REQUIRE(shell(folder.path(), train).status == 0);
        const std::string file = folder.path() + "/" + name + ".tsm", before = read_file(file);
        const std::string command = fixed::load_model(file).command;
        CHECK(is_shown(command));
        std::filesystem::remove(file);
        write_file(folder.path() + "/again", "tinysparse() { $TOOL \"$@\"; }\n" + command + "\n");
        CHECK(shell(folder.path(), "export TOOL; bash again").status == 0);
        CHECK(read_file(file) == before);
    }
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/gone"));
}

TEST_CASE("a command that ends in a trigraph does not take the next line of an exported header in") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string path = text("'", own_fixtures, "/trigraph.tsm'");
    CHECK(shell(folder.path(), "$TOOL show " + path).out.find("train --data d?\?/\n") != std::string::npos);
    REQUIRE(shell(folder.path(), text("$TOOL export ", path, " --target c++ -o network")).status == 0);
    // The message has only the last name of the data's folder.
    CHECK(read_file(folder.path() + "/network/network.h").find("train --data d?\?\n// exported") != std::string::npos);
    if (shell(folder.path(), "make --version").status == 0)
        CHECK(shell(folder.path(), "make -s -C network test").out == "self test passed\n");
}
