// SPDX-License-Identifier: Apache-2.0
// Pictures: PNG and JPEG through stb_image, BMP and PNM through data/bmp.hpp and data/pnm.hpp. The one header that
// includes stb; target tinysparse::images brings the include path. stb's functions are static here, so several
// translation units may include this; a unit that also uses stb_image itself includes this header first.
#pragma once
#if defined(STBI_INCLUDE_STB_IMAGE_H)
#error "include tinysparse/data/images.hpp before stb_image.h: it compiles stb_image with options of its own"
#endif
#if !__has_include(<stb_image.h>)
#error "stb_image.h is not found: install it (Debian: libstb-dev) and name its folder, as in -I/usr/include/stb"
#else // all else of this header, so that the error above is the only one
#include <cstdlib>
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 65535
#define STBI_MALLOC(size) std::calloc(1, size) // so that the missing parts of a damaged file are 0, the same every time
#define STBI_REALLOC(old, size) std::realloc(old, size)
#define STBI_FREE(old) std::free(old)
#define STBI_ASSERT(condition) static_cast<void>(0) // files may violate some of them, which is no reason to abort
#include <stb_image.h>
#undef STB_IMAGE_STATIC
#undef STB_IMAGE_IMPLEMENTATION // a later #include <stb_image.h> declares nothing again
#undef STBI_ONLY_PNG
#undef STBI_ONLY_JPEG
#undef STBI_NO_STDIO
#undef STBI_MAX_DIMENSIONS
#undef STBI_MALLOC
#undef STBI_REALLOC
#undef STBI_FREE
#undef STBI_ASSERT

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "tinysparse/data/bmp.hpp"
#include "tinysparse/data/exif.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_check.hpp"
#include "tinysparse/data/picture_kind.hpp"
#include "tinysparse/data/pnm.hpp"

