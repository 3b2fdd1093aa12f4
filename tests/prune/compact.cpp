// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/compact.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// A random network of convolutions, depthwise layers, residuals, pools and heads, that fits its input.
net::Spec random_spec(Random& random) {
    for (;;) {
        net::Spec spec;
        spec.input = {1 + int(random.below(3)), 5 + int(random.below(8)), 5 + int(random.below(8))};
        const int layers = 1 + int(random.below(5));
        for (int i = 0; i < layers; ++i) {
            net::Layer layer;
            layer.input = i - 1;
            if (i > 0 && random.chance(0.2)) layer.input = int(random.below(std::uint32_t(i + 1))) - 1;
            layer.kind = random.chance(0.35) ? net::Kind::depthwise : net::Kind::convolution;
            layer.outputs = 1 + int(random.below(6));
            layer.kernel_height = layer.kernel_width = 1 + 2 * int(random.below(3));
            layer.stride = random.chance(0.2) ? 2 : 1;
            layer.padding = random.chance(0.5) ? net::Padding::same : net::Padding::valid;
            layer.batch_normalisation = random.chance(0.5);
            layer.activation = random.chance(0.7) ? net::Activation::relu : net::Activation::linear;
            if (random.chance(0.3)) {
                layer.pooling = random.chance(0.5) ? net::Pooling::maximum : net::Pooling::average;
                layer.pool_height = layer.pool_width = 2;
            }
            if (i > 0 && random.chance(0.4)) {
                layer.residual = int(random.below(std::uint32_t(i)));
                layer.outputs = spec.layers[std::size_t(layer.residual)].outputs;
                layer.stride = 1;
                layer.padding = net::Padding::same;
            }
            if (layer.kind == net::Kind::depthwise)
                layer.outputs = layer.input < 0 ? spec.input.channels : spec.layers[std::size_t(layer.input)].outputs;
            spec.layers.push_back(layer);
        }
        net::Layer dense;
        dense.kind = net::Kind::dense;
        dense.batch_normalisation = false;
        if (random.chance(0.5)) {
            dense.outputs = 3 + int(random.below(5));
            dense.input = layers - 1;
            spec.layers.push_back(dense);
        }
        const std::size_t inner = spec.layers.size();
        dense.outputs = 4;
        dense.activation = net::Activation::linear;
        for (std::size_t i = 0; i < inner; ++i) // a head for every layer that nobody reads, and for some others
            if (net::is_output(spec, i) || random.chance(0.15)) {
                dense.input = int(i);
                spec.layers.push_back(dense);
            }
        try {
            net::shapes(spec);
            return spec;
        } catch (const Error&) { // does not fit: another one
        }
    }
}

void randomise(nn::Network& network, Random& random) {
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
        nn::Network::Layer& layer = network.layers()[i];
        const std::size_t outputs = std::size_t(net::weight_rows(network.spec().layers[i]));
        const double scale = 1 / std::sqrt(double(layer.weights->value.size() / outputs));
        for (float& weight : layer.weights->value) weight = float(scale * random.normal());
        if (layer.biases)
            for (float& bias : layer.biases->value) bias = float(0.5 * random.normal());
        if (!layer.normalisation) continue;
        for (std::size_t c = 0; c < outputs; ++c) {
            layer.normalisation->gamma.value[c] = float(1 + 0.3 * random.normal());
            layer.normalisation->beta.value[c] = float(0.3 * random.normal());
            layer.normalisation->running_mean[c] = float(0.3 * random.normal());
            layer.normalisation->running_variance[c] = float(random.uniform(0.3, 2));
        }
    }
}

/// Random masks: single weights, channels with and without their biases, and what they make useless.
prune::Masks random_masks(const net::Spec& spec, Random& random) {
    prune::Masks masks = prune::all_kept(spec);
    const net::Shapes shapes = net::shapes(spec);
    for (std::size_t i = 0; i < masks.size(); ++i) {
        const double sparsity = random.uniform();
        for (std::uint8_t& weight : masks[i].weights) weight = !random.chance(sparsity * sparsity);
        const std::size_t outputs = std::size_t(spec.layers[i].outputs);
        std::vector<std::uint8_t> left(outputs), unread(std::size_t(shapes.layers[i].in.channels));
        for (std::uint8_t& channel : left) channel = random.chance(0.4);
        for (std::uint8_t& channel : unread) channel = random.chance(0.3);
        net::for_connections(spec.layers[i], shapes.layers[i],
                             [&](std::size_t o, std::size_t c, std::size_t first, std::size_t count) {
                                 if (left[o] || unread[c])
                                     std::fill_n(masks[i].weights.begin() + std::ptrdiff_t(first), count, 0);
                             });
        if (random.chance(0.5)) continue;
        masks[i].channels.assign(outputs, 1);
        for (std::size_t c = 0; c < outputs; ++c) masks[i].channels[c] = !left[c];
    }
    if (random.chance(0.5)) prune::remove_useless(spec, masks);
    return masks;
}

/// Fills the inputs of two networks alike, and returns the largest difference of their logits, relative to the largest.
double difference(nn::Network& a, nn::Network& b, Random& random) {
    Team team(1);
    const auto from = a.input().value.group(0), to = b.input().value.group(0);
    tensor::for_rows(a.input().shape, [&](int c, int y) {
        for (int p = 0; p < a.input().shape.width; ++p)
            for (std::size_t s = 0; s < 16; ++s) from.row(c, y)[p][s] = float(random.uniform());
        std::copy_n(from.row(c, y), a.input().shape.width, to.row(c, y));
    });
    for (nn::Network* network : {&a, &b}) network->graph().forward(autograd::Mode::evaluation, team);
    double largest = 1, worst = 0;
    for (int k = 0; k < a.logits().shape.channels; ++k)
        for (std::size_t s = 0; s < 16; ++s) {
            const double x = double(a.logits().at(s, k));
            const double y = double(b.logits().at(s, k));
            largest = std::max(largest, std::abs(x));
            worst = std::max(worst, std::abs(x - y));
        }
    return worst / largest;
}

