// SPDX-License-Identifier: Apache-2.0
// Preparation of a picture before a network reads it: 16-bit pixels of a camera, gray, and a smaller size, in this
// order. Whole blocks of pixels are averaged by the code that an exported header holds (mcu/camera.hpp), so that a
// device can read its camera directly. Other sizes are exact area averages (AreaAverage), which the caller of the
// exported network must compute.
#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/camera.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/mcu/camera.hpp"

namespace tinysparse::data {

/// Unless the SPEC names a size, pictures with a side longer than the first are shrunk to at most the second.
inline constexpr int longest_kept_side = 64, longest_shrunk_side = 32;

/// The requested preparation of pictures. Sizes are heights and widths; at most one of the two is given.
struct Preparation {
    bool rgb565 = false, gray = false;        ///< Colours of 16 bits as from a camera; luma instead of colours.
    std::optional<std::pair<int, int>> size;  ///< Size to which they are averaged ...
    std::optional<std::pair<int, int>> block; ///< ... or size of the blocks of pixels that become one each.
};

/// Side of the blocks for pictures of that size if no size is requested; 1: they stay as they are.
constexpr int automatic_shrink(int height, int width) {
    const int longer = std::max(height, width);
    return longer <= longest_kept_side ? 1 : (longer + longest_shrunk_side - 1) / longest_shrunk_side;
}

/// The preparation from the request, else from the model that the pictures are for, else from their size.
inline Preparation preparation_of(const Request& request, const Shape& from) {
    const std::optional<PictureInput>& model = request.model;
    Preparation wanted{request.rgb565, request.gray, request.size, {}};
    if (model && model->camera) wanted.rgb565 |= model->camera->pixels == Pixels::rgb565;
    if (model && (from.channels == 3 || wanted.rgb565)) wanted.gray |= model->channels == 1;
    if (request.size && request.shrink) detail::fail_spec(request, "give size= or shrink=, not both");
    if (request.size) return wanted;
    if (request.shrink && *request.shrink > std::size_t(std::max(from.height, from.width)))
        detail::fail_spec(request,
                          text("shrink=", *request.shrink, ": the pictures are ", from.height, "x", from.width));
    if (request.shrink) {
        const int side = int(*request.shrink);
        wanted.block = {side, side};
    } else if (!model) {
        const int side = automatic_shrink(from.height, from.width);
        wanted.block = {side, side};
    } else if (model->camera && model->camera->height == from.height && model->camera->width == from.width) {
        wanted.block = {model->camera->block_height, model->camera->block_width};
    } else {
        wanted.size = {model->height, model->width};
    }
    return wanted;
}

namespace detail {

/// The geometry of mcu/camera.hpp with sizes that are known at run time.
struct HostCamera {
    typedef std::uint16_t Raw, Count;
    typedef std::uint32_t Sum, Run;
    mcu::PixelFormat format;
    std::uint16_t width, out_width, block_height, block_width;
    std::uint8_t channels;
};

} // namespace detail

/// Values of a picture as a camera gives them, from the `channels` (1 or 3) values of each pixel, interleaved. For a
/// gray camera colours become luma; for the others gray becomes three equal colours.
inline std::vector<std::uint16_t> camera_values(std::span<const std::uint8_t> picture, int channels, Pixels pixels) {
    assert(channels == 1 || channels == 3);
    std::vector<std::uint16_t> out;
    out.reserve(picture.size());
    for (std::size_t i = 0; i < picture.size(); i += std::size_t(channels)) {
        const std::uint8_t red = picture[i], green = picture[i + std::size_t(channels) / 2],
                           blue = picture[i + std::size_t(channels) - 1];
        if (pixels == Pixels::rgb565)
            out.push_back(mcu::rgb565(red, green, blue));
        else if (pixels == Pixels::gray)
            out.push_back(channels == 1 ? red : mcu::luma(red, green, blue));
        else
            out.insert(out.end(), {red, green, blue});
    }
    return out;
}

/// The picture that a device computes from a whole picture of its camera, in the values of camera_values():
/// [height][width][channels], where height and width are camera.out_height() and out_width().
inline std::vector<std::uint8_t> camera_output(const Camera& camera, int channels,
                                               std::span<const std::uint16_t> values) {
    const detail::HostCamera stage{mcu::PixelFormat(camera.pixels),   std::uint16_t(camera.width),
                                   std::uint16_t(camera.out_width()), std::uint16_t(camera.block_height),
                                   std::uint16_t(camera.block_width), std::uint8_t(channels)};
    const std::size_t row = std::size_t(camera.out_width()) * std::size_t(channels);
    std::vector<std::uint32_t> sums(row);
    std::vector<std::uint8_t> out;
    out.reserve(row * std::size_t(camera.out_height()));
    mcu::CameraPlace place = mcu::camera_begin(stage);
    const std::uint16_t* next = values.data();
    for (int y = 0; y < camera.height; ++y) {
        std::uint16_t count = stage.width;
        if (!mcu::camera_row(stage, next, count, place, sums.data())) continue;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(sums.data());
        out.insert(out.end(), bytes, bytes + row);
    }
    return out;
}

/// The preparation of pictures of one size, and the part of it that a device does.
class PicturePreparation {
  public:
    /// from: shape of the original pictures. Throws Error if colours are requested and there are neither one channel
    /// nor three.
    PicturePreparation(const Shape& from, const Preparation& wanted)
        : from_(from), out_(from), coloured_(from.channels == 1 || from.channels == 3) {
        if (!coloured_ && (wanted.gray || wanted.rgb565))
            throw Error(
                text(wanted.gray ? "gray" : "pixels=rgb565", " needs 3 channels, the pictures have ", from.channels));
        if (wanted.gray || wanted.rgb565) out_.channels = wanted.gray ? 1 : 3;
        camera_.pixels = wanted.rgb565 ? Pixels::rgb565 : out_.channels == 1 ? Pixels::gray : Pixels::rgb;
        camera_.height = from.height;
        camera_.width = from.width;
        if (wanted.block) {
            camera_.block_height = std::min(wanted.block->first, from.height);
            camera_.block_width = std::min(wanted.block->second, from.width);
        } else if (wanted.size && from.height % wanted.size->first == 0 && from.width % wanted.size->second == 0) {
            camera_.block_height = from.height / wanted.size->first;
            camera_.block_width = from.width / wanted.size->second;
        }
        out_.height = wanted.size ? wanted.size->first : camera_.out_height();
        out_.width = wanted.size ? wanted.size->second : camera_.out_width();
        if (std::int64_t{camera_.block_height} * camera_.block_width > max_camera_block)
            camera_.block_height = camera_.block_width = 1; // replaced by an exact average
        if (out_.height != camera_.out_height() || out_.width != camera_.out_width() || !coloured_)
            average_.emplace(from.height, from.width, out_.height, out_.width);
    }

