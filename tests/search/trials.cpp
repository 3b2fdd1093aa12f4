// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/trials.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

namespace {

Record numbered(std::size_t number, double elapsed = 0) {
    Record record;
    record.trial.number = number;
    record.elapsed = elapsed;
    return record;
}

Trials running(bool in_order, std::size_t count) {
    Trials trials({}, in_order);
    for (std::size_t i = 0; i < count; ++i) trials.begin(numbered(i).trial);
    return trials;
}

std::vector<std::size_t> write_numbers(Trials& trials) {
    std::vector<std::size_t> written;
    trials.write([&](const Record& record) { written.push_back(record.trial.number); });
    return written;
}

std::vector<std::size_t> numbers(const std::vector<Record>& records) {
    std::vector<std::size_t> numbers;
    for (const Record& record : records) numbers.push_back(record.trial.number);
    return numbers;
}

using Numbers = std::vector<std::size_t>;

} // namespace

TEST_CASE("trials are numbered from 0, or from where a journal ends") {
    CHECK(Trials({}, true).next() == 0);
    Trials trials({numbered(0), numbered(4), numbered(2)}, false);
    CHECK(trials.next() == 5);
    CHECK(trials.running().empty());
    CHECK(trials.records().size() == 3);
    CHECK(trials.all().size() == 3);
    trials.begin(numbered(5).trial);
    CHECK(trials.next() == 6);
    CHECK(trials.running() == std::set<std::size_t>{5});
    CHECK(write_numbers(trials) == Numbers{}); // what a journal has is not written again
}

TEST_CASE("in order, a record waits for all older trials") {
    Trials trials = running(true, 4);
    trials.finish(numbered(2));
    trials.finish(numbered(1));
    CHECK(write_numbers(trials) == Numbers{});
    CHECK(numbers(Trials(trials).take_written()) == Numbers{});
    trials.finish(numbered(0));
    CHECK(write_numbers(trials) == Numbers{0, 1, 2});
    CHECK(write_numbers(trials) == Numbers{});
    trials.finish(numbered(3));
    CHECK(write_numbers(trials) == Numbers{3});
    CHECK(numbers(trials.take_written()) == Numbers{0, 1, 2, 3});
}

TEST_CASE("in order, a trial that was given up leaves no gap: what follows it is not written") {
    Trials trials = running(true, 3);
    trials.finish(numbered(0));
    trials.give_up(1);
    trials.finish(numbered(2));
    CHECK(write_numbers(trials) == Numbers{0});
    CHECK(numbers(trials.take_written()) == Numbers{0});
}

TEST_CASE("in order, trials that were lost are run again, the first of them first, before new ones") {
    Trials trials({numbered(0), numbered(2), numbered(5)}, true, {1, 3});
    CHECK(trials.next() == 1);
    trials.begin(numbered(1).trial);
    CHECK(trials.next() == 3);
    trials.begin(numbered(3).trial);
    CHECK(trials.next() == 6);
    trials.begin(numbered(6).trial);
    CHECK(trials.running() == std::set<std::size_t>{1, 3, 6});
    trials.finish(numbered(3));
    CHECK(write_numbers(trials) == Numbers{}); // 1 still runs
    trials.finish(numbered(1));
    CHECK(write_numbers(trials) == Numbers{1, 3});
    CHECK(Trials({numbered(0), numbered(2)}, false, {1}).next() == 3); // out of order, numbers say nothing
}

TEST_CASE("out of order, each record is written as soon as it is there") {
    Trials trials = running(false, 3);
    trials.finish(numbered(2));
    CHECK(write_numbers(trials) == Numbers{2});
    trials.give_up(0);
    CHECK(trials.running() == std::set<std::size_t>{1});
    trials.finish(numbered(1));
    CHECK(write_numbers(trials) == Numbers{1});
    CHECK(numbers(trials.take_written()) == Numbers{1, 2});
}

TEST_CASE("a record that could not be written is not among those that were") {
    Trials trials = running(false, 2);
    trials.finish(numbered(0));
    CHECK_THROWS_AS(trials.write([](const Record&) { throw Error("the disk is full"); }), Error);
    CHECK(numbers(Trials(trials).take_written()) == Numbers{});
    CHECK(write_numbers(trials) == Numbers{0}); // it goes on waiting
}

TEST_CASE("records stay where they are while others come") {
    Trials trials = running(true, 200);
    const Record& first = trials.finish(numbered(7, 0.5));
    for (std::size_t i = 100; i < 200; ++i) trials.finish(numbered(i));
    CHECK(&first == &trials.finished().at(7));
    CHECK(first.elapsed == 0.5);
}
