// SPDX-License-Identifier: Apache-2.0
// Lesson 6: sparse variational dropout prunes 97 of 100 weights of LeNet-300-100, a network of three dense layers.
// Lesson 4 has the method for one weight. Two pictures show which weights stay: 06_before.png and 06_after.png hold the
// 28x28 weights of each of the 300 neurons of the first layer, gray being 0. Pruned neurons are gray all over, and so
// is the rim.
//   loss = cross-entropy + strength * warm-up * sum over weights of KL(log alpha) / samples
// Warm-up grows from 0 to 1 over the first fifth of the pruning, so that the penalty does not set in at
// once. A budget decides here: the 3 % of the weights with the smallest log alpha stay (`keep`), whatever the
// threshold.
// Headers: prune/train.hpp, prune/sparse_vd.hpp, prune/compact.hpp. Equations: docs/equations.md, "Variational
// dropout".
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/strokes.hpp"
#include "tinysparse/prune/train.hpp"
#include <cstdio>

using namespace tinysparse;

/// 20 x 15 neurons of 28x28 weights; white is the size of the largest weight of each neuron, black the same below 0.
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
    std::printf("picture: %s\n", path);
}

int main() {
    data::Dataset glyphs = data::synthetic_strokes(6000, 1);
    glyphs.test = data::split_off(glyphs.train, 28 * 28, glyphs.classes(), 0.2, "test part");
    glyphs.validation = data::split_off(glyphs.train, 28 * 28, glyphs.classes(), 0.1, "validation part");
    const net::Spec spec = net::parse("F300 F100 F10", {1, 28, 28});
    nn::TrainerOptions training;
    training.epochs = 20;
    training.batch = 32;
    training.learning_rate = 2e-3;
    Team team(1);
    nn::Trainer trainer(glyphs, spec, training, team);

    // First a third of the epochs without pruning, to compare with. prune::train() below then begins its own 20 epochs
    // with these weights: 2 without the penalty, 13 with it, and 5 of fine-tuning, in which only the weights that stay
    // are trained further.
    auto network = std::make_unique<nn::Network>(spec, trainer.recording());
    network->initialise(1);
    trainer.run(*network, *nn::make_optimiser(*network, training), {.end = trainer.steps() / 3});
    draw_first_layer(*network, "06_before.png");
    std::printf("before: %zu weights, %.1f %% of the test pictures right\n", net::weights(spec),
                100 * trainer.accuracy(*network, glyphs.test));

    prune::Options pruning; // the method is sparse_vd unless another one is named
    pruning.keep = 0.03;
    pruning.strength = 0.5; // 4320 training samples are little evidence against the prior
    const prune::Callbacks reports{.progress = [](const prune::Progress& now) {
        if (now.epoch.index % 4 != 0) return;
        std::printf("epoch %2d, %s: ", now.epoch.index, now.phase);
        if (std::string(now.phase) == "prune")
            std::printf("penalty %.2f nats per sample, log alpha below 3 for %.1f %% of the weights\n", now.penalty,
                        100 * now.kept);
        else
            std::printf("%.1f %% of the weights are left\n", 100 * now.kept);
    }};
    const bool compacts = false; // that comes last
    const prune::Pruned pruned = prune::train(trainer, network, pruning, trainer.steps(), reports, compacts);
    draw_first_layer(*network, "06_after.png");
    for (std::size_t i = 0; i < pruned.masks.size(); ++i)
        std::printf("layer %zu: %.1f %% of %zu weights stay\n", i + 1,
                    100 * double(prune::kept(pruned.masks[i])) / double(pruned.masks[i].weights.size()),
                    pruned.masks[i].weights.size());
    std::printf("after:  %zu weights, %.1f %% of the test pictures right\n", prune::kept(pruned.masks),
                100 * trainer.accuracy(*network, glyphs.test));

    // Neurons that no weight reads any more can be removed: compact() does that, and the answers stay the same.
    const auto small = prune::compact(*network);
    std::printf("compacted: %d and %d of 300 and 100 neurons, %.1f %% right\n", small->spec().layers[0].outputs,
                small->spec().layers[1].outputs, 100 * trainer.accuracy(*small, glyphs.test));
}
