// SPDX-License-Identifier: Apache-2.0
// tinysparse front: the Pareto set of a run, or one model of it by a rule.
#include "tinysparse/report/front_table.hpp"

#include <limits>

#include "commands.hpp"
#include "common.hpp"
#include "quantities.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/fixed/model_file.hpp"

namespace tinysparse::cli {

namespace {

constexpr std::string_view rmse_key = "rmse=";

struct Rule {
    std::string_view name;
    report::Pick::Rule rule;
    double (*parse)(std::string_view what, std::string_view word);
};
/// A share, or "rmse=0.3": an RMSE in standard deviations, as the score 1 - 0.3.
double parse_score(std::string_view what, std::string_view word) {
    if (!word.starts_with(rmse_key)) return parse_share(what, word);
    const auto bound = parse_number<double>(word.substr(rmse_key.size()));
    if (!bound || !(*bound > 0))
        throw UsageError(text(what, " ", word, ": expected an RMSE above 0, such as rmse=0.3"));
    return 1 - *bound;
}

constexpr Rule rules[] = {{"smallest", report::Pick::Rule::smallest, parse_score},
                          {"best", report::Pick::Rule::best, parse_bytes},
                          {"fastest", report::Pick::Rule::fastest, parse_score}};

report::Pick parse_pick(const std::string& word) {
    const std::size_t at = word.find('@');
    const std::string name = word.substr(0, at), bound = at == word.npos ? "" : word.substr(at + 1);
    if (word == "best") return {report::Pick::Rule::best, std::numeric_limits<double>::infinity()};
    if (const Rule* found = row_named(rules, name); found && !bound.empty())
        return {found->rule, found->parse(text("--pick ", name, " @"), bound), bound.starts_with(rmse_key)};
    throw UsageError(
        text("--pick ", word,
             ": expected smallest@98.5%, best@1KB or fastest@98%; best has no bound, for numbers smallest@rmse=0.3"));
}

/// What to say of points whose models export would refuse; nothing if all are there and whole.
std::optional<std::string> without_models(const std::string& folder, const std::vector<report::FrontPoint>& points) {
    std::vector<std::string> missing;
    for (const report::FrontPoint& point : points) try {
            fixed::load_model(search::deployed_path(folder, *point.record));
        } catch (const Error&) {
            missing.push_back(text("#", point.record->trial.number));
        }
    if (missing.empty()) return std::nullopt;
    return text(missing.size() == 1 ? "the model of " : "the models of ", join(missing, ", "),
                missing.size() == 1 ? " is" : " are", " missing or damaged; tinysparse search --out ", folder,
                " --resume trains ", missing.size() == 1 ? "it" : "them", " again");
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
        print_data(json::write(report::front_json(folder, log, points), 2) + "\n");
    else if (arguments.has("csv"))
        print_data(report::front_csv(folder, log, points));
    else
        print(report::front_text(log, points));
    if (rule && log.head.error != judge::ErrorKind::plain)
        say(text("#", points[0].record->trial.number, " has ", report::score_text(log.head.error, points[0].score()),
                 " on the validation part"));
    if (arguments.has("json") || arguments.has("csv"))
        if (const auto nothing = search::nothing_beats_constant(log)) say(*nothing);
    if (const auto warning = report::validation_warning(log, points)) say("warning: " + *warning);
    if (const auto warning = without_models(folder, points)) say("warning: " + *warning);
    if (!log.end) say(text("the search has not ended; tinysparse search --out ", folder, " --resume goes on with it"));
    return 0;
}

} // namespace

Command front_command() {
    return {"front",
            "Print the Pareto set of a run, or one model of it by a rule, and the baseline beside it.",
            {{"RUN", "the folder of a search"}},
            {{"json", "", "Print one JSON document."},
             {"csv", "", "Print comma-separated values."},
             {"pick", "RULE",
              "One model: smallest@98.5%, best, best@1KB or fastest@98%, by 1 - error on the validation part; for "
              "numbers smallest@rmse=0.3, in standard deviations."}},
            "tinysparse front run --pick smallest@98.5%",
            run};
}

} // namespace tinysparse::cli
