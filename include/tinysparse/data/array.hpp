// SPDX-License-Identifier: Apache-2.0
// Arrays as files hold them (IDX, npy, CSV), and the data set that arrays of samples and of labels make together.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Row-major, first dimension = sample. Other number types than uint8 and int16 become float.
struct Array {
    std::string name; ///< The file, for Errors.
    std::vector<std::size_t> dimensions;
    std::variant<std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<float>> items;
};

/// Order of a series' axes after the sample: channel then time, or time then channel.
enum class Layout : std::uint8_t { nct, ntc };

/// Samples with their labels, as one part of a data set.
struct LabelledArrays {
    Part part = Part::train;
    Array samples, labels;
};

namespace detail {

/// Larger samples would fit no network that this library makes; such dimensions are a mistake.
inline constexpr std::size_t max_sample_size = std::size_t{1} << 24;

/// "60000x28x28"
inline std::string dimensions_text(const std::vector<std::size_t>& dimensions) {
    std::vector<std::string> lengths;
    for (const std::size_t length : dimensions) lengths.push_back(text(length));
    return join(lengths, "x");
}

/// The product, or nothing if it is above `most`.
inline std::optional<std::size_t> checked_product(std::span<const std::size_t> dimensions, std::size_t most) {
    std::size_t product = 1;
    bool empty = false;
    for (const std::size_t length : dimensions) empty |= length == 0;
    if (empty) return 0;
    for (const std::size_t length : dimensions) {
        if (length > most / product) return std::nullopt;
        product *= length;
    }
    return product;
}

/// What an array of samples means: the shape of one, and whether channels come last and must move to the front.
struct Meaning {
    Shape shape;
    bool series = false, channels_last = false;
};

inline Meaning meaning_of(const Array& array, std::optional<Layout> layout, std::optional<Shape> shape_given) {
    const std::vector<std::size_t>& d = array.dimensions;
    if (shape_given) {
        if (d.size() != 2 || d[1] != shape_given->size())
            throw Error(text(array.name, ": the array is ", dimensions_text(d), ", shape= asks for samples x ",
                             shape_given->size()));
        return {*shape_given, shape_given->width == 1, layout == Layout::ntc};
    }
    const bool floats = array.items.index() == 2;
    const auto fail = [&](std::string_view expected) {
        return Error(text(array.name, ": the array is ", dimensions_text(d), ", expected ", expected));
    };
    Meaning meaning;
    meaning.series = layout || array.items.index() == 1 || (floats && d.size() == 2);
    if (d.size() < 2 || d.size() > 4 || (meaning.series && d.size() == 4))
        throw fail(meaning.series ? "samples x channels x time, or samples x time"
                                  : "samples x height x width, or that and channels");
    if (checked_product(std::span(d).subspan(1), max_sample_size).value_or(0) == 0)
        throw fail(text("samples of 1 to ", max_sample_size, " elements"));
    const auto shape = [](std::size_t channels, std::size_t height, std::size_t width) {
        return Shape{int(channels), int(height), int(width)};
    };
    if (d.size() == 2) {
        meaning.shape = shape(1, d[1], 1);
    } else if (meaning.series) {
        meaning.channels_last = layout == Layout::ntc;
        meaning.shape = meaning.channels_last ? shape(d[2], d[1], 1) : shape(d[1], d[2], 1);
    } else if (d.size() == 3) {
        meaning.shape = shape(1, d[1], d[2]);
    } else if (d[3] <= 4) {
        meaning.channels_last = true;
        meaning.shape = shape(d[3], d[1], d[2]);
    } else if (d[1] <= 4) {
        meaning.shape = shape(d[1], d[2], d[3]);
    } else {
        throw fail("1 to 4 channels, as the last dimension or the one after the samples");
    }
    return meaning;
}

/// Moves channels to the front: out[sample][channel][position] = in[sample][position][channel].
template <class Element>
std::vector<Element> channels_first(const std::vector<Element>& in, std::size_t channels, std::size_t positions) {
    std::vector<Element> out(in.size());
    for (std::size_t base = 0; base < in.size(); base += channels * positions)
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t p = 0; p < positions; ++p) out[base + c * positions + p] = in[base + p * channels + c];
    return out;
}

/// The factor by which real numbers become raw elements, the same for all parts.
struct RealScale {
    double factor = 1;
    std::string note;
};

/// Pictures: 255 where all values lie in 0..1, 1 where they lie in 0..255. Series: 1 where all are whole and fit int16
/// (raw readings stay what the sensor gives), else the largest power of two that keeps every value in int16.
inline RealScale real_scale(const std::vector<LabelledArrays>& parts, bool series) {
    double largest = 0, smallest = 0;
    bool whole = true;
    std::string name;
    for (const LabelledArrays& part : parts)
        if (const auto* items = std::get_if<std::vector<float>>(&part.samples.items))
            for (std::size_t i = 0; i < items->size(); ++i) {
                const double value = double((*items)[i]);
                if (!std::isfinite(value))
                    throw Error(text(part.samples.name, ": element ", i, " is ", value, ", expected a finite number"));
                largest = std::max(largest, value);
                smallest = std::min(smallest, value);
                whole = whole && value == std::floor(value);
                name = part.samples.name;
            }
    if (name.empty()) return {};
    if (!series) {
        if (smallest < 0 || largest > 255)
            throw Error(text(name, ": the values of pictures lie in ", smallest, " to ", largest,
                             ", expected 0 to 1 or 0 to 255; for series give layout=nct or layout=ntc"));
        return {largest <= 1 ? 255.0 : 1.0, ""};
    }
    if (whole && smallest >= -32768 && largest <= 32767) return {};
    const double magnitude = std::max(largest, -smallest);
    const double factor = std::ldexp(1.0, std::clamp(int(std::floor(std::log2(32767 / magnitude))), -120, 14));
    return {factor,
            text("real numbers from ", smallest, " to ", largest, " are stored as int16 = ", factor, " * value")};
}

