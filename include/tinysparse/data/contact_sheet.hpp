// SPDX-License-Identifier: Apache-2.0
// A contact sheet of a data set: a picture with the first samples of every class.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tinysparse/base/png.hpp"
#include "tinysparse/data/check.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/resample.hpp"

namespace tinysparse::data {

namespace detail {
/// A series as a plot 64 high, [64][width][1]: one curve per channel, on the scale of the whole sample.
inline Picture plot_series(const std::int16_t* values, const Shape& shape) {
    Picture plot{1, 64, std::clamp(shape.height, 1, 256), {}};
    plot.pixels.assign(std::size_t(plot.height) * std::size_t(plot.width), 0);
    const auto [low, high] = std::minmax_element(values, values + shape.size());
    const int span = std::max(1, *high - *low);
    for (int c = 0; c < shape.channels; ++c)
        for (int t = 0, previous = 0; t < shape.height; ++t) {
            const int y = int((plot.height - 1) * (std::int64_t{*high} - values[c * shape.height + t]) / span);
            const int x = int(std::int64_t{t} * plot.width / shape.height);
            if (t == 0) previous = y;
            for (int at = std::min(previous, y); at <= std::max(previous, y); ++at)
                plot.pixels[std::size_t(at * plot.width + x)] = std::uint8_t(255 - 160 * c / shape.channels);
            previous = y;
        }
    return plot;
}

inline Picture picture_of(const Dataset& set, std::size_t sample) {
    const std::size_t size = set.shape.size();
    if (set.is_series()) return plot_series(set.train.values.data() + sample * size, set.shape);
    Picture picture{set.shape.channels == 3 ? 3 : 1, set.shape.height, set.shape.width, {}};
    const std::size_t plane = size / std::size_t(set.shape.channels);
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t c = 0; c < std::size_t(picture.channels); ++c)
            picture.pixels.push_back(set.train.pixels[sample * size + c * plane + i]);
    return picture;
}
} // namespace detail

/// Longest side of a contact sheet, in pixels.
inline constexpr int longest_sheet_side = 2000;

/// The first `columns` training samples of every class, one row per class, as a PNG file of at most 2000x2000 pixels.
/// If it would be larger, there are fewer columns, down to 4, and then smaller pictures. There is one row if the labels
/// are numbers. Throws Error without training samples, for less than one column, and as check_samples() does.
inline std::string contact_sheet(const Dataset& set, int columns = 16) {
    check_samples(set);
    if (set.train.samples == 0 || columns < 1)
        throw Error(text(set.name, ": a sheet of ", columns, " columns of ", set.train.samples, " training samples"));
    constexpr int gap = 2, room = longest_sheet_side - gap;
    const int rows = int(set.strata());
    const Picture first = detail::picture_of(set, 0);
    columns = std::max(std::min(columns, 4), std::min(columns, room / (first.width + gap)));
    int factor = 1; // by which pictures are shrunk
    const auto side = [&](int length) { return (length + factor - 1) / factor; };
    while (columns * (side(first.width) + gap) > room || rows * (side(first.height) + gap) > room) ++factor;

    const std::size_t channels = std::size_t(first.channels);
    const AreaAverage average(first.height, first.width, side(first.height), side(first.width));
    Picture sheet{
        first.channels, rows * (side(first.height) + gap) + gap, columns * (side(first.width) + gap) + gap, {}};
    sheet.pixels.assign(std::size_t(sheet.height) * std::size_t(sheet.width) * channels, 96);
    std::vector<int> shown(set.strata());
    std::vector<std::uint8_t> plane(average.to_plane());
    for (std::size_t sample = 0; sample < set.train.samples; ++sample) {
        const int row = set.train.labels[sample], column = shown[std::size_t(row)]++;
        if (column >= columns) continue;
        const Picture picture = detail::picture_of(set, sample);
        for (std::size_t c = 0; c < channels; ++c) {
            average(picture.pixels.data() + c, plane.data(), channels);
            for (int y = 0; y < side(first.height); ++y)
                for (int x = 0; x < side(first.width); ++x) {
                    const int at = (row * (side(first.height) + gap) + gap + y) * sheet.width +
                                   column * (side(first.width) + gap) + gap + x;
                    sheet.pixels[std::size_t(at) * channels + c] = plane[std::size_t(y * side(first.width) + x)];
                }
        }
    }
    return encode_png(std::uint32_t(sheet.width), std::uint32_t(sheet.height), std::uint32_t(channels), sheet.pixels);
}

} // namespace tinysparse::data
