// SPDX-License-Identifier: Apache-2.0
// Bayesian optimisation of one or more objectives by ask and tell; every objective is minimised.
//
//   mobo::Optimiser optimiser({{gp::Warp::real(-5, 10), gp::Warp::real(0, 15)}}, 2, {.reference = {18, 6}});
//   for (int i = 0; i < 80; ++i) {
//       const auto trial = optimiser.ask();
//       optimiser.tell(trial.id, evaluate(trial.point));
//   }
//
// First come scrambled Sobol points, then one Gaussian process per objective and the proposal with the best acquisition
// value. Any number of trials may be asked for before the first result is told: pending trials are fantasies (Kriging
// believer).
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/gp/fit.hpp"
#include "tinysparse/gp/sample.hpp"
#include "tinysparse/mobo/domain.hpp"
#include "tinysparse/mobo/ehvi.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/mobo/pool.hpp"

namespace tinysparse::mobo {

/// How the next trial is chosen, once there are models.
enum class Strategy {
    ehvi,        // expected hypervolume improvement, exact; up to 3 objectives. Of 1: expected improvement
    tchebyshev,  // random augmented Tchebyshev scalarisation of functions drawn from the posteriors
    hypervolume, // random hypervolume scalarisation of such functions
    evolution,   // mutants of the front, chosen by their parents' exclusive contributions
    random       // scrambled Sobol points only
};

/// Options of an Optimiser, beside the domain and the number of objectives.
struct OptimiserOptions {
    Strategy strategy = Strategy::ehvi;
    Point reference{};       ///< The worst values that still count; empty: inferred from the front.
    std::size_t initial = 0; ///< Points before the first model: Sobol points and added ones; 0: 2 (d + 1).
    std::uint64_t seed = 1;  ///< The same seed and answers give the same trials.
    /// Objectives 1, 2, .. of a point, if they can be computed; then only objective 0 has a model.
    std::function<Point(std::span<const double>)> known_costs{};
    /// Features of a point for the models, which say more than its coordinates do, used with `kernel`. Without them
    /// models see the point itself, through Domain::kernel().
    std::function<std::vector<double>(std::span<const double>)> describe{};
    std::shared_ptr<const gp::Kernel> kernel{};
    /// Test functions have no noise, trainings have some: a wide prior around 1e-4 of the variance fits both.
    gp::FitOptions fit{.least_noise = 1e-6, .noise = gp::Prior::normal(std::log(1e-4), 3.0)};
    MaximiseOptions maximise{}; ///< Effort of each proposal.
};

/// Proposes points and learns from their objectives, see the example above. Not for several threads at once.
class Optimiser {
  public:
    /// A point to evaluate.
    struct Trial {
        std::size_t id;            ///< For tell() or forget().
        std::vector<double> point; ///< Raw values, whole numbers and categories whole.
    };

    /// An optimiser without points. Throws Error for no dimensions or objectives, if the strategy cannot work with that
    /// number of objectives, if the reference has another number of them, and for a description without a kernel.
    Optimiser(Domain domain, std::size_t objectives, OptimiserOptions options = {})
        : domain_(std::move(domain)), objectives_(objectives), options_(std::move(options)),
          sobol_(std::max<std::size_t>(domain_.dimensions.size(), 1), options_.seed) {
        if (domain_.dimensions.empty())
            throw Error("an optimiser without dimensions has nothing to choose; give at least one");
        if (objectives_ < 1) throw Error("an optimiser of no objectives has nothing to minimise; give at least one");
        if (options_.strategy == Strategy::ehvi && objectives_ > 3)
            throw Error(text("expected hypervolume improvement works with up to 3 objectives, ", objectives_,
                             " were asked for; use a random scalarisation"));
        if (options_.known_costs && objectives_ == 1)
            throw Error("known costs are those of objectives 1, 2, ..; an optimiser of one objective has none");
        if (!options_.reference.empty() && options_.reference.size() != objectives_)
            throw Error(text("the reference has ", options_.reference.size(), " objectives, the optimiser ",
                             objectives_, "; give one value per objective"));
        if (options_.describe && !options_.kernel)
            throw Error("points are described for the models, but there is no kernel for the description; give one");
        if (options_.initial == 0) options_.initial = 2 * (domain_.dimensions.size() + 1);
    }

