// SPDX-License-Identifier: Apache-2.0
// Mutated input for every reader of outside bytes.
#include "../data/helpers.hpp"
#include "mutate.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/png.hpp"
#include "tinysparse/data/bmp.hpp"
#include "tinysparse/data/cifar.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/exif.hpp"
#include "tinysparse/data/folder.hpp"
#include "tinysparse/data/gzip.hpp"
#include "tinysparse/data/idx.hpp"
#include "tinysparse/data/inflate.hpp"
#include "tinysparse/data/npy.hpp"
#include "tinysparse/data/pnm.hpp"
#include "tinysparse/data/read_tables.hpp"
#include "tinysparse/data/spec.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::data;
using namespace testing;
using fuzzing::fuzz;

namespace {
/// As samples of a data set with labels that fit, under every layout.
void use_as_samples(const Array& array) {
    for (const std::optional<Layout> layout : {std::optional<Layout>(), {Layout::nct}, {Layout::ntc}}) {
        if (layout && array.dimensions.size() > 3) continue;
        const std::size_t count = array.dimensions[0] < 1000 ? array.dimensions[0] : 0;
        Array labels{"labels", {count}, std::vector<std::uint8_t>(count)};
        Dataset set = dataset_from_arrays({{Part::train, array, labels}}, layout);
        if (set.is_series()) normalisation_of(set.train, set.shape);
    }
}
} // namespace

TEST_CASE("fuzz: JSON, and what is accepted reads back the same") {
    const std::vector<std::string> inputs{R"({"id":3,"loss":0.25e-3,"name":"a \"b\" é 😀","sizes":[1,-2,[]],"no":null})",
                                          "[true,false,1e300,{\"a\":{\"b\":{}}}]", "\"x\""};
    fuzz(inputs, 60000, [](std::string_view bytes) {
        const json::Value value = json::parse(bytes, "fuzz");
        CHECK(json::parse(json::write(value), "again") == value);
    });
}

TEST_CASE("fuzz: IDX, to a data set") {
    fuzz({idx(8, {3, 2, 2}, counting(12)), idx(11, {2, 2, 3}, counting(24)), idx(8, {2, 2, 2, 3}, counting(24))}, 60000,
         [](std::string_view bytes) { use_as_samples(parse_idx(bytes, "fuzz")); });
}

TEST_CASE("fuzz: npy, to a data set") {
    fuzz({npy("<f4", "(3, 2, 2)", counting(48)), npy(">i2", "(2, 2, 3)", counting(24)),
          npy("|u1", "(4, 5)", counting(20)), npy("<f8", "(2, 4)", counting(64))},
         60000, [](std::string_view bytes) {
             Array array = parse_npy(bytes, "fuzz");
             if (looks_like_npy(bytes)) use_as_samples(array);
         });
}

TEST_CASE("fuzz: CSV, to a data set") {
    const std::vector<std::string> named{"a,label,b\n1,cat,2\n3,\"dog\",4.5\n-1,cat,1e3\n",
                                         "x\ty\n1\t\"a\"\"b\"\n2\tc\n"};
    const std::vector<std::string> last{"1;2;3\r\n4;5;3\r\n7;;9\r\n4,5;5;9\r\n1;1;9\r\n",
                                        "t,a,label\n1,2,u\n2,3,u\n\n3,+4,v\n4,5e2,v\n"};
    const std::vector<std::string> first{"sep=;\nu;1;2\nu;NA;3\nv;4,5;1\n", "1,2,3\r4,5,6\r"};
    const std::pair<const char*, const std::vector<std::string>&> sets[] = {
        {"", named},
        {",label=last", last},
        {",label=first,missing=hold,window=1", first},
        {",label=last,window=2,missing=skip", last}};
    for (const auto& set : sets)
        fuzz(set.second, 15000, [&](std::string_view bytes) {
            const Request request = parse_spec(text("fuzz.csv", set.first));
            TableReader reader(request);
            reader.read(bytes, "fuzz.csv", "fuzz.csv", std::nullopt, std::nullopt);
            const TableSet tables = reader.finish();
            const auto classes = tinysparse::data::detail::choose_table_classes(tables, request);
            const Pieces pieces = cut_pieces(tables, classes, request, grouping_of(tables, request));
            dataset_from_arrays(arrays_from_pieces(tables, pieces, request.window.value_or(1)), Layout::ntc,
                                Shape{int(tables.channels.size()), int(request.window.value_or(1)), 1});
        });
}

