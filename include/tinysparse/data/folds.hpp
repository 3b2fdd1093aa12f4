// SPDX-License-Identifier: Apache-2.0
// Folds of cross-validation (Stone 1974). The training and validation samples together are dealt into a few folds. A
// network is trained on all but one and judged by that one, for each in turn. Every fold has the classes in the
// proportion of the whole. No group is split between folds, and the folds depend on the data alone. The test part is in
// none.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/parts.hpp"
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/targets.hpp"

namespace tinysparse::data {

/// Number of folds if every class has as many groups, or if samples are independent.
inline constexpr std::size_t most_folds = 5;

/// Smallest validation part, in samples and in groups, that tells enough about a network: with 24 pictures the result
/// is uncertain by four points, with four persons likewise.
inline constexpr std::size_t fewest_validation_samples = 1500, fewest_validation_groups = 20;

/// The fold of every sample: first those of the training part, then those of the validation part.
struct Folds {
    std::size_t count = 0;        ///< 2..most_folds; 0: no folds.
    std::vector<std::uint8_t> of; ///< Fold of each sample, 0..count-1.

    /// FNV-1a over the number of folds and the fold of every sample; a resumed run compares it.
    std::uint64_t digest() const {
        Fnv1a64 hash;
        hash.update(std::uint64_t{count});
        hash.update(of);
        return hash.value();
    }
};

/// Number of groups that parts of one set have samples of; 0 if samples have no groups.
template <class... Parts> std::size_t count_groups(const Parts&... parts) {
    std::set<std::uint32_t> groups;
    (groups.insert(parts.groups.begin(), parts.groups.end()), ...);
    return groups.size();
}

/// True if so few samples, or groups (0: samples have none), are too few to judge networks by them alone.
inline bool judges_badly(double samples, double groups) {
    return samples < double(fewest_validation_samples) || (groups > 0 && groups < double(fewest_validation_groups));
}
/// The same for the samples and groups of a part.
inline bool judges_badly(const Split& part) { return judges_badly(double(part.samples), double(count_groups(part))); }

/// True if the usual share of the training and validation samples, drawn as validation part, would judge badly.
inline bool usual_part_judges_badly(const Dataset& set) {
    const double share = default_validation_share;
    return judges_badly(share * double(set.train.samples + set.validation.samples),
                        share * double(count_groups(set.train, set.validation)));
}
/// True if a search should judge by folds: the validation part is small and was not chosen by the user.
inline bool should_have_folds(const Dataset& set) {
    return set.validation_drawn && set.validation.samples > 0 && judges_badly(set.validation);
}

/// The samples of two parts of one set, in this order.
inline Split joined(Split all, const Split& further) {
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    all.samples += further.samples;
    append(all.pixels, further.pixels);
    append(all.values, further.values);
    append(all.labels, further.labels);
    append(all.groups, further.groups);
    append(all.sources, further.sources);
    append(all.targets, further.targets);
    return all;
}
/// Training and validation samples in one part, in this order.
inline Split joined(const Dataset& set) { return joined(set.train, set.validation); }
/// The set with all of its samples in the test part, to judge a network that was trained on other data.
inline Dataset with_all_to_test(Dataset set) {
    set.test = joined(joined(set), set.test);
    set.train = set.validation = {};
    return set;
}

namespace detail {

/// Folds of independent samples. The samples of each class are shuffled in a fixed way and dealt out in turn; each
/// class continues at the fold after the last one of the class before.
inline Folds folds_of_samples(const Split& all, std::size_t classes, std::size_t count) {
    Folds folds{count, std::vector<std::uint8_t>(all.samples)};
    std::size_t next = 0;
    for (std::size_t c = 0; c < classes; ++c) {
        std::vector<std::size_t> members;
        for (std::size_t i = 0; i < all.samples; ++i)
            if (all.labels[i] == c) members.push_back(i);
        Random(0, "folds", c).shuffle(std::span<std::size_t>(members));
        for (const std::size_t i : members) folds.of[i] = std::uint8_t(next++ % count);
    }
    return folds;
}

/// Folds of whole groups: one fold after another takes its share of the groups that remain.
inline Folds folds_of_groups(const Split& all, const GroupCounts& counts, std::size_t count, bool follow) {
    std::vector<bool> free(counts.groups);
    for (const std::uint32_t group : all.groups) free[group] = true;
    std::vector<std::uint8_t> fold_of(counts.groups, std::uint8_t(count - 1));
    for (std::size_t k = 0; k + 1 < count; ++k) {
        const std::size_t left = count - k;
        const std::vector<bool> chosen =
            GroupChooser(counts, free, 1.0 / double(left), left - 1, follow).choose(text("fold ", k));
        for (std::size_t g = 0; g < counts.groups; ++g)
            if (chosen[g]) {
                fold_of[g] = std::uint8_t(k);
                free[g] = false;
            }
    }
    Folds folds{count, {}};
    for (const std::uint32_t group : all.groups) folds.of.push_back(fold_of[group]);
    return folds;
}

/// Number of folds that the samples allow: the number of groups of the class with the fewest, or the number of samples
/// if they are independent. Classes without samples do not count.
inline std::size_t possible_folds(const Split& all, const GroupCounts& counts) {
    if (all.groups.empty()) return std::min(most_folds, all.samples);
    std::size_t fewest = most_folds;
    for (std::size_t c = 0; c < counts.classes; ++c) {
        std::size_t groups = 0;
        for (std::size_t g = 0; g < counts.groups; ++g) groups += counts.at(g, c) > 0;
        if (groups > 0) fewest = std::min(fewest, groups);
    }
    return fewest;
}

} // namespace detail

/// The folds of a set: five, or fewer if a class has fewer groups; none if a class has only one. Throws Error for a
/// label beyond the classes.
inline Folds folds_of(const Dataset& set) {
    const Split all = joined(set);
    check_labels(all.labels, set.strata());
    detail::GroupCounts counts{set.group_names.size(), set.strata(),
                               std::vector<std::size_t>(set.group_names.size() * set.strata())};
    for (std::size_t i = 0; i < all.groups.size(); ++i) ++counts.counts[all.groups[i] * counts.classes + all.labels[i]];
    for (std::size_t count = detail::possible_folds(all, counts); count >= 2; --count) {
        Folds folds = all.groups.empty() ? detail::folds_of_samples(all, counts.classes, count)
                                         : detail::folds_of_groups(all, counts, count, set.groups_follow);
        if (std::set<std::uint8_t>(folds.of.begin(), folds.of.end()).size() == count) return folds;
    }
    return {};
}

namespace detail {

/// The set with other parts. The normalisation of a series and the scale of targets are computed from the new training
/// part; the digest stays, since the data are the same.
inline Dataset with_parts(const Dataset& set, Split train, Split validation) {
    Dataset out = set;
    out.train = std::move(train);
    out.validation = std::move(validation);
    if (out.is_series()) out.normalisation = normalisation_of(out.train, out.shape);
    if (out.answers_numbers()) scale_quantities(out);
    return out;
}

} // namespace detail

/// The set to train fold k with: its validation part is the fold, its training part all others. Throws Error if the
/// folds do not belong to this set, or if there is no fold k.
inline Dataset fold(const Dataset& set, const Folds& folds, std::size_t k) {
    const Split all = joined(set);
    if (k >= folds.count || folds.of.size() != all.samples)
        throw Error(text(set.name, ": fold ", k, " of ", folds.count, " with ", folds.of.size(),
                         " samples is not of this set, which has ", all.samples));
    std::vector<std::size_t> inside, outside;
    for (std::size_t i = 0; i < all.samples; ++i) (folds.of[i] == k ? inside : outside).push_back(i);
    return detail::with_parts(set, take(all, set.shape.size(), outside), take(all, set.shape.size(), inside));
}

/// The set with training and validation samples in its training part, and no validation part.
inline Dataset with_all_to_train(const Dataset& set) { return detail::with_parts(set, joined(set), {}); }

} // namespace tinysparse::data
