// SPDX-License-Identifier: Apache-2.0
// Choice of a format for each layer's weights: the fewest bytes, or the best of bytes and cycles within a budget of the
// other. The cost model supplies the cost of each format.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::fixed {

/// A format that can hold a layer, and the layer's cost in it.
struct FormatOption {
    Format format = Format::dense;
    double bytes = 0, cycles = 0;
};

/// Budget of the whole network, in the same counts as its options. Without a budget, the fewest bytes are chosen.
struct FormatBudget {
    std::optional<double> cycles; ///< Choose the fewest bytes within this number of cycles.
    std::optional<double> bytes;  ///< Choose the fewest cycles within this number of bytes. Set at most one.
};

namespace detail {

/// A choice for the layers so far: its last option, and the index of the choice for the layers before.
struct FormatChoice {
    double bytes = 0, cycles = 0;
    std::size_t option = 0, before = 0;
};

/// The choices that no other one beats in bytes and cycles, sorted by bytes.
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

/// Chooses one format for each layer from that layer's options (at least one). The best of all choices is found by
/// keeping, layer after layer, the choices that no other beats. rest: costs of the network beside its layers. Throws
/// Error if no choice is within the budget, for two budgets, and for a layer without options.
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
    // Choices are sorted by bytes, cycles falling: take the first within a budget of cycles, the last within one of
    // bytes.
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
