// SPDX-License-Identifier: Apache-2.0
// Window: how a kernel moves over a picture. From it follow the halo that the picture needs, the window of the input
// gradient, and the rows of a window that lie inside.
#pragma once
#include "tinysparse/tensor/tensor.hpp"

namespace tinysparse::tensor {

/// How a window moves over a picture, with stride 1 or 2. Padding is the number of rows and columns before the first
/// position; the padding behind follows from the shapes.
struct Window {
    int kernel_height = 1, kernel_width = 1, stride = 1, pad_top = 0, pad_left = 0;
    /// Positions of the kernel.
    int size() const { return kernel_height * kernel_width; }
};

/// The window of a layer; padding is what its Spec asks for.
inline Window window_of(const net::Layer& layer) {
    return {layer.kernel_height, layer.kernel_width, layer.stride,
            net::padding_before(layer.kernel_height, layer.padding),
            net::padding_before(layer.kernel_width, layer.padding)};
}

/// A window with its input and output shapes.
struct WindowMap {
    Window window;
    net::Shape in, out; ///< Shapes of x and y.
};

/// The halo that an input needs so that no position of the window reads outside of it.
inline Halo halo_for(const WindowMap& map) {
    const auto& [window, in, out] = map;
    const int below = (out.height - 1) * window.stride + window.kernel_height - window.pad_top - in.height;
    const int right = (out.width - 1) * window.stride + window.kernel_width - window.pad_left - in.width;
    return {std::max({0, below, window.pad_top}), std::max({0, right, window.pad_left})};
}

/// The map of the input gradient: from dy, with stride - 1 zeros between its positions, to dx. The window is turned
/// around and moves by single steps.
inline WindowMap turned(const WindowMap& map) {
    const auto& [window, in, out] = map;
    return {{window.kernel_height, window.kernel_width, 1, window.kernel_height - 1 - window.pad_top,
             window.kernel_width - 1 - window.pad_left},
            {out.channels, (out.height - 1) * window.stride + 1, (out.width - 1) * window.stride + 1},
            in};
}

namespace detail {

/// Most outputs in one block of a convolution's kernels.
inline constexpr int block_outputs = 4;

/// Splits `length` into the fewest pieces of at most `most`, of sizes as equal as possible: 16 is 6 + 5 + 5.
template <class Body> void for_blocks(int length, int most, Body body) {
    const int pieces = (length + most - 1) / most;
    for (int piece = 0, begin = 0; piece < pieces; ++piece) {
        const int size = (length - begin + pieces - piece - 1) / (pieces - piece);
        body(begin, size);
        begin += size;
    }
}

/// The integers begin .. end-1.
struct Range {
    int begin = 0, end = 0;
    bool operator==(const Range&) const = default;
};

/// The rows of a window that lie inside a picture of this height, at output row `row`. There is at least one: a window
/// wholly outside gets a row in the halo.
inline Range rows_inside(const Window& window, int height, int row) {
    const int top = row * window.stride - window.pad_top;
    const int begin = std::clamp(-top, 0, window.kernel_height - 1);
    return {begin, std::clamp(height - top, begin + 1, window.kernel_height)};
}

} // namespace detail

} // namespace tinysparse::tensor
