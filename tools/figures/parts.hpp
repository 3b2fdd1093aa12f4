// SPDX-License-Identifier: Apache-2.0
// The value of each part of the search: the hypervolume of fronts with the part minus that without it, in pairs of one
// seed. A front's hypervolume is that of (ln validation error, ln bytes) below one fixed reference, the same for all
// runs of a set. Means have Student's intervals, corrected for the number of parts by Holm's procedure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chosen.hpp"
#include "tinysparse/mobo/hypervolume.hpp"
#include "tinysparse/report/csv.hpp"

namespace tinysparse::figures {

/// Reference point of the hypervolume.
struct Reference {
    double error, bytes;
    std::string column = std::string(stored_column); ///< Which bytes.
};

/// The hypervolume of a run's front. Throws Error unless reference and bytes are above 0.
inline double hypervolume(const Run& run, const Reference& reference) {
    if (!(reference.error > 0 && reference.bytes > 0))
        throw Error(
            text("reference of error ", reference.error, " and ", reference.bytes, " bytes: expected numbers above 0"));
    std::vector<mobo::Point> points;
    for (const Member& member : run.members) {
        const double bytes = number_of(member, reference.column);
        if (!(bytes > 0)) throw Error(text("column ", reference.column, ": expected bytes above 0, found ", bytes));
        points.push_back({std::log(member.error), std::log(bytes)});
    }
    return mobo::hypervolume(points, mobo::Point{std::log(reference.error), std::log(reference.bytes)});
}

/// One seed with both sides.
struct Pair {
    std::uint64_t seed;
    double with, without; ///< Hypervolumes.
};

/// The value of a part by its pairs.
struct Part {
    std::string without; ///< The variant that lacks it.
    std::vector<Pair> pairs = {};
    judge::Mean difference = {};             ///< With the part minus without it.
    std::optional<judge::Adjusted> adjusted; ///< Needs at least two pairs.

    /// Interval at the level that Holm's procedure gives.
    std::optional<judge::Interval> interval() const {
        return adjusted ? difference.interval(adjusted->level) : std::nullopt;
    }
};

/// Pairs every variant but `full` with it, by the seeds that both have. Throws Error if there is no run of `full`.
inline std::vector<Part> parts_of(const std::vector<Run>& runs, const std::string& full, const Reference& reference) {
    const std::vector<std::string> variants = variants_of(runs);
    if (std::find(variants.begin(), variants.end(), full) == variants.end())
        throw Error(text("no run of variant '", full, "'; there are ", join(variants, ", "), "; choose one by --full"));
    std::vector<Part> parts;
    std::vector<double> p_values;
    for (const std::string& variant : variants) {
        if (variant == full) continue;
        Part part{variant, {}, {}, {}};
        std::vector<double> differences;
        for (const Run& run : runs) {
            if (run.variant != variant) continue;
            const auto with = find_run(runs, full, run.seed);
            if (with == runs.end()) continue;
            part.pairs.push_back({run.seed, hypervolume(*with, reference), hypervolume(run, reference)});
            differences.push_back(part.pairs.back().with - part.pairs.back().without);
        }
        part.difference = judge::mean_of(differences);
        if (part.difference.p_value) p_values.push_back(*part.difference.p_value);
        parts.push_back(std::move(part));
    }
    const std::vector<judge::Adjusted> adjusted = judge::holm(p_values);
    auto next = adjusted.begin();
    for (Part& part : parts)
        if (part.difference.p_value) part.adjusted = *next++;
    return parts;
}

/// A Markdown table, one row per part, and a line that explains the numbers.
inline std::string parts_table(const std::vector<Part>& parts, const std::string& full, const Reference& reference) {
    std::vector<std::vector<std::string>> rows = {{"without", "seeds", "hypervolume of " + full, "without the part",
                                                   "difference", "95 % interval (Holm)", "p (Holm)"}};
    for (const Part& part : parts) {
        std::vector<double> with, without;
        for (const Pair& pair : part.pairs) {
            with.push_back(pair.with);
            without.push_back(pair.without);
        }
        rows.push_back({part.without, text(part.pairs.size()), spread_cell(judge::mean_of(with), 1, 2),
                        spread_cell(judge::mean_of(without), 1, 2), spread_cell(part.difference, 1, 2),
                        interval_cell(part.interval(), 1, 2),
                        part.adjusted ? fixed_decimals(part.adjusted->p_value, 3) : "-"});
    }
    return markdown_table(rows) +
           text("\nHypervolume of (ln validation error, ln ", row_named(sizes, reference.column)->title,
                " bytes) below ", report::number_cell(100 * reference.error), " % and ", bytes_cell(reference.bytes),
                " B; mean ± standard deviation over seeds; difference: with the part minus without it, "
                "paired by seed.\n");
}

/// CSV, one line per run: variant, seed, its hypervolume, and that of `full` with the same seed minus it, which is
/// empty for `full` itself and if there is none.
inline std::string parts_csv(const std::vector<Run>& runs, const std::string& full, const Reference& reference) {
    std::string out = "variant,seed,hypervolume_ln_error_ln_bytes,full_minus_variant\n";
    for (const Run& run : runs) {
        const double own = hypervolume(run, reference);
        const auto with = find_run(runs, full, run.seed);
        const bool paired = run.variant != full && with != runs.end();
        out += text(report::csv_cell(run.variant), ",", run.seed, ",", fixed_decimals(own, 6), ",",
                    paired ? fixed_decimals(hypervolume(*with, reference) - own, 6) : "", "\n");
    }
    return out;
}

} // namespace tinysparse::figures
