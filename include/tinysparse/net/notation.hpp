// SPDX-License-Identifier: Apache-2.0
// Networks in one line of text: "A2 C5k3 D3L C9k1 A2 D3vL F10". Words stand in the order of evaluation.
//   C8k3   convolution, 8 channels, kernel 3x3 (k defaults to 3)     D3   depthwise, kernel 3x3
//   F10    dense, 10 outputs                                         DG   depthwise over all positions, `valid`
//   T10d3  tree head, 10 classes, depth 3 (net/tree.hpp)
//   A2 M2  average / maximum pooling 2x2 of the layer before; A2x1 is 2 high, 1 wide; as first word, A2 downsamples the
//          picture
//   G      average over all positions
//   =a     names the output of the layer before it
//   +a     adds a to the layer before it, ahead of activation and pooling
//   @a     the next layer reads a instead of the layer before it; @picture is the input
// Letters after the numbers of a layer, in any order:
//   s2 stride 2     v padding `valid`     L linear, no ReLU     n no batch normalisation
//   b4 weights of 4 bits (8, 4, 2)     k5x1 kernel 5 high, 1 wide
// Convolutions and depthwise layers have batch normalisation and ReLU unless stated otherwise. A linear depthwise layer
// has no normalisation, since the layer behind it can undo any scale. A dense layer has no normalisation, and a ReLU
// only if another layer reads it. If the picture is 1 wide (a time series), a kernel or pool of one number is that
// number high and 1 wide.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tinysparse/net/spec.hpp"

namespace tinysparse::net {

namespace detail {

inline bool normalised_by_default(const Layer& layer) {
    return layer.kind == Kind::convolution || (reads_one_channel(layer) && layer.activation == Activation::relu);
}

/// Reads one word of the notation from left to right.
class WordReader {
  public:
    explicit WordReader(std::string_view word) : word_(word) {}
    bool done() const { return at_ == word_.size(); }
    char next() { return word_[at_++]; }
    bool take(char letter) {
        if (done() || word_[at_] != letter) return false;
        ++at_;
        return true;
    }
    int number() {
        std::size_t end = at_;
        while (end < word_.size() && word_[end] >= '0' && word_[end] <= '9') ++end;
        const auto value = parse_number<int>(word_.substr(at_, end - at_));
        if (!value)
            throw Error(text("network word '", word_, "': a number is expected after '", word_.substr(0, at_), "'"));
        at_ = end;
        return *value;
    }
    /// "5" is 5 x 5, or 5 x 1 if the picture is 1 wide; "5x1" is 5 high, 1 wide.
    void window(int& height, int& width, const Shape& in) {
        height = number();
        width = take('x') ? number() : (in.width == 1 ? 1 : height);
    }
    /// "d3", which a tree needs.
    int depth() {
        if (!take('d'))
            throw Error(text("network word '", word_, "': the depth of the tree is missing; write T10d3, say"));
        return number();
    }
    [[noreturn]] void unknown(char letter) const {
        throw Error(
            text("network word '", word_, "': '", letter,
                 "' is not known; layers are C8k3s2, D3L, F10, T10d3, pooling is A2, M2 or G, names are =a, +a, @a"));
    }

  private:
    std::string_view word_;
    std::size_t at_ = 0;
};

class NotationReader {
  public:
    NotationReader(const Shape& input, int bits) : bits_(bits) { spec_.input = input; }

    void read(std::string_view word) {
        if (word[0] == '=' || word[0] == '+' || word[0] == '@') {
            read_name(word);
            return;
        }
        WordReader reader(word);
        const char letter = reader.next();
        switch (letter) {
        case 'C':
        case 'D':
        case 'F':
        case 'T':
            read_layer(letter, reader);
            break;
        case 'A':
        case 'M':
        case 'G':
            read_pooling(letter, reader);
            break;
        default:
            reader.unknown(letter);
        }
    }

    Spec finish() {
        // A dense layer is linear if it gives logits, and has a ReLU if another layer reads it, unless marked L.
        for (std::size_t i = 0; i < spec_.layers.size(); ++i)
            if (spec_.layers[i].kind == Kind::dense && is_output(spec_, i))
                spec_.layers[i].activation = Activation::linear;
        shapes(spec_);
        return std::move(spec_);
    }

  private:
    Shape shape_of(int layer) const {
        if (layer == picture) return pooled("input: ", downsampling(), spec_.input);
        return layers_.at(std::size_t(layer)).out;
    }
    Layer downsampling() const {
        Layer layer;
        layer.pooling = Pooling::average;
        layer.pool_height = spec_.downsample_height;
        layer.pool_width = spec_.downsample_width;
        return layer;
    }
    std::string where() const { return text("layer ", spec_.layers.size(), ": "); }

