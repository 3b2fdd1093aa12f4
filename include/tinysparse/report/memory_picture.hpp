// SPDX-License-Identifier: Apache-2.0
// RAM while a picture streams through the runner (fixed/occupancy.hpp), as a picture (SVG): bytes in use over the rows
// of the input, a band for each layer, below the line of the bytes that are set aside.
#pragma once
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include "tinysparse/fixed/lowered.hpp"
#include "tinysparse/fixed/occupancy.hpp"
#include "tinysparse/report/layer_figures.hpp"
#include "tinysparse/report/svg.hpp"

namespace tinysparse::report {

namespace detail {

inline std::size_t bytes_of(const fixed::Occupancy& now) {
    return std::accumulate(now.begin(), now.end(), std::size_t{0});
}

/// At most `most` moments: of neighbours the one with the most bytes.
inline std::vector<fixed::Occupancy> thinned(const std::vector<fixed::Occupancy>& all, std::size_t most) {
    const std::size_t kept = std::min(all.size(), most);
    std::vector<fixed::Occupancy> out;
    for (std::size_t i = 0; i < kept; ++i) {
        const auto begin = all.begin() + std::ptrdiff_t(i * all.size() / kept);
        const auto end = all.begin() + std::ptrdiff_t((i + 1) * all.size() / kept);
        out.push_back(
            *std::max_element(begin, end, [](const auto& a, const auto& b) { return bytes_of(a) < bytes_of(b); }));
    }
    return out;
}

/// A band between two stairs of `heights`; equal neighbours share a step.
inline std::string band(const std::vector<double>& low, const std::vector<double>& high, double x0, double step) {
    const auto number = [](double value) { return text(std::round(value * 10) / 10); };
    std::string path = text("M", number(x0), " ", number(high[0]));
    for (std::size_t i = 0; i < high.size(); ++i)
        if (i + 1 == high.size() || high[i + 1] != high[i]) {
            path += text("H", number(x0 + step * double(i + 1)));
            if (i + 1 < high.size()) path += text("V", number(high[i + 1]));
        }
    path += text("V", number(low.back()));
    for (std::size_t i = low.size(); i-- > 0;)
        if (i == 0 || low[i - 1] != low[i]) {
            path += text("H", number(x0 + step * double(i)));
            if (i > 0) path += text("V", number(low[i - 1]));
        }
    return path + "Z";
}

/// The fill of a producer's band: grey for the input.
inline std::string band_style(std::size_t producer) {
    return text(" style=\"fill:var(--", producer == 0 ? text('c', grey) : colour_name(producer - 1), ")\"");
}

} // namespace detail

/// The picture of a network's RAM over time, with words that explain it.
inline std::string memory_picture(const fixed::Lowered& lowered) {
    using namespace detail;
    const net::Spec& spec = lowered.network().spec;
    const net::Shapes& shapes = lowered.layout().shapes();
    const fixed::Plan& plan = lowered.layout().plan();
    const std::vector<fixed::Occupancy> all = fixed::occupancy(spec, shapes, plan), shown = thinned(all, 96);
    const auto least_to_most = [](const auto& a, const auto& b) { return bytes_of(a) < bytes_of(b); };
    const auto peak = std::max_element(all.begin(), all.end(), least_to_most);
    constexpr double x0 = 60, x1 = 500, y0 = 170, y1 = 14;
    const double set_aside = double(plan.bytes()), step = (x1 - x0) / double(shown.size());
    const std::string most_used =
        text("at most ", counted(bytes_of(*peak), "byte"), " of rows and sums in use, in row ", peak - all.begin() + 1,
             " of ", all.size(), "; ", grouped(plan.bytes()), " bytes are set aside");
    std::string out = svg_begin("memory", 760, 205, "RAM over the rows of the input: " + most_used);
    std::vector<double> low(shown.size(), y0);
    std::string legend;
    int entries = 0;
    for (std::size_t producer = 0; producer < shown[0].size(); ++producer) {
        std::vector<double> high = low;
        std::size_t most = 0;
        for (std::size_t i = 0; i < shown.size(); ++i) {
            high[i] -= (y0 - y1) * double(shown[i][producer]) / set_aside;
            most = std::max(most, shown[i][producer]);
        }
        if (most == 0) continue;
        const std::string colour = band_style(producer),
                          name = text(producer == 0 ? std::string("Input")
                                                    : text(producer, "  ", net::layer_text(spec, shapes, producer - 1)),
                                      ", up to ", grouped(most), " B");
        out +=
            text("<path", colour, " d=\"", band(low, high, x0, step), "\"><title>", escaped(name), "</title></path>\n");
        if (entries < 11) {
            const int y = 20 + 15 * entries++;
            legend += text("<rect x=\"516\" y=\"", y - 8, "\" width=\"9\" height=\"9\"", colour, "/>",
                           svg_text(530, y, name));
        }
        low = std::move(high);
    }
    out += text("<path class=\"aside\" d=\"M", x0, " ", y1, "H", x1, "\"/><path class=\"axis\" d=\"M", x0, " ", y1, "V",
                y0, "H", x1, "\"/>", svg_text(x0 - 4, y1 + 4, grouped(plan.bytes()) + " B", svg_end),
                svg_text(x0 - 4, y0 + 4, "0", svg_end), svg_text(x0, y0 + 15, "Row 1"),
                svg_text(x1, y0 + 15, text("Row ", all.size(), " of the input"), svg_end));
    return text(
        paragraph("Bytes in use after each row of the input, layer upon layer: " + most_used + ", the dashed line"),
        scrolling("RAM while rows of the input stream through", text(out, legend, "</svg>\n")));
}

} // namespace tinysparse::report
