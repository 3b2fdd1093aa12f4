// SPDX-License-Identifier: Apache-2.0
// Fronts as the CSV files of docs/results/ hold them: one network per line, named by run, variant and seed.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/csv.hpp"

namespace tinysparse::figures {

// Columns that every file has; shares are from 0 to 1. Others may follow; those with numbers can be bounds or be shown.
inline constexpr std::string_view variant_column = "variant", seed_column = "seed",
                                  error_column = "validation_error_share", smallest_column = "smallest_error_share",
                                  score_column = "test_score_share", stored_column = "stored_bytes";

/// One network of a front.
struct Member {
    double error = 0; ///< On the validation part; where that is 0, the run's smallest one.
    std::map<std::string, double, std::less<>> numbers; ///< The columns that hold numbers.
};

/// The fronts of all runs of one variant and seed.
struct Run {
    std::string variant;
    std::uint64_t seed = 0;
    std::vector<Member> members = {}; ///< None, if the run found nothing.
};

namespace detail {

/// The number in a column, or nothing if it is empty. Throws Error if the file has no such column, or no number there.
class Line {
  public:
    Line(const std::vector<std::string>& titles, const std::vector<std::string>& fields, std::string where)
        : titles_(titles), fields_(fields), where_(std::move(where)) {
        if (fields.size() != titles.size())
            throw Error(text(where_, ": ", fields.size(), " fields, the first line has ", titles.size()));
    }
    const std::string& field(std::string_view column) const {
        const auto at = std::find(titles_.begin(), titles_.end(), column);
        if (at == titles_.end())
            throw Error(text(where_, ": there is no column ", column, "; tools/results writes it"));
        return fields_[std::size_t(at - titles_.begin())];
    }
    double number(std::string_view column, double low, double high) const {
        const std::string& word = field(column);
        const auto number = data::csv_number(word, false);
        if (!number || !(*number >= low && *number <= high))
            throw Error(
                text(where_, ": '", word, "' in column ", column, ": expected a number from ", low, " to ", high));
        return *number;
    }
    Member member() const {
        Member member;
        for (std::size_t i = 0; i < titles_.size(); ++i)
            if (const auto number = data::csv_number(fields_[i], false)) member.numbers[titles_[i]] = *number;
        member.error = number(error_column, 0, 1e6);
        if (!field(smallest_column).empty()) member.error = std::max(member.error, number(smallest_column, 1e-12, 1));
        if (member.error == 0)
            throw Error(text(where_, ": an error of 0 needs the run's smallest one in column ", smallest_column));
        return member;
    }

  private:
    const std::vector<std::string>&titles_, &fields_;
    std::string where_;
};

} // namespace detail

/// The run of a variant and seed, or the end of runs.
template <class Runs> auto find_run(Runs& runs, std::string_view variant, std::uint64_t seed) {
    return std::find_if(runs.begin(), runs.end(),
                        [&](const Run& run) { return run.variant == variant && run.seed == seed; });
}

/// The runs of a CSV file in the order of the file. A line without a validation error is a run that found nothing.
/// Throws Error, naming the line, if the file is invalid. `name`: the file's name in errors.
inline std::vector<Run> read_fronts(std::string_view bytes, const std::string& name) {
    data::CsvReader reader(bytes, name, {});
    std::vector<std::string> titles, fields;
    bool breaks = false;
    if (!reader.next(titles, breaks)) throw Error(text(name, ": the file is empty; tools/results writes it"));
    std::vector<Run> runs;
    while (reader.next(fields, breaks)) {
        const detail::Line line(titles, fields, text(name, ": line ", reader.line()));
        const auto seed = std::uint64_t(line.number(seed_column, 0, 1e15));
        const std::string& variant = line.field(variant_column);
        auto run = find_run(runs, variant, seed);
        if (run == runs.end()) run = runs.insert(runs.end(), {variant, seed});
        if (!line.field(error_column).empty()) run->members.push_back(line.member());
    }
    return runs;
}

/// The variants of runs, in the order of their first appearance.
inline std::vector<std::string> variants_of(const std::vector<Run>& runs) {
    std::vector<std::string> variants;
    for (const Run& run : runs)
        if (std::find(variants.begin(), variants.end(), run.variant) == variants.end()) variants.push_back(run.variant);
    return variants;
}

/// The number in a column of a member, or nothing.
inline std::optional<double> number_in(const Member& member, std::string_view column) {
    const auto found = member.numbers.find(column);
    return found == member.numbers.end() ? std::nullopt : std::optional(found->second);
}
/// The same; throws Error if there is none.
inline double number_of(const Member& member, std::string_view column) {
    const auto number = number_in(member, column);
    if (!number) throw Error(text("column ", column, ": a network has no number there; take another column"));
    return *number;
}

} // namespace tinysparse::figures
