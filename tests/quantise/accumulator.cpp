// SPDX-License-Identifier: Apache-2.0
// Sums that must fit an accumulator: projection onto the 1-norm ball, and trainings that keep the bounds to the end.
#include "tinysparse/quantise/accumulator.hpp"
#include "load_data.hpp"
#include "tinysparse/deploy/header.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/quantise/train.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// The largest sum of any output by the definition: A sum |w| + |b| 2^shift, and the half that rounding adds.
std::int64_t largest_bound(const fixed::Network& network, bool with_half = true) {
    const net::Shapes shapes = net::shapes(network.spec);
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const fixed::Layer& layer = network.layers[i];
        const std::size_t rows = std::size_t(net::weight_rows(network.spec.layers[i])),
                          taps = layer.weights.size() / rows;
        for (std::size_t row = 0; row < rows; ++row) {
            std::int64_t sum = with_half && layer.shift ? std::int64_t{1} << (layer.shift - 1) : 0;
            if (!layer.biases.empty()) sum += std::int64_t{std::abs(layer.biases[row])} << layer.bias_shift;
            for (std::size_t k = 0; k < taps; ++k)
                sum += fixed::input_bound(network, i) * std::abs(int{layer.weights[row * taps + k]});
            largest = std::max(largest, sum);
        }
    }
    return largest;
}

quantise::TrainOptions accumulator_options(int accumulator_bits) {
    quantise::TrainOptions options;
    options.epochs = 2;
    options.accumulator_bits = accumulator_bits;
    return options;
}

} // namespace

TEST_CASE("a row that is too large gives way by the least amount at which its integers fit") {
    Random random(3, "rows");
    const autograd::Grid grid{-4, -127, 127};
    for (int trial = 0; trial < 200; ++trial) {
        std::vector<float> row(1 + random.below(30));
        for (float& value : row) value = random.chance(0.2) ? 0.0f : float(random.normal());
        const std::int64_t whole = quantise::detail::size_of(row, grid);
        const std::int64_t room = std::int64_t(random.below(std::uint32_t(whole + 10)));
        std::vector<float> projected = row;
        CHECK(quantise::detail::project(projected, grid, room) == (whole > room));
        CHECK(quantise::detail::size_of(projected, grid) <= room);
        if (whole <= room) {
            CHECK(projected == row);
            continue;
        }
        // All that is left gave way by the same amount, and by a thousandth of a step less it would not fit.
        float lambda = 0;
        for (std::size_t k = 0; k < row.size(); ++k) {
            CHECK(row[k] * projected[k] >= 0);
            lambda = std::max(lambda, std::abs(row[k]) - std::abs(projected[k]));
        }
        for (std::size_t k = 0; k < row.size(); ++k)
            CHECK(std::abs(projected[k]) == doctest::Approx(std::max(0.0f, std::abs(row[k]) - lambda)).epsilon(1e-4));
        std::int64_t less = 0;
        for (const float value : row)
            less += std::llround(16 * std::max(0.0, std::abs(double(value)) - double(lambda) + 0.001 / 16));
        CHECK(less > room);
    }
}

TEST_CASE("zeros stay zeros in a projection") {
    std::vector<float> row = {0, 5, 0, -7, 0};
    CHECK(quantise::detail::project(row, {0, -127, 127}, 3));
    CHECK(row[0] == 0);
    CHECK(row[2] == 0);
    CHECK(row[4] == 0);
}

TEST_CASE("a network of large sums trains to the end, and its sums stay below 2^24") {
    // 2,304 inputs of weights of one size: 2304 * 127 * 127 = 37.2 million, once a refusal after the whole training.
    const data::Dataset set = load_data("synthetic:textures,samples=200,seed=4,size=48x48");
    const net::Spec spec = net::parse(text("F4L F", set.classes()), nn::input_shape(set));
    fixed::Model init;
    quantise::TrainOptions own = accumulator_options(24);
    own.epochs = 1;
    init = quantise::train(spec, set, own).model;
    for (std::size_t k = 0; k < init.float_layers[0].weights.size(); ++k)
        init.float_layers[0].weights[k] = k % 2 ? 0.01f : -0.01f;
    own.init = &init;
    for (const double from : {0.0, 0.5, 1.0}) {
        CAPTURE(from);
        own.quantise_from = from;
        const quantise::Trained trained = quantise::train(spec, set, own);
        CHECK(largest_bound(trained.model.network, false) < std::int64_t{1} << 24);
        CHECK(largest_bound(trained.model.network, false) > std::int64_t{1} << 23); // no more than was asked gave way
    }
}

