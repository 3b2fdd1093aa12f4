// SPDX-License-Identifier: Apache-2.0
// Standard normal noise by the Lane, for variational layers, which need millions of values per training step.
//   bits    a counter, mixed by the finaliser of MurmurHash3 (Appleby 2011), with a key of two words
//   normal  sqrt(-2 log u) cos(2 pi v) and sqrt(-2 log u) sin(2 pi v)            Box and Muller 1958
// The keys come from the counter-based stream (seed, purpose, index), so the noise is a function of these alone.
#pragma once
#include <cstdint>

#include "tinysparse/base/random.hpp"
#include "tinysparse/tensor/elementary.hpp"

namespace tinysparse::tensor {

/// A stream of normal numbers, 16 at a time.
class NormalNoise {
  public:
    /// Equal arguments give equal numbers on every machine.
    NormalNoise(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
        Random random(seed, purpose, index);
        key_[0] = random();
        key_[1] = random();
        for (std::size_t s = 0; s < lane_samples; ++s) counter_[s] = std::uint32_t(s);
    }
    /// The next 16 values. The stream repeats after 2^27 of them.
    [[gnu::always_inline]] Lane operator()() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        const Lane u = uniform(), v = uniform();
        // -2 log u > 0, since u < 1; sqrt(x) = x / sqrt(x).
        const Lane squared = logarithm(u) * -2.0f, radius = squared * inverse_root(squared);
        Lane sine, cosine;
        sine_cosine_of_turns(v, sine, cosine);
        spare_ = radius * sine;
        has_spare_ = true;
        return radius * cosine;
    }

  private:
    typedef std::uint32_t Words __attribute__((vector_size(64)));

    /// Uniform values in the open interval 0..1, with 23 bits.
    [[gnu::always_inline]] Lane uniform() {
        Words x = counter_ * 0x9e3779b9u + key_[0];
        counter_ += std::uint32_t(lane_samples);
        x ^= x >> (Words{} + 16u);
        x *= 0x85ebca6bu;
        x ^= (x >> (Words{} + 13u)) ^ key_[1];
        x *= 0xc2b2ae35u;
        x ^= x >> (Words{} + 16u);
        return (__builtin_convertvector(std::bit_cast<LaneMask>(x >> (Words{} + 9u)), Lane) + 0.5f) * 0x1p-23f;
    }

    Words counter_{};
    std::uint32_t key_[2];
    Lane spare_{};
    bool has_spare_ = false;
};

} // namespace tinysparse::tensor
