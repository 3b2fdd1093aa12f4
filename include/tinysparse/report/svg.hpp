// SPDX-License-Identifier: Apache-2.0
// Plots of points and steps as SVG, with linear or logarithmic axes. They need no script, no font and no other file.
// Their colours and sizes come from the page's style sheet (page_style.hpp), or from picture() in a file of their own.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/report/colours.hpp"
#include "tinysparse/report/html.hpp"
#include "tinysparse/report/scale.hpp"

namespace tinysparse::report {

/// One axis of a plot; its range follows from the points.
struct Axis {
    std::string title;
    bool logarithmic = false; ///< Values must be above 0 then.
};

/// A point in the units of the axes.
struct PlotPoint {
    double x = 0, y = 0;
};

/// Points that are drawn alike and share an entry of the legend.
struct Series {
    /// How points are drawn.
    enum class Mark {
        dots,
        diamonds, ///< Larger, with an outline.
        steps,    ///< A line: a value holds until the next point.
        rings,
        line ///< Straight from point to point.
    };
    std::string name;  ///< In the legend; empty: not there.
    std::string style; ///< Class in the style sheet, which sets the colour.
    std::vector<PlotPoint> points = {};
    Mark mark = Mark::dots;
};

/// A line across the whole plot.
struct Guide {
    double value = 0;
    std::string name;
};

namespace detail {

/// The beginning of a picture: its name in the style sheet, its size, and what it shows for those who cannot see it.
inline std::string svg_begin(std::string_view style, double width, double height, std::string_view label) {
    return text("<svg class=\"", style, "\" viewBox=\"0 0 ", width, " ", height,
                "\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"", escaped(label), "\">\n");
}

/// Words whose line begins at a point. `more`: further attributes.
inline std::string svg_text(double x, double y, std::string_view words, std::string_view more = "") {
    return text("<text x=\"", x, "\" y=\"", y, "\"", more, ">", escaped(words), "</text>\n");
}
/// An attribute that makes the words end at the point.
inline constexpr std::string_view svg_end = " text-anchor=\"end\"";

/// Where the plot stands in its picture, in units of the picture.
struct PlotFrame {
    static constexpr double left = 56, right = 628, top = 28, bottom = 344;
    const Scale &across, &up;
    std::string x(double value) const { return fixed_decimals(left + (right - left) * across(value), 1); }
    std::string y(double value) const { return fixed_decimals(bottom + (top - bottom) * up(value), 1); }
};

/// Lines and numbers of both axes, their titles, and where they are broken.
inline std::string axes_svg(const PlotFrame& frame, const Axis& x, const Axis& y) {
    constexpr double left = PlotFrame::left, right = PlotFrame::right, top = PlotFrame::top;
    constexpr double bottom = PlotFrame::bottom;
    std::string out;
    for (const double tick : frame.across.ticks())
        out += text("<path class=\"grid\" d=\"M", frame.x(tick), " ", bottom, "V", top, "\"/><text x=\"", frame.x(tick),
                    "\" y=\"", bottom + 17, "\" text-anchor=\"middle\">", tick_text(tick), "</text>\n");
    for (const double tick : frame.up.ticks())
        out += text("<path class=\"grid\" d=\"M", left, " ", frame.y(tick), "H", right, "\"/><text x=\"", left - 6,
                    "\" y=\"", frame.y(tick), "\" dy=\"4\" text-anchor=\"end\">", tick_text(tick), "</text>\n");
    out += text("<path class=\"frame\" d=\"M", left, " ", top, "H", right, "V", bottom, "H", left, "Z\"/>\n");
    const double break_x = left + (right - left) * Scale::break_place;
    const double break_y = bottom + (top - bottom) * Scale::break_place;
    if (frame.across.broken())
        out += text("<path class=\"break\" d=\"M", break_x - 5, " ", bottom + 5, "l6 -10m3 0l-6 10\"/>\n");
    if (frame.up.broken())
        out += text("<path class=\"break\" d=\"M", left - 5, " ", break_y + 5, "l10 -6m0 -3l-10 6\"/>\n");
    return text(out, svg_text((left + right) / 2, bottom + 36, x.title, " text-anchor=\"middle\""),
                svg_text(4, 16, y.title));
}

/// Class of a mark, and what its path draws at a point; in the order of Series::Mark.
inline constexpr std::string_view mark_names[] = {"dots", "diamonds", "steps", "rings", "steps"};
inline constexpr std::string_view mark_paths[] = {"h0", "m0-6l6 6l-6 6l-6-6z", "",
                                                  "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", ""};

/// The points of a series as one path, so that many take few bytes.
inline std::string series_svg(const PlotFrame& frame, const Series& series) {
    std::string path;
    for (const PlotPoint& point : series.points) {
        const std::string x = frame.x(point.x), y = frame.y(point.y);
        if (series.mark == Series::Mark::steps)
            path += path.empty() ? text("M", x, " ", y) : text("H", x, "V", y);
        else if (series.mark == Series::Mark::line)
            path += text(path.empty() ? "M" : "L", x, " ", y);
        else
            path += text("M", x, " ", y, mark_paths[std::size_t(series.mark)]);
    }
    if (path.empty()) return "";
    return text("<path class=\"", mark_names[std::size_t(series.mark)], " ", series.style, "\" d=\"", path, "\"/>\n");
}

inline std::string guides_svg(const PlotFrame& frame, const std::vector<Guide>& across) {
    std::string out;
    for (const Guide& guide : across) {
        const bool before = frame.across(guide.value) > 0.6; // the name stands on the side that has room
        out += text("<path class=\"guide\" d=\"M", frame.x(guide.value), " ", PlotFrame::bottom, "V", PlotFrame::top,
                    "\"/><text class=\"guide\" x=\"", frame.x(guide.value), "\" dx=\"", before ? -4 : 4, "\" y=\"",
                    PlotFrame::top + 13, "\" text-anchor=\"", before ? "end" : "start", "\">", escaped(guide.name),
                    "</text>\n");
    }
    return out;
}

/// A mark and a name for each series, from the height `y` on, in as many lines as the width requires.
struct Legend {
    std::string svg;
    double bottom; ///< Below the last line.

