// SPDX-License-Identifier: Apache-2.0
// Every method behind the one interface: what it adds to the loss, what it ranks, what it leaves.
#include "load_data.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/prune/train.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using prune::Method;

namespace {

const data::Dataset& strokes() {
    static const data::Dataset set = load_data("synthetic:strokes,samples=1200,seed=4");
    return set;
}

const net::Spec& spec() {
    static const net::Spec net = net::parse("A2 C6k3 M2 =a C6k3 +a M2 F20 F10", {1, 28, 28});
    return net;
}

nn::TrainerOptions options_for(int epochs) {
    nn::TrainerOptions options;
    options.epochs = epochs;
    options.learning_rate = 0.01;
    options.batch = 16;
    return options;
}

struct Run {
    std::unique_ptr<nn::Network> network;
    prune::Pruned pruned;
    double accuracy = 0;
    std::vector<prune::Progress> progress;
};

Run trained(const prune::Options& options, std::size_t threads = 1, int epochs = 8, bool compacts = false) {
    const nn::TrainerOptions training = options_for(epochs);
    Team team(threads);
    nn::Trainer trainer(strokes(), spec(), training, team);
    Run run;
    run.network = std::make_unique<nn::Network>(spec(), nn::network_options(training));
    run.network->initialise(training.seed);
    prune::Callbacks callbacks;
    callbacks.progress = [&](const prune::Progress& progress) { run.progress.push_back(progress); };
    run.pruned = prune::train(trainer, run.network, options, trainer.steps(), callbacks, compacts);
    run.accuracy = trainer.accuracy(*run.network, strokes().test);
    return run;
}

std::size_t nonzeros(nn::Network& network) {
    std::size_t count = 0;
    for (const auto& layer : network.layers())
        for (const float weight : layer.weights->value) count += weight != 0;
    return count;
}

/// The penalty's gradient against central differences of penalty(), for some elements of every parameter.
void check_penalty(prune::Pruner& pruner) {
    nn::NetworkOptions recording;
    recording.batch = 16;
    pruner.record(recording);
    nn::Network network(net::parse("C3k3n D3n F5", {1, 6, 6}), recording);
    network.initialise(3);
    pruner.attach(network);
    pruner.begin(1, 0);
    Random random(8, "parameters");
    Team team(1);
    for (const auto& parameter : network.graph().parameters()) {
        if (parameter->name.starts_with("log variances"))
            for (float& value : parameter->value) value = float(random.uniform(-4, 1));
        if (parameter->name.starts_with("scales"))
            for (float& value : parameter->value) value = float(random.uniform(-1.5, 1));
    }
    network.graph().forward(autograd::Mode::training, team); // fills what kernels read
    for (const auto& parameter : network.graph().parameters())
        std::fill(parameter->gradient.begin(), parameter->gradient.end(), 0.0f);
    pruner.add_to_loss();
    for (const auto& parameter : network.graph().parameters())
        for (std::size_t k = 0; k < parameter->value.size(); k += 1 + parameter->value.size() / 17) {
            CAPTURE(parameter->name);
            CAPTURE(k);
            const float old = parameter->value[k], step = 1e-3f * std::max(0.05f, std::abs(old));
            const float up = old + step, down = old - step;
            parameter->value[k] = up;
            const double above = pruner.penalty();
            parameter->value[k] = down;
            const double below = pruner.penalty();
            parameter->value[k] = old;
            const double numeric = (above - below) / double(up - down);
            CHECK(double(parameter->gradient[k]) == doctest::Approx(numeric).epsilon(5e-3));
        }
}

} // namespace

TEST_CASE("penalties have the gradients that central differences give") {
    SUBCASE("sparse variational dropout") {
        prune::SparseVd pruner({.samples = 1});
        check_penalty(pruner);
    }
    SUBCASE("normal-Jeffreys groups") {
        prune::Bayesian pruner({.samples = 1});
        check_penalty(pruner);
    }
    SUBCASE("horseshoe groups") {
        prune::Bayesian pruner({.prior = std::make_shared<prune::Horseshoe>(0.3), .samples = 1});
        check_penalty(pruner);
    }
}

