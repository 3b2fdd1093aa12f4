// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/sample.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::space;

namespace {
const std::vector<Space> spaces = {
    {{1, 28, 28}, 10}, {{3, 32, 32}, 2}, {{3, 96, 96}, 100}, {{1, 1, 1}, 2},
    {{9, 128, 1}, 6},  {{1, 5, 1}, 2},   {{1, 40, 7}, 3},    {{1, 8, 8}, 10, 4, 1, 1, {8}},
    {{200, 10, 10}, 5}};

void check_in_space(const Genome& genome, const Space& space) {
    const net::Spec spec = express(genome, space);
    CHECK(net::shapes(spec).classes == space.classes);
    CHECK(net::parse(net::notation(spec), spec.input) == spec); // what model files hold
    // Reading checks every gene against the space.
    const json::Value value = to_json(genome);
    CHECK(genome_from_json(json::Reader(value, "g"), space) == genome);
}
} // namespace

TEST_CASE("samples and their mutants are networks of the space, for every kind of input") {
    for (std::size_t s = 0; s < spaces.size(); ++s) {
        CAPTURE(s);
        Random random(1, "sample", s);
        std::set<std::string> keys;
        for (int i = 0; i < 60; ++i) {
            Genome genome = sample(spaces[s], random);
            check_in_space(genome, spaces[s]);
            keys.insert(key(genome, spaces[s]));
            for (int j = 0; j < 8; ++j) {
                const Genome child = mutate(genome, spaces[s], random, j % 2 ? Edits::all : Edits::refinement);
                check_in_space(child, spaces[s]);
                CHECK(key(child, spaces[s]) != key(genome, spaces[s]));
                genome = child;
            }
        }
        CHECK(keys.size() > 50);
    }
}

TEST_CASE("the same stream gives the same genomes") {
    Random a(7, "sample"), b(7, "sample");
    for (int i = 0; i < 20; ++i) {
        const Genome left = sample(spaces[0], a), right = sample(spaces[0], b);
        CHECK(left == right);
        CHECK(mutate(left, spaces[0], a) == mutate(right, spaces[0], b));
    }
}

TEST_CASE("refinement keeps the plan of a network: layers, kernels and pools") {
    Random random(5, "refine");
    for (int i = 0; i < 200; ++i) {
        const Genome parent = sample(spaces[0], random);
        Genome child = mutate(parent, spaces[0], random, Edits::refinement);
        REQUIRE(child.stages.size() == parent.stages.size());
        child.front.width = parent.front.width;
        child.end.width = parent.end.width;
        child.bits = parent.bits;
        child.training = parent.training;
        for (std::size_t s = 0; s < child.stages.size(); ++s) {
            REQUIRE(child.stages[s].units.size() == parent.stages[s].units.size());
            for (std::size_t u = 0; u < child.stages[s].units.size(); ++u)
                child.stages[s].units[u].width = parent.stages[s].units[u].width;
        }
        CHECK(child == parent);
    }
}

TEST_CASE("mutation reaches every kind of gene from one start") {
    Random random(2, "reach");
    Genome genome;
    bool stride = false, downsampling = false, kernel = false, kind = false, relu = false, maximum = false,
         residual = false;
    bool flat = false, average = false, hidden = false, four = false, deep = false, shift = false, batch = false;
    for (int i = 0; i < 5000; ++i) {
        genome = mutate(genome, spaces[0], random);
        stride |= genome.front.stride == 2;
        downsampling |= genome.front.downsampling == 3;
        kernel |= genome.stages[0].units[0].kernel == 7;
        kind |= genome.stages[0].units[0].kind == UnitKind::convolution;
        relu |= !genome.stages[0].units[0].linear;
        maximum |= genome.stages[0].pooling == net::Pooling::maximum;
        residual |= genome.stages[0].residual;
        flat |= genome.end.kind == EndKind::flat;
        average |= genome.end.kind == EndKind::average;
        hidden |= genome.end.width > 0;
        four |= genome.bits == 4;
        deep |= genome.stages.size() == 4 && genome.stages[3].units.size() == 3;
        shift |= genome.training.shift == 2;
        batch |= genome.training.batch == 128;
    }
    CHECK(stride);
    CHECK(downsampling);
    CHECK(kernel);
    CHECK(kind);
    CHECK(relu);
    CHECK(maximum);
    CHECK(residual);
    CHECK(flat);
    CHECK(average);
    CHECK(hidden);
    CHECK(four);
    CHECK(deep);
    CHECK(shift);
    CHECK(batch);
}
