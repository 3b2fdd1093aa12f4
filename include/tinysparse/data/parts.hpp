// SPDX-License-Identifier: Apache-2.0
// Deals samples to training, validation and test part without splitting groups (recordings, persons). Parts have the
// classes in the proportion of the whole as far as whole groups allow. A class with too few groups may be cut in time:
// train | gap | validation | gap | test.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/check.hpp"
#include "tinysparse/data/classes.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/split.hpp"

namespace tinysparse::data {

/// The part of a sample; samples in a gap are not used.
enum class Place : std::uint8_t { train, validation, test, gap };

/// Options that decide to which part a sample is dealt.
struct DealOptions {
    std::optional<double> validation, test; ///< Shares: of the samples outside the test part, and of the whole. No
                                            ///< value: the data have this part, or its groups are named.
    bool may_cut = false;                   ///< Classes with too few groups are cut in time.
    std::size_t window = 1;                 ///< Rows of a sample.
    std::vector<std::string> validation_groups, test_groups; ///< Names of groups that make up a part.
};

namespace detail {

/// Samples of each group and class.
struct GroupCounts {
    std::size_t groups, classes;
    std::vector<std::size_t> counts; ///< [groups][classes]
    std::size_t at(std::size_t g, std::size_t c) const { return counts[g * classes + c]; }
};

/// Chooses groups that hold about a share of every class. It tries 200 orders. In each, a group is taken if it brings
/// the part nearer to its share of every class; the order that ends nearest wins. Every class that can spare a group
/// gives one, and keeps `reserve` groups for later parts if it has as many. `free`: groups that may be chosen. Groups
/// that follow each other in time are taken side by side if possible: a stretch of one label always lies next to one of
/// another, so a drifting signal would make the scores of a scattered part worse than chance.
class GroupChooser {
  public:
    GroupChooser(const GroupCounts& counts, const std::vector<bool>& free, double share, std::size_t reserve,
                 bool follow)
        : counts_(counts), free_(free), share_(share), reserve_(reserve), follow_(follow), all_(counts.classes),
          groups_(counts.classes) {
        for (std::size_t g = 0; g < counts.groups; ++g)
            for (std::size_t c = 0; free[g] && c < counts.classes; ++c) {
                all_[c] += counts.at(g, c);
                groups_[c] += counts.at(g, c) > 0;
            }
    }

    std::vector<bool> choose(std::string_view purpose) const {
        std::vector<std::size_t> order;
        for (std::size_t g = 0; g < counts_.groups; ++g)
            if (free_[g]) order.push_back(g);
        std::vector<bool> best(counts_.groups);
        double best_cost = std::numeric_limits<double>::infinity();
        const auto attempt = [&] {
            const auto [chosen, cost] = fill(order);
            if (cost < best_cost) {
                best_cost = cost;
                best = chosen;
            }
        };
        for (std::size_t i = 0; follow_ && i < order.size(); ++i) { // from each stretch on, forward in time
            std::rotate(order.begin(), order.begin() + 1, order.end());
            attempt();
        }
        for (std::uint64_t i = 0; i < 200; ++i) {
            Random(0, purpose, i).shuffle(std::span<std::size_t>(order));
            attempt();
        }
        return best;
    }

  private:
    /// Squared distance of a class from its share, plus a penalty for a class that gives nothing though it could, or
    /// too much.
    double cost_of(std::size_t c, std::size_t samples, std::size_t groups) const {
        if (all_[c] == 0) return 0;
        const double off = double(samples) / double(all_[c]) - share_;
        const std::size_t kept = std::max<std::size_t>(1, std::min(reserve_, groups_[c] - 1));
        return off * off + (groups_[c] > 1 && groups == 0 ? 1 : 0) + (groups > 0 && groups_[c] - groups < kept ? 4 : 0);
    }

