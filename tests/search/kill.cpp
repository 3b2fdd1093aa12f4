// SPDX-License-Identifier: Apache-2.0
// Searches that are killed (SIGKILL, at random moments and at every write), and disks that are full.
#include "fake.hpp"
#include "tinysparse/search/search.hpp"
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// As fake_evaluator(), but slow enough for a kill to come in between.
Evaluator slow_evaluator(const space::Space& space) {
    Evaluator evaluator = fake_evaluator(space);
    evaluator.evaluate = [evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& files,
                                                         const std::function<bool()>& stop) {
        std::this_thread::sleep_for(std::chrono::microseconds(200 + 50 * (trial.number % 7)));
        return evaluate(trial, files, stop);
    };
    return evaluator;
}

void start_or_resume(const std::string& folder, const RunLog& log, const Evaluator& evaluator) {
    const RunFolder locked(folder);
    const std::optional<RunLog> left = locked.read();
    run_search(locked, left ? *left : log, evaluator);
}

/// Runs `body` in a process of its own, which ends with what body returns; `kill_after` ends it by SIGKILL before, if
/// it is that slow. Returns the process's status.
template <class Body> int in_child(std::optional<std::chrono::microseconds> kill_after, Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
        int status = 70;
        try {
            status = body();
        } catch (...) {
        }
        ::_exit(status);
    }
    if (kill_after) {
        std::this_thread::sleep_for(*kill_after);
        ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

/// Searches in a process that is killed as soon as a model of the front is tested.
void search_killed_in_test(const std::string& folder, const RunLog& log, Evaluator evaluator) {
    const int status = in_child(std::nullopt, [&] {
        evaluator.test = [](const Record&, const std::string&) -> double {
            ::raise(SIGKILL);
            return 0;
        };
        start_or_resume(folder, log, evaluator);
        return 0;
    });
    REQUIRE(WIFSIGNALED(status));
}

/// The journal without what depends on the clock.
std::vector<std::string> lines_without_times(const std::string& folder) {
    std::vector<std::string> lines;
    for (json::Value line : Journal(journal_path(folder)).read(false)) {
        for (const char* member : {"elapsed", "seconds", "crc"})
            if (line.find(member)) line[member] = 0;
        lines.push_back(json::write(line));
    }
    return lines;
}

} // namespace

TEST_CASE("a search killed at random moments again and again ends as an unkilled one") {
    const RunLog log = new_run(30, 2);
    const Folder whole("unkilled");
    in_child(std::nullopt, [&] {
        start_or_resume(whole.path(), log, slow_evaluator(log.head.space));
        return 0;
    });
    const std::vector<std::string> expected = lines_without_times(whole.path());
    REQUIRE(expected.size() == 32);
    Random random(1, "kill");
    int kills = 0;
    for (int round = 0; round < 4; ++round) {
        const Folder folder(text("killed", round));
        for (int attempt = 0; attempt < 200; ++attempt) {
            const auto patience = std::chrono::microseconds(500 + random.below(30000));
            const int status = in_child(patience, [&] {
                start_or_resume(folder.path(), log, slow_evaluator(log.head.space));
                return 0;
            });
            if (WIFEXITED(status)) {
                REQUIRE(WEXITSTATUS(status) == 0);
                break;
            }
            ++kills;
            // What is left can be read at any time.
            if (std::filesystem::exists(journal_path(folder.path())))
                CHECK_NOTHROW(Journal(journal_path(folder.path())).read(false));
        }
        start_or_resume(folder.path(), log, fake_evaluator(log.head.space)); // in case the last one was killed, too
        CHECK(lines_without_times(folder.path()) == expected);
    }
    CHECK(kills >= 8);
}

TEST_CASE("a kill before and after every write loses no finished trial") {
    const RunLog log = new_run(8, 1);
    const Folder whole("writes_whole");
    start_or_resume(whole.path(), log, fake_evaluator(log.head.space));
    const std::vector<std::string> expected = lines_without_times(whole.path());
    for (int at = 0; at < 8; ++at)
        for (const bool after_model : {false, true}) {
            CAPTURE(at);
            CAPTURE(after_model);
            const Folder folder("writes");
            const int status = in_child(std::nullopt, [&] {
                Evaluator evaluator = fake_evaluator(log.head.space);
                evaluator.evaluate = [&, evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& files,
                                                                        const std::function<bool()>& stop) {
                    if (int(trial.number) == at && !after_model) ::raise(SIGKILL);
                    Outcome outcome = evaluate(trial, files, stop); // writes the model
                    if (int(trial.number) == at) ::raise(SIGKILL);
                    return outcome;
                };
                start_or_resume(folder.path(), log, evaluator);
                return 0;
            });
            REQUIRE(WIFSIGNALED(status));
            CHECK(read_run(folder.path()).records.size() == std::size_t(at));
            start_or_resume(folder.path(), log, fake_evaluator(log.head.space));
            CHECK(lines_without_times(folder.path()) == expected);
        }
}

TEST_CASE("a kill while the front is tested leaves a run that goes on to its end") {
    const RunLog log = new_run(8, 1);
    const Folder folder("testing_killed");
    search_killed_in_test(folder.path(), log, fake_evaluator(log.head.space));
    CHECK(read_run(folder.path()).records.size() == 8);
    CHECK(!read_run(folder.path()).end);
    start_or_resume(folder.path(), log, fake_evaluator(log.head.space));
    CHECK(read_run(folder.path()).end);
}

