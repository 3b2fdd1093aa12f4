// SPDX-License-Identifier: Apache-2.0
// A folder of pictures per class as a data set. Most pictures decide what all are read as: the size that more than
// half have, else 32x32, and gray if more are gray than in colour. Others are area-averaged or changed, and named.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/gzip.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_files.hpp"
#include "tinysparse/data/resample.hpp"

namespace tinysparse::data {

/// What pictures become of which no size has more than half, where the SPEC names none.
inline constexpr int default_picture_side = 32;
inline constexpr std::uint64_t max_picture_file_bytes = std::uint64_t{1} << 28,
                               max_picture_bytes = std::uint64_t{1} << 32;

namespace detail {

/// Files that were left out one by one, each with its reason.
using LeftOut = std::vector<std::pair<std::string, std::string>>;

/// A sentence for each reason, the first eight.
inline std::vector<std::string> left_out_sentences(const LeftOut& files) {
    std::vector<std::string> reasons, sentences;
    for (const auto& [path, reason] : files)
        if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
    std::size_t said = 0;
    for (std::size_t i = 0; i < reasons.size() && i < 8; ++i) {
        const auto has_it = [&](const auto& file) { return file.second == reasons[i]; };
        const std::string& path = std::find_if(files.begin(), files.end(), has_it)->first;
        const std::size_t count = std::size_t(std::count_if(files.begin(), files.end(), has_it));
        said += count;
        sentences.push_back(count == 1 ? text(path, ": left out: ", reasons[i])
                                       : text(path, " and ", count - 1, " more: left out: ", reasons[i]));
    }
    if (said < files.size())
        sentences.push_back(text(pictures_were(files.size() - said), " left out for other reasons"));
    return sentences;
}

/// Gives the bytes of the file to `use`; false with the reason if that says so or the file cannot be read.
template <class Use> bool with_bytes(const PictureFile& file, std::string& reason, Use use) {
    try {
        return use(read_data_file(file.path, max_picture_file_bytes));
    } catch (const Error& error) {
        reason = error.what();
        if (reason.starts_with(file.path + ": ")) reason.erase(0, file.path.size() + 2);
        return false;
    }
}

/// Asks all headers; takes out the files that cannot be read.
inline void inspect_pictures(std::vector<PictureFile>& pictures, const ImageSupport& support, LeftOut& left_out) {
    std::erase_if(pictures, [&](PictureFile& file) {
        Picture picture;
        std::string reason;
        const bool good =
            with_bytes(file, reason, [&](const std::string& bytes) { return support.inspect(bytes, picture, reason); });
        if (!good) left_out.push_back({file.path, reason});
        file.channels = picture.channels;
        file.height = picture.height;
        file.width = picture.width;
        return !good;
    });
}

/// Height and width of all, and a warning if some have others.
inline std::pair<int, int> common_size(const std::vector<PictureFile>& pictures,
                                       std::optional<std::pair<int, int>> size, std::vector<std::string>& warnings) {
    std::map<std::pair<int, int>, std::size_t> counts;
    std::pair<int, int> largest{0, 0};
    for (const PictureFile& file : pictures) {
        ++counts[{file.height, file.width}];
        largest = {std::max(largest.first, file.height), std::max(largest.second, file.width)};
    }
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (counts.empty()) return {0, 0};
    const auto written = [](std::pair<int, int> one) { return text(one.first, "x", one.second); };
    if (2 * most->second <= pictures.size()) {
        if (size) return *size;
        size = {default_picture_side, default_picture_side};
        warnings.push_back(text("pictures of different sizes, up to ", written(largest), ", were averaged to ",
                                written(*size), "; size=HEIGHTxWIDTH chooses another"));
        return *size;
    }
    const std::size_t odd = pictures.size() - most->second;
    if (odd > 0) {
        const auto first = std::find_if(pictures.begin(), pictures.end(), [&](const PictureFile& file) {
            return std::pair(file.height, file.width) != most->first;
        });
        const std::string its = written({first->height, first->width}), to = written(size.value_or(most->first));
        warnings.push_back(odd == 1 ? text(first->path, ": the picture is ", its, ", all others are ",
                                           written(most->first), "; it was averaged to ", to)
                                    : text(odd, " of ", pictures.size(), " pictures are not ", written(most->first),
                                           " as the others, such as ", first->path, ", which is ", its,
                                           "; they were averaged to ", to));
    }
    return size.value_or(most->first);
}

/// "PATH: the picture is gray, all others are in colour", or the same of several.
inline std::string odd_colour_text(std::size_t odd, std::size_t all, const std::string& first, bool is_gray) {
    const std::string_view its = is_gray ? "gray" : "in colour", others = is_gray ? "in colour" : "gray";
    const std::string_view what =
        is_gray ? " took the same value for all three colours" : " took the luma of the colours";
    if (odd == 1) return text(first, ": the picture is ", its, ", all others are ", others, "; it", what);
    return text(odd, " of ", all, " pictures are ", its, ", such as ", first, ", the others are ", others, "; they",
                what);
}

/// What was found out while pictures were decoded.
struct PictureFacts {
    std::size_t turned = 0, coloured = 0, deep = 0; ///< deep: of 16 bits a sample.
    std::string first_coloured, first_deep;
    std::uint16_t peak = 0; ///< Largest sample of the deep ones.
};

/// One channel of luma; tells whether there was a colour.
inline bool drop_colours(Picture& picture) {
    bool coloured = false;
    const std::size_t pixels = picture.pixels.size() / 3;
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint8_t* colour = picture.pixels.data() + 3 * i;
        coloured |= colour[0] != colour[1] || colour[1] != colour[2];
        picture.pixels[i] = luma(colour[0], colour[1], colour[2]);
    }
    picture.pixels.resize(pixels);
    picture.channels = 1;
    return coloured;
}

/// Appends a picture, averaged to `shape`, colours as luma, or gray as gray or copied to three channels.
inline void append_picture(const PictureFile& file, Picture picture, const Shape& shape, Split& split,
                           PictureFacts& facts) {
    facts.turned += picture.orientation != 1;
    if (picture.peak > 0) {
        if (facts.deep++ == 0) facts.first_deep = file.path;
        facts.peak = std::max(facts.peak, picture.peak);
    }
    if (picture.channels > shape.channels && drop_colours(picture) && facts.coloured++ == 0)
        facts.first_coloured = file.path;
    const AreaAverage average(picture.height, picture.width, shape.height, shape.width);
    const std::size_t begin = split.pixels.size(), plane = average.to_plane();
    split.pixels.resize(begin + shape.size());
    for (std::size_t c = 0; c < std::size_t(shape.channels); ++c)
        average(picture.pixels.data() + (picture.channels == 3 ? c : 0), split.pixels.data() + begin + c * plane,
                std::size_t(picture.channels));
}

/// Samples of 16 bits of which the upper ones are never used: cameras of 12 bits write such files.
inline void say_bits(const PictureFacts& facts, std::optional<int> bits, std::vector<std::string>& warnings) {
    const int used = std::max(8, int(std::bit_width(facts.peak)));
    if (bits && facts.deep == 0)
        warnings.push_back(text("bits=", *bits, " says nothing here: no picture has samples of 16 bits"));
    else if (bits && used > *bits)
        warnings.push_back(
            text("values above ", (1 << *bits) - 1, ", up to ", facts.peak, ", became white by bits=", *bits));
    else if (!bits && facts.deep > 0 && used < all_sample_bits)
        warnings.push_back(text("samples of 16 bits, as in ", facts.first_deep, ", are at most ", facts.peak,
                                ", so that the pictures are dark; bits=", used, " makes ", (1 << used) - 1, " white"));
}

/// Throws Error if there is nothing to read, or too much. `said`: why pictures were left out.
inline void check_pictures(const std::string& folder, const PictureFiles& found, const Dataset& set,
                           const std::vector<std::string>& said) {
    if (found.pictures.empty() && said.empty() && !found.unread.empty())
        throw Error(text(folder, ": the pictures in the folder", found.classes.size() == 1 ? " " : "s ",
                         join(ordered_classes(found.classes), ", "), " are ", counts_text(found.unread), "; only ",
                         read_picture_kinds, " are read, convert them to PNG or JPEG"));
    if (found.pictures.empty())
        throw Error(text(folder, ": none of the pictures can be read", said.empty() ? "" : "; the first: " + said[0]));
    const std::vector<std::string>& why = said.empty() ? found.warnings : said;
    if (set.classes() == 1 && found.classes.size() > 1 && !why.empty())
        throw Error(text(folder, ": only pictures of the class ", set.class_names[0], " can be read; ", why.back()));
    if (set.classes() > max_classes)
        throw Error(text(folder, ": ", set.classes(), " folders of classes, at most ", max_classes));
    if (std::uint64_t{found.pictures.size()} * set.shape.size() > max_picture_bytes)
        throw Error(text(folder, ": ", found.pictures.size(), " pictures of ", set.shape.height, "x", set.shape.width,
                         " take more than 4 GiB; choose a smaller size, such as size=32x32"));
}

/// Shape and classes of the set that the pictures, of which headers were asked, make; and warnings about them.
inline Dataset empty_set(const PictureFiles& found, std::optional<std::pair<int, int>> size) {
    Dataset set;
    std::vector<std::string> words;
    for (const PictureFile& file : found.pictures) words.push_back(file.class_name);
    set.class_names = ordered_classes(words);
    for (const std::string& name : ordered_classes(found.classes))
        if (std::find(words.begin(), words.end(), name) == words.end())
            set.warnings.push_back(text("the class ", name, " is missing, since none of its pictures can be read"));
    std::tie(set.shape.height, set.shape.width) = common_size(found.pictures, size, set.warnings);
    const auto is_gray = [](const PictureFile& file) { return file.channels == 1; };
    const auto first = std::find_if(found.pictures.begin(), found.pictures.end(), is_gray);
    const auto gray = std::size_t(std::count_if(first, found.pictures.end(), is_gray));
    set.shape.channels = 2 * gray > found.pictures.size() ? 1 : 3;
    if (set.shape.channels == 3 && gray > 0)
        set.warnings.push_back(odd_colour_text(gray, found.pictures.size(), first->path, true));
    return set;
}

/// Decodes all pictures into the parts of the set.
inline PictureFacts decode_pictures(const std::string& folder, const std::vector<PictureFile>& pictures,
                                    const ImageSupport& support, int bits, Dataset& set, LeftOut& left_out) {
    PictureFacts facts;
    for (const PictureFile& file : pictures) {
        Picture picture;
        std::string reason;
        if (!with_bytes(file, reason,
                        [&](const std::string& bytes) { return support.decode(bytes, bits, picture, reason); })) {
            left_out.push_back({file.path, reason});
            continue;
        }
        Split& split = set.part(file.part);
        append_picture(file, std::move(picture), set.shape, split, facts);
        const auto at = std::find(set.class_names.begin(), set.class_names.end(), file.class_name);
        split.labels.push_back(std::uint8_t(at - set.class_names.begin()));
        split.sources.push_back({std::uint32_t(set.files.size()), 1});
        set.files.push_back(std::filesystem::path(file.path).lexically_relative(folder).string());
        ++split.samples;
    }
    return facts;
}
} // namespace detail

