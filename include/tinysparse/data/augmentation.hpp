// SPDX-License-Identifier: Apache-2.0
// Augmentation: random changes to the samples of a training, so that a small set stands for a larger one. All changes
// are off unless stated. augment_pictures.hpp and augment_series.hpp apply them on the raw grid, one sample at a time,
// into a buffer of the caller. Nothing is allocated, and the result depends on the random stream alone, so a training
// is the same for any number of threads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/sensor_axes.hpp"

namespace tinysparse::data {

/// Each member is the largest change.
struct Augmentation {
    int shift = 0;            ///< Pixels, or moments of time, in each direction, uniform.
    double rotate = 0;        ///< Degrees in each direction, uniform.
    double scale = 0;         ///< 0.1: by a factor from 1/1.1 to 1.1, uniform in its logarithm.
    double shear = 0;         ///< 0.2: a column moves by up to 0.2 pixels for each pixel down, uniform.
    bool flip = false;        ///< Mirrors half of the samples left to right.
    bool upside_down = false; ///< Mirrors half of the samples top to bottom.
    int cut_out = 0; ///< Side of a square set to the mean of the sample (DeVries and Taylor 2017); may be cut off.
    double brightness = 0;   ///< 0.2: up to 51 of 255 added or subtracted.
    double contrast = 0;     ///< 0.2: by a factor from 0.8 to 1.2.
    double hue = 0;          ///< Degrees in each direction, uniform: a rotation of the colours about gray.
    double saturation = 0;   ///< 0.2: the distance from gray by a factor from 0.8 to 1.2.
    double colour_order = 0; ///< Share of the samples whose three channels are put into a random order.
    double noise =
        0; ///< Deviation as share of the full range: 255 for pictures, the range of the network's grid for series.
    double stretch = 0; ///< 0.1: time by a factor from 1/1.1 to 1.1, uniform in its logarithm.
    double gain = 0;    ///< 0.1: the distance from the channels' offsets by a factor from 1/1.1 to 1.1, the same way.
    double axes = 0;    ///< Degrees in each direction, uniform: a rotation of the sensors about a random axis.

    /// True if pictures are resampled at other places.
    bool is_geometric() const { return rotate != 0 || scale != 0 || shear != 0; }
    /// True if channels are mixed or exchanged, which needs three of them.
    bool is_colourful() const { return hue != 0 || saturation != 0 || colour_order != 0; }
    bool operator==(const Augmentation&) const = default;
};

/// The kinds of data to which a change applies.
enum class Augmentable : std::uint8_t { all, pictures, colours, series, sensors };

/// A member of Augmentation.
struct AugmentationInfo {
    std::string_view name; ///< Name of the training option.
    std::string_view unit; ///< Unit of its value; empty for a switch.
    std::string_view what; ///< One sentence without its full stop.
    Augmentable data;
    double most;                        ///< Largest value.
    bool whole;                         ///< Only whole numbers are allowed.
    double (*get)(const Augmentation&); ///< Reads the member.
    void (*set)(Augmentation&, double); ///< Writes the member, a switch as 0 or 1.

