// SPDX-License-Identifier: Apache-2.0
// Exact area averages of samples on the raw grid: an output element is the mean of the input that it covers, weighted
// by the covered fraction, rounded half up.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/check.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Area-averages planes [channels][height][width] from one size to another. One object serves all samples.
class AreaAverage {
  public:
    /// Sizes in pixels; the new ones must not be larger.
    AreaAverage(int from_height, int from_width, int to_height, int to_width)
        : from_height_(std::size_t(from_height)), from_width_(std::size_t(from_width)),
          rows_(covers(from_height, to_height)), columns_(covers(from_width, to_width)) {}

    /// Elements of one channel before.
    std::size_t from_plane() const { return from_height_ * from_width_; }
    /// Elements of one channel after.
    std::size_t to_plane() const { return rows_.size() * columns_.size(); }

    /// Averages one plane. The weights are whole numbers (lengths in units of 1/to), so the mean is exact before it is
    /// rounded. `stride` is the step between neighbours in a row of `in`: 3 reads one colour of interleaved RGB.
    template <class Element> void operator()(const Element* in, Element* out, std::size_t stride = 1) const {
        const std::int64_t area = std::int64_t(from_height_) * std::int64_t(from_width_);
        for (const Cover& row : rows_)
            for (const Cover& column : columns_) {
                std::int64_t sum = 0;
                for (std::size_t y = row.first; y <= row.last; ++y) {
                    const Element* line = in + y * from_width_ * stride;
                    std::int64_t line_sum = 0;
                    for (std::size_t x = column.first; x <= column.last; ++x)
                        line_sum += column.weight(x) * line[x * stride];
                    sum += row.weight(y) * line_sum;
                }
                const std::int64_t doubled = 2 * sum + area; // floor(sum / area + 1/2), also below 0
                const std::int64_t quotient = doubled / (2 * area);
                *out++ = Element(quotient - (doubled % (2 * area) < 0));
            }
    }

  private:
    /// Input positions first..last that one output position covers; it may cover both ends in part.
    struct Cover {
        std::size_t first, last;
        std::int64_t first_weight, middle_weight, last_weight;
        std::int64_t weight(std::size_t at) const {
            return at == first ? first_weight : at == last ? last_weight : middle_weight;
        }
    };
    /// On a line of from * to units, input i is [i*to, (i+1)*to) and output j is [j*from, (j+1)*from).
    static std::vector<Cover> covers(int from, int to) {
        std::vector<Cover> all;
        for (std::int64_t j = 0; j < to; ++j) {
            const std::int64_t begin = j * from, end = begin + from;
            const std::int64_t first = begin / to, last = (end - 1) / to;
            const auto overlap = [&](std::int64_t i) { return std::min(end, (i + 1) * to) - std::max(begin, i * to); };
            all.push_back({std::size_t(first), std::size_t(last), overlap(first), to, overlap(last)});
        }
        return all;
    }

    std::size_t from_height_, from_width_;
    std::vector<Cover> rows_, columns_;
};

/// Series of `from` moments, one after another, averaged to `to` moments each.
inline std::vector<std::int16_t> averaged_in_time(const std::vector<std::int16_t>& values, int from, int to) {
    const AreaAverage average(from, 1, to, 1);
    const std::size_t planes = values.size() / average.from_plane();
    std::vector<std::int16_t> out(planes * average.to_plane());
    for (std::size_t plane = 0; plane < planes; ++plane)
        average(values.data() + plane * average.from_plane(), out.data() + plane * average.to_plane());
    return out;
}

/// Averages a series in time to `height` rows. Throws Error for pictures, for a height above the number of rows, and if
/// the samples do not belong together.
inline void average_in_time(Dataset& set, int height) {
    check_samples(set);
    if (!set.is_series() || set.shape.width != 1 || height < 1 || height > set.shape.height)
        throw Error(text(set.name, ": averages of ", set.shape.height, "x", set.shape.width, " to ", height,
                         " rows; a series of width 1 can become 1 to ", set.shape.height, " moments long"));
    if (set.shape.height == height) return;
    for (Split* part : {&set.train, &set.validation, &set.test})
        part->values = averaged_in_time(part->values, set.shape.height, height);
    set.shape.height = height;
}

} // namespace tinysparse::data
