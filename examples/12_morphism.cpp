// SPDX-License-Identifier: Apache-2.0
// Lesson 12: a morphism, a change of a network that keeps its function (Chen, Goodfellow, Shlens 2016, Net2Net). A
// search makes children of good networks: wider, deeper, with other kernels. A child that begins as its parent need not
// learn anew:
//   wider    new channels compute anything, and what reads them has weights of 0 for them (in Net2Net they are copies
//            of others, and the weights that read both are split)
//   deeper   a new layer begins as the identity: a kernel that is 1 in its middle and 0 elsewhere
//   larger   a kernel gets a rim of 0
// A genome is the list of choices that a search makes; express() turns it into the network, inherit() moves the
// weights.
// Headers: space/genome.hpp, space/express.hpp, space/inherit.hpp, search/transplant.hpp. Equations: docs/equations.md,
// "Search".
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/strokes.hpp"
#include "tinysparse/nn/trainer.hpp"
#include "tinysparse/quantise/calibration.hpp"
#include "tinysparse/quantise/folding.hpp"
#include "tinysparse/search/transplant.hpp"
#include "tinysparse/space/express.hpp"
#include <cstdio>

using namespace tinysparse;

namespace {
data::Dataset glyphs() {
    data::Dataset set = data::synthetic_strokes(3000, 1);
    set.test = data::split_off(set.train, 28 * 28, set.classes(), 0.3, "test part");
    return set;
}
const data::Dataset set = glyphs();
Team team(1);

nn::TrainerOptions options(int epochs) {
    nn::TrainerOptions own;
    own.epochs = epochs;
    return own;
}

/// A network as weights move between networks: after training, normalisation is a constant factor and shift for each
/// channel, which are multiplied into the weights and added to the biases (folding).
struct Folded {
    net::Spec spec;
    std::vector<fixed::FloatLayer> layers;

    std::unique_ptr<nn::Network> network() const {
        auto made = std::make_unique<nn::Network>(quantise::folded_spec(spec), nn::network_options(options(1)));
        quantise::set_parameters(*made, layers);
        return made;
    }
};

double accuracy(const Folded& folded) {
    const auto network = folded.network();
    return nn::Trainer(set, network->spec(), options(1), team).accuracy(*network, set.test);
}

/// The largest change of a logit over the test part, as a share of the largest logit.
double change(const Folded& parent, const Folded& child) {
    const auto before = parent.network(), after = child.network();
    nn::Loader loader(set, before->spec());
    const std::vector<float> a = nn::logits(*before, loader, set.test, team),
                             b = nn::logits(*after, loader, set.test, team);
    double largest = 0, size = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, double(std::abs(a[i] - b[i])));
        size = std::max(size, double(std::abs(a[i])));
    }
    return largest / size;
}
} // namespace

int main() {
    // 1: a trained parent. Genomes have defaults: a first convolution, a stage with one separable unit (D3L C8k1),
    // and a dense layer.
    const space::Space space{{1, 28, 28}, 10};
    space::Genome genome;
    genome.front.downsampling = 2;
    const net::Spec spec = space::express(genome, space);
    nn::Trainer trainer(set, spec, options(6), team);
    nn::Network trained(spec, trainer.recording());
    trained.initialise(1);
    trainer.run(trained, *nn::make_optimiser(trained, trainer.options()));
    const Folded parent{spec, quantise::fold(trained)};
    std::printf("parent  %s: %.1f %% right\n", net::notation(spec).c_str(), 100 * accuracy(parent));

    // 2: three larger children, which keep its function, and a smaller one, which does not.
    std::vector<std::pair<const char*, space::Genome>> children(4, {"", genome});
    children[0].first = "wider";
    children[0].second.front.width += 4;
    children[0].second.stages[0].units[0].width += 8;
    children[1].first = "deeper";
    children[1].second.stages[0].units.push_back(genome.stages[0].units[0]);
    children[2].first = "larger";
    children[2].second.front.kernel = 5;
    children[3].first = "smaller";
    children[3].second.stages[0].units[0].width -= 4; // no morphism: what four channels computed is lost
    for (const auto& [name, child] : children) {
        Random random(1, "lesson");
        const net::Spec child_spec = space::express(child, space);
        const auto inherited = search::inherit(child, {genome, parent.spec, parent.layers}, space, random);
        if (!inherited) return 1;
        const Folded folded{child_spec, inherited->layers};
        std::printf(
            "%-7s %s: %.0f %% of its weights inherited, logits change by up to %.4f of the largest, %.1f %% right\n",
            name, net::notation(child_spec).c_str(), 100 * inherited->share, change(parent, folded),
            100 * accuracy(folded));
    }

    // 3: what it is good for. One pass over the data, from the parent's weights and from random ones.
    Random random(1, "lesson");
    const space::Genome& wider = children[0].second;
    const net::Spec wider_spec = space::express(wider, space);
    const Folded begin{wider_spec, search::inherit(wider, {genome, parent.spec, parent.layers}, space, random)->layers};
    for (const bool inherits : {true, false}) {
        const auto network = begin.network();
        if (!inherits) network->initialise(1);
        nn::TrainerOptions short_training = options(1);
        short_training.learning_rate = 0.003;
        nn::Trainer again(set, network->spec(), short_training, team);
        again.run(*network, *nn::make_optimiser(*network, short_training));
        std::printf("the wider child after one epoch, from %s weights: %.1f %% right\n",
                    inherits ? "inherited" : "random", 100 * again.accuracy(*network, set.test));
    }
}
