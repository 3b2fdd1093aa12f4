// SPDX-License-Identifier: Apache-2.0
// Float equals integer: the network on grids, evaluated in float, and the integer network on the device's kernels give
// the same logits, for every layer type, format and odd size that a Spec permits.
#include "tinysparse/quantise/integers.hpp"
#include "host.hpp"
#include "random_spec.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/quantise/folding.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::fixed;
using namespace tinysparse::quantise;

namespace {

data::Dataset random_samples(const net::Shape& shape, bool series, std::size_t samples, Random& random) {
    data::Dataset set;
    set.shape = {shape.channels, shape.height, shape.width};
    set.element = series ? data::ElementType::int16 : data::ElementType::uint8;
    set.class_names = {"any"};
    set.train.samples = samples;
    set.train.labels.assign(samples, 0);
    for (std::size_t i = 0; i < samples * shape.size(); ++i) {
        if (series)
            set.train.values.push_back(std::int16_t(int(random.below(4001)) - 2000));
        else
            set.train.pixels.push_back(std::uint8_t(random.below(256)));
    }
    if (series) set.normalisation = data::normalisation_of(set.train, set.shape);
    for (std::int8_t& shift : set.normalisation.shift)
        if (random.chance(0.3)) shift = std::int8_t(-int(random.below(8))); // small whole numbers are shifted left
    return set;
}

/// A free network with random weights and random statistics of batch normalisation.
void randomise(nn::Network& network, Random& random) {
    network.initialise(random());
    for (nn::Network::Layer& layer : network.layers()) {
        if (layer.biases)
            for (float& bias : layer.biases->value) bias = float(0.2 * random.normal());
        if (!layer.normalisation) continue;
        for (std::size_t c = 0; c < layer.normalisation->gamma.value.size(); ++c) {
            layer.normalisation->gamma.value[c] = float(random.uniform(0.5, 2));
            layer.normalisation->beta.value[c] = float(0.3 * random.normal());
            layer.normalisation->running_mean[c] = float(0.3 * random.normal());
            layer.normalisation->running_variance[c] = float(random.uniform(0.3, 3));
        }
    }
}

/// Logits of all samples of a batch: [sample][class].
std::vector<float> logits_of(nn::Network& network, const data::Dataset& set, Team& team) {
    nn::Loader loader(set, network.spec());
    std::vector<std::uint32_t> indices(set.train.samples);
    for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = std::uint32_t(i);
    loader.load(set.train, indices, network);
    network.graph().forward(autograd::Mode::evaluation, team);
    std::vector<float> result;
    for (std::size_t i = 0; i < indices.size(); ++i)
        for (int k = 0; k < network.logits().shape.channels; ++k) result.push_back(network.logits().at(i, k));
    return result;
}

/// A tree over a projection, linear or not, of a picture or of a layer.
net::Spec random_tree(const net::Shape& input, Random& random) {
    const std::string before = random.chance(0.5) ? "" : "C3k1 ", z = random.chance(0.8) ? "L" : "";
    return net::parse(text(before, "F", 1 + random.below(12), z, " T", 1 + random.below(6), "d", random.below(5)),
                      input, random.chance(0.5) ? 8 : 4);
}

std::vector<FloatLayer> random_layers(const net::Spec& spec, std::uint64_t seed) {
    nn::Network free(spec, {.batch = 16});
    Random random(seed);
    randomise(free, random);
    return fold(free);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
    REQUIRE(a.size() == b.size());
    double difference = 0, size = 1;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = std::max(difference, std::abs(double(a[i]) - double(b[i])));
        size = std::max(size, std::abs(double(a[i])));
    }
    return difference / size;
}

} // namespace

