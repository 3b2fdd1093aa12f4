// SPDX-License-Identifier: Apache-2.0
// Pictures (PNG, JPEG, BMP, PNM) and deflate through stb_image: the one header that includes stb. Target
// tinysparse::images brings the include path. stb's functions are static here, so several translation units may
// include this; a unit that also uses stb_image itself includes this header first.
#pragma once
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 16384
#include <stb_image.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_check.hpp"

namespace tinysparse::data {

/// Pictures of more than 64 million pixels are refused: more is an attack or a mistake here.
inline constexpr std::int64_t max_picture_pixels = std::int64_t{1} << 26;

namespace detail {
inline const std::uint8_t* stb_bytes(std::string_view bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
inline std::string stb_reason() {
    const char* reason = stbi_failure_reason();
    return reason && *reason ? reason : "the decoder gives no reason";
}

inline std::ptrdiff_t stb_inflate(std::string_view deflated, std::span<char> out, std::string& reason) {
    const int written =
        stbi_zlib_decode_noheader_buffer(out.data(), int(out.size()), deflated.data(), int(deflated.size()));
    if (written < 0) reason = stb_reason();
    return written;
}

inline bool stb_inspect(std::string_view bytes, Picture& picture, std::string& reason) {
    if (bytes.size() > std::size_t(std::numeric_limits<int>::max())) {
        reason = "the file is larger than 2 GB";
        return false;
    }
    if (reason = picture_damage(bytes); !reason.empty()) return false;
    int channels = 0;
    if (!stbi_info_from_memory(stb_bytes(bytes), int(bytes.size()), &picture.width, &picture.height, &channels)) {
        reason = "no PNG, JPEG, BMP or PNM: " + stb_reason();
        return false;
    }
    if (picture.width <= 0 || picture.height <= 0 ||
        std::int64_t(picture.width) * picture.height > max_picture_pixels) {
        reason = "its size is nothing or more than 64 million pixels";
        return false;
    }
    // Flat PNG of 1 bit a pixel packs 8 * 1032 pixels into a byte; what announces more is cut short or made to harm.
    if (std::uint64_t(picture.width) * std::uint64_t(picture.height) > 8256 * std::uint64_t{bytes.size()}) {
        reason = "it announces more pixels than its bytes can hold";
        return false;
    }
    picture.channels = channels <= 2 ? 1 : 3; // 2: gray and alpha, 4: RGB and alpha
    return true;
}

inline bool stb_decode(std::string_view bytes, Picture& picture, std::string& reason) {
    if (!stb_inspect(bytes, picture, reason)) return false;
    int width = 0, height = 0, channels = 0;
    const std::unique_ptr<std::uint8_t, decltype(&stbi_image_free)> decoded(
        stbi_load_from_memory(stb_bytes(bytes), int(bytes.size()), &width, &height, &channels, 0), &stbi_image_free);
    if (!decoded) {
        reason = stb_reason();
        return false;
    }
    picture.width = width;
    picture.height = height;
    picture.channels = channels <= 2 ? 1 : 3;
    const std::size_t colours = std::size_t(picture.channels), step = std::size_t(channels);
    const std::size_t pixels = std::size_t(width) * std::size_t(height);
    picture.pixels.resize(pixels * colours);
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint8_t* from = decoded.get() + i * step;
        const unsigned alpha = step > colours ? from[colours] : 255;
        for (std::size_t c = 0; c < colours; ++c) // over white, rounded
            picture.pixels[i * colours + c] = std::uint8_t((from[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
    return true;
}
} // namespace detail

/// The table for load(): data::load("photos,size=32x32", data::image_support()).
inline ImageSupport image_support() { return {detail::stb_inflate, detail::stb_inspect, detail::stb_decode}; }

} // namespace tinysparse::data
