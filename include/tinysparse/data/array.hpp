// SPDX-License-Identifier: Apache-2.0
// Arrays as files hold them (IDX, npy, CSV), and the data set that arrays of samples and of labels make together.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
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
#include "tinysparse/data/units.hpp"
#include "tinysparse/mcu/reading.hpp"

namespace tinysparse::data {

/// Row-major, first dimension = sample. Number types other than uint8 and int16 become float.
struct Array {
    std::string name;                    ///< The file, for Errors.
    std::vector<std::size_t> dimensions; ///< Sizes, the number of samples first.
    /// All elements, one after the other.
    std::variant<std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<float>> items;
};

/// Order of a series' axes after the sample: channel then time, or time then channel.
enum class Layout : std::uint8_t { nct, ntc };

/// Samples with their labels, as one part of a data set.
struct LabelledArrays {
    Part part = Part::train;
    Array samples, labels;
    std::vector<std::uint32_t> groups = {}; ///< As in Split; both may be empty.
    std::vector<Source> sources = {};
};

namespace detail {

/// Largest sample; no network of this library could read a larger one, so such dimensions are a mistake.
inline constexpr std::size_t max_sample_size = std::size_t{1} << 24;

/// "60000x28x28"
inline std::string dimensions_text(const std::vector<std::size_t>& dimensions) {
    std::vector<std::string> lengths;
    for (const std::size_t length : dimensions) lengths.push_back(text(length));
    return join(lengths, "x");
}

/// "3x64x1 (channels, height, width)"
inline std::string shape_text(const Shape& shape) {
    return text(shape.channels, "x", shape.height, "x", shape.width, " (channels, height, width)");
}

/// "; a program gives .shape = {channels, moments, 1}, here perhaps {3, 64, 1}": what a shape of pictures should be if
/// they are series. The fewer are taken for channels; nothing is proposed if all three lengths are above 1.
inline std::string series_shape_text(const Shape& shape) {
    std::array<int, 3> lengths = {shape.channels, shape.height, shape.width};
    std::sort(lengths.begin(), lengths.end());
    return text("; a program gives .shape = {channels, moments, 1}",
                lengths[0] > 1 ? "" : text(", here perhaps {", lengths[1], ", ", lengths[2], ", 1}"));
}

/// The place of element i of an array of rows: "sample 3, element 17".
inline std::string place_text(std::size_t i, std::size_t row_size, std::string_view what) {
    return text("sample ", i / row_size, ", ", what, " ", i % row_size);
}

/// The product, or no value if it is above `most`.
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

/// Throws Error unless the number of items fits the array's dimensions.
inline void check_size(const Array& array) {
    const std::size_t items = std::visit([](const auto& all) { return all.size(); }, array.items);
    if (array.dimensions.empty() || checked_product(array.dimensions, items) != items)
        throw Error(text(array.name, ": an array of ", dimensions_text(array.dimensions), " with ", items, " items"));
}

/// How an array of samples is read: the shape of a sample, and whether channels come last and must move to the front.
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

/// The channel of element i of an array of samples.
struct ChannelOf {
    std::size_t channels, positions; ///< Channels of a sample and positions of a channel.
    bool last;                       ///< Channels come after positions.
    ChannelOf(const Meaning& meaning)
        : channels(std::size_t(meaning.shape.channels)), positions(meaning.shape.size() / channels),
          last(meaning.channels_last) {}
    std::size_t operator()(std::size_t i) const { return last ? i % channels : i / positions % channels; }
};

/// Calls of(reading, its index in the array) for every element of all parts. Throws Error if one is not finite.
template <class Of> void for_readings(const std::vector<LabelledArrays>& parts, const Of& of) {
    for (const LabelledArrays& part : parts)
        std::visit(
            [&](const auto& items) {
                for (std::size_t i = 0; i < items.size(); ++i) {
                    const float value = float(items[i]);
                    if (!std::isfinite(value))
                        throw Error(text(part.samples.name, ": ",
                                         place_text(i, items.size() / part.samples.dimensions[0], "element"), " is ",
                                         value,
                                         ", expected a finite number; take the sample out, or put a number there"));
                    of(value, i);
                }
            },
            part.samples.items);
}

/// The factor that brings the elements of pictures to 0..255: 255 if all lie in 0..1, so that 1 is white, else 1.
/// Throws Error if some lie outside 0..255.
inline double picture_scale(const ReadingFacts& facts, const Shape& shape, const std::string& name,
                            std::vector<std::string>& notes) {
    if (facts.least < 0 || facts.largest > 255)
        throw Error(text(name, ": the values of pictures lie in ", facts.least, " to ", facts.largest,
                         ", expected 0 to 1 or 0 to 255; undo the standardisation or scale them. If they are series, "
                         "layout=nct or layout=ntc says so",
                         series_shape_text(shape)));
    if (facts.largest > 1 || facts.largest == 0) return 1;
    notes.push_back("the values lie in 0 to 1 and were multiplied by 255");
    return 255;
}

/// Moves the samples from `array` to `part` in raw form, channels first. factor: scale of pictures.
template <class Element>
void convert_samples(Array& array, const Meaning& meaning, double factor, const std::vector<Channel>& series_channels,
                     Split& part) {
    std::vector<Element>& out = part.elements<Element>();
    const ChannelOf channel_of(meaning);
    const bool as_they_are = factor == 1 && std::all_of(series_channels.begin(), series_channels.end(),
                                                        [](const Channel& c) { return c.origin == 0 && c.scale == 1; });
    const auto cast = [&](double value, std::size_t i) {
        if constexpr (std::is_same_v<Element, std::int16_t>) {
            const Channel& channel = series_channels[channel_of(i)];
            return mcu::raw_value(float(value), channel.origin, channel.scale);
        } else {
            return Element(std::clamp(std::floor(value * factor + 0.5), 0.0, 255.0));
        }
    };
    std::visit(
        [&](auto& items) {
            using Item = typename std::remove_reference_t<decltype(items)>::value_type;
            if constexpr (std::is_same_v<Item, Element>)
                if (as_they_are) {
                    out = std::move(items);
                    return;
                }
            out.resize(items.size());
            for (std::size_t i = 0; i < items.size(); ++i) out[i] = cast(double(items[i]), i);
        },
        array.items);
    array.items = std::vector<std::uint8_t>();
    const std::size_t channels = channel_of.channels;
    if (meaning.channels_last && channels > 1) out = channels_first(out, channels, channel_of.positions);
}

/// Sets the channels of a series and the number of different values in `set`; returns the factor of pictures.
inline double scale_samples(const std::vector<LabelledArrays>& parts, const Meaning& meaning, Dataset& set) {
    if (!meaning.series) {
        FactsCounter counter;
        for_readings(parts, [&](float value, std::size_t) { counter.add(double(value)); });
        set.levels = {counter.facts().levels};
        const double factor = picture_scale(counter.facts(), meaning.shape, parts.front().samples.name, set.notes);
        if (factor != 1) set.duties.push_back(text("multiply values by ", factor, " and round them half up"));
        return factor;
    }
    const ChannelOf channel_of(meaning);
    std::vector<std::vector<float>> readings(channel_of.channels);
    for_readings(parts, [&](float value, std::size_t i) { readings[channel_of(i)].push_back(value); });
    std::vector<ReadingFacts> facts;
    for (std::vector<float>& of_channel : readings) {
        facts.push_back(reading_facts(std::move(of_channel)));
        set.levels.push_back(facts.back().levels);
    }
    set.channels = channels_for(facts);
    return 1;
}

/// The labels of a part as numbers, one for each sample. Throws Error if they are not numbers.
inline std::vector<std::int64_t> label_numbers(const Array& array, const Array& samples) {
    const std::vector<std::size_t>& d = array.dimensions;
    if (d.empty() || d.size() > 2 || (d.size() == 2 && d[1] != 1))
        throw Error(text(array.name, ": the labels are an array of ", dimensions_text(d),
                         ", expected one number for each sample"));
    if (d[0] != samples.dimensions[0])
        throw Error(text(array.name, ": ", d[0], " labels for the ", samples.dimensions[0], " samples of ",
                         samples.name, "; the two files do not belong together"));
    std::vector<std::int64_t> labels(d[0]);
    std::visit(
        [&](const auto& items) {
            for (std::size_t i = 0; i < items.size(); ++i) {
                const double label = double(items[i]);
                if (!(std::abs(label) < 0x1p53 && label == std::floor(label)))
                    throw Error(text(array.name, ": label ", i, " is ", label,
                                     ", expected a whole number; task=regression learns numbers"));
                labels[i] = std::int64_t(label);
            }
        },
        array.items);
    return labels;
}

/// The target numbers of a part, [samples][quantities]. Throws Error unless every sample has the same number of them.
inline std::vector<float> target_numbers(const Array& array, const Array& samples, std::size_t quantities) {
    const std::vector<std::size_t>& d = array.dimensions;
    if (d.empty() || d.size() > 2 || (d.size() == 2 ? d[1] : 1) != quantities)
        throw Error(text(array.name, ": the target numbers are an array of ", dimensions_text(d), ", expected ",
                         samples.dimensions[0], "x", quantities));
    if (d[0] != samples.dimensions[0])
        throw Error(text(array.name, ": target numbers for ", d[0], " samples, ", samples.name, " has ",
                         samples.dimensions[0], "; the two files do not belong together"));
    std::vector<float> targets;
    std::visit(
        [&](const auto& items) {
            for (std::size_t i = 0; i < items.size(); ++i) {
                targets.push_back(float(items[i]));
                if (!std::isfinite(targets.back()))
                    throw Error(text(array.name, ": ", place_text(i, quantities, "target"), " is ", targets.back(),
                                     ", expected a finite number; take the sample out"));
            }
        },
        array.items);
    return targets;
}

/// Quantities of a set whose labels are target numbers: one for each column of the labels, without names.
inline std::vector<Quantity> quantities_in(const Array& labels) {
    const std::size_t count = labels.dimensions.size() == 2 ? labels.dimensions[1] : 1;
    if (count < 1 || count > max_classes)
        throw Error(text(labels.name, ": ", count, " target numbers for each sample, expected 1 to ", max_classes));
    return std::vector<Quantity>(count);
}

/// The different labels of all parts in rising order. Throws Error if there are more than a set may have.
inline std::vector<std::int64_t> different_labels(const std::vector<std::vector<std::int64_t>>& parts,
                                                  const std::string& name) {
    std::set<std::int64_t> all;
    for (const std::vector<std::int64_t>& labels : parts) all.insert(labels.begin(), labels.end());
    if (all.size() > max_classes)
        throw Error(
            text(name, ": ", all.size(), " different labels, at most ", max_classes,
                 " are possible; are they classes? task=regression, or .targets in a program, learns them as numbers"));
    return {all.begin(), all.end()};
}
} // namespace detail

/// Makes one data set of one to three parts. Class names are the numbers of the labels that occur, in rising order.
/// With `layout`, arrays that could also be pictures are series; `shape` unfolds arrays of samples x elements. Throws
/// Error unless all parts agree in shape and number type and have as many labels as samples. `numbers`: labels are
/// target numbers, [samples] or [samples][quantities].
inline Dataset dataset_from_arrays(std::vector<LabelledArrays> parts, std::optional<Layout> layout = {},
                                   std::optional<Shape> shape = {}, bool numbers = false) {
    using namespace detail;
    if (parts.empty()) throw Error("a data set of no arrays was asked for; give samples and labels");
    Dataset set;
    const Array& first = parts.front().samples;
    const Meaning meaning = meaning_of(first, layout, shape);
    set.shape = meaning.shape;
    set.element = meaning.series ? ElementType::int16 : ElementType::uint8;
    std::vector<std::vector<std::int64_t>> labels;
    if (numbers) set.quantities = quantities_in(parts.front().labels);
    for (const LabelledArrays& part : parts) {
        const Array& other = part.samples;
        for (const Array* array : {&part.samples, &part.labels}) check_size(*array);
        if (other.dimensions.size() != first.dimensions.size() ||
            !std::equal(other.dimensions.begin() + 1, other.dimensions.end(), first.dimensions.begin() + 1) ||
            other.items.index() != first.items.index())
            throw Error(text(other.name, ": the array is ", dimensions_text(other.dimensions), ", that of ", first.name,
                             " is ", dimensions_text(first.dimensions),
                             "; all parts must have the same shape and number type"));
        if (other.dimensions[0] == 0) throw Error(text(other.name, ": the array has no samples"));
        if (numbers) set.part(part.part).targets = target_numbers(part.labels, part.samples, set.quantities.size());
        labels.push_back(numbers ? std::vector<std::int64_t>(other.dimensions[0])
                                 : label_numbers(part.labels, part.samples));
    }
    const double factor = scale_samples(parts, meaning, set);
    const std::vector<std::int64_t> classes = different_labels(labels, parts.front().labels.name);
    if (!numbers)
        for (const std::int64_t label : classes) set.class_names.push_back(text(label));
    for (std::size_t p = 0; p < parts.size(); ++p) {
        Split& split = set.part(parts[p].part);
        split.samples = labels[p].size();
        for (const std::int64_t label : labels[p])
            split.labels.push_back(
                std::uint8_t(std::lower_bound(classes.begin(), classes.end(), label) - classes.begin()));
        split.groups = std::move(parts[p].groups);
        split.sources = std::move(parts[p].sources);
        if (meaning.series)
            convert_samples<std::int16_t>(parts[p].samples, meaning, factor, set.channels, split);
        else
            convert_samples<std::uint8_t>(parts[p].samples, meaning, factor, {}, split);
    }
    return set;
}

} // namespace tinysparse::data