namespace tinysparse::data {

namespace detail {
inline const std::uint8_t* stb_bytes(std::string_view bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
inline std::string stb_reason() {
    const char* reason = stbi_failure_reason();
    return text("it cannot be decoded: ", reason && *reason ? reason : "the decoder gives no reason");
}

inline bool inspect_by_stb(std::string_view bytes, Picture& picture, std::string& reason) {
    if (reason = picture_damage(bytes); !reason.empty()) return false;
    int channels = 0;
    if (!stbi_info_from_memory(stb_bytes(bytes), int(bytes.size()), &picture.width, &picture.height, &channels)) {
        reason = stb_reason();
        return false;
    }
    // A JPEG needs at least one bit per 64 pixels.
    reason = is_png(bytes) ? size_refusal(picture, bytes.size()) : size_refusal(picture, bytes.size(), 512);
    picture.channels = channels <= 2 ? 1 : 3; // 2: gray and alpha, 4: RGB and alpha
    return reason.empty();
}

/// The PNG with a palette of 256 colours if its own is smaller: for pixels beyond it, stb reads arbitrary memory.
inline std::string with_whole_palette(std::string_view png) {
    for (std::size_t at = 8; png.size() - at >= 12;) {
        const std::size_t length = picture_number(png, at, 4, true);
        if (length > png.size() - at - 12 || png.substr(at + 4, 4) == "IDAT") break;
        if (png.substr(at + 4, 4) == "PLTE" && length < 768) {
            const std::string filled = std::string("\0\0\3\0PLTE", 8) + std::string(png.substr(at + 8, length)) +
                                       std::string(768 - length, '\0'); // stb does not verify the checksum
            return std::string(png.substr(0, at)) + filled + std::string(png.substr(at + 8 + length));
        }
        at += 12 + length;
    }
    return std::string(png);
}

/// Samples of 8 or 16 bits, [pixels][step], as a picture without alpha.
template <class Sample> void take_samples(const Sample* samples, std::size_t step, int bits, Picture& picture) {
    const std::size_t colours = std::size_t(picture.channels);
    const std::size_t pixels = std::size_t(picture.width) * std::size_t(picture.height);
    const auto byte = [](Sample sample, int of) {
        if constexpr (sizeof(Sample) == 1)
            return sample;
        else
            return upper_bits(sample, of);
    };
    picture.pixels.resize(pixels * colours);
    for (std::size_t i = 0; i < pixels; ++i) {
        const Sample* from = samples + i * step;
        const unsigned alpha = step > colours ? byte(from[colours], all_sample_bits) : 255;
        for (std::size_t c = 0; c < colours; ++c) {
            picture.pixels[i * colours + c] = over_white(byte(from[c], bits), alpha);
            if (sizeof(Sample) == 2) picture.peak = std::max(picture.peak, std::uint16_t(from[c]));
        }
    }
}

inline bool decode_by_stb(std::string_view file, int bits, Picture& picture, std::string& reason) {
    if (!inspect_by_stb(file, picture, reason)) return false;
    const bool png = is_png(file), palette = png && file.size() > 25 && file[25] == 3;
    const std::string filled = palette ? with_whole_palette(file) : "";
    const std::string_view bytes = palette ? std::string_view(filled) : file;
    const bool deep = png && stbi_is_16_bit_from_memory(stb_bytes(bytes), int(bytes.size()));
    // Pictures within iPhone apps: blue and red are swapped, and colours are multiplied by alpha.
    const bool apple = png && bytes.substr(12, 4) == "CgBI";
    if (apple && deep) {
        reason = "it is an iPhone PNG of 16 bits, which is not read; save it as a plain PNG";
        return false;
    }
    stbi_set_unpremultiply_on_load(apple);
    stbi_convert_iphone_png_to_rgb(apple);
    int width = 0, height = 0, step = 0;
    const auto load = [&](auto* function) {
        return function(stb_bytes(bytes), int(bytes.size()), &width, &height, &step, 0);
    };
    const std::unique_ptr<void, decltype(&stbi_image_free)> decoded(
        deep ? static_cast<void*>(load(stbi_load_16_from_memory)) : load(stbi_load_from_memory), &stbi_image_free);
    if (!decoded) {
        reason = stb_reason();
        return false;
    }
    picture.width = width;
    picture.height = height;
    picture.channels = step <= 2 ? 1 : 3;
    if (deep)
        take_samples(static_cast<const std::uint16_t*>(decoded.get()), std::size_t(step), bits, picture);
    else
        take_samples(static_cast<const std::uint8_t*>(decoded.get()), std::size_t(step), bits, picture);
    return true;
}

inline bool is_fit(std::string_view bytes, std::string& reason) {
    reason.clear();
    if (!is_read_picture(bytes)) reason = unread_picture_reason(bytes);
    if (bytes.size() > std::size_t(std::numeric_limits<int>::max())) reason = "the file is larger than 2 GB";
    return reason.empty();
}

inline bool inspect_picture(std::string_view bytes, Picture& picture, std::string& reason) {
    if (!is_fit(bytes, reason)) return false;
    const auto inspect = is_bmp(bytes) ? inspect_bmp : is_pnm(bytes) ? inspect_pnm : inspect_by_stb;
    if (!inspect(bytes, picture, reason)) return false;
    turn_picture(picture, picture_orientation(bytes));
    return true;
}

inline bool decode_picture(std::string_view bytes, int bits, Picture& picture, std::string& reason) {
    picture = {};
    if (!is_fit(bytes, reason)) return false;
    const bool decoded = is_bmp(bytes)   ? decode_bmp(bytes, picture, reason)
                         : is_pnm(bytes) ? decode_pnm(bytes, bits, picture, reason)
                                         : decode_by_stb(bytes, bits, picture, reason);
    if (decoded) turn_picture(picture, picture_orientation(bytes));
    return decoded;
}
} // namespace detail

/// The table for load(): data::load("photos,size=32x32", data::image_support()).
inline ImageSupport image_support() { return {detail::inspect_picture, detail::decode_picture}; }

} // namespace tinysparse::data
#endif // stb_image.h is there