    std::pair<std::vector<bool>, double> fill(const std::vector<std::size_t>& order) const {
        std::vector<bool> chosen(counts_.groups);
        std::vector<std::size_t> samples(counts_.classes), groups(counts_.classes);
        for (const std::size_t g : order) {
            double gain = 0;
            for (std::size_t c = 0; c < counts_.classes; ++c)
                if (const std::size_t more = counts_.at(g, c); more > 0)
                    gain += cost_of(c, samples[c], groups[c]) - cost_of(c, samples[c] + more, groups[c] + 1);
            if (gain <= 0) continue;
            chosen[g] = true;
            for (std::size_t c = 0; c < counts_.classes; ++c) {
                samples[c] += counts_.at(g, c);
                groups[c] += counts_.at(g, c) > 0;
            }
        }
        double cost = 0;
        for (std::size_t c = 0; c < counts_.classes; ++c) cost += cost_of(c, samples[c], groups[c]);
        for (std::size_t g = 1; follow_ && g < chosen.size(); ++g) // groups of another part are not neighbours
            cost += chosen[g] != chosen[g - 1] && free_[g] && free_[g - 1] ? 0.005 : 0;
        return {chosen, cost};
    }

    const GroupCounts& counts_;
    const std::vector<bool>& free_;
    double share_;
    std::size_t reserve_;
    bool follow_;
    std::vector<std::size_t> all_, groups_; ///< Samples and groups of each class.
};

/// Deals the samples of a set by whole groups; one object per call of deal_by_groups().
class Dealer {
  public:
    Dealer(const Dataset& set, const DealOptions& options)
        : set_(set), from_(set.train), options_(options), places_(from_.samples, Place::train), cut_(set.strata()),
          cut_groups_(set.group_names.size()), counts_{
                                                   set.group_names.size(), set.strata(),
                                                   std::vector<std::size_t>(set.group_names.size() * set.strata())} {}

    std::vector<Place> deal() {
        if (options_.may_cut) find_cut_classes();
        for (std::size_t i = 0; i < from_.samples; ++i)
            if (!cut_groups_[from_.groups[i]]) ++counts_.counts[from_.groups[i] * counts_.classes + from_.labels[i]];
        std::vector<bool> free(counts_.groups);
        for (std::size_t g = 0; g < counts_.groups; ++g)
            for (std::size_t c = 0; c < counts_.classes; ++c) free[g] = free[g] || counts_.at(g, c) > 0;
        check_enough(std::size_t(std::count(free.begin(), free.end(), true)));
        take_named(options_.test_groups, "test_groups", Place::test, free);
        take_named(options_.validation_groups, "val_groups", Place::validation, free);
        take_share(options_.test, wants(options_.validation) ? 2 : 1, "test part", Place::test, free);
        take_share(options_.validation, 1, "validation part", Place::validation, free);
        for (std::size_t c = 0; c < cut_.size(); ++c) cut_in_time(c);
        return std::move(places_);
    }

    /// Classes and groups that were cut in time.
    const std::vector<bool>& cut_classes() const { return cut_; }
    const std::vector<bool>& cut_groups() const { return cut_groups_; }

  private:
    static bool wants(const std::optional<double>& share) { return share.value_or(0) > 0; }
    std::size_t parts_wanted() const {
        return 1u + (wants(options_.test) || !options_.test_groups.empty()) +
               (wants(options_.validation) || !options_.validation_groups.empty());
    }

    /// Classes with fewer groups than parts are cut in time, and with them their groups as a whole; then other classes
    /// may have too few groups left, so this repeats.
    void find_cut_classes() {
        std::vector<std::set<std::uint32_t>> groups(cut_.size());
        for (std::size_t i = 0; i < from_.samples; ++i) groups[from_.labels[i]].insert(from_.groups[i]);
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t c = 0; c < cut_.size(); ++c) {
                const auto is_whole = [&](std::uint32_t g) { return !cut_groups_[g]; };
                const auto whole = std::count_if(groups[c].begin(), groups[c].end(), is_whole);
                if (cut_[c] || groups[c].empty() || std::size_t(whole) >= parts_wanted()) continue;
                cut_[c] = changed = true;
                for (const std::uint32_t g : groups[c]) cut_groups_[g] = true;
            }
        }
    }

