// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/search.hpp"
#include "fake.hpp"
#include "tinysparse/search/repair.hpp"
#include <array>
#include <atomic>
#include <cerrno>
#include <set>
#include <system_error>
#include <thread>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

SearchResult run(const std::string& folder, const RunLog& log, const Evaluator& evaluator, const Hooks& hooks = {}) {
    const RunFolder locked(folder);
    return run_search(locked, log, evaluator, hooks);
}

SearchResult resume(const std::string& folder, const Evaluator& evaluator, const Hooks& hooks = {}) {
    const RunFolder locked(folder);
    return run_search(locked, locked.read().value(), evaluator, hooks);
}

/// The log of a new run with a budget in seconds.
RunLog run_by_time(double seconds, int jobs) {
    RunLog log = new_run(0, jobs);
    log.goal.trials.reset();
    log.goal.budget_seconds = seconds;
    return log;
}

/// Delays that differ from trial to trial, so that workers finish in another order each time.
Evaluator jittered(const space::Space& space, unsigned salt) {
    Evaluator evaluator = fake_evaluator(space);
    const auto evaluate = evaluator.evaluate;
    evaluator.evaluate = [evaluate, salt](const Trial& trial, const TrialFiles& files,
                                          const std::function<bool()>& stop) {
        Random random(salt, "delay", trial.number);
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(3000)));
        return evaluate(trial, files, stop);
    };
    return evaluator;
}

/// The run with all its models, and the first bytes of its journal.
void copy_first_bytes(const std::string& from, const std::string& to, std::size_t bytes) {
    std::filesystem::remove_all(to);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    std::ofstream(journal_path(to)) << read_file(journal_path(from)).substr(0, bytes);
}

} // namespace

TEST_CASE("a search by trials does as many trials as asked for and ends with a measured, tested front") {
    const Folder folder("trials");
    const RunLog log = new_run(60, 1);
    std::set<int> stages;
    std::size_t reports = 0;
    Hooks hooks;
    hooks.progress = [&](const Progress& progress) {
        stages.insert(progress.stage);
        reports += progress.latest != nullptr;
    };
    const SearchResult result = run(folder.path(), log, fake_evaluator(log.head.space), hooks);
    CHECK(!result.interrupted);
    REQUIRE(result.log.records.size() == 60);
    CHECK(reports == 60);
    CHECK(stages == std::set<int>{1, 2, 3});
    const auto front = measured_front(result.log);
    CHECK(front.size() >= 5);
    REQUIRE(result.log.end);
    CHECK(result.log.end->test_accuracy.size() == front.size());
    for (const Record* record : front) {
        CHECK(record->feasible);
        CHECK(*record->outcome.measures[Measure::working_memory] <= 2007);
        CHECK(result.log.end->test_accuracy.count(record->trial.number) == 1);
        CHECK(std::filesystem::exists(model_path(folder.path(), record->trial.number)));
    }
    // The first trial is the linear classifier, which nothing descends from.
    const Record& linear = result.log.records[0];
    CHECK(linear.trial.origin == Origin::baseline);
    CHECK(net::notation(space::express(linear.trial.genome, log.head.space)) == "F10");
    CHECK(linear.trial.epochs == log.head.fidelities.confirm);
    for (std::size_t i = 1; i < 60; ++i) {
        CHECK(result.log.records[i].trial.origin != Origin::baseline);
        CHECK(result.log.records[i].trial.parent != std::size_t{0});
    }
    // The best networks were trained for good, and no training was done twice.
    std::set<std::pair<std::string, int>> trained;
    std::size_t finals = 0;
    for (const Record& record : result.log.records) {
        finals += record.trial.epochs == log.head.fidelities.final;
        if (record.trial.origin != Origin::repeat)
            CHECK(trained.insert({record.trial.key, record.trial.epochs}).second);
    }
    CHECK(finals >= 5);
    // What is read from the disk is what the search returned.
    const RunLog read = read_run(folder.path());
    REQUIRE(read.records.size() == 60);
    for (std::size_t i = 0; i < 60; ++i) {
        CHECK(read.records[i].trial.number == i);
        CHECK(read.records[i].trial.key == result.log.records[i].trial.key);
        CHECK(read.records[i].outcome.measures == result.log.records[i].outcome.measures);
    }
    CHECK(read.end->test_accuracy == result.log.end->test_accuracy);
}

TEST_CASE("the first stage prunes nothing and begins a third afresh, then a third of the trials are promotions") {
    const Folder folder("stages");
    const RunLog log = new_run(120, 1);
    std::size_t first = 0, draws = 0, later = 0, promotions = 0;
    for (const Record& record : run(folder.path(), log, fake_evaluator(log.head.space)).log.records) {
        const Trial& trial = record.trial;
        if (trial.stage == 1) {
            CHECK_FALSE(trial.genome.pruning.active());
            if (is_baseline(trial)) continue;
            ++first;
            draws += begins_afresh(trial.origin);
            CHECK(3 * draws + 2 >= first);
        }
        if (trial.stage == 1 || trial.number >= std::size_t(end_of_refinement * 120)) continue;
        ++later;
        promotions += trial.origin == Origin::promotion;
        CHECK(3 * promotions <= later + 2);
    }
    CHECK(5 * promotions >= later);
}

