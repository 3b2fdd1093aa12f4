// SPDX-License-Identifier: Apache-2.0
// Runs whose networks are judged by folds: who inherits from whom, what is on the front, and the last training on all
// samples.
#include "fake.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/search/search.hpp"
#include <algorithm>
#include <mutex>
#include <set>
#include <sys/wait.h>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

RunLog folded_run(std::size_t trials, int jobs) {
    RunLog log = new_run(trials, jobs);
    log.head.folds = 5;
    log.head.folds_digest = 7;
    return log;
}

/// A fake whose models are the numbers of the folds that they were trained without: the sample of fold k is k, and a
/// model has seen all but its own, and all that its parent's model had seen.
Evaluator seeing_evaluator(const space::Space& space) {
    Evaluator evaluator = fake_evaluator(space);
    evaluator.evaluate = [evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& files,
                                                         const std::function<bool()>& stop) {
        Outcome outcome = evaluate(trial, files, stop);
        if (trial.folds == 1) outcome.error_se = 0.02; // twice that of five
        for (std::size_t k = 0; k < trial.folds; ++k) {
            std::string seen;
            for (std::size_t other = 0; other < 5; ++other)
                if (other != k) seen += char('0' + other);
            if (files.parent && k < files.parent_folds) {
                seen += read_file(fold_path(*files.parent, k));
                outcome.inherited = 1;
            }
            write_file(fold_path(files.model, k), seen, false);
        }
        return outcome;
    };
    evaluator.refit = [space](const Record& record, const std::string& path, const std::function<bool()>& stop) {
        Outcome outcome;
        outcome.stopped = stop();
        outcome.measures = fake_costs(space, record.trial.genome);
        outcome.weights_digest = 1000 + record.trial.number;
        outcome.seconds = 1e-3 * record.trial.line_epochs;
        write_file(refit_path(path), "01234", false);
        return outcome;
    };
    return evaluator;
}

RunLog searched(const std::string& folder, const RunLog& log, const Evaluator& evaluator, const Hooks& hooks = {}) {
    const RunFolder locked(folder);
    const std::optional<RunLog> left = locked.read();
    return run_search(locked, left ? *left : log, evaluator, hooks).log;
}

} // namespace

TEST_CASE("in no line of parents was a network trained with samples of the fold that judges it") {
    const Folder folder("folds_lines");
    const RunLog log = folded_run(120, 2);
    searched(folder.path(), log, seeing_evaluator(log.head.space));
    const RunLog read = read_run(folder.path());
    std::size_t folded = 0, inherited = 0, afresh = 0;
    for (const Record& record : read.records) {
        const std::string path = model_path(folder.path(), record.trial.number);
        CAPTURE(record.trial.number);
        const bool longer = record.trial.epochs >= log.head.fidelities.confirm;
        CHECK(record.trial.folds == (longer ? 5 : 1));
        CHECK(record.outcome.folds.size() == (longer ? 5 : 0));
        folded += longer;
        if (record.trial.inherits) CHECK(read.records[*record.trial.parent].trial.folds == 5);
        for (std::size_t k = 0; k < record.trial.folds; ++k) {
            const std::string seen = read_file(fold_path(path, k));
            CHECK(seen.find(char('0' + k)) == std::string::npos);
            (seen.size() > 4 ? inherited : afresh) += k > 0;
        }
    }
    CHECK(folded > 5);
    CHECK(inherited > 0); // of a parent with all folds
    CHECK(afresh > 0);    // of one with the first alone
}

TEST_CASE("only networks that all folds have judged are on the front, once there are any") {
    const Folder folder("folds_front");
    const RunLog log = folded_run(60, 1);
    const RunLog done = searched(folder.path(), log, seeing_evaluator(log.head.space));
    const std::vector<const Record*> front = measured_front(done);
    CHECK(!front.empty());
    for (const Record* record : front) CHECK(record->outcome.folds.size() == 5);
    const Folder short_run("folds_short");
    const RunLog screened = folded_run(3, 1); // too short for a second length, but of the baseline
    const RunLog early = searched(short_run.path(), screened, seeing_evaluator(log.head.space));
    const std::vector<const Record*> members = measured_front(early);
    CHECK(std::any_of(members.begin(), members.end(), [](const Record* r) { return !is_baseline(r->trial); }));
    for (const Record* record : members) {
        CHECK(record->outcome.folds.size() == (is_baseline(record->trial) ? 5 : 0));
        CHECK(record->has_refit() == is_baseline(record->trial));
    }
}