    void check_enough(std::size_t groups) const {
        if (options_.may_cut || groups >= parts_wanted()) return;
        throw Error(text("there ", groups == 1 ? "is " : "are ", groups, groups == 1 ? " group" : " groups",
                         ", and training", wants(options_.validation) ? ", validation" : "",
                         wants(options_.test) ? ", test" : "", " need at least ", parts_wanted(),
                         "; val=0 takes no validation part"));
    }

    /// Whether the names are equal, or both are the same whole number.
    static bool same_group(const std::string& a, const std::string& b) {
        const auto first = parse_number<double>(a), second = parse_number<double>(b);
        return a == b || (first && second && *first == *second && *first == std::floor(*first));
    }

    void give(const std::vector<bool>& chosen, Place place, std::vector<bool>& free) {
        for (std::size_t g = 0; g < chosen.size(); ++g)
            if (chosen[g]) free[g] = false;
        for (std::size_t i = 0; i < from_.samples; ++i)
            if (chosen[from_.groups[i]]) places_[i] = place;
    }

    void take_named(const std::vector<std::string>& names, std::string_view key, Place place, std::vector<bool>& free) {
        if (names.empty()) return;
        std::vector<bool> chosen(counts_.groups);
        for (const std::string& name : names) {
            bool found = false;
            for (std::size_t g = 0; g < counts_.groups; ++g) {
                if (!same_group(set_.group_names[g], name)) continue;
                if (!free[g])
                    throw Error(text(key, "=", join(names, "+"), ": group ", name, " is in test_groups= too"));
                found = chosen[g] = true;
            }
            if (!found)
                throw Error(text(key, "=", join(names, "+"), ": there is no group ", name, there_are(),
                                 name.find('-') == name.npos ? "" : "; + separates names, as in 1+2+3"));
        }
        give(chosen, place, free);
        if (std::find(free.begin(), free.end(), true) == free.end())
            throw Error(text(key, "=", join(names, "+"), ": no group is left to train on"));
    }

    std::string there_are() const {
        std::vector<std::string> names = ordered_classes(set_.group_names);
        const std::size_t count = names.size();
        if (count > 40) names.resize(40);
        return text("; the groups are ", join(names, " "), count > 40 ? text(" ... ", count, " in all") : "");
    }

    void take_share(const std::optional<double>& share, std::size_t reserve, std::string_view purpose, Place place,
                    std::vector<bool>& free) {
        if (wants(share) && std::count(free.begin(), free.end(), true) > 1)
            give(GroupChooser(counts_, free, *share, reserve, set_.groups_follow).choose(purpose), place, free);
    }

    /// Cuts the samples of a class by their rows, first to last, in every group that is cut.
    void cut_in_time(std::size_t c) {
        std::vector<std::vector<std::size_t>> members(counts_.groups);
        for (std::size_t i = 0; i < from_.samples; ++i)
            if (from_.labels[i] == c && cut_groups_[from_.groups[i]]) members[from_.groups[i]].push_back(i);
        std::size_t whole = 0;
        for (const std::vector<std::size_t>& samples : members) {
            if (samples.empty() || cut_group(samples)) continue;
            const bool tested = whole++ % 2 == 1 && wants(options_.test); // the first group is for training
            for (const std::size_t i : samples) places_[i] = tested ? Place::test : Place::train;
        }
    }

