// SPDX-License-Identifier: Apache-2.0
// Whole training steps (loading, forward, backward, Adam; batch 64), in samples per second of processor time:
//   tiny   average pool 2, conv 8@3x3, depthwise 3x3, pointwise 16, max pool 2, conv 16@3x3, dense 10 on 28x28; no
//          padding, 52,544 multiply-adds a sample
//   lenet  conv 20@5x5, max pool 2, conv 50@5x5, max pool 2, dense 500, dense 10; 2,293,000 multiply-adds
// None has batch normalisation, so that PyTorch (tools/bench/pytorch.py, where it is installed) does the same work.
// It also measures the gain of a second thread at batch 128 over its gain in a loop of multiply-adds alone, the share
// of loading in a step, the time of a step of lenet with variational pruning (as multiples of the plain one), and the
// seconds that a program that trains a network takes to compile at -O2.
#pragma once
#include <sched.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "kernels.hpp"
#include "process.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/prune/train.hpp"

namespace tinysparse::bench {

struct TrainBenchOptions {
    std::size_t trials = 5;                        // the fastest counts
    std::string script = "tools/bench/pytorch.py"; // prints "NAME SAMPLES_PER_SECOND" lines
    std::string include = "include";               // the library's headers, for compile_seconds
    Progress progress{};
};

namespace detail {

inline constexpr const char* tiny_network = "A2 C8k3vn D3vL C16k1n M2 C16k3vn F10";
inline constexpr const char* lenet_network = "C20k5vLn M2 C50k5vLn M2 F500 F10";

inline double elapsed_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// One network in training: every call of step() is a step on another batch.
class StepBench {
  public:
    /// With a pruner: a step of the training that prunes.
    StepBench(const data::Dataset& set, const char* notation, std::size_t batch, std::size_t threads,
              prune::Pruner* pruner = nullptr)
        : set_(set), spec_(net::parse(notation, {1, 28, 28})), network_(spec_, recording(batch, pruner)),
          team_(threads), loader_(set, spec_, &team_), optimiser_(nn::make_optimiser(network_, {})), indices_(batch) {
        network_.initialise(1);
        if (!pruner) return;
        pruner->attach(network_);
        optimiser_ = std::make_unique<prune::PruningOptimiser>(std::move(optimiser_), *pruner, 0, 1000000);
    }
    Team& team() { return team_; }
    void load() {
        for (std::uint32_t& index : indices_) index = next_++ % std::uint32_t(set_.train.samples);
        loader_.load(set_.train, indices_, network_);
    }
    void step() {
        load();
        network_.graph().step(team_);
        optimiser_->step(1e-3);
    }

  private:
    static nn::NetworkOptions recording(std::size_t batch, prune::Pruner* pruner) {
        nn::NetworkOptions options;
        options.batch = batch;
        if (pruner) pruner->record(options);
        return options;
    }

    const data::Dataset& set_;
    net::Spec spec_;
    nn::Network network_;
    Team team_;
    nn::Loader loader_;
    std::unique_ptr<nn::Optimiser> optimiser_;
    std::vector<std::uint32_t> indices_;
    std::uint32_t next_ = 0;
};

/// Elapsed seconds of the fastest call: processor time of one thread does not show the work of several. Some of many
/// calls are undisturbed, even on a busy machine.
template <class Timed> double fastest_elapsed(std::size_t calls, Timed timed) {
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t call = 0; call < calls; ++call) {
        const double begin = elapsed_seconds();
        timed();
        best = std::min(best, elapsed_seconds() - begin);
    }
    return best;
}

/// Gives every worker of each team its own processor while this lives: on a busy machine two threads may otherwise
/// share one.
#if defined(__linux__)
class OwnProcessors {
  public:
    explicit OwnProcessors(std::initializer_list<Team*> teams) {
        sched_getaffinity(0, sizeof before_, &before_);
        for (Team* team : teams) team->run(team->size(), [&](std::size_t, std::size_t worker) { take(worker); });
    }
    OwnProcessors(const OwnProcessors&) = delete;
    OwnProcessors& operator=(const OwnProcessors&) = delete;
    ~OwnProcessors() { sched_setaffinity(0, sizeof before_, &before_); }