TEST_CASE("a space in which only pruning varies is searched by pruning") {
    const Folder folder("pruning_only");
    RunLog log = new_run(40, 1);
    log.head.space = space::narrowed({{1, 28, 28}, 10},
                                     "front.downsampling = 1\nfront.stride = 1\nfront.width = 4\nfront.kernel = 3\n"
                                     "front.pooling = average\nfront.pool = 2\nunit.width = 8\nunit.kind = separable\n"
                                     "unit.kernel = 3\nunit.linear = on\nstages = 1\nstage.units = 1\n"
                                     "stage.residual = off\nstage.pooling = average\nstage.pool = 2\nstage.head = off\n"
                                     "end.kind = positions\nend.width = 0\nend.hidden = 0\nbits = 8\n"
                                     "training.learning_rate = 0.03..0.03\ntraining.batch = 64\n"
                                     "training.steps = 100\ntraining.weight_decay = 0..0\n"
                                     "training.label_smoothing = 0..0\ntraining.shift = 1\n",
                                     "pruning");
    for (const space::AugmentationGene& own : space::augmentation_genes) log.head.space[own.gene].high = 0;
    log.head.space[space::Gene::flip].values = {0};
    const auto result = run(folder.path(), log, fake_evaluator(log.head.space));
    std::set<std::string> nets, keys;
    for (const Record& record : result.log.records) {
        if (is_baseline(record.trial)) continue; // which a narrowed space has all the same
        nets.insert(net::notation(space::express(record.trial.genome, log.head.space)));
        keys.insert(record.trial.key);
    }
    CHECK(nets.size() == 1);
    CHECK(keys.size() > 10);
    CHECK(result.log.records.size() == 40);
}

TEST_CASE("acquisitions with a model beat evolution, and that beats random draws, with as many trials") {
    std::map<std::string, double> volume;
    for (const std::string& name : acquisition_names())
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const Folder folder("versus");
            RunLog log = new_run(80, 1, seed);
            log.head.acquisition = name;
            log.head.limits[Measure::model_size] = 2836;
            const SearchResult result = run(folder.path(), log, fake_evaluator(log.head.space));
            std::vector<mobo::Point> points;
            for (const Record& record : result.log.records)
                if (record.feasible)
                    points.push_back({std::log(*record.outcome.measures[Measure::error]),
                                      std::log(*record.outcome.measures[Measure::model_size]),
                                      std::log(*record.outcome.measures[Measure::working_memory])});
            volume[name] += mobo::hypervolume(points, mobo::Point{std::log(0.03), std::log(2836.0), std::log(2008.0)});
        }
    CHECK(volume["ehvi"] > volume["evolution"]);
    CHECK(volume["tchebyshev"] > volume["random"]);
    CHECK(volume["sparse"] > volume["random"]);
    CHECK(volume["evolution"] > volume["random"]);
}

TEST_CASE("recipes that take longer than the usual one are proposed if they promise that much more, and not by habit") {
    const auto longer = [](const std::string& acquisition) {
        std::size_t count = 0;
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            const Folder folder("recipes");
            RunLog log = new_run(80, 1, seed);
            log.head.acquisition = acquisition;
            for (const Record& record : run(folder.path(), log, fake_evaluator(log.head.space)).log.records)
                if (record.trial.origin == Origin::mutation) count += recipe_factor(record.trial.genome) > 1;
        }
        return count;
    };
    CHECK(2 * longer("ehvi") < longer("evolution")); // where no recipe changes an error
}

TEST_CASE("the journal of a search by trials is the same however its workers interleave") {
    for (const int jobs : {1, 2, 3}) {
        CAPTURE(jobs);
        const Folder first("interleave_a"), second("interleave_b");
        const RunLog log = new_run(30, jobs);
        run(first.path(), log, jittered(log.head.space, 1));
        run(second.path(), log, jittered(log.head.space, 2));
        CHECK(timeless_lines(first.path()) == timeless_lines(second.path()));
    }
}

TEST_CASE("a search by the arc kernel is another one, and resumes as one") {
    const Folder matern("matern"), arc("arc"), killed("arc_killed");
    RunLog log = new_run(24, 1);
    const Evaluator evaluator = fake_evaluator(log.head.space);
    run(matern.path(), log, evaluator);
    log.head.kernel = "arc";
    run(arc.path(), log, evaluator);
    const std::vector<std::string> expected = timeless_lines(arc.path());
    CHECK(timeless_lines(matern.path()).back() != expected.back());
    const std::string bytes = read_file(journal_path(arc.path()));
    copy_first_bytes(arc.path(), killed.path(), bytes.size() / 2);
    resume(killed.path(), evaluator);
    CHECK(timeless_lines(killed.path()) == expected);
    log.head.kernel = "ark";
    const Folder unknown("ark");
    CHECK_THROWS_WITH_AS(run(unknown.path(), log, evaluator), doctest::Contains("did you mean arc?"), Error);
}

TEST_CASE("a search of one trial trains the baseline alone") {
    const Folder folder("one_trial"), broken("one_trial_broken");
    RunLog log = new_run(1, 2);
    const SearchResult result = run(folder.path(), log, fake_evaluator(log.head.space));
    REQUIRE(result.log.records.size() == 1);
    CHECK(result.log.records[0].trial.origin == Origin::baseline);
    CHECK(measured_front(result.log).size() == 1);
    REQUIRE(result.log.end);
    CHECK(result.log.end->notes ==
          std::vector<std::string>{"stage 1 of 3 trained nothing but the baseline; give more --trials",
                                   "stage 2 of 3 trained nothing; give more --trials",
                                   "stage 3 of 3 trained nothing; give more --trials"});
    log.head.limits[Measure::model_size] = 600;
    CHECK_THROWS_WITH_AS(run(broken.path(), log, fake_evaluator(log.head.space)),
                         doctest::Contains("no trial (of 1) keeps within all limits"), Error);
    CHECK_FALSE(read_run(broken.path()).records[0].feasible); // it is recorded all the same
}

