// SPDX-License-Identifier: Apache-2.0
// Makes a Dataset of arrays in memory: pictures or series, their labels or target numbers, and their training,
// validation and test part. It does everything that a reader of files does: readings become raw elements, a series gets
// its normalisation, targets get their scale, and the set gets its digest.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/check.hpp"
#include "tinysparse/data/parts.hpp"
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/targets.hpp"

namespace tinysparse::data {

/// The elements of the caller's samples, in one of the types that files have, or as doubles, which become floats.
struct Elements : std::variant<std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<float>> {
    using variant::variant;
    Elements() = default;
    /// Converts each value to a float.
    Elements(const std::vector<double>& values) : variant(std::vector<float>(values.begin(), values.end())) {}
};

/// The caller's samples. Only shape, elements and either labels or targets are required.
struct OwnArrays {
    Shape shape; ///< One sample. Width 1: a series of `channels` readings at `height` moments; else a picture.
    /// [samples][channels][height][width]. Pictures: 0..255, or floats of 0..1. Series: readings in any unit, finite.
    Elements elements = {};
    std::vector<int> labels = {};                 ///< One for each sample: with class_names an index, else any number.
    std::vector<std::string> class_names = {};    ///< Empty: the labels that occur, as text.
    std::vector<float> targets = {};              ///< Instead of labels: target numbers, [samples][quantities].
    std::vector<std::string> quantity_names = {}; ///< One for each target number; empty: one without a name.
    std::vector<std::string> channel_names = {};  ///< One for each channel of a series; empty: no names.
    std::vector<std::uint32_t> groups = {};       ///< Person or recording of each sample, any number; kept in one part.
    std::vector<Part> parts = {};                 ///< Part of each sample. Empty: dealt out by the shares below.
    double validation = default_validation_share; ///< Share of the samples outside the test part, 0 <= x < 1.
    double test = default_test_share;             ///< Share of the whole, 0 <= x < 1.
    std::uint64_t seed = 0;                       ///< Chooses the samples; groups do not depend on it.
    bool channels_last = false;                   ///< Elements are [samples][height][width][channels].
    std::optional<double> sampling_rate = {}; ///< Moments per second of a series, above 0; programs on chips use it.
    std::string name = "own arrays";          ///< Used in messages and models.
};

namespace detail {

/// Refuses arrays with a sentence that begins with their name.
[[noreturn]] inline void refuse_arrays(const OwnArrays& own, std::string_view what) {
    throw Error(text(own.name, ": ", what));
}

/// Number of samples. Throws Error unless the elements are whole samples of a possible shape.
inline std::size_t count_samples(const OwnArrays& own) {
    const auto [channels, height, width] = own.shape;
    const bool sides = std::min({channels, height, width}) >= 1 && std::max({channels, height, width}) <= 65535;
    if (!sides || std::size_t(channels) * std::size_t(height) > max_sample_size / std::size_t(width))
        refuse_arrays(own, text("the shape is ", shape_text(own.shape), "; expected lengths of at least 1 and at most ",
                                max_sample_size, " elements in a sample"));
    const std::size_t count = std::visit([](const auto& items) { return items.size(); }, own.elements);
    const std::size_t size = own.shape.size();
    if (count == 0) refuse_arrays(own, text("there are 0 elements; give those of all samples, ", size, " for each"));
    if (count % size != 0)
        refuse_arrays(own, text(count, " elements are not a whole number of samples: each has ", size,
                                ", as its shape is ", shape_text(own.shape), ", and after ", count / size, " samples ",
                                count % size, " elements remain; correct the shape or the elements"));
    return count / size;
}

/// Throws Error if a label is not a class, or if there are fewer than two classes.
inline void check_own_labels(const OwnArrays& own) {
    constexpr int most = 1 << 24; // floats hold all whole numbers up to here
    const bool named = !own.class_names.empty();
    const int names = int(std::min(own.class_names.size(), std::size_t(most)));
    const auto [least, largest] = std::minmax_element(own.labels.begin(), own.labels.end());
    const int first = named ? 0 : -most, last = named ? names - 1 : most;
    for (std::size_t i = 0; i < own.labels.size(); ++i) {
        if (own.labels[i] >= first && own.labels[i] <= last) continue;
        const std::string found = text("sample ", i, " has label ", own.labels[i]);
        if (!named) refuse_arrays(own, text(found, ", expected ", first, " to ", last));
        refuse_arrays(
            own, text(found, ", but the ", names, " class names are those of labels 0 to ", last,
                      *least > 0 && *largest == names
                          ? text("; labels begin at 0, and the smallest here is ", *least, ": subtract 1 from each")
                          : text("; labels begin at 0, and those here are ", *least, " to ", *largest)));
    }
    if (!own.labels.empty() && *least == *largest)
        refuse_arrays(
            own, text("all samples are of one class, label ", *least, "; a network needs at least two to tell apart"));
}

/// Number of samples. Throws Error if lengths do not belong together or a share is out of range.
inline std::size_t check_arrays(const OwnArrays& own) {
    const std::size_t samples = count_samples(own);
    const std::size_t numbers = std::max<std::size_t>(1, own.quantity_names.size());
    if (own.labels.empty() == own.targets.empty())
        refuse_arrays(own, text(own.labels.size(), " labels and ", own.targets.size(), " targets for ", samples,
                                " samples; give labels, or targets if numbers are to be answered"));
    const auto expect = [&](std::size_t found, std::size_t expected, std::string_view what,
                            std::string_view cure = "") {
        if (found != 0 && found != expected)
            refuse_arrays(own, text(found, " ", what, " for ", samples, " samples of shape ", shape_text(own.shape),
                                    ", expected ", expected, cure));
    };
    expect(own.labels.size(), samples, "labels");
    expect(own.targets.size(), samples * numbers, "targets",
           own.targets.size() % samples != 0 ? ""
                                             : text("; if a sample has ", own.targets.size() / samples,
                                                    " targets, give each its name in .quantity_names"));
    expect(own.groups.size(), samples, "groups");
    expect(own.parts.size(), samples, "parts");
    if (!own.channel_names.empty() &&
        (own.shape.width != 1 || own.channel_names.size() != std::size_t(own.shape.channels)))
        refuse_arrays(own, text(own.channel_names.size(), " names of channels for samples of shape ",
                                shape_text(own.shape), "; a series, whose width is 1, may have one for each channel"));
    for (const auto& [share, name] : {std::pair(own.validation, ".validation"), {own.test, ".test"}})
        if (!(share >= 0 && share < 1))
            refuse_arrays(own, text(name, " is ", share, ", expected a share of 0 to below 1"));
    for (std::size_t i = 0; i < own.parts.size(); ++i)
        if (own.parts[i] > Part::test)
            refuse_arrays(own, text("the part of sample ", i, " is ", int(own.parts[i]),
                                    "; expected Part::train, Part::validation or Part::test"));
    check_own_labels(own);
    return samples;
}

/// All samples as one training part.
inline Dataset whole_set(OwnArrays& own, std::size_t samples) {
    const bool numbers = !own.targets.empty();
    const std::size_t quantities = std::max<std::size_t>(1, own.quantity_names.size());
    LabelledArrays arrays;
    arrays.samples = {own.name, {samples, own.shape.size()}, std::move(own.elements)};
    arrays.labels = numbers ? Array{own.name, {samples, quantities}, std::move(own.targets)}
                            : Array{own.name, {samples}, std::vector<float>(own.labels.begin(), own.labels.end())};
    std::vector<LabelledArrays> parts;
    parts.push_back(std::move(arrays));
    Dataset set =
        dataset_from_arrays(std::move(parts), own.channels_last ? Layout::ntc : Layout::nct, own.shape, numbers);
    for (std::size_t k = 0; k < own.quantity_names.size(); ++k) set.quantities[k].name = own.quantity_names[k];
    for (std::size_t c = 0; c < own.channel_names.size(); ++c) set.channels[c].name = own.channel_names[c];
    if (!own.class_names.empty() && !numbers) { // classes without a sample keep their number
        set.class_names = std::move(own.class_names);
        for (std::size_t i = 0; i < samples; ++i) set.train.labels[i] = std::uint8_t(own.labels[i]);
    }
    if (own.groups.empty()) return set;
    std::vector<std::uint32_t> ids = own.groups;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (const std::uint32_t id : ids) set.group_names.push_back(text(id));
    for (const std::uint32_t id : own.groups)
        set.train.groups.push_back(std::uint32_t(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin()));
    return set;
}

/// Deals whole groups by the shares. Throws Error if they leave no test part, and warns if they leave no validation
/// part; a class with a single group is for training alone.
inline void deal_whole_groups(Dataset& set, const OwnArrays& own) {
    DealOptions options;
    if (own.validation > 0) options.validation = own.validation;
    if (own.test > 0) options.test = own.test;
    const std::size_t groups = set.group_names.size();
    const std::size_t wanted = 1u + options.validation.has_value() + options.test.has_value();
    constexpr std::string_view cure = "; give more groups, or the part of each sample in .parts, or .";
    if (groups < wanted)
        throw Error(text(set.name, ": ", groups, groups == 1 ? " group" : " groups", " for ", wanted, " parts", cure,
                         options.validation ? "validation = 0" : "test = 0"));
    deal_by_groups(set, options);
    if (options.test && set.test.samples == 0)
        throw Error(text(set.name, ": none of the ", groups, " groups is left for the test part, as each class needs ",
                         "one to train on", cure, "test = 0"));
    if (options.validation && set.validation.samples == 0)
        set.warnings.push_back(text("none of the ", groups, " groups is left for the validation part, as each class ",
                                    "needs one to train on", cure, "validation = 0"));
}

/// Makes training, validation and test part of a set whose samples are all in the training part.
inline void deal_parts(Dataset& set, const OwnArrays& own) {
    const std::size_t size = set.shape.size();
    set.validation_drawn = own.parts.empty() && own.validation == default_validation_share;
    if (!own.parts.empty()) {
        std::vector<std::size_t> indices[3];
        for (std::size_t i = 0; i < own.parts.size(); ++i) indices[std::size_t(own.parts[i])].push_back(i);
        const Split all = std::move(set.train);
        for (const Part part : {Part::train, Part::validation, Part::test})
            set.part(part) = take(all, size, indices[std::size_t(part)]);
    } else if (!set.train.groups.empty()) {
        deal_whole_groups(set, own);
    } else {
        const std::string seed = own.seed == 0 ? "" : text(" ", own.seed); // 0 chooses as a reader of files does
        set.test = split_off(set.train, size, set.strata(), own.test, "test part" + seed);
        set.validation = split_off(set.train, size, set.strata(), own.validation, "validation part" + seed);
        if (own.test > 0 && set.test.samples == 0)
            throw Error(text(set.name, ": ", set.train.samples,
                             " samples leave none for the test part, whose share is ", own.test,
                             "; give more samples, or .test = 0"));
    }
    if (set.train.samples == 0)
        throw Error(text(set.name, ": there are no training samples; give some of them Part::train"));
}

} // namespace detail

/// Makes a data set of the caller's arrays, which it takes over: raw elements, classes or target numbers, three parts,
/// and everything else that training and search need. Throws Error that says which arrays do not belong together, or
/// which sample, element, label or target is wrong. Pictures of one row get a warning: they are probably series.
inline Dataset from_arrays(OwnArrays own) {
    const std::size_t samples = detail::check_arrays(own);
    Dataset set = detail::whole_set(own, samples);
    set.name = own.name;
    set.sampling_rate = own.sampling_rate;
    if (!set.is_series() && set.shape.height == 1 && set.shape.width > 1)
        set.warnings.push_back(text("samples of shape ", detail::shape_text(set.shape), " are pictures of one row; a ",
                                    "series has width 1: .shape = {", set.shape.channels, ", ", set.shape.width,
                                    ", 1}"));
    detail::deal_parts(set, own);
    if (set.is_series()) set.normalisation = normalisation_of(set.train, set.shape);
    if (set.answers_numbers()) scale_quantities(set);
    set.digest = digest_of(set);
    check(set);
    return set;
}

} // namespace tinysparse::data
