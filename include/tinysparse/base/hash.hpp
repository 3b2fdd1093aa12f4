// SPDX-License-Identifier: Apache-2.0
// Two checksums: 64-bit FNV-1a (Fowler, Noll, Vo; digests of data and of networks) and CRC-32 with the polynomial of
// IEEE 802.3 (gzip of RFC 1952, PNG, zip). Each can be computed in one call or in pieces, with the same result.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tinysparse {

/// FNV-1a, 64 bits, in pieces. From the offset basis on: hash = (hash xor byte) * (2^40 + 0x1b3) modulo 2^64.
class Fnv1a64 {
  public:
    /// Hashes the bytes of a text after those so far.
    constexpr void update(std::string_view bytes) {
        for (const char byte : bytes) mix(std::uint8_t(byte));
    }
    /// Hashes bytes after those so far.
    constexpr void update(std::span<const std::uint8_t> bytes) {
        for (const std::uint8_t byte : bytes) mix(byte);
    }
    /// Adds eight bytes, lowest first, whatever the machine's own order.
    constexpr void update(std::uint64_t number) {
        for (int shift = 0; shift < 64; shift += 8) mix(std::uint8_t(number >> shift));
    }
    /// Digest of all bytes so far; 0xcbf29ce484222325 if there are none.
    constexpr std::uint64_t value() const { return hash_; }

  private:
    constexpr void mix(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ull; }
    std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

/// Digest of a whole text.
constexpr std::uint64_t fnv1a_64(std::string_view bytes) {
    Fnv1a64 hash;
    hash.update(bytes);
    return hash.value();
}
/// Digest of all bytes.
constexpr std::uint64_t fnv1a_64(std::span<const std::uint8_t> bytes) {
    Fnv1a64 hash;
    hash.update(bytes);
    return hash.value();
}

/// CRC-32, reflected polynomial 0xedb88320, in pieces.
class Crc32 {
  public:
    /// Adds the bytes of a text after those so far.
    constexpr void update(std::string_view bytes) {
        for (const char byte : bytes) mix(std::uint8_t(byte));
    }
    /// Adds bytes after those so far.
    constexpr void update(std::span<const std::uint8_t> bytes) {
        for (const std::uint8_t byte : bytes) mix(byte);
    }
    /// Checksum of all bytes so far, as zip and PNG write it.
    constexpr std::uint32_t value() const { return ~state_; }

  private:
    static constexpr std::array<std::uint32_t, 256> table() {
        std::array<std::uint32_t, 256> entries{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t entry = i;
            for (int bit = 0; bit < 8; ++bit) entry = (entry >> 1) ^ ((entry & 1) ? 0xedb88320u : 0u);
            entries[i] = entry;
        }
        return entries;
    }
    constexpr void mix(std::uint8_t byte) { state_ = (state_ >> 8) ^ table_[(state_ ^ byte) & 0xff]; }

    static const std::array<std::uint32_t, 256> table_;
    std::uint32_t state_ = 0xffffffffu;
};
inline constexpr std::array<std::uint32_t, 256> Crc32::table_ = Crc32::table();

/// Checksum of a whole text.
constexpr std::uint32_t crc32(std::string_view bytes) {
    Crc32 crc;
    crc.update(bytes);
    return crc.value();
}
/// Checksum of all bytes.
constexpr std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
    Crc32 crc;
    crc.update(bytes);
    return crc.value();
}

} // namespace tinysparse
