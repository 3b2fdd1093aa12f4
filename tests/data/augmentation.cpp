// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/augmentation.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>
#include <numeric>
#include <set>

using tinysparse::Random;
using namespace tinysparse::data;
using namespace testing;

namespace {
std::vector<std::uint8_t> random_pixels(const Shape& shape) {
    Random random(9, "pixels");
    std::vector<std::uint8_t> pixels(shape.size());
    for (auto& pixel : pixels) pixel = std::uint8_t(random());
    return pixels;
}
std::vector<std::uint8_t> augmented(const Augmentation& augmentation, const Shape& shape,
                                    const std::vector<std::uint8_t>& in, std::uint32_t sample) {
    std::vector<std::uint8_t> out(in.size());
    Random random = augmentation_stream(1, 0, sample);
    augment(augmentation, random, shape, in.data(), out.data());
    return out;
}
/// The plain formula: out(y, x) = in(y - dy, x - dx) with repeated edges, mirrored first.
std::vector<std::uint8_t> shifted(const Shape& shape, const std::vector<std::uint8_t>& in, int dy, int dx,
                                  bool mirror) {
    std::vector<std::uint8_t> out;
    for (int c = 0; c < shape.channels; ++c)
        for (int y = 0; y < shape.height; ++y)
            for (int x = 0; x < shape.width; ++x) {
                const int from_y = std::clamp(y - dy, 0, shape.height - 1);
                int from_x = std::clamp(x - dx, 0, shape.width - 1);
                if (mirror) from_x = shape.width - 1 - from_x;
                out.push_back(in[std::size_t((c * shape.height + from_y) * shape.width + from_x)]);
            }
    return out;
}
} // namespace

TEST_CASE("no augmentation copies, and a stream gives the same result again") {
    const Shape shape{3, 5, 7};
    const auto in = random_pixels(shape);
    CHECK(augmented({}, shape, in, 0) == in);
    const Augmentation all{
        .shift = 2, .rotate = 15, .scale = 0.2, .flip = true, .cut_out = 3, .brightness = 0.2, .contrast = 0.3};
    CHECK(augmented(all, shape, in, 4) == augmented(all, shape, in, 4));
    CHECK(augmented(all, shape, in, 4) != augmented(all, shape, in, 5));
}

TEST_CASE("shifts and mirrors equal the plain formula, every one occurs, also on tiny pictures") {
    for (const Shape& shape : {Shape{2, 6, 5}, Shape{1, 1, 1}, Shape{1, 1, 4}, Shape{3, 2, 1}})
        for (const bool flip : {false, true}) {
            const auto in = random_pixels(shape);
            for (int dy = -3; dy <= 3; ++dy)
                for (int dx = -6; dx <= 6; ++dx)
                    for (const bool mirror : {false, true}) {
                        std::vector<std::uint8_t> out(in.size());
                        tinysparse::data::detail::shift_planes(shape, dy, dx, mirror, in.data(), out.data());
                        REQUIRE(out == shifted(shape, in, dy, dx, mirror));
                    }
            std::set<std::string> possible, seen;
            const auto add = [](std::set<std::string>& to, const std::vector<std::uint8_t>& pixels) {
                to.emplace(pixels.begin(), pixels.end());
            };
            for (int dy = -2; dy <= 2; ++dy)
                for (int dx = -2; dx <= 2; ++dx) {
                    add(possible, shifted(shape, in, dy, dx, false));
                    if (flip) add(possible, shifted(shape, in, dy, dx, true));
                }
            for (std::uint32_t sample = 0; sample < 1000; ++sample)
                add(seen, augmented({.shift = 2, .flip = flip}, shape, in, sample));
            CHECK(seen == possible);
        }
}

TEST_CASE("the warp equals the shift where there is nothing else, and a quarter turn moves pixels exactly") {
    const Shape shape{2, 6, 6};
    const auto in = random_pixels(shape);
    std::vector<std::uint8_t> out(in.size());
    for (int dy = -2; dy <= 2; ++dy)
        for (int dx = -2; dx <= 2; ++dx)
            for (const bool mirror : {false, true}) {
                tinysparse::data::detail::warp_planes(
                    shape, tinysparse::data::detail::inverse_map(shape, 0, 1, mirror, dy, dx), in.data(), out.data());
                REQUIRE(out == shifted(shape, in, dy, dx, mirror));
            }
    tinysparse::data::detail::warp_planes(
        shape, tinysparse::data::detail::inverse_map(shape, 1.5707963267948966, 1, false, 0, 0), in.data(), out.data());
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t y = 0; y < 6; ++y)
            for (std::size_t x = 0; x < 6; ++x) // out(A p) = in(p): (x, y) goes to (-y, x) about the centre
                CHECK(out[c * 36 + x * 6 + (5 - y)] == in[c * 36 + y * 6 + x]);
}

