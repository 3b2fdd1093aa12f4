// SPDX-License-Identifier: Apache-2.0
// The tool without standard input, output or error, and with readers that go away: files are as they would be.
#include "shell.hpp"
#include <doctest/doctest.h>
#include <filesystem>
#include <map>

using namespace tinysparse;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;
namespace fs = std::filesystem;

namespace {

/// Every way of closing some of the descriptors 0 to 2, as a shell says it.
std::vector<std::string> closings() {
    std::vector<std::string> all;
    for (int set = 0; set < 8; ++set)
        all.push_back(text(set & 1 ? " 0<&-" : "", set & 2 ? " 1>&-" : "", set & 4 ? " 2>&-" : ""));
    return all;
}

/// All files of a folder but for what differs from run to run.
std::map<std::string, std::string> files_of(const std::string& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().filename() != "journal.jsonl")
            files[fs::relative(entry.path(), folder).string()] = read_file(entry.path().string());
    return files;
}

} // namespace

TEST_CASE("closed descriptors get no file: models, runs and exports are those of an open terminal") {
    if (skipped()) return;
    const std::string commands[] = {
        "$TOOL train --data synthetic:strokes,samples=150 --net 'A4 F10' --epochs 1 -o m.tsm",
        "$TOOL search --data synthetic:strokes,samples=150 --objectives paper --trials 3 --jobs 1 --seed 1 --out run",
        "$TOOL export m.tsm --target c++ -o folder --name network"};
    std::map<std::string, std::string> due;
    std::string front;
    for (const std::string& closing : closings()) {
        CAPTURE(closing);
        const ScratchFolder folder;
        for (const std::string& command : commands) {
            const ShellAnswer answer = shell(folder.path(), command + closing);
            CAPTURE(command);
            CAPTURE(answer.error);
            CHECK(answer.status == 0); // as with the null device
        }
        const auto files = files_of(folder.path());
        const std::string own_front = shell(folder.path(), "$TOOL front run --json").out;
        if (closing.empty()) {
            due = files;
            front = own_front;
            REQUIRE(due.contains("run/models/2.tsm"));
            REQUIRE(due.contains("run/lock"));
            REQUIRE(!front.empty());
        }
        CHECK(files == due);
        CHECK(own_front == front);
    }
}

TEST_CASE("a reader that goes away is status 1 and one line, and harms no file") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string search = "$TOOL search --data synthetic:strokes,samples=150 --objectives paper --trials 3 "
                               "--jobs 1 --quiet --out run";
    const ShellAnswer gone = shell(folder.path(), "(" + search + "; echo status $? >&2) | true");
    CHECK(gone.error == "tinysparse: standard output cannot be written: Broken pipe\nstatus 1\n");
    const ShellAnswer front = shell(folder.path(), "$TOOL front run");
    CHECK(front.status == 0);
    CHECK(shell(folder.path(), "$TOOL search --resume --out run --quiet").out == front.out);
    CHECK(shell(folder.path(), "$TOOL front run | head -1").out == front.out.substr(0, front.out.find('\n') + 1));
    // Words that nobody hears are no failure.
    const ShellAnswer unheard = shell(folder.path(), "($TOOL show 'run#0' 2>&1 >/dev/null; echo status $?) | cat");
    CHECK(unheard.out == "tinysparse: the board is uno, as in the run; --target names another\nstatus 0\n");
    if (fs::exists("/dev/full"))
        CHECK(shell(folder.path(), "$TOOL front run >/dev/full").error ==
              "tinysparse: standard output cannot be written: No space left on device\n");
}

TEST_CASE("what a command writes goes through links, into pipes and to standard output") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string train = "$TOOL train --data synthetic:strokes,samples=150 --net 'A4 F10' --epochs 1 --quiet -o ";
    REQUIRE(shell(folder.path(), train + "m.tsm >/dev/null").status == 0);
    const std::string model = read_file(folder.path() + "/m.tsm");
    // The command's own words are in the file, so that lengths differ; the parts that follow them do not.
    const std::string answers = model.substr(model.size() - 200, 100);
    const ShellAnswer piped = shell(folder.path(), train + "/dev/stdout | cat");
    CHECK(piped.status == 0);
    CHECK(piped.out.find(answers) != std::string::npos);
    REQUIRE(shell(folder.path(), "mkdir far; ln -s far/real.tsm link.tsm; mkfifo pipe; cat pipe >from_pipe & " + train +
                                     "link.tsm >/dev/null && " + train + "pipe >/dev/null; wait")
                .status == 0);
    CHECK(read_file(folder.path() + "/far/real.tsm").find(answers) != std::string::npos);
    CHECK(fs::is_symlink(folder.path() + "/link.tsm"));
    CHECK(read_file(folder.path() + "/from_pipe").find(answers) != std::string::npos);
    CHECK(fs::is_fifo(folder.path() + "/pipe"));
}

TEST_CASE("a place that cannot be written is refused before any work, by every command that writes a file") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string data = " synthetic:strokes,samples=150 ";
    REQUIRE(shell(folder.path(), "$TOOL train --data" + data +
                                     "--net 'A4 F10' --epochs 1 --quiet -o m.tsm && "
                                     "$TOOL search --objectives paper --trials 1 --quiet --out run --data" +
                                     data)
                .status == 0);
    struct Place {
        std::string path, said;
    };
    std::vector<Place> places = {{"run", "run: this is a folder; give the name of a file in it"},
                                 {"no/where", "no/where: there is no folder no to write to"},
                                 {"/proc/x", "/proc/x: cannot write: "}};
    if (fs::exists("/dev/full")) places.push_back({"/dev/full", "/dev/full: cannot write: No space left on device"});
    for (const auto& [path, said] : places)
        for (const std::string& command :
             {"train --net 'A4 F10' --epochs 1 --data" + data + "-o ",
              "train --net 'A4 F10' --epochs 1 --prune dpf -o n.tsm --data" + data + "--prune-log ",
              "eval m.tsm --data" + data + "--predictions ", std::string("report run -o "), "data" + data + "-o ",
              std::string("man -o ")}) {
            CAPTURE(command + path);
            const ShellAnswer refused = shell(folder.path(), "$TOOL " + command + path);
            CHECK(refused.status == 1);
            CHECK(refused.out.empty());
            CHECK(refused.error.starts_with("tinysparse: " + said));
            CHECK(std::count(refused.error.begin(), refused.error.end(), '\n') == 1);
        }
    CHECK_FALSE(fs::exists(folder.path() + "/n.tsm"));
    for (const auto& entry : fs::directory_iterator(folder.path()))
        CHECK(entry.path().string().find(".part") == std::string::npos);
}