    /// True if the value is 0 or 1 rather than a strength.
    bool is_switch() const { return unit.empty(); }
};

namespace detail {
template <auto member>
constexpr AugmentationInfo augments(std::string_view name, std::string_view unit, double most, Augmentable data,
                                    std::string_view what) {
    using Value = std::remove_reference_t<decltype(Augmentation{}.*member)>;
    return {name,
            unit,
            what,
            data,
            most,
            std::is_integral_v<Value>,
            [](const Augmentation& augmentation) { return double(augmentation.*member); },
            [](Augmentation& augmentation, double value) { augmentation.*member = Value(value); }};
}
} // namespace detail

/// Every member, in order.
inline constexpr AugmentationInfo augmentations[] = {
    detail::augments<&Augmentation::shift>("shift", "N", 65535, Augmentable::all,
                                           "Move pictures, or series in time, by up to N positions"),
    detail::augments<&Augmentation::rotate>("rotate", "DEGREES", 180, Augmentable::pictures,
                                            "Turn pictures by up to this angle each way"),
    detail::augments<&Augmentation::scale>("scale", "X", 4, Augmentable::pictures,
                                           "Scale pictures by a factor from 1/(1+X) to 1+X"),
    detail::augments<&Augmentation::shear>("shear", "X", 1, Augmentable::pictures,
                                           "Slant pictures by up to X pixels per row"),
    detail::augments<&Augmentation::flip>("flip", "", 1, Augmentable::pictures,
                                          "Mirror every second picture left to right"),
    detail::augments<&Augmentation::upside_down>("upside-down", "", 1, Augmentable::pictures,
                                                 "Mirror every second picture top to bottom"),
    detail::augments<&Augmentation::cut_out>("cut-out", "N", 255, Augmentable::pictures,
                                             "Gray out a square of N x N pixels"),
    detail::augments<&Augmentation::brightness>("brightness", "X", 1, Augmentable::pictures,
                                                "Add or subtract up to X of the full range"),
    detail::augments<&Augmentation::contrast>("contrast", "X", 1, Augmentable::pictures,
                                              "Change the contrast by a factor from 1-X to 1+X"),
    detail::augments<&Augmentation::hue>("hue", "DEGREES", 180, Augmentable::colours,
                                         "Turn the colours about gray by up to this angle each way"),
    detail::augments<&Augmentation::saturation>("saturation", "X", 1, Augmentable::colours,
                                                "Change the saturation by a factor from 1-X to 1+X"),
    detail::augments<&Augmentation::colour_order>(
        "colour-order", "SHARE", 1, Augmentable::colours,
        "Share of the pictures whose colour channels are reordered at random"),
    detail::augments<&Augmentation::noise>("noise", "X", 1, Augmentable::all,
                                           "Add noise with a deviation of X of the full range"),
    detail::augments<&Augmentation::stretch>("stretch", "X", 4, Augmentable::series,
                                             "Stretch series in time by a factor from 1/(1+X) to 1+X"),
    detail::augments<&Augmentation::gain>("gain", "X", 4, Augmentable::series,
                                          "Amplify series by a factor from 1/(1+X) to 1+X"),
    detail::augments<&Augmentation::axes>("axes", "DEGREES", 180, Augmentable::sensors,
                                          "Turn the three axes of each sensor by up to this angle"),
};

/// The stream for one sample in one epoch.
inline Random augmentation_stream(std::uint64_t seed, std::uint32_t epoch, std::uint32_t sample) {
    return Random(seed, "augmentation", std::uint64_t{epoch} << 32 | sample);
}

namespace detail {
/// The reason why such data cannot be augmented like this; empty if they can.
inline std::string why_not(Augmentable data, const Dataset& set) {
    if (data == Augmentable::all) return "";
    if (data == Augmentable::series || data == Augmentable::sensors) {
        if (!set.is_series()) return "is for series; the data are pictures";
        if (data == Augmentable::sensors && sensor_axes(set.channels, set.shape.channels).empty())
            return text("is for sensors of three axes; the series have ", set.shape.channels,
                        set.shape.channels == 1 ? " channel" : " channels");
        return "";
    }
    if (set.is_series()) return "is for pictures; the data are series";
    if (data == Augmentable::colours && set.shape.channels != 3)
        return text("is for pictures of three colours; these have ", set.shape.channels,
                    set.shape.channels == 1 ? " channel" : " channels");
    return "";
}
} // namespace detail

/// True if such data can be augmented like this.
inline bool applies(const AugmentationInfo& info, const Dataset& set) {
    return detail::why_not(info.data, set).empty();
}

/// Throws Error for values out of range, and for changes that do not fit the set.
inline void check_augmentation(const Augmentation& augmentation, const Dataset& set) {
    for (const AugmentationInfo& info : augmentations) {
        const double value = info.get(augmentation);
        if (!(value >= 0 && value <= info.most))
            throw Error(text("augmentation ", info.name, "=", value, ": expected 0 to ", info.most));
        if (value == 0) continue;
        if (const std::string why_not = detail::why_not(info.data, set); !why_not.empty())
            throw Error(text(set.name, ": augmentation ", info.name, " ", why_not));
    }
}

} // namespace tinysparse::data
