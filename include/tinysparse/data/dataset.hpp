// SPDX-License-Identifier: Apache-2.0
// Labelled data in the raw form that a device receives: pictures as uint8, series (sensor data) as int16. The integer
// grid that networks compute on is one step away:
//   picture  x = p >> 1                                                          0..127
//   series   x = clamp((v - offset[c] + 2^(shift[c]-1)) >> shift[c], -128..127)   shift[c] >= 1
//            x = clamp((v - offset[c]) << -shift[c], -128..127)                   shift[c] <= 0
//            offset and shift from the training part
// both with exponent -7: the value is x / 128.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tinysparse/base/camera.hpp"
#include "tinysparse/base/channel.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/quantity.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/units.hpp"

namespace tinysparse::data {

/// Shape of one sample. A series is a picture of width 1: time runs down the rows.
struct Shape {
    int channels = 1, height = 1, width = 1;
    /// Values of one sample.
    std::size_t size() const { return std::size_t(channels) * std::size_t(height) * std::size_t(width); }
    bool operator==(const Shape&) const = default;
};

/// Type of raw elements: pictures have uint8, series int16.
enum class ElementType : std::uint8_t { uint8, int16 };

/// Largest number of classes; labels are 0..classes-1 in a byte, and 255 is the device's "no answer yet".
inline constexpr std::size_t max_classes = 255;

/// Training fits weights, validation chooses among networks, test judges the chosen one once.
enum class Part : std::uint8_t { train, validation, test };

/// The place from which a sample was read: one of Dataset::files, and its row or line there, from 1.
struct Source {
    std::uint32_t file = 0, row = 0; ///< file: index into Dataset::files.
    bool operator==(const Source&) const = default;
};

/// One part of a data set. Pictures fill `pixels`, series `values`, both [samples][channels][height][width].
struct Split {
    std::size_t samples = 0;
    std::vector<std::uint8_t> pixels;
    std::vector<std::int16_t> values;
    std::vector<std::uint8_t> labels;       ///< One for each sample; all 0 if the labels are numbers.
    std::vector<std::uint32_t> groups = {}; ///< Index into Dataset::group_names per sample; empty: all independent.
    std::vector<Source> sources = {};       ///< One for each sample; empty: same order as in the file.
    std::vector<float> targets = {};        ///< Target numbers, [samples][quantities], in the unit of the data.

    /// The pictures (std::uint8_t) or the series (std::int16_t), [samples][channels][height][width].
    template <class Element> std::vector<Element>& elements() {
        if constexpr (std::is_same_v<Element, std::uint8_t>)
            return pixels;
        else
            return values;
    }
    /// The same for a constant part.
    template <class Element> const std::vector<Element>& elements() const {
        return const_cast<Split*>(this)->elements<Element>();
    }
};

/// How series become int8, for each channel. Empty for pictures.
struct Normalisation {
    std::vector<std::int16_t> offset; ///< Raw value that becomes 0, one per channel.
    std::vector<std::int8_t> shift;   ///< -7..10
};

/// Samples in three parts, with everything that reading, training and exporting must know of them.
struct Dataset {
    std::string name; ///< The text that loads it again.
    Shape shape;
    ElementType element = ElementType::uint8; ///< Type of the raw elements.
    std::vector<std::string> class_names;     ///< Empty if the targets are numbers.
    std::vector<Quantity> quantities;         ///< Target numbers; empty if there are classes.
    Split train, validation, test;            ///< Samples of the same shape.
    Normalisation normalisation;              ///< Empty for pictures.
    std::vector<std::uint32_t> levels;        ///< Different values in the files, per channel of a series, or of all
                                              ///< pictures; counted up to 16. Empty: not known.
    std::vector<Channel> channels;            ///< Series: one for each channel.
    std::optional<Camera> camera;             ///< Pictures: the device's processing before its network reads them.
    std::vector<std::string> duties;          ///< Changes made to every sample that a device's program must also make.
    std::optional<double> sampling_rate;      ///< Series whose data state it: moments per second.
    std::vector<std::string> group_names;     ///< Recordings, persons ...: a group stays in one part. May be empty.
    bool validation_drawn = false;            ///< The validation part was not chosen; it is the default share.
    bool groups_follow = false;               ///< Groups are stretches of one recording, in the order of time.
    std::vector<std::string> files;           ///< Files that samples were read from, as Source counts them.
    bool picture_files = false;               ///< Each sample is a picture file of its own.
    std::vector<std::string> warnings;        ///< Errors and doubts that a reader found, one sentence each.
    std::vector<std::string> notes;           ///< A reader's interpretations, and what it skipped, one sentence each.
    std::uint64_t digest = 0;                 ///< digest_of(*this)

