// SPDX-License-Identifier: Apache-2.0
// Which format each layer's weights get: the fewest bytes, or the best of bytes and cycles within a budget of the
// other. What each format costs is told by the cost model.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::fixed {

/// A format that holds a layer, with what the layer then takes.
struct FormatOption {
    Format format = Format::dense;
    double bytes = 0, cycles = 0;
};

/// Of the whole network, counted as its options are. Without any, the fewest bytes are chosen.
struct FormatBudget {
    std::optional<double> cycles; ///< The fewest bytes within so many cycles.
    std::optional<double> bytes;  ///< The fewest cycles within so many bytes. At most one of the two.
};

namespace detail {

/// A choice for the layers so far; its last one, and where the choice for those before it stands.
struct FormatChoice {
    double bytes = 0, cycles = 0;
    std::size_t option = 0, before = 0;
};

/// Those that no other one beats in bytes and cycles, by bytes.
inline std::vector<FormatChoice> undominated(std::vector<FormatChoice> choices) {
    std::sort(choices.begin(), choices.end(), [](const FormatChoice& a, const FormatChoice& b) {
        return a.bytes != b.bytes ? a.bytes < b.bytes : a.cycles < b.cycles;
    });
    std::vector<FormatChoice> kept;
    for (const FormatChoice& choice : choices)
        if (kept.empty() || choice.cycles < kept.back().cycles) kept.push_back(choice);
    return kept;
}

} // namespace detail

/// One format for each layer, each from that layer's options (at least one). The best of all choices, found by keeping,
/// layer after layer, the choices that no other beats. rest: what the network takes beside its layers. Throws Error
/// where no choice is within the budget, for two budgets, and for a layer without options.
inline std::vector<Format> choose_formats(const std::vector<std::vector<FormatOption>>& layers,
                                          const FormatBudget& budget = {}, const FormatOption& rest = {}) {
    if (budget.cycles && budget.bytes) throw Error("a budget of cycles and one of bytes; give one of the two");
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (layers[i].empty()) throw Error(text("layer ", i + 1, ": there is no format to choose from"));
    std::vector<std::vector<detail::FormatChoice>> steps = {{{rest.bytes, rest.cycles, 0, 0}}};
    for (const std::vector<FormatOption>& options : layers) {
        std::vector<detail::FormatChoice> all;
        for (std::size_t before = 0; before < steps.back().size(); ++before)
            for (std::size_t option = 0; option < options.size(); ++option)
                all.push_back({steps.back()[before].bytes + options[option].bytes,
                               steps.back()[before].cycles + options[option].cycles, option, before});
        all = detail::undominated(std::move(all));
        if (!budget.cycles && !budget.bytes) all.resize(1);
        steps.push_back(std::move(all));
    }
    // By bytes, cycles falling: the first within a budget of cycles, the last within one of bytes.
    const std::vector<detail::FormatChoice>& ends = steps.back();
    std::size_t found = 0;
    if (budget.cycles) {
        while (found < ends.size() && ends[found].cycles > *budget.cycles) ++found;
        if (found == ends.size())
            throw Error(text("the fastest formats take ", fixed_decimals(ends.back().cycles, 0), " cycles, more than ",
                             fixed_decimals(*budget.cycles, 0), "; allow more or prune the network"));
    } else if (budget.bytes) {
        if (ends[0].bytes > *budget.bytes)
            throw Error(text("the smallest formats take ", fixed_decimals(ends[0].bytes, 0), " bytes, more than ",
                             fixed_decimals(*budget.bytes, 0), "; allow more or prune the network"));
        while (found + 1 < ends.size() && ends[found + 1].bytes <= *budget.bytes) ++found;
    }
    std::vector<Format> formats(layers.size());
    for (std::size_t i = layers.size(); i-- > 0;) {
        const detail::FormatChoice& choice = steps[i + 1][found];
        formats[i] = layers[i][choice.option].format;
        found = choice.before;
    }
    return formats;
}

} // namespace tinysparse::fixed
