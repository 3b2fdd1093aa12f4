// SPDX-License-Identifier: Apache-2.0
// Wrong samples of a member as HTML: pictures out of one PNG for all of them, series as lines (SVG), each above its
// truth and the answer. Inputs are averaged down as the network averages them.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tinysparse/base/png.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/report/svg.hpp"
#include "tinysparse/report/table.hpp"
#include "tinysparse/search/judged.hpp"

namespace tinysparse::report {

/// A PNG file as the address of a picture.
inline std::string png_address(std::string_view png) { return "data:image/png;base64," + to_base64(png); }

namespace detail {

inline constexpr int most_drawn_moments = 48, most_drawn_channels = 6;

/// Inputs of a member's wrong samples in the size in which the network's first layer reads them; those that are missing
/// are empty.
struct DrawnInputs {
    net::Shape shape;
    std::vector<std::vector<std::uint8_t>> of; ///< [samples][channel][height][width]
};

inline DrawnInputs drawn_inputs(const search::Judged& judged, const search::JudgedMember& member,
                                const net::Spec& spec) {
    const net::Shape& kept = judged.shape;
    const net::Shape read = net::shapes(spec).picture;
    DrawnInputs drawn{{kept.channels, std::min(kept.height, read.height), std::min(kept.width, read.width)}, {}};
    if (judged.series) drawn.shape.height = std::min(drawn.shape.height, most_drawn_moments);
    const data::AreaAverage average(kept.height, kept.width, drawn.shape.height, drawn.shape.width);
    for (const search::WrongSample& wrong : member.wrong) {
        const auto input = judged.inputs.find(wrong.sample);
        drawn.of.emplace_back();
        if (input == judged.inputs.end()) continue;
        drawn.of.back().resize(drawn.shape.size());
        for (std::size_t c = 0; c < std::size_t(kept.channels); ++c)
            average(input->second.data() + c * average.from_plane(), drawn.of.back().data() + c * average.to_plane());
    }
    return drawn;
}

/// Six levels of red and blue and seven of green.
inline std::vector<std::uint8_t> colour_cube() {
    std::vector<std::uint8_t> palette;
    for (int red = 0; red < 6; ++red)
        for (int green = 0; green < 7; ++green)
            for (int blue = 0; blue < 6; ++blue)
                for (const int level : {red * 255 / 5, green * 255 / 6, blue * 255 / 5})
                    palette.push_back(std::uint8_t(level));
    return palette;
}

/// The pictures of all samples below each other, as a PNG; three channels are colours, of others the first is drawn.
inline std::string picture_sheet(const DrawnInputs& drawn) {
    const std::size_t plane = std::size_t(drawn.shape.height) * std::size_t(drawn.shape.width);
    const bool colour = drawn.shape.channels == 3;
    std::vector<std::uint8_t> pixels;
    for (const std::vector<std::uint8_t>& input : drawn.of)
        for (std::size_t i = 0; i < plane; ++i) {
            const auto level = [&](std::size_t c) { return input.empty() ? 128u : input[c * plane + i]; };
            const auto near = [&](std::size_t c, unsigned steps) { return (level(c) * steps + 127) / 255; };
            pixels.push_back(std::uint8_t(colour ? (near(0, 5) * 7 + near(1, 6)) * 6 + near(2, 5) : level(0)));
        }
    const auto width = std::uint32_t(drawn.shape.width),
               height = std::uint32_t(std::size_t(drawn.shape.height) * drawn.of.size());
    return colour ? encode_png_of_palette(width, height, colour_cube(), pixels) : encode_png(width, height, 1, pixels);
}

/// "7 \u2192 1", truth and answer, or "3.2 \u2192 4.1" for numbers.
inline std::string answer_words(const search::Judged& judged, const search::WrongSample& wrong) {
    if (judged.numbers.empty())
        return text(judged.class_names[std::size_t(wrong.truth)], " \u2192 ",
                    judged.class_names[std::size_t(wrong.answer)]);
    std::vector<std::string> pairs;
    for (std::size_t k = 0; k < wrong.truths.size(); ++k)
        pairs.push_back(text(wrong.truths.size() > 1 ? judged.numbers[k] + " " : "",
                             number_cell(double(wrong.truths[k])), " \u2192 ", number_cell(double(wrong.answers[k]))));
    return join(pairs, ", ");
}

/// Words for the sample that its picture cannot say: number, file, and how much larger the logit of the answer is.
inline std::string sample_words(const search::Judged& judged, const search::WrongSample& wrong) {
    std::string words = text("Sample ", wrong.sample);
    if (!wrong.source.empty()) words += text(", ", wrong.source);
    if (judged.numbers.empty()) words += text(", the answer's logit is larger by ", number_cell(wrong.margin));
    return words;
}

/// A line for each channel; of a single moment a short one each, side by side.
inline std::string series_lines(const net::Shape& shape, const std::vector<std::uint8_t>& input,
                                const std::string& label) {
    std::string out = svg_begin("series", 144, 64, label);
    const int moments = shape.height, channels = std::min(shape.channels, most_drawn_channels);
    if (input.empty()) return out + "</svg>";
    const auto [least, most] = std::minmax_element(input.begin(), input.begin() + channels * moments);
    const int low = moments == 1 ? 0 : *least;
    const int span = moments == 1 ? 255 : std::max(*most - low, 16); // of less the noise would fill the picture
    for (int c = 0; c < channels; ++c) {
        const auto height = [&](int t) { return 62 - 60 * (input[std::size_t(c * moments + t)] - low) / span; };
        std::string path;
        for (int t = 0; t < moments && moments > 1; ++t)
            path += text(t == 0 ? "M" : t == 1 ? "L" : " ", t * 143 / (moments - 1), " ", height(t));
        if (moments == 1) path = text("M", 144 * c / channels + 3, " ", height(0), "h", 144 / channels - 6);
        out += text("<path class=\"", colour_name(std::size_t(c)), "\" d=\"", path, "\"/>");
    }
    return out + "</svg>";
}

} // namespace detail

/// The wrong samples of a member; empty if there are none.
inline std::string wrong_samples(const search::Judged& judged, const search::JudgedMember& member,
                                 const net::Spec& spec) {
    if (member.wrong.empty()) return "";
    const detail::DrawnInputs drawn = detail::drawn_inputs(judged, member, spec);
    const int height = drawn.shape.height, width = drawn.shape.width;
    const int scale = std::max(1, 64 / std::max(height, width));
    std::string out =
        judged.series
            ? text(paragraph(height == 1 ? "Each stroke is a channel: the higher, the larger its value."
                                         : "Each line is a channel over the moments of the sample."),
                   "<div class=\"wrong\">")
            : text("<div class=\"wrong\" style=\"--sheet:url(", png_address(detail::picture_sheet(drawn)), ")\">");
    for (std::size_t i = 0; i < member.wrong.size(); ++i) {
        const std::string answer = detail::answer_words(judged, member.wrong[i]),
                          label = text(answer, "; ", detail::sample_words(judged, member.wrong[i]));
        out += text("<figure title=\"", escaped(detail::sample_words(judged, member.wrong[i])), "\">");
        if (judged.series)
            out += detail::series_lines(drawn.shape, drawn.of[i], label);
        else
            out += text("<span role=\"img\" aria-label=\"", escaped(label), "\" style=\"width:", width * scale,
                        "px;height:", height * scale, "px;background-size:", width * scale, "px ",
                        std::size_t(height * scale) * member.wrong.size(), "px;background-position:0 -",
                        i * std::size_t(height * scale), "px\"></span>");
        out += text("<figcaption>", escaped(answer), "</figcaption></figure>\n");
    }
    return out + "</div>\n";
}

} // namespace tinysparse::report
