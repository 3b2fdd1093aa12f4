// SPDX-License-Identifier: Apache-2.0
// Lesson 2: a small convolutional network (CNN) learns to tell ten drawn glyphs apart. A convolution moves a small
// window of weights over the picture, so a stroke is found wherever it lies, and few weights are enough:
//   y[o][r][c] = b[o] + sum over i, ky, kx of w[o][i][ky][kx] x[i][r + ky - 1][c + kx - 1]
// o and i count the channels (pictures of one size) that come out and go in, r and c rows and columns. Outside of the
// picture x is 0, so that its size stays. A multiply-add, or MAC, is one such product. Beside it: the linear
// classifier, one dense layer over all pixels.
// Headers: net/notation.hpp, nn/trainer.hpp; the loops in tensor/reference.hpp. Training uses Adam (Kingma and Ba
// 2015), and batch normalisation (Ioffe and Szegedy 2015), which shifts and scales each channel to mean 0 and deviation
// 1; equations: docs/equations.md, "Training".
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/strokes.hpp"
#include "tinysparse/nn/trainer.hpp"
#include <cstdio>

using namespace tinysparse;

/// Trains a network and prints its progress.
void train(const char* name, const net::Spec& spec, const data::Dataset& glyphs) {
    const net::Shapes shapes = net::shapes(spec);
    std::printf("\n%s: %s\n", name, net::notation(spec).c_str());
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const net::Shape& out = shapes.layers[i].out; // after pooling
        std::printf("layer %zu  %-11s %5zu weights %6zu MACs, gives %dx%dx%d\n", i + 1,
                    net::name_of(spec.layers[i].kind), net::weights(spec.layers[i], shapes.layers[i]),
                    net::macs(spec.layers[i], shapes.layers[i]), out.channels, out.height, out.width);
    }

    nn::TrainerOptions options;
    options.epochs = 12;            // passes over the training part
    options.augmentation.shift = 1; // every pass sees every picture moved by up to a pixel
    Team team(1);
    nn::Trainer trainer(glyphs, spec, options, team);
    nn::Network network(spec, trainer.recording());
    network.initialise(1); // random weights; the same number gives the same weights
    const auto print = [](const nn::Epoch& epoch) {
        if (epoch.index == 1 || epoch.index % 4 == 0)
            std::printf("epoch %2d: loss %.2f, %.1f %% of the training pictures right\n", epoch.index, epoch.loss,
                        100 * *epoch.training_accuracy);
    };
    trainer.run(network, *nn::make_optimiser(network, options), {.progress = print});
    std::printf("pictures that it has never seen: %.1f %% right\n", 100 * trainer.accuracy(network, glyphs.test));
}

int main() {
    // Three parts: training fits the weights, validation chooses among networks, the test part judges the choice.
    data::Dataset glyphs = data::synthetic_strokes(4000, 1);
    glyphs.test = data::split_off(glyphs.train, 28 * 28, glyphs.classes(), 0.2, "test part");
    glyphs.validation = data::split_off(glyphs.train, 28 * 28, glyphs.classes(), 0.1, "validation part");
    std::printf("pictures of 28x28: %zu to train on, %zu to choose by, %zu to test on; %zu classes\n",
                glyphs.train.samples, glyphs.validation.samples, glyphs.test.samples, glyphs.classes());

    // A2: average pixels 2x2. C6k3: 6 filters of 3x3. D3L: one 3x3 window per channel, without a ReLU. C12k1: 12
    // mixtures of the channels at each place. F10: a dense layer of 10 outputs. docs/notation.md explains all letters.
    train("CNN", net::parse("A2 C6k3 A2 D3L C12k1 A2 F10", {1, 28, 28}), glyphs);
    train("linear classifier", net::parse("F10", {1, 28, 28}), glyphs);
}
