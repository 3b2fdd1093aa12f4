// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/sample.hpp"
#include "tinysparse/space/mutate.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::space;

namespace {
Space small_space() {
    return narrowed({{1, 8, 8}, 10}, "front.width = 1..4\nunit.width = 1..4\nstages = 1\nstage.units = 1\nbits = 8",
                    "small");
}
Space of_samples(net::Shape input, int classes, Augments augments, std::size_t samples) {
    Space space{input, classes};
    space.augments = augments;
    space.samples = samples;
    return space;
}
const std::vector<Space> spaces = {{{1, 28, 28}, 10},
                                   {{3, 32, 32}, 2},
                                   {{3, 96, 96}, 100},
                                   {{1, 1, 1}, 2},
                                   {{9, 128, 1}, 6},
                                   {{1, 5, 1}, 2},
                                   {{1, 40, 7}, 3},
                                   small_space(),
                                   {{200, 10, 10}, 5},
                                   of_samples({9, 128, 1}, 6, Augments::series, 500),
                                   of_samples({3, 24, 32}, 3, Augments::pictures, 216),
                                   of_samples({4, 1, 1}, 2, Augments::nothing, 100)};

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
        Random draws(2, "sample", s), random(1, "mutate", s);
        std::set<std::string> keys;
        for (int i = 0; i < 60; ++i) {
            Genome genome = sample(spaces[s], draws);
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
        child.end.bits = parent.end.bits;
        child.front.bits = parent.front.bits;
        child.pruning = parent.pruning;
        child.training = parent.training;
        for (std::size_t s = 0; s < child.stages.size(); ++s) {
            REQUIRE(child.stages[s].units.size() == parent.stages[s].units.size());
            for (std::size_t u = 0; u < child.stages[s].units.size(); ++u) {
                child.stages[s].units[u].width = parent.stages[s].units[u].width;
                child.stages[s].units[u].bits = parent.stages[s].units[u].bits;
            }
        }
        CHECK(child == parent);
    }
}

TEST_CASE("mutation reaches every value of every gene but widths and shares from one start") {
    Random random(2, "reach");
    std::array<std::set<double>, gene_count> seen;
    for (const Space& space : {Space{{3, 32, 32}, 10}, of_samples({3, 128, 1}, 10, Augments::series, 500)}) {
        Genome genome;
        bool deepest = false;
        for (int i = 0; i < 20000; ++i) {
            genome = mutate(genome, space, random);
            for_genes(genome, [&](Gene gene, auto& value) { seen[std::size_t(gene)].insert(double(value)); });
            deepest |= genome.stages.size() == 4 && genome.stages[3].units.size() == 3;
        }
        CHECK(deepest);
    }
    for (std::size_t i = 0; i < gene_count; ++i) {
        CAPTURE(genes[i].name);
        const Gene gene = Gene(i);
        if (gene == Gene::stages || gene == Gene::stage_units) continue;
        const std::vector<int> values = genes[i].range().values;
        if (values.empty())
            CHECK(seen[i].size() >= 4);
        else if (values.size() > 10)
            CHECK(*seen[i].rbegin() >= 30);
        else
            CHECK(seen[i].size() == values.size());
    }
}

