// SPDX-License-Identifier: Apache-2.0
// Classes by name: lists such as 0-4+7 or cat+dog, turning a set into "these classes against the rest", names files.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/sort.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Class names without repeats: in numerical order if all are numbers, else in alphabetical order.
inline std::vector<std::string> ordered_classes(const std::vector<std::string>& words) {
    const std::set<std::string> names(words.begin(), words.end());
    std::vector<std::string> classes(names.begin(), names.end());
    const auto number_of = [](const std::string& name) { return parse_number<double>(name); };
    if (std::all_of(classes.begin(), classes.end(), number_of))
        sort_stably(classes, [&](const std::string& a, const std::string& b) { return *number_of(a) < *number_of(b); });
    return classes;
}

/// Two classes, if any, that differ only in the case of letters or in the way a number is written: most likely one
/// class.
inline std::optional<std::pair<std::string, std::string>> twin_classes(const std::vector<std::string>& names) {
    std::map<std::string, std::string> seen;
    for (const std::string& name : names) {
        const auto number = parse_number<double>(name);
        const std::string key = lower_case(number ? text(*number) : name);
        if (const auto [entry, is_new] = seen.try_emplace(key, name); !is_new) return std::pair(entry->second, name);
    }
    return std::nullopt;
}

/// Throws Error if there are more classes than a set may have.
inline void check_class_count(std::size_t classes, const std::string& name) {
    if (classes > max_classes)
        throw Error(text(name, ": the labels have ", classes, " different values, at most ", max_classes,
                         " are possible; is it the right column? task=regression learns numbers"));
}

/// Throws Error if labels are most likely measured numbers: all are numbers, some are not whole, and more than ten
/// differ.
inline void check_not_measured(const std::vector<std::string>& class_names, const std::string& name) {
    constexpr std::size_t most = 10;
    if (class_names.size() <= most) return;
    bool whole = true;
    for (const std::string& word : class_names) {
        const auto number = parse_number<double>(word);
        if (!number) return;
        whole = whole && *number == std::floor(*number);
    }
    if (!whole)
        throw Error(text(name, ": the labels are ", class_names.size(), " different numbers, such as ",
                         class_names.front(), " and ", class_names.back(),
                         ", not classes; task=regression learns numbers"));
}

/// The classes that a list names: pieces between '+', each a class or a range FIRST-LAST of classes. A class is given
/// by its name or, if no class name is a number, by its number from 0.
inline std::vector<bool> classes_in_list(std::string_view list, const std::vector<std::string>& class_names) {
    const bool numbered = std::any_of(class_names.begin(), class_names.end(),
                                      [](const std::string& name) { return parse_number<double>(name).has_value(); });
    const auto class_of = [&](std::string_view word) -> std::optional<std::size_t> {
        const auto named = std::find(class_names.begin(), class_names.end(), word);
        if (named != class_names.end()) return std::size_t(named - class_names.begin());
        const auto number = parse_number<std::size_t>(word);
        if (number && *number < class_names.size() && !numbered) return number;
        return std::nullopt;
    };
    constexpr std::size_t most_listed = 20;
    std::vector<bool> chosen(class_names.size());
    for (const std::string& piece : split(list, '+')) {
        std::optional<std::size_t> first = class_of(piece), last = first;
        for (std::size_t dash = piece.find('-'); !first && dash != std::string::npos;
             dash = piece.find('-', dash + 1)) {
            first = class_of(std::string_view(piece).substr(0, dash)); // names may contain a '-'
            last = class_of(std::string_view(piece).substr(dash + 1));
            if (!last) first.reset();
        }
        if (!first || *first > *last)
            throw Error(text("'", piece, "' in the list ", list, " is no class or range of classes; there are ",
                             class_names.size(), ": ",
                             class_names.size() <= most_listed
                                 ? join(class_names, ", ")
                                 : text(class_names.front(), " to ", class_names.back())));
        std::fill(chosen.begin() + std::ptrdiff_t(*first), chosen.begin() + std::ptrdiff_t(*last) + 1, true);
    }
    return chosen;
}

/// Classes before and after a choice among them.
struct ClassChoice {
    std::vector<std::string> names; ///< Remaining classes.
    std::vector<int> of;            ///< New class of each old one; -1: removed.
};

