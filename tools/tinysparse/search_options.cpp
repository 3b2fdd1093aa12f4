// SPDX-License-Identifier: Apache-2.0
#include "search_options.hpp"

#include <filesystem>
#include <map>

#include "common.hpp"
#include "measuring.hpp"
#include "presets.hpp"
#include "quantities.hpp"
#include "revision.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/deploy/platform.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/search/error_model.hpp"
#include "tinysparse/search/model_acquisition.hpp"

namespace tinysparse::cli {

namespace {

/// The result of `of`. Its Error about the value of an option becomes a UsageError.
template <class Of> auto from_option(const Of& of) {
    try {
        return of();
    } catch (const UsageError&) {
        throw;
    } catch (const Error& error) {
        throw UsageError(text("--", error.what()));
    }
}

/// The objectives; without --objectives and --preset error, flash and RAM, or those of the paper if flash and RAM of
/// the target are not predicted.
search::Objectives objectives_of(const Arguments& arguments, const cost::Target& target) {
    return from_option([&] {
        const std::string_view usual = preset_of(arguments).objectives;
        const std::string list = arguments.value_or("objectives", !usual.empty()            ? usual
                                                                  : cost::predicted(target) ? "error,flash,ram"
                                                                                            : "paper");
        const search::Objectives objectives = search::parse_objectives(list);
        for (const search::Measure measure : objectives) search::check_known(measure, target, "objectives " + list);
        return objectives;
    });
}

/// The given limits, and for flash and RAM by default those of the board. Limits of flash and RAM include an empty
/// sketch, which is subtracted here.
search::Limits limits_of(const Arguments& arguments, const cost::Target& target) {
    using search::Measure;
    return from_option([&] {
        search::Limits limits;
        std::map<Measure, std::string> options; // that set the limits
        const auto note = [&](Measure measure, const std::string& option) {
            if (const auto [other, added] = options.try_emplace(measure, option); !added)
                throw UsageError(text(search::name_of(measure), " is limited twice, by --", other->second, " and --",
                                      option, "; give one of them"));
        };
        for (const std::string& word : arguments.values("limit")) {
            const Measure measure = search::parse_limit(word, limits);
            search::check_known(measure, target, "limit " + word);
            note(measure, "limit " + word);
        }
        const auto set = [&](Measure measure, std::string_view option, double most) {
            search::check_known(measure, target, option);
            note(measure, text(option, " ", *arguments.value(option)));
            limits[measure] = most;
        };
        if (const auto bytes = arguments.value("max-ram"))
            set(Measure::ram, "max-ram", parse_bytes("--max-ram", *bytes));
        if (const auto bytes = arguments.value("max-flash"))
            set(Measure::flash, "max-flash", parse_bytes("--max-flash", *bytes));
        if (const auto time = arguments.value("max-ms"))
            set(Measure::milliseconds, "max-ms", parse_milliseconds("--max-ms", *time));
        for (const auto& [measure, most] : limits)
            if (most <= 0 && measure != Measure::error)
                throw Error(text(options.at(measure), ": every network takes more; raise the limit"));
        if (!cost::predicted(target)) return limits;
        const auto bound = [&](Measure measure, std::size_t has, std::size_t sketch) {
            const double most = limits.try_emplace(measure, double(has)).first->second;
            if (sketch > 0 && most <= double(sketch))
                throw Error(text(options.try_emplace(measure, "target " + target.name).first->second, ": ", most,
                                 " B of ", search::name_of(measure), " are no more than the ", sketch,
                                 " B that an empty Arduino sketch takes on ", target.name, "; raise the limit"));
            limits[measure] = most - double(sketch);
        };
        bound(Measure::flash, target.flash, target.empty_sketch_flash());
        bound(Measure::ram, target.default_max_ram(), target.empty_sketch_ram());
        return limits;
    });
}

} // namespace

search::Limits with_program(search::Limits limits, const data::Dataset& set, const cost::Target& target) {
    const auto ram = limits.find(search::Measure::ram);
    if (!cost::predicted(target) || target.arduino_core || ram == limits.end()) return limits;
    fixed::Network network;
    network.spec.input = nn::input_shape(set);
    network.input.series = set.is_series();
    network.input.camera = set.camera;
    ram->second = std::min(ram->second, std::max(0.0, double(target.ram) - double(deploy::ram_beside(network))));
    return limits;
}

bool gives_limits(const Arguments& arguments) {
    return arguments.has("limit") || arguments.has("max-ram") || arguments.has("max-flash") || arguments.has("max-ms");
}

search::Goal goal_of(const Arguments& arguments, search::Goal goal) {
    if (arguments.has("budget") && arguments.has("trials")) throw UsageError("give --budget or --trials, not both");
    if (const auto word = arguments.value("budget")) {
        if (parse_number<double>(*word).value_or(0) > 0)
            throw UsageError(text("--budget ", *word, ": add a unit, such as ", *word, "s or ", *word, "m"));
        goal.budget_seconds = parse_duration("--budget", *word);
        goal.trials.reset();
    }
    if (const auto trials = arguments.number<std::size_t>("trials", 1, search::most_trials)) {
        goal.trials = *trials;
        goal.budget_seconds.reset();
    }
    goal.jobs = arguments.number_or<int>("jobs", goal.jobs, 1, search::most_jobs);
    return goal;
}

namespace {

/// True if an objective or a given limit is a measure that only a chip tells.
bool looks_at_chip(const Arguments& arguments, const search::RunHead& head) {
    search::Limits given;
    for (const std::string& word : arguments.values("limit")) search::parse_limit(word, given);
    return search::asks_for_chip(head.objectives, given) || arguments.has("max-ram") || arguments.has("max-flash") ||
           arguments.has("max-ms");
}

/// When networks are measured: as --measure says, by default for the front; never if the run asks for no such measure.
/// If this machine cannot measure, throws Error if --measure was given, and otherwise says which package is missing.
search::Measuring measuring_of(const Arguments& arguments, const search::RunHead& head, const cost::Target& target) {
    using search::Measuring;
    const Measuring wanted = row_named(search::measurings, arguments.value_or("measure", "front"))->value;
    if (wanted == Measuring::off || !looks_at_chip(arguments, head)) return Measuring::off;
    const std::optional<std::string> missing = simulator::missing(target);
    if (!missing) return wanted;
    if (arguments.has("measure")) throw Error(text("--measure: ", *missing));
    if (!arguments.has("quiet"))
        say(text("flash, RAM and time are predicted, with a margin to their limits, and not measured: ", *missing));
    return Measuring::off;
}

/// The data sets of --portfolio-without.
std::vector<std::string> portfolio_without(const Arguments& arguments) {
    const std::string list = arguments.value_or("portfolio-without", preset_of(arguments).portfolio_without);
    if (list.empty() && !arguments.has("portfolio-without")) return {};
    try {
        return space::portfolio_set_names(split(list, ','));
    } catch (const Error& error) {
        throw UsageError(text("--portfolio-without: ", error.what()));
    }
}

} // namespace

search::RunHead new_head(const Arguments& arguments) {
    search::RunHead head;
    head.command = arguments.words();
    head.build = search::this_build(revision());
    head.seed = arguments.number_or<std::uint64_t>("seed", 1);
    head.folder = std::filesystem::current_path().string();
    head.data = *arguments.value("data");
    const Preset preset = preset_of(arguments);
    head.target = arguments.value_or("target", preset.target);
    head.acquisition = arguments.value_or("acquisition", preset.acquisition);
    if (arguments.has("kernel") && !search::acquisition_of(head.acquisition).has_model)
        throw UsageError(text("--kernel belongs to acquisitions with a model of the error, and ", head.acquisition,
                              " has none; leave it out"));
    head.kernel = arguments.value_or("kernel", preset.kernel);
    head.inherit = !arguments.has("no-inherit");
    head.portfolio_without = portfolio_without(arguments);
    head.refit = !arguments.has("no-refit");
    head.error = error_kind(arguments);
    head.class_weights = class_weights(arguments);
    head.space = space_of(arguments);
    const cost::Target& target = cost::target(head.target);
    head.target_digest = cost::digest(target);
    head.objectives = objectives_of(arguments, target);
    head.limits = limits_of(arguments, target);
    head.measuring = measuring_of(arguments, head, target);
    if (head.measuring != search::Measuring::off) head.measured_with = measuring_tools(target);
    return head;
}

void check_same(const Arguments& arguments, const search::RunHead& head, const std::string& folder) {
    const auto differs = [&](const char* option, const std::string& began) {
        throw UsageError(text(folder, ": the run began with --", option, " ", began, "; leave --", option,
                              " out, or use another --out"));
    };
    const Preset preset = preset_of(arguments);
    const auto other = [&](const char* option, std::string_view usual, std::string_view began) {
        return (arguments.has(option) || arguments.has("preset")) && arguments.value_or(option, usual) != began;
    };
    if (other("target", preset.target, head.target)) differs("target", head.target);
    if (arguments.has("seed") && arguments.number<std::uint64_t>("seed") != head.seed) differs("seed", text(head.seed));
    if (other("acquisition", preset.acquisition, head.acquisition)) differs("acquisition", head.acquisition);
    if (other("kernel", preset.kernel, head.kernel)) differs("kernel", head.kernel);
    if (arguments.has("error") && error_kind(arguments) != head.error)
        differs("error", std::string(judge::info(head.error).name));
    if (arguments.has("class-weights") && class_weights(arguments) != head.class_weights)
        differs("class-weights", std::string(nn::class_weightings[std::size_t(head.class_weights)].name));
    if ((arguments.has("objectives") || arguments.has("preset")) &&
        objectives_of(arguments, cost::target(head.target)) != head.objectives) {
        std::vector<std::string> names;
        for (const search::Measure measure : head.objectives) names.emplace_back(search::name_of(measure));
        differs("objectives", join(names, ","));
    }
    if (arguments.has("measure") && arguments.value("measure") != search::measurings[std::size_t(head.measuring)].name)
        differs("measure", std::string(search::measurings[std::size_t(head.measuring)].name));
    if ((arguments.has("portfolio-without") || arguments.has("preset")) &&
        portfolio_without(arguments) != head.portfolio_without) {
        if (!head.portfolio_without.empty()) differs("portfolio-without", join(head.portfolio_without, ","));
        throw UsageError(text(
            folder, ": the run began with the whole portfolio; leave --portfolio-without out, or use another --out"));
    }
    if (arguments.has("no-inherit") && head.inherit)
        throw UsageError(
            text(folder, ": the run began with inheritance; leave --no-inherit out, or use another --out"));
    if (arguments.has("no-refit") && head.refit)
        throw UsageError(text(folder, ": the run began with refits; leave --no-refit out, or use another --out"));
    if ((arguments.has("space") || arguments.has("preset")) &&
        space::narrowing(space_of(arguments)) != space::narrowing(head.space))
        throw UsageError(text(folder, ": the run began with another space; leave --space and --preset out, or use "
                                      "another --out"));
}

void check_limits(const Arguments& arguments, const search::RunHead& head, const data::Dataset& set,
                  const std::string& folder) {
    const cost::Target& target = cost::target(head.target);
    const search::Limits asked = limits_of(arguments, target);
    const bool same = asked == head.limits || with_program(asked, set, target) == head.limits;
    if (gives_limits(arguments) && !same)
        throw UsageError(text(folder, ": the run began with other limits; leave them out, or use another --out"));
}

std::vector<Option> search_options() {
    return {
        {"data", "SPEC", "Data set: PATH[,key=value...] or synthetic:NAME. Required for a new run."},
        {"target", "TARGET", "Board, a file that describes one, or none (uno).", 0, false, false, cost::target_names(),
         true, cost::meant_targets},
        {"budget", "TIME", "Time for the whole search, final training included (15m)."},
        {"trials", "N", "Number of trainings, instead of --budget; the same seed then gives the same run."},
        {"out", "RUN", "Folder of the run (run)."},
        {"resume", "", "Continue the run in --out. Needs --data only if the data set has moved."},
        {"jobs", "N", "Number of trainings at the same time (all cores)."},
        {"seed", "S", "Random seed (1)."},
        error_option("Error on the validation part that the search minimises"),
        class_weights_option(),
        {"objectives", "LIST",
         "Measures to minimise: error and one or two costs, such as error,weight_bytes (error,flash,ram); paper stands "
         "for error,model_size,working_memory, the default for boards without a cost model."},
        {"limit", "NAME=VALUE", "Largest value of a measure, such as ram=1KB, weight_bytes=2KB or milliseconds=10ms.",
         0, false, true},
        {"max-ram", "SIZE", "Limit of RAM, an empty sketch included (75 % of the board's RAM)."},
        {"max-flash", "SIZE", "Limit of flash, an empty sketch included (the board's flash)."},
        {"max-ms", "TIME",
         "Limit of the time for a whole sample on the board, in milliseconds unless a unit follows: 10ms. The time of "
         "to_input(), which converts readings, is not included; simulate measures it."},
        {"preset", "NAME",
         "Settings of a published system; sparse is that of Fedorov et al. 2019, for no board (docs/paper.md).", 0,
         false, false, names_of(presets)},
        {"space", "FILE", "File that narrows the search space by lines such as unit.kernel = 3 5; see docs/search.md."},
        {"measure", "WHEN",
         "When to measure flash, RAM, cycles and time on the simulated chip, if they are objectives or limits: front "
         "(networks that enter the front or are near a limit), end (only the final front), or off (front).",
         0, false, false, names_of(search::measurings)},
        {"no-inherit", "", "Train every network from scratch, without the weights of its parent."},
        {"portfolio-without", "NAMES",
         "Leave networks that were found on these data sets out of the portfolio: a list such as mnist,chars74k, or "
         "all."},
        {"no-refit", "", "Do not train the final front again on all samples, if networks are judged by folds."},
        {"acquisition", "NAME", "Method that proposes networks (ehvi).", 0, false, false, search::acquisition_names()},
        {"kernel", "NAME", "Kernel of the model of the error: matern over features, or arc over genes (matern).", 0,
         false, false, search::kernel_names()},
        {"json", "", "Print the front as one JSON document."},
        {"verbose", "", "Print a line for each training, not only for those that improve the front.", 'v'},
        {"quiet", "", "Print no messages while the search runs."}};
}

} // namespace tinysparse::cli
