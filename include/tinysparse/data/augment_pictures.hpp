// SPDX-License-Identifier: Apache-2.0
// Augmentation of pictures, in this order:
//   geometry  out(p) = in(A^-1 (p - centre - shift) + centre), A = rotation * scale * shear * mirrors; bilinear,
//             rounded
//   contrast  p' = clamp(mean + contrast * (p - mean) + brightness)
//   colours   p' = clamp(gray + saturation * R (p - gray)), gray the mean of the three, R a rotation about the gray
//             axis (by 120 degrees it shifts the channels by one); then the order of the channels
//   noise     p' = clamp(p + noise)
//   cut-out   a square of the mean
// Outside the sample its nearest edge element is repeated.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "tinysparse/base/random.hpp"
#include "tinysparse/data/augmentation.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

namespace detail {

/// Uniform in -most..most.
inline int draw_shift(Random& random, int most) {
    return most > 0 ? int(random.below(std::uint32_t(2 * most + 1))) - most : 0;
}

/// Uniform in -degrees..degrees, in radians.
inline double draw_angle(Random& random, double degrees) {
    return degrees * random.uniform(-1, 1) * 0.017453292519943295;
}

/// From 1/(1+most) to 1+most, uniform in its logarithm.
inline double draw_factor(Random& random, double most) { return std::exp(std::log1p(most) * random.uniform(-1, 1)); }

/// The factor that makes the standard deviation of byte_sum() 1.
inline constexpr double nearly_normal_unit = 0.0067658751;
inline double nearly_normal(Random& random) { return byte_sum(random()) * nearly_normal_unit; }

/// A geometric change: mirrors first, then shear, scale and rotation, then the shift.
struct Move {
    double angle = 0, factor = 1, shear = 0; ///< Radians; columns of x per row of y.
    bool mirror = false, upside_down = false;
    int dy = 0, dx = 0;
};

/// Moves every plane down by dy and right by dx, row by row. Mirrors first if the change says so.
template <class Element> void shift_planes(const Shape& shape, const Move& move, const Element* in, Element* out) {
    const int dy = move.dy, dx = move.dx;
    const std::size_t width = std::size_t(shape.width);
    const std::size_t gap = std::min(std::size_t(std::abs(dx)), width), kept = width - gap;
    for (int c = 0; c < shape.channels; ++c, in += std::size_t(shape.height) * width)
        for (int y = 0; y < shape.height; ++y, out += width) {
            const int from = std::clamp(y - dy, 0, shape.height - 1);
            const Element* row = in + std::size_t(move.upside_down ? shape.height - 1 - from : from) * width;
            if (move.mirror) {
                for (std::size_t x = 0; x < width; ++x)
                    out[x] = row[width - 1 - std::size_t(std::clamp(int(x) - dx, 0, shape.width - 1))];
            } else if (dx >= 0) {
                std::fill_n(out, gap, row[0]);
                if (kept) std::memcpy(out + gap, row, kept * sizeof(Element));
            } else {
                if (kept) std::memcpy(out, row + gap, kept * sizeof(Element));
                std::fill_n(out + kept, gap, row[width - 1]);
            }
        }
}

/// The inverse map in 1/65536 of a pixel, in whole numbers, so that every machine samples the same points.
struct InverseMap {
    std::int64_t xx, xy, yx, yy; // source x = xx * x + xy * y + x0, with x and y doubled and relative to the centre
    std::int64_t x0, y0;
};

inline InverseMap inverse_map(const Shape& shape, const Move& move) {
    const auto fixed = [](double value) { return std::int64_t(std::llround(value * 65536)); };
    const double cosine = std::cos(move.angle) / move.factor, sine = std::sin(move.angle) / move.factor;
    const double across = move.mirror ? -1 : 1, down = move.upside_down ? -1 : 1;
    InverseMap map{fixed(across * (cosine + move.shear * sine)),
                   fixed(across * (sine - move.shear * cosine)),
                   fixed(down * -sine),
                   fixed(down * cosine),
                   0,
                   0};
    const std::int64_t centre_x = shape.width - 1, centre_y = shape.height - 1; // doubled
    const std::int64_t from_x = -centre_x - 2 * move.dx, from_y = -centre_y - 2 * move.dy;
    map.x0 = (map.xx * from_x + map.xy * from_y + 65536 * centre_x) / 2;
    map.y0 = (map.yx * from_x + map.yy * from_y + 65536 * centre_y) / 2;
    return map;
}

/// Bilinear in 1/256 of a pixel. Right and below are the distances to the neighbours, 0 at the last column and row.
inline std::uint8_t between(const std::uint8_t* from, std::size_t right, std::size_t below, std::uint32_t fx,
                            std::uint32_t fy) {
    const std::uint32_t upper = from[0] * (256 - fx) + from[right] * fx;
    const std::uint32_t lower = from[below] * (256 - fx) + from[below + right] * fx;
    return std::uint8_t((upper * (256 - fy) + lower * fy + 32768) >> 16);
}

inline void warp_planes(const Shape& shape, const InverseMap& map, const std::uint8_t* in, std::uint8_t* out) {
    const std::size_t width = std::size_t(shape.width), plane = width * std::size_t(shape.height);
    const std::int64_t last_x = std::int64_t{shape.width - 1} << 16, last_y = std::int64_t{shape.height - 1} << 16;
    for (int y = 0; y < shape.height; ++y) {
        std::int64_t sx = map.xy * y + map.x0, sy = map.yy * y + map.y0;
        for (int x = 0; x < shape.width; ++x, ++out, sx += map.xx, sy += map.yx) {
            std::int64_t inner_x = sx, inner_y = sy;
            std::size_t right = 1, below = width;
            if (sx < 0 || sx >= last_x || sy < 0 || sy >= last_y) { // rare: at and beyond the edges
                inner_x = std::clamp<std::int64_t>(sx, 0, last_x);
                inner_y = std::clamp<std::int64_t>(sy, 0, last_y);
                right = inner_x < last_x;
                below = inner_y < last_y ? width : 0;
            }
            const std::uint32_t fx = std::uint32_t(inner_x & 0xffff) >> 8, fy = std::uint32_t(inner_y & 0xffff) >> 8;
            const std::uint8_t* from = in + std::size_t(inner_y >> 16) * width + std::size_t(inner_x >> 16);
            std::uint8_t* to = out;
            for (int c = 0; c < shape.channels; ++c, from += plane, to += plane)
                *to = between(from, right, below, fx, fy);
        }
    }
}

inline unsigned mean_of(const std::uint8_t* pixels, std::size_t count) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += pixels[i];
    return unsigned((sum + count / 2) / count);
}

