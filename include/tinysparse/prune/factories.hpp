// SPDX-License-Identifier: Apache-2.0
// Pruners made from the options of a training: one row for each row of method.hpp.
#pragma once
#include "tinysparse/prune/bayesian.hpp"
#include "tinysparse/prune/filter.hpp"
#include "tinysparse/prune/magnitude.hpp"
#include "tinysparse/prune/sparse_vd.hpp"

namespace tinysparse::prune {

/// What a training asks of pruning. check() says which values are in range.
struct Options {
    Method method = Method::sparse_vd;
    std::optional<double> keep = 0.1;     ///< Share of all weights that may stay; without it the threshold decides.
    std::optional<double> threshold = {}; ///< Threshold of the method's score in threshold mode; unset: the method's
                                          ///< own.
    std::optional<Phase> phase = {};      ///< Phase within the steps that train floats; unset: the method's own.
    std::size_t weight_bytes = 0;         ///< If above 0, a limit on the bytes that `stored` counts, in place of keep.
    /// Bytes of a network's weights under masks; needed with weight_bytes.
    std::function<std::size_t(nn::Network&, const Masks&)> stored = {};
    double strength = 1;    ///< Strength of the penalty of variational methods; 1 is the evidence lower bound.
    std::uint64_t seed = 1; ///< Seed of the noise.
};

/// Throws Error for options that are out of range.
inline void check(const Options& options) {
    if (options.method >= Method::count) throw Error("the pruning method is none of those that there are");
    if (options.keep) detail::check_share(*options.keep);
    if (options.weight_bytes > 0 && !options.stored)
        throw Error("a budget of bytes needs a function that says what is stored");
    if (options.threshold && !std::isfinite(*options.threshold))
        throw Error(text("the pruning threshold ", *options.threshold, " is no number"));
    const Phase phase = options.phase.value_or(info(options.method).phase);
    if (!(phase.begin >= 0 && phase.begin <= phase.end && phase.end <= 1))
        throw Error(text("the pruning phase ", phase.begin, "..", phase.end, " does not lie in 0..1"));
    if (!(options.strength > 0 && std::isfinite(options.strength)))
        throw Error(text("the pruning strength ", options.strength, " is not above 0"));
}

/// Makes the pruner of one method.
struct Factory {
    Method method;
    /// samples: number of training samples.
    std::unique_ptr<Pruner> (*make)(const Options& options, std::size_t samples);
};

namespace detail {

template <class Made, class Own> std::unique_ptr<Pruner> made(const Options& options, Own own) {
    own.threshold = options.threshold.value_or(own.threshold);
    return std::make_unique<Made>(own);
}
template <MagnitudeSchedule schedule>
std::unique_ptr<Pruner> made_magnitude(const Options& options, std::size_t /*samples*/) {
    return made<Magnitude>(options, MagnitudeOptions{.schedule = schedule, .keep = options.keep});
}
inline std::unique_ptr<Pruner> made_sparse_vd(const Options& options, std::size_t samples) {
    return made<SparseVd>(options,
                          SparseVdOptions{.samples = samples, .strength = options.strength, .seed = options.seed});
}
template <class Prior> std::unique_ptr<Pruner> made_bayesian(const Options& options, std::size_t samples) {
    return made<Bayesian>(options, BayesianOptions{.prior = std::make_shared<Prior>(),
                                                   .samples = samples,
                                                   .strength = options.strength,
                                                   .seed = options.seed});
}
inline std::unique_ptr<Pruner> made_filter(const Options& options, std::size_t /*samples*/) {
    return made<FilterL1>(options, FilterOptions{});
}

} // namespace detail

inline constexpr Factory factories[] = {
    {Method::magnitude, detail::made_magnitude<MagnitudeSchedule::gradual>},
    {Method::dpf, detail::made_magnitude<MagnitudeSchedule::feedback>},
    {Method::sparse_vd, detail::made_sparse_vd},
    {Method::bayes_gnj, detail::made_bayesian<NormalJeffreys>},
    {Method::bayes_ghs, detail::made_bayesian<Horseshoe>},
    {Method::filter_l1, detail::made_filter},
    {Method::one_shot, detail::made_magnitude<MagnitudeSchedule::one_shot>},
};
static_assert(has_every_row<&Factory::method>(factories),
              "a pruning method has no factory, or they are in another order than Method");

/// The method that the options name, for `samples` training samples. Throws Error for 0 samples and for options out of
/// range.
inline std::unique_ptr<Pruner> make_pruner(const Options& options, std::size_t samples) {
    check(options);
    if (samples == 0) throw Error("there are no training samples to prune by");
    return factories[std::size_t(options.method)].make(options, samples);
}

} // namespace tinysparse::prune
