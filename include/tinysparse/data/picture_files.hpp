// SPDX-License-Identifier: Apache-2.0
// Finds the pictures of each class in a folder, and its other content: pictures of unsupported kinds, files of other
// kinds, folders that are too deep or beside the parts. The layout is PATH/CLASS/*.png, or PATH/train/CLASS/*.png with
// test/ and val/ beside it.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/folder.hpp"
#include "tinysparse/data/picture_kind.hpp"

namespace tinysparse::data {

/// A picture of a class.
struct PictureFile {
    std::string path, class_name;
    Part part = Part::train;
    int channels = 0, height = 0, width = 0; ///< From its header, after its EXIF rotation; 0: not read yet.
};

/// All content of a folder of pictures. Endings are lower case, with their point.
struct PictureFiles {
    std::vector<PictureFile> pictures;          ///< In the order of classes and names.
    std::vector<std::string> classes;           ///< Names of the folders with pictures of any kind.
    std::map<std::string, std::size_t> unread;  ///< Pictures of unsupported kinds, by ending.
    std::map<std::string, std::size_t> renamed; ///< Supported pictures with the ending of such a kind.
    std::map<std::string, std::size_t> other;   ///< Files that are not pictures.
    std::vector<std::string> warnings, notes;   ///< Sentences about folders and the counts above.
};

namespace detail {

inline bool is_unread_ending(std::string_view ending) {
    return ending.size() > 1 && std::find(std::begin(unread_picture_endings), std::end(unread_picture_endings),
                                          ending.substr(1)) != std::end(unread_picture_endings);
}

inline bool has_read_kind(const std::string& path) {
    std::array<char, 16> first{};
    std::ifstream file(path, std::ios::binary);
    file.read(first.data(), first.size());
    return is_read_picture(std::string_view(first.data(), std::size_t(file.gcount())));
}

inline std::string ending_of(const std::string& file) {
    return lower_case(std::filesystem::path(file).extension().string());
}

/// "16 .gif, 16 .webp"
inline std::string counts_text(const std::map<std::string, std::size_t>& counts) {
    std::vector<std::string> pieces;
    for (const auto& [ending, count] : counts)
        pieces.push_back(text(count, ending.empty() ? " without an ending" : " " + ending));
    return join(pieces, ", ");
}

inline std::size_t sum_of(const std::map<std::string, std::size_t>& counts) {
    std::size_t sum = 0;
    for (const auto& [ending, count] : counts) sum += count;
    return sum;
}

/// "1 picture was", "2 pictures were"
inline std::string pictures_were(std::size_t count) {
    return text(count, count == 1 ? " picture was" : " pictures were");
}

/// Number of pictures in the folder itself, supported or not.
inline std::size_t direct_pictures(const std::string& folder) {
    const std::vector<NamedFile> files = known_files(folder);
    const std::vector<std::string> others = unknown_files(folder);
    return std::size_t(std::count_if(files.begin(), files.end(),
                                     [](const NamedFile& file) { return file.kind == FileKind::picture; }) +
                       std::count_if(others.begin(), others.end(),
                                     [](const std::string& file) { return is_unread_ending(ending_of(file)); }));
}

/// Number of pictures in the folder and in those below it, down to a number of levels.
inline std::size_t pictures_below(const std::string& folder, int levels = 4) {
    std::size_t count = direct_pictures(folder);
    for (const std::string& name : subfolders(folder))
        if (levels > 0) count += pictures_below(path_in(folder, name), levels - 1);
    return count;
}

/// Whether folders in it hold pictures; `or_unread`: of any kind.
inline bool holds_class_folders(const std::string& folder, bool or_unread) {
    for (const std::string& name : subfolders(folder)) {
        const std::vector<NamedFile> files = known_files(path_in(folder, name));
        if (std::any_of(files.begin(), files.end(), [](const NamedFile& f) { return f.kind == FileKind::picture; }) ||
            (or_unread && direct_pictures(path_in(folder, name)) > 0))
            return true;
    }
    return false;
}

/// The folders train, val, test (and their other names) that hold folders of classes; empty if there is none.
inline std::vector<std::pair<Part, std::string>> part_folders(const std::string& folder, bool or_unread) {
    std::vector<std::pair<Part, std::string>> parts;
    for (const std::string& name : subfolders(folder))
        if (const auto part = part_named(lower_case(name));
            part && holds_class_folders(path_in(folder, name), or_unread))
            parts.push_back({*part, name});
    return parts;
}

/// Adds the pictures of one class, and the other content of its folder.
inline void list_class(const std::string& folder, const std::string& name, Part part, PictureFiles& found) {
    if (direct_pictures(folder) > 0)
        found.classes.push_back(name);
    else
        found.warnings.push_back(text(folder, ": no pictures in this folder"));
    for (const NamedFile& file : known_files(folder))
        if (file.kind == FileKind::picture) found.pictures.push_back({path_in(folder, file.file), name, part});
    for (const std::string& file : unknown_files(folder)) {
        const std::string ending = ending_of(file);
        const bool is_renamed = is_unread_ending(ending) && has_read_kind(path_in(folder, file));
        if (is_renamed) found.pictures.push_back({path_in(folder, file), name, part});
        ++(is_renamed ? found.renamed : is_unread_ending(ending) ? found.unread : found.other)[ending];
    }
    for (const std::string& deeper : subfolders(folder))
        if (const std::size_t count = pictures_below(path_in(folder, deeper)))
            found.warnings.push_back(text(path_in(folder, deeper), ": this folder lies too deep; ",
                                          pictures_were(count),
                                          " left out with it; move them up into a folder of a class"));
}

/// Adds the classes of a folder, which may be a part.
inline void list_classes(const std::string& folder, Part part, PictureFiles& found) {
    for (const std::string& name : subfolders(folder)) list_class(path_in(folder, name), name, part, found);
    if (const std::size_t count = direct_pictures(folder))
        found.warnings.push_back(text(folder, ": ", pictures_were(count), " left out, lying in no folder of a class"));
}

/// Adds folders that lie beside those of the parts.
inline void list_left_folders(const std::string& folder, const std::vector<std::pair<Part, std::string>>& parts,
                              PictureFiles& found) {
    if (const std::size_t count = direct_pictures(folder))
        found.warnings.push_back(text(folder, ": ", pictures_were(count), " left out, lying in no part"));
    for (const std::string& name : subfolders(folder)) {
        if (std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return part.second == name; })) continue;
        const std::size_t count = pictures_below(path_in(folder, name));
        const bool is_part = part_named(lower_case(name)).has_value();
        const std::string why =
            is_part ? "no folders of classes lie in it" : text("it lies beside ", parts.front().second);
        (count > 0 ? found.warnings : found.notes)
            .push_back(text(path_in(folder, name), ": this folder was left out, since ", why,
                            count > 0 ? text("; ", pictures_were(count), " left out with it") : ""));
    }
}

