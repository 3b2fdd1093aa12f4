// SPDX-License-Identifier: Apache-2.0
// tinysparse front: the Pareto set of a run, or one model of it by a rule.
#include "tinysparse/report/front.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "quantities.hpp"
#include "tinysparse/base/rows.hpp"

namespace tinysparse::cli {

namespace {

struct Rule {
    std::string_view name;
    report::Pick::Rule rule;
    double (*parse)(std::string_view what, std::string_view word);
};
constexpr Rule rules[] = {{"smallest", report::Pick::Rule::smallest, parse_share},
                          {"best", report::Pick::Rule::best, parse_bytes},
                          {"fastest", report::Pick::Rule::fastest, parse_share}};

report::Pick parse_pick(const std::string& word) {
    const std::size_t at = word.find('@');
    const std::string name = word.substr(0, at), bound = at == word.npos ? "" : word.substr(at + 1);
    if (const Rule* found = row_named(rules, name); found && !bound.empty())
        return {found->rule, found->parse(text("--pick ", name, " @"), bound)};
    throw UsageError(text("--pick ", word, ": expected smallest@98.5%, best@1KB or fastest@98%"));
}

int run(const Arguments& arguments) {
    if (arguments.has("json") && arguments.has("csv")) throw UsageError("give --json or --csv, not both");
    const std::string& folder = arguments.positional(0);
    std::optional<report::Pick> rule;
    if (const auto word = arguments.value("pick")) rule = parse_pick(*word);
    const search::RunLog log = search::read_run(folder);
    std::vector<report::FrontPoint> points = report::front_points(log);
    if (rule) points = {report::pick(points, log, *rule)};
    if (arguments.has("json"))
        print(json::write(report::front_json(folder, log, points), 2) + "\n");
    else if (arguments.has("csv"))
        print(report::front_csv(folder, log, points));
    else
        print(report::front_table(log, points));
    if (rule && log.head.error != judge::ErrorKind::plain)
        say(text("#", points[0].record->trial.number, " has ", report::percent_cell(points[0].score()), " % ",
                 judge::info(log.head.error).score, " on the validation part"));
    if (arguments.has("json") || arguments.has("csv"))
        if (const auto nothing = search::nothing_beats_constant(log)) say(*nothing);
    if (const auto warning = report::validation_warning(log, points)) say("warning: " + *warning);
    if (!log.end) say(text("the search has not ended; tinysparse search --out ", folder, " --resume goes on with it"));
    return 0;
}

} // namespace

Command front_command() {
    return {
        "front",
        "Print the Pareto set of a run, or one model of it by a rule.",
        {{"RUN", "the folder of a search"}},
        {{"json", "", "Print one JSON document."},
         {"csv", "", "Print comma-separated values."},
         {"pick", "RULE", "One model: smallest@98.5%, best@1KB or fastest@98%, by 1 - error on the validation part."}},
        "tinysparse front run --pick smallest@98.5%",
        run};
}

} // namespace tinysparse::cli