TEST_CASE("fuzz: CIFAR-10") {
    fuzz({std::string(1, '\3') + counting(3072) + "\7" + counting(3072)}, 3000, [](std::string_view bytes) {
        Split part;
        append_cifar(bytes, "fuzz", part);
        CHECK(part.pixels.size() == part.samples * 3072);
    });
}

TEST_CASE("fuzz: data texts, class lists, names of files, class names") {
    fuzz({"a/b,binary=0-4+7,size=14x10,gray,val=0.25,limit=100", "synthetic:strokes,samples=500,seed=3",
          "x,images=i,labels=l,split=s,layout=ntc,shape=3x8x9,window=64,stride=32"},
         60000, [](std::string_view bytes) { parse_spec(bytes); });
    fuzz({"0-2+cat", "dog-red-fox", "3"}, 30000, [](std::string_view bytes) {
        classes_in_list(bytes, {"cat", "dog", "red-fox", "owl"});
    });
    for (int round = 0; round < 20000; ++round) {
        Random random(2, "names", std::uint64_t(round));
        std::string name = "har-train-signals-idx3-short.gz";
        for (int i = 0; i < 6; ++i) fuzzing::mutate_once(name, random);
        understand_name(name);
    }
}

TEST_CASE("fuzz: gzip of one member and of two") {
    const std::string named =
        from_hex("1f8b08080000000002ff666f782e747874002bc94855282ccd4cce56482aca2fcf5348cbaf502819151b1"
                 "51b15038b01004cab193920030000");
    fuzz({gzip_stored(counting(100)), named, named + gzip_stored(counting(9)) + std::string(8, '\0')}, 60000,
         [](std::string_view bytes) { gunzip(bytes, "fuzz"); });
}

TEST_CASE("fuzz: deflate without the guard of the checksum") {
    const std::string repeats =
        from_hex("2bc94855282ccd4cce56482aca2fcf5348cbaf502819151b151b15038b01004cab193920030000");
    // Codes of its own: lines of a table, by Python's zlib.
    const std::string codes =
        from_hex("5d923b0ac3400c05fb9c620f90c22bedf7380e3810304993fb13c23e15e376909f356f75bede47da"
                 "d2e799f6f4dd1fe7714fdbedfcc30c981734c0b2a003ce050b3f6f8b5650ab8b3650d76ce7bf943b"
                 "409b5698a043db668ab928cd4c11f9e2d68569d74d987e41e9e7b107055b4cd370aa8d4c458fb5e9");
    fuzz({repeats, codes, gzip_stored(counting(50)).substr(10)}, 60000, [](std::string_view bytes) {
        std::string out;
        const std::size_t used = inflate(bytes, 1 << 16, out);
        CHECK(used <= bytes.size());
        CHECK(out.size() <= (1 << 16) + 258);
    });
}

TEST_CASE("fuzz: PNM of all kinds") {
    const std::vector<std::string> inputs{
        "P1\n3 2 # bits\n1 0 1\n011",
        "P2 3 1 9\n0 4 # four\n9",
        "P3 1 2 255 1 2 3 4 5 6",
        "P4\n10 2\n\xa1\x40\x01\x80",
        "P5 # gray\n3 2 255\n123456",
        "P6\n2 1\n65535\n123456789012",
        "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n12345678"};
    fuzz(inputs, 60000, [](std::string_view bytes) {
        Picture picture;
        std::string reason;
        if (bytes.size() < 2 || bytes[0] != 'P' || bytes[1] < '1' || bytes[1] > '7') return;
        if (!decode_pnm(bytes, 12, picture, reason)) throw Error(reason);
        CHECK(picture.pixels.size() == std::size_t(picture.width) * std::size_t(picture.height * picture.channels));
    });
}

TEST_CASE("fuzz: BMP of all kinds") {
    const auto bmp = [](int bits, int packing, const std::string& colours, const std::string& rows) {
        return "BM" + little_endian(0, 8) + little_endian(54 + colours.size(), 4) + little_endian(40, 4) +
               little_endian(3, 4) + little_endian(2, 4) + little_endian(1, 2) + little_endian(std::uint64_t(bits), 2) +
               little_endian(std::uint64_t(packing), 4) + little_endian(rows.size(), 4) + std::string(16, '\0') +
               colours + rows;
    };
    const std::vector<std::string> inputs{
        bmp(1, 0, counting(8), counting(8)),
        bmp(4, 0, counting(64), counting(8)),
        bmp(8, 0, counting(1024), counting(8)),
        bmp(8, 1, counting(1024), std::string("\3\7\0\0\0\3\1\2\3\0\0\2\1\1\0\1", 16)),
        bmp(4, 2, counting(64), std::string("\5\x12\0\0\0\3\x34\x50\0\1", 10)),
        bmp(16, 0, "", counting(16)),
        bmp(16, 3, little_endian(0xf800, 4) + little_endian(0x7e0, 4) + little_endian(31, 4), counting(16)),
        bmp(24, 0, "", counting(24)),
        bmp(32, 6, counting(16), counting(24))};
    fuzz(inputs, 60000, [](std::string_view bytes) {
        Picture picture;
        std::string reason;
        if (!bytes.starts_with("BM")) return;
        if (!decode_bmp(bytes, picture, reason)) throw Error(reason);
        CHECK(picture.pixels.size() == std::size_t(picture.width) * std::size_t(picture.height) * 3);
    });
}

