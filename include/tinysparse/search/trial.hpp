// SPDX-License-Identifier: Apache-2.0
// A trial: one training of one genome for a number of epochs; and its record, one line of the journal.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/judge/interval.hpp"
#include "tinysparse/search/measures.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::search {

/// Where a trial comes from: a random genome, one of the portfolio, a child of an earlier one, the same genome trained
/// longer, or trained once more with another seed; or the linear classifier, which others are compared with and which
/// has no descendants.
enum class Origin : std::uint8_t { random, mutation, promotion, repeat, baseline, portfolio, count };
inline constexpr Named<Origin> origins[] = {{Origin::random, "random"},       {Origin::mutation, "mutation"},
                                            {Origin::promotion, "promotion"}, {Origin::repeat, "repeat"},
                                            {Origin::baseline, "baseline"},   {Origin::portfolio, "portfolio"}};
static_assert(has_every_row<&Named<Origin>::value>(origins));

inline constexpr int most_epochs = 1000000;          ///< Upper bound for records and heads; no run comes near.
inline constexpr std::size_t most_trials = 10000000; ///< Likewise.
inline constexpr double most_seconds = 1e9;          ///< Likewise.

/// The path of a model file with something inserted before its extension, if it has that.
inline std::string with_infix(const std::string& path, std::string_view infix) {
    constexpr std::string_view extension = ".tsm";
    const std::size_t end = path.ends_with(extension) ? path.size() - extension.size() : path.size();
    return text(path.substr(0, end), infix, path.substr(end));
}

/// What is trained, decided before it begins.
struct Trial {
    std::size_t number = 0; ///< Counted from 0, in the order of proposals.
    int stage = 1;          ///< 1..3
    Origin origin = Origin::random;
    int epochs = 1; ///< Usual epochs for its length of training; see genome_epochs().
    std::uint32_t seed = 0;
    std::optional<std::size_t> parent; ///< The trial whose genome it began from.
    bool inherits = false;             ///< It begins from that trial's weights, too.
    int line_epochs = 1;               ///< Epochs that its own training and its inherited weights are worth together.
    space::Genome genome;
    std::string key;       ///< space::key of the genome
    std::size_t folds = 1; ///< Number of folds trained: all of the run's, or only the first; 1 in a run without folds.
};

/// A child's epochs plus a share of those of its parent's weights: edits undo a part of them.
inline int epochs_of_line(int own, double inherited_share, int parent_line) {
    return own + int(std::lround(0.7 * inherited_share * parent_line));
}

/// Epochs of a training of this genome if `usual` are usual.
inline int genome_epochs(const space::Genome& genome, int usual) {
    return std::max(1, int(std::lround(usual * genome.training.steps / 100.0)));
}

/// The reverse: the length of training that corresponds to the epochs of the trial's line. A genome that asks for half
/// of the usual steps is fully trained by half of the epochs.
inline int usual_epochs(const Trial& trial) {
    return std::max(1, int(std::lround(trial.line_epochs * 100.0 / trial.genome.training.steps)));
}

/// True for the linear classifier, trial 0 of a run, which proposals ignore.
inline bool is_baseline(const Trial& trial) { return trial.origin == Origin::baseline; }

/// True for a genome that was not made from an earlier one: its training begins from new weights.
inline bool begins_afresh(Origin origin) {
    return origin == Origin::random || origin == Origin::portfolio || origin == Origin::baseline;
}

/// The seed of the training of a fold.
inline std::uint32_t seed_of_fold(const Trial& trial, std::size_t fold) {
    return fold == 0 ? trial.seed : Random(trial.seed, "fold", fold)();
}

/// Result of one fold of a trial: the error on its own held-out samples, and fixed::weights_digest() of its model.
struct FoldOutcome {
    double error = 0;
    std::uint64_t weights_digest = 0;
};

/// Scores of a trial's network on the validation part for one of the numbers that it answers.
struct NumberScore {
    double rmse = 0, mae = 0, r2 = 0;
};

/// Result of a trial.
struct Outcome {
    std::optional<std::string> failure; ///< Why there is no model; all other members are then unknown.
    /// Measures of the trained integer network: chip_measures are measured or predicted, all others exact. With folds
    /// the error is that of all held-out answers together, and the costs are those of best_fold()'s network.
    Measures measures;
    std::optional<double> error_se;    ///< Standard error of the error; nothing if there are too few samples or groups.
    std::vector<FoldOutcome> folds;    ///< One per fold if all folds of a run were trained; else empty.
    std::optional<Measures> predicted; ///< Predictions of chip_measures, if these were measured.
    std::optional<double> float_accuracy; ///< Accuracy of the float network on the validation part.
    /// Share of right answers on the validation part, whatever the kind of the error; nothing in records of versions
    /// with one kind of error.
    std::optional<double> validation_accuracy;
    std::optional<judge::Interval> validation_interval; ///< 95 % interval of that share, if there is one.
    /// fixed::weights_digest() of the model; nothing in records of format 1.
    std::optional<std::uint64_t> weights_digest;
    std::vector<NumberScore>
        numbers;             ///< One for each number that is answered: there is then no share, and the interval
                             ///< is that of the error.
    double seconds = 0;      ///< Seconds of the training.
    double test_seconds = 0; ///< Predicted seconds for the test part.
    double inherited = 0;    ///< Share of the weights that were the parent's.
    bool stopped = false;    ///< True if it gave up on request; such an outcome is not recorded.