    /// The part by its name.
    Split& part(Part which) { return which == Part::train ? train : which == Part::validation ? validation : test; }
    /// The same for a constant set.
    const Split& part(Part which) const { return const_cast<Dataset*>(this)->part(which); }
    /// Number of classes; 0 if the targets are numbers.
    std::size_t classes() const { return class_names.size(); }
    /// True if the targets are numbers, which `quantities` lists.
    bool answers_numbers() const { return !quantities.empty(); }
    /// Number of network outputs for this set: one for each class, or for each target number.
    std::size_t outputs() const { return answers_numbers() ? quantities.size() : classes(); }
    /// Number of kinds of samples, by label, whose proportions all parts share: the classes, or one if the targets are
    /// numbers.
    std::size_t strata() const { return answers_numbers() ? 1 : classes(); }
    /// True for rows of readings over time, false for pictures.
    bool is_series() const { return element == ElementType::int16; }
    /// What a network must know of its raw input.
    InputKind input_kind() const { return {is_series(), camera}; }
};

/// FNV-1a, 64 bits, over shape, element type, class names, and every label and element of the three parts; and over
/// names and targets if the targets are numbers.
inline std::uint64_t digest_of(const Dataset& set) {
    Fnv1a64 hash;
    for (const int length : {set.shape.channels, set.shape.height, set.shape.width}) hash.update(std::uint64_t(length));
    hash.update(std::uint64_t(set.element));
    for (const std::string& name : set.class_names) {
        hash.update(name);
        hash.update(std::uint64_t{0}); // so that {"ab", "c"} and {"a", "bc"} differ
    }
    for (const Split* part : {&set.train, &set.validation, &set.test}) {
        hash.update(std::uint64_t(part->samples));
        hash.update(part->labels);
        hash.update(part->pixels);
        for (const std::int16_t value : part->values) {
            const std::uint8_t bytes[2] = {std::uint8_t(value), std::uint8_t(value >> 8)};
            hash.update(bytes);
        }
    }
    for (const Quantity& quantity : set.quantities) {
        hash.update(quantity.name);
        hash.update(std::uint64_t{0});
    }
    for (const Split* part : {&set.train, &set.validation, &set.test})
        for (const float target : part->targets) hash.update(std::uint64_t{std::bit_cast<std::uint32_t>(target)});
    return hash.value();
}

/// Throws Error if a label is not below `classes`.
inline void check_labels(std::span<const std::uint8_t> labels, std::size_t classes) {
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (labels[i] >= classes)
            throw Error(text("sample ", i, " has label ", labels[i], ", there are ", classes, " classes, from 0"));
}

/// Samples of each class. Throws Error if a label is not below `classes`.
inline std::vector<std::size_t> class_counts(const Split& part, std::size_t classes) {
    check_labels(part.labels, classes);
    std::vector<std::size_t> counts(classes);
    for (const std::uint8_t label : part.labels) ++counts[label];
    return counts;
}

/// A pixel on the integer grid, 0..127.
constexpr std::int8_t input_value(std::uint8_t pixel) { return std::int8_t(pixel >> 1); }

/// The smallest shift of a channel, for which one step spans half of the grid, and the largest that a device takes.
inline constexpr int least_input_shift = -7, largest_input_shift = 15;

namespace detail {
/// A value of a series before it is clamped to -128..127.
constexpr std::int32_t scaled_value(std::int16_t value, std::int16_t offset, int shift) {
    const std::int32_t centred = std::int32_t{value} - offset;
    return shift > 0 ? (centred + (1 << (shift - 1))) >> shift : centred * (1 << -shift);
}
} // namespace detail

/// A value of a series on the integer grid, -128..127. shift: -7..15; a negative one shifts left.
constexpr std::int8_t input_value(std::int16_t value, std::int16_t offset, int shift) {
    return std::int8_t(std::clamp<std::int32_t>(detail::scaled_value(value, offset, shift), -128, 127));
}

/// Puts one picture on the integer grid. Throws Error unless both have the same size.
inline void input_values(std::span<const std::uint8_t> pixels, std::span<std::int8_t> out) {
    if (pixels.size() != out.size())
        throw Error(text(pixels.size(), " pixels do not go into ", out.size(), " input values"));
    for (std::size_t i = 0; i < pixels.size(); ++i) out[i] = input_value(pixels[i]);
}

/// Puts one series, [channels][time], on the integer grid. Throws Error unless the sizes belong together.
inline void input_values(std::span<const std::int16_t> values, const Normalisation& normalisation,
                         std::span<std::int8_t> out) {
    const std::size_t channels = normalisation.offset.size();
    if (channels == 0 || normalisation.shift.size() != channels || values.size() % channels != 0 ||
        values.size() != out.size())
        throw Error(text(values.size(), " values of ", channels, " channels with ", normalisation.shift.size(),
                         " shifts do not go into ", out.size(), " input values"));
    const std::size_t times = values.size() / channels;
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = c * times; i < (c + 1) * times; ++i)
            out[i] = input_value(values[i], normalisation.offset[c], normalisation.shift[c]);
}

