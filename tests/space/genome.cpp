// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/genome.hpp"
#include "tinysparse/space/sample.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::space;

namespace {
Genome through_text(const json::Value& value, const Space& space) {
    const json::Value again = json::parse(json::write(value), "g");
    return genome_from_json(json::Reader(again, "g"), space);
}
} // namespace

TEST_CASE("a genome goes to JSON and back unchanged") {
    const Space space{{3, 32, 32}, 10};
    CHECK(through_text(to_json(Genome{}), space) == Genome{});
    Random random(1, "genome");
    for (int i = 0; i < 300; ++i) {
        const Genome genome = sample(space, random);
        CHECK(through_text(to_json(genome), space) == genome);
    }
}

TEST_CASE("genomes of older journals are read: epochs are steps, one augmentation was a turn and a scale") {
    const Space space{{1, 28, 28}, 10};
    Genome expected;
    expected.training = {.learning_rate = 0.02,
                         .batch = 32,
                         .steps = 150,
                         .weight_decay = 0.001,
                         .label_smoothing = 0.1,
                         .shift = 2,
                         .flip = true,
                         .rotate = 6,
                         .scale = 0.06};
    json::Value old = to_json(expected);
    old["training"] = json::object({{"learning_rate", 0.02},
                                    {"batch", 32},
                                    {"shift", 2},
                                    {"epochs", 150},
                                    {"weight_decay", 0.001},
                                    {"label_smoothing", 0.1},
                                    {"augmentation", 0.4},
                                    {"flip", true}});
    CHECK(through_text(old, space) == expected);
    old["front"]["gray"] = true;
    expected.front.gray = Gray::mix;
    CHECK(through_text(old, space) == expected);
    old["front"]["gray"] = false;
    old["training"]["epochs"] = 90;
    CHECK_THROWS_WITH_AS(through_text(old, space),
                         "g: training.epochs: expected 10 15 25 50 75 100 150 200 400, found 90", Error);
}

TEST_CASE("a gene outside the space is refused by name") {
    const Space space{{1, 28, 28}, 10};
    const auto with = [&](std::string_view group, std::string_view gene, const json::Value& wrong) {
        json::Value value = to_json(Genome{});
        if (group.empty())
            value[gene] = wrong;
        else
            value[group][gene] = wrong;
        return through_text(value, space);
    };
    CHECK_THROWS_WITH_AS(with("end", "bits", 3), "g: end.bits: expected 2 4 8, found 3", Error);
    CHECK_THROWS_WITH_AS(with("front", "width", 65), "g: front.width: expected 1..64, found 65", Error);
    CHECK_THROWS_WITH_AS(with("front", "kernel", 4), "g: front.kernel: expected 1 3 5 7, found 4", Error);
    CHECK_THROWS_WITH_AS(with("end", "kind", "mean"), "g: end.kind: 'mean' is not one of positions, average, flat",
                         Error);
    CHECK_THROWS_WITH_AS(with("", "stages", "none"), "g: stages: expected an array, found a string", Error);
    CHECK(with("", "stages", json::array()).is_linear()); // which journals accept of the baseline alone
    CHECK_THROWS_WITH_AS(with("training", "learning_rate", nullptr),
                         "g: training.learning_rate: expected a number, found null", Error);
    CHECK_THROWS_WITH_AS(with("training", "learning_rate", 5),
                         "g: training.learning_rate: expected 0.001 to 0.2, found 5", Error);
    const Space narrow = narrowed(space, "unit.kind = pointwise\nstage.units = 2\nstages = 2..3\n", "f");
    Random random(2, "narrow");
    const Genome genome = sample(narrow, random);
    const auto changed = [&](const auto& change) {
        Genome other = genome;
        change(other);
        return through_text(to_json(other), narrow);
    };
    CHECK_THROWS_WITH_AS(changed([](Genome& g) { g.stages[0].units[0].kind = UnitKind::convolution; }),
                         doctest::Contains("'convolution' is not in this space"), Error);
    CHECK_THROWS_WITH_AS(changed([](Genome& g) { g.stages[0].units.pop_back(); }),
                         doctest::Contains("units: expected 2..2 units, found 1"), Error);
    CHECK_THROWS_WITH_AS(changed([](Genome& g) { g.stages.resize(1); }),
                         doctest::Contains("stages: expected 2..3 stages, found 1"), Error);
    CHECK_THROWS_WITH_AS(with("pruning", "method", "hope"), doctest::Contains("'hope' is not one of none, magnitude"),
                         Error);
}

TEST_CASE("the linear genome has the usual training, no pruning, and eight bits if the space has them") {
    const Genome linear = linear_genome({{1, 28, 28}, 10});
    CHECK(linear.is_linear());
    CHECK_FALSE(Genome{}.is_linear());
    CHECK(linear.end.bits == 8);
    CHECK(linear.training == Training{});
    CHECK_FALSE(linear.pruning.active());
    const Space narrow = narrowed({{1, 28, 28}, 10},
                                  "bits = 2 4\nstages = 2..3\npruning.method = dpf\npruning.keep = 0.1..0.5\n"
                                  "front.downsampling = 2\nend.kind = average\ntraining.shift = 0\n",
                                  "f");
    const Genome four = linear_genome(narrow);
    CHECK(four.end.bits == 4);
    CHECK(four.front.bits == 4); // no other one is in the journal
    CHECK(four.training.shift == 0);
    CHECK_FALSE(four.pruning.active());
    CHECK(through_text(to_json(four), narrow) == four); // although the space has no such front, end or pruning
}
