// SPDX-License-Identifier: Apache-2.0
// Runs through what may happen to them: machines that refuse, damaged files, a second search, older versions.
#include "shell.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <set>

#include "tinysparse/search/run.hpp"

using namespace tinysparse;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;
namespace fs = std::filesystem;

namespace {

const std::string search_8 =
    "$TOOL search --data synthetic:strokes,samples=150 --objectives paper --trials 8 --jobs 2 ";
const std::string fixtures = TINYSPARSE_SOURCE_DIR "/tests/search/fixtures/";

/// What a journal says of each trial and at its end, without times.
std::set<std::string> said(const std::string& run) {
    std::set<std::string> said;
    for (json::Value line : search::Journal(search::journal_path(run)).read(false)) {
        if (line.find("run") || line.find("lost") || line.find("goal")) continue;
        for (const char* key : {"elapsed", "seconds", "test_seconds", "crc"})
            if (line.find(key)) line[key] = 0;
        said.insert(json::write(line));
    }
    return said;
}

/// One line on standard error that has these words, and status 1.
void check_run_refused(const ShellAnswer& answer, const std::string& words) {
    CAPTURE(answer.error);
    CHECK(answer.status == 1);
    CHECK(answer.out.empty());
    CHECK(std::count(answer.error.begin(), answer.error.end(), '\n') == 1);
    CHECK(answer.error.starts_with("tinysparse: "));
    CHECK(answer.error.find(words) != std::string::npos);
}

/// A run of eight trials that nothing befell, and what its journal says.
struct Unbroken {
    ScratchFolder folder;
    std::set<std::string> said;
    std::string front;

    Unbroken() {
        const ShellAnswer done = shell(folder.path(), search_8 + "--out whole --quiet");
        REQUIRE(done.status == 0);
        front = done.out;
        said = ::said(folder.path() + "/whole");
    }
    std::string path() const { return folder.path(); }
    ShellAnswer run(const std::string& line) const { return shell(folder.path(), line); }
    /// The run goes on to the end of the unbroken one.
    void check_resumes(const std::string& name) const {
        const ShellAnswer resumed = run("$TOOL search --resume --quiet --out " + name);
        CAPTURE(resumed.error);
        CHECK(resumed.status == 0);
        CHECK(resumed.out == front);
        CHECK(::said(path() + "/" + name) == said);
    }
};

} // namespace

TEST_CASE("runs of earlier formats are read by every command, and those of the first and the third go on") {
    if (skipped()) return;
    const ScratchFolder folder;
    for (const auto& [name, model] : {std::pair("run", "1"),
                                      {"run_classes", "3"},
                                      {"run_numbers", "2"},
                                      {"run_unmeasured", "2"},
                                      {"run_without_baseline", "2"}}) {
        fs::copy(fixtures + name, folder.path() + "/" + name, fs::copy_options::recursive);
        const std::string id = text(name, "#", model);
        for (const std::string& line :
             {text("front ", name), text("front ", name, " --json"), text("front ", name, " --csv"),
              text("report ", name, " -o page.html"), text("show ", id), text("repair ", name),
              text("export ", id, " --target c++ -o ", name, "_program --name network")}) {
            const ShellAnswer answer = shell(folder.path(), "$TOOL " + line);
            CAPTURE(line);
            CAPTURE(answer.error);
            CHECK(answer.status == 0);
            CHECK_FALSE(answer.out.empty());
        }
    }
    const ShellAnswer eval =
        shell(folder.path(), "$TOOL eval run_classes#3 --data synthetic:strokes,samples=300,size=12x12");
    CHECK(eval.status == 0);
    CHECK(eval.out.find("25.00 %") != std::string::npos); // as its journal says
    CHECK(shell(folder.path(), "$TOOL show run_classes#3")
              .out.find("trained         300 epochs (passes over the training samples), from the weights of network 1 "
                        "(about as "
                        "good as 325 epochs from random weights), seed ") != std::string::npos); // as its journal says
    const ShellAnswer further = shell(folder.path(), "$TOOL search --resume --trials 6 --out run_classes");
    CAPTURE(further.error);
    CHECK(further.status == 0);
    CHECK(further.error.find("the run began with tinysparse 1.0.0, this is ") != std::string::npos);
    CHECK(search::read_run(folder.path() + "/run_classes").records.size() == 6);
    const std::string went_on = "the run began with tinysparse 1.0.0 and went on with ";
    for (const char* line : {"front run_classes", "show run_classes#3"}) {
        CAPTURE(std::string(line));
        CHECK(shell(folder.path(), text("$TOOL ", line)).out.find(went_on) != std::string::npos);
    }
    CHECK(shell(folder.path(), "$TOOL report run_classes -o page.html").status == 0);
    CHECK(read_file(folder.path() + "/page.html").find(went_on.substr(1)) != // with a capital
          std::string::npos);
    check_run_refused(
        shell(folder.path(), "$TOOL search --resume --trials 6 --out run_unmeasured"),
        "run_unmeasured: the run has format 2, this program writes format 5; it began with tinysparse 1.0.0");
    const ShellAnswer third = shell(folder.path(), "$TOOL search --resume --trials 6 --out run_without_baseline");
    CAPTURE(third.error);
    CHECK(third.status == 0);
    CHECK(third.out.find("baseline") == std::string::npos);
    const search::RunLog log = search::read_run(folder.path() + "/run_without_baseline");
    CHECK(log.records.size() == 6);
    for (const search::Record& record : log.records) CHECK(record.trial.origin != search::Origin::baseline);
}

