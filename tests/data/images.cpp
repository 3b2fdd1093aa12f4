// SPDX-License-Identifier: Apache-2.0
// The JPEG files of fixtures/ were written by Pillow, flat blocks of 8x8 pixels: blocks.jpg (gray, 0 50 100 above
// 150 200 250), progressive.jpg and cmyk.jpg (two colours side by side).
#include "../fuzz/mutate.hpp"
#include "helpers.hpp"

#if TINYSPARSE_TEST_IMAGES
#include "tinysparse/base/png.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;

namespace {
using Bytes = std::vector<std::uint8_t>;

/// 24 bits, bottom row first, rows filled to 4 bytes.
std::string bmp_2x1(std::string_view blue_green_red) {
    return "BM" + little_endian(54 + 8, 4) + little_endian(0, 4) + little_endian(54, 4) + little_endian(40, 4) +
           little_endian(2, 4) + little_endian(1, 4) + little_endian(1, 2) + little_endian(24, 2) +
           little_endian(0, 4) + little_endian(8, 4) + little_endian(2835, 4) + little_endian(2835, 4) +
           little_endian(0, 8) + std::string(blue_green_red) + std::string(2, '\0');
}
/// An 8x8 gray JPEG by hand: all quantisers 8, one DC code '0' (6 bits follow), one AC code '0' (end of block), and
/// the data 0 110010 0: DC 50, so that every pixel is 128 + 50 * 8 / 8 = 178.
std::string jpeg_8x8_178() {
    const std::string tables = std::string(1, '\0') + std::string(64, '\x08');
    const std::string one_code = std::string(1, '\1') + std::string(15, '\0');
    return "\xff\xd8" + ("\xff\xdb" + std::string("\0\x43", 2)) + tables +
           std::string("\xff\xc0\0\x0b\x08\0\x08\0\x08\x01\x01\x11\0", 13) + std::string("\xff\xc4\0\x14\0", 5) +
           one_code + "\x06" + std::string("\xff\xc4\0\x14\x10", 5) + one_code + std::string("\0", 1) +
           std::string("\xff\xda\0\x08\x01\x01\0\0\x3f\0", 10) + "\x64" + "\xff\xd9";
}
std::string fixture(const std::string& name) { return read_file(TINYSPARSE_TEST_FIXTURES "/" + name); }

Picture decoded(std::string_view bytes, int bits = 16) {
    Picture picture, seen;
    std::string reason;
    REQUIRE_MESSAGE(support().decode(bytes, bits, picture, reason), reason);
    CHECK(support().inspect(bytes, seen, reason));
    CHECK(seen.channels == picture.channels);
    CHECK(seen.height == picture.height);
    CHECK(seen.width == picture.width);
    return picture;
}
std::string refusal(std::string_view bytes) {
    Picture picture;
    std::string reason;
    CHECK_FALSE(support().decode(bytes, 16, picture, reason));
    return reason;
}
/// The values in the middle of the blocks of 8x8.
Bytes blocks(const Picture& picture) {
    Bytes out;
    for (int y = 4; y < picture.height; y += 8)
        for (int x = 4; x < picture.width; x += 8)
            for (int c = 0; c < picture.channels; ++c)
                out.push_back(picture.pixels[std::size_t((y * picture.width + x) * picture.channels + c)]);
    return out;
}
/// The JPEG with EXIF data of one entry, the orientation, behind its first segment.
std::string with_orientation(std::string jpeg, char orientation) {
    const std::size_t at = 4 + 256u * std::uint8_t(jpeg[4]) + std::uint8_t(jpeg[5]);
    return jpeg.insert(at, std::string("\xff\xe1\0\x22"
                                       "Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0",
                                       29) +
                               orientation + std::string("\0\0\0\0\0\0", 6));
}
/// The JPEG with another byte in its frame: `offset` from the frame's marker.
std::string with_frame_byte(std::string jpeg, std::size_t offset, char byte) {
    jpeg[jpeg.find("\xff\xc0") + offset] = byte;
    return jpeg;
}
bool is_near(const Bytes& a, const Bytes& b, int most) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](int x, int y) { return std::abs(x - y) <= most; });
}
} // namespace

