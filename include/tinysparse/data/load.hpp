// SPDX-License-Identifier: Apache-2.0
// load(SPEC): the one way from the text of data/spec.hpp to a Dataset.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/read.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/strokes.hpp"
#include "tinysparse/data/textures.hpp"

namespace tinysparse::data {

/// Shares that a set gets where it brings no such part and the SPEC says nothing.
inline constexpr double default_validation_share = 0.1, default_test_share = 0.2;
/// Size of a synthetic set, all parts together, where the SPEC says nothing.
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
    if (const SyntheticSet* set = row_named(synthetic_sets, request.synthetic))
        return set->make(samples, request.seed.value_or(0));
    const std::vector<std::string> known = names_of(synthetic_sets);
    const std::string near = nearest(request.synthetic, known);
    fail_spec(request, text("unknown synthetic set '", request.synthetic, "'; ",
                            near.empty() ? "known are " + join(known, ", ") : "did you mean " + near + "?"));
}

/// Gray and size; both round to the raw grid.
inline void apply_size(Dataset& set, const Request& request) {
    if (set.is_series()) refuse_keys(request, {"gray"}, "is for pictures; these are series");
    if (request.gray && set.shape.channels != 3 && set.shape.channels != 1)
        fail_spec(request, text("gray needs 3 channels, the pictures have ", set.shape.channels));
    if (request.size && set.is_series() && request.size->second != 1)
        fail_spec(request, text("series have width 1; to average in time use size=", request.size->first, "x1"));
    if (request.gray) make_gray(set);
    if (request.size) resize(set, request.size->first, request.size->second);
}

/// Test part, validation part, limit, in this order; binary last, so that it changes no choice of samples.
inline void apply_parts(Dataset& set, const Request& request) {
    const std::size_t size = set.shape.size();
    if (set.train.samples == 0) fail_spec(request, "there is no training part");
    if (set.test.samples == 0) {
        const double share = request.test.value_or(default_test_share);
        set.test = split_off(set.train, size, set.classes(), share, "test part");
        if (request.synthetic.empty())
            set.notes.push_back(text("the data have no test part; ", set.test.samples,
                                     " samples were split off, stratified (test=", share, ")"));
    } else if (request.test) {
        fail_spec(request, "the data have a test part of their own; leave test= out");
    }
    if (set.validation.samples == 0)
        set.validation = split_off(set.train, size, set.classes(),
                                   request.validation.value_or(default_validation_share), "validation part");
    else if (request.validation)
        fail_spec(request, "the data have a validation part of their own; leave val= out");
    if (set.train.samples == 0 || set.test.samples == 0)
        fail_spec(request,
                  text("too few samples: ", set.train.samples, " to train and ", set.test.samples, " to test"));
    if (request.limit && *request.limit < set.train.samples)
        set.train = take(set.train, size, stratified_choice(set.train.labels, set.classes(), *request.limit, "limit"));
    if (!request.binary.empty()) make_binary(set, request.binary);
}
} // namespace detail

/// Reads or makes the data that the SPEC names (data/spec.hpp says how it is written), with all three parts, the
/// normalisation of a series and the digest. `support` reads pictures and .gz: data::image_support() of
/// data/images.hpp. Throws Error for everything that is wrong with the text or the files.
inline Dataset load(std::string_view spec, const ImageSupport& support = {}) {
    const Request request = parse_spec(spec);
    Dataset set = request.synthetic.empty() ? detail::read(request, support) : detail::synthesise(request);
    set.name = request.text;
    if (!request.names.empty()) {
        const std::string path = detail::path_in(request.path, request.names);
        set_class_names(set, read_file(path, 1 << 20), path);
    }
    detail::apply_size(set, request);
    detail::apply_parts(set, request);
    if (set.is_series()) set.normalisation = normalisation_of(set.train, set.shape);
    set.digest = digest_of(set);
    return set;
}

} // namespace tinysparse::data
