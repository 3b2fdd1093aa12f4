// SPDX-License-Identifier: Apache-2.0
// Makes a Dataset of arrays in memory: pictures or series, their labels or target numbers, and their training,
// validation and test part. It does everything that a reader of files does: readings become raw elements, a series gets
// its normalisation, targets get their scale, and the set gets its digest.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
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

/// The caller's samples. Only shape, elements and either labels or targets are required.
struct OwnArrays {
    Shape shape; ///< One sample. Width 1: a series of `channels` readings at `height` moments; else a picture.
    /// [samples][channels][height][width]. Pictures: 0..255, or floats of 0..1. Series: readings in any unit, finite.
    std::variant<std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<float>> elements = {};
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

/// Number of samples. Throws Error if lengths do not belong together or a share is out of range.
inline std::size_t check_arrays(const OwnArrays& own) {
    const auto fail = [&](std::string_view what) { throw Error(text(own.name, ": ", what)); };
    const auto [channels, height, width] = own.shape;
    const bool sides = std::min({channels, height, width}) >= 1 && std::max({channels, height, width}) <= 65535;
    if (!sides || std::size_t(channels) * std::size_t(height) > max_sample_size / std::size_t(width))
        fail(text("samples of ", channels, "x", height, "x", width,
                  " (channels, height, width); each is at least 1, and all together are at most ", max_sample_size));
    const std::size_t count = std::visit([](const auto& items) { return items.size(); }, own.elements);
    const std::size_t size = own.shape.size(), samples = count / size;
    if (count == 0 || count % size != 0)
        fail(text(count, " elements are no whole number of samples of ", size, "; give samples x ", size));
    const std::size_t numbers = std::max<std::size_t>(1, own.quantity_names.size());
    if (own.labels.empty() == own.targets.empty()) fail("give labels, or targets if numbers are to be answered");
    const auto expect = [&](std::size_t found, std::size_t expected, std::string_view what) {
        if (found != 0 && found != expected)
            fail(text(found, " ", what, " for ", samples, " samples of ", own.shape.channels, "x", own.shape.height,
                      "x", own.shape.width, " (shape: channels, height, width), expected ", expected));
    };
    expect(own.labels.size(), samples, "labels");
    expect(own.targets.size(), samples * numbers, "targets");
    expect(own.groups.size(), samples, "groups");
    expect(own.parts.size(), samples, "parts");
    if (!own.channel_names.empty() && (width != 1 || own.channel_names.size() != std::size_t(channels)))
        fail(text(own.channel_names.size(), " names for the ", channels, " channels of a sample of width ", width,
                  "; a series of width 1 may have one for each"));
    for (const double share : {own.validation, own.test})
        if (!(share >= 0 && share < 1)) fail(text("a part's share of ", share, " is not in 0..1, 1 excluded"));
    for (std::size_t i = 0; i < own.labels.size(); ++i) {
        constexpr int most = 1 << 24; // floats hold all whole numbers up to here
        const bool fits = own.class_names.empty()
                              ? std::abs(std::int64_t{own.labels[i]}) <= most
                              : own.labels[i] >= 0 && std::size_t(own.labels[i]) < own.class_names.size();
        if (!fits)
            fail(text("sample ", i, " has label ", own.labels[i],
                      own.class_names.empty() ? ""
                                              : text(", class names are given for 0 to ", own.class_names.size() - 1)));
    }
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
        for (std::size_t i = 0; i < own.parts.size(); ++i) {
            if (own.parts[i] > Part::test) throw Error(text(set.name, ": the part of sample ", i, " does not exist"));
            indices[std::size_t(own.parts[i])].push_back(i);
        }
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
    if (set.train.samples == 0) throw Error(text(set.name, ": there are no training samples"));
}

} // namespace detail

/// Makes a data set of the caller's arrays, which it takes over: raw elements, classes or target numbers, three parts,
/// and everything else that training and search need. Throws Error that names the arrays that do not belong together.
inline Dataset from_arrays(OwnArrays own) {
    const std::size_t samples = detail::check_arrays(own);
    Dataset set = detail::whole_set(own, samples);
    set.name = own.name;
    set.sampling_rate = own.sampling_rate;
    if (!set.answers_numbers() && set.classes() < 2)
        throw Error(text(set.name, ": all samples are of one class; a network needs at least two to tell apart"));
    detail::deal_parts(set, own);
    if (set.is_series()) set.normalisation = normalisation_of(set.train, set.shape);
    if (set.answers_numbers()) scale_quantities(set);
    set.digest = digest_of(set);
    check(set);
    return set;
}

} // namespace tinysparse::data
