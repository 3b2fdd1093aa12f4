// SPDX-License-Identifier: Apache-2.0
// Lesson 14: a picture goes row by row through the kernels that a chip runs. The chip never holds the picture: each
// layer keeps the few rows under its window, in a ring, a buffer in which the newest row takes the place of the oldest.
//   The rule: the deepest layer that can make a row does so, until none can; then the next row of the picture comes.
// The network tells vertical lines from horizontal ones: 8x8 pixels, two filters of 3x3, the largest of each 2x2, and
// a score for each of the two. Its weights are written by hand. The structs below are what an exported header contains.
//   y = clamp(floor((sum of w x + 2^(shift-1)) / 2^shift), 0, 127)
// Headers: mcu/layer.hpp, mcu/window.hpp, mcu/gather.hpp; the same as plain loops: fixed/reference.hpp. See
// docs/kernels.md; equations: docs/equations.md, "Quantisation".
#include "tinysparse/fixed/reference.hpp"
#include "tinysparse/mcu.hpp"
#include "tinysparse/net/notation.hpp"
#include <cstdio>

using namespace tinysparse;

namespace {
// Filter 0 answers to vertical lines, filter 1 to horizontal ones: [filter][row][column].
constexpr std::int8_t filters[2 * 9] = {-1, 2, -1, -1, 2, -1, -1, 2, -1, -1, -1, -1, 2, 2, 2, -1, -1, -1};
constexpr int score_weight(int output, int channel) { return output == channel ? 2 : -1; }

/// Weights of the dense layer in the order of use: [row][column][channel][output].
const std::uint8_t* dense_weights() {
    static std::uint8_t table[4 * 4 * 2 * 2];
    for (int i = 0; i < 4 * 4 * 2 * 2; ++i) table[i] = std::uint8_t(score_weight(i % 2, i / 2 % 2));
    return table;
}

struct Input : mcu::InputLayer<std::uint8_t> {
    static constexpr Count ring = 3, out_height = 8, out_width = 8, channels = 1;
    static std::int8_t value(std::uint8_t pixel, Count) { return mcu::picture_value(pixel); } // pixel / 2: 0..127
};
struct Convolution : mcu::WindowLayer<std::uint8_t> {
    typedef std::int16_t Sum; // 127 * 12 fits 16 bits
    typedef mcu::WeightReader<8> Reader;
    static constexpr Count in_height = 8, in_width = 8, in_channels = 1, in_ring = 3;
    static constexpr std::uint8_t kernel_height = 3, kernel_width = 3, kernel_height_limit = 3, block = 1;
    static constexpr std::uint8_t pad_top = 1, pad_left = 1, pad_right = 1; // zeros around the picture
    static constexpr Count depth = 1, outputs = 2, rows = 8, width = 8;
    static constexpr mcu::Pooling pooling = mcu::maximum_pooling;
    static constexpr Count pool_height = 2, pool_width = 2, out_height = 4, out_width = 4, out_ring = 1;
    static constexpr std::uint8_t shift = 3;
    static constexpr std::int8_t lowest = 0; // ReLU
    static const std::uint8_t* weights() { return reinterpret_cast<const std::uint8_t*>(filters); }
};
struct Scores : mcu::GatherLayer<std::uint8_t> {
    typedef mcu::WeightReader<8> Reader;
    typedef mcu::Dense Operation;
    static constexpr Count in_height = 4, in_width = 4, in_ring = 1, outputs = 2;
    static constexpr Size row_size = 8, run = 8;
    static constexpr std::uint8_t block = 2, rest = 0; // both outputs at once
    static constexpr bool head = true;
    static const std::uint8_t* weights() { return dense_weights(); }
};

/// All the memory that the network needs.
struct Net {
    std::int32_t scores[2];
    std::uint8_t made[3]; // rows of the input, of the convolution and of the scores' input so far
    std::int8_t picture[3 * 8], pooled[1 * 4 * 2];

    void begin() {
        *this = {};
        mcu::gather_begin(Scores(), scores);
    }
    void push_row(const std::uint8_t* pixels) {
        std::printf("row %d arrives, in place %d of the ring", int(made[0]), made[0] % Input::ring);
        mcu::input_row(Input(), pixels, made[0], static_cast<Input::PoolSum*>(nullptr), picture);
        ++made[0];
        for (;;) {
            const std::uint8_t pooled_rows = std::uint8_t(made[1] / 2); // two rows of the convolution make one
            const mcu::Streams<Scores> to_scores = {pooled, pooled_rows, nullptr, 0, nullptr, nullptr};
            const mcu::Streams<Convolution> to_convolution = {picture, made[0], nullptr, 0, pooled, nullptr};
            if (mcu::gather_step(Scores(), made[2], scores, to_scores))
                std::printf("; the scores take in pooled row %d: %d, %d", made[2] - 1, int(scores[0]), int(scores[1]));
            else if (mcu::window_step<mcu::WindowRow>(Convolution(), made[1], to_convolution))
                std::printf("; the convolution makes row %d", made[1] - 1);
            else
                break;
        }
        std::printf("\n");
    }
};

/// The same network for the plain loops: weights [output][channel][row][column].
fixed::Network plain_network() {
    fixed::Network network{net::parse("C2k3 M2 F2", {1, 8, 8}), {}, std::vector<fixed::Layer>(2)};
    network.layers[0].weights.assign(filters, filters + 18);
    network.layers[0].shift = Convolution::shift;
    for (int i = 0; i < 2 * 2 * 16; ++i)
        network.layers[1].weights.push_back(std::int8_t(score_weight(i / 32, i / 16 % 2)));
    return network;
}
} // namespace

int main() {
    std::printf("memory: %zu B; the picture alone would be %d B, the convolution's output %d B\n", sizeof(Net), 8 * 8,
                2 * 8 * 8);
    const fixed::Network plain = plain_network();
    for (const bool horizontal : {false, true}) {
        std::vector<std::uint8_t> pixels(64, 20);                                             // paper
        for (std::size_t i = 1; i < 7; ++i) pixels[horizontal ? 4 * 8 + i : i * 8 + 2] = 220; // ink
        std::printf("\na %s\n", horizontal ? "horizontal line, in row 4" : "vertical line, in column 2");
        Net net;
        net.begin();
        for (std::size_t row = 0; row < 8; ++row) net.push_row(&pixels[row * 8]);
        const std::vector<std::int32_t> expected = fixed::reference::logits(plain, pixels);
        std::printf("scores: vertical %d, horizontal %d; plain loops over the whole picture: %d, %d\n",
                    int(net.scores[0]), int(net.scores[1]), int(expected[0]), int(expected[1]));
    }
}
