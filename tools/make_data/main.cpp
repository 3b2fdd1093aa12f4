// SPDX-License-Identifier: Apache-2.0
// Makes the small sets of data/ (described in data/README.md): IDX files, a CSV recording and folders of PNG pictures,
// the same bytes every time. Usage: make_data FOLDER
#include <cstdio>

#include "../standard_descriptors.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/data/strokes.hpp"

namespace {
using namespace tinysparse;

/// An IDX file of bytes: magic number 0, 0, 8 (unsigned bytes), dimensions; each length; the elements.
std::string idx(std::initializer_list<std::size_t> lengths, std::span<const std::uint8_t> elements) {
    std::string out{0, 0, 8, char(lengths.size())};
    for (const std::size_t length : lengths) detail::append_big_endian(out, std::uint32_t(length));
    out.append(reinterpret_cast<const char*>(elements.data()), elements.size());
    return out;
}

/// The ten glyphs of synthetic:strokes, halved to 14x14: 500 to train, the next 200 to test.
void make_strokes(const std::string& folder) {
    constexpr std::size_t train = 500, test = 200, side = 14, size = side * side;
    const data::AreaAverage half(28, 28, side, side);
    std::vector<std::uint8_t> pixels((train + test) * size), labels, large(28 * 28);
    for (std::size_t i = 0; i < train + test; ++i) {
        data::draw_stroke_sample(0, i, large);
        half(large.data(), pixels.data() + i * size);
        labels.push_back(std::uint8_t(i % 10));
    }
    const auto write = [&](const std::string& name, std::size_t first, std::size_t count) {
        write_file(folder + "/" + name + "-images-idx3-ubyte",
                   idx({count, side, side}, std::span(pixels).subspan(first * size, count * size)));
        write_file(folder + "/" + name + "-labels-idx1-ubyte", idx({count}, std::span(labels).subspan(first, count)));
    };
    make_folder(folder);
    write("train", 0, train);
    write("t10k", train, test);
    std::string names;
    for (const char glyph : data::stroke_glyphs) names += text(glyph, "\n");
    write_file(folder + "/names.txt", names);
}

/// Acceleration in thousandths of g, as from a board on a wrist: 64 recordings of 64 moments.
void make_gestures(const std::string& path) {
    constexpr const char* gestures[] = {"still", "shake", "circle", "tilt"};
    std::string lines = "activity,ax,ay,az\n";
    for (std::uint64_t recording = 0; recording < 64; ++recording) {
        Random random(0, "gestures", recording);
        const std::size_t gesture = recording % 4;
        const double speed = random.uniform(0.3, 0.6), phase = random.uniform(0, 6.283185307179586);
        const double size = random.uniform(250, 600), lean = random.uniform(-300, 300);
        for (int moment = 0; moment < 64; ++moment) {
            const double angle = phase + speed * moment;
            double x = lean, y = random.uniform(-40, 40), z = 1000;
            if (gesture == 1) x += size * std::cos(3 * angle);
            if (gesture == 2) x += size * std::cos(angle), y += size * std::sin(angle);
            if (gesture == 3) x += size * std::sin(angle / 4), z -= size * (1 - std::cos(angle / 4)) / 2;
            const auto sensed = [&](double value) { return std::lround(value + 30 * random.normal()); };
            const long ax = sensed(x), ay = sensed(y), az = sensed(z);
            lines += text(gestures[gesture], ",", ax, ",", ay, ",", az, "\n");
        }
    }
    write_file(path, lines);
}

/// True inside a shape of radius 1 around the origin: 0 a disk, 1 a square, 2 a triangle with a corner at the top.
bool inside(std::size_t shape, double x, double y) {
    if (shape == 0) return x * x + y * y < 1;
    if (shape == 1) return std::max(std::abs(x), std::abs(y)) < 0.8;
    return y < 0.5 && 1.7320508 * std::abs(x) < y + 1;
}

/// Colour pictures of 20 to 28 pixels per side: one shape, turned and shifted, lighter or darker than its ground.
void make_shapes(const std::string& folder) {
    constexpr const char* shapes[] = {"disk", "square", "triangle"};
    for (std::uint64_t i = 0; i < 48; ++i) {
        Random random(0, "shapes", i);
        const std::size_t shape = i % 3;
        const std::uint32_t side = 20 + random.below(9);
        const double half = side / 2.0, radius = half * random.uniform(0.5, 0.8), turn = random.uniform(-0.4, 0.4);
        const double at_x = half + random.uniform(-2, 2), at_y = half + random.uniform(-2, 2);
        double colours[2][3];
        const bool light = random.chance(0.5);
        for (auto& colour : colours[0]) colour = light ? random.uniform(0, 100) : random.uniform(155, 255);
        for (auto& colour : colours[1]) colour = light ? random.uniform(155, 255) : random.uniform(0, 100);
        std::vector<std::uint8_t> pixels;
        for (std::uint32_t y = 0; y < side; ++y)
            for (std::uint32_t x = 0; x < side; ++x) {
                int covered = 0; // of 4x4 points in the pixel
                for (int k = 0; k < 16; ++k) {
                    const double u = (x + (k % 4 + 0.5) / 4 - at_x) / radius,
                                 v = (y + (k / 4 + 0.5) / 4 - at_y) / radius;
                    covered +=
                        inside(shape, u * std::cos(turn) + v * std::sin(turn), v * std::cos(turn) - u * std::sin(turn));
                }
                for (int c = 0; c < 3; ++c) {
                    const double value = colours[0][c] + (colours[1][c] - colours[0][c]) * covered / 16;
                    pixels.push_back(std::uint8_t(std::clamp(std::lround(value + 6 * random.normal()), 0l, 255l)));
                }
            }
        const std::string own = folder + "/" + shapes[shape];
        make_folder(own);
        write_file(text(own, "/", i / 3, ".png"), encode_png(side, side, 3, pixels));
    }
}

} // namespace

int main(int count, char** words) {
    open_standard_descriptors();
    if (count != 2) {
        std::fputs("usage: make_data FOLDER\n", stderr);
        return 2;
    }
    try {
        const std::string folder = words[1];
        make_strokes(folder + "/strokes");
        make_shapes(folder + "/shapes");
        make_gestures(folder + "/gestures.csv");
    } catch (const Error& error) {
        std::fprintf(stderr, "make_data: %s\n", error.what());
        return 1;
    }
}
