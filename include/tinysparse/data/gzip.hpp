// SPDX-License-Identifier: Apache-2.0
// Files that may be packed with gzip (RFC 1952): one or more members, each with a header, deflate data, and the CRC-32
// and the length of its content. A packed file is recognised by its first bytes, not by its name.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/inflate.hpp"

namespace tinysparse::data {

/// Largest data file, as it is and unpacked; larger ones are refused.
inline constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 32;

namespace detail {
inline std::uint32_t little_endian_32(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 4; i-- > 0;) number = number << 8 | std::uint8_t(bytes[at + i]);
    return number;
}

inline bool is_gzip(std::string_view bytes) {
    return bytes.size() >= 2 && std::uint8_t(bytes[0]) == 0x1f && std::uint8_t(bytes[1]) == 0x8b;
}

/// Byte at which the deflate data of a member begin; its header begins at `at` (RFC 1952, 2.3).
inline std::size_t gzip_data_begin(std::string_view bytes, std::size_t at, const std::string& name) {
    const auto cut_short = [&]() -> Error {
        return Error(text(name, ": byte ", bytes.size(),
                          ": the file ends inside its gzip header; the download was cut "
                          "short, fetch it again"));
    };
    if (bytes.size() - at < 18) throw cut_short();
    if (bytes[at + 2] != 8)
        throw Error(text(name, ": byte ", at + 2, ": compression method ", std::uint8_t(bytes[at + 2]),
                         ", expected 8 (deflate)"));
    const std::uint8_t flags = std::uint8_t(bytes[at + 3]);
    if (flags & 0xe0)
        throw Error(text(name, ": byte ", at + 3, ": gzip flags ", flags, " are not defined; the file is damaged"));
    std::size_t begin = at + 10;
    if (flags & 4) // extra field
        begin += 2u + std::uint8_t(bytes[begin]) + 256u * std::uint8_t(bytes[begin + 1]);
    for (const int flag : {8, 16}) // file name, comment: up to a zero byte
        if (flags & flag) {
            const std::size_t end = begin < bytes.size() ? bytes.find('\0', begin) : std::string_view::npos;
            if (end == std::string_view::npos) throw cut_short();
            begin = end + 1;
        }
    if (flags & 2) begin += 2; // CRC of the header
    if (begin + 8 > bytes.size()) throw cut_short();
    return begin;
}

/// Appends the content of the member at `at` and returns where it ends.
inline std::size_t gunzip_member(std::string_view bytes, std::size_t at, const std::string& name, std::uint64_t most,
                                 std::string& content) {
    const std::string hint = "; the download was cut short or damaged, fetch it again";
    const std::size_t begin = gzip_data_begin(bytes, at, name), before = content.size();
    std::size_t end = begin;
    try {
        end += inflate(bytes.substr(begin), most, content);
    } catch (const Error& error) {
        throw Error(text(name, ": the packed data from byte ", begin, " on cannot be unpacked: ", error.what(), hint));
    }
    if (bytes.size() - end < 8)
        throw Error(text(name, ": byte ", bytes.size(), ": the file ends before its checksum", hint));
    const std::uint32_t size = little_endian_32(bytes, end + 4);
    if (std::uint32_t(content.size() - before) != size)
        throw Error(text(name, ": byte ", end + 4, ": the length ", size, " is announced, ", content.size() - before,
                         " bytes were packed", hint));
    const std::uint32_t crc = crc32(std::string_view(content).substr(before)), expected = little_endian_32(bytes, end);
    if (crc != expected)
        throw Error(
            text(name, ": byte ", end, ": the checksum of the content is ", crc, ", expected ", expected, hint));
    return end + 8;
}
} // namespace detail

/// The content of a gzip file: all its members, joined. Zeros after the last member are padding; anything else there is
/// an Error. Errors name the file, the byte and what was expected.
inline std::string gunzip(std::string_view bytes, const std::string& name, std::uint64_t most = max_file_bytes) {
    std::string content;
    std::size_t at = 0;
    do at = detail::gunzip_member(bytes, at, name, most, content);
    while (detail::is_gzip(bytes.substr(at)));
    if (bytes.find_first_not_of('\0', at) != std::string_view::npos)
        throw Error(text(name, ": byte ", at, ": ", bytes.size() - at,
                         " bytes follow the packed data and are no gzip; the file is damaged, fetch it again"));
    return content;
}

/// The whole file, unpacked if it is gzip.
inline std::string read_data_file(const std::string& path, std::uint64_t most = max_file_bytes) {
    std::string bytes = read_file(path, most);
    if (detail::is_gzip(bytes)) return gunzip(bytes, path, most);
    if (lower_case(path).ends_with(".gz"))
        throw Error(text(path, ": byte 0: expected the gzip mark 1f 8b; the file is not what its name says",
                         bytes.starts_with("<") ? " but a web page; fetch the file itself" : ""));
    return bytes;
}

} // namespace tinysparse::data
