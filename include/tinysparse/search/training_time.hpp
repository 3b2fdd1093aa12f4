// SPDX-License-Identifier: Apache-2.0
// Predicts training time, so that no training begins or goes on that would not end in time. Before it begins, from the
// trainings so far:
//   seconds of an epoch = a + b operations + c elements
// operations: multiply-adds per sample. elements: the outputs of all layers, through which normalisation, rounding and
// pooling pass once more. Both are multiplied by the batch over 64, since an epoch has the same number of steps
// whatever the batch. Coefficients have the least squared relative error; none is below 0. Once it is under way, from
// its own speed.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/net/count.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

/// Time of a step by this genome's recipe over that of the same network with a batch of 64 and without pruning.
inline double step_factor(const space::Genome& genome) {
    const double pruning = genome.pruning.active() ? prune::info(*genome.pruning.method).step_cost : 1;
    return pruning * genome.training.batch / 64.0;
}

/// Time of a training by this genome's recipe over that of the same network with the usual steps and batch and without
/// pruning; at least 1, so that trainings too short to learn gain nothing.
inline double recipe_factor(const space::Genome& genome) {
    return std::max(1.0, step_factor(genome) * genome.training.steps / 100.0);
}

/// Time of trainings by number of operations and elements, fitted to those that are finished.
class TrainingTime {
  public:
    using Work = std::array<double, 3>; ///< 1, operations, elements; in units that make them alike.

    /// Work of one epoch for this genome, the slower steps of its pruning method included.
    static Work work(const space::Genome& genome, const space::Space& space) {
        const net::Spec spec = space::express(genome, space);
        double elements = 0;
        for (const net::LayerShapes& layer : net::shapes(spec).layers) elements += double(layer.operation.size());
        const double step = step_factor(genome);
        return {step * 64 / genome.training.batch, step * double(net::macs(spec)) / 1e5, step * elements / 1e4};
    }

    /// Adds a training of this genome that took `seconds`.
    void add(const Work& work, int epochs, double seconds) {
        if (seconds <= 0) return;
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j)
                products_[i][j] += scaled(work, epochs, seconds, i) * scaled(work, epochs, seconds, j);
            sums_[i] += scaled(work, epochs, seconds, i);
        }
        ++count_;
    }

    /// Seconds that `epochs` will take; nothing before the first training.
    std::optional<double> operator()(const Work& work, int epochs) const {
        if (count_ == 0) return std::nullopt;
        const Work coefficients = fit();
        double seconds = 0;
        for (std::size_t i = 0; i < 3; ++i) seconds += coefficients[i] * work[i] * epochs;
        return seconds;
    }

  private:
    static double scaled(const Work& work, int epochs, double seconds, std::size_t i) {
        return work[i] * epochs / seconds;
    }

    /// Coordinate descent on the normal equations, which ends at the solution without negative coefficients. A little
    /// ridge spreads what the trainings so far cannot separate over all three.
    Work fit() const {
        Work x{};
        for (int sweep = 0; sweep < 200; ++sweep)
            for (std::size_t i = 0; i < 3; ++i) {
                const double diagonal = products_[i][i] * 1.001 + 1e-12;
                double rest = sums_[i];
                for (std::size_t j = 0; j < 3; ++j)
                    if (j != i) rest -= products_[i][j] * x[j];
                x[i] = std::max(0.0, rest / diagonal);
            }
        return x;
    }

    std::array<std::array<double, 3>, 3> products_{};
    Work sums_{};
    std::size_t count_ = 0;
};

/// Forecasts the time of a training that is under way from the mean time of its steps.
class StepClock {
  public:
    /// steps: of the whole training; 0 if unknown, then nothing is forecast. begin: seconds of the run so far.
    StepClock(std::size_t steps, double begin) : steps_(steps), begin_(begin) {}

    /// Counts a step that begins at `elapsed`, and returns the seconds of the whole training; 0 in its first tenth,
    /// which tells too little.
    double next(double elapsed) {
        const std::size_t done = done_++;
        return done > 0 && done < steps_ && 10 * done >= steps_ ? spent(elapsed) * double(steps_) / double(done) : 0;
    }
    /// Seconds since the training began.
    double spent(double elapsed) const { return elapsed - begin_; }

  private:
    std::size_t steps_, done_ = 0;
    double begin_;
};

} // namespace tinysparse::search
