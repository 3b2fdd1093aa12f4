// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/threads.hpp"
#include <atomic>
#include <doctest/doctest.h>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using tinysparse::Team;

TEST_CASE("every item is done exactly once, by the worker that the rule names") {
    for (const std::size_t size : {1u, 2u, 3u, 8u}) {
        Team team(size);
        CHECK(team.size() == size);
        for (const std::size_t count : {0u, 1u, 2u, 7u, 8u, 100u}) {
            std::vector<int> times(count);
            std::vector<std::size_t> by(count);
            team.run(count, [&](std::size_t item, std::size_t worker) {
                ++times[item];
                by[item] = worker;
            });
            CHECK(times == std::vector<int>(count, 1));
            for (std::size_t worker = 0; worker < size; ++worker)
                for (std::size_t item = count * worker / size; item < count * (worker + 1) / size; ++item)
                    CHECK(by[item] == worker);
        }
    }
}

TEST_CASE("a team does many short loops, each seeing what the one before wrote") {
    Team team(3);
    std::vector<long> values(30, 0), next(30);
    for (int round = 0; round < 20000; ++round) {
        team.run(values.size(), [&](std::size_t i, std::size_t) { next[i] = values[(i + 1) % values.size()] + 1; });
        std::swap(values, next);
    }
    CHECK(values == std::vector<long>(30, 20000));
}

TEST_CASE("the caller gets the exception of the lowest item, and the team works on") {
    for (const std::size_t size : {1u, 4u}) {
        Team team(size);
        std::string what;
        try {
            team.run(16, [](std::size_t item, std::size_t) {
                if (item % 4 == 2) throw std::runtime_error(std::to_string(item));
            });
        } catch (const std::runtime_error& error) {
            what = error.what();
        }
        CHECK(what == "2");
        std::vector<int> done(16);
        team.run(16, [&](std::size_t item, std::size_t) { done[item] = 1; });
        CHECK(done == std::vector<int>(16, 1));
    }
}

TEST_CASE("worker 0 is the calling thread, and a team of none is a team of one") {
    for (const std::size_t size : {0u, 1u, 2u}) {
        Team team(size);
        CHECK(team.size() == std::max<std::size_t>(1, size));
        std::vector<std::thread::id> who(team.size());
        team.run(team.size(), [&](std::size_t, std::size_t worker) { who[worker] = std::this_thread::get_id(); });
        CHECK(who[0] == std::this_thread::get_id());
    }
    CHECK(tinysparse::hardware_threads() >= 1);
}

TEST_CASE("threads of one job all run it, and no thread is no job") {
    for (const std::size_t count : {0u, 1u, 5u}) {
        std::atomic<std::size_t> done{0};
        tinysparse::run_threads(
            count, [&] { ++done; }, [] { FAIL("every thread could be started"); });
        CHECK(done == count);
    }
}

namespace {

/// What `start` says in a process whose address space has room for a few threads more.
template <class Start> std::string where_memory_is_short(Start start) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        const rlim_t most = rlim_t(pages) * 4096 + (rlim_t(100) << 20); // stacks have 8 MiB
        const rlimit limit{most, most};
        ::setrlimit(RLIMIT_AS, &limit);
        std::string said = "no error";
        try {
            start();
        } catch (const tinysparse::SystemError& error) {
            said = error.what();
        } catch (...) {
            said = "another exception";
        }
        const ssize_t sent = ::write(ends[1], said.data(), said.size());
        ::_exit(sent < 0);
    }
    ::close(ends[1]);
    char bytes[200];
    const ssize_t got = ::read(ends[0], bytes, sizeof bytes);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    return std::string(bytes, std::size_t(std::max<ssize_t>(0, got)));
}

} // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // which need all the address space that there is
TEST_CASE("a thread that cannot be started is a SystemError that says which, and those before it have ended") {
    const std::string of = " of 400: Resource temporarily unavailable; use fewer threads (--jobs, --threads)";
    const auto check = [&](const std::string& said) {
        CAPTURE(said);
        CHECK(said.starts_with("cannot start thread "));
        CHECK(said.ends_with(of));
    };
    check(where_memory_is_short([] {
        std::atomic<bool> given_up{false};
        tinysparse::run_threads(
            400, [&] { given_up.wait(false); },
            [&] {
                given_up = true;
                given_up.notify_all();
            });
    }));
    check(where_memory_is_short([] { Team team(400); }));
}
#endif
