// SPDX-License-Identifier: Apache-2.0
// A folder of pictures per class as a data set. All pictures get the size that more than half have, else 32x32; all are
// gray if more are gray than in colour. Other pictures are area-averaged or changed, and named in a warning. Pictures
// are prepared one by one (prepare.hpp), so that large ones never fill the memory.
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
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/sort.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/gzip.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_files.hpp"
#include "tinysparse/data/prepare.hpp"
#include "tinysparse/data/spec.hpp"

namespace tinysparse::data {

/// Size of the pictures if no size has more than half of them and the SPEC names none.
inline constexpr int default_picture_side = 32;
/// Larger files are refused before they are read: 256 MB.
inline constexpr std::uint64_t max_picture_file_bytes = std::uint64_t{1} << 28;

namespace detail {

/// Files that were skipped one by one, each with its reason.
using LeftOut = std::vector<std::pair<std::string, std::string>>;

/// One sentence per reason, for the first eight.
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

/// Passes the bytes of the file to `use`; false with the reason if `use` fails or the file cannot be read.
template <class Use> bool with_bytes(const PictureFile& file, std::string& reason, Use use) {
    try {
        return use(read_data_file(file.path, max_picture_file_bytes));
    } catch (const Error& error) {
        reason = error.what();
        if (reason.starts_with(file.path + ": ")) reason.erase(0, file.path.size() + 2);
        return false;
    }
}

/// Reads all headers; removes the files that cannot be read.
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

/// The shape of most pictures: the size of more than half of them, unless it is mixed; and gray if more are gray than
/// in colour.
struct CommonShape {
    Shape shape{1, 0, 0};
    bool mixed = false;
    std::vector<std::pair<int, int>> sizes; ///< All sizes as height and width, the most frequent first.
};

inline std::size_t gray_pictures(const std::vector<PictureFile>& pictures) {
    return std::size_t(
        std::count_if(pictures.begin(), pictures.end(), [](const PictureFile& file) { return file.channels == 1; }));
}

inline CommonShape common_shape(const std::vector<PictureFile>& pictures) {
    CommonShape common;
    std::map<std::pair<int, int>, std::size_t> counts;
    for (const PictureFile& file : pictures) ++counts[{file.height, file.width}];
    if (counts.empty()) return common;
    for (const auto& [size, count] : counts) common.sizes.push_back(size);
    sort_stably(common.sizes, [&](const auto& a, const auto& b) { return counts[a] > counts[b]; });
    common.mixed = 2 * counts[common.sizes[0]] <= pictures.size();
    common.shape = {2 * gray_pictures(pictures) > pictures.size() ? 1 : 3, common.sizes[0].first,
                    common.sizes[0].second};
    return common;
}

inline std::string size_text(int height, int width) { return text(height, "x", width); }

/// A warning if some pictures differ from the most frequent size.
inline void say_sizes(const std::vector<PictureFile>& pictures, const CommonShape& common, Dataset& set) {
    const auto is_odd = [&](const PictureFile& file) {
        return file.height != common.shape.height || file.width != common.shape.width;
    };
    const auto first = std::find_if(pictures.begin(), pictures.end(), is_odd);
    if (common.mixed || first == pictures.end()) return;
    const auto odd = std::count_if(first, pictures.end(), is_odd);
    const std::string its = size_text(first->height, first->width),
                      others = size_text(common.shape.height, common.shape.width);
    set.warnings.push_back(
        odd == 1
            ? text(first->path, ": the picture is ", its, ", all others are ", others, "; it was averaged to ", others)
            : text(odd, " of ", pictures.size(), " pictures are not ", others, " as the others, such as ", first->path,
                   ", which is ", its, "; they were averaged to ", others));
}

/// The preparation of the pictures; sets the shape of the set, its notes and its duties.
inline Preparation prepare_pictures(Dataset& set, const Request& request, const CommonShape& common) {
    Preparation wanted = preparation_of(request, common.shape);
    if (request.size && request.size->first != request.size->second &&
        (request.size->first > request.size->second) != (common.shape.height > common.shape.width) &&
        common.shape.height != common.shape.width)
        set.warnings.push_back(text("size=", size_text(request.size->first, request.size->second),
                                    " is a height and a width, and the pictures are ",
                                    size_text(common.shape.height, common.shape.width),
                                    "; did you mean size=", size_text(request.size->second, request.size->first), "?"));
    if (!common.mixed) {
        const PicturePreparation preparation(common.shape, wanted);
        set.shape = preparation.out();
        note_preparation(set, common.shape, request, preparation);
        return wanted;
    }
    if (request.shrink) fail_spec(request, "shrink= is for pictures of one size, these differ; use size=");
    if (!wanted.size) wanted.size = {default_picture_side, default_picture_side};
    wanted.block.reset();
    set.shape = {wanted.gray ? 1 : wanted.rgb565 ? 3 : common.shape.channels, wanted.size->first, wanted.size->second};
    const std::string to = size_text(set.shape.height, set.shape.width);
    const bool automatic = !request.size && !request.model;
    std::vector<std::string>& said = automatic ? set.warnings : set.notes;
    said.push_back(text("pictures of ", common.sizes.size(), " different sizes, such as ",
                        size_text(common.sizes[0].first, common.sizes[0].second), " and ",
                        size_text(common.sizes[1].first, common.sizes[1].second), ", were averaged to ", to,
                        ", whatever their proportions", automatic ? "; size=HEIGHTxWIDTH chooses another size" : ""));
    set.duties.push_back(duty_of_averaging(text("pictures to ", to)));
    return wanted;
}

/// "PATH: the picture is gray, all others are in colour", or the same for several.
inline std::string odd_colour_text(std::size_t odd, std::size_t all, const std::string& first, bool is_gray) {
    const std::string_view its = is_gray ? "gray" : "in colour", others = is_gray ? "in colour" : "gray";
    const std::string_view what =
        is_gray ? " took the same value for all three colours" : " took the luma of the colours";
    if (odd == 1) return text(first, ": the picture is ", its, ", all others are ", others, "; it", what);
    return text(odd, " of ", all, " pictures are ", its, ", such as ", first, ", the others are ", others, "; they",
                what);
}

/// Facts found while pictures were decoded.
struct PictureFacts {
    std::size_t turned = 0, coloured = 0, deep = 0; ///< deep: of 16 bits per sample.
    std::string first_coloured, first_deep;
    std::uint16_t peak = 0; ///< Largest sample of the deep ones.
};

/// Replaces colours with their luma in one channel; returns whether there was a colour.
inline bool drop_colours(Picture& picture) {
    bool coloured = false;
    const std::size_t pixels = picture.pixels.size() / 3;
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint8_t* colour = picture.pixels.data() + 3 * i;
        coloured |= colour[0] != colour[1] || colour[1] != colour[2];
        picture.pixels[i] = mcu::luma(colour[0], colour[1], colour[2]);
    }
    picture.pixels.resize(pixels);
    picture.channels = 1;
    return coloured;
}

/// The picture in another size, by exact averages.
inline Picture resized(const Picture& picture, int height, int width) {
    const AreaAverage average(picture.height, picture.width, height, width);
    const std::size_t channels = std::size_t(picture.channels);
    Picture out{picture.channels, height, width, std::vector<std::uint8_t>(channels * average.to_plane())};
    std::vector<std::uint8_t> plane(average.to_plane());
    for (std::size_t c = 0; c < channels; ++c) {
        average(picture.pixels.data() + c, plane.data(), channels);
        for (std::size_t i = 0; i < plane.size(); ++i) out.pixels[i * channels + c] = plane[i];
    }
    return out;
}

/// Prepares a picture and appends it. Before that, a colour picture among gray ones becomes luma, a gray one among
/// colour ones is copied to three channels, and a picture of another size is averaged to the common one.
inline void append_picture(const PictureFile& file, Picture picture, const CommonShape& common,
                           const Preparation& wanted, Split& split, PictureFacts& facts) {
    facts.turned += picture.orientation != 1;
    if (picture.peak > 0) {
        if (facts.deep++ == 0) facts.first_deep = file.path;
        facts.peak = std::max(facts.peak, picture.peak);
    }
    const Shape& shape = common.shape;
    if (picture.channels > shape.channels && drop_colours(picture) && facts.coloured++ == 0)
        facts.first_coloured = file.path;
    if (picture.channels < shape.channels) {
        std::vector<std::uint8_t> colours;
        for (const std::uint8_t pixel : picture.pixels)
            colours.insert(colours.end(), std::size_t(shape.channels), pixel);
        picture.pixels = std::move(colours);
        picture.channels = shape.channels;
    }
    if (!common.mixed && (picture.height != shape.height || picture.width != shape.width))
        picture = resized(picture, shape.height, shape.width);
    const PicturePreparation preparation({shape.channels, picture.height, picture.width}, wanted);
    const std::size_t begin = split.pixels.size();
    split.pixels.resize(begin + preparation.out().size());
    preparation(picture.pixels, split.pixels.data() + begin);
}

/// Warns about samples of 16 bits whose upper bits are never used: cameras of 12 bits write such files.
inline void say_bits(const PictureFacts& facts, std::optional<int> bits, std::vector<std::string>& warnings) {
    const int used = std::max(8, int(std::bit_width(facts.peak)));
    if (bits && facts.deep == 0)
        warnings.push_back(text("bits=", *bits, " has no effect: no picture has samples of 16 bits"));
    else if (bits && used > *bits)
        warnings.push_back(
            text("values above ", (1 << *bits) - 1, ", up to ", facts.peak, ", became white by bits=", *bits));
    else if (!bits && facts.deep > 0 && used < all_sample_bits)
        warnings.push_back(text("samples of 16 bits, as in ", facts.first_deep, ", are at most ", facts.peak,
                                ", so that the pictures are dark; bits=", used, " makes ", (1 << used) - 1, " white"));
}

/// Throws Error if there is nothing to read, or nothing that a network could tell apart. `said`: sentences on skipped
/// pictures.
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
}

