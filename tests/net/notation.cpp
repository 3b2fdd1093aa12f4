// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/net/notation.hpp"
#include "tinysparse/net/averaging.hpp"
#include "tinysparse/net/count.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::net;

TEST_CASE("a line of notation gives the shapes and counts worked out by hand") {
    const Spec spec = parse("A2 C5k3 D3L C9k1 A2 D3vL F10", {1, 28, 28});
    const Shapes all = shapes(spec);
    REQUIRE(spec.layers.size() == 5);
    CHECK(all.picture == Shape{1, 14, 14});
    CHECK(all.layers[0].out == Shape{5, 14, 14});
    CHECK(all.layers[1].out == Shape{5, 14, 14});
    CHECK(all.layers[2].operation == Shape{9, 14, 14});
    CHECK(all.layers[2].out == Shape{9, 7, 7});
    CHECK(all.layers[3].out == Shape{9, 5, 5});
    CHECK(all.classes == 10);
    CHECK(weights(spec) == 45 + 45 + 45 + 81 + 2250);
    CHECK(macs(spec) == 45 * 196 + 45 * 196 + 45 * 196 + 81 * 25 + 2250);
    CHECK(spec.layers[1].activation == Activation::linear);
    CHECK(spec.layers[0].batch_normalisation);
    CHECK_FALSE(spec.layers[1].batch_normalisation);
    CHECK(spec.layers[4].activation == Activation::linear);
    CHECK_FALSE(spec.layers[4].batch_normalisation);
}

TEST_CASE("LeNet-5 has the 431 thousand parameters of the papers") {
    const Spec spec = parse("C20k5vLn M2 C50k5vLn M2 F500 F10", {1, 28, 28});
    CHECK(weights(spec) == 430500);
    CHECK(spec.layers[2].activation == Activation::relu); // a hidden dense layer
    CHECK(shapes(spec).layers[1].out == Shape{50, 4, 4});
}

TEST_CASE("residuals, projections and several heads are read and written") {
    const Shape input{3, 32, 32};
    for (const char* line :
         {"C8k3s2 =a D3L C8k1 +a A2 F10", "C8k3 M2 =a D3L C16k1L =b @a C16k1L +b G F10", "C8k3 A4 =a C8k3 F10 @a F10b4",
          "C4k3 @picture C4k3b4 F10b2", "C4k5x1 A2x1 F2", "A2 C4k1s2v DGL F3", "C6k3vn D3LNb4 D3n F20b4 F10L F2"}) {
        CAPTURE(line);
        if (std::string(line).starts_with("C4k3 @picture")) {
            CHECK_THROWS_AS(parse(line, input), Error); // the first layer is read by nobody
            continue;
        }
        const Spec spec = parse(line, input);
        CHECK(parse(notation(spec), input) == spec);
    }
    CHECK(notation(parse("C8k3s2 =x D3L C8k1 +x A2 F10", input)) == "C8k3s2 =a D3L C8k1 +a A2 F10");
}

TEST_CASE("a time series has kernels and pools of width 1") {
    const Shape series{9, 128, 1};
    const Spec spec = parse("C16k5 M2 D3L C8k1 G F6", series);
    CHECK(spec.layers[0].kernel_height == 5);
    CHECK(spec.layers[0].kernel_width == 1);
    CHECK(shapes(spec).layers[2].out == Shape{8, 1, 1});
    CHECK(notation(spec) == "C16k5 M2 D3L C8k1 G F6");
}

TEST_CASE("bits of the whole network are a default that single layers override") {
    const Spec spec = parse("C4k3 A2 F10b8", {1, 8, 8}, 4);
    CHECK(spec.layers[0].bits == 4);
    CHECK(spec.layers[1].bits == 8);
    CHECK(notation(spec) == "C4k3b4 A2 F10");
}

