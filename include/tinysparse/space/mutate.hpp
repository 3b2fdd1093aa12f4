// SPDX-License-Identifier: Apache-2.0
// Small local edits of a Genome (Elsken, Metzen, Hutter 2019 call them morphisms): 1 + a geometric number of them.
// inherit.hpp decides which weights a child takes over from its parent.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "tinysparse/base/random.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/genome.hpp"
#include "tinysparse/space/sample.hpp"

namespace tinysparse::space {

/// Genes that may change: all but pruning; all; or only those that keep the plan of the network (widths, bits,
/// training, pruning).
enum class Edits { dense, all, refinement };

namespace detail {

/// The edits. Each may leave the space; the child is moved back into it afterwards.
class Editor {
  public:
    Editor(const Space& space, Genome& genome, Random& random, const PruningOdds& odds)
        : space_(space), genome_(genome), random_(random), odds_(odds) {}

    void edit(Edits edits) {
        const bool plan = edits != Edits::refinement;
        const double trained = (plan ? 0.08 : 0.26) * (space_.is_small() ? 3 : 1); // much depends on it then
        const double pruned = edits == Edits::dense || !has_pruned(space_) ? 0.0 : plan ? 0.08 : 0.15;
        switch (weighted(random_, {0.38, 0.1, trained, pruned, plan ? 0.1 : 0.0, plan ? 0.12 : 0.0, plan ? 0.08 : 0.0,
                                   plan ? 0.14 : 0.0, plan ? 0.06 : 0.0})) {
        case 0:
            return widths();
        case 1:
            return bits();
        case 2:
            return training();
        case 3:
            return pruning();
        case 4:
            return front();
        case 5:
            return unit();
        case 6:
            return stage();
        case 7:
            return depth();
        default:
            return end();
        }
    }

  private:
    Stage& some_stage() { return genome_.stages[random_.below(std::uint32_t(genome_.stages.size()))]; }
    Unit& some_unit() {
        std::vector<Unit*> units;
        for (Stage& stage : genome_.stages)
            for (Unit& unit : stage.units) units.push_back(&unit);
        return *units[random_.below(std::uint32_t(units.size()))];
    }

    /// Changes a width by a factor near 1, but by at least one channel.
    void change_width(int& width, int smallest) {
        const int scaled = int(std::lround(width * std::exp(random_.normal() * 0.25)));
        const int step = random_.chance(0.5) ? 1 : -1;
        width = std::max(smallest, scaled == width ? width + step : scaled);
    }
    /// Changes a gene to any other of its values.
    void choose(Gene gene, int& value) {
        const std::vector<int>& values = space_[gene].values;
        const int before = value;
        value = values[random_.below(std::uint32_t(values.size()))];
        if (value == before)
            value = values[(std::size_t(std::find(values.begin(), values.end(), value) - values.begin()) + 1) %
                           values.size()];
    }
    /// Changes a gene to the next value up or down, at most `most`.
    void neighbour(Gene gene, int& value, int most) {
        const std::vector<int>& values = space_[gene].values;
        const auto at = std::find(values.begin(), values.end(), value);
        const bool up = random_.chance(0.5);
        if (up && at != values.end() && at + 1 != values.end() && at[1] <= most)
            value = at[1];
        else if (!up && at != values.begin())
            value = at[-1];
    }
    /// Sets the gene to `usual`, or to any other value if it already has that or the space does not have it.
    void take(Gene gene, int& value, int usual) {
        const std::vector<int>& values = space_[gene].values;
        if (usual == value || std::find(values.begin(), values.end(), usual) == values.end())
            return choose(gene, value);
        value = usual;
    }
    template <class Value> void choose(Gene gene, Value& value) {
        int number = int(value);
        choose(gene, number);
        value = Value(number);
    }

    void widths() {
        switch (weighted(random_, {0.25, 0.45, 0.12, 0.18})) {
        case 0:
            return change_width(genome_.front.width, 1);
        case 1:
            return change_width(some_unit().width, 1);
        case 2:
            if (genome_.end.width == 0)
                genome_.end.width = genome_.stages.back().units.back().width;
            else
                change_width(genome_.end.width, 0);
            return;
        default:
            scale_widths();
        }
    }
    void scale_widths() {
        const double factor = std::exp(random_.normal() * 0.25);
        const auto scale = [&](int& width) { width = std::max(1, int(std::lround(width * factor))); };
        scale(genome_.front.width);
        for (Stage& stage : genome_.stages)
            for (Unit& unit : stage.units) scale(unit.width);
        if (genome_.end.width > 0) scale(genome_.end.width);
    }

