// SPDX-License-Identifier: Apache-2.0
// synthetic:strokes, ten glyphs drawn with a pen: O C S Z T L X H A Y, 28x28 gray, ink light on dark. Every sample has
// its own affine distortion, bent strokes, pen width, brightness, up to two stray marks and noise, so that neither a
// template nor a linear classifier is enough. Sample i of a seed is the same in a set of any size;
// its class is i mod 10.
//   ink at a pixel = clamp(pen radius + 1/2 - distance to the nearest stroke, 0, 1)
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/drawn.hpp"

namespace tinysparse::data {

/// The ten drawn classes, in the order of their labels.
inline constexpr std::string_view stroke_glyphs = "OCSZTLXHAY";

namespace detail {
struct Point {
    double x, y;
};
/// A pen line through its points, in glyph coordinates: x to the right and y down, both about -1..1.
using Stroke = std::vector<Point>;

/// Points on an ellipse from angle `begin` to `end` in quarter turns, 0 = right, 1 = down.
inline Stroke arc(Point centre, double radius_x, double radius_y, double begin, double end, int pieces) {
    Stroke stroke;
    for (int i = 0; i <= pieces; ++i) {
        const double angle = (begin + (end - begin) * i / pieces) * 1.5707963267948966;
        stroke.push_back({centre.x + radius_x * std::cos(angle), centre.y + radius_y * std::sin(angle)});
    }
    return stroke;
}

inline const std::array<std::vector<Stroke>, 10>& glyph_strokes() {
    static const std::array<std::vector<Stroke>, 10> glyphs = [] {
        std::array<std::vector<Stroke>, 10> all;
        all[0] = {arc({0, 0}, 0.75, 1, 0, 4, 16)};
        all[1] = {arc({0.1, 0}, 0.8, 1, 0.55, 3.45, 12)};
        Stroke s = arc({0, -0.5}, 0.6, 0.5, -0.3, -3, 8); // the upper bow from the right end over the top to the middle
        for (const Point& point : arc({0, 0.5}, 0.6, 0.5, -1, 1.7, 8)) s.push_back(point);
        all[2] = {s};
        all[3] = {{{-0.7, -1}, {0.7, -1}, {-0.7, 1}, {0.7, 1}}};
        all[4] = {{{-0.8, -1}, {0.8, -1}}, {{0, -1}, {0, 1}}};
        all[5] = {{{-0.5, -1}, {-0.5, 1}, {0.7, 1}}};
        all[6] = {{{-0.7, -1}, {0.7, 1}}, {{0.7, -1}, {-0.7, 1}}};
        all[7] = {{{-0.65, -1}, {-0.65, 1}}, {{0.65, -1}, {0.65, 1}}, {{-0.65, 0}, {0.65, 0}}};
        all[8] = {{{-0.75, 1}, {0, -1}, {0.75, 1}}, {{-0.45, 0.25}, {0.45, 0.25}}};
        all[9] = {{{-0.7, -1}, {0, 0}, {0.7, -1}}, {{0, 0}, {0, 1}}};
        return all;
    }();
    return glyphs;
}

/// Raises `ink` (28x28, 0..1) by a line that a pen of that radius draws between two points, in pixels.
inline void draw_segment(std::span<double> ink, Point from, Point to, double radius) {
    const double reach = radius + 0.5;
    const auto clip = [](double at) { return std::size_t(std::clamp(at, 0.0, 28.0)); };
    const std::size_t left = clip(std::min(from.x, to.x) - reach), right = clip(std::max(from.x, to.x) + reach + 1);
    const std::size_t top = clip(std::min(from.y, to.y) - reach), bottom = clip(std::max(from.y, to.y) + reach + 1);
    const double dx = to.x - from.x, dy = to.y - from.y, square = dx * dx + dy * dy;
    for (std::size_t y = top; y < bottom; ++y)
        for (std::size_t x = left; x < right; ++x) {
            const double px = double(x) - from.x, py = double(y) - from.y;
            const double along = square > 0 ? std::clamp((px * dx + py * dy) / square, 0.0, 1.0) : 0.0;
            const double distance = std::hypot(px - along * dx, py - along * dy);
            ink[y * 28 + x] = std::max(ink[y * 28 + x], std::clamp(reach - distance, 0.0, 1.0));
        }
}

inline void draw_glyph(std::size_t glyph, Random& random, std::span<double> ink) {
    // 1: an affine map to pixels: rotate, shear, scale each axis, shift.
    const double turn = random.uniform(-0.25, 0.25), shear = random.uniform(-0.2, 0.2);
    const double width = random.uniform(5.5, 9.5), height = random.uniform(6, 9.5);
    const double centre_x = 13.5 + random.uniform(-4, 4), centre_y = 13.5 + random.uniform(-4, 4);
    const double radius = random.uniform(0.7, 1.7), cosine = std::cos(turn), sine = std::sin(turn);
    // 2: a slow bend of the whole glyph, and a jitter of every point.
    const double bend_x = random.uniform(-0.15, 0.15), bend_y = random.uniform(-0.15, 0.15);
    const double jitter = random.uniform(0.0, 0.1);
    for (const Stroke& stroke : glyph_strokes()[glyph]) {
        Point previous{};
        for (std::size_t i = 0; i < stroke.size(); ++i) {
            const double x = stroke[i].x + bend_x * stroke[i].y * stroke[i].y + random.uniform(-jitter, jitter);
            const double y = stroke[i].y + bend_y * stroke[i].x * stroke[i].x + random.uniform(-jitter, jitter);
            const double wide = width * (x + shear * y), high = height * y;
            const Point point{centre_x + cosine * wide - sine * high, centre_y + sine * wide + cosine * high};
            if (i > 0) draw_segment(ink, previous, point, radius);
            previous = point;
        }
    }
    // 3: stray marks.
    for (std::uint32_t mark = random.below(3); mark > 0; --mark) {
        const Point from{random.uniform(0, 28), random.uniform(0, 28)};
        const Point to{from.x + random.uniform(-5, 5), from.y + random.uniform(-5, 5)};
        draw_segment(ink, from, to, random.uniform(0.3, 1.0));
    }
}
} // namespace detail

/// Draws one picture into `pixels`, [28][28].
inline void draw_stroke_sample(std::uint64_t seed, std::uint64_t index, std::span<std::uint8_t> pixels) {
    Random random(seed, "strokes", index);
    std::array<double, 28 * 28> ink{};
    detail::draw_glyph(std::size_t(index % 10), random, ink);
    const double paper = random.uniform(0, 40), light = random.uniform(140, 255), noise = random.uniform(2, 16);
    for (std::size_t i = 0; i < ink.size(); ++i)
        pixels[i] = detail::noisy_pixel(paper + (light - paper) * ink[i], noise, random);
}

/// All samples in one part, `train`.
inline Dataset synthetic_strokes(std::size_t samples, std::uint64_t seed) {
    std::vector<std::string> class_names;
    for (const char glyph : stroke_glyphs) class_names.push_back(std::string(1, glyph));
    return detail::drawn_set(std::move(class_names), samples, seed, draw_stroke_sample);
}

} // namespace tinysparse::data