/// An empty set with the classes of the pictures, whose headers have been read, and with warnings about them.
inline Dataset empty_set(const PictureFiles& found) {
    Dataset set;
    std::vector<std::string> words;
    for (const PictureFile& file : found.pictures) words.push_back(file.class_name);
    set.class_names = ordered_classes(words);
    for (const std::string& name : ordered_classes(found.classes))
        if (std::find(words.begin(), words.end(), name) == words.end())
            set.warnings.push_back(text("the class ", name, " is missing, since none of its pictures can be read"));
    return set;
}

/// A warning if a few pictures among colour ones are gray.
inline void say_gray(const std::vector<PictureFile>& pictures, const CommonShape& common, Dataset& set) {
    const std::size_t gray = gray_pictures(pictures);
    if (common.shape.channels == 1 || gray == 0) return;
    const auto first =
        std::find_if(pictures.begin(), pictures.end(), [](const PictureFile& file) { return file.channels == 1; });
    set.warnings.push_back(odd_colour_text(gray, pictures.size(), first->path, true));
}

/// Decodes all pictures into the parts of the set.
inline PictureFacts decode_pictures(const Request& request, const std::string& folder, const PictureFiles& found,
                                    const ImageSupport& support, Dataset& set, LeftOut& left_out) {
    PictureFacts facts;
    const int bits = request.bits.value_or(all_sample_bits);
    check_pictures(folder, found, set, left_out_sentences(left_out));
    const CommonShape common = common_shape(found.pictures);
    const Preparation wanted = prepare_pictures(set, request, common);
    say_sizes(found.pictures, common, set);
    say_gray(found.pictures, common, set);
    check_bytes(request, text("pictures of ", set.shape.height, "x", set.shape.width), found.pictures.size(),
                set.shape.size(), "choose a smaller size, such as size=32x32");
    for (const PictureFile& file : found.pictures) {
        Picture picture;
        std::string reason;
        if (!with_bytes(file, reason,
                        [&](const std::string& bytes) { return support.decode(bytes, bits, picture, reason); })) {
            left_out.push_back({file.path, reason});
            continue;
        }
        Split& split = set.part(file.part);
        append_picture(file, std::move(picture), common, wanted, split, facts);
        const auto at = std::find(set.class_names.begin(), set.class_names.end(), file.class_name);
        split.labels.push_back(std::uint8_t(at - set.class_names.begin()));
        split.sources.push_back({std::uint32_t(set.files.size()), 1});
        set.files.push_back(std::filesystem::path(file.path).lexically_relative(folder).string());
        ++split.samples;
    }
    return facts;
}
} // namespace detail