TEST_CASE("a wrong command line leaves no folder behind") {
    if (skipped()) return;
    const ScratchFolder folder;
    CHECK(shell(folder.path(), "$TOOL search --out a/b").status == 2);
    CHECK(shell(folder.path(), "$TOOL search --data synthetic:strokes --limit ram --out a/b").status == 2);
    CHECK(shell(folder.path(), "$TOOL search --data no_such_data --out a/b").status == 1);
    CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("of two searches that begin in one folder, one does the run and the other says so") {
    if (skipped()) return;
    const Unbroken unbroken;
    for (int round = 0; round < 5; ++round) {
        const std::string name = text("two", round);
        const ShellAnswer both = unbroken.run(search_8 + "--quiet --seed 1 --out " + name + " >one & " + search_8 +
                                              "--quiet --seed 2 --out " + name + " >other; echo $? >status; wait");
        CAPTURE(both.error);
        CHECK(both.error.find("--out") != std::string::npos); // the cure that the refused one names
        const search::RunLog log = search::read_run(unbroken.path() + "/" + name);
        REQUIRE(log.records.size() == 8);
        if (log.head.seed == 1) CHECK(said(unbroken.path() + "/" + name) == unbroken.said);
        for (std::size_t i = 0; i < 8; ++i) CHECK(log.records[i].trial.number == i);
    }
}

TEST_CASE("a limit of file sizes ends a search with one line, and the run goes on as an unbroken one") {
    if (skipped()) return;
    const Unbroken unbroken;
    for (const int blocks : {4, 8, 16}) { // of 512 bytes
        const std::string name = text("small", blocks);
        check_run_refused(unbroken.run(text("ulimit -f ", blocks, "; ", search_8, "--quiet --out ", name)),
                          "cannot write: File too large; raise the largest size of files, ulimit -f; tinysparse search "
                          "--out ");
        unbroken.check_resumes(name);
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // which need all the address space that there is
TEST_CASE("whatever memory there is, a search ends well or with one line, and goes on as an unbroken one") {
    if (skipped()) return;
    const Unbroken unbroken;
    for (const int kilobytes : {20000, 30000, 45000, 60000, 90000, 150000, 400000}) {
        CAPTURE(kilobytes);
        if (unbroken.run(text("ulimit -v ", kilobytes, "; $TOOL --version")).status != 0) continue; // no program at all
        const std::string name = text("tight", kilobytes);
        const ShellAnswer answer = unbroken.run(
            text("ulimit -v ", kilobytes, "; ", replaced(search_8, "--jobs 2", "--jobs 64"), "--quiet --out ", name));
        CAPTURE(answer.error);
        if (answer.status != 0) {
            CHECK(answer.status == 1);
            CHECK(std::count(answer.error.begin(), answer.error.end(), '\n') == 1);
            CHECK(answer.error.find("terminate") == std::string::npos);
        }
        if (!fs::exists(search::journal_path(unbroken.path() + "/" + name))) continue;
        for (const search::Record& record : search::read_run(unbroken.path() + "/" + name).records)
            CHECK_FALSE(record.outcome.failure);
        CHECK(unbroken.run("$TOOL search --resume --jobs 2 --quiet --out " + name).status == 0);
    }
}
#endif

TEST_CASE("a reader that goes away costs a search its front on the screen, and nothing else") {
    if (skipped()) return;
    const Unbroken unbroken;
    const ShellAnswer piped = unbroken.run("{ " + search_8 + "--quiet --out piped; echo $? >status; } | exec true");
    CHECK(read_file(unbroken.path() + "/status") == "1\n");
    CHECK(piped.error.find("standard output cannot be written") != std::string::npos);
    unbroken.check_resumes("piped");
}

TEST_CASE("a search that is hung up on ends as an interrupted one") {
    if (skipped()) return;
    const Unbroken unbroken;
    for (const char* signal : {"HUP", "TERM", "INT"}) {
        const std::string name = text("hung_up_", signal);
        unbroken.run(search_8 + "--quiet --out " + name + " & job=$!; while [ ! -s " + name +
                     "/journal.jsonl ]; do sleep 0.01; done; kill -" + signal + " $job; wait $job; echo $? >status");
        const std::string status = read_file(unbroken.path() + "/status");
        CHECK((status == "130\n" || status == "0\n")); // if it was done before
        unbroken.check_resumes(name);
    }
}

TEST_CASE("models that are gone or damaged are trained again, and the run ends as an unbroken one") {
    if (skipped()) return;
    const Unbroken unbroken;
    CHECK(unbroken.run("rm whole/models/*; for i in 0 1 2 3 4 5 6 7; do echo x >whole/models/$i.tsm; done").status ==
          0);
    const ShellAnswer front = unbroken.run("$TOOL front whole");
    CHECK(front.status == 0);
    const std::string again = "missing or damaged; tinysparse search --out whole --resume trains";
    CHECK(front.error.find(again) != std::string::npos);
    const ShellAnswer page = unbroken.run("$TOOL report whole");
    CHECK(page.status == 0);
    CHECK(page.error.find(again) != std::string::npos);
    const ShellAnswer shown = unbroken.run("$TOOL show whole#best");
    CHECK(shown.status == 1);
    CHECK(shown.error.find("; tinysparse search --out whole --resume trains it again\n") != std::string::npos);
    const ShellAnswer resumed = unbroken.run("$TOOL search --resume --out whole");
    CHECK(resumed.status == 0);
    CHECK(resumed.out == unbroken.front);
    CHECK(resumed.error.find("is damaged; trial ") != std::string::npos);
    CHECK(said(unbroken.path() + "/whole") == unbroken.said);
    CHECK(unbroken.run("$TOOL front whole").error.find("damaged") == std::string::npos);
}

TEST_CASE("repair keeps what is whole of a journal, and says what is not") {
    if (skipped()) return;
    const Unbroken unbroken;
    const std::string journal = unbroken.path() + "/whole/journal.jsonl", bytes = read_file(journal);
    std::string damaged = bytes;
    damaged[damaged.find("{\"trial\":3,") + 50] ^= 4;
    write_file(journal, damaged);
    for (const char* line : {"front whole", "report whole", "show whole#1", "search --resume --out whole"})
        check_run_refused(
            unbroken.run(text("$TOOL ", line)),
            "whole/journal.jsonl: line 5 does not fit its checksum: the file is damaged; tinysparse repair "
            "whole keeps what is whole");
    const ShellAnswer repaired = unbroken.run("$TOOL repair whole");
    CHECK(repaired.status == 0);
    CHECK(repaired.out == "line 5: it does not fit its checksum; it seems to be of trial 3\n"
                          "marked as lost: trial 3; tinysparse search --out whole --resume --trials N trains it again\n"
                          "whole/journal.jsonl: 9 of 10 lines kept; the old file is whole/journal.jsonl.damaged\n");
    CHECK(read_file(journal + ".damaged") == damaged);
    unbroken.check_resumes("whole");
    CHECK(unbroken.run("$TOOL repair whole").out ==
          "whole/journal.jsonl: all 12 lines are intact; nothing to repair\n"); // the mark, trial 3 and a new end came
    write_file(journal, replaced(bytes, "\n", "\r\n"));
    check_run_refused(unbroken.run("$TOOL front whole"),
                      "lines end in CR LF, as some editors and git's autocrlf write");
    CHECK(unbroken.run("$TOOL repair whole").status == 0);
    CHECK(read_file(journal) == bytes);
    check_run_refused(unbroken.run("$TOOL repair nowhere"),
                      "nowhere: there is no such folder; a run is made by search");
    CHECK_FALSE(fs::exists(unbroken.path() + "/nowhere"));
}

TEST_CASE("a run does not go on with a board that was changed") {
    if (skipped()) return;
    const ScratchFolder folder;
    write_file(folder.path() + "/board.txt", "base = uno\nname = mine\nflash = 20000\n");
    REQUIRE(shell(folder.path(), replaced(search_8, "--objectives paper", "--target ./board.txt") + "--out run --quiet")
                .status == 0);
    CHECK(shell(folder.path(), "$TOOL search --resume --out run --quiet").status == 0);
    write_file(folder.path() + "/board.txt", "base = uno\nname = mine\nflash = 30000\n");
    check_run_refused(shell(folder.path(), "$TOOL search --resume --out run"),
                      "./board.txt: the description of the board has changed since the run began");
    CHECK(shell(folder.path(), "$TOOL front run").status == 0);
}
