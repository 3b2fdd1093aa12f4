// SPDX-License-Identifier: Apache-2.0
// Classes by name: lists such as 0-4+7 or cat+dog, turning a set into "these classes against the rest", names files.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Which classes a list means: pieces between '+', each a class or a range FIRST-LAST of them. A class is its name or
/// else its number from 0.
inline std::vector<bool> classes_in_list(std::string_view list, const std::vector<std::string>& class_names) {
    const auto class_of = [&](std::string_view word) -> std::optional<std::size_t> {
        const auto named = std::find(class_names.begin(), class_names.end(), word);
        if (named != class_names.end()) return std::size_t(named - class_names.begin());
        const auto number = parse_number<std::size_t>(word);
        if (number && *number < class_names.size()) return number;
        return std::nullopt;
    };
    std::vector<bool> chosen(class_names.size());
    for (const std::string& piece : split(list, '+')) {
        std::optional<std::size_t> first = class_of(piece), last = first;
        for (std::size_t dash = piece.find('-'); !first && dash != std::string::npos;
             dash = piece.find('-', dash + 1)) {
            first = class_of(std::string_view(piece).substr(0, dash)); // names may hold a '-' of their own
            last = class_of(std::string_view(piece).substr(dash + 1));
            if (!last) first.reset();
        }
        if (!first || *first > *last)
            throw Error(text("'", piece, "' in the list ", list, " is no class or range of classes; there are ",
                             class_names.size(), ", ", class_names.front(), " to ", class_names.back()));
        std::fill(chosen.begin() + std::ptrdiff_t(*first), chosen.begin() + std::ptrdiff_t(*last) + 1, true);
    }
    return chosen;
}

/// Label 1 for the classes of the list, 0 for the rest.
inline void make_binary(Dataset& set, const std::string& list) {
    const std::vector<bool> chosen = classes_in_list(list, set.class_names);
    if (std::find(chosen.begin(), chosen.end(), false) == chosen.end())
        throw Error(text("binary=", list, " names every class; nothing is left for the other side"));
    for (Split* part : {&set.train, &set.validation, &set.test})
        for (std::uint8_t& label : part->labels) label = chosen[label];
    set.class_names = {"rest", list};
}

/// Class names from the content of a file: one on a line, at least as many as there are classes.
inline void set_class_names(Dataset& set, std::string_view content, const std::string& file) {
    std::vector<std::string> names;
    for (std::string line : split(content, '\n')) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
        if (!line.empty()) names.push_back(line);
    }
    if (names.size() < set.classes() || names.size() > max_classes)
        throw Error(text(file, ": ", names.size(), " class names for ", set.classes(),
                         " classes; expected one on each line, in the order of the labels"));
    set.class_names = std::move(names);
}

} // namespace tinysparse::data
