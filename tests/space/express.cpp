// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/express.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::space;

namespace {
Unit separable(int width) { return {UnitKind::separable, width, 3, true}; }
std::string line(const Genome& genome, const Space& space) { return net::notation(express(genome, space)); }
} // namespace

TEST_CASE("the hand-made networks that the space is built around are in it") {
    const Space digits{{1, 28, 28}, 10};
    const net::Pooling none = net::Pooling::none, average = net::Pooling::average;
    Genome genome;
    genome.front = {1, 4, 3, 1, average, 2};
    genome.stages = {{{separable(6), separable(6)}, false, average, 2}, {{separable(8)}, false, average, 2}};
    CHECK(line(genome, digits) == "C4k3 A2 D3L C6k1 D3L C6k1 A2 D3L C8k1 A2 DGL F10");

    genome.front = {2, 5, 3, 1, average, 2};
    genome.stages = {{{separable(9), separable(9)}, false, average, 2}};
    CHECK(line(genome, digits) == "A2 C5k3 A2 D3L C9k1 D3L C9k1 A2 DGL F10");

    genome.front = {1, 4, 3, 2, none, 2};
    genome.stages = {{{separable(8)}, false, average, 2},
                     {{separable(20), separable(20), separable(20)}, true, average, 2}};
    genome.end.width = 32;
    CHECK(line(genome, digits) == "C4k3s2 D3L C8k1 A2 D3L C20k1 =a D3L C20k1 +a =b D3L C20k1 +b A2 DGL C32k1 F10");

    genome = {};
    genome.front = {1, 5, 3, 2, none, 2};
    genome.stages = {
        {{separable(6), {UnitKind::convolution, 7, 5, false}, {UnitKind::pointwise, 9, 3, true}}, false, average, 2}};
    genome.end.kind = EndKind::average;
    set_bits(genome, 4);
    CHECK(line(genome, {{3, 32, 32}, 2}) == "C5k3s2b4 D3Lb4 C6k1b4 C7k5b4 C9k1b4 G F2b4");
    genome.end.kind = EndKind::flat;
    genome.end.width = 8; // has no effect after `flat`
    CHECK(line(genome, {{3, 32, 32}, 2}) == "C5k3s2b4 D3Lb4 C6k1b4 C7k5b4 C9k1b4 A2 F2b4");
}

TEST_CASE("bottlenecks, grey pictures, heads, hidden layers and bits of each layer are in the space") {
    Genome genome;
    genome.front = {1, 4, 5, 1, net::Pooling::maximum, 2, Gray::mix, 8};
    Unit bottleneck{UnitKind::bottleneck, 12, 3, true, 2, 4};
    genome.stages = {{{separable(8), bottleneck}, false, net::Pooling::average, 2, true},
                     {{separable(16)}, true, net::Pooling::average, 2, true}}; // the last stage's head is the end
    genome.end = {EndKind::positions, 6, 20, 2};
    CHECK(line(genome, {{3, 32, 32}, 10}) ==
          "C1k1Ln C4k5 M2 D3L C8k1 C4k1Lnb4 C12k3b4 A2 =a DGLb2 F10b2 @a D3L C16k1 A2 DGLb2 C6k1b2 F20b2 F10b2");
    // One colour leaves nothing to mix, and one position nothing to weigh.
    CHECK(line(genome, {{1, 4, 4}, 10}) == "C4k5 M2 D3L C8k1 C4k1Lnb4 C12k3b4 G =a F10b2 @a C16k1 C6k1b2 F20b2 F10b2");
    const Expression whole = expressed(genome, {{3, 32, 32}, 10});
    REQUIRE(whole.roles.size() == whole.spec.layers.size());
    CHECK(whole.roles.front() == Role{Role::Part::gray, 0, 0});
    CHECK(whole.roles[4] == Role{Role::Part::first, 0, 1});
    CHECK(whole.roles[6] == Role{Role::Part::head_positions, 0, 0});
}

TEST_CASE("a depthwise layer of one tap is left out") {
    Genome genome;
    genome.stages[0].units[0].kernel = 1;
    CHECK(line(genome, {{1, 28, 28}, 10}) == "C4k3 A2 C8k1 A2 DGL F10");
}

