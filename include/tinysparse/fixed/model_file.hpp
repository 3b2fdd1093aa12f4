// SPDX-License-Identifier: Apache-2.0
// Model files (.tsm): a fixed::Model as a JSON head with everything that a person might look for, then the arrays.
//   bytes 0..7   "tsmodel" and 0x1a                      12..15  size of the head in bytes
//   bytes 8..11  version of the format, 3                16..    the head, then the arrays without gaps
//   last 4       CRC-32 of all bytes before them
// Older formats can be read as well: the head of format 2 lacks camera, duties and target numbers; that of format 1
// also lacks channels, sampling rate and notes on the data.
// Whole numbers are little endian, floats IEEE 754 binary32. Arrays, layer after layer: weights int8, biases int16,
// float weights, float biases, mask uint8; then the golden sample's picture uint8, series int16 and logits int32;
// then held-out logits float, labels uint8 and targets float. The head states the length of each. Seeds and digests are
// hexadecimal strings, since JSON numbers are exact only up to 2^53.
#pragma once
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/model_input.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/net/notation.hpp"

namespace tinysparse::fixed {

inline constexpr std::uint32_t model_file_version = 3; ///< Format of new files; older ones can be read.
inline constexpr std::uint64_t largest_model_file = std::uint64_t{1} << 28; ///< Bytes; larger files are refused unread.

namespace detail {

inline constexpr std::string_view model_magic{"tsmodel\x1a", 8};

/// The number as little-endian bytes; floats by their bits.
template <class Number> void put(std::string& out, Number number) {
    using Bits = std::conditional_t<sizeof(Number) == 1, std::uint8_t,
                                    std::conditional_t<sizeof(Number) == 2, std::uint16_t, std::uint32_t>>;
    const Bits bits = std::bit_cast<Bits>(number);
    for (std::size_t i = 0; i < sizeof bits; ++i) out += char(std::uint8_t(bits >> (8 * i)));
}
template <class Number> void put(std::string& out, const std::vector<Number>& numbers) {
    for (const Number number : numbers) put(out, number);
}

template <class Number> Number get(std::string_view bytes) {
    using Bits = std::conditional_t<sizeof(Number) == 1, std::uint8_t,
                                    std::conditional_t<sizeof(Number) == 2, std::uint16_t, std::uint32_t>>;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) bits |= std::uint32_t(std::uint8_t(bytes[i])) << (8 * i);
    return std::bit_cast<Number>(Bits(bits));
}

/// Takes arrays from the file one after another; checks the remaining length before anything is allocated.
class ArrayReader {
  public:
    ArrayReader(std::string_view bytes, const std::string& name) : left_(bytes), name_(name) {}

    template <class Number> void take(std::vector<Number>& out, std::size_t count) {
        if (count > left_.size() / sizeof(Number))
            throw Error(text(name_, ": an array of ", count, " numbers needs more than the ", left_.size(),
                             " bytes that are left; the file is damaged, write it again"));
        out.reserve(count);
        for (std::size_t i = 0; i < count; ++i) out.push_back(get<Number>(left_.substr(i * sizeof(Number))));
        left_.remove_prefix(count * sizeof(Number));
    }
    void expect_end() const {
        if (!left_.empty())
            throw Error(text(name_, ": ", left_.size(), " bytes follow the last array; the file is damaged"));
    }

