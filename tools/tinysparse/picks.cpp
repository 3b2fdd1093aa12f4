// SPDX-License-Identifier: Apache-2.0
#include "picks.hpp"

#include <filesystem>
#include <limits>

#include "common.hpp"
#include "quantities.hpp"
#include "terminal.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/report/front_table.hpp"

namespace tinysparse::cli {

namespace {

constexpr std::string_view rmse_key = "rmse=";
constexpr const char* known_rules =
    "best, best@8KB, smallest@98.5% or fastest@98%; for target numbers smallest@rmse=0.3";

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

/// The rule, or nothing if the words name none.
std::optional<report::Pick> pick_named(std::string_view where, const std::string& word) {
    const std::size_t at = word.find('@');
    const std::string name = word.substr(0, at), bound = at == word.npos ? "" : word.substr(at + 1);
    if (word == "best") return report::Pick{report::Pick::Rule::best, std::numeric_limits<double>::infinity()};
    const Rule* const found = row_named(rules, name);
    if (!found || bound.empty()) return std::nullopt;
    return report::Pick{found->rule, found->parse(text(where, name, " @"), bound), bound.starts_with(rmse_key)};
}

/// The record that a rule finds on the front of a run. `word`: the rule with the run, for messages.
const search::Record& picked(const search::RunLog& log, const report::Pick& rule, const std::string& word) {
    try {
        return *report::pick(report::front_points(log), log, rule).record;
    } catch (const Error& error) {
        throw Error(text(word, ": ", error.what()));
    }
}

} // namespace

report::Pick parse_pick(std::string_view where, const std::string& word) {
    if (const auto rule = pick_named(where, word)) return *rule;
    throw UsageError(text(where, word, ": expected ", known_rules));
}

bool names_folder(const std::string& word) {
    std::error_code unknown;
    return std::filesystem::is_directory(word, unknown);
}

namespace {

/// A trial of a run, and whether a rule found it.
struct Found {
    std::string run;
    search::Record record;
    bool by_rule;
};

Found find_in_run(const std::string& word) {
    const std::size_t hash = word.rfind('#');
    const std::string run = word.substr(0, hash), name = word.substr(hash + 1);
    const auto id = parse_number<std::size_t>(name);
    const auto rule = id ? std::nullopt : pick_named(text(run, "#"), name);
    if (!id && !rule)
        throw UsageError(text(word,
                              ": expected a model file, or RUN#ID with a trial's number, such as run#17, or with "
                              "a rule: ",
                              known_rules));
    const search::RunLog log = search::read_run(run);
    if (rule) return {run, picked(log, *rule, word), true};
    for (const search::Record& record : log.records) {
        if (record.trial.number != *id) continue;
        if (record.outcome.failure) throw Error(text(word, ": this trial failed: ", *record.outcome.failure));
        return {run, record, false};
    }
    throw Error(text(word, ": the run has no trial ", *id, "; tinysparse front ", run, " lists those of its front"));
}

} // namespace

std::string path_in_run(const std::string& word) {
    const Found found = find_in_run(word);
    if (found.by_rule) say(text(word, " is ", found.run, "#", found.record.trial.number));
    return search::deployed_path(found.run, found.record);
}

std::optional<search::Record> record_of(const std::string& word) {
    std::error_code no_file;
    if (std::filesystem::exists(word, no_file) || word.find('#') == word.npos) return std::nullopt;
    return find_in_run(word).record;
}

void refuse_folder(const std::string& folder) {
    constexpr std::size_t most_named = 8;
    const search::RunLog log = search::read_run(folder);
    std::vector<std::string> names;
    for (const search::Record* record : search::measured_front(log))
        names.push_back(text(folder, "#", record->trial.number));
    if (names.empty())
        throw Error(text(folder, ": ", search::nothing_beats_constant(log).value_or("the run has no front yet")));
    if (names.size() > most_named) names.resize(most_named);
    throw Error(text(folder, ": this is a run and not a model; name a model of its front, such as ", join(names, ", "),
                     ", or a rule, such as ", folder, "#best@8KB; tinysparse front ", folder, " lists them"));
}

void list_models(const std::string& folder, bool as_json) {
    const search::RunLog log = search::read_run(folder);
    const std::vector<report::FrontPoint> points = report::front_points(log);
    if (as_json)
        print_data(json::write(report::front_json(folder, log, points), 2) + "\n");
    else
        print(report::front_text(log, points, table_width()));
    if (points.empty()) return;
    const std::string model = text(folder, "#", points.back().record->trial.number);
    const std::string data = command_line({"--data", log.head.data}).substr(std::string("tinysparse ").size());
    say(text(folder, " is the folder of a run, not a model; name one of its models, such as\ntinysparse show ", model,
             "\ntinysparse eval ", model, " ", data, "\ntinysparse export ", folder, "#best --target ", log.head.target,
             " -o network\nA model is named by its id or by a rule: ", known_rules));
}

} // namespace tinysparse::cli
