// SPDX-License-Identifier: Apache-2.0
// Weights in the order in which the kernels of mcu/ read them, and packed as in program memory.
#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tinysparse/fixed/proof.hpp"

namespace tinysparse::fixed {

/// Outputs that a dense kernel computes side by side: at most 6, which fit the registers of an AVR, and an even number
/// if weights are packed in pairs.
inline int dense_block(int outputs, int bits) {
    if (outputs <= 6) return outputs;
    if (bits != 8) return outputs % 6 == 0 || outputs % 6 >= 4 ? 6 : 4;
    int best = 5;
    for (const int block : {6, 5, 4})
        if (outputs % block == 0) return block;
    for (const int block : {6, 5, 4}) // the smaller last block should not be tiny
        if (outputs % block > outputs % best) best = block;
    return best;
}

/// Order in which a kernel reads weights.
struct Order {
    int block = 1;       ///< Outputs side by side in a dense layer, or in one over a column.
    bool paired = false; ///< A pointwise layer computes two outputs at once.
    bool column = false; ///< Rows are single positions ...
    bool pairs = false;  ///< ... and two weights of an output are adjacent, since the number of channels is even.
};

/// The layer's weights in kernel order.
///   convolution [output][kernel_height][channel][kernel_width]; depthwise [channel][kernel_height][kernel_width]
///   pointwise with `paired` outputs [output / 2][channel][2], an odd last output alone
///   over a column [output / block][kernel_height][channel][block], in `pairs` [..][channel / 2][block][2], the rest as
///   a block
///   depthwise as large as its input [row][channel][column]
///   tree head [row][channel]
///   dense, and convolution as large as its input [row][outputs / block][column][channel][block], the rest as a block
inline std::vector<std::int8_t> kernel_order(const net::Layer& spec, const net::LayerShapes& shapes,
                                             std::span<const std::int8_t> weights, const Order& order) {
    const bool whole = gathers(spec, shapes);
    const net::Kernel kernel = net::kernel(spec, shapes);
    const std::size_t outputs = std::size_t(net::weight_rows(spec)), height = kernel.height, width = kernel.width,
                      depth = kernel.depth;
    const auto at = [&](std::size_t o, std::size_t c, std::size_t y, std::size_t x) {
        return weights[((o * depth + c) * height + y) * width + x];
    };
    std::vector<std::int8_t> ordered;
    ordered.reserve(weights.size());
    const std::size_t block = std::size_t(order.block);
    if (!whole && order.column) {
        const std::size_t step = order.pairs ? 2 : 1;
        for (std::size_t begin = 0; begin < outputs; begin += block)
            for (std::size_t y = 0; y < height; ++y)
                for (std::size_t c = 0; c < depth; c += step)
                    for (std::size_t o = begin; o < std::min(begin + block, outputs); ++o)
                        for (std::size_t i = 0; i < step; ++i) ordered.push_back(at(o, c + i, y, 0));
    } else if (!whole && order.paired) {
        for (std::size_t begin = 0; begin < outputs; begin += 2)
            for (std::size_t c = 0; c < depth; ++c)
                for (std::size_t o = begin; o < std::min(begin + 2, outputs); ++o) ordered.push_back(at(o, c, 0, 0));
    } else if (!whole) {
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t y = 0; y < height; ++y)
                for (std::size_t c = 0; c < depth; ++c)
                    for (std::size_t x = 0; x < width; ++x) ordered.push_back(at(o, c, y, x));
    } else if (net::reads_one_channel(spec)) {
        for (std::size_t y = 0; y < height; ++y)
            for (std::size_t o = 0; o < outputs; ++o)
                for (std::size_t x = 0; x < width; ++x) ordered.push_back(at(o, 0, y, x));
    } else {
        for (std::size_t y = 0; y < height; ++y)
            for (std::size_t begin = 0; begin < outputs; begin += block)
                for (std::size_t x = 0; x < width; ++x)
                    for (std::size_t c = 0; c < depth; ++c)
                        for (std::size_t o = begin; o < std::min(begin + block, outputs); ++o)
                            ordered.push_back(at(o, c, y, x));
    }
    assert(ordered.size() == weights.size());
    return ordered;
}

/// Packs ordered weights into bytes of program memory: with 8 bits an int8 each; with 4 bits w + 8, two per byte; with
/// 2 bits w + 1, four per byte; the first in the lowest bits.
inline std::vector<std::uint8_t> pack(std::span<const std::int8_t> weights, int bits) {
    if (bits == 8) return {weights.begin(), weights.end()};
    const std::size_t in_a_byte = std::size_t(8 / bits);
    std::vector<std::uint8_t> bytes((weights.size() + in_a_byte - 1) / in_a_byte);
    for (std::size_t i = 0; i < weights.size(); ++i)
        bytes[i / in_a_byte] |= std::uint8_t((weights[i] + (bits == 4 ? 8 : 1)) << (i % in_a_byte * std::size_t(bits)));
    return bytes;
}

} // namespace tinysparse::fixed
