// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/encoding.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::space;

TEST_CASE("every genome has as many values as the space has dimensions, in 0..1") {
    const Space space{{1, 28, 28}, 10};
    const std::vector<Dimension> names = dimensions(space);
    std::set<std::string> distinct;
    for (const Dimension& dimension : names) distinct.insert(dimension.name);
    CHECK(distinct.size() == names.size());
    Random random(1, "encoding");
    for (int i = 0; i < 300; ++i) {
        const Encoding encoding = encode(sample(space, random), space);
        REQUIRE(encoding.values.size() == names.size());
        REQUIRE(encoding.active.size() == names.size());
        for (std::size_t d = 0; d < names.size(); ++d) {
            CAPTURE(names[d].name);
            CHECK(encoding.values[d] >= 0);
            CHECK(encoding.values[d] <= 1);
            if (!encoding.active[d]) CHECK(encoding.values[d] == 0);
            if (names[d].levels > 1) {
                const double level = encoding.values[d] * (names[d].levels - 1);
                CHECK(level == doctest::Approx(std::round(level)));
            }
        }
    }
}

TEST_CASE("genes that a genome lacks are inactive, and genes that differ show") {
    const Space space{{1, 28, 28}, 10};
    const std::vector<Dimension> names = dimensions(space);
    const auto at = [&](const std::string& name) {
        for (std::size_t d = 0; d < names.size(); ++d)
            if (names[d].name == name) return d;
        REQUIRE_MESSAGE(false, name);
        return std::size_t(0);
    };
    Genome genome;
    const Encoding one = encode(genome, space);
    CHECK(one.active[at("stage1.unit1.width")]);
    CHECK(!one.active[at("stage1.unit2.width")]);
    CHECK(!one.active[at("stage2.units")]);
    CHECK(!one.active[at("end.width")]);
    genome.stages[0].units[0].width = 64;
    genome.end.bits = 4;
    const Encoding other = encode(genome, space);
    CHECK(other.values[at("stage1.unit1.width")] == 1);
    CHECK(other.values[at("end.bits")] == 0.5);
    std::size_t different = 0;
    for (std::size_t d = 0; d < names.size(); ++d) different += one.values[d] != other.values[d];
    CHECK(different == 2);
    // What does not have an effect on such samples.
    CHECK(one.active[at("training.rotate")]);
    CHECK(!one.active[at("training.colour")]);
    CHECK(!one.active[at("training.stretch")]);
    Space series{{6, 28, 1}, 10};
    series.augments = Augments::series;
    genome.training.rotate = 90;
    const Encoding of_series = encode(genome, series);
    CHECK(!of_series.active[at("training.rotate")]);
    CHECK(of_series.values[at("training.rotate")] == 0);
    CHECK(of_series.active[at("training.axes")]);
}
