// SPDX-License-Identifier: Apache-2.0
// What a search shows while it runs, as text: a view of at most three lines for a terminal, and lines for a file.
//   [########............] 43 %  4 min 12 s left  stage 2/3  57 trials  2 failed
//   best: 97.50 % in 1 KB, 98.60 % in 2 KB, 98.91 % in 4 KB of flash
//   hypervolume ▁▂▄▅▆▇▇█  last gain 12 s ago
// No line is longer than the terminal is wide. What does not fit is left out as a whole, never cut: of each line the
// fields are taken in the order of their importance, as long as they fit.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/report/baseline.hpp"
#include "tinysparse/search/measures.hpp"

namespace tinysparse::cli {

/// How a search stands.
struct Status {
    double share = 0;                   ///< Share of the goal that is reached, 0..1.
    std::optional<double> seconds_left; ///< Nothing if it is not known.
    int stage = 1;
    bool testing = false; ///< All trainings are done, the front is measured on the test part.
    std::size_t finished = 0, failed = 0;
    std::vector<std::pair<double, double>> front; ///< Score (1 - error) and first cost of its members, in any order.
    search::Measure cost = search::Measure::flash;
    judge::ErrorKind kind = judge::ErrorKind::plain; ///< What the scores are of.
    bool one_fold = false;      ///< Some members were judged by one of several folds: their scores may fall.
    std::vector<double> growth; ///< Hypervolumes at equal distances of time, the last one now.
    std::optional<double> seconds_since_gain; ///< Since the front became better; nothing without a front.
};

/// A part of a line, shown as a whole or not at all.
struct Field {
    std::string words;
    int importance; ///< Fields with smaller numbers are taken first.
};

/// The fields that fit into a width, in the order of the list and with a separator between them.
inline std::string fitting(const std::vector<Field>& fields, std::size_t width, std::string_view separator = "  ") {
    std::vector<std::size_t> order(fields.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return fields[a].importance < fields[b].importance; });
    std::vector<bool> taken(fields.size());
    std::size_t used = 0;
    for (const std::size_t i : order) {
        const std::size_t size = report::characters(fields[i].words);
        if (size == 0 || used + (used ? separator.size() : 0) + size > width) continue;
        used += (used ? separator.size() : 0) + size;
        taken[i] = true;
    }
    std::vector<std::string> words;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (taken[i]) words.push_back(fields[i].words);
    return join(words, separator);
}

/// Rows of the screen that lines of these widths take: a terminal that has become narrower folds long lines. 0 columns:
/// the width is not known, and no line is folded.
inline std::size_t rows_of(const std::vector<std::size_t>& widths, std::size_t columns) {
    std::size_t rows = 0;
    for (const std::size_t width : widths)
        rows += columns == 0 ? 1 : std::max<std::size_t>(1, (width + columns - 1) / columns);
    return rows;
}

