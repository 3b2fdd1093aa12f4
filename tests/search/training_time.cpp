// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/training_time.hpp"
#include "digit_space.hpp"
#include "tinysparse/space/sample.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

namespace {
/// A machine whose epochs take what the model says, with 10 % of noise.
double seconds(const TrainingTime::Work& work, int epochs, Random& random) {
    return (0.05 + 0.4 * work[1] + 0.7 * work[2]) * epochs * (1 + 0.1 * random.normal());
}
} // namespace

TEST_CASE("nothing is known of times before the first training") {
    const TrainingTime time;
    CHECK(!time(TrainingTime::work(space::Genome{}, digit_space), 3));
}

TEST_CASE("one training is enough for a guess in proportion, some give the time of any other") {
    Random random(1, "time");
    const space::Genome first = space::sample(digit_space, random);
    const TrainingTime::Work work = TrainingTime::work(first, digit_space);
    TrainingTime time;
    time.add(work, 3, 6.0);
    CHECK(*time(work, 3) == doctest::Approx(6.0).epsilon(0.01));
    CHECK(*time(work, 30) == doctest::Approx(60.0).epsilon(0.01));

    TrainingTime learned;
    for (int i = 0; i < 30; ++i) {
        const TrainingTime::Work of = TrainingTime::work(space::sample(digit_space, random), digit_space);
        const int epochs = i % 3 ? 3 : 25;
        learned.add(of, epochs, seconds(of, epochs, random));
    }
    Random quiet(2, "time");
    for (int i = 0; i < 50; ++i) {
        const TrainingTime::Work of = TrainingTime::work(space::sample(digit_space, random), digit_space);
        const double expected = (0.05 + 0.4 * of[1] + 0.7 * of[2]) * 10;
        CHECK(*learned(of, 10) == doctest::Approx(expected).epsilon(0.2));
    }
}

TEST_CASE("no coefficient is negative: more work never takes less time") {
    Random random(3, "time");
    TrainingTime time;
    for (int i = 0; i < 10; ++i) { // times that fall with the work
        TrainingTime::Work work{1, double(i + 1), double(i + 1)};
        time.add(work, 1, 20.0 - i);
    }
    CHECK(*time({1, 20, 20}, 1) >= *time({1, 1, 1}, 1));
    CHECK(*time({1, 1, 1}, 1) > 0);
}

TEST_CASE("methods with noise on their weights take longer") {
    space::Genome genome;
    const TrainingTime::Work plain = TrainingTime::work(genome, digit_space);
    genome.pruning = {prune::Method::magnitude, 0.5};
    CHECK(TrainingTime::work(genome, digit_space) == plain);
    genome.pruning.method = prune::Method::sparse_vd;
    CHECK(TrainingTime::work(genome, digit_space)[1] > plain[1]);
}

TEST_CASE("a recipe counts by its samples and its pruning, and never for less than the usual one") {
    space::Genome genome;
    CHECK(recipe_factor(genome) == 1);
    genome.training.batch = 256;
    CHECK(recipe_factor(genome) == 4);
    CHECK(step_factor(genome) == 4);
    genome.training.steps = 150;
    CHECK(recipe_factor(genome) == 6);
    genome.pruning = {prune::Method::sparse_vd, 0.5};
    CHECK(recipe_factor(genome) == doctest::Approx(6 * prune::info(prune::Method::sparse_vd).step_cost));
    genome.pruning = {};
    genome.training.batch = 16;
    CHECK(step_factor(genome) == 0.25);
    CHECK(recipe_factor(genome) == 1); // a quarter of the time, in which little is learned, is no merit
}

TEST_CASE("the time of a step is in proportion to the recipe, whatever the network") {
    Random random(4, "time");
    for (int i = 0; i < 20; ++i) {
        space::Genome genome = space::sample(digit_space, random);
        genome.training.batch = 64;
        genome.pruning = {};
        const TrainingTime::Work usual = TrainingTime::work(genome, digit_space);
        genome.training.batch = 128;
        genome.pruning = {prune::Method::bayes_gnj, 0.5};
        const TrainingTime::Work longer = TrainingTime::work(genome, digit_space);
        CHECK(longer[1] == doctest::Approx(usual[1] * step_factor(genome)));
        CHECK(longer[2] == doctest::Approx(usual[2] * step_factor(genome)));
    }
}

TEST_CASE("a training under way is forecast from the mean time of its steps, once a tenth of them is done") {
    StepClock clock(20, 100);
    CHECK(clock.next(100) == 0);
    CHECK(clock.next(101) == 0);
    CHECK(clock.next(103) == 30); // two of twenty steps took 3 seconds
    CHECK(clock.next(104.5) == 30);
    CHECK(clock.next(106) == 30);
    CHECK(clock.spent(106) == 6);
    for (int step = 5; step < 20; ++step) clock.next(107);
    CHECK(clock.next(108) == 0); // more steps than were expected: nothing is known
    StepClock unknown(0, 0);
    for (double now = 0; now < 10; ++now) CHECK(unknown.next(now) == 0);
}
