// SPDX-License-Identifier: Apache-2.0
// tinysparse search: a run folder with a front of trained models.
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <new>
#include <sys/resource.h>

#include "commands.hpp"
#include "common.hpp"
#include "measuring.hpp"
#include "picks.hpp"
#include "progress.hpp"
#include "ranks.hpp"
#include "revision.hpp"
#include "run_origin.hpp"
#include "search_options.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/report/front_table.hpp"
#include "tinysparse/report/trials.hpp"
#include "tinysparse/search/evaluate.hpp"
#include "tinysparse/search/search.hpp"

namespace tinysparse::cli {

namespace {

int finish(const Arguments& arguments, const std::string& folder, const search::SearchResult& result) {
    if (result.interrupted) {
        say(text("interrupted after ", result.log.records.size(), " trials; tinysparse search --out ", folder,
                 " --resume goes on"));
        return exit_interrupted;
    }
    const std::vector<report::FrontPoint> points = report::front_points(result.log);
    if (arguments.has("json"))
        print_data(json::write(front_document(folder, result.log, points), 2) + "\n");
    else
        print(report::front_text(result.log, points, table_width()));
    if (arguments.has("quiet")) return 0;
    if (const auto nothing = search::nothing_beats_constant(result.log); nothing && arguments.has("json"))
        say(*nothing);
    for (const std::string& note : result.log.end->notes) say("note: " + note);
    if (const auto budget = result.log.goal.budget_seconds;
        budget && result.log.records.size() < report::few_trainings && result.log.elapsed > 0.6 * *budget)
        say(text("note: few trainings had time, ", result.log.records.size(),
                 "; more find better networks: tinysparse "
                 "search --out ",
                 folder, " --resume --budget ", std::ceil(*budget / 20), "m"));
    say(text(result.log.records.size(), result.log.records.size() == 1 ? " trial in " : " trials in ",
             report::duration(result.log.elapsed), "; the run is in ", folder, ", its models are ", folder, "#ID"));
    return 0;
}

/// Seconds of processor time that this program has used, with the compilers and simulators that it has run.
double processor_seconds() {
    double seconds = 0;
    for (const auto whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        struct rusage used {};
        getrusage(whose, &used);
        for (const timeval& time : {used.ru_utime, used.ru_stime})
            seconds += double(time.tv_sec) + double(time.tv_usec) / 1e6;
    }
    return seconds;
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

/// Throws Error if the file of the board has changed since the run began.
void check_target(const search::RunHead& head) {
    if (head.target_digest && *head.target_digest != cost::digest(cost::target(head.target)))
        throw Error(text(head.target, ": the description of the board has changed since the run began; restore it, or "
                                      "start a new run with another --out"));
}

/// Throws Error if the run measures networks and its tools are not installed. With other tools, members of one front
/// would have been measured in two ways.
void check_tools(const search::RunHead& head, const std::string& folder) {
    if (head.measuring == search::Measuring::off) return;
    const cost::Target& target = cost::target(head.target);
    if (const auto missing = simulator::missing(target))
        throw Error(text(folder, ": the run measures its networks with ", head.measured_with, "; ", *missing));
    if (const std::string own = measuring_tools(target); own != head.measured_with)
        throw Error(text(folder, ": the run measures its networks with ", head.measured_with, ", but this machine has ",
                         own, "; continue where the first is installed, or start a new run with another --out"));
}

/// Says which failures in a run of an older version were not the fault of networks.
void say_faults_of_machine(const search::RunLog& log, const std::string& folder) {
    std::vector<std::string> numbers;
    for (const search::Record& record : log.records)
        if (record.outcome.failure && search::is_fault_of_machine(*record.outcome.failure))
            numbers.push_back(text(record.trial.number));
    if (!numbers.empty())
        say(text("trials ", join(numbers, ", "),
                 " failed because of the machine, not of their networks; tinysparse repair ", folder,
                 " removes them, and a search with --trials then runs them again"));
}

/// The run that --resume continues; nothing if a new run begins.
std::optional<search::RunLog> begun(const Arguments& arguments, const search::RunFolder& run_folder) {
    const std::string& folder = run_folder.path();
    std::optional<search::RunLog> log = run_folder.read();
    if (log && log->records.empty() && !arguments.has("resume")) log.reset(); // it found nothing: begin anew
    if (log && !arguments.has("resume"))
        throw UsageError(
            text(folder, ": the folder already has a run; continue it with --resume, or give another --out"));
    if (!log) return log;
    search::check_resumable(log->head, folder);
    read_target(log->head);
    check_target(log->head);
    check_tools(log->head, folder);
    check_same(arguments, log->head, folder);
    if (!arguments.has("quiet")) say_faults_of_machine(*log, folder);
    const search::Build own = search::this_build(revision());
    if (own != (log->continued_by.empty() ? log->head.build : log->continued_by.back()))
        log->continued_by.push_back(own);
    if (own != log->head.build && !arguments.has("quiet"))
        say(text("the run began with tinysparse ", search::build_text(log->head.build), ", this is ",
                 search::build_text(own), "; trainings and predicted costs of different builds may differ"));
    return log;
}

search::RunLog new_run(const Arguments& arguments, const std::string& folder) {
    if (!arguments.has("data") && arguments.has("resume"))
        throw UsageError(text(folder, " holds no run to resume; check --out, or begin one with --data SPEC"));
    if (!arguments.has("data")) throw UsageError("search needs --data SPEC; see tinysparse search --help");
    search::RunLog log;
    log.head = new_head(arguments);
    log.goal.budget_seconds = 15 * 60;
    log.goal.jobs = std::min(int(hardware_threads()), search::most_jobs);
    return log;
}

/// Data of a resumed run. If --data is given, it replaces the data of the head until the program ends. Throws Error
/// unless they are the data that the run began with.
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
        throw Error(text(error.what(), "; if the data set has moved, give its new place with --data SPEC"));
    }
    search::check_data(head, set);
    if (head.data != first && !arguments.has("quiet"))
        say(text("the data are read from ", head.data, " this time; the run began with ", first));
    return set;
}

/// search(). Errors of the machine also say how to continue.
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
    if (is_new) log = new_run(arguments, run_folder.path());
    log->goal = goal_of(arguments, log->goal);
    if (ranks.count > 1) log->goal.jobs = ranks.count - 1;
    if (!is_new && log->goal.budget_seconds && *log->goal.budget_seconds <= log->elapsed && !arguments.has("quiet"))
        say(text("the budget of ", report::duration(*log->goal.budget_seconds), " is spent: the run has taken ",
                 report::duration(log->elapsed), "; --budget counts them, so five minutes more are --budget ",
                 std::ceil(log->elapsed / 60) + 5, "m"));
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
    const auto begin = std::chrono::steady_clock::now(); // reading the data kept one core busy
    const double processor = processor_seconds();
    const search::SearchResult result = search_in(run_folder, std::move(*log), evaluator, hooks);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    display.finish();
    const int status = finish(arguments, run_folder.path(), result);
    const int cores = std::min(result.log.goal.jobs, int(hardware_threads()));
    if (const auto note = crowded_note(result.log.goal, cores, seconds, processor_seconds() - processor);
        note && status == 0 && ranks.count == 1 && detail != Detail::quiet)
        say(*note);
    return status;
}

int run_search(const Arguments& arguments) {
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
    return {"search",
            "Search for networks that suit a data set and a board.",
            {},
            search_options(),
            "tinysparse search --data synthetic:strokes --target uno --budget 60s --out run\n"
            "tinysparse search --out run --resume --budget 90s",
            run_search};
}

} // namespace tinysparse::cli
