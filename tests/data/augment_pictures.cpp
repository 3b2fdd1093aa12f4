// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/augment_pictures.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>
#include <numeric>
#include <set>

using tinysparse::Random;
using namespace tinysparse::data;
using namespace tinysparse::data::detail;
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
    const Augmentation all{.shift = 2,
                           .rotate = 15,
                           .scale = 0.2,
                           .shear = 0.1,
                           .flip = true,
                           .upside_down = true,
                           .cut_out = 3,
                           .brightness = 0.2,
                           .contrast = 0.3,
                           .hue = 30,
                           .saturation = 0.5,
                           .colour_order = 0.5,
                           .noise = 0.1};
    CHECK(augmented(all, shape, in, 4) == augmented(all, shape, in, 4));
    CHECK(augmented(all, shape, in, 4) != augmented(all, shape, in, 5));
    for (const Shape& tiny : {Shape{3, 1, 1}, Shape{3, 1, 4}, Shape{3, 9, 1}}) {
        const auto pixels = random_pixels(tiny);
        CHECK(augmented(all, tiny, pixels, 4) == augmented(all, tiny, pixels, 4));
    }
}

TEST_CASE("shifts and mirrors equal the plain formula, every one occurs, also on tiny pictures") {
    for (const Shape& shape : {Shape{2, 6, 5}, Shape{1, 1, 1}, Shape{1, 1, 4}, Shape{3, 2, 1}})
        for (const bool flip : {false, true}) {
            const auto in = random_pixels(shape);
            for (int dy = -3; dy <= 3; ++dy)
                for (int dx = -6; dx <= 6; ++dx)
                    for (const bool mirror : {false, true}) {
                        std::vector<std::uint8_t> out(in.size());
                        shift_planes(shape, {.mirror = mirror, .dy = dy, .dx = dx}, in.data(), out.data());
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
                warp_planes(shape, inverse_map(shape, {.mirror = mirror, .dy = dy, .dx = dx}), in.data(), out.data());
                REQUIRE(out == shifted(shape, in, dy, dx, mirror));
            }
    warp_planes(shape, inverse_map(shape, {.angle = 1.5707963267948966}), in.data(), out.data());
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t y = 0; y < 6; ++y)
            for (std::size_t x = 0; x < 6; ++x) // out(A p) = in(p): (x, y) goes to (-y, x) about the centre
                CHECK(out[c * 36 + x * 6 + (5 - y)] == in[c * 36 + y * 6 + x]);
    warp_planes(shape, inverse_map(shape, {.angle = 3.141592653589793}), in.data(), out.data());
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t i = 0; i < 36; ++i) CHECK(out[c * 36 + i] == in[c * 36 + 35 - i]);
}