TEST_CASE("the warp is bilinear: it reproduces a plane of brightness, turned and scaled") {
    const Shape shape{1, 40, 40};
    std::vector<std::uint8_t> in(shape.size()), out(shape.size());
    for (int y = 0; y < 40; ++y)
        for (int x = 0; x < 40; ++x) in[std::size_t(y * 40 + x)] = std::uint8_t(2 * x + 3 * y + 10);
    for (const double angle : {-0.3, 0.1, 0.25})
        for (const double factor : {0.9, 1.0, 1.15}) {
            tinysparse::data::detail::warp_planes(
                shape, tinysparse::data::detail::inverse_map(shape, angle, factor, false, 1, -2), in.data(),
                out.data());
            for (int y = 12; y < 28; ++y) // away from the edges
                for (int x = 12; x < 28; ++x) {
                    const double px = x - 19.5 + 2, py = y - 19.5 - 1;
                    const double sx = (std::cos(angle) * px + std::sin(angle) * py) / factor + 19.5;
                    const double sy = (-std::sin(angle) * px + std::cos(angle) * py) / factor + 19.5;
                    REQUIRE(std::abs(out[std::size_t(y * 40 + x)] - (2 * sx + 3 * sy + 10)) < 0.55);
                }
        }
}

TEST_CASE("brightness and contrast stay within their bounds, cut-out sets one square to the mean") {
    const Shape shape{1, 8, 8};
    const std::vector<std::uint8_t> even(64, 100);
    int low = 255, high = 0;
    for (std::uint32_t sample = 0; sample < 500; ++sample) {
        const auto out = augmented({.brightness = 0.2, .contrast = 0.5}, shape, even, sample);
        CHECK(std::set<std::uint8_t>(out.begin(), out.end()).size() == 1);
        low = std::min<int>(low, out[0]);
        high = std::max<int>(high, out[0]);
    }
    CHECK(low >= 49);
    CHECK(low <= 52);
    CHECK(high <= 151);
    CHECK(high >= 148);
    std::vector<std::uint8_t> checked(64);
    for (std::size_t i = 0; i < 64; ++i) checked[i] = i % 2 ? 200 : 0;
    for (std::uint32_t sample = 0; sample < 200; ++sample) {
        const auto out = augmented({.cut_out = 3}, shape, checked, sample);
        int top = 8, left = 8, bottom = -1, right = -1, cut = 0;
        for (int y = 0; y < 8; ++y)
            for (int x = 0; x < 8; ++x) {
                const auto at = std::size_t(y * 8 + x);
                if (out[at] == checked[at]) continue;
                CHECK(out[at] == 100);
                top = std::min(top, y), bottom = std::max(bottom, y);
                left = std::min(left, x), right = std::max(right, x);
                ++cut;
            }
        CHECK(cut == (bottom - top + 1) * (right - left + 1));
        CHECK(bottom - top <= 2);
        CHECK(right - left <= 2);
    }
}

TEST_CASE("a series is shifted in time only, its channels together") {
    const Shape shape{2, 10, 1};
    std::vector<std::int16_t> in(20), out(20);
    std::iota(in.begin(), in.end(), std::int16_t(1000));
    std::set<int> seen;
    for (std::uint32_t sample = 0; sample < 100; ++sample) {
        Random random = augmentation_stream(1, 2, sample);
        augment({.shift = 3}, random, shape, in.data(), out.data());
        const int moved = in[5] - out[5];
        seen.insert(moved);
        for (int c = 0; c < 2; ++c)
            for (int t = 0; t < 10; ++t)
                CHECK(out[std::size_t(c * 10 + t)] == 1000 + c * 10 + std::clamp(t - moved, 0, 9));
    }
    CHECK(seen == std::set<int>{-3, -2, -1, 0, 1, 2, 3});
}

TEST_CASE("options out of range, and options that series do not have") {
    CHECK(error_of([] { check_augmentation({.rotate = 200}, ElementType::uint8); }) ==
          "augmentation rotate=200: expected 0 to 180");
    CHECK(error_of([] { check_augmentation({.shift = -1}, ElementType::uint8); }) != "no error");
    CHECK(error_of([] { check_augmentation({.brightness = std::nan("")}, ElementType::uint8); }) != "no error");
    CHECK(error_of([] { check_augmentation({.flip = true}, ElementType::int16); }) ==
          "augmentation flip is for pictures; series have shift only");
    check_augmentation({.shift = 4}, ElementType::int16);
}