/// `part` gets the samples in raw form, channels first; the array gives them away.
template <class Element> void convert_samples(Array& array, const Meaning& meaning, double factor, Split& part) {
    std::vector<Element>& out = part.elements<Element>();
    const auto cast = [&](double value) {
        constexpr double low = std::numeric_limits<Element>::min(), high = std::numeric_limits<Element>::max();
        return Element(std::clamp(std::floor(value * factor + 0.5), low, high));
    };
    std::visit(
        [&](auto& items) {
            using Item = typename std::remove_reference_t<decltype(items)>::value_type;
            if constexpr (std::is_same_v<Item, Element>) {
                out = std::move(items);
            } else {
                out.resize(items.size());
                std::transform(items.begin(), items.end(), out.begin(), [&](Item item) { return cast(double(item)); });
            }
        },
        array.items);
    array.items = std::vector<std::uint8_t>();
    const std::size_t channels = std::size_t(meaning.shape.channels);
    if (meaning.channels_last && channels > 1) out = channels_first(out, channels, meaning.shape.size() / channels);
}

inline std::vector<std::uint8_t> convert_labels(const Array& array, const Array& samples) {
    const std::vector<std::size_t>& d = array.dimensions;
    if (d.empty() || d.size() > 2 || (d.size() == 2 && d[1] != 1))
        throw Error(text(array.name, ": the labels are an array of ", dimensions_text(d),
                         ", expected one number for each sample"));
    if (d[0] != samples.dimensions[0])
        throw Error(text(array.name, ": ", d[0], " labels for the ", samples.dimensions[0], " samples of ",
                         samples.name, "; the two files do not belong together"));
    std::vector<std::uint8_t> labels(d[0]);
    std::visit(
        [&](const auto& items) {
            for (std::size_t i = 0; i < items.size(); ++i) {
                const double label = double(items[i]);
                if (!(label >= 0 && label < double(max_classes) && label == std::floor(label)))
                    throw Error(text(array.name, ": label ", i, " is ", label, ", expected a whole number from 0 to ",
                                     max_classes - 1));
                labels[i] = std::uint8_t(label);
            }
        },
        array.items);
    return labels;
}
} // namespace detail

/// One data set of one to three parts. Class names are the numbers of the labels, 0 to the largest.
/// `layout` makes series of arrays that could be pictures too; `shape` unfolds arrays of samples x elements.
/// All parts must agree in shape and number type; labels must be as many as samples.
inline Dataset dataset_from_arrays(std::vector<LabelledArrays> parts, std::optional<Layout> layout = {},
                                   std::optional<Shape> shape = {}) {
    using namespace detail;
    Dataset set;
    const Array& first = parts.front().samples;
    const Meaning meaning = meaning_of(first, layout, shape);
    set.shape = meaning.shape;
    set.element = meaning.series ? ElementType::int16 : ElementType::uint8;
    for (const LabelledArrays& part : parts) {
        const Array& other = part.samples;
        if (other.dimensions.size() != first.dimensions.size() ||
            !std::equal(other.dimensions.begin() + 1, other.dimensions.end(), first.dimensions.begin() + 1) ||
            other.items.index() != first.items.index())
            throw Error(text(other.name, ": the array is ", dimensions_text(other.dimensions), ", that of ", first.name,
                             " is ", dimensions_text(first.dimensions),
                             "; all parts must have the same shape and number type"));
        if (other.dimensions[0] == 0) throw Error(text(other.name, ": the array has no samples"));
    }
    const RealScale scale = real_scale(parts, meaning.series);
    if (meaning.series) set.channels.assign(std::size_t(meaning.shape.channels), {"", 0, float(scale.factor)});
    if (!scale.note.empty()) set.notes.push_back(scale.note);

    std::size_t classes = 1;
    for (LabelledArrays& part : parts) {
        Split& split = set.part(part.part);
        split.labels = convert_labels(part.labels, part.samples);
        split.samples = split.labels.size();
        if (meaning.series)
            convert_samples<std::int16_t>(part.samples, meaning, scale.factor, split);
        else
            convert_samples<std::uint8_t>(part.samples, meaning, scale.factor, split);
        for (const std::uint8_t label : split.labels) classes = std::max<std::size_t>(classes, label + 1u);
    }
    for (std::size_t c = 0; c < classes; ++c) set.class_names.push_back(text(c));
    return set;
}

} // namespace tinysparse::data
