// SPDX-License-Identifier: Apache-2.0
// Augmentation on the raw grid, one sample at a time into a buffer of the caller: nothing is allocated, and the result
// depends on the stream alone, so that a training is the same for any number of threads.
//   geometry    out(p) = in(A^-1 (p - centre - shift) + centre), A = rotation * scale * mirror; bilinear, rounded
//   contrast    p' = clamp(mean + contrast * (p - mean) + brightness)
// Outside the sample its nearest edge element is repeated.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Each member is the largest change; all are off unless said. Series take `shift` (in time) only.
struct Augmentation {
    int shift = 0;         ///< Pixels, or moments of time, each way, uniform.
    double rotate = 0;     ///< Degrees each way, uniform.
    double scale = 0;      ///< 0.1: by a factor from 1/1.1 to 1.1, uniform in its logarithm.
    bool flip = false;     ///< Mirrored left to right, every second sample.
    int cut_out = 0;       ///< Side of a square set to the mean of the sample (DeVries and Taylor 2017); may stick out.
    double brightness = 0; ///< 0.2: up to 51 of 255 added or taken away.
    double contrast = 0;   ///< 0.2: by a factor from 0.8 to 1.2.

    bool is_geometric() const { return rotate != 0 || scale != 0; }
    bool operator==(const Augmentation&) const = default;
};

/// The stream for one sample in one epoch.
inline Random augmentation_stream(std::uint64_t seed, std::uint32_t epoch, std::uint32_t sample) {
    return Random(seed, "augmentation", std::uint64_t{epoch} << 32 | sample);
}

/// Throws Error for values out of range and for options that the element type does not have.
inline void check_augmentation(const Augmentation& augmentation, ElementType element) {
    const auto check = [&](std::string_view name, double value, double most) {
        if (!(value >= 0 && value <= most))
            throw Error(text("augmentation ", name, "=", value, ": expected 0 to ", most));
        if (element == ElementType::int16 && name != "shift" && value != 0)
            throw Error(text("augmentation ", name, " is for pictures; series have shift only"));
    };
    check("shift", augmentation.shift, 65535);
    check("rotate", augmentation.rotate, 180);
    check("scale", augmentation.scale, 4);
    check("flip", augmentation.flip, 1);
    check("cut_out", augmentation.cut_out, 65535);
    check("brightness", augmentation.brightness, 1);
    check("contrast", augmentation.contrast, 1);
}

namespace detail {

/// Uniform in -most..most.
inline int draw_shift(Random& random, int most) {
    return most > 0 ? int(random.below(std::uint32_t(2 * most + 1))) - most : 0;
}

/// Moves every plane down by dy and right by dx, row by row. Mirrors first if asked.
template <class Element>
void shift_planes(const Shape& shape, int dy, int dx, bool mirror, const Element* in, Element* out) {
    const std::size_t width = std::size_t(shape.width);
    const std::size_t gap = std::min(std::size_t(std::abs(dx)), width), kept = width - gap;
    for (int c = 0; c < shape.channels; ++c, in += std::size_t(shape.height) * width)
        for (int y = 0; y < shape.height; ++y, out += width) {
            const Element* row = in + std::size_t(std::clamp(y - dy, 0, shape.height - 1)) * width;
            if (mirror) {
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

/// The inverse map in 1/65536 of a pixel: whole numbers, so that every machine samples the same points.
struct InverseMap {
    std::int64_t xx, xy, yx, yy; // source x = xx * x + xy * y + x0, with x and y doubled and from the centre
    std::int64_t x0, y0;
};

inline InverseMap inverse_map(const Shape& shape, double angle, double factor, bool mirror, int dy, int dx) {
    const auto fixed = [](double value) { return std::int64_t(std::llround(value * 65536)); };
    const double cosine = std::cos(angle) / factor, sine = std::sin(angle) / factor, side = mirror ? -1 : 1;
    InverseMap map{fixed(side * cosine), fixed(side * sine), fixed(-sine), fixed(cosine), 0, 0};
    const std::int64_t centre_x = shape.width - 1, centre_y = shape.height - 1; // doubled
    const std::int64_t from_x = -centre_x - 2 * dx, from_y = -centre_y - 2 * dy;
    map.x0 = (map.xx * from_x + map.xy * from_y + 65536 * centre_x) / 2;
    map.y0 = (map.yx * from_x + map.yy * from_y + 65536 * centre_y) / 2;
    return map;
}

/// Bilinear in 1/256 of a pixel; right and below are the distances to the neighbours, 0 at the last column and row.
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
            if (sx < 0 || sx >= last_x || sy < 0 || sy >= last_y) { // seldom: at and beyond the edges
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
    std::array<std::uint8_t, 256> table;
    for (std::size_t p = 0; p < 256; ++p)
        table[p] = std::uint8_t(std::clamp(std::floor(mean + factor * (double(p) - mean) + added + 0.5), 0.0, 255.0));
    for (std::size_t i = 0; i < size; ++i) out[i] = table[out[i]];
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

/// One picture, [channels][height][width], from `in` to `out`, which must not overlap. Draws from `random` only for
/// the options that are on.
inline void augment(const Augmentation& augmentation, Random& random, const Shape& shape, const std::uint8_t* in,
                    std::uint8_t* out) {
    const int dy = detail::draw_shift(random, augmentation.shift), dx = detail::draw_shift(random, augmentation.shift);
    const bool mirror = augmentation.flip && random.chance(0.5);
    if (augmentation.is_geometric()) {
        const double angle = augmentation.rotate * random.uniform(-1, 1) * 0.017453292519943295;
        const double factor = std::exp(std::log1p(augmentation.scale) * random.uniform(-1, 1));
        detail::warp_planes(shape, detail::inverse_map(shape, angle, factor, mirror, dy, dx), in, out);
    } else {
        detail::shift_planes(shape, dy, dx, mirror, in, out);
    }
    if (augmentation.brightness != 0 || augmentation.contrast != 0)
        detail::change_contrast(augmentation, random, shape.size(), out);
    if (augmentation.cut_out > 0) detail::cut_square(shape, augmentation.cut_out, random, out);
}

/// One series, [channels][time]: shifted in time.
inline void augment(const Augmentation& augmentation, Random& random, const Shape& shape, const std::int16_t* in,
                    std::int16_t* out) {
    detail::shift_planes(shape, detail::draw_shift(random, augmentation.shift), 0, false, in, out);
}

} // namespace tinysparse::data
