// SPDX-License-Identifier: Apache-2.0
// load(SPEC): the one way from a text (data/spec.hpp) to a Dataset.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/folds.hpp"
#include "tinysparse/data/glob.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/parts.hpp"
#include "tinysparse/data/prepare.hpp"
#include "tinysparse/data/read.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/strokes.hpp"
#include "tinysparse/data/targets.hpp"
#include "tinysparse/data/texts.hpp"
#include "tinysparse/data/textures.hpp"

namespace tinysparse::data {

/// Size of a synthetic set, all parts together, unless the SPEC gives one.
inline constexpr std::size_t default_synthetic_samples = 15000;

namespace detail {

struct SyntheticSet {
    std::string_view name;
    Dataset (*make)(std::size_t samples, std::uint64_t seed);
};
inline constexpr SyntheticSet synthetic_sets[] = {{"strokes", synthetic_strokes}, {"textures", synthetic_textures}};

inline Dataset synthesise(const Request& request) {
    const std::size_t samples = request.samples.value_or(default_synthetic_samples);
    if (samples < 20 || samples > 10000000) fail_spec(request, text("samples=", samples, ": expected 20 to 10000000"));
    check_bytes(request, text("samples=", samples), samples, 28 * 28, "take fewer");
    if (const SyntheticSet* set = row_named(synthetic_sets, request.synthetic))
        return set->make(samples, request.seed.value_or(0));
    const std::vector<std::string> known = names_of(synthetic_sets);
    const std::string near = nearest(request.synthetic, known);
    fail_spec(request, text("unknown synthetic set '", request.synthetic, "'; ",
                            near.empty() ? "known are " + join(known, ", ") : "did you mean " + near + "?"));
}

/// Averages series to the given size in time.
inline void apply_series_size(Dataset& set, const Request& request) {
    refuse_keys(request, {"gray", "pixels", "shrink"}, "is for pictures; these are series");
    if (!request.size) return;
    const int height = request.size->first, before = set.shape.height;
    if (request.size->second != 1)
        fail_spec(request, text("series have width 1; to average in time use size=", height, "x1"));
    if (height == before) return;
    check_bytes(request, text("size=", height, "x1"), set.train.samples + set.validation.samples + set.test.samples,
                2 * std::uint64_t(set.shape.channels) * std::uint64_t(height), "take fewer moments");
    if (set.sampling_rate) set.sampling_rate = significant(*set.sampling_rate * double(height) / double(before), 5);
    set.duties.push_back(duty_of_averaging(text("series from ", before, " moments to ", height)));
    average_in_time(set, height);
}

/// Applies classes= and merge=, unless the reader has already done so.
inline void apply_classes(Dataset& set, const Request& request) {
    if (request.classes.empty() && request.merge.empty()) return;
    const ClassChoice choice = choose_classes(set.class_names, request.merge, request.classes);
    std::size_t left_out = 0;
    for (Split* part : {&set.train, &set.validation, &set.test}) {
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < part->samples; ++i)
            if (choice.of[part->labels[i]] >= 0) kept.push_back(i);
        left_out += part->samples - kept.size();
        *part = take(*part, set.shape.size(), kept);
        for (std::uint8_t& label : part->labels) label = std::uint8_t(choice.of[label]);
    }
    set.class_names = choice.names;
    if (left_out > 0) set.notes.push_back(text(left_out, " samples of other classes were left out"));
}

/// The folder of the data: the path, or the folder that its file lies in.
inline std::string folder_of(const Request& request) {
    std::error_code code;
    const std::filesystem::path path(request.path);
    return std::filesystem::is_directory(path, code) ? request.path : path.parent_path().string();
}

/// Sets groups of arrays and pictures: one line of a file for each sample, or a pattern for the name of its file.
inline void apply_groups(Dataset& set, const Request& request) {
    if (request.group.empty() && request.groups.empty()) return;
    const bool by_pattern = request.group.find_first_of("*(") != std::string::npos;
    if (request.groups.empty() && (!by_pattern || set.train.sources.empty()))
        fail_spec(request,
                  "group= names a column of a table, or is a pattern for the files of pictures and recordings; "
                  "for arrays groups=FILE has a line for each sample");
    std::vector<std::string> lines = group_lines(request, folder_of(request));
    const std::size_t samples = set.train.samples + set.validation.samples + set.test.samples;
    if (request.groups.empty()) {
        const Glob glob(request.group);
        for (const std::string& file : set.files) {
            const std::optional<std::string> group = glob.group(file);
            if (!group) throw Error(text(file, ": the file does not match group=", request.group));
            lines.push_back(*group);
        }
    } else if (lines.size() != samples) {
        throw Error(text(request.groups, ": ", lines.size(), " lines for ", samples,
                         " samples; expected one for each, those of the training part first"));
    }
    Words words;
    std::size_t next = 0;
    for (Split* part : {&set.train, &set.validation, &set.test})
        for (std::size_t i = 0; i < part->samples; ++i, ++next)
            part->groups.push_back(words.index(lines[request.groups.empty() ? part->sources[i].file : next]));
    set.group_names = words.all();
}

/// "12 samples in 3 groups"
inline std::string part_text(const Split& part) {
    const std::set<std::uint32_t> groups(part.groups.begin(), part.groups.end());
    return text(part.samples, " samples",
                groups.empty() ? "" : text(" in ", groups.size(), groups.size() == 1 ? " group" : " groups"));
}

/// Whether the samples of each class are all in one group.
inline bool lone_classes(const Dataset& set) {
    if (set.answers_numbers() || set.train.groups.empty()) return false;
    std::set<std::pair<std::uint8_t, std::uint32_t>> pairs;
    for (const Split* part : {&set.train, &set.validation, &set.test})
        for (std::size_t i = 0; i < part->groups.size(); ++i) pairs.insert({part->labels[i], part->groups[i]});
    return pairs.size() == set.classes();
}

/// The end of an Error for a set of such classes that has no test part.
inline std::string_view cure_of_lone_classes(const Request& request) {
    return request.gives("group") || request.gives("groups")
               ? "; each class occurs in one group only, so a test would take it from the training; record each class "
                 "with several groups, or leave group= out"
               : "; each class occurs in one recording or stretch, which is too short to be cut; take shorter windows, "
                 "or record each class several times";
}

/// Makes test and validation part of a set whose samples have groups.
inline void apply_group_parts(Dataset& set, const Request& request) {
    DealOptions options;
    options.window = request.window.value_or(1);
    options.test_groups = request.test_groups;
    options.validation_groups = request.val_groups;
    options.may_cut = !request.gives("group") && !request.gives("groups") && !request.gives("test_groups") &&
                      !request.gives("val_groups") && !set.train.sources.empty();
    const bool no_test = set.test.samples == 0, no_validation = set.validation.samples == 0;
    if (!no_test && !request.test_groups.empty())
        fail_spec(request, "the data have a test part of their own; leave test_groups= out");
    if (!no_validation && !request.val_groups.empty())
        fail_spec(request, "the data have a validation part of their own; leave val_groups= out");
    if (request.test && !request.test_groups.empty()) fail_spec(request, "give test= or test_groups=, not both");
    if (request.validation && !request.val_groups.empty()) fail_spec(request, "give val= or val_groups=, not both");
    if (no_test && request.test_groups.empty()) options.test = request.test.value_or(default_test_share);
    if (no_validation && request.val_groups.empty())
        options.validation = request.validation.value_or(default_validation_share);
    deal_by_groups(set, options);
}

/// Makes test and validation part of a set whose samples are independent.
inline void apply_stratified_parts(Dataset& set, const Request& request) {
    const std::size_t size = set.shape.size();
    refuse_keys(request, {"test_groups", "val_groups"}, "needs groups; group= or groups= says what they are");
    if (set.test.samples == 0) {
        const double share = request.test.value_or(default_test_share);
        set.test = split_off(set.train, size, set.strata(), share, "test part");
        if (request.synthetic.empty())
            set.notes.push_back(text("the data have no test part; ", set.test.samples, " samples were split off, ",
                                     set.answers_numbers() ? "at random" : "stratified", " (test=", share, ")"));
    }
    if (set.validation.samples == 0)
        set.validation = split_off(set.train, size, set.strata(), request.validation.value_or(default_validation_share),
                                   "validation part");
}

/// Applies test part, validation part and limit, in this order; binary comes last, so that it changes no choice of
/// samples.
inline void apply_parts(Dataset& set, const Request& request) {
    if (set.train.samples == 0)
        fail_data(request, "there is no training part; put it beside the part that is here, or name the folder of this "
                           "part itself, whose samples are then divided");
    if (set.test.samples > 0 && request.test)
        fail_spec(request, "the data have a test part of their own; leave test= out");
    if (set.validation.samples > 0 && request.validation)
        fail_spec(request, "the data have a validation part of their own; leave val= out");
    if (!set.answers_numbers() && set.classes() < 2)
        fail_data(request, text("all samples are of one class, ", set.class_names.at(0),
                                "; a network needs at least two to tell apart (anomaly detection is not supported)"));
    set.validation_drawn =
        set.validation.samples == 0 && !request.gives("val") && request.val_groups.empty() && request.synthetic.empty();
    if (set.train.groups.empty())
        apply_stratified_parts(set, request);
    else
        apply_group_parts(set, request);
    if (set.train.samples == 0 || set.test.samples == 0)
        fail_data(request, text("too few samples: ", set.train.samples, " to train and ", set.test.samples, " to test",
                                lone_classes(set) ? cure_of_lone_classes(request) : ""));
    if (request.limit && *request.limit < set.train.samples)
        set.train = take(set.train, set.shape.size(),
                         stratified_choice(set.train.labels, set.strata(), *request.limit, "limit"));
    if (!set.train.groups.empty())
        set.notes.push_back(text("parts of whole groups: training ", part_text(set.train), ", validation ",
                                 part_text(set.validation), ", test ", part_text(set.test)));
    const char* const own = request.gives("val") ? "val" : request.val_groups.empty() ? nullptr : "val_groups";
    if (own && request.synthetic.empty() && set.validation.samples > 0 && judges_badly(set.validation) &&
        usual_part_judges_badly(set) && folds_of(set).count > 0)
        set.notes.push_back(text(own, "= is given: a search judges networks by the ", set.validation.samples,
                                 " validation samples alone; without ", own, "= it would judge them by folds of ",
                                 set.train.samples + set.validation.samples, " samples"));
    if (!request.binary.empty()) make_binary(set, request.binary);
}
} // namespace detail