inline void change_contrast(const Augmentation& augmentation, Random& random, std::size_t size, std::uint8_t* out) {
    const double mean = mean_of(out, size);
    const double factor = 1 + augmentation.contrast * random.uniform(-1, 1);
    const double added = 255 * augmentation.brightness * random.uniform(-1, 1);
    const auto slope = std::int32_t(std::lround(65536 * factor));
    const auto offset = std::int32_t(std::lround(65536 * (mean - factor * mean + added + 0.5)));
    for (std::size_t i = 0; i < size; ++i)
        out[i] = std::uint8_t(std::clamp((slope * std::int32_t{out[i]} + offset) >> 16, 0, 255));
}

/// The matrix of a change of hue and saturation (see the top), rows of weights of red, green and blue.
inline std::array<std::array<double, 3>, 3> colour_matrix(double angle, double saturation) {
    const double same = (1 + 2 * saturation * std::cos(angle)) / 3;
    const double even = (1 - saturation * std::cos(angle)) / 3, odd = saturation * std::sin(angle) / std::sqrt(3.0);
    return {{{same, even - odd, even + odd}, {even + odd, same, even - odd}, {even - odd, even + odd, same}}};
}

/// Changes three planes of `count` pixels, with whole numbers in 1/65536.
inline void change_colours(const std::array<std::array<double, 3>, 3>& matrix, std::size_t count, std::uint8_t* out) {
    std::int32_t whole[3][3];
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t k = 0; k < 3; ++k) whole[i][k] = std::int32_t(std::lround(matrix[i][k] * 65536));
    for (std::size_t p = 0; p < count; ++p) {
        const std::int32_t red = out[p], green = out[count + p], blue = out[2 * count + p];
        for (std::size_t i = 0; i < 3; ++i) {
            const std::int32_t sum = whole[i][0] * red + whole[i][1] * green + whole[i][2] * blue;
            out[i * count + p] = std::uint8_t(std::clamp((sum + 32768) >> 16, 0, 255));
        }
    }
}

