// SPDX-License-Identifier: Apache-2.0
#include "picks.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "common.hpp"
#include "terminal.hpp"
#include "tinysparse/base/amount.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/report/front_table.hpp"
#include "tinysparse/search/final_test.hpp"

namespace tinysparse::cli {

namespace {

constexpr std::string_view rmse_key = "rmse=";
constexpr const char* known_rules =
    "best, best@8KB, smallest@98.5% or fastest@98%; for target numbers smallest@rmse=0.3";

struct Rule {
    std::string_view name;
    report::Pick::Rule rule;
    bool by_size; ///< Its bound is a size, otherwise a score.
};
constexpr Rule rules[] = {{"smallest", report::Pick::Rule::smallest, false},
                          {"best", report::Pick::Rule::best, true},
                          {"fastest", report::Pick::Rule::fastest, false}};

/// The bound of a rule: bytes, a share, or "rmse=0.3", an RMSE in standard deviations, as the score 1 - 0.3. `whole`:
/// the rule with its run, for the UsageError.
double parse_bound(bool by_size, std::string_view word, const std::string& whole) {
    if (!by_size && word.starts_with(rmse_key)) {
        const auto bound = parse_number<double>(word.substr(rmse_key.size()));
        if (!bound || !(*bound > 0)) throw UsageError(text(whole, ": expected an RMSE above 0, such as rmse=0.3"));
        return 1 - *bound;
    }
    const auto bound = parse_amount(word, by_size ? bytes_unit : parts_unit);
    if (bound && (by_size || *bound <= 1)) return *bound;
    const bool percent = bound && *bound <= 100 && !word.ends_with('%');
    throw UsageError(text(whole, ": expected ", expected_amount(by_size ? Dimension::size : Dimension::share),
                          percent ? text("; add %: ", whole, "%") : ""));
}

/// The rule, or nothing if the words name none.
std::optional<report::Pick> pick_named(std::string_view where, const std::string& word) {
    const std::size_t at = word.find('@');
    const std::string name = word.substr(0, at), bound = at == word.npos ? "" : word.substr(at + 1);
    if (word == "best") return report::Pick{report::Pick::Rule::best, std::numeric_limits<double>::infinity()};
    const Rule* const found = row_named(rules, name);
    if (!found || bound.empty()) return std::nullopt;
    return report::Pick{found->rule, parse_bound(found->by_size, bound, text(where, word)),
                        bound.starts_with(rmse_key)};
}

/// Why no network is on the front of a run.
std::string without_front(const search::RunLog& log) {
    if (const auto nothing = search::nothing_beats_constant(log)) return *nothing;
    std::vector<const search::Record*> records;
    for (const search::Record& record : log.records) {
        if (record.feasible) return "the run has no front yet";
        records.push_back(&record);
    }
    return search::why_no_front(records, std::nullopt);
}

} // namespace

report::FrontPoint picked_point(const std::vector<report::FrontPoint>& points, const search::RunLog& log,
                                const report::Pick& rule, const std::string& where) {
    if (points.empty()) throw Error(where + without_front(log));
    try {
        return report::pick(points, log, rule);
    } catch (const Error& error) {
        if (rule.rule != report::Pick::Rule::best && rule.numbers != log.head.answers_numbers())
            throw UsageError(where + error.what());
        throw Error(where + error.what());
    }
}

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
    bool by_rule, on_front;
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
    const std::vector<report::FrontPoint> points = report::front_points(log);
    if (rule) return {run, *picked_point(points, log, *rule, word + ": ").record, true, true};
    const bool on_front = std::any_of(points.begin(), points.end(), [&](const report::FrontPoint& point) {
        return point.record->trial.number == *id;
    });
    for (const search::Record& record : log.records) {
        if (record.trial.number != *id) continue;
        if (record.outcome.failure) throw Error(text(word, ": this trial failed: ", *record.outcome.failure));
        return {run, record, false, on_front};
    }
    throw Error(text(word, ": the run has no trial ", *id, "; tinysparse front ", run, " lists those of its front"));
}

} // namespace

fixed::Model model_in_run(const std::string& word) {
    const Found found = find_in_run(word);
    if (found.by_rule) say(text(word, " is ", found.run, "#", found.record.trial.number));
    try {
        return fixed::load_model(search::deployed_path(found.run, found.record));
    } catch (const Error& error) {
        if (!found.on_front) throw;
        throw Error(text(error.what(), "; tinysparse search --out ", found.run, " --resume trains it again"));
    }
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
    if (names.empty()) throw Error(text(folder, ": ", without_front(log)));
    if (names.size() > most_named) names.resize(most_named);
    throw Error(text(folder, ": this is a run and not a model; name a model of its front, such as ", join(names, ", "),
                     ", or a rule, such as ", folder, "#best@8KB; tinysparse front ", folder, " lists them"));
}

json::Value front_document(const std::string& folder, const search::RunLog& log,
                           const std::vector<report::FrontPoint>& points) {
    json::Value document = report::front_json(folder, log, points), limits = json::object();
    for (const auto& [measure, limit] : log.head.limits) limits[search::name_of(measure)] = limit;
    document["limits"] = std::move(limits);
    return document;
}

void list_models(const std::string& folder, bool as_json) {
    const search::RunLog log = search::read_run(folder);
    const std::vector<report::FrontPoint> points = report::front_points(log);
    if (as_json)
        print_data(json::write(front_document(folder, log, points), 2) + "\n");
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