    /// Shape of the pictures that the network reads.
    const Shape& out() const { return out_; }
    /// True if pictures stay as they are.
    bool idle() const { return out_ == from_ && camera_.pixels != Pixels::rgb565; }
    /// The part that an exported network does itself. No value if nothing is needed, or if the caller must do all of
    /// it.
    std::optional<Camera> camera() const {
        if (average_ || (camera_.area() == 1 && camera_.pixels != Pixels::rgb565)) return std::nullopt;
        return camera_;
    }

    /// Prepares one picture, with interleaved channels, into planes of `out`.
    void operator()(std::span<const std::uint8_t> picture, std::uint8_t* planes) const {
        assert(picture.size() == from_.size());
        const std::vector<std::uint8_t> pixels =
            coloured_ ? camera_output(camera_, out_.channels, camera_values(picture, from_.channels, camera_.pixels))
                      : std::vector<std::uint8_t>(picture.begin(), picture.end());
        const std::size_t channels = std::size_t(out_.channels), plane = out_.size() / channels;
        for (std::size_t c = 0; c < channels; ++c, planes += plane)
            if (average_)
                (*average_)(pixels.data() + c, planes, channels);
            else
                for (std::size_t i = 0; i < plane; ++i) planes[i] = pixels[i * channels + c];
    }

