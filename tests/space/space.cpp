// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/space.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::space;

namespace {
Space with(std::string_view lines) { return narrowed({{3, 32, 32}, 10}, lines, "f"); }
} // namespace

TEST_CASE("a file narrows genes, and what is drawn and mutated stays within") {
    const Space space = with("# small ones\n\n"
                             "unit.width = 4..9   # both ends belong to it\n"
                             "unit.kind=separable pointwise\r\n"
                             "unit.kernel = 3 5\nbits = 4\nfront.gray = mix luma\ntraining.learning_rate = 0.01..0.02\n"
                             "pruning.method = magnitude\nstages = 2..3\n");
    CHECK(space[Gene::unit_width].values == std::vector<int>{4, 5, 6, 7, 8, 9});
    CHECK(space[Gene::unit_kind].values == std::vector<int>{0, 2});
    Random random(1, "narrowed");
    Genome genome = sample(space, random);
    for (int i = 0; i < 500; ++i) {
        genome = i % 10 ? mutate(genome, space, random) : sample(space, random);
        REQUIRE(conformed(genome, space) == genome);
        REQUIRE(genome.front.gray != Gray::none);
        REQUIRE(genome.stages.size() >= 2);
        for (const Stage& stage : genome.stages)
            for (const Unit& unit : stage.units) {
                REQUIRE(unit.width >= 4);
                REQUIRE(unit.width <= 9);
                REQUIRE(unit.kind != UnitKind::convolution);
                REQUIRE(unit.bits == 4);
            }
        REQUIRE(genome.training.learning_rate <= 0.02);
        REQUIRE(genome.pruning.method == prune::Method::magnitude);
    }
}

TEST_CASE("a space goes to JSON and back unchanged") {
    const Space space = with("unit.kind = pointwise\nbits = 4 8\npruning.keep = 0.25..0.5");
    CHECK(narrowing(space) == "unit.kind = pointwise\nbits = 4 8\npruning.keep = 0.25..0.5\n");
    const json::Value value = json::parse(json::write(to_json(space)), "s");
    CHECK(space_from_json(json::Reader(value, "s")) == space);
    CHECK(narrowing({{1, 28, 28}, 10}).empty());
    Space recordings{{6, 128, 1}, 6};
    recordings.augments = Augments::series;
    recordings.samples = 1234;
    CHECK(space_from_json(json::Reader(to_json(recordings), "s")) == recordings);
    CHECK(recordings.is_small());
    CHECK_FALSE(space.is_small()); // unknown
}

TEST_CASE("spaces of older runs are read: epochs are steps, one augmentation was a turn and a scale") {
    const auto read = [](const char* source) {
        const json::Value value = json::parse(source, "s");
        return space_from_json(json::Reader(value, "s"));
    };
    const Space old = read("{\"input\":[1,28,28],\"classes\":10,\"narrowed\":\"bits = 4\\ntraining.epochs = 50 100\\n"
                           "training.augmentation = 0..0.5\\ntraining.shift = 0 1\\n\"}");
    CHECK(narrowing(old) == "bits = 4\ntraining.steps = 50 100\ntraining.shift = 0 1\ntraining.rotate = 0..7.5\n"
                            "training.scale = 0..0.075\n");
    CHECK(old.augments == Augments::pictures);
    CHECK(old.samples == 0);
    CHECK(narrowing(read("{\"input\":[3,8,8],\"classes\":2,\"narrowed\":\"front.gray = on\\n\"}")) ==
          "front.gray = mix\n");
    CHECK(read("{\"input\":[6,128,1],\"classes\":6,\"narrowed\":\"\"}").augments == Augments::series);
    CHECK_THROWS_WITH_AS(
        read("{\"input\":[1,8,8],\"classes\":2,\"augments\":\"sounds\",\"samples\":3,\"narrowed\":\"\"}"),
        "s: augments: 'sounds' is not one of pictures, series, nothing", Error);
}

TEST_CASE("a space for senseless data is refused") {
    const auto read = [](const char* source) {
        const json::Value value = json::parse(source, "s");
        return space_from_json(json::Reader(value, "s"));
    };
    CHECK_THROWS_WITH_AS(read("{\"input\":[1,28],\"classes\":10,\"narrowed\":\"\"}"),
                         "s: input: expected channels, height and width", Error);
    CHECK_THROWS_WITH_AS(read("{\"input\":[1,0,28],\"classes\":10,\"narrowed\":\"\"}"),
                         "s: input: expected sides of 1 to 65535, found 0", Error);
    CHECK_THROWS_WITH_AS(read("{\"input\":[1,8,8],\"classes\":0,\"narrowed\":\"\"}"),
                         doctest::Contains("width 0 is not in 1..65535"), Error);
    CHECK_THROWS_WITH_AS(read("{\"input\":[1,8,8],\"classes\":2,\"narrowed\":\"bits 4\"}"),
                         doctest::Contains("narrowed: line 1: expected NAME = VALUES"), Error);
    CHECK_THROWS_WITH_AS(with("training.learning_rate = 0.01 0.02"), doctest::Contains("takes one interval"), Error);
}

TEST_CASE("a file that cannot be meant is an Error with its line") {
    CHECK_THROWS_WITH_AS(with("\nunit.kernal = 3"),
                         "f: line 2: there is no gene 'unit.kernal'; did you mean unit.kernel?", Error);
    CHECK_THROWS_WITH_AS(with("unit.kernel = 4"),
                         "f: line 1: unit.kernel = 4: not in this gene's range, which is 1 3 5 7", Error);
    CHECK_THROWS_WITH_AS(with("unit.width = 0..8"),
                         "f: line 1: unit.width = 0..8: not in this gene's range, which is 1..64", Error);
    CHECK_THROWS_WITH_AS(
        with("unit.kind = conv"),
        "f: line 1: unit.kind = conv: not in this gene's range, which is separable convolution pointwise bottleneck",
        Error);
    CHECK_THROWS_WITH_AS(with("pruning.keep = 0..1"),
                         "f: line 1: pruning.keep = 0..1: not in this gene's range, which is 0.05..1", Error);
    CHECK_THROWS_WITH_AS(with("bits = 4\nbits = 8"), "f: line 2: bits stands in the file twice", Error);
    CHECK_THROWS_WITH_AS(with("bits ="), "f: line 1: bits has no values; give some, such as unit.kernel = 3 5", Error);
    CHECK_THROWS_WITH_AS(with("bits 4"), "f: line 1: expected NAME = VALUES, such as unit.kernel = 3 5", Error);
    CHECK_THROWS_AS(with("unit.width = 8..4"), Error);
    CHECK_THROWS_AS(with("training.learning_rate = 0.01..0.02 0.03"), Error);
}

TEST_CASE("methods of pruning have the names and the order that journals and encodings know") {
    CHECK(std::vector<std::string>(pruning_names.begin(), pruning_names.end()) ==
          std::vector<std::string>{"none", "magnitude", "dpf", "sparse-vd", "bayes-gnj", "bayes-ghs", "filter-l1",
                                   "one-shot"});
}
