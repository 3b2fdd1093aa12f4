// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/quantise/train.hpp"
#include "host.hpp"
#include "load_data.hpp"
#include "number_set.hpp"
#include "tinysparse/fixed/numbers.hpp"
#include "tinysparse/quantise/grids.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::fixed;
using namespace tinysparse::quantise;

namespace {

net::Spec small_spec(int bits = 8) { return net::parse("A2 C6k3 A2 D3L C12k1 A2 F10", {1, 28, 28}, bits); }

std::vector<std::int8_t> all_weights(const Model& model) {
    std::vector<std::int8_t> weights;
    for (const Layer& layer : model.network.layers)
        weights.insert(weights.end(), layer.weights.begin(), layer.weights.end());
    return weights;
}

} // namespace

TEST_CASE("a small network learns strokes at 8 and 4 bits, and training measured what the device will do") {
    for (const int bits : {8, 4}) {
        CAPTURE(bits);
        TrainOptions options;
        options.epochs = 8;
        options.augmentation.shift = 1;
        const Trained trained = train(small_spec(bits), strokes(3000), options);
        CHECK(trained.validation_accuracy > 0.6); // one in ten by chance
        CHECK(host_accuracy(trained.model.network, strokes(3000).validation) == trained.validation_accuracy);
        CHECK(Host(trained.model.network).logits(trained.model.golden.picture) == trained.model.golden.logits);
        CHECK_FALSE(trained.stopped);
        for (const Layer& layer : trained.model.network.layers)
            for (const std::int8_t weight : layer.weights) REQUIRE(std::abs(int(weight)) <= weight_limit(bits));
        // Linear depthwise layers gave their biases away.
        CHECK(trained.model.network.layers[1].bias_bytes == 0);
        CHECK(trained.model.network.layers[2].bias_bytes == 1);
    }
}

TEST_CASE("a training gives the same integers for any number of threads and others for another seed") {
    TrainOptions options;
    options.epochs = 1;
    options.augmentation.shift = 1;
    const auto weights = [&](int threads, std::uint64_t seed) {
        options.threads = threads;
        options.seed = seed;
        return all_weights(train(small_spec(), strokes(3000), options).model);
    };
    const auto reference = weights(1, 1);
    CHECK(weights(2, 1) == reference);
    CHECK(weights(3, 1) == reference);
    CHECK(weights(1, 2) != reference);
}

TEST_CASE("a length in steps is split between floats and fixed point, and the model has its passes") {
    TrainOptions options;
    options.batch = 400;
    const std::size_t pass = strokes(3000).train.samples / 400;
    options.steps = 2 * pass + 1;
    std::vector<int> told;
    std::size_t asked = 0;
    options.progress = [&](const nn::Epoch& epoch) { told.push_back(epoch.index); };
    options.stop = [&] { return ++asked == 0; };
    const Trained trained = train(small_spec(), strokes(3000), options);
    CHECK_FALSE(trained.stopped);
    CHECK(asked == *options.steps);
    CHECK(told == std::vector<int>{1, 2, 3});
    CHECK(trained.model.epochs == 3);
}