TEST_CASE("what a small input makes pointless has no effect") {
    const Genome genome; // front with a pool, one separable unit with a pool, positions
    CHECK(line(genome, {{1, 1, 1}, 3}) == "C4k1 C8k1 F3");
    CHECK(line(genome, {{6, 64, 1}, 6}) == "C4k3 A2 D3L C8k1 A2 DGL F6"); // a series: kernels k x 1
    const net::Spec series = express(genome, {{6, 64, 1}, 6});
    CHECK(series.layers[0].kernel_height == 3);
    CHECK(series.layers[0].kernel_width == 1);
    CHECK(series.layers[0].pool_width == 1);
    CHECK_NOTHROW(express(genome, {{1, 2, 3}, 100}));
}

TEST_CASE("equal networks have one key, whatever the silent genes say") {
    const Space digits{{1, 28, 28}, 10};
    Genome a, b;
    b.stages[0].residual = true; // its one unit changes the width, so nothing can be added
    CHECK(a != b);
    CHECK(key(a, digits) == key(b, digits));
    b.training.learning_rate = 0.02;
    CHECK(key(a, digits) != key(b, digits));
    Genome pruned;
    pruned.pruning.method = prune::Method::magnitude; // but everything may stay
    CHECK(key(pruned, digits) == key(Genome{}, digits));
    pruned.pruning.keep = 0.5;
    CHECK(key(pruned, digits) == key(Genome{}, digits) + " | magnitude 0.5");
    pruned.pruning = {prune::Method::sparse_vd, 1}; // this method has a threshold of its own
    CHECK(key(pruned, digits) == key(Genome{}, digits) + " | sparse-vd by its threshold");
    Genome c;
    set_bits(c, 4);
    CHECK(key(a, digits) != key(c, digits));
    CHECK(network_of(key(a, digits)) == net::notation(express(a, digits)));
    Genome turned;
    turned.training.rotate = 90;
    turned.training.flip = true;
    CHECK(key(turned, digits) == key(a, digits) + " flip rotate 90");
    turned.training = {.colour = 0.5, .stretch = 0.1, .gain = 0.1, .axes = 5}; // for colours, and for series
    CHECK(key(turned, digits) == key(a, digits));
    Space series = digits;
    series.augments = Augments::series;
    turned.training.rotate = 20;
    CHECK(key(turned, series) == key(a, series) + " stretch 0.1 gain 0.1"); // no sensor of three axes
    const Space colours{{3, 28, 28}, 10};
    Genome mix, luma; // one network, two trainings
    mix.front.gray = Gray::mix;
    luma.front.gray = Gray::luma;
    CHECK(express(mix, colours) == express(luma, colours));
    CHECK(key(luma, colours) == key(mix, colours).insert(key(mix, colours).find(" shift"), " luma"));
    CHECK(key(luma, digits) == key(a, digits));
    Space numbers = digits;
    numbers.augments = Augments::nothing;
    turned.training.shift = 3;
    CHECK(key(turned, numbers) == key(a, numbers));
}

TEST_CASE("an average over too many positions is an Error, not a broken network") {
    Genome genome;
    genome.front.pooling = net::Pooling::none;
    genome.stages[0].pooling = net::Pooling::none;
    genome.end.kind = EndKind::average;
    CHECK_THROWS_AS(express(genome, {{1, 95, 95}, 2}), Error);
}

TEST_CASE("the linear genome is one dense layer over the whole picture, whatever the front and the end say") {
    for (const net::Shape& input : {net::Shape{1, 28, 28}, {3, 32, 32}, {6, 50, 1}, {2, 1, 1}})
        for (const int classes : {1, 2, 10}) {
            const Space space{input, classes};
            Genome genome = linear_genome(space);
            const Expression whole = expressed(genome, space);
            CHECK(net::notation(whole.spec) == text("F", classes));
            CHECK(whole.spec == net::parse(text("F", classes), input));
            CHECK(whole.roles == std::vector<Role>{{Role::Part::logits}});
            const std::string before = key(genome, space);
            CHECK(before.starts_with(text("F", classes, " | ")));
            genome.front.downsampling = 2;
            genome.front.gray = Gray::luma;
            genome.end = {EndKind::average, 5, 7, 8};
            CHECK(key(genome, space) == before);
            genome.end.bits = 4;
            CHECK(net::notation(express(genome, space)) == text("F", classes, "b4"));
        }
}
