// SPDX-License-Identifier: Apache-2.0
// The head of a run: everything that the run depends on except its goal. It is the first line of the journal.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/data/folds.hpp"
#include "tinysparse/judge/confusion.hpp"
#include "tinysparse/nn/class_weights.hpp"
#include "tinysparse/search/build.hpp"
#include "tinysparse/search/measuring.hpp"
#include "tinysparse/search/problem.hpp"
#include "tinysparse/search/trial.hpp"
#include "tinysparse/space/portfolio.hpp"

namespace tinysparse::search {

/// Layout and meaning of the lines of a journal; raised by hand with every change of either. 1: before formats had
/// numbers; without the details of the build, the digests of space, board and weights, and lost trials. 2: without
/// measurements, folds, standard errors and refits, and with fewer kinds of augmentation. 3: without a baseline, else
/// as now, so that its runs go on. 4: likewise, without a portfolio.
inline constexpr int journal_format = 5;

/// The first line of a journal: everything that a run depends on except its goal.
struct RunHead {
    int format = journal_format;      ///< Format of the journal.
    std::vector<std::string> command; ///< The words of the command line that began the run.
    Build build = this_build();       ///< The program that began the run.
    std::uint64_t seed = 1;           ///< Seed of all random streams of the run.
    std::string folder; ///< Folder where the run began; relative paths in `data` and `target` start there. Empty:
                        ///< unknown.
    std::string data;   ///< The SPEC of the data.
    std::uint64_t data_digest = 0;    ///< data::Dataset::digest; --resume compares it.
    std::string target;               ///< Name or file of the board; empty: none.
    std::string acquisition = "ehvi"; ///< Name in the table of acquisitions.
    std::string kernel = "matern";    ///< Kernel of the model of the error, if there is one.
    bool inherit = true;              ///< Children and promotions begin from their parents' weights.
    /// Sets whose genomes the portfolio leaves out; all of them: there is no portfolio.
    std::vector<std::string> portfolio_without;
    Objectives objectives = {Measure::error, Measure::model_size, Measure::working_memory};
    Limits limits;
    Fidelities fidelities;
    judge::ErrorKind error = judge::ErrorKind::plain;   ///< The kind of error that Measure::error is.
    double trivial_error = 0.9, smallest_error = 0.001; ///< As in Problem.
    Measuring measuring = Measuring::off;
    std::string measured_with; ///< Names and versions of the tools; empty if nothing is measured.
    nn::ClassWeights class_weights = nn::ClassWeights::none;
    std::vector<std::size_t> validation_counts; ///< Samples of each class; empty: unknown (older runs).
    std::size_t folds = 0; ///< Number of folds of training and validation part that judge networks; 0: the validation
                           ///< part judges.
    std::uint64_t folds_digest = 0; ///< data::Folds::digest()
    bool refit = true; ///< With folds: the front is trained once more on training and validation part together.
    std::size_t validation_groups = 0;   ///< Groups that the validation samples belong to; 0: they are independent.
    std::vector<std::string> data_notes; ///< Notes on the data for the user: "note: ...", "warning: ..."
    space::Space space;
    /// Digests of the table of genes and of the board; nothing if unknown (format 1; no board).
    std::optional<std::uint64_t> space_digest = space::table_digest(), target_digest;

