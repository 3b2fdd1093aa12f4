// SPDX-License-Identifier: Apache-2.0
// The picture of a camera, and how it becomes the smaller one that a network reads (computed by mcu/camera.hpp):
// colours of 5, 6 and 5 bits are widened to 8 bits. If the network reads one channel, luma replaces the colours. Blocks
// of block_height x block_width pixels are averaged. Pixels beyond the last whole block are not used.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tinysparse {

/// Largest number of pixels in one average, so that their sum fits 32 bits, and in a whole picture.
inline constexpr std::int64_t max_camera_block = std::int64_t{1} << 24, max_camera_pixels = std::int64_t{1} << 28;

/// Pixel formats of a camera: one byte of gray, three bytes of colour, or red, green and blue in 5, 6 and 5 bits of 16.
enum class Pixels : std::uint8_t { gray, rgb, rgb565 };

/// Sizes of one format of pixels.
struct PixelsInfo {
    Pixels pixels;
    std::string_view name;
    int values, bytes; ///< Values in a row and bytes, per pixel.
};
inline constexpr PixelsInfo pixels_table[] = {
    {Pixels::gray, "gray", 1, 1}, {Pixels::rgb, "rgb", 3, 3}, {Pixels::rgb565, "rgb565", 1, 2}};
/// The row of the table.
constexpr const PixelsInfo& info(Pixels pixels) { return pixels_table[std::size_t(pixels)]; }

/// A camera whose picture is averaged over blocks of pixels before the network reads it.
struct Camera {
    Pixels pixels = Pixels::gray;
    int height = 1, width = 1; ///< Size of the camera's picture.
    int block_height = 1, block_width = 1;

    /// Rows of the picture that the network reads, before its own downsampling.
    int out_height() const { return height / block_height; }
    /// Columns of the picture that the network reads, before its own downsampling.
    int out_width() const { return width / block_width; }
    /// Pixels of the camera's picture.
    std::size_t pixel_count() const { return std::size_t(height) * std::size_t(width); }
    /// Pixels that become one.
    int area() const { return block_height * block_width; }
    /// Colours of 16 bits become luma if the network reads one channel.
    bool makes_luma(int channels) const { return pixels == Pixels::rgb565 && channels == 1; }
    /// Whether a network that reads this number of channels can use these pixels.
    bool gives(int channels) const {
        return pixels == Pixels::rgb565 ? channels == 1 || channels == 3 : channels == info(pixels).values;
    }
    /// Whether sides and blocks are in their ranges and the averaged picture has this shape.
    bool makes(int channels, int picture_height, int picture_width) const {
        const auto fits = [](int side, int block, int out) {
            return side <= 65535 && block >= 1 && side >= block && side / block == out;
        };
        return pixels <= Pixels::rgb565 && gives(channels) && fits(height, block_height, picture_height) &&
               fits(width, block_width, picture_width) && std::int64_t(pixel_count()) <= max_camera_pixels &&
               std::int64_t{block_height} * block_width <= max_camera_block;
    }
    /// Bytes of one unfinished sum of the average.
    std::size_t sum_bytes() const { return area() == 1 ? 1 : area() <= 256 ? 2 : 4; }
    bool operator==(const Camera&) const = default;
};

/// The kind of samples that reaches the input of a network on a device.
struct InputKind {
    bool series = false;          ///< int16 values of sensors, not uint8 pixels.
    std::optional<Camera> camera; ///< Set if pictures are larger than the network reads, or have other pixels.
};

/// Number of pixels that the programs of an export hand over at once: enough that a call costs little, few enough for a
/// chip of 2 KB. It grows if a picture would otherwise have more than 65535 pieces.
inline std::size_t camera_piece(const Camera& camera) {
    const std::size_t pixels = camera.pixel_count();
    std::size_t piece = 64;
    while (pixels / piece >= 65535) piece *= 2;
    return piece < pixels ? piece : pixels;
}

} // namespace tinysparse
