// SPDX-License-Identifier: Apache-2.0
// Lesson 15: pictures of your own, as files. A folder for each class is all that a data set needs; the name of the
// folder is the name of the class. Pictures may be PNG, JPEG, BMP or PNM of any size. The lesson writes 150 of them
// into a temporary folder, 15 of which are larger, and besides them one that is damaged and a file that is no picture.
// Then it reads them as `tinysparse train --data FOLDER` would, shows what was made of them, and trains a network.
// Needs stb_image for PNG and JPEG (Debian: libstb-dev); this is the only lesson that needs another library.
// Headers: data/load.hpp, data/images.hpp. All about pictures: docs/data.md, "Pictures".
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/data/images.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/nn/trainer.hpp"
#include <cstdio>
#include <filesystem>

using namespace tinysparse;
using Bytes = std::vector<std::uint8_t>;

namespace {
/// Draws a gray picture with a disc, a square or a cross on it.
Bytes draw(int shape, int side, Random& random) {
    Bytes pixels;
    const double middle_x = side * random.uniform(0.35, 0.65), middle_y = side * random.uniform(0.35, 0.65);
    const double radius = side * random.uniform(0.2, 0.33), paper = random.uniform(0, 80);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            const double dx = std::abs(x - middle_x), dy = std::abs(y - middle_y);
            const bool ink = shape == 0   ? std::hypot(dx, dy) < radius
                             : shape == 1 ? std::max(dx, dy) < 0.9 * radius
                                          : std::max(dx, dy) < radius && std::min(dx, dy) < 0.3 * radius;
            pixels.push_back(std::uint8_t(std::clamp(paper + (ink ? 120 : 0) + 12 * random.normal(), 0.0, 255.0)));
        }
    return pixels;
}

/// The bytes of a BMP file of 24 bits: a header of 54 bytes, then rows from the bottom up, each a multiple of 4 bytes.
std::string encode_bmp(int side, const Bytes& gray) {
    std::string bytes = "BM";
    const auto append = [&](std::uint32_t number, int count) {
        for (int i = 0; i < count; ++i) bytes += char(number >> (8 * i) & 255);
    };
    const std::uint32_t row = (3 * std::uint32_t(side) + 3) / 4 * 4, width = std::uint32_t(side);
    append(54 + row * width, 4), append(0, 4), append(54, 4);
    append(40, 4), append(width, 4), append(width, 4), append(1, 2), append(24, 2);
    for (const std::uint32_t number : {0u, row * width, 2835u, 2835u, 0u, 0u}) append(number, 4);
    for (int y = side; y-- > 0;) {
        for (int x = 0; x < side; ++x) bytes.append(3, char(gray[std::size_t(y * side + x)]));
        bytes.append(row - 3 * width, '\0');
    }
    return bytes;
}

void write_pictures() {
    const char* const names[] = {"disc", "square", "cross"};
    for (int shape = 0; shape < 3; ++shape) {
        make_folder(text("shapes/", names[shape]));
        for (int i = 0; i < 50; ++i) {
            Random random(1, names[shape], std::uint64_t(i));
            const int side = i % 10 == 9 ? 40 : 20; // some are larger
            const Bytes pixels = draw(shape, side, random);
            const std::string path = text("shapes/", names[shape], "/", i);
            if (i % 3 == 0)
                write_file(path + ".pgm",
                           text("P5 ", side, " ", side, " 255\n") + std::string(pixels.begin(), pixels.end()));
            else if (i % 3 == 1)
                write_file(path + ".png", encode_png(std::uint32_t(side), std::uint32_t(side), 1, pixels));
            else
                write_file(path + ".bmp", encode_bmp(side, pixels));
        }
    }
    write_file("shapes/disc/damaged.png", "\x89PNG\r\n\x1a\n and nothing behind it");
    write_file("shapes/disc/notes.txt", "taken on Monday");
}
} // namespace

int main() {
    const ScratchFolder folder; // removed at the end with all that is in it
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    make_folder("shapes");
    write_pictures();

    const data::Dataset set = data::load("shapes", data::image_support());
    std::printf("pictures of %d channel, %d high, %d wide\n", set.shape.channels, set.shape.height, set.shape.width);
    std::printf("parts: %zu to train on, %zu to choose by, %zu to test on; classes:", set.train.samples,
                set.validation.samples, set.test.samples);
    for (const std::string& name : set.class_names) std::printf(" %s", name.c_str());
    std::printf("\n");
    for (const std::string& warning : set.warnings) std::printf("warning: %s\n", warning.c_str());
    for (const std::string& note : set.notes) std::printf("note: %s\n", note.c_str());

    // A hundred pictures are few: every pass sees them a little changed (docs/data.md, "Few samples").
    nn::TrainerOptions options;
    options.steps = 300; // batches of 64: a pass over 108 is only one, as an incomplete batch is dropped
    options.augmentation.shift = 2;
    options.augmentation.flip = true;
    options.augmentation.brightness = 0.1;
    const net::Spec spec = net::parse("C6k3 M2 C8k3 M2 F3", {1, set.shape.height, set.shape.width});
    Team team(1);
    nn::Trainer trainer(set, spec, options, team);
    nn::Network network(spec, trainer.recording());
    network.initialise(1);
    trainer.run(network, *nn::make_optimiser(network, options));
    std::printf("%zu weights: %.1f %% of the training pictures right, %.1f %% of the test pictures\n",
                net::weights(spec), 100 * trainer.accuracy(network, set.train),
                100 * trainer.accuracy(network, set.test));

    std::filesystem::current_path(before);
}
