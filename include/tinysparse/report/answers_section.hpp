// SPDX-License-Identifier: Apache-2.0
// Answers of a front's member as HTML: the confusion matrix with the scores of each class, or the errors of numbers
// with a plot of answers over truths.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/report/numbers.hpp"
#include "tinysparse/report/svg.hpp"
#include "tinysparse/report/verdict.hpp"
#include "tinysparse/search/judged.hpp"

namespace tinysparse::report {

namespace detail {

/// The verdict that the counts of a part tell, with the intervals that were kept if samples have groups.
inline judge::Verdict verdict_of_counts(const search::JudgedPart& part, const std::vector<std::string>& class_names) {
    const judge::ConfusionMatrix& counts = *part.counts;
    if (part.grouped) return {class_names, counts, {}, part.accuracy, {}, {}, part.f1};
    std::vector<std::uint8_t> truths, answers;
    for (std::size_t truth = 0; truth < counts.classes(); ++truth)
        for (std::size_t answer = 0; answer < counts.classes(); ++answer) {
            truths.insert(truths.end(), counts.at(truth, answer), std::uint8_t(truth));
            answers.insert(answers.end(), counts.at(truth, answer), std::uint8_t(answer));
        }
    return judge::verdict({counts.classes(), truths, answers, {}}, class_names);
}

inline std::vector<std::string> score_cells(const judge::Verdict& verdict, std::size_t c) {
    return {percent_cell(judge::recall(verdict.matrix, c)), percent_cell(judge::precision(verdict.matrix, c)),
            percent_cell(judge::f1(verdict.matrix, c)), verdict.f1[c] ? interval_cell(*verdict.f1[c]) : "none"};
}

/// The colour behind a cell of the matrix, the stronger the larger its share of the samples of its class.
inline std::string cell_colour(const judge::ConfusionMatrix& counts, std::size_t truth, std::size_t answer) {
    const std::size_t count = counts.at(truth, answer);
    if (count == 0) return "";
    constexpr std::string_view digits = "0123456789abcdef";
    const auto shade = std::size_t(16 + 144 * double(count) / double(counts.truths(truth)));
    return text(light_colours[truth == answer ? 0 : 1], digits[shade / 16], digits[shade % 16]);
}

/// The titles of score_cells().
inline constexpr const char* score_headings[] = {"Recall %", "Precision %", "F1 %", "95 % interval of F1"};

/// The matrix; rows are true classes, columns answers and then scores.
inline std::string matrix_table(const judge::Verdict& verdict, std::string_view caption) {
    const judge::ConfusionMatrix& counts = verdict.matrix;
    std::vector<std::string> titles = {"Truth \\ answer"};
    titles.insert(titles.end(), verdict.class_names.begin(), verdict.class_names.end());
    titles.insert(titles.end(), std::begin(score_headings), std::end(score_headings));
    std::vector<HtmlRow> rows;
    for (std::size_t truth = 0; truth < counts.classes(); ++truth) {
        HtmlRow row{{verdict.class_names[truth]}};
        row.backgrounds.emplace_back();
        for (std::size_t answer = 0; answer < counts.classes(); ++answer) {
            row.cells.push_back(grouped(counts.at(truth, answer)));
            row.backgrounds.push_back(cell_colour(counts, truth, answer));
        }
        for (std::string& cell : score_cells(verdict, truth)) row.cells.push_back(std::move(cell));
        rows.push_back(std::move(row));
    }
    return html_table("", caption, titles, rows);
}

/// With many classes: those of the lowest F1, and the most frequent confusions.
inline std::string worst_classes(const judge::Verdict& verdict, std::string_view caption) {
    const judge::ConfusionMatrix& counts = verdict.matrix;
    std::vector<std::size_t> order;
    for (std::size_t c = 0; c < counts.classes(); ++c)
        if (counts.truths(c) > 0) order.push_back(c);
    sort_stably(order, [&](std::size_t a, std::size_t b) { return *judge::f1(counts, a) < *judge::f1(counts, b); });
    order.resize(std::min<std::size_t>(order.size(), most_classes_shown));
    std::vector<std::string> titles = {"Class", "Samples"};
    titles.insert(titles.end(), std::begin(score_headings), std::end(score_headings));
    std::vector<HtmlRow> rows, pairs;
    for (const std::size_t c : order) {
        rows.push_back({{verdict.class_names[c], grouped(counts.truths(c))}});
        for (std::string& cell : score_cells(verdict, c)) rows.back().cells.push_back(std::move(cell));
    }
    const std::string out =
        html_table("", text(caption, "; the ", rows.size(), " of ", counts.classes(), " classes with the lowest F1"),
                   titles, rows);
    const std::vector<Confusion> wrong = confusions(counts);
    for (std::size_t i = 0; i < std::min(wrong.size(), most_confusions_shown); ++i)
        pairs.push_back(
            {{verdict.class_names[wrong[i].truth], verdict.class_names[wrong[i].answer], grouped(wrong[i].samples)}});
    if (pairs.empty()) return out;
    return out + html_table("", text("The ", pairs.size(), " most frequent of ", wrong.size(), " confusions"),
                            {"Truth", "Answer", "Samples"}, pairs);
}

/// Answers over truths of one number, with the line on which they are equal; empty without pairs.
inline std::string pairs_plot(const search::JudgedPart& part, std::size_t k, std::size_t numbers,
                              const std::string& name) {
    std::vector<std::pair<double, double>> points;
    double low = 1e300, high = -1e300;
    for (std::size_t i = 2 * k; i + 1 < part.pairs.size(); i += 2 * numbers) {
        points.emplace_back(double(part.pairs[i]), double(part.pairs[i + 1]));
        low = std::min({low, points.back().first, points.back().second});
        high = std::max({high, points.back().first, points.back().second});
    }
    if (points.empty()) return "";
    constexpr double x0 = 70, y0 = 250, side = 240;
    const double span = high > low ? high - low : 1;
    const auto at = [&](double value) { return side * (value - low) / span; };
    std::string dots;
    for (const auto& [truth, answer] : points)
        dots += text("M", fixed_decimals(x0 + at(truth), 1), " ", fixed_decimals(y0 - at(answer), 1), "h0");
    const std::string label = text(name, ": answers (upwards) over truths (to the right) of ", points.size(), " of ",
                                   grouped(part.samples), " samples; the line is where both are equal");
    const std::string least = number_cell(low), most = number_cell(high);
    return text("<figure>", svg_begin("pairs", 330, 275, label), "<path class=\"axis\" d=\"M", x0, " ", y0 - side, "V",
                y0, "H", x0 + side, "\"/><path class=\"aside\" d=\"M", x0, " ", y0, "L", x0 + side, " ", y0 - side,
                "\"/><path class=\"dots\" d=\"", dots, "\"/>", svg_text(x0 - 5, y0, least, svg_end),
                svg_text(x0 - 5, y0 - side + 9, most, svg_end), svg_text(x0, y0 + 16, least),
                svg_text(x0 + side, y0 + 16, most, svg_end), "</svg><figcaption>", escaped(label),
                "</figcaption></figure>\n");
}

inline std::string number_part(const search::JudgedPart& part, std::string_view caption) {
    std::vector<HtmlRow> rows;
    for (const judge::Fit& fit : part.fits)
        rows.push_back({{fit.name, number_cell(fit.rmse), number_interval_cell(fit.rmse_interval), number_cell(fit.mae),
                         number_cell(fit.r2), number_interval_cell(fit.r2_interval), number_cell(fit.deviation)}});
    return html_table("", caption,
                      {"Number", "RMSE", "95 % interval", "MAE", "R\u00b2", "95 % interval", "Deviation of the truths"},
                      rows);
}

} // namespace detail

/// Answers to one part, below a caption that names it.
inline std::string judged_part_section(const search::Judged& judged, const search::JudgedPart& part,
                                       std::string_view caption) {
    if (!part.counts) {
        std::string out = detail::number_part(part, caption);
        out += "<div class=\"plots\">";
        for (std::size_t k = 0; k < part.fits.size(); ++k)
            out += detail::pairs_plot(part, k, part.fits.size(), part.fits[k].name);
        return out + "</div>\n";
    }
    const judge::Verdict verdict = detail::verdict_of_counts(part, judged.class_names);
    return judged.class_names.size() > most_classes_shown ? detail::worst_classes(verdict, caption)
                                                          : detail::matrix_table(verdict, caption);
}

} // namespace tinysparse::report