TEST_CASE("fixed weights of the first layer keep their proportions, from the beginning to the integers") {
    data::Dataset set = load_data("synthetic:strokes,samples=600,seed=4");
    set.shape = {3, 14, 14}; // a quarter of each picture, three times
    for (data::Split* part : {&set.train, &set.validation, &set.test}) {
        std::vector<std::uint8_t> pixels;
        for (std::size_t s = 0; s < part->samples; ++s)
            for (int c = 0; c < 3; ++c)
                for (std::size_t i = 0; i < 196; ++i)
                    pixels.push_back(part->pixels[s * 784 + (7 + i / 14) * 28 + 7 + i % 14]);
        part->pixels = pixels;
    }
    set.digest = data::digest_of(set);
    const net::Spec spec = net::parse("C1k1L C4k3 M2 F10", {3, 14, 14});
    TrainOptions options;
    options.epochs = 2;
    const std::vector<float> luma = {0.299f, 0.587f, 0.114f};
    const auto proportions_kept = [&](const Model& model) {
        const std::vector<float>& weights = model.float_layers[0].weights;
        for (std::size_t i = 0; i < 3; ++i)
            if (std::abs(weights[i] / weights[1] - luma[i] / luma[1]) > 1e-5f) return false;
        return weights[1] > 0;
    };
    const Model trained = train(spec, set, options).model;
    CHECK_FALSE(proportions_kept(trained));
    options.fixed_first = luma;
    const Model fixed = train(spec, set, options).model;
    CHECK(proportions_kept(fixed));
    const std::vector<std::int8_t>& integers = fixed.network.layers[0].weights;
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(std::abs(double(integers[i]) - double(integers[1]) * double(luma[i] / luma[1])) <= 1);
    CHECK(all_weights(fixed) != all_weights(trained));
    options.init = &trained; // of other weights, whose size they take
    CHECK(proportions_kept(train(spec, set, options).model));
    options.pruning = prune::Options{};
    options.pruning->keep = 0.9;
    options.init = nullptr;
    CHECK(proportions_kept(train(spec, set, options).model));
    options.fixed_first = {1, 2};
    CHECK_THROWS_WITH_AS(train(spec, set, options), "the first layer has 3 weights, not the 2 to fix", Error);
}

TEST_CASE("a training that is told to stop ends there with a whole model") {
    TrainOptions options;
    options.epochs = 50;
    int asked = 0;
    options.stop = [&] { return ++asked > 10; };
    const Trained trained = train(small_spec(), strokes(3000), options);
    CHECK(trained.stopped);
    CHECK(asked == 11);
    CHECK(host_accuracy(trained.model.network, strokes(3000).validation) == trained.validation_accuracy);
}

TEST_CASE("training on from a model begins with that model's function") {
    TrainOptions options;
    options.epochs = 6;
    const Trained parent = train(small_spec(), strokes(3000), options);
    Team team(1);
    nn::Network free(small_spec(), {.batch = 64});
    quantise::detail::unfold(free, parent.model, strokes(3000), team);
    nn::Trainer trainer(strokes(3000), free.spec(), options, team);
    CHECK(trainer.accuracy(free, strokes(3000).validation) ==
          doctest::Approx(parent.float_validation_accuracy.value()).epsilon(0.01));
    options.epochs = 2;
    options.init = &parent.model;
    const Trained child = train(small_spec(), strokes(3000), options);
    options.init = nullptr;
    const Trained stranger = train(small_spec(), strokes(3000), options);
    CHECK(child.validation_accuracy > stranger.validation_accuracy);
    options.init = &parent.model;
    CHECK_THROWS_WITH_AS(train(net::parse("C2 A4 F10", {1, 28, 28}), strokes(3000), options),
                         "the model to begin from is another network: A2 C6k3 A2 D3L C12k1 A2 F10", Error);
}

TEST_CASE("what cannot be trained is refused in a sentence") {
    TrainOptions options;
    CHECK_THROWS_WITH_AS(train(net::parse("F7", {1, 28, 28}), strokes(3000), options),
                         "the network has 7 outputs, but the data have 10 classes", Error);
    CHECK_THROWS_WITH_AS(train(net::parse("F10", {1, 14, 14}), strokes(3000), options),
                         "the network takes 1 channels of 14x14, the data has 1 of 28x28", Error);
    options.epochs = 0;
    CHECK_THROWS_WITH_AS(train(small_spec(), strokes(3000), options), "training takes at least 1 epoch, not 0", Error);
    options.epochs = 1;
    options.learning_rate = 1e30;
    CHECK_THROWS_AS(train(net::parse("F40 F10", {1, 28, 28}), strokes(3000), options), Error);
}

