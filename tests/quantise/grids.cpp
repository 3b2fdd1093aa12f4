// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/quantise/grids.hpp"
#include "host.hpp"
#include "random_spec.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/quantise/equalisation.hpp"
#include "tinysparse/quantise/folding.hpp"
#include "tinysparse/quantise/integers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::fixed;
using namespace tinysparse::quantise;

namespace {

data::Dataset random_set(const net::Shape& input, bool series, std::size_t classes, Random& random) {
    data::Dataset set;
    set.shape = {input.channels, input.height, input.width};
    set.class_names.resize(classes);
    set.element = series ? data::ElementType::int16 : data::ElementType::uint8;
    set.train.samples = 40;
    for (std::size_t i = 0; i < 40; ++i) set.train.labels.push_back(0);
    for (std::size_t i = 0; i < 40 * input.size(); ++i) {
        if (series)
            set.train.values.push_back(std::int16_t(random()));
        else
            set.train.pixels.push_back(std::uint8_t(random()));
    }
    if (series) set.normalisation = data::normalisation_of(set.train, set.shape);
    return set;
}

/// The integers of a network with initial weights, on grids that suit the set.
Network integer_network(const net::Spec& spec, const data::Dataset& set, std::uint64_t seed, Team& team) {
    nn::Network free(spec, {.batch = 32});
    free.initialise(seed);
    std::vector<FloatLayer> layers = fold(free);
    absorb_biases(spec, layers);
    equalise(spec, layers);
    const auto grids = calibrate(spec, layers, set, team);
    nn::Network rounded(folded_spec(spec), {.batch = 32, .grids = &grids});
    set_parameters(rounded, layers);
    Network network = to_integers(rounded, grids, input_of(set));
    network.spec = spec;
    return network;
}

} // namespace

TEST_CASE("an integer network back on grids answers as its kernels do, pictures and series") {
    int compared = 0;
    Team team(1);
    for (std::uint64_t n = 0; n < 200; ++n) {
        CAPTURE(n);
        Random random(5, "grids", n);
        const bool series = random.chance(0.25);
        net::Shape input{1 + int(random.below(3)), 1 + int(random.below(14)), 1 + int(random.below(14))};
        if (series) input = {1 + int(random.below(3)), 1 + int(random.below(30)), 1};
        const net::Spec spec = plain::random_spec(input, random, 5);
        CAPTURE(net::notation(spec));
        data::Dataset set = random_set(input, series, std::size_t(net::shapes(spec).classes), random);
        const Network network = integer_network(spec, set, n, team);
        try {
            // The kernels' own answers are the labels of even samples, so every one of those must be found again.
            const std::vector<std::uint8_t> classes = host_classes(network, set.train);
            std::size_t right = 0;
            for (std::size_t i = 0; i < 40; ++i) {
                if (i % 2 == 0) set.train.labels[i] = classes[i];
                right += set.train.labels[i] == classes[i];
            }
            CHECK(nn::accuracy(set.train, answers_by_grids(lower(network), set, set.train)) == double(right) / 40);
            CHECK(host_accuracy(network, set.train) == double(right) / 40);
            ++compared;
        } catch (const Error&) { // a sum that could reach 2^24
            CHECK_THROWS_AS(host_accuracy(network, set.train), Error);
        }
    }
    CHECK(compared > 190);
}

TEST_CASE("a network reads a series by its own offsets and shifts, whatever part of the set it was trained with") {
    Random random(3, "constants", 0);
    data::Dataset set = random_set({2, 20, 1}, true, 3, random);
    const net::Spec spec = net::parse("C4k3 M2 F3", {2, 20, 1});
    Team team(1);
    Network network = integer_network(spec, set, 1, team);
    const auto as_on_device = host_classes(network, set.train);
    const auto answers = [&] { return answers_by_grids(lower(network), set, set.train); };
    CHECK(answers() == as_on_device);
    set.normalisation.offset = {-9000, 12000}; // as a set has that other samples were dealt into
    set.normalisation.shift = {3, 9};
    CHECK(answers() == as_on_device);
    network.input = input_of(set);
    CHECK(answers() != as_on_device); // the constants matter
    CHECK(answers() == host_classes(network, set.train));
    nn::Loader loader(set, spec);
    CHECK_THROWS_WITH_AS(loader.normalise_by({{5}, {1, 2}}), "1 offsets and 2 shifts for a series of 2 channels",
                         Error);
}

TEST_CASE("an empty part has accuracy 0") {
    Random random(1);
    const Network network = plain::random_network(net::parse("C2k3 F2", {1, 4, 4}), random);
    data::Dataset set;
    set.shape = {1, 4, 4};
    set.class_names.resize(2);
    CHECK(nn::accuracy(set.test, answers_by_grids(lower(network), set, set.test)) == 0);
}