    /// The next trial. Throws Error if no point satisfies the constraints.
    Trial ask() {
        Random random(options_.seed, "ask", next_id_);
        std::optional<std::vector<double>> point;
        const bool has_model = options_.strategy != Strategy::random && !points_.empty() &&
                               points_.size() + pending_.size() >= options_.initial;
        if (has_model) point = options_.strategy == Strategy::evolution ? evolve(random) : propose(random);
        if (!point) point = spread_point();
        pending_[next_id_] = *point;
        return {next_id_++, std::move(*point)};
    }

    /// `count` trials to be run side by side.
    std::vector<Trial> ask(std::size_t count) {
        std::vector<Trial> out;
        for (std::size_t i = 0; i < count; ++i) out.push_back(ask());
        return out;
    }

    /// Takes the objectives of a trial that was asked for; trials may come in any order. Throws Error for an id that is
    /// not pending, and for values that are not finite (use forget() for a trial that failed).
    void tell(std::size_t id, const Point& objectives) {
        const auto trial = pending_.find(id);
        if (trial == pending_.end())
            throw Error(text("trial ", id, " is not pending; tell each trial once, with the id that ask() gave"));
        add(trial->second, objectives);
        pending_.erase(trial);
    }

    /// Adds a point that was evaluated elsewhere, with its objectives. Throws Error for another number of values or
    /// objectives, and for objectives that are not finite.
    void add(const std::vector<double>& point, const Point& objectives) {
        if (point.size() != domain_.dimensions.size())
            throw Error(text("the point has ", point.size(), " values, expected ", domain_.dimensions.size(),
                             "; give one value per dimension"));
        check_point(objectives, objectives_, points_.size());
        for (std::size_t k = 0; k < objectives.size(); ++k)
            if (!std::isfinite(objectives[k]))
                throw Error(text("point ", points_.size(), ": objective ", k, " is ", objectives[k],
                                 "; call forget() for a trial that failed"));
        front_.insert(objectives, points_.size());
        points_.push_back(point);
        values_.push_back(objectives);
    }

    /// Gives up a pending trial that failed or lost its worker. Its point may be proposed again.
    void forget(std::size_t id) { pending_.erase(id); }

    /// The front; the ids of its entries are positions in points() and values().
    const ParetoArchive& front() const { return front_; }
    const std::vector<std::vector<double>>& points() const { return points_; } ///< All that were told or added.
    const std::vector<Point>& values() const { return values_; }               ///< Their objectives, in that order.
    std::size_t pending() const { return pending_.size(); }                    ///< Trials asked for and not yet told.

    /// The reference in use: the given one, or else a tenth of the front's range beyond its worst values.
    Point reference() const {
        if (!options_.reference.empty() || front_.empty()) return options_.reference;
        const ObjectiveRange range(front_.size() > 1 ? front_.points() : values_);
        Point out = range.worst;
        for (std::size_t k = 0; k < out.size(); ++k) {
            const double width = range.worst[k] - range.ideal[k];
            out[k] += 0.1 * (width > 0 ? width : std::max(1.0, std::fabs(out[k])));
        }
        return out;
    }

  private:
    std::vector<double> spread_point() {
        for (int attempt = 0; attempt < 100000; ++attempt) {
            std::vector<double> point = domain_.from_unit(sobol_());
            if (domain_.allows(point)) return point;
        }
        throw Error("none of 100000 points satisfies the constraints; widen them or the ranges");
    }

    std::vector<std::vector<double>> front_points() const {
        std::vector<std::vector<double>> out;
        for (const auto& entry : front_.entries()) out.push_back(points_[entry.id]);
        return out;
    }
    std::vector<std::vector<double>> taken() const {
        std::vector<std::vector<double>> out = points_;
        for (const auto& [id, point] : pending_) out.push_back(point);
        return out;
    }