/// Reads or makes the data that the SPEC names (data/spec.hpp has its grammar), with all three parts, the normalisation
/// of a series, the scale of targets and the digest. `support` reads pictures: data::image_support() of
/// data/images.hpp. Throws SpecError for a fault in the text, Error for one in the files.
inline Dataset load(const Request& request, const ImageSupport& support = {}) {
    detail::ReadSet read;
    if (request.synthetic.empty())
        read = detail::read(request, support);
    else
        read.set = detail::synthesise(request);
    Dataset set = std::move(read.set);
    set.name = request.text;
    if (!request.names.empty()) {
        const std::string path = detail::path_in(detail::folder_of(request), request.names);
        set_class_names(set, read_file(path, 1 << 20), path);
    }
    if (!read.classes_chosen) {
        detail::apply_groups(set, request);
        detail::apply_classes(set, request);
    }
    if (set.is_series())
        detail::apply_series_size(set, request);
    else if (!read.prepared)
        prepare(set, request);
    detail::apply_parts(set, request);
    if (set.is_series()) set.normalisation = normalisation_of(set.train, set.shape);
    if (set.answers_numbers()) scale_quantities(set);
    check_names(set);
    make_printable(set);
    set.digest = digest_of(set);
    return set;
}
/// Reads PATH[,key=value...] or synthetic:NAME. support: needed for picture files. Throws Error as the other load()
/// does.
inline Dataset load(std::string_view spec, const ImageSupport& support = {}) { return load(parse_spec(spec), support); }

} // namespace tinysparse::data
