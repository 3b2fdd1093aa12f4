// SPDX-License-Identifier: Apache-2.0
// Augmentation of series, in this order:
//   time    out(t) = in((t - centre - shift) / stretch + centre), linear, rounded
//   axes    v' = R v of each sensor's three readings in their unit, about the reading 0: a rotated sensor
//   gain    v' = offset + gain (v - offset), where offset is that of the channel's normalisation (its mean)
//   noise   v' = v + noise
// Every result is rounded and clamped to int16. Outside the sample, its first and last moments are repeated. All
// sensors of a sample are rotated alike, as those of one device are, and all its channels are stretched and amplified
// alike.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tinysparse/data/augment_pictures.hpp"
#include "tinysparse/data/augmentation.hpp"

namespace tinysparse::data {

/// Properties of a set that the augmentation of its series needs.
struct SeriesFrame {
    /// One channel's raw elements and readings.
    struct Values {
        double zero = 0;    ///< Raw element of the reading 0; it may lie outside int16.
        double step = 1;    ///< Reading of one raw step, in the unit of the data.
        double offset = 0;  ///< Offset of the normalisation, the fixed point of the gain.
        double range = 256; ///< Raw steps that the network's 8-bit grid covers.
    };
    std::vector<Values> channels;    ///< One per channel.
    std::vector<SensorAxes> sensors; ///< Channels that are the axes of one sensor.
};

/// Needs a set of series that passed data::check.
inline SeriesFrame series_frame(const Dataset& set) {
    SeriesFrame frame;
    frame.channels.resize(std::size_t(set.shape.channels));
    for (std::size_t c = 0; c < frame.channels.size(); ++c) {
        SeriesFrame::Values& values = frame.channels[c];
        values.offset = set.normalisation.offset[c];
        values.range = std::ldexp(256, set.normalisation.shift[c]);
        if (c >= set.channels.size()) continue;
        values.step = 1 / double(set.channels[c].scale);
        values.zero = -double(set.channels[c].origin) * double(set.channels[c].scale);
    }
    frame.sensors = sensor_axes(set.channels, set.shape.channels);
    return frame;
}

namespace detail {

inline std::int16_t to_element(double value) {
    return std::int16_t(std::clamp(std::floor(value + 0.5), -32768.0, 32767.0));
}

/// Moves a series by `shift` moments and stretches it by `factor` about its middle. Positions are counted in 1/65536 of
/// a moment, in whole numbers, so that every machine reads the same points.
inline void warp_time(const Shape& shape, int shift, double factor, const std::int16_t* in, std::int16_t* out) {
    const std::int64_t pace = std::llround(65536 / factor), last = std::int64_t{shape.height - 1} << 16;
    const std::int64_t centre = shape.height - 1; // doubled
    const std::int64_t first = (pace * (-centre - 2 * std::int64_t{shift}) + 65536 * centre) / 2;
    const std::size_t width = std::size_t(shape.width), plane = width * std::size_t(shape.height);
    for (int t = 0; t < shape.height; ++t, out += width) {
        const std::int64_t at = std::clamp<std::int64_t>(first + pace * t, 0, last), part = at & 0xffff;
        const std::int16_t* from = in + std::size_t(at >> 16) * width;
        const std::size_t next = at < last ? width : 0;
        for (std::size_t i = 0; i < plane * std::size_t(shape.channels); i += plane)
            for (std::size_t x = i; x < i + width; ++x)
                out[x] = std::int16_t((from[x] * (65536 - part) + from[x + next] * part + 32768) >> 16);
    }
}

/// Rows of the matrix that rotates by `angle` about a unit vector (Rodrigues 1840).
inline std::array<std::array<double, 3>, 3> rotation_matrix(const std::array<double, 3>& axis, double angle) {
    const double c = std::cos(angle), s = std::sin(angle), rest = 1 - c;
    const auto [x, y, z] = axis;
    return {{{c + rest * x * x, rest * x * y - s * z, rest * x * z + s * y},
             {rest * x * y + s * z, c + rest * y * y, rest * y * z - s * x},
             {rest * x * z - s * y, rest * y * z + s * x, c + rest * z * z}}};
}

/// Rotates the readings of every sensor.
inline void turn_sensors(const Shape& shape, const SeriesFrame& frame, const std::array<std::array<double, 3>, 3>& turn,
                         std::int16_t* out) {
    const std::size_t plane = std::size_t(shape.height) * std::size_t(shape.width);
    for (const SensorAxes& sensor : frame.sensors)
        for (std::size_t i = 0; i < plane; ++i) {
            double reading[3];
            for (std::size_t k = 0; k < 3; ++k) {
                const SeriesFrame::Values& channel = frame.channels[sensor[k]];
                reading[k] = (out[sensor[k] * plane + i] - channel.zero) * channel.step;
            }
            for (std::size_t k = 0; k < 3; ++k) {
                const SeriesFrame::Values& channel = frame.channels[sensor[k]];
                const double turned = turn[k][0] * reading[0] + turn[k][1] * reading[1] + turn[k][2] * reading[2];
                out[sensor[k] * plane + i] = to_element(channel.zero + turned / channel.step);
            }
        }
}

/// A uniform direction: on a cylinder around the sphere (Archimedes), heights are uniform.
inline std::array<double, 3> random_direction(Random& random) {
    const double z = random.uniform(-1, 1), angle = 6.283185307179586 * random.uniform();
    const double radius = std::sqrt(1 - z * z);
    return {radius * std::cos(angle), radius * std::sin(angle), z};
}

} // namespace detail

/// Augments one series, [channels][time], from `in` to `out`, which must not overlap. Draws from `random` only for the
/// options that are on.
inline void augment(const Augmentation& augmentation, Random& random, const Shape& shape, const SeriesFrame& frame,
                    const std::int16_t* in, std::int16_t* out) {
    const int shift = detail::draw_shift(random, augmentation.shift);
    if (augmentation.stretch != 0)
        detail::warp_time(shape, shift, detail::draw_factor(random, augmentation.stretch), in, out);
    else
        detail::shift_planes(shape, {.dy = shift}, in, out);
    if (augmentation.axes != 0) {
        const std::array<double, 3> axis = detail::random_direction(random);
        detail::turn_sensors(shape, frame, detail::rotation_matrix(axis, detail::draw_angle(random, augmentation.axes)),
                             out);
    }
    const std::size_t plane = std::size_t(shape.height) * std::size_t(shape.width);
    if (augmentation.gain != 0) {
        const double factor = detail::draw_factor(random, augmentation.gain);
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const double offset = frame.channels[i / plane].offset;
            out[i] = detail::to_element(offset + factor * (out[i] - offset));
        }
    }
    if (augmentation.noise != 0)
        for (std::size_t i = 0; i < shape.size(); ++i)
            out[i] = detail::to_element(out[i] + augmentation.noise * frame.channels[i / plane].range *
                                                     detail::nearly_normal(random));
}

} // namespace tinysparse::data
