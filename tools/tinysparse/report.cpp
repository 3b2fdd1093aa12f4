// SPDX-License-Identifier: Apache-2.0
// tinysparse report: a run as one HTML page.
#include "commands.hpp"
#include "common.hpp"
#include "tinysparse/report/page.hpp"

namespace tinysparse::cli {

namespace {

int run(const Arguments& arguments) {
    const std::string& folder = arguments.positional(0);
    const search::RunLog log = search::read_run(folder);
    const std::string path = arguments.value_or("output", folder + "/report.html");
    std::vector<report::NamedRun> beside;
    for (const std::string& other : arguments.values("beside")) beside.push_back({other, search::read_run(other)});
    write_file(path, report::page(folder, log, beside));
    if (!log.end) say(text("the search has not ended; tinysparse search --out ", folder, " --resume goes on with it"));
    print(text(path, ": ", log.records.size(), " trials\n"));
    return 0;
}

} // namespace

Command report_command() {
    return {"report",
            "Write a run as one self-contained HTML page: front, limits, all trials, hypervolume over time.",
            {{"RUN", "Folder of a search."}},
            {{"output", "FILE", "Page to write (RUN/report.html).", 'o'},
             {"beside", "RUN", "Folder of another run, whose hypervolume over time is shown too.", 0, false, true}},
            "tinysparse report run -o run.html",
            run};
}

} // namespace tinysparse::cli