/// All pictures of the folder. Files that cannot be read are left out and named with the reason. `bits`: as in
/// ImageSupport::decode; nothing: all 16, and a warning if the pictures do not use them.
inline Dataset read_picture_folder(const std::string& folder, std::optional<std::pair<int, int>> size,
                                   const ImageSupport& support, std::optional<int> bits = std::nullopt) {
    using namespace detail;
    if (!support.inspect || !support.decode)
        throw Error(text(folder, ": this program was built without support for pictures; convert them to .npy or IDX"));
    PictureFiles found = picture_files(folder);
    LeftOut left_out;
    inspect_pictures(found.pictures, support, left_out);
    Dataset set = empty_set(found, size);
    check_pictures(folder, found, set, left_out_sentences(left_out));
    const PictureFacts facts =
        decode_pictures(folder, found.pictures, support, bits.value_or(all_sample_bits), set, left_out);
    std::vector<std::string> said = left_out_sentences(left_out);
    said.insert(said.begin(), found.warnings.begin(), found.warnings.end());
    set.warnings.insert(set.warnings.begin(), said.begin(), said.end());
    if (facts.coloured > 0)
        set.warnings.push_back(odd_colour_text(facts.coloured, found.pictures.size(), facts.first_coloured, false));
    say_bits(facts, bits, set.warnings);
    set.notes = found.notes;
    if (facts.turned > 0)
        set.notes.push_back(
            text(pictures_were(facts.turned), " turned by ", facts.turned == 1 ? "its" : "their", " EXIF orientation"));
    return set;
}

} // namespace tinysparse::data
