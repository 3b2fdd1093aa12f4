// SPDX-License-Identifier: Apache-2.0
// What drawn sets share (strokes.hpp, textures.hpp): the noise of a pixel, and the loop over samples.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data::detail {

/// A pixel of this brightness with nearly normal noise. noise: its standard deviation.
inline std::uint8_t noisy_pixel(double brightness, double noise, Random& random) {
    const double value = brightness + noise * byte_sum(random()) / 147.8;
    return std::uint8_t(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

/// Gray pictures of 28x28 in one part, `train`. draw(seed, i, pixels) draws sample i, whose class is i modulo the
/// number of classes.
inline Dataset drawn_set(std::vector<std::string> class_names, std::size_t samples, std::uint64_t seed,
                         void (*draw)(std::uint64_t seed, std::uint64_t index, std::span<std::uint8_t> pixels)) {
    Dataset set;
    set.shape = {1, 28, 28};
    set.class_names = std::move(class_names);
    set.train.samples = samples;
    set.train.pixels.resize(samples * set.shape.size());
    for (std::size_t i = 0; i < samples; ++i) {
        set.train.labels.push_back(std::uint8_t(i % set.class_names.size()));
        draw(seed, i, std::span(set.train.pixels).subspan(i * set.shape.size(), set.shape.size()));
    }
    return set;
}

} // namespace tinysparse::data::detail
