// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/model_file.hpp"
#include "host.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/fixed/reference.hpp"
#include <cstdio>
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::fixed;

namespace {

Model random_model(const std::string& net, const net::Shape& shape, bool with_floats, bool series) {
    Random random(1, net);
    Model model;
    model.network.spec = net::parse(net, shape);
    const net::Shapes shapes = net::shapes(model.network.spec);
    model.network.input.series = series;
    for (int c = 0; series && c < shape.channels; ++c) {
        model.network.input.offset.push_back(std::int16_t(random.below(65536)));
        model.network.input.shift.push_back(std::int8_t(int(random.below(23)) - 7));
        model.channels.push_back(
            {text("a\"", c), float(random.normal()), std::ldexp(1.0f, int(random.below(40)) - 20)});
    }
    for (std::size_t i = 0; i < shapes.layers.size(); ++i) {
        const net::Layer& spec = model.network.spec.layers[i];
        const int largest = spec.bits == 8 ? 127 : spec.bits == 4 ? 7 : 1;
        Layer layer;
        FloatLayer floats;
        for (std::size_t w = 0; w < net::weights(spec, shapes.layers[i]); ++w) {
            layer.weights.push_back(std::int8_t(int(random.below(unsigned(2 * largest + 1))) - largest));
            floats.weights.push_back(float(random.normal()));
            floats.mask.push_back(std::uint8_t(random.below(2)));
        }
        layer.bias_bytes = net::is_tree(spec) ? 0 : int(i % 3);
        if (net::is_tree(spec)) {
            layer.score_shift = 9;
            layer.tanh_shift = 4;
        }
        for (int o = 0; o < spec.outputs && layer.bias_bytes; ++o) {
            layer.biases.push_back(std::int16_t(int(random.below(256)) - 128));
            floats.biases.push_back(float(random.normal()));
        }
        layer.shift = net::is_output(model.network.spec, i) ? 0 : 7;
        layer.weight_exponent = -9;
        layer.output_exponent = -5;
        layer.residual_shift = spec.residual == net::none ? 0 : 2;
        model.network.layers.push_back(layer);
        if (with_floats) model.float_layers.push_back(floats);
    }
    for (int c = 0; c < shapes.classes; ++c) {
        model.class_names.push_back(text("class \"", c, "\""));
        model.golden.logits.push_back(std::int32_t(random()));
    }
    model.data = "shapes,val=0.1";
    model.data_digest = 0xfedcba9876543210ull;
    if (series) model.sampling_rate = 100.0 / 3;
    model.data_notes = {"2 test samples are in the training part too", "\xe2\x80\xae\\"};
    model.duties = {"average pictures"};
    model.seed = ~std::uint64_t{0};
    model.epochs = 12;
    model.command = "tinysparse train";
    model.validation_accuracy = 0.1 + 0.2;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (series)
            model.golden.series.push_back(std::int16_t(random()));
        else
            model.golden.picture.push_back(std::uint8_t(random()));
    return model;
}

void check_same(const Model& a, const Model& b) {
    CHECK(a.network.spec == b.network.spec);
    CHECK(a.network.input.series == b.network.input.series);
    CHECK(a.network.input.offset == b.network.input.offset);
    CHECK(a.network.input.shift == b.network.input.shift);
    CHECK(a.network.input.camera == b.network.input.camera);
    REQUIRE(a.network.layers.size() == b.network.layers.size());
    for (std::size_t i = 0; i < a.network.layers.size(); ++i) {
        const Layer &left = a.network.layers[i], &right = b.network.layers[i];
        CHECK(left.weights == right.weights);
        CHECK(left.biases == right.biases);
        CHECK(left.bias_bytes == right.bias_bytes);
        CHECK(left.bias_shift == right.bias_shift);
        CHECK(left.shift == right.shift);
        CHECK(left.weight_exponent == right.weight_exponent);
        CHECK(left.output_exponent == right.output_exponent);
        CHECK(left.own_shift == right.own_shift);
        CHECK(left.residual_shift == right.residual_shift);
        CHECK(left.score_shift == right.score_shift);
        CHECK(left.tanh_shift == right.tanh_shift);
    }
    REQUIRE(a.float_layers.size() == b.float_layers.size());
    for (std::size_t i = 0; i < a.float_layers.size(); ++i) {
        CHECK(a.float_layers[i].weights == b.float_layers[i].weights);
        CHECK(a.float_layers[i].biases == b.float_layers[i].biases);
        CHECK(a.float_layers[i].mask == b.float_layers[i].mask);
    }
    CHECK(a.class_names == b.class_names);
    CHECK(a.data == b.data);
    CHECK(a.data_digest == b.data_digest);
    CHECK(a.channels == b.channels);
    CHECK(a.sampling_rate == b.sampling_rate);
    CHECK(a.data_notes == b.data_notes);
    CHECK(a.duties == b.duties);
    CHECK(a.seed == b.seed);
    CHECK(a.epochs == b.epochs);
    CHECK(a.command == b.command);
    CHECK(a.float_accuracy == b.float_accuracy);
    CHECK(a.validation_accuracy == b.validation_accuracy);
    CHECK(a.test_accuracy == b.test_accuracy);
    CHECK(a.golden.picture == b.golden.picture);
    CHECK(a.golden.series == b.golden.series);
    CHECK(a.golden.logits == b.golden.logits);
    CHECK(a.golden.label == b.golden.label);
}

const char* const small_net = "C2k3 A2 =a D3L C2k1b4 +a DG F3";

/// The bytes with a right checksum, so that the checks behind it are reached.
std::string sealed(std::string bytes) {
    bytes.resize(bytes.size() - 4);
    fixed::detail::put(bytes, crc32(bytes));
    return bytes;
}

std::string with_head(const std::string& bytes, const std::string& from, const std::string& to) {
    const std::uint32_t size = fixed::detail::get<std::uint32_t>(std::string_view(bytes).substr(12));
    std::string head = bytes.substr(16, size);
    const std::size_t at = head.find(from);
    REQUIRE(at != std::string::npos);
    head.replace(at, from.size(), to);
    std::string out = bytes.substr(0, 12);
    fixed::detail::put(out, std::uint32_t(head.size()));
    return sealed(out + head + bytes.substr(16 + size));
}

} // namespace