TEST_CASE("folding, absorbing biases and equalising leave the function of a network as it is") {
    Random random(11, "folding");
    Team team(1);
    int absorbed = 0;
    for (int round = 0; round < 180; ++round) {
        const net::Shape input{1 + int(random.below(3)), 1 + int(random.below(12)), 1 + int(random.below(12))};
        const net::Spec spec = round < 150 ? plain::random_spec(input, random, 5) : random_tree(input, random);
        CAPTURE(net::notation(spec));
        const data::Dataset set = random_samples(spec.input, false, 8, random);
        nn::Network free(spec, {.batch = 16});
        randomise(free, random);
        const std::vector<float> expected = logits_of(free, set, team);
        nn::Network folded(folded_spec(spec), {.batch = 16});
        std::vector<FloatLayer> layers = fold(free);
        set_parameters(folded, layers);
        CHECK(largest_difference(logits_of(folded, set, team), expected) < 1e-4);
        absorb_biases(spec, layers);
        for (const FloatLayer& layer : layers) absorbed += layer.biases.empty();
        set_parameters(folded, layers);
        CHECK(largest_difference(logits_of(folded, set, team), expected) < 1e-4);
        equalise(spec, layers);
        set_parameters(folded, layers);
        CHECK(largest_difference(logits_of(folded, set, team), expected) < 1e-4);
    }
    CHECK(absorbed > 20); // or the test would have seen nothing
}

TEST_CASE("the constant part of a channel that hardly varies moves on, and the function stays as it is") {
    Random random(12, "constants");
    Team team(1);
    int moved = 0;
    for (int round = 0; round < 60; ++round) {
        const net::Shape input{1 + int(random.below(3)), 1 + int(random.below(12)), 1 + int(random.below(12))};
        const net::Spec spec = plain::random_spec(input, random, 5);
        CAPTURE(net::notation(spec));
        const data::Dataset set = random_samples(spec.input, false, 8, random);
        nn::Network free(spec, {.batch = 16});
        randomise(free, random);
        for (nn::Network::Layer& layer : free.layers()) {
            if (!layer.normalisation || random.chance(0.3)) continue;
            const std::size_t c = random.below(std::uint32_t(layer.normalisation->gamma.value.size()));
            layer.normalisation->gamma.value[c] = 1e-5f;
            layer.normalisation->beta.value[c] = float(random.uniform(-3, 20));
        }
        const std::vector<float> expected = logits_of(free, set, team);
        const std::vector<FloatLayer> before = fold(free);
        std::vector<FloatLayer> layers = before;
        absorb_constants(free, layers);
        for (std::size_t i = 0; i < layers.size(); ++i)
            for (std::size_t c = 0; c < layers[i].biases.size() && free.layers()[i].normalisation; ++c) {
                const auto& normalisation = *free.layers()[i].normalisation;
                const double mean = normalisation.beta.value[c], deviation = normalisation.gamma.value[c];
                const bool moves = mean > 16 * deviation && spec.layers[i].activation == net::Activation::relu &&
                                   net::passes_constants_on(spec, i);
                moved += moves;
                CHECK(layers[i].weights == before[i].weights);
            }
        nn::Network folded(folded_spec(spec), {.batch = 16});
        set_parameters(folded, layers);
        CHECK(largest_difference(logits_of(folded, set, team), expected) < 1e-3);
        absorb_biases(spec, layers);
        equalise(spec, layers);
        set_parameters(folded, layers);
        CHECK(largest_difference(logits_of(folded, set, team), expected) < 1e-3);
    }
    CHECK(moved > 20);
}

TEST_CASE("only a channel whose mean is sixteen deviations above 0 loses its constant part, all but four deviations") {
    nn::Network free(net::parse("C4k1 C2k1 F3", {2, 4, 4}), {.batch = 16});
    Random random(13, "channels");
    randomise(free, random);
    autograd::BatchNormalisation& normalisation = *free.layers()[0].normalisation;
    normalisation.gamma.value = {0.5f, -0.5f, 0.5f, 0.5f};
    normalisation.beta.value = {7.9f, 8.1f, -8.1f, 0.5f};
    std::vector<FloatLayer> layers = fold(free);
    const std::vector<FloatLayer> before = layers;
    absorb_constants(free, layers);
    for (const std::size_t c : {0u, 2u, 3u}) CHECK(layers[0].biases[c] == before[0].biases[c]);
    CHECK(layers[0].biases[1] == doctest::Approx(before[0].biases[1] - (8.1 - 2)));
    for (std::size_t o = 0; o < 2; ++o)
        CHECK(layers[1].biases[o] == doctest::Approx(before[1].biases[o] + 6.1 * before[1].weights[4 * o + 1]));
    CHECK(layers[2].biases == before[2].biases);
}