TEST_CASE("genes of augmentation are drawn and edited where they have an effect, from none upwards") {
    const Space pictures = of_samples({3, 24, 32}, 3, Augments::pictures, 216),
                gray = of_samples({1, 24, 32}, 3, Augments::pictures, 216),
                series = of_samples({6, 128, 1}, 6, Augments::series, 500),
                pair = of_samples({2, 128, 1}, 6, Augments::series, 500),
                numbers = of_samples({4, 1, 1}, 2, Augments::nothing, 100);
    for (const Space& space : {pictures, gray, series, pair, numbers}) {
        Random random(4, "augmentation");
        constexpr int draws = 1000;
        std::array<std::set<double>, gene_count> seen;
        std::array<int, gene_count> none{};
        for (int i = 0; i < draws; ++i) {
            Genome genome = sample(space, random);
            CHECK(genome.training.batch <= 64);
            for (const AugmentationGene& own : augmentation_genes) {
                const double strength = genome.training.*own.strength;
                none[std::size_t(own.gene)] += strength == 0;
                seen[std::size_t(own.gene)].insert(strength);
            }
            for (int edit = 0; edit < 3; ++edit) genome = mutate(genome, space, random);
            for (const AugmentationGene& own : augmentation_genes)
                if (!takes_effect(own.gene, space)) REQUIRE(genome.training.*own.strength == 0);
            if (!takes_effect(Gene::flip, space)) REQUIRE_FALSE(genome.training.flip);
        }
        for (const AugmentationGene& own : augmentation_genes) {
            CAPTURE(info(own.gene).name);
            const std::size_t gene = std::size_t(own.gene);
            if (!takes_effect(own.gene, space)) {
                CHECK(seen[gene].size() == 1);
                continue;
            }
            CHECK(seen[gene].size() == (own.gene == Gene::rotate ? 5 : 4)); // none, three strengths, a whole turn
            // 15 of 100 draws leave samples unchanged; 45 assume pictures of things in any orientation.
            const double upright = space.augments == Augments::series ? 0.85 : 0.4;
            const double with = upright * own.share[0] + (0.85 - upright) * own.share[1];
            CHECK(std::abs(none[gene] - draws * (1 - with)) < 60);
        }
    }
    const auto count = [](const Space& space) {
        std::size_t effective = 0;
        for (const GeneInfo& gene : genes) effective += takes_effect(gene.gene, space);
        return effective;
    };
    CHECK(count(pictures) == gene_count - 3);                // stretch, gain, axes
    CHECK(count(gray) == gene_count - 4);                    // nor colour
    CHECK(count(series) == gene_count - 8);                  // flip and seven of pictures
    CHECK(count(pair) == gene_count - 9);                    // no sensor of three axes
    CHECK(count(numbers) == gene_count - 13);                // nor shift
    CHECK(count(Space{{3, 32, 32}, 10}) == count(pictures)); // however many
}

TEST_CASE("large sets are trained as usual in most draws, and their edits seldom turn an augmentation on") {
    const Space space{{3, 32, 32}, 10};
    Random random(6, "usual");
    int usual = 0, augmented = 0;
    for (int i = 0; i < 500; ++i) {
        const Genome genome = sample(space, random);
        usual += genome.training == Training{};
        augmented += augmentation_strength(mutate(genome, space, random).training, space) >
                     augmentation_strength(genome.training, space);
    }
    CHECK(usual > 300);
    CHECK(augmented < 50);
}

TEST_CASE("ten thousand chains of edits stay in the space") {
    std::size_t chains = 0;
    for (std::size_t s = 0; s < spaces.size(); ++s) {
        CAPTURE(s);
        Random random(3, "chains", s);
        for (std::size_t i = 0; i < 10000 / spaces.size() + 1; ++i, ++chains) {
            Genome genome = sample(spaces[s], random);
            for (int edits = 0; edits < 3; ++edits) genome = mutate(genome, spaces[s], random);
            const net::Spec spec = express(genome, spaces[s]);
            REQUIRE(net::shapes(spec).classes == spaces[s].classes);
            REQUIRE(conformed(genome, spaces[s]) == genome);
        }
    }
    CHECK(chains >= 10000);
}

TEST_CASE("what makes samples smaller: half of a picture's sides, half of a window") {
    CHECK(smaller_samples({1, 28, 28}) == "smaller pictures, such as size=14x14");
    CHECK(smaller_samples({3, 1, 9}) == "smaller pictures, such as size=1x4");
    CHECK(smaller_samples({6, 128, 1}) == "shorter windows or fewer columns, such as window=64");
    CHECK(smaller_samples({6, 1, 1}) == "shorter windows or fewer columns, such as window=1");
}