namespace detail {

/// Offset and shift of one channel's values.
inline std::pair<std::int16_t, std::int8_t> normalisation_of_channel(std::vector<std::int16_t> values) {
    if (values.empty()) return {0, 1};
    std::sort(values.begin(), values.end());
    const std::size_t trim = trimmed_values(values.size());
    const auto first = values.begin() + std::ptrdiff_t(trim), last = values.end() - std::ptrdiff_t(trim);
    const double sum = double(std::accumulate(first, last, std::int64_t{0}));
    const auto offset = std::int16_t(std::floor(sum / double(last - first) + 0.5));
    if (values.front() == values.back()) return {offset, 1};
    const std::size_t may_clip = std::max(values.size() / 1000, trim);
    const auto clipped = [&](int shift) {
        std::size_t count = 0;
        for (const std::int16_t value : values) {
            const std::int32_t x = scaled_value(value, offset, shift);
            count += x < -128 || x > 127;
        }
        return count;
    };
    int shift = least_input_shift;
    while (clipped(shift) > may_clip) ++shift; // at shift 10 every int16 fits, whatever the offset
    return {offset, std::int8_t(shift)};
}
} // namespace detail

/// Offset and shift of each channel of a series: the rounded mean without one value in two thousand at either end, and
/// the smallest shift that clips at most one value in a thousand. At least one value of a hundred or more may be
/// clipped: otherwise outliers of a sensor would cost all other values their resolution. Throws Error unless the number
/// of values fits the samples.
inline Normalisation normalisation_of(const Split& train, const Shape& shape) {
    if (shape.channels < 1 || train.values.size() != train.samples * shape.size())
        throw Error(text("the normalisation of a series: ", train.values.size(), " values for ", train.samples,
                         " samples of ", shape.channels, " channels and ", shape.height, " moments"));
    const std::size_t channels = std::size_t(shape.channels), times = shape.size() / channels;
    Normalisation result;
    for (std::size_t c = 0; c < channels; ++c) {
        std::vector<std::int16_t> values;
        values.reserve(train.samples * times);
        for (std::size_t sample = 0; sample < train.samples; ++sample) {
            const auto begin = train.values.begin() + std::ptrdiff_t((sample * channels + c) * times);
            values.insert(values.end(), begin, begin + std::ptrdiff_t(times));
        }
        const auto [offset, shift] = detail::normalisation_of_channel(std::move(values));
        result.offset.push_back(offset);
        result.shift.push_back(shift);
    }
    return result;
}

} // namespace tinysparse::data
