// SPDX-License-Identifier: Apache-2.0
// tinysparse report: a run as one HTML page.
#include "commands.hpp"
#include "common.hpp"
#include "picks.hpp"
#include "run_origin.hpp"
#include "tinysparse/report/cards.hpp"
#include "tinysparse/report/page.hpp"

namespace tinysparse::cli {

namespace {

/// The cards of the front, from the files of the run.
std::string cards_of(const std::string& folder, const search::RunLog& log, const report::NamedPick& pick) {
    try {
        read_target(log.head);
    } catch (const Error&) { // the file of the board is not here: cards then have no predicted costs
    }
    return report::cards(folder, log, pick);
}

int run(const Arguments& arguments) {
    report::NamedPick pick;
    if (const auto word = arguments.value("pick")) pick = {parse_pick("--pick ", *word), *word};
    const std::string& folder = arguments.positional(0);
    const search::RunLog log = search::read_run(folder);
    const std::string path = arguments.value_or("output", folder + "/report.html");
    std::vector<report::NamedRun> beside;
    for (const std::string& other : arguments.values("beside")) beside.push_back({other, search::read_run(other)});
    write_file(path, report::page(folder, log, beside, cards_of(folder, log, pick)));
    if (!log.end) say(text("the search has not ended; tinysparse search --out ", folder, " --resume goes on with it"));
    print(text(path, ": ", log.records.size(), " trials\n"));
    return 0;
}

} // namespace

Command report_command() {
    return {
        "report",
        "Write a run as one self-contained HTML page: front, a card for each member, limits, all trials, hypervolume "
        "over time.",
        {{"RUN", "Folder of a search."}},
        {{"output", "FILE", "Page to write (RUN/report.html).", 'o'},
         {"pick", "RULE",
          "Rule that picks the model which the page opens, as run#RULE does: best, best@1KB, smallest@98.5% or "
          "fastest@98% (best)."},
         {"beside", "RUN", "Folder of another run, whose hypervolume over time is shown too.", 0, false, true}},
        "tinysparse report run -o run.html",
        run};
}

} // namespace tinysparse::cli