  private:
    std::string_view left_;
    const std::string& name_;
};

inline json::Value layer_head(const Layer& layer, const FloatLayer* floats) {
    json::Value head = json::object({{"weights", layer.weights.size()},
                                     {"biases", layer.biases.size()},
                                     {"bias_bytes", layer.bias_bytes},
                                     {"bias_shift", layer.bias_shift},
                                     {"shift", layer.shift},
                                     {"weight_exponent", layer.weight_exponent},
                                     {"output_exponent", layer.output_exponent},
                                     {"own_shift", layer.own_shift},
                                     {"residual_shift", layer.residual_shift},
                                     {"float_weights", floats ? floats->weights.size() : 0},
                                     {"float_biases", floats ? floats->biases.size() : 0},
                                     {"mask", floats ? floats->mask.size() : 0}});
    if (layer.score_shift != 0) {
        head["score_shift"] = layer.score_shift;
        head["tanh_shift"] = layer.tanh_shift;
    }
    return head;
}

inline json::Value quantity_heads(const std::vector<Quantity>& quantities) {
    json::Value heads = json::array();
    for (const Quantity& one : quantities)
        heads.push_back(json::object({{"name", one.name}, {"origin", one.origin}, {"scale", one.scale}}));
    return heads;
}

inline json::Value model_head(const Model& model) {
    json::Value layers = json::array();
    for (std::size_t i = 0; i < model.network.layers.size(); ++i)
        layers.push_back(
            layer_head(model.network.layers[i], model.float_layers.empty() ? nullptr : &model.float_layers[i]));
    const net::Spec& spec = model.network.spec;
    json::Value head = json::object({{"net", net::notation(spec)},
                                     {"shape", json::array({spec.input.channels, spec.input.height, spec.input.width})},
                                     {"input", input_head(model.network.input)},
                                     {"layers", layers},
                                     {"class_names", json::Value(model.class_names)},
                                     {"data", model.data},
                                     {"data_digest", hexadecimal(model.data_digest)},
                                     {"channels", channel_heads(model.channels)},
                                     {"sampling_rate", json::Value(model.sampling_rate)},
                                     {"data_notes", json::Value(model.data_notes)},
                                     {"duties", json::Value(model.duties)},
                                     {"seed", hexadecimal(model.seed)},
                                     {"epochs", model.epochs},
                                     {"command", model.command},
                                     {"float_accuracy", json::Value(model.float_accuracy)},
                                     {"validation_accuracy", json::Value(model.validation_accuracy)},
                                     {"test_accuracy", json::Value(model.test_accuracy)},
                                     {"quantities", quantity_heads(model.quantities)},
                                     {"float_rmse", json::Value(model.float_rmse)},
                                     {"validation_rmse", json::Value(model.validation_rmse)},
                                     {"test_rmse", json::Value(model.test_rmse)},
                                     {"golden", json::object({{"picture", model.golden.picture.size()},
                                                              {"series", model.golden.series.size()},
                                                              {"logits", model.golden.logits.size()},
                                                              {"label", model.golden.label}})}});
    if (!model.trained_on.empty()) head["trained_on"] = model.trained_on;
    if (model.accumulator_bits != 24) head["accumulator_bits"] = model.accumulator_bits;
    if (const HeldOut& held_out = model.held_out; !held_out.labels.empty())
        head["held_out"] = json::object({{"logits", held_out.logits.size()},
                                         {"labels", held_out.labels.size()},
                                         {"targets", held_out.targets.size()}});
    return head;
}

/// Throws Error if any text has a control character: names are used in tables, headers and other files.
inline void check_texts(const json::Reader& in) {
    if (const std::string* word = in.value().string()) {
        if (const auto found = control_character(*word))
            in.fail(text("'", printable(*word), "' has the control character ", *found));
    } else if (in.value().array() || in.value().object()) {
        for (const json::Reader& item : in.items()) check_texts(item);
    }
}

/// Reads the Spec; it must be so small that counts of its weights fit 64 bits, whatever the layers are.
inline net::Spec read_spec(const json::Reader& in) {
    const auto shape = in.at("shape").as<std::vector<int>>();
    if (shape.size() != 3) in.at("shape").fail("expected channels, height and width");
    const net::Spec spec = net::parse(in.at("net").as<std::string>(), {shape[0], shape[1], shape[2]});
    for (const net::LayerShapes& layer : net::shapes(spec).layers)
        for (const net::Shape& one : {layer.in, layer.operation})
            if (one.size() > largest_model_file)
                in.at("net").fail(text("a layer of ", one.size(), " values is too large"));
    return spec;
}

/// Reads a length of the head that must be one of two values.
inline std::size_t length(const json::Reader& in, std::string_view key, std::size_t full, bool may_be_empty) {
    const json::Reader place = in.at(key);
    const std::size_t value = place.as<std::size_t>();
    if (value != full && !(may_be_empty && value == 0))
        place.fail(text("expected ", full, may_be_empty ? " or 0" : "", " for this layer's shape, found ", value));
    return value;
}

/// Reads one layer, and its float parameters if the file has any. head: the layer gives logits.
inline std::pair<Layer, FloatLayer> read_layer(const json::Reader& in, const net::Layer& spec,
                                               const net::LayerShapes& shapes, bool head, bool with_floats,
                                               ArrayReader& arrays) {
    Layer layer;
    FloatLayer floats;
    const std::size_t weights = net::weights(spec, shapes), outputs = std::size_t(spec.outputs);
    layer.bias_bytes = ranged(in, "bias_bytes", 0, net::is_tree(spec) ? 0 : 2);
    layer.bias_shift = ranged(in, "bias_shift", 0, largest_bias_shift);
    layer.shift = ranged(in, "shift", head ? 0 : 1, head ? 0 : largest_shift);
    layer.weight_exponent = ranged(in, "weight_exponent", -64, 64);
    layer.output_exponent = ranged(in, "output_exponent", -128, 128);
    layer.own_shift = ranged(in, "own_shift", 0, largest_residual_shift);
    layer.residual_shift = ranged(in, "residual_shift", 0, largest_residual_shift);
    if (net::is_tree(spec)) {
        layer.score_shift = ranged(in, "score_shift", 1, largest_shift);
        layer.tanh_shift = ranged(in, "tanh_shift", 1, largest_shift);
    }
    if (layer.own_shift && layer.residual_shift) in.fail("own_shift and residual_shift are both above 0");
    arrays.take(layer.weights, length(in, "weights", weights, false));
    arrays.take(layer.biases, length(in, "biases", layer.bias_bytes ? outputs : 0, false));
    arrays.take(floats.weights, length(in, "float_weights", with_floats ? weights : 0, false));
    arrays.take(floats.biases, length(in, "float_biases", with_floats ? outputs : 0, true));
    arrays.take(floats.mask, length(in, "mask", with_floats ? weights : 0, true));
    const int largest = weight_limit(spec.bits);
    for (const std::int8_t weight : layer.weights)
        if (weight < -largest || weight > largest)
            in.fail(text("a weight of ", weight, " does not fit into ", spec.bits, " bits"));
    if (layer.bias_bytes == 1)
        for (const std::int16_t bias : layer.biases)
            if (bias < -128 || bias > 127) in.fail(text("a bias of ", bias, " does not fit into one byte"));
    for (const std::vector<float>* values : {&floats.weights, &floats.biases})
        for (const float value : *values)
            if (!std::isfinite(value)) in.fail("a float weight is not finite");
    return {std::move(layer), std::move(floats)};
}

/// Reads target numbers and their scores.
inline void read_quantities(const json::Reader& in, std::size_t outputs, Model& model) {
    for (const json::Reader& item : in.at("quantities").items()) {
        Quantity one{item.at("name").as<std::string>(), item.at("origin").as<float>(), item.at("scale").as<float>()};
        check_scale(item, one.origin, one.scale);
        model.quantities.push_back(std::move(one));
    }
    if (!model.quantities.empty() && model.quantities.size() != outputs)
        in.at("quantities").fail(text("expected ", outputs, " target numbers, found ", model.quantities.size()));
    for (const auto& [key, scores] : {std::pair("float_rmse", &Model::float_rmse),
                                      {"validation_rmse", &Model::validation_rmse},
                                      {"test_rmse", &Model::test_rmse}}) {
        model.*scores = in.at(key).as<std::vector<double>>();
        if (!(model.*scores).empty() && (model.*scores).size() != model.quantities.size())
            in.at(key).fail(text("expected ", model.quantities.size(), " errors, found ", (model.*scores).size()));
    }
}

inline void read_golden(const json::Reader& in, const Model& model, std::size_t classes, ArrayReader& arrays,
                        GoldenSample& golden) {
    // A model that was never trained on data has no golden sample at all.
    const std::size_t size = model.network.spec.input.size();
    const bool series = model.network.input.series;
    arrays.take(golden.picture, length(in, "picture", series ? 0 : size, true));
    arrays.take(golden.series, length(in, "series", series ? size : 0, true));
    arrays.take(golden.logits, length(in, "logits", classes, true));
    golden.label = ranged(in, "label", 0, int(classes) - 1);
}

inline void read_held_out(const json::Reader& in, const Model& model, std::size_t classes, ArrayReader& arrays,
                          HeldOut& held_out) {
    const std::size_t samples = in.at("labels").ranged<std::size_t>(1, largest_model_file);
    arrays.take(held_out.logits, length(in, "logits", samples * classes, false));
    arrays.take(held_out.labels, samples);
    arrays.take(held_out.targets, length(in, "targets", samples * model.quantities.size(), false));
    for (const std::vector<float>* values : {&held_out.logits, &held_out.targets})
        for (const float value : *values)
            if (!std::isfinite(value)) in.fail("a held-out number is not finite");
    for (const std::uint8_t label : held_out.labels)
        if (label >= classes) in.at("labels").fail(text("label ", label, " of ", classes, " outputs"));
}

inline std::optional<double> read_share(const json::Reader& in, std::string_view key) {
    const auto share = in.at(key).as<std::optional<double>>();
    if (share && !(*share >= 0 && *share <= 1)) in.at(key).fail(text("expected a share from 0 to 1, found ", *share));
    return share;
}

} // namespace detail

