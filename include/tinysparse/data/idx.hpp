// SPDX-License-Identifier: Apache-2.0
// IDX, the format of MNIST: bytes 00 00 TT ND, then ND big-endian uint32 dimensions, then the array in row-major
// order. TT = 08 unsigned byte, 0B int16 big-endian.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"

namespace tinysparse::data {

/// Whether the bytes begin like IDX, with any number type; used to tell files apart.
inline bool looks_like_idx(std::string_view bytes) {
    return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && std::uint8_t(bytes[2]) >= 8 &&
           std::uint8_t(bytes[2]) <= 0x0e && std::uint8_t(bytes[3]) >= 1;
}

/// Reads an array. Errors name the file, the byte and what was expected.
inline Array parse_idx(std::string_view bytes, const std::string& name) {
    if (bytes.size() < 4)
        throw Error(text(name, ": the file has ", bytes.size(), " bytes, an IDX header has at least 8"));
    for (const std::size_t at : {0u, 1u})
        if (bytes[at] != 0)
            throw Error(text(name, ": byte ", at, ": ", std::uint8_t(bytes[at]), ", expected 0; this is no IDX file"));
    const unsigned type = std::uint8_t(bytes[2]);
    if (type != 0x08 && type != 0x0b)
        throw Error(text(name, ": byte 2: number type ", type, ", expected 8 (uint8) or 11 (int16)"));
    const std::size_t count = std::uint8_t(bytes[3]), header = 4 + 4 * count;
    if (count < 1 || count > 4) throw Error(text(name, ": byte 3: ", count, " dimensions, expected 1 to 4"));
    if (bytes.size() < header)
        throw Error(text(name, ": the header takes ", header, " bytes, the file has ", bytes.size(),
                         "; the download was cut short, fetch it again"));
    Array array;
    array.name = name;
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t length = 0;
        for (std::size_t j = 0; j < 4; ++j) length = length << 8 | std::uint8_t(bytes[4 + 4 * i + j]);
        array.dimensions.push_back(length);
    }
    const std::size_t width = type == 0x08 ? 1 : 2;
    const auto items = detail::checked_product(array.dimensions, std::numeric_limits<std::size_t>::max() / 4);
    const std::string announced = items ? text(header + *items * width) : "more than 2^62";
    if (!items || bytes.size() != header + *items * width)
        throw Error(text(name, ": header announces ", announced, " bytes (", detail::dimensions_text(array.dimensions),
                         "), the file has ", bytes.size(),
                         !items || bytes.size() < header + *items * width
                             ? "; the download was cut short, fetch it again"
                             : "; there is something behind the array, or the header is damaged"));
    const std::string_view body = bytes.substr(header);
    if (type == 0x08) {
        array.items = std::vector<std::uint8_t>(body.begin(), body.end());
    } else {
        std::vector<std::int16_t> values(*items);
        for (std::size_t i = 0; i < *items; ++i)
            values[i] = std::int16_t(std::uint8_t(body[2 * i]) << 8 | std::uint8_t(body[2 * i + 1]));
        array.items = std::move(values);
    }
    return array;
}

} // namespace tinysparse::data