TEST_CASE("every method meets its budget, and the network still knows its classes") {
    const std::size_t total = net::weights(spec());
    for (const prune::MethodInfo& method : prune::methods) {
        CAPTURE(std::string(method.name));
        prune::Options options;
        options.method = method.method;
        options.keep = 0.3;
        Run run = trained(options);
        CHECK_FALSE(run.pruned.stopped);
        CHECK(prune::kept(run.pruned.masks) <= std::size_t(std::llround(0.3 * double(total))));
        CHECK(prune::kept(run.pruned.masks) > total / 50);
        CHECK(nonzeros(*run.network) <= prune::kept(run.pruned.masks));
        CHECK(run.accuracy > 0.5); // chance is 0.1
        const bool bayes = method.method == Method::bayes_gnj || method.method == Method::bayes_ghs;
        CHECK(run.pruned.bits.size() == (bayes ? spec().layers.size() : 0));
        REQUIRE_FALSE(run.progress.empty());
        CHECK(run.progress.back().kept == doctest::Approx(double(prune::kept(run.pruned.masks)) / double(total)));
    }
}

TEST_CASE("every method prunes a network with pointwise layers of one position and heads") {
    const net::Spec narrow = net::parse("A2 C6k3 M2 =a D3L C6k1 +a DGL C8k1 F10", {1, 28, 28});
    const nn::TrainerOptions training = options_for(2);
    for (const prune::MethodInfo& method : prune::methods) {
        CAPTURE(std::string(method.name));
        Team team(1);
        nn::Trainer trainer(strokes(), narrow, training, team);
        auto network = std::make_unique<nn::Network>(narrow, nn::network_options(training));
        network->initialise(training.seed);
        prune::Options options;
        options.method = method.method;
        options.keep = 0.5;
        const prune::Pruned pruned = prune::train(trainer, network, options, trainer.steps());
        CHECK(prune::kept(pruned.masks) <= net::weights(narrow) / 2 + 1);
        // Whole channels are removed, and with them most of the weights that are 0, if the method is of that kind.
        const std::size_t left = net::weights(network->spec());
        CHECK((2 * (left - nonzeros(*network)) < net::weights(narrow) - prune::kept(pruned.masks)) ==
              method.structured);
    }
}

TEST_CASE("groups that left leave the Spec") {
    prune::Options options;
    options.keep = 0.3;
    for (const Method method : {Method::filter_l1, Method::bayes_gnj, Method::bayes_ghs}) {
        options.method = method;
        Run run = trained(options, 1, 4, true);
        CHECK(net::weights(run.network->spec()) <= net::weights(spec()) * 6 / 10);
        CHECK(run.pruned.masks.size() == spec().layers.size());
        CHECK(run.pruned.masks[0].weights.size() == run.network->layers()[0].weights->value.size());
        CHECK(run.pruned.layers[0].weights == 54); // of the Spec that was begun with
    }
}

TEST_CASE("a training that prunes gives the same weights for any number of threads") {
    for (const Method method : {Method::sparse_vd, Method::bayes_ghs, Method::dpf}) {
        prune::Options options;
        options.method = method;
        Run one = trained(options, 1, 2), two = trained(options, 2, 2);
        CHECK(one.pruned.masks == two.pruned.masks);
        for (std::size_t i = 0; i < spec().layers.size(); ++i)
            CHECK(one.network->layers()[i].weights->value == two.network->layers()[i].weights->value);
    }
}

