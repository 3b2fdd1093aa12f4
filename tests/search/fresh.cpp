// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/fresh.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

namespace {

Record record(std::size_t number, Origin origin, double error, int epochs = 25, const std::string& key = "a") {
    Record out;
    out.trial.number = number;
    out.trial.origin = origin;
    out.trial.epochs = epochs;
    out.trial.key = key;
    out.outcome.measures[Measure::error] = error;
    out.feasible = true;
    return out;
}

} // namespace

TEST_CASE("mean and deviation are those of the fresh trainings alone, the loss is against the chosen one") {
    const std::vector<Record> records = {record(0, Origin::mutation, 0.5, 3), record(1, Origin::promotion, 0.02),
                                         record(2, Origin::repeat, 0.03), record(3, Origin::repeat, 0.05),
                                         record(4, Origin::repeat, 0.04)};
    const FreshTrainings fresh = fresh_trainings(records, records[1]);
    CHECK(fresh.count == 3);
    CHECK(fresh.mean_error.value() == doctest::Approx(0.04));
    CHECK(fresh.deviation.value() == doctest::Approx(0.01)); // sqrt((0.01^2 + 0 + 0.01^2) / 2)
    CHECK(fresh.loss_by_selection.value() == doctest::Approx(0.02));
}

TEST_CASE("a chosen training that is fresh itself counts among them, and is left out of its own loss") {
    const std::vector<Record> records = {record(1, Origin::promotion, 0.06), record(2, Origin::repeat, 0.03),
                                         record(3, Origin::repeat, 0.05), record(4, Origin::repeat, 0.04)};
    const FreshTrainings fresh = fresh_trainings(records, records[1]);
    CHECK(fresh.count == 3);
    CHECK(fresh.mean_error.value() == doctest::Approx(0.04));
    CHECK(fresh.loss_by_selection.value() == doctest::Approx(0.045 - 0.03)); // of 0.05 and 0.04
    const std::vector<Record> alone = {records[1]};
    CHECK(fresh_trainings(alone, alone[0]).count == 1);
    CHECK(fresh_trainings(alone, alone[0]).mean_error == 0.03);
    CHECK_FALSE(fresh_trainings(alone, alone[0]).deviation);
    CHECK_FALSE(fresh_trainings(alone, alone[0]).loss_by_selection);
}

TEST_CASE("without fresh trainings nothing is known") {
    const std::vector<Record> records = {record(0, Origin::mutation, 0.5, 3), record(1, Origin::promotion, 0.02)};
    const FreshTrainings fresh = fresh_trainings(records, records[1]);
    CHECK(fresh.count == 0);
    CHECK_FALSE(fresh.mean_error);
    CHECK_FALSE(fresh.deviation);
    CHECK_FALSE(fresh.loss_by_selection);
}

TEST_CASE("fresh is a repetition of the same network, to its end, at least as long") {
    const Record chosen = record(1, Origin::promotion, 0.02);
    CHECK(is_fresh_training(record(2, Origin::repeat, 0.03), chosen));
    CHECK(is_fresh_training(record(2, Origin::repeat, 0.03, 30), chosen));
    CHECK_FALSE(is_fresh_training(record(2, Origin::repeat, 0.03, 24), chosen));
    CHECK_FALSE(is_fresh_training(record(2, Origin::promotion, 0.03), chosen));
    CHECK_FALSE(is_fresh_training(record(2, Origin::repeat, 0.03, 25, "b"), chosen));
    CHECK_FALSE(is_fresh_training(chosen, chosen));
    Record other = record(2, Origin::repeat, 0.03);
    other.feasible = false; // a limit that this seed broke says nothing of its score
    CHECK(is_fresh_training(other, chosen));
    other.outcome.failure = "the loss is not finite";
    CHECK_FALSE(is_fresh_training(other, chosen));
}

TEST_CASE("the loss of a network that was unlucky when it was chosen is negative") {
    const std::vector<Record> records = {record(1, Origin::promotion, 0.05), record(2, Origin::repeat, 0.03)};
    CHECK(fresh_trainings(records, records[0]).loss_by_selection.value() == doctest::Approx(-0.02));
}
