// SPDX-License-Identifier: Apache-2.0
// Contents of a folder, by the names of its files: train-images-idx3-ubyte(.gz) with its labels, har-test-signals...,
// x_train.npy with y_train.npy, data_batch_1.bin, train.csv, folders of pictures per class. A name is read as words: a
// role (images, labels, split ...), a part (train, t10k ...), and the rest, which names the set.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/picture_kind.hpp"

namespace tinysparse::data {

/// Formats by the ending of a name; array: IDX or .npy.
enum class FileKind : std::uint8_t { other, array, cifar, csv, picture };
/// What an array holds, by the words of its name; split: which part each sample belongs to.
enum class Role : std::uint8_t { unknown, samples, labels, split };

/// The parts of a file's name.
struct NamedFile {
    std::string file;
    FileKind kind = FileKind::other;
    Role role = Role::unknown;
    std::optional<Part> part;
    std::string set; ///< The words that are not role, part or format, joined with '-'.
};

namespace detail {

inline std::string path_in(const std::string& folder, const std::string& name) {
    return (std::filesystem::path(folder) / name).string();
}

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

inline std::optional<Part> part_named(std::string_view word) {
    if (is_one_of(word, {"train", "training"})) return Part::train;
    if (is_one_of(word, {"val", "valid", "validation", "dev"})) return Part::validation;
    if (is_one_of(word, {"test", "testing", "t10k"})) return Part::test;
    return std::nullopt;
}

inline Role role_named(std::string_view word) {
    if (is_one_of(word, {"images", "image", "signals", "signal", "series", "samples", "data", "features", "x"}))
        return Role::samples;
    if (is_one_of(word, {"labels", "label", "targets", "target", "y"})) return Role::labels;
    return word == "split" ? Role::split : Role::unknown;
}

inline std::string_view without_gz(std::string_view file) {
    return lower_case(file).ends_with(".gz") ? file.substr(0, file.size() - 3) : file;
}
} // namespace detail

/// Takes kind, role and part from words such as train-images-idx3-ubyte.gz; what no word says stays unknown.
inline NamedFile understand_name(const std::string& file) {
    using namespace detail;
    NamedFile named;
    named.file = file;
    std::string name = lower_case(without_gz(file));
    const std::size_t dot = name.rfind('.');
    const std::string extension = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (std::find(std::begin(read_picture_endings), std::end(read_picture_endings), extension) !=
        std::end(read_picture_endings))
        named.kind = FileKind::picture;
    if (extension == "csv" || extension == "tsv") named.kind = FileKind::csv;
    if (extension == "npy") named.kind = FileKind::array;
    if (extension == "bin" && (name.starts_with("data_batch") || name.starts_with("test_batch")))
        named.kind = FileKind::cifar;

    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '_' || c == '.' || c == ' '; }, '-');
    std::vector<std::string> rest;
    for (const std::string& word : split(name, '-')) {
        const Role role = role_named(word);
        if (word.starts_with("idx") && word.size() <= 4) {
            named.kind = FileKind::array;
        } else if (role != Role::unknown && named.role == Role::unknown) {
            named.role = role;
        } else if (const auto part = part_named(word); part && !named.part) {
            named.part = part;
        } else if (!word.empty() && word != extension && word != "ubyte" && word != "short") {
            rest.push_back(word);
        }
    }
    named.set = join(rest, "-");
    return named;
}

namespace detail {
/// The files of a folder, or the folders in it, in the order of their names, without those that begin with a point.
inline std::vector<std::string> names_in(const std::string& folder, bool folders) {
    std::error_code code;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
        std::error_code ignored;
        const std::string name = at->path().filename().string();
        if ((folders ? at->is_directory(ignored) : at->is_regular_file(ignored)) && !name.starts_with("."))
            names.push_back(name);
    }
    if (code) throw Error(text(folder, ": cannot read: ", code.message()));
    sort_words(names);
    return names;
}
} // namespace detail

/// The files of known kinds in a folder, in the order of their names; FILE.gz is skipped if FILE lies beside it.
inline std::vector<NamedFile> known_files(const std::string& folder) {
    const std::vector<std::string> names = detail::names_in(folder, false);
    std::vector<NamedFile> files;
    for (const std::string& name : names) {
        const std::string plain(detail::without_gz(name));
        if (plain != name && std::binary_search(names.begin(), names.end(), plain)) continue;
        NamedFile file = understand_name(name);
        if (file.kind != FileKind::other) files.push_back(std::move(file));
    }
    return files;
}

/// The files of unknown kinds, without texts about the data.
inline std::vector<std::string> unknown_files(const std::string& folder) {
    std::vector<std::string> names = detail::names_in(folder, false);
    std::erase_if(names, [](const std::string& name) {
        const std::string lower = lower_case(name);
        return lower.starts_with("readme") || lower.starts_with("license") || lower.ends_with(".md") ||
               understand_name(name).kind != FileKind::other;
    });
    return names;
}

/// The folders in a folder, in the order of their names, without those that begin with a point.
inline std::vector<std::string> subfolders(const std::string& folder) { return detail::names_in(folder, true); }

/// Files of arrays that belong together: samples, their labels, and perhaps a split.
struct ArrayFiles {
    std::optional<Part> part;
    std::string set, samples, labels, split; ///< Paths of the files; set: their common words. Empty: no such file.
};

/// Pairs every file of samples with the labels (and split) of the same part whose set is the same, or the beginning of
/// the samples' set: goodimg-labels goes with goodimg-gray28-images. Missing labels or splits are empty names.
inline std::vector<ArrayFiles> pair_arrays(const std::vector<NamedFile>& files) {
    std::vector<ArrayFiles> pairs;
    for (const NamedFile& samples : files) {
        if (samples.kind != FileKind::array || samples.role != Role::samples) continue;
        ArrayFiles pair{samples.part, samples.set, samples.file, "", ""};
        const auto find = [&](Role role) {
            const NamedFile* best = nullptr;
            for (const NamedFile& other : files) {
                const bool related =
                    other.set == samples.set || other.set.empty() || samples.set.starts_with(other.set + "-");
                if (other.kind == FileKind::array && other.role == role && other.part == samples.part && related &&
                    (!best || other.set.size() > best->set.size()))
                    best = &other;
            }
            return best ? best->file : std::string();
        };
        pair.labels = find(Role::labels);
        pair.split = find(Role::split);
        pairs.push_back(pair);
    }
    return pairs;
}

namespace detail {

/// Whether files, or pairs of them, are the parts of one set: they have one set name, no part occurs twice, and a file
/// without a part is the only one.
template <class File> bool is_one_set(const std::vector<File>& files) {
    for (std::size_t i = 0; i < files.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (files[i].set != files[j].set || files[i].part == files[j].part || !files[i].part || !files[j].part)
                return false;
    return true;
}
} // namespace detail

} // namespace tinysparse::data