TEST_CASE("pictures of every format, gray, RGB and alpha over white") {
    CHECK(decoded("P5\n2 1\n255\n\x10\x20").pixels == Bytes{16, 32});
    CHECK(decoded("P6\n1 1\n255\n\x10\x20\x30").pixels == Bytes{16, 32, 48});
    CHECK(decoded(bmp_2x1("\x01\x02\x03\x04\x05\x06")).pixels == Bytes{3, 2, 1, 6, 5, 4});
    const Picture jpeg = decoded(jpeg_8x8_178());
    CHECK(jpeg.channels == 1);
    CHECK(jpeg.pixels == Bytes(64, 178));
    // Made with Python's zlib: RGBA 2x2 and gray with alpha 2x1.
    const Picture rgba = decoded(from_hex(
        "89504e470d0a1a0a0000000d494844520000000200000002080600000072b60d24000000144944415478da63f8cfc000420d608a4b44"
        "ee3f00378005b88434fb250000000049454e44ae426082"));
    CHECK(rgba.channels == 3);
    CHECK(rgba.pixels == Bytes{255, 0, 0, 127, 127, 255, 255, 255, 255, 10, 20, 30});
    const Picture gray_alpha =
        decoded(from_hex("89504e470d0a1a0a0000000d49484452000000020000000108040000005e2bb7010000000d"
                         "4944415478da6348f99fc20000055a01c81df6f65a0000000049454e44ae426082"));
    CHECK(gray_alpha.channels == 1);
    CHECK(gray_alpha.pixels == Bytes{100, 255});
}

TEST_CASE("JPEG of every kind that is read, as Pillow reads it") {
    CHECK(blocks(decoded(fixture("blocks.jpg"))) == Bytes{0, 50, 100, 150, 200, 250});
    CHECK(is_near(blocks(decoded(fixture("progressive.jpg"))), {201, 40, 90, 10, 249, 119}, 2));
    CHECK(is_near(blocks(decoded(fixture("cmyk.jpg"))), {49, 190, 146, 245, 5, 135}, 2));
}

TEST_CASE("a JPEG is turned by its EXIF orientation") {
    const Bytes expected[8] = {{0, 50, 100, 150, 200, 250}, {100, 50, 0, 250, 200, 150}, {250, 200, 150, 100, 50, 0},
                               {150, 200, 250, 0, 50, 100}, {0, 150, 50, 200, 100, 250}, {150, 0, 200, 50, 250, 100},
                               {250, 100, 200, 50, 150, 0}, {100, 250, 50, 200, 0, 150}}; // of Pillow's exif_transpose
    for (int orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(orientation);
        const Picture picture = decoded(with_orientation(fixture("blocks.jpg"), char(orientation)));
        CHECK(blocks(picture) == expected[orientation - 1]);
        CHECK(picture.height == (orientation < 5 ? 16 : 24));
        CHECK(picture.orientation == orientation);
    }
    CHECK(blocks(decoded(with_orientation(fixture("blocks.jpg"), '\x09'))) == expected[0]);
}

TEST_CASE("a PNG is turned by its chunk eXIf") {
    const Bytes pixels{1, 2, 3, 4, 5, 6};
    std::string png = encode_png(3, 2, 1, pixels);
    const std::string chunk = std::string("eXIfII*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x06\0\0\0\0\0\0\0", 30);
    png.insert(33, big_endian_32(26) + chunk + big_endian_32(crc32(chunk)));
    CHECK(decoded(png).pixels == Bytes{4, 1, 5, 2, 6, 3});
    CHECK(decoded(png).width == 2);
}

TEST_CASE("PNG of 16 bits: the upper byte, or the bits that hold the value") {
    // Made with Python's zlib: gray 0 1000 2048 4095, and one RGB pixel 65535 0x1234 0x80ff.
    const std::string twelve = from_hex("89504e470d0a1a0a0000000d49484452000000040000000110000000008cc78c52000000114944"
                                        "415478da636060607ec1c1c0ff1f0005e00202a6b943730000000049454e44ae426082");
    CHECK(decoded(twelve).pixels == Bytes{0, 3, 8, 15});
    CHECK(decoded(twelve).peak == 4095);
    CHECK(decoded(twelve, 12).pixels == Bytes{0, 62, 128, 255});
    CHECK(decoded(twelve, 10).pixels == Bytes{0, 250, 255, 255});
    const Picture rgb =
        decoded(from_hex("89504e470d0a1a0a0000000d4948445200000001000000011002000000c0e78f9d0000000f49444154"
                         "78da63f8ff5fc8a4e13f000ddf03c49c9012350000000049454e44ae426082"));
    CHECK(rgb.pixels == Bytes{255, 18, 128});
    CHECK(rgb.peak == 65535);
    CHECK(decoded(encode_png(1, 1, 1, Bytes{7}), 12).pixels == Bytes{7}); // of 8 bits: they are what they are
    CHECK(decoded(encode_png(1, 1, 1, Bytes{7})).peak == 0);
}

