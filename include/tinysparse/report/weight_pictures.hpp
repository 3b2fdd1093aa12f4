// SPDX-License-Identifier: Apache-2.0
// Weights that pruning and rounding left, as one small picture per layer: a row for each output, a column for each
// weight of its kernel, black where a weight is not zero. Large layers are averaged down: darker where more are not
// zero.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tinysparse/base/png.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/report/html.hpp"
#include "tinysparse/report/sample_pictures.hpp"

namespace tinysparse::report {

namespace detail {

/// Layers with more weights than this are averaged down.
inline constexpr std::size_t most_drawn_weights = 16384;

/// The picture of [rows][columns] weights as a PNG.
inline std::string pattern_png(const std::vector<std::int8_t>& weights, std::size_t rows) {
    const std::size_t columns = weights.size() / rows;
    std::vector<std::uint8_t> pixels(weights.size());
    if (weights.size() <= most_drawn_weights) {
        std::transform(weights.begin(), weights.end(), pixels.begin(),
                       [](std::int8_t w) { return std::uint8_t(w != 0); });
        return encode_png_of_bits(std::uint32_t(columns), std::uint32_t(rows), pixels);
    }
    std::transform(weights.begin(), weights.end(), pixels.begin(),
                   [](std::int8_t w) { return std::uint8_t(w ? 0 : 255); });
    const int height = int(std::min<std::size_t>(rows, 48)), width = int(std::min<std::size_t>(columns, 48));
    const data::AreaAverage average(int(rows), int(columns), height, width);
    std::vector<std::uint8_t> averaged(average.to_plane());
    average(pixels.data(), averaged.data());
    return encode_png(std::uint32_t(width), std::uint32_t(height), 1, averaged);
}

} // namespace detail

/// The pictures of all layers of a network, with words that explain them.
inline std::string weight_pictures(const fixed::Network& network) {
    const net::Shapes shapes = net::shapes(network.spec);
    std::string out =
        paragraph("Each row is an output of a layer, each column a weight of its kernel. Black weights are "
                  "not zero; large layers are darker where more are not zero.") +
        "<div class=\"weights\">";
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const std::vector<std::int8_t>& weights = network.layers[i].weights;
        if (weights.empty()) continue;
        const auto rows = std::size_t(net::weight_rows(network.spec.layers[i]));
        const std::size_t columns = weights.size() / rows;
        const std::size_t nonzero =
            weights.size() - std::size_t(std::count(weights.begin(), weights.end(), std::int8_t{0}));
        const std::string words = text(i + 1, "  ", net::layer_text(network.spec, shapes, i), ": ", grouped(nonzero),
                                       " of ", grouped(weights.size()), " weights");
        const auto side = [](std::size_t cells) { return std::clamp<std::size_t>(cells * 3, 12, 260); };
        out += text("<figure><img alt=\"", escaped(words), " are not zero, in ", rows, " rows of ", columns,
                    "\" width=\"", side(columns), "\" height=\"", side(rows), "\" src=\"",
                    png_address(detail::pattern_png(weights, rows)), "\"/><figcaption>", escaped(words),
                    "</figcaption></figure>\n");
    }
    return out + "</div>\n";
}

} // namespace tinysparse::report
