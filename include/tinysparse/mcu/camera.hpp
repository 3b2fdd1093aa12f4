// SPDX-License-Identifier: Apache-2.0
// Rows of a camera's picture, in pieces of any length, become the smaller rows that a network reads:
//   RGB565   red, green and blue of 5, 6 and 5 bits, widened to 8 by repeating their upper bits
//   luma     (299 R + 587 G + 114 B + 500) / 1000, rounded down (ITU-R BT.601)
//   mean     of a block of pixels, (sum + area / 2) / area, rounded down
// The host prepares the pictures of a data set with these functions, a device those of its camera.
#ifndef TINYSPARSE_1_0_MCU_CAMERA_HPP
#define TINYSPARSE_1_0_MCU_CAMERA_HPP
#include "port.hpp"

TINYSPARSE_FAST_BEGIN
namespace tinysparse {
namespace mcu {
inline namespace v1_0 {

/// Form of the pixels for push_pixels: one value of 8 bits, three of them, or one of 16 bits.
enum PixelFormat : uint8_t { gray_pixels, rgb_pixels, rgb565_pixels };

/// Luma of 8-bit colours, without a division, which costs an AVR hundreds of cycles. An eighth of the sum fits 16 bits,
/// and 125 = 128 - 3 divides it in two steps.
TINYSPARSE_INLINE uint8_t luma(uint8_t red, uint8_t green, uint8_t blue) {
    const uint16_t low = uint16_t(uint16_t(43) * red + uint16_t(75) * green + uint16_t(114) * blue + 500);
    uint16_t rest = uint16_t(uint16_t(32) * red + uint16_t(64) * green + (low >> 3)); // at most 31937
    uint8_t first = uint8_t(rest >> 7), last = uint8_t(rest & 127);
    keep_byte(first);
    keep_byte(last);
    rest = uint16_t(uint16_t(3) * first + last); // at most 874
    uint8_t second = uint8_t(rest >> 7);
    last = uint8_t(rest & 127);
    keep_byte(second);
    keep_byte(last);
    last = uint8_t(last + 3 * second); // at most 145
    return uint8_t(first + second + (last >= 125));
}

/// A colour of 5, 6 and 5 bits, its high byte first: red, green and blue of 8 bits.
TINYSPARSE_INLINE uint8_t red_of_565(uint8_t high, uint8_t) { return uint8_t((high & 0xf8) | (high >> 5)); }
/// Green of 8 bits.
TINYSPARSE_INLINE uint8_t green_of_565(uint8_t high, uint8_t low) {
    uint8_t value = uint8_t(uint8_t(high << 5) | uint8_t(uint8_t(low >> 3) & 0x1c));
    keep_byte(value);
    return uint8_t(value | (value >> 6));
}
/// Blue of 8 bits.
TINYSPARSE_INLINE uint8_t blue_of_565(uint8_t, uint8_t low) {
    return uint8_t(uint8_t(low << 3) | (uint8_t(low >> 2) & 7));
}
/// A pixel of 16 bits; lower bits of the colours are dropped.
TINYSPARSE_INLINE uint16_t rgb565(uint8_t red, uint8_t green, uint8_t blue) {
    return uint16_t(uint16_t(red >> 3) << 11 | uint16_t(green >> 2) << 5 | uint16_t(blue >> 3));
}

/// The mean of `area` pixels from their sum, rounded half up.
template <class Sum> TINYSPARSE_INLINE uint8_t camera_mean(Sum sum, uint32_t area) {
    return area == 1 ? uint8_t(sum) : uint8_t((sum + Sum(area / 2)) / Sum(area));
}

/// Defaults for generated code: pixels that are not averaged.
struct CameraStage {
    typedef uint8_t Count;
    static constexpr PixelFormat format = gray_pixels;
    static constexpr uint16_t block_height = 1, block_width = 1;
    static constexpr uint8_t channels = 1;
};

/// Adds `count` neighbours of one block to its sums, one for each channel, and moves past them. count: at least 1.
template <class Camera>
TINYSPARSE_INLINE void camera_add(const Camera& g, const typename Camera::Raw*& pixels, typename Camera::Count count,
                                  typename Camera::Sum* sums) {
    typedef typename Camera::Run Run;
    if (g.channels == 1) {
        Run sum = 0;
        do {
            uint8_t low = uint8_t(*pixels);
            if (g.format == rgb565_pixels) {
                uint8_t high = uint8_t(uint16_t(*pixels) >> 8);
                keep_byte(high);
                keep_byte(low);
                low = luma(red_of_565(high, low), green_of_565(high, low), blue_of_565(high, low));
            }
            sum = Run(sum + low);
            ++pixels;
        } while (--count != 0);
        sums[0] = typename Camera::Sum(sums[0] + sum);
        return;
    }
    Run red = 0, green = 0, blue = 0;
    do {
        if (g.format == rgb565_pixels) {
            uint8_t high = uint8_t(uint16_t(*pixels) >> 8), low = uint8_t(*pixels);
            keep_byte(high);
            keep_byte(low);
            red = Run(red + red_of_565(high, low));
            green = Run(green + green_of_565(high, low));
            blue = Run(blue + blue_of_565(high, low));
            ++pixels;
        } else {
            red = Run(red + uint8_t(pixels[0]));
            green = Run(green + uint8_t(pixels[1]));
            blue = Run(blue + uint8_t(pixels[2]));
            pixels += 3;
        }
    } while (--count != 0);
    sums[0] = typename Camera::Sum(sums[0] + red);
    sums[1] = typename Camera::Sum(sums[1] + green);
    sums[2] = typename Camera::Sum(sums[2] + blue);
}

/// The place of the next pixel: its block in a row of blocks, the number of pixels of the picture's row that remain in
/// that block, and the row of the block. The pixels beyond the last whole block of a row form one more block, which is
/// dropped.
struct CameraPlace {
    uint16_t block, left, row;
};
/// The place of the first pixel of a picture.
template <class Camera> TINYSPARSE_INLINE CameraPlace camera_begin(const Camera& g) {
    const CameraPlace place = {0, g.block_width, 0};
    return place;
}

/// Takes pixels until a row of blocks is complete, or until no pixels are left. In the first case it returns true, and
/// the row is at the start of `sums`, one byte for each channel of each block. pixels and count move past the pixels
/// that were taken. Camera: width and out_width (blocks per row), the members of CameraStage, and the types Raw of a
/// value, Sum of a block, Run of one row of a block, and Count of that row's pixels.
template <class Camera>
TINYSPARSE_NOINLINE bool camera_row(const Camera& g, const typename Camera::Raw*& pixels, uint16_t& count,
                                    CameraPlace& place, typename Camera::Sum* sums) {
    const uint16_t values = uint16_t(g.out_width * g.channels), rest = uint16_t(g.width - g.out_width * g.block_width);
    const typename Camera::Raw* next = pixels; // copies that stay in registers
    uint16_t left = count;
    CameraPlace at = place;
    bool complete = false;
    while (left != 0 && !complete) {
        if (at.block == 0 && at.row == 0 && at.left == g.block_width)
            for (uint16_t i = 0; i < values; ++i) sums[i] = 0;
        const uint16_t taken = at.left < left ? at.left : left;
        left = uint16_t(left - taken);
        at.left = uint16_t(at.left - taken);
        if (at.block < g.out_width)
            camera_add(g, next, typename Camera::Count(taken), sums + uint16_t(at.block * g.channels));
        else
            next += taken * (g.format == rgb_pixels ? 3 : 1);
        if (at.left != 0) break;
        ++at.block;
        at.left = at.block == g.out_width && rest != 0 ? rest : g.block_width;
        if (at.block < g.out_width || (at.block == g.out_width && rest != 0)) continue;
        at.block = 0;
        complete = ++at.row == g.block_height;
    }
    if (complete) {
        at.row = 0;
        uint8_t* bytes = reinterpret_cast<uint8_t*>(sums); // no byte overwrites a sum that is still to be read
        for (uint16_t i = 0; i < values; ++i) bytes[i] = camera_mean(sums[i], uint32_t(g.block_height) * g.block_width);
    }
    pixels = next;
    count = left;
    place = at;
    return complete;
}

} // namespace v1_0
} // namespace mcu
} // namespace tinysparse
TINYSPARSE_FAST_END
#endif
