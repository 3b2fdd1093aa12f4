// SPDX-License-Identifier: Apache-2.0
// Candidates: genomes that were not tried yet and whose estimated costs break no limit, so that training them is
// worthwhile.
#pragma once
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/search/view.hpp"
#include "tinysparse/space/mutate.hpp"
#include "tinysparse/space/sample.hpp"

namespace tinysparse::search {

/// A genome worth training, with its key and estimated costs.
struct Candidate {
    space::Genome genome;
    std::string key;
    Measures costs;                    ///< Estimates.
    std::optional<std::size_t> parent; ///< The trial that it was mutated from.
};

/// The space has no further candidate: the search ends.
class Exhausted : public Error {
  public:
    /// The message says that nothing is left to try.
    using Error::Error;
};

/// Costs of a genome, or nothing if the device could not run its network, however it is trained.
inline std::optional<Measures> estimate(const View& view, const space::Genome& genome) {
    try {
        return view.corrections().expected(view.problem().estimate(genome));
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// The genome as a candidate, or nothing if it was seen before, has no network or breaks a limit.
inline std::optional<Candidate> admit(const View& view, const space::Genome& genome) {
    const Problem& problem = view.problem();
    std::string key = space::key(genome, problem.space);
    if (view.seen(key)) return std::nullopt;
    const std::optional<Measures> costs = estimate(view, genome);
    if (!costs || !within(*costs, problem.limits)) return std::nullopt;
    return Candidate{genome, std::move(key), *costs, std::nullopt};
}

/// A random genome. If the edits do not include pruning, it is an unpruned one, if the space has any. Pruning methods
/// are drawn by their success so far.
inline space::Genome draw(const View& view, space::Edits edits, Random& random) {
    space::Genome genome = space::sample(view.problem().space, random, view.pruning_odds());
    if (edits != space::Edits::dense || !space::has_unpruned(view.problem().space)) return genome;
    genome.pruning = {};
    return space::conformed(std::move(genome), view.problem().space);
}

/// space::mutate(), or nothing if the space has no neighbour.
inline std::optional<space::Genome> neighbour(const View& view, const space::Genome& genome, space::Edits edits,
                                              Random& random) {
    try {
        return space::mutate(genome, view.problem().space, random, edits, view.pruning_odds());
    } catch (const space::NoNeighbour&) {
        return std::nullopt;
    }
}

/// Draws a model size evenly, on the log scale, between the smallest and largest of eight draws within the limits, and
/// takes the draw nearest to it: rare sizes come as often as others.
inline std::optional<Candidate> stratified_candidate(const View& view, space::Edits edits, Random& random) {
    std::vector<Candidate> drawn;
    std::vector<double> sizes;
    for (int i = 0; i < 8; ++i) {
        auto candidate = admit(view, draw(view, edits, random));
        if (!candidate) continue;
        sizes.push_back(std::log(candidate->costs[Measure::model_size].value_or(1)));
        drawn.push_back(std::move(*candidate));
    }
    if (drawn.empty()) return std::nullopt;
    const auto [least, largest] = std::minmax_element(sizes.begin(), sizes.end());
    const double wanted = random.uniform(*least, *largest);
    const auto nearest = std::min_element(
        sizes.begin(), sizes.end(), [&](double a, double b) { return std::abs(a - wanted) < std::abs(b - wanted); });
    return drawn[std::size_t(nearest - sizes.begin())];
}

namespace detail {

/// Why a search has nothing to try: the limits that the nearest network breaks, and by how much.
inline std::string beyond_limits(const std::optional<Measures>& nearest, const Problem& problem) {
    const auto with_unit = [](Measure measure, double value) {
        const std::optional<Unit> unit = unit_of(measure);
        return text(value, unit && !unit->name.empty() ? " " : "", unit ? unit->name : "");
    };
    std::vector<std::string> broken;
    for (const auto& [measure, limit] : problem.limits)
        if (nearest && (*nearest)[measure] && *(*nearest)[measure] > limit)
            broken.push_back(text(name_of(measure), " ", with_unit(measure, std::ceil(*(*nearest)[measure])),
                                  ", at most ", with_unit(measure, limit)));
    return text("no network can keep within the limits; ",
                broken.empty() ? "" : text("the nearest has ", join(broken, ", and "), "; "), "raise a limit or use ",
                space::smaller_samples(problem.space.input));
}

} // namespace detail

/// A random candidate. If limits are so tight that random draws hardly ever meet them, mutations lead the nearest of
/// many draws towards them.
inline Candidate random_candidate(const View& view, space::Edits edits, Random& random) {
    const Problem& problem = view.problem();
    const auto violation_of = [&](const space::Genome& genome) {
        const std::optional<Measures> costs = estimate(view, genome);
        return costs ? violation(*costs, problem.limits) : 1e9;
    };
    if (auto candidate = stratified_candidate(view, edits, random)) return *candidate;
    space::Genome nearest;
    double least = 0;
    for (int i = 0; i < 200; ++i) {
        space::Genome genome = draw(view, edits, random);
        if (auto candidate = admit(view, genome)) return *candidate;
        const double beyond = violation_of(genome);
        if (i == 0 || beyond < least) {
            nearest = std::move(genome);
            least = beyond;
        }
    }
    for (int step = 0; step < 3000; ++step) {
        std::optional<space::Genome> genome = neighbour(view, nearest, edits, random);
        if (!genome) break;
        if (auto candidate = admit(view, *genome)) return *candidate;
        const double beyond = violation_of(*genome);
        if (beyond > least) continue;
        nearest = std::move(*genome);
        least = beyond;
    }
    if (least > 0) throw Exhausted(detail::beyond_limits(estimate(view, nearest), problem));
    throw Exhausted("every network that holds the limits was tried; the search ends here");
}

/// The one of eight random candidates whose costs are farthest (in logarithms) from those of all trials: the first few
/// networks should be small ones and large ones.
inline Candidate spread_candidate(const View& view, space::Edits edits, Random& random) {
    const Problem& problem = view.problem();
    std::vector<mobo::Point> tried;
    const auto costs_of = [&](const Measures& measures) { return objective_point(problem, measures, 1); };
    for (const Record* record : view.records()) tried.push_back(costs_of(estimate(view, record->trial.genome).value()));
    for (const Trial* trial : view.pending()) tried.push_back(costs_of(estimate(view, trial->genome).value()));
    std::optional<Candidate> farthest;
    double largest = -1;
    for (int i = 0; i < 8; ++i) {
        Candidate candidate = random_candidate(view, edits, random);
        const mobo::Point point = costs_of(candidate.costs);
        double nearest = 1e9;
        for (const mobo::Point& other : tried) {
            double square = 0;
            for (std::size_t k = 1; k < point.size(); ++k) square += (point[k] - other[k]) * (point[k] - other[k]);
            nearest = std::min(nearest, square);
        }
        if (nearest <= largest) continue;
        largest = nearest;
        farthest = std::move(candidate);
    }
    return *farthest;
}

/// The genome to mutate, and the trial that it belongs to or descends from.
struct Parent {
    std::optional<std::size_t> trial;
    const space::Genome& genome;
};

/// A child of `parent`, or nothing if `tries` mutants are all inadmissible. A network that had its share of the latest
/// trials is taken only if no other was found.
inline std::optional<Candidate> mutant(const View& view, const Parent& parent, space::Edits edits, Random& random,
                                       int tries = 20) {
    std::optional<Candidate> last;
    for (int i = 0; i < tries && (!last || view.had_its_share(last->key)); ++i) {
        const std::optional<space::Genome> genome = neighbour(view, parent.genome, edits, random);
        if (!genome) break;
        auto candidate = admit(view, *genome);
        if (!candidate) continue;
        candidate->parent = parent.trial;
        last = std::move(candidate);
    }
    return last;
}

/// An individual to mutate, from the front, with a probability proportional to its exclusive hypervolume. Every member
/// keeps a share, since one with a near neighbour has hardly any hypervolume. There is at least one individual.
inline const Individual& choose_parent(const View& view, Random& random) {
    double sum = 0;
    for (const std::size_t i : view.front()) sum += view.contributions()[i];
    const double even = sum > 0 ? 0.3 * sum / double(view.front().size()) : 1.0;
    double at = random.uniform() * (sum + even * double(view.front().size()));
    for (const std::size_t i : view.front()) {
        const double weight = view.contributions()[i] + even;
        if (at < weight) return view.individuals()[i];
        at -= weight;
    }
    return view.individuals()[view.front().back()];
}

/// The hypervolume that a network with these costs would add if its error at the top fidelity were `error`.
inline double gain(const View& view, const Measures& costs, double error) {
    std::vector<mobo::Point> points;
    for (const std::size_t i : view.front()) points.push_back(view.individuals()[i].point);
    points.push_back(objective_point(view.problem(), costs, error));
    return mobo::exclusive_contributions(points, view.reference()).back();
}

} // namespace tinysparse::search