TEST_CASE(
    "where the linear network is impossible, a run goes on without a baseline; where it fails, that is recorded") {
    const Folder without("no_baseline"), failing("failing_baseline");
    const RunLog log = new_run(12, 1);
    Evaluator evaluator = fake_evaluator(log.head.space);
    evaluator.estimate = [estimate = evaluator.estimate](const space::Genome& genome) {
        if (genome.is_linear()) throw Error("no device has so much memory");
        return estimate(genome);
    };
    for (const Record& record : run(without.path(), log, evaluator).log.records)
        CHECK_FALSE(record.trial.genome.is_linear());
    evaluator = fake_evaluator(log.head.space);
    evaluator.evaluate = [evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& files,
                                                         const std::function<bool()>& stop) {
        if (is_baseline(trial)) throw Error("a sum may overflow");
        return evaluate(trial, files, stop);
    };
    const RunLog failed = run(failing.path(), log, evaluator).log;
    CHECK(failed.records[0].outcome.failure == "a sum may overflow");
    CHECK(failed.end);
    for (const auto& [classes, notation] : {std::pair(1, "F1"), {2, "F2"}}) {
        const Folder few("few_classes");
        RunLog other = log;
        other.head.space.classes = classes;
        const RunLog done = run(few.path(), other, fake_evaluator(other.head.space)).log;
        CHECK(net::notation(space::express(done.records[0].trial.genome, other.head.space)) == notation);
    }
}

TEST_CASE("what a baseline scores changes no proposal") {
    const Folder good("good_baseline"), bad("bad_baseline");
    const RunLog log = new_run(40, 2);
    const auto with_error = [&](double error) {
        Evaluator evaluator = fake_evaluator(log.head.space);
        evaluator.evaluate = [evaluate = evaluator.evaluate, error](const Trial& trial, const TrialFiles& files,
                                                                    const std::function<bool()>& stop) {
            Outcome outcome = evaluate(trial, files, stop);
            if (is_baseline(trial)) outcome.measures[Measure::error] = error;
            return outcome;
        };
        return evaluator;
    };
    const RunLog first = run(good.path(), log, with_error(0.001)).log,
                 second = run(bad.path(), log, with_error(0.8)).log;
    const std::vector<std::string> lines = timeless_lines(good.path()), others = timeless_lines(bad.path());
    for (std::size_t i = 2; i <= 40; ++i) CHECK(lines[i] == others[i]);
    CHECK(lines[1] != others[1]);
    const auto has_baseline = [](const RunLog& done) { // of the user's front
        const std::vector<const Record*> front = measured_front(done);
        return std::any_of(front.begin(), front.end(), [](const Record* record) { return is_baseline(record->trial); });
    };
    CHECK(has_baseline(first));
    CHECK_FALSE(has_baseline(second));
}

TEST_CASE("a run of format 3 goes on without a baseline, a lost trial 0 of it included") {
    const Folder folder("format_3"), whole("format_3_whole");
    RunLog log = new_run(14, 1);
    log.head.format = 3;
    log.head.portfolio_without = space::portfolio_set_names({"all"});
    const Evaluator evaluator = fake_evaluator(log.head.space);
    run(whole.path(), log, evaluator);
    for (const Record& record : read_run(whole.path()).records) CHECK_FALSE(is_baseline(record.trial));
    copy_first_bytes(whole.path(), folder.path(),
                     read_file(journal_path(whole.path())).find('\n') + 1); // the head alone
    resume(folder.path(), evaluator);
    CHECK(timeless_lines(folder.path()) == timeless_lines(whole.path()));
}

TEST_CASE("a few networks have three fresh seeds each, afresh, and no other one is trained twice at one length") {
    const Folder folder("fresh_seeds");
    const RunLog log = new_run(200, 2);
    std::map<std::string, std::size_t> seeds;
    std::set<std::uint32_t> numbers;
    for (const Record& record : run(folder.path(), log, fake_evaluator(log.head.space)).log.records) {
        CHECK(numbers.insert(record.trial.seed).second);
        if (record.trial.origin != Origin::repeat) continue;
        ++seeds[record.trial.key];
        CHECK_FALSE(record.trial.inherits);
        CHECK(record.outcome.inherited == 0);
        CHECK(record.trial.epochs == log.head.fidelities.final);
    }
    CHECK(seeds.size() >= 3);
    for (const auto& [key, count] : seeds) CHECK(count <= fresh_seeds);
}

TEST_CASE("a short run has fresh seeds, too") {
    const Folder folder("short_fresh");
    const RunLog log = new_run(40, 1);
    std::size_t fresh = 0;
    for (const Record& record : run(folder.path(), log, fake_evaluator(log.head.space)).log.records)
        fresh += record.trial.origin == Origin::repeat;
    CHECK(fresh >= 3); // of the trials from 88 % on
}

TEST_CASE("other seeds give other searches") {
    const Folder first("seed_a"), second("seed_b");
    const RunLog log = new_run(5, 1, 1), other = new_run(5, 1, 2);
    run(first.path(), log, fake_evaluator(log.head.space));
    run(second.path(), other, fake_evaluator(log.head.space));
    CHECK(timeless_lines(first.path())[2] != timeless_lines(second.path())[2]);
}

