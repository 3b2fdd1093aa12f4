// SPDX-License-Identifier: Apache-2.0
// Acquisitions that model the error by a Gaussian process and compute the costs:
//   ehvi         the largest expected hypervolume improvement, exact, since only the error is uncertain
//   tchebyshev   Thompson sampling: the least random Tchebyshev scalarisation of a function drawn from the posterior
//                (Paria, Kandasamy, Poczos 2020)
// and the three stages of SpArSe (Fedorov et al. 2019):
//   sparse       first random networks; then the same scalarisation, with a process for every objective; last children
//                of the front, of any kind
// They value a pool by mobo/pool.hpp: children of the front, random draws, then children of the best of them. A network
// that had its share of the latest trials is chosen only if the pool has no other.
#pragma once
#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/mobo/pool.hpp"
#include "tinysparse/search/acquisition.hpp"
#include "tinysparse/search/error_model.hpp"
#include "tinysparse/search/training_time.hpp"

namespace tinysparse::search {

/// Base of these acquisitions: the pool, and the running trials, which count as if they gave their expected results.
class ModelAcquisition : public Acquisition {
  public:
    static constexpr std::size_t children = 120, draws = 40; ///< Numbers in the pool; no draws if edits are limited.
    static constexpr std::size_t climbers = 5, climbs = 2;   ///< Best candidates that get children, and rounds.

    /// With `all_objectives` costs have models as well as the error.
    explicit ModelAcquisition(const KernelInfo& kernel, bool all_objectives = false)
        : kernel_(&kernel), all_objectives_(all_objectives) {}

    Candidate propose(const View& view, space::Edits edits, Random& random) override {
        if (knows_too_little(view)) return spread_candidate(view, edits, random);
        const std::vector<ErrorModel> models = models_of(view);
        std::vector<gp::GaussianProcess> processes;
        for (const ErrorModel& model : models) processes.push_back(model.process());
        mobo::ParetoArchive front;
        for (const std::size_t i : view.front()) front.insert(view.individuals()[i].point);
        mobo::Pool pending;
        for (const Trial* trial : view.pending())
            add(pending, view, models, trial->genome, estimate(view, trial->genome).value());
        mobo::add_fantasies(processes, front, pending);
        std::vector<Candidate> candidates = first_candidates(view, edits, random);
        if (candidates.empty()) return random_candidate(view, edits, random);
        const mobo::PoolAcquisition value = acquisition(processes, front, view.reference(), random);
        const auto values_of_all = [&] {
            mobo::Pool pool;
            for (const Candidate& candidate : candidates) add(pool, view, models, candidate.genome, candidate.costs);
            std::vector<double> values = value(pool);
            for (std::size_t i = 0; i < values.size(); ++i) values[i] /= effort(candidates[i].genome);
            return values;
        };
        std::vector<double> values = values_of_all();
        for (std::size_t climb = 0; climb < climbs; ++climb) {
            const std::size_t before = candidates.size();
            for (const std::size_t i : best_of(values, climbers))
                for (std::size_t child = 0; child < 6; ++child)
                    add(candidates, mutant(view, {candidates[i].parent, candidates[i].genome}, edits, random, 3));
            if (candidates.size() == before) break;
            values = values_of_all();
        }
        const std::vector<std::size_t> order = best_of(values, values.size());
        const auto other = std::find_if(order.begin(), order.end(),
                                        [&](std::size_t i) { return !view.had_its_share(candidates[i].key); });
        return candidates[other == order.end() ? order.front() : *other];
    }

  protected:
    /// The values of a pool's candidates, made once per proposal.
    virtual mobo::PoolAcquisition acquisition(std::span<const gp::GaussianProcess> processes,
                                              const mobo::ParetoArchive& front, const mobo::Point& reference,
                                              Random& random) const = 0;
    /// The divisor of a candidate's value.
    virtual double effort(const space::Genome&) const { return 1; }

  private:
    static void add(std::vector<Candidate>& candidates, std::optional<Candidate> candidate) {
        if (!candidate) return;
        const bool known = std::any_of(candidates.begin(), candidates.end(),
                                       [&](const Candidate& c) { return c.key == candidate->key; });
        if (!known) candidates.push_back(std::move(*candidate));
    }
    static void add(mobo::Pool& pool, const View& view, const std::vector<ErrorModel>& models,
                    const space::Genome& genome, const Measures& costs) {
        pool.points.append_row(models[0].point(genome));
        const mobo::Point point = objective_point(view.problem(), costs, 1);
        pool.costs.emplace_back(point.begin() + std::ptrdiff_t(models.size()), point.end());
    }