    /// True if the networks answer target numbers instead of classes.
    bool answers_numbers() const { return error == judge::ErrorKind::rmse; }
};

/// The member "run" of a journal's first line, in the layout of journal_format.
inline json::Value to_json(const RunHead& head) {
    json::Value objectives = json::array(), limits = json::object();
    for (const Measure objective : head.objectives) objectives.push_back(name_of(objective));
    for (const auto& [measure, limit] : head.limits) limits[name_of(measure)] = limit;
    json::Value out =
        json::object({{"command", json::Value(head.command)},
                      {"build", to_json(head.build)},
                      {"seed", hexadecimal(head.seed)},
                      {"folder", head.folder},
                      {"data", head.data},
                      {"data_digest", hexadecimal(head.data_digest)},
                      {"target", head.target},
                      {"acquisition", head.acquisition},
                      {"kernel", head.kernel},
                      {"inherit", head.inherit},
                      {"objectives", objectives},
                      {"limits", limits},
                      {"epochs", json::array({head.fidelities.screen, head.fidelities.confirm, head.fidelities.final})},
                      {"error", judge::info(head.error).name},
                      {"trivial_error", head.trivial_error},
                      {"smallest_error", head.smallest_error},
                      {"class_weights", nn::class_weightings[std::size_t(head.class_weights)].name},
                      {"validation_counts", json::Value(head.validation_counts)},
                      {"validation_groups", head.validation_groups},
                      {"data_notes", json::Value(head.data_notes)},
                      {"space", space::to_json(head.space)}});
    if (head.format == 1) return out;
    const auto digest = [](const std::optional<std::uint64_t>& number) {
        return number ? json::Value(hexadecimal(*number)) : json::Value();
    };
    out["format"] = head.format;
    out["space_digest"] = digest(head.space_digest);
    out["target_digest"] = digest(head.target_digest);
    if (head.format == 2) return out;
    out["measure"] = measurings[std::size_t(head.measuring)].name;
    out["measured_with"] = head.measured_with;
    out["folds"] = head.folds;
    out["folds_digest"] = hexadecimal(head.folds_digest);
    out["refit"] = head.refit;
    if (head.format >= 5) out["portfolio_without"] = json::Value(head.portfolio_without);
    return out;
}

namespace detail {

/// Reads members that versions with one kind of error did not write, among them where the run began and what is known
/// of the data.
inline void read_later_members(const json::Reader& in, RunHead& head) {
    const std::string name = in.at("error").as<std::string>();
    const judge::ErrorInfo* known = row_named(judge::error_kinds, name);
    if (!known) in.at("error").fail(text("'", name, "' is not one of ", join(names_of(judge::error_kinds), ", ")));
    head.error = known->kind;
    head.folder = in.at("folder").as<std::string>();
    const std::string weights = in.at("class_weights").as<std::string>();
    const auto* weighting = row_named(nn::class_weightings, weights);
    if (!weighting) in.at("class_weights").fail(text("'", weights, "' is neither none nor balanced"));
    head.class_weights = weighting->value;
    head.validation_counts = in.at("validation_counts").as<std::vector<std::size_t>>();
    head.validation_groups = in.at("validation_groups").as<std::size_t>();
    head.data_notes = in.at("data_notes").as<std::vector<std::string>>();
}

/// Reads the words of an option by the parser of that option; its Errors name the place.
template <class Parse> auto as_option(const json::Reader& in, const Parse& parse) {
    try {
        return parse();
    } catch (const Error& error) {
        in.fail(error.what());
    }
}

/// Fills in members that earlier formats lack. Throws Error if the format is a later one.
inline void read_format(const json::Reader& in, RunHead& head) {
    const auto digest = [&](std::string_view key) -> std::optional<std::uint64_t> {
        if (head.format == 1 || in.at(key).value().is_null()) return std::nullopt;
        return json::read_hexadecimal(in.at(key));
    };
    head.format = in.get<int>("format", 1);
    if (head.format < 1 || head.format > journal_format)
        in.at("format").fail(text("the run has format ", head.format, ", this program reads formats 1 to ",
                                  journal_format, "; use the program that began it"));
    head.space_digest = digest("space_digest");
    head.target_digest = digest("target_digest");
    if (head.format < 5) head.portfolio_without = space::portfolio_set_names({"all"});
    if (head.format < 3) return;
    const std::string measure = in.at("measure").as<std::string>();
    const Named<Measuring>* known = row_named(measurings, measure);
    if (!known) in.at("measure").fail(text("'", measure, "' is not one of ", join(names_of(measurings), ", ")));
    head.measuring = known->value;
    head.measured_with = in.at("measured_with").as<std::string>();
    head.folds = in.at("folds").ranged<std::size_t>(0, data::most_folds);
    if (head.folds == 1) in.at("folds").fail("expected none, or at least two");
    head.folds_digest = json::read_hexadecimal(in.at("folds_digest"));
    head.refit = in.at("refit").as<bool>();
    if (head.format < 5) return;
    const json::Reader without = in.at("portfolio_without");
    head.portfolio_without =
        as_option(without, [&] { return space::portfolio_set_names(without.as<std::vector<std::string>>()); });
}

inline void read_judgement(const json::Reader& in, RunHead& head) {
    const json::Reader objectives = in.at("objectives"), limits = in.at("limits"), epochs = in.at("epochs");
    if (objectives.items().empty()) objectives.fail("there are none; a run has error and one or two costs");
    head.objectives =
        as_option(objectives, [&] { return parse_objectives(join(objectives.as<std::vector<std::string>>(), ",")); });
    for (const auto& limit : limits.as<std::map<std::string, double>>()) {
        const Measure measure = as_option(limits, [&] { return parse_measure("limits", limit.first); });
        if (!(limit.second >= 0 && limit.second <= most_measure))
            limits.fail(text("limit ", limit.first, "=", json::write(limit.second), ": expected a number from 0 to ",
                             most_measure));
        head.limits[measure] = limit.second; // in bytes perhaps with a fraction: 2.77KB are 2836.48
    }
    const auto lengths = epochs.as<std::vector<int>>();
    if (lengths.size() != 3 || !std::is_sorted(lengths.begin(), lengths.end()) || lengths[0] < 1 ||
        lengths[2] > most_epochs)
        epochs.fail(text("expected three numbers from 1 to ", most_epochs, ", none below the one before it"));
    head.fidelities = {lengths[0], lengths[1], lengths[2]};
    head.trivial_error = in.at("trivial_error").ranged(0.0, 1.0);
    head.smallest_error = in.at("smallest_error").ranged(0.0, head.trivial_error);
    if (head.smallest_error == 0) in.at("smallest_error").fail("expected a number above 0");
}

} // namespace detail

/// The RunHead that to_json() wrote, in any format. Throws Error naming the member that is missing or invalid.
inline RunHead head_from_json(const json::Reader& in) {
    RunHead head;
    detail::read_format(in, head);
    head.command = in.at("command").as<std::vector<std::string>>();
    head.build = build_from_json(in.at("build"));
    head.seed = json::read_hexadecimal(in.at("seed"));
    head.data = in.at("data").as<std::string>();
    head.data_digest = json::read_hexadecimal(in.at("data_digest"));
    head.target = in.at("target").as<std::string>();
    head.acquisition = in.at("acquisition").as<std::string>();
    if (in.has("kernel")) head.kernel = in.at("kernel").as<std::string>(); // older runs had no choice
    if (in.has("error")) detail::read_later_members(in, head);
    head.inherit = in.at("inherit").as<bool>();
    detail::read_judgement(in, head);
    head.space = space::space_from_json(in.at("space"));
    return head;
}

/// True if trial 0 of the run is the linear classifier, provided that it can be trained.
inline bool begins_with_baseline(const RunHead& head) { return head.format >= 4; }

/// Throws Error if this program would continue the run differently: its format or its table of genes is not the one
/// that the run began with. `folder`: of the run. Format 1 tells neither, and goes on; 3 and 4 only lack trials.
inline void check_resumable(const RunHead& head, const std::string& folder) {
    const char* const cure = "; go on with the program that began it, or begin a new run with another --out";
    if (head.format == 2 || head.format > journal_format)
        throw Error(text(folder, ": the run has format ", head.format, ", this program writes format ", journal_format,
                         "; it began with tinysparse ", build_text(head.build), cure));
    if (head.space_digest && head.space_digest != space::table_digest())
        throw Error(text(folder, ": the space of networks is not the one that the run began with, tinysparse ",
                         build_text(head.build), cure));
}

/// Throws Error if the two heads belong to different runs. The command, the build, the path of the data and the notes
/// on the data may differ.
inline void check_same_run(const RunHead& head, const RunHead& other, const std::string& folder) {
    const json::Value first = to_json(head), second = to_json(other);
    for (const auto& [key, value] : *first.object()) {
        if (key == "command" || key == "build" || key == "folder" || key == "data" || key == "data_notes") continue;
        const json::Value* const found = second.find(key);
        if (!found || *found != value)
            throw Error(text(folder, ": the run in this folder has another ", key, "; use another --out"));
    }
}

} // namespace tinysparse::search