TEST_CASE("PNG of an iPhone app: blue and red in their places, alpha over white") {
    // Made with Python's zlib: (200, 100, 50), then the same with alpha 128, both premultiplied, as BGRA.
    const std::string apple =
        from_hex("89504e470d0a1a0a0000000443674249500020022bd5b37f0000000d4948445200000002000000010806000000f4227f8a"
                 "0000000b4944415463304a39f15fd228a50100731803e10000000049454e44ae426082");
    CHECK(is_near(decoded(apple).pixels, {200, 100, 50, 227, 177, 152}, 1));
    // Without alpha, as BGR; and one of 16 bits, which no iPhone app holds.
    CHECK(decoded(from_hex("89504e470d0a1a0a0000000443674249500020062cb877660000000d49484452000000020000000108020000007"
                           "b40e8dd000000094944415463304a39c1ccc40800348c075c0000000049454e44ae426082"))
              .pixels == Bytes{200, 100, 50, 1, 2, 3});
    CHECK(refusal(from_hex("89504e470d0a1a0a0000000443674249500020062cb877660000000d49484452000000010000000110060000004"
                           "f8518ca0000000b49444154636060646266616563070013c4ee170000000049454e44ae426082")) ==
          "it is an iPhone PNG of 16 bits, which is not read; save it as a plain PNG");
    // The next picture is read as ever.
    CHECK(decoded(encode_png(1, 1, 3, Bytes{1, 2, 3})).pixels == Bytes{1, 2, 3});
}