TEST_CASE("what cannot be a network is refused in a sentence that says what to do") {
    const auto refused = [](const char* line, const char* sentence, Shape input = {1, 28, 28}) {
        CAPTURE(line);
        CHECK_THROWS_WITH_AS(parse(line, input), sentence, Error);
    };
    refused("", "the network has no layers; it needs at least a dense one, such as F10");
    std::string deep;
    for (int i = 0; i < 254; ++i) deep += "C1k1 ";
    refused((deep + "F10").c_str(), "the network has 255 layers; a device counts up to 254");
    refused("C8", "layer 1: its output is read by nobody; end the network with a dense layer, such as F10");
    refused("C8k9 F10", "layer 1: kernel 9x9 is not allowed; use an odd size from 1 to 7, or that of its input, 28x28");
    refused("C8k5v F2", "layer 1: kernel 5x5 is larger than its input 4x4; use padding 'same' or a smaller kernel",
            {1, 4, 4});
    refused("C8s3 F2", "layer 1: stride 3 is not 1 or 2");
    refused("C8 D3s3 F2", "layer 2: stride 3 is not 1 or 2");
    refused("C8 A2 A2 F2", "layer 1: is pooled twice; use one larger pool");
    refused("C8 A32 F2",
            "layer 1: pooling 32x32 does not fit its input 28x28; use a smaller pool or fewer strides before it");
    refused("C8 +a F2", "network word '+a': no layer before it has been named =a");
    refused("C8 =a C4 +a F2", "layer 2: adds 8 channels of 28x28 to its own 4 of 28x28; a residual needs equal shapes");
    refused("F2b3", "layer 1: weights of 3 bits are not known; use 8, 4 or 2");
    refused("C F2", "network word 'C': a number is expected after 'C'");
    refused("C99999999999 F2", "network word 'C99999999999': a number is expected after 'C'");
    refused("C8 =a A2 F2", "layer 1: write the pooling before =a: names are of what leaves it");
    refused("C8 =a F2 @a F3", "layer 3: this head gives 3 logits, an earlier one 2");
    refused("M2 F2", "network: the picture is downsampled by averages; begin with A2, not M2");
    refused("X8 F2",
            "network word 'X8': 'X' is not known; layers are C8k3s2, D3L, F10, T10d3, pooling is A2, M2 or G, names "
            "are =a, +a, @a");
}

TEST_CASE("every word and shape that cannot be meant is refused in its own words") {
    const struct {
        const char *line, *words;
    } rows[] = {
        {"A2 A2 F10", "the picture is downsampled twice; use one A"},
        {"C4 =a C4 @a A2 F2", "pooling must follow the layer that it pools, before any @name"},
        {"C4 = F2", "a name is expected after '='"},
        {"=a F2", "there is no layer before it"},
        {"C4 =a C4 =a F2", "the name is taken"},
        {"C4 =picture F2", "the name is taken"},
        {"C4 =a C4 =b C4 +a +b F2", "adds two residuals; one is the most"},
        {"C4 =a C4 A2 +a F2", "write +a before the pooling: the sum comes first"},
        {"F0", "width 0 is not in 1..65535"},
        {"C65536 F2", "width 65536 is not in 1..65535"},
        {"F4 A1 F2", "a dense layer has no positions left to pool"},
        {"A256 F2", "an average over 65536 positions is too large; pool in two steps"},
        {"A255 F2", "an average over 65025 positions is too large; pool in two steps"},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.line));
        std::string error = "no error";
        try {
            const Spec spec = parse(row.line, {1, 512, 512});
            averaging(spec.downsample_height * spec.downsample_width);
        } catch (const tinysparse::Error& refusal) {
            error = refusal.what();
        }
        CHECK_MESSAGE(error.find(row.words) != std::string::npos, error);
    }
    CHECK_THROWS_WITH_AS(parse("F2", {0, 1, 1}), "the input's channel count 0 is not in 1..65535", tinysparse::Error);
    Spec spec{.input = {2, 8, 8}};
    spec.append(Layer::depthwise(3)).append(Layer::dense(2));
    CHECK_THROWS_WITH_AS(shapes(spec), "layer 1: a depthwise layer keeps the channels of its input: 2, not 3",
                         tinysparse::Error);
    spec.layers[0] = Layer::depthwise(2);
    spec.layers[0].input = 1;
    CHECK_THROWS_WITH_AS(shapes(spec), "layer 1: reads a layer that does not come before it", tinysparse::Error);
}

TEST_CASE("a layer alone is written with its residual and its pooling") {
    const Spec spec = parse("C8k3 =a D3L C8k1 +a A2 F10b4", {1, 28, 28});
    const Shapes all = shapes(spec);
    CHECK(layer_text(spec, all, 0) == "C8k3");
    CHECK(layer_text(spec, all, 1) == "D3L");
    CHECK(layer_text(spec, all, 2) == "C8k1 +1 A2");
    CHECK(layer_text(spec, all, 3) == "F10b4");
}