  private:
    void take(std::size_t worker) const {
        for (int processor = 0; processor < CPU_SETSIZE; ++processor)
            if (CPU_ISSET(processor, &before_) && worker-- == 0) {
                cpu_set_t own;
                CPU_ZERO(&own);
                CPU_SET(processor, &own);
                sched_setaffinity(0, sizeof own, &own);
            }
    }
    cpu_set_t before_;
};
#else // macOS lets no program choose
struct OwnProcessors {
    explicit OwnProcessors(std::initializer_list<Team*>) {}
};
#endif

/// Gain of two threads in a step over their gain in multiply-adds alone; both by the clock on the wall.
inline double two_threads_speedup(const data::Dataset& set, std::size_t trials) {
    StepBench one(set, tiny_network, 128, 1), two(set, tiny_network, 128, 2);
    Team single(1), pair(2);
    const OwnProcessors pinned({&two.team(), &pair});
    const auto adds = [](Team& team) {
        return [&team] { team.run(2, [](std::size_t, std::size_t) { multiply_adds<12>(200000); }); };
    };
    const std::size_t calls = 50 * trials;
    const double step_gain = fastest_elapsed(calls, [&] { one.step(); }) / fastest_elapsed(calls, [&] { two.step(); });
    const double pure_gain = fastest_elapsed(calls, adds(single)) / fastest_elapsed(calls, adds(pair));
    return step_gain / pure_gain;
}

/// "NAME NUMBER" lines that a command prints; none if it fails.
inline std::vector<std::pair<std::string, double>> numbers_of(const std::string& command) {
    std::vector<std::pair<std::string, double>> numbers;
    FILE* const pipe = popen(command.c_str(), "r");
    if (!pipe) return numbers;
    char name[64];
    for (double value = 0; std::fscanf(pipe, "%63s %lf", name, &value) == 2;) numbers.emplace_back(name, value);
    pclose(pipe);
    return numbers;
}

/// Processor time of the commands that this process ran and awaited.
inline double commands_seconds() {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) { return double(time.tv_sec) + 1e-6 * double(time.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Processor seconds to compile a program that includes the whole library and trains a network; nothing if that fails.
inline std::optional<double> compile_seconds(const std::string& include) {
    const ScratchFolder folder;
    write_file(folder.path() + "/program.cpp",
               "#include \"tinysparse/tinysparse.hpp\"\nusing namespace tinysparse;\nint main() {\n"
               "    const auto set = data::load(\"synthetic:strokes\");\n"
               "    quantise::train(net::parse(\"A2 C8 M2 F10\", {1, 28, 28}), set, {});\n}\n",
               false);
    const std::string headers = std::filesystem::absolute(include).string();
    const double begin = commands_seconds();
    const int status =
        simulator::run_in(folder.path(), {"c++", "-std=c++20", "-O2", "-pthread", "-I", headers, "-c", "program.cpp"});
    const double seconds = commands_seconds() - begin;
    return status == 0 ? std::optional(seconds) : std::nullopt;
}

} // namespace detail

/// Samples per second and their ratios, without those that cannot be measured here (no PyTorch, no compiler).
inline Results bench_train(const TrainBenchOptions& options = {}) {
    const data::Dataset set = data::load("synthetic:strokes,samples=2000");
    const KernelOptions timing{.seconds = 0.2, .trials = options.trials};
    Results results;
    const auto add = [&](std::string name, double value, std::string unit) {
        if (options.progress) options.progress(text(name, ": ", fixed_decimals(value, 3), " ", unit));
        results.push_back({std::move(name), value, std::move(unit)});
    };
    detail::StepBench tiny(set, detail::tiny_network, 64, 1), lenet(set, detail::lenet_network, 64, 1);
    const double tiny_step = detail::fastest_call(timing, [&] { tiny.step(); });
    add("tiny_samples_per_second", 64 / tiny_step, "samples/s");
    add("tiny_loading_share", detail::fastest_call(timing, [&] { tiny.load(); }) / tiny_step, "of a step");
    const double lenet_step = detail::fastest_call(timing, [&] { lenet.step(); });
    add("lenet_samples_per_second", 64 / lenet_step, "samples/s");
    for (const auto& [name, method] : {std::pair{"sparse_vd_step_ratio", prune::Method::sparse_vd},
                                       std::pair{"bayes_gnj_step_ratio", prune::Method::bayes_gnj}}) {
        prune::Options pruning;
        pruning.method = method;
        const auto pruner = prune::make_pruner(pruning, 60000);
        detail::StepBench noisy(set, detail::lenet_network, 64, 1, pruner.get());
        // The plain step again beside it: the machine may be slower by now.
        const double plain = detail::fastest_call(timing, [&] { lenet.step(); });
        add(name, detail::fastest_call(timing, [&] { noisy.step(); }) / plain, "plain steps");
    }
    if (hardware_threads() > 1)
        add("two_threads_speedup", detail::two_threads_speedup(set, options.trials), "of multiply-adds' speedup");
    // A user's own Python, before the system's on the path, may lack the packages of the system.
    const std::string script = " \"" + options.script + "\" 2>/dev/null";
    for (const auto& [name, rate] : detail::numbers_of("python3" + script + " || /usr/bin/python3" + script)) {
        const double step = name == "tiny" ? tiny_step : lenet_step;
        add(name + "_pytorch_samples_per_second", rate, "samples/s");
        add(name + "_vs_pytorch", 64 / step / rate, "times");
    }
    if (const auto seconds = detail::compile_seconds(options.include)) add("compile_seconds", *seconds, "s");
    return results;
}

} // namespace tinysparse::bench
