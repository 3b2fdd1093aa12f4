// SPDX-License-Identifier: Apache-2.0
// Lesson 8: working memory by hand, then by the library. An Arduino Uno has 2048 bytes of RAM, and a network must fit
// before anything is trained. Counted layer by layer, after SpArSe (Fedorov et al. 2019, section 3):
//   working memory = max over layers of max(|x| + |w|, |x| + |y|), in bytes
//   x: what the layer reads, and y: what it gives, after pooling, a byte per element
//   w: its weights, at their bits, and its biases, a byte each
// SpArSe itself counts no biases, and pooling as a layer of its own.
// The runner on the chip needs less: weights stay in flash, and rows stream through the layers, so that each layer
// keeps only the rows under its window, in a ring (a buffer in which the newest row takes the place of the oldest).
// Headers: cost/measures.hpp, fixed/plan.hpp. See docs/paper.md, "The system", and docs/measures.md.
#include "tinysparse/cost/measures.hpp"
#include "tinysparse/fixed/plan.hpp"
#include "tinysparse/net/notation.hpp"
#include <cstdio>

using namespace tinysparse;

int main() {
    // 1: by hand. Channels x height x width are elements; pooling (M2: the largest of 2x2) halves both sides.
    struct Layer {
        const char* name;
        std::size_t x, w, y;
    };
    const Layer layers[] = {
        {"C4k3 M2", 1 * 16 * 16, 4 * (1 * 3 * 3) + 4, 4 * 8 * 8}, // 4 filters of 1 x 3 x 3 weights, and a bias for each
        {"C8k3 M2", 4 * 8 * 8, 8 * (4 * 3 * 3) + 8, 8 * 4 * 4},   // 8 filters over 4 channels
        {"F10", 8 * 4 * 4, 10 * (8 * 4 * 4) + 10, 10},            // 10 outputs, each reads all 128 elements
    };
    std::size_t with_weights = 0, with_outputs = 0, stored = 0;
    std::printf("bytes     |x|   |w|   |y|  |x|+|w|  |x|+|y|\n");
    for (const Layer& layer : layers) {
        std::printf("%-8s %4zu  %4zu  %4zu  %7zu  %7zu\n", layer.name, layer.x, layer.w, layer.y, layer.x + layer.w,
                    layer.x + layer.y);
        with_weights = std::max(with_weights, layer.x + layer.w);
        with_outputs = std::max(with_outputs, layer.x + layer.y);
        stored += layer.w;
    }
    std::printf("by hand: %zu B to store, working memory max(%zu, %zu) = %zu B\n", stored, with_weights, with_outputs,
                std::max(with_weights, with_outputs));

    // 2: by the library, from the shapes alone: no network has been trained.
    const char* const line = "C4k3 M2 C8k3 M2 F10";
    for (const int bits : {8, 4}) {
        const net::Spec spec = net::parse(line, {1, 16, 16}, bits);
        const net::Shapes shapes = net::shapes(spec);
        const cost::Measures measures = cost::measures(spec, shapes, cost::layer_weights(spec, shapes, 1));
        std::printf("weights of %d bits: %zu B to store, working memory max(%zu, %zu) = %zu B, %zu MACs\n", bits,
                    measures.model_size, measures.working_memory_1, measures.working_memory_2,
                    measures.working_memory(), measures.macs);
    }

    // 3: what the runner keeps. `scratch` are rows that live for one step; they share one area.
    const net::Spec spec = net::parse(line, {1, 16, 16});
    const net::Shapes shapes = net::shapes(spec);
    const fixed::Plan plan = fixed::plan(spec);
    const auto print = [](const std::string& name, const fixed::Buffers& buffers) {
        std::printf("%-8s keeps %d row%s of %zu B%s\n", name.c_str(), buffers.ring, buffers.ring == 1 ? "" : "s",
                    buffers.row_bytes, buffers.scratch ? " (scratch)" : "");
    };
    print("picture", plan.picture);
    for (std::size_t i = 0; i + 1 < plan.layers.size(); ++i) print(net::layer_text(spec, shapes, i), plan.layers[i]);
    std::printf("scratch %zu B, %d scores of 4 B, %zu row counters of %d B\n", plan.scratch_bytes, plan.classes,
                plan.layers.size() + 1, plan.counter_bytes);
    const std::size_t by_the_rule = cost::measures(spec, shapes, cost::layer_weights(spec, shapes, 1)).working_memory();
    std::printf("RAM of the runner: %zu B, beside %zu B by the rule above\n", plan.bytes(), by_the_rule);
}