TEST_CASE("a model file gives back every bit of the model") {
    for (const bool with_floats : {false, true}) {
        const Model picture = random_model(small_net, {1, 6, 5}, with_floats, false);
        check_same(decode_model(encode_model(picture), "m"), picture);
        const Model series = random_model("A2 C3k5 M2 C2b2 G F2", {3, 20, 1}, with_floats, true);
        check_same(decode_model(encode_model(series), "m"), series);
        const Model tree = random_model("F4L T3d2b4", {1, 4, 3}, with_floats, false);
        check_same(decode_model(encode_model(tree), "m"), tree);
        const Model smallest = random_model("F1", {1, 1, 1}, with_floats, false);
        check_same(decode_model(encode_model(smallest), "m"), smallest);
    }
    const ScratchFolder folder;
    const std::string path = folder.path() + "/test.tsm";
    const Model model = random_model(small_net, {1, 6, 5}, true, false);
    save_model(path, model);
    check_same(load_model(path), model);
}

TEST_CASE("a file that is no model, of another format, damaged or cut short is an Error that says so") {
    const std::string bytes = encode_model(random_model(small_net, {1, 6, 5}, true, false));
    CHECK_THROWS_WITH_AS(decode_model("", "m"),
                         "m: this is not a tinysparse model; models are written by search and train", Error);
    CHECK_THROWS_WITH_AS(decode_model(bytes.substr(0, 12), "m"),
                         "m: the file ends after 12 bytes; it was cut short, write it again", Error);
    std::string other = bytes;
    for (const int version : {0, 4}) {
        other[8] = char(version);
        CHECK_THROWS_WITH_AS(decode_model(other, "m"),
                             text("m: the file has format ", version,
                                  ", this program reads formats 1 to 3; use the program that wrote it")
                                 .c_str(),
                             Error);
    }
    for (std::size_t size = 0; size < bytes.size(); size += 7)
        CHECK_THROWS_AS(decode_model(bytes.substr(0, size), "m"), Error);
    for (std::size_t at = 0; at < bytes.size(); at += 5) {
        std::string damaged = bytes;
        damaged[at] = char(damaged[at] ^ 0x10);
        CHECK_THROWS_AS(decode_model(damaged, "m"), Error);
    }
    CHECK_THROWS_AS(load_model("/nonexistent/model.tsm"), Error);
}