namespace detail {

/// Merges several classes into one: "moving:walking+upstairs". The new one takes the place of the first of them.
inline void merge_classes(ClassChoice& choice, const std::string& merge) {
    const std::size_t colon = merge.find(':');
    const std::string name = merge.substr(0, colon);
    const std::vector<bool> merged = classes_in_list(std::string_view(merge).substr(colon + 1), choice.names);
    const int first = int(std::find(merged.begin(), merged.end(), true) - merged.begin());
    std::vector<std::string> names;
    std::vector<int> place(merged.size());
    for (std::size_t c = 0; c < merged.size(); ++c) {
        if (!merged[c] && choice.names[c] == name)
            throw Error(text("merge=", merge, ": there is another class ", name, "; name it among those to merge"));
        place[c] = merged[c] && int(c) != first ? place[std::size_t(first)] : int(names.size());
        if (!merged[c] || int(c) == first) names.push_back(merged[c] ? name : choice.names[c]);
    }
    for (int& c : choice.of) c = place[std::size_t(c)];
    choice.names = std::move(names);
}

} // namespace detail

/// Applies the merges, each NEW:A+B, then keeps the classes of the list; an empty list keeps all.
inline ClassChoice choose_classes(const std::vector<std::string>& class_names, const std::vector<std::string>& merges,
                                  const std::string& list) {
    ClassChoice choice{class_names, {}};
    for (std::size_t c = 0; c < class_names.size(); ++c) choice.of.push_back(int(c));
    for (const std::string& merge : merges) detail::merge_classes(choice, merge);
    if (list.empty()) return choice;
    const std::vector<bool> kept = classes_in_list(list, choice.names);
    std::vector<std::string> names;
    std::vector<int> place;
    for (std::size_t c = 0; c < kept.size(); ++c) {
        place.push_back(kept[c] ? int(names.size()) : -1);
        if (kept[c]) names.push_back(choice.names[c]);
    }
    for (int& c : choice.of) c = place[std::size_t(c)];
    choice.names = std::move(names);
    return choice;
}

/// Sets label 1 for the classes of the list, 0 for the rest. Throws Error if the list names all or none of the classes,
/// and for an invalid label.
inline void make_binary(Dataset& set, const std::string& list) {
    for (const Split* part : {&set.train, &set.validation, &set.test}) check_labels(part->labels, set.classes());
    const std::vector<bool> chosen = classes_in_list(list, set.class_names);
    if (std::find(chosen.begin(), chosen.end(), false) == chosen.end())
        throw Error(text("binary=", list, " names every class; nothing is left for the other side"));
    for (Split* part : {&set.train, &set.validation, &set.test})
        for (std::uint8_t& label : part->labels) label = chosen[label];
    set.class_names = {"rest", list};
}

/// Reads class names from the content of a file: one per line, at least as many as there are classes.
inline void set_class_names(Dataset& set, std::string_view content, const std::string& file) {
    std::vector<std::string> names;
    for (std::string line : split(content, '\n')) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
        if (!line.empty()) names.push_back(line);
    }
    if (names.size() < set.classes() || names.size() > max_classes)
        throw Error(text(file, ": ", names.size(), " class names for ", set.classes(),
                         " classes; expected one on each line, in the order of the labels"));
    const bool counts = std::all_of(set.class_names.begin(), set.class_names.end(), [&](const std::string& name) {
        const auto number = parse_number<std::size_t>(name);
        return number && *number < names.size();
    });
    if (counts && set.class_names.back() != text(set.classes() - 1)) // some numbers do not occur
        for (std::string& name : set.class_names) name = names[*parse_number<std::size_t>(name)];
    else
        set.class_names = std::move(names);
}

/// [{"name", "train", "validation", "test"}]: samples of each class in each part.
inline json::Value describe_classes(const Dataset& set) {
    const std::vector<std::size_t> train = class_counts(set.train, set.classes());
    const std::vector<std::size_t> validation = class_counts(set.validation, set.classes());
    const std::vector<std::size_t> test = class_counts(set.test, set.classes());
    json::Value classes = json::array();
    for (std::size_t c = 0; c < set.classes(); ++c)
        classes.push_back(json::object(
            {{"name", set.class_names[c]}, {"train", train[c]}, {"validation", validation[c]}, {"test", test[c]}}));
    return classes;
}

/// The same for people, one line per class.
inline std::string classes_text(const json::Reader& in) {
    std::size_t width = 5;
    const std::vector<json::Reader> classes = in.items();
    for (const json::Reader& item : classes) width = std::max(width, item.at("name").as<std::string>().size());
    std::string out;
    const auto cell = [&](const std::string& word, std::size_t wide, bool left) {
        const std::string fill(wide > word.size() ? wide - word.size() : 0, ' ');
        out += left ? word + fill : fill + word;
    };
    cell("class", width, true);
    for (const char* key : {"train", "validation", "test"}) cell(key, 12, false);
    out += '\n';
    for (const json::Reader& item : classes) {
        cell(item.at("name").as<std::string>(), width, true);
        for (const char* key : {"train", "validation", "test"}) cell(text(item.at(key).as<std::size_t>()), 12, false);
        out += '\n';
    }
    return out;
}

} // namespace tinysparse::data
