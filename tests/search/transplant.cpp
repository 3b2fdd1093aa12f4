// SPDX-License-Identifier: Apache-2.0
#include "digit_space.hpp"
#include "inherited.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::space;
using namespace tinysparse::search::test;
using search::inherit;

namespace {

Genome deep_genome(bool residual) {
    Genome genome;
    genome.stages = {
        {{space::Unit{UnitKind::separable, 6, 3, true}, space::Unit{UnitKind::convolution, 6, 3}}, residual},
        {{space::Unit{UnitKind::bottleneck, 9, 3, true}, space::Unit{UnitKind::pointwise, 9}}, residual}};
    genome.end.width = 7;
    return genome;
}

} // namespace

TEST_CASE("a network inherits itself") {
    for (const bool residual : {false, true})
        CHECK(change(deep_genome(residual), deep_genome(residual), digit_space) < 1e-6);
}

TEST_CASE("wider networks compute the function of their parent") {
    for (const bool residual : {false, true}) {
        const Genome parent = deep_genome(residual);
        Genome front = parent, all = parent, end = parent;
        front.front.width = 9;
        CHECK(change(parent, front, digit_space) < 1e-5);
        end.end.width = 12;
        CHECK(change(parent, end, digit_space) < 1e-5);
        for (Stage& stage : all.stages)
            for (space::Unit& unit : stage.units) unit.width += 3;
        CHECK(change(parent, all, digit_space) < 1e-5);
    }
    Genome parent, wider;
    parent.end = {EndKind::flat, 0, 12};
    wider = parent;
    wider.stages[0].units[0].width = 15;
    wider.end.hidden = 30;
    CHECK(change(parent, wider, digit_space) < 1e-5);
}

TEST_CASE("a new unit or stage begins as the identity, or as zero beside its residual") {
    for (const bool residual : {false, true})
        for (const UnitKind kind : {UnitKind::separable, UnitKind::convolution, UnitKind::pointwise}) {
            const Genome parent = deep_genome(residual);
            Genome deeper = parent;
            space::Unit added = deeper.stages[0].units[1];
            added.kind = kind;
            deeper.stages[0].units.push_back(added);
            CHECK(change(parent, deeper, digit_space) < 1e-5);
            Genome taller = parent;
            taller.stages.insert(taller.stages.begin() + 1, Stage{{added}, residual, taller.stages[0].pooling, 2});
            taller.stages[0].pooling = net::Pooling::none;
            CHECK(change(parent, taller, digit_space) < 1e-5);
        }
    Genome parent; // behind positions, values have both signs, and a ReLU would cut them
    parent.end.kind = EndKind::average;
    Genome pointwise = parent;
    pointwise.end.width = pointwise.stages[0].units[0].width;
    CHECK(change(parent, pointwise, digit_space) < 1e-5);
}

TEST_CASE("kernels grow, heads come, bits and training change without any change of function") {
    const Genome parent = deep_genome(true);
    Genome child = parent;
    child.front.kernel = 7;
    child.stages[0].units[0].kernel = 5;
    child.stages[0].units[1].kernel = 7;
    CHECK(change(parent, child, digit_space) < 1e-5);
    child.stages[0].head = true;
    CHECK(change(parent, child, digit_space) < 1e-5);
    set_bits(child, 4);
    child.training.learning_rate = 0.01;
    child.pruning = {prune::Method::magnitude, 0.5};
    CHECK(change(parent, child, digit_space) < 1e-5);
    Genome more = child; // the head that is there is kept
    more.stages[1].units[0].width = more.stages[1].units[1].width = 12;
    CHECK(change(child, more, digit_space) < 1e-5);
    Genome average = deep_genome(false), positions = average;
    average.end.kind = EndKind::average;
    positions.stages[1].pooling = net::Pooling::none;
    CHECK(change(average, positions, digit_space) < 1e-5);
}

TEST_CASE("units that are merged or split keep their function where that is possible") {
    Genome separable = deep_genome(false), convolution = separable, pointwise = separable, bottleneck = separable;
    convolution.stages[0].units[0].kind = UnitKind::convolution;
    pointwise.stages[0].units[0].kind = UnitKind::pointwise;
    bottleneck.stages[0].units[0].kind = UnitKind::bottleneck;
    CHECK(change(separable, convolution, digit_space) < 1e-5);
    CHECK(change(pointwise, separable, digit_space) < 1e-5);
    CHECK(change(pointwise, convolution, digit_space) < 1e-5);
    CHECK(change(bottleneck, convolution, digit_space) < 1e-5);
    CHECK(change(separable, pointwise, digit_space) > 1e-3); // what a point cannot see is lost
}