TEST_CASE("fuzz: EXIF data") {
    const std::string tiff("II*\0\x08\0\0\0\2\0\x0f\1\2\0\1\0\0\0x\0\0\0\x12\1\3\0\1\0\0\0\6\0\0\0", 34);
    const std::string jpeg = std::string("\xff\xd8\xff\xe0\0\4ab\xff\xe1\0\x2a"
                                         "Exif\0\0",
                                         18) +
                             tiff + "\xff\xda";
    fuzz({jpeg, "\x89PNG\r\n\x1a\n" + big_endian_32(34) + "eXIf" + tiff + "crc."}, 60000, [](std::string_view bytes) {
        const int orientation = picture_orientation(bytes);
        if (orientation == 1) throw Error("no orientation");
        CHECK(orientation > 1);
        CHECK(orientation <= 8);
    });
}

#if TINYSPARSE_TEST_IMAGES
TEST_CASE("fuzz: pictures, with the checks of wholeness and without") {
    std::vector<std::uint8_t> pixels(60);
    for (std::size_t i = 0; i < 60; ++i) pixels[i] = std::uint8_t(i * 4);
    // Deflated PNG with alpha, stored PNG, gray JPEG of one block, BMP, PNM.
    const std::vector<std::string> inputs{
        from_hex("89504e470d0a1a0a0000000d494844520000000200000002080600000072b60d24000000144944415478da63f8cfc000420d6"
                 "08a4b44"
                 "ee3f00378005b88434fb250000000049454e44ae426082"),
        encode_png(5, 4, 3, pixels),
        "\xff\xd8" + ("\xff\xdb" + std::string("\0\x43", 2)) + std::string(1, '\0') + std::string(64, '\x08') +
            std::string("\xff\xc0\0\x0b\x08\0\x08\0\x08\x01\x01\x11\0", 13) + std::string("\xff\xc4\0\x14\0", 5) +
            "\1" + std::string(15, '\0') + "\x06" + std::string("\xff\xc4\0\x14\x10", 5) + "\1" +
            std::string(15, '\0') + std::string("\0", 1) + std::string("\xff\xda\0\x08\x01\x01\0\0\x3f\0", 10) +
            "\x64\xff\xd9",
        "BM" + little_endian(62, 4) + little_endian(0, 4) + little_endian(54, 4) + little_endian(40, 4) +
            little_endian(2, 4) + little_endian(1, 4) + little_endian(1, 2) + little_endian(24, 2) +
            little_endian(0, 4) + little_endian(8, 4) + std::string(16, '\0') + counting(8),
        "P6\n2 2\n255\n" + counting(12),
        "P5 # gray\n3 2 255\n" + counting(6),
        read_file(TINYSPARSE_SOURCE_DIR "/tests/data/fixtures/progressive.jpg"),
        read_file(TINYSPARSE_SOURCE_DIR "/tests/data/fixtures/cmyk.jpg")};
    const auto decode = [](std::string_view bytes) {
        Picture picture;
        std::string reason;
        if (!support().decode(bytes, 16, picture, reason)) throw Error(reason);
        CHECK(picture.pixels.size() ==
              std::size_t(picture.width) * std::size_t(picture.height) * std::size_t(picture.channels));
    };
    fuzz(inputs, 20000, decode);
    // Chunk checksums mended after each change, so that the decoder behind them is reached.
    const std::vector<std::string> png{inputs[0], inputs[1]};
    fuzz(png, 20000, [&](std::string_view bytes) {
        std::string mended(bytes);
        for (std::size_t at = 8; at + 12 <= mended.size();) {
            const std::size_t length = tinysparse::data::detail::picture_number(mended, at, 4, true);
            if (length > mended.size() - at - 12) break;
            mended.replace(at + 8 + length, 4,
                           big_endian_32(crc32(std::string_view(mended).substr(at + 4, length + 4))));
            at += 12 + length;
        }
        decode(mended);
    });
}
#endif
