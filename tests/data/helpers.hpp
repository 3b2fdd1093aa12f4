// SPDX-License-Identifier: Apache-2.0
// What the tests of data/ share: a temporary folder, files written byte by byte after their specifications, the text
// of an Error, and where real data lie.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "error_of.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/image_support.hpp"
#if __has_include(<stb_image.h>)
#include "tinysparse/data/images.hpp"
#define TINYSPARSE_TEST_IMAGES 1
#else
#define TINYSPARSE_TEST_IMAGES 0
#endif

namespace testing {

inline tinysparse::data::ImageSupport support() {
#if TINYSPARSE_TEST_IMAGES
    return tinysparse::data::image_support();
#else
    return {};
#endif
}

/// A folder that is gone after the test.
struct Folder {
    std::string path;
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tinysparse-data-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    /// Writes a file of that name, with the folders above it, and returns its path.
    std::string write(const std::string& name, std::string_view bytes) const {
        const std::filesystem::path file = std::filesystem::path(path) / name;
        tinysparse::make_folder(file.parent_path().string());
        tinysparse::write_file(file.string(), bytes);
        return file.string();
    }
};

inline std::string big_endian_32(std::uint32_t number) {
    return {char(number >> 24 & 255), char(number >> 16 & 255), char(number >> 8 & 255), char(number & 255)};
}
inline std::string little_endian(std::uint64_t number, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += char(number >> (8 * i) & 255);
    return out;
}

/// A segment of a JPEG file: marker, length, content.
inline std::string jpeg_segment(char marker, const std::string& content) {
    return std::string{'\xff', marker} + big_endian_32(std::uint32_t(content.size() + 2)).substr(2) + content;
}

inline std::string idx(int type, std::initializer_list<std::uint32_t> dimensions, std::string_view body) {
    std::string out{0, 0, char(type), char(dimensions.size())};
    for (const std::uint32_t length : dimensions) out += big_endian_32(length);
    return out += body;
}

inline std::string npy(std::string_view type, std::string_view shape, std::string_view body) {
    std::string header =
        "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': " + std::string(shape) + ", }";
    header.resize(118, ' ');
    return "\x93NUMPY" + std::string{1, 0} + little_endian(header.size(), 2) + header + std::string(body);
}

/// gzip (RFC 1952) of one stored block.
inline std::string gzip_stored(std::string_view bytes) {
    std::string out{'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, 3, 1};
    out += little_endian(bytes.size(), 2) + little_endian(~bytes.size(), 2);
    out += bytes;
    return out + little_endian(tinysparse::crc32(bytes), 4) + little_endian(bytes.size(), 4);
}

inline std::string from_hex(std::string_view digits) {
    std::string out;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out += char(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    return out;
}

/// Bytes 0, 1, 2 ... count-1, each modulo 256.
inline std::string counting(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += char(i & 255);
    return out;
}

/// A noisy reading that depends on row and seed.
inline double noise(int seed, int row) {
    return tinysparse::Random(std::uint64_t(seed), "noise", std::uint64_t(row)).uniform(-1, 1);
}

/// True if one of the sentences contains the words.
inline bool has(const std::vector<std::string>& sentences, std::string_view words) {
    return std::any_of(sentences.begin(), sentences.end(),
                       [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

inline std::size_t samples_of(const tinysparse::data::Dataset& set) {
    return set.train.samples + set.validation.samples + set.test.samples;
}

/// Real data: $TINYSPARSE_DATA, else ../shared/data beside the source tree; "" where there is none.
inline std::string real_data(const std::string& name) {
    const char* folder = std::getenv("TINYSPARSE_DATA");
    const std::filesystem::path beside =
        std::filesystem::path(TINYSPARSE_TEST_FIXTURES).parent_path().parent_path().parent_path().parent_path() /
        "shared" / "data";
    const std::filesystem::path path = (folder ? std::filesystem::path(folder) : beside) / name;
    std::error_code ignored;
    return std::filesystem::exists(path, ignored) ? path.string() : "";
}

/// Thirty pictures of noise in folders cat and dog: most 80x80 in colour, every fourth 66x90, every seventh gray.
inline void write_mixed_pictures(const Folder& folder, std::uint64_t seed, std::string_view stream) {
    tinysparse::Random random(seed, stream);
    for (int i = 0; i < 30; ++i) {
        const int height = i % 4 == 1 ? 66 : 80, width = i % 4 == 1 ? 90 : 80, channels = i % 7 == 0 ? 1 : 3;
        std::vector<std::uint8_t> pixels(std::size_t(height * width * channels));
        for (std::uint8_t& value : pixels) value = std::uint8_t(random());
        folder.write(
            tinysparse::text(i % 2 ? "cat/" : "dog/", i, ".png"),
            tinysparse::encode_png(std::uint32_t(width), std::uint32_t(height), std::uint32_t(channels), pixels));
    }
}

} // namespace testing