TEST_CASE("lengths and ranges are checked behind a right checksum too") {
    const std::string bytes = encode_model(random_model(small_net, {1, 6, 5}, true, false));
    CHECK_THROWS_WITH_AS(decode_model(with_head(bytes, "\"weights\":18", "\"weights\":19"), "m"),
                         "m: layers[0].weights: expected 18 for this layer's shape, found 19", Error);
    CHECK_THROWS_WITH_AS(decode_model(with_head(bytes, "\"shift\":7", "\"shift\":15"), "m"),
                         "m: layers[0].shift: expected 1 to 14, found 15", Error);
    CHECK_THROWS_WITH_AS(
        decode_model(with_head(bytes, "\"validation_accuracy\":0.3", "\"validation_accuracy\":9.3"), "m"),
        "m: validation_accuracy: expected a share from 0 to 1, found 9.3", Error);
    CHECK_THROWS_WITH_AS(decode_model(with_head(bytes, "C2k1b4", "C2k1b2"), "m"),
                         doctest::Contains("does not fit into 2 bits"), Error);
    // A network far larger than the file allocates nothing: the count is refused first.
    CHECK_THROWS_AS(decode_model(with_head(bytes, "C2k3", "C65535k3"), "m"), Error);
    CHECK_THROWS_AS(decode_model(with_head(bytes, "[1,6,5]", "[65535,65535,65535]"), "m"), Error);
    CHECK_THROWS_AS(decode_model(sealed(bytes + "more"), "m"), Error);
}

TEST_CASE("a control character in any text is refused, read and written") {
    Model model = random_model("C2k3 G F2", {2, 6, 1}, false, true);
    model.channels = {{"ax", 0, 1}, {"ay", 0, 1}};
    model.class_names = {"rest", "fall"};
    const std::string bytes = encode_model(model);
    const auto refused = [&](const char* from, const char* to, const char* sentence) {
        CHECK_THROWS_WITH_AS(decode_model(with_head(bytes, from, to), "m"), sentence, Error);
    };
    refused("\"rest\"", "\"re\\u0000st\"", "m: class_names[0]: 're\\x00st' has the control character \\x00");
    refused("\"fall\"", "\"\\u001b[2J\"", "m: class_names[1]: '\\x1b[2J' has the control character \\x1b");
    refused("\"ay\"", "\"a\\ty\"", "m: channels[1].name: 'a\\x09y' has the control character \\x09");
    refused("tinysparse train", "tinysparse\\ntrain",
            "m: command: 'tinysparse\\x0atrain' has the control character \\x0a");
    refused("shapes,val=0.1", "shapes\x7f", "m: data: 'shapes\\x7f' has the control character \\x7f");
    refused("average pictures", "average\xc2\x85", "m: duties[0]: 'average\\x85' has the control character \\x85");
    refused("samples are in", "samples\\rare in",
            "m: data_notes[0]: '2 test samples\\x0dare in the training part too' has the control character \\x0d");
    model.class_names[1] = "fa\tll";
    CHECK_THROWS_WITH_AS(encode_model(model), "the model: class_names[1]: 'fa\\x09ll' has the control character \\x09",
                         Error);
}

