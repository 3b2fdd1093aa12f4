// SPDX-License-Identifier: Apache-2.0
// Models that are missing or damaged, in searches of a fake whose models depend on all that their trainings began from.
#include "tinysparse/search/models.hpp"
#include "fake.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/search/search.hpp"
#include <atomic>
#include <memory>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// `build`: what a training gives depends on it, as on a processor.
Evaluator lineage_evaluator(const space::Space& space, const std::string& build = "") {
    Evaluator evaluator = fake_evaluator(space);
    evaluator.evaluate = [evaluate = evaluator.evaluate, build](const Trial& trial, const TrialFiles& files,
                                                                const std::function<bool()>& stop) {
        const std::string parent = files.parent ? read_file(*files.parent) : "afresh";
        Outcome outcome = evaluate(trial, files, stop);
        const std::string model = text(trial.key, trial.seed, build, fnv1a_64(parent));
        outcome.weights_digest = fnv1a_64(model);
        outcome.inherited = files.parent ? 0.5 : 0;
        write_file(files.model, model);
        return outcome;
    };
    evaluator.holds = [](const Record& record, const std::string& path) {
        return std::filesystem::exists(path) && fnv1a_64(read_file(path)) == record.outcome.weights_digest;
    };
    return evaluator;
}

SearchResult search_on(const std::string& folder, const RunLog& log, const Evaluator& evaluator,
                       std::vector<std::string>* said = nullptr) {
    const RunFolder locked(folder);
    const std::optional<RunLog> left = locked.read();
    Hooks hooks;
    hooks.now = [ticks = std::make_shared<std::atomic<int>>(0)] { return 0.1 * ++*ticks; };
    hooks.say = [&](const std::string& sentence) {
        if (said) said->push_back(sentence);
    };
    return run_search(locked, left ? *left : log, evaluator, hooks);
}

/// A copy of a run as it stood after the first lines of its journal.
void copy_first_lines(const std::string& from, const std::string& to, std::size_t lines) {
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    const std::vector<std::string> all = split(read_file(journal_path(from)), '\n');
    std::ofstream(journal_path(to)) << join({all.begin(), all.begin() + std::ptrdiff_t(lines)}, "\n") << "\n";
}

void damage(const std::string& folder, std::size_t trial) {
    if (trial % 2)
        std::filesystem::remove(model_path(folder, trial));
    else
        std::ofstream(model_path(folder, trial)) << "damaged";
}

} // namespace

TEST_CASE("a run whose models are all damaged goes on as an unbroken one, ancestors first") {
    for (const int jobs : {1, 3}) {
        const Folder whole("models_whole"), broken("models_broken");
        const RunLog log = new_run(40, jobs);
        const Evaluator evaluator = lineage_evaluator(log.head.space);
        search_on(whole.path(), log, evaluator);
        copy_first_lines(whole.path(), broken.path(), 24);
        for (std::size_t trial = 0; trial < 40; ++trial) damage(broken.path(), trial);
        std::vector<std::string> said;
        search_on(broken.path(), log, evaluator, &said);
        CHECK(timeless_lines(broken.path()) == timeless_lines(whole.path()));
        CHECK(said.size() >= 3);
        const RunLog done = read_run(broken.path());
        bool line_of_three = false;
        for (const Record& record : done.records) {
            const std::string path = model_path(broken.path(), record.trial.number);
            if (std::filesystem::exists(path) && read_file(path) != "damaged")
                CHECK(read_file(path) == read_file(model_path(whole.path(), record.trial.number)));
            line_of_three =
                line_of_three || (record.trial.inherits && done.records[*record.trial.parent].trial.inherits);
        }
        CHECK(line_of_three);
        for (const Record* record : measured_front(done))
            CHECK(evaluator.holds(*record, model_path(broken.path(), record->trial.number)));
    }
}

TEST_CASE("a model of the front that is damaged after the end of a run is made again, and the run ends anew") {
    const Folder folder("models_ended");
    const RunLog log = new_run(20, 1);
    const Evaluator evaluator = lineage_evaluator(log.head.space);
    const RunLog ended = search_on(folder.path(), log, evaluator).log;
    const std::size_t trial = measured_front(ended).front()->trial.number;
    const std::string model = read_file(model_path(folder.path(), trial));
    std::vector<std::string> said;
    for (const bool gone : {true, false}) {
        if (gone)
            std::filesystem::remove(model_path(folder.path(), trial));
        else
            std::ofstream(model_path(folder.path(), trial)) << "damaged";
        search_on(folder.path(), log, evaluator, &said);
        CHECK(said.back() == text(model_path(folder.path(), trial), gone ? " is missing" : " is damaged", "; trial ",
                                  trial, " was trained again, and came out as it was"));
        CHECK(read_file(model_path(folder.path(), trial)) == model);
    }
    const RunLog again = read_run(folder.path());
    CHECK(again.end.value().test_accuracy == ended.end.value().test_accuracy);
    CHECK(again.end->without_model.empty());
    const std::size_t size = read_file(journal_path(folder.path())).size();
    search_on(folder.path(), log, evaluator);
    CHECK(read_file(journal_path(folder.path())).size() == size); // nothing was left to do
}

