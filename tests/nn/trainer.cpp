// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/nn/trainer.hpp"
#include "load_data.hpp"
#include "number_set.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::nn;

namespace {

const net::Shape picture = {1, 28, 28};

/// All weights after a training on strokes.
std::vector<float> trained_weights(const net::Spec& spec, const TrainerOptions& options, std::size_t threads) {
    Team team(threads);
    Trainer trainer(strokes(600), spec, options, team);
    Network network(spec, {.batch = std::size_t(options.batch)});
    network.initialise(options.seed);
    trainer.run(network, *make_optimiser(network, options));
    std::vector<float> all;
    for (const auto& parameter : network.graph().parameters())
        all.insert(all.end(), parameter->value.begin(), parameter->value.end());
    return all;
}

} // namespace

TEST_CASE("weights are the same bit for bit on 1, 2 and 3 threads") {
    for (const char* notation : {"A2 C4k3 M2 D3L C8k1 C8k3s2 D3vL F10", "A2 C5k5vLn M2 F20 F10"})
        for (const int batch : {64, 50}) { // 50: four groups, the last of them with two samples
            CAPTURE(notation);
            CAPTURE(batch);
            TrainerOptions options;
            options.epochs = 2;
            options.batch = batch;
            options.augmentation.shift = 1;
            const net::Spec spec = net::parse(notation, picture);
            const auto reference = trained_weights(spec, options, 1);
            CHECK(trained_weights(spec, options, 2) == reference);
            CHECK(trained_weights(spec, options, 3) == reference);
            options.seed = 2;
            CHECK(trained_weights(spec, options, 1) != reference);
        }
}

TEST_CASE("every optimiser and schedule learns strokes better than chance") {
    for (const OptimiserKind optimiser : {OptimiserKind::adam, OptimiserKind::adamw, OptimiserKind::sgd})
        for (const ScheduleKind schedule : {ScheduleKind::cosine, ScheduleKind::one_cycle}) {
            TrainerOptions options;
            options.epochs = 6;
            options.optimiser = optimiser;
            options.schedule = schedule;
            options.weight_decay = 1e-4;
            const net::Spec spec = net::parse("A2 C6k3 M2 C8k3 M2 F10", picture);
            Team team(1);
            Trainer trainer(strokes(600), spec, options, team);
            Network network(spec, {});
            network.initialise(1);
            std::vector<Epoch> epochs;
            trainer.run(network, *make_optimiser(network, options),
                        {.progress = [&](const Epoch& epoch) { epochs.push_back(epoch); }});
            REQUIRE(epochs.size() == 6);
            CHECK(epochs.back().index == 6);
            CHECK(epochs.back().loss < 0.7 * epochs.front().loss);
            CHECK(epochs.back().learning_rate < epochs[2].learning_rate);
            CHECK(trainer.accuracy(network, strokes(600).validation) > 0.4);
        }
}

TEST_CASE("a last batch that is not full is dropped; fewer samples than a batch are one batch") {
    TrainerOptions options;
    options.epochs = 3;
    Team team(1);
    const net::Spec spec = net::parse("F10", picture);
    const std::size_t samples = strokes(600).train.samples;
    for (const int batch : {7, 64, 4096}) {
        options.batch = batch;
        const std::size_t expected = 3 * std::max<std::size_t>(1, samples / std::size_t(batch));
        CHECK(Trainer(strokes(600), spec, options, team).steps() == expected);
    }
    Network network(spec, {.batch = 4096});
    network.initialise(1);
    Trainer trainer(strokes(600), spec, options, team);
    trainer.run(network, *make_optimiser(network, options), {.end = 1});
    CHECK(network.graph().samples() == samples);
}

