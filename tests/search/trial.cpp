// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/trial.hpp"
#include "digit_space.hpp"
#include "fake.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// A finished record with a value of its own in every member.
Record full_record() {
    Random random(3, "trial");
    Record record;
    record.trial = {17, 2, Origin::promotion, 10, 4000000000u, 5, true, 21, space::sample(digit_space, random), ""};
    record.trial.key = space::key(record.trial.genome, digit_space);
    record.outcome.measures = fake_costs(digit_space, record.trial.genome);
    record.outcome.measures[Measure::error] = 0.125;
    record.outcome.float_accuracy = 0.9;
    record.outcome.validation_accuracy = 0.95;
    record.outcome.validation_interval = judge::Interval{0.9, 0.98};
    record.outcome.seconds = 1.5;
    record.outcome.test_seconds = 0.25;
    record.feasible = true;
    record.elapsed = 77.5;
    return record;
}

Record again(const json::Value& line) { return record_from_json(json::Reader(line, "line"), digit_space); }

} // namespace

TEST_CASE("a record comes back from its line with all that the line holds") {
    const Record record = full_record();
    const Record read = again(to_json(record, digit_space));
    CHECK(read.trial.number == 17);
    CHECK(read.trial.stage == 2);
    CHECK(read.trial.origin == Origin::promotion);
    CHECK(read.trial.epochs == 10);
    CHECK(read.trial.seed == 4000000000u);
    CHECK(read.trial.parent == 5u);
    CHECK(read.trial.inherits);
    CHECK(read.trial.line_epochs == 21);
    CHECK(read.trial.key == record.trial.key);
    CHECK(read.outcome.measures == record.outcome.measures);
    CHECK(read.outcome.float_accuracy == 0.9);
    CHECK(read.outcome.validation_accuracy == 0.95);
    CHECK(read.outcome.accuracy() == 0.95); // whatever the error is
    CHECK(read.outcome.validation_interval == judge::Interval{0.9, 0.98});
    CHECK(read.outcome.seconds == 1.5);
    CHECK(read.outcome.test_seconds == 0.25);
    CHECK(read.feasible);
    CHECK(read.elapsed == 77.5);
    CHECK(to_json(read, digit_space) == to_json(record, digit_space));
}

TEST_CASE("a record without an interval says so, an older one knows its accuracy by its error") {
    Record record = full_record();
    record.outcome.validation_interval.reset();
    const json::Value line = to_json(record, digit_space);
    CHECK(line.find("validation_interval")->is_null());
    CHECK_FALSE(again(line).outcome.validation_interval);
    record.outcome.validation_accuracy.reset();
    const json::Value older = to_json(record, digit_space);
    CHECK_FALSE(older.find("validation_interval"));
    CHECK_FALSE(again(older).outcome.validation_accuracy);
    CHECK(again(older).outcome.accuracy() == 0.875);
}

TEST_CASE("every origin and any genome survive the line") {
    for (int i = 0; i < int(Origin::count); ++i)
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            Record record = full_record();
            Random random(seed, "trial");
            record.trial.origin = Origin(i);
            record.trial.parent.reset();
            record.trial.genome = space::sample(digit_space, random);
            const json::Value line = to_json(record, digit_space);
            CHECK(to_json(again(line), digit_space) == line);
        }
}

TEST_CASE("a failed trial keeps its reason and has no measures") {
    Record record = full_record();
    record.outcome.failure = "out of memory";
    const json::Value line = to_json(record, digit_space);
    CHECK_FALSE(line.find("measures"));
    const Record read = again(line);
    CHECK(read.outcome.failure == "out of memory");
    CHECK_FALSE(read.feasible);
    CHECK_FALSE(read.outcome.measures[Measure::error]);
    CHECK(to_json(read, digit_space) == line);
}

TEST_CASE("a line that says too little or nonsense is an Error that names the member") {
    const json::Value whole = to_json(full_record(), digit_space);
    for (const char* member : {"trial", "stage", "origin", "epochs", "seed", "parent", "inherits", "line_epochs",
                               "genome", "status", "feasible", "float_accuracy", "validation_accuracy",
                               "validation_interval", "measures", "test_seconds", "seconds", "elapsed"}) {
        json::Value line = whole;
        line[member] = json::Value(json::array());
        CAPTURE(member);
        CHECK_THROWS_WITH_AS(again(line), doctest::Contains(member), Error);
    }
    json::Value line = whole;
    line["origin"] = "chance";
    CHECK_THROWS_WITH_AS(again(line), doctest::Contains("random, mutation, promotion, repeat"), Error);
    line = whole;
    line["validation_interval"] = json::array({0.5});
    CHECK_THROWS_WITH_AS(again(line), doctest::Contains("validation_interval: expected two numbers"), Error);
    line = whole;
    line["measures"] = json::object({{"macs", 5}});
    CHECK_THROWS_WITH_AS(again(line), doctest::Contains("the error is missing"), Error);
}

TEST_CASE("epochs of a line: its own and seven tenths of what was inherited of its parent's") {
    CHECK(epochs_of_line(3, 0, 100) == 3);
    CHECK(epochs_of_line(3, 1, 100) == 73);
    CHECK(epochs_of_line(3, 0.5, 10) == 7); // 3.5 is rounded up
}

TEST_CASE("a genome trains for its share of the usual epochs, once at least") {
    space::Genome genome;
    genome.training.steps = 100;
    CHECK(genome_epochs(genome, 25) == 25);
    genome.training.steps = 50;
    CHECK(genome_epochs(genome, 25) == 13);
    CHECK(genome_epochs(genome, 0) == 1);
}