inline void augment_colours(const Augmentation& augmentation, Random& random, std::size_t count, std::uint8_t* out) {
    const double angle = augmentation.hue != 0 ? draw_angle(random, augmentation.hue) : 0;
    const double saturation = augmentation.saturation != 0 ? 1 + augmentation.saturation * random.uniform(-1, 1) : 1;
    auto matrix = colour_matrix(angle, saturation);
    if (augmentation.colour_order != 0 && random.chance(augmentation.colour_order))
        random.shuffle(std::span<std::array<double, 3>>(matrix));
    change_colours(matrix, count, out);
}

/// Adds noise. Each value's noise depends on a number of its own (SplitMix64), so that many are computed at once.
inline void add_noise(double deviation, Random& random, std::size_t size, std::uint8_t* out) {
    const std::uint64_t begin = std::uint64_t{random()} << 32 | random();
    const auto scale = std::int32_t(std::lround(deviation * nearly_normal_unit * 65536));
    for (std::size_t i = 0; i < size; ++i) {
        std::uint64_t bits = begin + i * 0x9e3779b97f4a7c15u;
        bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
        const std::int32_t noise = (scale * byte_sum(std::uint32_t(bits >> 32)) + 32768) >> 16;
        out[i] = std::uint8_t(std::clamp(std::int32_t{out[i]} + noise, 0, 255));
    }
}

inline void cut_square(const Shape& shape, int side, Random& random, std::uint8_t* out) {
    const int middle_y = int(random.below(std::uint32_t(shape.height)));
    const int middle_x = int(random.below(std::uint32_t(shape.width)));
    const int top = std::max(0, middle_y - side / 2), bottom = std::min(shape.height, middle_y - side / 2 + side);
    const int left = std::max(0, middle_x - side / 2), right = std::min(shape.width, middle_x - side / 2 + side);
    const std::size_t plane = std::size_t(shape.height) * std::size_t(shape.width);
    for (int c = 0; c < shape.channels; ++c, out += plane) {
        const int mean = int(mean_of(out, plane));
        for (int y = top; y < bottom; ++y)
            std::memset(out + y * shape.width + left, mean, std::size_t(std::max(0, right - left)));
    }
}
} // namespace detail

/// Augments one picture, [channels][height][width], from `in` to `out`, which must not overlap. Changes of colour need
/// three channels. Draws from `random` only for the options that are on.
inline void augment(const Augmentation& augmentation, Random& random, const Shape& shape, const std::uint8_t* in,
                    std::uint8_t* out) {
    detail::Move move;
    move.dy = detail::draw_shift(random, augmentation.shift);
    move.dx = detail::draw_shift(random, augmentation.shift);
    move.mirror = augmentation.flip && random.chance(0.5);
    move.upside_down = augmentation.upside_down && random.chance(0.5);
    if (augmentation.is_geometric()) {
        move.angle = detail::draw_angle(random, augmentation.rotate);
        move.factor = detail::draw_factor(random, augmentation.scale);
        if (augmentation.shear != 0) move.shear = augmentation.shear * random.uniform(-1, 1);
        detail::warp_planes(shape, detail::inverse_map(shape, move), in, out);
    } else {
        detail::shift_planes(shape, move, in, out);
    }
    if (augmentation.brightness != 0 || augmentation.contrast != 0)
        detail::change_contrast(augmentation, random, shape.size(), out);
    if (augmentation.is_colourful())
        detail::augment_colours(augmentation, random, shape.size() / std::size_t(shape.channels), out);
    if (augmentation.noise != 0) detail::add_noise(255 * augmentation.noise, random, shape.size(), out);
    if (augmentation.cut_out > 0) detail::cut_square(shape, augmentation.cut_out, random, out);
}

} // namespace tinysparse::data
