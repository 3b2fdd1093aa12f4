// SPDX-License-Identifier: Apache-2.0
// tinysparse front: the Pareto set of a run, or one model of it by a rule.
#include "tinysparse/report/front_table.hpp"

#include "commands.hpp"
#include "common.hpp"
#include "picks.hpp"
#include "terminal.hpp"
#include "tinysparse/report/trials.hpp"

namespace tinysparse::cli {

namespace {

/// What --all prints: every trial.
void print_trials(const Arguments& arguments, const std::string& folder, const search::RunLog& log) {
    if (arguments.has("json")) {
        print_data(json::write(json::object({{"run", folder}, {"trials", report::trials_json(log)}}), 2) + "\n");
    } else if (arguments.has("csv")) {
        print_data(report::trials_csv(log));
    } else {
        const report::Table table = report::trials_table(log);
        print(text(table.text(table_width()), "\n", table.legend(table_width())));
    }
}

void print_front(const Arguments& arguments, const std::string& folder, const search::RunLog& log,
                 const std::vector<report::FrontPoint>& points) {
    if (arguments.has("json"))
        print_data(json::write(front_document(folder, log, points), 2) + "\n");
    else if (arguments.has("csv"))
        print_data(report::front_csv(folder, log, points));
    else
        print(report::front_text(log, points, table_width()));
}

int run_front(const Arguments& arguments) {
    if (arguments.has("json") && arguments.has("csv")) throw UsageError("give --json or --csv, not both");
    if (arguments.has("all") && arguments.has("pick"))
        throw UsageError("give --all or --pick, not both: a rule chooses from the front");
    const std::string& folder = arguments.positional(0);
    std::optional<report::Pick> rule;
    if (const auto word = arguments.value("pick")) rule = parse_pick("--pick ", *word);
    const search::RunLog log = search::read_run(folder);
    const auto say_unfinished = [&] {
        if (!log.end)
            say(text("the search has not ended; if it was stopped, tinysparse search --out ", folder,
                     " --resume goes on with it"));
    };
    if (arguments.has("all")) {
        print_trials(arguments, folder, log);
        say_unfinished();
        return 0;
    }
    std::vector<report::FrontPoint> points = report::front_points(log);
    if (rule) points = {picked_point(points, log, *rule, "")};
    print_front(arguments, folder, log, points);
    if (rule && log.head.error != judge::ErrorKind::plain)
        say(text("#", points[0].record->trial.number, " has ", report::score_text(log.head.error, points[0].score()),
                 " on ", report::judges_of(log, points[0])));
    if (arguments.has("json") || arguments.has("csv"))
        if (const auto nothing = search::nothing_beats_constant(log)) say(*nothing);
    if (const auto warning = report::validation_warning(log, points)) say("warning: " + *warning);
    if (const auto warning = without_models(folder, points)) say("warning: " + *warning);
    say_unfinished();
    return 0;
}

} // namespace

Command front_command() {
    return {"front",
            "Print the Pareto front of a run and its baseline, one model of it by a rule, or every trial.",
            {{"RUN", "Folder of a search."}},
            {{"json", "", "Print one JSON document."},
             {"csv", "", "Print comma-separated values."},
             {"all", "", "Print every trial with its origin, stage and status, not only the front."},
             {"pick", "RULE",
              "Rule that picks one model by its score, 1 - error: best, best@8KB, smallest@98.5% or fastest@98%; "
              "smallest@rmse=0.3, in standard deviations, for target numbers."}},
            "tinysparse front run --pick best\n"
            "tinysparse front run --all --csv",
            run_front};
}

} // namespace tinysparse::cli