/// Adds warnings and notes for the counts.
inline void say_counts(PictureFiles& found) {
    if (const std::size_t count = sum_of(found.unread))
        found.warnings.push_back(text(pictures_were(count), " left out: ", counts_text(found.unread), "; only ",
                                      read_picture_kinds, " are read, convert the others to PNG or JPEG"));
    if (!found.renamed.empty())
        found.notes.push_back(text("files whose names promise another kind are ", read_picture_kinds,
                                   " by their first bytes and were read: ", counts_text(found.renamed)));
    for (const auto& [ending, count] : found.other)
        found.notes.push_back(text(count, ending.empty() ? " other" : " ", ending, count == 1 ? " file" : " files",
                                   " left out, not being pictures"));
}
} // namespace detail

/// Whether the folder holds folders of pictures, per class or per part and class. or_unread: pictures of unsupported
/// kinds count as well.
inline bool is_picture_folder(const std::string& folder, bool or_unread = false) {
    return detail::holds_class_folders(folder, or_unread) || !detail::part_folders(folder, or_unread).empty();
}

/// Lists the pictures of a folder. Throws Error if pictures lie in train/, test/ ... without folders of classes.
inline PictureFiles picture_files(const std::string& folder) {
    using namespace detail;
    PictureFiles found;
    const auto parts = part_folders(folder, true);
    for (const auto& [part, name] : parts) list_classes(path_in(folder, name), part, found);
    if (parts.empty()) {
        list_classes(folder, Part::train, found);
        if (!found.pictures.empty() && std::all_of(found.pictures.begin(), found.pictures.end(), [](const auto& file) {
                return part_named(lower_case(file.class_name)).has_value();
            }))
            throw Error(text(folder, ": its folder ", found.pictures.front().class_name,
                             " holds pictures without folders of classes; make a folder in it for each class"));
    } else {
        list_left_folders(folder, parts, found);
    }
    say_counts(found);
    return found;
}

/// Advice if the folder holds pictures in places that are not searched, or "".
inline std::string misplaced_pictures(const std::string& folder) {
    using namespace detail;
    if (const std::size_t count = direct_pictures(folder))
        return text(count, count == 1 ? " picture lies" : " pictures lie",
                    " here without folders of classes; make a folder in it for each class");
    for (const std::string& name : subfolders(folder))
        if (const std::string inner = path_in(folder, name); pictures_below(inner) > 0)
            return is_picture_folder(inner, true) ? text("pictures lie deeper; name the folder ", inner)
                                                  : text("pictures lie too deep, in ", inner,
                                                         "; name the folder in which the folders of classes lie");
    return "";
}

} // namespace tinysparse::data