TEST_CASE("the best product stands for a convolution that is one") {
    // A convolution made of a separable unit goes back into it.
    Genome separable = deep_genome(false), convolution = separable;
    convolution.stages[0].units[0].kind = UnitKind::convolution;
    Random random(4, "back");
    const net::Spec spec = express(separable, digit_space), full = express(convolution, digit_space);
    const Layers layers = random_layers(spec, random);
    const auto merged = inherit(convolution, {separable, spec, layers}, digit_space, random);
    const auto back = inherit(separable, {convolution, full, merged->layers}, digit_space, random);
    const std::vector<float> before = logits(spec, layers), after = logits(spec, back->layers);
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == doctest::Approx(before[i]).epsilon(1e-3));
}

TEST_CASE("a narrower network keeps the channels that matter") {
    Genome parent;
    const net::Spec spec = express(parent, digit_space);
    Random random(2, "narrow");
    Layers layers = random_layers(spec, random);
    // Channels 1, 4 and 6 of the unit are read by nobody.
    for (const int idle : {1, 4, 6})
        for (std::size_t i = 2; i < spec.layers.size(); ++i)
            if (spec.layers[i].input == 2)
                net::for_input_channel(spec.layers[i], net::shapes(spec).layers[i], std::size_t(idle),
                                       [&](std::size_t, std::size_t first, std::size_t count) {
                                           std::fill_n(layers[i].weights.begin() + std::ptrdiff_t(first), count, 0.0f);
                                       });
    Genome child = parent;
    child.stages[0].units[0].width = 5;
    const auto inherited = inherit(child, {parent, spec, layers}, digit_space, random);
    const std::vector<float> before = logits(spec, layers),
                             after = logits(express(child, digit_space), inherited->layers);
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == doctest::Approx(before[i]).epsilon(1e-4));
    CHECK(inherited->share == doctest::Approx(1));
}

TEST_CASE("the channels that pruning took away are new again") {
    const Genome genome = deep_genome(false);
    net::Spec compacted = express(genome, digit_space);
    compacted.layers[0].outputs = 3; // the front, and the depthwise layer that reads it
    compacted.layers[1].outputs = 3;
    Random random(3, "compacted");
    const Layers layers = random_layers(compacted, random);
    const auto inherited = inherit(genome, {genome, compacted, layers}, digit_space, random);
    const std::vector<float> before = logits(compacted, layers),
                             after = logits(express(genome, digit_space), inherited->layers);
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == doctest::Approx(before[i]).epsilon(1e-4));
    CHECK(inherited->share < 1);
}

TEST_CASE("any network of the space can inherit from any other") {
    const std::vector<Space> spaces = {digit_space, {{3, 32, 32}, 2}, {{6, 64, 1}, 6}, {{1, 1, 1}, 3}};
    for (std::size_t s = 0; s < spaces.size(); ++s) {
        Random random(5, "any", s);
        for (int i = 0; i < 150; ++i) {
            const Genome parent = sample(spaces[s], random);
            const Genome child = i % 3 ? mutate(parent, spaces[s], random) : sample(spaces[s], random);
            const net::Spec spec = express(parent, spaces[s]), own = express(child, spaces[s]);
            const auto inherited = inherit(child, {parent, spec, random_layers(spec, random)}, spaces[s], random);
            REQUIRE(inherited);
            const net::Shapes shapes = net::shapes(own);
            for (std::size_t k = 0; k < own.layers.size(); ++k) {
                REQUIRE(inherited->layers[k].weights.size() == net::weights(own.layers[k], shapes.layers[k]));
                for (const float weight : inherited->layers[k].weights) REQUIRE(std::isfinite(weight));
            }
            REQUIRE(inherited->share >= 0);
            REQUIRE(inherited->share <= 1);
        }
    }
}

TEST_CASE("a partner is found for units that stayed, none for those that came") {
    const Genome parent = deep_genome(false);
    Genome child = parent;
    child.stages[0].units.insert(child.stages[0].units.begin() + 1, child.stages[0].units[0]);
    const std::vector<AlignedUnit> aligned = align(child, parent);
    REQUIRE(aligned.size() == 5);
    CHECK(aligned[0].matched);
    CHECK(!aligned[1].matched); // the copy stands behind
    CHECK(aligned[2].parent == UnitPlace{0, 1});
    CHECK(aligned[4].parent == UnitPlace{1, 1});
    Genome shorter = parent;
    shorter.stages.erase(shorter.stages.begin());
    CHECK(align(shorter, parent)[0].parent == UnitPlace{1, 0});
}
