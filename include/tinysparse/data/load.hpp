// SPDX-License-Identifier: Apache-2.0
// load(SPEC): the one way from the text of data/spec.hpp to a Dataset.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/folder.hpp"
#include "tinysparse/data/gzip.hpp"
#include "tinysparse/data/idx.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/strokes.hpp"

namespace tinysparse::data {

/// Shares that a set gets where it brings no such part and the SPEC says nothing.
inline constexpr double default_validation_share = 0.1, default_test_share = 0.2;
/// Size of a synthetic set, all parts together, where the SPEC says nothing.
inline constexpr std::size_t default_synthetic_samples = 15000;

namespace detail {

inline Array read_array(const std::string& path, const ImageSupport& support) {
    const FileContent content = read_data_file(path, support);
    if (looks_like_idx(content.view())) return parse_idx(content.view(), path);
    throw Error(text(path, ": byte 0: expected the mark of an IDX file (0 0 8 or 0 0 11)"));
}

/// Deals the samples of `set.train` out to the parts by a file of 0, 1, 2 = train, validation, test.
inline void apply_split(Dataset& set, const Array& split) {
    std::vector<std::size_t> indices[3];
    std::visit(
        [&](const auto& items) {
            if (items.size() != set.train.samples)
                throw Error(text(split.name, ": ", items.size(), " entries for ", set.train.samples, " samples"));
            for (std::size_t i = 0; i < items.size(); ++i) {
                const double part = double(items[i]);
                if (part != 0 && part != 1 && part != 2)
                    throw Error(text(split.name, ": entry ", i, " is ", part,
                                     ", expected 0, 1 or 2 (train, validation, test)"));
                indices[std::size_t(part)].push_back(i);
            }
        },
        split.items);
    set.validation = take(set.train, set.shape.size(), indices[1]);
    set.test = take(set.train, set.shape.size(), indices[2]);
    set.train = take(set.train, set.shape.size(), indices[0]);
    if (set.train.samples == 0) throw Error(text(split.name, ": no entry is 0, so there is nothing to train on"));
}

inline Dataset read_arrays(const Request& request, const std::string& folder, const std::vector<ArrayFiles>& files,
                           const ImageSupport& support) {
    const auto path = [&](const std::string& file) { return (std::filesystem::path(folder) / file).string(); };
    std::vector<LabelledArrays> parts;
    for (const ArrayFiles& file : files)
        parts.push_back({file.part.value_or(Part::train), read_array(path(file.samples), support),
                         read_array(path(file.labels), support)});
    Dataset set = dataset_from_arrays(std::move(parts), request.layout);
    if (!files.front().split.empty()) apply_split(set, read_array(path(files.front().split), support));
    return set;
}

/// The files for each candidate of a folder, as keys that choose it.
inline std::string choices_text(const std::vector<ArrayFiles>& pairs) {
    std::string out;
    for (const ArrayFiles& pair : pairs) {
        out += text(out.empty() ? "" : "; ", "images=", pair.samples);
        out += text(",labels=", pair.labels.empty() ? "FILE" : pair.labels);
        if (!pair.split.empty()) out += text(",split=", pair.split);
    }
    return out;
}

/// Whether the pairs are the parts of one set: one set name, no part twice, one without a part only alone.
inline bool is_one_set(const std::vector<ArrayFiles>& pairs) {
    for (std::size_t i = 0; i < pairs.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (pairs[i].set != pairs[j].set || pairs[i].part == pairs[j].part || !pairs[i].part || !pairs[j].part)
                return false;
    return true;
}

inline Dataset read_folder(const Request& request, const ImageSupport& support) {
    const std::string& folder = request.path;
    if (!request.images.empty() || !request.labels.empty()) {
        if (request.images.empty() || request.labels.empty())
            fail_spec(request, "images= and labels= go together; one of them is missing");
        return read_arrays(request, folder, {{std::nullopt, "", request.images, request.labels, request.split}},
                           support);
    }
    if (!request.split.empty()) fail_spec(request, "split= needs images= and labels= too");

    const std::vector<NamedFile> files = known_files(folder);
    const std::vector<ArrayFiles> pairs = pair_arrays(files);
    if (pairs.empty())
        throw Error(text(folder, ": no data found here; expected files such as train-images-idx3-ubyte"));
    if (!is_one_set(pairs))
        throw Error(text(folder, ": more than one data set lies here; choose one with ", choices_text(pairs)));
    for (const ArrayFiles& pair : pairs)
        if (pair.labels.empty())
            throw Error(text(folder, "/", pair.samples,
                             ": no labels for it lie beside it; name them with images=", pair.samples, ",labels=FILE"));
    return read_arrays(request, folder, pairs, support);
}

inline Dataset read(const Request& request, const ImageSupport& support) {
    std::error_code code;
    const auto status = std::filesystem::status(request.path, code);
    if (!std::filesystem::exists(status))
        throw Error(text(request.path, ": no such file or folder; expected a folder with data, or synthetic:strokes"));
    return read_folder(request, support);
}

inline Dataset synthesise(const Request& request) {
    const std::size_t samples = request.samples.value_or(default_synthetic_samples);
    if (samples < 20 || samples > 10000000) fail_spec(request, text("samples=", samples, ": expected 20 to 10000000"));
    if (request.synthetic == "strokes") return synthetic_strokes(samples, request.seed.value_or(0));
    const std::vector<std::string> known{"strokes"};
    const std::string near = nearest(request.synthetic, known);
    fail_spec(request, text("unknown synthetic set '", request.synthetic, "'; known are ", join(known, ", ")));
}

/// Test part, validation part, limit, in this order; binary last, so that it changes no choice of samples.
inline void apply_parts(Dataset& set, const Request& request) {
    const std::size_t size = set.shape.size();
    if (set.train.samples == 0) fail_spec(request, "there is no training part");
    if (set.test.samples == 0) {
        const double share = request.test.value_or(default_test_share);
        set.test = split_off(set.train, size, set.classes(), share, "test part");
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
        const std::string path = (std::filesystem::path(request.path) / request.names).string();
        set_class_names(set, read_file(path, 1 << 20), path);
    }
    if (request.gray) make_gray(set);
    if (request.size) resize(set, request.size->first, request.size->second);
    detail::apply_parts(set, request);
    if (set.is_series()) set.normalisation = normalisation_of(set.train, set.shape);
    set.digest = digest_of(set);
    return set;
}

} // namespace tinysparse::data
