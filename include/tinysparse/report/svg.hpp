// SPDX-License-Identifier: Apache-2.0
// Plots of points and steps as SVG, with linear or logarithmic axes. They need no script, no font and no other file.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::report {

/// Text for HTML and SVG; characters that a page may not hold are written out.
inline std::string escaped(std::string_view raw) {
    std::string out;
    for (const char letter : printable(raw)) switch (letter) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += letter;
        }
    return out;
}

struct Axis {
    std::string title;
    bool logarithmic = false;
};

struct PlotPoint {
    double x = 0, y = 0;
    std::string title; ///< Shown by a browser while the mouse rests on it.
};

struct Series {
    std::string name, colour;
    std::vector<PlotPoint> points;
    bool joined = false;   ///< Joined by steps: a value holds until the next point.
    bool straight = false; ///< Joined by straight lines in place of steps; has an effect with `joined`.
};

namespace detail {

/// The range of one axis and its ticks.
class Scale {
  public:
    Scale(double low, double high, bool logarithmic) : logarithmic_(logarithmic) {
        low_ = value(low);
        high_ = value(high);
        if (!(high_ > low_)) { // a single value
            low_ -= 0.5;
            high_ += 0.5;
        }
        const double margin = 0.04 * (high_ - low_);
        low_ -= margin;
        high_ += margin;
    }
    /// 0 at the low end, 1 at the high one.
    double operator()(double x) const { return (value(x) - low_) / (high_ - low_); }

    std::vector<double> ticks() const {
        std::vector<double> found;
        if (logarithmic_) {
            for (double decade = std::floor(low_); decade <= high_; ++decade)
                for (const double step : {1.0, 2.0, 5.0})
                    add(found, decade + std::log10(step), step * std::pow(10, decade));
            return found;
        }
        const double rough = (high_ - low_) / 6, power = std::pow(10, std::floor(std::log10(rough)));
        const double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
        for (double tick = std::ceil(low_ / step) * step; tick <= high_; tick += step)
            add(found, tick, std::abs(tick) < step / 2 ? 0 : tick);
        return found;
    }

  private:
    double value(double x) const { return logarithmic_ ? std::log10(std::max(x, 1e-12)) : x; }
    void add(std::vector<double>& found, double at, double tick) const {
        if (at >= low_ && at <= high_) found.push_back(tick);
    }

    bool logarithmic_;
    double low_ = 0, high_ = 1;
};

inline std::string tick_text(double tick) {
    if (tick >= 1e6) return text(tick / 1e6, "M");
    return tick >= 1e4 ? text(tick / 1e3, "k") : text(std::round(tick * 1e6) / 1e6);
}

/// A dot and a name for each series, from the height `y` on, in as many lines as the width from x0 to x1 requires.
struct Legend {
    std::string svg;
    double bottom; ///< Below the last line.

    Legend(const std::vector<Series>& series, double x0, double x1, double y) {
        constexpr double line = 18, letter = 6.5; // the width of a letter is that of an average one
        double x = x0;
        for (const Series& one : series) {
            const double width = 24 + letter * double(one.name.size());
            if (x > x0 && x + width > x1) {
                x = x0;
                y += line;
            }
            svg += text("<circle cx=\"", x + 4, "\" cy=\"", y, "\" r=\"4\" fill=\"", one.colour, "\"/><text x=\"",
                        x + 12, "\" y=\"", y + 4, "\">", escaped(one.name), "</text>\n");
            x += width;
        }
        bottom = y + 6;
    }
};

} // namespace detail

/// A plot 640 wide, and 400 high with a legend of one line. Series without points appear in the legend only. Empty if
/// there is no point at all.
inline std::string plot(const Axis& x, const Axis& y, const std::vector<Series>& series) {
    double left = 1e300, right = -1e300, low = 1e300, high = -1e300;
    for (const Series& one : series)
        for (const PlotPoint& point : one.points) {
            left = std::min(left, point.x);
            right = std::max(right, point.x);
            low = std::min(low, point.y);
            high = std::max(high, point.y);
        }
    if (left > right) return "";
    constexpr double x0 = 64, x1 = 624, y0 = 348, y1 = 16;
    const detail::Scale across(left, right, x.logarithmic), up(low, high, y.logarithmic);
    const auto px = [&](double value) { return fixed_decimals(x0 + (x1 - x0) * across(value), 1); };
    const auto py = [&](double value) { return fixed_decimals(y0 + (y1 - y0) * up(value), 1); };
    const detail::Legend legend(series, x0, x1, y0 + 46);
    std::string out = text("<svg viewBox=\"0 0 640 ", legend.bottom,
                           "\" xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" font-size=\"11\">\n");
    for (const double tick : across.ticks())
        out += text("<path d=\"M", px(tick), " ", y0, "V", y1, "\" stroke=\"#ddd\"/><text x=\"", px(tick), "\" y=\"",
                    y0 + 16, "\" text-anchor=\"middle\">", detail::tick_text(tick), "</text>\n");
    for (const double tick : up.ticks())
        out += text("<path d=\"M", x0, " ", py(tick), "H", x1, "\" stroke=\"#ddd\"/><text x=\"", x0 - 6, "\" y=\"",
                    py(tick), "\" dy=\"4\" text-anchor=\"end\">", detail::tick_text(tick), "</text>\n");
    out += text("<rect x=\"", x0, "\" y=\"", y1, "\" width=\"", x1 - x0, "\" height=\"", y0 - y1,
                "\" fill=\"none\" stroke=\"#888\"/>\n<text x=\"", (x0 + x1) / 2, "\" y=\"", y0 + 34,
                "\" text-anchor=\"middle\">", escaped(x.title), "</text>\n<text transform=\"translate(14 ",
                (y0 + y1) / 2, ") rotate(-90)\" text-anchor=\"middle\">", escaped(y.title), "</text>\n");
    for (const Series& one : series) {
        std::string path;
        for (const PlotPoint& point : one.points) {
            if (one.joined) {
                path += path.empty()   ? text("M", px(point.x), " ", py(point.y))
                        : one.straight ? text("L", px(point.x), " ", py(point.y))
                                       : text("H", px(point.x), "V", py(point.y));
                continue;
            }
            out += text("<circle cx=\"", px(point.x), "\" cy=\"", py(point.y), "\" r=\"3\" fill=\"", one.colour,
                        "\" fill-opacity=\"0.7\"><title>", escaped(point.title), "</title></circle>\n");
        }
        if (!path.empty())
            out += text("<path d=\"", path, "\" fill=\"none\" stroke=\"", one.colour, "\" stroke-width=\"1.5\"/>\n");
    }
    return out + legend.svg + "</svg>\n";
}

} // namespace tinysparse::report
