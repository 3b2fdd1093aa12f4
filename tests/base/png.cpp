// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/png.hpp"
#include <doctest/doctest.h>
#include <vector>
#if __has_include(<stb_image.h>)
#include "tinysparse/data/images.hpp"
#endif

using namespace tinysparse;

TEST_CASE("the smallest PNG, byte by byte") {
    // Signature, IHDR of 1x1 gray with its CRC, one stored block holding the filter byte and the pixel, IEND.
    const std::vector<std::uint8_t> pixel{0xab};
    const std::string png = encode_png(1, 1, 1, pixel);
    CHECK(png.size() == 8 + 25 + 12 + 2 + 5 + 2 + 4 + 12);
    CHECK(png.substr(0, 8) == "\x89PNG\r\n\x1a\n");
    CHECK(png.substr(16, 13) == std::string("\0\0\0\1\0\0\0\1\x08\0\0\0\0", 13));
    CHECK(png.substr(29, 4) == "\x3a\x7e\x9b\x55"); // the CRC every 1x1 8-bit gray PNG has
    CHECK(png.substr(41, 9) == std::string("\x78\x01\x01\x02\0\xfd\xff\0\xab", 9));
    CHECK(png.substr(50, 4) == std::string("\0\xad\0\xac", 4)); // Adler-32: a = 1 + 0xab, b = 1 + a
    CHECK(png.substr(png.size() - 8) == "IEND\xae\x42\x60\x82");
}

#if __has_include(<stb_image.h>)
TEST_CASE("PNG of any size comes back through another decoder") {
    for (const auto& [width, height, channels] :
         {std::tuple(1u, 1u, 3u), {65534u, 1u, 1u}, {65535u, 1u, 1u}, {300u, 301u, 3u}, {7u, 1000u, 1u}}) {
        std::vector<std::uint8_t> pixels(std::size_t{width} * height * channels);
        for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(i * 7 + i / 256);
        const std::string png = encode_png(width, height, channels, pixels);
        int w = 0, h = 0, c = 0;
        if (width > 16384) { // beyond the limit that data/images.hpp sets for what comes from outside
            CHECK(png.size() > pixels.size());
            continue;
        }
        stbi_uc* decoded =
            stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(png.data()), int(png.size()), &w, &h, &c, 0);
        REQUIRE(decoded);
        CHECK(w == int(width));
        CHECK(h == int(height));
        CHECK(c == int(channels));
        CHECK(std::equal(pixels.begin(), pixels.end(), decoded));
        stbi_image_free(decoded);
    }
}

TEST_CASE("PNG of a palette and of single bits come back through another decoder") {
    const auto decoded = [](const std::string& png, int channels) {
        int w = 0, h = 0, c = 0;
        stbi_uc* pixels =
            stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(png.data()), int(png.size()), &w, &h, &c, channels);
        REQUIRE(pixels);
        std::vector<std::uint8_t> out(pixels, pixels + std::size_t(w * h * channels));
        stbi_image_free(pixels);
        return out;
    };
    const std::vector<std::uint8_t> palette{1, 2, 3, 250, 128, 0, 9, 8, 7}, numbers{0, 1, 2, 1, 1, 0};
    const std::vector<std::uint8_t> colours = decoded(encode_png_of_palette(2, 3, palette, numbers), 3);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        for (std::size_t c = 0; c < 3; ++c) CHECK(colours[3 * i + c] == palette[3u * numbers[i] + c]);
    for (const std::uint32_t width : {1u, 7u, 8u, 9u, 33u}) {
        std::vector<std::uint8_t> set(std::size_t{width} * 3);
        for (std::size_t i = 0; i < set.size(); ++i) set[i] = std::uint8_t(i % 3 == 0 ? 5 : 0);
        const std::vector<std::uint8_t> gray = decoded(encode_png_of_bits(width, 3, set), 1);
        for (std::size_t i = 0; i < set.size(); ++i) CHECK(gray[i] == (set[i] ? 0 : 255));
    }
}
#endif
