// SPDX-License-Identifier: Apache-2.0
// npy, NumPy's array file, versions 1 to 3: the mark "\x93NUMPY", two version bytes, the length of the header, the
// header (a Python dictionary with 'descr', 'fortran_order', 'shape'), the array.
#pragma once
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"

namespace tinysparse::data {

/// Whether the bytes begin with the magic number of NumPy's format.
inline bool looks_like_npy(std::string_view bytes) { return bytes.starts_with("\x93NUMPY"); }

namespace detail {

/// The value of a key in the header's dictionary, up to the comma or brace that ends it.
inline std::string_view npy_field(std::string_view header, std::string_view key, const std::string& name) {
    const std::size_t at = header.find(text('\'', key, "':"));
    if (at == std::string_view::npos) throw Error(text(name, ": the npy header has no '", key, "'"));
    std::string_view value = header.substr(at + key.size() + 3);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (value.starts_with('(')) return value.substr(0, value.find(')') + 1); // all of it if the ')' is missing
    return value.substr(0, value.find_first_of(",}"));
}

inline std::vector<std::size_t> npy_shape(std::string_view value, const std::string& name) {
    const auto fail = [&] {
        return Error(
            text(name, ": the npy header's shape is '", value, "', expected 1 to 4 lengths such as (600, 28, 28)"));
    };
    if (value.size() < 2 || value.front() != '(' || value.back() != ')') throw fail();
    std::vector<std::size_t> dimensions;
    const std::vector<std::string> pieces = split(value.substr(1, value.size() - 2), ',');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        std::string_view piece = pieces[i];
        while (piece.starts_with(' ')) piece.remove_prefix(1);
        if (piece.empty() && i + 1 == pieces.size() && i > 0) break; // (600,)
        const auto length = parse_number<std::size_t>(piece);
        if (!length) throw fail();
        dimensions.push_back(*length);
    }
    if (dimensions.empty() || dimensions.size() > 4) throw fail();
    return dimensions;
}

/// The bits of one number, from either byte order.
template <class Bits> Bits npy_bits(std::string_view bytes, std::size_t at, bool big_endian) {
    Bits bits = 0;
    for (std::size_t i = 0; i < sizeof(Bits); ++i) {
        const std::size_t from = big_endian ? i : sizeof(Bits) - 1 - i;
        bits = Bits(bits << 8 | Bits(std::uint8_t(bytes[at + from])));
    }
    return bits;
}

template <class Out, class Bits, class Number> std::vector<Out> npy_items(std::string_view body, bool big_endian) {
    std::vector<Out> items(body.size() / sizeof(Bits));
    for (std::size_t i = 0; i < items.size(); ++i) {
        if constexpr (sizeof(Bits) == 1)
            items[i] = Out(Number(std::uint8_t(body[i])));
        else
            items[i] = Out(std::bit_cast<Number>(npy_bits<Bits>(body, i * sizeof(Bits), big_endian)));
    }
    return items;
}

/// A half-precision number (IEEE 754 binary16) from its bits.
inline float half_float(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const float magnitude =
        exponent == 31  ? (fraction ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity())
        : exponent == 0 ? std::ldexp(float(fraction), -24)
                        : std::ldexp(float(1024 + fraction), exponent - 25);
    return bits & 0x8000 ? -magnitude : magnitude;
}

/// Reorders items in Fortran order (first index fastest) to row-major order.
template <class Item>
std::vector<Item> c_order(const std::vector<Item>& items, const std::vector<std::size_t>& dimensions) {
    std::vector<Item> out(items.size());
    std::vector<std::size_t> index(dimensions.size());
    for (const Item& item : items) {
        std::size_t at = 0;
        for (std::size_t d = 0; d < index.size(); ++d) at = at * dimensions[d] + index[d];
        out[at] = item;
        for (std::size_t d = 0; d < index.size() && ++index[d] == dimensions[d]; ++d) index[d] = 0;
    }
    return out;
}

/// Fills the items by the type code, which follows the byte order in 'descr'; false for an unknown code.
inline bool set_npy_items(Array& array, std::string_view code, std::string_view body, bool big) {
    if (code == "u1" || code == "b1")
        array.items = npy_items<std::uint8_t, std::uint8_t, std::uint8_t>(body, big);
    else if (code == "i1")
        array.items = npy_items<std::int16_t, std::uint8_t, std::int8_t>(body, big);
    else if (code == "i2")
        array.items = npy_items<std::int16_t, std::uint16_t, std::int16_t>(body, big);
    else if (code == "u2")
        array.items = npy_items<float, std::uint16_t, std::uint16_t>(body, big);
    else if (code == "i4")
        array.items = npy_items<float, std::uint32_t, std::int32_t>(body, big);
    else if (code == "u4")
        array.items = npy_items<float, std::uint32_t, std::uint32_t>(body, big);
    else if (code == "i8")
        array.items = npy_items<float, std::uint64_t, std::int64_t>(body, big);
    else if (code == "u8")
        array.items = npy_items<float, std::uint64_t, std::uint64_t>(body, big);
    else if (code == "f2") {
        std::vector<float> items;
        for (const std::uint16_t bits : npy_items<std::uint16_t, std::uint16_t, std::uint16_t>(body, big))
            items.push_back(half_float(bits));
        array.items = std::move(items);
    } else if (code == "f4")
        array.items = npy_items<float, std::uint32_t, float>(body, big);
    else if (code == "f8")
        array.items = npy_items<float, std::uint64_t, double>(body, big);
    else
        return false;
    return true;
}
} // namespace detail