TEST_CASE("with an accumulator of 16 bits every sum of every layer fits, heads and trees included") {
    const std::string networks[] = {"A2 C6k3 A2 D3L C12k1 A2 F10", "A2 C4k3 =a C4k3 +a M2 F12 F10", "F20 F10",
                                    "A2 C6k3 M2 =a C8k3 M2 F10 @a F10", "A2 C6k3 M2 F8L T10d2"};
    for (const std::string& line : networks)
        for (const int bits : {2, 4, 8}) {
            CAPTURE(line);
            CAPTURE(bits);
            quantise::TrainOptions own = accumulator_options(16);
            own.epochs = 6;
            own.batch = 16;
            const quantise::Trained trained = quantise::train(net::parse(line, {1, 28, 28}, bits), strokes(600), own);
            CHECK(largest_bound(trained.model.network) <= 32767);
            for (std::size_t i = 0; i < trained.lowered->size(); ++i) CHECK(trained.lowered->proof(i).narrow);
            CHECK(trained.model.accumulator_bits == 16);
            CHECK(trained.validation_accuracy.value() > 0.15); // one in ten by chance
        }
}

TEST_CASE("without the bound the same training has larger sums") {
    const quantise::Trained trained =
        quantise::train(net::parse("F20 F10", {1, 28, 28}), strokes(600), accumulator_options(24));
    CHECK(largest_bound(trained.model.network) > 32767);
}

TEST_CASE("an accumulator of 16 bits goes with pruning, averages of weights, fixed first weights and series") {
    quantise::TrainOptions own = accumulator_options(16);
    SUBCASE("pruning and averages") {
        own.pruning = prune::Options{};
        own.pruning->keep = 0.3;
        own.average_decay = 0.9;
        const auto trained = quantise::train(net::parse("C8k3 M2 C16k3 M2 F10", {1, 28, 28}), strokes(600), own);
        CHECK(largest_bound(trained.model.network) <= 32767);
        for (const fixed::FloatLayer& layer : trained.model.float_layers)
            for (std::size_t k = 0; k < layer.mask.size(); ++k)
                if (!layer.mask[k]) CHECK(layer.weights[k] == 0);
    }
    SUBCASE("fixed first weights keep their proportions") {
        own.fixed_first = std::vector<float>(9);
        for (std::size_t k = 0; k < 9; ++k) own.fixed_first[k] = 1 + float(k);
        const auto trained = quantise::train(net::parse("C1k3L M2 C8k3 M2 F10", {1, 28, 28}), strokes(600), own);
        CHECK(largest_bound(trained.model.network) <= 32767);
        const std::vector<float>& weights = trained.model.float_layers[0].weights;
        for (std::size_t k = 0; k < 9; ++k)
            CHECK(weights[k] / weights[0] == doctest::Approx(own.fixed_first[k]).epsilon(1e-5));
    }
    SUBCASE("series") {
        const data::Dataset set =
            load_data(std::string(TINYSPARSE_SOURCE_DIR) + "/data/gestures.csv,window=32,stride=32");
        const auto trained =
            quantise::train(net::parse(text("C8k3 M2 DGL F", set.classes()), nn::input_shape(set)), set, own);
        CHECK(largest_bound(trained.model.network) <= 32767);
    }
}

TEST_CASE("the promise of 16 bits is stored, and an export of a network that breaks it is refused") {
    fixed::Model model = quantise::train(net::parse("F10", {1, 28, 28}), strokes(600), accumulator_options(16)).model;
    CHECK(fixed::decode_model(fixed::encode_model(model), "a file").accumulator_bits == 16);
    const auto write = [&] {
        const fixed::Lowered lowered(model.network);
        deploy::header(model, fixed::encode(lowered), {}, {.name = "digits"});
    };
    CHECK_NOTHROW(write());
    for (std::int8_t& weight : model.network.layers[0].weights) weight = 100;
    CHECK_THROWS_AS(write(), Error);
    model.accumulator_bits = 24;
    CHECK_NOTHROW(write());
    CHECK_THROWS_WITH_AS(quantise::train(net::parse("F10", {1, 28, 28}), strokes(600), accumulator_options(20)),
                         "an accumulator of 20 bits: expected 16 or 24", Error);
}
