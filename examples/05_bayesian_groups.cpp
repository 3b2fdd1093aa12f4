// SPDX-License-Identifier: Apache-2.0
// Lesson 5: Bayesian compression (Louizos, Ullrich, Welling 2017). Lesson 4 prunes single weights; here weights share a
// scale z with the others of their group, w = z v, and a group whose scale is noise is pruned as a whole:
//   v: N(mu, sigma^2) of its own, prior N(0, 1)    z: N(mu_z, sigma_z^2) of the group, prior proportional to 1/|z|
//   loss = cross-entropy + warm-up * (KL of the weights + KL of the scales) / samples
//   log alpha = log sigma_z^2 - log mu_z^2
// Warm-up grows from 0 to 1 over the first 30 % of the pruning.
// The groups are the inputs of dense layers. Of ten inputs only the first three say anything about the class, which the
// network is not told. What is left of the posterior also says how many bits a weight deserves.
// Headers: prune/bayesian.hpp, prune/scale_prior.hpp. Equations: docs/equations.md, "Bayesian compression".
#include "tinysparse/data/from_arrays.hpp"
#include "tinysparse/prune/train.hpp"
#include <cstdio>

using namespace tinysparse;

namespace {
/// 3000 samples of ten normal numbers; class 1 if the product of the first two plus the third is positive.
data::Dataset samples() {
    std::vector<float> elements;
    std::vector<int> labels;
    Random random(1, "lesson");
    for (int i = 0; i < 3000; ++i) {
        for (int k = 0; k < 10; ++k) elements.push_back(float(random.normal()));
        const float* own = &elements[elements.size() - 10];
        labels.push_back(own[0] * own[1] + own[2] > 0);
    }
    return data::from_arrays({.shape = {10, 1, 1}, .elements = elements, .labels = labels});
}
} // namespace

int main() {
    const data::Dataset set = samples();
    const net::Spec spec = net::parse("F16 F2", {10, 1, 1}); // 16 hidden neurons, two classes
    nn::TrainerOptions training;
    training.epochs = 120;
    training.learning_rate = 0.01;
    Team team(1);
    nn::Trainer trainer(set, spec, training, team);

    // 1: a tenth of the steps without pruning.
    nn::Network network(spec, trainer.recording());
    network.initialise(1);
    const std::size_t dense_steps = trainer.steps() / 10, end = trainer.steps();
    trainer.run(network, *nn::make_optimiser(network, training), {.end = dense_steps});
    std::printf("without pruning: %zu weights, %.1f %% right\n", net::weights(spec),
                100 * trainer.accuracy(network, set.test));

    // 2: the rest with a posterior in place of each weight. `ranking` has a score of -log alpha for each group.
    prune::Bayesian method({.samples = trainer.samples()});
    prune::Ranking ranking;
    prune::Masks masks; // 1 for each weight that stays, 0 for the others
    std::vector<int> bits;
    prune::run_pruning(trainer, network, method, {dense_steps, end}, {}, [&](prune::Pruner& own) {
        ranking = own.rank();
        masks = prune::decide(spec, ranking, std::nullopt); // by the method's threshold, not by a budget
        bits = own.bits(masks);
    });
    prune::apply_masks(masks, network);

    // A group is pruned if the noise of its scale is larger than the scale: log alpha above 0. Lesson 4 prunes a single
    // weight above 3 only, where the variance of its noise is 20 times the square of its mean: a dropout of 95 %.
    const double threshold = 0 - ranking.group_threshold; // as a log alpha
    std::size_t hidden = 0;
    for (const prune::Group& group : ranking.groups) {
        const prune::GroupMember& input = group.members[0];
        const bool stays = group.score > ranking.group_threshold;
        if (input.layer == 0)
            std::printf("input %2zu, %s: log alpha %6.2f, %s %.0f\n", input.index + 1,
                        input.index < 3 ? "signal" : "noise ", -group.score, stays ? "stays, below" : "pruned, above",
                        threshold);
        else
            hidden += stays;
    }
    std::printf("hidden neurons that stay: %zu of 16\n", hidden);

    // 3: what is left is a smaller dense network, not a sparse one.
    const auto small = prune::compact(network);
    std::printf("after pruning: %zu of %zu weights, %.1f %% right\n", prune::kept(masks), net::weights(spec),
                100 * trainer.accuracy(network, set.test));
    // As few bits as give a rounding error with no more variance than the posterior has.
    std::printf("bits per weight that the posterior supports: layer 1 %d, layer 2 %d\n", bits[0], bits[1]);
    std::printf("compacted: %zu hidden neurons\n", std::size_t(small->spec().layers[0].outputs));
}
