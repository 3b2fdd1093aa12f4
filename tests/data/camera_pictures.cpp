// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/camera_pictures.hpp"
#include "helpers.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {
/// Each picture of the camera is reduced to the one that the set holds.
void check_all(const Dataset& set, const CameraPictures& pictures) {
    for (const Part part : {Part::train, Part::validation, Part::test})
        for (std::size_t i = 0; i < set.part(part).samples; ++i) {
            const std::vector<std::uint8_t> small = camera_output(*set.camera, set.shape.channels, pictures(part, i));
            const std::size_t channels = std::size_t(set.shape.channels), plane = small.size() / channels;
            for (std::size_t at = 0; at < small.size(); ++at)
                if (small[at] != set.part(part).pixels[i * small.size() + at % channels * plane + at / channels])
                    FAIL_CHECK("sample ", i, ", value ", at);
        }
}
} // namespace

TEST_CASE("pictures in arrays come as the camera gave them, in the order of the parts") {
    for (const char* spec : {"synthetic:strokes,samples=60,size=7x7", "synthetic:textures,samples=60,shrink=5",
                             "synthetic:textures,samples=60,pixels=rgb565,gray,size=7x14"}) {
        CAPTURE(std::string(spec));
        const Request request = parse_spec(spec);
        const Dataset set = load(request);
        REQUIRE(set.camera);
        check_all(set, CameraPictures(set, request, {}));
    }
}

#if TINYSPARSE_TEST_IMAGES
TEST_CASE("pictures of a folder are read again, each from its file") {
    const Folder folder;
    for (int i = 0; i < 24; ++i) {
        std::vector<std::uint8_t> pixels;
        for (int at = 0; at < 66 * 70 * 3; ++at) pixels.push_back(std::uint8_t(at * (i + 3) >> 3));
        folder.write(text(i % 2 ? "cat/" : "dog/", i, ".png"), encode_png(70, 66, 3, pixels));
    }
    for (const char* keys : {"", ",gray", ",pixels=rgb565", ",pixels=rgb565,gray,size=11x35"}) {
        const Request request = parse_spec(folder.path + keys);
        const Dataset set = load(request, support());
        REQUIRE(set.camera);
        const CameraPictures pictures(set, request, support());
        check_all(set, pictures);
    }
}

TEST_CASE("a picture of another size than most is what a camera would give of it") {
    const Folder folder;
    write_mixed_pictures(folder, 6, "odd");
    for (const char* keys : {"", ",pixels=rgb565", ",pixels=rgb565,gray", ",gray,size=40x20"}) {
        CAPTURE(std::string(keys));
        const Request request = parse_spec(folder.path + keys);
        const Dataset set = load(request, support());
        REQUIRE(set.camera);
        CHECK(set.camera->height == 80);
        check_all(set, CameraPictures(set, request, support()));
    }
}
#endif

TEST_CASE("pictures in the rows of a table come as the camera gives them") {
    const Folder folder;
    std::string table = "label";
    for (int i = 0; i < 64; ++i) table += text(",pixel", i);
    Random random(7, "table");
    for (int row = 0; row < 40; ++row) {
        table += text("\n", row % 2);
        for (int i = 0; i < 64; ++i) table += text(",", random.below(256));
    }
    const Request request = parse_spec(folder.write("t.csv", table + "\n") + ",size=4x2");
    const Dataset set = load(request, support());
    REQUIRE(set.camera);
    CHECK(set.shape == Shape{1, 4, 2});
    check_all(set, CameraPictures(set, request, support()));
}
