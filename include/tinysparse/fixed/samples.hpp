// SPDX-License-Identifier: Apache-2.0
// Raw samples in the form that a network takes, in the order of a data set or in that of a device's rows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/network.hpp"

namespace tinysparse::fixed {

/// Labelled samples of a data set, one after the other, each [channel][height][width]: pictures in `pixels` or series
/// in `values`; the other is empty. This is a view; the data must outlive it.
struct Samples {
    std::span<const std::uint8_t> pixels;
    std::span<const std::int16_t> values;
    std::span<const std::uint8_t> labels; ///< One for each sample.

    Samples() = default;
    /// Views any object that holds its samples under these names, such as data::Split.
    template <class Split>
    requires requires(const Split& split) {
        std::span(split.pixels);
        std::span(split.values);
        std::span(split.labels);
    }
    Samples(const Split& split) : pixels(split.pixels), values(split.values), labels(split.labels) {}
    template <class Split>
    requires requires(const Split& split) {
        std::span(split.pixels);
        std::span(split.values);
        std::span(split.labels);
    }
    Samples(const Split&& split) = delete;

    /// Number of samples.
    std::size_t size() const { return labels.size(); }
};

/// Answers of the integer network to samples.
struct Answers {
    std::vector<std::uint8_t> classes;
    std::vector<std::int32_t> logits; ///< [samples][classes of the network]
};

/// Throws Error unless the samples have the size and kind that the network reads.
inline void check_samples(const Network& network, const Samples& samples) {
    const net::Shape& shape = network.spec.input;
    const bool series = network.input.series;
    const std::size_t elements = series ? samples.values.size() : samples.pixels.size();
    if (elements != samples.size() * shape.size())
        throw Error(text("the network reads ", series ? "series" : "pictures", " of ", shape.channels, "x",
                         shape.height, "x", shape.width, "; ", samples.size(), " samples of that size have ",
                         samples.size() * shape.size(), " elements, these have ", elements));
}

/// Reorders a sample of a data set, [channel][height][width], to the order of a device's rows,
/// [height][width][channel]. Throws Error if it does not have that shape.
template <class Element>
void device_order(std::span<const Element> sample, const net::Shape& shape, std::vector<Element>& out) {
    if (shape.channels < 1 || sample.size() != shape.size())
        throw Error(text("a sample of ", sample.size(), " elements is not one of ", shape.channels, "x", shape.height,
                         "x", shape.width));
    const std::size_t channels = std::size_t(shape.channels), positions = shape.size() / channels;
    out.resize(shape.size());
    for (std::size_t channel = 0; channel < channels; ++channel)
        for (std::size_t i = 0; i < positions; ++i) out[i * channels + channel] = sample[channel * positions + i];
}

} // namespace tinysparse::fixed
