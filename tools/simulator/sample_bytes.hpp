// SPDX-License-Identifier: Apache-2.0
// Samples as a chip takes them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "tinysparse/data/dataset.hpp"
#include "tinysparse/deploy/platform.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/fixed/samples.hpp"

namespace tinysparse::simulator {

/// Samples of a split, which must outlive this. A network with a camera takes its pictures from `camera`, each with
/// every value that the camera gives; without one, from the split's reduced pictures, each pixel as a whole block.
struct SampleSource {
    SampleSource(const data::Split& samples, std::function<std::vector<std::uint16_t>(std::size_t)> pictures = {})
        : split(samples), camera(std::move(pictures)) {}

    const data::Split& split;
    std::function<std::vector<std::uint16_t>(std::size_t)> camera;
    bool spread = true; ///< Fewer samples than the split has are spread over it; else they are its first ones.
};

/// A picture of the camera that is reduced to this one, [height][width][channels]. Throws Error for pixels of 16 bits,
/// which have fewer colours.
inline std::vector<std::uint16_t> enlarged(std::span<const std::uint8_t> small, const Camera& camera) {
    if (camera.pixels == Pixels::rgb565)
        throw Error("pictures of a camera of RGB565 pixels cannot be made of reduced ones");
    const int channels = info(camera.pixels).values;
    std::vector<std::uint16_t> out;
    for (int y = 0; y < camera.height; ++y)
        for (int x = 0; x < camera.width; ++x) {
            const int row = std::min(y / camera.block_height, camera.out_height() - 1);
            const int column = std::min(x / camera.block_width, camera.out_width() - 1);
            for (int c = 0; c < channels; ++c)
                out.push_back(small[std::size_t((row * camera.out_width() + column) * channels + c)]);
        }
    return out;
}

/// Bytes of a sample: rows from the top, channels side by side, values of 16 bits with the low byte first; padded to
/// whole pieces.
inline std::vector<std::uint8_t> sample_bytes(const fixed::Network& network, const SampleSource& source,
                                              std::size_t index) {
    const net::Shape& shape = network.spec.input;
    std::vector<std::uint8_t> bytes;
    const auto add_wide = [&](auto value) {
        bytes.push_back(std::uint8_t(value));
        bytes.push_back(std::uint8_t(value >> 8));
    };
    if (network.input.series) {
        std::vector<std::int16_t> values;
        fixed::device_order(std::span(source.split.values).subspan(index * shape.size(), shape.size()), shape, values);
        for (const std::int16_t value : values) add_wide(value);
        return bytes;
    }
    if (!network.input.camera || !source.camera)
        fixed::device_order(std::span(source.split.pixels).subspan(index * shape.size(), shape.size()), shape, bytes);
    if (!network.input.camera) return bytes;
    const Camera& camera = *network.input.camera;
    const std::vector<std::uint16_t> values = source.camera ? source.camera(index) : enlarged(bytes, camera);
    bytes.clear();
    for (const std::uint16_t value : values)
        if (camera.pixels == Pixels::rgb565)
            add_wide(value);
        else
            bytes.push_back(std::uint8_t(value));
    const deploy::Pieces pieces = deploy::pieces_of(network);
    bytes.resize(pieces.count * pieces.bytes);
    return bytes;
}

} // namespace tinysparse::simulator