    std::optional<std::vector<double>> evolve(Random& random) const {
        const std::vector<Point> front = front_.points();
        std::vector<double> shares = exclusive_contributions(front, reference());
        const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
        const auto all = taken();
        const auto parent = [&]() -> const std::vector<double>& {
            std::size_t chosen = random.below(std::uint32_t(front.size()));
            if (random.chance(0.5)) { // half by share, half with equal chances, so that crowded parts have children too
                double left = random.uniform() * total;
                for (chosen = 0; chosen + 1 < shares.size() && left >= shares[chosen]; ++chosen) left -= shares[chosen];
            }
            return points_[front_.entries()[chosen].id];
        };
        for (int attempt = 0; attempt < 1000; ++attempt) {
            std::vector<double> child = parent();
            if (random.chance(0.5)) { // two parents: each dimension comes from either
                const std::vector<double>& other = parent();
                for (std::size_t k = 0; k < child.size(); ++k)
                    if (random.chance(0.5)) child[k] = other[k];
            }
            child = domain_.mutant(child, 0.3 * std::pow(0.03, random.uniform()), random);
            if (domain_.allows(child) && std::find(all.begin(), all.end(), child) == all.end()) return child;
        }
        return std::nullopt;
    }

    std::vector<double> described(std::span<const double> point) const {
        return options_.describe ? options_.describe(point) : std::vector<double>(point.begin(), point.end());
    }
    gp::Matrix described(const gp::Matrix& points) const {
        if (!options_.describe) return points;
        gp::Matrix out;
        for (std::size_t i = 0; i < points.rows; ++i) out.append_row(options_.describe(points.row_span(i)));
        return out;
    }

    std::size_t modelled() const { return options_.known_costs ? 1 : objectives_; }

    /// Updates the models. Hyper-parameters are fitted anew after every point up to 50, then after every 5 % more.
    void update_models(Random& random) {
        gp::Matrix x(0, 0);
        for (const auto& point : points_) x.append_row(described(point));
        const bool refit = models_.empty() || points_.size() <= 50 || points_.size() >= fitted_ + fitted_ / 20;
        while (models_.size() < modelled())
            models_.emplace_back(options_.kernel ? *options_.kernel : *domain_.kernel());
        for (std::size_t k = 0; k < models_.size(); ++k) {
            models_[k].condition(x, model_outputs(k));
            if (refit) gp::fit(models_[k], random, options_.fit);
        }
        if (refit) fitted_ = points_.size();
    }

    /// The outputs from which a model learns objective k. A few huge values would flatten all the others, and it
    /// matters to no proposal how bad they are. So values beyond Tukey's fence (one and a half times the range of the
    /// middle half above it) count as the fence, unless the front reaches further.
    std::vector<double> model_outputs(std::size_t k) const {
        std::vector<double> y;
        for (const Point& value : values_) y.push_back(value[k]);
        std::vector<double> sorted = y;
        std::sort(sorted.begin(), sorted.end());
        const double low = sorted[sorted.size() / 4], high = sorted[3 * (sorted.size() - 1) / 4],
                     worst = reference()[k];
        double cap = high + 1.5 * (high - low);
        if (!(high > low)) return y; // half of them are equal, so there is no scale to judge by
        for (const auto& entry : front_.entries()) cap = std::max(cap, std::min(entry.objectives[k], worst));
        for (double& value : y) value = std::min(value, cap);
        return y;
    }

    std::optional<std::vector<double>> propose(Random& random) {
        update_models(random);
        std::vector<gp::GaussianProcess> models = models_;
        ParetoArchive front = front_;
        for (const auto& [id, point] : pending_) { // fantasies
            Point mean;
            const std::vector<double> row = described(point);
            for (gp::GaussianProcess& model : models) {
                mean.push_back(model.predict(row).mean);
                model.append(row, mean.back());
            }
            if (options_.known_costs) mean = detail::with_costs({mean[0]}, options_.known_costs(point));
            front.insert(mean);
        }
        const Acquisition acquisition = options_.strategy == Strategy::ehvi
                                            ? (options_.known_costs ? ehvi_known(models, front) : ehvi(models, front))
                                            : thompson(models, front, random);
        return maximise(domain_, acquisition, front_points(), taken(), random, options_.maximise);
    }