/// Reads an array. uint8 and bool become uint8, int8 and int16 become int16, all other numbers float. Errors name the
/// file, the byte or field and what was expected.
inline Array parse_npy(std::string_view bytes, const std::string& name) {
    if (!looks_like_npy(bytes)) throw Error(text(name, ": byte 0: expected the mark \\x93NUMPY of an npy file"));
    const auto cut_short = [&] {
        return Error(text(name, ": the file ends at byte ", bytes.size(), ", inside its npy header"));
    };
    if (bytes.size() < 12) throw cut_short();
    const unsigned version = std::uint8_t(bytes[6]);
    if (version < 1 || version > 3) throw Error(text(name, ": byte 6: npy version ", version, ", expected 1, 2 or 3"));
    const std::size_t begin = version == 1 ? 10 : 12;
    const std::size_t length = version == 1 ? detail::npy_bits<std::uint16_t>(bytes, 8, false)
                                            : detail::npy_bits<std::uint32_t>(bytes, 8, false);
    if (length > bytes.size() - begin) throw cut_short();
    const std::string_view header = bytes.substr(begin, length), body = bytes.substr(begin + length);

    std::string_view type = detail::npy_field(header, "descr", name);
    while (type.ends_with(' ')) type.remove_suffix(1);
    if (type.size() != 5 || type.front() != '\'' || type.back() != '\'')
        throw Error(text(name, ": the npy type is ", type, ", expected a plain number type such as '<f4'"));
    type = type.substr(1, 3);
    const bool fortran_order = !detail::npy_field(header, "fortran_order", name).starts_with("False");
    Array array;
    array.name = name;
    array.dimensions = detail::npy_shape(detail::npy_field(header, "shape", name), name);
    if (!detail::set_npy_items(array, type.substr(1), {}, false))
        throw Error(text(name, ": the npy type is '", type, "', expected u1 i1 b1 u2 i2 u4 i4 u8 i8 f2 f4 or f8"));
    const std::size_t width = std::size_t(type[2] - '0');
    const auto items = detail::checked_product(array.dimensions, std::numeric_limits<std::size_t>::max() / 16);
    if (!items || body.size() != *items * width)
        throw Error(text(name, ": header announces ", detail::dimensions_text(array.dimensions), " numbers of ", width,
                         " bytes, the file has ", body.size(), " bytes behind it; it was cut short or damaged"));
    detail::set_npy_items(array, type.substr(1), body, type[0] == '>');
    if (fortran_order)
        std::visit([&](auto& numbers) { numbers = detail::c_order(numbers, array.dimensions); }, array.items);
    return array;
}

} // namespace tinysparse::data
