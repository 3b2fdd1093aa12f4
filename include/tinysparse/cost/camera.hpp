// SPDX-License-Identifier: Apache-2.0
// Cost of the camera stage (mcu/camera.hpp) on an AVR. It is linear in the stage's operations, with coefficients fitted
// to simulated cameras of 48x42 to 330x320 pixels and blocks of 1 to 20. Predicted cycles were within 13 % of the
// simulated ones, most within 5 %.
#pragma once
#include <cstddef>

#include "tinysparse/fixed/geometry.hpp"

namespace tinysparse::cost {

/// What a camera's pixels add to the cost of one picture.
struct CameraCosts {
    double cycles = 0, flash = 0;
    std::size_t ram = 0; ///< The piece of a picture that the surrounding program holds.
};

namespace detail {

/// Cycles, and bytes of code. Kinds are gray, colours, luma of RGB565 and colours of RGB565.
struct CameraCoefficients {
    double pixel[4], code[4]; ///< By kind: cycles per pixel, bytes of the whole stage.
    double block, wide_block; ///< Cycles per row of a block, with sums of at most 16 bits and with wide sums.
    double value, division;   ///< Cycles per output value; extra ones if the area is no power of two.
    double wide_run;          ///< Extra cycles per pixel if a block is wider than 255.
    double row, wide_code;    ///< Cycles per row of the picture; bytes that wide sums add.
};
inline constexpr CameraCoefficients avr_camera = {
    {8.5, 17.8, 139.2, 55.5}, {600, 815, 960, 920}, 90, 195, 2, 39.5, 14, 57, 120};
inline constexpr CameraCoefficients tiny_camera = {
    {11.1, 28.6, 181, 63.4}, {550, 760, 970, 890}, 63, 134, 36.7, 220, 12, 43, 120};

} // namespace detail

/// All costs are 0 without a camera. multiplies: the chip has `mul`.
inline CameraCosts camera_costs(const fixed::Layout& layout, bool multiplies) {
    if (!layout.camera()) return {};
    const Camera& camera = *layout.camera();
    const int channels = layout.spec().input.channels;
    const bool luma = camera.makes_luma(channels), wide = camera.sum_bytes() > 2;
    const std::size_t kind = luma ? 2 : camera.pixels == Pixels::rgb565 ? 3 : camera.pixels == Pixels::rgb ? 1 : 0;
    const detail::CameraCoefficients& own = multiplies ? detail::avr_camera : detail::tiny_camera;
    const double rows = double(camera.out_height()) * camera.block_height;
    const double block_rows = rows * camera.out_width(), values = double(layout.spec().input.size());
    const bool power = (camera.area() & (camera.area() - 1)) == 0;
    // The three channels of a block share its bookkeeping.
    const double of_blocks = (wide ? own.wide_block : own.block) * (channels == 1 ? 1 : wide ? 2.2 : 2);
    const double pixel = own.pixel[kind] + (camera.block_width > 255 ? own.wide_run : 0);
    return {block_rows * camera.block_width * pixel + block_rows * of_blocks + rows * own.row +
                values * (own.value + (power ? 0 : own.division)),
            own.code[kind] + (wide ? own.wide_code : 0), camera_piece(camera) * std::size_t(info(camera.pixels).bytes)};
}

} // namespace tinysparse::cost
