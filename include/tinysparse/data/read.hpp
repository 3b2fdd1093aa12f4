// SPDX-License-Identifier: Apache-2.0
// From a path to a data set: finds out what is stored there and calls the reader for it.
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
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/folder.hpp"
#include "tinysparse/data/gzip.hpp"
#include "tinysparse/data/idx.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/layout.hpp"
#include "tinysparse/data/npy.hpp"
#include "tinysparse/data/picture_files.hpp"
#include "tinysparse/data/picture_folder.hpp"
#include "tinysparse/data/read_tables.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/split.hpp"

namespace tinysparse::data::detail {

inline Array read_array(const std::string& path) {
    const std::string bytes = read_data_file(path);
    if (looks_like_npy(bytes)) return parse_npy(bytes, path);
    if (looks_like_idx(bytes)) return parse_idx(bytes, path);
    throw Error(
        text(path, ": byte 0: expected the mark of an IDX file (0 0 8 or 0 0 11) or of an npy file (\\x93NUMPY)"));
}

/// Deals the samples of `set.train` to the parts by a file of 0, 1, 2 = train, validation, test.
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

inline Dataset read_arrays(const Request& request, const std::string& folder, const std::vector<ArrayFiles>& files) {
    const auto path = [&](const std::string& file) { return path_in(folder, file); };
    std::vector<LabelledArrays> parts;
    for (const ArrayFiles& file : files)
        parts.push_back(
            {file.part.value_or(Part::train), read_array(path(file.samples)), read_array(path(file.labels))});
    const bool flat = parts.front().samples.dimensions.size() == 2;
    Dataset set = dataset_from_arrays(std::move(parts), request.layout, request.shape, request.regression);
    if (!files.front().split.empty()) apply_split(set, read_array(path(files.front().split)));
    if (set.is_series() && flat && !request.shape && set.shape.height > 1)
        set.notes.push_back(moments_note(text(set.shape.height, " numbers of a sample"), set.shape.size()));
    return set;
}

/// Throws Error if a key for tables is given for other data.
inline void refuse_table_keys(const Request& request) {
    refuse_keys(request, {"label", "window", "stride", "rate", "columns", "skip", "missing"},
                "is for tables and recordings");
}

/// Throws Error if a key for folders of pictures is given for other data.
inline void refuse_picture_keys(const Request& request) {
    refuse_keys(request, {"bits"}, "is for folders of pictures that have samples of 16 bits");
}

/// Throws Error if task= is given for data whose classes come from folders or bytes.
inline void refuse_task(const Request& request) {
    refuse_keys(request, {"task"}, "is for tables and arrays, whose labels may be numbers");
}

/// The files of each candidate of a folder, as keys that choose it.
inline std::string choices_text(const std::vector<ArrayFiles>& pairs) {
    std::string out;
    for (const ArrayFiles& pair : pairs) {
        out += text(out.empty() ? "" : "; ", "images=", pair.samples);
        out += text(",labels=", pair.labels.empty() ? "FILE" : pair.labels);
        if (!pair.split.empty()) out += text(",split=", pair.split);
    }
    return out;
}

inline Dataset read_cifar(const Request& request, const std::string& folder, const std::vector<std::string>& files) {
    refuse_keys(request, {"layout", "shape"}, "does not apply to CIFAR-10 batches");
    refuse_task(request);
    Dataset set = cifar_dataset();
    std::size_t batches = 0;
    for (const std::string& file : files) {
        const bool test = file.starts_with("test");
        append_cifar(read_data_file(path_in(folder, file)), path_in(folder, file), test ? set.test : set.train);
        batches += !test;
    }
    if (files.size() > 1 && batches < 5)
        set.notes.push_back(text(folder, ": ", batches, " of the 5 training batches of CIFAR-10 lie here"));
    return set;
}

/// All data in a folder that could be meant, one line each, as far as names tell.
struct Candidates {
    std::vector<ArrayFiles> arrays;
    std::vector<std::string> cifar;
    TableLayout tables;
    bool pictures = false;
};

inline Candidates candidates_in(const Request& request, const std::string& folder) {
    Candidates found;
    const std::vector<NamedFile> files = known_files(folder);
    found.arrays = pair_arrays(files);
    for (const NamedFile& file : files)
        if (file.kind == FileKind::cifar) found.cifar.push_back(file.file);
    found.tables = table_layout(folder, request.window.has_value(), [&](const std::string& path, bool in_class_folder) {
        return has_label_column(request, path, in_class_folder);
    });
    found.pictures = is_picture_folder(folder);
    return found;
}

/// Kinds of files that people take for data and that this library does not read, each with its remedy.
struct UnreadKind {
    std::string_view extension, cure;
};
inline constexpr UnreadKind unread_kinds[] = {
    {".npz", "save its arrays as x_train.npy and y_train.npy"},
    {".xlsx", "save the sheet as CSV"},
    {".xls", "save the sheet as CSV"},
    {".ods", "save the sheet as CSV"},
    {".parquet", "save it as CSV"},
    {".feather", "save it as CSV"},
    {".h5", "save its arrays as .npy"},
    {".hdf5", "save its arrays as .npy"},
    {".mat", "save its arrays as .npy"},
    {".pkl", "save its arrays as .npy"},
    {".pt", "save its arrays as .npy"},
    {".arff", "save it as CSV"},
    {".json", "save it as CSV"},
    {".wav", "save its features as CSV or .npy"},
    {".zip", "unpack it"},
    {".tar", "unpack it"},
    {".tgz", "unpack it"},
    {".txt", "rename it to .csv if it is a table"},
    {".dat", "rename it to .csv if it is a table"},
    {".tsm", "it is a model, which tinysparse show prints; give a data set"},
};

/// A folder that another command wrote, told by a file in it.
struct OwnFolder {
    std::string_view file, what;
};
inline constexpr OwnFolder own_folders[] = {
    {"journal.jsonl", "it is the folder of a run, which tinysparse front shows"},
    {"library.properties", "it is an Arduino library, such as tinysparse export writes"},
    {"main.cpp", "it is a program, such as tinysparse export writes"},
};

/// Throws Error if the folder, which has no data, is one that another command wrote.
inline void refuse_own_folder(const std::string& folder) {
    for (const OwnFolder& own : own_folders)
        if (std::error_code code; std::filesystem::is_regular_file(path_in(folder, std::string(own.file)), code))
            throw Error(text(folder, ": no data found here; ", own.what,
                             "; give the data set itself, such as the one that the network was trained on"));
}

/// One sentence for each file of such a kind in the folder, for the first eight.
inline std::vector<std::string> unread_files(const std::string& folder) {
    std::vector<std::string> sentences;
    std::error_code code;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
        names.push_back(at->path().filename().string());
    sort_words(names);
    for (const std::string& name : names)
        for (const UnreadKind& kind : unread_kinds)
            if (lower_case(name).ends_with(kind.extension) && sentences.size() < 8)
                sentences.push_back(text(name, ": ", kind.extension, " is not read; ", kind.cure));
    return sentences;
}

/// The words and the first eight names for the end of an Error; empty if there are no names.
inline std::string join_found(std::string_view words, std::vector<std::string> names) {
    if (names.empty()) return "";
    if (names.size() > 8) names.resize(8);
    return text(words, join(names, ", "));
}

/// Throws unless there is exactly one candidate; the Error lists them.
inline void check_candidates(const Request& request, const std::string& folder, const Candidates& found) {
    std::vector<std::string> choices;
    if (!found.arrays.empty()) choices.push_back(choices_text(found.arrays));
    if (!found.cifar.empty()) choices.push_back(text("CIFAR-10 batches, as ", path_in(folder, found.cifar.front())));
    for (const TableFile& file : found.tables.files)
        if (choices.size() < 8) choices.push_back(file.path);
    if (found.pictures) choices.push_back("folders of pictures; move them to a folder of their own");
    if (choices.empty()) refuse_own_folder(folder);
    const std::vector<std::string> unread = choices.empty() ? unread_files(folder) : std::vector<std::string>();
    if (!unread.empty()) throw Error(text(folder, ": no data found here; ", join(unread, "; ")));
    if (choices.empty() && is_picture_folder(folder, true)) return; // the reader says why they are not read
    for (const std::string& left_out : found.tables.left_out)
        if (choices.empty() && !direct_tables(left_out, true).empty())
            throw Error(text(folder, ": no data found here; tables lie too deep, as in ", left_out,
                             "; move them up, so that each class has one folder"));
    if (choices.empty() && !request.window &&
        !table_layout(folder, true, [](const std::string&, bool) { return false; }).files.empty())
        throw Error(text(folder, ": no data found here; for recordings in .npy files give window="));
    if (const std::string why = choices.empty() ? misplaced_pictures(folder) : ""; !why.empty())
        throw Error(text(folder, ": no data found here; ", why));
    if (choices.empty())
        throw Error(
            text(folder,
                 ": no data found here; expected IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte ...), "
                 ".npy pairs (x_train.npy, y_train.npy), CIFAR-10 .bin files, a .csv, or a folder of "
                 "pictures or recordings for each class",
                 join_found("; folders in it: ", subfolders(folder))));
    const int kinds = !found.arrays.empty() + !found.cifar.empty() + !found.tables.files.empty() + found.pictures;
    if (kinds > 1 || !is_one_set(found.arrays))
        throw Error(text(folder, ": more than one data set lies here; choose one: ", join(choices, "; ")));
    for (const ArrayFiles& pair : found.arrays)
        if (pair.labels.empty())
            throw Error(text(path_in(folder, pair.samples),
                             ": no labels for it lie beside it; name them with images=", pair.samples, ",labels=FILE"));
}

/// The data at a path, in the parts in which they are stored; missing parts are empty.
struct ReadSet {
    Dataset set;
    bool classes_chosen = false; ///< classes= and merge= are already applied, since windows depend on them.
    bool prepared = false;       ///< Pictures have their size and colours already.
};

inline ReadSet read_folder(const Request& request, const std::string& folder, const ImageSupport& support) {
    if (!request.images.empty() || !request.labels.empty()) {
        if (request.images.empty() || request.labels.empty())
            fail_spec(request, "images= and labels= go together; one of them is missing");
        refuse_table_keys(request);
        refuse_picture_keys(request);
        return {read_arrays(request, folder, {{std::nullopt, "", request.images, request.labels, request.split}})};
    }
    if (!request.split.empty()) fail_spec(request, "split= needs images= and labels= too");
    const Candidates found = candidates_in(request, folder);
    const std::string inner = path_in(folder, "cifar-10-batches-bin"); // folder of the official archive
    if (found.arrays.empty() && found.cifar.empty() && found.tables.files.empty() && !found.pictures &&
        std::filesystem::is_directory(inner))
        return read_folder(request, inner, support);
    check_candidates(request, folder, found);
    if (!found.arrays.empty() || !found.cifar.empty() || !found.tables.files.empty()) refuse_picture_keys(request);
    if (!found.tables.files.empty()) return {read_tables(request, folder, found.tables), true, false};
    refuse_table_keys(request);
    if (!found.cifar.empty()) return {read_cifar(request, folder, found.cifar)};
    if (found.arrays.empty()) { // pictures, or files that people take for pictures
        refuse_keys(request, {"layout", "shape"}, "is for arrays; pictures have their own shape");
        refuse_task(request);
        return {read_picture_folder(folder, request, support), false, true};
    }
    return {read_arrays(request, folder, found.arrays)};
}

/// Reads a single file: a table, batches of CIFAR-10, or samples whose labels are named by labels=.
inline ReadSet read_one_file(const Request& request) {
    const std::filesystem::path path(request.path);
    const std::string folder = path.parent_path().string(), file = path.filename().string();
    NamedFile named = understand_name(file);
    named.part.reset(); // it is the whole set
    refuse_picture_keys(request);
    if (named.kind == FileKind::csv) {
        TableLayout layout;
        layout.files.push_back({request.path, file, std::nullopt, std::nullopt});
        return {read_tables(request, folder, layout), true, false};
    }
    for (const UnreadKind& kind : unread_kinds)
        if (request.labels.empty() && lower_case(file).ends_with(kind.extension))
            throw Error(text(request.path, ": ", kind.extension, " is not read; ", kind.cure));
    refuse_table_keys(request);
    if (named.kind == FileKind::picture || is_unread_ending(ending_of(file)))
        fail_data(request,
                  "is one picture; expected a folder with a folder of pictures for each class (tinysparse classify "
                  "takes single pictures)");
    if (ending_of(file) == ".bin") {
        Dataset set = read_cifar(request, folder, {file});
        if (set.train.samples == 0) std::swap(set.train, set.test);
        return {std::move(set)};
    }
    if (request.labels.empty() && named.kind == FileKind::other)
        throw Error(text(request.path, ": this kind of file is not known; see docs/data.md"));
    if (request.labels.empty()) fail_spec(request, "one file of samples needs its labels: labels=FILE");
    if (!request.images.empty()) fail_spec(request, "the path is a file already; leave images= out");
    return {read_arrays(request, folder, {{std::nullopt, "", file, request.labels, request.split}})};
}

inline ReadSet read(const Request& request, const ImageSupport& support) {
    std::error_code code;
    const auto status = std::filesystem::status(request.path, code);
    if (!std::filesystem::exists(status))
        throw Error(text(request.path, ": no such file or folder; expected a folder with data, or synthetic:strokes",
                         request.path == "mnist" || request.path == "cifar10"
                             ? text("; tools/fetch ", request.path, " downloads this set")
                         : request.path.find('#') != request.path.npos ? "; RUN#ID names a model, not data"
                                                                       : std::string()));
    const bool is_folder = std::filesystem::is_directory(status);
    return is_folder ? read_folder(request, request.path, support) : read_one_file(request);
}

} // namespace tinysparse::data::detail
