// SPDX-License-Identifier: Apache-2.0
// A folder of pictures per class: PATH/CLASS/*.png, or PATH/train/CLASS/*.png with test/ and val/ beside it. Pictures
// of any size; all gray: one channel, else three. Sizes that differ are area-averaged to one.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/folder.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/resample.hpp"

namespace tinysparse::data {

/// What pictures of different sizes become where the SPEC names no size.
inline constexpr int default_picture_side = 32;
inline constexpr std::uint64_t max_picture_file_bytes = std::uint64_t{1} << 28,
                               max_picture_bytes = std::uint64_t{1} << 32;

namespace detail {

struct PictureFile {
    std::string path, class_name;
    Part part = Part::train;
};

inline bool holds_pictures(const std::string& folder) {
    const std::vector<NamedFile> files = known_files(folder);
    return std::any_of(files.begin(), files.end(), [](const NamedFile& f) { return f.kind == FileKind::picture; });
}

inline bool holds_class_folders(const std::string& folder) {
    for (const std::string& name : subfolders(folder))
        if (holds_pictures(path_in(folder, name))) return true;
    return false;
}

/// train, val, test and their other names, each holding folders of classes; empty if there is none.
inline std::vector<std::pair<Part, std::string>> part_folders(const std::string& folder) {
    std::vector<std::pair<Part, std::string>> parts;
    for (const std::string& name : subfolders(folder))
        if (const auto part = part_named(lower_case(name)); part && holds_class_folders(path_in(folder, name)))
            parts.push_back({*part, path_in(folder, name)});
    return parts;
}

inline void list_pictures(const std::string& folder, Part part, std::vector<PictureFile>& pictures,
                          std::vector<std::string>& notes) {
    for (const std::string& name : subfolders(folder)) {
        const std::string class_folder = path_in(folder, name);
        const std::size_t before = pictures.size();
        for (const NamedFile& file : known_files(class_folder))
            if (file.kind == FileKind::picture) pictures.push_back({path_in(class_folder, file.file), name, part});
        if (pictures.size() == before) notes.push_back(text(class_folder, ": no pictures in this folder"));
    }
}

/// Decodes one file and appends it, averaged to `shape`, gray as gray or copied to three channels.
inline bool append_picture(const std::string& path, const Shape& shape, const ImageSupport& support, Split& split,
                           std::string& reason) {
    Picture picture;
    if (!support.decode(read_file(path, max_picture_file_bytes), picture, reason)) return false;
    if (picture.channels > shape.channels) {
        reason = "its colours were not announced";
        return false;
    }
    const AreaAverage average(picture.height, picture.width, shape.height, shape.width);
    const std::size_t begin = split.pixels.size(), plane = average.to_plane();
    split.pixels.resize(begin + shape.size());
    for (std::size_t c = 0; c < std::size_t(shape.channels); ++c)
        average(picture.pixels.data() + (picture.channels == 3 ? c : 0), split.pixels.data() + begin + c * plane,
                std::size_t(picture.channels));
    return true;
}

/// Channels and size of the set from the headers of all files; files that cannot be read are taken out, with a note.
inline Shape common_shape(std::vector<PictureFile>& pictures, std::optional<std::pair<int, int>> size,
                          const ImageSupport& support, std::vector<std::string>& notes) {
    Shape shape{1, 0, 0}, largest;
    bool differ = false;
    std::erase_if(pictures, [&](const PictureFile& file) {
        Picture picture;
        std::string reason;
        try {
            if (!support.inspect(read_file(file.path, max_picture_file_bytes), picture, reason)) {
                notes.push_back(text(file.path, ": left out: ", reason));
                return true;
            }
        } catch (const Error& error) {
            notes.push_back(text("left out: ", error.what()));
            return true;
        }
        shape.channels = std::max(shape.channels, picture.channels);
        if (shape.height == 0) shape.height = picture.height, shape.width = picture.width, largest = shape;
        differ |= picture.height != shape.height || picture.width != shape.width;
        largest.height = std::max(largest.height, picture.height);
        largest.width = std::max(largest.width, picture.width);
        return false;
    });
    if (size) {
        shape.height = size->first;
        shape.width = size->second;
    } else if (differ) {
        shape.height = shape.width = default_picture_side;
        notes.push_back(text("pictures of different sizes, up to ", largest.height, "x", largest.width,
                             ", were averaged to ", shape.height, "x", shape.width,
                             "; size=HEIGHTxWIDTH chooses another"));
    }
    return shape;
}
} // namespace detail

/// Whether the folder holds folders of pictures, per class or per part and class.
inline bool is_picture_folder(const std::string& folder) {
    return detail::holds_class_folders(folder) || !detail::part_folders(folder).empty();
}

/// All pictures of the folder. Files that cannot be decoded are left out and noted with the reason.
inline Dataset read_picture_folder(const std::string& folder, std::optional<std::pair<int, int>> size,
                                   const ImageSupport& support) {
    using namespace detail;
    if (!support.inspect || !support.decode)
        throw Error(text(folder, ": this program was built without support for pictures; convert them to .npy or IDX"));
    Dataset set;
    std::vector<PictureFile> pictures;
    const auto parts = part_folders(folder);
    for (const auto& [part, path] : parts) list_pictures(path, part, pictures, set.warnings);
    if (parts.empty()) list_pictures(folder, Part::train, pictures, set.warnings);

    set.shape = common_shape(pictures, size, support, set.warnings);
    std::vector<std::string> class_words;
    for (const PictureFile& picture : pictures) class_words.push_back(picture.class_name);
    set.class_names = ordered_classes(class_words);
    if (set.class_names.empty())
        throw Error(text(folder, ": none of the pictures can be read",
                         set.warnings.empty() ? "" : "; the first: " + set.warnings.front()));
    if (set.class_names.size() > max_classes)
        throw Error(text(folder, ": ", set.class_names.size(), " folders of classes, at most ", max_classes));
    if (std::uint64_t{pictures.size()} * set.shape.size() > max_picture_bytes)
        throw Error(text(folder, ": ", pictures.size(), " pictures of ", set.shape.height, "x", set.shape.width,
                         " take more than 4 GiB; choose a smaller size, such as size=32x32"));
    for (const PictureFile& file : pictures) {
        Split& split = set.part(file.part);
        std::string reason;
        if (!append_picture(file.path, set.shape, support, split, reason)) {
            set.warnings.push_back(text(file.path, ": left out: ", reason));
            continue;
        }
        const auto at = std::find(set.class_names.begin(), set.class_names.end(), file.class_name);
        split.labels.push_back(std::uint8_t(at - set.class_names.begin()));
        split.sources.push_back({std::uint32_t(set.files.size()), 1});
        set.files.push_back(std::filesystem::path(file.path).lexically_relative(folder).string());
        ++split.samples;
    }
    return set;
}

} // namespace tinysparse::data