TEST_CASE("a search killed anywhere and resumed ends with the journal of an unbroken one") {
    for (const int jobs : {1, 2}) {
        const Folder whole("whole"), killed("killed");
        const RunLog log = new_run(14, jobs);
        const Evaluator evaluator = fake_evaluator(log.head.space);
        run(whole.path(), log, evaluator);
        const std::string bytes = read_file(journal_path(whole.path()));
        const std::vector<std::string> expected = timeless_lines(whole.path());
        std::vector<std::size_t> cuts;
        for (std::size_t at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1))
            for (const std::size_t cut : {at - 300, at - 1, at, at + 1, at + 2})
                cuts.push_back(std::min(cut, bytes.size()));
        for (const std::size_t cut : cuts) {
            CAPTURE(cut);
            copy_first_bytes(whole.path(), killed.path(), cut);
            const RunFolder locked(killed.path());
            // Without a whole first line nothing began, and the search simply starts.
            const std::optional<RunLog> left = locked.read();
            run_search(locked, left ? *left : log, evaluator);
            REQUIRE(timeless_lines(killed.path()) == expected);
        }
    }
}

TEST_CASE("a search that is interrupted again and again ends as an unbroken one") {
    const Folder whole("unbroken"), broken("broken");
    const RunLog log = new_run(24, 2);
    run(whole.path(), log, jittered(log.head.space, 1));
    bool interrupted = true;
    for (unsigned round = 0; interrupted; ++round) {
        REQUIRE(round < 50);
        std::atomic<int> left{4};
        Hooks hooks;
        hooks.interrupted = [&] { return left <= 0; };
        hooks.progress = [&](const Progress& progress) { left -= progress.latest != nullptr; };
        const Evaluator evaluator = jittered(log.head.space, round);
        const SearchResult result =
            round ? resume(broken.path(), evaluator, hooks) : run(broken.path(), log, evaluator, hooks);
        interrupted = result.interrupted;
        CHECK(result.log.records.size() == read_run(broken.path()).records.size()); // no more than was kept
    }
    CHECK(timeless_lines(whole.path()) == timeless_lines(broken.path()));
}

TEST_CASE("a finished search answers at once; a further goal goes on with it") {
    const Folder folder("further"), whole("further_whole");
    const RunLog log = new_run(10, 1);
    const Evaluator evaluator = fake_evaluator(log.head.space);
    run(folder.path(), log, evaluator);
    const std::vector<std::string> before = timeless_lines(folder.path());
    CHECK(resume(folder.path(), evaluator).log.end);
    CHECK(timeless_lines(folder.path()) == before);
    {
        const RunFolder locked(folder.path());
        RunLog further = *locked.read();
        further.goal.trials = 20;
        CHECK(run_search(locked, further, evaluator).log.records.size() == 20);
    }
    const RunLog read = read_run(folder.path());
    CHECK(read.goal.trials == 20u);
    CHECK(read.records.size() == 20);
    CHECK(read.end);
    // The goal in force is the one that counts from now on.
    const std::vector<std::string> after = timeless_lines(folder.path());
    resume(folder.path(), evaluator);
    CHECK(timeless_lines(folder.path()) == after);
}

TEST_CASE("a journal notes a build that goes on with a run, once, and repair keeps the note") {
    const Folder folder("other_build");
    const RunLog log = new_run(6, 1);
    const Evaluator evaluator = fake_evaluator(log.head.space);
    run(folder.path(), log, evaluator);
    const Build newer{"1.0.1", "def", "g++ 12.2.0", "AVX2"};
    const auto go_on = [&](std::size_t trials) {
        const RunFolder locked(folder.path());
        RunLog further = *locked.read();
        further.goal.trials = trials;
        if (further.continued_by.empty()) further.continued_by.push_back(newer);
        return run_search(locked, further, evaluator).log;
    };
    CHECK(go_on(8).continued_by == std::vector<Build>{newer});
    CHECK(go_on(10).continued_by == std::vector<Build>{newer});
    RunLog forgetful = read_run(folder.path());
    forgetful.goal.trials = 12;
    forgetful.continued_by.clear();
    CHECK(run(folder.path(), forgetful, evaluator).log.continued_by == std::vector<Build>{newer});
    CHECK(read_run(folder.path()).continued_by == std::vector<Build>{newer});
    const std::string bytes = read_file(journal_path(folder.path()));
    CHECK(bytes.find("\"build\"", bytes.find('\n')) == bytes.rfind("\"build\"")); // one line behind the head's
    write_file(journal_path(folder.path()), bytes + "damage\n");
    CHECK(repair(RunFolder(folder.path())).left_out.size() == 1);
    CHECK(read_run(folder.path()).continued_by == std::vector<Build>{newer});
}

TEST_CASE("a failed trial is recorded with its reason, ends nothing and is not proposed again") {
    const Folder folder("failing");
    const RunLog log = new_run(40, 2);
    Evaluator evaluator = fake_evaluator(log.head.space);
    const auto evaluate = evaluator.evaluate;
    evaluator.evaluate = [&](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        if (trial.number % 4 == 1) throw Error("the loss is not finite after 7 steps");
        if (trial.number % 4 == 2) throw std::runtime_error("a sum may overflow");
        return evaluate(trial, files, stop);
    };
    run(folder.path(), log, evaluator);
    const RunLog read = read_run(folder.path());
    REQUIRE(read.records.size() == 40);
    std::set<std::string> failed;
    for (const Record& record : read.records) {
        CHECK(failed.count(record.trial.key) == 0);
        CHECK(record.outcome.failure.has_value() == (record.trial.number % 4 == 1 || record.trial.number % 4 == 2));
        if (record.outcome.failure && record.trial.origin != Origin::promotion && record.trial.origin != Origin::repeat)
            failed.insert(record.trial.key);
        if (record.outcome.failure) CHECK(!record.feasible);
    }
    CHECK(read.records[1].outcome.failure == "the loss is not finite after 7 steps");
    CHECK(read.records[2].outcome.failure == "a sum may overflow");
}

