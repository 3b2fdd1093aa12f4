// SPDX-License-Identifier: Apache-2.0
// Lesson: a convolutional network that learns drawn digits, becomes integers and is judged as a device would run it.
// Seconds on one core, no download. strokes_in_40_lines.expected holds the output and a test compares it, so accuracies
// are printed as "at least": the last digits depend on how a compiler orders its sums.
#include "tinysparse/data/load.hpp"
#include "tinysparse/fixed/evaluate.hpp"
#include "tinysparse/quantise/train.hpp"
#include <cstdio>

using namespace tinysparse;

int main() {
    const data::Dataset strokes = data::load("synthetic:strokes,samples=4000,seed=1");
    std::printf("%zu training pictures of %dx%d in %zu classes\n", strokes.train.samples, strokes.shape.height,
                strokes.shape.width, strokes.classes());

    // Average pixels 2x2; 6 filters 3x3; average; a linear depthwise layer and 12 mixtures of it; average; 10 classes.
    const net::Spec spec = net::parse("A2 C6k3 A2 D3L C12k1 A2 F10", {1, 28, 28});

    quantise::TrainOptions options;
    options.epochs = 12;
    options.augmentation.shift = 1; // every epoch sees every picture moved by up to a pixel
    const quantise::Trained trained =
        quantise::train(spec, strokes, options); // the second half of the epochs on integers

    std::size_t weights = 0;
    for (const auto& layer : trained.model.network.layers) weights += layer.weights.size();
    std::printf("%zu weights of 8 bits\n", weights);

    const double chance = 1.0 / double(strokes.classes());
    const double accuracy = fixed::accuracy(trained.model.network, strokes.test); // by the kernels of the device
    std::printf("accuracy of the integers: chance %.0f %%, reached at least %s\n", 100 * chance,
                accuracy >= 0.85  ? "85 %"
                : accuracy >= 0.7 ? "70 %"
                                  : text(100 * accuracy, " %").c_str());
    const double lost = *trained.float_validation_accuracy - *trained.validation_accuracy;
    std::printf("rounding lost %s\n", lost < 0.02 ? "less than 2 %" : text(100 * lost, " %").c_str());
}