TEST_CASE("sparse variational dropout tells noise from signal by its threshold") {
    prune::Options options;
    options.keep.reset();
    options.strength = 3; // 8 epochs of 840 samples are few
    const Run run = trained(options);
    const double left = double(prune::kept(run.pruned.masks)) / double(net::weights(spec()));
    CHECK(left < 0.5);
    CHECK(left > 0.01);
    CHECK(run.accuracy > 0.5);
}

TEST_CASE("the gradual schedule is that of its paper") {
    nn::NetworkOptions recording;
    nn::Network network(spec(), recording);
    network.initialise(1);
    prune::Magnitude pruner({.keep = 0.2});
    pruner.attach(network);
    for (const double progress : {0.0, 0.25, 0.5, 1.0}) { // s_t = s (1 - (1 - t)^3), Zhu and Gupta 2017
        pruner.begin(progress, 0);
        const double sparsity = 0.8 * (1 - std::pow(1 - progress, 3));
        CHECK(*pruner.share() == doctest::Approx(1 - sparsity));
        CHECK(std::abs(double(nonzeros(network)) / double(net::weights(spec())) - (1 - sparsity)) < 0.02);
    }
}

TEST_CASE("feedback lets a weight come back, the plain gradual method does not") {
    for (const auto schedule : {prune::MagnitudeSchedule::gradual, prune::MagnitudeSchedule::feedback}) {
        prune::Magnitude pruner({.schedule = schedule, .keep = 0.5});
        nn::NetworkOptions recording;
        pruner.record(recording);
        nn::Network network(net::parse("F4", {1, 1, 4}), recording);
        autograd::Parameter& weights = *network.layers()[0].weights;
        for (std::size_t k = 0; k < 16; ++k) weights.value[k] = float(k + 1);
        pruner.attach(network);
        pruner.begin(1, 0);
        CHECK(pruner.current()[0].weights[3] == 0);
        weights.value[3] += 100; // what a gradient might do
        pruner.updated();
        pruner.begin(0.99, 1);
        pruner.begin(1, 2);
        const bool feedback = schedule == prune::MagnitudeSchedule::feedback;
        CHECK(bool(pruner.current()[0].weights[3]) == feedback);
        Team team(1);
        network.graph().forward(autograd::Mode::training, team);
        CHECK((weights.used()[3] != 0) == feedback);
        CHECK(weights.used()[0] == 0); // masked for the kernels
    }
}

TEST_CASE("layer-adaptive scores rank as magnitudes within a layer, and the largest of every layer scores 1") {
    const auto scores = prune::layer_adaptive_scores({3, -1, 2, 0});
    CHECK(scores[0] == 1.0f);
    CHECK(scores[2] == doctest::Approx(4.0 / 13));
    CHECK(scores[1] == doctest::Approx(1.0 / 14));
    CHECK(scores[3] == 0.0f);
    CHECK(prune::layer_adaptive_scores({0, 0}) == std::vector<float>{0, 0});
}

TEST_CASE("filters leave by their norms, those bound by a residual sum together") {
    nn::Network network(spec(), {.batch = 16});
    network.initialise(1);
    for (const std::size_t layer : {0u, 1u}) { // channel 3 is small on both sides of the sum
        std::vector<float>& weights = network.layers()[layer].weights->value;
        for (std::size_t k = 3 * weights.size() / 6; k < 4 * weights.size() / 6; ++k) weights[k] *= 0.01f;
    }
    prune::FilterL1 pruner;
    pruner.attach(network);
    const prune::Masks masks = prune::decide(spec(), pruner.rank(), std::nullopt);
    CHECK(masks[0].channels == std::vector<std::uint8_t>{1, 1, 1, 0, 1, 1});
    CHECK(masks[1].channels == std::vector<std::uint8_t>{1, 1, 1, 0, 1, 1});
}

