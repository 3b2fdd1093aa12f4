// SPDX-License-Identifier: Apache-2.0
// tinysparse repair: recovers the intact part of a damaged journal.
#include "tinysparse/search/repair.hpp"

#include <filesystem>

#include "commands.hpp"
#include "common.hpp"

namespace tinysparse::cli {

namespace {

std::string numbers_text(const std::set<std::size_t>& numbers) {
    std::vector<std::string> words;
    for (const std::size_t number : numbers) words.push_back(text(number));
    return join(words, ", ");
}

int run_repair(const Arguments& arguments) {
    const std::string& folder = arguments.positional(0);
    if (!std::filesystem::exists(search::journal_path(folder)))
        search::read_run(folder); // throws, and says what the folder is
    const search::RunFolder run_folder(folder);
    const search::Repair done = search::repair(run_folder);
    const std::string& journal = run_folder.journal().path();
    if (done.old_file.empty()) {
        print(text(journal, ": all ", done.lines, " lines are intact; nothing to repair\n"));
        return 0;
    }
    std::string said;
    for (const auto& sentences : {done.changes, done.left_out})
        for (const std::string& sentence : sentences) said += sentence + "\n";
    if (!done.lost.empty())
        said += text("marked as lost: ", done.lost.size() == 1 ? "trial " : "trials ", numbers_text(done.lost),
                     "; tinysparse search --out ", folder, " --resume --trials N trains ",
                     done.lost.size() == 1 ? "it" : "them", " again\n");
    print(
        text(said, journal, ": ", done.kept, " of ", done.lines, " lines kept; the old file is ", done.old_file, "\n"));
    return 0;
}

} // namespace

Command repair_command() {
    return {"repair",
            "Recover the intact part of the damaged journal of a run.",
            {{"RUN", "Folder of a run."}},
            {},
            "tinysparse repair run",
            run_repair};
}

} // namespace tinysparse::cli