TEST_CASE("what the machine refuses ends the search without a record, and the run goes on as an unbroken one") {
    const auto refusals = std::to_array<std::pair<std::function<void()>, std::string>>(
        {{[] { throw SystemError("run/models/7.tsm: cannot write: No space left on device", ENOSPC); },
          "run/models/7.tsm: cannot write: No space left on device"},
         {[] { throw std::bad_alloc(); }, "trial 7: out of memory; use fewer --jobs, or a smaller data set"},
         {[] { throw std::system_error(EAGAIN, std::generic_category()); },
          "trial 7: Resource temporarily unavailable"}});
    for (const int jobs : {1, 3}) {
        const Folder whole("granted");
        const RunLog log = new_run(20, jobs);
        run(whole.path(), log, fake_evaluator(log.head.space));
        for (const auto& refusal : refusals) {
            const std::string& sentence = refusal.second;
            CAPTURE(sentence);
            const Folder folder("refused");
            Evaluator evaluator = fake_evaluator(log.head.space);
            evaluator.evaluate = [refuse = refusal.first, evaluate = evaluator.evaluate](
                                     const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
                if (trial.number == 7) refuse();
                return evaluate(trial, files, stop);
            };
            CHECK_THROWS_WITH_AS(run(folder.path(), log, evaluator), sentence.c_str(), SystemError);
            const RunLog left = read_run(folder.path());
            CHECK(left.records.size() <= 7); // what went on beside it was given up
            CHECK((jobs > 1 || left.records.size() == 7));
            for (const Record& record : left.records) CHECK_FALSE(record.outcome.failure);
            resume(folder.path(), fake_evaluator(log.head.space));
            CHECK(timeless_lines(folder.path()) == timeless_lines(whole.path()));
        }
    }
}

TEST_CASE("a search that is refused something gives up the trainings that go on beside it") {
    const Folder folder("given_up");
    RunLog log = new_run(1, 2);
    log.goal = {1e6, std::nullopt, 2};
    Evaluator evaluator = fake_evaluator(log.head.space);
    std::atomic<bool> waits{false};
    evaluator.evaluate = [&](const Trial& trial, const TrialFiles&, const std::function<bool()>& stop) -> Outcome {
        Outcome outcome;
        if (trial.number == 0) {
            while (!waits) std::this_thread::yield();
            throw std::bad_alloc();
        }
        waits = true;
        while (!stop()) std::this_thread::yield();
        outcome.stopped = true;
        return outcome;
    };
    CHECK_THROWS_AS(run(folder.path(), log, evaluator), SystemError);
    CHECK(read_run(folder.path()).records.empty());
}

TEST_CASE("a search takes the records of the folder, and refuses one in which another run lies") {
    const Folder folder("two_runs");
    const RunLog log = new_run(6, 1);
    const Evaluator evaluator = fake_evaluator(log.head.space);
    run(folder.path(), log, evaluator);
    const std::vector<std::string> before = timeless_lines(folder.path());
    // As if the folder had been read before the lock was held: no run seems to be there.
    CHECK_THROWS_WITH_AS(run(folder.path(), new_run(6, 1, 2), evaluator), doctest::Contains("has another seed"), Error);
    CHECK(run(folder.path(), log, evaluator).log.records.size() == 6);
    CHECK(timeless_lines(folder.path()) == before);
    RunLog further = log;
    further.goal.trials = 9;
    CHECK(run(folder.path(), further, evaluator).log.records.size() == 9);
    const RunLog read = read_run(folder.path());
    for (std::size_t i = 0; i < 9; ++i) CHECK(read.records[i].trial.number == i);
}

TEST_CASE("a goal that no search can reach is an Error") {
    const Folder folder("goals");
    RunLog log = new_run(6, 1);
    const auto refused = [&](const Goal& goal, const char* what) {
        log.goal = goal;
        CHECK_THROWS_WITH_AS(run(folder.path(), log, fake_evaluator(log.head.space)), doctest::Contains(what), Error);
    };
    refused({std::nullopt, 6, 0}, "jobs 0: expected");
    refused({std::nullopt, 6, 2000000000}, "jobs 2000000000: expected a whole number from 1 to 1024");
    refused({std::nullopt, 0, 1}, "trials 0: expected");
    refused({std::nullopt, std::nullopt, 1}, "give a budget or a number of trials");
    refused({60, 6, 1}, "give a budget or a number of trials");
    refused({-1, std::nullopt, 1}, "budget -1: expected");
    CHECK_FALSE(std::filesystem::exists(folder.path()));
}