TEST_CASE("of a network that all folds have judged twice the longer training is on the front, lucky or not") {
    RunLog log = folded_run(2, 1);
    for (const auto& [epochs, error] : {std::pair(10, 0.1), std::pair(25, 0.12)}) {
        Record record;
        record.trial.number = log.records.size();
        record.trial.key = "one";
        record.trial.epochs = record.trial.line_epochs = epochs;
        record.outcome.measures[Measure::error] = error;
        for (const Measure cost : {Measure::model_size, Measure::working_memory}) record.outcome.measures[cost] = 100;
        record.outcome.folds.resize(5);
        record.feasible = true;
        log.records.push_back(std::move(record));
    }
    REQUIRE(measured_front(log).size() == 1);
    CHECK(measured_front(log)[0]->trial.number == 1);
    log.records[1].feasible = false;
    CHECK(measured_front(log)[0]->trial.number == 0);
    log.records[1].feasible = true;
    for (Record& record : log.records) record.outcome.folds.clear(); // a run without folds: validation chooses
    CHECK(measured_front(log)[0]->trial.number == 0);
}

TEST_CASE("no network has a second seed, since its folds show what a seed changes") {
    const Folder folder("folds_seeds");
    const RunLog log = folded_run(120, 1);
    for (const Record& record : searched(folder.path(), log, seeing_evaluator(log.head.space)).records)
        CHECK(record.trial.origin != Origin::repeat);
}

TEST_CASE("all of the front is trained once more on all samples, which RUN#ID then names") {
    const Folder folder("folds_refit");
    const RunLog log = folded_run(60, 2);
    searched(folder.path(), log, seeing_evaluator(log.head.space));
    const RunLog read = read_run(folder.path());
    for (const Record* record : measured_front(read)) {
        CHECK(record->has_refit());
        CHECK(record->refit->weights_digest == 1000 + record->trial.number);
        const std::string path = deployed_path(folder.path(), *record);
        CHECK(path == text(folder.path(), "/models/", record->trial.number, ".refit.tsm"));
        CHECK(read_file(path) == "01234");
        CHECK(read.end->test_accuracy.contains(record->trial.number));
        CHECK(read.end->test_folds.contains(record->trial.number));
    }
    RunLog without = folded_run(60, 2);
    without.head.refit = false;
    const Folder other("folds_no_refit");
    for (const Record& record : searched(other.path(), without, seeing_evaluator(log.head.space)).records)
        CHECK(!record.refit);
    // All trials are the same: the refit comes after them.
    const std::vector<std::string> with = timeless_lines(folder.path()), plain = timeless_lines(other.path());
    for (std::size_t i = 1; i <= 60; ++i) CHECK(with[i] == plain[i]);
}

TEST_CASE("a refit is measured in place of the network that it follows") {
    const Folder folder("folds_refit_measured");
    const auto chip = std::make_shared<FakeChip>();
    RunLog log = chip_run(60, 1, Measuring::end);
    log.head.folds = 5;
    log.head.folds_digest = 7;
    Evaluator evaluator = chip_evaluator(log.head.space, chip);
    evaluator.refit = [space = log.head.space](const Record& record, const std::string& path,
                                               const std::function<bool()>&) {
        Outcome outcome;
        outcome.measures = FakeChip::predicted(fake_costs(space, record.trial.genome));
        outcome.weights_digest = 1000 + record.trial.number;
        write_file(refit_path(path), json::write(to_json(outcome.measures)), false);
        return outcome;
    };
    std::set<std::string> measured;
    evaluator.measure = [&measured, measure = evaluator.measure](const std::string& path) {
        CHECK(measured.insert(path).second);
        return measure(path);
    };
    const RunLog done = searched(folder.path(), log, evaluator);
    std::size_t deployed = 0;
    for (const Record* record : measured_front(done)) {
        if (!record->has_refit()) continue; // it broke a limit
        ++deployed;
        const std::string path = model_path(folder.path(), record->trial.number);
        CHECK(measured.contains(refit_path(path)));
        CHECK(record->outcome.predicted.has_value());
        for (std::size_t k = 0; k < 5; ++k) CHECK_FALSE(measured.contains(fold_path(path, k)));
    }
    CHECK(deployed > 0);
}

