// SPDX-License-Identifier: Apache-2.0
// Every refusal of the reader of model files: a good file, a small edit below a right checksum, and the words expected.
#include "small_model.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include <cmath>
#include <doctest/doctest.h>
#include <functional>

using namespace tinysparse;
using namespace tinysparse::fixed;

namespace {

/// A model of 2x6x6 in 4 and 8 bits with floats, or of a series of two channels that answers two numbers.
Model good(bool series) {
    Random random(7, "refusals");
    const net::Spec spec = series ? net::parse("C2k3 F2", {2, 8, 1}) : net::parse("C4k3b4 M2 F5", {2, 6, 6});
    Model model = small::model(plain::random_network(spec, random, series), random);
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        Layer& layer = model.network.layers[i];
        layer.bias_bytes = 2;
        if (i == 0) layer.shift = 8;
        layer.biases.assign(std::size_t(spec.layers[i].outputs), 300);
        model.float_layers.push_back({std::vector<float>(layer.weights.size(), 0.5f), {}, {}});
    }
    if (!series) return model;
    model.class_names.clear();
    model.channels = {{"ax", 0, 1}, {"ay", 0.5f, 4}};
    model.quantities = {{"force", 1, 2}, {"angle", 0, 0.5f}};
    model.sampling_rate = 50;
    model.validation_rmse = {0.25, 0.75};
    return model;
}

/// The file with its head, JSON, edited: the first `from` becomes `to`.
std::string edited(const std::string& file, const std::string& from, const std::string& to) {
    const fixed::detail::ModelParts parts = fixed::detail::split_model(file, "good");
    std::string head(parts.head);
    const std::size_t at = head.find(from);
    REQUIRE_MESSAGE(at != head.npos, from << " is not in " << head);
    head.replace(at, from.size(), to);
    std::string out = file.substr(0, 12);
    fixed::detail::put(out, std::uint32_t(head.size()));
    out += head;
    out += parts.arrays;
    fixed::detail::put(out, crc32(out));
    return out;
}

