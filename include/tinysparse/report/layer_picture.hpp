// SPDX-License-Identifier: Apache-2.0
// A network as a picture (SVG): a box for each layer with its shapes, lines for residual sums and for layers that do
// not read the one before, and bars of what each layer costs. The style sheet of the cards gives the colours.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/report/layer_figures.hpp"
#include "tinysparse/report/svg.hpp"

namespace tinysparse::report {

/// A layer in words: "convolution 3x3 stride 2, 8 channels, maximum pool 2x2".
inline std::string layer_words(const net::Layer& layer) {
    const auto side = [](int height, int width) { return text(height, "x", width); };
    std::string words;
    if (net::is_tree(layer))
        words = text("tree of depth ", layer.tree_depth, ", ", layer.outputs, " outputs");
    else if (layer.kind == net::Kind::dense)
        words = text("dense, ", counted(std::uint64_t(layer.outputs), "output"));
    else
        words = text(net::name_of(layer.kind), " ", side(layer.kernel_height, layer.kernel_width),
                     layer.stride > 1 ? text(" stride ", layer.stride) : "", ", ",
                     counted(std::uint64_t(layer.outputs), "channel"));
    if (layer.residual != net::none) words += text(" + layer ", layer.residual + 1);
    if (layer.pooling != net::Pooling::none)
        words += text(layer.pooling == net::Pooling::maximum ? ", maximum pool " : ", average pool ",
                      side(layer.pool_height, layer.pool_width));
    return words;
}

namespace detail {

inline constexpr int row_height = 38, box_left = 46, least_box_width = 318, box_height = 28, bar_width = 92,
                     bar_step = 150, gap = 20;
/// Width of a character of the words in a box; most are narrower.
inline constexpr int character_width = 6;

/// One column of bars.
struct BarColumn {
    std::string title;
    std::vector<std::optional<double>> values; ///< First that of the input, then of each layer, and of the rest.
};

inline std::vector<BarColumn> bar_columns(const std::vector<LayerFigures>& layers, const RestFigures& rest) {
    BarColumn flash{"Flash, bytes", {std::nullopt}}, ram{"RAM, bytes", {double(rest.picture_ram)}},
        cycles{"Cycles", {std::nullopt}};
    for (const LayerFigures& layer : layers) {
        flash.values.push_back(layer.flash);
        ram.values.push_back(double(layer.ram));
        cycles.values.push_back(layer.cycles);
    }
    flash.values.push_back(rest.flash);
    ram.values.push_back(double(rest.shared_ram));
    cycles.values.push_back(rest.cycles);
    return {flash, ram, cycles};
}

inline std::string svg_bars(const BarColumn& column, int x) {
    double most = 0;
    for (const auto& value : column.values) most = std::max(most, value.value_or(0));
    std::string out = svg_text(x, 12, column.title, " class=\"dim\"");
    for (std::size_t row = 0; row < column.values.size(); ++row) {
        const auto& value = column.values[row];
        if (!value) continue;
        const int y = 20 + int(row) * row_height;
        const double width = most > 0 ? bar_width * *value / most : 0;
        out += text("<rect class=\"bar\" x=\"", x, "\" y=\"", y + 6, "\" width=\"",
                    fixed_decimals(std::max(width, 0.5), 1), "\" height=\"16\"/>",
                    svg_text(x + int(width) + 5, y + 18, count_cell(value)));
    }
    return out;
}

/// A line at the left from the box of one row to that of another, further out the farther they are apart.
inline std::string side_line(int from, int to, bool residual) {
    const int y0 = 20 + from * row_height + box_height / 2, y1 = 20 + to * row_height + box_height / 2;
    const int x = box_left - std::min(40, 12 + 6 * (to - from));
    return text("<path class=\"", residual ? "sum" : "skip", "\" d=\"M", box_left, " ", y0, "C", x, " ", y0, " ", x,
                " ", y1, " ", box_left, " ", y1, "\"/>\n");
}

/// The words of each layer's box.
inline std::vector<std::string> box_words(const net::Spec& spec) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < spec.layers.size(); ++i)
        all.push_back(text(i + 1, "  ", capitalised(layer_words(spec.layers[i]))));
    return all;
}

/// The width of boxes that hold these words.
inline int box_width(const std::vector<std::string>& words) {
    std::size_t longest = 0;
    for (const std::string& line : words) longest = std::max(longest, line.size());
    return std::max(least_box_width, character_width * int(longest) + 16);
}

inline std::string layer_box(int row, int width, std::string_view words, std::string_view shape) {
    const int y = 20 + row * row_height;
    return text("<rect class=\"box\" x=\"", box_left, "\" y=\"", y, "\" width=\"", width, "\" height=\"", box_height,
                "\" rx=\"4\"/>", svg_text(box_left + 8, y + 12, words),
                svg_text(box_left + 8, y + 24, shape, " class=\"dim\""));
}

} // namespace detail

/// The picture of a network with what its layers cost; bars of costs that are not known are left out. Throws Error
/// unless there are figures and shapes of each layer.
inline std::string layer_picture(const net::Spec& spec, const net::Shapes& shapes,
                                 const std::vector<LayerFigures>& layers, const RestFigures& rest) {
    using namespace detail;
    if (layers.size() != spec.layers.size() || shapes.layers.size() != spec.layers.size())
        throw Error(text("figures of ", layers.size(), " layers for a network of ", spec.layers.size()));
    const int rows = int(layers.size()) + 2;
    const std::vector<std::string> words = box_words(spec);
    const int width = box_width(words), bars_left = box_left + width + gap;
    const bool averaged = spec.downsample_height * spec.downsample_width > 1;
    std::string out =
        svg_begin("layers", bars_left + 3 * bar_step + 30, 20 + rows * row_height,
                  text("Layers of the network: ", net::notation(spec), "; the table below has their figures"));
    out += layer_box(0, width,
                     averaged ? text("Input, averaged over ", spec.downsample_height, "x", spec.downsample_width)
                              : std::string("Input"),
                     text(shape_text(spec.input), averaged ? " to " + shape_text(shapes.picture) : ""));
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const net::Layer& layer = spec.layers[i];
        const int row = int(i) + 1, y = 20 + row * row_height;
        out += layer_box(row, width, words[i],
                         text(shape_text(layers[i].in), " to ", shape_text(layers[i].out), ", ",
                              grouped(layers[i].nonzeros), " of ", grouped(layers[i].weights), " weights, ",
                              layers[i].bits, " bits"));
        if (layer.input == int(i) - 1)
            out += text("<path class=\"flow\" d=\"M", box_left + 24, " ", y - row_height + box_height, "V", y,
                        "m-3-4l3 4l3-4\"/>\n");
        else
            out += side_line(layer.input + 1, row, false);
        if (layer.residual != net::none) out += side_line(layer.residual + 1, row, true);
    }
    out += svg_text(box_left + 8, 20 + (rows - 1) * row_height + 18, rest_words, " class=\"dim\"");
    int x = bars_left;
    for (const BarColumn& column : bar_columns(layers, rest)) {
        const bool known =
            std::any_of(column.values.begin(), column.values.end(), [](const auto& v) { return v.has_value(); });
        if (known) out += svg_bars(column, x);
        x += bar_step;
    }
    return out + "</svg>\n";
}

} // namespace tinysparse::report