TEST_CASE("pixels beyond a palette are black, every time") {
    // Made with Python's zlib: 2 bits, pixels 0 1 2 3, a palette of two colours.
    const std::string png = from_hex("89504e470d0a1a0a0000000d49484452000000040000000102030000008452e75e00000006504c54"
                                     "450a141e28323cd51bb4e90000000a4944415478da63900600001d001c237c8fac0000000049454e"
                                     "44ae426082");
    CHECK(decoded(png).pixels == Bytes{10, 20, 30, 40, 50, 60, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("JPEG that is not read is named") {
    const std::string jpeg = fixture("blocks.jpg");
    const std::string end = ", which is not read; save it as a baseline or progressive JPEG, or as PNG";
    for (const char marker : {'\xc9', '\xca'})
        CHECK(refusal(with_frame_byte(jpeg, 1, marker)) == "it is an arithmetic-coded JPEG" + end);
    CHECK(refusal(with_frame_byte(jpeg, 1, '\xc3')) == "it is a lossless JPEG" + end);
    CHECK(refusal(with_frame_byte(jpeg, 1, '\xc5')) == "it is a hierarchical JPEG" + end);
    CHECK(refusal(with_frame_byte(jpeg, 4, '\x0c')) == "it is a JPEG of 12 bits a sample" + end);
    CHECK(refusal(with_frame_byte(jpeg, 6, '\0')) == "it is a JPEG that says its height at its end" + end);
    CHECK(refusal(with_frame_byte(jpeg, 9, '\x02')) == "it is a JPEG of 2 channels" + end);
    std::string cmyk = fixture("cmyk.jpg");
    cmyk[cmyk.find("Adobe")] = 'a';
    CHECK(refusal(cmyk) == "it is a JPEG of four channels whose colours it does not state" + end);
}

TEST_CASE("files of other kinds are named by their first bytes, whatever their names") {
    CHECK(refusal("GIF89a") == "it is a GIF picture, which is not read; convert it to PNG or JPEG");
    CHECK(refusal("RIFF1234WEBPVP8L") == "it is a WebP picture, which is not read; convert it to PNG or JPEG");
    CHECK(refusal("text").find("no picture of a known kind; ") == 0);
    CHECK(refusal("") == "the file is empty");
    CHECK(refusal("\x89PNG\r\n\x1a\n") == "the file is cut short: byte 8 is inside a chunk");
}

TEST_CASE("what announces more pixels than its bytes can hold is refused before it is decoded") {
    std::string jpeg = with_frame_byte(fixture("blocks.jpg"), 5, '\x10');
    CHECK(refusal(with_frame_byte(jpeg, 7, '\x10')) == "it announces more pixels than its bytes can hold");
    jpeg = with_frame_byte(fixture("blocks.jpg"), 5, '\x7f');
    CHECK(refusal(with_frame_byte(jpeg, 7, '\x7f')).find(" pixels, more than 64 million") != std::string::npos);
    CHECK(refusal("P1 60000 60000\n") != "");
}

namespace {
/// A PNG whose chunks have the checksums of what they hold now, as far as their lengths lead.
std::string with_right_checksums(std::string png) {
    for (std::size_t at = 8; at + 12 <= png.size();) {
        const std::size_t length = data::detail::picture_number(png, at, 4, true);
        if (length > png.size() - at - 12) break;
        png.replace(at + 8 + length, 4, big_endian_32(crc32(std::string_view(png).substr(at + 4, length + 4))));
        at += 12 + length;
    }
    return png;
}
} // namespace

TEST_CASE("bytes of FF before a JPEG keep it from the decoder, which would look past them") {
    // Tables of 499 Huffman codes, which stb 2.27 writes past the end of its own.
    const std::string crash =
        from_hex("ffffffffffffffffffffffffffffffffffd8ffdb00430008080808080808080808080102300a000148080808710808080808"
                 "08080808080808080808080808080808080808080808080808080808080000000000000006ffc40014100100000000000006"
                 "ffc40014100100000000000000000000000021000000ffda0008010100003f0064ffd9");
    const std::string reason = "it begins neither as a PNG nor as a JPEG";
    Picture picture;
    std::string found;
    CHECK_FALSE(data::detail::inspect_by_stb(crash, picture, found));
    CHECK(found == reason);
    CHECK_FALSE(data::detail::decode_by_stb(crash, 16, picture, found));
    CHECK(found == reason);
    CHECK(refusal(crash).find("no picture of a known kind; ") == 0);
    CHECK(refusal(crash.substr(16)).find("the Huffman tables are damaged") != std::string::npos);
    for (std::size_t fill = 1; fill < 4; ++fill)
        CHECK_FALSE(data::detail::decode_by_stb(std::string(fill, '\xff') + fixture("blocks.jpg"), 16, picture, found));
}

TEST_CASE("a file that breaks an assertion of the decoder ends no program") {
    // 255 Huffman codes of eight bits and one of nine, which the data begin with; stb takes the one before it.
    std::string counts(16, '\0');
    counts[7] = char(255);
    counts[8] = 1;
    const std::string jpeg = jpeg_8x8_178(), before = "\xff\xc4" + std::string("\0\x14\0", 3);
    const std::size_t table = jpeg.find(before), data = jpeg.size() - 3;
    REQUIRE(table != std::string::npos);
    const std::string own = "\xff\xc4" + std::string("\1\x13\0", 3) + counts + std::string(256, '\6');
    const std::string file = jpeg.substr(0, table) + own + jpeg.substr(table + before.size() + 17, data - table - 22) +
                             std::string("\xff\0\0\0", 4) + "\xff\xd9";
    Picture picture;
    std::string reason;
    CHECK(picture_damage(file) == "");
    data::detail::decode_by_stb(file, 16, picture, reason);
}

TEST_CASE("fuzz: JPEG and PNG, past the checks and into the decoder") {
    const auto decode = [](std::string_view bytes) {
        Picture picture;
        std::string reason;
        if (!data::detail::decode_by_stb(bytes, 16, picture, reason)) throw Error(reason);
        CHECK(picture.pixels.size() == std::size_t(picture.width) * std::size_t(picture.height * picture.channels));
    };
    fuzzing::fuzz({jpeg_8x8_178(), fixture("blocks.jpg"), fixture("progressive.jpg"), fixture("cmyk.jpg")}, 20000,
                  decode);
    const Bytes pixels{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    fuzzing::fuzz(
        {encode_png(2, 2, 3, pixels), encode_png(4, 3, 1, pixels),
         from_hex("89504e470d0a1a0a0000000d49484452000000040000000102030000008452e75e00000006504c54450a141e28323c"
                  "d51bb4e90000000a4944415478da63900600001d001c237c8fac0000000049454e44ae426082")},
        20000, [&](std::string_view bytes) { decode(with_right_checksums(std::string(bytes))); });
}
#endif