std::string refusal_of(const std::string& file) {
    try {
        decode_model(file, "m.tsm");
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

struct Row {
    const char *from, *to, *words;
};

void each_refuses(const Model& model, const std::vector<Row>& rows) {
    const std::string file = encode_model(model);
    REQUIRE(refusal_of(file) == "no error");
    for (const Row& row : rows) {
        CAPTURE(std::string(row.to));
        const std::string error = refusal_of(edited(file, row.from, row.to));
        CHECK_MESSAGE(error.find(row.words) != std::string::npos, error);
        CHECK(error.find("m.tsm") != std::string::npos);
    }
}

} // namespace

TEST_CASE("a head of other shapes, layers, ranges and names is refused") {
    each_refuses(good(false),
                 {{"\"shape\":[2,6,6]", "\"shape\":[2,6]", "expected channels, height and width"},
                  {"\"shape\":[2,6,6]", "\"shape\":[2,65535,65535]", "values is too large"},
                  {"\"net\":\"C4k3b4 M2 F5", "\"net\":\"C4k3b4 M2 F5 F5", "expected 3 layers, found 2"},
                  {"\"bias_bytes\":2", "\"bias_bytes\":3", "expected 0 to 2, found 3"},
                  {"\"bias_bytes\":2", "\"bias_bytes\":1", "a bias of 300 does not fit into one byte"},
                  {"\"bias_bytes\":2", "\"bias_bytes\":0", "expected 0 for this layer's shape, found 4"},
                  {"\"bias_shift\":", "\"bias_shift\":25,\"was\":", "expected 0 to 24, found 25"},
                  {"\"bias_shift\":", "\"bias_shift\":-1,\"was\":", "expected 0 to 24, found -1"},
                  {"\"shift\":8", "\"shift\":0", "expected 1 to 14, found 0"},
                  {"\"shift\":8", "\"shift\":15", "expected 1 to 14, found 15"},
                  {"\"shift\":0", "\"shift\":1", "expected 0 to 0, found 1"},
                  {"\"weight_exponent\":", "\"weight_exponent\":65,\"was\":", "expected -64 to 64, found 65"},
                  {"\"output_exponent\":", "\"output_exponent\":-129,\"was\":", "expected -128 to 128, found -129"},
                  {"\"own_shift\":0", "\"own_shift\":16", "expected 0 to 15, found 16"},
                  {"\"residual_shift\":0", "\"residual_shift\":-1", "expected 0 to 15, found -1"},
                  {"\"own_shift\":0,\"residual_shift\":0", "\"own_shift\":1,\"residual_shift\":1", "are both above 0"},
                  {"\"weights\":72", "\"weights\":71", "expected 72 for this layer's shape, found 71"},
                  {"\"float_weights\":72", "\"float_weights\":1", "expected 72 for this layer's shape, found 1"},
                  {"\"float_biases\":0", "\"float_biases\":3", "expected 4 or 0 for this layer's shape, found 3"},
                  {"\"mask\":0", "\"mask\":5", "expected 72 or 0 for this layer's shape, found 5"},
                  {"C4k3b4", "C4k3b2", "does not fit into 2 bits"},
                  {"\"class_names\":[", "\"class_names\":[\"one more\",", "expected 5 names, found 6"},
                  {"\"data_digest\":\"0", "\"data_digest\":\"x", "expected 16 hexadecimal digits"},
                  {"\"seed\":\"0", "\"seed\":\"x", "expected 16 hexadecimal digits"},
                  {"\"epochs\":0", "\"epochs\":-1", "expected 0 to 1073741824, found -1"},
                  {"\"test_accuracy\":null", "\"test_accuracy\":1.5", "expected a share from 0 to 1, found 1.5"},
                  {"\"label\":0", "\"label\":5", "expected 0 to 4, found 5"},
                  {"\"label\":0", "\"label\":-1", "expected 0 to 4, found -1"},
                  {"\"picture\":72", "\"picture\":36", "expected 72 or 0 for this layer's shape, found 36"},
                  {"\"logits\":5", "\"logits\":4", "expected 5 or 0 for this layer's shape, found 4"},
                  {"\"offset\":[]", "\"offset\":[1]", "expected 0 offsets and shifts, found 1 and 0"}});
}

TEST_CASE("a tree without its shifts, with biases or of another depth is refused") {
    Random random(7, "trees");
    fixed::Network network = plain::random_network(net::parse("F5L T3d2", {1, 3, 3}), random);
    network.layers[1].score_shift = 8;
    network.layers[1].tanh_shift = 6;
    Model model = small::model(network, random);
    each_refuses(model, {{"\"score_shift\":8", "\"score_shift\":0", "expected 1 to 14, found 0"},
                         {"\"score_shift\":8", "\"score_shift\":15", "expected 1 to 14, found 15"},
                         {"\"tanh_shift\":6", "\"tanh_shift\":0", "expected 1 to 14, found 0"},
                         {"\"tanh_shift\":6", "\"was\":6", "the key 'tanh_shift' is missing"},
                         {"T3d2", "T3d1", "expected 95 for this layer's shape, found 225"}});
    model.network.layers[1].bias_bytes = 1;
    model.network.layers[1].biases.assign(3, 1);
    CHECK_THROWS_WITH_AS(encode_model(model), "layer 2: bias_bytes 1 is not in 0..0", Error);
    model.network.layers[1].bias_bytes = 0;
    model.network.layers[1].biases.clear();
    model.network.layers[1].tanh_shift = 15;
    CHECK_THROWS_WITH_AS(encode_model(model), "layer 2: tanh_shift 15 is not in 1..14", Error);
    model.network.layers[1].tanh_shift = 14;
    model.network.layers[0].score_shift = 1;
    CHECK_THROWS_WITH_AS(encode_model(model), "layer 1: score_shift 1 is not in 0..0", Error);
}

TEST_CASE("a camera that does not make the network's pictures is refused") {
    Model model = good(false);
    model.network.spec = net::parse("C4k3b4 M2 F5", {2, 6, 6});
    const auto camera = [](const char* pixels, int height, int width, int block_height, int block_width) {
        return text("\"camera\":{\"pixels\":\"", pixels, "\",\"height\":", height, ",\"width\":", width,
                    ",\"block_height\":", block_height, ",\"block_width\":", block_width, "}");
    };
    const std::string file = encode_model(model);
    const auto refuses = [&](const std::string& own, const char* words) {
        const std::string error = refusal_of(edited(file, "\"camera\":null", own));
        CHECK_MESSAGE(error.find(words) != std::string::npos, error);
    };
    refuses(camera("yuv", 6, 6, 1, 1), "expected gray, rgb, rgb565, found yuv");
    refuses(camera("gray", 0, 6, 1, 1), "expected 1 to 65535, found 0");
    refuses(camera("gray", 6, 6, 7, 1), "expected 1 to 6, found 7");
    refuses(camera("gray", 65535, 65535, 6000, 6000), "blocks of more than 16777216 pixels");
    refuses(camera("gray", 65535, 65535, 1, 1), "pictures of more than 268435456 pixels");
    refuses(camera("gray", 6, 6, 1, 1), "it does not make what the network reads, 2x6x6");
}

TEST_CASE("a head of a series and its numbers of other lengths and scales is refused") {
    each_refuses(
        good(true),
        {{"\"series\":true", "\"series\":false", "expected 0 offsets and shifts, found 2 and 2"},
         {"\"shift\":[", "\"shift\":[16,", "expected 2 offsets and shifts, found 2 and 3"},
         {"\"quantities\":[", "\"quantities\":[{\"name\":\"\",\"origin\":0,\"scale\":1},",
          "expected 2 target numbers, found 3"},
         {"\"name\":\"force\",\"origin\":1,\"scale\":2", "\"name\":\"force\",\"origin\":1,\"scale\":3",
          "expected a power of two, found 3"},
         {"\"name\":\"force\",\"origin\":1,\"scale\":2", "\"name\":\"force\",\"origin\":1,\"scale\":0",
          "expected a power of two, found 0"},
         {"\"validation_rmse\":[", "\"validation_rmse\":[1,", "expected 2 errors, found 3"},
         {"\"channels\":[", "\"channels\":[{\"name\":\"\",\"origin\":0,\"scale\":1},", "expected 2 channels, found 3"},
         {"\"name\":\"ay\",\"origin\":0.5,\"scale\":4", "\"name\":\"ay\",\"origin\":1e39,\"scale\":4", "origin"},
         {"\"sampling_rate\":50", "\"sampling_rate\":0", "expected a rate above 0, found 0"}});
    Model model = good(true);
    const std::string file = encode_model(model);
    const std::string shifts = text("\"shift\":[", model.network.input.shift[0], ",");
    for (const int shift : {-8, 16}) {
        const std::string error = refusal_of(edited(file, shifts, text("\"shift\":[", shift, ",")));
        CHECK_MESSAGE(error.find(text("expected shifts from -7 to 15, found ", shift)) != std::string::npos, error);
    }
}

TEST_CASE("numbers behind the head that are out of range, too few or too many are refused") {
    Model model = good(false);
    for (std::vector<float> FloatLayer::*values : {&FloatLayer::weights, &FloatLayer::biases})
        for (const float value : {HUGE_VALF, -HUGE_VALF, std::nanf("")}) {
            Model infinite = model;
            (infinite.float_layers[0].*values).assign(values == &FloatLayer::weights ? 72 : 4, value);
            CHECK(refusal_of(encode_model(infinite)).find("a float weight is not finite") != std::string::npos);
        }
    const auto sealed = [](std::string bytes) {
        fixed::detail::put(bytes, crc32(bytes));
        return bytes;
    };
    const std::string file = encode_model(model), body = file.substr(0, file.size() - 4);
    const std::string cut = refusal_of(sealed(body.substr(0, body.size() - 1)));
    CHECK_MESSAGE(cut != "no error", cut);
    const std::string longer = refusal_of(sealed(body + "x"));
    CHECK_MESSAGE(longer != "no error", longer);
}