TEST_CASE("the warp is bilinear: it reproduces a plane of brightness, turned and scaled") {
    const Shape shape{1, 40, 40};
    std::vector<std::uint8_t> in(shape.size()), out(shape.size());
    for (int y = 0; y < 40; ++y)
        for (int x = 0; x < 40; ++x) in[std::size_t(y * 40 + x)] = std::uint8_t(2 * x + 3 * y + 10);
    for (const double angle : {-0.3, 0.1, 0.25})
        for (const double factor : {0.9, 1.0, 1.15}) {
            warp_planes(shape, inverse_map(shape, {.angle = angle, .factor = factor, .dy = 1, .dx = -2}), in.data(),
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

TEST_CASE("every second picture stands on its head, which moves its rows alone") {
    const Shape shape{2, 5, 3};
    const auto in = random_pixels(shape);
    std::vector<std::uint8_t> turned;
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t y = 5; y-- > 0;)
            for (std::size_t x = 0; x < 3; ++x) turned.push_back(in[(c * 5 + y) * 3 + x]);
    std::vector<std::uint8_t> warped(in.size());
    warp_planes(shape, inverse_map(shape, {.upside_down = true}), in.data(), warped.data());
    CHECK(warped == turned);
    int moved = 0;
    for (std::uint32_t sample = 0; sample < 400; ++sample) {
        const auto out = augmented({.upside_down = true}, shape, in, sample);
        CHECK((out == in || out == turned));
        moved += out == turned;
    }
    CHECK(moved > 160);
    CHECK(moved < 240);
}

TEST_CASE("a shear moves rows by their distance from the middle, after the mirrors and before the turn") {
    const Shape shape{1, 5, 9};
    const auto in = random_pixels(shape);
    std::vector<std::uint8_t> out(in.size());
    for (const int slope : {-1, 1, 2}) {
        warp_planes(shape, inverse_map(shape, {.shear = double(slope)}), in.data(), out.data());
        for (int y = 0; y < 5; ++y)
            for (int x = 0; x < 9; ++x)
                CHECK(out[std::size_t(y * 9 + x)] == in[std::size_t(y * 9 + std::clamp(x - slope * (y - 2), 0, 8))]);
    }
    // All together: the centre plus shift maps to the centre, and the forward matrices undo the map of a point.
    const Move move{.angle = 0.4, .factor = 1.3, .shear = 0.25, .mirror = true, .dy = 1, .dx = -1};
    const InverseMap map = inverse_map(shape, move);
    const auto source = [&](double x, double y) { // of a point from the middle, after the shift
        return std::pair((double(map.xx) * x + double(map.xy) * y) / 65536,
                         (double(map.yx) * x + double(map.yy) * y) / 65536);
    };
    for (const auto& [x, y] : {std::pair(1.0, 0.0), std::pair(-2.0, 3.0)}) {
        const double sheared_x = -x + 0.25 * y, sheared_y = y; // the mirror, then the shear
        const double turned_x = 1.3 * (std::cos(0.4) * sheared_x - std::sin(0.4) * sheared_y);
        const double turned_y = 1.3 * (std::sin(0.4) * sheared_x + std::cos(0.4) * sheared_y);
        const auto [back_x, back_y] = source(turned_x, turned_y);
        CHECK(back_x == doctest::Approx(x).epsilon(1e-4));
        CHECK(back_y == doctest::Approx(y).epsilon(1e-4));
    }
}

TEST_CASE("hue turns about gray: a third of a turn is the next order of the channels, no turn the same picture") {
    const Shape shape{3, 4, 5};
    const auto in = random_pixels(shape);
    const auto turned = [&](double degrees, double saturation) {
        auto out = in;
        change_colours(colour_matrix(degrees * 3.141592653589793 / 180, saturation), 20, out.data());
        return out;
    };
    CHECK(turned(0, 1) == in);
    CHECK(turned(360, 1) == in);
    std::vector<std::uint8_t> next(in.end() - 20, in.end()); // blue becomes red
    next.insert(next.end(), in.begin(), in.begin() + 40);
    CHECK(turned(120, 1) == next);
    const auto gray = turned(35, 0);
    for (std::size_t p = 0; p < 20; ++p) {
        const double mean = (in[p] + in[20 + p] + in[40 + p]) / 3.0;
        for (const std::size_t c : {0u, 20u, 40u}) CHECK(std::abs(gray[c + p] - mean) <= 0.51);
    }
    // Any turn keeps the mean and the distance from gray where nothing is clamped.
    std::vector<std::uint8_t> mild = {120, 140, 100, 135, 125, 110, 128, 150, 119};
    auto out = mild;
    change_colours(colour_matrix(0.7, 1), 3, out.data());
    CHECK(out != mild);
    for (std::size_t p = 0; p < 3; ++p) {
        const auto facts = [&](const std::vector<std::uint8_t>& pixels) {
            const double mean = (pixels[p] + pixels[3 + p] + pixels[6 + p]) / 3.0;
            double squares = 0;
            for (const std::size_t c : {0u, 3u, 6u}) squares += (pixels[c + p] - mean) * (pixels[c + p] - mean);
            return std::pair(mean, std::sqrt(squares));
        };
        CHECK(std::abs(facts(out).first - facts(mild).first) < 0.6);
        CHECK(std::abs(facts(out).second - facts(mild).second) < 1);
    }
}

TEST_CASE("all six orders of the colours occur, in the share of pictures that is asked for") {
    const Shape shape{3, 2, 2};
    const auto in = random_pixels(shape);
    std::set<std::vector<std::uint8_t>> orders;
    std::vector<std::size_t> order = {0, 1, 2};
    do {
        std::vector<std::uint8_t> ordered;
        for (const std::size_t c : order) ordered.insert(ordered.end(), in.begin() + c * 4, in.begin() + c * 4 + 4);
        orders.insert(ordered);
    } while (std::next_permutation(order.begin(), order.end()));
    std::set<std::vector<std::uint8_t>> seen;
    int same = 0;
    for (std::uint32_t sample = 0; sample < 600; ++sample) {
        const auto out = augmented({.colour_order = 0.5}, shape, in, sample);
        same += out == in;
        seen.insert(out);
    }
    CHECK(seen == orders);
    CHECK(same > 300); // a half, and a sixth of the others: 350
    CHECK(same < 400);
}

TEST_CASE("noise has the deviation that is said, no bias, and stays in the range") {
    const Shape shape{1, 100, 100};
    double sum = 0, squares = 0;
    const std::vector<std::uint8_t> even(10000, 100);
    const auto out = augmented({.noise = 0.05}, shape, even, 0);
    for (const std::uint8_t pixel : out) {
        sum += pixel - 100.0;
        squares += (pixel - 100.0) * (pixel - 100.0);
    }
    CHECK(std::abs(sum / 10000) < 0.5); // 12.75 / 100 is its deviation
    CHECK(std::sqrt(squares / 10000) == doctest::Approx(12.75).epsilon(0.03));
    const auto edge = augmented({.noise = 0.3}, shape, std::vector<std::uint8_t>(10000, 250), 0);
    CHECK(*std::max_element(edge.begin(), edge.end()) == 255);
}
