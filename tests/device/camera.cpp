// SPDX-License-Identifier: Apache-2.0
// Exported networks with a camera: fed with the camera's pixels, in rows or in pieces that end anywhere, they give the
// logits that the host gives for the reduced picture, on this machine and on simulated chips.
#include "host.hpp"
#include "process.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/data/prepare.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::is_skipped;

namespace {

struct CameraCase {
    Camera camera;
    const char* net;
    int channels;
};
const CameraCase camera_cases[] = {
    {{Pixels::gray, 24, 32, 2, 2}, "C3k3 M2 F3", 1},     {{Pixels::rgb565, 9, 11, 1, 1}, "C3k3 M2 F3", 1},
    {{Pixels::rgb565, 50, 37, 5, 3}, "A2 C2k3 F2", 1},   {{Pixels::rgb565, 31, 44, 4, 4}, "C3k1 M3 F3", 3},
    {{Pixels::rgb, 40, 23, 4, 2}, "C2k3 M2 F2", 3},      {{Pixels::gray, 120, 160, 20, 20}, "D3L C4k1 F3", 1},
    {{Pixels::gray, 2, 1300, 2, 260}, "F2", 1},          {{Pixels::rgb565, 7, 6, 7, 6}, "F4", 3},
    {{Pixels::rgb565, 100, 100, 17, 17}, "C2k3 G F2", 1}};

/// A model with the camera, pictures of it, and the reduced ones in `split`.
struct Fixture {
    fixed::Model model;
    std::vector<std::vector<std::uint16_t>> pictures;
    data::Split split;

    Fixture(const CameraCase& own, std::size_t samples) {
        Random random(77, "camera", std::uint64_t(own.camera.width));
        const net::Shape shape{own.channels, own.camera.out_height(), own.camera.out_width()};
        fixed::Network network = plain::random_network(net::parse(own.net, shape, 4), random);
        network.input.camera = own.camera;
        model = small::model(std::move(network), random);
        const PixelsInfo& pixels = info(own.camera.pixels);
        for (std::size_t i = 0; i < samples; ++i) {
            std::vector<std::uint16_t> picture(own.camera.pixel_count() * std::size_t(pixels.values));
            for (std::uint16_t& value : picture)
                value = own.camera.pixels == Pixels::rgb565 ? std::uint16_t(random()) : std::uint8_t(random());
            const std::vector<std::uint8_t> small = data::camera_output(own.camera, own.channels, picture);
            for (std::size_t c = 0; c < std::size_t(own.channels); ++c)
                for (std::size_t at = c; at < small.size(); at += std::size_t(own.channels))
                    split.pixels.push_back(small[at]);
            pictures.push_back(std::move(picture));
            split.labels.push_back(0);
        }
        split.samples = samples;
    }
    simulator::SampleSource source() const {
        return {split, [this](std::size_t i) { return pictures[i]; }};
    }
};

/// Pushes pictures of standard input in pieces of 1, 2, 3 ... pixels and prints their logits, then in whole rows.
constexpr std::string_view pieces_program = R"(#include "network.h"
#include <cstdio>
#include <vector>
static network::Net net;
static void print() {
    for (int i = 0; i < network::classes; ++i) std::printf("%ld ", long(net.logits()[i]));
    std::printf("%d\n", net.finish());
}
int main() {
    const unsigned pixels = unsigned(network::input_height) * network::input_width;
    std::vector<network::Raw> picture(pixels * network::input_channels + 1);
    while (std::fread(picture.data(), sizeof picture[0], picture.size() - 1, stdin) == picture.size() - 1) {
        net.begin();
        if (net.finish() != 255) return 1;
        for (unsigned at = 0, piece = 1; at < pixels; at += piece++) {
            if (piece > pixels - at) piece = pixels - at;
            net.push_pixels(&picture[at * network::input_channels], uint16_t(piece));
        }
        net.push_pixels(picture.data(), network::input_width); // comes after the last: nobody looks at it
        print();
        net.predict(picture.data());
        print();
    }
    return network::self_test(net) ? 0 : 2;
}
)";

} // namespace