    void bits() {
        if (random_.chance(0.5)) return set_bits(genome_, usual_bits(space_, random_));
        switch (weighted(random_, {0.2, 0.6, 0.2})) {
        case 0:
            return choose(Gene::bits, genome_.front.bits);
        case 1:
            return choose(Gene::bits, some_unit().bits);
        default:
            return choose(Gene::bits, genome_.end.bits);
        }
    }

    void training() {
        Training& training = genome_.training;
        const auto step = [&](double& value, double first, double low, double high) {
            if (value == 0)
                value = first;
            else if (random_.chance(0.3))
                value = low;
            else
                value = std::clamp(value * (random_.chance(0.5) ? 2 : 0.5), low, high);
        };
        const bool few = space_.is_small();
        switch (weighted(random_, {few ? 0.16 : 0.5, few ? 0.1 : 0.12, few ? 0.14 : 0.06, 0.04, few ? 0.06 : 0.04,
                                   few ? 0.5 : 0.24})) {
        case 0:
            training.learning_rate =
                rounded_learning_rate(space_, training.learning_rate * std::exp(random_.normal() * 0.35));
            return;
        case 1:
            training.batch = random_.chance(0.5) ? training.batch * 2 : training.batch / 2;
            if (few) training.batch = std::min(training.batch, 64);
            return;
        case 2:
            return neighbour(Gene::steps, training.steps, space_.largest(Gene::steps));
        case 3:
            return step(training.weight_decay, 0.001, 0, 0.1);
        case 4:
            return step(training.label_smoothing, 0.02, 0, 0.2);
        default:
            augmentation();
        }
    }

    /// Edits a gene that affects the samples: one more, one less, or another strength. Mostly the shift for large sets.
    void augmentation() {
        Training& training = genome_.training;
        const double share_of_shift = space_.is_small() ? 0.15 : 0.6;
        if (takes_effect(Gene::shift, space_) && random_.chance(share_of_shift)) {
            const bool series = space_.augments == Augments::series;
            return neighbour(Gene::shift, training.shift, series ? std::max(4, space_.input.height / 4) : 4);
        }
        std::vector<const AugmentationGene*> known;
        for (const AugmentationGene& own : augmentation_genes)
            if (takes_effect(own.gene, space_)) known.push_back(&own);
        const std::size_t flips = takes_effect(Gene::flip, space_);
        if (known.size() + flips == 0) return;
        const std::size_t chosen = random_.below(std::uint32_t(known.size() + flips));
        if (chosen == known.size()) {
            training.flip = !training.flip;
            return;
        }
        double& strength = training.*known[chosen]->strength;
        if (strength > 0 && random_.chance(0.3))
            strength = 0;
        else if (strength > 0 && random_.chance(0.5))
            strength = two_digits(strength * std::exp(random_.normal() * 0.4));
        else
            strength = known[chosen]->usual[random_.below(4)];
    }

    void pruning() {
        constexpr double first_share = 0.75;
        Pruning& pruning = genome_.pruning;
        if (!pruning.active()) {
            pruning = first_pruning(space_, odds_, first_share, random_);
        } else if (has_unpruned(space_) && random_.chance(0.25)) {
            pruning = {};
        } else if (random_.chance(0.2)) {
            pruning.method = first_pruning(space_, odds_, first_share, random_).method;
            if (!pruning.active()) pruning.keep = first_share; // it has no threshold, unlike the method before it
        } else {
            pruning.keep = rounded_share(pruning.keep * std::exp(random_.normal() * 0.3), 0.05, 1);
        }
    }

    void front() {
        Front& front = genome_.front;
        switch (weighted(random_, {0.3, 0.2, 0.2, 0.1, 0.2, space_.input.channels > 1 ? 0.15 : 0.0})) {
        case 0:
            return take(Gene::front_kernel, front.kernel, usual_kernel(random_));
        case 1: // the size of the map stays: a stride replaces a pool
            front.stride = 3 - front.stride;
            front.pooling = front.stride == 2 ? net::Pooling::none : net::Pooling::average;
            return;
        case 2:
            return choose(Gene::front_pooling, front.pooling);
        case 3:
            return choose(Gene::front_pool, front.pool);
        case 4:
            front.downsampling += random_.chance(0.5) ? 1 : -1;
            return;
        default:
            return choose(Gene::gray, front.gray);
        }
    }