TEST_CASE("what a file says of channels is checked") {
    Model model = random_model("C2k3 G F2", {2, 6, 1}, false, true);
    model.network.input.shift = {-7, 15};
    model.channels = {{"ax", -0.5f, 16384}, {"", 0, 0.25f}};
    const std::string bytes = encode_model(model);
    check_same(decode_model(bytes, "m"), model);
    const auto refused = [&](const char* from, const char* to, const char* sentence) {
        CHECK_THROWS_WITH_AS(decode_model(with_head(bytes, from, to), "m"), sentence, Error);
    };
    refused("[-7,15]", "[-8,15]", "m: input: expected shifts from -7 to 15, found -8");
    refused("[-7,15]", "[-7,16]", "m: input: expected shifts from -7 to 15, found 16");
    for (const char* scale : {"16383", "0", "-16384", "1e300", "1e-300"})
        CHECK_THROWS_WITH_AS(decode_model(with_head(bytes, "\"scale\":16384", text("\"scale\":", scale)), "m"),
                             doctest::Contains("m: channels[0].scale: expected a power of two, found "), Error);
    refused("-0.5", "1e300", "m: channels[0].origin: expected a number that fits 32 bits");
    refused("\"channels\":[", "\"channels\":[{\"name\":\"\",\"origin\":0,\"scale\":1},",
            "m: channels: expected 2 channels, found 3");
    refused("33.3", "-3.3", "m: sampling_rate: expected a rate above 0, found -3.333333333333336");
    refused("\"data_notes\":[", "\"data_notes\":[3,", "m: data_notes[0]: expected a string, found a number");
    model.channels.clear();
    model.sampling_rate.reset();
    check_same(decode_model(encode_model(model), "m"), model);
}

TEST_CASE("a file of format 1 gives the logits that it was written with") {
    const Model model = load_model(TINYSPARSE_TEST_FIXTURES "/format_1.tsm");
    CHECK(model.network.input.offset == std::vector<std::int16_t>{26, 1, 945});
    CHECK(model.network.input.shift == std::vector<std::int8_t>{3, 3, 2});
    CHECK(model.channels.empty());
    CHECK_FALSE(model.sampling_rate);
    CHECK(model.data_notes.empty());
    CHECK(model.golden.logits == std::vector<std::int32_t>{532, 1559, 4768, -403});
    CHECK(Host(model.network).logits(model.golden.series) == model.golden.logits);
    CHECK(reference::logits(model.network, model.golden.series) == model.golden.logits);
    check_same(decode_model(encode_model(model), "m"), model);
}

TEST_CASE("a file of format 2 gives the logits that it was written with, and has no camera") {
    const Model model = load_model(TINYSPARSE_TEST_FIXTURES "/format_2.tsm");
    REQUIRE(model.channels.size() == 2);
    CHECK(model.channels[1].name == "ay");
    CHECK_FALSE(model.network.input.camera);
    CHECK(model.duties.empty());
    CHECK(Host(model.network).logits(model.golden.series) == model.golden.logits);
    check_same(decode_model(encode_model(model), "m"), model);
}

