// SPDX-License-Identifier: Apache-2.0
// JSON (RFC 8259): a value that code builds and reads with checks, a strict parser and a writer.
#pragma once
#include <cstdint>
#include <string>

#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json_text.hpp"
#include "tinysparse/base/json_value.hpp"

namespace tinysparse::json {

/// Reads a 64-bit number that hexadecimal() wrote. Throws Error, naming the place, for anything else.
inline std::uint64_t read_hexadecimal(const Reader& in) {
    const auto number = parse_hexadecimal(in.as<std::string>());
    if (!number) in.fail("expected 16 hexadecimal digits");
    return *number;
}

} // namespace tinysparse::json
