// SPDX-License-Identifier: Apache-2.0
// A judge::NumberVerdict as text and as JSON.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/judge/numbers.hpp"
#include "tinysparse/report/verdict.hpp"

namespace tinysparse::report {

namespace detail {

/// "0.21 to 0.34"
inline std::string number_interval_cell(const std::optional<judge::Interval>& interval) {
    return interval ? text(number_cell(interval->low), " to ", number_cell(interval->high)) : "none";
}

/// The method of the intervals, or why there are none.
inline std::string number_interval_method(const judge::NumberVerdict& verdict) {
    return verdict.groups.empty() ? bootstrap_words(verdict.samples, "sample")
                                  : bootstrap_words(verdict.groups.size(), "group");
}

inline std::string fit_table(const judge::NumberVerdict& verdict, std::size_t width) {
    Table table = Table::of({{"<number"},
                             {"RMSE", "root mean squared error, in the unit of the number"},
                             {"95 % interval", "", 3},
                             {"MAE", "mean absolute error, in the same unit", 1},
                             {"95 % interval", "", 5},
                             {"R2", "share of the variance that the answers explain; 1 is best", 2},
                             {"95 % interval", "", 6},
                             {"deviation", "standard deviation of the true numbers", 4}});
    for (const judge::Fit& fit : verdict.fits)
        table.add({fit.name, number_cell(fit.rmse), number_interval_cell(fit.rmse_interval), number_cell(fit.mae),
                   number_interval_cell(fit.mae_interval), number_cell(fit.r2), number_interval_cell(fit.r2_interval),
                   number_cell(fit.deviation)});
    return table.text(width) + table.legend(width);
}

inline std::string group_error_table(std::vector<judge::GroupError> groups) {
    const auto less = [](const judge::GroupError& a, const judge::GroupError& b) { return a.error < b.error; };
    const auto [best, worst] = std::minmax_element(groups.begin(), groups.end(), less);
    std::string out = text("worst group ", worst->name, ", error ", number_cell(worst->error), "; best ", best->name,
                           ", ", number_cell(best->error), "\n");
    if (groups.size() > most_groups_shown) {
        out += text("the five best and the five worst of ", groups.size(), " groups\n");
        sort_stably(groups, less);
        groups.erase(groups.begin() + 5, groups.end() - 5);
    }
    Table table({"<group", "samples", "error"});
    for (const judge::GroupError& group : groups)
        table.add({group.name, grouped(group.samples), number_cell(group.error)});
    return out + table.text();
}

} // namespace detail

/// "RMSE 0.123", or "RMSE 0.123 (a), 4.5 (b)" for several quantities.
inline std::string rmse_words(const std::vector<std::string>& names, const std::vector<double>& rmse) {
    if (rmse.empty()) return "RMSE -";
    std::vector<std::string> pieces;
    for (std::size_t k = 0; k < rmse.size(); ++k)
        pieces.push_back(text(number_cell(rmse[k]), rmse.size() > 1 ? text(" (", names[k], ")") : ""));
    return text("RMSE ", join(pieces, ", "));
}
/// The same for the quantities of a verdict.
inline std::string rmse_words(const judge::NumberVerdict& verdict) {
    std::vector<std::string> names;
    std::vector<double> rmse;
    for (const judge::Fit& fit : verdict.fits) {
        names.push_back(fit.name);
        rmse.push_back(fit.rmse);
    }
    return rmse_words(names, rmse);
}

/// Tables for people: scores of each quantity with their intervals and the deviation of its targets, the error over all
/// quantities, and the groups.
inline std::string verdict_text(const judge::NumberVerdict& verdict, std::size_t width = any_width) {
    std::string out =
        text(detail::fit_table(verdict, width), "error (RMSE in standard deviations; 1 is the best constant) ",
             number_cell(verdict.error), ", 95 % ", detail::number_interval_cell(verdict.error_interval),
             "\nintervals: ", detail::number_interval_method(verdict), "\n");
    if (!verdict.groups.empty()) out += text("\n", detail::group_error_table(verdict.groups));
    return out;
}

/// Adds to an object: {"error", "error_interval", "rmse", "mae", "r2" (of the only quantity, or null),
/// "interval_method", "numbers": [{"name", "rmse", "rmse_interval", "mae", "mae_interval", "r2", "r2_interval",
/// "deviation"}], "groups": [{"name", "samples", "error"}]}. Unknown values are null.
inline void add_verdict(json::Value& document, const judge::NumberVerdict& verdict) {
    json::Value numbers = json::array(), groups = json::array();
    for (const judge::Fit& fit : verdict.fits) {
        json::Value number = json::object({{"name", fit.name}});
        judge::add_scores(number, fit);
        numbers.push_back(std::move(number));
    }
    for (const judge::GroupError& group : verdict.groups)
        groups.push_back(json::object({{"name", group.name}, {"samples", group.samples}, {"error", group.error}}));
    document["error"] = json::Value(verdict.error);
    document["error_interval"] = judge::interval_json(verdict.error_interval);
    const bool one = verdict.fits.size() == 1;
    document["rmse"] = one ? json::Value(verdict.fits[0].rmse) : json::Value();
    document["mae"] = one ? json::Value(verdict.fits[0].mae) : json::Value();
    document["r2"] = one ? json::Value(verdict.fits[0].r2) : json::Value();
    document["interval_method"] = detail::number_interval_method(verdict);
    document["numbers"] = std::move(numbers);
    document["groups"] = std::move(groups);
}

} // namespace tinysparse::report
