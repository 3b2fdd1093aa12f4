// SPDX-License-Identifier: Apache-2.0
// Acquisitions without a model: which genome to train next.
//   random      draws from the space
//   evolution   children of the front (Elsken, Metzen, Hutter 2019), a few fresh draws among them
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/search/candidate.hpp"

namespace tinysparse::search {

/// The rule that says which genome is trained next.
class Acquisition {
  public:
    virtual ~Acquisition() = default;
    /// Proposes a candidate, as a function of the arguments alone. `edits`: genes that may change. Throws Exhausted.
    virtual Candidate propose(const View& view, space::Edits edits, Random& random) = 0;
};

/// Whatever the acquisition, this number of random networks must be finished before anything is concluded.
inline constexpr std::size_t first_draws = 8;

/// True if no network is known, or fewer records than first_draws.
inline bool knows_too_little(const View& view) {
    return view.individuals().empty() || view.records().size() < first_draws;
}

/// Draws from the space, whatever is known.
class RandomAcquisition final : public Acquisition {
  public:
    Candidate propose(const View& view, space::Edits edits, Random& random) override {
        return random_candidate(view, edits, random);
    }
};

/// Children of the front. Costs are known before a training. So of a few children it takes the one that would add the
/// largest hypervolume if its error were a little better than its parent's; a child that would add none is not worth
/// it.
class EvolutionAcquisition final : public Acquisition {
  public:
    static constexpr double fresh_share = 0.15; ///< Share of random networks while all genes may change.
    static constexpr double optimism = 0.9;     ///< Factor of the parent's error that a child is assumed to reach.
    static constexpr int rivals = 4;            ///< Number of children that compete.

    Candidate propose(const View& view, space::Edits edits, Random& random) override {
        const bool fresh = edits != space::Edits::refinement && random.chance(fresh_share);
        if (knows_too_little(view)) return spread_candidate(view, edits, random);
        if (fresh) return random_candidate(view, edits, random);
        std::optional<Candidate> best;
        double most = -1;
        for (int attempt = 0, found = 0; attempt < 24 && found < rivals; ++attempt) {
            const Individual& parent = choose_parent(view, random);
            auto candidate = mutant(view, {parent.record->trial.number, parent.record->trial.genome}, edits, random);
            if (!candidate) continue;
            ++found;
            const double optimistic = gain(view, candidate->costs, optimism * parent.error);
            if (optimistic <= most) continue;
            most = optimistic;
            best = std::move(candidate);
        }
        return best ? *best : random_candidate(view, edits, random);
    }
};

} // namespace tinysparse::search
