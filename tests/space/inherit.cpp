// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/inherit.hpp"
#include "digit_space.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::space;

namespace {

/// Front, a separable and a plain unit, and the end.
Genome small_genome() {
    Genome genome;
    genome.stages = {{{Unit{UnitKind::separable, 6, 3, true}, Unit{UnitKind::convolution, 6, 3}}, false}};
    return genome;
}

std::vector<Takeover> planned(const Genome& child, const Genome& parent) {
    const auto plan = plan_inheritance(child, parent, express(parent, digit_space), digit_space);
    REQUIRE(plan);
    CHECK(plan->spec == express(child, digit_space));
    REQUIRE(plan->layers.size() == plan->spec.layers.size());
    return plan->layers;
}

std::size_t count(const std::vector<Takeover>& layers, Takeover::Action action) {
    return std::size_t(
        std::count_if(layers.begin(), layers.end(), [&](const Takeover& own) { return own.action == action; }));
}

} // namespace

TEST_CASE("a network takes each of its own layers over from that very layer") {
    const std::vector<Takeover> layers = planned(small_genome(), small_genome());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        CHECK((layers[i].action == Takeover::copy || layers[i].action == Takeover::copy_depthwise));
        CHECK(layers[i].old == int(i));
    }
    CHECK(layers[0].source == 0);
}

TEST_CASE("a wider layer is copied, a new unit passes its channels on") {
    Genome wider = small_genome(), deeper = small_genome(), residual = small_genome();
    wider.stages[0].units[1].width = 9;
    CHECK(count(planned(wider, small_genome()), Takeover::copy) ==
          count(planned(small_genome(), small_genome()), Takeover::copy));
    deeper.stages[0].units.push_back(deeper.stages[0].units[1]);
    CHECK(count(planned(deeper, small_genome()), Takeover::pass_on) == 1);
    residual.stages[0].residual = true;
    Genome longer = residual;
    longer.stages[0].units.push_back(longer.stages[0].units[1]);
    CHECK(count(planned(longer, residual), Takeover::zero_residual) == 1);
}

TEST_CASE("a unit of another kind is converted as a whole, at its first layer") {
    Genome plain = small_genome();
    plain.stages[0].units[0].kind = UnitKind::convolution;
    const std::vector<Takeover> merged = planned(plain, small_genome());
    CHECK(count(merged, Takeover::convert) == 1);
    CHECK(count(merged, Takeover::converted) == 0);
    const std::vector<Takeover> split = planned(small_genome(), plain);
    CHECK(count(split, Takeover::convert) == 1);
    CHECK(count(split, Takeover::converted) == 1);
    for (std::size_t i = 0; i < split.size(); ++i)
        if (split[i].action == Takeover::converted) CHECK(split[i - 1].action == Takeover::convert);
}

TEST_CASE("a parent whose layers are not those of its Genome hands nothing on") {
    net::Spec other = express(small_genome(), digit_space);
    other.layers.pop_back();
    CHECK_FALSE(plan_inheritance(small_genome(), small_genome(), other, digit_space));
}

TEST_CASE("every plan names layers that the parent has, and channels that something ahead of the layer makes") {
    Random random(6, "plans");
    for (int i = 0; i < 300; ++i) {
        const Genome parent = sample(digit_space, random);
        const Genome child = i % 2 ? mutate(parent, digit_space, random) : sample(digit_space, random);
        const int old_layers = int(express(parent, digit_space).layers.size());
        for (const Takeover& own : planned(child, parent)) {
            const bool takes = own.action == Takeover::copy || own.action == Takeover::copy_depthwise ||
                               own.action == Takeover::convert || own.action == Takeover::converted;
            if (takes) REQUIRE(own.old >= 0);
            REQUIRE(own.old < old_layers);
            REQUIRE(own.old_first < old_layers);
            REQUIRE(own.source >= nowhere);
            REQUIRE(own.source < old_layers);
        }
    }
}
