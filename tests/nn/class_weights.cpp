// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/nn/class_weights.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/nn/trainer.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::nn;

namespace {

/// Series of eight moments whose values are normal, about 0 for nine tenths of the samples and about 0.5 standard
/// deviations for the others, which overlap with them.
data::Split draw(std::size_t samples, std::uint64_t seed) {
    Random random(seed, "overlap");
    data::Split part;
    part.samples = samples;
    for (std::size_t i = 0; i < samples; ++i) {
        part.labels.push_back(i % 10 == 0);
        for (int t = 0; t < 8; ++t)
            part.values.push_back(std::int16_t(std::lround(32 * (random.normal() + 0.5 * (i % 10 == 0)))));
    }
    return part;
}

data::Dataset overlap() {
    data::Dataset set;
    set.name = "overlap";
    set.shape = {1, 8, 1};
    set.element = data::ElementType::int16;
    set.class_names = {"often", "rare"};
    set.train = draw(2000, 1);
    set.validation = draw(2000, 2);
    set.normalisation = {{0}, {1}};
    return set;
}

/// Share of a class's validation samples that a network finds after a training.
double recall(const data::Dataset& set, const TrainerOptions& options, std::uint8_t of) {
    Team team(1);
    const net::Spec spec = net::parse("F2", {1, 8, 1});
    Trainer trainer(set, spec, options, team);
    Network network(spec, network_options(options));
    network.initialise(1);
    trainer.run(network, *make_optimiser(network, options));
    const std::vector<std::uint8_t> answers = trainer.answers(network, set.validation);
    std::size_t found = 0, all = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        all += set.validation.labels[i] == of;
        found += set.validation.labels[i] == of && answers[i] == of;
    }
    return double(found) / double(all);
}

} // namespace

TEST_CASE("balanced weights give every class the same sum, and the samples a mean of 1") {
    data::Split part;
    part.samples = 10;
    part.labels = {0, 0, 0, 0, 0, 0, 2, 2, 2, 3};
    CHECK(class_weights(ClassWeights::none, part, 4).empty());
    const std::vector<float> weights = class_weights(ClassWeights::balanced, part, 4);
    REQUIRE(weights.size() == 4);
    CHECK(weights[0] == doctest::Approx(10.0 / (3 * 6)));
    CHECK(weights[1] == 0); // no sample
    CHECK(weights[2] == doctest::Approx(10.0 / (3 * 3)));
    CHECK(weights[3] == doctest::Approx(10.0 / 3));
    double sum = 0;
    for (const std::uint8_t label : part.labels) sum += double(weights[label]);
    CHECK(sum / 10 == doctest::Approx(1));
}

TEST_CASE("balanced weights find most of a rare class that a plain training gives up") {
    const data::Dataset set = overlap();
    TrainerOptions plain;
    plain.epochs = 10;
    TrainerOptions balanced = plain;
    balanced.class_weights = class_weights(ClassWeights::balanced, set.train, 2);
    // The best answer by prior 9:1 is `rare` beyond a likelihood ratio of 9: for means 0 and 0.5 of 8 moments that is
    // 2.26 standard deviations of their sum, 0.85 beyond the rare mean: 20 %. By equal weights both have 76 %.
    CHECK(recall(set, plain, 1) < 0.3);
    CHECK(recall(set, balanced, 1) == doctest::Approx(0.76).epsilon(0.12));
    CHECK(recall(set, balanced, 0) == doctest::Approx(0.76).epsilon(0.12));
    for (const double smoothing : {0.1, 0.2}) {
        plain.label_smoothing = balanced.label_smoothing = smoothing;
        CHECK(recall(set, balanced, 1) > recall(set, plain, 1) + 0.3);
    }
    Network teacher(net::parse("F2", {1, 8, 1}), {.batch = 64});
    teacher.initialise(3);
    plain.teacher = balanced.teacher = &teacher;
    plain.distillation = balanced.distillation = 0.1;
    CHECK(recall(set, balanced, 1) > recall(set, plain, 1) + 0.2);
}