TEST_CASE("what a file says of a camera is checked") {
    Model model = random_model("C2k3 G F2", {1, 6, 5}, false, false);
    for (const Camera& camera : {Camera{Pixels::gray, 6, 5, 1, 1}, Camera{Pixels::rgb565, 120, 101, 20, 20},
                                 Camera{Pixels::gray, 65535, 65535, 10922, 13107}}) {
        model.network.input.camera = camera;
        if (camera.area() <= max_camera_block) check_same(decode_model(encode_model(model), "m"), model);
    }
    CHECK_THROWS_WITH_AS(decode_model(encode_model(model), "m"), "m: input.camera: blocks of more than 16777216 pixels",
                         Error);
    model.network.input.camera = Camera{Pixels::gray, 24000, 20000, 4000, 4000};
    CHECK_THROWS_WITH_AS(decode_model(encode_model(model), "m"),
                         "m: input.camera: pictures of more than 268435456 pixels", Error);
    model.network.input.camera = Camera{Pixels::rgb565, 120, 101, 20, 20};
    const std::string bytes = encode_model(model);
    const auto refused = [&](const char* from, const char* to, const char* sentence) {
        CHECK_THROWS_WITH_AS(decode_model(with_head(bytes, from, to), "m"), sentence, Error);
    };
    refused("\"rgb565\"", "\"rgb\"", "m: input.camera: it does not make what the network reads, 1x6x5");
    refused("\"rgb565\"", "\"yuv\"", "m: input.camera.pixels: expected gray, rgb, rgb565, found yuv");
    refused("\"height\":120", "\"height\":140", "m: input.camera: it does not make what the network reads, 1x6x5");
    refused("\"block_width\":20", "\"block_width\":0", "m: input.camera.block_width: expected 1 to 101, found 0");
    refused("\"width\":101", "\"width\":65536", "m: input.camera.width: expected 1 to 65535, found 65536");
    refused("\"series\":false", "\"series\":true", "m: input: expected 1 offsets and shifts, found 0 and 0");
}

TEST_CASE("random damage behind a right checksum never does more than throw Error") {
    const std::string picture = encode_model(random_model(small_net, {1, 6, 5}, true, false)),
                      series = encode_model(random_model("C2k3 A2 D3L G F3", {2, 6, 1}, true, true));
    Model with_camera = random_model("F2", {3, 2, 2}, false, false);
    with_camera.network.input.camera = Camera{Pixels::rgb565, 48, 65, 24, 32};
    const std::string camera = encode_model(with_camera);
    Random random(3, "damage");
    for (int round = 0; round < 20000; ++round) {
        const std::string& bytes = round % 3 == 0 ? picture : round % 3 == 1 ? series : camera;
        std::string damaged = bytes;
        const std::uint32_t head = 16 + fixed::detail::get<std::uint32_t>(std::string_view(bytes).substr(12));
        for (std::uint32_t i = 0; i < 1 + random.below(3); ++i) damaged[8 + random.below(head)] = char(random());
        try {
            decode_model(sealed(damaged), "m");
        } catch (const Error&) {
        }
    }
}

TEST_CASE("target numbers and their errors come back as they were") {
    Model model = random_model("F4 F2", {3, 1, 1}, true, true);
    model.class_names.clear();
    model.quantities = {{"a \"", 1.5f, 0x1p-20f}, {"", -3e9f, 0x1p30f}};
    model.float_rmse = {0.1, 1e9};
    model.validation_rmse = {0.1 + 0.2, 2e9};
    const Model read = decode_model(encode_model(model), "m");
    check_same(model, read);
    CHECK(read.quantities == model.quantities);
    CHECK(read.float_rmse == model.float_rmse);
    CHECK(read.validation_rmse == model.validation_rmse);
    CHECK(read.test_rmse.empty());
    const auto fails = [](Model broken, const std::string& words) {
        try {
            decode_model(encode_model(broken), "m");
        } catch (const Error& error) {
            CAPTURE(error.what());
            return std::string(error.what()).find(words) != std::string::npos;
        }
        return false;
    };
    Model broken = model;
    broken.quantities[1].scale = 3;
    CHECK(fails(broken, "expected a power of two, found 3"));
    broken = model;
    broken.quantities.pop_back();
    broken.float_rmse = broken.validation_rmse = {};
    CHECK(fails(broken, "1 target numbers, expected 2 or none"));
    broken = model;
    broken.test_rmse = {1};
    CHECK(fails(broken, "expected 2 errors, found 1"));
}