    void read_layer(char letter, WordReader& reader) {
        Layer layer;
        layer.input = next_input_;
        layer.bits = bits_;
        const Shape in = shape_of(layer.input);
        if (letter == 'D') {
            layer.kind = Kind::depthwise;
            layer.outputs = in.channels;
            if (reader.take('G')) {
                layer.padding = Padding::valid;
                layer.kernel_height = in.height;
                layer.kernel_width = in.width;
            } else {
                reader.window(layer.kernel_height, layer.kernel_width, in);
            }
        } else {
            layer.outputs = reader.number();
            layer.kind = letter == 'C' ? Kind::convolution : Kind::dense;
            if (letter == 'T') layer.tree_depth = reader.depth();
            if (letter == 'C') {
                layer.kernel_height = 3;
                layer.kernel_width = in.width == 1 ? 1 : 3;
            }
        }
        read_suffixes(layer, reader, in);
        spec_.layers.push_back(layer);
        layers_.push_back(layer_shapes(where(), layer, in));
        next_input_ = int(spec_.layers.size()) - 1;
    }

    static void read_suffixes(Layer& layer, WordReader& reader, const Shape& in) {
        std::optional<bool> normalised;
        while (!reader.done()) {
            const char letter = reader.next();
            const bool spatial = layer.kind != Kind::dense;
            if (letter == 'k' && layer.kind == Kind::convolution) {
                reader.window(layer.kernel_height, layer.kernel_width, in);
            } else if (letter == 's' && spatial) {
                layer.stride = reader.number();
            } else if (letter == 'v' && spatial) {
                layer.padding = Padding::valid;
            } else if (letter == 'L' && !is_tree(layer)) {
                layer.activation = Activation::linear;
            } else if ((letter == 'n' || letter == 'N') && spatial) {
                normalised = letter == 'N';
            } else if (letter == 'b') {
                layer.bits = reader.number();
            } else {
                reader.unknown(letter);
            }
        }
        layer.batch_normalisation = normalised.value_or(normalised_by_default(layer));
    }

    void read_pooling(char letter, WordReader& reader) {
        const bool first = spec_.layers.empty();
        const Shape in = first ? spec_.input : layers_.back().operation;
        int height = in.height, width = in.width;
        if (letter != 'G') reader.window(height, width, in);
        if (!reader.done()) reader.unknown(reader.next());
        if (first) {
            if (letter == 'M') throw Error("network: the picture is downsampled by averages; begin with A2, not M2");
            if (spec_.downsample_height != 1 || spec_.downsample_width != 1)
                throw Error("network: the picture is downsampled twice; use one A");
            spec_.downsample_height = height;
            spec_.downsample_width = width;
            pooled("input: ", downsampling(), spec_.input);
            return;
        }
        Layer& layer = spec_.layers.back();
        const int last = int(spec_.layers.size()) - 1;
        for (const auto& [name, named] : names_)
            if (named == last)
                throw Error(text(where(), "write the pooling before =", name, ": names are of what leaves it"));
        if (next_input_ != last) throw Error("network: pooling must follow the layer that it pools, before any @name");
        if (layer.pooling != Pooling::none) throw Error(text(where(), "is pooled twice; use one larger pool"));
        layer.pooling = letter == 'M' ? Pooling::maximum : Pooling::average;
        layer.pool_height = height;
        layer.pool_width = width;
        layers_.back() = layer_shapes(where(), layer, layers_.back().in);
    }

    void read_name(std::string_view word) {
        const std::string name(word.substr(1));
        if (name.empty()) throw Error(text("network word '", word, "': a name is expected after '", word[0], "'"));
        if (word[0] == '=') {
            if (spec_.layers.empty()) throw Error(text("network word '", word, "': there is no layer before it"));
            if (name == "picture" || !names_.emplace(name, int(spec_.layers.size()) - 1).second)
                throw Error(text("network word '", word, "': the name is taken"));
            return;
        }
        const auto found = names_.find(name);
        if (word[0] == '@' && name == "picture") {
            next_input_ = picture;
        } else if (found == names_.end()) {
            throw Error(text("network word '", word, "': no layer before it has been named =", name));
        } else if (word[0] == '@') {
            next_input_ = found->second;
        } else {
            Layer& layer = spec_.layers.back();
            if (layer.residual != none) throw Error(text(where(), "adds two residuals; one is the most"));
            if (layer.pooling != Pooling::none)
                throw Error(text(where(), "write +", name, " before the pooling: the sum comes first"));
            layer.residual = found->second;
        }
    }

