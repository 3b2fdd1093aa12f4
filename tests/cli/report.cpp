// SPDX-License-Identifier: Apache-2.0
// Pages of runs, as the tool writes them once and while a search goes on.
#include "shell.hpp"
#include <doctest/doctest.h>

#include "tinysparse/base/text.hpp"

using namespace tinysparse;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;

namespace {

/// Makes the folder `run` from a fixture, with its journal in whole.jsonl, and without the last line in the run.
const std::string begin = "cp -r " TINYSPARSE_SOURCE_DIR "/tests/search/fixtures/run_classes run && chmod -R u+w run\n"
                          "cp run/journal.jsonl whole.jsonl && sed '$d' whole.jsonl >run/journal.jsonl\n";
const std::string until_watched = "until grep -q 'location.reload' run/report.html 2>/dev/null; do sleep 0.1; done\n";

/// True if the page in a folder reads itself again.
bool reloads(const std::string& folder) {
    return read_file(folder + "/run/report.html").find("location.reload()") != std::string::npos;
}

} // namespace

TEST_CASE("report --watch follows a search until it ends; only pages before the last read themselves again") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer done = shell(folder.path(), begin + "$TOOL report run --watch & pid=$!\n" + until_watched +
                                                      "cp run/report.html first.html\n"
                                                      "tail -n 1 whole.jsonl >>run/journal.jsonl\nwait $pid");
    CAPTURE(done.error);
    CHECK(done.status == 0);
    CHECK(done.out.find("run/report.html: 4 trials") != done.out.npos);
    CHECK(done.error.find("until the search ends") != done.error.npos);
    CHECK_FALSE(reloads(folder.path()));
    CHECK(read_file(folder.path() + "/first.html").find("not ended yet") != std::string::npos);
    CHECK(read_file(folder.path() + "/run/report.html").find("not ended yet") == std::string::npos);

    const ShellAnswer again = shell(folder.path(), "$TOOL report run --watch"); // nothing is left to wait for
    CHECK(again.status == 0);
    CHECK(again.error.empty());
}

TEST_CASE("a signal ends report --watch, with a last page that does not read itself again") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer done = shell(folder.path(), begin + "$TOOL report run --watch & pid=$!\n" + until_watched +
                                                      "kill -TERM $pid\nwait $pid");
    CHECK(done.status == 130);
    CHECK(done.error.find("the search has not ended") != done.error.npos);
    CHECK_FALSE(reloads(folder.path()));
}