TEST_CASE("a search in which every network gives the constant answer ends with an empty front, and resumes") {
    for (const std::string& name : acquisition_names()) {
        CAPTURE(name);
        const Folder folder("constant"), killed("constant_killed");
        RunLog log = new_run(24, 1);
        log.head.acquisition = name;
        log.head.error = judge::ErrorKind::macro_f1;
        log.head.trivial_error = 0.01;
        Evaluator evaluator = fake_evaluator(log.head.space);
        evaluator.evaluate = [evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& files,
                                                             const std::function<bool()>& stop) {
            Outcome outcome = evaluate(trial, files, stop);
            outcome.measures[Measure::error] = 0.01;
            return outcome;
        };
        evaluator.test = [](const Record&, const std::string&) -> double { throw Error("there is nothing to test"); };
        const RunLog done = run(folder.path(), log, evaluator).log;
        CHECK(done.records.size() == 24);
        REQUIRE(done.end);
        CHECK(done.end->test_accuracy.empty());
        CHECK(measured_front(read_run(folder.path())).empty());
        const std::vector<std::string> expected = timeless_lines(folder.path());
        copy_first_bytes(folder.path(), killed.path(), read_file(journal_path(folder.path())).size() / 2);
        const RunLog resumed = resume(killed.path(), evaluator).log;
        CHECK(resumed.head.error == judge::ErrorKind::macro_f1);
        CHECK(timeless_lines(killed.path()) == expected);
    }
}

TEST_CASE("a search in which no network learns anything comes to its end all the same") {
    for (const std::string& name : acquisition_names())
        for (const double error : {0.5, 1.0}) {
            const Folder folder("noise");
            RunLog log = new_run(30, 1);
            log.head.acquisition = name;
            Evaluator evaluator = fake_evaluator(log.head.space);
            const auto evaluate = evaluator.evaluate;
            evaluator.evaluate = [&](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
                Outcome outcome = evaluate(trial, files, stop);
                outcome.measures[Measure::error] = std::min(1.0, error + 0.001 * double(trial.number % 5));
                return outcome;
            };
            run(folder.path(), log, evaluator);
            CHECK(read_run(folder.path()).records.size() == 30);
        }
}

TEST_CASE("a search of which every trial fails is an Error with the reason") {
    const Folder folder("hopeless");
    const RunLog log = new_run(4, 1);
    Evaluator evaluator = fake_evaluator(log.head.space);
    evaluator.evaluate = [](const Trial&, const TrialFiles&, const std::function<bool()>&) -> Outcome {
        throw Error("no data");
    };
    CHECK_THROWS_WITH_AS(run(folder.path(), log, evaluator),
                         text(folder.path(), ": all 4 trials failed; the last one said: no data").c_str(), Error);
}

TEST_CASE("limits hold before training by estimates and after it by exact figures") {
    const Folder folder("limits");
    RunLog log = new_run(40, 1);
    log.head.limits = {{Measure::working_memory, 1200}, {Measure::model_size, 600}, {Measure::error, 0.05}};
    Evaluator evaluator = fake_evaluator(log.head.space);
    const auto evaluate = evaluator.evaluate;
    evaluator.evaluate = [&](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        Outcome outcome = evaluate(trial, files, stop);
        if (is_baseline(trial)) return outcome; // it is trained whatever it costs
        CHECK(*outcome.measures[Measure::working_memory] <= 1200);
        CHECK(*outcome.measures[Measure::model_size] <= 600);
        if (trial.number % 2) *outcome.measures[Measure::model_size] += 300; // the estimate was too small
        return outcome;
    };
    const SearchResult result = run(folder.path(), log, evaluator);
    for (const Record& record : result.log.records) {
        const Measures& measures = record.outcome.measures;
        CHECK(record.feasible == (*measures[Measure::model_size] <= 600 && *measures[Measure::error] <= 0.05));
    }
    for (const Record* record : measured_front(result.log)) CHECK(record->feasible);
}

TEST_CASE("limits that hardly any draw holds are reached, and impossible ones are an Error") {
    const Folder tight("tight"), impossible("impossible");
    RunLog log = new_run(6, 1);
    log.head.limits = {{Measure::working_memory, 900}, {Measure::model_size, 90}};
    for (const Record& record : run(tight.path(), log, fake_evaluator(log.head.space)).log.records)
        CHECK((*record.outcome.measures[Measure::model_size] <= 90 || (is_baseline(record.trial) && !record.feasible)));
    log.head.limits = {{Measure::working_memory, 40}};
    CHECK_THROWS_WITH_AS(run(impossible.path(), log, fake_evaluator(log.head.space)),
                         doctest::Contains(" B, at most 40 B; raise a limit"), Error);
    // It left no trial, so that another may begin in its place.
    {
        const RunFolder folder(impossible.path());
        folder.clear();
        CHECK_FALSE(folder.read());
    }
    log.head.limits = {{Measure::working_memory, 900}};
    CHECK(run(impossible.path(), log, fake_evaluator(log.head.space)).log.records.size() == 6);
    const RunFolder folder(impossible.path());
    folder.clear();
    CHECK(folder.read()->records.size() == 6);
}

TEST_CASE("a model of the front that is gone keeps a run from nothing but that model's accuracy on the test part") {
    const Folder folder("gone");
    const RunLog log = new_run(20, 1);
    const Evaluator evaluator = fake_evaluator(log.head.space);
    Hooks hooks;
    std::string gone;
    hooks.progress = [&](const Progress& progress) {
        if (!progress.testing) return;
        gone = model_path(folder.path(), progress.front.front()->trial.number);
        std::filesystem::remove(gone);
    };
    const SearchResult result = run(folder.path(), log, evaluator, hooks);
    REQUIRE(result.log.end);
    const auto front = measured_front(result.log);
    CHECK(result.log.end->test_accuracy.size() + 1 == front.size());
    const std::vector<std::string>& notes = result.log.end->notes;
    CHECK(std::count(notes.begin(), notes.end(), gone + " is missing; its accuracy on the test part is not known") ==
          1);
}