/// One character for each value, from the lowest to the highest: blocks, or signs of ASCII.
inline std::string sparkline(const std::vector<double>& values, bool utf8) {
    constexpr const char* blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr const char* signs[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
    if (values.empty()) return "";
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    std::string out;
    for (const double value : values) {
        const double height = *high > *low ? (value - *low) / (*high - *low) : 0;
        out += (utf8 ? blocks : signs)[std::size_t(std::lround(7 * height))];
    }
    return out;
}

/// The score of a member as a cell: "98.60 %", or the error of numbers.
inline std::string score_cell(judge::ErrorKind kind, double score) {
    return kind == judge::ErrorKind::rmse ? report::number_cell(1 - score) : report::percent_cell(score) + " %";
}

/// Round limits of a cost from the one that holds `least` to the one that holds `most`: powers of two of bytes, 1, 2
/// and 5 times powers of ten of anything else.
inline std::vector<double> round_limits(search::Measure cost, double least, double most) {
    const bool bytes = search::info(cost).unit == "bytes";
    std::vector<double> limits;
    for (double decade = 1; decade < search::most_measure; decade *= bytes ? 8 : 10)
        for (const double step : {1.0, 2.0, bytes ? 4.0 : 5.0}) {
            if (decade * step < least) continue;
            limits.push_back(decade * step);
            if (limits.back() >= most) return limits;
        }
    return limits;
}

/// "512 B", "2 KB", "50 000"
inline std::string round_limit_words(search::Measure cost, double limit) {
    const bool bytes = search::info(cost).unit == "bytes";
    if (bytes && limit >= 1024 * 1024) return text(report::count_cell(limit / (1024 * 1024)), " MB");
    if (bytes && limit >= 1024) return text(report::count_cell(limit / 1024), " KB");
    return text(report::count_cell(limit), bytes ? " B" : "");
}

/// The best score within each round limit of the first cost, "98.60 % in 2 KB", where it is better than within the
/// limits below; the largest limit comes last.
inline std::vector<std::string> best_within_limits(const Status& status) {
    std::vector<std::string> best;
    if (status.front.empty()) return best;
    const auto by_cost = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto [least, most] = std::minmax_element(status.front.begin(), status.front.end(), by_cost);
    std::optional<double> before;
    for (const double limit : round_limits(status.cost, least->second, most->second)) {
        std::optional<double> score;
        for (const auto& [own, cost] : status.front)
            if (cost <= limit) score = std::max(own, score.value_or(own));
        if (!score || (before && *score <= *before)) continue;
        before = score;
        best.push_back(text(score_cell(status.kind, *score), " in ", round_limit_words(status.cost, limit)));
    }
    return best;
}

/// The first line. Importance: share, time left, trials, bar, stage, failures; at the end what is done then.
inline std::vector<Field> first_fields(const Status& status) {
    constexpr std::size_t cells = 20;
    const auto full = std::size_t(status.share * double(cells));
    const std::string time = status.seconds_left ? report::duration(*status.seconds_left) + " left" : "";
    return {{text('[', std::string(full, '#'), std::string(cells - full, '.'), "]"), 4},
            {text(fixed_decimals(100 * status.share, 0), " %"), 1},
            {status.testing ? "testing the front" : time, 2},
            {status.testing ? "" : text("stage ", status.stage, "/3"), 5},
            {text(status.finished, status.finished == 1 ? " trial" : " trials"), 3},
            {status.failed ? text(status.failed, " failed") : "", 6}};
}

/// The second line. Importance: the best member, what the scores are, the others from the largest limit to the
/// smallest, what the limits are of.
inline std::string best_line(const Status& status, std::size_t width) {
    const std::vector<std::string> best = best_within_limits(status);
    if (best.empty()) return "";
    const bool plain = status.kind == judge::ErrorKind::plain;
    const std::string lead =
        text(plain ? "best" : text("best ", judge::info(status.kind).score), status.one_fold ? " by one fold:" : ":");
    const search::MeasureInfo& cost = search::info(status.cost);
    const std::string name =
        text(cost.unit == "bytes" ? " of " : " ", cost.column.page.empty() ? cost.name : cost.column.page);
    std::size_t shown = 0;
    std::string line;
    const auto line_of = [&](std::size_t count, bool with_lead, bool with_name) {
        const std::vector<std::string> last(best.end() - std::ptrdiff_t(count), best.end());
        return text(with_lead ? lead + " " : "", join(last, ", "), with_name ? name : "");
    };
    const auto take = [&](const std::string& longer) {
        if (report::characters(longer) > width) return false;
        line = longer;
        return true;
    };
    if (!take(line_of(1, false, false))) return "";
    const bool with_lead = take(line_of(1, true, false));
    for (shown = 1; shown < best.size() && take(line_of(shown + 1, with_lead, false));) ++shown;
    take(line_of(shown, with_lead, true));
    return line;
}

/// The third line. Importance: the curve, its name, when it grew last.
inline std::string growth_line(const Status& status, std::size_t width, bool utf8) {
    const std::string curve = sparkline(status.growth, utf8);
    if (curve.empty() || report::characters(curve) > width) return "";
    const auto& since = status.seconds_since_gain;
    return fitting(
        {{"hypervolume", 2}, {curve, 1}, {since ? text("last gain ", report::duration(*since), " ago") : "", 3}},
        width);
}

/// The lines of the view, none of them empty or longer than `width` characters.
inline std::vector<std::string> live_view(const Status& status, std::size_t width, bool utf8) {
    std::vector<std::string> lines = {fitting(first_fields(status), width), best_line(status, width),
                                      growth_line(status, width, utf8)};
    std::erase_if(lines, [](const std::string& line) { return line.empty(); });
    return lines;
}

/// The same in one line for a file: without bar and curve.
inline std::string status_line(const Status& status) {
    std::vector<Field> fields = first_fields(status);
    fields[0].words.clear();
    fields.push_back({best_line(status, report::any_width), 7});
    return fitting(fields, report::any_width);
}

/// True once per interval of a clock, the first time when one has passed since it began.
class Pulse {
  public:
    Pulse(double seconds, double begin) : seconds_(seconds), next_(begin + seconds) {}
    bool operator()(double now) {
        if (now < next_) return false;
        next_ = now + seconds_;
        return true;
    }

  private:
    double seconds_, next_;
};

} // namespace tinysparse::cli