    /// Samples, first to last, become train | gap | validation | gap | test. A gap is at least a window and 5 % of the
    /// stretch long. Shares refer to the samples outside the gaps. Returns false if nothing would remain for training.
    bool cut_group(const std::vector<std::size_t>& samples) {
        const auto begin = [&](std::size_t i) { return double(from_.sources[samples[i]].row); };
        const double window = double(options_.window), rows = begin(samples.size() - 1) + window - begin(0);
        const double gap = std::max(window, std::ceil(0.05 * rows));
        const double gaps = gap * (double(wants(options_.test)) + double(wants(options_.validation)));
        const double usable = double(samples.size()) * std::max(0.0, rows - gaps) / rows;
        std::vector<Place> places(samples.size(), Place::gap);
        double end = begin(samples.size() - 1) + window; // end of the rows that are still free
        std::size_t left = samples.size();
        const auto take = [&](const std::optional<double>& share, double of, Place place) {
            while (left > 0 && begin(left - 1) + window > end) --left;
            const std::size_t wanted = std::max<std::size_t>(1, std::size_t(std::llround(share.value_or(1) * of)));
            const std::size_t taken = std::min(left, wanted);
            for (std::size_t i = 0; i < taken; ++i) places[--left] = place;
            if (taken > 0) end = begin(left) - gap;
            return taken;
        };
        std::size_t tested = 0;
        if (wants(options_.test)) tested = take(options_.test, usable, Place::test);
        if (wants(options_.validation)) take(options_.validation, usable - double(tested), Place::validation);
        if (take(std::nullopt, double(samples.size()), Place::train) == 0) return false;
        for (std::size_t i = 0; i < samples.size(); ++i) places_[samples[i]] = places[i];
        return true;
    }

    const Dataset& set_;
    const Split& from_;
    const DealOptions& options_;
    std::vector<Place> places_;
    std::vector<bool> cut_, cut_groups_; ///< Classes and groups that are cut in time.
    GroupCounts counts_;
};

} // namespace detail

namespace detail {
/// The group of a sample whose class was cut in time; the pieces in validation and test part get their own names.
inline std::uint32_t group_of_cut(Dataset& set, std::uint32_t group, Place place) {
    if (place == Place::train || place == Place::gap) return group;
    const std::string name =
        set.group_names[group] + (place == Place::test ? " (part cut for test)" : " (part cut for validation)");
    const auto at = std::find(set.group_names.begin(), set.group_names.end(), name);
    if (at != set.group_names.end()) return std::uint32_t(at - set.group_names.begin());
    set.group_names.push_back(name);
    return std::uint32_t(set.group_names.size() - 1);
}
} // namespace detail

/// Deals set.train, whose samples have groups, to the parts for which the options give a share or groups. Adds notes
/// about it. Throws Error if there are too few groups and none may be cut, if a named group does not exist, if the
/// samples do not belong together or have no groups, and for shares out of range.
inline void deal_by_groups(Dataset& set, const DealOptions& options) {
    check_samples(set);
    if (set.train.samples == 0 || set.train.groups.empty() || options.window < 1)
        throw Error(text(set.name, ": ", set.train.samples, " samples with ", set.train.groups.size(),
                         " groups in windows of ", options.window, "; parts by groups need a group for each"));
    for (const std::optional<double>& share : {options.validation, options.test})
        if (share && !(*share >= 0 && *share < 1))
            throw Error(text(set.name, ": a part's share of ", *share, " is not in 0..1, 1 excluded"));
    detail::Dealer dealer(set, options);
    const std::vector<Place> places = dealer.deal();
    std::vector<std::size_t> indices[4];
    for (std::size_t i = 0; i < places.size(); ++i) indices[std::size_t(places[i])].push_back(i);
    Split from = std::move(set.train);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (dealer.cut_groups()[from.groups[i]]) from.groups[i] = detail::group_of_cut(set, from.groups[i], places[i]);
    const auto taken = [&](Place place) { return take(from, set.shape.size(), indices[std::size_t(place)]); };
    set.train = taken(Place::train);
    if (options.validation || !options.validation_groups.empty()) set.validation = taken(Place::validation);
    if (options.test || !options.test_groups.empty()) set.test = taken(Place::test);
    std::vector<std::string> cut;
    for (std::size_t c = 0; c < set.strata(); ++c)
        if (dealer.cut_classes()[c]) cut.push_back(set.answers_numbers() ? "" : set.class_names[c]);
    if (!cut.empty())
        set.warnings.push_back(text(
            "too few recordings", set.answers_numbers() ? "" : " or stretches of ", join(cut, ", "),
            " to keep some apart, so each was cut in time; ", indices[std::size_t(Place::gap)].size(),
            " samples in the gaps between the parts were left out. ", set.answers_numbers() ? "Errors" : "Accuracies",
            " are optimistic: the parts come from the same recordings"));
}

} // namespace tinysparse::data
