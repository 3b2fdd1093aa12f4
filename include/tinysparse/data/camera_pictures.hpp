// SPDX-License-Identifier: Apache-2.0
// Pictures of a prepared set as its camera gives them, to feed a device with. Those of a folder are read again one by
// one, so that large ones never fill the memory. Those of arrays are loaded again, all at once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/data/picture_folder.hpp"
#include "tinysparse/data/prepare.hpp"

namespace tinysparse::data {

/// Reads a set's pictures again at the camera's own size, as the device sees them before it averages.
class CameraPictures {
  public:
    /// set: the result of the request, with a camera; it must outlive this. Throws Error if the data have changed
    /// since.
    CameraPictures(const Dataset& set, const Request& request, const ImageSupport& support)
        : set_(set), folder_(request.path), bits_(request.bits.value_or(all_sample_bits)), support_(support) {
        if (set.picture_files) return;
        Request raw = request;
        raw.size.reset();
        raw.model.reset();
        raw.gray = raw.rgb565 = false;
        raw.shrink = 1;
        whole_ = load(raw, support);
        for (const Part part : {Part::train, Part::validation, Part::test})
            if (whole_->part(part).labels != set_.part(part).labels) fail("are not those that were read before");
    }

    /// One sample as push_pixels takes it, every value of the picture, row after row. Throws Error if the picture can
    /// no longer be read.
    std::vector<std::uint16_t> operator()(Part part, std::size_t sample) const {
        const Camera& camera = *set_.camera;
        Picture picture = whole_ ? from_arrays(part, sample) : from_file(part, sample);
        if (picture.height != camera.height || picture.width != camera.width)
            picture = detail::resized(picture, camera.height, camera.width); // its size is rare
        return camera_values(picture.pixels, picture.channels, camera.pixels);
    }

  private:
    [[noreturn]] void fail(std::string_view what) const { throw Error(text(set_.name, ": the data ", what)); }

    Picture from_file(Part part, std::size_t sample) const {
        const std::string& file = set_.files[set_.part(part).sources[sample].file];
        const std::string path = (std::filesystem::path(folder_) / file).string();
        Picture picture;
        std::string reason;
        const auto decode = [&](const std::string& bytes) { return support_.decode(bytes, bits_, picture, reason); };
        if (!detail::with_bytes({path, "", part}, reason, decode)) throw Error(text(path, ": ", reason));
        return picture;
    }

    Picture from_arrays(Part part, std::size_t sample) const {
        const Shape& shape = whole_->shape;
        const auto planes = std::span(whole_->part(part).pixels).subspan(sample * shape.size(), shape.size());
        return {shape.channels, shape.height, shape.width, side_by_side(planes, shape.channels)};
    }

    const Dataset& set_;
    std::string folder_;
    int bits_;
    ImageSupport support_;
    std::optional<Dataset> whole_; ///< The arrays before they were prepared.
};

} // namespace tinysparse::data
