// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mcu/camera.hpp"
#include "tinysparse/base/random.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <vector>

using namespace tinysparse;

namespace {

/// A stage with sums of the narrowest types that a generated header would have, or of wide ones.
template <class RawType, class SumType> struct Stage {
    typedef RawType Raw;
    typedef SumType Sum;
    typedef std::uint32_t Run;
    typedef std::uint16_t Count;
    mcu::PixelFormat format;
    std::uint16_t height, width, out_width, block_height, block_width;
    std::uint8_t channels;
};

/// The channels of one pixel by the definition of the format, and luma by its formula.
std::vector<int> channels_of(mcu::PixelFormat format, int channels, const std::vector<int>& values) {
    if (format != mcu::rgb565_pixels) return values;
    const int red = values[0] >> 11, green = values[0] >> 5 & 63, blue = values[0] & 31;
    const std::vector<int> wide = {red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2};
    if (channels == 3) return wide;
    return {(299 * wide[0] + 587 * wide[1] + 114 * wide[2] + 500) / 1000};
}

/// Every output is a mean over its block, rounded half up.
template <class Raw, class Sum>
std::vector<int> by_definition(const Stage<Raw, Sum>& g, const std::vector<Raw>& picture) {
    const int values = g.format == mcu::rgb_pixels ? 3 : 1;
    std::vector<int> out;
    for (int row = 0; row < g.height / g.block_height; ++row)
        for (int column = 0; column < g.out_width; ++column) {
            std::vector<int> sums(g.channels);
            for (int y = 0; y < g.block_height; ++y)
                for (int x = 0; x < g.block_width; ++x) {
                    const int at = ((row * g.block_height + y) * g.width + column * g.block_width + x) * values;
                    const std::vector<int> pixel(picture.begin() + at, picture.begin() + at + values);
                    const std::vector<int> own = channels_of(g.format, g.channels, pixel);
                    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += own[c];
                }
            const int area = g.block_height * g.block_width;
            for (const int sum : sums) out.push_back((2 * sum + area) / (2 * area));
        }
    return out;
}

/// The stage, fed in pieces of random lengths that end anywhere.
template <class Raw, class Sum>
std::vector<int> in_pieces(const Stage<Raw, Sum>& g, const std::vector<Raw>& picture, Random& random, int longest) {
    const std::size_t values = g.format == mcu::rgb_pixels ? 3 : 1, row = std::size_t(g.out_width) * g.channels;
    std::vector<Sum> sums(row, Sum(77)); // whatever was there before
    mcu::CameraPlace place = mcu::camera_begin(g);
    std::vector<int> out;
    for (std::size_t pixel = 0; pixel < picture.size() / values;) {
        const std::size_t left = picture.size() / values - pixel;
        auto count = std::uint16_t(std::min<std::size_t>(left, 1 + random.below(std::uint32_t(longest))));
        pixel += count;
        const Raw* next = picture.data() + (pixel - count) * values;
        while (mcu::camera_row(g, next, count, place, sums.data())) {
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(sums.data());
            out.insert(out.end(), bytes, bytes + row);
        }
        CHECK(count == 0);
        CHECK(next == picture.data() + pixel * values);
    }
    return out;
}

template <class Raw, class Sum> void compare(mcu::PixelFormat format, int channels, int largest_area) {
    Random random(5, "camera", std::uint64_t(format) * 4 + std::uint64_t(channels));
    for (int round = 0; round < 60; ++round) {
        Stage<Raw, Sum> g{};
        g.format = format;
        g.channels = std::uint8_t(channels);
        g.block_width = std::uint16_t(1 + random.below(std::uint32_t(std::min(9, largest_area))));
        g.block_height = std::uint16_t(1 + random.below(std::uint32_t(std::min(9, largest_area / g.block_width))));
        g.out_width = std::uint16_t(1 + random.below(7));
        g.width = std::uint16_t(g.out_width * g.block_width + random.below(g.block_width));
        g.height = std::uint16_t(g.block_height * (1 + random.below(5)) + random.below(g.block_height));
        std::vector<Raw> picture(std::size_t(g.width) * g.height * (format == mcu::rgb_pixels ? 3 : 1));
        for (Raw& value : picture) value = random.chance(0.1) ? Raw(~Raw(0)) : Raw(random());
        CAPTURE(g.width);
        CAPTURE(g.block_width);
        CAPTURE(g.block_height);
        const std::vector<int> expected = by_definition(g, picture);
        CHECK(in_pieces(g, picture, random, 1 + int(random.below(40))) == expected);
        CHECK(in_pieces(g, picture, random, 60000) == expected);
    }
}

} // namespace

TEST_CASE("luma is that of BT.601 for every colour, without a division") {
    long wrong = 0;
    for (int red = 0; red < 256; ++red)
        for (int green = 0; green < 256; ++green)
            for (int blue = 0; blue < 256; ++blue)
                wrong += mcu::luma(std::uint8_t(red), std::uint8_t(green), std::uint8_t(blue)) !=
                         (299 * red + 587 * green + 114 * blue + 500) / 1000;
    CHECK(wrong == 0);
}

TEST_CASE("colours of 16 bits keep black and white, and survive the way there and back") {
    for (int pixel = 0; pixel < 65536; ++pixel) {
        const auto high = std::uint8_t(pixel >> 8), low = std::uint8_t(pixel);
        const std::uint8_t red = mcu::red_of_565(high, low), green = mcu::green_of_565(high, low),
                           blue = mcu::blue_of_565(high, low);
        if (mcu::rgb565(red, green, blue) != pixel || (pixel == 0 && red + green + blue != 0) ||
            (pixel == 65535 && red + green + blue != 765))
            FAIL_CHECK(pixel);
    }
}

TEST_CASE("rows of blocks are means by their definition, in whatever pieces the pixels come") {
    compare<std::uint8_t, std::uint32_t>(mcu::gray_pixels, 1, 81);
    compare<std::uint8_t, std::uint16_t>(mcu::gray_pixels, 1, 81);
    compare<std::uint8_t, std::uint8_t>(mcu::gray_pixels, 1, 1);
    compare<std::uint8_t, std::uint16_t>(mcu::rgb_pixels, 3, 81);
    compare<std::uint16_t, std::uint32_t>(mcu::rgb565_pixels, 3, 81);
    compare<std::uint16_t, std::uint8_t>(mcu::rgb565_pixels, 3, 1);
    compare<std::uint16_t, std::uint16_t>(mcu::rgb565_pixels, 1, 81);
}

TEST_CASE("sums of 16 bits hold a block of 256 white pixels") {
    Stage<std::uint8_t, std::uint16_t> g{mcu::gray_pixels, 16, 16, 1, 16, 16, 1};
    Random random(1, "white");
    CHECK(in_pieces(g, std::vector<std::uint8_t>(256, 255), random, 100) == std::vector<int>{255});
}
