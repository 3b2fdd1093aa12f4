// SPDX-License-Identifier: Apache-2.0
// The input in the head of a model file: how samples become int8, the channels of a series, a camera.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/camera.hpp"
#include "tinysparse/base/channel.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/check.hpp"
#include "tinysparse/fixed/network.hpp"

namespace tinysparse::fixed {

/// A camera as JSON, in model files and where models are shown; null if there is none.
inline json::Value to_json(const std::optional<Camera>& camera) {
    if (!camera) return {};
    return json::object({{"pixels", info(camera->pixels).name},
                         {"height", camera->height},
                         {"width", camera->width},
                         {"block_height", camera->block_height},
                         {"block_width", camera->block_width}});
}

namespace detail {

inline json::Value channel_heads(const std::vector<Channel>& channels) {
    json::Value heads = json::array();
    for (const Channel& channel : channels)
        heads.push_back(json::object({{"name", channel.name}, {"origin", channel.origin}, {"scale", channel.scale}}));
    return heads;
}

inline json::Value input_head(const Input& input) {
    return json::object({{"series", input.series},
                         {"offset", json::Value(input.offset)},
                         {"shift", json::Value(input.shift)},
                         {"camera", to_json(input.camera)}});
}

/// Reads a number of the head and checks its range.
inline int ranged(const json::Reader& in, std::string_view key, int low, int high) {
    const json::Reader place = in.at(key);
    const int value = place.as<int>();
    if (value < low || value > high) place.fail(text("expected ", low, " to ", high, ", found ", value));
    return value;
}

inline Input read_input(const json::Reader& in, const net::Shape& shape) {
    Input input;
    input.series = in.at("series").as<bool>();
    input.offset = in.at("offset").as<std::vector<std::int16_t>>();
    input.shift = in.at("shift").as<std::vector<std::int8_t>>();
    const std::size_t channels = input.series ? std::size_t(shape.channels) : 0;
    if (input.offset.size() != channels || input.shift.size() != channels)
        in.fail(text("expected ", channels, " offsets and shifts, found ", input.offset.size(), " and ",
                     input.shift.size()));
    for (const std::int8_t shift : input.shift)
        if (shift < least_input_shift || shift > largest_input_shift)
            in.fail(text("expected shifts from ", least_input_shift, " to ", largest_input_shift, ", found ", shift));
    return input;
}

/// Reads the camera of a network whose input has this shape; no value for null.
inline std::optional<Camera> read_camera(const json::Reader& in, const Input& input, const net::Shape& shape) {
    if (in.value().is_null()) return std::nullopt;
    constexpr int longest = 65535;
    Camera camera;
    const std::string pixels = in.at("pixels").as<std::string>();
    const PixelsInfo* const row = row_named(pixels_table, pixels);
    if (!row) in.at("pixels").fail(text("expected ", join(names_of(pixels_table), ", "), ", found ", pixels));
    camera.pixels = row->pixels;
    camera.height = ranged(in, "height", 1, longest);
    camera.width = ranged(in, "width", 1, longest);
    camera.block_height = ranged(in, "block_height", 1, camera.height);
    camera.block_width = ranged(in, "block_width", 1, camera.width);
    if (std::int64_t{camera.block_height} * camera.block_width > max_camera_block)
        in.fail(text("blocks of more than ", max_camera_block, " pixels"));
    if (std::int64_t{camera.height} * camera.width > max_camera_pixels)
        in.fail(text("pictures of more than ", max_camera_pixels, " pixels"));
    if (input.series || camera.out_height() != shape.height || camera.out_width() != shape.width ||
        !camera.gives(shape.channels))
        in.fail(text("it does not make what the network reads, ", shape.channels, "x", shape.height, "x", shape.width));
    return camera;
}

/// Throws Error unless the scale is a power of two and the origin a number.
inline void check_scale(const json::Reader& in, float origin, float scale) {
    int exponent = 0;
    if (!std::isnormal(scale) || std::frexp(scale, &exponent) != 0.5f)
        in.at("scale").fail(text("expected a power of two, found ", scale));
    if (!std::isfinite(origin)) in.at("origin").fail("expected a number that fits 32 bits");
}

/// Reads how readings become raw values, see Channel.
inline std::vector<Channel> read_channels(const json::Reader& in, const Input& input) {
    std::vector<Channel> channels;
    for (const json::Reader& item : in.items()) {
        Channel channel{item.at("name").as<std::string>(), item.at("origin").as<float>(), item.at("scale").as<float>()};
        check_scale(item, channel.origin, channel.scale);
        channels.push_back(std::move(channel));
    }
    if (!channels.empty() && channels.size() != input.offset.size())
        in.fail(text("expected ", input.offset.size(), " channels, found ", channels.size()));
    return channels;
}

inline std::optional<double> read_sampling_rate(const json::Reader& in) {
    const auto rate = in.as<std::optional<double>>();
    if (rate && !(*rate > 0 && std::isfinite(*rate))) in.fail(text("expected a rate above 0, found ", *rate));
    return rate;
}

} // namespace detail

} // namespace tinysparse::fixed