    Acquisition ehvi(const std::vector<gp::GaussianProcess>& models, const ParetoArchive& front) const {
        const Ehvi improvement(front.points(), reference());
        const std::size_t m = objectives_;
        Acquisition acquisition{[this, &models, improvement, m](const gp::Matrix& pool) {
            std::vector<std::vector<gp::Prediction>> predictions;
            const gp::Matrix rows = described(pool);
            for (const auto& model : models) predictions.push_back(model.predict(rows));
            std::vector<double> out(pool.rows), mean(m), sd(m), unused(m);
            for (std::size_t i = 0; i < pool.rows; ++i) {
                for (std::size_t k = 0; k < m; ++k) {
                    mean[k] = predictions[k][i].mean;
                    sd[k] = std::sqrt(predictions[k][i].variance);
                }
                out[i] = improvement.logarithm(mean, sd, unused, unused);
            }
            return out;
        }};
        if (options_.describe) return acquisition; // gradients would be by the description, not by the point
        acquisition.with_gradient = [&models, improvement, m](std::span<const double> point,
                                                              std::span<double> gradient) {
            const std::size_t d = point.size();
            std::vector<double> mean(m), sd(m), by_mean(m), by_sd(m);
            gp::Matrix mean_gradients(m, d), variance_gradients(m, d);
            for (std::size_t k = 0; k < m; ++k) {
                const gp::Prediction p =
                    models[k].predict_with_gradient(point, {mean_gradients.row(k), d}, {variance_gradients.row(k), d});
                mean[k] = p.mean;
                sd[k] = std::sqrt(p.variance);
            }
            const double value = improvement.logarithm(mean, sd, by_mean, by_sd);
            for (std::size_t k = 0; k < m; ++k) {
                gp::add_scaled(gradient.data(), by_mean[k], mean_gradients.row(k), d);
                gp::add_scaled(gradient.data(), by_sd[k] / (2 * sd[k]), variance_gradients.row(k), d);
            }
            return value;
        };
        return acquisition;
    }

    Acquisition ehvi_known(const std::vector<gp::GaussianProcess>& models, const ParetoArchive& front) const {
        return {[this, ehvi = ehvi_of_pool(models[0], front, reference())](const gp::Matrix& points) {
            Pool pool{described(points), {}};
            for (std::size_t i = 0; i < points.rows; ++i)
                pool.costs.push_back(options_.known_costs(points.row_span(i)));
            return ehvi(pool);
        }};
    }

    /// One function from each posterior and one scalarisation; of the pool only, as the functions exist only there.
    Acquisition thompson(const std::vector<gp::GaussianProcess>& models, const ParetoArchive& front,
                         Random& random) const {
        const Scalarisation scalarisation = options_.strategy == Strategy::hypervolume
                                                ? random_hypervolume(reference(), random)
                                                : random_tchebyshev(front.points(), random);
        return {[this, &models, &random, scalarisation](const gp::Matrix& pool) {
                    std::vector<std::vector<double>> samples;
                    const gp::Matrix rows = described(pool);
                    for (const auto& model : models) samples.push_back(gp::sample_on_pool(model, rows, random));
                    std::vector<double> out(pool.rows);
                    for (std::size_t i = 0; i < pool.rows; ++i) {
                        Point f;
                        for (const auto& sample : samples) f.push_back(sample[i]);
                        if (options_.known_costs)
                            f = detail::with_costs({f[0]}, options_.known_costs(pool.row_span(i)));
                        out[i] = -scalarisation(f);
                    }
                    return out;
                },
                {},
                true};
    }

    Domain domain_;
    std::size_t objectives_;
    OptimiserOptions options_;
    Sobol sobol_;
    std::size_t next_id_ = 0, fitted_ = 0;
    std::map<std::size_t, std::vector<double>> pending_;
    std::vector<std::vector<double>> points_;
    std::vector<Point> values_;
    ParetoArchive front_;
    std::vector<gp::GaussianProcess> models_;
};

} // namespace tinysparse::mobo