TEST_CASE("a refit that breaks a limit leaves the best fold's model in place") {
    const Folder folder("folds_limit");
    const RunLog log = folded_run(60, 1);
    Evaluator evaluator = seeing_evaluator(log.head.space);
    evaluator.refit = [refit = evaluator.refit](const Record& record, const std::string& path,
                                                const std::function<bool()>& stop) {
        Outcome outcome = refit(record, path, stop);
        outcome.measures[Measure::working_memory] = 1e6;
        return outcome;
    };
    searched(folder.path(), log, evaluator);
    const RunLog read = read_run(folder.path());
    CHECK(!measured_front(read).empty());
    for (const Record* record : measured_front(read)) {
        CHECK(record->refit->failure == "trained on all samples it breaks a limit of the run");
        CHECK(*record->outcome.measures[Measure::working_memory] <= 2007);
        CHECK(record->outcome.best_fold() == 0);
        CHECK(deployed_path(folder.path(), *record) == model_path(folder.path(), record->trial.number));
    }
}

TEST_CASE("a run with folds that is interrupted at any moment ends as an unbroken one") {
    const RunLog log = folded_run(40, 1);
    const Folder whole("folds_whole");
    searched(whole.path(), log, seeing_evaluator(log.head.space));
    const std::vector<std::string> expected = timeless_lines(whole.path());
    for (const int after : {5, 60, 130, 200, 260}) {
        const Folder broken("folds_broken");
        int asked = 0;
        Hooks hooks;
        hooks.interrupted = [&] { return ++asked > after; };
        searched(broken.path(), log, seeing_evaluator(log.head.space), hooks);
        searched(broken.path(), log, seeing_evaluator(log.head.space));
        CHECK(timeless_lines(broken.path()) == expected);
    }
}

TEST_CASE("a fold's model that is lost is made again with all of its trial, a lost refit alone") {
    const Folder folder("folds_lost");
    const RunLog log = folded_run(60, 1);
    const RunLog done = searched(folder.path(), log, seeing_evaluator(log.head.space));
    const Record& member = *measured_front(done).front();
    const std::string path = model_path(folder.path(), member.trial.number);
    for (const std::string& lost : {fold_path(path, 3), refit_path(path)}) {
        const std::string before = read_file(lost);
        std::filesystem::remove(lost);
        searched(folder.path(), log, seeing_evaluator(log.head.space));
        CHECK(read_file(lost) == before);
    }
    const RunLog again = read_run(folder.path());
    CHECK(again.end->without_model.empty());
}

TEST_CASE("records with folds and refits are read as they were written, and others refused") {
    const Folder folder("folds_read");
    const RunLog log = folded_run(60, 1);
    searched(folder.path(), log, seeing_evaluator(log.head.space));
    const RunLog read = read_run(folder.path());
    CHECK(read.head.folds == 5);
    CHECK(read.head.folds_digest == 7);
    CHECK(read.head.refit);
    std::vector<json::Value> lines = Journal(journal_path(folder.path())).read(false);
    const auto refits =
        std::find_if(lines.begin(), lines.end(), [](const json::Value& line) { return line.find("refits"); });
    REQUIRE(refits != lines.end());
    const auto refused = [&](json::Value line) {
        std::vector<json::Value> changed(lines.begin(), refits);
        changed.push_back(std::move(line));
        try {
            log_from_lines(changed, "journal");
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    CHECK(refused(*refits) == "taken");
    json::Value wrong = *refits;
    json::Value one = (*refits->find("refits")->array())[0];
    wrong["refits"] = json::array({one, one});
    CHECK(refused(wrong).find("trained on all before") != std::string::npos);
    one["of"] = 1000;
    wrong["refits"] = json::array({one});
    CHECK(refused(wrong).find("trial 1000") != std::string::npos);
}