TEST_CASE("an objective that is not known before training is an Error") {
    const Folder folder("unknown");
    RunLog log = new_run(3, 1);
    log.head.objectives = parse_objectives("error,cycles");
    log.head.target = "uno";
    CHECK_THROWS_WITH_AS(
        run(folder.path(), log, fake_evaluator(log.head.space)),
        "cycles cannot be an objective here: it is not known before a network is trained for the target uno", Error);
    CHECK_FALSE(std::filesystem::exists(journal_path(folder.path()))); // no run began
}

TEST_CASE("two searches cannot work on one run") {
    const Folder folder("locked");
    const RunFolder first(folder.path());
    CHECK_THROWS_WITH_AS(
        RunFolder(folder.path()),
        text(folder.path(), ": another search works on this run; wait for it or use another --out").c_str(), Error);
}

TEST_CASE("a budget is time of work: it ends in time, and time while stopped does not count") {
    const Folder folder("budget");
    const RunLog log = run_by_time(100, 2);
    // A clock that only trainings move: a trial takes a second per epoch, whatever else happens.
    std::atomic<double> now{1000};
    Evaluator evaluator = fake_evaluator(log.head.space);
    const auto evaluate = evaluator.evaluate;
    std::atomic<int> evaluated{0};
    evaluator.evaluate = [&](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        ++evaluated;
        Outcome outcome = evaluate(trial, files, stop);
        for (int i = 0; i < trial.epochs && !outcome.stopped; ++i) {
            now = now + 0.25;
            outcome.stopped = stop();
        }
        outcome.seconds = 0.5 * trial.epochs;
        return outcome;
    };
    Hooks hooks;
    hooks.now = [&] { return now.load(); };
    std::atomic<bool> stop{false};
    hooks.interrupted = [&] { return stop.load(); };
    hooks.progress = [&](const Progress& progress) {
        if (progress.elapsed > 40) stop = true;
    };
    CHECK(run(folder.path(), log, evaluator, hooks).interrupted);
    const RunLog half = read_run(folder.path());
    CHECK(half.elapsed > 35);
    CHECK(half.elapsed < 50);
    CHECK(!half.end);
    now = now + 500; // stopped for long
    stop = false;
    hooks.progress = [](const Progress&) {};
    const RunLog whole = resume(folder.path(), evaluator, hooks).log;
    CHECK(whole.end);
    CHECK(whole.elapsed > 80);
    CHECK(whole.elapsed <= 101);
    // No finished trial is lost or done twice, and a higher budget goes on.
    const RunLog read = read_run(folder.path());
    CHECK(read.records.size() > half.records.size());
    std::set<std::size_t> numbers;
    for (const Record& record : read.records) CHECK(numbers.insert(record.trial.number).second);
    for (std::size_t i = 0; i < half.records.size(); ++i)
        CHECK(read.records[i].trial.number == half.records[i].trial.number);
    {
        const RunFolder locked(folder.path());
        RunLog further = *locked.read();
        further.goal.budget_seconds = 200;
        const RunLog longer = run_search(locked, further, evaluator, hooks).log;
        CHECK(longer.records.size() > read.records.size());
        CHECK(longer.elapsed <= 201);
    }
}

TEST_CASE("tasks that jobs share take their part of the sum, but at least the longest one") {
    SharedTasks tasks;
    CHECK(tasks.seconds(4) == 0);
    for (const double seconds : {9.0, 1.0, 2.0}) tasks.add(seconds);
    CHECK(tasks.seconds(1) == 12);
    CHECK(tasks.seconds(2) == 9);
    CHECK(tasks.seconds(16) == 9);
}

TEST_CASE("testing the front is inside the budget, even where trainings take longer than was expected of them") {
    const Folder folder("testing");
    const RunLog log = run_by_time(400, 1);
    double now = 0;
    Evaluator evaluator = fake_evaluator(log.head.space);
    const auto evaluate = evaluator.evaluate;
    const auto test = evaluator.test;
    evaluator.evaluate = [&](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        Outcome outcome = evaluate(trial, files, stop);
        for (int i = 0; i < trial.epochs && !outcome.stopped; ++i) {
            now += trial.number < 40 ? 0.5 : 0.75; // the machine has become slower
            outcome.stopped = stop();
        }
        outcome.seconds = 0.5 * trial.epochs;
        outcome.test_seconds = 0.4;
        return outcome;
    };
    evaluator.test = [&](const Record& record, const std::string& path) {
        now += 0.4;
        return test(record, path);
    };
    Hooks hooks;
    hooks.now = [&] { return now; };
    const RunLog done = run(folder.path(), log, evaluator, hooks).log;
    REQUIRE(done.end);
    CHECK(done.end->test_accuracy.size() >= 5);
    CHECK(done.elapsed <= 400);
    CHECK(done.elapsed > 380); // where one network no longer fits, another does
    const auto fully = std::count_if(done.records.begin(), done.records.end(), [&](const Record& record) {
        return record.trial.epochs > log.head.fidelities.confirm;
    });
    CHECK(fully >= 2);
}

