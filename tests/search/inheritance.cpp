// SPDX-License-Identifier: Apache-2.0
// Which trials begin from whose weights, and what that counts for.
#include "fake.hpp"
#include "tinysparse/search/search.hpp"
#include <mutex>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// A fake that says that half of the weights were the parent's, and notes the files it was given.
struct Watched {
    Evaluator evaluator;
    std::map<std::size_t, TrialFiles> files;
    std::mutex mutex;

    explicit Watched(const space::Space& space) : evaluator(fake_evaluator(space)) {
        evaluator.evaluate = [this, evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& own,
                                                                   const std::function<bool()>& stop) {
            {
                const std::lock_guard lock(mutex);
                files[trial.number] = own;
            }
            if (own.parent) CHECK(std::filesystem::exists(*own.parent));
            Outcome outcome = evaluate(trial, own, stop);
            if (own.parent) outcome.inherited = 0.5;
            return outcome;
        };
    }
};

RunLog searched_log(const std::string& folder, const RunLog& log, const Evaluator& evaluator) {
    const RunFolder locked(folder);
    return run_search(locked, log, evaluator).log;
}

} // namespace

TEST_CASE("children and longer trainings begin from their parents' weights, repetitions afresh") {
    const Folder folder("inherits");
    const RunLog log = new_run(80, 2);
    Watched watched(log.head.space);
    searched_log(folder.path(), log, watched.evaluator);
    const RunLog read = read_run(folder.path());
    std::map<std::size_t, const Record*> records;
    std::size_t children = 0, longer = 0, repeats = 0;
    for (const Record& record : read.records) {
        const Trial& trial = record.trial;
        records[trial.number] = &record;
        CAPTURE(trial.number);
        CHECK(trial.inherits == (trial.origin == Origin::mutation || trial.origin == Origin::promotion));
        const TrialFiles& files = watched.files.at(trial.number);
        CHECK(files.parent.has_value() == trial.inherits);
        const int own = genome_epochs(trial.genome, trial.epochs);
        if (!trial.inherits) {
            CHECK(trial.line_epochs == own);
            repeats += trial.origin == Origin::repeat;
            continue;
        }
        const Trial& parent = records.at(*trial.parent)->trial;
        CHECK(*files.parent == model_path(folder.path(), parent.number));
        CHECK(files.parent_genome == parent.genome);
        CHECK(trial.line_epochs == own + std::lround(0.35 * parent.line_epochs));
        children += trial.origin == Origin::mutation;
        longer += trial.origin == Origin::promotion;
    }
    CHECK(children > 5);
    CHECK(longer > 5);
    CHECK(repeats > 0);
}

TEST_CASE("without inheritance every training begins afresh") {
    const Folder folder("afresh");
    RunLog log = new_run(40, 1);
    log.head.inherit = false;
    Watched watched(log.head.space);
    for (const Record& record : searched_log(folder.path(), log, watched.evaluator).records)
        CHECK(!record.trial.inherits);
    for (const auto& [number, files] : watched.files) CHECK(!files.parent);
    CHECK(!read_run(folder.path()).head.inherit);
}

TEST_CASE("a line of children cannot be worth more than a training of three times their length") {
    int line = 3;
    for (int generation = 0; generation < 100; ++generation) line = epochs_of_line(3, 1.0, line);
    CHECK(line <= 10);
    CHECK(epochs_of_line(3, 0, 100) == 3);
}

TEST_CASE("errors between two lengths of training are projected between them") {
    Problem problem;
    problem.space = {{1, 28, 28}, 10};
    const View view(problem, {}, {});
    const int screen = problem.fidelities.screen, confirm = problem.fidelities.confirm;
    CHECK(view.projected(0.1, 1) == view.projected(0.1, screen));
    for (int epochs = screen; epochs < problem.fidelities.final; ++epochs)
        CHECK(view.projected(0.1, epochs) < view.projected(0.1, epochs + 1));
    CHECK(view.projected(0.1, problem.fidelities.final) == 0.1);
    CHECK(view.projected(0.1, 100) == 0.1);
    // Half of the way on the scale of logarithms is half of the ratio's.
    const int between = int(std::lround(std::sqrt(double(screen) * confirm)));
    CHECK(view.projected(0.1, between) ==
          doctest::Approx(std::sqrt(view.projected(0.1, screen) * view.projected(0.1, confirm))).epsilon(0.03));
}

TEST_CASE("small sizes are drawn as often as large ones, as far as draws reach") {
    Problem problem;
    problem.space = {{1, 28, 28}, 10};
    problem.limits = {{Measure::model_size, 4000}, {Measure::working_memory, 4000}};
    problem.estimate = [&](const space::Genome& genome) { return fake_costs(problem.space, genome); };
    const View view(problem, {}, {});
    Random random(1, "strata");
    std::array<int, 4> strata{}; // 125..250, ..500, ..1000, ..2000
    for (int i = 0; i < 300; ++i) {
        const double size = *stratified_candidate(view, space::Edits::dense, random)->costs[Measure::model_size];
        CHECK(size <= 4000);
        const int stratum = int(std::floor(std::log2(size / 125)));
        if (stratum >= 0 && stratum < 4) ++strata[std::size_t(stratum)];
    }
    for (const int count : strata) CHECK(count >= 25);
}