  private:
    Shape from_, out_;
    bool coloured_; ///< Pixels are gray or colours; else any number of values.
    Camera camera_;
    std::optional<AreaAverage> average_;
};

/// The sentence for a duty: "series from 100 to 50 moments".
inline std::string duty_of_averaging(std::string_view what) {
    return text("average ", what,
                ": a new value is the mean of the old ones that it covers, those that it covers in part "
                "by their share, rounded half up");
}

/// Adds notes on the preparation of the set's pictures, which are of this shape, and on the part that a device does not
/// do.
inline void note_preparation(Dataset& set, const Shape& from, const Request& request,
                             const PicturePreparation& preparation) {
    set.camera = preparation.camera();
    const Shape& out = preparation.out();
    const std::string sizes = text(from.height, "x", from.width, " to ", out.height, "x", out.width);
    const bool smaller = from.height != out.height || from.width != out.width;
    const bool automatic = !request.size && !request.shrink && !request.model;
    const std::string_view other = automatic ? "; size=HEIGHTxWIDTH chooses another size" : "";
    if (smaller && set.camera) {
        const int rows = from.height % set.camera->block_height, columns = from.width % set.camera->block_width;
        const std::string left_out =
            text("; ", rows, " rows and ", columns, " columns at the lower and right edge are left out");
        if (automatic || rows + columns > 0)
            set.notes.push_back(text("pictures are shrunk from ", sizes, ", the mean of ", set.camera->block_height,
                                     "x", set.camera->block_width, " pixels each", rows + columns > 0 ? left_out : "",
                                     other));
    } else if (smaller && automatic) {
        set.notes.push_back(text("pictures are averaged from ", sizes, other));
    }
    const bool rgb565 = set.camera && set.camera->pixels == Pixels::rgb565;
    if (rgb565 && from.channels == 1 && out.channels == 3)
        set.warnings.push_back("the pictures are gray, and the network would read three channels of them; add gray");
    if (from.channels == 3 && out.channels == 1 && !rgb565)
        set.duties.push_back("make gray of colours: (299 R + 587 G + 114 B + 500) / 1000, rounded down; mcu::luma(red, "
                             "green, blue) in the namespace of an exported header computes it");
    if (smaller && !set.camera) set.duties.push_back(duty_of_averaging(text("pictures from ", sizes)));
}

/// One picture of a set, from planes to interleaved channels.
inline std::vector<std::uint8_t> side_by_side(std::span<const std::uint8_t> planes, int channels) {
    const std::size_t count = std::size_t(channels), plane = planes.size() / count;
    std::vector<std::uint8_t> out(planes.size());
    for (std::size_t c = 0; c < count; ++c)
        for (std::size_t i = 0; i < plane; ++i) out[i * count + c] = planes[c * plane + i];
    return out;
}

/// Prepares every picture of the set.
inline void prepare(Dataset& set, const Request& request) {
    const PicturePreparation preparation(set.shape, preparation_of(request, set.shape));
    note_preparation(set, set.shape, request, preparation);
    if (preparation.idle()) return;
    const std::size_t size = set.shape.size(), out_size = preparation.out().size();
    const std::string key = text("size=", preparation.out().height, "x", preparation.out().width);
    detail::check_bytes(request, key, set.train.samples + set.validation.samples + set.test.samples, out_size,
                        "take a smaller size, or fewer samples");
    for (Split* part : {&set.train, &set.validation, &set.test}) {
        std::vector<std::uint8_t> out(part->samples * out_size);
        for (std::size_t sample = 0; sample < part->samples; ++sample)
            preparation(side_by_side(std::span(part->pixels).subspan(sample * size, size), set.shape.channels),
                        out.data() + sample * out_size);
        part->pixels = std::move(out);
    }
    set.shape = preparation.out();
}

} // namespace tinysparse::data
