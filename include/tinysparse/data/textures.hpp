// SPDX-License-Identifier: Apache-2.0
// synthetic:textures, eight classes of filtered noise, 28x28 gray: waves of random phase from one band of frequencies
// (fine or coarse) around one direction (across, down, and the two diagonals). The mean picture of every class is the
// same even gray, so a linear classifier can hardly tell them apart, but local filters can.
//   p(x, y) = gray + contrast * sum_k cos(fx_k x + fy_k y + phase_k) / sqrt(waves / 2) + white noise
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tinysparse/base/random.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/drawn.hpp"

namespace tinysparse::data {

/// Draws one picture into `pixels`, [28][28]. Its class is index mod 8: direction (4) times 2 plus band (2).
inline void draw_texture_sample(std::uint64_t seed, std::uint64_t index, std::span<std::uint8_t> pixels) {
    constexpr int side = 28, waves = 16;
    Random random(seed, "textures", index);
    const double direction = 0.7853981633974483 * double(index % 8 / 2); // multiples of 45 degrees
    const bool coarse = index % 2 == 1;
    std::array<double, side * side> field{};
    for (int wave = 0; wave < waves; ++wave) {
        const double angle = direction + random.uniform(-0.3, 0.3);
        const double frequency = coarse ? random.uniform(0.4, 0.8) : random.uniform(0.9, 1.4); // radians per pixel
        const double step = frequency * std::cos(angle), row_step = frequency * std::sin(angle);
        const double phase = random.uniform(0, 6.283185307179586);
        // cos along a row by the recurrence cos(a + 2s) = 2 cos(s) cos(a + s) - cos(a): two cosines per row, not 28.
        const double twice = 2 * std::cos(step);
        for (int y = 0; y < side; ++y) {
            double before = std::cos(phase + row_step * y - step), now = std::cos(phase + row_step * y);
            for (int x = 0; x < side; ++x) {
                field[std::size_t(y * side + x)] += now;
                const double next = twice * now - before;
                before = now;
                now = next;
            }
        }
    }
    const double gray = random.uniform(90, 165), contrast = random.uniform(20, 50), noise = random.uniform(5, 25);
    for (std::size_t i = 0; i < field.size(); ++i)
        pixels[i] = detail::noisy_pixel(gray + contrast * field[i] / std::sqrt(waves / 2.0), noise, random);
}

/// All samples in one part, `train`.
inline Dataset synthetic_textures(std::size_t samples, std::uint64_t seed) {
    return detail::drawn_set({"across fine", "across coarse", "falling fine", "falling coarse", "down fine",
                              "down coarse", "rising fine", "rising coarse"},
                             samples, seed, draw_texture_sample);
}

} // namespace tinysparse::data