/// A network of a notation with random weights, masked by hand, and compacted.
struct Example {
    explicit Example(const char* notation, net::Shape input = {1, 8, 8})
        : network(net::parse(notation, input), {.batch = 16}) {
        Random random(3, "example");
        randomise(network, random);
    }
    /// Sets all weights of an output channel to 0, and with `whole` its bias and normalisation.
    void clear(std::size_t layer, std::size_t channel, bool whole) {
        nn::Network::Layer& own = network.layers()[layer];
        const std::size_t outputs = std::size_t(network.spec().layers[layer].outputs);
        const std::size_t fan_in = own.weights->value.size() / outputs;
        std::fill_n(own.weights->value.begin() + std::ptrdiff_t(channel * fan_in), fan_in, 0.0f);
        if (!whole) return;
        if (own.biases) own.biases->value[channel] = 0;
        if (own.normalisation) own.normalisation->gamma.value[channel] = own.normalisation->beta.value[channel] = 0;
    }
    std::vector<int> widths() {
        Random random(4, "inputs");
        const auto compacted = prune::compact(network);
        CHECK(difference(network, *compacted, random) < 1e-5);
        std::vector<int> result;
        for (const net::Layer& layer : compacted->spec().layers) result.push_back(layer.outputs);
        return result;
    }
    nn::Network network;
};

} // namespace

TEST_CASE("compaction keeps the function of 400 random networks with random masks") {
    Random random(1, "compaction");
    std::size_t left = 0, shrunk = 0;
    for (int trial = 0; trial < 400; ++trial) {
        CAPTURE(trial);
        const net::Spec spec = random_spec(random);
        nn::Network network(spec, {.batch = 16});
        randomise(network, random);
        prune::apply_masks(random_masks(spec, random), network);
        const auto compacted = prune::compact(network);
        CHECK(difference(network, *compacted, random) < 1e-5);
        for (std::size_t i = 0; i < spec.layers.size(); ++i)
            left += std::size_t(spec.layers[i].outputs - compacted->spec().layers[i].outputs);
        shrunk += net::weights(compacted->spec()) < net::weights(spec);
    }
    CHECK(shrunk > 200); // the test would say nothing if channels never left
    CHECK(left > 500);
}

TEST_CASE("a channel without weights leaves, and with it what reads it") {
    Example example("C4k3 M2 C3k3 F5");
    CHECK(example.widths() == std::vector<int>{4, 3, 5});
    example.clear(0, 2, true);
    CHECK(example.widths() == std::vector<int>{3, 3, 5});
    example.clear(1, 0, false); // its normalisation's offset goes into the dense layer's bias
    CHECK(example.widths() == std::vector<int>{3, 2, 5});
}

TEST_CASE("a constant that padding would cut stays; without padding it moves") {
    Example padded("C4k3n C3k3n F5"), valid("C4k3n C3k3vn F5");
    for (Example* example : {&padded, &valid}) {
        example->clear(0, 1, false);
        example->network.layers()[0].biases->value[1] = 0.7f;
    }
    CHECK(padded.widths() == std::vector<int>{4, 3, 5});
    CHECK(valid.widths() == std::vector<int>{3, 3, 5});
}

TEST_CASE("a channel that nothing reads leaves, back through a depthwise layer") {
    Example example("C4k3 D3 C3k1 F5");
    const std::size_t fan_in = 4;
    for (std::size_t o = 0; o < 3; ++o) example.network.layers()[2].weights->value[o * fan_in + 3] = 0;
    CHECK(example.widths() == std::vector<int>{3, 3, 3, 5});
}

TEST_CASE("the two sides of a residual sum lose channels together or not at all") {
    Example example("C4k3 =a C4k3 +a F5");
    example.clear(1, 2, true); // the shortcut still carries channel 2
    CHECK(example.widths() == std::vector<int>{4, 4, 5});
    example.clear(0, 2, true);
    CHECK(example.widths() == std::vector<int>{3, 3, 5});
}

TEST_CASE("a network of which nothing is left keeps one channel a layer and its answer") {
    Example example("C4k3 C3k3 F5");
    for (std::size_t c = 0; c < 4; ++c) example.clear(0, c, true);
    CHECK(example.widths() == std::vector<int>{1, 1, 5});
}

TEST_CASE("channels of the picture stay, behind a depthwise layer too") {
    Example example("D3 C2k1 F5", {3, 6, 6});
    example.clear(0, 1, true);
    CHECK(example.widths() == std::vector<int>{3, 2, 5});
}

TEST_CASE("a tree keeps all its rows; a column that none reads leaves, a constant one stays, as a tree has no biases") {
    Example example("C4k3 F6L T3d2");
    const std::size_t rows = std::size_t(net::weight_rows(example.network.spec().layers[2]));
    for (std::size_t row = 0; row < rows; ++row) example.network.layers()[2].weights->value[row * 6 + 1] = 0;
    example.clear(1, 4, false);
    example.network.layers()[1].biases->value[4] = 0.7f;
    CHECK(example.widths() == std::vector<int>{4, 5, 3});
    example.network.layers()[1].biases->value[4] = 0;
    CHECK(example.widths() == std::vector<int>{4, 4, 3});
}