    /// Models of the error and, if asked for, of each other objective.
    std::vector<ErrorModel> models_of(const View& view) {
        const std::size_t count = all_objectives_ ? view.problem().objectives.size() : 1;
        while (models_.size() < count) models_.emplace_back(*kernel_, models_.size());
        std::vector<ErrorModel> models;
        for (ErrorModels& own : models_) models.push_back(own.of(view));
        return models;
    }

    std::vector<Candidate> first_candidates(const View& view, space::Edits edits, Random& random) const {
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < children; ++i) {
            const Trial& parent = choose_parent(view, random).record->trial;
            add(candidates, mutant(view, {parent.number, parent.genome}, edits, random, 3));
        }
        for (std::size_t i = 0; edits != space::Edits::refinement && i < draws; ++i)
            add(candidates, admit(view, draw(view, edits, random)));
        return candidates;
    }

    static std::vector<std::size_t> best_of(const std::vector<double>& values, std::size_t count) {
        std::vector<std::size_t> order(values.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        sort_stably(order, [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
        order.resize(std::min(order.size(), count));
        return order;
    }

    const KernelInfo* kernel_;
    bool all_objectives_;
    std::vector<ErrorModels> models_; ///< One per modelled objective.
};

/// Expected improvement, divided by how much longer the recipe (steps, batch, pruning) makes the training. Whether a
/// training is worth more time is for promotions to tell. The network's own time does not count: dividing by it filled
/// searches with small networks, which train fast (docs/experiments.md, "Improvement per time").
class EhviAcquisition final : public ModelAcquisition {
  public:
    using ModelAcquisition::ModelAcquisition;

  protected:
    mobo::PoolAcquisition acquisition(std::span<const gp::GaussianProcess> processes, const mobo::ParetoArchive& front,
                                      const mobo::Point& reference, Random&) const override {
        return mobo::ehvi_of_pool(processes[0], front, reference);
    }
    double effort(const space::Genome& genome) const override { return recipe_factor(genome); }
};

/// Minimises one scalarisation, drawn anew for each proposal, over functions drawn from the posterior.
class TchebyshevAcquisition : public ModelAcquisition {
  public:
    using ModelAcquisition::ModelAcquisition;

  protected:
    mobo::PoolAcquisition acquisition(std::span<const gp::GaussianProcess> processes, const mobo::ParetoArchive& front,
                                      const mobo::Point&, Random& random) const final {
        mobo::Scalarisation scalarisation = mobo::random_tchebyshev(front.points(), random);
        return mobo::thompson_of_pool(processes, std::move(scalarisation), random);
    }
};

/// Three stages by what edits allow: random draws, the scalarisation, children of the front.
class SparseAcquisition final : public TchebyshevAcquisition {
  public:
    /// Models every objective, as if costs could not be computed.
    explicit SparseAcquisition(const KernelInfo& kernel) : TchebyshevAcquisition(kernel, true) {}

    Candidate propose(const View& view, space::Edits edits, Random& random) override {
        if (edits == space::Edits::all || knows_too_little(view)) return ModelAcquisition::propose(view, edits, random);
        if (edits == space::Edits::dense) return random_candidate(view, edits, random);
        for (int attempt = 0; attempt < 24; ++attempt) {
            const Trial& parent = choose_parent(view, random).record->trial;
            if (auto child = mutant(view, {parent.number, parent.genome}, space::Edits::all, random)) return *child;
        }
        return random_candidate(view, space::Edits::all, random);
    }
};

/// An acquisition by its name.
struct AcquisitionInfo {
    std::string_view name;
    bool has_model; ///< True if it has a model, and so a kernel.
    std::unique_ptr<Acquisition> (*make)(const KernelInfo&);
};

namespace detail {
template <class Made> std::unique_ptr<Acquisition> with_model(const KernelInfo& kernel) {
    return std::make_unique<Made>(kernel);
}
template <class Made> std::unique_ptr<Acquisition> without_model(const KernelInfo&) { return std::make_unique<Made>(); }
} // namespace detail

inline constexpr AcquisitionInfo acquisitions[] = {{"ehvi", true, detail::with_model<EhviAcquisition>},
                                                   {"tchebyshev", true, detail::with_model<TchebyshevAcquisition>},
                                                   {"sparse", true, detail::with_model<SparseAcquisition>},
                                                   {"evolution", false, detail::without_model<EvolutionAcquisition>},
                                                   {"random", false, detail::without_model<RandomAcquisition>}};

/// Names that --acquisition takes.
inline std::vector<std::string> acquisition_names() { return names_of(acquisitions); }

/// The acquisition with that name. Throws Error with the nearest name if there is none.
inline const AcquisitionInfo& acquisition_of(std::string_view name) {
    if (const AcquisitionInfo* found = row_named(acquisitions, name)) return *found;
    throw Error(not_known("acquisition", name, acquisition_names()));
}

} // namespace tinysparse::search