    /// The fold with the least error, the first one of equals; 0 without folds.
    std::size_t best_fold() const {
        const auto less = [](const FoldOutcome& a, const FoldOutcome& b) { return a.error < b.error; };
        return std::size_t(std::min_element(folds.begin(), folds.end(), less) - folds.begin());
    }
    /// The values of chip_measures, if they were measured.
    std::optional<Measures> measured() const {
        if (!predicted) return std::nullopt;
        Measures values;
        for (const Measure measure : chip_measures) values[measure] = measures[measure];
        return values;
    }
    /// Share of right answers on the validation part, or 1 - error for numbers. The outcome must not be a failure.
    double accuracy() const { return validation_accuracy.value_or(1 - measures[Measure::error].value()); }
};

/// A last training of a trial's network on training and validation part together (refit.hpp).
struct Refit {
    std::size_t trial = 0;
    std::optional<std::string> failure; ///< Why the best fold's model is used instead; all but seconds is then unknown.
    Measures measures;                  ///< Costs; the error is unknown.
    std::optional<Measures> predicted;  ///< As in Outcome.
    std::uint64_t weights_digest = 0;
    double seconds = 0;
};

/// A finished trial: one line of the journal.
struct Record {
    Trial trial;
    Outcome outcome;
    bool feasible = false; ///< True if it was trained and no exact measure breaks a limit.
    double elapsed = 0;    ///< Seconds of the run at the time of writing.
    std::optional<Refit> refit = {};

    /// True if a refit was trained and has a model.
    bool has_refit() const { return refit && !refit->failure; }
    /// True if only one of the run's folds has judged it. `folds`: their number, 0 for a run without them.
    bool judged_by_one_of(std::size_t folds) const { return folds > 0 && outcome.folds.empty(); }
};

/// The file of a fold's model, from that of the first one.
inline std::string fold_path(const std::string& model_path, std::size_t fold) {
    return fold == 0 ? model_path : with_infix(model_path, text(".fold", fold + 1));
}
/// The file of a refit, from that of the trial's model.
inline std::string refit_path(const std::string& model_path) { return with_infix(model_path, ".refit"); }

namespace detail {

inline void write_numbers(const Outcome& outcome, json::Value& out) {
    json::Value numbers = json::array();
    for (const NumberScore& score : outcome.numbers)
        numbers.push_back(json::object({{"rmse", score.rmse}, {"mae", score.mae}, {"r2", score.r2}}));
    out["validation_accuracy"] = json::Value();
    out["validation_interval"] = judge::interval_json(outcome.validation_interval);
    out["numbers"] = std::move(numbers);
}

inline void write_folds(const Outcome& outcome, json::Value& out) {
    json::Value folds = json::array();
    for (const FoldOutcome& fold : outcome.folds)
        folds.push_back(json::object({{"error", fold.error}, {"weights_digest", hexadecimal(fold.weights_digest)}}));
    out["folds"] = std::move(folds);
}

/// Writes the measured values of a chip, and their predictions.
inline void write_measured(const Outcome& outcome, json::Value& out) {
    out["measured"] = to_json(*outcome.measured());
    out["predicted"] = to_json(*outcome.predicted);
}

} // namespace detail

/// A line of the journal without its checksum.
inline json::Value to_json(const Record& record, const space::Space& space) {
    const Trial& trial = record.trial;
    const Outcome& outcome = record.outcome;
    json::Value out = json::object({{"trial", trial.number},
                                    {"stage", trial.stage},
                                    {"origin", origins[std::size_t(trial.origin)].name},
                                    {"epochs", trial.epochs},
                                    {"seed", trial.seed},
                                    {"parent", json::Value(trial.parent)},
                                    {"inherits", trial.inherits},
                                    {"line_epochs", trial.line_epochs},
                                    {"net", net::notation(space::express(trial.genome, space))},
                                    {"genome", space::to_json(trial.genome)},
                                    {"status", outcome.failure ? "failed" : "ok"}});
    if (outcome.failure) {
        out["reason"] = *outcome.failure;
    } else {
        out["feasible"] = record.feasible;
        out["float_accuracy"] = json::Value(outcome.float_accuracy);
        if (outcome.validation_accuracy) {
            out["validation_accuracy"] = *outcome.validation_accuracy;
            out["validation_interval"] = judge::interval_json(outcome.validation_interval);
        }
        if (!outcome.numbers.empty()) detail::write_numbers(outcome, out);
        out["measures"] = to_json(outcome.measures);
        if (outcome.error_se) out["error_se"] = *outcome.error_se;
        if (!outcome.folds.empty()) detail::write_folds(outcome, out);
        if (outcome.predicted) detail::write_measured(outcome, out);
        if (outcome.weights_digest) out["weights_digest"] = hexadecimal(*outcome.weights_digest);
        out["test_seconds"] = outcome.test_seconds;
    }
    out["seconds"] = outcome.seconds;
    out["elapsed"] = record.elapsed;
    return out;
}

