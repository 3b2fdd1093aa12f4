// SPDX-License-Identifier: Apache-2.0
// The last training of a network that folds have judged: with its own recipe and number of steps, on training and
// validation samples together, so that the device gets a network that learned from all samples. Its error is the
// estimate of the folds; its costs are its own. It has one seed, fixed beforehand, and is never the best of several.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/search/measuring.hpp"
#include "tinysparse/search/trial.hpp"

namespace tinysparse::search {

/// The seed of the refit of a trial.
inline std::uint32_t seed_of_refit(const Trial& trial) { return Random(trial.seed, "refit")(); }

/// The line of a journal: the trial, seconds, and costs or why there is no model.
inline json::Value to_json(const Refit& refit) {
    json::Value out = json::object({{"of", refit.trial}, {"seconds", refit.seconds}});
    if (refit.failure) {
        out["reason"] = *refit.failure;
        return out;
    }
    out["measures"] = to_json(refit.measures);
    out["predicted"] = refit.predicted ? to_json(*refit.predicted) : json::Value();
    out["weights_digest"] = hexadecimal(refit.weights_digest);
    return out;
}

/// The Refit that to_json() wrote. Throws Error for anything else.
inline Refit refit_from_json(const json::Reader& in) {
    Refit refit;
    refit.trial = in.at("of").ranged<std::size_t>(0, most_trials - 1);
    refit.seconds = in.at("seconds").ranged(0.0, most_seconds);
    if (in.has("reason")) {
        refit.failure = in.at("reason").as<std::string>();
        return refit;
    }
    refit.measures = measures_from_json(in.at("measures"));
    if (!in.at("predicted").value().is_null()) refit.predicted = measures_from_json(in.at("predicted"));
    refit.weights_digest = json::read_hexadecimal(in.at("weights_digest"));
    return refit;
}

/// The result of training `record` on all samples. A network that breaks one of `limits` is not deployed.
inline Refit refit_of(const Record& record, const Outcome& outcome, const Limits& limits) {
    Refit refit;
    refit.trial = record.trial.number;
    refit.seconds = outcome.seconds;
    refit.failure = outcome.failure;
    if (refit.failure) return refit;
    if (!holds(outcome, limits)) {
        refit.failure = "trained on all samples it breaks a limit of the run";
        return refit;
    }
    refit.measures = outcome.measures;
    refit.predicted = outcome.predicted;
    refit.weights_digest = outcome.weights_digest.value_or(0);
    return refit;
}

/// Puts the refit into the record; its costs replace those of the best fold's network.
inline void apply(Refit refit, Record& record) {
    if (!refit.failure) {
        const std::optional<double> error = record.outcome.measures[Measure::error];
        record.outcome.measures = refit.measures;
        record.outcome.measures[Measure::error] = error;
        record.outcome.predicted = refit.predicted;
    }
    record.refit = std::move(refit);
}

} // namespace tinysparse::search
