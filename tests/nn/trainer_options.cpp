// SPDX-License-Identifier: Apache-2.0
// What a training makes of label smoothing, dropout, weight averaging and a teacher.
#include "load_data.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/nn/trainer.hpp"
#include <doctest/doctest.h>
#include <optional>

using namespace tinysparse;
using namespace tinysparse::nn;

namespace {

const net::Spec& spec() {
    static const net::Spec net = net::parse("A2 C6k3 M2 C8k3 M2 F20 F10", {1, 28, 28});
    return net;
}

std::vector<float> weights_of(Network& network) {
    std::vector<float> all;
    for (const auto& parameter : network.graph().parameters())
        all.insert(all.end(), parameter->value.begin(), parameter->value.end());
    return all;
}

/// Runs a training of the set in pieces of `steps` steps.
std::unique_ptr<Network> trained(const TrainerOptions& options, std::size_t threads = 1, std::size_t piece = 1000000,
                                 const data::Dataset& set = strokes(600)) {
    Team team(threads);
    Trainer trainer(set, spec(), options, team);
    auto network = std::make_unique<Network>(spec(), network_options(options));
    network->initialise(options.seed);
    const auto optimiser = make_optimiser(*network, options);
    for (std::size_t step = 0; step < trainer.steps(); step += piece)
        trainer.run(*network, *optimiser, {.begin = step, .end = std::min(step + piece, trainer.steps())});
    return network;
}

double accuracy(Network& network) {
    Team team(1);
    return Trainer(strokes(600), spec(), {}, team).accuracy(network, strokes(600).validation);
}

} // namespace

TEST_CASE("every option changes a training, and the same way on any number of threads and in any pieces") {
    TrainerOptions plain;
    plain.epochs = 2;
    plain.augmentation.shift = 1;
    const auto reference = weights_of(*trained(plain));
    const auto teacher = trained(plain);
    TrainerOptions dropout = plain, smoothing = plain, averaged = plain, taught = plain;
    dropout.dropout = 0.25;
    smoothing.label_smoothing = 0.1;
    averaged.average_decay = 0.9;
    taught.teacher = teacher.get();
    for (const TrainerOptions& options : {dropout, smoothing, averaged, taught}) {
        const auto own = weights_of(*trained(options));
        CHECK(own != reference);
        CHECK(weights_of(*trained(options, 2)) == own);
        CHECK(weights_of(*trained(options, 1, 3)) == own);
    }
}

TEST_CASE("an averaged training ends with the average of the weights that its steps had") {
    TrainerOptions options;
    options.epochs = 1;
    options.average_decay = 0.7;
    const auto ended = weights_of(*trained(options));
    options.average_decay = 0;
    Team team(1);
    Trainer trainer(strokes(600), spec(), options, team);
    Network network(spec(), network_options(options));
    network.initialise(options.seed);
    std::vector<double> average;
    int step = 0;
    const auto take_in = [&] {
        const auto weights = weights_of(network);
        if (step == 0) average.assign(weights.begin(), weights.end());
        const double decay = std::min(0.7, step / (step + 9.0));
        for (std::size_t i = 0; i < weights.size() && step > 0; ++i)
            average[i] = decay * average[i] + (1 - decay) * double(weights[i]);
        ++step;
        return false;
    };
    trainer.run(network, *make_optimiser(network, options), {.stop = take_in});
    take_in();
    REQUIRE(average.size() == ended.size());
    for (std::size_t i = 0; i < ended.size(); ++i) REQUIRE(std::abs(average[i] - double(ended[i])) < 1e-5);
}

TEST_CASE("an average is not carried on to a network that has taken another's place") {
    TrainerOptions options;
    options.epochs = 1;
    options.average_decay = 0.9;
    Team team(1);
    std::vector<float> ended[2];
    for (const bool after_another : {false, true}) {
        Trainer trainer(strokes(600), spec(), options, team);
        std::optional<Network> network; // every network of it has the same address
        if (after_another) {
            network.emplace(net::parse("A2 C20k3 M2 F10", {1, 28, 28}), network_options(options));
            network->initialise(1);
            trainer.run(*network, *make_optimiser(*network, options), {.end = trainer.steps() - 1});
        }
        network.emplace(spec(), network_options(options));
        network->initialise(2);
        trainer.run(*network, *make_optimiser(*network, options), {.begin = trainer.steps() - 1});
        ended[after_another] = weights_of(*network);
    }
    CHECK(ended[0] == ended[1]);
}

