// SPDX-License-Identifier: Apache-2.0
// tinysparse search: a run folder with a front of trained models.
#include <cerrno>
#include <filesystem>
#include <new>

#include "commands.hpp"
#include "common.hpp"
#include "measuring.hpp"
#include "presets.hpp"
#include "progress.hpp"
#include "quantities.hpp"
#include "ranks.hpp"
#include "revision.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/deploy/platform.hpp"
#include "tinysparse/report/front_table.hpp"
#include "tinysparse/search/evaluate.hpp"

namespace tinysparse::cli {

namespace {

/// What `of` gives; its Error about the words of an option is one about the command line.
template <class Of> auto from_option(const Of& of) {
    try {
        return of();
    } catch (const UsageError&) {
        throw;
    } catch (const Error& error) {
        throw UsageError(text("--", error.what()));
    }
}

/// Without --objectives those of the paper if flash and RAM of the target are not known.
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

/// The limits that the board has anyway, unless others are given. Those of flash and RAM count an empty sketch in.
search::Limits limits_of(const Arguments& arguments, const cost::Target& target) {
    using search::Measure;
    return from_option([&] {
        search::Limits limits;
        for (const std::string& word : arguments.values("limit"))
            search::check_known(search::parse_limit(word, limits), target, "limit " + word);
        const auto set = [&](Measure measure, std::string_view option, double most) {
            search::check_known(measure, target, option);
            limits[measure] = most;
        };
        if (const auto bytes = arguments.value("max-ram"))
            set(Measure::ram, "max-ram", parse_bytes("--max-ram", *bytes));
        if (const auto bytes = arguments.value("max-flash"))
            set(Measure::flash, "max-flash", parse_bytes("--max-flash", *bytes));
        if (const auto time = arguments.number<double>("max-ms", 0)) set(Measure::milliseconds, "max-ms", *time);
        if (!cost::predicted(target)) return limits;
        const auto bound = [&](Measure measure, std::size_t has, std::size_t sketch) {
            const double most = limits.try_emplace(measure, double(has)).first->second;
            limits[measure] = std::max(0.0, most - double(sketch));
        };
        bound(Measure::flash, target.flash, target.empty_sketch_flash());
        bound(Measure::ram, target.default_max_ram(), target.empty_sketch_ram());
        return limits;
    });
}

/// Where no empty sketch is counted in, what the program has beside the network, a row of the sample, is taken off what
/// the chip has.
search::Limits with_program(search::Limits limits, const data::Dataset& set, const cost::Target& target) {
    const auto ram = limits.find(search::Measure::ram);
    if (!cost::predicted(target) || target.arduino_core || ram == limits.end()) return limits;
    fixed::Network network;
    network.spec.input = {set.shape.channels, set.shape.height, set.shape.width};
    network.input.series = set.is_series();
    network.input.camera = set.camera;
    ram->second = std::min(ram->second, std::max(0.0, double(target.ram) - double(deploy::ram_beside(network))));
    return limits;
}

bool gives_limits(const Arguments& arguments) {
    return arguments.has("limit") || arguments.has("max-ram") || arguments.has("max-flash") || arguments.has("max-ms");
}

/// --budget, --trials and --jobs on top of `goal`.
search::Goal goal_of(const Arguments& arguments, search::Goal goal) {
    if (arguments.has("budget") && arguments.has("trials")) throw UsageError("give --budget or --trials, not both");
    if (const auto word = arguments.value("budget")) {
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

/// True if an objective, or a limit other than what the board has anyway, is a measure that a chip tells.
bool looks_at_chip(const Arguments& arguments, const search::RunHead& head) {
    search::Limits given;
    for (const std::string& word : arguments.values("limit")) search::parse_limit(word, given);
    return search::asks_for_chip(head.objectives, given) || arguments.has("max-ram") || arguments.has("max-flash") ||
           arguments.has("max-ms");
}

/// When networks are measured: as --measure says, by itself `front`; never if the run does not look at it. Throws Error
/// if that was asked for by name and cannot be done here; else says which package would make it possible.
search::Measuring measuring_of(const Arguments& arguments, const search::RunHead& head, const cost::Target& target) {
    using search::Measuring;
    const Measuring wanted = row_named(search::measurings, arguments.value_or("measure", "front"))->value;
    if (wanted == Measuring::off || !looks_at_chip(arguments, head)) return Measuring::off;
    const std::optional<std::string> missing = simulator::missing(target);
    if (!missing) return wanted;
    if (arguments.has("measure")) throw Error(text("--measure: ", *missing));
    if (!arguments.has("quiet"))
        say(text("flash, RAM and time of networks are predicted, within a margin of their limits, and not measured: ",
                 *missing));
    return Measuring::off;
}

/// The sets of --portfolio-without.
std::vector<std::string> portfolio_without(const Arguments& arguments) {
    const std::string list = arguments.value_or("portfolio-without", preset_of(arguments).portfolio_without);
    if (list.empty() && !arguments.has("portfolio-without")) return {};
    try {
        return space::portfolio_set_names(split(list, ','));
    } catch (const Error& error) {
        throw UsageError(text("--portfolio-without: ", error.what()));
    }
}

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

/// A resumed run keeps what it began with; an option that says otherwise is an error.
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

/// The same of its limits, which depend on the data as well.
void check_limits(const Arguments& arguments, const search::RunHead& head, const data::Dataset& set,
                  const std::string& folder) {
    const cost::Target& target = cost::target(head.target);
    const search::Limits asked = limits_of(arguments, target);
    const bool same = asked == head.limits || with_program(asked, set, target) == head.limits;
    if (gives_limits(arguments) && !same)
        throw UsageError(text(folder, ": the run began with other limits; leave them out, or use another --out"));
}

int finish(const Arguments& arguments, const std::string& folder, const search::SearchResult& result) {
    if (result.interrupted) {
        say(text("interrupted after ", result.log.records.size(), " trials; tinysparse search --out ", folder,
                 " --resume goes on"));
        return exit_interrupted;
    }
    const std::vector<report::FrontPoint> points = report::front_points(result.log);
    if (arguments.has("json"))
        print_data(json::write(report::front_json(folder, result.log, points), 2) + "\n");
    else
        print(report::front_text(result.log, points, table_width()));
    if (arguments.has("quiet")) return 0;
    if (const auto nothing = search::nothing_beats_constant(result.log); nothing && arguments.has("json"))
        say(*nothing);
    for (const std::string& note : result.log.end->notes) say("note: " + note);
    say(text(result.log.records.size(), " trials in ", report::duration(result.log.elapsed), "; the run is in ", folder,
             ", its models are ", folder, "#ID"));
    return 0;
}

/// Makes a folder the working one for as long as it lives, if the folder is there.
class WorkingFolder {
  public:
    explicit WorkingFolder(const std::string& folder) : back_(std::filesystem::current_path()) { enter(folder); }
    WorkingFolder(const WorkingFolder&) = delete;
    WorkingFolder& operator=(const WorkingFolder&) = delete;
    ~WorkingFolder() { enter(back_); }

  private:
    static void enter(const std::filesystem::path& folder) {
        std::error_code gone;
        std::filesystem::current_path(folder, gone);
    }
    std::filesystem::path back_;
};

/// What `of` gives in the folder where the run began, or, if it throws Error there, in this one.
template <class Of> auto where_it_began(const search::RunHead& head, const Of& of) {
    if (!head.folder.empty()) try {
            const WorkingFolder there(head.folder);
            return of();
        } catch (const Error&) {
        }
    return of();
}

/// Reads the run's board, if that is a file; cost::target() keeps it.
void read_target(const search::RunHead& head) {
    where_it_began(head, [&] { return &cost::target(head.target); });
}

data::Dataset data_of(const search::RunHead& head) {
    return where_it_began(head, [&] { return load_data(head.data); });
}

/// The data of a run as the request for them, with a path that is good in any folder.
data::Request request_of(const search::RunHead& head) {
    return where_it_began(head, [&] {
        data::Request request = data::parse_spec(head.data);
        if (request.path.empty()) return request;
        if (!std::filesystem::exists(request.path)) throw Error(text(request.path, ": no such file or folder"));
        request.path = std::filesystem::absolute(request.path).string();
        return request;
    });
}

search::Evaluator local_evaluator(const data::Dataset& set, const search::RunHead& head) {
    const cost::Target& target = cost::target(head.target);
    search::Evaluator evaluator = search::make_evaluator(set, head, target, command_line(head.command));
    if (head.measuring != search::Measuring::off)
        evaluator.measure = [source = source_of(set, measured_part, request_of(head)),
                             &target](const std::string& path) {
            return measures_of(measured(fixed::load_model(path), source, target));
        };
    return evaluator;
}

/// A rank that trains what rank 0 sends.
int follow() {
    const std::optional<search::RunHead> head = listen();
    if (!head) return 0;
    catch_signals();
    read_target(*head);
    const data::Dataset set = data_of(*head);
    search::check_data(*head, set);
    serve(local_evaluator(set, *head), *head);
    return 0;
}

/// Throws Error if the board is not the one that the run began with: its file was changed.
void check_target(const search::RunHead& head) {
    if (head.target_digest && *head.target_digest != cost::digest(cost::target(head.target)))
        throw Error(text(head.target, ": the board is not described as it was when the run began; bring the old "
                                      "description back, or begin a new run with another --out"));
}

/// Throws Error if the run measures and its tools are not here: by others, members of one front would have been
/// measured in two ways.
void check_tools(const search::RunHead& head, const std::string& folder) {
    if (head.measuring == search::Measuring::off) return;
    const cost::Target& target = cost::target(head.target);
    if (const auto missing = simulator::missing(target))
        throw Error(text(folder, ": the run measures its networks with ", head.measured_with, "; ", *missing));
    if (const std::string own = measuring_tools(target); own != head.measured_with)
        throw Error(text(folder, ": the run measures its networks with ", head.measured_with, ", here is ", own,
                         "; go on where the first is, or begin a new run with another --out"));
}

/// Says which failures in a run of an older version were none of its networks.
void say_faults_of_machine(const search::RunLog& log, const std::string& folder) {
    std::vector<std::string> numbers;
    for (const search::Record& record : log.records)
        if (record.outcome.failure && search::is_fault_of_machine(*record.outcome.failure))
            numbers.push_back(text(record.trial.number));
    if (!numbers.empty())
        say(text("trials ", join(numbers, ", "), " failed by no fault of their networks; tinysparse repair ", folder,
                 " takes them out, and a search by trials then runs them again"));
}

/// The run that --resume goes on with; nothing if a new one begins.
std::optional<search::RunLog> begun(const Arguments& arguments, const search::RunFolder& run_folder) {
    const std::string& folder = run_folder.path();
    std::optional<search::RunLog> log = run_folder.read();
    if (log && log->records.empty() && !arguments.has("resume")) log.reset(); // it found nothing: begin anew
    if (log && !arguments.has("resume"))
        throw UsageError(
            text(folder, ": a search was done here; --resume goes on with it, another --out begins a new one"));
    if (!log) return log;
    search::check_resumable(log->head, folder);
    read_target(log->head);
    check_target(log->head);
    check_tools(log->head, folder);
    check_same(arguments, log->head, folder);
    if (!arguments.has("quiet")) say_faults_of_machine(*log, folder);
    if (const search::Build own = search::this_build(revision()); own != log->head.build && !arguments.has("quiet"))
        say(text("the run began with tinysparse ", search::build_text(log->head.build), ", this is ",
                 search::build_text(own), "; trainings may come out with other last digits"));
    return log;
}

search::RunLog new_run(const Arguments& arguments) {
    if (!arguments.has("data")) throw UsageError("search needs --data SPEC; see tinysparse search --help");
    search::RunLog log;
    log.head = new_head(arguments);
    log.goal.budget_seconds = 15 * 60;
    log.goal.jobs = std::min(int(hardware_threads()), search::most_jobs);
    return log;
}

/// Data of a resumed run: those of --data if that is given, which then stands in the head until the program ends.
/// Throws Error unless they are those that the run began with.
data::Dataset data_again(const Arguments& arguments, search::RunHead& head) {
    const std::string first = head.data;
    if (const auto other = arguments.value("data"); other && *other != first) {
        head.data = *other;
        head.folder.clear();
    }
    data::Dataset set;
    try {
        set = data_of(head);
    } catch (const Error& error) {
        if (head.data != first) throw;
        throw Error(text(error.what(), "; if the data lie elsewhere now, say where with --data SPEC"));
    }
    search::check_data(head, set);
    if (head.data != first && !arguments.has("quiet"))
        say(text("the data are read from ", head.data, " this time; the run began with ", first));
    return set;
}

/// search(), of whose faults of the machine it also says how to go on.
search::SearchResult search_in(const search::RunFolder& folder, search::RunLog log, const search::Evaluator& evaluator,
                               const search::Hooks& hooks) {
    const auto how = [&] {
        const bool begun = std::filesystem::exists(folder.journal().path());
        return begun ? text("; tinysparse search --out ", folder.path(), " --resume goes on") : "";
    };
    try {
        return search::search(folder, std::move(log), evaluator, hooks);
    } catch (const SystemError& fault) {
        throw SystemError(text(fault.what(), how()), fault.code());
    } catch (const std::bad_alloc&) {
        throw SystemError(text("out of memory; use fewer --jobs, or a smaller data set (limit=N)", how()), ENOMEM);
    }
}

int lead(const Arguments& arguments, const Ranks& ranks) {
    const Detail detail = detail_of(arguments);
    const auto start = std::chrono::steady_clock::now();
    const search::RunFolder run_folder(arguments.value_or("out", "run")); // locked before anything of it is read
    std::optional<search::RunLog> log = begun(arguments, run_folder);
    const bool is_new = !log;
    if (is_new) log = new_run(arguments);
    log->goal = goal_of(arguments, log->goal);
    if (ranks.count > 1) log->goal.jobs = ranks.count - 1;
    catch_signals();
    const data::Dataset set = is_new ? load_data(log->head.data) : data_again(arguments, log->head);
    if (!is_new) check_limits(arguments, log->head, set, run_folder.path());
    if (is_new) log->head.error = error_kind(arguments, set);
    refuse_for_numbers(arguments, set, {"class-weights"});
    if (is_new) {
        run_folder.clear();
        search::describe(log->head, log->goal, set);
        log->head.limits = with_program(log->head.limits, set, cost::target(log->head.target));
        if (const auto advice = search::advice(set); advice && !arguments.has("error"))
            log->head.data_notes.push_back("warning: " + *advice);
    }
    if (!arguments.has("quiet")) say_all(log->head.data_notes);
    if (gives_limits(arguments) && !arguments.has("quiet")) say_all(report::limit_sentences(log->head));
    // The clock runs from the start of the program: reading the data is work too.
    const double loading = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    log->elapsed += loading;

    announce(log->head, ranks);
    const search::Evaluator evaluator = on_ranks(local_evaluator(set, log->head), log->head, ranks);
    ProgressDisplay display(log->head, detail);
    search::Hooks hooks;
    hooks.interrupted = interrupted;
    hooks.say = [&](const std::string& sentence) { display.say_above(sentence); };
    hooks.progress = [&](const search::Progress& progress) { display.update(progress); };
    const search::SearchResult result = search_in(run_folder, std::move(*log), evaluator, hooks);
    display.finish();
    return finish(arguments, run_folder.path(), result);
}

int run(const Arguments& arguments) {
    const Ranks ranks = join_ranks();
    if (ranks.rank > 0) {
        const int status = follow();
        leave_ranks();
        return status;
    }
    try {
        const int status = lead(arguments, ranks);
        dismiss(ranks);
        leave_ranks();
        return status;
    } catch (...) {
        dismiss(ranks);
        leave_ranks();
        throw;
    }
}

} // namespace

Command search_command() {
    return {
        "search",
        "Search networks for a data set and a board.",
        {},
        {{"data", "SPEC", "The data set, PATH[,key=value...] or synthetic:NAME."},
         {"target", "TARGET", "The board, a file that describes one, or none (uno).", 0, false, false,
          cost::target_names(), true},
         {"budget", "TIME", "How long, final training included: 90s, 15m, 1h30m (15m)."},
         {"trials", "N", "Instead of a budget: so many trainings, reproducible."},
         {"out", "RUN", "The folder of the run (run)."},
         {"resume", "", "Go on with the run in --out; needs no other option, but --data if the data were moved."},
         {"jobs", "N", "Trainings at a time (all cores)."},
         {"seed", "S", "Other numbers give other searches (1)."},
         error_option("What the search minimises on the validation part"),
         class_weights_option(),
         {"objectives", "LIST",
          "error and one or two costs, such as weight_bytes, the bytes of weights and biases as stored "
          "(error,flash,ram), or paper, which is error,model_size,working_memory (the default if the board has no "
          "cost model)."},
         {"limit", "NAME=VALUE", "The largest value of a measure, such as weight_bytes=2048.", 0, false, true},
         {"max-ram", "B", "Limit of RAM, the empty sketch counted in (75 % of the board's)."},
         {"max-flash", "B", "Limit of flash, the empty sketch counted in (the board's)."},
         {"max-ms", "MS", "Limit of the time for a sample on the board."},
         {"preset", "NAME", "Settings of a known system: sparse, that of Fedorov et al. 2019; see docs/paper.md.", 0,
          false, false, names_of(presets)},
         {"space", "FILE", "Narrow the space: lines such as unit.kernel = 3 5; see docs/search.md."},
         {"measure", "WHEN",
          "If objectives or limits are flash, ram, cycles or milliseconds, measure these on the simulated chip: of "
          "the front as it grows and what is near a limit (front), of the last front alone (end), or never (off).",
          0, false, false, names_of(search::measurings)},
         {"no-inherit", "", "Train every network afresh, without the weights of its parent."},
         {"portfolio-without",
          "NAMES",
          "Leave networks that were found on these data sets out of those that the search begins with: a list such as "
          "mnist,chars74k, or all.",
          0,
          false,
          false,
          {}},
         {"no-refit", "",
          "Where networks are judged by folds: do not train those of the last front once more on all samples."},
         {"acquisition", "NAME", "How networks are proposed (ehvi).", 0, false, false, search::acquisition_names()},
         {"kernel", "NAME", "Kernel of the model of the error: over features, or over the genes (matern).", 0, false,
          false, search::kernel_names()},
         {"json", "", "Print the front as one JSON document."},
         {"verbose", "", "Print a line for each training, not only for those that improve the front.", 'v'},
         {"quiet", "", "Say nothing while it runs."}},
        "tinysparse search --data mnist --target uno --budget 15m --out run",
        run};
}

} // namespace tinysparse::cli
