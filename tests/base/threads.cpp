// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/threads.hpp"
#include <doctest/doctest.h>
#include <stdexcept>
#include <string>
#include <thread>

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
