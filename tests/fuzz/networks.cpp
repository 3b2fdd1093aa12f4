// SPDX-License-Identifier: Apache-2.0
// Mutated input for the readers of networks: the notation and the model file.
#include "../data/helpers.hpp"
#include "mutate.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace testing;
using fuzzing::fuzz;

namespace {
fixed::Model small_model(const std::string& notation, const net::Shape& shape, bool with_floats) {
    fixed::Model model;
    model.network.spec = net::parse(notation, shape);
    const net::Shapes shapes = net::shapes(model.network.spec);
    for (std::size_t i = 0; i < shapes.layers.size(); ++i) {
        fixed::Layer layer;
        layer.weights.assign(net::weights(model.network.spec.layers[i], shapes.layers[i]), 1);
        layer.bias_bytes = 1;
        layer.biases.assign(std::size_t(model.network.spec.layers[i].outputs), 2);
        layer.shift = net::is_output(model.network.spec, i) ? 0 : 7;
        if (with_floats)
            model.float_layers.push_back({std::vector<float>(layer.weights.size()),
                                          std::vector<float>(layer.biases.size()),
                                          std::vector<std::uint8_t>(layer.weights.size(), 1)});
        model.network.layers.push_back(layer);
    }
    for (int c = 0; c < shapes.classes; ++c) model.golden.logits.push_back(c);
    model.golden.picture.assign(shape.size(), 9);
    return model;
}
} // namespace

TEST_CASE("fuzz: the notation of networks, and what is accepted is said and read again") {
    const std::vector<std::string> lines{"A2 C5k3 D3L C9k1 A2 D3vL F10", "C8k3s2 =x D3L C8k1 +x A2 F10",
                                         "C8k3 M2 =a D3L C16k1L =b @a C16k1L +b G F10", "C8k3 A4 =a C8k3 F10 @a F10b4",
                                         "A2x1 C6k3x1vn D3LNb4 D3n F20b4 F10L F2"};
    fuzz(lines, 40000, [](std::string_view line) {
        const net::Spec spec = net::parse(line, {1, 28, 28});
        CHECK(net::parse(net::notation(spec), {1, 28, 28}) == spec);
    });
}

TEST_CASE("fuzz: model files, as they are and with the checksum mended") {
    const std::vector<std::string> files{
        fixed::encode_model(small_model("A2 C2k3 M2 F3", {1, 12, 12}, false)),
        fixed::encode_model(small_model("C2k3 =a D3L C2k1b4 +a A2 F2", {1, 6, 6}, true))};
    const auto read = [](std::string_view bytes) { fixed::decode_model(bytes, "fuzz"); };
    fuzz(files, 3000, read);
    fuzz(files, 30000, [&](std::string_view bytes) {
        std::string mended(bytes.substr(0, bytes.size() - std::min<std::size_t>(4, bytes.size())));
        mended += little_endian(crc32(mended), 4);
        read(mended);
    });
}