/// The bytes of a model file. Throws Error as check() does, and for a text with a control character.
inline std::string encode_model(const Model& model) {
    check(model);
    const json::Value described = detail::model_head(model);
    detail::check_texts(json::Reader(described, "the model"));
    const std::string head = json::write(described);
    std::string out(detail::model_magic);
    detail::put(out, model_file_version);
    detail::put(out, std::uint32_t(head.size()));
    out += head;
    for (std::size_t i = 0; i < model.network.layers.size(); ++i) {
        detail::put(out, model.network.layers[i].weights);
        detail::put(out, model.network.layers[i].biases);
        if (model.float_layers.empty()) continue;
        detail::put(out, model.float_layers[i].weights);
        detail::put(out, model.float_layers[i].biases);
        detail::put(out, model.float_layers[i].mask);
    }
    detail::put(out, model.golden.picture);
    detail::put(out, model.golden.series);
    detail::put(out, model.golden.logits);
    detail::put(out, model.held_out.logits);
    detail::put(out, model.held_out.labels);
    detail::put(out, model.held_out.targets);
    detail::put(out, crc32(out));
    return out;
}

namespace detail {

/// The parts of a model file: its format, its JSON, and the arrays.
struct ModelParts {
    std::uint32_t version;
    std::string_view head, arrays;
};
/// Throws Error if magic, format, checksum or lengths are wrong. Errors begin with `name`.
inline ModelParts split_model(std::string_view bytes, const std::string& name) {
    constexpr std::size_t frame = 16, tail = 4;
    if (bytes.substr(0, 8) != model_magic)
        throw Error(text(name, ": this is not a tinysparse model; models are written by search and train"));
    if (bytes.size() < frame + tail)
        throw Error(text(name, ": the file ends after ", bytes.size(), " bytes; it was cut short, write it again"));
    const auto version = get<std::uint32_t>(bytes.substr(8));
    if (version < 1 || version > model_file_version)
        throw Error(text(name, ": the file has format ", version, ", this program reads formats 1 to ",
                         model_file_version, "; use the program that wrote it"));
    const std::string_view checked = bytes.substr(0, bytes.size() - tail);
    if (crc32(checked) != get<std::uint32_t>(bytes.substr(checked.size())))
        throw Error(text(name, ": the checksum does not fit the ", bytes.size(),
                         " bytes; the file is damaged or cut short, write it again"));
    const std::size_t head_size = get<std::uint32_t>(bytes.substr(12));
    if (head_size > checked.size() - frame)
        throw Error(text(name, ": the head announces ", head_size, " bytes, the file has ", checked.size() - frame));
    return {version, checked.substr(frame, head_size), checked.substr(frame + head_size)};
}

} // namespace detail