TEST_CASE("each option still learns") {
    TrainerOptions options;
    options.epochs = 20;
    const auto teacher = trained(options);
    const double plain = accuracy(*teacher);
    CHECK(plain > 0.6);
    options.dropout = 0.1;
    options.label_smoothing = 0.05;
    options.average_decay = 0.9;
    options.teacher = teacher.get();
    CHECK(accuracy(*trained(options)) > 0.6);
}

TEST_CASE("a network learns from its teacher what no label tells") {
    TrainerOptions options;
    options.epochs = 20;
    const auto teacher = trained(options);
    data::Dataset mute = strokes(600);
    for (std::uint8_t& label : mute.train.labels) label = 3;
    options.teacher = teacher.get();
    options.distillation = 50;
    CHECK(accuracy(*trained(options, 1, 1000000, mute)) > 0.6);
}

TEST_CASE("options out of range and networks recorded otherwise are refused in a sentence") {
    Team team(1);
    const auto make = [&](const TrainerOptions& options) { Trainer(strokes(600), spec(), options, team); };
    CHECK_THROWS_WITH_AS(make({.label_smoothing = 1}), "label smoothing 1 is not in 0..1, 1 excluded", Error);
    CHECK_THROWS_WITH_AS(make({.dropout = -0.5}), "dropout -0.5 is not in 0..1, 1 excluded", Error);
    CHECK_THROWS_WITH_AS(make({.average_decay = 1}), "average decay 1 is not in 0..1, 1 excluded", Error);
    CHECK_THROWS_WITH_AS(make({.tree_soft = 1}), "the soft share of a tree's training 1 is not in 0..1, 1 excluded",
                         Error);
    CHECK_THROWS_WITH_AS(nn::Network(net::parse("F2L T2d1", {1, 4, 4}), {.tree_sharpness = 0}),
                         "sharpness 0 of a tree is not above 0", Error);
    Network teacher(spec(), {.batch = 32});
    CHECK_THROWS_WITH_AS(make({.teacher = &teacher}),
                         "the teacher takes batches of 32, the training has 64; record the teacher for as many", Error);
    CHECK_THROWS_WITH_AS(make({.batch = 32, .teacher = &teacher, .distillation = 0}), "distillation 0 is not above 0",
                         Error);
    CHECK_THROWS_WITH_AS(make({.batch = 32, .teacher = &teacher, .temperature = 0}), "temperature 0 is not above 0",
                         Error);
    const auto run = [&](Network& network, const TrainerOptions& options) {
        Trainer trainer(strokes(600), network.spec(), options, team);
        trainer.run(network, *make_optimiser(network, options), {.end = 1});
    };
    Network network(spec(), {.batch = 32}), other(net::parse("F9", {1, 28, 28}), {.batch = 32, .distillation = 1});
    CHECK_THROWS_WITH_AS(run(network, {.batch = 32, .dropout = 0.5}),
                         "the network was recorded for other label smoothing, dropout, distillation, class weights or "
                         "answers than the training asks for; record it as Trainer::recording() says",
                         Error);
    CHECK_THROWS_WITH_AS(run(network, {.batch = 32, .class_weights = {1, 1, 1, 1, 1, 1, 1, 1, 1, 2}}),
                         doctest::Contains("class weights"), Error);
    CHECK_THROWS_WITH_AS(Network(spec(), {.batch = 32, .class_weights = {1, 2}}),
                         "there are 2 class weights for 10 classes", Error);
    CHECK_THROWS_WITH_AS(run(other, {.batch = 32, .teacher = &teacher}), "the teacher has 10 classes, the network 9",
                         Error);
}
