// SPDX-License-Identifier: Apache-2.0
// Lesson: sparse variational dropout takes 97 of 100 weights from LeNet-300-100, and two pictures show which:
// first_layer_before.png and first_layer_after.png hold the 28x28 weights of 300 neurons, gray being 0.
// Seconds on one core, no download. A test compares the output, so accuracies are printed as "at least".
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/prune/compact.hpp"
#include "tinysparse/prune/train.hpp"
#include <cstdio>

using namespace tinysparse;

/// 20 x 15 neurons of 28x28 weights; white and black are the largest weight of each neuron, up and down.
void draw_first_layer(nn::Network& network, const char* path) {
    const std::vector<float>& weights = network.layers()[0].weights->value;
    std::vector<std::uint8_t> pixels(20 * 28 * 15 * 28);
    for (std::size_t neuron = 0; neuron < 300; ++neuron) {
        float largest = 1e-9f;
        for (std::size_t k = 0; k < 784; ++k) largest = std::max(largest, std::abs(weights[neuron * 784 + k]));
        for (std::size_t k = 0; k < 784; ++k) {
            const std::size_t at = (neuron / 20 * 28 + k / 28) * 560 + neuron % 20 * 28 + k % 28;
            pixels[at] = std::uint8_t(127.5f + 127.4f * weights[neuron * 784 + k] / largest);
        }
    }
    write_file(path, encode_png(560, 420, 1, pixels));
}

int main() {
    const data::Dataset strokes = data::load("synthetic:strokes,samples=6000,seed=1");
    const net::Spec spec = net::parse("F300 F100 F10", {1, 28, 28});
    nn::TrainerOptions training;
    training.epochs = 20;
    training.batch = 32;
    training.learning_rate = 2e-3;
    Team team(1);
    nn::Trainer trainer(strokes, spec, training, team);

    // A third of the epochs without pruning, to have something to compare with.
    auto network = std::make_unique<nn::Network>(spec, nn::network_options(training));
    network->initialise(1);
    trainer.run(*network, *nn::make_optimiser(*network, training), {.end = trainer.steps() / 3});
    draw_first_layer(*network, "first_layer_before.png");
    const double dense = trainer.accuracy(*network, strokes.test);

    prune::Options pruning; // of method sparse_vd
    pruning.keep = 0.03;
    pruning.strength = 0.5; // 4320 samples are few voices against the prior
    const auto pruned = prune::train(trainer, network, pruning, trainer.steps(), {}, false);
    draw_first_layer(*network, "first_layer_after.png");
    const double sparse = trainer.accuracy(*network, strokes.test);

    std::printf("%zu weights, of which %s stay\n", net::weights(spec),
                prune::kept(pruned.masks) <= net::weights(spec) * 3 / 100 ? "at most 3 %" : "too many");
    const auto small = prune::compact(*network); // without the neurons that do nothing any more
    std::printf("neurons of the first layer: 300, and in the compacted network %s\n",
                small->spec().layers[0].outputs < 150 ? "less than half of them" : "still most of them");
    std::printf("dense:  at least %s\n", dense >= 0.9 ? "90 %" : text(100 * dense, " %").c_str());
    std::printf("pruned: %s\n", sparse >= dense - 0.04 ? "no more than 4 % less" : text(100 * sparse, " %").c_str());
}