/// Reads the model that encode_model() wrote. Everything is checked before it is used: shapes, lengths, ranges,
/// checksum. Errors begin with `name`.
inline Model decode_model(std::string_view bytes, const std::string& name) {
    const detail::ModelParts parts = detail::split_model(bytes, name);
    const json::Value document = json::parse(parts.head, name);
    const json::Reader in(document, name);
    detail::check_texts(in);
    detail::ArrayReader arrays(parts.arrays, name);
    Model model;
    model.network.spec = detail::read_spec(in);
    const net::Spec& spec = model.network.spec;
    const net::Shapes shapes = net::shapes(spec);
    model.network.input = detail::read_input(in.at("input"), spec.input);
    const std::vector<json::Reader> layers = in.at("layers").items();
    if (layers.size() != spec.layers.size())
        in.at("layers").fail(text("expected ", spec.layers.size(), " layers, found ", layers.size()));
    const bool with_floats = !layers.empty() && layers[0].at("float_weights").as<std::size_t>() != 0;
    model.network.layers.resize(layers.size());
    std::vector<FloatLayer> floats(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i)
        std::tie(model.network.layers[i], floats[i]) = detail::read_layer(layers[i], spec.layers[i], shapes.layers[i],
                                                                          net::is_output(spec, i), with_floats, arrays);
    if (with_floats) model.float_layers = std::move(floats);
    model.class_names = in.at("class_names").as<std::vector<std::string>>();
    if (!model.class_names.empty() && model.class_names.size() != std::size_t(shapes.classes))
        in.at("class_names").fail(text("expected ", shapes.classes, " names, found ", model.class_names.size()));
    model.data = in.at("data").as<std::string>();
    model.data_digest = json::read_hexadecimal(in.at("data_digest"));
    if (parts.version > 1) {
        model.channels = detail::read_channels(in.at("channels"), model.network.input);
        model.sampling_rate = detail::read_sampling_rate(in.at("sampling_rate"));
        model.data_notes = in.at("data_notes").as<std::vector<std::string>>();
    }
    if (parts.version > 2) {
        model.network.input.camera = detail::read_camera(in.at("input").at("camera"), model.network.input, spec.input);
        model.duties = in.at("duties").as<std::vector<std::string>>();
        detail::read_quantities(in, std::size_t(shapes.classes), model);
    }
    model.seed = json::read_hexadecimal(in.at("seed"));
    model.epochs = detail::ranged(in, "epochs", 0, 1 << 30);
    model.command = in.at("command").as<std::string>();
    if (in.has("trained_on")) model.trained_on = in.at("trained_on").as<std::string>();
    if (in.has("accumulator_bits")) model.accumulator_bits = detail::ranged(in, "accumulator_bits", 16, 16);
    model.float_accuracy = detail::read_share(in, "float_accuracy");
    model.validation_accuracy = detail::read_share(in, "validation_accuracy");
    model.test_accuracy = detail::read_share(in, "test_accuracy");
    detail::read_golden(in.at("golden"), model, std::size_t(shapes.classes), arrays, model.golden);
    if (in.has("held_out"))
        detail::read_held_out(in.at("held_out"), model, std::size_t(shapes.classes), arrays, model.held_out);
    arrays.expect_end();
    return model;
}

/// Writes the model to a new file beside the path and renames it. Throws Error if the file cannot be written.
inline void save_model(const std::string& path, const Model& model) { write_file(path, encode_model(model)); }

/// Reads a model file of at most 256 MiB. Throws Error if it is missing, damaged or of another format.
inline Model load_model(const std::string& path) { return decode_model(read_file(path, largest_model_file), path); }

} // namespace tinysparse::fixed
