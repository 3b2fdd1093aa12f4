// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). A stream is keyed by (seed, purpose, index), so the numbers of trial 7 depend neither on what
// other trials drew nor on which thread ran them.
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace tinysparse {

namespace detail {
/// Ten rounds of Philox on one counter. The known answers are those of the paper's reference implementation.
inline std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t low = 0xD2511F53ull * counter[0], high = 0xCD9E8D57ull * counter[2];
        counter = {std::uint32_t(high >> 32) ^ counter[1] ^ key[0], std::uint32_t(high),
                   std::uint32_t(low >> 32) ^ counter[3] ^ key[1], std::uint32_t(low)};
        key[0] += 0x9E3779B9u; // the golden ratio and sqrt(3) - 1: the paper's Weyl constants
        key[1] += 0xBB67AE85u;
    }
    return counter;
}

/// FNV-1a, 32 bits: turns the name of a purpose into a part of the counter.
constexpr std::uint32_t fnv1a_32(std::string_view word) {
    std::uint32_t hash = 2166136261u;
    for (const char c : word) hash = (hash ^ std::uint8_t(c)) * 16777619u;
    return hash;
}
} // namespace detail

/// A stream of random numbers. Copyable and cheap; 2^32 blocks of four 32-bit words before it repeats.
class Random {
  public:
    /// Name that the distributions of the standard library ask for.
    using result_type = std::uint32_t;

    /// The stream of a seed, a purpose and an index; equal arguments give equal numbers on every machine.
    explicit Random(std::uint64_t seed, std::string_view purpose = "", std::uint64_t index = 0)
        : key_{std::uint32_t(seed), std::uint32_t(seed >> 32)}, counter_{0, std::uint32_t(index),
                                                                         std::uint32_t(index >> 32),
                                                                         detail::fnv1a_32(purpose)} {}

    /// Smallest result, for the standard library.
    static constexpr result_type min() { return 0; }
    /// Largest result, for the standard library.
    static constexpr result_type max() { return 0xFFFFFFFFu; }

    /// The next 32 random bits.
    result_type operator()() {
        if (used_ == 4) {
            block_ = detail::philox(counter_, key_);
            ++counter_[0];
            used_ = 0;
        }
        return block_[used_++];
    }

    /// Uniform in [0, 1), 53 random bits.
    double uniform() {
        const std::uint64_t high = (*this)() >> 5, low = (*this)() >> 6;
        return double(high * 67108864u + low) * 0x1p-53;
    }
    /// Uniform in [low, high).
    double uniform(double low, double high) { return low + (high - low) * uniform(); }

    /// Uniform in 0 .. bound-1 without bias (Lemire 2019). bound >= 1.
    std::uint32_t below(std::uint32_t bound) {
        std::uint64_t product = std::uint64_t((*this)()) * bound;
        if (std::uint32_t(product) < bound) {
            const std::uint32_t threshold = (0u - bound) % bound;
            while (std::uint32_t(product) < threshold) product = std::uint64_t((*this)()) * bound;
        }
        return std::uint32_t(product >> 32);
    }

    /// Standard normal (Box and Muller 1958). Draws two uniforms for two values.
    double normal() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform())), angle = 6.283185307179586 * uniform();
        spare_ = radius * std::sin(angle);
        has_spare_ = true;
        return radius * std::cos(angle);
    }

    /// True with the given probability.
    bool chance(double probability) { return uniform() < probability; }

    /// Shuffles in place: every order is equally likely (Fisher and Yates).
    template <class Item> void shuffle(std::span<Item> items) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(std::uint32_t(i))]);
    }

  private:
    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 4> counter_;
    std::array<std::uint32_t, 4> block_{};
    unsigned used_ = 4;
    double spare_ = 0;
    bool has_spare_ = false;
};

/// The sum of four random bytes minus its mean, which is close enough to normal for noise. Its standard deviation is
/// sqrt(4 (256^2 - 1) / 12) = 147.8.
constexpr std::int32_t byte_sum(std::uint32_t bits) {
    return std::int32_t((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24)) - 510;
}

} // namespace tinysparse
