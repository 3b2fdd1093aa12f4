// SPDX-License-Identifier: Apache-2.0
// A data set as its reader understood it: shapes, classes and counts, split, value range, warnings; as JSON and as
// text.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/check.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/targets.hpp"
#include "tinysparse/data/units.hpp"

namespace tinysparse::data {

/// Samples of one part that also occur in another one, element for element; such leaks flatter every accuracy.
struct Duplicates {
    std::size_t within_train = 0; ///< Samples of the training part that equal an earlier one in it.
    /// Samples of the first part that also occur in the second.
    std::size_t validation_in_train = 0, test_in_train = 0, test_in_validation = 0;
    std::size_t contradictions = 0; ///< Equal samples of the training part with different labels or targets.
};

namespace detail {
inline std::uint64_t sample_digest(const Split& part, std::size_t size, std::size_t index) {
    if (!part.pixels.empty()) return fnv1a_64(std::span(part.pixels).subspan(index * size, size));
    const std::int16_t* values = part.values.data() + index * size;
    return fnv1a_64(std::string_view(reinterpret_cast<const char*>(values), size * sizeof(std::int16_t)));
}

/// The channel's column, or its number from 1 if it has no name.
inline std::string channel_name(const Dataset& set, std::size_t channel) {
    return channel < set.channels.size() && !set.channels[channel].name.empty() ? set.channels[channel].name
                                                                                : text(channel + 1);
}

/// Names of the groups in a part, in the order of the set.
inline std::vector<std::string> group_names(const Dataset& set, const Split& part) {
    std::vector<std::string> names;
    for (const std::uint32_t group : std::set<std::uint32_t>(part.groups.begin(), part.groups.end()))
        names.push_back(set.group_names[group]);
    return names;
}

struct Range {
    int low = 0, high = 0;
};
template <class Element> Range range_of(const std::vector<Element>& elements) {
    if (elements.empty()) return {};
    const auto [low, high] = std::minmax_element(elements.begin(), elements.end());
    return {*low, *high};
}
inline Range range_of(const Dataset& set) {
    return set.is_series() ? range_of(set.train.values) : range_of(set.train.pixels);
}
} // namespace detail

namespace detail {
/// Whether two samples have the same label and the same target numbers.
inline bool same_answers(const Split& part, std::size_t a, std::size_t b) {
    const std::size_t numbers = part.targets.size() / part.samples;
    const auto of = [&](std::size_t sample) { return part.targets.begin() + std::ptrdiff_t(sample * numbers); };
    return part.labels[a] == part.labels[b] && std::equal(of(a), of(a + 1), of(b));
}
} // namespace detail

/// By 64-bit hashes of the samples: a collision of two different ones is less likely than a memory error.
inline Duplicates find_duplicates(const Dataset& set) {
    Duplicates found;
    std::unordered_map<std::uint64_t, std::size_t> train, validation; // the first sample with each digest
    for (std::size_t i = 0; i < set.train.samples; ++i) {
        const auto [entry, is_new] = train.emplace(detail::sample_digest(set.train, set.shape.size(), i), i);
        found.within_train += !is_new;
        found.contradictions += !is_new && !detail::same_answers(set.train, entry->second, i);
    }
    for (std::size_t i = 0; i < set.validation.samples; ++i) {
        const std::uint64_t digest = detail::sample_digest(set.validation, set.shape.size(), i);
        validation.emplace(digest, i);
        found.validation_in_train += train.contains(digest);
    }
    for (std::size_t i = 0; i < set.test.samples; ++i) {
        const std::uint64_t digest = detail::sample_digest(set.test, set.shape.size(), i);
        found.test_in_train += train.contains(digest);
        found.test_in_validation += validation.contains(digest);
    }
    return found;
}

namespace detail {

/// Number of levels of the integer grid that the training values reach, of a channel or of all pictures, counted up to
/// enough_levels.
inline std::uint32_t grid_levels(const Dataset& set, std::size_t channel) {
    std::array<bool, 256> seen{};
    if (set.is_series()) {
        const std::size_t channels = std::size_t(set.shape.channels), times = set.shape.size() / channels;
        for (std::size_t i = 0; i < set.train.values.size(); ++i)
            if (i / times % channels == channel)
                seen[std::size_t(128 + input_value(set.train.values[i], set.normalisation.offset[channel],
                                                   set.normalisation.shift[channel]))] = true;
    } else {
        for (const std::uint8_t pixel : set.train.pixels) seen[std::size_t(input_value(pixel))] = true;
    }
    return std::uint32_t(std::min<std::ptrdiff_t>(std::count(seen.begin(), seen.end(), true), enough_levels));
}

/// Different raw values of a channel in these parts, counted up to enough_levels.
inline std::uint32_t raw_levels(const Dataset& set, std::initializer_list<const Split*> parts, std::size_t channel) {
    FactsCounter counter;
    const std::size_t channels = std::size_t(set.shape.channels), times = set.shape.size() / channels;
    for (const Split* part : parts) {
        for (std::size_t i = 0; i < part->values.size(); ++i)
            if (i / times % channels == channel) counter.add(double(part->values[i]));
        for (const std::uint8_t pixel : part->pixels) counter.add(double(pixel));
    }
    return counter.facts().levels;
}

/// Channels of which a network sees one level only, or fewer levels than the data have and fewer than 16.
inline void warn_of_levels(const Dataset& set, std::vector<std::string>& out) {
    for (std::size_t c = 0; c < set.levels.size(); ++c) {
        // Values may lie so far apart that the raw elements have fewer levels than the readings.
        const bool lost = set.is_series() && set.levels[c] == enough_levels &&
                          raw_levels(set, {&set.train, &set.validation, &set.test}, c) < enough_levels;
        const std::uint32_t levels = grid_levels(set, c),
                            in_data = lost ? set.levels[c] : std::min(set.levels[c], raw_levels(set, {&set.train}, c));
        if (levels == enough_levels || (levels > 1 && levels >= in_data)) continue;
        const std::string lost_words = text(channel_name(set, c), differences_lost);
        if (std::any_of(out.begin(), out.end(), [&](const std::string& one) { return one.starts_with(lost_words); }))
            continue; // said already
        const std::string name = set.is_series() ? text("channel ", channel_name(set, c), " ") : "the pictures ";
        const std::string verb = set.is_series() ? "has " : "have ";
        const std::string many = text(in_data, in_data == enough_levels ? " or more" : "", " different values");
        if (levels <= 1 && in_data <= 1)
            out.push_back(text(name, verb, "one value only and tells nothing; leave it out"));
        else if (levels <= 1)
            out.push_back(text(name, verb, many, ", but the training part has one level only; ",
                               set.is_series() ? "leave the channel out, or bring its values nearer to each other"
                                               : "spread the values over 0 to 255"));
        else if (set.is_series())
            out.push_back(text(name, verb, many, ", but a network sees ", levels,
                               " levels, since a few values far away stretch its range; take logarithms, or clip it "
                               "before"));
        else
            out.push_back(text(name, verb, many, ", but a network sees ", levels,
                               " levels, since they use a part of 0 to 255; spread them over all of it"));
    }
}

/// Series with more channels than moments: whoever names channels knows them, others may have exchanged the axes.
inline void warn_of_exchanged_axes(const Dataset& set, std::vector<std::string>& out) {
    const Shape& shape = set.shape;
    if (!set.is_series() || shape.height == 1 || shape.channels <= shape.height) return;
    if (!std::all_of(set.channels.begin(), set.channels.end(), [](const Channel& one) { return one.name.empty(); }))
        return;
    out.push_back(text("a sample has ", shape.height, " moments of ", shape.channels,
                       " channels without names; if it is ", shape.channels, " moments of ", shape.height,
                       " channels, the shape or the layout has them exchanged"));
}

/// Pictures of three equal channels: all, or nearly all.
inline void warn_of_gray(const Dataset& set, std::vector<std::string>& out) {
    if (set.is_series() || set.shape.channels != 3) return;
    const std::size_t plane = set.shape.size() / 3;
    std::size_t gray = 0, samples = 0;
    std::string coloured;
    for (const Split* part : {&set.train, &set.validation, &set.test})
        for (std::size_t i = 0; i < part->samples; ++i, ++samples) {
            const std::uint8_t* red = part->pixels.data() + 3 * i * plane;
            const bool is_gray = std::equal(red, red + 2 * plane, red + plane);
            gray += is_gray;
            if (!is_gray && coloured.empty() && i < part->sources.size()) coloured = set.files[part->sources[i].file];
        }
    const std::string_view cure = "; add gray (a third of the input, fewer cycles)";
    if (gray > 0 && gray == samples)
        out.push_back(text("all pictures are gray though stored in three channels", cure));
    else if (gray > 0 && 10 * gray >= 9 * samples)
        out.push_back(text(gray, " of ", samples, " pictures are gray though stored in three channels",
                           coloured.empty() ? "" : ", unlike " + coloured, cure));
}

/// Groups with samples in both parts.
inline std::size_t shared_groups(const Split& a, const Split& b) {
    const std::set<std::uint32_t> first(a.groups.begin(), a.groups.end()), second(b.groups.begin(), b.groups.end());
    return std::size_t(
        std::count_if(second.begin(), second.end(), [&](std::uint32_t group) { return first.contains(group); }));
}

inline void warn_of_absent_classes(const Dataset& set, const Split& part, std::string_view name,
                                   std::vector<std::string>& out) {
    std::vector<std::string> missing;
    const std::vector<std::size_t> counts = class_counts(part, set.classes());
    for (std::size_t c = 0; c < counts.size(); ++c)
        if (counts[c] == 0) missing.push_back(set.class_names[c]);
    if (!missing.empty()) out.push_back(text("no sample in the ", name, " part: ", join(missing, ", ")));
}

/// Warns if the classes are more than ten numbers with few samples each, which were more likely meant as target
/// numbers.
inline void warn_of_numbers(const Dataset& set, std::vector<std::string>& warnings) {
    constexpr std::size_t most_classes = 10, fewest_samples = 10;
    const bool numbers = std::all_of(set.class_names.begin(), set.class_names.end(),
                                     [](const std::string& name) { return parse_number<double>(name).has_value(); });
    if (numbers && set.classes() > most_classes && set.train.samples < fewest_samples * set.classes())
        warnings.push_back(text("the classes are ", set.classes(),
                                " numbers with few samples each; if they are target numbers, add "
                                "task=regression"));
}

inline void warn_of_imbalance(const Dataset& set, std::vector<std::string>& out) {
    const std::vector<std::size_t> train = class_counts(set.train, set.classes());
    const auto [least, most] = std::minmax_element(train.begin(), train.end());
    if (*least > 0 && *most > 3 * *least)
        out.push_back(text("the classes are not balanced: ", *most, " training samples of ",
                           set.class_names[std::size_t(most - train.begin())], ", ", *least, " of ",
                           set.class_names[std::size_t(least - train.begin())]));
}
} // namespace detail

/// What gives a set a validation part that is empty, for the end of a sentence.
inline std::string cure_of_empty_validation(const Dataset& set) {
    try {
        if (parse_spec(set.name).validation == 0.0) return "val=0.1 makes one";
    } catch (const Error&) { // a program's name of its own arrays
        return "give more samples, or groups, of each class";
    }
    return set.is_series() ? "take shorter windows, a smaller stride= or more recordings"
                           : "give more samples, or groups, of each class";
}

/// Errors and doubts about the data: the reader's warnings, classes without samples, imbalance (the largest class has
/// more than three times the samples of the smallest), duplicates, groups and values. One sentence each. Throws Error
/// as check_samples() does.
inline std::vector<std::string> warnings(const Dataset& set) {
    check_samples(set);
    std::vector<std::string> out = set.warnings;
    for (const auto& [part, name] :
         {std::pair(&set.train, "training"), {&set.validation, "validation"}, {&set.test, "test"}}) {
        if (part->samples == 0)
            out.push_back(text("the ", name, " part is empty",
                               part == &set.validation ? "; " + cure_of_empty_validation(set) : ""));
        else if (!set.answers_numbers())
            detail::warn_of_absent_classes(set, *part, name, out);
    }
    if (!set.answers_numbers()) {
        detail::warn_of_imbalance(set, out);
        detail::warn_of_numbers(set, out);
    }
    for (std::size_t k = 0; k < set.quantities.size(); ++k) detail::warn_of_wild_target(set, k, out);
    detail::warn_of_exchanged_axes(set, out);
    const Duplicates duplicates = find_duplicates(set);
    const auto warn = [&](std::size_t count, std::string_view one, std::string_view many, std::string_view what) {
        if (count > 0) out.push_back(text(count, " ", count == 1 ? one : many, what));
    };
    constexpr std::string_view in_train = " in the training part too";
    warn(duplicates.test_in_train, "test sample is", "test samples are", in_train);
    warn(duplicates.validation_in_train, "validation sample is", "validation samples are", in_train);
    warn(duplicates.test_in_validation, "test sample is", "test samples are", " in the validation part too");
    warn(duplicates.within_train, "training sample repeats", "training samples repeat", " another one");
    warn(duplicates.contradictions, "training sample repeats", "training samples repeat",
         set.answers_numbers() ? " another one of other numbers" : " another one that has a different label");
    if (!set.group_names.empty()) {
        warn(detail::shared_groups(set.train, set.test), "group of the test part is", "groups of the test part are",
             in_train);
        warn(detail::shared_groups(set.train, set.validation), "group of the validation part is",
             "groups of the validation part are", in_train);
    }
    const detail::Range range = detail::range_of(set);
    if (range.low == range.high) out.push_back(text("all values of the training part are ", range.low));
    if (range.low < range.high && (!set.is_series() || !set.normalisation.shift.empty()))
        detail::warn_of_levels(set, out);
    detail::warn_of_gray(set, out);
    return out;
}

/// Notes and warnings as commands print them: "note: ...", "warning: ...".
inline std::vector<std::string> remarks(const Dataset& set) {
    std::vector<std::string> out;
    for (const std::string& note : set.notes) out.push_back("note: " + note);
    for (const std::string& warning : warnings(set)) out.push_back("warning: " + warning);
    return out;
}

/// {"name", "element", "shape": [C, H, W], "range": [low, high], "classes": [{"name", "train", "validation", "test"}],
///  "targets" (see data/targets.hpp; only if the targets are numbers; "classes" is then empty),
///  "train", "validation", "test", "normalisation" (series: [{"name", "origin", "scale", "offset", "shift"}]),
///  "sampling_rate" and "groups" (by part) if the data have them, "digest", "notes", "warnings"}
/// Throws Error as check() does.
inline json::Value describe(const Dataset& set) {
    check(set);
    json::Value out = json::object({{"name", set.name}, {"element", set.is_series() ? "int16" : "uint8"}});
    out["shape"] = json::array({set.shape.channels, set.shape.height, set.shape.width});
    const detail::Range range = detail::range_of(set);
    out["range"] = json::array({range.low, range.high});
    out["classes"] = json::array();
    if (set.answers_numbers())
        out["targets"] = describe_targets(set);
    else
        out["classes"] = describe_classes(set);
    out["train"] = set.train.samples;
    out["validation"] = set.validation.samples;
    out["test"] = set.test.samples;
    if (set.is_series()) {
        json::Value& channels = out["normalisation"] = json::array();
        for (std::size_t c = 0; c < set.normalisation.offset.size(); ++c)
            channels.push_back(json::object({{"name", set.channels[c].name},
                                             {"origin", set.channels[c].origin},
                                             {"scale", set.channels[c].scale},
                                             {"offset", set.normalisation.offset[c]},
                                             {"shift", set.normalisation.shift[c]}}));
    }
    if (set.sampling_rate) out["sampling_rate"] = *set.sampling_rate;
    if (!set.group_names.empty())
        out["groups"] = json::object({{"train", detail::group_names(set, set.train)},
                                      {"validation", detail::group_names(set, set.validation)},
                                      {"test", detail::group_names(set, set.test)}});
    out["digest"] = hexadecimal(set.digest);
    out["notes"] = json::Value(set.notes);
    out["warnings"] = warnings(set);
    return out;
}

namespace detail {
/// "channel ax: reading * 16384, then offset 12, shift 7"
inline std::string channel_line(const json::Reader& channel, std::size_t c) {
    const std::string name = channel.at("name").as<std::string>();
    const double origin = channel.at("origin").as<double>(), scale = channel.at("scale").as<double>();
    const std::string reading =
        origin == 0 ? "reading" : text("(reading ", origin < 0 ? "+ " : "- ", std::abs(origin), ")");
    return text("channel ", name.empty() ? text(c + 1) : name, ": ", reading, scale == 1 ? "" : text(" * ", scale),
                ", offset ", channel.at("offset").as<int>(), ", shift ", channel.at("shift").as<int>(), "\n");
}

/// "train groups: a b c ..., 30 in all"
inline std::string group_line(const json::Reader& groups, std::string_view part) {
    std::vector<std::string> names = groups.as<std::vector<std::string>>();
    const std::size_t count = names.size();
    if (count > 8) names.resize(8);
    return text(part, " groups: ", join(names, ", "), count > 8 ? text(" ... ", count, " in all") : "", "\n");
}
} // namespace detail

/// The same for people, several lines with a newline at the end. Takes the result of describe().
inline std::string description_text(const json::Value& description) {
    const json::Reader in(description, "description");
    const std::vector<int> shape = in.at("shape").as<std::vector<int>>(), range = in.at("range").as<std::vector<int>>();
    const bool series = in.at("element").as<std::string>() == "int16";
    const auto count = [](const json::Reader& place, std::string_view key) { return place.at(key).as<std::size_t>(); };
    std::string out = text(in.at("name").as<std::string>(), "\n");
    if (series)
        out += text("series of ", shape[1], shape[1] == 1 ? " moment, " : " moments, ", shape[0],
                    shape[0] == 1 ? " channel" : " channels", ", int16");
    else
        out += text("pictures of ", shape[1], "x", shape[2], ", ", shape[0], shape[0] == 1 ? " channel" : " channels",
                    ", uint8");
    out += text(", values ", range[0], " to ", range[1], "\n", "train ", count(in, "train"), ", validation ",
                count(in, "validation"), ", test ", count(in, "test"), ", digest ", in.at("digest").as<std::string>(),
                "\n");

    out += in.has("targets") ? targets_text(in.at("targets")) : classes_text(in.at("classes"));
    if (series) {
        const std::vector<json::Reader> channels = in.at("normalisation").items();
        for (std::size_t c = 0; c < channels.size(); ++c) out += detail::channel_line(channels[c], c);
        if (in.has("sampling_rate")) out += text(in.at("sampling_rate").as<double>(), " moments per second\n");
    }
    if (in.has("groups"))
        for (const char* key : {"train", "validation", "test"}) out += detail::group_line(in.at("groups").at(key), key);
    for (const json::Reader& note : in.at("notes").items()) out += text("note: ", note.as<std::string>(), "\n");
    for (const json::Reader& warning : in.at("warnings").items())
        out += text("warning: ", warning.as<std::string>(), "\n");
    return out;
}

} // namespace tinysparse::data