TEST_CASE("a training that turns out too slow to end in time is broken off, and others take its place") {
    const Folder folder("slow");
    const RunLog log = run_by_time(400, 1);
    double now = 0;
    std::optional<std::size_t> slow; // the first trial of the second half
    Evaluator evaluator = fake_evaluator(log.head.space);
    const auto evaluate = evaluator.evaluate;
    evaluator.steps = [](const Trial& trial) { return std::size_t(10 * trial.epochs); };
    evaluator.evaluate = [&](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        Outcome outcome = evaluate(trial, files, [] { return false; });
        if (!slow && now > 200) slow = trial.number;
        for (int step = 0; step < 10 * trial.epochs && !outcome.stopped; ++step) {
            outcome.stopped = stop();
            now += trial.number == slow ? 60.0 / trial.epochs : 0.05; // 600 seconds; others half a second for an epoch
        }
        outcome.seconds = 0.5 * trial.epochs;
        return outcome;
    };
    Hooks hooks;
    hooks.now = [&] { return now; };
    const RunLog done = run(folder.path(), log, evaluator, hooks).log;
    REQUIRE(slow);
    std::size_t later = 0;
    for (const Record& record : done.records) {
        CHECK(record.trial.number != *slow);
        later += record.trial.number > *slow;
    }
    CHECK(later >= 10); // it took a tenth of its 600 seconds; without the forecast, all that was left
    CHECK(done.elapsed > 380);
}

TEST_CASE("a proposal that would not end in time does not end the search") {
    for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6}) {
        const Folder folder("misfit");
        RunLog log = run_by_time(60, 1);
        log.head.seed = seed;
        double now = 0;
        Evaluator evaluator = fake_evaluator(log.head.space);
        evaluator.evaluate = [&, evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& files,
                                                                const std::function<bool()>& stop) {
            Outcome outcome = evaluate(trial, files, stop);
            // Many networks take longer than the time that is left at half of the budget.
            const double work = TrainingTime::work(trial.genome, log.head.space)[1];
            outcome.seconds = 0.1 + 8 * work * genome_epochs(trial.genome, trial.epochs);
            now += outcome.seconds;
            return outcome;
        };
        Hooks hooks;
        hooks.now = [&] { return now; };
        CHECK(run(folder.path(), log, evaluator, hooks).log.elapsed > 40);
    }
}

TEST_CASE("a short run trains few of its front for good rather than many no longer than before") {
    const Folder folder("finalists");
    const RunLog log = run_by_time(60, 1); // the last 30 % are time for 36 epochs, six for each of six networks
    double now = 0;
    Evaluator evaluator = fake_evaluator(log.head.space);
    const auto evaluate = evaluator.evaluate;
    evaluator.evaluate = [&](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
        Outcome outcome = evaluate(trial, files, stop);
        now += outcome.seconds = 0.5 * trial.epochs;
        return outcome;
    };
    Hooks hooks;
    hooks.now = [&] { return now; };
    const std::vector<Record> records = run(folder.path(), log, evaluator, hooks).log.records;
    const int confirm = log.head.fidelities.confirm;
    REQUIRE(confirm > 6);
    CHECK(std::any_of(records.begin(), records.end(), [&](const Record& r) { return r.trial.epochs == 2 * confirm; }));
}

TEST_CASE("a run too short for a stage says so and still ends with a front") {
    const Folder folder("short");
    const RunLog log = new_run(2, 1);
    const SearchResult result = run(folder.path(), log, fake_evaluator(log.head.space));
    REQUIRE(result.log.end);
    CHECK(!result.log.end->test_accuracy.empty());
    const std::vector<std::string>& notes = result.log.end->notes;
    CHECK(std::find(notes.begin(), notes.end(), "stage 3 of 3 trained nothing; give more --trials") != notes.end());
}

TEST_CASE("a space that is used up ends its search") {
    const Folder folder("tiny_space");
    RunLog log = new_run(100000, 1);
    log.head.space = space::narrowed({{1, 1, 1}, 2},
                                     "front.width = 1\nunit.width = 1\nunit.kind = separable pointwise\n"
                                     "end.width = 0..1\nend.hidden = 0\nstages = 1\nstage.units = 1\nbits = 8\n"
                                     "training.steps = 100\ntraining.weight_decay = 0..0\n"
                                     "training.label_smoothing = 0..0\ntraining.shift = 0..4\n"
                                     "training.flip = off\npruning.method = none\n",
                                     "tiny");
    for (const space::AugmentationGene& own : space::augmentation_genes) log.head.space[own.gene].high = 0;
    log.head.limits.clear();
    log.head.acquisition = "random";
    Evaluator evaluator = fake_evaluator(log.head.space);
    evaluator.estimate = [&](const space::Genome& genome) {
        Measures measures = fake_costs(log.head.space, genome);
        const space::Training& training = genome.training;
        const double distance =
            4 - training.shift + std::log2(training.batch / 16.0) + 1000 * (training.learning_rate - 0.001);
        measures[Measure::weight_bytes] = distance;
        return measures;
    };
    // four networks: with and without a hidden layer at the end, and a residual
    log.head.limits = {{Measure::weight_bytes, 0.01}};
    const SearchResult result = run(folder.path(), log, evaluator);
    std::set<std::string> keys;
    for (const Record& record : result.log.records)
        if (!is_baseline(record.trial)) keys.insert(record.trial.key);
    CHECK(keys.size() == 4);
    REQUIRE(result.log.end);
    // It ends early, but not before the best have had their longest trainings; more trials would train nothing else.
    CHECK(std::any_of(result.log.records.begin(), result.log.records.end(),
                      [&](const Record& record) { return record.trial.epochs == log.head.fidelities.final; }));
    REQUIRE(result.log.end->notes.size() == 1);
    CHECK(result.log.end->notes.front().find("every network that holds the limits was tried") == 0);
}
