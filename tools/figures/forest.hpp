// SPDX-License-Identifier: Apache-2.0
// A forest plot: one row for each part of the search, the mean of its differences as a dot, their interval as a line,
// and the line of no difference. Legible on light and on dark pages.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "parts.hpp"
#include "tinysparse/report/html.hpp"
#include "tinysparse/report/scale.hpp"

namespace tinysparse::figures {

namespace detail {

constexpr const char* forest_style =
    "<style>text{fill:#222}.page{fill:#fff}.grid{stroke:#ddd}.zero{stroke:#666;stroke-dasharray:4 3}"
    ".mark{stroke:#2266aa;fill:#2266aa;stroke-width:2}@media (prefers-color-scheme: dark){text{fill:#ddd}"
    ".page{fill:#14171c}.grid{stroke:#333a44}.zero{stroke:#aaa}.mark{stroke:#77bbff;fill:#77bbff}}</style>\n";

/// The mean, its interval, and the number of seeds in words.
inline std::string forest_words(const Part& part) {
    if (part.pairs.empty()) return "no pair";
    return text(fixed_decimals(part.difference.mean, 2), " (",
                part.interval() ? interval_cell(part.interval(), 1, 2) : "no interval", ")", ", ", part.pairs.size(),
                part.pairs.size() == 1 ? " seed" : " seeds");
}

} // namespace detail

/// The plot of parts_of(), 760 wide.
inline std::string forest_plot(const std::string& title, const std::vector<Part>& parts) {
    double low = 0, high = 0;
    for (const Part& part : parts) {
        const judge::Interval shown =
            part.interval().value_or(judge::Interval{part.difference.mean, part.difference.mean});
        low = std::min(low, shown.low);
        high = std::max(high, shown.high);
    }
    constexpr double x0 = 150, x1 = 510, top = 34, line = 26;
    const double bottom = top + line * double(parts.size()) + 6;
    const report::Scale across({low, high}, false);
    const auto px = [&](double value) { return fixed_decimals(x0 + (x1 - x0) * across(value), 1); };
    std::string out = text("<svg viewBox=\"0 0 760 ", bottom + 42,
                           "\" xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" font-size=\"12\">\n",
                           detail::forest_style, "<rect class=\"page\" width=\"760\" height=\"", bottom + 42,
                           "\"/>\n<text x=\"10\" y=\"20\" font-weight=\"bold\">", report::escaped(title), "</text>\n");
    for (const double tick : across.ticks())
        out += text("<path class=\"grid\" d=\"M", px(tick), " ", bottom, "V", top, "\"/><text x=\"", px(tick),
                    "\" y=\"", bottom + 16, "\" text-anchor=\"middle\">", report::tick_text(tick), "</text>\n");
    out += text("<path class=\"zero\" d=\"M", px(0), " ", bottom, "V", top, "\"/>\n<text x=\"", (x0 + x1) / 2,
                "\" y=\"", bottom + 34,
                "\" text-anchor=\"middle\">difference of hypervolume, ln error x ln bytes (above 0: the part helps)"
                "</text>\n");
    double y = top + line / 2 + 3;
    for (const Part& part : parts) {
        out += text("<text x=\"", x0 - 10, "\" y=\"", y + 4, "\" text-anchor=\"end\">", report::escaped(part.without),
                    "</text><text x=\"", x1 + 10, "\" y=\"", y + 4, "\">", detail::forest_words(part), "</text>\n");
        if (const auto interval = part.interval())
            out += text("<path class=\"mark\" d=\"M", px(interval->low), " ", y, "H", px(interval->high), "\"/>\n");
        if (!part.pairs.empty())
            out += text("<circle class=\"mark\" cx=\"", px(part.difference.mean), "\" cy=\"", y, "\" r=\"4\"/>\n");
        y += line;
    }
    return out + "</svg>\n";
}

} // namespace tinysparse::figures
