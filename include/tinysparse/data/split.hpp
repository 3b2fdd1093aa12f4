// SPDX-License-Identifier: Apache-2.0
// Choosing samples: stratified parts (every class in the proportion it has in the whole), the same ones every time.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Default shares of sets without such a part: the validation part as share of the samples outside the test part, and
/// the test part as share of the whole.
inline constexpr double default_validation_share = 0.1, default_test_share = 0.2;

/// Chooses about `wanted` of the labels' indices, in rising order. Each class gets its share by largest remainder; its
/// samples are chosen by a fixed random stream named `purpose`. With keep_one no class gives its last sample away.
/// Throws Error if a label is not below `classes`.
inline std::vector<std::size_t> stratified_choice(std::span<const std::uint8_t> labels, std::size_t classes,
                                                  std::size_t wanted, std::string_view purpose, bool keep_one = false) {
    check_labels(labels, classes);
    wanted = std::min(wanted, labels.size());
    std::vector<std::vector<std::size_t>> members(classes);
    for (std::size_t i = 0; i < labels.size(); ++i) members[labels[i]].push_back(i);

    // 1: whole shares, then one more for the classes with the largest remainders until `wanted` is reached.
    std::vector<std::size_t> share(classes), order(classes);
    std::vector<std::uint64_t> remainder(classes);
    std::size_t given = 0;
    for (std::size_t c = 0; c < classes; ++c) {
        const std::uint64_t product = std::uint64_t(members[c].size()) * wanted;
        share[c] = labels.empty() ? 0 : std::size_t(product / labels.size());
        remainder[c] = labels.empty() ? 0 : product % labels.size();
        given += share[c];
    }
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return remainder[a] != remainder[b] ? remainder[a] > remainder[b] : a < b;
    });
    for (std::size_t i = 0; i < classes && given < wanted; ++i, ++given) ++share[order[i]];

    // 2: the samples of each class.
    std::vector<std::size_t> chosen;
    for (std::size_t c = 0; c < classes; ++c) {
        if (keep_one && share[c] > 0 && share[c] == members[c].size()) --share[c];
        Random(0, purpose, c).shuffle(std::span<std::size_t>(members[c]));
        chosen.insert(chosen.end(), members[c].begin(), members[c].begin() + std::ptrdiff_t(share[c]));
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

namespace detail {
/// Throws Error unless samples of that size can be taken from the part.
inline void check_taking(const Split& from, std::size_t sample_size, std::span<const std::size_t> indices) {
    const std::size_t n = from.samples;
    const auto is_of = [n](std::size_t items, std::size_t each) { return items == 0 || items == n * each; };
    if (from.labels.size() != n || !is_of(from.pixels.size(), sample_size) || !is_of(from.values.size(), sample_size) ||
        (n > 0 && from.targets.size() % n != 0) || !is_of(from.groups.size(), 1) || !is_of(from.sources.size(), 1))
        throw Error(text("a part of ", n, " samples of ", sample_size, " elements has ", from.labels.size(),
                         " labels, ", from.pixels.size() + from.values.size(), " elements, ", from.targets.size(),
                         " targets and ", from.groups.size(), " groups; they do not belong together"));
    for (const std::size_t index : indices)
        if (index >= n) throw Error(text("sample ", index, " is not one of the part's ", n));
}
} // namespace detail

/// The samples with these indices, in that order. sample_size: elements per sample. Throws Error for an index beyond
/// the part, or if its arrays do not belong together.
inline Split take(const Split& from, std::size_t sample_size, std::span<const std::size_t> indices) {
    detail::check_taking(from, sample_size, indices);
    Split out;
    out.samples = indices.size();
    out.labels.reserve(indices.size());
    const std::size_t numbers = from.samples ? from.targets.size() / from.samples : 0;
    const auto copy = [&](const auto& source, auto& target) {
        if (source.empty()) return;
        target.resize(indices.size() * sample_size);
        for (std::size_t i = 0; i < indices.size(); ++i)
            std::copy_n(source.begin() + std::ptrdiff_t(indices[i] * sample_size), sample_size,
                        target.begin() + std::ptrdiff_t(i * sample_size));
    };
    copy(from.pixels, out.pixels);
    copy(from.values, out.values);
    for (const std::size_t index : indices) {
        out.labels.push_back(from.labels[index]);
        const auto targets = from.targets.begin() + std::ptrdiff_t(index * numbers);
        out.targets.insert(out.targets.end(), targets, targets + std::ptrdiff_t(numbers));
        if (!from.groups.empty()) out.groups.push_back(from.groups[index]);
        if (!from.sources.empty()) out.sources.push_back(from.sources[index]);
    }
    return out;
}

/// Moves a stratified share (0..1, of the samples of `from`) out of `from`; both keep the order of the samples. Throws
/// Error for another share, a label beyond `classes`, or arrays that do not belong together.
inline Split split_off(Split& from, std::size_t sample_size, std::size_t classes, double share,
                       std::string_view purpose) {
    if (!(share >= 0 && share <= 1)) throw Error(text("a part's share of ", share, " is not in 0..1"));
    detail::check_taking(from, sample_size, {});
    const std::size_t wanted = std::size_t(std::llround(share * double(from.samples)));
    const std::vector<std::size_t> out = stratified_choice(from.labels, classes, wanted, purpose, true);
    std::vector<std::size_t> rest;
    for (std::size_t i = 0, next = 0; i < from.samples; ++i) {
        if (next < out.size() && out[next] == i)
            ++next;
        else
            rest.push_back(i);
    }
    Split part = take(from, sample_size, out);
    from = take(from, sample_size, rest);
    return part;
}

} // namespace tinysparse::data