TEST_CASE("a length in steps overrides the epochs; the last pass may be a part, and is told of like a whole one") {
    TrainerOptions options;
    options.epochs = 3;
    options.batch = 100;
    const net::Spec spec = net::parse("F10", picture);
    Team team(1);
    const std::size_t pass = strokes(600).train.samples / 100;
    REQUIRE(pass > 2);
    const auto trained = [&](std::vector<Epoch>& epochs) {
        Trainer trainer(strokes(600), spec, options, team);
        Network network(spec, trainer.recording());
        network.initialise(1);
        CHECK(trainer.run(network, *make_optimiser(network, options),
                          {.progress = [&](const Epoch& epoch) { epochs.push_back(epoch); }}) == trainer.steps());
        CHECK(std::size_t(trainer.epochs()) == epochs.size());
        return network.layers()[0].weights->value;
    };
    std::vector<Epoch> by_epochs, by_steps, partial, single;
    const std::vector<float> reference = trained(by_epochs);
    options.epochs = 50; // overridden
    options.steps = 3 * pass;
    CHECK(trained(by_steps) == reference);
    CHECK(by_steps.back().epochs == 3);
    options.steps = 2 * pass + 2;
    CHECK(trained(partial) != reference); // the rate falls sooner
    REQUIRE(partial.size() == 3);
    CHECK(partial.back().index == 3);
    CHECK(partial.back().epochs == 3);
    CHECK(partial.back().loss < partial.front().loss); // a mean over its two batches alone
    CHECK(partial.back().learning_rate == Schedule{.steps = 2 * pass + 2}(2 * pass + 1));
    options.steps = 1;
    trained(single);
    REQUIRE(single.size() == 1);
    CHECK(single[0].epochs == 1);
    CHECK(single[0].loss > 1); // ln 10 = 2.3 by chance
}

TEST_CASE("unused lanes of a batch enter neither loss nor gradients nor statistics") {
    // Ten samples in a network recorded for 10 and in one recorded for 64 that has seen other samples in those lanes.
    const net::Spec spec = net::parse("A2 C4k3 M2 D3 C6k1 A2 F10", picture);
    Team team(1);
    Network exact(spec, {.batch = 10}), wide(spec, {.batch = 64});
    exact.initialise(3);
    wide.initialise(3);
    Loader loader(strokes(600), spec);
    std::vector<std::uint32_t> indices(64);
    std::iota(indices.begin(), indices.end(), 100u);
    loader.load(strokes(600).train, indices, wide);
    wide.graph().step(team);
    for (Network* network : {&exact, &wide}) {
        std::fill(network->layers()[0].normalisation->running_mean.begin(),
                  network->layers()[0].normalisation->running_mean.end(), 0.0f);
        loader.load(strokes(600).train, std::span(indices).first(10), *network);
        network->graph().step(team);
    }
    CHECK(wide.loss().loss() == doctest::Approx(exact.loss().loss()).epsilon(1e-6));
    CHECK(wide.loss().correct() == exact.loss().correct());
    for (std::size_t c = 0; c < 4; ++c)
        CHECK(double(wide.layers()[0].normalisation->running_mean[c]) ==
              doctest::Approx(double(exact.layers()[0].normalisation->running_mean[c])).epsilon(1e-5));
    for (std::size_t k = 0; k < exact.graph().parameters().size(); ++k) {
        const auto &a = *exact.graph().parameters()[k], &b = *wide.graph().parameters()[k];
        CAPTURE(a.name);
        for (std::size_t i = 0; i < a.gradient.size(); ++i)
            REQUIRE(std::abs(double(a.gradient[i] - b.gradient[i])) < 1e-5);
    }
}

TEST_CASE("accuracy counts every sample of a part once, the partial last batch too") {
    const net::Spec spec = net::parse("F10", picture);
    Team team(1);
    Trainer trainer(strokes(600), spec, {}, team);
    Network network(spec, {.batch = 48});
    for (std::size_t k = 0; k < 10; ++k) { // always answers with class 3
        network.layers()[0].biases->value[k] = k == 3 ? 1.0f : 0.0f;
    }
    const data::Split& part = strokes(600).train;
    CHECK(trainer.accuracy(network, part) ==
          double(std::count(part.labels.begin(), part.labels.end(), 3)) / double(part.samples));
    CHECK(trainer.accuracy(network, data::Split{}) == 0);
}

TEST_CASE("a training that is run in pieces equals one that is run whole") {
    TrainerOptions options;
    options.epochs = 2;
    const net::Spec spec = net::parse("A4 F10", picture);
    Team team(1);
    Trainer trainer(strokes(600), spec, options, team);
    Network network(spec, {});
    network.initialise(options.seed);
    const auto optimiser = make_optimiser(network, options);
    int asked = 0;
    CHECK(trainer.run(network, *optimiser, {.stop = [&] { return ++asked > 5; }}) == 5);
    CHECK(trainer.run(network, *optimiser, {.begin = 5}) == trainer.steps());
    std::vector<float> all;
    for (const auto& parameter : network.graph().parameters())
        all.insert(all.end(), parameter->value.begin(), parameter->value.end());
    CHECK(all == trained_weights(spec, options, 1));
}

