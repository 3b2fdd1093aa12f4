// SPDX-License-Identifier: Apache-2.0
// Colours of series, which style sheets call c0, c1 ...: one list for white pages and one for dark ones. Their contrast
// to the page is at least 3.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "tinysparse/base/text.hpp"

namespace tinysparse::report {

/// Blue, red, ochre, green, purple, teal and grey on a white page.
inline constexpr std::string_view light_colours[] = {"#4477aa", "#c04a5f", "#9a6a00", "#117733",
                                                     "#882255", "#2a8a7d", "#888d94"};
/// The same on a dark page.
inline constexpr std::string_view dark_colours[] = {"#7fa8d6", "#e58a9a", "#e0b040", "#5cb878",
                                                    "#d27cab", "#5cc2b4", "#9aa0a8"};
static_assert(std::size(light_colours) == std::size(dark_colours));

/// Grey, for what stands back behind the others.
inline constexpr std::size_t grey = std::size(light_colours) - 1;
/// The name of series i: c0 to c5, without grey, then c0 again.
inline std::string colour_name(std::size_t i) { return text('c', i % grey); }

/// Rules of a style sheet, one for each colour, as its name and its value between three texts.
inline std::string colour_rules(std::span<const std::string_view> colours, std::string_view before,
                                std::string_view between, std::string_view after) {
    std::string out;
    for (std::size_t i = 0; i < colours.size(); ++i) out += text(before, 'c', i, between, colours[i], after);
    return out;
}

} // namespace tinysparse::report
