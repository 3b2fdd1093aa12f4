// SPDX-License-Identifier: Apache-2.0
// Target numbers (regression): the origin and scale of a network's outputs. Training sees (target - origin) / scale,
// numbers of about unit size whatever the unit of the data.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/moments.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Name of a quantity in sentences: that of its column, or its number from 1.
inline std::string quantity_name(const Dataset& set, std::size_t k) {
    return set.quantities[k].name.empty() ? text("number ", k + 1) : set.quantities[k].name;
}
/// The names of all quantities.
inline std::vector<std::string> quantity_names(const Dataset& set) {
    std::vector<std::string> names;
    for (std::size_t k = 0; k < set.quantities.size(); ++k) names.push_back(quantity_name(set, k));
    return names;
}

/// The targets of one quantity in a part.
inline Moments target_moments(const Split& part, std::size_t quantities, std::size_t k) {
    Moments moments;
    for (std::size_t i = k; i < part.targets.size(); i += quantities) moments.add(double(part.targets[i]));
    return moments;
}

namespace detail {
/// Warns of a target number that lies more than a hundred times as far from the median as the middle nine tenths of the
/// training numbers reach: one such number decides every mean.
inline void warn_of_wild_target(const Dataset& set, std::size_t k, std::vector<std::string>& out) {
    const std::size_t count = set.quantities.size();
    std::vector<float> sorted;
    for (std::size_t i = k; i < set.train.targets.size(); i += count) sorted.push_back(set.train.targets[i]);
    if (sorted.size() < 20) return;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) { return double(sorted[std::size_t(share * double(sorted.size() - 1))]); };
    const double median = at(0.5), reach = at(0.95) - at(0.05);
    std::size_t wild = 0;
    std::string first;
    for (const Split* part : {&set.train, &set.validation, &set.test})
        for (std::size_t i = 0; i < part->samples; ++i) {
            const float target = part->targets[i * count + k];
            if (!(reach > 0) || std::abs(double(target) - median) <= 100 * reach || ++wild > 1) continue;
            first = text(target);
            if (i < part->sources.size())
                first += text(" (", set.files[part->sources[i].file], ", sample of line ", part->sources[i].row, ")");
        }
    if (wild > 0)
        out.push_back(text(quantity_name(set, k), ": ", first, wild > 1 ? text(" and ", wild - 1, " more") : "",
                           wild > 1 ? " are" : " is",
                           " far from all other target numbers, nine tenths of "
                           "which lie in ",
                           float(at(0.05)), " to ", float(at(0.95)), "; take out what is wrong, or learn logarithms"));
}
} // namespace detail

/// Sets origin and scale of every quantity from the training part: the mean, and the power of two nearest to the
/// standard deviation. Throws Error if the training targets are all equal, vary by less than 1e-30 or more than 1e30,
/// or do not match the number of samples.
inline void scale_quantities(Dataset& set) {
    if (set.train.targets.size() != set.train.samples * set.quantities.size())
        throw Error(text(set.name, ": ", set.train.targets.size(), " targets for ", set.train.samples, " samples of ",
                         set.quantities.size(), " target numbers"));
    for (std::size_t k = 0; k < set.quantities.size(); ++k) {
        const Moments moments = target_moments(set.train, set.quantities.size(), k);
        const double deviation = std::sqrt(moments.variance());
        if (!(deviation > 0))
            throw Error(text(set.name, ": ", quantity_name(set, k), " is ", significant(moments.mean(), 6),
                             " in all training samples; there is nothing to learn",
                             std::abs(moments.mean()) < 1e6 ? ""
                                                            : "; if numbers of 32 bits lost the differences, "
                                                              "subtract a constant from the column"));
        if (deviation < 1e-30 || deviation > 1e30)
            throw Error(text(set.name, ": ", quantity_name(set, k), " has a standard deviation of ",
                             significant(deviation, 6), "; use a unit in which it is between 1e-30 and 1e30"));
        set.quantities[k].origin = float(moments.mean());
        set.quantities[k].scale = float(std::exp2(std::round(std::log2(deviation))));
    }
}

/// [{"name", "origin", "scale", "train", "validation", "test"}], one for each quantity; each part is {"mean",
/// "deviation", "least", "largest"}, null if it has no samples.
inline json::Value describe_targets(const Dataset& set) {
    json::Value list = json::array();
    const std::size_t count = set.quantities.size();
    for (std::size_t k = 0; k < count; ++k) {
        const Quantity& quantity = set.quantities[k];
        json::Value own =
            json::object({{"name", quantity.name}, {"origin", quantity.origin}, {"scale", quantity.scale}});
        for (const auto& [part, name] :
             {std::pair(&set.train, "train"), {&set.validation, "validation"}, {&set.test, "test"}}) {
            own[name] = json::Value();
            if (part->samples == 0) continue;
            const Moments moments = target_moments(*part, count, k);
            double least = moments.mean(), largest = least;
            for (std::size_t i = k; i < part->targets.size(); i += count) {
                least = std::min(least, double(part->targets[i]));
                largest = std::max(largest, double(part->targets[i]));
            }
            own[name] = json::object({{"mean", moments.mean()},
                                      {"deviation", std::sqrt(moments.variance())},
                                      {"least", least},
                                      {"largest", largest}});
        }
        list.push_back(std::move(own));
    }
    return list;
}

/// The same for people: "y: mean 3.1, standard deviation 0.7, 1.2 to 5.9 in the training part", one line each.
inline std::string targets_text(const json::Reader& targets) {
    std::string out;
    std::size_t number = 0;
    for (const json::Reader& one : targets.items()) {
        const std::string name = one.at("name").as<std::string>();
        const json::Reader train = one.at("train");
        const auto value = [&](const char* key) { return text(float(train.at(key).as<double>())); };
        out += text("number to answer: ", name.empty() ? text(++number) : name, ", mean ", value("mean"),
                    ", standard deviation ", value("deviation"), ", ", value("least"), " to ", value("largest"),
                    " in the training part\n");
    }
    return out;
}

} // namespace tinysparse::data