TEST_CASE("bits of a posterior: a certain layer needs many, an uncertain one few") {
    for (const float log : {-16.0f, -9.0f, -2.0f}) {
        prune::Bayesian pruner({.samples = 1, .log_variance = double(log), .log_variance_of_scales = -20});
        nn::NetworkOptions recording;
        pruner.record(recording);
        nn::Network network(net::parse("F4", {1, 4, 4}), recording);
        network.initialise(1);
        pruner.attach(network);
        double largest = 0;
        for (const float weight : network.layers()[0].weights->value)
            largest = std::max(largest, std::abs(double(weight)));
        // A step of sqrt(12) standard deviations over +-largest (Bennett 1948: rounding adds step^2 / 12).
        const double levels = 2 * largest / std::sqrt(12 * std::exp(double(log))) + 1;
        const int expected = std::clamp(int(std::ceil(std::log2(levels))), 2, 16);
        CHECK(pruner.bits(prune::all_kept(network.spec()))[0] == expected);
    }
}

TEST_CASE("phases are shares of a length in steps, however many passes those are") {
    nn::TrainerOptions training = options_for(1);
    Team team(1);
    training.steps = nn::Trainer(strokes(), spec(), training, team).steps() * 5 / 2;
    nn::Trainer trainer(strokes(), spec(), training, team);
    REQUIRE(trainer.steps() == *training.steps);
    auto network = std::make_unique<nn::Network>(spec(), trainer.recording());
    network->initialise(1);
    prune::Options options;
    options.method = Method::magnitude;
    options.keep = 0.2;
    options.phase = prune::Phase{0.4, 0.8}; // the first and the second pass
    std::vector<std::string> phases;
    prune::Callbacks callbacks;
    callbacks.progress = [&](const prune::Progress& progress) {
        CHECK(progress.epoch.epochs == 3);
        phases.push_back(progress.phase);
    };
    const auto pruned = prune::train(trainer, network, options, trainer.steps(), callbacks);
    CHECK_FALSE(pruned.stopped);
    CHECK(phases == std::vector<std::string>{"dense", "prune", "fine-tune"});
}

TEST_CASE("a stopped training is masked and says so; a phase out of order is an error") {
    const nn::TrainerOptions training = options_for(3);
    Team team(1);
    nn::Trainer trainer(strokes(), spec(), training, team);
    for (const int after : {0, 20, 90, 140}) {
        auto network = std::make_unique<nn::Network>(spec(), nn::network_options(training));
        network->initialise(1);
        int asked = 0;
        prune::Options options;
        options.method = Method::magnitude;
        options.keep = 0.2;
        prune::Callbacks callbacks;
        callbacks.stop = [&] { return asked++ >= after; };
        const auto pruned = prune::train(trainer, network, options, trainer.steps(), callbacks);
        CHECK(pruned.stopped);
        CHECK(nonzeros(*network) <= prune::kept(pruned.masks));
    }
    auto network = std::make_unique<nn::Network>(spec(), nn::network_options(training));
    prune::Options options;
    options.phase = prune::Phase{0.6, 0.5};
    CHECK_THROWS_WITH_AS(prune::train(trainer, network, options, trainer.steps()),
                         "the pruning phase 0.6..0.5 does not lie in 0..1", Error);
    options.phase.reset();
    options.strength = 0;
    CHECK_THROWS_WITH_AS(prune::train(trainer, network, options, trainer.steps()),
                         "the pruning strength 0 is not above 0", Error);
}

TEST_CASE("a threshold that leaves a layer without weights is an error that names the layer") {
    const nn::TrainerOptions training = options_for(1);
    Team team(1);
    nn::Trainer trainer(strokes(), spec(), training, team);
    auto network = std::make_unique<nn::Network>(spec(), nn::network_options(training));
    network->initialise(1);
    prune::Options options{.method = Method::sparse_vd, .keep = std::nullopt, .threshold = -100};
    CHECK_THROWS_WITH_AS(prune::train(trainer, network, options, trainer.steps()),
                         "sparse-vd left no weight in layer 1; lower the threshold or the strength", Error);
}