TEST_CASE("a loss that is no longer finite ends the training with its reason") {
    TrainerOptions options;
    options.learning_rate = 1e30;
    CHECK_THROWS_WITH_AS(trained_weights(net::parse("F40 F10", picture), options, 1),
                         "training diverged in epoch 1: the loss is no longer finite; use a learning rate below 1e+30",
                         Error);
}

TEST_CASE("options out of range are refused in a sentence") {
    Team team(1);
    const net::Spec spec = net::parse("F10", picture);
    const auto make = [&](TrainerOptions options) { Trainer(strokes(600), spec, options, team); };
    CHECK_THROWS_WITH_AS(make({.epochs = 0}), "training takes at least 1 epoch, not 0", Error);
    CHECK_THROWS_WITH_AS(make({.batch = 0}), "batch 0 is not in 1..4096", Error);
    CHECK_THROWS_WITH_AS(make({.batch = 5000}), "batch 5000 is not in 1..4096", Error);
    CHECK_THROWS_WITH_AS(make({.learning_rate = -1}), "learning rate -1 is not above 0", Error);
    data::Dataset empty = strokes(600);
    empty.train = {};
    CHECK_THROWS_AS(Trainer(empty, spec, {}, team), Error);
}

TEST_CASE("numbers are learned by squared errors, to the mean squared error of the last epoch") {
    const data::Dataset set = number_set(2000);
    const net::Spec spec = net::parse("F16 F2", {3, 1, 1});
    TrainerOptions options;
    options.epochs = 30;
    Team team(1);
    Trainer trainer(set, spec, options, team);
    Network network(spec, trainer.recording());
    network.initialise(1);
    std::vector<Epoch> epochs;
    const auto optimiser = make_optimiser(network, options);
    trainer.run(network, *optimiser, {.progress = [&](const Epoch& epoch) { epochs.push_back(epoch); }});
    CHECK_FALSE(epochs.back().training_accuracy);
    CHECK(epochs.back().loss < 0.02 * epochs.front().loss);
    const std::vector<double> errors = rmse(set.test, trainer.numbers(network, set.test));
    REQUIRE(errors.size() == 2);
    CHECK(errors[0] < 0.1 * std::sqrt(2.0) * 10 / std::sqrt(3.0)); // a tenth of the deviation, by that of a uniform
    CHECK(errors[1] < 0.1 * 471);                                  // of the larger of two uniforms: 2000 / sqrt(18)
    // The last loss is the mean squared error in steps of the scales.
    double mean = 0;
    const std::vector<double> trained = rmse(set.train, trainer.numbers(network, set.train));
    for (std::size_t k = 0; k < 2; ++k) mean += std::pow(trained[k] / double(set.quantities[k].scale), 2) / 2;
    CHECK(epochs.back().loss == doctest::Approx(mean).epsilon(0.2));
}

TEST_CASE("a student of numbers learns those of its teacher; smoothing and class weights are refused") {
    data::Dataset set = number_set(800);
    const net::Spec spec = net::parse("F16 F2", {3, 1, 1});
    TrainerOptions options;
    options.epochs = 20;
    Team team(1);
    Trainer first(set, spec, options, team);
    Network teacher(spec, first.recording());
    teacher.initialise(1);
    first.run(teacher, *make_optimiser(teacher, options));
    const std::vector<float> taught = first.numbers(teacher, set.test);

    for (float& target : set.train.targets) target = 0; // the teacher alone knows
    options.teacher = &teacher;
    options.distillation = 100;
    Trainer second(set, spec, options, team);
    Network student(spec, second.recording());
    student.initialise(2);
    second.run(student, *make_optimiser(student, options));
    const std::vector<float> learned = second.numbers(student, set.test);
    double squares = 0;
    for (std::size_t i = 1; i < learned.size(); i += 2) squares += std::pow(double(learned[i]) - double(taught[i]), 2);
    CHECK(std::sqrt(squares / double(set.test.samples)) < 0.15 * 471);

    options.label_smoothing = 0.1;
    CHECK_THROWS_WITH_AS(Trainer(set, spec, options, team),
                         "label smoothing and class weights are for classes; the data's answers are numbers", Error);
    CHECK_THROWS_AS(first.run(*std::make_unique<Network>(spec, NetworkOptions{.batch = 64}),
                              *make_optimiser(teacher, options), {.end = 1}),
                    Error);
}
