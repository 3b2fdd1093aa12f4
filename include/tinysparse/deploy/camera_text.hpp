// SPDX-License-Identifier: Apache-2.0
// The camera of an exported header: the pixels that push_row and push_pixels take, and the description of its stage
// with the names of mcu/camera.hpp.
#pragma once
#include <string>
#include <string_view>

#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/writer.hpp"

namespace tinysparse::deploy::detail {

/// How the values of a camera's pixels follow each other.
inline std::string_view pixel_words(Pixels pixels) {
    switch (pixels) {
    case Pixels::gray:
        return "a byte of gray each, 0..255";
    case Pixels::rgb:
        return "red, green and blue interleaved, a byte each, 0..255";
    case Pixels::rgb565:
        break;
    }
    return "16 bits each, RGB565: red in the upper 5 bits, then green in 6, blue in the lower 5";
}

/// Comments, declarations and members; only for a network whose input has a camera.
class CameraText {
  public:
    CameraText(const Exported& exported, Writer& out) : exported_(exported), camera_(*exported.camera()), out_(out) {}

    /// The pixels and how they are reduced, in the header's first comment.
    void comment() {
        const int channels = exported_.raw().channels;
        out_.line(0, "// push_row and push_pixels take pixels as the camera gives them: ", pixel_words(camera_.pixels),
                  ".");
        if (camera_.pixels == Pixels::gray)
            out_.line(0, "// ", exported_.name,
                      "::mcu::luma(red, green, blue) makes a gray pixel from colours of 8 bits.");
        if (camera_.pixels == Pixels::rgb565)
            out_.line(0, "// ", exported_.name,
                      "::mcu::rgb565(red, green, blue) makes a pixel from colours of 8 bits.");
        std::string stage;
        if (camera_.makes_luma(channels)) stage = "the luma of each pixel";
        if (camera_.area() > 1)
            stage += text(stage.empty() ? "" : ", then ", "the mean of ", camera_.block_height, "x",
                          camera_.block_width, " pixels each");
        if (!stage.empty())
            out_.line(0, "// The network reads ", stage, ": ", channels == 1 ? "" : text(channels, " channels of "),
                      camera_.out_height(), " rows of ", camera_.out_width(), ".");
    }

    void constants() {
        const net::Shape& small = exported_.raw();
        out_.line(0, "constexpr uint16_t reduced_height = ", small.height, ", reduced_width = ", small.width,
                  ", reduced_channels = ", small.channels, "; // what the network reads");
    }

    void stage() {
        const int channels = exported_.raw().channels;
        out_.line();
        out_.line(0, "// The camera's picture and how it is reduced.");
        out_.line(0, "struct Camera : mcu::CameraStage {");
        out_.line(1, "typedef ", exported_.raw_type(), " Raw;");
        out_.line(1, "typedef uint", 8 * camera_.sum_bytes(), "_t Sum;");
        out_.line(1, "typedef uint", camera_.block_width <= 256 ? 16 : 32, "_t Run;");
        if (camera_.block_width > 255) out_.line(1, "typedef uint16_t Count;");
        if (camera_.pixels != Pixels::gray)
            out_.line(1, "static constexpr mcu::PixelFormat format = mcu::", info(camera_.pixels).name, "_pixels;");
        out_.line(1, "static constexpr uint16_t width = ", camera_.width, ", out_width = ", camera_.out_width(), ";");
        if (camera_.area() > 1)
            out_.line(1, "static constexpr uint16_t block_height = ", camera_.block_height,
                      ", block_width = ", camera_.block_width, ";");
        if (channels > 1) out_.line(1, "static constexpr uint8_t channels = ", channels, ";");
        out_.line(0, "};");
    }

    /// The functions of Net that take the camera's pixels and pass rows to push_reduced_row.
    void functions() {
        const std::string pointer = text("const ", exported_.raw_type(), "* ");
        const net::Shape taken = exported_.taken();
        out_.line(1, "/// Takes the next row of the camera's picture, ", taken.width * taken.channels,
                  " values; rows after the last are ignored.");
        out_.line(1, "void push_row(", pointer, "row) { push_pixels(row, input_width); }");
        out_.line(
            1,
            "/// Takes the next pixels, row after row; a piece of them may end anywhere. Pixels after the last of the");
        out_.line(1, "/// picture are ignored.");
        out_.line(1, "void push_pixels(", pointer, "pixels, uint16_t count) {");
        out_.line(2, "while (made_[0] != reduced_height && mcu::camera_row(Camera(), pixels, count, place_, sums_of_"
                     "camera_))");
        out_.line(3, "push_reduced_row(reinterpret_cast<const uint8_t*>(sums_of_camera_));");
        out_.line(1, "}");
        out_.line(1, "/// Takes a piece of input_piece values. The last one may reach beyond the picture's end: these "
                     "values are");
        out_.line(1, "/// ignored.");
        out_.line(1, "void push_piece(", pointer, "piece) { push_pixels(piece, ",
                  taken.channels > 1 ? text("input_piece / ", taken.channels) : std::string("input_piece"), "); }");
    }

    void members() {
        out_.line(1, "Camera::Sum sums_of_camera_[", exported_.raw().width * exported_.raw().channels, "];");
        out_.line(1, "mcu::CameraPlace place_; // place of the camera's next pixel");
    }

  private:
    const Exported& exported_;
    const Camera& camera_;
    Writer& out_;
};

} // namespace tinysparse::deploy::detail
