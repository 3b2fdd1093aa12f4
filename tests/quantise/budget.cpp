// SPDX-License-Identifier: Apache-2.0
// A budget of bytes holds for what is stored in the end, and a tree is trained, pruned and quantised like any network.
#include "tinysparse/quantise/budget.hpp"
#include "host.hpp"
#include "load_data.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/fixed/sparse.hpp"
#include "tinysparse/quantise/train.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// Bytes of lists of pairs, and a byte for each bias.
std::size_t stored(const fixed::Network& network) {
    const fixed::Lowered lowered(network);
    const std::vector<fixed::Format> lists(lowered.size(), fixed::Format::csr);
    const fixed::Program program = fixed::encode_or_dense(lowered, lists);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < lowered.size(); ++i)
        bytes += program.layer(i).weights.size() + network.layers[i].biases.size();
    return bytes;
}

quantise::TrainOptions options(std::size_t bytes) {
    quantise::TrainOptions options;
    options.epochs = 8;
    options.batch = 16;
    options.learning_rate = 0.01;
    options.quantise_from = 0.75;
    options.pruning = prune::Options{};
    options.pruning->method = prune::Method::dpf;
    options.budget = {bytes, stored};
    return options;
}

} // namespace

TEST_CASE("what is stored fits the budget and nearly fills it") {
    for (const char* line : {"C6k28vL T10d1", "F10", "A2 C6k3 M2 F10"})
        for (const std::size_t bytes : {900, 1500}) {
            CAPTURE(std::string(line));
            CAPTURE(bytes);
            const quantise::Trained result =
                quantise::train(net::parse(line, {1, 28, 28}), strokes(800), options(bytes));
            CHECK(stored(result.model.network) <= bytes);
            CHECK(stored(result.model.network) >= bytes * 3 / 4);
            // The float network on grids gave this accuracy; the kernels of the device give the same.
            CHECK(host_accuracy(result.model.network, strokes(800).validation) ==
                  doctest::Approx(result.validation_accuracy.value()));
            CHECK(result.validation_accuracy.value() > 0.2); // of ten classes
        }
}

TEST_CASE("a budget that nothing fits is refused ahead of the training, with the least that would") {
    const net::Spec spec = net::parse("F8L T10d2", {1, 28, 28});
    CHECK_THROWS_WITH_AS(quantise::train(spec, strokes(800), options(100)),
                         "a budget of 100 bytes is too small: one weight per layer takes 447 bytes as stored; allow at "
                         "least as many, or take fewer classes or a smaller network",
                         Error);
    quantise::TrainOptions unpruned = options(1000);
    unpruned.pruning = {};
    CHECK_THROWS_WITH_AS(quantise::train(spec, strokes(800), unpruned),
                         "a budget of bytes needs a pruning, and a function that says what is stored", Error);
    prune::Options pruning;
    pruning.weight_bytes = 1000;
    CHECK_THROWS_WITH_AS(prune::check(pruning), "a budget of bytes needs a function that says what is stored", Error);
}

TEST_CASE("trimming takes the least weights of a network on grids until it fits") {
    const net::Spec spec = net::parse("F8L T10d2", {1, 28, 28});
    Team team(1);
    nn::Network free(spec, {.batch = 16});
    free.initialise(1);
    std::vector<fixed::FloatLayer> layers = quantise::fold(free);
    quantise::equalise(spec, layers);
    const auto grids = quantise::calibrate(spec, layers, strokes(800), team);
    nn::Network rounded(spec, {.batch = 16, .grids = &grids});
    quantise::set_parameters(rounded, layers);
    const fixed::Input input = quantise::input_of(strokes(800));
    prune::Masks masks = prune::nonzeros(rounded);
    quantise::trim(rounded, grids, input, {1 << 20, stored}, masks);
    CHECK(masks == prune::nonzeros(rounded)); // it fits
    quantise::trim(rounded, grids, input, {3000, stored}, masks);
    const fixed::Network network = quantise::to_integers(rounded, grids, input);
    CHECK(stored(network) <= 3000);
    CHECK(stored(network) > 2900);
    for (std::size_t i = 0; i < masks.size(); ++i) {
        CHECK(prune::kept(masks[i]) > 0);
        for (std::size_t k = 0; k < masks[i].weights.size(); ++k)
            if (!masks[i].weights[k]) CHECK(network.layers[i].weights[k] == 0);
    }
}
