// SPDX-License-Identifier: Apache-2.0
// Files that may be packed with gzip (RFC 1952): header, length (ISIZE) and CRC-32 are checked here, the deflate data
// inside is left to ImageSupport. A file is taken as packed by its first bytes, not by its name.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/image_support.hpp"

namespace tinysparse::data {

/// Larger data files are refused before anything is allocated.
inline constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 32;

/// Bytes of a file, as read or inflated. Inflated ones lie in memory that is only touched as it is written, so that a
/// damaged length costs nothing.
class FileContent {
  public:
    explicit FileContent(std::string plain) : plain_(std::move(plain)) {}
    FileContent(std::unique_ptr<char[]> inflated, std::size_t size) : inflated_(std::move(inflated)), size_(size) {}
    std::string_view view() const {
        return inflated_ ? std::string_view(inflated_.get(), size_) : std::string_view(plain_);
    }

  private:
    std::string plain_;
    std::unique_ptr<char[]> inflated_;
    std::size_t size_ = 0;
};

namespace detail {
inline std::uint32_t little_endian_32(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 4; i-- > 0;) number = number << 8 | std::uint8_t(bytes[at + i]);
    return number;
}

inline bool is_gzip(std::string_view bytes) {
    return bytes.size() >= 2 && std::uint8_t(bytes[0]) == 0x1f && std::uint8_t(bytes[1]) == 0x8b;
}

/// The length of the header before the deflate data (RFC 1952, 2.3).
inline std::size_t gzip_header_length(std::string_view bytes, const std::string& name) {
    const auto cut_short = [&]() -> Error {
        return Error(text(name, ": byte ", bytes.size(),
                          ": the file ends inside its gzip header; the download was cut "
                          "short, fetch it again"));
    };
    if (bytes.size() < 18) throw cut_short();
    if (bytes[2] != 8)
        throw Error(text(name, ": byte 2: compression method ", std::uint8_t(bytes[2]), ", expected 8 (deflate)"));
    const std::uint8_t flags = std::uint8_t(bytes[3]);
    if (flags & 0xe0) throw Error(text(name, ": byte 3: gzip flags ", flags, " are not defined; the file is damaged"));
    std::size_t at = 10;
    if (flags & 4) { // extra field
        const std::size_t length = std::uint8_t(bytes[10]) + 256u * std::uint8_t(bytes[11]);
        at += 2 + length;
    }
    for (const int flag : {8, 16}) // file name, comment: to a zero byte
        if (flags & flag) {
            const std::size_t end = at < bytes.size() ? bytes.find('\0', at) : std::string_view::npos;
            if (end == std::string_view::npos) throw cut_short();
            at = end + 1;
        }
    if (flags & 2) at += 2; // CRC of the header
    if (at + 8 > bytes.size()) throw cut_short();
    return at;
}
} // namespace detail

/// The content of a gzip file of one member. Errors name the file, the byte and what was expected.
inline FileContent gunzip(std::string_view bytes, const std::string& name, const ImageSupport& support) {
    if (!support.inflate)
        throw Error(text(name, ": this program was built without support for gzip; unpack it first: gunzip -k ", name));
    const std::size_t begin = detail::gzip_header_length(bytes, name), end = bytes.size() - 8;
    const std::uint32_t crc_expected = detail::little_endian_32(bytes, end);
    const std::size_t size = detail::little_endian_32(bytes, end + 4);
    const std::string hint = "; the download was cut short or damaged, fetch it again";

    // Deflate spends at least 2 bits on 258 bytes, and stb counts in int: a longer announcement is no announcement.
    constexpr std::uint64_t largest_int = std::uint64_t(std::numeric_limits<int>::max());
    const std::uint64_t most = std::min(std::uint64_t(end - begin) * 1032 + 258, largest_int);
    if (size > most || bytes.size() > largest_int)
        throw Error(text(name, ": byte ", end + 4, ": the length ", size, " is announced, ", end - begin,
                         " packed bytes hold at most ", most, hint));
    auto content = std::make_unique_for_overwrite<char[]>(size + 1);
    std::string reason;
    // The eight bytes behind the data go along: stb looks ahead and takes an end in sight for a cut.
    const std::ptrdiff_t written = support.inflate(bytes.substr(begin), std::span<char>(content.get(), size), reason);
    if (written < 0)
        throw Error(
            text(name, ": the packed data from byte ", begin, " to ", end, " cannot be inflated (", reason, ")", hint));
    if (std::size_t(written) != size)
        throw Error(text(name, ": byte ", end + 4, ": the length ", size, " is announced, ", written,
                         " bytes were packed", hint));
    const std::uint32_t crc = crc32(std::string_view(content.get(), size));
    if (crc != crc_expected)
        throw Error(
            text(name, ": byte ", end, ": the checksum of the content is ", crc, ", expected ", crc_expected, hint));
    return FileContent(std::move(content), size);
}

/// The whole file, unpacked if it is gzip.
inline FileContent read_data_file(const std::string& path, const ImageSupport& support) {
    std::string bytes = read_file(path, max_file_bytes);
    if (detail::is_gzip(bytes)) return gunzip(bytes, path, support);
    if (path.ends_with(".gz"))
        throw Error(text(path, ": byte 0: expected the gzip mark 1f 8b; the file is not what its name says",
                         bytes.starts_with("<") ? " but a web page; fetch the file itself" : ""));
    return FileContent(std::move(bytes));
}

} // namespace tinysparse::data
