// SPDX-License-Identifier: Apache-2.0
// Checks the texts of a data set: names of classes, columns, groups and files, which are used in models, tables,
// headers and the names of other files. A control character in one of them is refused when the data are read.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Throws Error "PLACE: 'word' has the control character \x09; rename it" if a word has one, such as a tab.
inline void check_text(std::string_view word, std::string_view place) {
    if (const auto found = control_character(word))
        throw Error(
            text(printable(place), ": '", printable(word), "' has the control character ", *found, "; rename it"));
}

/// Checks all names of a set in the same way.
inline void check_names(const Dataset& set) {
    const auto check = [&](const std::vector<std::string>& names, std::string_view what) {
        for (std::size_t i = 0; i < names.size(); ++i) check_text(names[i], text(set.name, ": ", what, " ", i + 1));
    };
    check_text(set.name, "the data set");
    check(set.class_names, "class");
    check(set.group_names, "group");
    check(set.files, "file");
    std::vector<std::string> names;
    for (const Quantity& quantity : set.quantities) names.push_back(quantity.name);
    check(names, "number to answer");
    names.clear();
    for (const Channel& channel : set.channels) names.push_back(channel.name);
    check(names, "channel");
}

/// Makes the sentences about a set printable; they may quote names that were skipped.
inline void make_printable(Dataset& set) {
    for (std::vector<std::string>* sentences : {&set.duties, &set.warnings, &set.notes})
        for (std::string& sentence : *sentences) sentence = printable(sentence);
}

} // namespace tinysparse::data
