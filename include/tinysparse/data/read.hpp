// SPDX-License-Identifier: Apache-2.0
// From a path to a data set: finds out what lies there and calls the reader for it.
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
#include "tinysparse/data/cifar.hpp"
#include "tinysparse/data/csv.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/folder.hpp"
#include "tinysparse/data/gzip.hpp"
#include "tinysparse/data/idx.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/npy.hpp"
#include "tinysparse/data/picture_folder.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/split.hpp"

namespace tinysparse::data::detail {

inline Array read_array(const std::string& path, const ImageSupport& support) {
    const FileContent content = read_data_file(path, support);
    const std::string_view bytes = content.view();
    if (looks_like_npy(bytes)) return parse_npy(bytes, path);
    if (looks_like_idx(bytes)) return parse_idx(bytes, path);
    throw Error(
        text(path, ": byte 0: expected the mark of an IDX file (0 0 8 or 0 0 11) or of an npy file (\\x93NUMPY)"));
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
    const auto path = [&](const std::string& file) { return path_in(folder, file); };
    std::vector<LabelledArrays> parts;
    for (const ArrayFiles& file : files)
        parts.push_back({file.part.value_or(Part::train), read_array(path(file.samples), support),
                         read_array(path(file.labels), support)});
    Dataset set = dataset_from_arrays(std::move(parts), request.layout, request.shape);
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

inline Dataset read_cifar(const Request& request, const std::string& folder, const std::vector<std::string>& files,
                          const ImageSupport& support) {
    refuse_keys(request, {"layout", "shape", "label", "window", "stride"}, "says nothing about CIFAR-10 batches");
    Dataset set = cifar_dataset();
    std::size_t batches = 0;
    for (const std::string& file : files) {
        const bool test = file.starts_with("test");
        append_cifar(read_data_file(path_in(folder, file), support).view(), path_in(folder, file),
                     test ? set.test : set.train);
        batches += !test;
    }
    if (files.size() > 1 && batches < 5)
        set.notes.push_back(text(folder, ": ", batches, " of the 5 training batches of CIFAR-10 lie here"));
    return set;
}

/// Files of one table, or train.csv with test.csv and val.csv.
inline Dataset read_csv(const Request& request, const std::string& folder, const std::vector<NamedFile>& files,
                        const ImageSupport& support) {
    refuse_keys(request, {"images", "labels", "split"}, "is for arrays; a CSV file holds its labels");
    if (!request.window) refuse_keys(request, {"stride"}, "needs window= too");
    std::vector<CsvTable> tables;
    for (const NamedFile& file : files) {
        const std::string path = path_in(folder, file.file);
        tables.push_back(parse_csv(read_data_file(path, support).view(), path, request.label));
        if (request.window)
            tables.back() = cut_windows(tables.back(), *request.window, request.stride.value_or(*request.window));
    }
    const std::vector<std::string> classes = csv_classes(tables);
    std::optional<Shape> shape = request.shape;
    std::optional<Layout> layout = request.layout;
    if (request.window) {
        if (shape || layout) fail_spec(request, "window= says the shape; leave shape= and layout= out");
        shape = Shape{int(tables.front().columns / *request.window), int(*request.window), 1};
        layout = Layout::ntc;
    }
    std::vector<LabelledArrays> parts;
    for (std::size_t i = 0; i < files.size(); ++i)
        parts.push_back(arrays_from_csv(std::move(tables[i]), files[i].part.value_or(Part::train), classes));
    Dataset set = dataset_from_arrays(std::move(parts), layout, shape);
    set.class_names = classes;
    if (request.stride.value_or(SIZE_MAX) < request.window.value_or(0))
        set.notes.push_back("windows overlap, so a validation or test part that is split off shares moments with the "
                            "training part; a file of its own for each part is better");
    return set;
}

/// Everything in a folder that could be meant, one line each, as far as names tell.
struct Candidates {
    std::vector<ArrayFiles> arrays;
    std::vector<std::string> cifar;
    std::vector<NamedFile> csv;
    bool pictures = false;
};

inline Candidates candidates_in(const std::string& folder) {
    Candidates found;
    const std::vector<NamedFile> files = known_files(folder);
    found.arrays = pair_arrays(files);
    for (const NamedFile& file : files) {
        if (file.kind == FileKind::cifar) found.cifar.push_back(file.file);
        if (file.kind == FileKind::csv) found.csv.push_back(file);
    }
    found.pictures = is_picture_folder(folder);
    return found;
}

/// The words and the first eight names for the end of an Error, nothing if there are none.
inline std::string join_found(std::string_view words, std::vector<std::string> names) {
    if (names.empty()) return "";
    if (names.size() > 8) names.resize(8);
    return text(words, join(names, ", "));
}

inline bool is_one_table(const std::vector<NamedFile>& files) {
    for (std::size_t i = 0; i < files.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (files[i].set != files[j].set || files[i].part == files[j].part || !files[i].part || !files[j].part)
                return false;
    return true;
}

/// Throws where there is not exactly one candidate, with a list of them.
inline void check_candidates(const std::string& folder, const Candidates& found) {
    std::vector<std::string> choices;
    if (!found.arrays.empty()) choices.push_back(choices_text(found.arrays));
    if (!found.cifar.empty()) choices.push_back(text("CIFAR-10 batches, as ", path_in(folder, found.cifar.front())));
    for (const NamedFile& file : found.csv) choices.push_back(path_in(folder, file.file));
    if (found.pictures) choices.push_back("folders of pictures; move them to a folder of their own");
    if (choices.empty())
        throw Error(
            text(folder,
                 ": no data found here; expected IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte ...), "
                 ".npy pairs (x_train.npy, y_train.npy), CIFAR-10 .bin files, a .csv, or a folder of "
                 "pictures for each class",
                 join_found("; folders in it: ", subfolders(folder))));
    const int kinds = !found.arrays.empty() + !found.cifar.empty() + !found.csv.empty() + found.pictures;
    if (kinds > 1 || !is_one_set(found.arrays) || !is_one_table(found.csv))
        throw Error(text(folder, ": more than one data set lies here; choose one: ", join(choices, "; ")));
    for (const ArrayFiles& pair : found.arrays)
        if (pair.labels.empty())
            throw Error(text(path_in(folder, pair.samples),
                             ": no labels for it lie beside it; name them with images=", pair.samples, ",labels=FILE"));
}

inline Dataset read_folder(const Request& request, const std::string& folder, const ImageSupport& support) {
    if (!request.images.empty() || !request.labels.empty()) {
        if (request.images.empty() || request.labels.empty())
            fail_spec(request, "images= and labels= go together; one of them is missing");
        refuse_keys(request, {"label", "window", "stride"}, "is for CSV files");
        return read_arrays(request, folder, {{std::nullopt, "", request.images, request.labels, request.split}},
                           support);
    }
    if (!request.split.empty()) fail_spec(request, "split= needs images= and labels= too");
    const Candidates found = candidates_in(folder);
    const std::string inner = path_in(folder, "cifar-10-batches-bin"); // where the official archive unpacks to
    if (found.arrays.empty() && found.cifar.empty() && found.csv.empty() && !found.pictures &&
        std::filesystem::is_directory(inner))
        return read_folder(request, inner, support);
    check_candidates(folder, found);
    if (!found.csv.empty()) return read_csv(request, folder, found.csv, support);
    refuse_keys(request, {"label", "window", "stride"}, "is for CSV files");
    if (!found.cifar.empty()) return read_cifar(request, folder, found.cifar, support);
    if (found.pictures) {
        refuse_keys(request, {"layout", "shape"}, "is for arrays; pictures say their own shape");
        return read_picture_folder(folder, request.size, support);
    }
    return read_arrays(request, folder, found.arrays, support);
}

/// A single file: a table, batches of CIFAR-10, or samples whose labels are named by labels=.
inline Dataset read_one_file(const Request& request, const ImageSupport& support) {
    const std::filesystem::path path(request.path);
    const std::string folder = path.parent_path().string(), file = path.filename().string();
    NamedFile named = understand_name(file);
    named.part.reset(); // all there is
    if (named.kind == FileKind::csv) return read_csv(request, folder, {named}, support);
    refuse_keys(request, {"label", "window", "stride"}, "is for CSV files");
    if (named.kind == FileKind::picture)
        fail_spec(request, "is one picture; expected a folder with a folder of pictures for each class");
    if (path.extension() == ".bin") {
        Dataset set = read_cifar(request, folder, {file}, support);
        if (set.train.samples == 0) std::swap(set.train, set.test);
        return set;
    }
    if (request.labels.empty()) fail_spec(request, "one file of samples needs its labels: labels=FILE");
    if (!request.images.empty()) fail_spec(request, "the path is a file already; leave images= out");
    return read_arrays(request, folder, {{std::nullopt, "", file, request.labels, request.split}}, support);
}

/// What the path of the request holds, in the parts in which it lies there; parts that are missing are empty.
inline Dataset read(const Request& request, const ImageSupport& support) {
    std::error_code code;
    const auto status = std::filesystem::status(request.path, code);
    if (!std::filesystem::exists(status))
        throw Error(text(request.path, ": no such file or folder; expected a folder with data, or synthetic:strokes"));
    const bool is_folder = std::filesystem::is_directory(status);
    return is_folder ? read_folder(request, request.path, support) : read_one_file(request, support);
}

} // namespace tinysparse::data::detail
