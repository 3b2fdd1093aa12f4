// SPDX-License-Identifier: Apache-2.0
// Tables of the networks that the validation part chooses: for each run the network with the least validation error
// within some bounds, its test score, and over the seeds mean, standard deviation, worst and Student's interval of the
// mean.
#pragma once
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fronts.hpp"
#include "markdown.hpp"
#include "tinysparse/base/rows.hpp"

namespace tinysparse::figures {

/// The largest value of a column.
struct Bound {
    std::string column;
    double most;
};
using Bounds = std::vector<Bound>; ///< All of them hold.

/// Name of a column of bytes in tables.
struct Size {
    std::string_view name, title;
};
inline constexpr Size sizes[] = {{"stored_bytes", "stored"},
                                 {"flash_bytes", "flash"},
                                 {"ram_bytes", "RAM"},
                                 {"model_size_bytes", "model size"},
                                 {"working_memory_bytes", "working memory"},
                                 {"paper_model_size_bytes", "`paper_model_size`"},
                                 {"paper_working_memory_bytes", "`paper_working_memory`"},
                                 {"bonsai_bytes", "as Bonsai's authors count"}};

/// Reads "stored_bytes=480,ram_bytes=500". Throws Error for anything else.
inline Bounds parse_bounds(const std::string& word) {
    Bounds bounds;
    for (const std::string& piece : split(word, ',')) {
        const std::size_t at = piece.find('=');
        const auto most = at == piece.npos ? std::nullopt : data::csv_number(piece.substr(at + 1), false);
        const Size* size = row_named(sizes, std::string_view(piece).substr(0, at));
        if (!size || !most)
            throw Error(text("--within ", word, ": expected NAME=MOST with a name of ", join(names_of(sizes), ", "),
                             ", such as stored_bytes=480"));
        bounds.push_back({std::string(size->name), *most});
    }
    return bounds;
}

/// The member of a run with the least validation error within bounds; of equal ones the smallest as stored; nullptr if
/// none is within.
inline const Member* best_within(const Run& run, const Bounds& bounds) {
    const Member* best = nullptr;
    for (const Member& member : run.members) {
        const bool within = std::all_of(bounds.begin(), bounds.end(), [&](const Bound& bound) {
            return number_of(member, bound.column) <= bound.most;
        });
        if (!within) continue;
        if (!best || member.error < best->error ||
            (member.error == best->error && number_of(member, stored_column) < number_of(*best, stored_column)))
            best = &member;
    }
    return best;
}

/// Adds to runs, for each seed, the fronts of several variants as one run of a new variant.
inline void add_together(std::vector<Run>& runs, const std::string& name, const std::vector<std::string>& variants) {
    std::vector<Run> together;
    for (const Run& run : runs) {
        if (std::find(variants.begin(), variants.end(), run.variant) == variants.end()) continue;
        auto own = std::find_if(together.begin(), together.end(), [&](const Run& r) { return r.seed == run.seed; });
        if (own == together.end()) own = together.insert(together.end(), {name, run.seed});
        own->members.insert(own->members.end(), run.members.begin(), run.members.end());
    }
    runs.insert(runs.end(), together.begin(), together.end());
}

namespace detail {

inline std::string bounds_cell(const Bounds& bounds) {
    std::vector<std::string> pieces;
    for (const Bound& bound : bounds)
        pieces.push_back(text(row_named(sizes, bound.column)->title, " ", bytes_cell(bound.most), " B"));
    return join(pieces, ", ");
}

/// The choices from the runs of one variant, one for each seed that has a network within the bounds.
struct Chosen {
    std::size_t runs = 0;
    std::vector<const Member*> members;
};
inline Chosen chosen(const std::vector<Run>& runs, const std::string& variant, const Bounds& bounds) {
    Chosen chosen;
    for (const Run& run : runs) {
        if (run.variant != variant) continue;
        ++chosen.runs;
        if (const Member* best = best_within(run, bounds)) chosen.members.push_back(best);
    }
    return chosen;
}
/// Mean of a column over all members; nothing if one of them has no value.
inline judge::Mean mean_of_column(const std::vector<const Member*>& members, std::string_view column) {
    std::vector<double> values;
    for (const Member* member : members)
        if (const auto value = number_in(*member, column)) values.push_back(*value);
    return judge::mean_of(values.size() == members.size() ? values : std::vector<double>{});
}

inline std::vector<std::string> summary_row(const Chosen& chosen, const std::string& variant, const Bounds& bounds) {
    const judge::Mean score = mean_of_column(chosen.members, score_column);
    double worst = std::numeric_limits<double>::infinity();
    std::vector<double> errors;
    for (const Member* member : chosen.members) {
        errors.push_back(member->error);
        if (score.count > 0) worst = std::min(worst, number_of(*member, score_column));
    }
    const bool all = chosen.members.size() == chosen.runs;
    std::vector<std::string> cells = {variant,
                                      bounds_cell(bounds),
                                      all ? text(chosen.runs) : text(chosen.members.size(), " of ", chosen.runs),
                                      spread_cell(score, 100, 2),
                                      score.count > 0 ? fixed_decimals(100 * worst, 2) : "-",
                                      interval_cell(score.interval(0.95), 100, 2),
                                      errors.empty() ? "-"
                                                     : fixed_decimals(100 * (1 - judge::mean_of(errors).mean), 2)};
    for (const Size& size : sizes) {
        const judge::Mean mean = mean_of_column(chosen.members, size.name);
        cells.push_back(mean.count > 0 ? bytes_cell(mean.mean) : "-");
    }
    return cells;
}

/// "98.50 % in 1,000 B"
inline std::string choice_cell(const Member* best) {
    const auto score = best ? number_in(*best, score_column) : std::nullopt;
    if (!score) return "-";
    return text(fixed_decimals(100 * *score, 2), " % in ", bytes_cell(number_of(*best, stored_column)), " B");
}

} // namespace detail

/// A Markdown table, one row for each variant and bounds: mean and deviation of the test scores over seeds, their
/// worst, Student's 95 % interval of the mean, the mean score on the validation part, and mean sizes. Another one has
/// each seed's choice.
inline std::string chosen_tables(const std::vector<Run>& runs, const std::vector<Bounds>& within) {
    std::vector<std::vector<std::string>> summary = {
        {"variant", "within", "seeds", "test, %", "worst", "95 % of the mean", "validation, %"}};
    for (const Size& size : sizes) summary[0].push_back(text(size.title, ", B"));
    std::vector<std::vector<std::string>> each = {{"variant", "seed"}};
    for (const Bounds& bounds : within) each[0].push_back(detail::bounds_cell(bounds));
    for (const std::string& variant : variants_of(runs)) {
        for (const Bounds& bounds : within)
            summary.push_back(detail::summary_row(detail::chosen(runs, variant, bounds), variant, bounds));
        for (const Run& run : runs) {
            if (run.variant != variant) continue;
            each.push_back({variant, text(run.seed)});
            for (const Bounds& bounds : within) each.back().push_back(detail::choice_cell(best_within(run, bounds)));
        }
    }
    return text(markdown_table(summary), "\n", markdown_table(each));
}

} // namespace tinysparse::figures