    Legend(const std::vector<Series>& series, double x0, double x1, double y) {
        constexpr double line_height = 20, letter = 9.5; // an average letter of the size for narrow screens
        double x = x0;
        for (const Series& one : series) {
            if (one.name.empty() || one.points.empty()) continue;
            const double width = 24 + letter * double(one.name.size());
            if (x > x0 && x + width > x1) {
                x = x0;
                y += line_height;
            }
            const bool is_line = one.mark == Series::Mark::steps || one.mark == Series::Mark::line;
            svg += text("<path class=\"", mark_names[std::size_t(one.mark)], " ", one.style, "\" d=\"M",
                        is_line ? x : x + 4, " ", y, is_line ? "h9" : mark_paths[std::size_t(one.mark)], "\"/>",
                        svg_text(x + 12, y + 4, one.name));
            x += width;
        }
        bottom = y + 10;
    }
};

} // namespace detail

/// A plot 640 wide, and 406 high with a legend of one line, with guides at values of x. `label`: what it
/// shows, for those who cannot see it. Series without points are left out. Empty if there is no point at all.
inline std::string plot(const std::string& label, const Axis& x, const Axis& y, const std::vector<Series>& series,
                        const std::vector<Guide>& across = {}) {
    std::vector<double> xs, ys;
    for (const Series& one : series)
        for (const PlotPoint& point : one.points) {
            xs.push_back(point.x);
            ys.push_back(point.y);
        }
    if (xs.empty()) return "";
    for (const Guide& guide : across) xs.push_back(guide.value);
    const Scale x_scale(xs, x.logarithmic), y_scale(ys, y.logarithmic);
    const detail::PlotFrame frame{x_scale, y_scale};
    const detail::Legend legend(series, frame.left, frame.right, frame.bottom + 52);
    std::string out = text(detail::svg_begin("plot", 640, legend.bottom, label), detail::axes_svg(frame, x, y));
    for (const Series& one : series) out += detail::series_svg(frame, one);
    return text(out, detail::guides_svg(frame, across), legend.svg, "</svg>\n");
}

/// A plot as a file of its own, with a style sheet for white paper: colours c0 to c6. Empty if the plot is.
inline std::string picture(std::string plot) {
    const std::string style =
        text("\n<style>svg{background:#fff;font:11px "
             "sans-serif}.grid{stroke:#d5d9de;fill:none}.frame{stroke:#5a6069;fill:none}"
             ".break{stroke:#1b1e23;fill:none}.dots{stroke-width:6;stroke-linecap:round;opacity:.75;fill:none}"
             ".steps{stroke-width:2;fill:none}.rings{stroke-width:2.5;fill:none}.diamonds{stroke-width:1.3;fill:#fff}"
             "path.guide{stroke-dasharray:6 4;fill:none}",
             "path.guide{stroke:", light_colours[1], "}text.guide{fill:", light_colours[1], '}',
             colour_rules(light_colours, ".", "{stroke:", "}"), "</style>");
    if (!plot.empty()) plot.insert(plot.find('>') + 1, style);
    return plot;
}

} // namespace tinysparse::report