TEST_CASE("edge sizes train: one class, one pixel, fewer samples than a batch, a series") {
    data::Dataset tiny;
    tiny.shape = {1, 1, 1};
    tiny.class_names = {"only"};
    tiny.train.samples = 3;
    tiny.train.pixels = {0, 128, 255};
    tiny.train.labels = {0, 0, 0};
    TrainOptions options;
    options.epochs = 2;
    const Trained only = train(net::parse("C2k1 F1", {1, 1, 1}), tiny, options);
    CHECK(host_accuracy(only.model.network, tiny.train) == 1);
    // What was trained on says nothing of validation.
    CHECK_FALSE(only.validation_accuracy);
    CHECK_FALSE(only.float_validation_accuracy);
    CHECK_FALSE(only.model.validation_accuracy);

    data::Dataset series; // two classes that differ in sign
    series.shape = {2, 16, 1};
    series.element = data::ElementType::int16;
    series.class_names = {"up", "down"};
    series.train.samples = 128;
    for (std::size_t i = 0; i < 128; ++i) {
        series.train.labels.push_back(std::uint8_t(i % 2));
        for (int k = 0; k < 32; ++k)
            series.train.values.push_back(std::int16_t((i % 2 ? -1 : 1) * (100 + 7 * (k % 16)) + 500));
    }
    series.normalisation = data::normalisation_of(series.train, series.shape);
    series.channels = {{"ax", 0.5f, 64}, {"lamp", 0, 1}};
    series.sampling_rate = 50;
    series.notes = {"2 rows were left out"};
    options.epochs = 20;
    const Trained trained = train(net::parse("C4k3 M2 D3L C4k1 G F2", {2, 16, 1}), series, options);
    CHECK(host_accuracy(trained.model.network, series.train) == 1);
    CHECK(trained.model.channels == series.channels);
    CHECK(trained.model.sampling_rate == 50);
    CHECK(trained.model.data_notes == series.notes);
}

TEST_CASE("numbers: the integer network is near the floats, and training measured what the device will say") {
    const data::Dataset set = number_set(2000);
    TrainOptions options;
    options.epochs = 40;
    const Trained trained = train(net::parse("F16 F2", {3, 1, 1}), set, options);
    const Model& model = trained.model;
    CHECK(model.quantities == set.quantities);
    CHECK(model.class_names.empty());
    CHECK_FALSE(model.validation_accuracy);
    CHECK_FALSE(model.float_accuracy);
    CHECK(trained.validation_answers.empty());
    Host host(model.network);
    std::vector<std::int32_t> logits;
    for (std::size_t i = 0; i < set.validation.samples; ++i) {
        const auto sample = std::span(set.validation.values).subspan(3 * i, 3);
        for (const std::int32_t logit : host.logits(std::vector<std::int16_t>(sample.begin(), sample.end())))
            logits.push_back(logit);
    }
    const std::vector<float> numbers = numbers_of(model.network, model.quantities, logits);
    CHECK(trained.validation_numbers == numbers);
    CHECK(numbers_by_grids(*trained.lowered, model.quantities, set, set.validation) == numbers);
    REQUIRE(model.validation_rmse == nn::rmse(set.validation, numbers));
    for (std::size_t k = 0; k < 2; ++k) {
        const double deviation = k == 0 ? 10 * std::sqrt(2.0 / 3) : 2000 / std::sqrt(18.0); // of uniforms
        CHECK(model.validation_rmse[k] < 0.12 * deviation);
        CHECK(model.validation_rmse[k] < model.float_rmse[k] + 0.05 * deviation);
    }
    CHECK_THROWS_WITH_AS(train(net::parse("F4", {3, 1, 1}), set, options),
                         "the network has 4 outputs, but the data have 2 target numbers", Error);
}

TEST_CASE("numbers: a single output, pruned and with the float weights of another training") {
    data::Dataset set = number_set(1200);
    set.quantities.resize(1);
    for (data::Split* part : {&set.train, &set.validation, &set.test}) {
        std::vector<float> first;
        for (std::size_t i = 0; i < part->targets.size(); i += 2) first.push_back(part->targets[i]);
        part->targets = std::move(first);
    }
    TrainOptions options;
    options.epochs = 40;
    options.pruning.emplace();
    options.pruning->method = prune::Method::magnitude;
    options.pruning->keep = 0.5;
    const Trained pruned = train(net::parse("F24 F1", {3, 1, 1}), set, options);
    CHECK(pruned.model.validation_rmse[0] < 0.2 * 10 * std::sqrt(2.0 / 3));
    TrainOptions again;
    again.epochs = 5;
    again.init = &pruned.model;
    CHECK(train(pruned.model.network.spec, set, again).model.validation_rmse[0] < 0.2 * 10 * std::sqrt(2.0 / 3));
}