    void unit() {
        Unit& unit = some_unit();
        switch (weighted(random_, {0.45, 0.35, 0.2})) {
        case 0:
            return take(Gene::unit_kernel, unit.kernel, usual_kernel(random_));
        case 1: {
            int kind = int(unit.kind);
            take(Gene::unit_kind, kind, int(usual_kind(random_)));
            unit.kind = UnitKind(kind);
            return;
        }
        default:
            if (unit.kind == UnitKind::bottleneck && random_.chance(0.5))
                return choose(Gene::unit_squeeze, unit.squeeze);
            unit.linear = !unit.linear;
        }
    }

    void stage() {
        Stage& stage = some_stage();
        switch (weighted(random_, {0.4, 0.16, 0.24, 0.08, 0.12})) {
        case 0:
            return choose(Gene::stage_pooling, stage.pooling);
        case 1:
            return choose(Gene::stage_pool, stage.pool);
        case 2:
            stage.residual = !stage.residual;
            return;
        case 3:
            stage.head = !stage.head;
            return;
        default: // downsampling moves to a neighbour
            if (genome_.stages.size() < 2) return;
            const std::size_t at = random_.below(std::uint32_t(genome_.stages.size() - 1));
            std::swap(genome_.stages[at].pooling, genome_.stages[at + 1].pooling);
            std::swap(genome_.stages[at].pool, genome_.stages[at + 1].pool);
        }
    }

    /// Adds or removes one unit or stage. A new unit has the width of the one before it, and a new stage after another
    /// takes over its pooling, so that both can begin as the identity.
    void depth() {
        const std::size_t at = random_.below(std::uint32_t(genome_.stages.size()));
        Stage& stage = genome_.stages[at];
        const auto stage_at = genome_.stages.begin() + std::ptrdiff_t(at);
        const std::size_t unit = random_.below(std::uint32_t(stage.units.size()));
        const auto unit_at = stage.units.begin() + std::ptrdiff_t(unit);
        switch (weighted(random_, {0.35, 0.4, 0.1, 0.15})) {
        case 0:
            if (stage.units.size() < std::size_t(space_.largest(Gene::stage_units)))
                stage.units.insert(unit_at + 1, Unit(stage.units[unit]));
            return;
        case 1:
            if (stage.units.size() > std::size_t(space_.least(Gene::stage_units))) stage.units.erase(unit_at);
            return;
        case 2: {
            if (genome_.stages.size() >= std::size_t(space_.largest(Gene::stages))) return;
            Stage added;
            added.units = {stage.units.back()};
            if (random_.chance(0.5)) { // else the map shrinks once more
                added.pooling = stage.pooling;
                added.pool = stage.pool;
                stage.pooling = net::Pooling::none;
                added.head = std::exchange(stage.head, false); // it still reads the pooled map
            }
            genome_.stages.insert(stage_at + 1, added);
            return;
        }
        default:
            if (genome_.stages.size() > std::size_t(space_.least(Gene::stages))) genome_.stages.erase(stage_at);
        }
    }

    void end() {
        End& end = genome_.end;
        if (random_.chance(0.7)) return choose(Gene::end_kind, end.kind);
        if (end.hidden == 0)
            end.hidden = 2 * space_.classes;
        else
            change_width(end.hidden, 0);
    }

    const Space& space_;
    Genome& genome_;
    Random& random_;
    const PruningOdds& odds_;
};

} // namespace detail

/// Thrown by mutate().
class NoNeighbour : public Error {
  public:
    NoNeighbour() : Error("no neighbour of a network was found in the space; the space is too small to search") {}
};

/// A neighbour of `parent`: 1, 2, 3 ... edits with probability 1/2, 1/4, 1/8 ..., with another key and with a network.
/// odds: probabilities of the pruning methods, if one is drawn. Throws NoNeighbour if a thousand tries find none, which
/// happens only in spaces of a few Genomes.
inline Genome mutate(const Genome& parent, const Space& space, Random& random, Edits edits = Edits::all,
                     const PruningOdds& odds = even_odds) {
    const std::string parent_key = key(parent, space);
    for (int attempt = 0; attempt < 1000; ++attempt) {
        Genome child = parent;
        do detail::Editor(space, child, random, odds).edit(edits);
        while (random.chance(0.5));
        child = conformed(std::move(child), space);
        if (expressible(child, space) && key(child, space) != parent_key) return child;
    }
    throw NoNeighbour();
}

} // namespace tinysparse::space