/// Reads all pictures of the folder, in the size and colours that the request asks for. Files that cannot be read are
/// skipped and named with the reason.
inline Dataset read_picture_folder(const std::string& folder, const Request& request, const ImageSupport& support) {
    using namespace detail;
    if (!support.inspect || !support.decode)
        throw Error(text(folder, ": this program was built without support for pictures; convert them to .npy or IDX"));
    PictureFiles found = picture_files(folder);
    LeftOut left_out;
    inspect_pictures(found.pictures, support, left_out);
    Dataset set = empty_set(found);
    set.picture_files = true;
    const PictureFacts facts = decode_pictures(request, folder, found, support, set, left_out);
    std::vector<std::string> said = left_out_sentences(left_out);
    said.insert(said.begin(), found.warnings.begin(), found.warnings.end());
    set.warnings.insert(set.warnings.begin(), said.begin(), said.end());
    if (facts.coloured > 0)
        set.warnings.push_back(odd_colour_text(facts.coloured, found.pictures.size(), facts.first_coloured, false));
    say_bits(facts, request.bits, set.warnings);
    if (facts.deep > 0)
        set.duties.insert(set.duties.begin(), text("take the upper 8 of the ", request.bits.value_or(all_sample_bits),
                                                   " bits of every value"));
    set.notes.insert(set.notes.begin(), found.notes.begin(), found.notes.end());
    if (facts.turned > 0)
        set.notes.push_back(
            text(pictures_were(facts.turned), " turned by ", facts.turned == 1 ? "its" : "their", " EXIF orientation"));
    return set;
}

} // namespace tinysparse::data
