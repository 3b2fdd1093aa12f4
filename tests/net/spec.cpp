// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/net/spec.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::net;

namespace {
/// The first layer of a line that reads 4 channels of 5x6.
Layer layer(const char* line) { return parse(line, {4, 5, 6}).layers[0]; }
} // namespace

TEST_CASE("depthwise layers alone read one channel for each output") {
    CHECK(reads_one_channel(layer("D3 F2")));
    CHECK(reads_one_channel(layer("DG F2")));
    CHECK_FALSE(reads_one_channel(layer("C4k3 F2")));
    CHECK_FALSE(reads_one_channel(layer("F4")));
}

TEST_CASE("windows of more than one position see padding unless it is switched off") {
    CHECK(sees_padding(layer("C4k3 F2")));
    CHECK(sees_padding(layer("D3x1 F2")));
    CHECK_FALSE(sees_padding(layer("C4k1 F2")));
    CHECK_FALSE(sees_padding(layer("C4k3v F2")));
    CHECK_FALSE(sees_padding(layer("F2")));
}

TEST_CASE("dense layers and unpadded windows as large as the input cover it") {
    const Shape in{4, 5, 6};
    CHECK(covers_input(layer("F2"), in));
    CHECK(covers_input(layer("DG F2"), in));
    CHECK(covers_input(layer("C3k5x6v F2"), in));
    CHECK_FALSE(covers_input(layer("C3k5v F2"), in));
    CHECK_FALSE(covers_input(layer("C3k5 F2"), {4, 5, 5})); // padded, so that it has 25 positions
}

TEST_CASE("a Spec made of layers is the one that its notation gives") {
    Spec made{.input = {1, 28, 28}, .downsample_height = 2, .downsample_width = 2};
    made.append(Layer::convolution(6).with_pooling(Pooling::average, 2));
    made.append(Layer::depthwise(6, 3, Activation::linear));
    made.append(Layer::convolution(12, 1).with_pooling(Pooling::maximum, 2));
    made.append(Layer::depthwise(12)).append(Layer::dense(30, Activation::relu)).append(Layer::dense(10));
    CHECK(made == parse("A2 C6k3 A2 D3L C12k1 M2 D3 F30 F10", {1, 28, 28}));
    check(made);

    Spec series{.input = {3, 64, 1}};
    series.append(Layer::convolution(4).with_kernel(5, 1).with_pooling(Pooling::maximum, 4, 1)).append(Layer::dense(2));
    CHECK(series == parse("C4k5 M4 F2", {3, 64, 1}));

    Spec square{.input = {3, 64, 1}}; // a kernel or pool of one number is 1 wide on a series
    square.append(Layer::convolution(4, 5).with_pooling(Pooling::maximum, 4)).append(Layer::depthwise(4));
    square.append(Layer::convolution(6).with_kernel(7, 1)).append(Layer::dense(2));
    CHECK(square == parse("C4k5 M4 D3 C6k7 F2", {3, 64, 1}));
}

TEST_CASE("a Spec that its notation cannot say is refused, with what is in the way") {
    const struct {
        void (*make)(Layer& hidden, Layer& last);
        const char* error;
    } faults[] = {
        {[](Layer&, Layer& last) { last.batch_normalisation = true; },
         "layer 3: a dense layer has no batch normalisation; switch it off, as Layer::dense() does"},
        {[](Layer& hidden, Layer&) { hidden.batch_normalisation = true; },
         "layer 2: a dense layer has no batch normalisation; switch it off, as Layer::dense() does"},
        {[](Layer&, Layer& last) { last.activation = Activation::relu; },
         "layer 3: a layer that gives logits is linear; take Activation::linear"},
        {[](Layer& hidden, Layer&) { hidden.pool_height = 2; },
         "layer 2: it has a pool of 2x1 and Pooling::none; choose a pooling, or leave the pool 1x1"},
        {[](Layer& hidden, Layer&) { hidden.stride = 2; },
         "layer 2: a dense layer has neither kernel, stride nor padding; leave them as Layer::dense() does"},
        {[](Layer& hidden, Layer&) { hidden.pooling = Pooling::count; },
         "layer 2: its kind, padding, activation or pooling does not exist"},
    };
    for (const auto& fault : faults) {
        Spec spec = parse("C4k3 F8 F10", {1, 6, 6});
        check(spec);
        fault.make(spec.layers[1], spec.layers[2]);
        CHECK_THROWS_WITH_AS(check(spec), fault.error, tinysparse::Error);
    }
}