namespace detail {

inline std::optional<double> read_share(const json::Reader& in) {
    return in.value().is_null() ? std::nullopt : std::optional(in.ranged(0.0, 1.0));
}

inline void read_validation(const json::Reader& in, Outcome& outcome) {
    outcome.validation_accuracy = read_share(in.at("validation_accuracy"));
    const auto bounds = in.at("validation_interval").as<std::optional<std::vector<double>>>();
    if (!bounds) return;
    if (bounds->size() != 2 || !(bounds->front() <= bounds->back()) || !(std::abs(bounds->front()) <= most_measure) ||
        !(std::abs(bounds->back()) <= most_measure))
        in.at("validation_interval").fail("expected two numbers, the lower one first");
    outcome.validation_interval = judge::Interval{bounds->front(), bounds->back()};
}

inline void read_measured(const json::Reader& in, Outcome& outcome) {
    const Measures measured = measures_from_json(in.at("measured"));
    outcome.predicted = measures_from_json(in.at("predicted"));
    for (const Measure measure : chip_measures)
        if (measured[measure] != outcome.measures[measure] ||
            measured[measure].has_value() != (*outcome.predicted)[measure].has_value())
            in.at("measured").fail(text(name_of(measure), " is not the one among the measures, or not predicted"));
}

} // namespace detail

/// The record that to_json() wrote. Throws Error naming the member that is missing or out of range.
inline Record record_from_json(const json::Reader& in, const space::Space& space) {
    Record record;
    Trial& trial = record.trial;
    trial.number = in.at("trial").ranged<std::size_t>(0, most_trials - 1);
    trial.stage = in.at("stage").ranged(1, 3);
    const std::string origin = in.at("origin").as<std::string>();
    const Named<Origin>* known = row_named(origins, origin);
    if (!known) in.at("origin").fail(text("'", origin, "' is not one of ", join(names_of(origins), ", ")));
    trial.origin = known->value;
    trial.epochs = in.at("epochs").ranged(1, most_epochs);
    trial.seed = in.at("seed").as<std::uint32_t>();
    trial.parent = in.at("parent").as<std::optional<std::size_t>>();
    trial.inherits = in.at("inherits").as<bool>();
    trial.line_epochs = in.at("line_epochs").ranged(1, 1000 * most_epochs);
    trial.genome = space::genome_from_json(in.at("genome"), space);
    trial.key = space::key(trial.genome, space);
    Outcome& outcome = record.outcome;
    outcome.seconds = in.at("seconds").ranged(0.0, most_seconds);
    record.elapsed = in.at("elapsed").ranged(0.0, most_seconds);
    const std::string status = in.at("status").as<std::string>();
    if (status != "ok" && status != "failed") in.at("status").fail(text("'", status, "' is neither ok nor failed"));
    if (status == "failed") {
        outcome.failure = in.at("reason").as<std::string>();
        return record;
    }
    record.feasible = in.at("feasible").as<bool>();
    outcome.float_accuracy = detail::read_share(in.at("float_accuracy"));
    if (in.has("validation_accuracy")) detail::read_validation(in, outcome);
    if (in.has("numbers"))
        for (const json::Reader& one : in.at("numbers").items())
            outcome.numbers.push_back({one.at("rmse").ranged(0.0, most_measure),
                                       one.at("mae").ranged(0.0, most_measure),
                                       one.at("r2").ranged(-most_measure, 1.0)});
    outcome.measures = measures_from_json(in.at("measures"));
    if (in.has("error_se")) outcome.error_se = in.at("error_se").ranged(0.0, most_measure);
    if (in.has("folds"))
        for (const json::Reader& fold : in.at("folds").items())
            outcome.folds.push_back(
                {fold.at("error").ranged(0.0, most_measure), json::read_hexadecimal(fold.at("weights_digest"))});
    trial.folds = std::max<std::size_t>(1, outcome.folds.size());
    if (in.has("measured")) detail::read_measured(in, outcome);
    if (in.has("weights_digest")) outcome.weights_digest = json::read_hexadecimal(in.at("weights_digest"));
    outcome.test_seconds = in.at("test_seconds").ranged(0.0, most_seconds);
    if (!outcome.measures[Measure::error]) in.at("measures").fail("the error is missing");
    return record;
}

} // namespace tinysparse::search