TEST_CASE("after equalisation the channels between two convolutions have equally large weights on both sides") {
    const net::Spec spec = net::parse("C6k1 C5k1 F3", {2, 4, 4});
    std::vector<FloatLayer> layers = random_layers(spec, 3);
    equalise(spec, layers);
    double ratio = 0; // of the largest weight before a channel to the largest behind it, the same for all channels
    for (std::size_t c = 0; c < 6; ++c) {
        double before = 0, after = 0;
        for (std::size_t i = 0; i < 2; ++i) before = std::max(before, std::abs(double(layers[0].weights[c * 2 + i])));
        for (std::size_t o = 0; o < 5; ++o) after = std::max(after, std::abs(double(layers[1].weights[o * 6 + c])));
        if (c == 0) ratio = before / after;
        CHECK(before / after == doctest::Approx(ratio).epsilon(1e-3));
    }
}

TEST_CASE("a channel that pruning left without weights to speak of does not blow up the biases of its layer") {
    const net::Spec spec = net::parse("C6k1 C5k1 F3", {2, 4, 4});
    std::vector<FloatLayer> layers = random_layers(spec, 4);
    for (std::size_t i = 0; i < 2; ++i) layers[0].weights[2 * 2 + i] *= 1e-20f;
    equalise(spec, layers);
    for (const FloatLayer& layer : layers)
        for (const float bias : layer.biases) CHECK(std::abs(bias) < 100);
}

TEST_CASE("float equals integer: every logit of random networks, pictures and series") {
    Random random(12, "float equals integer");
    Team team(1);
    int compared = 0, refused = 0;
    for (int round = 0; round < 460; ++round) {
        const bool series = random.chance(0.25);
        net::Shape input{1 + int(random.below(4)), 1 + int(random.below(16)), 1 + int(random.below(16))};
        if (series) input = {1 + int(random.below(6)), 1 + int(random.below(40)), 1};
        const net::Spec spec = round < 400 ? plain::random_spec(input, random, 6) : random_tree(input, random);
        CAPTURE(net::notation(spec));
        const data::Dataset set = random_samples(input, series, 18, random);
        nn::Network free(spec, {.batch = 32});
        randomise(free, random);
        std::vector<FloatLayer> layers = fold(free);
        absorb_biases(spec, layers);
        equalise(spec, layers);
        const auto grids = calibrate(spec, layers, set, team);
        nn::Network rounded(folded_spec(spec), {.batch = 32, .grids = &grids});
        set_parameters(rounded, layers);
        const std::vector<float> floating = logits_of(rounded, set, team);
        const Network integers = to_integers(rounded, grids, input_of(set));
        int exponent = 0;
        for (std::size_t i = 0; i < spec.layers.size(); ++i)
            if (net::is_output(spec, i)) exponent = integers.layers[i].output_exponent;
        try {
            Host host(integers);
            for (std::size_t sample = 0; sample < 18; ++sample) {
                std::vector<std::int32_t> logits;
                std::vector<std::uint8_t> picture;
                std::vector<std::int16_t> values;
                if (series) {
                    device_order<std::int16_t>(std::span(set.train.values).subspan(sample * input.size(), input.size()),
                                               input, values);
                    logits = host.logits(values);
                } else {
                    device_order<std::uint8_t>(std::span(set.train.pixels).subspan(sample * input.size(), input.size()),
                                               input, picture);
                    logits = host.logits(picture);
                }
                for (std::size_t k = 0; k < logits.size(); ++k)
                    REQUIRE(float(logits[k]) == std::ldexp(floating[sample * logits.size() + k], -exponent));
                ++compared;
            }
        } catch (const Error&) {
            ++refused; // a sum that could reach 2^24: the proof refuses the network, rightly
        }
    }
    CHECK(compared > 18 * 450);
    CHECK(refused < 10);
}