TEST_CASE("a run that measures ends as an unkilled one, wherever it is killed: training, measuring, testing, between") {
    for (const Measuring measuring : {Measuring::front, Measuring::end}) {
        const RunLog log = chip_run(30, 2, measuring);
        const auto chip = std::make_shared<FakeChip>();
        const Evaluator plain = chip_evaluator(log.head.space, chip);
        const Folder whole("measured_whole");
        start_or_resume(whole.path(), log, plain);
        const std::vector<std::string> expected = lines_without_times(whole.path());
        const std::size_t measured = chip->measurements;
        REQUIRE(measured >= 5);
        for (std::size_t at = 0; at < measured; ++at)
            for (const bool after : {false, true}) {
                CAPTURE(at);
                CAPTURE(after);
                const Folder folder("measured_killed");
                const int status = in_child(std::nullopt, [&] {
                    Evaluator evaluator = plain;
                    evaluator.measure =
                        [&, begun = std::make_shared<std::atomic<std::size_t>>(0)](const std::string& model) {
                            const bool last = (*begun)++ == at;
                            if (last && !after) ::raise(SIGKILL);
                            const Measures told = plain.measure(model);
                            if (last) ::raise(SIGKILL);
                            return told;
                        };
                    start_or_resume(folder.path(), log, evaluator);
                    return 0;
                });
                REQUIRE(WIFSIGNALED(status));
                CHECK_NOTHROW(read_run(folder.path()));
                start_or_resume(folder.path(), log, plain);
                CHECK(lines_without_times(folder.path()) == expected);
            }
        const Folder folder("tested_killed");
        search_killed_in_test(folder.path(), log, plain);
        const std::size_t before = chip->measurements;
        start_or_resume(folder.path(), log, plain);
        CHECK(chip->measurements == before); // the journal has them all
        CHECK(lines_without_times(folder.path()) == expected);
    }
}

TEST_CASE("a run that measures, killed at random moments again and again, ends as an unkilled one") {
    const RunLog log = chip_run(30, 2, Measuring::front);
    Evaluator slow = chip_evaluator(log.head.space, std::make_shared<FakeChip>());
    slow.measure = [measure = slow.measure](const std::string& model) {
        std::this_thread::sleep_for(std::chrono::microseconds(300));
        return measure(model);
    };
    const Folder whole("unkilled_chip");
    start_or_resume(whole.path(), log, slow);
    const std::vector<std::string> expected = lines_without_times(whole.path());
    Random random(2, "kill");
    int kills = 0;
    for (int round = 0; round < 3; ++round) {
        const Folder folder(text("killed_chip", round));
        for (int attempt = 0; attempt < 200; ++attempt) {
            const int status = in_child(std::chrono::microseconds(500 + random.below(25000)), [&] {
                start_or_resume(folder.path(), log, slow);
                return 0;
            });
            if (WIFEXITED(status)) {
                REQUIRE(WEXITSTATUS(status) == 0);
                break;
            }
            ++kills;
            if (std::filesystem::exists(journal_path(folder.path()))) CHECK_NOTHROW(read_run(folder.path()));
        }
        start_or_resume(folder.path(), log, slow);
        CHECK(lines_without_times(folder.path()) == expected);
    }
    CHECK(kills >= 5);
}

TEST_CASE("a full disk ends the search with an error and leaves a journal that goes on") {
    const RunLog log = new_run(20, 2);
    const Folder whole("roomy"), folder("full");
    start_or_resume(whole.path(), log, fake_evaluator(log.head.space));
    const std::size_t size = read_file(journal_path(whole.path())).size();
    for (const double share : {0.02, 0.3, 0.6, 0.9}) { // of the journal that there is room for
        CAPTURE(share);
        const int status = in_child(std::nullopt, [&] {
            std::signal(SIGXFSZ, SIG_IGN); // writes beyond the limit then fail as on a full disk
            const rlimit limit{rlim_t(double(size) * share), rlim_t(double(size) * share)};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            try {
                start_or_resume(folder.path(), log, fake_evaluator(log.head.space));
            } catch (const Error& error) {
                return std::string(error.what()).find(": cannot write: ") != std::string::npos ? 3 : 4;
            }
            return 0;
        });
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 3);
        CHECK_NOTHROW(Journal(journal_path(folder.path())).read(false));
    }
    start_or_resume(folder.path(), log, fake_evaluator(log.head.space));
    CHECK(lines_without_times(folder.path()) == lines_without_times(whole.path()));
}

TEST_CASE("a second process on the same run is refused, and the lock of a killed one is gone") {
    const Folder folder("second");
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t holder = ::fork();
    if (holder == 0) {
        const RunFolder locked(folder.path());
        const ssize_t told = ::write(ready[1], "x", 1);
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(told));
    }
    char letter = 0;
    REQUIRE(::read(ready[0], &letter, 1) == 1);
    CHECK_THROWS_WITH_AS(
        RunFolder(folder.path()),
        text(folder.path(), ": another search works on this run; wait for it or use another --out").c_str(), Error);
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    CHECK_NOTHROW(RunFolder(folder.path()));
    ::close(ready[0]);
    ::close(ready[1]);
}