TEST_CASE("on this machine, in pieces of every length and in rows") {
    for (const CameraCase& own : camera_cases) {
        CAPTURE(own.camera.width);
        CAPTURE(std::string(info(own.camera.pixels).name));
        const Fixture fixture(own, 3);
        const ScratchFolder folder;
        deploy::write_export(fixture.model, cost::target("none"), folder.path(), {.name = "network"});
        write_file(folder.path() + "/own.cpp", std::string(pieces_program));
        for (const char* standard : {"-std=c++11", "-std=c++20"})
            CHECK(simulator::run({"g++", standard, "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow",
                                  "-I" + folder.path(), folder.path() + "/own.cpp", "-o", folder.path() + "/own"},
                                 folder.path() + "/log") == 0);
        CHECK(read_file(folder.path() + "/log") == "");
        std::string bytes, expected;
        Host host(fixture.model.network);
        std::vector<std::uint8_t> rows;
        const std::vector<std::uint8_t> classes = host_classes(fixture.model.network, fixture.split);
        const std::size_t size = fixture.model.network.spec.input.size();
        for (std::size_t i = 0; i < fixture.pictures.size(); ++i) {
            const bool wide = own.camera.pixels == Pixels::rgb565;
            for (const std::uint16_t value : fixture.pictures[i]) {
                bytes += char(value & 255);
                if (wide) bytes += char(value >> 8);
            }
            fixed::device_order(std::span(fixture.split.pixels).subspan(i * size, size),
                                fixture.model.network.spec.input, rows);
            std::string line;
            for (const std::int32_t logit : host.logits(rows)) line += text(logit, " ");
            line += text(int(classes[i]), "\n");
            expected += line + line;
        }
        write_file(folder.path() + "/pictures", bytes);
        CHECK(simulator::run({"/bin/sh", "-c", folder.path() + "/own < " + folder.path() + "/pictures"},
                             folder.path() + "/out") == 0);
        CHECK(read_file(folder.path() + "/out") == expected);
    }
}

TEST_CASE("on simulated chips, in the pieces of the exported program; costs are about what is predicted") {
    for (const char* board : {"uno", "attiny85", "cortex-m0"}) {
        const cost::Target& target = cost::target(board);
        if (is_skipped(target)) continue;
        for (const CameraCase& own : camera_cases) {
            CAPTURE(std::string(board));
            CAPTURE(own.camera.width);
            CAPTURE(std::string(info(own.camera.pixels).name));
            const Fixture fixture(own, 2);
            const fixed::Lowered lowered(fixture.model.network);
            if (lowered.layout().plan().bytes() + 300 > target.ram) continue;
            const auto result = simulator::simulate(fixture.model, fixture.source(), 2, target);
            CHECK(result.identical == 2);
            if (!cost::predicted(target)) continue;
            // The camera's part alone, since that of the network is tested elsewhere.
            fixed::Model plain = fixture.model;
            plain.network.input.camera.reset();
            const auto without = simulator::simulate(plain, fixture.split, 2, target);
            const cost::CameraCosts costs = cost::camera_costs(lowered.layout(), target.multiplies);
            const fixed::Lowered lowered_plain(plain.network);
            const std::size_t sums = lowered.layout().plan().bytes() - lowered_plain.layout().plan().bytes();
            CHECK(costs.cycles == doctest::Approx(*result.cycles - *without.cycles).epsilon(0.2));
            CHECK(std::abs(costs.flash - double(result.flash) + double(without.flash)) < 300);
            CHECK(std::abs(double(sums + costs.ram) - double(result.ram) + double(without.ram)) < 40);
        }
    }
}

TEST_CASE("reduced pictures are enough for a camera of bytes, not for one of 16 bits") {
    const Fixture gray(camera_cases[0], 2), colours(camera_cases[1], 1);
    const auto bytes = simulator::sample_bytes(gray.model.network, gray.split, 1);
    CHECK(bytes.size() == 24 * 32);
    const std::vector<std::uint16_t> values(bytes.begin(), bytes.end());
    const std::vector<std::uint8_t> small = data::camera_output(camera_cases[0].camera, 1, values);
    CHECK(std::equal(small.begin(), small.end(), gray.split.pixels.end() - std::ptrdiff_t(small.size())));
    CHECK_THROWS_WITH_AS(simulator::sample_bytes(colours.model.network, colours.split, 0),
                         "pictures of a camera of RGB565 pixels cannot be made of reduced ones", Error);
}
