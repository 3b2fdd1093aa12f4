// SPDX-License-Identifier: Apache-2.0
// Acquisitions that model the error by a Gaussian process and compute the costs:
//   ehvi         the largest expected hypervolume improvement, exact, since only the error is uncertain
//   tchebyshev   Thompson sampling: the least random Tchebyshev scalarisation of a function drawn from the posterior
//                (Paria, Kandasamy, Poczos 2020; the way of SpArSe, Fedorov et al. 2019)
// Both judge a pool: children of the front, random draws, then children of the best of them.
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/mobo/known_costs.hpp"
#include "tinysparse/mobo/scalarise.hpp"
#include "tinysparse/search/acquisition.hpp"
#include "tinysparse/search/error_model.hpp"

namespace tinysparse::search {

/// Candidates as numbers.
struct Pool {
    gp::Matrix points{0, feature_count};
    std::vector<mobo::Point> costs; ///< Logarithms, in the order of the objectives.
    std::vector<double> operations; ///< Of one sample; what a training takes is proportional to it.
};

/// What both have in common: the pool, and the trials under way, which count as if they gave what is expected of them.
class ModelAcquisition : public Acquisition {
  public:
    std::size_t children = 120, draws = 40; ///< Of the pool; no draws where edits are limited.
    std::size_t climbers = 5, climbs = 2;   ///< The best so many have children of their own, so many times.

    Candidate propose(const View& view, space::Edits edits, Random& random) final {
        if (knows_too_little(view)) return spread_candidate(view, edits, random);
        ErrorModel model = models_.of(view);
        std::vector<mobo::Point> front;
        for (const std::size_t i : view.front()) front.push_back(view.individuals()[i].point);
        for (const Trial* trial : view.pending()) {
            const Features point = features(trial->genome, view.problem().space);
            const double mean = model.mean(point);
            model.append(point, mean);
            front.push_back(objective_point(view.problem(), view.problem().estimate(trial->genome), std::exp(mean)));
        }
        std::vector<Candidate> pool = first_pool(view, edits, random);
        if (pool.empty()) return random_candidate(view, edits, random);
        begin(view, front, random);
        std::vector<double> values = judge_pool(view, model, pool, random);
        for (std::size_t climb = 0; climb < climbs; ++climb) {
            const std::size_t before = pool.size();
            for (const std::size_t i : best_of(values, climbers))
                for (std::size_t child = 0; child < 6; ++child)
                    add(pool, mutant(view, {pool[i].parent, pool[i].genome}, edits, random, 3));
            if (pool.size() == before) break;
            values = judge_pool(view, model, pool, random);
        }
        return pool[best_of(values, 1)[0]];
    }

  protected:
    /// Called once for each proposal, before judge().
    virtual void begin(const View& view, const std::vector<mobo::Point>& front, Random& random) = 0;
    /// How good each candidate is, the larger the better.
    virtual std::vector<double> judge(const ErrorModel& model, const Pool& pool, Random& random) = 0;

  private:
    static void add(std::vector<Candidate>& pool, std::optional<Candidate> candidate) {
        if (!candidate) return;
        const bool known =
            std::any_of(pool.begin(), pool.end(), [&](const Candidate& c) { return c.key == candidate->key; });
        if (!known) pool.push_back(std::move(*candidate));
    }

    std::vector<Candidate> first_pool(const View& view, space::Edits edits, Random& random) const {
        std::vector<Candidate> pool;
        for (std::size_t i = 0; i < children; ++i) {
            const Trial& parent = choose_parent(view, random).record->trial;
            add(pool, mutant(view, {parent.number, parent.genome}, edits, random, 3));
        }
        for (std::size_t i = 0; edits != space::Edits::refinement && i < draws; ++i)
            add(pool, admit(view, draw(view, edits, random)));
        return pool;
    }

    std::vector<double> judge_pool(const View& view, const ErrorModel& model, const std::vector<Candidate>& pool,
                                   Random& random) {
        Pool numbers;
        for (const Candidate& candidate : pool) {
            numbers.points.append_row(features(candidate.genome, view.problem().space));
            const mobo::Point point = objective_point(view.problem(), candidate.costs, 1);
            numbers.costs.emplace_back(point.begin() + 1, point.end());
            numbers.operations.push_back(candidate.costs[Measure::macs].value_or(1) * candidate.genome.training.epochs /
                                         100.0);
        }
        return judge(model, numbers, random);
    }

    static std::vector<std::size_t> best_of(const std::vector<double>& values, std::size_t count) {
        std::vector<std::size_t> order(values.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
        order.resize(std::min(order.size(), count));
        return order;
    }

    ErrorModels models_;
};

/// Improvement by the time that it takes: of two networks that promise as much the one that trains faster. What a step
/// takes however small the network is keeps it from small ones only.
class EhviAcquisition final : public ModelAcquisition {
  protected:
    void begin(const View& view, const std::vector<mobo::Point>& front, Random&) override {
        improvement_.emplace(front, view.reference());
    }
    std::vector<double> judge(const ErrorModel& model, const Pool& pool, Random&) override {
        const std::vector<gp::Prediction> predictions = model.predict(pool.points);
        std::vector<double> values;
        for (std::size_t i = 0; i < pool.costs.size(); ++i)
            values.push_back((*improvement_)(predictions[i].mean, std::sqrt(predictions[i].variance), pool.costs[i]) /
                             (pool.operations[i] + least_operations));
        return values;
    }

  private:
    static constexpr double least_operations = 5e4;
    std::optional<mobo::EhviKnownCosts> improvement_;
};

class TchebyshevAcquisition final : public ModelAcquisition {
  protected:
    void begin(const View& view, const std::vector<mobo::Point>& front, Random& random) override {
        weights_ = mobo::simplex_weights(view.problem().objectives.size(), random);
        range_.emplace(front);
    }
    std::vector<double> judge(const ErrorModel& model, const Pool& pool, Random& random) override {
        const std::vector<double> errors = model.sample(pool.points, random);
        std::vector<double> values;
        for (std::size_t i = 0; i < pool.costs.size(); ++i) {
            mobo::Point point{errors[i]};
            point.insert(point.end(), pool.costs[i].begin(), pool.costs[i].end());
            values.push_back(-mobo::tchebyshev(point, weights_, *range_));
        }
        return values;
    }

  private:
    std::vector<double> weights_;
    std::optional<mobo::ObjectiveRange> range_;
};

struct AcquisitionInfo {
    std::string_view name;
    std::unique_ptr<Acquisition> (*make)();
};

namespace detail {
template <class Made> std::unique_ptr<Acquisition> made() { return std::make_unique<Made>(); }
} // namespace detail

inline constexpr AcquisitionInfo acquisitions[] = {{"ehvi", detail::made<EhviAcquisition>},
                                                   {"tchebyshev", detail::made<TchebyshevAcquisition>},
                                                   {"evolution", detail::made<EvolutionAcquisition>},
                                                   {"random", detail::made<RandomAcquisition>}};

inline std::vector<std::string> acquisition_names() { return names_of(acquisitions); }

/// Throws Error with the nearest name.
inline std::unique_ptr<Acquisition> make_acquisition(std::string_view name) {
    if (const AcquisitionInfo* found = row_named(acquisitions, name)) return found->make();
    const std::string near = nearest(name, acquisition_names());
    throw Error(text("acquisition ", name, " is not known", near.empty() ? "" : "; did you mean " + near + "?",
                     near.empty() ? "; use one of " : " It is one of ", join(acquisition_names(), ", ")));
}

} // namespace tinysparse::search