TEST_CASE("a model that does not come out as it was leaves the front, and its children start afresh") {
    for (const bool by_time : {false, true}) {
        const Folder whole("models_first"), other("models_other");
        RunLog log = new_run(40, 1);
        if (by_time) log.goal = {60, std::nullopt, 1};
        search_on(whole.path(), log, lineage_evaluator(log.head.space));
        const std::size_t written = read_run(whole.path()).records.size();
        const std::size_t kept = std::max<std::size_t>(written / 2, 8);
        copy_first_lines(whole.path(), other.path(), 1 + kept);
        for (const Record& record : read_run(whole.path()).records) damage(other.path(), record.trial.number);
        const Evaluator evaluator = lineage_evaluator(log.head.space, "another build");
        const SearchResult result = search_on(other.path(), log, evaluator);
        CHECK_FALSE(result.interrupted);
        const RunLog done = read_run(other.path());
        REQUIRE(done.end);
        std::set<std::size_t> old;
        for (std::size_t i = 0; i < done.records.size(); ++i) {
            const Trial& trial = done.records[i].trial;
            if (i < kept)
                old.insert(trial.number);
            else if (trial.parent && old.contains(*trial.parent))
                CHECK_FALSE(trial.inherits);
        }
        CHECK_FALSE(done.end->without_model.empty());
        for (const std::size_t trial : done.end->without_model) {
            CHECK(old.contains(trial));
            CHECK(std::count_if(done.end->notes.begin(), done.end->notes.end(), [&](const std::string& note) {
                      return note.starts_with(model_path(other.path(), trial));
                  }) == 1);
        }
        for (const Record* record : measured_front(done)) { // as export reads it
            CHECK_FALSE(done.end->without_model.contains(record->trial.number));
            CHECK(evaluator.holds(*record, model_path(other.path(), record->trial.number)));
            CHECK(done.end->test_accuracy.contains(record->trial.number));
        }
        for (const auto& entry : std::filesystem::directory_iterator(other.path() + "/models"))
            CHECK(entry.path().extension() == ".tsm"); // no model half made
    }
}

TEST_CASE("a record without a digest counts as made again if all its measures are as they were") {
    const Folder folder("models_old");
    const RunLog log = new_run(12, 1);
    Evaluator evaluator = fake_evaluator(log.head.space);
    search_on(folder.path(), log, evaluator);
    const std::size_t trial = measured_front(read_run(folder.path())).front()->trial.number;
    std::filesystem::remove(model_path(folder.path(), trial));
    CHECK(search_on(folder.path(), log, evaluator).log.end->without_model.empty());
    std::filesystem::remove(model_path(folder.path(), trial));
    evaluator.evaluate = [evaluate = evaluator.evaluate](const Trial& one, const TrialFiles& files,
                                                         const std::function<bool()>& stop) {
        Outcome outcome = evaluate(one, files, stop);
        *outcome.measures[Measure::macs] += 1;
        return outcome;
    };
    const RunLog done = search_on(folder.path(), log, evaluator).log;
    CHECK(done.end->without_model.contains(trial));
    CHECK(read_run(folder.path()).end->without_model == done.end->without_model);
}

TEST_CASE("what the machine refuses to a training that is done again ends the search, and the model is not given up") {
    const Folder folder("models_refused");
    const RunLog log = new_run(12, 2);
    const Evaluator evaluator = lineage_evaluator(log.head.space);
    search_on(folder.path(), log, evaluator);
    const std::string bytes = read_file(journal_path(folder.path()));
    const std::size_t trial = measured_front(read_run(folder.path())).front()->trial.number;
    std::filesystem::remove(model_path(folder.path(), trial));
    Evaluator refusing = evaluator;
    refusing.evaluate = [](const Trial&, const TrialFiles&, const std::function<bool()>&) -> Outcome {
        throw std::bad_alloc();
    };
    CHECK_THROWS_AS(search_on(folder.path(), log, refusing), SystemError);
    CHECK(read_file(journal_path(folder.path())) == bytes);
    CHECK(search_on(folder.path(), log, evaluator).log.end->without_model.empty());
}
