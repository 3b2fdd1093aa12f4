// SPDX-License-Identifier: Apache-2.0
// The kind of a picture file, by its first bytes and by its name. Files often carry the name of another kind: phones
// and browsers save HEIC and WebP as .jpg.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tinysparse/base/text.hpp"

namespace tinysparse::data {

/// Supported kinds, as messages name them.
inline constexpr std::string_view read_picture_kinds = "PNG, JPEG, BMP and PNM (PBM, PGM, PPM, PAM)";

namespace detail {
/// Reads a number of `count` bytes, the highest byte first if `big`.
inline std::uint32_t picture_number(std::string_view bytes, std::size_t at, std::size_t count, bool big) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) number = number << 8 | std::uint8_t(bytes[at + (big ? i : count - 1 - i)]);
    return number;
}

inline bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }
inline bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }
inline bool is_bmp(std::string_view bytes) { return bytes.starts_with("BM"); }
inline bool is_pnm(std::string_view bytes) {
    return bytes.size() >= 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7';
}

/// A mark that identifies a kind of file: these bytes at this place.
struct FileMark {
    std::size_t at;
    std::string_view bytes;
    std::string_view name; ///< With its article: "a WebP picture".
};
inline constexpr FileMark unread_marks[] = {
    {0, "GIF8", "a GIF picture"},
    {8, "WEBP", "a WebP picture"},
    {4, "ftypavi", "an AVIF picture"},
    {4, "ftyphei", "a HEIC picture"},
    {4, "ftyphev", "a HEIC picture"},
    {4, "ftypmif1", "a HEIF picture"},
    {4, "ftypmsf1", "a HEIF picture"},
    {4, "ftypcrx", "a camera's raw picture"},
    {4, "ftyp", "a video"},
    {0, std::string_view("II*\0", 4), "a TIFF picture or a camera's raw picture"},
    {0, std::string_view("MM\0*", 4), "a TIFF picture or a camera's raw picture"},
    {0, "\xff\x0a", "a JPEG XL picture"},
    {4, "JXL ", "a JPEG XL picture"},
    {4, "jP  \r\n", "a JPEG 2000 picture"},
    {0, "\xff\x4f\xff\x51", "a JPEG 2000 picture"},
    {0, "8BPS", "a Photoshop file"},
    {0, std::string_view("\0\0\1\0", 4), "an icon"},
    {0, "PF\n", "a PFM picture of real numbers"},
    {0, "Pf\n", "a PFM picture of real numbers"},
    {0, "qoif", "a QOI picture"},
    {0, "<svg", "an SVG drawing"},
    {0, "%PDF", "a PDF file"},
    {0, "<!DOCTYPE", "a web page"},
    {0, "<!doctype", "a web page"},
    {0, "<html", "a web page"},
    {0, "version https://git-lfs", "a pointer of Git LFS, not the file itself"},
};

/// "a WebP picture"; "" for supported and for unknown kinds.
inline std::string_view unread_name(std::string_view bytes) {
    for (const FileMark& mark : unread_marks)
        if (bytes.size() > mark.at && bytes.substr(mark.at).starts_with(mark.bytes)) return mark.name;
    return "";
}

/// Endings of supported pictures, and of files that people often take for such; lower case, without the point.
inline constexpr std::string_view read_picture_endings[] = {"png", "jpg", "jpeg", "jpe", "jfif", "bmp",
                                                            "pnm", "pbm", "pgm",  "ppm", "pam"};
inline constexpr std::string_view unread_picture_endings[] = {
    "gif", "webp", "heic", "heif", "hif", "avif", "tif", "tiff", "jxl", "jp2", "j2k", "ico", "psd",
    "g",   "tga",  "pfm",  "qoi",  "dng", "cr2",  "cr3", "nef",  "arw", "raw", "dib", "exr", "hdr"};
} // namespace detail

/// Whether the first bytes are those of a supported kind.
inline bool is_read_picture(std::string_view bytes) {
    return detail::is_png(bytes) || detail::is_jpeg(bytes) || detail::is_bmp(bytes) || detail::is_pnm(bytes);
}

/// The kind of a file that is_read_picture() rejects, and what to do.
inline std::string unread_picture_reason(std::string_view bytes) {
    if (bytes.empty()) return "the file is empty";
    const std::string_view name = detail::unread_name(bytes);
    if (name.empty()) return text("no picture of a known kind; ", read_picture_kinds, " are read");
    return text("it is ", name,
                name.find("picture") != name.npos ? ", which is not read; convert it to PNG or JPEG" : "");
}

} // namespace tinysparse::data
