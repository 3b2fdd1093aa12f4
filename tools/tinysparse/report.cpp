// SPDX-License-Identifier: Apache-2.0
// tinysparse report: a run as one HTML page, once or while its search goes on.
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

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

/// The page as it stands now. With `watched` it reloads itself.
void write_page(const Arguments& arguments, const std::string& path, const search::RunLog& log, bool watched) {
    report::NamedPick pick;
    if (const auto word = arguments.value("pick")) pick = {parse_pick("--pick ", *word), *word};
    const std::string& folder = arguments.positional(0);
    report::PageParts parts{{}, {}, watched};
    try {
        parts.cards = cards_of(folder, log, pick);
    } catch (const Error&) { // a young front may have no member within the rule yet
        if (!watched || !arguments.has("pick")) throw;
        parts.cards = cards_of(folder, log, {});
    }
    for (const std::string& other : arguments.values("beside"))
        parts.beside.push_back({other, search::read_run(other)});
    write_file(path, report::page(folder, log, parts), !watched);
}

/// Waits until the journal has another size than `size`, or a signal came; for three seconds at least, so that a search
/// with many short trainings does not write a page for each.
std::uintmax_t wait_for_growth(const std::string& journal, std::uintmax_t size) {
    using namespace std::chrono_literals;
    const auto start = std::chrono::steady_clock::now();
    while (!interrupted()) {
        std::this_thread::sleep_for(100ms);
        std::error_code ignored;
        const std::uintmax_t now = std::filesystem::file_size(journal, ignored);
        if (now != size && std::chrono::steady_clock::now() - start >= 3s) return now;
    }
    return size;
}

/// Writes the page whenever the journal grows, until the run has ended or a signal came. The last page does not read
/// itself again.
search::RunLog watch(const Arguments& arguments, const std::string& path) {
    const std::string &folder = arguments.positional(0), journal = search::journal_path(folder);
    catch_signals();
    std::error_code ignored;
    std::uintmax_t size = std::filesystem::file_size(journal, ignored);
    search::RunLog log = search::read_run(folder);
    if (!log.end) say(text("writing ", path, " until the search ends; Ctrl-C ends this sooner, and not the search"));
    while (!log.end && !interrupted()) {
        write_page(arguments, path, log, true);
        size = wait_for_growth(journal, size);
        log = search::read_run(folder);
    }
    write_page(arguments, path, log, false);
    return log;
}

int run_report(const Arguments& arguments) {
    const std::string& folder = arguments.positional(0);
    const std::string path = arguments.value_or("output", folder + "/report.html");
    const bool watched = arguments.has("watch");
    if (arguments.has("output")) check_output(path);
    const search::RunLog log = watched ? watch(arguments, path) : search::read_run(folder);
    if (!watched) write_page(arguments, path, log, false);
    if (const auto warning = without_models(folder, report::front_points(log))) say("warning: " + *warning);
    if (!log.end) say(text("the search has not ended; tinysparse search --out ", folder, " --resume goes on with it"));
    print(text(path, ": ", log.records.size(), " trials\n"));
    return watched && interrupted() ? exit_interrupted : 0;
}

} // namespace

Command report_command() {
    return {"report",
            "Write a run as one self-contained HTML page: front, a card for each member, all trials, limits, "
            "hypervolume over "
            "time.",
            {{"RUN", "Folder of a search."}},
            {{"output", "FILE", "Page to write (RUN/report.html).", 'o'},
             {"pick", "RULE",
              "Rule that picks the model whose card is open: best, best@8KB, smallest@98.5% or "
              "fastest@98% (best)."},
             {"beside", "RUN", "Folder of another run, whose hypervolume over time is shown too.", 0, false, true},
             {"watch", "",
              "Write the page again whenever the search has a new result, until it ends; an open page reads itself "
              "again."}},
            "tinysparse report run -o run.html\n"
            "tinysparse report run --watch",
            run_report};
}

} // namespace tinysparse::cli