    Spec spec_;
    int bits_;
    std::vector<LayerShapes> layers_;
    std::map<std::string, int> names_;
    int next_input_ = picture;
};

inline std::string window_text(int height, int width, const Shape& in) {
    if (width == (in.width == 1 ? 1 : height)) return text(height);
    return text(height, "x", width);
}

inline std::string layer_word(const Layer& layer, const LayerShapes& shapes, bool output) {
    std::string word;
    if (layer.kind == Kind::dense) {
        word = is_tree(layer) ? text("T", layer.outputs, "d", layer.tree_depth) : text("F", layer.outputs);
        if (!output && layer.activation == Activation::linear) word += "L";
    } else {
        const std::string window = window_text(layer.kernel_height, layer.kernel_width, shapes.in);
        const bool all_positions = reads_one_channel(layer) && covers_input(layer, shapes.in) &&
                                   shapes.in.size() != std::size_t(shapes.in.channels);
        if (layer.kind == Kind::convolution)
            word = text("C", layer.outputs, "k", window);
        else
            word = all_positions ? std::string("DG") : text("D", window);
        if (layer.stride != 1) word += text("s", layer.stride);
        if (layer.padding == Padding::valid && !all_positions) word += "v";
        if (layer.activation == Activation::linear) word += "L";
        if (layer.batch_normalisation != normalised_by_default(layer)) word += layer.batch_normalisation ? "N" : "n";
    }
    if (layer.bits != 8) word += text("b", layer.bits);
    return word;
}

inline std::string pooling_word(const Layer& layer, const LayerShapes& shapes) {
    if (layer.pooling == Pooling::average && layer.pool_height == shapes.operation.height &&
        layer.pool_width == shapes.operation.width)
        return "G";
    return text(layer.pooling == Pooling::maximum ? 'M' : 'A',
                window_text(layer.pool_height, layer.pool_width, shapes.operation));
}

} // namespace detail

/// The network that `line` describes, for pictures of the given shape. `bits` applies to layers without a b. Throws
/// Error naming the word or the layer at fault.
inline Spec parse(std::string_view line, const Shape& input, int bits = 8) {
    detail::NotationReader reader(input, bits);
    for (const std::string& word : split(line, ' '))
        if (!word.empty()) reader.read(word);
    return reader.finish();
}

/// The line that parse() turns into this Spec. Layers that others refer to by name are called a, b, c ...
inline std::string notation(const Spec& spec) {
    const Shapes all = shapes(spec);
    std::map<int, std::string> names;
    const auto need_name = [&](int layer) {
        if (layer != picture && !names.contains(layer)) names.emplace(layer, "");
    };
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        if (spec.layers[i].input != int(i) - 1) need_name(spec.layers[i].input);
        if (spec.layers[i].residual != none) need_name(spec.layers[i].residual);
    }
    int given = 0;
    for (auto& [layer, name] : names) {
        name = given < 26 ? std::string(1, char('a' + given)) : text("n", given);
        ++given;
    }
    std::vector<std::string> words;
    if (spec.downsample_height != 1 || spec.downsample_width != 1)
        words.push_back(text('A', detail::window_text(spec.downsample_height, spec.downsample_width, spec.input)));
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const Layer& layer = spec.layers[i];
        if (layer.input != int(i) - 1)
            words.push_back(text('@', layer.input == picture ? "picture" : names.at(layer.input)));
        words.push_back(detail::layer_word(layer, all.layers[i], is_output(spec, i)));
        if (layer.residual != none) words.push_back(text('+', names.at(layer.residual)));
        if (layer.pooling != Pooling::none) words.push_back(detail::pooling_word(layer, all.layers[i]));
        if (names.contains(int(i))) words.push_back(text('=', names.at(int(i))));
    }
    return join(words, " ");
}

/// The notation of one layer with its residual and its pooling, for a cell of a table: "D3L +2 A2".
/// shapes: shapes(spec).
inline std::string layer_text(const Spec& spec, const Shapes& shapes, std::size_t index) {
    const Layer& layer = spec.layers[index];
    std::string words = detail::layer_word(layer, shapes.layers[index], is_output(spec, index));
    if (layer.residual != none) words += text(" +", layer.residual + 1);
    if (layer.pooling != Pooling::none) words += text(" ", detail::pooling_word(layer, shapes.layers[index]));
    return words;
}

namespace detail {
/// The property of a layer that the notation drops or changes, and what to do about it.
inline std::string unsaid(const Layer& layer, const Layer& said) {
    const char* name = name_of(layer.kind);
    if (layer.batch_normalisation != said.batch_normalisation)
        return text("a ", name, " layer has no batch normalisation; switch it off, as Layer::", name, "() does");
    if (layer.activation != said.activation) return "a layer that gives logits is linear; take Activation::linear";
    if (layer.pooling == Pooling::none && (layer.pool_height != 1 || layer.pool_width != 1))
        return text("it has a pool of ", layer.pool_height, "x", layer.pool_width,
                    " and Pooling::none; choose a pooling, or leave the pool 1x1");
    if (layer.kind == Kind::dense)
        return text("a dense layer has neither kernel, stride nor padding; leave them as Layer::dense() does");
    return "it is more than the notation of networks can say";
}
} // namespace detail

/// Throws Error unless shapes() accepts the network and the notation can express all of it, so that a model file can
/// hold it. Networks from parse() always pass.
inline void check(const Spec& spec) {
    const Spec said = parse(notation(spec), spec.input);
    for (std::size_t i = 0; i < spec.layers.size(); ++i)
        if (spec.layers[i] != said.layers[i])
            throw Error(text("layer ", i + 1, ": ", detail::unsaid(spec.layers[i], said.layers[i])));
    if (spec != said) throw Error(text("the network is not what its notation says: ", notation(spec)));
}

} // namespace tinysparse::net
